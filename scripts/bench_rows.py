"""bench_rows: what scripts/bench compares, and what is asked of each.

A row is one function with @row that yields the work as expfs does it and those who do the same; the work and each of
them do it once when called and return its seconds. "Cold" is a fresh mount of a store file that the kernel has cached.
Mounting itself does not count (it has its own rows), nor do a Python process's start and imports; what h5py takes to
open the file does. Called by bench_main.
"""
import contextlib
from statistics import median
from typing import Callable, NamedTuple

from bench_measure import (Against, LeftOut, in_turn, inside_python, libfuse_example, mount_seconds,
                           mounted, passed_through, seconds_of)

COLUMNS = [("row", -66), ("against", -26), ("ours s", 8), ("theirs s", 8), ("min", 8), ("median", 8), ("max", 8),
           ("target", 10), ("met", 4)]
ROWS = {}


class Row(NamedTuple):
    title: str
    open: Callable


def row(title):
    def keep(function):
        ROWS[function.__name__] = Row(title, contextlib.contextmanager(function))
        return function
    return keep


def cold(store, *command, printing=None):
    """A command on a fresh mount, which is MNT in its words."""
    def work():
        with mounted(store) as directory:
            return seconds_of(*(word.replace("MNT", directory) for word in command), printing=printing)
    return work


def with_h5py(store, code):
    """Code in a new Python process that has h5py and numpy; `path` is the store."""
    return lambda: inside_python(f"import h5py, numpy; path = {store!r}", code)


READ_X = "h5py.File(path, 'r')['x'][()]"


@row("256 MiB of gzip 4 float32, cold, `cat x.raw`")
def gzip(stores):
    path = stores.gzip(shuffle=False)
    yield cold(path, "cat", "MNT/x.raw"), [Against("h5py", with_h5py(path, READ_X), at_least=3.0)]


@row("256 MiB of gzip 4 and shuffle float32, cold, `cat x.raw`")
def gzip_shuffle(stores):
    path = stores.gzip(shuffle=True)
    yield cold(path, "cat", "MNT/x.raw"), [Against("h5py", with_h5py(path, READ_X), at_least=3.0)]


@row("256 MiB of blosc 5 and shuffle float32, cold, `cat x.raw`")
def blosc(stores):
    path = stores.blosc()
    pytables = lambda: inside_python("import tables", f"with tables.open_file({path!r}) as f:\n    f.root.x.read()")
    yield cold(path, "cat", "MNT/x.raw"), [Against("PyTables", pytables, at_least=1.5)]


@row("1 GiB of contiguous float64, cold, `cat x.raw`")
def contiguous(stores):
    store, plain = stores.contiguous(), stores.contiguous_bytes()
    program = libfuse_example("passthrough", stores.directory)

    def passthrough():
        with passed_through(program) as root:
            return seconds_of("cat", root + plain)
    yield cold(store, "cat", "MNT/x.raw"), [Against("plain file, passthrough", passthrough, at_least=0.9)]


@row("1 GiB of contiguous float64, again, `cat x.raw`")
def contiguous_again(stores):
    store = stores.contiguous()
    with mounted(store) as directory:
        yield (lambda: seconds_of("cat", f"{directory}/x.raw"),
               [Against("the store file itself", lambda: seconds_of("cat", store), at_least=0.8)])


@row("1,000 random 4 KiB rows of gzip data from a mapped `x.npy`, cold")
def random_rows(stores):
    path = stores.gzip(shuffle=False)
    read = (f"x = {{}}\nfor i in numpy.random.default_rng(5).integers({stores.n_rows}, size=1000):\n"
            "    numpy.array(x[i])")

    def mapped():
        with mounted(path) as directory:
            return inside_python("import numpy", read.format(f"numpy.load('{directory}/x.npy', mmap_mode='r')"))
    yield mapped, [Against("h5py", with_h5py(path, read.format("h5py.File(path, 'r')['x']")), at_least=2.0)]


@row("text of 2 million doubles, cold, `cat x`")
def text(stores):
    path = stores.doubles()
    savetxt = lambda: inside_python(f"import h5py, numpy; x = h5py.File({path!r}, 'r')['x'][()]",
                                    "numpy.savetxt('/dev/null', x, fmt='%.17g')")
    yield (cold(path, "cat", "MNT/x"),
           [Against("numpy.savetxt of the array", savetxt, at_least=20.0),
            Against("h5dump (6 digits)", lambda: seconds_of("h5dump", "-d", "/x", path))])


