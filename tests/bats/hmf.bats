# hmf: directories that HMF wrote. A reader in Python, pickle.load of the map and numpy.memmap, says what is in them.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store
}

# python 'CODE' ARGUMENT...: with the helpers of hmf_map.py
python() {
  PYTHONPATH=$BATS_TEST_DIRNAME "$PYTHON" -c "
import os, sys, pickle, numpy as np
from hmf_map import *
$1" "${@:2}"
}

# A copy of the store of this name in the reference stores at $STORE.
copy_reference() {
  need_shared
  cp -r "$EXPFS_SHARED/stores/hmf/$1" "$STORE"
  chmod -R u+w "$STORE"
}

log_has() {
  grep -q -F -- "$1" "$MNT/.expfs/log" || { cat "$MNT/.expfs/log"; return 1; }
}

attribute() {
  getfattr --absolute-names --only-values -n "user.$1" "$2"
}

# --- reading -----------------------------------------------------------------------------------------------------

@test "every array of the reference stores of all versions is what NumPy maps of its data file" {
  need_shared
  local store n=0
  for store in "$EXPFS_SHARED"/stores/hmf/*/; do
    mount_store "$store" 2>/dev/null || continue
    run -0 python 'print(compare(sys.argv[1], sys.argv[2]))' "$store" "$MNT"
    n=$((n + output))
    "$EXPFS" unmount "$MNT"
  done
  [ "$n" -ge 75 ]
}

@test "attributes are bare text, JSON where they have such a form, and a description where not" {
  copy_reference attrs_simple
  mount_store "$STORE"
  [ "$(attribute neghuge "$MNT/g" | head -c 10)" = -387468153 ]
  [ "$(attribute nested "$MNT/g")" = '{"l": [{"t": [1, {"s": [1, 2, 3]}]}], "d": {"e": {"f": {}}}}' ]
  [ "$(attribute bytes "$MNT/g")" = "b'\\x00\\xff'" ]
  "$EXPFS" unmount "$MNT"
  rm -r "$STORE"
  copy_reference attrs_odd
  mount_store "$STORE"
  [ "$(attribute ordered "$MNT/g")" = '{"a": 1, "b": 2}' ]
  [ "$(attribute datetime "$MNT/g")" = "2020-02-29T12:30:01.000005" ]
  [[ $(attribute recursive_list "$MNT/g") == *...* ]]
}

@test "an attribute of more than 64 KiB is whole in .attrs" {
  python 'make(sys.argv[1], attributes={"long": {"k%d" % i: "x" * 90 for i in range(3000)}})' "$STORE"
  mount_store "$STORE"
  not attribute long "$MNT"
  python '
import json
assert json.load(open(sys.argv[1])) == {"k%d" % i: "x" * 90 for i in range(3000)}' "$MNT/.attrs/long"
}

@test "what the map says of data frames is shown at the root" {
  copy_reference pandas_multi
  mount_store "$STORE"
  [ "$(attribute dataframe_colnames "$MNT")" = '{"second": {"df": ["a", "b"]}}' ]
  [ "$(attribute group_sizes "$MNT")" = '{"first": [3, 3], "second": [5]}' ]
  [ "$(attribute multi_pdfs "$MNT")" = true ]
  [ "$(cat "$MNT"/first/u/arr | wc -l)" = 3 ]
}

@test "the copies of the map are read in their order; the first that is a pickle counts" {
  copy_reference copies_differ
  mount_store "$STORE"
  python 'assert compare(sys.argv[1], sys.argv[2]) >= 1' "$STORE" "$MNT"
  "$EXPFS" unmount "$MNT"
  need_shared
  mount_store "$EXPFS_SHARED/stores/hmf/damaged_copies01"
  [ "$(attribute someAttribute "$MNT/groupA")" = attributeValue ]
}

@test "a store without a map that can be read is refused with the reason, one that was never closed is empty" {
  need_shared
  run -1 mount_store "$EXPFS_SHARED/stores/hmf/damaged_all"
  [[ $output == *"no copy of the map can be read"* ]]
  run -1 mount_store "$EXPFS_SHARED/stores/hmf/unpicklable"
  [[ $output == *"an attribute could not be pickled"* ]]
  run -1 mount_store "$EXPFS_SHARED/stores/hmf/not_closed"
  mount_store "$EXPFS_SHARED/stores/hmf/not_closed" -o format=hmf
  [ -z "$(ls "$MNT")" ]
  log_has "was never closed"
}

@test "a data file that is missing or too short is an error of that array only; a longer one is read" {
  python 'make(sys.argv[1], {"/a": np.arange(5), "/g/b": np.arange(6.), "/c": np.arange(3)})' "$STORE"
  rm "$STORE/a"
  truncate -s 20 "$STORE/g__b"
  truncate -s 100 "$STORE/c"
  mount_store "$STORE"
  not cat "$MNT/a"
  log_has "its data file a is missing"
  not cat "$MNT/g/b"
  log_has "ends within its elements"
  [ "$(tr -d ' ' <"$MNT/c" | paste -sd,)" = 0,1,2 ]
}

@test "an array is mapped where it lies in its data file" {
  python 'make(sys.argv[1], {"/x": np.arange(100000.)})' "$STORE"
  mount_store "$STORE"
  python '
x = np.load(sys.argv[1], mmap_mode="r")
assert x[99999] == 99999 and x.sum() == 99999 * 50000.0' "$MNT/x.npy"
  cmp "$MNT/x.raw" "$STORE/x"
}

@test "arrays are taken from the directory that was opened, and never from outside of it" {
  echo secret >"$BATS_TEST_TMPDIR/secret"
  python '
make(sys.argv[1], {"/up": np.arange(1, dtype="u1"), "/absolute": np.arange(1, dtype="u1"),
                   "/link": np.arange(1, dtype="u1"), "/map": np.arange(1, dtype="u1"), "/x": np.arange(4)}, root="/nowhere")
m = load(sys.argv[1])
m["nodes"]["up"]["dirpath"] = "../secret"
m["nodes"]["absolute"]["dirpath"] = os.path.dirname(sys.argv[1]) + "/secret"
m["nodes"]["map"]["dirpath"] = "__specialHMF__memmapMap0"
store(sys.argv[1], m)' "$STORE"
  rm "$STORE/link"
  ln -s ../secret "$STORE/link"
  mount_store "$STORE"
  [ "$(tr -d ' ' <"$MNT/x" | paste -sd,)" = 0,1,2,3 ]
  for name in up absolute link map; do
    not cat "$MNT/$name"
  done
  log_has "is a symbolic link"
  log_has "is no data file of this store"
}

@test "an array of objects, and a map that has a node in itself, are errors of their own" {
  python '
make(sys.argv[1], {"/o": np.arange(3), "/g/x": np.arange(3)})
m = load(sys.argv[1])
m["nodes"]["o"]["dtype"] = "object"
m["nodes"]["g"]["nodes"]["again"] = m["nodes"]["g"]
m["nodes"]["bad"] = 5
m["nodes"][7] = dict(m["nodes"]["o"], dtype="int64", dirpath="o")
store(sys.argv[1], m)' "$STORE"
  mount_store "$STORE"
  not cat "$MNT/o"
  log_has "only the addresses"
  not ls "$MNT/g/again/"
  not cat "$MNT/bad"
  [ "$(tr -d ' ' <"$MNT/g/x" | paste -sd,)" = 0,1,2 ]
  [ "$(tr -d ' ' <"$MNT/7" | paste -sd,)" = 0,1,2 ]
}

@test "no pickle in a map is executed" {
  python '
class Evil:
    def __reduce__(self):
        return os.system, ("touch " + sys.argv[2],)
make(sys.argv[1], {"/x": np.arange(3)}, attributes={"evil": Evil()})' "$STORE" "$BATS_TEST_TMPDIR/was_here"
  mount_store "$STORE"
  [[ $(attribute evil "$MNT") == *system* ]]
  cat "$MNT/x"
  [ ! -e "$BATS_TEST_TMPDIR/was_here" ]
}

@test "a data file that is a directory or a pipe is an I/O error that the log explains; the others are read" {
  python '
make(sys.argv[1], {"/a": np.arange(3), "/b": np.arange(3), "/c": np.arange(3)})
for n in "ab": os.unlink(f"{sys.argv[1]}/{n}")
os.mkfifo(sys.argv[1] + "/a")
os.mkdir(sys.argv[1] + "/b")' "$STORE"
  mount_store "$STORE"
  local name
  for name in a b; do
    run ! timeout 20 cat "$MNT/$name"
    [[ $output == *"Input/output error"* ]]
    log_has "'$name': its data file $name is no regular file"
  done
  [ "$(paste -sd, "$MNT/c")" = 0,1,2 ]
}

# --- writing -----------------------------------------------------------------------------------------------------

@test "a store is made from nothing with mkdir, cp, echo, seq and setfattr, and its map and files are HMF's" {
  "$EXPFS" create hmf "$STORE"
  python 'assert load(sys.argv[1])["nodes"] == {}' "$STORE"
  mount_rw
  mkdir -p "$MNT/group/deep"
  seq 5 >"$MNT/group/rows"
  echo 42 >"$MNT/answer"
  printf 'abc\nde\n' >"$MNT/text"
  python 'np.save(sys.argv[1], np.arange(24, dtype=">i2").reshape(2, 3, 4))' "$BATS_TEST_TMPDIR/b.npy"
  cp "$BATS_TEST_TMPDIR/b.npy" "$MNT/group/deep/big.npy"
  setfattr -n user.unit -v mV "$MNT/group"
  setfattr -n user.n -v 7 "$MNT/group/rows"
  setfattr -n user.list -v '[1.5, 2]' "$MNT"
  "$EXPFS" unmount "$MNT"
  python '
path = sys.argv[1]
m = load(path)
assert all(open(os.path.join(path, name), "rb").read() == open(os.path.join(path, MAPS[0]), "rb").read() for name in MAPS[:3])
assert list(m) == ["attributes", "nodes", "dirpath", "node_type", "dataframe_colnames", "grouped", "group_sizes",
                   "group_names", "group_items", "multi_pdfs"], list(m)
assert m["dirpath"] == path and m["node_type"] == "root" and m["multi_pdfs"] is False
assert type(m["dataframe_colnames"]).__name__ == "defaultdict" and m["dataframe_colnames"].default_factory is dict
assert m["attributes"] == {"list": [1.5, 2.0]} and m["nodes"]["group"]["attributes"] == {"unit": "mV"}
assert m["nodes"]["group"]["nodes"]["rows"] == {"node_type": "array", "attributes": {"n": 7}, "nodes": {},
                                               "dirpath": "group__rows", "dtype": "int64", "shape": (5,)}
a = arrays(path)
assert a["/group/rows"].tolist() == [1, 2, 3, 4, 5] and a["/answer"].tolist() == [42]
assert a["/text"].tolist() == ["abc", "de"] and a["/text"].dtype == "<U3"
assert a["/group/deep/big"].tolist() == np.arange(24).reshape(2, 3, 4).tolist()
assert m["nodes"]["group"]["nodes"]["deep"]["nodes"]["big"]["dtype"] == ">i2"
assert sorted(os.listdir(path)) == sorted(MAPS[:3] + ["group__rows", "answer", "text", "group__deep__big"])' "$STORE"
}

@test "arrays are appended to, changed in place, truncated, renamed, replaced and removed; the others are not written" {
  python '
make(sys.argv[1], {"/x": np.arange(4), "/y": np.ones(3), "/z": np.zeros(2), "/g/kept": np.arange(9.), "/g/moved": np.arange(3),
                   "/r": np.arange(5)})' "$STORE"
  local before
  before=$(stat -c %i.%Y "$STORE/g__kept")
  mount_rw
  echo 4 >>"$MNT/x"
  python '
import struct
with open(sys.argv[1], "r+b") as f:
    f.seek(8); f.write(struct.pack("<d", 2.5))' "$MNT/y.raw"
  rm "$MNT/z"
  mv "$MNT/g/moved" "$MNT/here"
  seq 7 >"$MNT/r"
  cat "$MNT/g/kept"
  "$EXPFS" unmount "$MNT"
  [ "$(stat -c %i.%Y "$STORE/g__kept")" = "$before" ]
  python '
a = arrays(sys.argv[1])
assert sorted(a) == ["/g/kept", "/here", "/r", "/x", "/y"], a
assert a["/x"].tolist() == [0, 1, 2, 3, 4] and a["/y"].tolist() == [1, 2.5, 1] and a["/here"].tolist() == [0, 1, 2]
assert a["/r"].tolist() == [1, 2, 3, 4, 5, 6, 7] and a["/g/kept"].tolist() == list(range(9))
assert sorted(os.listdir(sys.argv[1])) == sorted(MAPS[:3] + ["g__kept", "here", "r", "x", "y"]), os.listdir(sys.argv[1])' "$STORE"
}

@test "arrays and groups that change their names with each other have each other's files, also while they are read" {
  python 'make(sys.argv[1], {"/a": np.arange(3), "/b": np.arange(5), "/g/x": np.zeros(2), "/h/x": np.ones(4)})' "$STORE"
  mount_rw
  mv "$MNT/a" "$MNT/c"
  mv "$MNT/b" "$MNT/a"
  mv "$MNT/c" "$MNT/b"
  mv "$MNT/g" "$MNT/k"
  mv "$MNT/h" "$MNT/g"
  sync -f "$MNT/a"
  [ "$(tr -d ' ' <"$MNT/a" | paste -sd,)" = 0,1,2,3,4 ]
  [ "$(tr -d ' ' <"$MNT/g/x" | paste -sd,)" = 1.0,1.0,1.0,1.0 ]
  "$EXPFS" unmount "$MNT"
  python '
a = {where: array.tolist() for where, array in arrays(sys.argv[1]).items()}
assert a == {"/a": [0, 1, 2, 3, 4], "/b": [0, 1, 2], "/k/x": [0, 0], "/g/x": [1, 1, 1, 1]}, a
assert sorted(os.listdir(sys.argv[1])) == sorted(MAPS[:3] + ["a", "b", "k__x", "g__x"])' "$STORE"
}

@test "who has an array open that is removed, renamed over or made anew reads on what it was, also after commits" {
  python 'make(sys.argv[1], {"/" + n: np.arange(70000.) + i for i, n in enumerate("abcdef")})' "$STORE"
  mount_rw commit=0
  python '
mnt = sys.argv[1]
def sync(name):
    fd = os.open(f"{mnt}/{name}", os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)
def check(part):
    for i, n in enumerate("abcd"):
        at = 8 * 10000 * part
        got = np.frombuffer(os.pread(files[n], 80000, at), "<f8")
        assert np.array_equal(got, np.arange(10000.) + 10000 * part + i), (n, part, got)
files = {n: os.open(f"{mnt}/{n}.raw", os.O_RDONLY) for n in "abcd"}
os.unlink(f"{mnt}/a")
os.rename(f"{mnt}/e", f"{mnt}/b")
os.unlink(f"{mnt}/c")
open(f"{mnt}/c", "w").write("7\n8\n")
os.unlink(f"{mnt}/d")
os.mkdir(f"{mnt}/d")
open(f"{mnt}/d/inside", "w").write("9\n")
sync("c")
check(1)
os.rename(f"{mnt}/f", f"{mnt}/a")
sync("a")
check(2)
os.unlink(f"{mnt}/a")
sync("c")
check(6)
for fd in files.values(): os.close(fd)' "$MNT"
  [ "$(cat "$MNT/c" | paste -sd,)" = 7,8 ]
  [ "$(cat "$MNT/b[3]")" = 7.0 ]
  "$EXPFS" unmount "$MNT"
  python '
a = arrays(sys.argv[1])
assert sorted(a) == ["/b", "/c", "/d/inside"] and a["/b"][0] == 4 and a["/c"].tolist() == [7, 8], a
assert sorted(os.listdir(sys.argv[1])) == sorted(MAPS[:3] + ["b", "c", "d__inside"]), os.listdir(sys.argv[1])' "$STORE"
}

@test "values that are not changed stay what they are in Python, those of unknown classes too" {
  copy_reference attrs_odd
  python '
import pickletools
class Unknown: pass
sys.modules["nowhere"] = type(sys)("nowhere"); sys.modules["nowhere"].Unknown = Unknown
Unknown.__module__ = "nowhere"; Unknown.__qualname__ = "Unknown"
u = Unknown(); u.field = [1, 2]
m = load(sys.argv[1])
m["nodes"]["g"]["attributes"]["unknown"] = u
m["nodes"]["g"]["attributes"]["same"] = u.field
m["nodes"]["g"]["attributes"][("a", 1)] = 5
m["something new"] = {"x": 1}
store(sys.argv[1], m)' "$STORE"
  cp -r "$STORE" "$STORE.old"
  mount_rw
  setfattr -n user.mine -v '[1, 2]' "$MNT/g"
  setfattr -n user.deque -v text "$MNT/g"
  setfattr -x user.slice "$MNT/g"
  mkdir "$MNT/more"
  "$EXPFS" unmount "$MNT"
  python '
class Unknown: pass
sys.modules["nowhere"] = type(sys)("nowhere"); sys.modules["nowhere"].Unknown = Unknown
Unknown.__module__ = "nowhere"; Unknown.__qualname__ = "Unknown"
was, now = (load(path)["nodes"]["g"]["attributes"] for path in sys.argv[1:])
assert now.pop("mine") == [1, 2] and now.pop("deque") == "text" and "slice" not in now
del was["deque"], was["slice"]
assert list(map(repr, now)) == list(map(repr, was))
for a, b in zip(was.values(), now.values()):
    if type(a) is not Unknown:
        assert type(a) is type(b) and pickle.dumps(a, 4) == pickle.dumps(b, 4) or repr(a) == repr(b), (a, b)
assert now["unknown"].field == [1, 2] and now["unknown"].field is now["same"] and now[("a", 1)] == 5
assert load(sys.argv[2])["something new"] == {"x": 1} and "more" in load(sys.argv[2])["nodes"]' "$STORE.old" "$STORE"
}

@test "every reference store is written again with one attribute more, and all else in it is the same" {
  need_shared
  local store
  for store in "$EXPFS_SHARED"/stores/hmf/*/; do
    rm -rf "$STORE"
    cp -r "$store" "$STORE"
    chmod -R u+w "$STORE"
    mount_rw 2>/dev/null || continue
    setfattr -n user.mine -v 1 "$MNT"
    "$EXPFS" unmount "$MNT"
    python '
was, now = load(sys.argv[1]), load(sys.argv[2])
assert now["attributes"].pop("mine") == 1 and now["dirpath"] == sys.argv[2]
now["dirpath"] = was["dirpath"]
for key in list(now):
    if key not in was:
        del now[key]
assert list(now) == list(was) and repr(now) == repr(was), (was, now)
was, now = (set(os.listdir(path)) - set(MAPS) for path in sys.argv[1:])
assert was == now, (was, now)
assert not set(MAPS[3:]) & set(os.listdir(sys.argv[2]))' "${store%/}" "$STORE"
  done
}

