"""numpy_mount: holds a mounted archive of NumPy's against what NumPy reads of the file itself.

numpy_mount.py FILE MOUNTPOINT: every array that NumPy reads has the same shape and values in NAME.npy; moments are text
there. Ends with 'N same'. Called by npz.bats.
"""
import sys

import numpy as np


def encoded(name):
    return "/".join({"": "%", ".": "%2E", "..": "%2E%2E"}.get(part, part) for part in name.split("/"))


def shown(array):
    """As the mount shows it: moments as ISO 8601, in each field."""
    if array.dtype.kind == "M":
        return np.datetime_as_string(array).astype("S32") if array.size else np.zeros(array.shape, "S32")
    if array.dtype.kind == "m":
        return array.view(array.dtype.str[0] + "i8") if array.ndim else np.array(array.item() if array.dtype.str[3:] == ""
                                                                                   else array.view("i8"))
    return array


def is_same(array, got):
    if array.dtype.names is None:
        array = shown(array)
        return array.shape == got.shape and (array.astype(got.dtype) if got.dtype.kind in "SU" else array).tolist() \
            .__repr__() == got.tolist().__repr__()
    return array.shape == got.shape and array.dtype.names == got.dtype.names and all(
        is_same(array[name], got[name]) for name in array.dtype.names)


def main(path, where):
    archive, n = np.load(path), 0
    for name in archive.files:
        try:
            array = archive[name]
        except Exception:
            continue
        if not isinstance(array, np.ndarray):
            continue
        if name == "/absolute":  # beside an array whose name is empty there is no group of that name
            name = "%2Fabsolute"
        got = np.load(f"{where}/{encoded(name)}.npy")
        if not is_same(array, got):
            raise SystemExit(f"{path}: {name}: {array!r} is shown as {got!r}")
        n += 1
    print(f"{n} same")


main(*sys.argv[1:])
