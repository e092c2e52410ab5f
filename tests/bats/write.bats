# write: mounts that can be written: names, links, elements in place, durability, one writer, null:, create.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store.h5
  make_store "$STORE" <<'PY'
f["x"] = np.arange(5.0)
f["group/y"] = np.arange(3)
f["group/y"].attrs["unit"] = "mm"
f["group/sub/z"] = 7
f["growing"] = f.create_dataset("t", (4,), maxshape=(None,), dtype="<i4")
del f["t"]
PY
}

@test "directories and files are made, moved and removed, and h5py sees it after unmounting" {
  mount_rw
  mkdir "$MNT/a" "$MNT/a/b"
  mv "$MNT/group/sub" "$MNT/a/b/moved"
  mv "$MNT/x" "$MNT/a/x"
  rm "$MNT/growing"
  is '7' "$(cat "$MNT/a/b/moved/z")"
  is 'a group' "$(ls "$MNT" | xargs)"
  is 'a a/b a/b/moved a/b/moved/z a/x group group/y' "$(after 'names()')"
}

@test "after unmounting no journal is left" {
  mount_rw
  mkdir "$MNT/a"
  [ -e "$STORE.expfs-wal" ]
  "$EXPFS" unmount "$MNT"
  [ ! -e "$STORE.expfs-wal" ]
}

@test "directories with something in them stay, and names are refused as everywhere" {
  mount_rw
  fails_with 'Directory not empty' rmdir "$MNT/group"
  fails_with 'Not a directory' rmdir "$MNT/x"
  fails_with 'File exists' mkdir "$MNT/x"
  fails_with 'No such file' mkdir "$MNT/none/a"
  fails_with 'Operation not permitted' mkdir "$MNT/.expfs/a"
  fails_with 'No such file' mv "$MNT/none" "$MNT/a"
  rm -r "$MNT/group"
  is 'growing x' "$(after 'names()')"
}

