# pypet_service: what pypet asks its storage service to store, a test for each message, flag and argument that has none in
# another file, named as in the table of the man page.
load pypet

flag_is() { is "$2" "$(getfattr --only-values -n user.expfs.flag "$1" 2>/dev/null)"; }

# NPY files beside the store: npy NAME EXPRESSION
npy() {
  "$PYTHON" -c 'import numpy as np, sys
np.save(sys.argv[1], eval(sys.argv[2]))' "$BATS_TEST_TMPDIR/$1.npy" "$2"
}

# --- the trajectory ---------------------------------------------------------------------------------------------

@test "TRAJECTORY only_init: information and tables, and nothing in the branches" {
  "$EXPFS" create pypet "$STORE" one
  mount_rw
  mkdir "$MNT/two"
  "$EXPFS" unmount "$MNT"
  local name
  for name in one two; do
    is "b'$name' 1 [0] [] ['config', 'derived_parameters', 'parameters', 'results']" "$(loads $name \
      '" ".join(map(str, (t["info"]["name"], t["info"]["length"], t["runs"]["completed"].tolist(), t["explored"], sorted(n))))')"
  done
}

@test "UPDATE_TRAJECTORY: comment and length are changed where pypet reads them, and nothing else" {
  mount_copy multi_1_two alpha
  setfattr -n user.comment -v 'said later' "$TRAJ"
  printf '5\n' >>"$TRAJ/parameters/x.range"
  "$EXPFS" unmount "$MNT"
  is "b'said later' 3 3" "$(loads alpha '" ".join(map(str, (t["info"]["comment"], t["info"]["length"], len(t["runs"]))))')"
  loads_as alpha multi_1_two info.comment comment info.length 'runs\.2\..*' 'nodes\.parameters\.(x|grp\.trial)'
}

# --- leaves -----------------------------------------------------------------------------------------------------

@test "LEAF TABLE: a structured array of one axis, column by column" {
  mount_copy minimal mini
  npy t 'np.array([(1, 2.5, b"x", True), (7, 3.5, b"yy", False)], dtype=[("n", "i8"), ("f", "f8"), ("s", "S3"), ("b", "?")])'
  cp "$BATS_TEST_TMPDIR/t.npy" "$TRAJ/results/t.npy"
  setfattr -n user.expfs.flag -v TABLE "$TRAJ/results/t"
  flag_is "$TRAJ/results/t" TABLE
  is "{'b': [True, False], 'f': [2.5, 3.5], 'n': [1, 7], 's': ['x', 'yy']} TABLE" \
    "$(after mini 'str(dict(sorted(v("results.t").items()))) + " " + flag("mini/results/t/t")')"
}

@test "LEAF SPLIT_TABLE: a table that pypet has split is shown whole; one of more than 512 columns is made in one piece" {
  mount_copy types types
  is 600 "$(ls "$TRAJ/results/default/dict/dict_600" | wc -l)"
  echo 1 >"$TRAJ/results/before"
  npy wide 'np.array([tuple(range(513))], dtype=[("k%03d" % i, "i8") for i in range(513)])'
  cp "$BATS_TEST_TMPDIR/wide.npy" "$TRAJ/results/wide.npy"
  flag_is "$TRAJ/results/wide" TABLE
  is '512 1' "$(cut -f 513 <"$TRAJ/results/wide" | xargs) $(cat "$TRAJ/results/before")"
}

@test "LEAF NESTED_GROUP: items whose names have dots are directories of a result" {
  mount_copy types types
  is '1 grp top' "$(cat "$TRAJ/results/nested/grp/inner") $(ls "$TRAJ/results/nested" | xargs)"
  text_is "$TRAJ/results/nested/grp/other" '0\n1\n2\n'
  echo 5 >"$TRAJ/results/nested/grp/inner"
  "$EXPFS" unmount "$MNT"
  is '5 NESTED_GROUP' "$("$PYTHON" -c '
import sys, h5py
group = h5py.File(sys.argv[1], "r")["types/results/nested/grp"]
print(group["inner"][()], group.attrs["SRVC_STORE"].decode())' "$STORE")"
}

