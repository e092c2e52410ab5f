"""bench_measure: mounting, timing, and comparing two ways to do one thing round by round.

Knows no store and no row. Called by bench_rows and bench_growth, with EXPFS naming the program.
"""
import contextlib
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Callable, NamedTuple, Optional

EXPFS = os.environ["EXPFS"]
EXAMPLES = "/usr/share/doc/libfuse3-dev/examples"


class LeftOut(Exception):
    """What a row needs is not on this machine."""


class Against(NamedTuple):
    """Somebody who does the same work as expfs."""
    who: str
    seconds: Callable[[], float]
    at_least: Optional[float] = None   # their time by ours
    at_most: Optional[float] = None    # our time less theirs, in seconds

    def compare(self, ours, theirs):
        return ours - theirs if self.at_most is not None else theirs / ours

    def is_met(self, value):
        return value <= self.at_most if self.at_most is not None else value >= self.at_least


def seconds_of(*command, printing=None):
    """Seconds that a command takes; `printing` has to be in what it prints, else that is thrown away."""
    output = subprocess.PIPE if printing else subprocess.DEVNULL
    start = time.perf_counter()
    done = subprocess.run(command, stdout=output, check=True, text=True)
    took = time.perf_counter() - start
    if printing and printing not in done.stdout:
        raise ValueError(f"{' '.join(command)} does not print {printing}")
    return took


def inside_python(setup, code):
    """Seconds of `code` in a new Python process, without what it takes to start and to run `setup`."""
    program = f"{setup}\nimport time\nstart = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"
    return float(subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, text=True).stdout)


@contextlib.contextmanager
def mountpoint():
    directory = tempfile.mkdtemp(prefix="expfs-bench-")
    try:
        yield directory
    finally:
        os.rmdir(directory)


@contextlib.contextmanager
def mounted(store, *options):
    """A fresh mount of a store; yields its directory."""
    with mountpoint() as directory:
        subprocess.run([EXPFS, store, directory, *options], check=True)
        try:
            yield directory
        finally:
            subprocess.run([EXPFS, "unmount", directory], check=True)


def mount_seconds(store):
    with mountpoint() as directory:
        took = seconds_of(EXPFS, store, directory)
        subprocess.run([EXPFS, "unmount", directory], check=True)
    return took


@contextlib.contextmanager
def passed_through(program):
    """A fresh mount of one of libfuse's passthrough examples; yields where it shows the root directory."""
    with mountpoint() as directory:
        subprocess.run([program, directory], check=True)
        try:
            yield directory
        finally:
            subprocess.run(["fusermount3", "-u", directory], check=True)


def libfuse_example(name, directory):
    """Compiles one of libfuse's examples as its source says; the program's path."""
    program = os.path.join(directory, name)
    if os.path.exists(program):
        return program
    os.makedirs(directory, exist_ok=True)
    for source in (f"{name}.c", "passthrough_helpers.h"):
        installed = os.path.join(EXAMPLES, source)
        if os.path.exists(installed):
            shutil.copy(installed, directory)
        elif os.path.exists(installed + ".gz"):
            with gzip.open(installed + ".gz") as packed, open(os.path.join(directory, source), "wb") as f:
                shutil.copyfileobj(packed, f)
        else:
            raise LeftOut(f"libfuse3-dev has no {source} here")
    flags = subprocess.run(["pkg-config", "fuse3", "--cflags", "--libs"], stdout=subprocess.PIPE, check=True, text=True)
    subprocess.run(["gcc", "-Wall", program + ".c", *flags.stdout.split(), "-o", program], check=True)
    return program


def in_turn(ours, others, rounds):
    """Rounds of our seconds and theirs, one after the other, so that all see the same machine; one round warms up."""
    rows = [(ours(), *(other.seconds() for other in others)) for _ in range(rounds + 1)]
    return list(zip(*rows[1:]))
