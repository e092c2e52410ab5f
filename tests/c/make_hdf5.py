#!/usr/bin/python3
"""Write HDF5 files with every datatype class, layout and kind of link, for test-hdf5-*.

Usage: make_hdf5.py DIRECTORY
"""
import ctypes
import os
import sys

import h5py
import numpy as np
from h5py import h5d, h5f, h5p, h5s, h5t

ID = ctypes.c_int64
library = ctypes.CDLL("libhdf5_serial.so.103")  # the one that h5py has loaded; for what h5py has no call
library.H5Dwrite.argtypes = [ID, ID, ID, ID, ID, ctypes.c_char_p]
library.H5Tset_precision.argtypes = library.H5Tset_offset.argtypes = [ID, ctypes.c_size_t]
library.H5Tset_order.argtypes = [ID, ctypes.c_int]
library.H5Pset_fapl_family.argtypes = [ID, ctypes.c_uint64, ID]
library.H5Pset_fapl_split.argtypes = [ID, ctypes.c_char_p, ID, ctypes.c_char_p, ID]
library.H5Pset_fapl_multi.argtypes = [ID] + [ctypes.c_void_p] * 4 + [ctypes.c_bool]


def stored(group, name, datatype, raw, n):
    """A dataset of n elements that holds exactly these bytes."""
    dataset = h5d.create(group.id, name.encode(), datatype, h5s.create_simple((n,)))
    assert library.H5Dwrite(dataset.id, datatype.id, 0, 0, 0, raw) >= 0


def odd_numbers(f):
    t = h5t.STD_I32LE.copy()
    t.set_precision(24)
    t.set_size(3)
    stored(f, "i24", t, bytes([1, 0, 0, 255, 255, 255, 0, 0, 0x80]), 3)
    t = h5t.STD_U32BE.copy()
    t.set_precision(24)
    t.set_size(3)
    stored(f, "u24be", t, bytes([0, 0, 1, 255, 255, 255]), 2)
    t = h5t.STD_I32LE.copy()
    t.set_precision(12)
    t.set_offset(5)
    stored(f, "i12", t, np.array([5 << 5, 0xFFF << 5, 0x800 << 5], "<u4").tobytes(), 3)
    t = h5t.STD_I64LE.copy()
    t.set_size(16)
    t.set_precision(128)
    stored(f, "i128", t, bytes([1] + [0] * 8 + [1] + [0] * 6) + bytes([255] * 16), 2)
    t = h5t.STD_B32LE.copy()
    library.H5Tset_precision(t.id, 7)
    library.H5Tset_offset(t.id, 3)
    stored(f, "b7", t, np.array([0x55 << 3, 0x7F << 3], "<u4").tobytes(), 2)
    t = h5t.IEEE_F32LE.copy()
    t.set_fields(15, 7, 8, 0, 7)
    t.set_size(2)
    t.set_ebias(127)
    t.set_precision(16)
    stored(f, "bfloat16", t, np.array([0x3FC0, 0xC000, 0x7F80, 0x0000], "<u2").tobytes(), 4)
    t = h5t.IEEE_F64LE.copy()
    t.set_size(16)
    t.set_precision(128)
    t.set_fields(127, 112, 15, 0, 112)
    t.set_ebias(16383)
    stored(f, "quad", t, bytes(14) + b"\xff\x3f" + bytes(14) + b"\x00\xc0", 2)
    stored(f, "time32", h5t.UNIX_D32LE, np.array([1, 2000000000], "<i4").tobytes(), 2)
    stored(f, "time64", h5t.UNIX_D64BE, np.array([1, 2000000000], ">i8").tobytes(), 2)


def vax():
    """2.5 and -0.15625 as a VAX writes F_floating: 0.1f * 2^(e - 128), the most significant 16-bit word first.

    HDF5 1.10 writes that byte order into a version of the datatype message where its reader ignores the bit for it;
    so the message is made version 3 here.
    """
    with h5py.File("vax.h5", "w") as f:
        t = h5t.IEEE_F32LE.copy()
        t.set_ebias(129)
        library.H5Tset_order(t.id, 2)
        stored(f, "vax", t, bytes([0x20, 0x41, 0, 0]) + bytes([0x20, 0xBF, 0, 0]), 2)
    with open("vax.h5", "rb") as f:
        data = f.read()
    message = bytes.fromhex("11611f00 04000000 00002000 17080017 81000000")
    assert data.count(message) == 1
    with open("vax.h5", "wb") as f:
        f.write(data.replace(message, b"\x31" + message[1:]))