@test "LEAF PICKLE: a pickled item is the tree that it describes, with its bytes beside it" {
  mount_store "$PYPET/types.hdf5"
  is '1 [2, null]' "$(xargs <"$MNT/types/results/pickled/obj/a/b")"
  is "{'a': {'b': [1, (2, None)]}}" "$("$PYTHON" -c 'import pickle, sys; print(pickle.load(open(sys.argv[1], "rb")))' \
    "$MNT/types/results/pickled/obj.pickle")"
}

# Files beside the store: pickle NAME EXPRESSION PROTOCOL
pickle() {
  "$PYTHON" -c 'import pickle, sys; pickle.dump(eval(sys.argv[2]), open(sys.argv[1], "wb"), int(sys.argv[3]))' \
    "$BATS_TEST_TMPDIR/$1.pickle" "$2" "$3"
}

@test "LEAF PICKLE: a file NAME.pickle makes a PickleResult, below parameters a PickleParameter" {
  mount_copy minimal mini
  pickle tree '{"a": {"b": [1, (2, None)]}, "c": b"x\0"}' 2
  pickle list '[1, 2, 3]' 0
  pickle set '{1.5}' 4
  fails_with 'No such file' ls "$TRAJ/results/x"
  cp "$BATS_TEST_TMPDIR/tree.pickle" "$TRAJ/results/x.pickle"
  cp "$BATS_TEST_TMPDIR/list.pickle" "$TRAJ/results/list.pickle"
  cp "$BATS_TEST_TMPDIR/set.pickle" "$TRAJ/parameters/s.pickle"
  dd "if=$BATS_TEST_TMPDIR/tree.pickle" "of=$TRAJ/.run/0/results/y.pickle" bs=7 status=none
  is '1 [2, null]' "$(xargs <"$TRAJ/results/x/a/b")"
  text_is "$TRAJ/results/list" '1\n2\n3\n'
  text_is "$TRAJ/parameters/s" '1.5\n'
  cmp "$BATS_TEST_TMPDIR/tree.pickle" "$TRAJ/results/x.pickle"
  cmp "$BATS_TEST_TMPDIR/set.pickle" "$TRAJ/parameters/s.pickle"
  is "PickleResult 2 True PickleResult 0 [1, 2, 3] PickleParameter 4 {1.5} True bytes" "$(after mini '" ".join(map(str, (
    n["results.x"]["class"], n["results.x"]["items"]["__pckl_prtcl__"], pickle.loads(v("results.x")) == {"a": {"b": [1, (2, None)]}, "c": b"x\0"},
    n["results.list"]["class"], n["results.list"]["items"]["__pckl_prtcl__"], pickle.loads(v("results.list")),
    n["parameters.s"]["class"], n["parameters.s"]["items"]["__pckl_prtcl__"], pickle.loads(n["parameters.s"]["items"]["data"]),
    v("results.runs.run_00000000.y") == v("results.x"), type(v("results.x")).__name__)))' "$STORE" 'import pickle')"
  is 'ARRAY bytes 2.4' "$("$PYTHON" -c '
import sys, h5py
a = h5py.File(sys.argv[1], "r")["mini/results/x/x"].attrs
print(a["SRVC_STORE"].decode(), a["SRVC_DATA_SCALAR_TYPE"].decode(), a["VERSION"].decode())' "$STORE")"
}

