"""Random reads, writes and cuts of x.raw of several datasets of one mount, and the same of plain files beside.

    fsx.py EXPFS PLACE N SEED [OPTIONS]

PLACE is a directory that may be filled, OPTIONS are the mount's ("rw,commit=1"). What is read must agree at every step, and
what h5py reads after the unmount with what the plain file holds. Prints "N operations, N differ".

Every offset and length goes, in the middle of elements as well; only where a file is flushed is it a whole number of rows.
"""
import mmap
import os
import random
import subprocess
import sys

import h5py
import numpy as np

MAX_SIZE = 150000
MAX_LENGTH = 9000


def make(path):
    """Datasets by name, with the bytes of one row."""
    rng = np.random.default_rng(1)
    with h5py.File(path, "w") as f:
        f.create_dataset("contiguous", data=rng.integers(0, 255, 40000, "u1"))
        f.create_dataset("contiguous8", data=rng.random(3000))
        f.create_dataset("gzip", data=rng.integers(0, 99, 20000, "<i4"), chunks=(700,), maxshape=(None,), compression="gzip",
                         shuffle=True, fletcher32=True)
        f.create_dataset("lzf", data=rng.integers(0, 9, (900, 7), "<i2"), chunks=(64, 5), maxshape=(None, 7), compression="lzf")
        f.create_dataset("chunked", data=rng.integers(0, 9, (500, 3, 2), "<u4"), chunks=(50, 3, 2), maxshape=(None, 3, 2))
        f.create_dataset("big-endian", data=rng.integers(0, 9, 9000).astype(">i4"), maxshape=(None,), chunks=(4096,))
        f.create_dataset("compound", data=np.zeros(4000, [("a", "<i2"), ("b", "<f8"), ("c", "S3")]), chunks=(100,), maxshape=(None,))
        return {name: d.dtype.itemsize * int(np.prod(d.shape[1:], dtype=int)) for name, d in f.items()}