@row("text of 1 GiB of float64, cold, `tail -n 1 x`")
def tail(stores):
    plain = stores.contiguous_bytes()
    yield (cold(stores.contiguous(), "tail", "-n", "1", "MNT/x"),
           [Against("plain file of its bytes", lambda: seconds_of("tail", "-n", "1", plain), at_most=0.020)])


@row("100,000 datasets in 200 groups, cold, `find -size +0`")
def find(stores):
    path = stores.many()
    visit = "seen = []\nh5py.File(path, 'r').visititems(lambda name, node: {})"
    note = "seen.append((node.shape, node.dtype)) if isinstance(node, h5py.Dataset) else None"
    yield (cold(path, "find", "MNT", "-size", "+0"),
           [Against("h5ls -r", lambda: seconds_of("h5ls", "-r", path), at_least=1.3),
            Against("visititems, shape, dtype", with_h5py(path, visit.format(note)), at_least=10.0),
            Against("visititems, no-op", with_h5py(path, visit.format("None")))])


@row("100,000 datasets in 200 groups, again, `find -size +0`")
def find_again(stores):
    with mounted(stores.many()) as directory:
        local = stores.local_tree(directory)
        yield (lambda: seconds_of("find", directory, "-size", "+0"),
               [Against("the tree on the local disk", lambda: seconds_of("find", local, "-size", "+0"), at_least=0.5)])


@row("20,000 scalars, cold, `grep -r`")
def grep(stores):
    path = stores.leaves()
    each = ("for group in h5py.File(path, 'r').values():\n"
            "    for dataset in group.values():\n"
            "        dataset[()]")
    yield (cold(path, "grep", "-r", "-F", "-e", "-12345", "MNT", printing="-12345"),
           [Against("h5py reading each", with_h5py(path, each), at_least=3.0)])


def first_read(index):
    """Both open, and read the 4 KiB of the middle chunk, in a new Python process."""
    def first_chunk(stores):
        path = stores.chunks(index)
        chunk = stores.n_chunks // 2

        def ours():
            with mounted(path) as directory:
                return inside_python(f"import os; path = '{directory}/x.raw'",
                                     f"os.pread(os.open(path, os.O_RDONLY), 4096, {chunk} * 4096)")
        theirs = with_h5py(path, f"h5py.File(path, 'r')['x'][{chunk} * 512:{chunk + 1} * 512]")
        yield ours, [Against("h5py", theirs, at_least=1.0)]
    first_chunk.__name__ = f"first_chunk_{index}"
    return first_chunk


row("first read of one chunk of 200,000, cold, B-tree")(first_read("btree"))
row("first read of one chunk of 200,000, cold, fixed array")(first_read("fixed"))
row("first read of one chunk of 200,000, cold, extensible array")(first_read("extensible"))


@row("mounting a store of 10 GB")
def mount_large(stores):
    large, small = stores.ten_gigabytes(), stores.tiny()
    yield (lambda: mount_seconds(large),
           [Against("mounting a tiny one", lambda: mount_seconds(small), at_most=0.020)])


@row("mounting a store of 1,000,000 objects")
def mount_many(stores):
    many, small = stores.million(), stores.tiny()
    yield (lambda: mount_seconds(many),
           [Against("mounting a tiny one", lambda: mount_seconds(small), at_most=0.020)])


def cells(title, other, ours, theirs, is_quick):
    """A line of the table: medians of the times, and how the rounds compare."""
    compared = [other.compare(a, b) for a, b in zip(ours, theirs)]
    low, middle, high = min(compared), median(compared), max(compared)
    is_difference = other.at_most is not None
    has_target = is_difference or other.at_least is not None
    return (title, other.who, f"{median(ours):.3g}", f"{median(theirs):.3g}",
            *(f"{1000 * value:+.1f} ms" if is_difference else f"{value:.2f}" for value in (low, middle, high)),
            f"<= {1000 * other.at_most:.0f} ms" if is_difference else f">= {other.at_least}" if has_target else "",
            ("yes" if other.is_met(middle) else "no") if has_target and not is_quick else "")


def run(stores, rounds, names, table):
    """Measures the rows of these names, or all, and fills the table as it goes."""
    for name in names or ROWS:
        title, opened = ROWS[name]
        try:
            with opened(stores) as (ours, others):
                our_times, *their_times = in_turn(ours, others, rounds)
        except LeftOut as reason:
            table.add(title, f"left out: {reason}", *[""] * (len(COLUMNS) - 2))
            continue
        for other, theirs in zip(others, their_times):
            table.add(*cells(title, other, our_times, theirs, stores.is_quick))
