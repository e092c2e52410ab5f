# collection: directories that hold stores. Each store is a directory, other files pass through, and what other programs
# make, change and remove is noticed.
load common

setup() {
  common_setup
  DIR=$BATS_TEST_TMPDIR/dir
  mkdir -p "$DIR/sub/deep"
}

# store FILE N: an HDF5 file with x = N ... N + 9, g/y, a hard link and a soft one
store() {
  "$PYTHON" -c '
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "w") as f:
    f["x"] = np.arange(10) + int(sys.argv[2])
    g = f.create_group("g")
    g["y"] = np.linspace(0, 1, 5)
    g["soft"] = h5py.SoftLink("/x")
    g.attrs["n"] = int(sys.argv[2])
    f["hard"] = f["x"]' "$1" "$2"
}

attribute() {
  getfattr --absolute-names --only-values -n "user.$1" "$2"
}

# --- what shows --------------------------------------------------------------------------------------------------

@test "each store is a directory whatever its format and its name, and all other files pass through as they are" {
  store "$DIR/run1.hdf5" 0
  cp "$DIR/run1.hdf5" "$DIR/without_suffix"
  "$PYTHON" -c '
import sys, numpy as np, pickle
np.savez(sys.argv[1] + "/sub/a.npz", a=np.arange(3), b=np.eye(2))
np.save(sys.argv[1] + "/sub/deep/v.npy", np.arange(4))
pickle.dump({"k": [1, 2.5, "x"]}, open(sys.argv[1] + "/sub/p.pkl", "wb"))' "$DIR"
  head -c 300000 /dev/urandom >"$DIR/noise"
  printf 'hello\n' >"$DIR/notes.txt"
  : >"$DIR/sub/nothing"
  chmod 750 "$DIR/notes.txt"
  touch -d '2001-02-03 04:05:06.789' "$DIR/notes.txt"
  setfattr -n user.who -v me "$DIR/notes.txt"
  mount_store "$DIR"
  [ "$(attribute expfs.format "$MNT")" = collection ]
  [ "$(ls "$MNT")" = $'noise\nnotes.txt\nrun1.hdf5\nsub\nwithout_suffix' ]
  for name in run1.hdf5 without_suffix sub/a.npz sub/deep/v.npy sub/p.pkl; do
    [ -d "$MNT/$name" ]
  done
  [ "$(attribute expfs.format "$MNT/run1.hdf5")" = hdf5 ]
  [ "$(attribute expfs.format "$MNT/sub/a.npz/b")" = npz ]
  [ "$(attribute expfs.format "$MNT/sub/deep/v.npy")" = npy ]
  [ "$(attribute expfs.format "$MNT/sub/p.pkl")" = pickle ]
  [ "$(attribute expfs.path "$MNT/run1.hdf5/g/y")" = /run1.hdf5/g/y ]
  [ "$(tr '\n' ' ' <"$MNT/without_suffix/x")" = '0 1 2 3 4 5 6 7 8 9 ' ]
  [ "$(tail -n 1 "$MNT/sub/a.npz/b")" = $'0.0\t1.0' ]
  cmp "$DIR/noise" "$MNT/noise"
  cmp "$DIR/sub/nothing" "$MNT/sub/nothing"
  [ "$(stat -c '%A %s %y' "$MNT/notes.txt")" = "-r-xr-x--- 6 $(stat -c %y "$DIR/notes.txt")" ]
  [ "$(attribute who "$MNT/notes.txt")" = me ]
  [ "$(stat -c %Y "$MNT/run1.hdf5" "$MNT/run1.hdf5/x" | sort -u)" = "$(stat -c %Y "$DIR/run1.hdf5")" ]
}

