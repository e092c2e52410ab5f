"""Runs the random workload on stores of every version of the format, and has HDF5's own programs read all that it leaves.

    full_reads.py EXPFS PLACE N_STEPS SEED

PLACE is a directory that may be filled. Prints "N stores, N failed".
"""
import os
import shutil
import subprocess
import sys

import h5py
import numpy as np
import stored_tree
import workload
from crash import Mount, run_workload

VERSIONS = [("earliest", "v108"), ("earliest", "latest"), ("v108", "v108"), ("v110", "v110"), ("latest", "latest"), ("swmr", None)]
PROGRAMS = [["h5dump"], ["h5ls", "-rv"], ["h5ls", "-rd"], ["h5stat"], ["h5repack"]]


def make(path, version):
    """An empty store; one that a writer for readers meanwhile has left had a dataset, of which its superblock tells."""
    if version[0] != "swmr":
        h5py.File(path, "w", libver=version).close()
        return
    with h5py.File(path, "w", libver="latest") as file:
        rows = file.create_dataset("rows", (0,), maxshape=(None,), chunks=(10,), dtype="<i4")
        file.swmr_mode = True
        for i in range(20):
            rows.resize((i + 1) * 5, 0)
            rows[-5:] = np.arange(5)
            rows.flush()
    with h5py.File(path, "r+", libver="latest") as file:
        del file["rows"]


def read_by_programs(store, copy):
    """None, or what one of them says."""
    for program in PROGRAMS:
        arguments = program + [store] + ([copy] if program == ["h5repack"] else [])
        done = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        if done.returncode != 0 or done.stderr.strip():
            return f"{' '.join(program)}: {done.returncode}: {done.stderr.strip()[:500]}"
    return None


def check(expfs, place, version, n_steps, seed):
    """None, or what is wrong."""
    store, copy, mountpoint, journal = (os.path.join(place, name) for name in ("store.h5", "copy.h5", "mnt", "journal"))
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(mountpoint)
    make(store, version)
    mount = Mount(expfs, store, mountpoint)
    try:
        process = run_workload(mountpoint, n_steps, seed, journal)
        errors = process.communicate()[1]
    finally:
        mount.release()
    if process.returncode != 0:
        return errors.strip()
    wanted = workload.states(n_steps, seed, n_steps)[-1]
    said = stored_tree.difference(stored_tree.read(store), wanted) or read_by_programs(store, copy)
    return said or stored_tree.difference(stored_tree.read(copy), wanted)


def main(expfs, place, n_steps, seed):
    failed = 0
    for i, version in enumerate(VERSIONS):
        said = check(expfs, place, version, int(n_steps), int(seed) + i)
        if said is not None:
            failed += 1
            print(f"{version}, seed {int(seed) + i}: {said}")
    print(f"{len(VERSIONS)} stores, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
