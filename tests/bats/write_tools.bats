# write_tools: what people write with: shells, editors, cp, rsync, tar, tee, ed, vim, setfattr, numpy.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store.h5
  make_store "$STORE" <<'PY'
f["x"] = np.arange(5, dtype="<f4")
f["x"].attrs["unit"] = "mm"
f["names"] = np.array(["ab", "c"], dtype=object)
f["group/y"] = np.arange(3)
table = np.zeros(2, dtype=[("a", "<i4"), ("b", "<f8")])
table["a"] = [1, 2]
table["b"] = [4.5, 0]
f.create_dataset("table", data=table, maxshape=(None,))
PY
}

@test "text in a new file makes a dataset of the type that it looks like" {
  mount_rw
  echo 42 >"$MNT/int"
  echo -0.5 >"$MNT/float"
  printf '1\t2\n3\t4.5\n' >"$MNT/grid"
  printf 'ab\nc d\n' >"$MNT/words"
  printf 'one line, no newline' >"$MNT/word"
  is 42 "$(cat "$MNT/int")"
  text_is "$MNT/grid" '1.0\t2.0\n3.0\t4.5\n'
  text_is "$MNT/word" 'one line, no newline\n'
  is '<i8 () 42 <f8 () -0.5 <f8 (2, 2) |O (2,) one line, no newline' "$(after \
    '" ".join([kind("int"), str(f["int"][()]), kind("float"), str(f["float"][()]), kind("grid"), kind("words"), f["word"].asstr()[()]])')"
}

@test "text in an existing dataset keeps its type, and what does not fit changes nothing" {
  mount_rw
  printf '1.5\n2.5\n' >"$MNT/x"
  text_is "$MNT/x" '1.5\n2.5\n'
  fails_with 'Invalid argument' bash -c "echo word >'$MNT/x'"
  text_is "$MNT/x" '1.5\n2.5\n'
  grep -q 'word' "$MNT/.expfs/log"
  xattr_is "$MNT/x" expfs.dtype '<f4'
  xattr_is "$MNT/x" unit mm
  is '<f4 (2,) mm' "$(after 'kind("x") + " " + f["x"].attrs["unit"]')"
}

@test ">> and tee -a append rows, to tables as well" {
  mount_rw
  echo 7 >>"$MNT/x"
  printf '3\t0.5\n' | tee -a "$MNT/table" >/dev/null
  for i in 1 2 3; do echo "$i" | tee -a "$MNT/log" >/dev/null; done
  is '0.0 1.0 2.0 3.0 4.0 7.0' "$(xargs <"$MNT/x")"
  is '1 2 3' "$(xargs <"$MNT/log")"
  is '[0. 1. 2. 3. 4. 7.] [1 2 3] [1 2 3]' "$(after '"%s %s %s" % (f["x"][:], f["table"]["a"], f["log"][:])')"
}

@test "one descriptor, several writers in turn" {
  mount_rw
  { /bin/echo 1; /bin/echo two; } >"$MNT/both"
  text_is "$MNT/both" '1\ntwo\n'
  { /bin/echo 1; /bin/echo 2.5; } >"$MNT/numbers"
  text_is "$MNT/numbers" '1.0\n2.5\n'
  exec 7>"$MNT/open"
  ls "$MNT" | grep -q -x open
  echo 5 >&7
  is 5 "$(cat "$MNT/open")"
  echo 6 >&7
  exec 7>&-
  text_is "$MNT/open" '5\n6\n'
}

@test "a file made without content takes the type of what is written later" {
  mount_rw
  touch "$MNT/empty"
  is 0 "$(stat -c %s "$MNT/empty")"
  : >"$MNT/other"
  echo 1.5 >"$MNT/empty"
  is 1.5 "$(cat "$MNT/empty")"
  setfattr -n user.unit -v s "$MNT/other"
  echo word >"$MNT/other"
  is word "$(cat "$MNT/other")"
  xattr_is "$MNT/other" unit s
  is '<f8 () word s' "$(after 'kind("empty") + " " + f["other"].asstr()[()] + " " + f["other"].attrs["unit"]')"
}

