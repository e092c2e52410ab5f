# pypet_store: the messages and flags of pypet's storage service, said with files, as pypet's loader finds the result.
load pypet

set_flag() { setfattr -n user.expfs.flag -v "$1" "$2"; }
flag_is() { is "$2" "$(getfattr --only-values -n user.expfs.flag "$1" 2>/dev/null)"; }

# NPY files to store: a.npy f4 3 x 4, v.npy i8 5, t.npy a table with an index, s.npy one of moments and numbers.
make_arrays() {
  (cd "$BATS_TEST_TMPDIR" && "$PYTHON" -c '
import numpy as np
np.save("a.npy", np.arange(12, dtype="f4").reshape(3, 4))
np.save("v.npy", np.arange(5))
np.save("t.npy", np.array([(1, 2.5, b"x", True), (7, 3.5, b"yy", False)], dtype=[("index", "i8"), ("f", "f8"), ("s", "S3"), ("b", "?")]))
np.save("s.npy", np.array([("2014-03-24T10:00:00", 1.5), ("2015-03-24T10:00:00.500", 2)], dtype=[("when", "S29"), ("values", "f4")]))')
}

@test "LEAF: without a flag chosen as pypet chooses" {
  mount_copy minimal mini
  make_arrays
  echo 1 >"$TRAJ/results/scalar"
  seq 3 >"$TRAJ/results/lines"
  printf 'a\nb\n' >"$TRAJ/results/list"
  cp "$BATS_TEST_TMPDIR/a.npy" "$TRAJ/results/array.npy"
  cp "$BATS_TEST_TMPDIR/t.npy" "$TRAJ/results/table.npy"
  flag_is "$TRAJ/results/scalar" ARRAY
  flag_is "$TRAJ/results/lines" CARRAY
  flag_is "$TRAJ/results/list" ARRAY
  flag_is "$TRAJ/results/array" CARRAY
  flag_is "$TRAJ/results/table" TABLE
  flag_is "$TRAJ/parameters/a" TABLE
}

for_flags() {
  mount_copy minimal mini
  make_arrays
  cp "$BATS_TEST_TMPDIR/a.npy" "$TRAJ/results/after.npy"
  set_flag "$1" "$TRAJ/results/after"
  cmp "$BATS_TEST_TMPDIR/a.npy" "$TRAJ/results/after.npy"
  : >"$TRAJ/results/before"
  set_flag "$1" "$TRAJ/results/before"
  seq 3 >"$TRAJ/results/before"
  text_is "$TRAJ/results/before" '1\n2\n3\n'
  flag_is "$TRAJ/results/after" "$1"
  flag_is "$TRAJ/results/before" "$1"
  is "$1 [1, 2, 3] [3, 4]" "$(after mini 'flag("mini/results/after/after") + " " + str(v("results.before")) + " " + str(list(n["results.after"]["items"]["after"].shape))')"
}

@test "LEAF ARRAY: set before the content and after it" { for_flags ARRAY; }
@test "LEAF CARRAY: set before the content and after it" { for_flags CARRAY; }
@test "LEAF EARRAY: set before the content and after it" { for_flags EARRAY; }

@test "LEAF VLARRAY: a vector is its one row" {
  mount_copy minimal mini
  make_arrays
  cp "$BATS_TEST_TMPDIR/v.npy" "$TRAJ/results/v.npy"
  set_flag VLARRAY "$TRAJ/results/v"
  text_is "$TRAJ/results/v" '0 1 2 3 4\n'
  flag_is "$TRAJ/results/v" VLARRAY
  is '[[0, 1, 2, 3, 4]]' "$(after mini 'v("results.v")')"
}

@test "LEAF FRAME: a table whose first column is the index, in either of pandas' formats" {
  for format in fixed table; do
    mount_copy minimal mini "pandas_format=$format"
    make_arrays
    cp "$BATS_TEST_TMPDIR/t.npy" "$TRAJ/results/t.npy"
    set_flag FRAME "$TRAJ/results/t"
    flag_is "$TRAJ/results/t" FRAME
    is '1 2.5 x true 7 3.5 yy false' "$(xargs <"$TRAJ/results/t")"
    is "[1, 7] None [('f', 'float64'), ('s', 'object'), ('b', 'bool')] [[2.5, 'x', True], [3.5, 'yy', False]]" "$(after mini \
      '" ".join(map(str, (v("results.t").index.tolist(), v("results.t").index.name, [(c, str(d)) for c, d in v("results.t").dtypes.items()], v("results.t").values.tolist())))')"
  done
}

@test "LEAF SERIES: moments stay moments, and names names" {
  for format in fixed table; do
    mount_copy minimal mini "pandas_format=$format"
    make_arrays
    cp "$BATS_TEST_TMPDIR/s.npy" "$TRAJ/results/s.npy"
    set_flag SERIES "$TRAJ/results/s"
    cp -a "$TRAJ/results/s" "$TRAJ/results/copy"
    flag_is "$TRAJ/results/copy" SERIES
    text_is "$TRAJ/results/copy" '2014-03-24T10:00:00\t1.5\n2015-03-24T10:00:00.500\t2.0\n'
    is "when datetime64[ns] float32 [1.5, 2.0] True" "$(after mini \
      '" ".join(map(str, (v("results.s").index.name, v("results.s").index.dtype, v("results.s").dtype, v("results.s").tolist(), v("results.s").equals(v("results.copy")))))')"
  done
}

@test "LEAF DICT: a directory with a file for each key, changed key by key" {
  mount_copy minimal mini
  mkdir "$TRAJ/results/d"
  set_flag DICT "$TRAJ/results/d"
  echo 1 >"$TRAJ/results/d/one"
  echo short >"$TRAJ/results/d/text"
  seq 3 >"$TRAJ/results/d/numbers"
  printf 'a\nbc\n' >"$TRAJ/results/d/a list"
  flag_is "$TRAJ/results/d" DICT
  echo 'a longer text' >"$TRAJ/results/d/text"
  mv "$TRAJ/results/d/one" "$TRAJ/results/d/two"
  echo 2 >"$TRAJ/results/d/two"
  echo gone >"$TRAJ/results/d/gone"
  rm "$TRAJ/results/d/gone"
  sed -i s/longer/long/ "$TRAJ/results/d/text"
  fails_with 'not empty' rmdir "$TRAJ/results/d"
  is 'a list numbers text two' "$(cd "$TRAJ/results/d" && echo *)"
  is "{'a list': ['a', 'bc'], 'numbers': [1, 2, 3], 'text': 'a long text', 'two': 2}" "$(after mini \
    '{k: x.tolist() if hasattr(x, "tolist") else x for k, x in v("results.d").items()}')"
}

@test "LEAF DICT: a copy of a dict is one, and results in a directory become one" {
  mount_copy minimal mini
  mkdir "$TRAJ/results/d" "$TRAJ/results/e"
  echo 1 >"$TRAJ/results/d/n"
  echo word >"$TRAJ/results/d/w"
  set_flag DICT "$TRAJ/results/d"
  cp -a "$TRAJ/results/d" "$TRAJ/results/copy"
  set_flag DICT "$TRAJ/results/e"
  cp -a "$TRAJ/results/d" "$TRAJ/results/gone"
  rm -r "$TRAJ/results/gone"
  flag_is "$TRAJ/results/copy" DICT
  is "{'n': 1, 'w': 'word'} {'n': 1, 'w': 'word'} {} ['results', 'results.copy', 'results.d', 'results.e', 'results.r']" "$(after mini \
    '" ".join(map(str, (v("results.d"), v("results.copy"), v("results.e"), sorted(p for p in n if p.startswith("results")))))')"
}

@test "LEAF: what pypet refuses for a flag is refused, and nothing changes" {
  mount_copy minimal mini
  make_arrays
  cp "$BATS_TEST_TMPDIR/a.npy" "$TRAJ/results/a.npy"
  cp "$BATS_TEST_TMPDIR/t.npy" "$TRAJ/results/t.npy"
  printf 'grüß\ndich\n' >"$TRAJ/results/words"
  mkdir -p "$TRAJ/results/d/deep"
  for flag in CARRAY EARRAY VLARRAY TABLE DICT FRAME SERIES NONSENSE; do
    fails_with 'not supported' set_flag $flag "$TRAJ/results/r"
  done
  for flag in TABLE DICT FRAME VLARRAY; do fails_with 'not supported' set_flag $flag "$TRAJ/results/a"; done
  for flag in ARRAY CARRAY DICT SERIES; do fails_with 'not supported' set_flag $flag "$TRAJ/results/t"; done
  fails_with 'not supported' set_flag CARRAY "$TRAJ/results/words"
  fails_with 'not supported' set_flag FRAME "$TRAJ/parameters/a"
  fails_with 'not supported' set_flag DICT "$TRAJ/results/d"
  fails_with 'not supported' set_flag DICT "$TRAJ/parameters"
  grep -q 'pypet does not keep a single value as CARRAY' "$MNT/.expfs/log"
  mkdir "$TRAJ/results/e"
  set_flag DICT "$TRAJ/results/e"
  fails_with 'not supported' cp "$BATS_TEST_TMPDIR/t.npy" "$TRAJ/results/e/t.npy"
  flag_is "$TRAJ/results/a" CARRAY
  flag_is "$TRAJ/results/t" TABLE
  is 2.5 "$(after mini 'v("results.r")')"
}

@test "LEAF store_flags: the mount option flag= keeps new results so where it fits" {
  mount_copy minimal mini flag=EARRAY
  seq 3 >"$TRAJ/results/n"
  echo 1 >"$TRAJ/results/one"
  echo 5 >"$TRAJ/parameters/p"
  flag_is "$TRAJ/results/n" EARRAY
  flag_is "$TRAJ/results/one" ARRAY
  is '[1, 2, 3] 1 5' "$(after mini '" ".join(map(str, (v("results.n"), v("results.one"), v("parameters.p"))))')"
  fails_with 'not one of' "$EXPFS" "$STORE" "$MNT" -o rw,pandas_format=csv
}

@test "LEAF: cells and rows of a frame and of a table are written in place, and appended" {
  for format in fixed table; do
    mount_copy minimal mini "pandas_format=$format"
    make_arrays
    cp "$BATS_TEST_TMPDIR/t.npy" "$TRAJ/results/f.npy"
    cp "$BATS_TEST_TMPDIR/t.npy" "$TRAJ/results/t.npy"
    set_flag FRAME "$TRAJ/results/f"
    for name in f t; do
      printf '8\t4.5\tzz\ttrue\n' >>"$TRAJ/results/$name"
      "$PYTHON" -c '
import numpy as np, sys
table = np.load(sys.argv[1])
table["f"][0], table["b"][0] = 0.5, False
with open(sys.argv[1], "r+b") as file:
    np.save(file, table)' "$TRAJ/results/$name.npy" || sed -i '1s/.*/1\t0.5\tx\tfalse/' "$TRAJ/results/$name"
      is '1 0.5 x false 7 3.5 yy false 8 4.5 zz true' "$(xargs <"$TRAJ/results/$name")"
    done
    is "[1, 7, 8] [[0.5, 'x', False], [3.5, 'yy', False], [4.5, 'zz', True]] FRAME" "$(after mini \
      'str(v("results.f").index.tolist()) + " " + str(v("results.f").values.tolist()) + " " + flag("mini/results/f/f")')"
  done
}

@test "LEAF: what a frame cannot take changes nothing" {
  mount_copy minimal mini
  make_arrays
  cp "$BATS_TEST_TMPDIR/s.npy" "$TRAJ/results/s.npy"
  set_flag SERIES "$TRAJ/results/s"
  printf 'noon\t1.5\n' >"$BATS_TEST_TMPDIR/row"
  fails_with 'Invalid argument' dd if="$BATS_TEST_TMPDIR/row" of="$TRAJ/results/s" oflag=append conv=notrunc,fsync status=none
  is '2014-03-24T10:00:00 1.5 2015-03-24T10:00:00.500 2.0' "$(xargs <"$TRAJ/results/s")"
}

@test "LEAF: a frame rewritten with a moment that is none stays as it was, however many rows come" {
  local format rows
  for format in fixed table; do
    mount_copy minimal mini "pandas_format=$format"
    make_arrays
    (cd "$BATS_TEST_TMPDIR" && "$PYTHON" -c '
import numpy as np
a = np.array([(1, "2014-03-24T10:00:00", 1.5, "ab"), (2, "2015-03-24T10:00:00.500", 2, "c")], dtype=[("i", "i8"), ("when", "S29"), ("v", "f4"), ("t", "S3")])
np.save("m.npy", a)
b = np.concatenate([a, a, a])
b["when"][3] = b"noon"
b["i"] = 7
np.save("long.npy", b)')
    cp "$BATS_TEST_TMPDIR/m.npy" "$TRAJ/results/m.npy"
    set_flag FRAME "$TRAJ/results/m"
    cat "$TRAJ/results/m" >"$BATS_TEST_TMPDIR/before"
    for rows in 'noon' '2020-01-01T00:00:00 noon' '2020-01-01T00:00:00 2020-01-01T00:00:00 noon 2020-01-01T00:00:00'; do
      for moment in $rows; do printf '7\t%s\t9\tx\n' "$moment"; done >"$BATS_TEST_TMPDIR/rows"
      fails_with 'Invalid argument' cp "$BATS_TEST_TMPDIR/rows" "$TRAJ/results/m"
      cmp "$BATS_TEST_TMPDIR/before" "$TRAJ/results/m"
      fails_with 'Invalid argument' dd "if=$BATS_TEST_TMPDIR/rows" "of=$TRAJ/results/m" conv=notrunc,fsync status=none
      cmp "$BATS_TEST_TMPDIR/before" "$TRAJ/results/m"
    done
    fails_with 'Invalid argument' cp "$BATS_TEST_TMPDIR/long.npy" "$TRAJ/results/m.npy"
    cmp "$BATS_TEST_TMPDIR/before" "$TRAJ/results/m"
    is "[1, 2] [1.5, 2.0] ['ab', 'c'] datetime64[ns]" "$(after mini \
      '" ".join(map(str, (v("results.m").index.tolist(), v("results.m")["v"].tolist(), v("results.m")["t"].tolist(), v("results.m")["when"].dtype)))')"
  done
}

@test "UPDATE_LEAF: >> to PARAM.range adds runs, to the table of runs and to other ranges" {
  mount_copy classic_one first
  cat "$TRAJ/parameters/x.range" >"$BATS_TEST_TMPDIR/before"
  printf '5\n6\n' >>"$TRAJ/parameters/x.range"
  text_is "$TRAJ/parameters/x.range" "$(cat "$BATS_TEST_TMPDIR/before")\n5\n6\n"
  is 4 "$(find "$TRAJ/.run" -mindepth 1 -maxdepth 1 | wc -l)"
  is "4 4 [0, 0] 4" "$(after first '" ".join(map(str, (t["info"]["length"], len(n["parameters.x"]["range"]), t["runs"]["completed"].tolist()[2:], len(n["parameters.grp.trial"]["range"]))))')"
}

@test "UPDATE_LEAF: the attribute range is the range, and sets it" {
  mount_copy minimal mini
  setfattr -n user.range -v '[1, 2, 3]' "$TRAJ/parameters/a"
  xattr_is "$TRAJ/parameters/a" range '[1, 2, 3]'
  text_is "$TRAJ/parameters/a.range" '1\n2\n3\n'
  echo word >"$TRAJ/parameters/s"
  setfattr -n user.range -v '["a", "b", "c"]' "$TRAJ/parameters/s"
  fails_with 'Invalid argument' setfattr -n user.range -v '[1]' "$TRAJ/parameters/a"
  is "[1, 2, 3] ['a', 'b', 'c'] 3" "$(after mini '" ".join(map(str, (n["parameters.a"]["range"], n["parameters.s"]["range"], len(t["runs"]))))')"
}

@test "SINGLE_RUN: a script over all runs leaves them completed, each with its times" {
  mount_copy minimal mini
  seq 5 >"$TRAJ/parameters/a.range"
  local r pids=()
  for r in "$TRAJ"/.run/*; do
    echo $(($(cat "$r/parameters/a") * 2)) >"$r/results/z" &
    pids+=($!)
  done
  wait "${pids[@]}"
  sleep 0.01
  echo 1 >"$TRAJ/.run/0/results/late"
  is "[1, 1, 1, 1, 1] [2, 4, 6, 8, 10] True True" "$(after mini \
    '" ".join(map(str, (t["runs"]["completed"].tolist(), [v(f"results.runs.run_{i:08d}.z") for i in range(5)], all(t["runs"]["timestamp"] > 1e9), t["runs"]["finish_timestamp"][0] > t["runs"]["timestamp"][0])))')"
}

# Makes, of all that a trajectory shows, the trajectory copy in a new store at $STORE: copy_trajectory NAME TRAJECTORY
copy_trajectory() {
  mkdir "$BATS_TEST_TMPDIR/from"
  "$EXPFS" "$PYPET/$1.hdf5" "$BATS_TEST_TMPDIR/from"
  "$EXPFS" create pypet "$STORE"
  mount_rw
  mkdir "$MNT/copy"
  cp -a "$BATS_TEST_TMPDIR/from/$2/." "$MNT/copy/"
  "$EXPFS" unmount "$BATS_TEST_TMPDIR/from"
  "$EXPFS" unmount "$MNT"
}

# The copy is, in all that pypet loads, what it was made of, but for its name, when it was made, by which Python, and what
# matches a pattern: copy_loads_as NAME TRAJECTORY [PATTERN...]
copy_loads_as() {
  "$PYTHON" -W ignore "$TOP/tests/c/pypet_same.py" "$STORE" copy "$PYPET/$1.hdf5" "$2" \
    'info\.(name|time|timestamp|comment|python)' "${@:3}"
}

@test "TREE: cp -a of a whole trajectory into a new one keeps runs, ranges, comments and links" {
  mkdir "$BATS_TEST_TMPDIR/from"
  cp "$PYPET/multi_1_two.hdf5" "$BATS_TEST_TMPDIR/from.hdf5"
  "$EXPFS" "$BATS_TEST_TMPDIR/from.hdf5" "$BATS_TEST_TMPDIR/from"
  mount_copy minimal mini
  mkdir "$MNT/copy"
  cp -a "$BATS_TEST_TMPDIR/from/alpha/." "$MNT/copy/"
  "$EXPFS" unmount "$BATS_TEST_TMPDIR/from"
  is "True True ['parameters.grp.trial', 'parameters.x'] [3, 4] the x True" "$(after copy '(lambda a: " ".join(map(str, (
    (a["runs"] == t["runs"]).all(), set(a["nodes"]) == set(n), sorted(t["explored"]), n["parameters.x"]["range"], n["parameters.x"]["comment"],
    all(a["nodes"][p]["comment"] == n[p]["comment"] and str(a["nodes"][p]["annotations"]) == str(n[p]["annotations"]) for p in n)))))(
    load(store.replace("store.hdf5", "from.hdf5"), "alpha"))')"
}

@test "TREE: a copy of a whole trajectory is equal to it in all that pypet loads" {
  copy_trajectory overview over
  # What pypet loads as the comment is what its overview has of it, cut to 512 bytes.
  copy_loads_as overview over comment
}

@test "TREE: a copy of runs, merges and links, too" {
  copy_trajectory multi_2_merged_copy beta
  copy_loads_as multi_2_merged_copy beta
}

# What pypet loads of a copy that a program makes whole, the trajectory's directory as well, is what it loads of the
# original: copy_whole PROGRAM STORE TRAJECTORY...
copy_whole() {
  local how=$1 from=$BATS_TEST_TMPDIR/from store=$EXPFS_SHARED/stores/pypet/$2.hdf5 name
  shift 2
  rm -f "$STORE"
  "$EXPFS" create pypet "$STORE"
  mount_at "$from" "$store"
  mount_store "$STORE" -o rw
  for name; do
    case $how in
    cp) cp -a "$from/$name" "$MNT/" ;;
    rsync) rsync -aX "$from/$name" "$MNT/" ;;
    tar) tar --xattrs --xattrs-include='user.*' -C "$from" -cf - "$name" | tar --xattrs --xattrs-include='user.*' -C "$MNT" -xf - ;;
    python) "$PYTHON" -c 'import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2], symlinks=True)' "$from/$name" "$MNT/$name" ;;
    esac
  done
  wait_until 10 "$EXPFS" unmount "$from"
  wait_until 10 "$EXPFS" unmount "$MNT"
  for name; do
    PYTHONPATH=$BATS_TEST_DIRNAME/../c "$PYTHON" -W ignore "$BATS_TEST_DIRNAME/../c/pypet_same.py" "$store" "$name" "$STORE" "$name"
  done
}

@test "TREE: cp -a makes the trajectory itself, equal to its original in all that pypet loads" {
  copy_whole cp minimal mini
  copy_whole cp multi_2_merged_copy alpha beta
  copy_whole cp order Beta mid_10 mid_9 zeta
  copy_whole cp compressed_none compressed
}

@test "TREE: rsync -aX, tar --xattrs and shutil.copytree make the trajectory itself, too" {
  copy_whole rsync delete_before del
  copy_whole tar incomplete crash
  copy_whole python minimal mini
}

@test "TREE: cp -a copies pickles, arrays in a plain Parameter and links as pypet loads them" {
  copy_whole cp basic basic
}

@test "TREE: cp -a copies parameters of every class with their ranges: pickles, sparse matrices, arrays, lists, tuples" {
  copy_whole cp params params
}

@test "TREE: cp -a copies items of every type: sparse matrices, pickles, odd keys, wide dicts and nested names" {
  copy_whole cp types types
}

@test "TREE: cp -a copies frames and series in either of pandas' formats, and shared data" {
  copy_whole cp frames_fixed frames
  copy_whole cp frames_table frames
  copy_whole cp shared_data shared
}

@test "TREE: tar puts links where it has left empty files for them until the end" {
  copy_whole tar basic basic
  mount_rw
  is 14 "$(find "$MNT" -type l | wc -l)"
  is ../parameters/neuron/model/channels "$(readlink "$MNT/basic/results/channels_link")"
}

@test "TREE: rsync -aX says what a directory is to become before all is in it" {
  copy_whole rsync basic basic
  copy_whole rsync shared_data shared
}

@test "user.expfs.stored makes nothing of a text that was changed on the way, nor of what is no stored form" {
  local from=$BATS_TEST_TMPDIR/from plain=$BATS_TEST_TMPDIR/plain where
  mount_at "$from" "$PYPET/basic.hdf5"
  mkdir "$plain"
  mount -t tmpfs none "$plain"
  cp -a "$from/basic/parameters/neuron/weights" "$plain/same"
  sed 's/0/7/' "$plain/same" >"$plain/changed"
  getfattr -d -m 'user.expfs.*' "$plain/same" | sed 's/same/changed/; /expfs.type=/d' | (cd / && setfattr --restore=-)
  mount_copy minimal mini
  for where in same changed; do cp -a "$plain/$where" "$TRAJ/parameters/$where"; done
  "$EXPFS" unmount "$from"
  echo 5 >"$TRAJ/parameters/five"
  for value in 1/1: 1/1:AAAA 1/1:zzzzzzzzzzzzzzzzzzzzzzzzz 0/0: 2/1:x 1/2:half x; do
    setfattr -n user.expfs.stored -v "$value" "$TRAJ/parameters/five"
    setfattr -n user.expfs.stored -v "$value" "$TRAJ/results"
  done
  is 'Parameter ArrayParameter 5' "$(after mini '" ".join(map(str, (n["parameters.same"]["class"], n["parameters.changed"]["class"], v("parameters.five"))))')"
}

@test "keys that are no names for pypet wait in a new directory until it is a dict" {
  mount_copy minimal mini
  mkdir "$TRAJ/results/d"
  echo 1 >"$TRAJ/results/d/a b"
  echo 2 >"$TRAJ/results/d/plain"
  is 1 "$(cat "$TRAJ/results/d/a b")"
  is 'a b plain' "$(cd "$TRAJ/results/d" && echo *)"
  fails_with 'Invalid argument' mkdir "$TRAJ/results/a b"
  set_flag DICT "$TRAJ/results/d"
  mkdir "$TRAJ/results/e"
  echo 3 >"$TRAJ/results/e/c d"
  is "{'a b': 1, 'plain': 2} ['results', 'results.d', 'results.e', 'results.r']" "$(after mini \
    'str(v("results.d")) + " " + str(sorted(p for p in n if p.startswith("results")))')"
}

@test "the branches that come with a trajectory are made once more, but only once, and are there for all else" {
  mount_copy minimal mini
  mkdir "$MNT/t"
  echo 1 >"$MNT/t/parameters/n"
  "$PYTHON" -c 'import os, sys; os.mkdir(sys.argv[1] + "/u"); open(sys.argv[1] + "/u/parameters/n", "w").write("2"); os.mkdir(sys.argv[1] + "/u/results/results")' "$MNT"
  mkdir "$MNT/t/results"
  fails_with 'File exists' mkdir "$MNT/t/results"
  fails_with 'File exists' mkdir "$MNT/t/parameters"
  rmdir "$MNT/t/config"
  mkdir "$MNT/t/config"
  fails_with 'File exists' mkdir "$MNT/t/config"
  mkdir -p "$MNT/t/derived_parameters/d"
  cp "$MNT/t/parameters/n" "$MNT/u/parameters/"
  is 1 "$(cat "$MNT/u/parameters/n")"
  is "['config', 'derived_parameters', 'derived_parameters.d', 'parameters', 'parameters.n', 'results']" "$(after t 'sorted(n)')"
}

@test "UPDATE_LEAF: longer ranges make of a trajectory what f_expand makes of it (multi_1_two, multi_3_expanded)" {
  mount_copy multi_1_two alpha
  printf '11\n12\n' >>"$TRAJ/parameters/x.range"
  printf '0\n0\n1\n1\n' >"$TRAJ/parameters/grp/trial.range"
  "$EXPFS" unmount "$MNT"
  loads_as alpha multi_3_expanded
}

@test "UPDATE_LEAF: a range of arrays keeps each distinct one once" {
  mount_copy minimal mini
  seq 3 >"$TRAJ/parameters/arr"
  printf '1\t2\t3\n4\t5\t6\n1\t2\t3\n' >"$TRAJ/parameters/arr.range"
  printf '7\t8\t9\n' >>"$TRAJ/parameters/arr.range"
  is '7 8 9' "$(xargs <"$TRAJ/.run/3/parameters/arr")"
  xattr_is "$TRAJ/parameters/arr" range '[[1, 2, 3], [4, 5, 6], [1, 2, 3], [7, 8, 9]]'
  fails_with 'Invalid argument' setfattr -n user.range -v '[[1, 2], [3, 4], [5, 6], [7, 8]]' "$TRAJ/parameters/arr"
  cp -a "$TRAJ/parameters/arr" "$TRAJ/parameters/brr"
  is "[[1, 2, 3], [4, 5, 6], [1, 2, 3], [7, 8, 9]] True 3 ['parameters.arr', 'parameters.brr']" "$(after mini '" ".join(map(str, (
    [a.tolist() for a in n["parameters.arr"]["range"]], [a.tolist() for a in n["parameters.brr"]["range"]] == [a.tolist() for a in n["parameters.arr"]["range"]],
    len(n["parameters.arr"]["items"]["explored__rr__"]["set_00000"]), t["explored"])))')"
}

@test "LEAF: user.expfs.python makes a list, a tuple or a NumPy scalar of a value, and cp -a keeps it" {
  mount_copy minimal mini
  seq 3 >"$TRAJ/results/l"
  seq 3 >"$TRAJ/results/t"
  echo 1 >"$TRAJ/results/n"
  setfattr -n user.expfs.python -v 'list of int' "$TRAJ/results/l"
  setfattr -n user.expfs.python -v 'tuple of int64' "$TRAJ/results/t"
  setfattr -n user.expfs.python -v int64 "$TRAJ/results/n"
  fails_with 'not supported' setfattr -n user.expfs.python -v float "$TRAJ/results/n"
  fails_with 'not supported' setfattr -n user.expfs.python -v matrix "$TRAJ/results/l"
  for name in l t n; do cp -a "$TRAJ/results/$name" "$TRAJ/results/$name$name"; done
  xattr_is "$TRAJ/results/ll" expfs.python 'list of int'
  flag_is "$TRAJ/results/ll" ARRAY
  is "[1, 2, 3] (1, 2, 3) int64 int64" "$(after mini '" ".join(map(str, (v("results.ll"), v("results.tt"), type(v("results.tt")[0]).__name__, type(v("results.nn")).__name__)))')"
}

@test "LEAF: user.expfs.item names the one item of a result" {
  mount_copy multi_1_two alpha
  local r=$TRAJ/results/run_00000000/deep/vec
  xattr_is "$r" expfs.item v
  cp -a "$r" "$TRAJ/results/copy"
  xattr_is "$TRAJ/results/copy" expfs.item v
  setfattr -n user.expfs.item -v w "$TRAJ/results/copy"
  is "['w'] ['v']" "$(after alpha 'str(list(n["results.copy"]["items"])) + " " + str(list(n["results.run_00000000.deep.vec"]["items"]))')"
}

@test "sed -i, mv and ln -s on an explored parameter keep it explored and lead to it; rm waits until it is not" {
  mount_copy minimal mini
  seq 3 >"$TRAJ/parameters/a.range"
  echo 5 >"$TRAJ/parameters/b"
  seq 7 9 >"$TRAJ/parameters/b.range"
  sed -i s/1/4/ "$TRAJ/parameters/a"
  sed -i s/2/8/ "$TRAJ/parameters/a.range" || true
  mv "$TRAJ/parameters/a" "$TRAJ/parameters/c"
  ln -s ../parameters/c "$TRAJ/results/way"
  is 4 "$(cat "$TRAJ/results/way")"
  fails_with 'not permitted' rm "$TRAJ/parameters/b"
  rm "$TRAJ/parameters/b.range"
  rm "$TRAJ/parameters/b"
  is "4 3 ['parameters.c']" "$(after mini '" ".join(map(str, (v("parameters.c"), len(n["parameters.c"]["range"]), t["explored"])))')"
}