@test "LEAF PICKLE: other bytes in NAME.pickle replace it, and what is shown of it" {
  mount_copy params params
  pickle tree '{"a": {"b": 1}}' 2
  pickle other '{"z": 3}' 0
  pickle list '[1, 2, 3]' 4
  local leaf=$TRAJ/parameters/pickled/dict name
  for name in tree other list tree; do
    cp "$BATS_TEST_TMPDIR/$name.pickle" "$leaf.pickle"
    cmp "$BATS_TEST_TMPDIR/$name.pickle" "$leaf.pickle"
    case $name in
    tree) is 'a 1' "$(ls "$leaf") $(cat "$leaf/a/b")" ;;
    other) is 'z 3' "$(ls "$leaf") $(cat "$leaf/z")" && fails_with 'No such file' cat "$leaf/a/b" ;;
    list) text_is "$leaf" '1\n2\n3\n' ;;
    esac
  done
  "$EXPFS" unmount "$MNT"
  is "{'a': {'b': 1}} 2 a pickle" "$(loads params '" ".join(map(str, (pickle.loads(n["parameters.pickled.dict"]["items"]["data"]),
    n["parameters.pickled.dict"]["items"]["__pckl_prtcl__"], n["parameters.pickled.dict"]["comment"])))' "$STORE" 'import pickle')"
  loads_as params params 'nodes\.parameters\.pickled\.dict.*'
}

@test "LEAF PICKLE: what is no pickle is refused when it is closed, and changes nothing" {
  mount_copy minimal mini
  pickle tree '{"a": 1}' 2
  cp "$BATS_TEST_TMPDIR/tree.pickle" "$TRAJ/results/x.pickle"
  echo hello >"$BATS_TEST_TMPDIR/text.pickle"
  head -c 9 "$BATS_TEST_TMPDIR/tree.pickle" >"$BATS_TEST_TMPDIR/short.pickle"
  (cat "$BATS_TEST_TMPDIR/tree.pickle" && printf '\0') >"$BATS_TEST_TMPDIR/long.pickle"
  local name
  for name in text short long; do
    fails_with 'Invalid argument' cp "$BATS_TEST_TMPDIR/$name.pickle" "$TRAJ/results/x.pickle"
    fails_with 'Invalid argument' cp "$BATS_TEST_TMPDIR/$name.pickle" "$TRAJ/results/$name.pickle"
    grep -q "/mini/results/$name.pickle: the bytes are no pickle" "$MNT/.expfs/log"
    cmp "$BATS_TEST_TMPDIR/tree.pickle" "$TRAJ/results/x.pickle"
  done
  fails_with 'File exists' cp "$BATS_TEST_TMPDIR/tree.pickle" "$TRAJ/results/r.pickle"
  is 'r x' "$(ls "$TRAJ/results" | xargs)"
  is '2.5 True' "$(after mini 'str(v("results.r")) + " " + str(pickle.loads(v("results.x")) == {"a": 1})' "$STORE" 'import pickle')"
}

@test "LEAF SHARED_DATA: an item is what its real flag says" {
  mount_copy shared_data shared
  "$PYTHON" "$EXPFS_SHARED/check/check_pypet_mount.py" "$MNT" "$PYPET/shared_data.expected.json" | tail -n 1 >"$BATS_TEST_TMPDIR/said"
  grep -q ', 0 failed' "$BATS_TEST_TMPDIR/said"
}

@test "LEAF store_flags: each item of a result under its own flag" {
  mount_copy minimal mini
  mkdir "$TRAJ/results/many"
  seq 3 >"$TRAJ/results/many/a"
  seq 3 >"$TRAJ/results/many/b"
  setfattr -n user.expfs.class -v Result "$TRAJ/results/many"
  setfattr -n user.expfs.flag -v ARRAY "$TRAJ/results/many/a"
  setfattr -n user.expfs.flag -v EARRAY "$TRAJ/results/many/b"
  is 'ARRAY EARRAY [1, 2, 3] [1, 2, 3]' "$(after mini \
    '" ".join(map(str, (flag("mini/results/many/a"), flag("mini/results/many/b"), *(a.tolist() for a in n["results.many"]["items"].values()))))')"
}

@test "LEAF overwrite=NAME: one item is replaced, the others keep every byte" {
  mount_copy delete_before del
  npy two 'np.arange(3)'
  cp "$BATS_TEST_TMPDIR/two.npy" "$TRAJ/results/parts/two.npy"
  "$EXPFS" unmount "$MNT"
  is '[0, 1, 2]' "$(loads del 'n["results.parts"]["items"]["two"].tolist()')"
  loads_as del delete_before nodes.results.parts
  equals delete_before '/del/results/parts/two(@.*)?' '/del/overview/results.*'
}