def strings(f):
    for pad, name in ((h5t.STR_NULLTERM, "term"), (h5t.STR_NULLPAD, "null"), (h5t.STR_SPACEPAD, "space")):
        for charset in (h5t.CSET_ASCII, h5t.CSET_UTF8):
            t = h5t.C_S1.copy()
            t.set_size(6)
            t.set_strpad(pad)
            t.set_cset(charset)
            raw = {"term": b"ab\0xyzcdefgh", "null": b"ab\0\0\0\0cdefgh", "space": b"ab    cdefgh"}[name]
            stored(f, f"{name}{charset}", t, raw, 2)
    f["vstring"] = np.array(["a", "b\u00e9", "", "c" * 300], dtype=h5py.string_dtype())


def compounds(f):
    dt = np.dtype(
        [("a", "<i4"), ("b", [("x", ">f8"), ("y", "u1", (2, 3))]), ("s", "S5"), ("z", "c16"), ("t", "?")]
    )
    a = np.zeros(2, dt)
    a["a"], a["b"]["x"], a["s"], a["z"], a["t"] = [1, 2], [0.1, 0.2], [b"one", b"three"], 1 - 2j, [1, 0]
    f["nested"] = a
    a = np.zeros(2, np.dtype([("a", "u1"), ("b", "f8")], align=True))
    a["b"] = 2.5
    f["aligned"] = a
    mixed = np.dtype(
        [
            ("id", "u1"),
            ("name", h5py.string_dtype()),
            ("v", "<f4"),
            ("w", h5py.vlen_dtype("i4")),
            ("r", h5py.ref_dtype),
            ("k", "i8"),
        ]
    )
    m = f.create_dataset("mixed", (2,), dtype=mixed)
    m[0] = (1, "foo", 1.5, np.array([1, 2, 3], "i4"), f["half"].ref, -5)
    m[1] = (2, "", 2.5, np.array([], "i4"), f["nested"].ref, 7)
    f["named"] = np.dtype([("a", "<i4"), ("b", "S3")])


def variable(f):
    f.create_dataset("vlen", (3,), dtype=h5py.vlen_dtype(">i2"))
    f["vlen"][0] = [1, 2, 3]
    f["vlen"][2] = [-7]
    inner = h5t.vlen_create(h5t.STD_I16BE)
    outer = h5t.vlen_create(inner)

    class Vlen(ctypes.Structure):
        _fields_ = [("length", ctypes.c_size_t), ("data", ctypes.c_void_p)]

    numbers = (ctypes.c_int16 * 3)(*(int.from_bytes(i.to_bytes(2, "big"), "little") for i in (1, 2, 3)))
    middle = (Vlen * 2)(Vlen(3, ctypes.addressof(numbers)), Vlen(1, ctypes.addressof(numbers)))
    cells = (Vlen * 2)(Vlen(2, ctypes.addressof(middle)), Vlen(0, None))
    m = f.create_dataset(
        "vlen_chunked",
        (5,),
        dtype=[("a", ">i2"), ("v", h5py.vlen_dtype("f4")), ("s", h5py.string_dtype(), (2,))],
        chunks=(2,),
        compression="gzip",
    )
    m[1] = (7, np.array([1, 2.5], "f4"), np.array(["p", "q"], dtype=object))
    f.create_dataset("vlen_fill", (3,), dtype=h5py.string_dtype(), chunks=(2,), fillvalue=b"abc")
    stored(f, "vlenvlen", outer, ctypes.cast(cells, ctypes.c_char_p), 2)


