"""What an HDF5 file holds, as h5py reads it: everything, in a form that two trees can be compared in.

A tree is {path: node}; a node is ("group", attributes), ("dataset", type, shape, value, attributes) or
("link", the last name of its target). Attributes are {name: (type, shape, value)}. Used by replay.py, and by workload.py's model.
"""
import sys

import h5py
import numpy as np


def canonical(array):
    """(type, shape, value) of an array; strings are lists, numbers their bytes."""
    array = np.asarray(array)
    if array.dtype.kind in "OSU":
        flat = [v.decode("utf-8", "surrogateescape") if isinstance(v, bytes) else str(v) for v in array.reshape(-1)]
        return ("string", array.shape, flat)
    return (array.dtype.str, array.shape, array.tobytes().hex())


def attributes(node):
    return {name: canonical(node.attrs[name]) for name in node.attrs if not isinstance(node.attrs[name], h5py.Empty)}


def tree(file):
    found = {}

    def walk(group, path):
        found[path or "/"] = ("group", attributes(group))
        for name in group:
            at = f"{path}/{name}"
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.SoftLink):
                found[at] = ("link", link.path.rsplit("/", 1)[-1])
                continue
            node = group[name]
            if isinstance(node, h5py.Group):
                walk(node, at)
            elif node.shape is None:
                found[at] = ("empty", attributes(node))
            else:
                found[at] = ("dataset", *canonical(node[()]), attributes(node))

    walk(file, "")
    return found


def read(path):
    with h5py.File(path, "r") as file:
        return tree(file)


def difference(a, b):
    """A line on the first thing in which two trees differ, or None."""
    for path in sorted(set(a) | set(b)):
        if a.get(path) != b.get(path):
            return f"{path}: {str(a.get(path))[:200]} is not {str(b.get(path))[:200]}"
    return None


if __name__ == "__main__":
    for path, node in sorted(read(sys.argv[1]).items()):
        print(path, node)
