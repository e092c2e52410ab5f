"""hmf_map: a reader and a writer of HMF's stores of their own: pickle for the map, numpy.memmap for arrays.

Used by hmf.bats; what a store has is looked for by its directory, as HMF itself does not.
"""
import collections
import os
import pickle

import numpy as np

MAPS = ["__specialHMF__memmapMap%d" % i for i in range(3)] + ["__specialHMF__memmapMap", "__HMF__memmapMapName"]


def load(path):
    """The map: of the first copy that is a pickle."""
    for name in MAPS:
        try:
            with open(os.path.join(path, name), "rb") as f:
                found = pickle.load(f)
        except Exception:
            continue
        return found
    raise OSError("no map")


def store(path, found):
    for name in MAPS[:3]:
        with open(os.path.join(path, name), "wb") as f:
            pickle.dump(found, f, protocol=4)


def make(path, arrays={}, attributes={}, root=None):
    """A store as HMF writes it."""
    os.mkdir(path)
    found = {"attributes": dict(attributes), "nodes": {}, "dirpath": root or path, "node_type": "root",
             "dataframe_colnames": collections.defaultdict(dict), "grouped": {}, "group_sizes": {}, "group_names": {},
             "group_items": {}, "multi_pdfs": False}
    for where, array in arrays.items():
        names = where.strip("/").split("/")
        node = found
        for i, name in enumerate(names[:-1]):
            node = node["nodes"].setdefault(name, {"nodes": {}, "attributes": {}, "node_type": "group",
                                                   "dirpath": "__".join(names[:i + 1])})
        file = "__".join(names)
        node["nodes"][names[-1]] = {"node_type": "array", "attributes": {}, "nodes": {}, "dirpath": file,
                                    "dtype": str(array.dtype), "shape": array.shape}
        np.ascontiguousarray(array).tofile(os.path.join(path, file))
    store(path, found)


def nodes(found, where=""):
    """(path, node) of all below."""
    for name, node in found["nodes"].items():
        yield f"{where}/{name}", node
        yield from nodes(node, f"{where}/{name}")


def array_of(path, node):
    return np.memmap(os.path.join(path, node["dirpath"]), np.dtype(node["dtype"]), "r", shape=node["shape"])


def arrays(path):
    """path -> array, of all."""
    return {where: array_of(path, node) for where, node in nodes(load(path)) if node["node_type"] == "array"}


def encoded(where):
    return "/".join("%" if part == "" else part for part in where.strip("/").split("/"))


def compare(path, mount):
    """Holds a mount against the store: how many arrays there are that can be read."""
    n = 0
    for where, node in nodes(load(path)):
        if node["node_type"] != "array":
            assert os.path.isdir(os.path.join(mount, encoded(where[1:]))), where
            continue
        try:
            array = array_of(path, node)
        except (FileNotFoundError, ValueError):
            continue
        got = np.load(os.path.join(mount, encoded(where[1:])) + ".npy")
        array = np.asarray(array)
        assert got.shape == array.shape, where
        assert (got if got.dtype.kind in "SU" else got.astype(array.dtype)).tolist().__repr__() == \
            array.astype(got.dtype if got.dtype.kind in "SU" else array.dtype).tolist().__repr__(), where
        n += 1
    return n
