# Values that are written as one file: NAME.pickle and NAME.npz, also as items, by programs that rename, and under only=;
# sparse matrices of their parts, and directories within results.
load pypet

# Files beside the store, of Python: make_files 'STATEMENTS', which see pickle, np and D, the directory
make_files() {
  "$PYTHON" -c 'import sys, pickle, numpy as np
D = sys.argv[1] + "/"
def dump(name, value, protocol):
    pickle.dump(value, open(D + name + ".pickle", "wb"), protocol)
exec(sys.argv[2])' "$BATS_TEST_TMPDIR" "$1"
}

pickles() {
  make_files 'dump("a", {"k": [1, 2]}, 2); dump("b", [1, 2, 3], 0); dump("c", (1, 2.5), 4)'
}

# a: 2 x 3, with 1.5 and 2 in its first row, 3 in the second; b: 3 x 3, in another format
matrices() {
  make_files 'part = dict(indices=np.array([0, 2, 1], "i4"), indptr=np.array([0, 2, 3], "i4"), format=np.array(b"csr"))
np.savez(D + "a.npz", data=np.array([1.5, 2, 3]), shape=np.array([2, 3]), **part)
np.savez_compressed(D + "b.npz", data=np.array([1, 2, 3]), row=np.array([0, 2, 1]), col=np.array([0, 2, 1]),
                    shape=np.array([3, 3]), format=np.array(b"coo"))
np.savez(D + "outside.npz", data=np.array([1.5, 2, 3]), shape=np.array([2, 2]), **part)
np.savez(D + "longer.npz", data=np.array([1.5, 2, 3, 4]), shape=np.array([2, 3]), **part)
np.savez(D + "other.npz", x=np.arange(3))'
}

A='0\t0\t1.5\n0\t2\t2.0\n1\t1\t3.0\n'

# What scipy.sparse.load_npz finds in an item of pypet's: the statements for "after", with m(text) -> the arrays
M='import io, numpy as np
def m(text):
    with np.load(io.BytesIO(bytes.fromhex(text))) as z:
        return {k: z[k].tolist() for k in z.files}'

@test "LEAF PICKLE: NAME.pickle in a PickleResult of several items" {
  mount_copy minimal mini
  pickles
  mkdir "$TRAJ/results/p"
  setfattr -n user.expfs.class -v PickleResult "$TRAJ/results/p"
  cp "$BATS_TEST_TMPDIR/a.pickle" "$BATS_TEST_TMPDIR/b.pickle" "$TRAJ/results/p"
  is 'a b' "$(ls "$TRAJ/results/p" | xargs)"
  text_is "$TRAJ/results/p/b" '1\n2\n3\n'
  cmp "$BATS_TEST_TMPDIR/a.pickle" "$TRAJ/results/p/a.pickle"
  cp "$BATS_TEST_TMPDIR/c.pickle" "$TRAJ/results/p/b.pickle"
  cmp "$BATS_TEST_TMPDIR/c.pickle" "$TRAJ/results/p/b.pickle"
  is "PickleResult {'k': [1, 2]} (1, 2.5) 4" "$(after mini '" ".join(map(str, (n["results.p"]["class"],
    pickle.loads(n["results.p"]["items"]["a"]), pickle.loads(n["results.p"]["items"]["b"]),
    n["results.p"]["items"]["__pckl_prtcl__"])))' "$STORE" 'import pickle')"
}

@test "LEAF PICKLE: pickled results become the items of one" {
  mount_copy minimal mini
  pickles
  mkdir "$TRAJ/results/p"
  cp "$BATS_TEST_TMPDIR/a.pickle" "$BATS_TEST_TMPDIR/b.pickle" "$TRAJ/results/p"
  setfattr -n user.expfs.class -v Result "$TRAJ/results/p"
  is ResultGroup "$(getfattr --only-values -n user.expfs.class "$TRAJ/results/p")"
  setfattr -n user.expfs.class -v PickleResult "$TRAJ/results/p"
  text_is "$TRAJ/results/p/b" '1\n2\n3\n'
  is "['__pckl_prtcl__', 'a', 'b'] PickleResult" \
    "$(after mini 'str(sorted(n["results.p"]["items"])) + " " + n["results.p"]["class"]')"
}

