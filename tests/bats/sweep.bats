# sweep: the README's second tour: a sweep run from the shell, as pypet finds it.
load common

# What a run is to find out.
simulate() {
  echo $(($1 * $1 + $2))
}

# Every fourth run, beginning with number $1.
work() {
  local i
  for ((i = $1; i < 1000; i += 4)); do
    simulate "$(<"$MNT/sweep/.run/$i/parameters/x")" "$(<"$MNT/sweep/.run/$i/parameters/y")" >"$MNT/sweep/.run/$i/results/z" || return
  done
}

@test "a sweep of 1,000 runs, written by 4 processes, is one that pypet loads" {
  cd "$BATS_TEST_TMPDIR"
  "$EXPFS" create pypet sweep.hdf5 sweep
  mount_store sweep.hdf5 -o rw
  echo 1 >"$MNT/sweep/parameters/x"
  echo 1 >"$MNT/sweep/parameters/y"
  is '1000 runs' "$("$EXPFS" explore "$MNT/sweep" x=0:100 y=0:10)"
  local i pids=()
  for i in 0 1 2 3; do
    work $i 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
  "$EXPFS" prune -n "$MNT/sweep" | grep '^nothing to remove: '
  is 10 "$(cat "$MNT"/sweep/.where/x=7/*/results/z | sort -u | wc -l)"
  "$EXPFS" unmount "$MNT"
  PYTHONPATH=$TOP/tests/c "$PYTHON" - sweep.hdf5 <<'PY'
import sys, pypet_loader
t = pypet_loader.load(sys.argv[1], "sweep")
n = t["nodes"]
assert len(t["runs"]) == t["info"]["length"] == 1000 and t["runs"]["completed"].all()
for i in range(1000):
    x, y = n["parameters.x"]["range"][i], n["parameters.y"]["range"][i]
    assert (x, y) == (i // 10, i % 10), (i, x, y)
    assert n[f"results.runs.run_{i:08d}.z"]["items"]["z"] == x * x + y, i
    assert t["runs"]["parameter_summary"][i] == b"x: %d,   y: %d" % (x, y), t["runs"][i]
PY
}

@test "a script goes over the runs of a sweep as over any directory" {
  cd "$BATS_TEST_TMPDIR"
  "$EXPFS" create pypet sweep.hdf5 sweep
  mount_store sweep.hdf5 -o rw
  echo 1 >"$MNT/sweep/parameters/x"
  echo 0.5 >"$MNT/sweep/parameters/y"
  is '6 runs' "$("$EXPFS" explore "$MNT/sweep" x=1,2,3 y=0.1,0.2)"
  local r
  for r in "$MNT"/sweep/.run/*; do
    "$PYTHON" -c 'import sys; print(float(sys.argv[1]) * float(sys.argv[2]))' "$(cat "$r/parameters/x")" "$(cat "$r/parameters/y")" >"$r/results/z"
  done
  is '0.2 0.4' "$(cat "$MNT"/sweep/.where/x=2/*/results/z | xargs)"
  is .run/run_00000003 "$("$EXPFS" find "$MNT/sweep" 'x=2,y>0.1')"
}
