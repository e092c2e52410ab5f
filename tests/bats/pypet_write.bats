# pypet_write: what shells, cp, rsync, mv, rm and setfattr write into a pypet store, as pypet's loader finds it.
load pypet

@test "a value in a new file is a parameter or a result that pypet loads with its type" {
  mount_copy minimal mini
  echo 42 >"$TRAJ/parameters/n"
  echo 'grüß dich' >"$TRAJ/parameters/word"
  echo -0.5 >"$TRAJ/config/setting"
  printf '1\t2\n3\t4.5\n' >"$TRAJ/results/grid"
  printf 'ab\nc\n' >"$TRAJ/results/words"
  is 42 "$(cat "$TRAJ/parameters/n")"
  text_is "$TRAJ/results/words" 'ab\nc\n'
  xattr_is "$TRAJ/parameters/n" expfs.role parameter
  xattr_is "$TRAJ/results/grid" expfs.class Result
  is "42 grüß dich -0.5 [[1.0, 2.0], [3.0, 4.5]] ['ab', 'c']" "$(after mini \
    '" ".join(map(str, (v("parameters.n"), v("parameters.word"), v("config.setting"), v("results.grid"), v("results.words"))))')"
}

@test "any bytes are a leaf that gives them back, and an array of bytes for pypet" {
  mount_copy minimal mini
  local branch
  for branch in parameters config results; do
    printf 'a\0\xff\n\0' >"$TRAJ/$branch/bytes"
    text_is "$TRAJ/$branch/bytes" 'a\0\xff\n\0'
  done
  head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/picture"
  cp "$BATS_TEST_TMPDIR/picture" "$TRAJ/results/"
  printf 'more' | tee -a "$TRAJ/results/picture" >>"$BATS_TEST_TMPDIR/picture"
  vim -es -u NONE -c '%s/1/34/' -c wq "$TRAJ/parameters/a" </dev/null
  is 34 "$(cat "$TRAJ/parameters/a")"
  is 'a bytes' "$(ls -A "$TRAJ/parameters" | xargs)"
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE" -o rw
  cmp "$BATS_TEST_TMPDIR/picture" "$TRAJ/results/picture"
  text_is "$TRAJ/results/bytes" 'a\0\xff\n\0'
  is '[97, 0, 255, 10, 0] ArrayParameter [97, 0, 255, 10, 0] Result 3000004' "$(after mini \
    '"%s %s %s %s %d" % (v("parameters.bytes"), n["parameters.bytes"]["class"], v("results.bytes"), n["results.bytes"]["class"], len(v("results.picture")))')"
}

@test "an existing value keeps its type, and what does not fit changes nothing" {
  mount_copy minimal mini
  fails_with 'Invalid argument' bash -c "echo 0.5 >'$TRAJ/parameters/a'"
  is 1 "$(cat "$TRAJ/parameters/a")"
  echo 7 >"$TRAJ/parameters/a"
  echo short >"$TRAJ/parameters/s"
  echo 'much longer than that' >"$TRAJ/parameters/s"
  is "7 much longer than that" "$(after mini 'str(v("parameters.a")) + " " + v("parameters.s")')"
}