def shapes(f):
    f["scalar"] = 3.25
    f["null"] = h5py.Empty("f4")
    f["zero"] = np.zeros((0, 3))
    f["rank32"] = np.arange(8).reshape([2] * 3 + [1] * 29)
    f.create_dataset("unallocated", (2, 2), "i4", fillvalue=42)
    f.create_dataset("sparse", (4,), "i4", chunks=(2,), fillvalue=7)
    f["sparse"][0] = 1
    f["cube"] = np.arange(40**3, dtype=">i4").reshape(40, 40, 40)
    f.create_dataset("cube_chunked", data=np.arange(40**3, dtype=">i4").reshape(40, 40, 40), chunks=(7, 11, 13))
    dcpl = h5p.create(h5p.DATASET_CREATE)
    dcpl.set_layout(h5d.COMPACT)
    d = h5d.create(f.id, b"compact", h5t.STD_I16BE, h5s.create_simple((3,)), dcpl)
    d.write(h5s.ALL, h5s.ALL, np.array([1, 2, 3], ">i2"))
    f.create_dataset("external", (10,), "<i4", external=[("raw1.bin", 4, 20), ("raw2.bin", 0, 100)])
    np.arange(6, dtype="<i4").tofile("raw1.bin")
    np.arange(100, 103, dtype="<i4").tofile("raw2.bin")
    f.create_dataset("fifo", (10,), "<i4", external=[("fifo.bin", 0, 40)])
    os.mkfifo("fifo.bin")
    data = np.arange(100, dtype="<i4")
    f.create_dataset("gzip", data=data, chunks=(30,), compression=4, shuffle=True, fletcher32=True, maxshape=(None,))
    f.create_dataset("szip", data=data, chunks=(30,), compression="szip")
    f.create_dataset("scaleoffset", data=data, chunks=(30,), scaleoffset=0)


def links(f):
    f["soft"] = h5py.SoftLink("/half")
    f["dangling"] = h5py.SoftLink("nope/x")
    f["beside"] = h5py.ExternalLink("beside.h5", "/g/data")
    f["below"] = h5py.ExternalLink("sub/deep.h5", "a")
    f["missing"] = h5py.ExternalLink("nothere.h5", "/x")
    f["above"] = h5py.ExternalLink("../x.h5", "/x")
    g = f.create_group("group", track_order=True)
    for name in "zyx":
        g.create_group(name)
    g["back"] = f["/"]
    g["hard"] = f["half"]
    for i in range(50):
        g.attrs[f"a{i:02d}"] = i
    os.mkdir("sub")
    with h5py.File("beside.h5", "w") as b:
        b["g/data"] = np.arange(3)
        b["g/soft"] = h5py.SoftLink("/g/data")
        b["g/other"] = h5py.ExternalLink("sub/deep.h5", "/a")
    with h5py.File("sub/deep.h5", "w") as b:
        b["a"] = np.arange(4)
        b["sibling"] = h5py.ExternalLink("deep.h5", "/a")


def attributes(f):
    f.attrs["text"] = "hello"
    f.attrs["bytes"] = np.bytes_(b"x\xff")
    f.attrs["empty"] = h5py.Empty("f8")
    f.attrs["texts"] = ["a", "bb"]
    f.attrs["reference"] = f["half"].ref
    f.attrs["complex"] = 1 + 2j
    f.attrs["flag"] = True
    f.attrs["table"] = np.arange(6, dtype="<i4").reshape(2, 3)
    ragged = np.array([np.array([1, 2, 3]), np.array([4])], dtype=object)
    f.attrs.create("ragged", ragged, dtype=h5py.vlen_dtype("i4"))


def made():
    with h5py.File("made.h5", "w") as f:
        f["half"] = np.array([1.5, -2, np.inf, np.nan, 6e-8], "f2")
        f["longdouble"] = np.array([1.5, -0.25], np.longdouble)
        f["complex64"] = np.array([1 + 2j, 3], "c8")
        f["complex128be"] = np.array([1 + 2j], ">c16")
        f["bool"] = np.array([[True, False], [False, True]])
        colours = h5py.enum_dtype({"RED": 0, "GREEN": 1, "BLUE": 2}, "i4")
        f.create_dataset("enum", data=np.array([0, 2, 1], "i4"), dtype=colours)
        f["opaque"] = np.array([b"abc", b"xyz"], "V3")
        f["arrays"] = np.zeros(1, np.dtype([("m", "<i2", (2, 3))]))
        odd_numbers(f)
        strings(f)
        compounds(f)
        variable(f)
        f["references"] = np.array([f["half"].ref, f.ref], dtype=h5py.ref_dtype)
        d = f.create_dataset("plane", data=np.arange(200).reshape(10, 20))
        r = f.create_dataset("regions", (5,), dtype=h5py.regionref_dtype)
        r[0] = d.regionref[2:5, 3:9]
        r[1] = d.regionref[::2, ::3]
        r[2] = d.regionref[4, :]
        mask = np.zeros((10, 20), bool)
        mask[1, 2] = mask[8, 19] = True
        r[3] = d.regionref[mask]
        shapes(f)
        links(f)
        attributes(f)


