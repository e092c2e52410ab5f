# queries_formats: what queries find in stores of each format: by the attributes that it has, and by what expfs knows of
# objects. Runs of pypet and objects in HDF5 are in queries.bats, Mozaik in mozaik_queries.bats.
load common

setup() {
  common_setup
  need_shared
  STORES=$EXPFS_SHARED/stores
}

names_in() {
  find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort | paste -s -d ' '
}

# The names of what an expression finds, by a path; the same by expfs find has to be the same.
found() {
  local path
  path=$(names_in "$MNT/.where/$1")
  is "$path" "$("$EXPFS" find "$STORE" "$1" | sed 's|.*/||' | LC_ALL=C sort | paste -s -d ' ')" >&2
  echo "$path"
}

@test "queries of GenericIO: variables by their flags and types" {
  STORE=$STORES/genericio/be_plain.tmp.gio
  mount_store "$STORE"
  is "$(getfattr -R -P --absolute-names -n user.maybe_ghost "$MNT" 2>/dev/null | sed -n 's|^# file: .*/||p' | LC_ALL=C sort | paste -s -d ' ')" \
    "$(found maybe_ghost=true)"
  [ -n "$(found maybe_ghost=true)" ]
  is "$(cd "$MNT" && for x in *; do [ "$(getfattr --only-values -n user.expfs.dtype "$x" 2>/dev/null)" != '>f4' ] || echo "$x"; done | LC_ALL=C sort | paste -s -d ' ')" \
    "$(found 'expfs.dtype=>f4')"
  is '' "$(found 'maybe_ghost=true,expfs.kind=group')"
}

@test "queries of npz: members by type and shape" {
  STORE=$BATS_TEST_TMPDIR/store.npz
  "$PYTHON" -c '
import numpy as np, sys
np.savez(sys.argv[1], a=np.zeros((3, 4), "f4"), b=np.zeros(3), c=np.zeros((3, 4)), d=np.int64(1))' "$STORE"
  mount_store "$STORE"
  is 'b c' "$(found 'expfs.dtype=<f8')"
  is 'a c' "$(found 'expfs.shape=[3, 4]')"
  is 'c' "$(found 'expfs.dtype=<f8,expfs.shape=[3,4]')"
  is 'd' "$(found 'expfs.shape=[]')"
  is 'a b c' "$(found 'expfs.shape~"[3*"')"
  is '<f4 <f8 <i8' "$(names_in "$MNT/.by/expfs.dtype")"
  is '<f4,[3, 4] <f8,[3, 4] <f8,[3] <i8,[]' "$(names_in "$MNT/.by/expfs.dtype,expfs.shape")"
}

@test "queries of LArPix files: the attributes of meta, as they are after messages were written" {
  STORE=$BATS_TEST_TMPDIR/store.h5
  cp "$STORES/larpix/appended_thrice.h5" "$STORE"
  chmod u+w "$STORE"
  mount_store "$STORE" -o rw
  is meta "$(names_in "$MNT/.where/version=0.0")"
  is meta "$(names_in "$MNT/.where/modified<1709155693")"
  head -n 1 "$MNT/msgs" >>"$MNT/msgs"
  sync "$MNT/msgs"
  is '' "$(names_in "$MNT/.where/modified<1709155693")"
  is meta "$(names_in "$MNT/.where/modified=$(getfattr --only-values -n user.modified "$MNT/meta")")"
}

@test "queries of HMF: groups and arrays by attributes of any kind" {
  STORE=$STORES/hmf/attrs_simple
  mount_store "$STORE"
  is 'arr g' "$(found byte255=255)"
  is 'arr' "$(found byte255=255,expfs.kind=dataset)"
  is 'arr g' "$(found 'byte255>=254,byte255!=256')"
  is '' "$(found byte255=254)"
}

@test "queries of pickles: objects by their class and arrays by their type" {
  STORE=$BATS_TEST_TMPDIR/store.pickle
  "$PYTHON" -c '
import pickle, sys, types, numpy as np
m = types.ModuleType("lab"); sys.modules["lab"] = m
class Cell: pass
Cell.__module__ = "lab"; m.Cell = Cell
one, two = Cell(), Cell()
one.rate = 1.5; two.rate = 2.5
pickle.dump({"one": one, "two": two, "x": np.arange(3.0)}, open(sys.argv[1], "wb"))' "$STORE"
  mount_store "$STORE"
  is 'one two' "$(found 'expfs.class~*Cell')"
  is 'x' "$(found 'expfs.shape=[3]')"
}
