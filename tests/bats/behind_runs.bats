# behind_runs: results of pypet's runs, one after the other: each is there by all its names as soon as it is closed.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/sweep.hdf5
  make_sweep
}

# A trajectory "sweep" of 1,000 runs in $STORE, of which the x of run i is i.
make_sweep() {
  "$EXPFS" create pypet "$STORE" sweep
  mount_rw
  echo 0 >"$MNT/sweep/parameters/x"
  is '1000 runs' "$("$EXPFS" explore "$MNT/sweep" x=0:1000)"
  "$EXPFS" unmount "$MNT"
}

# Runs a script in the trajectory that has store(runs, name): gives each the result i + 0.5.
in_sweep() {
  (cd "$MNT/sweep" && "$PYTHON" -c '
import errno, os, sys
def store(runs, name="z"):
    for i in runs:
        with open(f".run/{i}/parameters/x") as f:
            x = int(f.read())
        assert x == i, (x, i)
        with open(f".run/{i}/results/{name}", "w") as f:
            f.write(f"{x + 0.5}\n")
def read(path):
    with open(path) as f:
        return f.read()
def fails(code, func, *arguments):
    try:
        func(*arguments)
    except OSError as error:
        assert error.errno == code, error
    else:
        assert False, "did not fail"
exec(sys.stdin.read())')
}

# What h5py says of the trajectory t and its rows about runs, the store being closed: stored 'EXPRESSION with t and runs'
stored() {
  "$PYTHON" -c 'import sys, h5py
t = h5py.File(sys.argv[1], "r")["sweep"]
runs = t["overview/runs"][:]
results = t["results/runs"] if "runs" in t["results"] else {}
print(eval(sys.argv[2]))' "$STORE" "$1"
}

# Each run that is completed has its result, and no other has.
is_in_step='[int(n[4:]) for n in sorted(results)] == [i for i in range(len(runs)) if runs["completed"][i]] and all(results[n]["z/z"][()] == int(n[4:]) + .5 for n in results)'

kill_the_mount() {
  local pid
  pid=$(mount_pid "$MNT")
  kill -9 "$pid"
  wait_until 10 is_gone "$pid"
  umount -l "$MNT"
}

@test "a result stored a moment ago is there by each of its names" {
  mount_rw
  in_sweep <<'PY'
last = iter(range(20, 1000, 20))
def run():
    i = next(last)
    store(range(i - 20, i + 1 - 20))
    store(range(i - 19, i))
    return i - 1
i = run(); assert read(f".run/{i}/results/z") == f"{i}.5\n"
i = run(); assert read(f".run/run_{i:08d}/results/z") == f"{i}.5\n"
i = run(); assert read(f".run/{i - 1000}/results/z") == f"{i}.5\n"
i = run(); assert read(f"results/runs/run_{i:08d}/z") == f"{i}.5\n"
i = run(); assert os.stat(f".run/{i}/results/z").st_size == len(f"{i}.5\n")
i = run(); assert os.stat(f"results/runs/run_{i:08d}/z").st_size == len(f"{i}.5\n")
i = run(); assert os.path.getsize(f".run/{i}/results/z.npy") == 136
i = run(); assert f"{i}.5" in read(f".run/{i}/results/z.json")
i = run(); assert f"{i}.5" in read(f"results/runs/run_{i:08d}/z.json")
i = run(); assert '"z"' in read(f".run/{i}/results.json")
i = run(); assert f'run_{i:08d}' in read("results.json")
i = run(); assert os.listdir(f".run/{i}/results") == ["z"]
i = run(); assert f"run_{i:08d}" in os.listdir("results/runs")
i = run(); assert os.listdir(f"results/runs/run_{i:08d}") == ["z"]
i = run(); assert os.getxattr(f".run/{i}/results/z", "user.expfs.dtype") == b"<f8"
i = run(); assert "user.expfs.dtype" in os.listxattr(f"results/runs/run_{i:08d}/z")
i = run(); assert os.listdir(f".run/{i}/results/z.attrs") == []
i = run(); assert os.getxattr(f".run/{i}", "user.completed") in (b"1", b"true"), os.getxattr(f".run/{i}", "user.completed")
i = run(); assert read("overview/runs.cols/completed").split()[:i + 1] == [read("overview/runs.cols/completed").split()[0]] * (i + 1)
i = run(); assert read(f".where/x={i}/run_{i:08d}/results/z") == f"{i}.5\n"
i = run(); assert read(f".by/x/{i}/run_{i:08d}/results/z") == f"{i}.5\n"
PY
  is '.run/run_00000419' "$("$EXPFS" find "$MNT/sweep" x=419)"
  "$EXPFS" unmount "$MNT"
  is True "$(stored "$is_in_step")"
}

@test "a result stored a moment ago is renamed, removed, written again and given attributes like any other" {
  mount_rw
  in_sweep <<'PY'
store(range(0, 20)); os.rename(".run/19/results/z", ".run/19/results/y")
store(range(20, 40)); os.unlink("results/runs/run_00000039/z")
fails(errno.ENOENT, os.stat, ".run/39/results/z")
store(range(40, 60)); os.setxattr(".run/59/results/z", "user.unit", b"mm")
assert os.getxattr("results/runs/run_00000059/z", "user.unit") == b"mm"
store(range(60, 80))
for path in ".run/79/results/z", ".run/run_00000079/results/z", "results/runs/run_00000079/z":
    fails(errno.EEXIST, os.open, path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
store(range(80, 100))
with open("results/runs/run_00000099/z", "w") as f:
    f.write("7\n")
store(range(100, 120))
with open(".run/run_00000119/results/z", "a") as f:
    f.write("8\n")
store(range(120, 140)); fails(errno.EEXIST, os.mkdir, ".run/139/results/z")
store(range(140, 160)); fails(errno.ENOTEMPTY, os.rmdir, "results/runs/run_00000159")
PY
  "$EXPFS" unmount "$MNT"
  is "19.5 False mm 79.5 7.0 [119.5, 8.0] True" "$(stored \
    '" ".join(map(str, [[item[()] for item in results["run_00000019/y"].values()][0], "z" in results.get("run_00000039", {}), results["run_00000059/z"].attrs["unit"].decode(), results["run_00000079/z/z"][()], float(results["run_00000099/z/z"][()]), results["run_00000119/z/z"][:].tolist(), runs["completed"][:160].all()]))')"
}

@test "several results of each run, of several kinds, are stored in their order" {
  mount_rw
  in_sweep <<'PY'
for i in range(100):
    for name in "abc":
        with open(f".run/{i}/results/{name}", "w") as f:
            f.write(f"{i}\n")
    with open(f".run/{i}/results/text", "w") as f:
        f.write("a word\n")
    with open(f".run/{i}/results/list", "w") as f:
        f.write("1\n2\n")
    os.makedirs(f".run/{i}/results/group")
    with open(f".run/{i}/results/group/a", "w") as f:
        f.write(f"{i}.25\n")
    assert sorted(os.listdir(f".run/{i}/results")) == ["a", "b", "c", "group", "list", "text"]
PY
  "$EXPFS" unmount "$MNT"
  is 'True True True' "$(stored \
    '" ".join(str(all(c)) for c in [[results[r][k][k][()] == int(r[4:]) for r in results for k in "abc"], [results[r]["group/a/a"][()] == int(r[4:]) + .25 for r in results], [len(results) == 100 == runs["completed"].sum()]])')"
}

@test "what of a result can be refused is refused when it is closed" {
  mount_rw
  in_sweep <<'PY'
fails(errno.ENOENT, os.open, ".run/1000/results/z", os.O_CREAT | os.O_WRONLY)
fails(errno.EINVAL, os.open, ".run/1/results/a b", os.O_CREAT | os.O_WRONLY)
store(range(5))
one = os.open(".run/7/results/z", os.O_CREAT | os.O_WRONLY)
two = os.open(".run/run_00000007/results/z", os.O_CREAT | os.O_WRONLY)
os.write(one, b"1\n")
os.write(two, b"2\n")
os.close(one)
fails(errno.EEXIST, os.close, two)
assert read(".run/7/results/z") == "1\n"
os.fsync(os.open(".", os.O_RDONLY))
PY
}

@test "kill -9 after an fsync leaves all results and their runs completed, and before it whole ones in their order" {
  mount_rw commit=0
  in_sweep <<'PY'
store(range(300))
os.fsync(os.open(".", os.O_RDONLY))
store(range(300, 400))
PY
  kill_the_mount
  "$EXPFS" recover "$STORE"
  is True "$(stored "len(results) >= 300 and $is_in_step")"
  mount_rw commit=0
  in_sweep <<'PY' 2>/dev/null &
for i in range(10):
    store(range(400, 1000), "z" if i == 0 else f"z{i}")
PY
  local pid=$!
  wait_until 20 test -e "$MNT/sweep/.run/450/results/z"
  for i in 1 2 3 4 5; do sync "$MNT/sweep"; done
  kill_the_mount
  wait "$pid" || true
  "$EXPFS" recover "$STORE"
  is True "$(stored "len(results) > 350 and $is_in_step")"
}

@test "4 processes store results of different runs, and others of the same ones" {
  mount_rw
  in_sweep <<'PY'
import multiprocessing
def work(k):
    store(range(k, 400, 4))
    for i in range(400, 500):
        with open(f".run/{i}/results/z{k}", "w") as f:
            f.write(f"{i + k}\n")
    return [read(f".run/{i}/results/z") == f"{i}.5\n" for i in range(k, 400, 4)]
with multiprocessing.Pool(4) as pool:
    assert all(all(one) for one in pool.map(work, range(4), 1))
PY
  "$EXPFS" unmount "$MNT"
  is 'True True True' "$(stored \
    '" ".join(map(str, [all(results["run_%08d" % i]["z/z"][()] == i + .5 for i in range(400)), all(results["run_%08d" % i]["z%d/z%d" % (k, k)][()] == i + k for i in range(400, 500) for k in range(4)), runs["completed"].sum() == 500]))')"
}

@test "a result that a full disk has no room for is told by fsync and in the log" {
  [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small file system"
  local full=$BATS_TEST_TMPDIR/full
  mkdir "$full"
  mount -t tmpfs -o size=3M none "$full"
  mv "$STORE" "$full/store.h5"
  STORE=$full/store.h5
  mount_rw commit=0
  in_sweep <<'PY'
fd = os.open(".", os.O_RDONLY)
try:
    for i in range(20):
        store(range(1000), f"z{i}")
    os.fsync(fd)
except OSError as error:
    assert error.errno in (errno.ENOSPC, errno.EROFS, errno.EIO), error
else:
    assert False, "nobody said so"
PY
  grep -q 'No space left on device' "$MNT/.expfs/log"
  "$EXPFS" unmount "$MNT"
  mount -o remount,size=64M "$full"
  "$EXPFS" recover "$STORE"
  is True "$(stored 'all((n in results) == bool(runs["completed"][int(n[4:])]) for n in results)')"
  umount "$full"
}