@test "cp of NPY files makes results of their types, tables as well, and reads them back" {
  mount_copy minimal mini
  (cd "$BATS_TEST_TMPDIR" && "$PYTHON" -c '
import numpy as np
np.save("a.npy", np.arange(12, dtype="f4").reshape(3, 4))
np.save("b.npy", np.array([True, False]))
np.save("c.npy", np.array([1 + 2j]))
np.save("t.npy", np.array([(1, 2.5), (2, 3.5)], dtype=[("n", "i8"), ("f", "f8")]))')
  for name in a b c t; do
    cp "$BATS_TEST_TMPDIR/$name.npy" "$TRAJ/results/$name.npy"
    cmp "$BATS_TEST_TMPDIR/$name.npy" "$TRAJ/results/$name.npy"
  done
  is "[1, 2] float32 bool complex128" "$(after mini 'str(n["results.t"]["items"]["t"]["n"]) + " " + " ".join(str(n["results." + name]["items"][name].dtype) for name in "abc")')"
}

@test ">> appends to a result" {
  mount_copy minimal mini
  for i in 1 2 3; do echo $i.5 >>"$TRAJ/results/log"; done
  text_is "$TRAJ/results/log" '1.5\n2.5\n3.5\n'
  is '[1.5, 2.5, 3.5]' "$(after mini 'v("results.log")')"
}

@test "writing PARAM.range explores it: runs, length and explorations follow" {
  mount_copy minimal mini
  seq 0 2 >"$TRAJ/parameters/a.range"
  text_is "$TRAJ/parameters/a.range" '0\n1\n2\n'
  is 2 "$(cat "$TRAJ/.run/2/parameters/a")"
  xattr_is "$TRAJ/parameters/a" explored true
  seq 0 3 >"$TRAJ/parameters/a.range"
  fails_with 'Invalid argument' bash -c "seq 2 >'$TRAJ/parameters/a.range'"
  is "[0, 1, 2, 3] 4 ['parameters.a'] 4" "$(after mini \
    'str(n["parameters.a"]["range"]) + " " + str(t["info"]["length"]) + " " + str(t["explored"]) + " " + str(len(t["runs"]))')"
}

@test "a longer range makes those of the other parameters as long" {
  mount_copy classic_full full
  printf '5\n6\n7\n' >"$TRAJ/parameters/x.range"
  text_is "$TRAJ/parameters/grp/trial.range" '0\n0\n0\n'
  is "[5, 6, 7] [0, 0, 0] [('x', 3, '(5, 6, 7)'), ('trial', 3, '(0, 0, 0)')]" "$(after full \
    'str(n["parameters.x"]["range"]) + " " + str(n["parameters.grp.trial"]["range"]) + " " + str([(r[0], r[3], r[4]) for r in table("explored_parameters")])')"
}

@test "writing below .run/INDEX stores what the run has, and marks it completed" {
  mount_copy minimal mini
  seq 0 2 >"$TRAJ/parameters/a.range"
  echo 7 >"$TRAJ/.run/1/results/z"
  mkdir "$TRAJ/.run/1/results/deep"
  echo 8 >"$TRAJ/.run/1/results/deep/y"
  is 7 "$(cat "$TRAJ/results/runs/run_00000001/z")"
  is 8 "$(cat "$TRAJ/.run/run_00000001/results/deep/y")"
  xattr_is "$TRAJ/.run/1" completed 1
  xattr_is "$TRAJ/.run/1" parameter_summary 'a: 1'
  fails_with 'not supported' cp "$TRAJ/parameters/a" "$TRAJ/.run/1/config/c"
  is '[0, 1, 0] 8' "$(after mini 'str(t["runs"]["completed"].tolist()) + " " + str(v("results.runs.run_00000001.deep.y"))')"
}

@test "comments and annotations are set, changed and removed" {
  mount_copy minimal mini
  setfattr -n user.comment -v 'a – comment' "$TRAJ/parameters/a"
  setfattr -n user.annotation.unit -v ms "$TRAJ/parameters/a"
  setfattr -n user.annotation.year -v 2014 "$TRAJ/parameters/a"
  setfattr -n user.annotation.gone -v 1 "$TRAJ/results"
  setfattr -x user.annotation.gone "$TRAJ/results"
  setfattr -n user.comment -v 'all of it' "$TRAJ"
  xattr_is "$TRAJ" comment 'all of it'
  fails_with 'not supported' setfattr -n user.SRVC_LEAF -v 0 "$TRAJ/parameters/a"
  is "a – comment {'unit': 'ms', 'year': 2014} {} b'all of it'" "$(after mini \
    'n["parameters.a"]["comment"] + " " + str({k: x if isinstance(x, str) else int(x) for k, x in n["parameters.a"]["annotations"].items()}) + " " + str(n["results"]["annotations"]) + " " + str(t["info"]["comment"])')"
}

@test "the overview is in step with what is made, changed, renamed and removed" {
  mount_copy classic_full full
  echo 1.5 >"$TRAJ/parameters/grp/new"
  echo 7 >"$TRAJ/parameters/grp/fixed"
  rm "$TRAJ/parameters/grp/text"
  mv "$TRAJ/parameters/grp" "$TRAJ/parameters/group"
  is "[('arr', 'parameters', '[0 1 2 3]'), ('fixed', 'parameters.group', '7.0'), ('new', 'parameters.group', '1.5'), ('trial', 'parameters.group', '0'), ('x', 'parameters', '0')]" \
    "$(after full 'sorted((r[0], r[1], r[4]) for r in table("parameters"))')"
}

@test "a new trajectory is one that pypet loads, and goes with rm -r" {
  mount_copy minimal mini
  mkdir "$MNT/other" "$MNT/third"
  echo 1 >"$MNT/other/parameters/n"
  cp -a "$TRAJ/results/r" "$MNT/third/results/"
  rm -r "$MNT/third"
  not rmdir "$TRAJ"
  mv "$MNT/other" "$MNT/another"
  not test -e "$MNT/third"
  is "1 b'another' b'0.7.0' [0]" "$(after another \
    'str(v("parameters.n")) + " " + str(t["info"]["name"]) + " " + str(t["info"]["version"]) + " " + str(t["runs"]["completed"].tolist())')"
}

@test "cp -a of a result with several items makes one, and rm -r takes it away" {
  mount_copy classic_full full
  cp -a "$TRAJ/results/before" "$TRAJ/results/copied"
  cp -a "$TRAJ/results/before" "$TRAJ/results/gone"
  xattr_is "$TRAJ/results/copied" expfs.class Result
  echo 3 >"$TRAJ/results/copied/three"
  rm -r "$TRAJ/results/gone"
  not test -e "$TRAJ/results/gone"
  is "{'before': 1, 'three': 3, 'two': 2.5}" "$(after full 'dict(sorted(n["results.copied"]["items"].items()))')"
}

@test "rsync -aX and sed -i, which write beside and rename, leave nothing beside" {
  mount_copy minimal mini
  mkdir "$BATS_TEST_TMPDIR/from"
  echo 1 >"$BATS_TEST_TMPDIR/from/one"
  echo zwei >"$BATS_TEST_TMPDIR/from/two"
  setfattr -n user.comment -v 'the second' "$BATS_TEST_TMPDIR/from/two"
  rsync -rtX "$BATS_TEST_TMPDIR/from/" "$TRAJ/results/from"
  sed -i s/zwei/drei/ "$TRAJ/results/from/two"
  is 'one two' "$(cd "$TRAJ/results/from" && echo *)"
  is "['results.from', 'results.from.one', 'results.from.two'] drei" "$(after mini \
    'str(sorted(p for p in n if p.startswith("results.from"))) + " " + v("results.from.two")')"
}

@test "what programs keep beside a file under names that pypet does not take is hidden from it" {
  mount_copy minimal mini
  echo 1 >"$TRAJ/parameters/.n.swp"
  echo 2 >"$TRAJ/results/z~"
  is 1 "$(cat "$TRAJ/parameters/.n.swp")"
  is .n.swp "$(cd "$TRAJ/parameters" && echo .n*)"
  mv "$TRAJ/results/z~" "$TRAJ/results/z"
  is "['parameters', 'parameters.a'] 2" "$(after mini 'str(sorted(p for p in n if p.startswith("param"))) + " " + str(v("results.z"))')"
}

@test "names and values that pypet cannot hold are refused, with the reason in the log" {
  mount_copy minimal mini
  fails_with 'Invalid argument' mkdir "$TRAJ/results/a b"
  fails_with 'Invalid argument' mkdir "$TRAJ/results/_x"
  fails_with 'not supported' mkdir "$TRAJ/overview/x"
  "$PYTHON" -c 'import numpy as np, sys; np.save(sys.argv[1], np.zeros(2, dtype="f2"))' "$BATS_TEST_TMPDIR/half.npy"
  fails_with 'not supported' cp "$BATS_TEST_TMPDIR/half.npy" "$TRAJ/results/half.npy"
  fails_with 'not supported' ln "$TRAJ/parameters/a" "$TRAJ/parameters/b"
  fails_with 'not supported' rm "$TRAJ/overview/info"
  grep -q 'pypet cannot hold' "$MNT/.expfs/log"
  fails_with 'Invalid argument' cp "$TRAJ/parameters/a" "$TRAJ/results/a b"
  grep -q 'is no name for pypet' "$MNT/.expfs/log"
  is "['results', 'results.r']" "$(after mini 'sorted(p for p in n if p.startswith("results"))')"
}

@test "a link leads to a parameter, as pypet's own do" {
  mount_copy minimal mini
  ln -s ../parameters/a "$TRAJ/results/short"
  is 1 "$(cat "$TRAJ/results/short")"
  "$EXPFS" unmount "$MNT"
  is /mini/parameters/a "$("$PYTHON" -c 'import h5py, sys; print(h5py.File(sys.argv[1], "r").get("/mini/results/short", getlink=True).path)' "$STORE")"
}

@test "expfs create pypet makes a store to write into" {
  "$EXPFS" create pypet "$STORE" traj
  mount_store "$STORE" -o rw
  xattr_is "$MNT/traj" expfs.format pypet
  echo 1 >"$MNT/traj/parameters/n"
  is 1 "$(after traj 'v("parameters.n")')"
  "$EXPFS" create pypet "$BATS_TEST_TMPDIR/empty.hdf5"
  mount_store "$BATS_TEST_TMPDIR/empty.hdf5" -o rw
  xattr_is "$MNT" expfs.format pypet
  mkdir "$MNT/first"
  is config "$(cd "$MNT/first" && echo c*)"
}

@test "many processes write into one trajectory, and nothing is lost" {
  mount_copy overview over
  local pids=()
  for i in 1 2 3 4 5 6; do
    for k in 1 2 3 4 5 6 7 8; do echo "$i$k" >"$TRAJ/results/p${i}_$k" && echo "$k" >"$TRAJ/parameters/p${i}_$k"; done &
    pids+=($!)
  done
  wait "${pids[@]}"
  is '48 48 48 48 48' "$(after over '" ".join(map(str, (
    len([p for p in n if p.startswith("results.p")]), len([p for p in n if p.startswith("parameters.p")]),
    len([r for r in table("results_overview") if r[1].startswith("p")]),
    len({r[1] for r in table("parameters_overview") if r[1].startswith("p")}),
    sum(v("results." + r[1]) == int(r[2].split("=")[1]) for r in table("results_overview") if r[1].startswith("p")))))')"
}

