"""The disk at any moment of a recorded run, as a loss of power may leave it, and whether the store lives on from there.

    replay.py EXPFS DIRECTORY BEFORE LOG JOURNAL N_STEPS SEED N_CUTS [CUT_SEED]

LOG is record_writes.c's record of what a daemon did to the files of DIRECTORY, where "store.h5" is the store; BEFORE
is a copy of that directory as it was before; JOURNAL is workload.py's. For each of N_CUTS moments (each boundary
between two writes when there are not more): all that was synced by then is there, what came after is there wholly, in
part, in another order or torn. Then `expfs recover` must succeed, h5py must read everything, and what it reads must be
a state that the workload passed through, no older than the last that was synced. Prints "N cut points, N failed".

A store is known by its inode and its time of change, so that each disk is made in DIRECTORY itself, in the files that
the daemon wrote.
"""
import bisect
import os
import random
import struct
import subprocess
import sys

import stored_tree
import workload

CREATE, WRITE, TRUNCATE, SYNC, UNLINK, RENAME, GROW = range(1, 8)
SECTOR = 512


class Record:
    def __init__(self, kind, path, offset, data, mtime, end):
        self.kind, self.path, self.offset, self.data, self.mtime, self.end = kind, path, offset, data, mtime, end


def read_log(path, directory):
    """The directory itself has the name "" in it."""
    records = []
    with open(path, "rb") as file:
        while head := file.read(32):
            kind, path_length, offset, length, mtime = struct.unpack("=IIQQQ", head)
            name = file.read(path_length).decode()
            data = file.read(length) if kind in (WRITE, RENAME) else b""
            records.append(Record(kind, os.path.relpath(name, directory).strip('.'), offset, data, mtime, file.tell()))
    return records


def read_journal(path):
    """([bytes of the log at the end of step i + 1], [(step, bytes) of the synced ones])."""
    begun, ended, synced = 0, [], []
    with open(path) as file:
        for line in file:
            words = line.split()
            if words[0] == "begin":
                begun = int(words[1])
            elif words[0] == "end":
                ended.append(int(words[2]))
            elif words[0] == "synced":
                synced.append((int(words[1]), int(words[2])))
    return begun, ended, synced


class Disk:
    """Files of one directory by name: bytearrays, and their times of change."""

    def __init__(self, directory):
        self.files, self.mtimes = {}, {}
        for name in os.listdir(directory):
            with open(os.path.join(directory, name), "rb") as file:
                self.files[name] = bytearray(file.read())
                self.mtimes[name] = os.fstat(file.fileno()).st_mtime_ns

    def apply(self, record, data=None, offset=None):
        if record.kind == CREATE:
            self.files.setdefault(record.path, bytearray())
        elif record.kind == UNLINK:
            self.files.pop(record.path, None)
        elif record.kind == RENAME:
            if record.path in self.files:
                self.files[os.path.basename(record.data.decode())] = self.files.pop(record.path)
        elif record.path in self.files:
            content = self.files[record.path]
            self.mtimes[record.path] = max(self.mtimes.get(record.path, 0), record.mtime)
            if record.kind == WRITE:
                data = record.data if data is None else data
                offset = record.offset if offset is None else offset
                if len(content) < offset:
                    content.extend(bytes(offset - len(content)))
                content[offset:offset + len(data)] = data
            elif record.kind == TRUNCATE:
                content.extend(bytes(max(record.offset - len(content), 0)))
                del content[record.offset:]
            elif record.kind == GROW:
                content.extend(bytes(max(record.offset - len(content), 0)))

    def write(self, directory):
        """Into the files that are there, so that they stay the same ones."""
        for name in os.listdir(directory):
            if name not in self.files:
                os.unlink(os.path.join(directory, name))
        for name, content in self.files.items():
            path = os.path.join(directory, name)
            with open(path, "r+b" if os.path.exists(path) else "wb") as file:
                file.write(content)
                file.truncate()
            os.utime(path, ns=(self.mtimes.get(name, 0),) * 2)