@test "views, slices, queries and links of a store work in it as they do when it is mounted by itself" {
  store "$DIR/a.h5" 0
  store "$DIR/sub/b.h5" 5
  mount_store "$DIR"
  mount_at "$MNT-alone" "$DIR/sub/b.h5"
  (cd "$MNT/sub/b.h5" && find . | sort) >"$BATS_TEST_TMPDIR/inside"
  (cd "$MNT-alone" && find . | sort) >"$BATS_TEST_TMPDIR/alone"
  cmp "$BATS_TEST_TMPDIR/inside" "$BATS_TEST_TMPDIR/alone"
  for name in x x.npy g/y.csv 'x[2:4]' 'x[::2].npy' g/.attrs/n g/soft g.json; do
    cmp "$MNT/sub/b.h5/$name" "$MNT-alone/$name"
  done
  [ "$(readlink "$MNT/sub/b.h5/g/soft")" = "$(readlink "$MNT-alone/g/soft")" ]
  [ "$(ls "$MNT/sub/b.h5/.where/n=5")" = g ]
  [ "$(ls "$MNT/sub/b.h5/.by/n")" = 5 ]
  [ "$(cat "$MNT/sub/b.h5/.where/n=5/g/soft")" = "$(cat "$MNT-alone/x")" ]
  "$EXPFS" unmount "$MNT-alone"
}

@test "symlinks lead to the same as in the directory, whether inside or out of it, and loops end" {
  store "$DIR/a.h5" 3
  echo outside >"$BATS_TEST_TMPDIR/other"
  ln -s a.h5 "$DIR/plain"
  ln -s ../a.h5/x "$DIR/sub/up"
  ln -s "$DIR/a.h5" "$DIR/sub/absolute"
  ln -s ../other "$DIR/out"
  ln -s loop "$DIR/loop"
  ln -s . "$DIR/sub/self"
  mount_store "$DIR"
  [ "$(head -n 1 "$MNT/plain/x" | tr -d ' ')" = 3 ]
  [ "$(head -n 1 "$MNT/sub/up" | tr -d ' ')" = 3 ]
  [ "$(realpath "$MNT/sub/absolute")" = "$MNT/a.h5" ]
  [ "$(cat "$MNT/out")" = outside ]
  run cat "$MNT/loop"
  [[ $output == *'Too many levels of symbolic links'* ]]
  timeout 20 find "$MNT" >/dev/null
}

@test "a damaged store is an error with its reason in the log, and hides no sibling" {
  store "$DIR/a.h5" 1
  head -c 700 "$DIR/a.h5" >"$DIR/damaged.h5"
  store "$DIR/z.h5" 2
  mount_store "$DIR"
  [ "$(ls "$MNT")" = $'a.h5\ndamaged.h5\nsub\nz.h5' ]
  run -2 ls "$MNT/damaged.h5"
  [[ $output == *'Input/output error'* ]]
  grep -q 'damaged.h5: truncated' "$MNT/.expfs/log"
  cat "$MNT/a.h5/x" "$MNT/z.h5/x"
  [ "$(find "$MNT" -name y 2>/dev/null | wc -l)" = 2 ]
  [ "$(ls "$MNT/.where/n>=1" | wc -l)" = 2 ]
  run "$EXPFS" check "$DIR"
  [[ $output == *damaged.h5* ]]
  [ "$status" != 0 ]
}

@test "FIFOs, sockets and devices do not show, unreadable files are an error by themselves, and nothing waits" {
  store "$DIR/a.h5" 1
  mkfifo "$DIR/fifo"
  "$PYTHON" -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$DIR/sub/socket"
  timeout 20 "$EXPFS" "$DIR" "$MNT"
  [ "$(timeout 20 ls "$MNT")" = $'a.h5\nsub' ]
  [ -z "$(timeout 20 ls "$MNT/sub/deep")" ]
  run -1 timeout 20 cat "$MNT/fifo"
  [[ $output == *'No such file'* ]]
  timeout 20 cat "$MNT/a.h5/x"
}

