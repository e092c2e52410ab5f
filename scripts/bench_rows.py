"""bench_rows: what scripts/bench measures.

Each row times two ways to do the same thing in turn, round by round, so that both see the same machine; a round's
ratio is the other program's time by ours (above 1: expfs is faster). The table has the ratios' minimum, median and
maximum. A new row is one function with @row; it returns a pair of callables that each do the work once and return
its seconds. Called by scripts/bench with EXPFS and EXPFS_BENCH_DIR set.
"""
import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

EXPFS = os.environ["EXPFS"]
CACHE = os.environ["EXPFS_BENCH_DIR"]
ROWS = {}


def row(title):
    def keep(function):
        ROWS[function.__name__] = (title, function)
        return function
    return keep


# Stores: made once, the same bytes on every machine.

def store(name, make):
    """The path of a store in the cache, made by make(h5py file) when it is not there."""
    import h5py
    path = os.path.join(CACHE, name)
    if not os.path.exists(path):
        os.makedirs(CACHE, exist_ok=True)
        print(f"making {path}", file=sys.stderr)
        with h5py.File(path + ".partial", "w", libver=("earliest", "v110")) as f:
            make(f)
        os.replace(path + ".partial", path)
    return path


def many_datasets():
    def make(f):
        from h5py import h5d, h5s, h5t
        space = h5s.create_simple((3, 2))
        for g in range(200):
            group = f.create_group(f"g{g:03d}")
            for i in range(500):
                h5d.create(group.id, b"d%03d" % i, h5t.NATIVE_DOUBLE, space)
    return store("many-100000.h5", make)


def tiny():
    return store("tiny.h5", lambda f: f.create_dataset("x", data=1.0))


def gzip_floats():
    def make(f):
        import numpy as np
        x = np.random.default_rng(1).normal(size=(4096, 2048)).round(3)
        f.create_dataset("x", data=x, chunks=(64, 256), compression="gzip", compression_opts=4, shuffle=True)
    return store("gzip-64MB.h5", make)


def two_million_doubles():
    def make(f):
        import numpy as np
        f.create_dataset("x", data=np.random.default_rng(2).normal(size=2000000))
    return store("doubles-2000000.h5", make)


# Ways to do things, and how long they take.

def seconds_of(*command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


@contextlib.contextmanager
def mounted(path, *options):
    """A fresh mount of a store; yields its directory."""
    directory = tempfile.mkdtemp(prefix="expfs-bench-")
    try:
        subprocess.run([EXPFS, path, directory, *options], check=True)
        try:
            yield directory
        finally:
            subprocess.run([EXPFS, "unmount", directory], check=True)
    finally:
        os.rmdir(directory)


def on_fresh_mount(path, *command):
    """Seconds of a command, run where a store has just been mounted."""
    with mounted(path) as directory:
        return seconds_of(*(word.replace("MNT", directory) for word in command))


def mount_seconds(path):
    directory = tempfile.mkdtemp(prefix="expfs-bench-")
    try:
        took = seconds_of(EXPFS, path, directory)
        subprocess.run([EXPFS, "unmount", directory], check=True)
    finally:
        os.rmdir(directory)
    return took


def inside_python(setup, code):
    """Seconds of `code` in a new Python process, without what it takes to start and to run `setup`."""
    program = f"{setup}\nimport time\nstart = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"
    return float(subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, text=True).stdout)


# Rows.

@row("ls -lR, 100,000 datasets, fresh mount : h5ls -r")
def listing():
    path = many_datasets()
    return lambda: on_fresh_mount(path, "ls", "-lR", "MNT"), lambda: seconds_of("h5ls", "-r", path)


@row("find -size, 100,000 datasets, fresh mount : h5ls -r")
def finding():
    path = many_datasets()
    return lambda: on_fresh_mount(path, "find", "MNT", "-size", "+1k"), lambda: seconds_of("h5ls", "-r", path)


@row("mounting 100,000 datasets : mounting one")
def mounting():
    large, small = many_datasets(), tiny()
    return lambda: mount_seconds(large), lambda: mount_seconds(small)


@row("cat x.raw, 64 MB of gzip : h5py in-process")
def reading_gzip():
    path = gzip_floats()
    return (lambda: on_fresh_mount(path, "cat", "MNT/x.raw"),
            lambda: inside_python(f"import h5py; f = h5py.File({path!r})", "f['x'][()]"))


@row("cat x, 2 million doubles as text : numpy.savetxt")
def text_of_doubles():
    path = two_million_doubles()
    return (lambda: on_fresh_mount(path, "cat", "MNT/x"),
            lambda: inside_python(f"import h5py, numpy; x = h5py.File({path!r})['x'][()]",
                                  "numpy.savetxt('/dev/null', x)"))


def measure(title, pair, rounds):
    ours, theirs = pair
    ours(), theirs()  # once for the page cache
    times = [(ours(), theirs()) for _ in range(rounds)]
    ratios = [b / a for a, b in times]
    print(f"{title:<56} {statistics.median(a for a, _ in times):8.3f} {statistics.median(b for _, b in times):8.3f}"
          f"   {min(ratios):6.2f} {statistics.median(ratios):6.2f} {max(ratios):6.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="bench", description="Compare expfs with others.")
    parser.add_argument("--rounds", type=int, default=5, help="rounds per row (5)")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="of " + ", ".join(ROWS))
    options = parser.parse_args()
    unknown = set(options.rows) - set(ROWS)
    if unknown or options.rounds < 1:
        parser.error(f"no row is called {', '.join(unknown)}" if unknown else "at least one round")
    if shutil.which("h5ls") is None:
        sys.exit("bench: h5ls is missing (Debian's hdf5-tools)")
    print(f"{'ours : theirs':<56} {'ours s':>8} {'theirs s':>8}   ratio: min median max")
    for name in options.rows or ROWS:
        title, pair = ROWS[name]
        measure(title, pair(), options.rounds)


if __name__ == "__main__":
    main()
