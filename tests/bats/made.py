"""made: what a store of a real program consists of, and whether another one is the same; by numpy, h5py, pickle and gio.py.

made.py take FORMAT STORE FOLDER   prints what makes it anew, a line each: "mkdir PATH", "cp PATH FILE" (an NPY file in FOLDER),
                                   "setfattr PATH NAME VALUE"; fields are parted by tabs, the root is "."
made.py same FORMAT ONE OTHER      fails when one says anything that the other does not
Formats: npz, genericio, hmf, larpix-raw. Knows nothing of expfs; for made.bats.
"""
import json
import os
import sys

import h5py
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gio
import hmf_map


def is_made(dtype):
    """Moments and spans of time are shown as text and numbers, and cannot be made."""
    return dtype.kind not in "mM" and all(is_made(f[0]) for f in (dtype.fields or {}).values())


def shown(array):
    """Of texts the characters count, not how many NULs NumPy puts behind them and in which order their bytes are; of rows
    the fields, not what is between them."""
    if array.dtype.kind == "U":
        return "U", array.shape, array.tolist()
    if array.dtype.names:
        return [(name, shown(array[name])) for name in array.dtype.names]
    return array.dtype.descr, array.shape, array.tobytes()


class Npz:
    @staticmethod
    def parts(path):
        with np.load(path, max_header_size=1 << 20) as arrays:
            for name in arrays.files:
                if is_made(arrays[name].dtype):
                    yield "cp", name, arrays[name]

    @staticmethod
    def facts(path):
        with np.load(path, max_header_size=1 << 20) as arrays:
            return {name: shown(arrays[name]) for name in arrays.files if is_made(arrays[name].dtype)}


class GenericIO:
    COORDINATES = {4: "x", 8: "y", 16: "z"}

    @classmethod
    def parts(cls, path):
        file = gio.File(path)
        for name, (_, dtype, row, flags) in file.variables.items():
            array = file.column(name)
            width = row // array.itemsize
            yield "cp", name, array.reshape(-1, width) if width > 1 else array
            if flags & 28:
                yield "setfattr", name, "coordinate", cls.COORDINATES[flags & 28]
            if flags & 32:
                yield "setfattr", name, "maybe_ghost", "1"
        for name in "origin", "scale":
            yield "setfattr", ".", "phys_" + name, json.dumps(getattr(file, name))

    @staticmethod
    def facts(path):
        file = gio.File(path)
        return {"dims": file.dims, "origin": file.origin, "scale": file.scale, "rows": file.n_rows,
                "ranks": [rank["n"] for rank in file.ranks],
                **{name: (v[1:], file.column(name).tobytes()) for name, v in file.variables.items()}}


class Hmf:
    @staticmethod
    def parts(path):
        found = hmf_map.load(path)
        for where, node in hmf_map.nodes(found):
            if node["node_type"] == "array":
                if is_made(np.dtype(node["dtype"])):
                    yield "cp", where[1:], np.array(hmf_map.array_of(path, node))
            else:
                yield "mkdir", where[1:]
        for where, node in [("/.", found)] + list(hmf_map.nodes(found)):
            for name, value in node["attributes"].items():
                yield "setfattr", where[1:], name, value if isinstance(value, str) else json.dumps(value)

    @staticmethod
    def facts(path):
        found = hmf_map.load(path)
        files = [found.pop("dirpath")] + [node.pop("dirpath") for _, node in hmf_map.nodes(found)]  # HMF's names differ
        assert all(files)
        for name, node in list(found["nodes"].items()):
            if node["node_type"] == "array" and not is_made(np.dtype(node["dtype"])):
                del found["nodes"][name]
        return {"map": found,
                **{where: shown(a) for where, a in hmf_map.arrays(path).items() if is_made(a.dtype)}}


class LarpixRaw:
    @staticmethod
    def facts(path):
        with h5py.File(path, "r") as f:
            meta = dict(f["meta"].attrs)
            assert meta.pop("created") <= meta.pop("modified")
            layouts = {n: (f[n].dtype, f[n].maxshape, f[n].chunks, f[n].compression, f[n].compression_opts) for n in
                       ("msgs", "msg_headers")}
            return {"names": sorted(f), "meta": meta, "layouts": str(layouts),
                    "types": [f["meta"].attrs.get_id(n).get_type().encode() for n in f["meta"].attrs],
                    "msgs": [bytes(m) for m in f["msgs"][:]], "headers": f["msg_headers"][:].tolist()}


FORMATS = {"npz": Npz, "genericio": GenericIO, "hmf": Hmf, "larpix-raw": LarpixRaw}


def take(format, path, folder):
    for i, (verb, where, *rest) in enumerate(FORMATS[format].parts(path)):
        if verb == "cp":
            np.save(f"{folder}/{i}.npy", rest[0])
            rest = [f"{folder}/{i}.npy"]
        print(verb, where, *rest, sep="\t")


def same(format, one, other):
    one, other = FORMATS[format].facts(one), FORMATS[format].facts(other)
    assert one, "nothing to compare"
    assert one.keys() == other.keys(), one.keys() ^ other.keys()
    for name in one:
        assert one[name] == other[name], (name, one[name], other[name])
    print(len(one))


if __name__ == "__main__":
    {"take": take, "same": same}[sys.argv[1]](*sys.argv[2:])