@test "LEAF overwrite=True: a leaf is replaced with comment and annotations" {
  mount_copy delete_before del
  mkdir "$TRAJ/results/new"
  echo 1 >"$TRAJ/results/new/only"
  setfattr -n user.expfs.class -v Result "$TRAJ/results/new"
  setfattr -n user.comment -v another "$TRAJ/results/new"
  rm -r "$TRAJ/results/parts"
  mv "$TRAJ/results/new" "$TRAJ/results/parts"
  is "{'only': 1} another {}" "$(after del '" ".join(str(n["results.parts"][k]) for k in ("items", "comment", "annotations"))')"
}

# Two directories of results, one in the store, one to be stored; both have `a`.
make_two() {
  mount_copy minimal mini
  mkdir "$TRAJ/results/g" "$BATS_TEST_TMPDIR/g"
  echo 1 >"$TRAJ/results/g/a"
  echo 7 >"$BATS_TEST_TMPDIR/g/a"
  echo 8 >"$BATS_TEST_TMPDIR/g/b"
}

@test "store STORE_NOTHING: rsync -n says what would be stored, and stores nothing" {
  make_two
  is 'g/a g/b' "$(cd "$BATS_TEST_TMPDIR" && rsync -n -rci --out-format=%n g "$TRAJ/results/" | xargs)"
  is "['results.g', 'results.g.a'] 1" "$(after mini 'str(sorted(p for p in n if "results.g" in p)) + " " + str(v("results.g.a"))')"
}

@test "store STORE_DATA_SKIPPING: rsync --ignore-existing leaves what is stored already" {
  make_two
  (cd "$BATS_TEST_TMPDIR" && rsync -r --ignore-existing g "$TRAJ/results/")
  is '1 8' "$(after mini 'str(v("results.g.a")) + " " + str(v("results.g.b"))')"
}

@test "store STORE_DATA: cp -n adds items to a leaf, and overwrites none" {
  mount_copy delete_before del
  local one
  one=$(cat "$TRAJ/results/parts/one" 2>/dev/null || ls "$TRAJ/results/parts")
  mkdir "$BATS_TEST_TMPDIR/parts"
  echo 7 >"$BATS_TEST_TMPDIR/parts/two"
  echo 8 >"$BATS_TEST_TMPDIR/parts/more"
  cp -rn "$BATS_TEST_TMPDIR/parts" "$TRAJ/results/"
  "$EXPFS" unmount "$MNT"
  is 8 "$(loads del 'n["results.parts"]["items"].pop("more")')"
  equals delete_before '/del/results/parts/more(@.*)?' '/del/overview/results.*'
}

@test "store OVERWRITE_DATA: cp -r takes the place of what is there" {
  make_two
  cp -r "$BATS_TEST_TMPDIR/g" "$TRAJ/results/"
  is '7 8' "$(after mini 'str(v("results.g.a")) + " " + str(v("results.g.b"))')"
}

# --- groups -----------------------------------------------------------------------------------------------------

@test "GROUP: mkdir, with a comment and annotations" {
  mount_copy minimal mini
  mkdir -p "$TRAJ/parameters/a_group/below"
  setfattr -n user.comment -v why "$TRAJ/parameters/a_group"
  setfattr -n user.annotation.n -v 3 "$TRAJ/parameters/a_group"
  is 'group why 3 group' "$(after mini \
    '" ".join(map(str, (n["parameters.a_group"]["kind"], n["parameters.a_group"]["comment"], n["parameters.a_group"]["annotations"]["n"], n["parameters.a_group.below"]["kind"])))')"
}

@test "TREE recursive: mkdir alone stores a group without what is below it" {
  mount_copy minimal mini
  mount_at "$MNT.2" "$PYPET/delete_before.hdf5"
  rsync -dX "$MNT.2/del/results/tree" "$TRAJ/results/"
  is "['results.tree']" "$(after mini 'sorted(p for p in n if "results.tree" in p)')"
}

