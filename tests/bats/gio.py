"""gio: GenericIO files, read and written by themselves after the description of the format: an independent witness for
genericio.bats. Checks every CRC; knows no compression.

gio.py read FILE [VARIABLE...]   prints a variable as a line of numbers, or what the file is
"""
import struct
import sys

import numpy as np

POLY = 0xC96C5795D7870F42
TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ POLY if byte & 1 else byte >> 1
    TABLE.append(byte)


def register(data):
    """The CRC's register, before it is inverted at last; zero for data with its check bytes behind it."""
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc


class File:
    def __init__(self, path):
        self.bytes = open(path, "rb").read()
        assert self.bytes[:7] in (b"HACC01L", b"HACC01B"), "magic"
        self.order = "<" if self.bytes[6:7] == b"L" else ">"
        length, self.n_rows = self.u64(8), self.u64(16)
        assert register(self.bytes[:length + 8]) == 0, "the header's CRC"
        self.dims = [self.u64(24 + 8 * i) for i in range(3)]
        self.origin, self.scale = self.doubles(104), self.doubles(128)
        self.variables = self.read_variables(*(self.u64(at) for at in (48, 56, 64)))
        self.ranks = self.read_ranks(*(self.u64(at) for at in (72, 80, 88)))
        self.blocks = self.u64(152), self.u64(160)
        assert self.n_rows == sum(rank["n"] for rank in self.ranks) or not self.variables

    def u64(self, at):
        return struct.unpack_from(self.order + "Q", self.bytes, at)[0]

    def doubles(self, at):
        return list(struct.unpack_from(self.order + "3d", self.bytes, at))

    def read_variables(self, n, size, start):
        found = {}
        for i in range(n):
            at = start + i * size
            name = self.bytes[at:at + 256].split(b"\0")[0].decode()
            flags, row, element = self.u64(at + 256), self.u64(at + 264), self.u64(at + 272)
            kind = "f" if flags & 1 else "i" if flags & 2 else "u"
            found[name] = (i, f"{self.order}{kind}{element}", row, flags)
        return found

    def read_ranks(self, n, size, start):
        return [{"n": self.u64(at + 24), "start": self.u64(at + 32), "number": self.u64(at + 40)}
                for at in range(start, start + n * size, size)]

    def column(self, name):
        index, dtype, row, _ = self.variables[name]
        parts = []
        for r, rank in enumerate(self.ranks):
            at = rank["start"] + sum(rank["n"] * v[2] + 8 for v in self.variables.values() if v[0] < index)
            size = rank["n"] * row
            if self.blocks[0]:
                record = self.blocks[1] + (r * len(self.variables) + index) * self.blocks[0]
                assert self.bytes[record] == 0, "packed"
                at, size = self.u64(record + 32), self.u64(record + 40)
            assert register(self.bytes[at:at + size + 8]) == 0, f"the CRC of {name}"
            parts.append(np.frombuffer(self.bytes, dtype, size // np.dtype(dtype).itemsize, at))
        return np.concatenate(parts)


def main(verb, path, *names):
    file = File(path)
    if not names:
        print(" ".join(f"{name}:{v[1]}:{v[3]}" for name, v in file.variables.items()))
        print("rows", file.n_rows, "ranks", [rank["n"] for rank in file.ranks], "dims", file.dims)
        print("origin", file.origin, "scale", file.scale)
    for name in names:
        print(*file.column(name).tolist())


if __name__ == "__main__":
    main(*sys.argv[1:])
