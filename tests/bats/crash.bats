# crash: what is left of a store when the daemon, or the power, goes away in the middle of writing.
# The long runs are scripts/crash's.
load common

RECORDER=$(dirname "$EXPFS")/../tests/crash/record_writes.so

crash() {
  PYTHONDONTWRITEBYTECODE=1 "$PYTHON" "$TOP/tests/crash/crash.py" "$@"
}

@test "a store is whole after the daemon was killed in the middle of writing" {
  run -0 crash kill "$EXPFS" "$BATS_TEST_TMPDIR/kill" 8 1000 11
  is '8 kills, 0 failed' "${lines[-1]}"
}

@test "a store is whole after the power was cut at any moment" {
  [ -e "$RECORDER" ] || skip 'built with sanitizers'
  run -0 crash record "$EXPFS" "$BATS_TEST_TMPDIR/record" "$RECORDER" 120 7 300
  is '300 cut points, 0 failed' "${lines[-1]}"
}

@test "what many operations leave is read by h5dump, h5ls, h5stat and h5repack without a fault, in every version of the format" {
  PYTHONDONTWRITEBYTECODE=1 run -0 "$PYTHON" "$TOP/tests/crash/full_reads.py" "$EXPFS" "$BATS_TEST_TMPDIR/read" 150 5
  is '6 stores, 0 failed' "${lines[-1]}"
}
