# bench: scripts/bench measures what it says it measures, on small stores; how fast anything is, is not tested.
load common

setup_file() {
  export EXPFS_BENCH_DIR=$BATS_FILE_TMPDIR/stores
}

setup() {
  common_setup
  cd "$BATS_TEST_TMPDIR"
}

bench() {
  TMPDIR=$BATS_TEST_TMPDIR "$TOP/scripts/bench" --quick --rounds 1 "$@"
}

@test "a row of the bench is measured beside each other program, and mounts are gone afterwards" {
  bench find grep first_chunk_btree >table
  is 6 "$(grep -c -v -e '^With --quick' -e '^$' table)"
  is 4 "$(grep -c -E ' [0-9.e-]+ +[0-9.e-]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +>= [0-9.]+$' table)"
  grep -q '^100,000 datasets.* h5ls -r ' table
  not grep "$BATS_TEST_TMPDIR" /proc/self/mounts
}

@test "the rows of the bench that write find what they wrote in the store" {
  bench append create copy_in copy_in_checkpoint >table
  is 4 "$(grep -c -E ' h5py.* [0-9.e-]+ +[0-9.e-]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +>= [0-9.]+$' table)"
  not grep "$BATS_TEST_TMPDIR" /proc/self/mounts
}

@test "the bench's Markdown has a line on the machine and cells in each column" {
  bench --markdown tail >table
  head -n 1 table | grep -q -E '^.+, [0-9]+ cores, .*HDF5 [0-9.]+, h5py [0-9.]+, libfuse [0-9.]+'
  is "$(grep '^| row' table | tr -cd '|')" "$(grep '^| text of' table | tr -cd '|')"
}

@test "the bench's growth has a line per size and shape of a store" {
  bench --growth >table
  is "groups groups one one" "$(awk '$1 ~ /^1,?0+$/ { print $2 }' table | paste -s -d ' ')"
}

@test "the bench refuses a row that it does not have" {
  run -2 bench no_such_row
  [[ $output == *"no row is called no_such_row"* ]]
}