@test "TREE max_depth: rsync without what is deeper" {
  mount_copy minimal mini
  mount_at "$MNT.2" "$PYPET/delete_before.hdf5"
  rsync -aX --exclude='/*/*/*' "$MNT.2/del/results/tree" "$TRAJ/results/"
  is "['results.tree', 'results.tree.a', 'results.tree.b']" "$(after mini 'sorted(p for p in n if "results.tree" in p)')"
}

@test "with_links: cp -a stores links, rsync --no-links does not" {
  mount_copy minimal mini
  mount_at "$MNT.2" "$PYPET/delete_before.hdf5"
  mkdir "$TRAJ/results/with" "$TRAJ/results/without"
  cp -a "$MNT.2/del/results/." "$TRAJ/results/with/"
  rsync -a --no-links "$MNT.2/del/results/" "$TRAJ/results/without/"
  "$EXPFS" unmount "$MNT"
  is "1 0" "$("$PYTHON" -c '
import sys, h5py
f = h5py.File(sys.argv[1], "r")["mini/results"]
print(*(sum(isinstance(f[g].get(name, getlink=True), h5py.SoftLink) for name in f[g]) for g in ("with", "without")))' "$STORE")"
}

@test "LIST: several nodes of any kind at once" {
  mount_copy minimal mini
  mount_at "$MNT.2" "$PYPET/delete_before.hdf5"
  cp -a "$MNT.2/del/results/tree" "$MNT.2/del/results/gone" "$MNT.2/del/results/parts" "$TRAJ/results/"
  "$EXPFS" unmount "$MNT"
  "$PYTHON" -c '
import sys
sys.path.insert(0, sys.argv[1])
from pypet_loader import load
from pypet_same import plain
a, b = load(sys.argv[2], "mini")["nodes"], load(sys.argv[3], "del")["nodes"]
names = [p for p in b if p.startswith(("results.tree", "results.gone", "results.parts"))]
assert len(names) > 4
for p in names:
    assert plain(a[p]) == plain(b[p]), (p, a[p], b[p])' "$TOP/tests/c" "$STORE" "$PYPET/delete_before.hdf5"
}

# --- deleting ---------------------------------------------------------------------------------------------------

@test "DELETE_LINK: the link goes, what it leads to stays" {
  mount_copy delete_before del
  [ -L "$TRAJ/to_keep" ]
  rm "$TRAJ/to_keep"
  "$EXPFS" unmount "$MNT"
  equals delete_before /del/to_keep
}

@test "DELETE remove_from_item: a mount has no other memory of an item than the store" {
  mount_copy delete_before del
  ls "$TRAJ/results/parts" >"$BATS_TEST_TMPDIR/before"
  exec 7<"$TRAJ/results/parts/two"
  rm "$TRAJ/results/parts/two"
  diff <(grep -v '^two$' "$BATS_TEST_TMPDIR/before") <(ls "$TRAJ/results/parts")
  fails_with 'No such file' cat "$TRAJ/results/parts/two"
  exec 7<&-
}

# --- merging ----------------------------------------------------------------------------------------------------

@test "MERGE copy_nodes: the other trajectory stays as it was" {
  take multi_1_two
  "$EXPFS" merge "$STORE:beta" alpha
  equals multi_1_two '/beta.*'
}

@test "MERGE backup: a backup of the trajectory first" {
  take multi_1_two
  "$EXPFS" backup "$STORE:beta" && "$EXPFS" merge "$STORE:beta" alpha
  is 5 "$(loads beta 'len(t["runs"])')"
  "$PYTHON" "$TOP/tests/c/pypet_compare.py" "$BATS_TEST_TMPDIR/backup_beta.hdf5" "$PYPET/multi_1_two.hdf5" '/@.*' '/alpha.*'
}

@test "MERGE consecutive_merge: one merge after the other" {
  take multi_1_two
  "$EXPFS" merge "$STORE:beta" alpha
  "$EXPFS" merge "$STORE:beta" alpha
  is "[1, 2, 3, 3, 4, 3, 4] 7 2" "$(loads beta \
    '" ".join(map(str, (n["parameters.x"]["range"], t["info"]["length"], sum(p.count(".") == 2 and ".merge_" in p for p in n))))')"
}

