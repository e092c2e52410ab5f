# demo: the demo store that scripts/make-demo writes and scripts/quickstart shows.
load common

setup_file() {
  "$BATS_TEST_DIRNAME/../../scripts/make-demo" "$BATS_FILE_TMPDIR/demo.hdf5"
}

@test "the demo store is the same bytes at each making" {
  "$TOP/scripts/make-demo" "$BATS_TEST_TMPDIR/again.hdf5"
  cmp "$BATS_FILE_TMPDIR/demo.hdf5" "$BATS_TEST_TMPDIR/again.hdf5"
}
