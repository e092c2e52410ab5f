#!/usr/bin/python3
"""Write HDF5 files with groups of every kind and size, for test-groups and test-group-damage.

Usage: make_groups.py DIRECTORY
"""
import ctypes
import os
import random
import sys

import h5py
from h5py import h5f, h5g, h5p

ID = ctypes.c_int64
library = ctypes.CDLL("libhdf5_serial.so.103")  # the one that h5py has loaded; for what h5py has no call
library.H5Pset_link_phase_change.argtypes = [ID, ctypes.c_uint, ctypes.c_uint]
library.H5Pset_deflate.argtypes = [ID, ctypes.c_uint]
library.H5Pset_sym_k.argtypes = [ID, ctypes.c_uint, ctypes.c_uint]
library.H5Pset_sizes.argtypes = [ID, ctypes.c_size_t, ctypes.c_size_t]

# Two names with one hash.
COLLISIONS = [(b"n104308", b"n159644"), (b"n157060", b"n338917")]


def new_group(parent, name, track=0, phase=None, deflate=False):
    gcpl = h5p.create(h5p.GROUP_CREATE)
    if track:
        gcpl.set_link_creation_order(track)
    if phase is not None:
        assert library.H5Pset_link_phase_change(gcpl.id, *phase) >= 0
    if deflate:
        assert library.H5Pset_deflate(gcpl.id, 6) >= 0
    return h5g.create(parent, name, gcpl=gcpl)


def fill(group, names, target, kinds="hs"):
    """Links of these kinds in turn: hard, soft and external ones."""
    for i, name in enumerate(names):
        kind = kinds[i % len(kinds)]
        if kind == "h":
            group.links.create_hard(name, target)
        elif kind == "s":
            group.links.create_soft(name, b"/target/of/%d" % i)
        else:
            group.links.create_external(name, b"other%d.h5" % i, b"/path/%d" % i)


def names(n, seed=1):
    made = [b"n%d" % i for i in range(n)]
    random.Random(seed).shuffle(made)
    return made


def file(path, latest, fcpl=None):
    fapl = h5p.create(h5p.FILE_ACCESS)
    if latest:
        fapl.set_libver_bounds(h5f.LIBVER_LATEST, h5f.LIBVER_LATEST)
    return h5f.create(path.encode(), h5f.ACC_TRUNC, fapl=fapl, fcpl=fcpl)


class Links:
    """The links of a group, with hard ones to the group `target` in the root."""

    def __init__(self, group, root):
        self.group, self.root = group, root

    def create_hard(self, name, target):
        self.group.links.create_hard(name, self.root, target)

    def __getattr__(self, name):
        return getattr(self.group.links, name)


class Filler:
    def __init__(self, group, root):
        self.links = Links(group, root)


def sized(path, latest, sizes):
    f = file(path, latest)
    root = h5g.open(f, b"/")
    h5g.create(f, b"target")
    for n in sizes:
        fill(Filler(h5g.create(f, b"n%d" % n), root), names(n), b"target")
        if n <= 1000:
            fill(Filler(h5g.create(f, b"in_order%d" % n), root), sorted(names(n)), b"target", "h")
            fill(Filler(new_group(f, b"external%d" % n), root), names(n), b"target", "hse")
            fill(Filler(new_group(f, b"tracked%d" % n, 1), root), names(n), b"target", "hse")
            fill(Filler(new_group(f, b"indexed%d" % n, 3), root), names(n), b"target", "hse")
            fill(Filler(new_group(f, b"always_dense%d" % n, 0, (0, 0)), root), names(n), b"target", "hse")
            fill(Filler(new_group(f, b"never_dense%d" % n, 0, (65535, 0)), root), names(n), b"target", "hse")
            fill(Filler(new_group(f, b"filtered%d" % n, 0, (0, 0), True), root), names(n), b"target", "hse")


def small(path, latest, fcpl=None):
    """Some of everything, in as few bytes as can be, to be damaged."""
    f = file(path, latest, fcpl)
    root = h5g.open(f, b"/")
    h5g.create(f, b"target")
    for n in (1, 9, 60):
        fill(Filler(h5g.create(f, b"n%d" % n), root), names(n), b"target")
    fill(Filler(new_group(f, b"compact", 3), root), names(6), b"target", "hse")
    group = new_group(f, b"dense", 3, (0, 0))
    fill(Filler(group, root), names(150) + [b"%d" % n + b"x" * n for n in (300, 5000, 9000)], b"target", "hse")
    for name in names(150)[:50]:
        group.unlink(name)