@test "LEAF PICKLE: a file that is renamed to NAME.pickle, as rsync does it" {
  mount_copy minimal mini
  pickles
  mkdir "$TRAJ/results/p"
  setfattr -n user.expfs.class -v PickleResult "$TRAJ/results/p"
  local directory name
  for directory in results results/p; do
    for name in b a c b; do
      cp -f "$BATS_TEST_TMPDIR/$name.pickle" "$BATS_TEST_TMPDIR/x.pickle"
      rsync -a --ignore-times "$BATS_TEST_TMPDIR/x.pickle" "$TRAJ/$directory/"
      cmp "$BATS_TEST_TMPDIR/$name.pickle" "$TRAJ/$directory/x.pickle"
    done
    text_is "$TRAJ/$directory/x" '1\n2\n3\n'
  done
  cp "$BATS_TEST_TMPDIR/a.pickle" "$BATS_TEST_TMPDIR/q.pickle"
  rsync -a "$BATS_TEST_TMPDIR/q.pickle" "$TRAJ/parameters/"
  is k "$(ls "$TRAJ/parameters/q")"
  is 'p r x' "$(ls -A "$TRAJ/results" | xargs)"
  is x "$(ls -A "$TRAJ/results/p")"
  echo hello >"$BATS_TEST_TMPDIR/x.pickle"
  ! rsync -a --ignore-times "$BATS_TEST_TMPDIR/x.pickle" "$TRAJ/results/" 2>/dev/null
  text_is "$TRAJ/results/x" '1\n2\n3\n'
  is '[1, 2, 3] [1, 2, 3]' "$(after mini 'str(pickle.loads(v("results.x"))) + " " + str(pickle.loads(n["results.p"]["items"]["x"]))' "$STORE" 'import pickle')"
}

@test "LEAF PICKLE: NAME.pickle in a mount with only= and one with except=" {
  mount_copy minimal mini only=results
  pickles
  cp "$BATS_TEST_TMPDIR/b.pickle" "$TRAJ/results/x.pickle"
  text_is "$TRAJ/results/x" '1\n2\n3\n'
  wait_until 10 "$EXPFS" unmount "$MNT" 2>/dev/null
  mount_rw only=x
  cp "$BATS_TEST_TMPDIR/c.pickle" "$TRAJ/results/x.pickle"
  cmp "$BATS_TEST_TMPDIR/c.pickle" "$TRAJ/results/x.pickle"
  fails_with 'Operation not supported' cp "$BATS_TEST_TMPDIR/c.pickle" "$TRAJ/results/y.pickle"
  wait_until 10 "$EXPFS" unmount "$MNT" 2>/dev/null
  mount_rw except=x
  cp "$BATS_TEST_TMPDIR/b.pickle" "$TRAJ/results/y.pickle"
  fails_with 'Operation not supported' cp "$BATS_TEST_TMPDIR/b.pickle" "$TRAJ/results/x.pickle"
  is '(1, 2.5) [1, 2, 3]' "$(after mini 'str(pickle.loads(v("results.x"))) + " " + str(pickle.loads(v("results.y")))' \
    "$STORE" 'import pickle')"
}

@test "LEAF of a SparseResult: NAME.npz, as scipy.sparse.save_npz writes it, makes a SparseResult and a SparseParameter" {
  mount_copy minimal mini
  matrices
  cp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/results/"
  cp "$BATS_TEST_TMPDIR/b.npz" "$TRAJ/parameters/p.npz"
  rsync "$BATS_TEST_TMPDIR/b.npz" "$TRAJ/results/"
  text_is "$TRAJ/results/a" "$A"
  text_is "$TRAJ/parameters/p" '0\t0\t1\n2\t2\t2\n1\t1\t3\n'
  cmp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/results/a.npz"
  cmp "$BATS_TEST_TMPDIR/b.npz" "$TRAJ/results/b.npz"
  is '[3, 3] coo' "$(getfattr --only-values -n user.shape "$TRAJ/results/b") $(getfattr --only-values -n user.format "$TRAJ/results/b")"
  cp "$BATS_TEST_TMPDIR/b.npz" "$TRAJ/results/a.npz"
  text_is "$TRAJ/results/a" '0\t0\t1\n2\t2\t2\n1\t1\t3\n'
  mv "$TRAJ/results/a" "$TRAJ/results/c"
  is 'SparseResult SparseParameter True [3, 3] [1, 2, 3] coo str' "$(after mini '" ".join(map(str, (
    n["results.c"]["class"], n["parameters.p"]["class"], n["results.c"]["items"]["c__spsp__"] == open(D, "rb").read().hex(),
    m(n["results.c"]["items"]["c__spsp__"])["shape"], m(n["parameters.p"]["items"]["data__spsp__"])["data"],
    m(n["results.b"]["items"]["b__spsp__"])["format"].decode(), type(n["results.b"]["items"]["b__spsp__"]).__name__)))' \
    "$STORE" "$M
