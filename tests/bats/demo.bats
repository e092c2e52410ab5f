# demo: what a new user does first: scripts/quickstart, its demo store, and the README that says what it shows.
load common

# One of them builds the program.
BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:+600}

setup_file() {
  "$BATS_TEST_DIRNAME/../../scripts/make-demo" "$BATS_FILE_TMPDIR/demo.hdf5"
}

setup() {
  common_setup
  cd "$BATS_TEST_TMPDIR"
}

@test "the demo store is the same bytes at each making" {
  "$TOP/scripts/make-demo" again.hdf5
  cmp "$BATS_FILE_TMPDIR/demo.hdf5" again.hdf5
}

@test "PyTables opens the demo store, and pypet's mandatory parts are there" {
  $PYTHON - "$BATS_FILE_TMPDIR/demo.hdf5" <<'PY'
import sys, tables
with tables.open_file(sys.argv[1]) as f:
    t = f.root.demo
    assert t.overview.info[0]["length"] == 12 and t.overview.runs.nrows == 12
    for leaf in f.walk_groups(t):
        if "SRVC_LEAF" in leaf._v_attrs:
            assert leaf._v_attrs.SRVC_INIT_CLASS_NAME in ("Parameter", "Result"), leaf
            assert all("SRVC_STORE" in item._v_attrs for item in leaf._f_list_nodes()), leaf
PY
}

@test "quickstart builds, mounts the demo at ./mnt and shows it; a second call says that it is mounted" {
  "$TOP/scripts/quickstart" >first.log
  is_mounted "$MNT"
  grep -q '^mounted .*demo.hdf5 at mnt$' first.log
  "$TOP/scripts/quickstart" >second.log
  grep -q '^.*demo.hdf5 is already mounted at mnt$' second.log
  diff <(sed '1,/^$/d' first.log) <(sed '1,/^$/d' second.log)
  not grep -i -E 'not found|no such file|error' first.log
  # What it says at the end works.
  eval "$(tail -n 1 first.log)"
  not is_mounted "$MNT"
}

@test "quickstart mounts and shows a store that is named" {
  make_store "my store.h5" <<'PY'
f["a file"] = np.arange(100)
PY
  "$TOP/scripts/quickstart" "my store.h5" "some where" >log
  is 100 "$(wc -l <"some where/a file")"
  grep -q 'a file' log
  not grep -i -E 'not found|no such file|error' log
  "$TOP/scripts/quickstart" "my store.h5" "some where" | grep -q 'is already mounted'
}

@test "quickstart refuses what it cannot mount" {
  echo text >text.h5
  not "$TOP/scripts/quickstart" text.h5 mnt 2>err
  grep -q 'text.h5' err
  not "$TOP/scripts/quickstart" none.h5 mnt 2>err
  grep -q 'none.h5' err
  not test -e mnt
}

@test "the README's tour is what quickstart prints" {
  LC_ALL=C.UTF-8 "$TOP/scripts/quickstart" | sed -n '/^\$ /,/^It stays/p' | sed '/^\$ ls -l/,$d; s|^\$ .*expfs tree|$ build/fs/expfs tree|' >printed
  sed -n '/^    \$ /,/^From Python/p' "$TOP/README.md" | sed 's/^    //; /^\$ ls -l/,$d; /^From Python/d' >written
  [ "$(grep -c '^\$ ' written)" -ge 8 ]
  diff written printed
}

@test "the README names each package that is installed" {
  diff <("$TOP/scripts/packages" | awk '{ print $2 }' | sort -u) \
    <(sed -n '/^## Dependencies/,/^## The code/s/^| `\([^`]*\)`.*/\1/p' "$TOP/README.md" | sort -u)
}

@test "the README names each view, option and verb" {
  local word
  for word in $("$EXPFS" --help | sed -n '/^Verbs:/,/^$/p' | sed -n 's/^  \([a-z]*\) .*/\1/p') \
    $("$EXPFS" --help | sed -n '/^Options of -o/,/^  uid/p' | sed -n 's/^  \([a-z_]*\)[= ].*/\1/p' | grep -v -x rw); do
    grep -q -w -- "$word" "$TOP/README.md" || { echo "not in the README: $word"; return 1; }
  done
  for word in npy raw csv tsv json ndjson cols attrs range; do
    grep -q -F "x.$word" "$TOP/README.md"
  done
}