@test "an array whose data file would be another's is refused, also when it is moved there" {
  "$EXPFS" create hmf "$STORE"
  mount_rw
  mkdir -p "$MNT/a/b" "$MNT/a__b" "$MNT/c/b"
  seq 3 >"$MNT/a/b/x"
  not cp "$MNT/a/b/x.npy" "$MNT/a__b/x.npy"
  log_has "that is the one of '/a/b/x'"
  not cp "$MNT/a/b/x.npy" "$MNT/a__b__x.npy"
  not cp "$MNT/a/b/x.npy" "$MNT/__specialHMF__memmapMap0.npy"
  seq 4 >"$MNT/c/b/x"
  rmdir "$MNT/a__b"
  run -1 mv "$MNT/c/b" "$MNT/a__b"
  mv "$MNT/a" "$MNT/d"
  mv "$MNT/c/b" "$MNT/a__b"
  "$EXPFS" unmount "$MNT"
  python '
a = {where: array.tolist() for where, array in arrays(sys.argv[1]).items()}
assert a == {"/d/b/x": [1, 2, 3], "/a__b/x": [1, 2, 3, 4]}, a' "$STORE"
}

@test "what HMF has no form for is refused: tables, no elements; spans of time and truths stay such when they are changed" {
  python '
make(sys.argv[1], {"/d": np.arange(3).astype("timedelta64[ms]"), "/x": np.arange(3)}, {"yes": False})' "$STORE"
  mount_rw
  setfattr -n user.yes -v true "$MNT"
  python 'np.save(sys.argv[1], np.zeros(3, [("a", "i4"), ("b", "f8")])); np.save(sys.argv[2], np.zeros((0, 3)))' \
    "$BATS_TEST_TMPDIR/t.npy" "$BATS_TEST_TMPDIR/e.npy"
  not cp "$BATS_TEST_TMPDIR/t.npy" "$MNT/t.npy"
  log_has "an HMF store has no tables"
  not cp "$BATS_TEST_TMPDIR/e.npy" "$MNT/e.npy"
  log_has "NumPy cannot map an empty file"
  echo 9 >>"$MNT/d"
  "$EXPFS" unmount "$MNT"
  python '
a = arrays(sys.argv[1])
assert load(sys.argv[1])["attributes"] == {"yes": True}
assert a["/d"].dtype == "m8[ms]" and a["/d"].astype(int).tolist() == [0, 1, 2, 9] and sorted(a) == ["/d", "/x"]' "$STORE"
}

