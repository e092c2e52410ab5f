#!/usr/bin/python3
"""Hold copies that are made block by block against those that HDF5 makes itself.

Usage: check_copies.py COPY_STORE

COPY_STORE is the program of this folder that copies all of a store both ways.  Copied are random trees (make_trees.py)
in everything that h5py and PyTables make as a rule, those of which HDF5 has to make the copy, and all HDF5 stores in
the folder that EXPFS_SHARED names (../shared as a rule).  Copies have to be the same for who reads them, object by object
and in h5dump's words, and stay so while the same changes are made to both.  Prints TAP.
"""
import ctypes
import os
import subprocess
import sys
import tempfile

import h5py
from h5py import h5f, h5p

import make_trees

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get("EXPFS_SHARED", os.path.join(HERE, "..", "..", "..", "shared"))
SAME = os.path.join(HERE, "..", "same_store.py")

NOT_PLACES = (b"    Location:",)
NOT_TIMES = (b"    Location:", b"    Modified:")  # what is changed is not changed at once in both


def copy(program, source, target, way):
    done = subprocess.run([program, source, target, way], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stdout.strip() or done.stderr.replace(source, "it")


def dump(path):
    """What h5dump says, but for the file's name. What it cannot read it says as well."""
    done = subprocess.run(["h5dump", "--enable-error-stack=0", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.replace(path.encode(), b"it")


def details(path, but):
    """How many links lead to each object, when it was made, how it lies in the file; but for some lines."""
    done = subprocess.run(["h5ls", "-r", "-v", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [line for line in done.stdout.replace(path.encode(), b"it").splitlines() if not line.startswith(but)]


def compare(blocks, library, but):
    same = subprocess.run([sys.executable, SAME, library, blocks], capture_output=True, text=True)
    problems = same.stdout.splitlines()[:5] + same.stderr.splitlines()[-1:]
    if dump(blocks) != dump(library):
        problems.append("h5dump says other things of them")
    if but:
        problems += [f"h5ls -v: {b}, not {a}" for a, b in zip(details(library, but), details(blocks, but)) if a != b][:5]
    return problems


def check(program, source, directory, way=None, changes=()):
    """`way` is how it has to go, None for either."""
    blocks, library = os.path.join(directory, "a.h5"), os.path.join(directory, "b.h5")
    for path in (blocks, library):
        if os.path.exists(path):
            os.remove(path)
    status, said = copy(program, source, blocks, "own")
    if way is not None and said != way:
        return [f"copied by: {said}"]
    if said == "library":
        return []
    other, message = copy(program, source, library, "shared")
    if status or other:
        return [] if (status, said) == (other, message) else [f"{said}; but HDF5: {message}"]
    problems = compare(blocks, library, NOT_PLACES if changes else None)  # h5ls -v takes for ever over long names
    for change in changes:
        if not problems:
            change(blocks)
            change(library)
            problems = [f"after {change.__name__}: {problem}" for problem in compare(blocks, library, NOT_TIMES)]
    return problems


def of_h5py(seed, **arguments):
    def make(path):
        make_trees.make_h5py(path, seed, **arguments)

    def change_h5py(path):
        make_trees.change_h5py(path, seed)
    return make, [change_h5py]


def of_pytables(seed):
    def make(path):
        make_trees.make_pytables(path, seed)

    def change_pytables(path):
        make_trees.change_pytables(path, seed)

    def change_h5py(path):
        make_trees.change_h5py(path, seed)
    return make, [change_pytables, change_h5py]


def with_code(code, **arguments):
    def make(path):
        with h5py.File(path, "w", **arguments) as f:
            exec(code, {"f": f, "h5py": h5py, "np": make_trees.np})
    return make


def of_other_trees(path):
    """A file whose trees have nodes of other sizes."""
    fcpl = h5p.create(h5p.FILE_CREATE)
    library = ctypes.CDLL("libhdf5_serial.so.103")  # the one that h5py has loaded, which has no call for it
    library.H5Pset_sym_k.argtypes = [ctypes.c_int64, ctypes.c_uint, ctypes.c_uint]
    assert library.H5Pset_sym_k(fcpl.id, 4, 2) >= 0
    h5py.File(h5f.create(path.encode(), fcpl=fcpl)).create_group("g")


LIBRARY = {
    "texts of variable length": with_code("f['x'] = 'text'"),
    "an attribute of variable length": with_code("f.create_group('g').attrs['x'] = 'text'"),
    "a reference": with_code("f.attrs['x'] = f.ref"),
    "a named type": with_code("f['t'] = np.dtype('i4'); f.create_dataset('x', (2,), f['t'])"),
    "a virtual dataset": with_code("v = h5py.VirtualLayout((2,), 'i4'); v[:] = h5py.VirtualSource('x', 'x', (2,)); "
                                   "f.create_virtual_dataset('v', v)"),
    "data in another file": with_code("f.create_dataset('x', (2,), 'i4', external=[('nowhere.bin', 0, 8)])"),
    "links in the order in which they were made": with_code("f.create_group('g', track_order=True)['x'] = 1"),
    "new structures": with_code("f['x'] = 1", libver="latest"),
    "many attributes in a heap": with_code("for i in range(99): f.attrs[str(i)] = i", libver="latest"),
    "other trees": of_other_trees,
}


def checks():
    for seed in range(8):
        yield f"a random tree of h5py's is copied ({seed})", *of_h5py(seed), "blocks"
    for seed in range(2):
        yield f"a random tree behind a user block is copied ({seed})", *of_h5py(seed, userblock_size=1024), "blocks"
    for seed in range(6):
        yield f"a random tree of PyTables' is copied ({seed})", *of_pytables(seed), "blocks"
    for what, make in LIBRARY.items():
        yield f"HDF5 copies what has {what}", make, [], "library"


def stores():
    for directory, _, names in sorted(os.walk(os.path.join(SHARED, "stores"))):
        for name in sorted(names):
            path = os.path.join(directory, name)
            if h5py.is_hdf5(path) and os.path.getsize(path) < 50 << 20:
                yield path


def main():
    program, n, n_failed = sys.argv[1], 0, 0

    def report(name, problems):
        nonlocal n, n_failed
        n += 1
        n_failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {n} - {name}", flush=True)
        for problem in problems:
            print(f"# {problem}")

    with tempfile.TemporaryDirectory(prefix="expfs-copies-") as directory:
        source = os.path.join(directory, "source.h5")
        for name, make, changes, way in checks():
            make(source)
            report(name, check(program, source, directory, way, changes))
            os.remove(source)
        for path in stores():
            report(f"{os.path.relpath(path, SHARED)} is copied", check(program, path, directory))
    print(f"1..{n}")
    return n_failed > 0


sys.exit(main())