@test "mv -T replaces, mv -n does not, and renameat2 exchanges" {
  mount_rw
  mv -T "$MNT/group/y" "$MNT/x"
  is '0 1 2' "$(xargs <"$MNT/x")"
  xattr_is "$MNT/x" unit mm
  mv -n "$MNT/growing" "$MNT/x"
  is '0 1 2' "$(xargs <"$MNT/x")"
  mkdir "$MNT/empty"
  "$PYTHON" - "$MNT" <<'PY'
import ctypes, errno, os, sys
os.chdir(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
assert libc.renameat2(-100, b"x", -100, b"group", 1) == -1 and ctypes.get_errno() == errno.EEXIST
assert libc.renameat2(-100, b"x", -100, b"empty", 2) == 0
assert os.path.isdir("x") and not os.path.isdir("empty")
os.rename("x", "empty.d")
try:
    os.rename("empty.d", "group")
    assert False
except OSError as e:
    assert e.errno == errno.ENOTEMPTY, e
PY
  is '0 1 2' "$(xargs <"$MNT/empty")"
  is 'empty empty.d group group/sub group/sub/z growing' "$(after 'names()')"
}

@test "hard links share an inode, and outlive each other" {
  mount_rw
  ln "$MNT/x" "$MNT/group/x2"
  is "$(stat -c %i "$MNT/x")" "$(stat -c %i "$MNT/group/x2")"
  is '2 2' "$(stat -c %h "$MNT/x" "$MNT/group/x2" | xargs)"
  rm "$MNT/x"
  is 1 "$(stat -c %h "$MNT/group/x2")"
  is '0.0 1.0 2.0 3.0 4.0' "$(xargs <"$MNT/group/x2")"
  is '[0. 1. 2. 3. 4.]' "$(after 'f["group/x2"][:]')"
}

@test "soft links lead where they did, for HDF5 as well" {
  mount_rw
  ln -s group/y "$MNT/down"
  ln -s ../x "$MNT/group/up"
  ln -s "$MNT/group/sub" "$MNT/whole"
  is '0 1 2' "$(xargs <"$MNT/down")"
  is '0.0 1.0 2.0 3.0 4.0' "$(xargs <"$MNT/group/up")"
  is 7 "$(cat "$MNT/whole/z")"
  is ../x "$(readlink "$MNT/group/up")"
  fails_with 'not supported' ln -s ../.. "$MNT/group/out"
  is '[0 1 2] [0. 1. 2. 3. 4.] 7' "$(after '"%s %s %s" % (f["down"][:], f["group/up"][:], f["whole/z"][()])')"
}

@test "names of views: linked and renamed with their dataset, never removed by themselves" {
  mount_rw
  is 128 $(($(stat -c %s "$MNT/x.npy") - 40))
  fails_with 'Operation not permitted' rm "$MNT/x.npy"
  fails_with 'Operation not permitted' mv "$MNT/x.npy" "$MNT/x.csv"
  stat "$MNT/x" >/dev/null
  mv "$MNT/x.npy" "$MNT/y.npy"
  fails_with 'No such file' stat "$MNT/x"
  fails_with 'No such file' stat "$MNT/x.npy"
  is '0.0 1.0 2.0 3.0 4.0' "$(xargs <"$MNT/y")"
  ln "$MNT/y.raw" "$MNT/z.raw"
  is 'group growing y z True' "$(after '" ".join(f) + " %s" % (f["y"] == f["z"])')"
}

@test "what is open goes on when its name is moved or removed, and paths follow" {
  mount_rw
  exec 7<"$MNT/group/y" 8<"$MNT/x"
  getfattr -d "$MNT/group/y" "$MNT/group/sub/z" >/dev/null
  mv "$MNT/group" "$MNT/other"
  rm "$MNT/x"
  is '0 1 2' "$(xargs <&7)"
  is '0.0 1.0 2.0 3.0 4.0' "$(xargs <&8)"
  exec 7<&- 8<&-
  xattr_is "$MNT/other/y" expfs.path /other/y
  mv "$MNT/other/y" "$MNT/other/w"
  xattr_is "$MNT/other/w" expfs.name w
  xattr_is "$MNT/other/w" expfs.path /other/w
  xattr_is "$MNT/other/sub/z" expfs.path /other/sub/z
  (cd "$MNT/other/sub" && mv ../../other ../../third && is 7 "$(cat z)")
}

@test "elements are written where they lie: dd conv=notrunc, >>, truncate, mmap, open_memmap" {
  mount_rw
  "$PYTHON" -c 'import numpy, sys; numpy.array([7.5, 8.5]).tofile(sys.argv[1])' "$BATS_TEST_TMPDIR/two"
  dd if="$BATS_TEST_TMPDIR/two" of="$MNT/x.raw" bs=8 seek=1 conv=notrunc status=none
  is '0.0 7.5 8.5 3.0 4.0' "$(xargs <"$MNT/x")"
  cat "$BATS_TEST_TMPDIR/two" >>"$MNT/x.raw"
  is '0.0 7.5 8.5 3.0 4.0 7.5 8.5' "$(xargs <"$MNT/x")"
  truncate -s 24 "$MNT/x.raw"
  is '0.0 7.5 8.5' "$(xargs <"$MNT/x")"
  "$PYTHON" - "$MNT/x.raw" <<'PY'
import mmap, struct, sys
with open(sys.argv[1], "r+b") as f:
    m = mmap.mmap(f.fileno(), 0)
    m[0:8] = struct.pack("<d", -2)
    m.close()
PY
  is '-2.0 7.5 8.5' "$(xargs <"$MNT/x")"
  is '[-2.   7.5  8.5]' "$(after 'f["x"][:]')"
}

@test "numpy changes an array in place through open_memmap" {
  mount_rw
  "$PYTHON" - "$MNT/x.npy" <<'PY'
import numpy, sys
a = numpy.lib.format.open_memmap(sys.argv[1], mode="r+")
a[::2] += 100
a.flush()
PY
  is '100.0 1.0 102.0 3.0 104.0' "$(xargs <"$MNT/x")"
  is '[100.   1. 102.   3. 104.]' "$(after 'f["x"][:]')"
}

@test "what was read before is read anew after a change, through every view" {
  mount_rw
  cat "$MNT/x" "$MNT/x.csv" "$MNT/x.json" "$MNT/x[1]" "$MNT/x.npy" >/dev/null
  exec 7<"$MNT/x"
  cat <&7 >/dev/null
  printf '\0\0\0\0\0\0\xf0\xbf' | dd of="$MNT/x.raw" bs=8 seek=1 conv=notrunc status=none
  is '0.0 -1.0 2.0 3.0 4.0' "$(xargs <"$MNT/x")"
  is -1.0 "$(cat "$MNT/x[1]")"
  grep -q -x -- -1.0 "$MNT/x.csv"
  is -1 "$(jq '.value[1]' "$MNT/x.json")"
  "$PYTHON" -c 'import os; os.lseek(7, 0, 0)' 7<&7
  is '0.0 -1.0 2.0 3.0 4.0' "$(xargs <&7)"
  exec 7<&-
}

@test "modes, owners and times that a copy asks for do not stop it; times last while it is mounted" {
  mount_rw
  is 644 "$(stat -c %a "$MNT/x")"
  is 755 "$(stat -c %a "$MNT/group")"
  chmod 600 "$MNT/x"
  is 644 "$(stat -c %a "$MNT/x")"
  touch -d '2020-02-03 04:05:06.5 UTC' "$MNT/x" "$MNT/group"
  is '2020-02-03 04:05:06.500000000 +0000' "$(TZ=UTC stat -c %y "$MNT/x")"
  is "$(date -d '2020-02-03 04:05:06 UTC' +%s)" "$(stat -c %Y "$MNT/group")"
  [ -w "$MNT/x" ]
  truncate -s 8 "$MNT/x.raw"
  [ "$(stat -c %Y "$MNT/x")" -gt "$(date -d '2021-01-01' +%s)" ]
}

@test "a view that cannot be written says so, and .expfs stays the mount's" {
  mount_rw
  fails_with 'not supported' bash -c "echo 1 >'$MNT/x.json'"
  fails_with 'Permission denied' bash -c "echo 1 >'$MNT/.expfs/log'"
  fails_with 'Operation not permitted' bash -c "echo 1 >'$MNT/.expfs/new'"
  fails_with 'not supported' mkfifo "$MNT/fifo"
}

# What other programs see in the store file now.
members() {
  "$PYTHON" -c 'import h5py, sys; print(*h5py.File(sys.argv[1], "r"))' "$STORE"
}

@test "others see the last checkpoint: expfs sync and .expfs/sync make one" {
  mount_rw
  mkdir "$MNT/a"
  sync "$MNT/a"
  is 'group growing x' "$(members)"
  "$EXPFS" sync "$MNT/a"
  is 'a group growing x' "$(members)"
  is 0 "$(awk '$1 == "journal_bytes" { print $2 }' "$MNT/.expfs/stats")"
  mkdir "$MNT/b"
  echo >"$MNT/.expfs/sync"
  is 'a b group growing x' "$(members)"
}

@test "a read-only mount beside it shows the last checkpoint" {
  mount_rw
  mkdir "$MNT/a"
  "$EXPFS" sync "$MNT"
  mkdir "$MNT/b"
  mount_at "$BATS_TEST_TMPDIR/reader" "$STORE"
  is 'a group growing x' "$(ls "$BATS_TEST_TMPDIR/reader" | xargs)"
  "$EXPFS" unmount "$BATS_TEST_TMPDIR/reader" "$MNT"
  is 'a b group growing x' "$(members)"
}

@test "while others read the store, unmounting says that the changes are in the journal; the next mount moves them" {
  mount_rw
  mkdir "$MNT/a"
  exec 7<"$STORE"
  flock --shared 7
  local status=0
  "$EXPFS" unmount "$MNT" 2>"$BATS_TEST_TMPDIR/err" || status=$?
  cat "$BATS_TEST_TMPDIR/err"
  is 1 $status
  grep -q expfs-wal "$BATS_TEST_TMPDIR/err"
  exec 7<&-
  mount_rw
  is 'a group growing x' "$(ls "$MNT" | xargs)"
  is 'a group group/sub group/sub/z group/y growing x' "$(after 'names()')"
}

@test "a second writer gets a sentence that names the first" {
  mount_rw
  local pid
  pid=$(mount_pid "$MNT")
  MNT=$BATS_TEST_TMPDIR/second refused 1 "$pid" "$STORE" "$BATS_TEST_TMPDIR/second" -o rw
}

@test "a killed mount leaves what was synced, and the next one has it" {
  mount_rw commit=0
  mkdir "$MNT/a"
  sync "$MNT"
  kill -9 "$(mount_pid "$MNT")"
  umount -l "$MNT"
  mount_store "$STORE"
  is 'a group growing x' "$(ls "$MNT" | xargs)"
}

@test "commit=SECONDS makes changes durable without being asked" {
  mount_rw commit=1
  mkdir "$MNT/a"
  # There is nothing to wait for but time: what tells that it was committed is that it survives.
  sleep 3
  kill -9 "$(mount_pid "$MNT")"
  umount -l "$MNT"
  mount_store "$STORE"
  [ -d "$MNT/a" ]
}

@test "SIGTERM unmounts, and nothing is lost" {
  mount_rw commit=0
  mkdir "$MNT/a"
  local pid
  pid=$(mount_pid "$MNT")
  kill "$pid"
  wait_until 10 is_gone "$pid"
  is 'a group growing x' "$(members)"
  [ ! -e "$STORE.expfs-wal" ]
}

@test "on a full disk nothing that was synced is lost, and nothing else is written any more" {
  [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small file system"
  local full=$BATS_TEST_TMPDIR/full
  mkdir "$full"
  mount -t tmpfs -o size=2M none "$full"
  STORE=$full/store.h5
  "$EXPFS" create hdf5 "$STORE"
  mount_rw commit=1
  echo 1 >"$MNT/kept"
  sync "$MNT/kept"
  fails_with 'No space left on device' dd if=/dev/zero of="$MNT/big.raw" bs=64k count=40 conv=fsync
  wait_until 10 grep -q 'nothing can be changed any more' "$MNT/.expfs/log"
  fails_with 'Read-only file system' mkdir "$MNT/a"
  is 1 "$(cat "$MNT/kept")"
  fails_with 'No space left on device' "$EXPFS" unmount "$MNT"
  "$EXPFS" recover "$STORE"
  is kept "$("$PYTHON" -c 'import h5py, sys; print(*h5py.File(sys.argv[1], "r"))' "$STORE")"
  umount "$full"
}

@test "the journal leaves room on a small disk for all that it holds" {
  [ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small file system"
  local small=$BATS_TEST_TMPDIR/small i
  mkdir "$small"
  mount -t tmpfs -o size=8M none "$small"
  STORE=$small/store.h5
  "$EXPFS" create hdf5 "$STORE"
  mount_rw
  is "$(stat -f -c '%S %b' "$small")" "$(stat -f -c '%S %b' "$MNT")"
  head -c 1500000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
  cp "$BATS_TEST_TMPDIR/bytes" "$MNT/x.raw"
  for i in 1 2 3 4 5 6; do
    dd if="$BATS_TEST_TMPDIR/bytes" of="$MNT/x.raw" bs=64k conv=notrunc,fsync status=none
  done
  is True "$(after "f['x'][:].tobytes() == open('$BATS_TEST_TMPDIR/bytes', 'rb').read()")"
  [ ! -e "$STORE.expfs-wal" ]
  umount "$small"
}

@test "a commit has its turn while many write" {
  mount_rw
  local i pids=() begin
  for i in 1 2 3 4; do
    ( while [ ! -e "$BATS_TEST_TMPDIR/end" ]; do printf '%s\n' 1 2 3 4 5; done >>"$MNT/log$i" ) &
    pids+=($!)
  done
  wait_until 10 test -e "$MNT/log4"
  begin=$SECONDS
  for i in 1 2 3; do sync "$MNT/x"; done
  [ $((SECONDS - begin)) -lt 20 ]
  touch "$BATS_TEST_TMPDIR/end"
  for i in "${pids[@]}"; do wait "$i"; done
}

@test "null: accepts everything and keeps nothing" {
  "$EXPFS" null: "$MNT" -o rw
  mkdir -p "$MNT/a/b"
  echo 1 2 3 >"$MNT/a/b/c"
  cp -r "$TOP/LICENSE" "$MNT/a"
  [ -d "$MNT/a/b" ]
  mv "$MNT/a/b" "$MNT/d"
  rm -r "$MNT/a"
  "$EXPFS" unmount "$MNT"
  "$EXPFS" null: "$MNT"
  is '' "$(ls "$MNT")"
}

@test "create makes an empty store, and never over another" {
  "$EXPFS" create hdf5 "$BATS_TEST_TMPDIR/new.h5"
  STORE=$BATS_TEST_TMPDIR/new.h5
  mount_rw
  mkdir "$MNT/first"
  is first "$(after 'names()')"
  refused 1 'new.h5' create hdf5 "$BATS_TEST_TMPDIR/new.h5"
  refused 2 'format' create tape "$BATS_TEST_TMPDIR/other.h5"
  [ ! -e "$BATS_TEST_TMPDIR/other.h5" ]
  refused 2 . create hdf5
}

@test "8 processes make, move and remove in one directory at once" {
  mount_rw
  local i pids=()
  for i in 1 2 3 4 5 6 7 8; do
    (
      for k in $(seq 40); do
        mkdir "$MNT/w$i-$k"
        mv "$MNT/w$i-$k" "$MNT/v$i-$k"
        [ $((k % 2)) -eq 0 ] || rmdir "$MNT/v$i-$k"
      done
    ) &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
  is 163 "$(ls "$MNT" | wc -l)"
  is 163 "$(after 'len(f)')"
}
