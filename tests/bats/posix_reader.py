"""posix_reader: what is in a store, by readers that are none of expfs's: h5py, numpy, pickle, gio.py. For posix.bats.

posix_reader.py FORMAT STORE PLACE   prints what is below PLACE in the store, a sorted line for each object:
    PATH/                      a group
    PATH TYPE [VALUES]         an array: NumPy's type, the values as JSON
    PATH -> TARGET             a symbolic link
    PATH@NAME VALUE            an attribute, as JSON
posix_reader.py compare FILE   for each line FORMAT<TAB>STORE<TAB>PLACE<TAB>WANTED of it, whether a store is what is wanted
"""
import glob
import json
import os
import posixpath
import re
import sys
import zipfile

import h5py
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gio
import hmf_map


def plain(value):
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    return [plain(x) for x in value] if isinstance(value, (list, tuple)) else value


def show_array(array):
    if isinstance(array, h5py.Empty):
        return "null"
    kind = "text" if array.dtype.kind in "SUO" else str(array.dtype) if array.dtype.names else array.dtype.str
    return f"{kind} {json.dumps(plain(array))}"


def hdf5(path, place):
    """An HDF5 file as it is."""
    def walk(group, above):
        for name in group:
            where = above + name
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.SoftLink):
                yield f"{where} -> {link.path}"
                continue
            found = group[name]
            if isinstance(found, h5py.Group):
                yield where + "/"
                yield from walk(found, where + "/")
            else:
                value = found[()]
                yield f"{where} {show_array(value if isinstance(value, h5py.Empty) else np.asarray(value))}"
            for attribute, value in found.attrs.items():
                yield f"{where}@{attribute} {json.dumps(plain(value))}"
    with h5py.File(path, "r") as f:
        yield from walk(f[place] if place else f, "")


def pypet(path, place):
    """Groups, and leaves that have one item of their name."""
    def walk(group, above):
        for name, found in group.items():
            where = above + name
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.SoftLink):
                yield f"{where} -> {posixpath.relpath(link.path, posixpath.dirname(found.name))}"
                continue
            for attribute, value in found.attrs.items():
                if attribute not in ("CLASS", "TITLE", "VERSION", "FILTERS") and not attribute.startswith("SRVC_"):
                    yield f"{where}@{attribute} {json.dumps(plain(value))}"
            if "SRVC_LEAF" in found.attrs:
                assert list(found) == [name], list(found)
                yield f"{where} {show_array(np.asarray(found[name][()]))}"
            else:
                yield where + "/"
                yield from walk(found, where + "/")
    with h5py.File(path, "r") as f:
        yield from walk(f[place], "")


def archive(path, above=""):
    groups = set()
    with zipfile.ZipFile(path) as z:
        assert z.testzip() is None
        for name in z.namelist():
            groups.update(name[:m.end()] for m in re.finditer("/", name))
    yield from (above + name for name in groups)
    with np.load(path) as arrays:
        for name in arrays.files:
            if not name.endswith("/"):
                yield f"{above}{name} {show_array(arrays[name])}"


def npz(path, place):
    return archive(path)


def npy(path, place):
    yield f"value {show_array(np.load(path))}"


def below(lines, place):
    """What is below a place of all."""
    return (line[len(place) + 1:] for line in lines if line.startswith(place + "/") and line != place + "/")


def numpystore(path, place):
    def all_keys():
        for file in glob.glob(glob.escape(path) + "_*.npz"):
            key, rank = re.fullmatch(r"(.*)\.tmp\.(rank-\d+)\.npz", file[len(path) + 1:]).groups()
            yield key + "/"
            yield f"{key}/{rank}/"
            yield from archive(file, f"{key}/{rank}/")
    return below(all_keys(), place) if place else all_keys()


def columns(path, above=""):
    file = gio.File(path)
    if any(file.scale):
        yield f"{above}@phys_scale {json.dumps(file.scale)}"
    for name, (_, dtype, row, flags) in file.variables.items():
        array = file.column(name)
        width = row // array.itemsize
        yield f"{above}{name} {show_array(array.reshape(-1, width) if width > 1 else array)}"
        if flags >> 2 & 7:
            yield f"{above}{name}@coordinate {json.dumps('xyz'[(flags >> 2 & 7).bit_length() - 1])}"


def genericio(path, place):
    return columns(path)


def genericiostore(path, place):
    def all_keys():
        for file in glob.glob(glob.escape(path) + "_*.tmp.gio"):
            key = file[len(path) + 1:-len(".tmp.gio")]
            yield key + "/"
            yield from columns(file, key + "/")
    return below(all_keys(), place) if place else all_keys()


def hmf(path, place):
    found = hmf_map.load(path)
    files = set(hmf_map.MAPS[:3])
    for where, node in hmf_map.nodes(found):
        where = where[1:]
        if node["node_type"] == "array":
            array = hmf_map.array_of(path, node)
            assert os.path.getsize(os.path.join(path, node["dirpath"])) == array.nbytes
            files.add(node["dirpath"])
            yield f"{where} {show_array(array)}"
        else:
            yield where + "/"
        for name, value in node["attributes"].items():
            yield f"{where}@{name} {json.dumps(value)}"
    assert set(os.listdir(path)) == files, set(os.listdir(path)) ^ files


def larpix_raw(path, place):
    with h5py.File(path, "r") as f:
        assert len(f["msgs"]) == len(f["msg_headers"])
        assert sorted(f) == ["meta", "msg_headers", "msgs"], list(f)
        yield "msgs " + json.dumps([bytes(m).hex() for m in f["msgs"][:]])
        for name in sorted(set(f["meta"].attrs) - {"created", "modified", "version"}):
            yield f"meta@{name} {json.dumps(plain(f['meta'].attrs[name]))}"


def larpix_packets(path, place):
    with h5py.File(path, "r") as f:
        assert f["packets"].dtype.names and f["_header"].attrs["version"] == "2.4"
        assert sorted(f) == sorted(["_header", "configs", "messages", "packets", place])
    return hdf5(path, place)


READERS = {f.__name__.replace("_", "-"): f for f in (hdf5, pypet, npz, npy, numpystore, genericio, genericiostore, hmf,
                                                     larpix_raw, larpix_packets)}


def shown(format, path, place):
    return sorted(READERS[format](path, place))


def compare(table):
    is_same = True
    for line in open(table):
        format, path, place, wanted = line.rstrip("\n").split("\t")
        want = sorted(x.rstrip("\n") for x in open(wanted, errors="surrogateescape"))
        got = shown(format, path, place)
        for sign, lines in ("-", set(want) - set(got)), ("+", set(got) - set(want)):
            for x in sorted(lines):
                is_same = False
                print(f"{format}: {sign} {x[:300]}")
    return is_same


if __name__ == "__main__":
    if sys.argv[1] == "compare":
        sys.exit(not compare(sys.argv[2]))
    print("\n".join(shown(*sys.argv[1:])))