@test "sed -i, ed and vim keep type and attributes, unless the text is of another" {
  mount_rw
  sed -i 's/^3.0/33/' "$MNT/x"
  is '0.0 1.0 2.0 33.0 4.0' "$(xargs <"$MNT/x")"
  xattr_is "$MNT/x" expfs.dtype '<f4'
  xattr_is "$MNT/x" unit mm
  printf '1s/0.0/0.25/\nw\nq\n' | ed -s "$MNT/x"
  is '0.25 1.0 2.0 33.0 4.0' "$(xargs <"$MNT/x")"
  vim -es -u NONE -c '%s/33/34/' -c wq "$MNT/x" </dev/null
  is '0.25 1.0 2.0 34.0 4.0' "$(xargs <"$MNT/x")"
  xattr_is "$MNT/x" expfs.dtype '<f4'
  sed -i 's/4.5/0.5/' "$MNT/table"
  xattr_is "$MNT/table" expfs.dtype "[('a', '<i4'), ('b', '<f8')]"
  sed -i 's/34.0/word/' "$MNT/x"
  is '0.25 1.0 2.0 word 4.0' "$(xargs <"$MNT/x")"
  is 'group names table x' "$(ls -A "$MNT" | xargs)"
  is '|O (5,) [1 2] [0.5 0. ]' "$(after '"%s %s %s" % (kind("x"), f["table"]["a"], f["table"]["b"])')"
}

@test "an editor that keeps the old file as NAME~ and writes a new one keeps type and attributes" {
  mount_rw
  mv "$MNT/x" "$MNT/x~"
  sed 's/3.0/33/' "$MNT/x~" >"$MNT/x"
  is '0.0 1.0 2.0 33.0 4.0' "$(xargs <"$MNT/x")"
  is '0.0 1.0 2.0 3.0 4.0' "$(xargs <"$MNT/x~")"
  xattr_is "$MNT/x" expfs.dtype '<f4'
  xattr_is "$MNT/x" unit mm
  rm "$MNT/x~"
  mv "$MNT/group/y" "$MNT/group/y~"
  echo word >"$MNT/group/y"
  is word "$(cat "$MNT/group/y")"
  is '<f4 (5,) |O ()' "$(after 'kind("x") + " " + kind("group/y")')"
}

@test "a mapped array shows what a descriptor only for writing writes, and takes what it has not written" {
  mount_rw
  /usr/bin/python3 -c 'import numpy, sys; numpy.save(sys.argv[1], numpy.zeros(4096))' "$MNT/mapped.npy"
  is 'ABCD abcd IJKL' "$(/usr/bin/python3 - "$MNT/mapped.npy" <<'EOP'
import mmap, os, sys
mapped = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), 0)
assert mapped[128:132] == bytes(4)
only = os.open(sys.argv[1], os.O_WRONLY)
os.pwrite(only, b"ABCD ", 128)
assert mapped[128:133] == b"ABCD "
mapped[133:138] = b"abcd "
os.pwrite(only, b"IJKL", 138)
mapped.flush()
print(open(sys.argv[1], "rb").read()[128:142].decode())
EOP
)"
  is 'ABCD abcd IJKL' "$(after 'f["mapped"][:2].tobytes()[:14].decode()')"
}

@test "what is made of a dataset is read and not written, and says so at once" {
  mount_rw
  fails_with 'not supported' bash -c "echo 5 >'$MNT/x[1]'"
  fails_with 'not supported' bash -c "echo 5 >'$MNT/x.csv'"
  fails_with 'not supported' bash -c "echo 5 >'$MNT/x.attrs/unit'"
  fails_with 'not supported' bash -c "echo 5 >'$MNT/table.cols/a'"
  is '0.0 1.0 2.0 3.0 4.0' "$(xargs <"$MNT/x")"
}

@test "truncate cuts rows, dd conv=notrunc overwrites them, head and mv replace" {
  mount_rw
  truncate -s 8 "$MNT/x"
  text_is "$MNT/x" '0.0\n1.0\n'
  printf '7.5\n' | dd of="$MNT/x" conv=notrunc status=none
  text_is "$MNT/x" '7.5\n1.0\n'
  head -n 1 "$MNT/group/y" >"$MNT/short"
  mv "$MNT/short" "$MNT/group/y"
  text_is "$MNT/group/y" '0\n'
  is '[7.5 1. ] [0]' "$(after '"%s %s" % (f["x"][:], f["group/y"][()])')"
}

