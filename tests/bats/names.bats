# names: names that POSIX cannot carry, long names, links of every kind, cycles.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/names.h5" <<'PY'
def put(where, name, value):
    """A dataset under any name: h5py itself would take `.` and `/` apart."""
    d = h5d.create(where.id, None, h5t.NATIVE_INT32, h5s.create(h5s.SCALAR))
    d.write(h5s.ALL, h5s.ALL, np.array(value, "i4"))
    where.id.links  # the group is open
    h5o.link(d, where.id, name)
g = f.create_group("odd")
for i, name in enumerate([b"plain", b"with space", "ünï".encode(), b"%", b"%2E", b"100%", b"a%2Fb", b"new\nline", b"tab\there", b"star*[x]",
                          b"-dash", b"~tilde~", b"\xff\xfe", b".hidden", b"...", b"x" * 255]):
    put(g, name, i)
long = f.create_group("long")
put(long, b"y" * 256, 1)
put(long, b"y" * 255 + b"z", 2)
put(long, ("ä" * 200).encode(), 3)
virtual = f.create_group("virtual")
put(virtual, b"x", 1)
virtual["x.npy"] = 2
virtual["x.csv"] = 3
virtual["x[0]"] = 4
virtual["x.cols"] = 5
virtual["x.attrs"] = 6
virtual.create_group(".attrs")["inside"] = 7
virtual["t"] = np.array([(1,)], [("a", "i4")])

links = f.create_group("links")
links["data"] = np.arange(3)
links["again"] = links["data"]
links["third"] = links["data"]
links["soft"] = h5py.SoftLink("/links/data")
links["relative"] = h5py.SoftLink("data")
links["deep/soft"] = h5py.SoftLink("/links/data")
links["dangling"] = h5py.SoftLink("/nothing/here")
links["outside"] = h5py.SoftLink("/links/../../../etc")
links["external"] = h5py.ExternalLink("beside.h5", "/inner/z")
links["missing"] = h5py.ExternalLink("nowhere.h5", "/z")

loop = f.create_group("loop")
loop["self"] = loop
loop["down/up"] = loop
loop["soft"] = h5py.SoftLink("/loop")
loop["value"] = 9
a, b = f.create_group("a"), f.create_group("b")
a["b"], b["a"] = b, a
b["n"] = 5
PY
  $PYTHON - "$BATS_FILE_TMPDIR/beside.h5" <<'PY'
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "w") as f:
    f["inner/z"] = np.array([7, 8])
PY
}

setup() {
  common_setup
  mount_store "$BATS_FILE_TMPDIR/names.h5"
}

true_name_is() {
  xattr_is "$1" expfs.name "$2"
}

@test "names that POSIX can carry are shown byte for byte" {
  local name
  for name in plain 'with space' 'ünï' '100%' $'new\nline' $'tab\there' 'star*[x]' '-dash' '~tilde~' $'\xff\xfe' .hidden ... \
    "$(printf 'x%.0s' $(seq 255))"; do
    [ -f "$MNT/odd/$name" ] || { printf 'not there: %q\n' "$name"; return 1; }
    true_name_is "$MNT/odd/$name" "$name"
  done
  is 2 "$(cat "$MNT/odd/ünï")"
}

@test "a name that looks like an encoded one has its % written %25" {
  is 3 "$(cat "$MNT/odd/%25")"
  is 4 "$(cat "$MNT/odd/%252E")"
  is 6 "$(cat "$MNT/odd/a%252Fb")"
  true_name_is "$MNT/odd/%25" %
  true_name_is "$MNT/odd/%252E" %2E
  is 5 "$(cat "$MNT/odd/100%")"
  fails_with 'No such file' cat "$MNT/odd/%2E"
}

@test "names over 255 bytes are cut and end in ~ and a hash; no two collapse" {
  ls "$MNT/long" >"$BATS_TEST_TMPDIR/names"
  is 3 "$(sort -u "$BATS_TEST_TMPDIR/names" | wc -l)"
  is 3 "$(grep -c -E '~[0-9a-f]{8}$' "$BATS_TEST_TMPDIR/names")"
  local name
  while read -r name; do
    [ "$(LC_ALL=C; echo ${#name})" -le 255 ]
    iconv -f UTF-8 -t UTF-8 <<<"$name" >/dev/null
    case $(getfattr --only-values -n user.expfs.name "$MNT/long/$name") in
      *z) is 2 "$(cat "$MNT/long/$name")" ;;
      y*) is 1 "$(cat "$MNT/long/$name")" ;;
      ä*) is 3 "$(cat "$MNT/long/$name")" ;;
      *) false ;;
    esac
  done <"$BATS_TEST_TMPDIR/names"
}