def virtual():
    with h5py.File("source.h5", "w") as s:
        s["texts"] = np.array(["x", "yy", "zzz"], dtype=h5py.string_dtype())
    with h5py.File("virtual.h5", "w") as f:
        layout = h5py.VirtualLayout((6,), h5py.string_dtype())
        layout[:3] = h5py.VirtualSource("source.h5", "texts", (3,))
        layout[3:] = h5py.VirtualSource("gone.h5", "texts", (3,))
        f.create_virtual_dataset("texts", layout)
        f["own"] = np.arange(4, dtype="<f4")
        for name, source in (("widened", "own"), ("self", "self")):
            layout = h5py.VirtualLayout((4,), "<f8")
            layout[:] = h5py.VirtualSource(".", source, (4,))
            f.create_virtual_dataset(name, layout)
    for name, other in (("loop1", "loop2"), ("loop2", "loop1")):
        with h5py.File(name + ".h5", "w") as f:
            layout = h5py.VirtualLayout((4,), "<f8")
            layout[:] = h5py.VirtualSource(other + ".h5", "d", (4,))
            f.create_virtual_dataset("d", layout)


def patch(path, change):
    with open(path, "r+b") as f:
        data = bytearray(f.read())
        change(data)
        f.seek(0)
        f.write(data)


def names():
    """Links whose names POSIX, or HDF5's own functions, take for paths."""
    with h5py.File("names.h5", "w") as f:
        f["aXb"], f["cYd/inner"], f["Q"], f["WW"] = 1, 2, 3, 4
        f["SX1"] = h5py.SoftLink("/WW")

    def rename(data):
        for old, new in ((b"aXb", b"a/b"), (b"cYd", b"c/d"), (b"Q", b"."), (b"WW", b".."), (b"SX1", b"S/1")):
            where = data.index(b"\0" + old + b"\0") + 1
            data[where : where + len(old)] = new

    patch("names.h5", rename)


def loops():
    """Trees whose root is its own first child, and a header that goes on in itself."""

    def loop(kind, key):
        def change(data):
            where = -1
            while True:
                where = data.index(b"TREE", where + 1)
                if data[where + 4] == kind and data[where + 5] > 0:
                    data[where + 24 + key : where + 32 + key] = where.to_bytes(8, "little")
                    return

        return change

    with h5py.File("names_loop.h5", "w") as f:
        for i in range(1000):
            f[f"many/{i}"] = h5py.SoftLink("x")
        f["good"] = 1
    patch("names_loop.h5", loop(0, 8))
    with h5py.File("chunks_loop.h5", "w") as f:
        f.create_dataset("many", data=np.arange(200), chunks=(1,))
        f["good"] = 1
    patch("chunks_loop.h5", loop(1, 24))
    with h5py.File("header_loop.h5", "w") as f:
        d = f.create_dataset("many", data=1)
        for i in range(20):
            d.attrs[f"a{i}"] = i
        where = h5py.h5o.get_info(d.id).addr
        f["good"] = 1

    def change(data):
        at, end = where + 16, where + 16 + int.from_bytes(data[where + 8 : where + 12], "little")
        while data[at] != 0x10:
            at += 8 + int.from_bytes(data[at + 2 : at + 4], "little")
            assert at < end
        data[at + 8 : at + 24] = (where + 16).to_bytes(8, "little") + (end - where - 16).to_bytes(8, "little")

    patch("header_loop.h5", change)


