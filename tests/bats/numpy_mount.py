"""numpy_mount: holds a mounted archive of NumPy's against what NumPy reads of the file itself.

numpy_mount.py FILE MOUNTPOINT: every array that NumPy reads has the same shape and values in NAME.npy, moments and spans
of time the same type. Ends with 'N same'. Called by npz.bats.
"""
import sys

import numpy as np


def encoded(name):
    return "/".join({"": "%", ".": "%2E", "..": "%2E%2E"}.get(part, part) for part in name.split("/"))


def is_same(array, got):
    if array.dtype.names is None:
        if array.dtype.kind in "mM":
            return array.shape == got.shape and array.dtype == got.dtype and array.tobytes() == got.tobytes()
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
