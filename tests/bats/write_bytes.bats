# write_bytes: files that are neither text nor arrays: pictures, archives, swap files.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store.h5
  DIR=$BATS_TEST_TMPDIR/files
  make_store "$STORE" <<'PY'
f["x"] = np.arange(5, dtype="<f4")
f["numbers"] = np.arange(3, dtype="u1")
f["opaque"] = np.array([b"a", b"\0"], dtype="V1")
PY
  mkdir "$DIR"
  head -c 3000 /dev/urandom >"$DIR/picture.png"
  printf '\0' >"$DIR/nul"
  printf 'na\xefve\n' >"$DIR/latin"
  printf 'no newline \xff' >"$DIR/end"
}

remount() {
  "$EXPFS" unmount "$MNT"
  mount_rw "$@"
}

# What h5py has: after 'EXPRESSION with f and the bytes of a file b(name)'
after() {
  "$EXPFS" unmount "$MNT"
  "$PYTHON" -c '
import sys, h5py, numpy as np
f = h5py.File(sys.argv[1], "r")
b = lambda name: f[name][()].tobytes()
print(eval(sys.argv[2]))' "$STORE" "$1"
}

@test "any bytes are given back under their name, after a remount too" {
  mount_rw
  cp -r "$DIR" "$MNT/"
  diff -r "$DIR" "$MNT/files"
  is 3000 "$(stat -c %s "$MNT/files/picture.png")"
  remount
  diff -r "$DIR" "$MNT/files"
  cmp <(head -c 100 "$DIR/picture.png") "$MNT/files/picture.png[0:100]"
  is 3000 "$(stat -c %s "$MNT/files/picture.png.raw")"
  is '["00"]' "$(jq -c .value "$MNT/files/nul.json")"
  is "$(md5sum <"$DIR/picture.png") |V1 (3000,)" \
    "$(after '__import__("hashlib").md5(b("files/picture.png")).hexdigest() + "  - %s %s" % (f["files/picture.png"].dtype.str, f["files/picture.png"].shape)')"
}

@test "long files are taken as they come, packed ones as well" {
  head -c 40000000 /dev/urandom >"$DIR/video"
  { yes 'many lines of text' | head -c 20000000; printf '\0end'; } >"$DIR/late"
  mount_rw complib=zlib
  cp "$DIR/video" "$DIR/late" "$MNT/"
  cmp "$DIR/video" "$MNT/video"
  cmp "$DIR/late" "$MNT/late"
  remount
  cmp "$DIR/video" "$MNT/video"
  cmp "$DIR/late" "$MNT/late"
}

@test "a file of bytes is written in place, cut and appended to as any file" {
  mount_rw
  for f in "$DIR/picture.png" "$MNT/picture.png"; do
    [ -e "$f" ] || cp "$DIR/nul" "$f"
    head -c 5000 "$EXPFS" >"$f"
    printf 'here' | dd of="$f" bs=1 seek=1234 conv=notrunc status=none
    printf 'there' | dd of="$f" bs=1 seek=9000 conv=notrunc status=none
    truncate -s 8000 "$f"
    truncate -s 20000 "$f"
    cat "$DIR/latin" >>"$f"
  done
  cmp "$DIR/picture.png" "$MNT/picture.png"
  echo 42 >"$MNT/picture.png"
  text_is "$MNT/picture.png" '42\n'
  : >"$MNT/picture.png"
  is 0 "$(stat -c %s "$MNT/picture.png")"
  cp "$DIR/latin" "$MNT/picture.png"
  remount
  cmp "$DIR/latin" "$MNT/picture.png"
  is "b'na\\xefve\\n'" "$(after 'b("picture.png")')"
}

@test "bytes that begin as text, and holes" {
  mount_rw
  { echo 1; sync "$MNT"; printf 'a\0b'; } >"$MNT/late"
  printf '1\na\0b' | cmp - "$MNT/late"
  echo 7 >"$MNT/number"
  printf 'x' | dd of="$MNT/hole" bs=1 seek=5000 status=none
  is 5001 "$(stat -c %s "$MNT/hole")"
  is x "$(tr -d '\0' <"$MNT/hole")"
  is "b'1\\na\\x00b' 7 5001" "$(after '"%s %d %d" % (b("late"), f["number"][()], len(b("hole")))')"
}