def apply_tail(disk, tail, how):
    """What was not synced: some of it, in any order, some of it torn. Names are as they are: they are made in order."""
    chosen = list(tail)
    if how.random() < 0.5:
        how.shuffle(chosen)
    names = [r for r in chosen if r.kind in (CREATE, UNLINK, RENAME)]
    names.sort(key=lambda r: r.end)
    keep = how.choice([0.0, 0.3, 0.7, 1.0])
    n_names = len(names) if how.random() < 0.7 else how.randint(0, len(names))
    for record in names[:n_names]:
        if record.kind != UNLINK:
            disk.apply(record)
    for record in chosen:
        if record.kind in (CREATE, UNLINK, RENAME) or how.random() > keep:
            continue
        if record.kind == WRITE and how.random() < 0.3:
            for at in range(0, len(record.data), SECTOR):
                if how.random() < 0.5:
                    disk.apply(record, record.data[at:at + SECTOR], record.offset + at)
        else:
            disk.apply(record)
    for record in names[:n_names]:
        if record.kind == UNLINK:
            disk.apply(record)


def disk_at(before, records, cut, how):
    """The disk when power fails behind records[:cut]. A file's last sync makes what came before it durable; a name is
    durable with its directory's sync, or with that of the file behind it."""
    disk = Disk(before)
    synced = {}
    for i in range(cut):
        if records[i].kind == SYNC:
            synced[records[i].path] = i
    names_synced = synced.get("", -1)
    tail = []
    for i in range(cut):
        record = records[i]
        if record.kind == SYNC:
            continue
        is_name = record.kind in (CREATE, UNLINK, RENAME)
        if i < (names_synced if is_name else synced.get(record.path, -1)):
            disk.apply(record)
        else:
            tail.append(record)
    apply_tail(disk, tail, how)
    return disk


class Run:
    """One recorded run."""

    def __init__(self, expfs, directory, before, log, journal, n_steps, seed):
        self.expfs, self.directory, self.before = expfs, os.path.realpath(directory), before
        self.store = os.path.join(self.directory, "store.h5")
        self.records = read_log(log, self.directory)
        self.begun, self.ended, self.synced = read_journal(journal)
        self.trees = workload.states(int(n_steps), int(seed))

    def states_at(self, cut):
        """The first and the last state that the store may have when power fails behind so many records."""
        at = self.records[cut - 1].end if cut > 0 else 0
        first = max([step for step, length in self.synced if length <= at], default=0)
        # A step may be committed while it still runs.
        return first, min(bisect.bisect_left(self.ended, at) + 1, self.begun)

    def check(self, cut, seed):
        """None, or what is wrong behind `cut` records."""
        how = random.Random(seed)
        # One cut in three is that of a process that is killed: all is there.
        disk = Disk(self.before)
        if how.random() < 1 / 3:
            for record in self.records[:cut]:
                disk.apply(record)
        else:
            disk = disk_at(self.before, self.records, cut, how)
        disk.write(self.directory)
        failure = self.check_store(*self.states_at(cut))
        return failure and f"cut {cut}, seed {seed}: {failure}"

    def check_store(self, first, last):
        done = subprocess.run([self.expfs, "recover", self.store], capture_output=True, text=True)
        if done.returncode != 0:
            return f"recover: {done.stderr.strip()}"
        left = os.listdir(self.directory)
        if left != ["store.h5"]:
            return f"left behind: {left}"
        try:
            found = stored_tree.read(self.store)
        except Exception as error:
            return f"h5py: {error!r}"
        differences = [stored_tree.difference(found, tree) for tree in self.trees[first:last + 1]]
        if None in differences:
            return None
        return f"in no state from {first} ({differences[0]}) to {last} ({differences[-1]})"


def main():
    run = Run(*sys.argv[1:8])
    n_cuts, cut_seed = int(sys.argv[8]), int(sys.argv[9]) if len(sys.argv) > 9 else 0
    cuts = list(range(len(run.records) + 1))
    if len(cuts) > n_cuts:
        cuts = sorted(random.Random(cut_seed).sample(cuts, n_cuts))
    cuts = [cuts[i % len(cuts)] for i in range(n_cuts)]
    failed = 0
    for i, cut in enumerate(cuts):
        failure = run.check(cut, cut_seed * 1000003 + i)
        if failure is not None:
            failed += 1
            print(failure, flush=True)
    print(f"{n_cuts} cut points, {failed} failed")
    return 1 if failed or n_cuts == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