class File:
    """x.raw of a dataset, and the plain file that it should be."""

    def __init__(self, mountpoint, place, name, row, rng):
        self.name, self.row, self.rng = name, row, rng
        self.path, self.npy = (os.path.join(mountpoint, name + suffix) for suffix in (".raw", ".npy"))
        self.plain = os.open(os.path.join(place, name), os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        self.is_new = not os.path.exists(self.path)
        if not self.is_new:
            with open(self.path, "rb") as file:
                os.pwrite(self.plain, file.read(), 0)
        self.open()

    def open(self):
        """Files are read and mapped through the page cache, and written past it by who does not read."""
        self.both = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        self.only = os.open(self.path, os.O_WRONLY)
        self.end = os.open(self.path, os.O_RDWR | os.O_APPEND)

    def close(self):
        self.end_a_row()
        for fd in self.rng.sample((self.both, self.only, self.end), 3):
            os.close(fd)

    def size(self):
        return os.fstat(self.plain).st_size

    def extent(self, beyond=0):
        """Of a read or write; behind the end by at most so many bytes."""
        at = self.rng.randrange(self.size() + beyond + 1)
        length = self.rng.choice((1, 3, 8, 100, 4096, MAX_LENGTH))
        return at, self.rng.randint(1, min(length, MAX_SIZE - at)) if at < MAX_SIZE else 0

    def bytes(self, n):
        return bytes(n) if self.rng.random() < 0.1 else self.rng.randbytes(n)

    # The operations; each raises AssertionError where the two differ.

    def write(self):
        at, n = self.extent(self.rng.choice((0, 10, 5000)))
        data = self.bytes(n)
        fd = self.rng.choice((self.both, self.only))
        assert os.pwrite(fd, data, at) == n
        os.pwrite(self.plain, data, at)

    def append(self):
        n = self.rng.randint(1, 600)
        if self.size() + n > MAX_SIZE:
            return
        data = self.bytes(n)
        assert os.write(self.end, data) == n
        os.pwrite(self.plain, data, self.size())

    def cut(self):
        size = self.rng.choice((self.rng.randint(0, MAX_SIZE), self.size() + self.rng.randint(-500, 500)))
        self.cut_to(max(0, min(size, MAX_SIZE)))

    def cut_to(self, size):
        os.ftruncate(self.rng.choice((self.both, self.only)), size)
        os.ftruncate(self.plain, size)

    def read(self):
        at, n = self.extent(100)
        self.expect(os.pread(self.both, n, at), at, n)

    def read_anew(self):
        """What somebody else reads, who opens it now."""
        at, n = self.extent()
        with open(self.path, "rb") as file:
            file.seek(at)
            self.expect(file.read(n), at, n)

    def read_mapped(self):
        # mmap's descriptor is a copy, which is flushed when it is closed.
        self.end_a_row()
        at, n = self.extent()
        with mmap.mmap(self.both, self.size(), prot=mmap.PROT_READ) as pages:
            self.expect(pages[at:at + n], at, n)

    def write_mapped(self):
        self.end_a_row()
        at, n = self.extent()
        data = self.bytes(min(n, self.size() - at))
        with mmap.mmap(self.both, self.size()) as pages:
            pages[at:at + len(data)] = data
            if self.rng.random() < 0.5:
                pages.flush()
        os.pwrite(self.plain, data, at)

    def look(self):
        assert os.stat(self.path).st_size == os.fstat(self.both).st_size == self.size(), "the sizes differ"

    def end_a_row(self):
        if self.size() % self.row != 0 or self.size() == 0:
            self.cut_to(max(self.size() // self.row, 1) * self.row)

    def sync(self):
        self.end_a_row()
        os.fsync(self.rng.choice((self.both, self.only)))

    def reopen(self):
        self.close()
        self.is_new = False
        self.open()

    def read_npy(self):
        """Another view of the same, which has what was flushed."""
        if self.is_new:
            return
        self.sync()
        with open(self.npy, "rb") as file:
            data = file.read()
        n = self.size()
        self.expect(data[len(data) - n:], 0, n)

    def compare(self):
        self.expect(os.pread(self.both, MAX_SIZE + 1, 0), 0, MAX_SIZE + 1)

    def expect(self, got, at, n):
        wanted = os.pread(self.plain, n, at)
        if got != wanted:
            first = next((i for i in range(min(len(got), len(wanted))) if got[i] != wanted[i]), min(len(got), len(wanted)))
            raise AssertionError(f"{len(got)} bytes at {at}, {len(wanted)} wanted, differ from byte {at + first} of {self.size()} on")

    OPERATIONS = {write: 30, append: 10, cut: 6, read: 25, read_anew: 5, read_mapped: 5, write_mapped: 4, look: 5, sync: 1,
                  reopen: 1, read_npy: 1, compare: 1}

    def step(self):
        operation = self.rng.choices(list(self.OPERATIONS), list(self.OPERATIONS.values()))[0]
        try:
            operation(self)
        except (AssertionError, OSError) as error:
            raise AssertionError(f"{self.name}.raw: {operation.__name__}: {error}") from error


def run(mountpoint, place, rows, n, rng):
    """The files, and how many operations differed; the first ends it."""
    # What the mount is to make itself is a row of bytes.
    files = [File(mountpoint, place, name, row, rng) for name, row in {**rows, "made": 1}.items()]
    for i in range(n):
        try:
            rng.choice(files).step()
        except AssertionError as error:
            print(f"operation {i + 1}: {error}")
            with open(os.path.join(mountpoint, ".expfs/log")) as file:
                print(*file.readlines()[-5:], sep="")
            return files, i + 1, 1
        if i % 5000 == 4999:
            # A checkpoint beneath.
            with open(os.path.join(mountpoint, ".expfs/sync"), "w") as file:
                file.write("\n")
    for file in files:
        file.reopen()
    return files, n, 0


def main(expfs, place, n, seed, options="rw,commit=1"):
    store, mountpoint, plain = (os.path.join(place, name) for name in ("store.h5", "mnt", "plain"))
    os.makedirs(plain)
    rows = make(store)
    subprocess.run([expfs, store, mountpoint, "-o", options], check=True)
    try:
        files, n_done, n_failed = run(mountpoint, plain, rows, int(n), random.Random(int(seed)))
        for file in files:
            file.close()
    finally:
        subprocess.run([expfs, "unmount", mountpoint], check=True)
    with h5py.File(store, "r") as f:
        for file in files if n_failed == 0 else ():
            if f[file.name][()].tobytes() != os.pread(file.plain, MAX_SIZE + 1, 0):
                print(f"{file.name}: h5py reads something else")
                n_failed += 1
    print(f"{n_done} operations, {n_failed} differ")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
