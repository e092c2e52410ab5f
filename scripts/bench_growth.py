"""bench_growth: how time and memory grow with the number of objects in a store.

Knows which steps of a mount's life are timed. Called by bench_main.
"""
import contextlib
import os
import statistics
import subprocess
import time

from bench_measure import EXPFS, mountpoint, seconds_of
from bench_stores import dataset_name

COLUMNS = [("datasets", -10), ("in", -18), ("mount ms", 9), ("lookup ms", 9), ("read ms", 9), ("find s", 9),
           ("MiB mounted", 11), ("MiB found", 10), ("bytes each", 10)]


def resident_bytes(directory):
    """What the process that serves a mountpoint has in memory."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                if directory.encode() not in f.read().split(b"\0"):
                    continue
            with open(f"/proc/{pid}/status") as f:
                return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmRSS:"))
    raise RuntimeError(f"nobody serves {directory}")


def milliseconds(work):
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def read(path):
    with open(path, "rb") as f:
        f.read()


def one_life(store, count, in_groups):
    """Mounts, looks up one dataset, reads another, finds all: the times, and memory before and after."""
    def path(index):
        return f"g{index // 500:04d}/{dataset_name(index % 500)}" if in_groups else dataset_name(index)
    with mountpoint() as directory:
        mount = 1000 * seconds_of(EXPFS, store, directory)
        try:
            before = resident_bytes(directory)
            lookup = milliseconds(lambda: os.stat(f"{directory}/{path(count // 2)}"))
            first_read = milliseconds(lambda: read(f"{directory}/{path(count - 1)}"))
            find = seconds_of("find", directory, "-size", "+0")
            after = resident_bytes(directory)
        finally:
            subprocess.run([EXPFS, "unmount", directory], check=True)
    return mount, lookup, first_read, find, before, after


def run(stores, rounds, table):
    """Fills the table with medians over the rounds."""
    for in_groups in (True, False):
        for count in (10**n for n in range(2, 4 if stores.is_quick else 7)):
            store = stores.datasets(count, in_groups=in_groups)
            seconds_of("cat", store)
            lives = [one_life(store, count, in_groups) for _ in range(rounds)]
            mount, lookup, first_read, find, before, after = map(statistics.median, zip(*lives))
            table.add(f"{count:,}", "groups of 500" if in_groups else "one directory", f"{mount:.1f}", f"{lookup:.2f}",
                      f"{first_read:.2f}", f"{find:.3f}", f"{before / 2**20:.1f}", f"{after / 2**20:.1f}",
                      f"{(after - before) / count:.0f}")