@test "a cut name is found by a mount that has not listed it" {
  local name
  name=$(ls "$MNT/long" | grep z -m 1 || ls "$MNT/long" | head -n 1)
  unmount_all
  mount_store "$BATS_FILE_TMPDIR/names.h5"
  [ -n "$(cat "$MNT/long/$name")" ]
}

@test "a real node wins over a virtual name" {
  is 2 "$(cat "$MNT/virtual/x.npy")"
  is 3 "$(cat "$MNT/virtual/x.csv")"
  is 4 "$(cat "$MNT/virtual/x[0]")"
  is 5 "$(cat "$MNT/virtual/x.cols")"
  is 6 "$(cat "$MNT/virtual/x.attrs")"
  is 7 "$(cat "$MNT/virtual/.attrs/inside")"
  is 1 "$(cat "$MNT/virtual/t.cols/a")"
}

@test "hard links share an inode and count each other" {
  local inode
  inode=$(stat -c %i "$MNT/links/data")
  is "$inode" "$(stat -c %i "$MNT/links/again")"
  is "$inode" "$(stat -c %i "$MNT/links/third")"
  is 3 "$(stat -c %h "$MNT/links/data")"
  is 1 "$(stat -c %h "$MNT/odd/plain")"
  [ "$inode" != "$(stat -c %i "$MNT/odd/plain")" ]
  # du and tar see the data once.
  tar -C "$MNT/links" -c data again third | tar -tv >"$BATS_TEST_TMPDIR/list"
  is 2 "$(grep -c 'link to' "$BATS_TEST_TMPDIR/list")"
}

@test "inode numbers are stable while mounted" {
  find "$MNT" -printf '%i %p\n' | sort >"$BATS_TEST_TMPDIR/first"
  [ "$(id -u)" -ne 0 ] || echo 2 >/proc/sys/vm/drop_caches || true
  find "$MNT" -printf '%i %p\n' | sort >"$BATS_TEST_TMPDIR/second"
  cmp "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/second"
}

@test "soft links are symlinks that stay inside the mount" {
  [ -L "$MNT/links/soft" ]
  is "$(realpath "$MNT/links/data")" "$(realpath "$MNT/links/soft")"
  is "$(realpath "$MNT/links/data")" "$(realpath "$MNT/links/relative")"
  is "$(realpath "$MNT/links/data")" "$(realpath "$MNT/links/deep/soft")"
  [[ "$(readlink "$MNT/links/soft")" != /* ]]
  cmp "$MNT/links/soft" "$MNT/links/data"
  # Views are found by the link's name too.
  cmp "$MNT/links/soft.npy" "$MNT/links/data.npy"
  is "$(stat -c %s "$MNT/links/soft")" "$(readlink "$MNT/links/soft" | tr -d '\n' | wc -c)"
}

@test "a dangling soft link is a dangling symlink, and none leads out of the mount" {
  [ -L "$MNT/links/dangling" ]
  [ ! -e "$MNT/links/dangling" ]
  [ -L "$MNT/links/outside" ]
  [ ! -e "$MNT/links/outside" ]
  [[ "$(realpath -m "$MNT/links/outside")" == "$MNT"* ]]
}

@test "an external link whose file lies beside the store shows what is there" {
  text_is "$MNT/links/external" '7\n8\n'
}

@test "an external link to a missing file is a dangling symlink FILE:PATH" {
  [ -L "$MNT/links/missing" ]
  [[ "$(readlink "$MNT/links/missing")" == *nowhere.h5:/z ]]
  [ ! -e "$MNT/links/missing" ]
}

@test "find ends in groups that contain themselves" {
  timeout 20 find "$MNT/loop" >"$BATS_TEST_TMPDIR/found"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/found")" -lt 20 ]
  grep -q '/loop/value$' "$BATS_TEST_TMPDIR/found"
  timeout 20 find "$MNT/a" "$MNT/b" >"$BATS_TEST_TMPDIR/found"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/found")" -lt 20 ]
  is 5 "$(cat "$MNT/a/b/n")"
  is 5 "$(cat "$MNT/b/n")"
}

@test "grep -r, tar, cp -r, du and ls -R end, too" {
  timeout 20 grep -r 9 "$MNT/loop" || true
  timeout 20 tar -C "$MNT" -c . >/dev/null
  timeout 20 cp -r "$MNT/loop" "$BATS_TEST_TMPDIR/copy"
  is 9 "$(cat "$BATS_TEST_TMPDIR/copy/value")"
  timeout 20 du "$MNT" >/dev/null
  timeout 20 ls -laR "$MNT" >/dev/null
}

@test "a path through a cycle is still a path" {
  is 9 "$(cat "$MNT/loop/self/self/down/up/value")"
  is 5 "$(cat "$MNT/a/b/a/b/a/b/n")"
}
