# walks: what is made ahead of those who open directory after directory is what they would find themselves.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/store.h5" <<'PY'
for i in range(8):
    for k in range(300):
        f[f"wide/{i}/d{k:03}"] = i * k
for i in range(40):
    f[f"mixed/d{i:03}"] = np.arange(i)
    f[f"mixed/e{i // 7:03}/x{i}"] = i
    f[f"mixed/e{i // 7:03}/deep/{i}/below"] = "text"
for i in range(100):
    f[f"gaps/a{i:03}"] = i
f["gaps/b/x"] = f["gaps/z/x"] = 1
f.create_group("mixed/empty")
f["mixed/e000/again"] = f["mixed"]
f["mixed/other"] = f["wide/3"]
f["mixed/soft"] = h5py.SoftLink("/wide/4")
f["mixed/odd % name?/x"] = f["mixed/" + "long" * 80 + "/x"] = 1
PY
}

setup() {
  common_setup
}

# All that a walk from $1 on sees.
walk() {
  (cd "$1" && find . -path ./.expfs -prune -o -printf '%p\t%y\t%s\t%i\t%l\n')
}

stat_of() {
  awk -v name="$1" '$1 == name { print $2 }' "$MNT/.expfs/stats"
}

has_described() {
  [ "$(stat_of described)" -ge "$1" ]
}

# The reference: a mount that answers one request at a time makes nothing ahead of an opendir.
walk_alone() {
  mount_store "$BATS_FILE_TMPDIR/store.h5" -s "$@"
  walk "$MNT" >"$BATS_TEST_TMPDIR/want"
  unmount_all
}

@test "walks see the same, alone and at once, with names and with views" {
  local i options pids
  for options in ro views=npy:csv; do
    walk_alone -o "$options"
    mount_store "$BATS_FILE_TMPDIR/store.h5" -o "$options"
    pids=()
    for i in 1 2 3; do
      walk "$MNT" >"$BATS_TEST_TMPDIR/out.$i" 3>&- &
      pids+=($!)
      sleep 0.01
    done
    wait "${pids[@]}"
    for i in 1 2 3; do cmp "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/out.$i"; done
    unmount_all
  done
}

@test "directories opened in another order show the same" {
  local order
  walk_alone
  grep -P '\td\t' "$BATS_TEST_TMPDIR/want" | cut -f 1 | grep '/[a-z0-9]*$' >"$BATS_TEST_TMPDIR/directories"
  for order in tac shuf 'sort -t / -k 3' 'sed p;p'; do
    mount_store "$BATS_FILE_TMPDIR/store.h5"
    # shellcheck disable=SC2086
    $order "$BATS_TEST_TMPDIR/directories" | (cd "$MNT" && while read -r name; do
      is "$(grep -c "^$name/[^/]*"$'\t' "$BATS_TEST_TMPDIR/want")" "$(find "$name" -mindepth 1 -maxdepth 1 | wc -l)"
    done)
    cmp "$BATS_TEST_TMPDIR/want" <(walk "$MNT")
    unmount_all
  done
}

@test "who goes from one directory to the next finds the one after it made" {
  local try
  # One that opens the next directory before the last one is closed, or a second later, is not seen to go on.
  for try in 1 2 3 4 5 6; do
    mount_store "$BATS_FILE_TMPDIR/store.h5"
    ls "$MNT" "$MNT/wide" "$MNT/wide/0" >/dev/null
    ! wait_until 2 has_described 550 || return 0
    unmount_all
  done
  false
}

@test "who lists one directory has no other one read" {
  mount_store "$BATS_FILE_TMPDIR/store.h5"
  ls "$MNT/wide/5" >/dev/null
  sleep 0.2
  [ "$(stat_of described)" -lt 320 ]
}

@test "sizes in a directory that was made ahead are those of when it is opened" {
  make_store "$BATS_TEST_TMPDIR/growing.h5" v110 <<'PY'
for i in range(4):
    f.create_dataset(f"g/{i}/x", data=np.arange(10), chunks=(10,), maxshape=(None,))
PY
  $PYTHON - "$BATS_TEST_TMPDIR" <<'PY' 3>&- &
import os, sys, time, h5py
os.chdir(sys.argv[1])
f = h5py.File("growing.h5", "a", libver=("v110", "v110"))
f.swmr_mode = True
open("ready", "w").close()
while not os.path.exists("grow"):
    time.sleep(0.01)
for i in range(4):
    f[f"g/{i}/x"].resize((1000,))
    f[f"g/{i}/x"].flush()
open("grown", "w").close()
while not os.path.exists("end"):
    time.sleep(0.01)
PY
  local writer=$!
  wait_until 20 test -e "$BATS_TEST_TMPDIR/ready"
  mount_store "$BATS_TEST_TMPDIR/growing.h5"
  ls -l "$MNT" "$MNT/g" "$MNT/g/0" "$MNT/g/1" >/dev/null
  touch "$BATS_TEST_TMPDIR/grow"
  wait_until 20 test -e "$BATS_TEST_TMPDIR/grown"
  is 1000 "$(wc -l <"$MNT/g/2/x")"
  is "$(wc -c <"$MNT/g/2/x")" "$(ls -l "$MNT/g/2" | awk '/x$/ { print $5 }')"
  touch "$BATS_TEST_TMPDIR/end"
  wait "$writer"
}

@test "a mount ends, and a walk may end, with a directory made ahead" {
  local i
  for i in 0 3 6; do
    mount_store "$BATS_FILE_TMPDIR/store.h5"
    ls "$MNT" "$MNT/wide" >/dev/null
    ls "$MNT/wide/$i" >/dev/null
    ls "$MNT/wide/$((i + 1))" >/dev/null
    unmount_all
  done
}