# --- data in place ----------------------------------------------------------------------------------------------

@test "ACCESS_DATA: a part is read, written in place and appended" {
  mount_copy minimal mini
  npy a 'np.arange(20.).reshape(10, 2)'
  cp "$BATS_TEST_TMPDIR/a.npy" "$TRAJ/results/a.npy"
  is '4.0 5.0 6.0 7.0' "$(xargs <"$TRAJ/results/a[2:4]")"
  is 9.0 "$(cat "$TRAJ/results/a[4,1]")"
  "$PYTHON" -c '
import numpy as np, sys
with open(sys.argv[1], "r+b") as f:
    f.seek(16 * 3)
    f.write(np.array([-1.0, -2.0]).tobytes())' "$TRAJ/results/a.raw"
  printf '50\t51\n' >>"$TRAJ/results/a"
  is '(11, 2) [-1.0, -2.0] [50.0, 51.0] 8.0' "$(after mini \
    '(lambda a: " ".join(map(str, (a.shape, a[3].tolist(), a[10].tolist(), a[4, 0]))))(n["results.a"]["items"]["a"])')"
}

@test "OPEN_FILE: a mount keeps the store open, and no other program writes it meanwhile" {
  mount_copy minimal mini
  fails_with 'unable to lock file' h5_open
  "$EXPFS" unmount "$MNT"
  h5_open
}

# Opens the store for writing, as h5py does.
h5_open() {
  HDF5_USE_FILE_LOCKING=TRUE "$PYTHON" -c 'import sys, h5py; h5py.File(sys.argv[1], "r+")' "$STORE"
}

@test "CLOSE_FILE: after unmounting all is in the store, and nothing is left beside it" {
  mount_copy minimal mini
  echo 7 >"$TRAJ/results/n"
  ls "$STORE.expfs-wal"
  "$EXPFS" unmount "$MNT"
  not ls "$STORE.expfs-wal"
  is 7 "$(loads mini 'v("results.n")')"
}

@test "FLUSH: expfs sync, after which other programs see what was written" {
  mount_copy minimal mini
  echo 7 >"$TRAJ/results/n"
  "$EXPFS" sync "$TRAJ"
  is 7 "$(loads mini 'v("results.n")')"
  is_mounted "$MNT"
}

# --- services ---------------------------------------------------------------------------------------------------

@test "LazyStorageService: null: takes everything and keeps nothing" {
  "$EXPFS" null: "$MNT" -o rw
  mkdir "$MNT/traj"
  echo 7 >"$MNT/traj/n"
  cp "$PYPET/minimal.hdf5" "$MNT/traj/"
  "$EXPFS" unmount "$MNT"
  "$EXPFS" null: "$MNT" -o rw
  is '' "$(ls -A "$MNT")"
}

@test "LockWrapper: processes that write through one mount wait for each other" {
  mount_copy minimal mini
  local i pids=()
  : >"$TRAJ/results/log"
  for i in 1 2 3 4; do
    { for k in 1 2 3 4 5; do echo $((10 * i + k)) >>"$TRAJ/results/log"; done; } 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
  is '[11, 12, 13, 14, 15, 21, 22, 23, 24, 25, 31, 32, 33, 34, 35, 41, 42, 43, 44, 45]' "$(after mini 'sorted(v("results.log"))')"
}

@test "QueueStorageServiceSender: expfs put --no-wait leaves a value to the mount and returns" {
  mount_copy minimal mini commit=600
  echo 7 | "$EXPFS" put --no-wait "$STORE:mini/results/n"
  is 7 "$(cat "$TRAJ/results/n")"
  is 7 "$(after mini 'v("results.n")')"
}

@test "QueueStorageServiceWriter: the mount, or each expfs put in its turn, stores what was put" {
  take minimal
  local i pids=()
  for i in 1 2 3 4; do
    { echo "$i" | "$EXPFS" put "$STORE:mini/results/n$i"; } 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
  is '[1, 2, 3, 4]' "$(loads mini '[v("results.n%d" % i) for i in (1, 2, 3, 4)]')"
}