D = '$BATS_TEST_TMPDIR/b.npz'")"
}

@test "LEAF of a SparseResult: what is none is refused when it is closed, and changes nothing" {
  mount_copy minimal mini
  matrices
  cp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/results/"
  local name
  for name in outside longer other; do
    fails_with 'Invalid argument' cp "$BATS_TEST_TMPDIR/$name.npz" "$TRAJ/results/"
    fails_with 'Invalid argument' cp "$BATS_TEST_TMPDIR/$name.npz" "$TRAJ/results/a.npz"
    grep -q "/mini/results/$name.npz: not a sparse matrix" "$MNT/.expfs/log"
  done
  text_is "$TRAJ/results/a" "$A"
  fails_with 'Operation not supported' tee -a "$TRAJ/results/a" <<<"0	0	1"
  grep -q 'written whole as NAME.npz' "$MNT/.expfs/log"
  is 'a r' "$(ls "$TRAJ/results" | xargs)"
}

@test "LEAF of a SparseResult: an item of a result, which is a SparseResult then" {
  mount_copy minimal mini
  matrices
  mkdir "$TRAJ/results/s"
  setfattr -n user.expfs.class -v Result "$TRAJ/results/s"
  echo 3 >"$TRAJ/results/s/k"
  cp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/results/s/"
  rsync -a "$BATS_TEST_TMPDIR/b.npz" "$TRAJ/results/s/"
  is SparseResult "$(getfattr --only-values -n user.expfs.class "$TRAJ/results/s")"
  text_is "$TRAJ/results/s/a" "$A"
  cp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/results/s/b.npz"
  pickles
  fails_with 'Operation not supported' cp "$BATS_TEST_TMPDIR/a.pickle" "$TRAJ/results/s/x.pickle"
  mkdir "$TRAJ/results/t"
  cp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/results/t/"
  echo 5 >"$TRAJ/results/t/w"
  setfattr -n user.expfs.class -v SparseResult "$TRAJ/results/t"
  text_is "$TRAJ/results/t/a" "$A"
  is "['a__spsp__', 'b__spsp__', 'k'] [2, 3] SparseResult ['a__spsp__', 'w'] 5" "$(after mini '" ".join(map(str, (
    sorted(n["results.s"]["items"]), m(n["results.s"]["items"]["b__spsp__"])["shape"], n["results.t"]["class"],
    sorted(n["results.t"]["items"]), n["results.t"]["items"]["w"])))' "$STORE" "$M")"
}

@test "LEAF of a SparseResult: made of its parts: data, indices, indptr, shape and format" {
  mount_copy minimal mini
  local at=$TRAJ/results/s
  mkdir "$at"
  printf '1.5\n2\n3\n' >"$at/data"
  printf '0\n2\n1\n' >"$at/indices"
  printf '0\n2\n3\n' >"$at/indptr"
  printf '2\n2\n' >"$at/shape"
  echo csr >"$at/format"
  fails_with 'Invalid argument' setfattr -n user.expfs.class -v SparseResult "$at"
  grep -q 'a number outside of its shape' "$MNT/.expfs/log"
  is 'data format indices indptr shape' "$(ls "$at" | xargs)"
  printf '2\n3\n' >"$at/shape"
  setfattr -n user.expfs.class -v SparseResult "$at"
  text_is "$at/s" "$A"
  "$EXPFS" unmount "$MNT"
  is "SparseResult {'data': [1.5, 2.0, 3.0], 'indices': [0, 2, 1], 'indptr': [0, 2, 3], 'shape': [2, 3], 'format': b'csr'}" \
    "$(loads mini 'n["results.s"]["class"] + " " + str(m(n["results.s"]["items"]["s__spsp__"]))' "$STORE" "$M")"
  mount_rw
  text_is "$TRAJ/results/s" "$A"
}