@test "moments are changed in their text and stay moments" {
  python '
make(sys.argv[1], {"/" + unit: np.array(["2020-02-29T12:30:01.123456789", "1969-12-31T23:59:59", "NaT"], "M8[ns]").astype(
    f"{order}M8[{unit}]") for unit, order in zip(["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "25s"], "<>" * 6)})' "$STORE"
  cp -r "$STORE" "$STORE.old"
  mount_rw
  local unit
  for unit in Y M W D h m s ms us ns 25s; do
    echo 1970-01-01 >>"$MNT/$unit"
  done
  "$EXPFS" unmount "$MNT"
  python '
was, now = arrays(sys.argv[1]), arrays(sys.argv[2])
for where, array in was.items():
    last = np.array(["1970-01-01"], "M8[D]").astype(array.dtype)
    assert now[where].dtype == array.dtype, (where, now[where])
    assert now[where].tobytes() == array.tobytes() + last.tobytes(), (where, now[where])' "$STORE.old" "$STORE"
}

@test "a second writer is told who has the store, readers are not held up" {
  python 'make(sys.argv[1], {"/x": np.arange(3)})' "$STORE"
  mount_rw
  run -1 mount_at "$BATS_TEST_TMPDIR/second" "$STORE" -o rw
  [[ $output == *"is being written by process $(mount_pid "$MNT")"* ]]
  mount_at "$BATS_TEST_TMPDIR/second" "$STORE"
  cmp "$BATS_TEST_TMPDIR/second/x" "$MNT/x"
}

@test "nothing is written over what another program has changed" {
  python 'make(sys.argv[1], {"/x": np.arange(3)})' "$STORE"
  mount_rw commit=1000
  seq 9 >"$MNT/mine"
  python 'm = load(sys.argv[1]); m["attributes"]["theirs"] = 1; store(sys.argv[1], m)' "$STORE"
  not sync "$MNT/mine"
  log_has "was changed by another program"
  "$EXPFS" unmount "$MNT" || true
  python 'm = load(sys.argv[1]); assert m["attributes"] == {"theirs": 1} and list(m["nodes"]) == ["x"]' "$STORE"
}

@test "several programs write arrays of their own in one mount at once" {
  "$EXPFS" create hmf "$STORE"
  mount_rw commit=1
  python '
import multiprocessing
def work(k):
    for i in range(20):
        np.save(f"{sys.argv[1]}/a{k}_{i}.npy", np.full(1000 + i, k * 100 + i))
        with open(f"{sys.argv[1]}/a{k}_{i}", "a") as f:
            f.write("%d\n" % i)
if __name__ == "__main__":
    jobs = [multiprocessing.Process(target=work, args=(k,)) for k in range(4)]
    [job.start() for job in jobs]; [job.join() for job in jobs]
    assert all(job.exitcode == 0 for job in jobs)' "$MNT"
  "$EXPFS" unmount "$MNT"
  python '
a = arrays(sys.argv[1])
assert len(a) == 80
for k in range(4):
    for i in range(20):
        assert a[f"/a{k}_{i}"].tolist() == [k * 100 + i] * (1000 + i) + [i]' "$STORE"
}

# --- crashes -----------------------------------------------------------------------------------------------------

# unfinished: $STORE, in which /x of three elements becomes one of five, and /old goes, as a program leaves it that dies
# as soon as it has recorded that.
unfinished() {
  python '
path = sys.argv[1]
make(path, {"/x": np.arange(3), "/old": np.arange(2)})
make(path + ".new", {"/x": np.arange(5)})
os.rename(path + ".new/x", path + "/.expfs-new-0")
lines = ["expfs hmf commit 1", "rename\t.expfs-new-0\tx"]
for i, name in enumerate(MAPS[:3], 1):
    os.rename(f"{path}.new/{name}", f"{path}/.expfs-new-{i}")
    lines.append(f"rename\t.expfs-new-{i}\t{name}")
open(path + "/.expfs-commit", "w").write("\n".join(lines + ["remove\told", "end", ""]))' "$STORE"
}

@test "a commit that was recorded is finished by whoever opens the store next, wherever it stopped" {
  local done
  for done in 0 1 2 3 4; do
    rm -rf "$STORE" "$STORE.new"
    unfinished
    # What was done already.
    python '
for line in open(sys.argv[1] + "/.expfs-commit").read().split("\n")[1:1 + int(sys.argv[2])]:
    _, a, b = line.split("\t")
    os.rename(f"{sys.argv[1]}/{a}", f"{sys.argv[1]}/{b}")' "$STORE" "$done"
    if [ "$done" = 3 ]; then
      run -0 "$EXPFS" recover "$STORE"
    else
      mount_store "$STORE"
      [ "$(tr -d ' ' <"$MNT/x" | paste -sd,)" = 0,1,2,3,4 ]
      [ ! -e "$MNT/old" ]
      "$EXPFS" unmount "$MNT"
    fi
    python '
assert arrays(sys.argv[1])["/x"].tolist() == list(range(5))
assert sorted(os.listdir(sys.argv[1])) == sorted(MAPS[:3] + ["x"]), os.listdir(sys.argv[1])' "$STORE"
  done
}

@test "new files that were not recorded are dropped, and a record that cannot be is not made" {
  python 'make(sys.argv[1], {"/x": np.arange(3)})' "$STORE"
  echo >"$STORE/.expfs-new-0"
  mount_rw
  "$EXPFS" unmount "$MNT"
  [ "$(find "$STORE" -name '.*' -type f)" = "" ]
  echo keep >"$BATS_TEST_TMPDIR/outside"
  printf 'expfs hmf commit 1\nrename\t.expfs-new-0\t../outside\nend\n' >"$STORE/.expfs-commit"
  echo evil >"$STORE/.expfs-new-0"
  run -1 mount_rw
  [[ $output == *"no record of a commit"* ]]
  mount_store "$STORE"
  [ "$(wc -l <"$MNT/x")" = 3 ]
  [ "$(cat "$BATS_TEST_TMPDIR/outside")" = keep ]
}

@test "a program that is killed while it writes leaves a store whose arrays fit their files" {
  "$EXPFS" create hmf "$STORE"
  local round
  for round in 1 2 3 4 5 6; do
    mount_rw commit=1
    (for i in $(seq 400); do
      seq $((i % 50 + 1)) >"$MNT/x$((i % 7))" || break
      [ $((i % 10)) != 3 ] || mv "$MNT/x$((i % 7))" "$MNT/y$((i % 3))" || break
      [ $((i % 5)) != 0 ] || sync -f "$MNT/." || break
    done) 2>/dev/null &
    sleep 0.$((round * 13 % 10))
    kill -9 "$(mount_pid "$MNT")"
    wait $! || true
    umount -l "$MNT"
    run -0 "$EXPFS" recover "$STORE"
    python '
for where, array in arrays(sys.argv[1]).items():
    assert array.tolist() == list(range(1, len(array) + 1)), (where, array)' "$STORE"
  done
  mount_rw
  "$EXPFS" unmount "$MNT"
  run -0 find "$STORE" -name ".expfs*"
  [ -z "$output" ]
}