@test "setfattr sets attributes in the type that they have, or look like" {
  mount_rw
  setfattr -n user.unit -v cm "$MNT/x"
  setfattr -n user.count -v 3 "$MNT/x"
  setfattr -n user.scale -v 0.5 "$MNT/group"
  setfattr -n user.unit -v s "$MNT/group/y.npy"
  xattr_is "$MNT/x" unit cm
  xattr_is "$MNT/group/y" unit s
  setfattr -n user.count -v 4 "$MNT/x"
  fails_with 'No such attribute' setfattr -x user.none "$MNT/x"
  setfattr -n user.gone -v 1 "$MNT/x"
  setfattr -x user.gone "$MNT/x"
  fails_with 'not supported' setfattr -n security.x -v 1 "$MNT/x"
  setfattr -n user.expfs.dtype -v '<i2' "$MNT/x"
  xattr_is "$MNT/x" expfs.dtype '<f4'
  "$PYTHON" - "$MNT/x" <<'PY'
import errno, os, sys
for flags, name, wanted in ((os.XATTR_CREATE, "user.unit", errno.EEXIST), (os.XATTR_REPLACE, "user.none", errno.ENODATA)):
    try:
        os.setxattr(sys.argv[1], name, b"1", flags)
        assert False
    except OSError as e:
        assert e.errno == wanted, e
PY
  is "cm 4 0.5 s ['count', 'unit']" "$(after \
    '"%s %s %s %s %s" % (f["x"].attrs["unit"], f["x"].attrs["count"] + 0, f["group"].attrs["scale"], f["group/y"].attrs["unit"], sorted(f["x"].attrs))')"
}

@test "cp x.npy makes a dataset of its type, and mv does" {
  mount_rw
  "$PYTHON" - "$BATS_TEST_TMPDIR" <<'PY'
import numpy as np, sys
np.save(sys.argv[1] + "/a.npy", np.arange(6, dtype="<u2").reshape(2, 3))
np.save(sys.argv[1] + "/b.npy", np.array([1 + 2j]))
np.save(sys.argv[1] + "/c.npy", np.array([1.5, 2.5], dtype="<f4"))
PY
  cp "$BATS_TEST_TMPDIR/a.npy" "$MNT/group"
  mv "$BATS_TEST_TMPDIR/b.npy" "$MNT"
  rsync "$BATS_TEST_TMPDIR/c.npy" "$MNT/group/"
  cp "$BATS_TEST_TMPDIR/a.npy" "$MNT/named"
  is 'a c y' "$(ls "$MNT/group" | xargs)"
  text_is "$MNT/group/c" '1.5\n2.5\n'
  cp "$BATS_TEST_TMPDIR/a.npy" "$MNT/x.npy"
  xattr_is "$MNT/x" unit mm
  rsync "$BATS_TEST_TMPDIR/c.npy" "$MNT/x.npy"
  text_is "$MNT/x" '1.5\n2.5\n'
  xattr_is "$MNT/x" unit mm
  is '<u2 (2, 3) <c16 (1,) <f4 (2,) <u2 (2, 3) <f4 (2,)' "$(after \
    '" ".join(map(kind, ("group/a", "b", "group/c", "named", "x")))')"
}

@test "numpy.save, and the usual way to replace a file at once" {
  mount_rw
  "$PYTHON" - "$MNT" <<'PY'
import numpy as np, os, sys
os.chdir(sys.argv[1])
np.save("a.npy", np.arange(4))
np.save("tmp.npy", np.arange(3.0))
os.rename("tmp.npy", "a.npy")
m = np.lib.format.open_memmap("m.npy", mode="w+", dtype="<i4", shape=(2, 2))
m[:] = [[1, 2], [3, 4]]
m.flush()
del m
assert np.load("a.npy").tolist() == [0, 1, 2]
assert np.load("m.npy").tolist() == [[1, 2], [3, 4]]
PY
  is 'a group m names table x' "$(ls "$MNT" | xargs)"
  is '<f8 (3,) <i4 (2, 2)' "$(after 'kind("a") + " " + kind("m")')"
}

