#!/usr/bin/python3
"""Write an HDF5 file with datasets of every type, or compare what was copied out of one.

Usage: written_types.py make FILE ARGUMENTS
       written_types.py compare ORIGINAL COPY

ARGUMENTS are those of h5py.File. The copy has each dataset again, and each one's value as an attribute of the root.
"""
import sys

import h5py
import numpy as np

UTF8 = h5py.string_dtype("utf-8")
ASCII = h5py.string_dtype("ascii")


def make_numbers(f):
    random = np.random.default_rng(1)
    for kind in "i1 i2 i4 i8 u1 u2 u4 u8".split():
        for order in "<>":
            f[kind + order] = random.integers(0, 100, (3, 4)).astype(order + kind)
    for kind in "f2 f4 f8 c8 c16".split():
        for order in "<>":
            f[kind + order] = (random.normal(size=(5,)) * 1e3).astype(order + kind)
    f["longdouble"] = np.array([1, -2.5, np.inf, np.longdouble("1e4000")])
    f["clongdouble"] = np.array([1 + 2j, -2.5j], "clongdouble")
    f["bool"] = np.array([True, False, True])
    f["scalar"] = 42.5
    f["no rows"] = np.zeros((0, 3), "i4")
    f["empty"] = h5py.Empty("f4")
    f.create_dataset("enum", data=np.array([0, 5, -7, 1], ">i2"),
                     dtype=h5py.enum_dtype({"RED": 0, "GREEN": 5, "BLUE": -7}, basetype=">i2"))
    f.create_dataset("wide enum", data=np.array([0, 2**62], "u8"),
                     dtype=h5py.enum_dtype({"A": 2**62}, basetype="u8"))
    f["opaque"] = np.array([b"abc", b"\0\1\2"], "V3")
    space = h5py.h5s.create_simple((3,))
    bits = h5py.h5t.STD_B16BE.copy()
    h5py.h5d.create(f.id, b"bits", bits, space).write(space, space, np.array([1, 0xFFFF, 0x8000], ">u2"), mtype=bits)
    odd = h5py.h5t.STD_I32LE.copy()
    odd.set_precision(20)
    odd.set_offset(3)
    h5py.h5d.create(f.id, b"odd", odd, space).write(space, space, np.array([1, -1, 500000], "i4"))


def make_texts(f):
    f["S5"] = np.array([b"a", b"bcdef", b""], "S5")
    f.create_dataset("vutf8", data=np.array(["x", "", "d\u00e9j\u00e0 \u2603" * 9], object), dtype=UTF8)
    f.create_dataset("vascii", data=np.array([["x", "yy"], ["", "z" * 5000]], object), dtype=ASCII)
    f["futf8"] = np.array(["\u00e9".encode(), b"ab"], h5py.string_dtype("utf-8", 7))
    f.create_dataset("text", data="one", dtype=UTF8)
    for pad in ("spaces", "nulterm"):
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(6)
        kind.set_strpad(h5py.h5t.STR_SPACEPAD if pad == "spaces" else h5py.h5t.STR_NULLTERM)
        space = h5py.h5s.create_simple((2,))
        h5py.h5d.create(f.id, pad.encode(), kind, space).write(space, space, np.array([b"ab    ", b"c     "], "S6"),
                                                               mtype=kind)


def make_structures(f):
    f.create_dataset("vlen", data=np.array([np.arange(3, dtype="f4"), np.arange(0, dtype="f4"),
                                            np.arange(70, dtype="f4")], object), dtype=h5py.vlen_dtype("f4"))
    f["compound"] = np.array([(1, 2.5, b"xy"), (-3, np.nan, b"")], [("a", "<i4"), ("b", ">f8"), ("c", "S3")])
    f["padded"] = np.array([(1, 2.5), (2, 3)], np.dtype([("a", "i1"), ("b", "f8")], align=True))
    f["nested"] = np.zeros(3, [("p", [("x", "f4", (2, 3)), ("ok", "?")]), ("z", "c8")])
    table = f.create_dataset("table", (3,), np.dtype([("k", "i4"), ("name", UTF8), ("v", "f8"), ("more", ASCII),
                                                      ("l", h5py.vlen_dtype("i2"))]))
    table[0] = (1, "one", 1.5, b"eins", np.array([1, 2], "i2"))
    table[2] = (3, "drei" * 30, 2.5, b"", np.array([], "i2"))
    reversed_members = np.dtype({"names": ["b", "a"], "formats": ["f8", "i4"], "offsets": [8, 0], "itemsize": 24})
    f.create_dataset("reversed", (2,), reversed_members)[...] = np.array([(1.5, 2), (3.5, 4)], reversed_members)
    f.create_dataset("arrays", (2,), np.dtype(("i4", (3, 2))))[...] = np.arange(12).reshape(2, 3, 2)
    f.create_dataset("references", (3,), h5py.ref_dtype)[...] = [f["i4<"].ref, f.ref, f["c8>"].ref]


def same_values(a, b, x, y):
    """`x` of file `a` and `y` of file `b`."""
    if isinstance(x, h5py.Empty):
        return isinstance(y, h5py.Empty) and x.dtype == y.dtype
    if isinstance(x, h5py.Reference):
        return bool(x) == bool(y) and (not x or a[x].name == b[y].name)
    if isinstance(x, (np.ndarray, np.void)) and x.dtype.names:
        return all(same_values(a, b, x[n], y[n]) for n in x.dtype.names)
    if isinstance(x, np.ndarray) and x.dtype == object:
        return x.shape == y.shape and all(same_values(a, b, p, q) for p, q in zip(x.ravel(), y.ravel()))
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype == y.dtype and x.tobytes() == y.tobytes()
    return x == y


def same_types(x, y):
    """The types of two datasets; addresses in references and what lies between members apart."""
    if x.name == "/odd":  # read as the next type that holds its numbers
        return y.dtype == np.dtype("i4")
    return x.id.get_type() == y.id.get_type() or (x.name == "/table" and x.dtype == y.dtype)


def read_attribute(f, name):
    attribute = h5py.h5a.open(f.id, name.encode())
    if attribute.get_space().get_simple_extent_type() == h5py.h5s.NULL:
        return h5py.Empty(attribute.dtype)
    value = np.zeros(attribute.shape, attribute.dtype)
    attribute.read(value)
    return value[()]


def compare(original, copy):
    bad = []
    with h5py.File(original) as a, h5py.File(copy) as b:
        for name, x in a.items():
            y = b[name]
            if not same_types(x, y):
                bad.append(name + ": type")
            elif x.shape != y.shape or not same_values(a, b, x[()], y[()]):
                bad.append(name + ": value")
            if name not in ("arrays", "bits") and not same_values(a, b, x[()], read_attribute(b, name)):
                bad.append(name + ": attribute")
    print(*bad, sep="\n")
    return not bad


if sys.argv[1] == "make":
    with eval("h5py.File(sys.argv[2], 'w', %s)" % sys.argv[3]) as made:
        make_numbers(made)
        make_texts(made)
        make_structures(made)
else:
    sys.exit(not compare(*sys.argv[2:]))
