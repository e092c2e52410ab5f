# recover: what is left when a mount that writes is killed, and who finishes it.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store.h5
  WAL=$STORE.expfs-wal
  make_store "$STORE" <<'PY'
f["x"] = np.arange(5.0)
PY
}

# Groups in the store, as h5py sees them.
groups() {
  "$PYTHON" -c 'import sys, h5py; print(*h5py.File(sys.argv[1], "r"))' "$STORE"
}

# Makes directories in a mount and kills it: durable is made durable, lost is not, perhaps.
kill_a_writer() {
  local pid
  mount_store "$STORE" -o rw,commit=0
  mkdir "$MNT/durable"
  sync "$MNT"
  mkdir "$MNT/lost"
  pid=$(mount_pid "$MNT")
  kill -9 "$pid"
  wait_until 10 is_gone "$pid"
  umount -l "$MNT"
  [ -s "$WAL" ]
}

# Holds the store open for reading, as h5py does, until its standard input ends.
hold_store() {
  coproc HOLDER { "$PYTHON" -c 'import sys, h5py; f = h5py.File(sys.argv[1], "r"); print("held", flush=True); sys.stdin.read()' "$STORE"; }
  local line
  read -r line <&"${HOLDER[0]}"
  is held "$line"
}

let_go() {
  local pid=$HOLDER_PID fd=${HOLDER[1]}
  exec {fd}>&-
  wait "$pid"
}

@test "the next mount finds what was made durable, and h5py opens it" {
  kill_a_writer
  is x "$(groups)"
  mount_store "$STORE" -o rw
  is 'durable x' "$(ls "$MNT" | xargs)"
  "$EXPFS" unmount "$MNT"
  is 'durable x' "$(groups)"
  [ ! -e "$WAL" ]
}

@test "a read-only mount finishes it as well" {
  kill_a_writer
  mount_store "$STORE"
  is 'durable x' "$(ls "$MNT" | xargs)"
  is 'durable x' "$(groups)"
  [ ! -e "$WAL" ]
}

@test "recover finishes it and says what it did, and then that there is nothing" {
  kill_a_writer
  run -0 "$EXPFS" recover "$STORE"
  [[ $output =~ ^"$STORE: recovered "[0-9]+" commit"s?", "[0-9]+" bytes" ]]
  is 'durable x' "$(groups)"
  [ ! -e "$WAL" ]
  run -0 "$EXPFS" recover "$STORE"
  is "$STORE: nothing to recover" "$output"
}

@test "recover leaves a mounted store and names who writes it" {
  mount_store "$STORE" -o rw
  fails_with "is mounted read-write by process $(mount_pid "$MNT") on $(uname -n) since" "$EXPFS" recover "$STORE"
  fails_with 'in a mount of expfs' "$EXPFS" recover "$MNT/x"
  fails_with 'No such file' "$EXPFS" recover "$BATS_TEST_TMPDIR/none"
}

@test "recover waits for no reader; a mount reads through the journal meanwhile" {
  kill_a_writer
  hold_store
  fails_with 'end them and try again' "$EXPFS" recover "$STORE"
  mount_store "$STORE"
  is 'durable x' "$(ls "$MNT" | xargs)"
  "$EXPFS" unmount "$MNT"
  is x "$(groups)"
  let_go
  "$EXPFS" recover "$STORE"
  is 'durable x' "$(groups)"
}

@test "what may not be written is read through the journal" {
  kill_a_writer
  mkdir "$BATS_TEST_TMPDIR/ro"
  mount --bind "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/ro" || skip "may not mount here"
  mount -o remount,bind,ro "$BATS_TEST_TMPDIR/ro"
  mount_store "$BATS_TEST_TMPDIR/ro/store.h5"
  is 'durable x' "$(ls "$MNT" | xargs)"
  is x "$(groups)"
}

@test "a store that another program has changed is not written over" {
  kill_a_writer
  "$PYTHON" -c 'import sys, h5py; h5py.File(sys.argv[1], "r+").create_group("other")' "$STORE"
  refused 1 'was changed by another program' "$STORE" "$MNT" -o rw
  fails_with 'was changed by another program' "$EXPFS" recover "$STORE"
  mount_store "$STORE"
  is 'other x' "$(ls "$MNT" | xargs)"
  is 'other x' "$(groups)"
  [ -s "$WAL" ]
}

@test "a journal of another file is left alone" {
  kill_a_writer
  cp "$STORE" "$STORE.copy"
  mv "$STORE.copy" "$STORE"
  refused 1 'holds changes to another file' "$STORE" "$MNT" -o rw
  is x "$(groups)"
  [ -s "$WAL" ]
}

@test "what readers keep out of the store at unmounting stays in the journal" {
  mount_store "$STORE" -o rw
  mkdir "$MNT/late"
  hold_store
  fails_with "$WAL" "$EXPFS" unmount "$MNT"
  [ -s "$WAL" ]
  let_go
  is x "$(groups)"
  mount_store "$STORE"
  is 'late x' "$(ls "$MNT" | xargs)"
  is 'late x' "$(groups)"
}

@test "a read-only mount beside a writer shows the last checkpoint" {
  mount_store "$STORE" -o rw
  mkdir "$MNT/early"
  "$EXPFS" sync "$MNT"
  mkdir "$MNT/late"
  sync "$MNT"
  mount_at "$BATS_TEST_TMPDIR/second" "$STORE"
  is 'early x' "$(ls "$BATS_TEST_TMPDIR/second" | xargs)"
}