def odd_names(path, latest):
    f = file(path, latest)
    root = h5g.open(f, b"/")
    h5g.create(f, b"target")
    plain = [b"a", b"A", b" ", b"a b", b"..", b"...", b"\\", b"%2F", b"a\nb", b"\x01", b"\xff\xfe", "µ".encode()]
    plain += ["é" * n + "😀" for n in (1, 10, 100)]
    plain = [p.encode() if isinstance(p, str) else p for p in plain]
    lengths = (255, 256, 300, 500, 1000, 4000, 4070, 4080, 4090, 4095, 4096, 4097, 5000, 8192, 65535, 65536, 70000, 300000)
    long = [b"%d" % n + b"x" * (n - len(b"%d" % n)) for n in lengths]
    clash = [name for pair in COLLISIONS for name in pair]
    for kinds in ("h", "hs", "s"):
        fill(Filler(h5g.create(f, b"plain_" + kinds.encode()), root), plain, b"target", kinds)
        fill(Filler(h5g.create(f, b"long_" + kinds.encode()), root), long, b"target", kinds)
        fill(Filler(h5g.create(f, b"both_" + kinds.encode()), root), long + names(300) + plain, b"target", kinds)
        fill(Filler(new_group(f, b"clash_" + kinds.encode(), 0, (0, 0)), root), clash, b"target", kinds)
    group = h5g.create(f, b"values")
    for n in (1, 2, 100, 4000, 4096, 5000, 60000):
        group.links.create_soft(b"s%d" % n, b"v" * n)


def changed(path, latest):
    """Links removed and others made in their place."""
    f = file(path, latest)
    root = h5g.open(f, b"/")
    h5g.create(f, b"target")
    for n in (5, 9, 40, 3000):
        group = h5g.create(f, b"removed%d" % n)
        fill(Filler(group, root), names(n), b"target")
        for name in names(n, 2)[: n - n // 4]:
            group.unlink(name)
        group = h5g.create(f, b"replaced%d" % n)
        fill(Filler(group, root), names(n), b"target")
        for name in names(n, 2)[: n // 2]:
            group.unlink(name)
        fill(Filler(group, root), [b"other" + b"x" * (i % 70) + b"%d" % i for i in range(n)], b"target")
        group = h5g.create(f, b"emptied%d" % n)
        fill(Filler(group, root), names(n), b"target")
        for name in names(n, 2):
            group.unlink(name)


def other_sizes():
    for address, size in ((4, 4), (8, 4), (4, 8), (2, 2)):
        for latest in (False,) if size == 2 else (False, True):  # two bytes do not hold the size of a new heap's blocks
            fcpl = h5p.create(h5p.FILE_CREATE)
            assert library.H5Pset_sizes(fcpl.id, address, size) >= 0
            f = file(f"sizes{address}{size}_{'new' if latest else 'old'}.h5", latest, fcpl)
            root = h5g.open(f, b"/")
            h5g.create(f, b"target")
            for n in (3, 9, 100 if address == 2 else 2000):
                fill(Filler(h5g.create(f, b"n%d" % n), root), names(n), b"target")
    for inner, leaf in ((1, 1), (2, 1), (3, 2), (100, 50), (1, 300), (1000, 2)):
        fcpl = h5p.create(h5p.FILE_CREATE)
        assert library.H5Pset_sym_k(fcpl.id, inner, leaf) >= 0
        f = file(f"k{inner}_{leaf}.h5", False, fcpl)
        root = h5g.open(f, b"/")
        h5g.create(f, b"target")
        for n in (0, 1, 4, 5, 100, 2000):
            fill(Filler(h5g.create(f, b"n%d" % n), root), names(n), b"target")
    fcpl = h5p.create(h5p.FILE_CREATE)
    fcpl.set_userblock(1024)
    for latest in (False, True):
        f = file(f"block_{'new' if latest else 'old'}.h5", latest, fcpl)
        root = h5g.open(f, b"/")
        h5g.create(f, b"target")
        for n in (3, 9, 1000):
            fill(Filler(h5g.create(f, b"n%d" % n), root), names(n), b"target")


def main(directory):
    os.chdir(directory)
    for latest in (False, True):
        version = "new" if latest else "old"
        sized(f"sized_{version}.h5", latest, (0, 1, 2, 8, 9, 100, 1000, 50000))
        small(f"small_{version}.h5", latest)
        odd_names(f"names_{version}.h5", latest)
        changed(f"changed_{version}.h5", latest)
    other_sizes()
    f = file("huge_names.h5", True)
    h5g.create(f, b"target")
    fill(Filler(h5g.create(f, b"huge"), h5g.open(f, b"/")), [b"%03d" % i + b"x" * 60000 for i in range(20)], b"target")
    fcpl = h5p.create(h5p.FILE_CREATE)
    assert library.H5Pset_sym_k(fcpl.id, 1, 1) >= 0
    small("small_deep.h5", False, fcpl)


if __name__ == "__main__":
    main(sys.argv[1])
