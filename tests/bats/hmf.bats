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