@test "trajectory= and only= write what they show, and nothing that they would not show" {
  mount_copy multi_1_two alpha trajectory=alpha
  mkdir "$MNT/results/new"
  echo 5 >"$MNT/results/new/q"
  ln -s ../parameters "$MNT/results/new/way"
  sync "$MNT/results/new"
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE" -o rw,only=results
  is 5 "$(cat "$MNT/alpha/results/new/q")"
  mv "$MNT/alpha/results/new/q" "$MNT/alpha/results/p"
  fails_with 'not supported' mkdir "$MNT/alpha/zoo"
  is 5 "$(after alpha 'v("results.p")')"
}

@test "mv between parameters and results copies, with comment and annotations, and mv --exchange exchanges" {
  mount_copy minimal mini
  echo 0.5 >"$TRAJ/parameters/p"
  setfattr -n user.comment -v why "$TRAJ/parameters/p"
  setfattr -n user.annotation.unit -v mV "$TRAJ/parameters/p"
  mv "$TRAJ/parameters/p" "$TRAJ/results/p"
  [ ! -e "$TRAJ/parameters/p" ]
  is 0.5 "$(cat "$TRAJ/results/p")"
  mkdir "$TRAJ/results/group"
  printf '1\n2\n' >"$TRAJ/results/group/list"
  mv "$TRAJ/results/group" "$TRAJ/parameters/"
  [ ! -e "$TRAJ/results/group" ]
  echo one >"$TRAJ/parameters/one"
  echo two >"$TRAJ/parameters/group/two"
  "$PYTHON" - "$TRAJ/parameters/one" "$TRAJ/parameters/group/two" <<'PY'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
assert libc.renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2) == 0, os.strerror(ctypes.get_errno())
PY
  is 'two one' "$(cat "$TRAJ/parameters/one" "$TRAJ/parameters/group/two" | xargs)"
  is "0.5 Result why {'unit': 'mV'} [1, 2] ArrayParameter two one" "$(after mini \
    '"%s %s %s %s %s %s %s %s" % (v("results.p"), n["results.p"]["class"], n["results.p"]["comment"], n["results.p"]["annotations"], v("parameters.group.list"), n["parameters.group.list"]["class"], v("parameters.one"), v("parameters.group.two"))')"
}
