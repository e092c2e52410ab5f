# errors: what cannot be mounted is refused with one sentence, exit status 1 (2 for bad usage), and nothing left behind.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/good.h5" <<'PY'
f["x"] = np.arange(10)
f.create_dataset("y", data=np.arange(5000), chunks=(100,), compression="gzip")
PY
}

setup() {
  common_setup
  STORE=$BATS_FILE_TMPDIR/good.h5
}

@test "a file that does not exist" {
  refused 1 'none.h5.*(no such file|does not exist|not found)' "$BATS_TEST_TMPDIR/none.h5" "$MNT"
}

@test "a truncated store" {
  local size
  size=$(stat -c %s "$STORE")
  for part in 1 7 8 100 1000 $((size / 2)) $((size - 1)); do
    head -c $part "$STORE" >"$BATS_TEST_TMPDIR/cut.h5"
    refused 1 cut.h5 "$BATS_TEST_TMPDIR/cut.h5" "$MNT"
  done
}

@test "an empty file" {
  : >"$BATS_TEST_TMPDIR/empty.h5"
  refused 1 empty.h5 "$BATS_TEST_TMPDIR/empty.h5" "$MNT"
}

@test "a file of zeros" {
  head -c 100000 /dev/zero >"$BATS_TEST_TMPDIR/zeros.h5"
  refused 1 zeros.h5 "$BATS_TEST_TMPDIR/zeros.h5" "$MNT"
  refused 1 zeros.h5 "$BATS_TEST_TMPDIR/zeros.h5" "$MNT" -o format=hdf5
}

@test "a text file" {
  echo 'no store at all' >"$BATS_TEST_TMPDIR/text.h5"
  refused 1 text.h5 "$BATS_TEST_TMPDIR/text.h5" "$MNT"
}

@test "a signature with garbage behind it" {
  { printf '\211HDF\r\n\032\n'; head -c 5000 "$STORE" | tail -c 4000 | tr '\0' '\377'; } >"$BATS_TEST_TMPDIR/bad.h5"
  refused 1 bad.h5 "$BATS_TEST_TMPDIR/bad.h5" "$MNT"
}

@test "a directory that is no store" {
  mkdir "$BATS_TEST_TMPDIR/directory"
  echo x >"$BATS_TEST_TMPDIR/directory/file"
  refused 1 directory "$BATS_TEST_TMPDIR/directory" "$MNT"
  refused 1 '/dev/null' /dev/null "$MNT"
}

@test "a store that may not be read" {
  [ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
  local dir=$BATS_TEST_TMPDIR/nobody status=0
  chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "${BATS_FILE_TMPDIR%/*}"
  install -d -o nobody "$dir"
  install -m 600 "$STORE" "$BATS_TEST_TMPDIR/secret.h5"
  install -m 755 "$EXPFS" "$BATS_TEST_TMPDIR/expfs"
  setpriv --reuid nobody --clear-groups test -x "$BATS_TEST_TMPDIR/expfs" || skip "nobody cannot reach $BATS_TEST_TMPDIR"
  setpriv --reuid nobody --clear-groups "$BATS_TEST_TMPDIR/expfs" "$BATS_TEST_TMPDIR/secret.h5" "$dir/mnt" \
    2>"$BATS_TEST_TMPDIR/err" || status=$?
  cat "$BATS_TEST_TMPDIR/err"
  is 1 $status
  is 1 "$(wc -l <"$BATS_TEST_TMPDIR/err")"
  grep -q 'secret.h5.*[Pp]ermission denied' "$BATS_TEST_TMPDIR/err"
  [ ! -e "$dir/mnt" ]
}

@test "a mountpoint in use" {
  mount_store "$STORE"
  local status=0
  "$EXPFS" "$STORE" "$MNT" 2>"$BATS_TEST_TMPDIR/err" || status=$?
  cat "$BATS_TEST_TMPDIR/err"
  is 1 $status
  is 1 "$(wc -l <"$BATS_TEST_TMPDIR/err")"
  grep -q -F "$MNT" "$BATS_TEST_TMPDIR/err"
  is 1 "$(grep -c " $MNT " /proc/self/mounts)"
  is 10 "$(wc -l <"$MNT/x")"
}

@test "a mountpoint that is a file, has files, or cannot be made" {
  echo keep >"$BATS_TEST_TMPDIR/file"
  refused 1 "file" "$STORE" "$BATS_TEST_TMPDIR/file"
  is keep "$(cat "$BATS_TEST_TMPDIR/file")"
  refused 1 "file/mnt" "$STORE" "$BATS_TEST_TMPDIR/file/mnt"
}

@test "an unknown option or a bad value is bad usage" {
  refused 2 colour "$STORE" "$MNT" -o colour=red
  refused 2 colour "$STORE" "$MNT" --colour
  refused 2 text "$STORE" "$MNT" -o text=wide
  refused 2 cache "$STORE" "$MNT" -o cache=lots
  refused 2 views "$STORE" "$MNT" -o views=npy:jpg
  refused 2 format "$STORE" "$MNT" -o format=tape
  refused 2 prefetch "$STORE" "$MNT" -o prefetch=all
  refused 2 lock "$STORE" "$MNT" -o lock=maybe
  refused 2 idle "$STORE" "$MNT" -o idle=soon
}

@test "only= and except= together are bad usage" {
  refused 2 'only.*except|except.*only' "$STORE" "$MNT" -o 'only=x,except=y'
}

@test "no arguments, one, or too many are bad usage" {
  refused 2 . || return 1
  refused 2 . "$STORE"
  refused 2 . "$STORE" "$MNT" "$MNT"
  refused 2 . nonsense
}

@test "a file that cannot be what format= says" {
  echo 'no store' >"$BATS_TEST_TMPDIR/text.h5"
  refused 1 text.h5 "$BATS_TEST_TMPDIR/text.h5" "$MNT" -o format=pypet
  refused 1 text.h5 "$BATS_TEST_TMPDIR/text.h5" "$MNT" -o format=hdf5
}

@test "a trajectory that is not there" {
  refused 1 'nobody' "$STORE" "$MNT" -o trajectory=nobody
  refused 1 '7' "$STORE" "$MNT" -o trajectory=7
}

@test "a log that cannot be written" {
  refused 1 'none/log' "$STORE" "$MNT" -o "log=$BATS_TEST_TMPDIR/none/log"
}

@test "verbs refuse the same stores with the same sentences" {
  echo 'no store' >"$BATS_TEST_TMPDIR/text.h5"
  for verb in info tree check; do
    refused 1 text.h5 $verb "$BATS_TEST_TMPDIR/text.h5"
    refused 1 none.h5 $verb "$BATS_TEST_TMPDIR/none.h5"
    refused 2 . $verb
  done
  refused 1 "$BATS_TEST_TMPDIR" unmount "$BATS_TEST_TMPDIR"
}
