"""Runs the random workload in one mount and takes the daemon away from under it.

    crash.py kill   EXPFS PLACE N_KILLS N_STEPS SEED    SIGKILL at random moments, the store used on after each
    crash.py record EXPFS PLACE RECORDER N_STEPS SEED N_CUTS    one recorded run, then replay.py on its record

PLACE is a directory that may be filled; `kill` prints "N kills, N failed", `record` what replay.py prints.
"""
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import stored_tree
import workload

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = "rw,commit=1"


class Mount:
    def __init__(self, expfs, store, mountpoint, environment=None):
        self.expfs, self.mountpoint = expfs, mountpoint
        # In the foreground, so that it is our child, whose end can be waited for.
        self.daemon = subprocess.Popen([expfs, store, mountpoint, "-f", "-o", OPTIONS], env=environment,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if os.path.ismount(mountpoint):
                return
            if self.daemon.poll() is not None:
                break
            time.sleep(0.05)
        self.release()
        raise RuntimeError(f"{store} was not mounted")

    def kill(self):
        """The mountpoint stays, dead, so that nobody writes below it."""
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()

    def release(self):
        if self.daemon.poll() is None and os.path.ismount(self.mountpoint):
            subprocess.run([self.expfs, "unmount", self.mountpoint], check=False)
        try:
            self.daemon.wait(60)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
        subprocess.run(["fusermount3", "-q", "-u", "-z", self.mountpoint], check=False, stderr=subprocess.DEVNULL)


def run_workload(mountpoint, n, seed, journal, log=None):
    arguments = [sys.executable, os.path.join(HERE, "workload.py"), mountpoint, str(n), str(seed), journal]
    return subprocess.Popen(arguments + ([log] if log else []), stderr=subprocess.PIPE, text=True)


def kill_once(expfs, place, n_steps, seed):
    """None, or what is wrong."""
    store, mountpoint = os.path.join(place, "store.h5"), os.path.join(place, "mnt")
    journal = os.path.join(place, "journal")
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(mountpoint)
    subprocess.run([expfs, "create", "hdf5", store], check=True)
    mount = Mount(expfs, store, mountpoint)
    try:
        process = run_workload(mountpoint, n_steps, seed, journal)
        time.sleep(random.Random(seed).uniform(0.05, 2.5))
        mount.kill()
        errors = process.communicate()[1]
    finally:
        mount.release()
    if process.returncode != 0:
        return errors.strip()

    done = subprocess.run([expfs, "recover", store], capture_output=True, text=True)
    if done.returncode != 0:
        return f"recover: {done.stderr.strip()}"
    begun, synced = 0, 0
    with open(journal) as file:
        for line in file:
            words = line.split()
            begun = int(words[1]) if words[0] == "begin" else begun
            synced = int(words[1]) if words[0] == "synced" else synced
    try:
        found = stored_tree.read(store)
    except Exception as error:
        return f"h5py: {error!r}"
    trees = workload.states(begun, seed, synced)
    differences = [stored_tree.difference(found, tree) for tree in trees]
    if None in differences:
        return None
    return f"in no state from {synced} ({differences[0]}) to {begun} ({differences[-1]})"


def kill(expfs, place, n_kills, n_steps, seed):
    failed = 0
    for i in range(int(n_kills)):
        failure = kill_once(expfs, place, int(n_steps), int(seed) + i)
        if failure is not None:
            failed += 1
            print(f"seed {int(seed) + i}: {failure}", flush=True)
    print(f"{n_kills} kills, {failed} failed")
    return 1 if failed or int(n_kills) == 0 else 0


def record(expfs, place, recorder, n_steps, seed, n_cuts):
    before, live = os.path.join(place, "before"), os.path.join(place, "live")
    mountpoint, log, journal = (os.path.join(place, name) for name in ("mnt", "log", "journal"))
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(mountpoint)
    os.makedirs(before)
    subprocess.run([expfs, "create", "hdf5", os.path.join(before, "store.h5")], check=True)
    shutil.copytree(before, live)
    live = os.path.realpath(live)
    open(log, "w").close()
    environment = dict(os.environ, LD_PRELOAD=recorder, EXPFS_RECORD_DIR=live, EXPFS_RECORD_LOG=log)
    mount = Mount(expfs, os.path.join(live, "store.h5"), mountpoint, environment)
    try:
        process = run_workload(mountpoint, n_steps, seed, journal, log)
        errors = process.communicate()[1]
    finally:
        mount.release()
    if process.returncode != 0:
        print(errors.strip())
        return 1
    trees = workload.states(int(n_steps), int(seed))
    difference = stored_tree.difference(stored_tree.read(os.path.join(live, "store.h5")), trees[-1])
    if difference is not None:
        print(f"after the unmount: {difference}")
        return 1
    return subprocess.run([sys.executable, os.path.join(HERE, "replay.py"), expfs, live, before, log, journal, n_steps,
                           seed, n_cuts]).returncode


if __name__ == "__main__":
    sys.exit({"kill": kill, "record": record}[sys.argv[1]](*sys.argv[2:]))
