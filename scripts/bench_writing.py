"""bench_writing: the rows of scripts/bench that write, beside h5py writing the same into the same store.

Each round has a fresh copy of the store, which expfs mounts with `-o rw`. Both have written durably when they return:
ours with a commit of the journal (fsync), theirs with H5Fflush and fsync of the store file at the same points. h5py has
no journal: what it writes between these points is not safe, whereas ours is whole after a crash at any moment. The rows
end with the commit, after which nothing can be lost; "and checkpoint" ones when the store file itself has it all. After
each round what a store holds is looked at. Called by bench_main, which finds the rows in bench_rows.
"""
import contextlib
import os
import shutil
import tempfile

from bench_measure import Against, inside_python, mounted, seconds_of
from bench_rows import row


@contextlib.contextmanager
def fresh(store, stores, check):
    """The path of a copy of a store; check(h5py file) has to hold for it in the end."""
    import h5py
    with tempfile.TemporaryDirectory(prefix="written-", dir=stores.directory) as directory:
        path = shutil.copy(store, directory)
        os.sync()
        yield path
        with h5py.File(path, "r") as f:
            if not check(f):
                raise ValueError("not all is there that was written")


def ours(store, stores, check, write):
    """The seconds of write(mount)."""
    def work():
        with fresh(store, stores, check) as path, mounted(path, "-o", "rw") as directory:
            return write(directory)
    return work


def theirs(store, stores, check, setup, write):
    """The seconds of opening the store as f, writing and making that durable."""
    def work():
        with fresh(store, stores, check) as path:
            return inside_python(f"import h5py, numpy, os; path = {path!r}\n{setup}",
                                 f"with h5py.File(path, 'r+') as f:\n    {write}\n"
                                 "    f.flush()\n    os.fsync(f.id.get_vfd_handle())")
    return work


@row("appending 100,000 rows of 3 doubles to `x`, a write each, then fsync")
def append(stores):
    store, n = stores.empty_table(), 100000 // stores.part
    rows = f"rows = numpy.random.default_rng(6).standard_normal(({n}, 3)).round(6)\n"
    lines = f"import numpy, os\n{rows}lines = [b'%g\\t%g\\t%g\\n' % tuple(row) for row in rows]"
    write = "for line in lines:\n    os.write(fd, line)\nos.fsync(fd)\nos.close(fd)"
    resize = ("x = f['x']\n    for i, row in enumerate(rows):\n"
              "        x.resize(i + 1, axis=0)\n        x[i] = row")
    check = lambda f: f["x"].shape == (n, 3) and f["x"][n - 1].all()
    yield (ours(store, stores, check,
                lambda mnt: inside_python(lines, f"fd = os.open('{mnt}/x', os.O_WRONLY | os.O_APPEND)\n{write}")),
           [Against("h5py, resizing for each", theirs(store, stores, check, rows, resize), at_least=1.0)])


@row("creating 10,000 scalars, then fsync of the directory")
def create(stores):
    store, n = stores.tiny(), 10000 // stores.part
    items = f"items = [('s%05d' % i, i / 8 + 0.5) for i in range({n})]"
    files = f"import os\n{items}\nitems = [(name, b'%r\\n' % value) for name, value in items]"
    write = ("for name, value in items:\n    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)\n"
             "    os.write(fd, value)\n    os.close(fd)\nos.fsync(os.open('.', os.O_RDONLY))")
    check = lambda f: len(f) == n + 1 and f["s%05d" % (n - 1)][()] == (n - 1) / 8 + 0.5
    yield (ours(store, stores, check, lambda mnt: inside_python(files, f"os.chdir('{mnt}')\n{write}")),
           [Against("h5py", theirs(store, stores, check, items,
                                   "for name, value in items:\n        f[name] = value"), at_least=1.0)])


def copy_rows(stores, write):
    store, plain = stores.tiny(), stores.array_file()
    check = lambda f: f["array"].shape == (stores.n_rows, 1024) and f["array"][-1].any()
    yield (ours(store, stores, check, lambda mnt: write(plain, mnt)),
           [Against("h5py", theirs(store, stores, check, f"plain = {plain!r}",
                                   "f.create_dataset('array', data=numpy.load(plain))"), at_least=0.8)])


@row("256 MiB of float32 in, `cp array.npy`, then fsync")
def copy_in(stores):
    command = 'cp "$0" "$1" && sync "$1/array.npy"'
    yield from copy_rows(stores, lambda plain, mnt: seconds_of("sh", "-c", command, plain, mnt))


@row("256 MiB of float32 in, `cp array.npy`, fsync and checkpoint")
def copy_in_checkpoint(stores):
    command = 'cp "$0" "$1" && sync "$1/array.npy" && echo >"$1/.expfs/sync"'
    yield from copy_rows(stores, lambda plain, mnt: seconds_of("sh", "-c", command, plain, mnt))