def crashes():
    """Damage that ends HDF5 1.10 itself: each of these once ended the process or never came back."""
    with h5py.File("fill_loop.h5", "w") as f:
        f.create_dataset("many", (3,), dtype=h5py.string_dtype(), chunks=(2,), fillvalue=b"abc")
        f["good"] = 1

    def no_progress(data):  # the heap's free space says that it has no bytes
        where = data.index(b"abc\0\0\0\0\0") + 8
        data[where : where + 16] = bytes(16)

    patch("fill_loop.h5", no_progress)
    with h5py.File("chunk_short.h5", "w") as f:
        d = f.create_dataset("many", data=np.arange(200, dtype="<i4").reshape(20, 10), chunks=(10, 5))
        where = h5py.h5o.get_info(d.id).addr
        f["good"] = 1

    def larger(data):  # chunks of 10 * 131077 elements, of which each has 50
        at = data.index(bytes([10, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0]), where)
        data[at + 6] = 2

    patch("chunk_short.h5", larger)
    with h5py.File("szip_zero.h5", "w") as f:
        f.create_dataset("many", data=np.arange(100, dtype="<i4"), chunks=(50,), compression="szip")
        f["good"] = 1

    def divide(data):  # by no pixels in a scan line
        at = data.index(b"szip\0\0\0\0")
        data[at + 20 : at + 24] = bytes(4)

    patch("szip_zero.h5", divide)
    with h5py.File("attribute.h5", "w") as f:
        f["good"] = 1
        f["good"].attrs["first"], f["good"].attrs["second"], f["good"].attrs["third"] = 1, 2, 3

    def no_type(data):  # a float of an unknown normalisation
        at = data.index(b"second\0\0")
        data[at + 8 : at + 10] = bytes([0x11, 0x3F])

    patch("attribute.h5", no_type)


def members():
    def fill(name, fapl):
        with h5py.File(h5f.create(name, h5f.ACC_TRUNC, fapl=fapl)) as f:
            f["x"] = np.arange(5000, dtype="<i4")
            f["s"] = np.array(["hello", "world"], dtype=h5py.string_dtype())

    for name, latest in (("old", False), ("new", True)):
        fapl = h5p.create(h5p.FILE_ACCESS)
        if latest:
            fapl.set_libver_bounds(h5f.LIBVER_LATEST, h5f.LIBVER_LATEST)
        assert library.H5Pset_fapl_family(fapl.id, 4096, 0) >= 0
        fill(f"family_{name}%05d.h5".encode(), fapl)
        assert library.H5Pset_fapl_split(fapl.id, b"-m.h5", 0, b"-r.h5", 0) >= 0
        fill(f"split_{name}".encode(), fapl)
        assert library.H5Pset_fapl_multi(fapl.id, None, None, None, None, True) >= 0
        fill(f"multi_{name}".encode(), fapl)


def others():
    with h5py.File("user_block.h5", "w", userblock_size=2048) as f:
        f["a"] = np.arange(3)
        f["s"] = np.array(["p", "q"], dtype=h5py.string_dtype())
    with h5py.File("latest.h5", "w", libver="latest") as f:
        g = f.create_group("many")
        for i in range(2000):
            g[f"d{i:04d}"] = i
        for i in range(40):
            f.attrs[f"a{i:02d}"] = f"v{i}"
    with h5py.File("damaged.h5", "w") as f:
        f.create_dataset("sum", data=np.arange(100), chunks=(100,), fletcher32=True)
        f["good"] = np.arange(3)
        where = f["sum"].id.get_chunk_info(0).byte_offset
    with open("damaged.h5", "r+b") as f:
        f.seek(where + 8)
        f.write(b"\xff")
    with h5py.File("lies.h5", "w") as f:
        f["s"] = np.array(["shorter than it says", "other"], dtype=h5py.string_dtype())
        where = f["s"].id.get_offset()
    with open("lies.h5", "r+b") as f:
        f.seek(where)
        f.write((1 << 30).to_bytes(4, "little"))
    with h5py.File("layers.h5", "w") as f:
        f.create_dataset("x", shape=(4, 1 << 40), dtype="<f8", chunks=(2, 1), fillvalue=1.5)
        f.create_dataset("rows", data=np.ones((4, 16384)), chunks=(1, 16384), compression="gzip")
    with h5py.File("growing.h5", "w", libver="latest") as f:
        f.create_dataset("x", data=np.arange(3), chunks=(10,), maxshape=(None,))


def main(directory):
    os.chdir(directory)
    made()
    virtual()
    members()
    others()
    vax()
    names()
    loops()
    crashes()


if __name__ == "__main__":
    main(sys.argv[1])
