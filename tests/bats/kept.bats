# kept: what the kernel answers for by itself in a mount that can be written is never older than the last change.
load pypet

# A mounted trajectory t with six runs of x.
mount_runs() {
  "$EXPFS" create pypet "$STORE" t
  mount_rw
  echo 0 >"$MNT/t/parameters/x"
  "$EXPFS" explore "$STORE:t" x=10,11,12,13,14,15
  TRAJ=$MNT/t
}

# How often something was asked of the mount so far: asked lookup
asked() {
  awk -v name="operations_$1" '$1 == name { print $2 }' "$MNT/.expfs/stats"
}

# Says what it finds in another process: other COMMAND...
other() {
  bash -c '"$@"' other "$@"
}

# Runs a script in the mount.
in_mount() {
  (cd "$MNT" && "$PYTHON" -)
}

gone() {
  for name; do
    fails_with 'No such file' stat "$name"
    fails_with 'No such file' other stat "$name"
    fails_with 'No such file' ls "$name"
    fails_with 'No such file' cat "$name/parameters/x"
  done
}

@test "the directory of a run is looked up once, although results are stored meanwhile" {
  mount_runs
  echo 1 >"$TRAJ/.run/3/results/z"
  before=$(asked lookup)
  for i in 1 2 3 4 5 6 7 8 9 10; do
    echo "$i" >"$TRAJ/.run/3/results/z$i"
  done
  # results and the new file, and for who asks, stats
  [ "$(($(asked lookup) - before))" -le 40 ]
  is 13 "$(cat "$TRAJ/.run/3/parameters/x")"
}

@test "a file that is looked at several times is asked for once, until something changes" {
  mount_runs
  echo 1 >"$TRAJ/results/a"
  stat "$TRAJ/results/a" "$TRAJ/results/b" >"$BATS_TEST_TMPDIR/stat" 2>&1 || :
  before=$(asked getattr)
  in_mount <<'PY'
import os
with open("t/results/a") as file:
    os.fstat(file.fileno())
    for i in range(50):
        assert os.fstat(file.fileno()).st_size == 2
    assert file.read() == "1\n"
PY
  [ "$(($(asked getattr) - before))" -lt 25 ]
}

@test "runs of a trajectory that was deleted are gone at once, from within as well" {
  mount_runs
  cd "$TRAJ/.run/3"
  is 13 "$(cat parameters/x)"
  is 13 "$(cat ../../.run/run_00000003/parameters/x)"
  is 15 "$(cat ../../.run/-1/parameters/x)"
  "$EXPFS" delete -r "$TRAJ"
  gone "$TRAJ/.run" "$TRAJ/.run/0" "$TRAJ/.run/3" "$TRAJ/.run/run_00000003" "$TRAJ/.run/-1"
  fails_with 'No such file' touch "$TRAJ/.run/3/results/z"
  fails_with 'Stale file handle' cat parameters/x
  fails_with 'Stale file handle' ls
  fails_with 'Stale file handle' other stat results
  fails_with 'Stale file handle' getfattr -d .
  not touch results/z
  cd "$MNT"
}

@test "runs that are added, and those counted from the end, are there at once" {
  mount_runs
  fails_with 'No such file' stat "$TRAJ/.run/7"
  is 15 "$(cat "$TRAJ/.run/-1/parameters/x")"
  cd "$TRAJ/.run/-1"
  seq 20 21 >>"$TRAJ/parameters/x.range"
  is 21 "$(cat "$TRAJ/.run/7/parameters/x")"
  is 21 "$(cat "$TRAJ/.run/-1/parameters/x")"
  is 21 "$(other cat "$TRAJ/.run/-1/parameters/x")"
  is 8 "$(ls "$TRAJ/.run" | wc -l)"
  cd "$MNT"
}

@test "runs go with their trajectory when it is renamed, removed, and made anew" {
  mount_runs
  is 13 "$(cat "$TRAJ/.run/3/parameters/x")"
  mv "$TRAJ" "$MNT/u"
  gone "$TRAJ/.run/3" "$TRAJ/.run"
  is 13 "$(cat "$MNT/u/.run/3/parameters/x")"
  echo 5 >"$MNT/u/.run/3/results/z"
  is 5 "$(other cat "$MNT/u/results/runs/run_00000003/z")"
  "$EXPFS" delete -r "$MNT/u"
  gone "$MNT/u/.run/3"
  mkdir "$MNT/u"
  gone "$MNT/u/.run/3"
  echo 0 >"$MNT/u/parameters/x"
  "$EXPFS" explore "$STORE:u" x=1,2,3,4
  is 4 "$(cat "$MNT/u/.run/3/parameters/x")"
  gone "$MNT/u/.run/4"
}

@test "what is in a run's directory changes with what it shows" {
  mount_runs
  is 13 "$(cat "$TRAJ/.run/3/parameters/x")"
  mv "$TRAJ/parameters/x" "$TRAJ/parameters/y"
  fails_with 'No such file' cat "$TRAJ/.run/3/parameters/x"
  is 13 "$(cat "$TRAJ/.run/3/parameters/y")"
  echo 1 >"$TRAJ/.run/3/results/z"
  is 1 "$(cat "$TRAJ/results/runs/run_00000003/z")"
  rm "$TRAJ/results/runs/run_00000003/z"
  fails_with 'No such file' cat "$TRAJ/.run/3/results/z"
  echo 22 >"$TRAJ/.run/3/results/z"
  rm -r "$TRAJ/results/runs"
  fails_with 'No such file' cat "$TRAJ/.run/3/results/z"
  is 13 "$(cat "$TRAJ/.run/3/parameters/y")"
}