@test "rsync and mv put a file of bytes over another, or over a text" {
  mount_rw
  cp "$DIR/picture.png" "$MNT/a"
  setfattr -n user.title -v face "$MNT/a"
  cp "$DIR/end" "$DIR/a"
  rsync "$DIR/a" "$MNT/a"
  cmp "$DIR/a" "$MNT/a"
  xattr_is "$MNT/a" title face
  cp "$DIR/picture.png" "$MNT/b"
  mv "$MNT/b" "$MNT/x"
  cmp "$DIR/picture.png" "$MNT/x"
  mkdir "$MNT/copy"
  cp -a "$MNT/x" "$MNT/a" "$MNT/copy/"
  cmp "$MNT/x" "$MNT/copy/x"
  cmp "$MNT/a" "$MNT/copy/a"
  is 'True |V1' "$(after '"%s %s" % (b("x") == b("copy/x"), f["copy/a"].dtype.str)')"
}

@test "bytes over an array are refused, and datasets of bytes by others show as ever" {
  mount_rw
  fails_with 'Invalid argument' cp "$DIR/picture.png" "$MNT/x"
  is '0.0 1.0 2.0 3.0 4.0' "$(xargs <"$MNT/x")"
  is '0 1 2' "$(xargs <"$MNT/numbers")"
  is '61 00' "$(xargs <"$MNT/opaque")"
  printf 'ab' >"$MNT/new.raw"
  is '97 98' "$(xargs <"$MNT/new")"
}

@test "what is no NPY file is refused by the first write to a name that says so, and the log tells" {
  mount_rw
  "$PYTHON" - "$MNT/new.npy" "$MNT/x.npy" <<'PY'
import errno, os, sys
for name in sys.argv[1:]:
    for bytes in (b"1 2 3\n", b"\x93NUMPX", b"\x93NUMPY\x07\x00", b"\0"):
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            os.write(fd, bytes)
            sys.exit("%s took %s" % (name, bytes))
        except OSError as e:
            assert e.errno == errno.EINVAL, e
        os.close(fd)
PY
  grep -q 'warning: /x.npy: no NPY file' "$MNT/.expfs/log"
  grep -q 'warning: /new.npy: no NPY file' "$MNT/.expfs/log"
  [ ! -e "$MNT/new" ]
  is '0.0 1.0 2.0 3.0 4.0' "$(xargs <"$MNT/x")"
}

@test "texts of a fixed length that hold NULs are the same in copies with their types" {
  local other=$BATS_TEST_TMPDIR/other.h5
  rm "$STORE"
  make_store "$STORE" <<'PY'
f["row"] = np.array([b"a\0b", b"\0\0c", b"", b"abcd"], dtype="S4")
f["one"] = np.array(b"\0x", dtype="S3")
f["nothing"] = np.zeros((2, 2), dtype="S3")
f["lines"] = np.array([b"a\nb\0c", b"\\\0"], dtype="S6")
space = h5t.C_S1.copy(); space.set_size(4); space.set_strpad(h5t.STR_SPACEPAD)
low(f, "space", space, np.frombuffer(b"a\0b ", dtype="S4"), (1,))
PY
  mount_store "$STORE"
  "$EXPFS" create hdf5 "$other"
  mount_at "$MNT.2" "$other" -o rw
  cp -a "$MNT/." "$MNT.2/"
  diff -r "$MNT" "$MNT.2"
  "$EXPFS" unmount "$MNT.2"
  "$PYTHON" - "$STORE" "$other" <<'PY'
import sys, h5py
a, b = (h5py.File(name, "r") for name in sys.argv[1:])
for name in a:
    assert a[name].id.get_type().equal(b[name].id.get_type()), name
    assert a[name].shape == b[name].shape and a[name][()].tobytes() == b[name][()].tobytes(), name
PY
}
