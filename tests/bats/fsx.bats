# fsx: x.raw of datasets of all kinds of storage, read, written, mapped and cut at random, beside a plain file.
# The long runs are scripts/fsx's.
load common

@test "10,000 random operations on x.raw make what they make of a plain file" {
  PYTHONDONTWRITEBYTECODE=1 run -0 "$PYTHON" "$TOP/tests/fsx/fsx.py" "$EXPFS" "$BATS_TEST_TMPDIR/fsx" 10000 3 \
    "rw,commit=1${EXPFS_TEST_OPTIONS:+,$EXPFS_TEST_OPTIONS}"
  is '10000 operations, 0 differ' "${lines[-1]}"
}
