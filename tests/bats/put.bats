# put: values from standard input into a store, by the mount that writes it or alone, from many processes.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store.h5
  make_store "$STORE" <<'PY'
f["x"] = np.arange(3.0)
f.create_dataset("log", (0,), maxshape=(None,), dtype="<i8")
f.create_group("group")
PY
}

# What h5py reads: value_is WANT 'EXPRESSION with f'
value_is() {
  is "$1" "$("$PYTHON" -c '
import sys, h5py, numpy as np
f = h5py.File(sys.argv[1], "r")
print(eval(sys.argv[2]))' "$STORE" "$2")"
}

@test "put makes a dataset in a store that is not mounted, and is done when it returns" {
  echo 42 | "$EXPFS" put "$STORE:group/n"
  printf '1\t2\n3\t4\n' | "$EXPFS" put "$STORE/group/m"
  value_is 42 'f["group/n"][()]'
  value_is '[[1, 2], [3, 4]]' 'f["group/m"][:].tolist()'
  [ ! -e "$STORE.expfs-wal" ]
}

@test "put keeps the type of what is there, and takes NPY and raw bytes" {
  echo '7 8 9' | tr ' ' '\n' | "$EXPFS" put "$STORE:x"
  value_is 'float64 [7.0, 8.0, 9.0]' 'str(f["x"].dtype) + " " + str(f["x"][:].tolist())'
  "$PYTHON" -c 'import numpy, sys; numpy.save(sys.stdout.buffer, numpy.arange(4, dtype="i2"))' |
    tee "$BATS_TEST_TMPDIR/a.npy" | "$EXPFS" put "$STORE:a.npy"
  "$EXPFS" put "$STORE:b" <"$BATS_TEST_TMPDIR/a.npy"
  value_is 'int16 int16' '"%s %s" % (f["a"].dtype, f["b"].dtype)'
  printf '\1\0' | "$EXPFS" put -a "$STORE:a.raw"
  value_is '[0, 1, 2, 3, 1]' 'f["a"][:].tolist()'
}

@test "put hands the value to the mount that writes the store" {
  mount_store "$STORE" -o rw
  echo 42 | "$EXPFS" put "$STORE:group/n"
  text_is "$MNT/group/n" '42\n'
  echo 43 | "$EXPFS" put "$MNT/group/n"
  text_is "$MNT/group/n" '43\n'
  kill -9 "$(mount_pid "$MNT")"
  umount -l "$MNT"
  "$EXPFS" recover "$STORE"
  value_is 43 'f["group/n"][()]'
}

@test "put --no-wait leaves the commit to the mount" {
  mount_store "$STORE" -o rw,commit=600
  echo 3 | "$EXPFS" put --no-wait "$STORE:n"
  text_is "$MNT/n" '3\n'
  "$EXPFS" unmount "$MNT"
  value_is 3 'f["n"][()]'
  echo 4 | "$EXPFS" put --no-wait "$STORE:n"
  value_is 4 'f["n"][()]'
}

@test "put asks the format about a new name before it takes the value" {
  rm "$STORE"
  "$EXPFS" create pypet "$STORE" t
  for path in 't/results/a b' t/parameters/_x x t/overview; do
    for argument in "$STORE:$path" "$STORE:$path.npy"; do
      run -1 "$EXPFS" put "$argument" <<<1
    done
  done
  fails_with "'a b' is no name for pypet" "$EXPFS" put "$STORE:t/results/a b" <<<1
  fails_with 'trajectories only' "$EXPFS" put "$STORE:x" <<<1
  echo 1 | "$EXPFS" put "$STORE:t/results/a"
  value_is "['config', 'derived_parameters', 'overview', 'parameters', 'results', 'results/a']" \
    'sorted(p for p in ["config", "derived_parameters", "overview", "parameters", "results"] + ["results/" + k for k in f["t/results"]] if p in f["t"])'
}

@test "many processes put into a store at once, each in its turn" {
  local i j pids=()
  for i in 0 1 2 3 4 5 6 7; do
    for j in 0 1 2 3; do
      echo "$((10 * i + j))" | "$EXPFS" put -a "$STORE:log" || echo "$i $j" >>"$BATS_TEST_TMPDIR/failed"
    done &
    pids+=($!)
  done
  wait "${pids[@]}"
  [ ! -e "$BATS_TEST_TMPDIR/failed" ]
  value_is 32 'len(set(f["log"][:].tolist()))'
}

@test "a value that does not fit is refused with the reason, and the old one stays" {
  echo five >"$BATS_TEST_TMPDIR/five"
  fails_with 'x: ' "$EXPFS" put "$STORE:x" <"$BATS_TEST_TMPDIR/five"
  value_is '[0.0, 1.0, 2.0]' 'f["x"][:].tolist()'
  fails_with "no 'nothing'" "$EXPFS" put "$STORE:nothing/x" <"$BATS_TEST_TMPDIR/five"
  fails_with 'STORE:PATH' "$EXPFS" put "$STORE" <"$BATS_TEST_TMPDIR/five"
  fails_with 'group: not a dataset' "$EXPFS" put "$STORE:group" <"$BATS_TEST_TMPDIR/five"
  mount_store "$STORE" -o rw
  fails_with "'five'" "$EXPFS" put "$STORE:x" <"$BATS_TEST_TMPDIR/five"
  text_is "$MNT/x" '0.0\n1.0\n2.0\n'
}

@test "put stores a result of pypet's as pypet does" {
  "$BATS_TEST_DIRNAME/../../scripts/make-demo" "$STORE.hdf5"
  echo 1.5 | "$EXPFS" put "$STORE.hdf5:demo/results/mean"
  mount_store "$STORE.hdf5"
  text_is "$MNT/demo/results/mean" '1.5\n'
  xattr_is "$MNT/demo/results/mean" expfs.class Result
}