@test "a directory within a result is a dict" {
  mount_copy minimal mini
  mkdir "$TRAJ/results/s"
  setfattr -n user.expfs.class -v Result "$TRAJ/results/s"
  echo 3 >"$TRAJ/results/s/k"
  mkdir "$TRAJ/results/s/d" "$TRAJ/results/s/none" "$TRAJ/results/s/gone"
  echo 1 >"$TRAJ/results/s/d/one"
  echo text >"$TRAJ/results/s/d/a-b"
  fails_with 'File exists' mkdir "$TRAJ/results/s/k"
  fails_with 'Operation not supported' mkdir "$TRAJ/results/s/d/e"
  rmdir "$TRAJ/results/s/gone"
  fails_with 'Directory not empty' rmdir "$TRAJ/results/s/d"
  is 'd k none' "$(ls "$TRAJ/results/s" | xargs)"
  is "{'d': {'a-b': 'text', 'one': 1}, 'k': 3, 'none': {}}" \
    "$(after mini 'str(dict(sorted((k, dict(sorted(x.items())) if isinstance(x, dict) else x) for k, x in n["results.s"]["items"].items())))')"
}

@test "TREE: a pickled annotation of a trajectory comes along with copies" {
  take minimal
  "$PYTHON" -W ignore -c 'import sys, tables
with tables.open_file(sys.argv[1], "r+") as f:
    a = f.root.mini._v_attrs
    a.SRVC_AN_pickled, a.SRVC_AN_plain, a.SRVC_ANNOTATED = [1, (2, "x")], "text", True' "$STORE"
  mount_rw
  mkdir "$MNT/two"
  cp -a "$MNT/mini/." "$MNT/two/"
  rsync -aX "$MNT/mini/" "$MNT/three/"
  "$EXPFS" unmount "$MNT"
  "$PYTHON" -W ignore -c 'import sys, tables
with tables.open_file(sys.argv[1]) as f:
    for name in "two", "three":
        a = f.root[name]._v_attrs
        assert (a.SRVC_AN_pickled, a.SRVC_AN_plain) == ([1, (2, "x")], "text"), (name, a)' "$STORE"
}

@test "TREE: rsync -aX of a trajectory of parameters, pickled, sparse and explored, is whole" {
  mkdir "$BATS_TEST_TMPDIR/from"
  cp "$PYPET/params.hdf5" "$OTHER"
  "$EXPFS" "$OTHER" "$BATS_TEST_TMPDIR/from"
  mount_copy minimal mini
  rsync -aX "$BATS_TEST_TMPDIR/from/params/" "$MNT/params/"
  "$EXPFS" unmount "$BATS_TEST_TMPDIR/from"
  "$EXPFS" unmount "$MNT"
  loads_as params params
}

@test "LEAF TABLE and DICT of more than 512 columns are kept in one piece, as far as HDF5 goes" {
  mount_copy minimal mini
  make_files 'for n in 600, 3000:
    np.save(D + f"t{n}.npy", np.array([tuple(range(n)), tuple(range(n, 2 * n))], [(f"c{i:04}", "i8") for i in range(n)]))'
  cp "$BATS_TEST_TMPDIR/t600.npy" "$TRAJ/results/t.npy"
  is '600 1199' "$(tail -n 1 "$TRAJ/results/t" | tr '\t' '\n' | sed -n '1p;$p' | xargs)"
  fails_with 'Argument list too long' cp "$BATS_TEST_TMPDIR/t3000.npy" "$TRAJ/results/u.npy"
  grep -q '3000 columns: HDF5 keeps the names and types of all in 64 KiB' "$MNT/.expfs/log"
  mkdir "$TRAJ/results/d"
  make_files 'import os
for i in range(520):
    open(sys.argv[1] + f"/mnt/mini/results/d/k{i:03}", "w").write(f"{i}\n")'
  setfattr -n user.expfs.flag -v DICT "$TRAJ/results/d"
  is '520 519' "$(ls "$TRAJ/results/d" | wc -l) $(cat "$TRAJ/results/d/k519")"
  echo text >"$TRAJ/results/d/k520"
  is '[599, 1199] 521 519 text' "$(after mini '" ".join(map(str, (n["results.t"]["items"]["t"]["c0599"],
    len(n["results.d"]["items"]["d"]), n["results.d"]["items"]["d"]["k519"], n["results.d"]["items"]["d"]["k520"])))')"
}