@test "a journal is its store's and does not show, one without a store is a file" {
  store "$DIR/a.h5" 1
  echo left >"$DIR/orphan.expfs-wal"
  mount_at "$MNT-writer" "$DIR/a.h5" -o rw,commit=1
  echo 7 >"$MNT-writer/seven"
  sync "$MNT-writer/seven"
  [ -e "$DIR/a.h5.expfs-wal" ]
  mount_store "$DIR"
  [ "$(ls "$MNT")" = $'a.h5\norphan.expfs-wal\nsub' ]
  [ "$(cat "$MNT/orphan.expfs-wal")" = left ]
  [ ! -e "$MNT/a.h5.expfs-wal" ]
  [ "$(ls "$MNT/a.h5")" = $'g\nhard\nx' ]
  # A reader in the collection does not keep the writer from putting its changes into the store.
  "$EXPFS" unmount "$MNT-writer"
  [ ! -e "$DIR/a.h5.expfs-wal" ]
  [ "$(cat "$MNT/a.h5/seven")" = 7 ]
}

@test "a directory in which expfs itself is mounted does not show there" {
  store "$DIR/a.h5" 1
  MNT=$DIR/sub/mnt
  mount_store "$DIR"
  [ "$(timeout 20 find "$MNT" -name x | wc -l)" = 1 ]
  [ ! -e "$MNT/sub/mnt" ]
}

@test "no two objects of different stores have the same inode number, hard links have, and copies keep them" {
  for i in 1 2 3; do store "$DIR/s$i.h5" "$i"; done
  echo text >"$DIR/f"
  ln "$DIR/f" "$DIR/sub/f2"
  mount_store "$DIR"
  [ "$(find "$MNT" -printf '%i\n' | sort | uniq -d | wc -l)" = 4 ]
  for i in 1 2 3; do
    [ "$(stat -c %i "$MNT/s$i.h5/x")" = "$(stat -c %i "$MNT/s$i.h5/hard")" ]
  done
  [ "$(stat -c '%i %h' "$MNT/f")" = "$(stat -c '%i %h' "$MNT/sub/f2")" ]
  [ "$(stat -c %h "$MNT/f")" = 2 ]
  rsync -rlH "$MNT/" "$BATS_TEST_TMPDIR/copy/"
  [ "$(stat -c %h "$BATS_TEST_TMPDIR/copy/s2.h5/x")" = 2 ]
  diff -r "$MNT" "$BATS_TEST_TMPDIR/copy"
  tar -C "$MNT" -cf - . | tar -C "$BATS_TEST_TMPDIR/copy" -tf - >/dev/null
}

# --- what changes ------------------------------------------------------------------------------------------------

@test "what appears, is replaced, changed in place, becomes something else or goes shows so at the next look" {
  store "$DIR/a.h5" 1
  mount_store "$DIR"
  [ ! -e "$MNT/b.h5" ]
  [ "$(ls "$MNT" | tr '\n' ' ')" = 'a.h5 sub ' ]
  store "$DIR/b.h5" 5
  [ "$(head -n 1 "$MNT/b.h5/x" | tr -d ' ')" = 5 ]
  [ "$(ls "$MNT" | tr '\n' ' ')" = 'a.h5 b.h5 sub ' ]
  store "$DIR/other" 8
  mv "$DIR/other" "$DIR/b.h5"
  [ "$(head -n 1 "$MNT/b.h5/x" | tr -d ' ')" = 8 ]
  # In place, by a program that holds the file as h5py does, while the mount has looked into it.
  "$PYTHON" -c '
import sys, h5py
with h5py.File(sys.argv[1], "a") as f:
    f["added"] = 42
    f["x"][0] = 77' "$DIR/b.h5"
  [ "$(cat "$MNT/b.h5/added")" = 42 ]
  [ "$(head -n 1 "$MNT/b.h5/x" | tr -d ' ')" = 77 ]
  echo 'now a text' >"$DIR/b.h5"
  [ "$(cat "$MNT/b.h5")" = 'now a text' ]
  echo 'and more' >>"$DIR/b.h5"
  [ "$(tail -n 1 "$MNT/b.h5")" = 'and more' ]
  rm "$DIR/b.h5"
  [ ! -e "$MNT/b.h5" ]
  mkdir "$DIR/b.h5"
  store "$DIR/b.h5/inner" 9
  [ "$(head -n 1 "$MNT/b.h5/inner/x" | tr -d ' ')" = 9 ]
  rm -r "$DIR/b.h5" "$DIR/sub"
  [ "$(ls "$MNT")" = a.h5 ]
}

