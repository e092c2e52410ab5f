"""LArPix raw files without expfs: what h5py writes and reads as larpix-control does.

larpix_files.py make FILE [IO_VERSION]           an empty raw file
larpix_files.py append FILE HEX:IO_GROUP...      as to_rawfile appends: SWMR first, both resized, written, flushed
larpix_files.py write FILE BATCHES SECONDS       batches of 1 to 7 messages, one every so many SECONDS, under SWMR
larpix_files.py straggle FILE BATCHES SECONDS    the same, but rows are there so long before their messages are, and
                                                 these before their headers
larpix_files.py tear FILE                        appends to msgs only and dies
larpix_files.py show FILE                        a line HEX<TAB>IO_GROUP for each message
larpix_files.py message I J                      message J of batch I, in hexadecimal digits
larpix_files.py follow DIR MESSAGES              reads DIR/msgs and DIR/msg_headers.npy until there are so many
"""
import os
import sys
import time

os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")
import h5py
import numpy as np

HEADER = np.dtype([("io_groups", "u1")])


def make(path, io_version=None):
    with h5py.File(path, "w", libver=("v110", "v110")) as f:
        now = time.time()
        meta = f.create_group("meta")
        meta.attrs["version"] = "0.0"
        meta.attrs["created"] = now
        meta.attrs["modified"] = now
        if io_version is not None:
            meta.attrs["io_version"] = io_version
        for name, dtype in ("msgs", h5py.vlen_dtype(np.uint8)), ("msg_headers", HEADER):
            f.create_dataset(name, (0,), dtype, maxshape=(None,), chunks=(1024,), compression="gzip")


def add(f, messages, groups):
    msgs, headers = f["msgs"], f["msg_headers"]
    n = len(msgs)
    assert n == len(headers)
    msgs.resize((n + len(messages),))
    headers.resize((n + len(messages),))
    for i, message in enumerate(messages):
        msgs[n + i] = np.frombuffer(message, np.uint8)
    headers[n:] = np.array([(g,) for g in groups], HEADER)
    msgs.flush()
    headers.flush()


def append(path, *lines):
    with h5py.File(path, "a", libver="latest") as f:
        f.swmr_mode = True
        f["meta"].attrs["modified"] = time.time()
        pairs = [line.split(":") for line in lines]
        add(f, [bytes.fromhex(p[0]) for p in pairs], [int(p[1]) for p in pairs])


def message(i, j):
    return f"batch {i} message {j} ".encode() * (1 + (i * 7 + j) % 5)


def size(i):
    return 1 + i % 7


def write(path, batches, seconds):
    with h5py.File(path, "a", libver="latest") as f:
        f.swmr_mode = True
        print("ready", flush=True)
        for i in range(int(batches)):
            add(f, [message(i, j) for j in range(size(i))], [i % 250 + 1] * size(i))
            time.sleep(float(seconds))


def straggle(path, batches, seconds):
    with h5py.File(path, "a", libver="latest") as f:
        f.swmr_mode = True
        print("ready", flush=True)
        msgs, headers = f["msgs"], f["msg_headers"]
        for i in range(int(batches)):
            n = len(msgs)
            for part in msgs, headers:
                part.resize((n + size(i),))
                part.flush()
            time.sleep(float(seconds))
            for j in range(size(i)):
                msgs[n + j] = np.frombuffer(message(i, j), np.uint8)
            msgs.flush()
            time.sleep(float(seconds))
            headers[n:] = np.array([(i % 250 + 1,)] * size(i), HEADER)
            headers.flush()


def tear(path):
    f = h5py.File(path, "a", libver="latest")
    f.swmr_mode = True
    n = len(f["msgs"])
    f["msgs"].resize((n + 3,))
    f["msgs"].flush()
    os._exit(0)


def show(path):
    with h5py.File(path, "r", swmr=True) as f:
        for m, h in zip(f["msgs"][:], f["msg_headers"][:], strict=True):
            print(bytes(m).hex(), h[0], sep="\t")


def follow(directory, n):
    """All that is seen is the first rows of what is written, whole; and there are never fewer than before."""
    expected = [(message(i, j).hex(), i % 250 + 1) for i in range(200) for j in range(size(i))]
    seen = looks = 0
    end = time.monotonic() + 120
    while seen < int(n):
        assert time.monotonic() < end, f"only {seen} messages after two minutes"
        with open(directory + "/msgs") as f:
            text = f.read()
        assert text == "" or text.endswith("\n"), "a torn line"
        lines = text.splitlines()
        groups = np.load(directory + "/msg_headers.npy")["io_groups"]
        assert lines == [m for m, _ in expected[:len(lines)]], "other messages than were written"
        assert list(groups) == [g for _, g in expected[:len(groups)]], "other headers than were written"
        assert len(lines) >= seen and len(groups) >= len(lines), "rows went away"
        seen = len(lines)
        looks += 1
    print(looks)


if __name__ == "__main__":
    if sys.argv[1] == "message":
        print(message(*map(int, sys.argv[2:])).hex())
    else:
        globals()[sys.argv[1]](*sys.argv[2:])
