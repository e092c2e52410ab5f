# Ranges written by hand whose values are no single ones: texts in tuples, arrays of several shapes, pickles, sparse
# matrices.
load pypet

# Files beside the store: two sparse matrices, three pickles.
make_files() {
  "$PYTHON" -c 'import sys, pickle, numpy as np
D = sys.argv[1] + "/"
for name, value, protocol in (("a", {"k": [1, 2]}, 2), ("b", [1, 2, 3], 0), ("c", "text", 4)):
    pickle.dump(value, open(D + name + ".pickle", "wb"), protocol)
for name, data in (("a", [1.5, 2, 3]), ("b", [7, 8, 9])):
    np.savez(D + name + ".npz", data=np.array(data), row=np.array([0, 0, 1]), col=np.array([0, 2, 1]),
             shape=np.array([2, 3]), format=np.array(b"coo"))' "$BATS_TEST_TMPDIR"
}


@test "UPDATE_LEAF of tuples of texts: a range of a line for each run, and more lines" {
  mount_copy minimal mini
  printf 'x\ny\n' >"$TRAJ/parameters/t"
  setfattr -n user.expfs.python -v 'tuple of str' "$TRAJ/parameters/t"
  printf 'a\tb\nrather long\tc\na\tb\n' >"$TRAJ/parameters/t.range"
  printf 'd\t\303\244\n' >>"$TRAJ/parameters/t.range"
  text_is "$TRAJ/parameters/t.range" 'a\tb\nrather long\tc\na\tb\nd\t\303\244\n'
  fails_with 'Invalid argument' dd of="$TRAJ/parameters/t.range" status=none <<<$'a\tb\tc'
  "$EXPFS" unmount "$MNT"
  is "[('a', 'b'), ('rather long', 'c'), ('a', 'b'), ('d', 'ä')] ('x', 'y') 4" \
    "$(loads mini '" ".join(map(str, (n["parameters.t"]["range"], v("parameters.t"), len(table("runs")))))')"
}

@test "UPDATE_LEAF of arrays of several shapes: a directory with a file for each run" {
  mount_copy minimal mini
  printf '1\n2\n3\n' >"$TRAJ/parameters/x"
  fails_with 'Operation not supported' mkdir "$TRAJ/parameters/a.range"
  mkdir "$TRAJ/parameters/x.range"
  fails_with 'File exists' mkdir "$TRAJ/parameters/x.range"
  printf '1\n2\n' >"$TRAJ/parameters/x.range/run_00000000"
  printf '7\t8\n9\t10\n' >"$TRAJ/parameters/x.range/run_00000003"
  is 'run_00000000 run_00000001 run_00000002 run_00000003' "$(ls "$TRAJ/parameters/x.range" | xargs)"
  text_is "$TRAJ/parameters/x.range/run_00000001" '1\n2\n3\n'
  printf '5\n' >"$TRAJ/.run/1/parameters/x"
  text_is "$TRAJ/parameters/x.range/run_00000001" '5\n'
  fails_with 'Invalid argument' touch "$TRAJ/parameters/x.range/other"
  "$EXPFS" unmount "$MNT"
  is '[[1, 2], [5], [1, 2, 3], [[7, 8], [9, 10]]]' "$(loads mini '[x.tolist() for x in n["parameters.x"]["range"]]')"
  mount_rw
  is '1 2' "$(xargs <"$TRAJ/.run/0/parameters/x")"
  rmdir "$TRAJ/parameters/x.range"
  is "['data__rr__']" "$(after mini 'sorted(n["parameters.x"]["items"])')"
}

@test "UPDATE_LEAF of pickles: run_00000000.pickle, and NAME.pickle within a run" {
  mount_copy minimal mini
  make_files
  cp "$BATS_TEST_TMPDIR/a.pickle" "$TRAJ/parameters/p.pickle"
  fails_with 'Operation not supported' sh -c 'seq 3 >"$1" || exit 1' - "$TRAJ/parameters/p.range"
  grep -q 'make the directory NAME.range' "$MNT/.expfs/log"
  mkdir "$TRAJ/parameters/p.range"
  cp "$BATS_TEST_TMPDIR/b.pickle" "$TRAJ/parameters/p.range/run_00000001.pickle"
  cp "$BATS_TEST_TMPDIR/c.pickle" "$TRAJ/.run/0/parameters/p.pickle"
  fails_with 'Invalid argument' cp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/parameters/p.range/run_00000001.npz"
  fails_with 'Invalid argument' cp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/parameters/p.range/run_00000001.pickle"
  text_is "$TRAJ/parameters/p.range/run_00000001" '1\n2\n3\n'
  text_is "$TRAJ/.run/0/parameters/p" 'text\n'
  cmp "$BATS_TEST_TMPDIR/b.pickle" "$TRAJ/.run/1/parameters/p.pickle"
  cp "$BATS_TEST_TMPDIR/a.pickle" "$TRAJ/parameters/p.range/run_00000003.pickle"
  is k "$(ls "$TRAJ/.run/2/parameters/p")"
  "$EXPFS" unmount "$MNT"
  is "['text', [1, 2, 3], {'k': [1, 2]}, {'k': [1, 2]}]" "$(loads mini \
    '[pickle.loads(n["parameters.p"]["items"]["xp_%08d" % i]) for i in n["parameters.p"]["range"]]' "$STORE" 'import pickle')"
  is "['parameters.p']" "$(loads mini '[x[0] for x in table("explorations")]')"
}

@test "UPDATE_LEAF of sparse matrices: run_00000000.npz, and NAME.npz within a run" {
  mount_copy minimal mini
  make_files
  cp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/parameters/m.npz"
  mkdir "$TRAJ/parameters/m.range"
  cp "$BATS_TEST_TMPDIR/b.npz" "$TRAJ/parameters/m.range/run_00000000.npz"
  cp "$BATS_TEST_TMPDIR/b.npz" "$TRAJ/parameters/m.range/run_00000002.npz"
  cp "$BATS_TEST_TMPDIR/a.npz" "$TRAJ/.run/0/parameters/m.npz"
  text_is "$TRAJ/parameters/m.range/run_00000000" '0\t0\t1.5\n0\t2\t2.0\n1\t1\t3.0\n'
  text_is "$TRAJ/.run/2/parameters/m" '0\t0\t7\n0\t2\t8\n1\t1\t9\n'
  cmp "$BATS_TEST_TMPDIR/b.npz" "$TRAJ/parameters/m.range/run_00000002.npz"
  "$EXPFS" unmount "$MNT"
  is '[[1.5, 2.0, 3.0], [1.5, 2.0, 3.0], [7, 8, 9]]' "$(loads mini '[m(n["parameters.m"]["items"]["xspm__spsp__%08d" % i])
    for i in n["parameters.m"]["range"]]' "$STORE" 'import io
def m(text):
    return numpy.load(io.BytesIO(bytes.fromhex(text)))["data"].tolist()')"
}