# A tree as people have it: text of numbers and words, nested, with attributes, links and a date.
make_tree() {
  mkdir -p "$1/deep/er" "$1/none"
  printf '1\n2\n3\n' >"$1/ints"
  printf '0.5\t1e-05\nnan\t-inf\n' >"$1/deep/floats"
  printf 'a word\n\nanother\\\\\n' >"$1/deep/er/words"
  : >"$1/nothing"
  setfattr -n user.unit -v mm "$1/ints"
  setfattr -n user.count -v 7 "$1/deep"
  ln -s ../ints "$1/deep/link"
  ln "$1/ints" "$1/deep/same"
  touch -d '2021-02-03 04:05:06 UTC' "$1/ints" "$1/deep/floats"
}

attributes() {
  (cd "$1" && find . ! -type l -print0 | sort -z | xargs -0 getfattr -d -m '^user\.(unit|count)$')
}

# Two trees have the same files, lines (not their padding), attributes and links.
same_tree() {
  diff <(cd "$1" && find . | sort) <(cd "$2" && find . | sort)
  diff -r -w --no-dereference "$1" "$2"
  diff <(attributes "$1") <(attributes "$2")
}

@test "cp -a in and out again" {
  mount_rw
  make_tree "$BATS_TEST_TMPDIR/tree"
  cp -a "$BATS_TEST_TMPDIR/tree" "$MNT/tree"
  same_tree "$BATS_TEST_TMPDIR/tree" "$MNT/tree"
  is "$(stat -c %Y "$BATS_TEST_TMPDIR/tree/ints")" "$(stat -c %Y "$MNT/tree/ints")"
  is "$(stat -c %i "$MNT/tree/ints")" "$(stat -c %i "$MNT/tree/deep/same")"
  cp -a "$MNT/tree" "$BATS_TEST_TMPDIR/out"
  same_tree "$BATS_TEST_TMPDIR/tree" "$BATS_TEST_TMPDIR/out"
  "$EXPFS" unmount "$MNT"
  mount_rw
  same_tree "$BATS_TEST_TMPDIR/tree" "$MNT/tree"
}

@test "rsync -aX in, again with nothing to do, and out again" {
  mount_rw
  make_tree "$BATS_TEST_TMPDIR/tree"
  rsync -aXH "$BATS_TEST_TMPDIR/tree/" "$MNT/tree/"
  same_tree "$BATS_TEST_TMPDIR/tree" "$MNT/tree"
  echo 4 >>"$BATS_TEST_TMPDIR/tree/ints"
  rsync -aXH "$BATS_TEST_TMPDIR/tree/" "$MNT/tree/"
  same_tree "$BATS_TEST_TMPDIR/tree" "$MNT/tree"
  is '' "$(find "$MNT/tree" -name '.*.??????')"
  rsync -aXH --filter='-x user.expfs.*' "$MNT/tree/" "$BATS_TEST_TMPDIR/out/"
  same_tree "$BATS_TEST_TMPDIR/tree" "$BATS_TEST_TMPDIR/out"
}

@test "tar --xattrs in and out again" {
  mount_rw
  make_tree "$BATS_TEST_TMPDIR/tree"
  tar --xattrs --xattrs-include='user.*' -C "$BATS_TEST_TMPDIR" -cf "$BATS_TEST_TMPDIR/tar" tree
  tar --xattrs --xattrs-include='user.*' -C "$MNT" -xf "$BATS_TEST_TMPDIR/tar"
  same_tree "$BATS_TEST_TMPDIR/tree" "$MNT/tree"
  mkdir "$BATS_TEST_TMPDIR/out"
  tar --xattrs --xattrs-include='user.*' -C "$MNT" -cf - tree | tar --xattrs --xattrs-include='user.*' -C "$BATS_TEST_TMPDIR/out" -xf -
  same_tree "$BATS_TEST_TMPDIR/tree" "$BATS_TEST_TMPDIR/out/tree"
}