@test "runs that were merged are there at once" {
  mount_runs
  "$EXPFS" create pypet "$OTHER" o
  mount_at "$BATS_TEST_TMPDIR/other" "$OTHER" -o rw
  echo 0 >"$BATS_TEST_TMPDIR/other/o/parameters/x"
  "$EXPFS" unmount "$BATS_TEST_TMPDIR/other"
  "$EXPFS" explore "$OTHER:o" x=30,31
  is 15 "$(cat "$TRAJ/.run/5/parameters/x")"
  fails_with 'No such file' stat "$TRAJ/.run/6"
  "$EXPFS" merge "$STORE:t" "$OTHER:o"
  is 30 "$(cat "$TRAJ/.run/6/parameters/x")"
  is 31 "$(other cat "$TRAJ/.run/-1/parameters/x")"
}

@test "sizes and times are those after a change under another name, of another view, and of the attributes" {
  STORE=$BATS_TEST_TMPDIR/store.h5
  make_store "$STORE" <<'PY'
f.create_dataset("g/a", data=np.arange(5.0), maxshape=(None,), chunks=(64,))
f["b"] = f["g/a"]
PY
  mount_rw
  in_mount <<'PY'
import os, subprocess
names = ["b", "g/a", "b.npy", "g/a.json"]
files = {name: os.open(name, os.O_RDONLY) for name in names}

def sizes(look):
    return [look(name).st_size for name in names]

def fstat(name):
    return os.fstat(files[name])

def whole(name):
    return os.pread(files[name], 100000, 0)

for i in range(100):
    before = sizes(fstat)
    assert before == sizes(os.stat) == sizes(fstat)
    with open("g/a" if i % 2 else "b", "w") as file:
        file.write("1.5\n" * (i + 7))
    assert sizes(fstat)[0] == 4 * (i + 7), i
    assert sizes(fstat) == sizes(os.stat)
    assert sizes(fstat)[2] == 128 + 8 * (i + 7)
    assert len(whole("b")) == len(whole("g/a")) == 4 * (i + 7)
    assert len(whole("g/a.json")) == sizes(fstat)[3]

for i in range(20):
    size = fstat("g/a.json").st_size
    subprocess.run(["setfattr", "-n", "user.note", "-v", "x" * (10 + i), "b"], check=True)
    assert fstat("g/a.json").st_size > size and len(whole("g/a.json")) == fstat("g/a.json").st_size
    os.utime("b", (1000 + i, 1000 + i))
    assert fstat("g/a").st_mtime == 1000 + i and os.stat("g/a").st_mtime == 1000 + i

assert fstat("b").st_nlink == 2
os.link("b", "c")
assert fstat("g/a").st_nlink == 3
os.unlink("c")
assert fstat("g/a").st_nlink == 2
os.truncate("b", 0)
assert fstat("g/a").st_size == os.stat("g/a").st_size
PY
}

@test "whoever is told of a change sees it, while others look all the time" {
  STORE=$BATS_TEST_TMPDIR/store.h5
  make_store "$STORE" <<'PY'
f.create_dataset("g/a", data=np.arange(5.0), maxshape=(None,), chunks=(64,))
f["b"] = f["g/a"]
PY
  mount_rw
  timeout 120 "$PYTHON" - "$MNT" <<'PY'
import multiprocessing, os, sys
os.chdir(sys.argv[1])

def look(stop):
    with open("b") as file:
        while not stop.is_set():
            os.fstat(file.fileno())
            os.stat("g/a")
            os.pread(file.fileno(), 10, 0)

def check(said, heard):
    with open("b") as one, open("g/a") as other:
        for n in iter(heard.recv, 0):
            said.send([os.fstat(one.fileno()).st_size, os.stat("g/a").st_size,
                       len(os.pread(other.fileno(), 100000, 0))] == [4 * n] * 3)

stop = multiprocessing.Event()
said, ours = multiprocessing.Pipe()
theirs, heard = multiprocessing.Pipe()
others = [multiprocessing.Process(target=look, args=(stop,), daemon=True) for i in range(2)]
others.append(multiprocessing.Process(target=check, args=(said, heard), daemon=True))
for process in others:
    process.start()
for i in range(1, 400):
    with open("b" if i % 3 else "g/a", "w") as file:
        file.write("1.5\n" * i)
    theirs.send(i)
    assert ours.recv(), i
theirs.send(0)
stop.set()
for process in others:
    process.join()
    assert process.exitcode == 0
PY
}

@test "a mount ends while the kernel still answers for some of its files" {
  mount_runs
  cat "$TRAJ"/.run/*/parameters/x >"$BATS_TEST_TMPDIR/values"
  is 6 "$(wc -l <"$BATS_TEST_TMPDIR/values")"
  stat "$TRAJ/results" "$TRAJ/parameters/x" >"$BATS_TEST_TMPDIR/stat"
  "$EXPFS" unmount "$MNT"
  is 6 "$(loads t 'len(t["runs"])')"
}
