# small-files: files that are read in the order of their listing come before they are asked for, and are the same.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/small.h5" <<'PY'
for g in range(4):
    for i in range(200):
        name = f"g{g}/d{i:03}"
        if i % 50 == 7:
            f[name] = np.arange(3000) + i
        elif i % 10 == 3:
            f[name] = "word " * (i % 60)
        elif i % 10 == 5:
            f.create_dataset(name, data=np.arange(40) * i, chunks=(7,), compression="gzip")
        elif i % 50 == 19:
            f[name] = h5py.Empty("f4")
        else:
            f[name] = g * 1000 + i
PY
}

setup() {
  common_setup
}

# How often the kernel asked for contents.
reads() {
  awk '$1 == "operations_read" { print $2 }' "$MNT/.expfs/stats"
}

# Each file's lines below the mount behind its name, as one thread answers them that never hands out more than was
# asked for.
expect_lines() {
  mount_store "$BATS_FILE_TMPDIR/small.h5" -s
  (cd "$MNT" && grep -r '' .) >want
  [ "$(reads)" -ge 700 ]
  unmount_all
}

@test "who reads small files in order asks for few of them and reads the same" {
  cd "$BATS_TEST_TMPDIR"
  expect_lines
  mount_store "$BATS_FILE_TMPDIR/small.h5"
  (cd "$MNT" && grep -r '' .) >got
  cmp want got
  [ "$(reads)" -lt 400 ]
  (cd "$MNT" && grep -r '' .) >again
  cmp want again
}

@test "who reads small files in another order gets what was asked for and no more" {
  cd "$BATS_TEST_TMPDIR"
  expect_lines
  mount_store "$BATS_FILE_TMPDIR/small.h5"
  (cd "$MNT" && ls -lR >/dev/null && find . -name 'd*0' | tac | xargs grep -H '') >got
  is 80 "$(cut -d : -f 1 got | uniq | wc -l)"
  is "$(grep '0:' want | grep -E '^[^:]*0:' | sort)" "$(sort got)"
  [ "$(reads)" -ge 80 ]
}

@test "several who read the same small files at once read the same" {
  cd "$BATS_TEST_TMPDIR"
  expect_lines
  mount_store "$BATS_FILE_TMPDIR/small.h5"
  local pids=() i
  for i in 1 2 3 4 5 6; do
    (cd "$MNT" && exec grep -r '' . 3>&-) >"got.$i" &
    pids+=($!)
  done
  for i in "${pids[@]}"; do
    wait "$i"
  done
  for i in 1 2 3 4 5 6; do
    cmp want "got.$i"
  done
}