@test "8 processes append 10,000 rows each to 8 datasets and to one: all are there, each whole" {
  mount_rw
  "$PYTHON" - "$MNT" <<'PY'
import multiprocessing, os, sys
def append(i):
    own = os.open("%s/own%d" % (sys.argv[1], i), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    shared = os.open(sys.argv[1] + "/shared", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for k in range(10000):
        os.write(own, b"%d\t%d\n" % (i, k))
        os.write(shared, b"%d\t%d\t%d\n" % (i, k, i * 10000 + k))
    os.close(own)
    os.close(shared)
with multiprocessing.Pool(8) as pool:
    pool.map(append, range(8), 1)
PY
  is 'True True' "$(after \
    '"%s %s" % (all((f["own%d" % i][:] == [(i, k) for k in range(10000)]).all() for i in range(8)), sorted(map(tuple, f["shared"][:].tolist())) == sorted((i, k, i * 10000 + k) for i in range(8) for k in range(10000)))')"
}
@test "8 processes append to one dataset by two names and two views: all rows are there, each whole" {
  mount_rw commit=1
  "$PYTHON" - "$MNT" <<'PY'
import multiprocessing, os, struct, sys
os.chdir(sys.argv[1])
with open("many", "w") as f:
    f.write("-1\t-1\n-1\t-1\n")
with open("many", "a") as f:
    f.write("-1\t-1\n")
os.link("many", "group/same")
def append(i):
    name = ("many", "group/same", "many.raw", "group/same.raw")[i % 4]
    fd = os.open(name, os.O_WRONLY | os.O_APPEND)
    for k in range(2000):
        os.write(fd, struct.pack("<qq", i, k) if name.endswith(".raw") else b"%d\t%d\n" % (i, k))
    os.close(fd)
with multiprocessing.Pool(8) as pool:
    pool.map(append, range(8), 1)
PY
  is 'True' "$(after 'sorted(map(tuple, f["many"][3:].tolist())) == [(i, k) for i in range(8) for k in range(2000)]')"
}

@test "a file that takes the place of one of two names of a dataset has its type and attributes, and leaves the other" {
  mount_rw
  ln "$MNT/x" "$MNT/group/same"
  sed -i 's/^3.0/30/' "$MNT/x"
  is '0.0 1.0 2.0 30.0 4.0 0.0 1.0 2.0 3.0 4.0' "$(cat "$MNT/x" "$MNT/group/same" | xargs)"
  is '<f4 (5,) mm <f4 (5,) mm' "$(after \
    '" ".join([kind("x"), f["x"].attrs["unit"], kind("group/same"), f["group/same"].attrs["unit"]])')"
}

@test "what is open goes on when one of two names of the dataset is removed or replaced" {
  mount_rw
  for name in a b; do printf '5\n0\n' >"$MNT/$name"; printf '1\n' >>"$MNT/$name"; ln "$MNT/$name" "$MNT/group/$name"; done
  exec 7>>"$MNT/a" 8>>"$MNT/b"
  echo 2 >&7
  echo 2 >&8
  rm "$MNT/a"
  echo 9 >"$MNT/c"
  mv "$MNT/c" "$MNT/b"
  echo 3 >&7
  echo 3 >&8
  exec 7>&- 8>&-
  is '9 5 0 1 2 3 5 0 1 2 3' "$(cat "$MNT/b" "$MNT/group/a" "$MNT/group/b" | xargs)"
}

# Makes a dataset of every kind of number and text, as groups of another store.
make_types() {
  make_store "$1" <<'PY'
for dtype in "<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", ">i4", ">f8", "<c8", "<c16", "|b1", "S5":
    values = np.array([0, 1, 1, 0, 1, 1], dtype) if dtype in ("|b1", "S5") else np.linspace(0, 100, 6).astype(dtype)
    name = dtype.strip("<|").replace(">", "big-")
    f[name + "/array"] = values
    f[name + "/grid"] = values.reshape(2, 3)
    f[name + "/one"] = values[:1]
    f[name + "/scalar"] = values[1]
    f[name + "/empty"] = values[:0]
    f[name].attrs["values"] = values
    f[name].attrs["value"] = values[1]
f["u8/large"] = np.array([2**64 - 1, 0], "<u8")
f["text"] = ["ab", "c\td", ""]
f["table"] = np.array([(1, 2.5), (3, 4.5)], dtype=[("a", "<i2"), ("b", "<f4")])
f["names"] = np.array([(1, "ab"), (3, "")], dtype=[("a", "<i2"), ("name", h5py.string_dtype())])
f.create_dataset("array type", (2,), np.dtype(("<u8", (3,))))[...] = [[2**64 - 1, 0, 1], [1, 2, 3]]
f["null"] = h5py.Empty("<i4")
f["table"].attrs["unit"] = "mm"
PY
}

own_attributes() {
  (cd "$1" && find . -print0 | sort -z | xargs -0 getfattr -d -m '^user\.val')
}

# Neither the root's name, nor how it is stored.
all_attributes() {
  (cd "$1" && find . -mindepth 1 -print0 | sort -z | xargs -0 getfattr -d -m '^user' | grep -v '^user.expfs.\(path\|storage\|chunks\|filters\)=')
}

same_store() {
  "$PYTHON" - "$1" "$2" "${3-/}" <<'PY'
import h5py, numpy as np, sys
a, b = h5py.File(sys.argv[1], "r"), h5py.File(sys.argv[2], "r")[sys.argv[3]]
bad = []
def same(p, q):
    if isinstance(p, h5py.Empty) or isinstance(q, h5py.Empty):
        return p == q
    p, q = np.asarray(p), np.asarray(q)
    return p.dtype == q.dtype and p.shape == q.shape and p.tolist() == q.tolist()
def compare(name, o):
    if name not in b:
        bad.append("missing " + name)
        return
    if isinstance(o, h5py.Dataset) and (not isinstance(b[name], h5py.Dataset) or o.dtype != b[name].dtype or not same(o[()], b[name][()])):
        bad.append("%s: %r %r" % (name, o, b[name]))
    if sorted(o.attrs) != sorted(b[name].attrs):
        bad.append("%s: %s %s" % (name, list(o.attrs), list(b[name].attrs)))
a.visititems(compare)
if len(list(a)) != len(list(b)):
    bad.append("%s %s" % (list(a), list(b)))
print("\n".join(bad))
sys.exit(bool(bad))
PY
}

@test "a store copied in from another mount by cp -a, rsync -aX or tar equals it object by object" {
  make_types "$BATS_TEST_TMPDIR/types.h5"
  mount_at "$BATS_TEST_TMPDIR/from" "$BATS_TEST_TMPDIR/types.h5"
  mount_rw
  cp -a "$BATS_TEST_TMPDIR/from" "$MNT/cp"
  rsync -aX "$BATS_TEST_TMPDIR/from/" "$MNT/rsync/"
  mkdir "$MNT/tar"
  tar --xattrs --xattrs-include='user.*' -C "$BATS_TEST_TMPDIR/from" -cf - . | tar --xattrs --xattrs-include='user.*' -C "$MNT/tar" -xf -
  # Attributes are the same text; what type the number is that they spell does not come along.
  for copy in cp rsync tar; do
    diff <(own_attributes "$BATS_TEST_TMPDIR/from") <(own_attributes "$MNT/$copy")
  done
  # Out again: the same bytes and all attributes but for those of where it lay.
  cp -a "$BATS_TEST_TMPDIR/from" "$BATS_TEST_TMPDIR/plain"
  rsync -aX "$MNT/rsync/" "$BATS_TEST_TMPDIR/out/"
  diff -r "$BATS_TEST_TMPDIR/plain" "$BATS_TEST_TMPDIR/out"
  diff <(all_attributes "$BATS_TEST_TMPDIR/plain") <(all_attributes "$BATS_TEST_TMPDIR/out")
  "$EXPFS" unmount "$MNT" "$BATS_TEST_TMPDIR/from"
  same_store "$BATS_TEST_TMPDIR/types.h5" "$STORE" cp
  same_store "$BATS_TEST_TMPDIR/types.h5" "$STORE" rsync
  same_store "$BATS_TEST_TMPDIR/types.h5" "$STORE" tar
}