@test "a log that is written goes on under tail -f, and readers of a store that goes read on" {
  store "$DIR/a.h5" 1
  echo one >"$DIR/log"
  mount_store "$DIR"
  timeout 20 tail -s 0.1 -n +1 -f "$MNT/log" >"$BATS_TEST_TMPDIR/seen" 3>&- &
  local tail=$!
  sleep 0.5
  echo two >>"$DIR/log"
  for _ in $(seq 50); do
    ! grep -q two "$BATS_TEST_TMPDIR/seen" || break
    sleep 0.1
  done
  kill "$tail" || true
  wait "$tail" || true
  [ "$(cat "$BATS_TEST_TMPDIR/seen")" = $'one\ntwo' ]
  exec 7<"$MNT/a.h5/x"
  read -r first <&7
  rm "$DIR/a.h5"
  [ ! -e "$MNT/a.h5" ]
  [ "$first" = 1 ]
  [ "$(cat <&7 | wc -l)" = 9 ]
  exec 7<&-
  [ "$(ls "$MNT")" = $'log\nsub' ]
}

# --- how much ----------------------------------------------------------------------------------------------------

@test "of many stores a bounded number is open, however many were looked into" {
  store "$DIR/s0.h5" 1
  for i in $(seq 199); do cp "$DIR/s0.h5" "$DIR/s$i.h5"; done
  for i in $(seq 100); do echo "$i" >"$DIR/sub/t$i"; done
  mount_store "$DIR"
  local pid=$(mount_pid "$MNT")
  [ "$(cat "$MNT"/*/x | wc -l)" = 2000 ]
  [ "$(cat "$MNT"/sub/t* | wc -l)" = 100 ]
  find "$MNT" >/dev/null
  for _ in $(seq 50); do
    [ "$(awk '$1 == "open_stores" { print $2 }' "$MNT/.expfs/stats")" -gt 80 ] || break
    sleep 0.1
  done
  [ "$(awk '$1 == "open_stores" { print $2 }' "$MNT/.expfs/stats")" -le 80 ]
  [ "$(ls "/proc/$pid/fd" | wc -l)" -le 300 ]
  cat "$MNT/.json" | jq -e '.children | length == 201' >/dev/null
  [ "$(ls "/proc/$pid/fd" | wc -l)" -le 300 ]
}

@test "listing ten thousand files opens no store, and looks into each file once" {
  store "$DIR/sub/a.h5" 1
  "$PYTHON" -c '
import sys, os
for i in range(10000):
    open("%s/f%d" % (sys.argv[1], i), "w").write("%d\n" % i)
for i in range(50):
    os.link(sys.argv[1] + "/sub/a.h5", "%s/s%d.h5" % (sys.argv[1], i))' "$DIR"
  mount_store "$DIR" -o format=collection
  [ "$(ls -l "$MNT" | wc -l)" = 10052 ]
  [ "$(ls -l "$MNT" | grep -c ^d)" = 51 ]
  [ "$(awk '$1 == "open_stores" { print $2 }' "$MNT/.expfs/stats")" = 0 ]
  [ "$(cat "$MNT/f7777")" = 7777 ]
}

# --- verbs and options -------------------------------------------------------------------------------------------

@test "verbs take a collection, a path in its mount, and a store of it" {
  store "$DIR/a.h5" 1
  store "$DIR/sub/b.h5" 5
  run -0 "$EXPFS" info "$DIR"
  [[ $output == *$'format\tcollection'* ]]
  run -0 "$EXPFS" tree "$DIR"
  [ "$(grep -c 'x  <i8' <<<"$output")" = 2 ]
  run -0 "$EXPFS" check "$DIR"
  [[ $output == *' 0 damaged'* ]]
  [ "$("$EXPFS" find "$DIR" n=5)" = sub/b.h5/g ]
  mount_store "$DIR"
  run -0 "$EXPFS" info "$MNT/sub/b.h5"
  [[ $output == *$'format\thdf5'* ]]
  run -0 "$EXPFS" tree "$MNT/sub"
  [ "$(grep -c 'x  <i8' <<<"$output")" = 1 ]
  [ "$("$EXPFS" find "$MNT/sub/b.h5" n=5)" = g ]
  run -0 "$EXPFS" check "$MNT"
  [[ $output == *' 0 damaged'* ]]
}

@test "a collection is read only: rw is refused with what to do, and options about one store are refused" {
  store "$DIR/a.h5" 1
  run -1 "$EXPFS" "$DIR" "$MNT" -o rw
  [[ $output == *'mount that file by itself'* ]]
  run -1 "$EXPFS" "$DIR" "$MNT" -o trajectory=-1
  [[ $output == *'mount one of them by itself'* ]]
  run -1 "$EXPFS" "$DIR" "$MNT" -o version=1.0
  [[ $output == *collection* ]]
  mkdir "$BATS_TEST_TMPDIR/empty"
  run -1 "$EXPFS" "$BATS_TEST_TMPDIR/empty" "$MNT"
  [[ $output == *'not a store in a known format'* ]]
  mount_at "$MNT" "$BATS_TEST_TMPDIR/empty" -o format=collection
  [ -z "$(ls "$MNT")" ]
  run -1 touch "$MNT/new"
  [[ $output == *'Read-only file system'* ]]
}

@test "only= chooses among all that the collection shows" {
  store "$DIR/a.h5" 1
  store "$DIR/sub/b.h5" 5
  echo text >"$DIR/notes"
  mount_store "$DIR" -o 'only=sub/*/x'
  [ "$(cd "$MNT" && find . | sort | tr '\n' ' ')" = '. ./sub ./sub/b.h5 ./sub/b.h5/x ' ]
  store "$DIR/sub/c.h5" 6
  [ "$(head -n 1 "$MNT/sub/c.h5/x" | tr -d ' ')" = 6 ]
  rm "$DIR"/sub/*.h5
  [ -z "$(ls "$MNT")" ]
  store "$DIR/sub/d.h5" 7
  [ "$(ls "$MNT/sub")" = d.h5 ]
}

@test "the reference stores of all formats are in one mount what they are by themselves" {
  need_shared
  mount_store "$EXPFS_SHARED/stores"
  local n=0 store name
  for store in "$EXPFS_SHARED"/stores/*/*.h5 "$EXPFS_SHARED"/stores/*/*.hdf5 "$EXPFS_SHARED"/stores/*/*.npz; do
    [ -f "$store" ] && [ -d "$MNT/${store#"$EXPFS_SHARED"/stores/}" ] && [ "$n" -lt 12 ] || continue
    mount_at "$MNT-alone" "$store" 2>/dev/null || continue
    diff -r "$MNT/${store#"$EXPFS_SHARED"/stores/}" "$MNT-alone" >"$BATS_TEST_TMPDIR/differences" 2>&1 \
      || ! grep -v 'Input/output error\|not supported\|No such file' "$BATS_TEST_TMPDIR/differences"
    "$EXPFS" unmount "$MNT-alone"
    n=$((n + 1))
  done
  [ "$n" -ge 3 ]
}
