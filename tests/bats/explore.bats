# explore: runs for combinations of values, as pypet's f_explore with cartesian_product makes them.
load pypet

# A store with the trajectory t, in which there are x (int), y (float), word (str), on (bool), and grp/z (int).
take_new() {
  "$EXPFS" create pypet "$STORE" t
  mount_store "$STORE" -o rw
  mkdir "$MNT/t/parameters/grp"
  echo 5 >"$MNT/t/parameters/x"
  echo 0.5 >"$MNT/t/parameters/y"
  echo hi >"$MNT/t/parameters/word"
  "$PYTHON" -c 'import numpy, sys; numpy.save(sys.argv[1], True)' "$BATS_TEST_TMPDIR/on.npy"
  cp "$BATS_TEST_TMPDIR/on.npy" "$MNT/t/parameters/on.npy"
  echo 1 >"$MNT/t/parameters/grp/z"
  echo 1 >"$MNT/t/results/r"
  "$EXPFS" unmount "$MNT"
}

@test "explore: the order of the runs is that of pypet's cartesian_product, and pypet loads them" {
  take_new
  is '12 runs' "$("$EXPFS" explore "$STORE:t" x=3,1,2 y=0.1,0.25 'word=a,"b, c"')"
  is True "$(loads t 'list(zip(*(n["parameters." + name]["range"] for name in ("x", "y", "word")))) == list(itertools.product([3, 1, 2], [0.1, 0.25], ["a", "b, c"]))')"
  is "12 12 ['parameters.x', 'parameters.y', 'parameters.word'] 0" "$(loads t \
    'str(t["info"]["length"]) + " " + str(len(t["runs"])) + " " + str(t["explored"]) + " " + str(sum(t["runs"]["completed"]))')"
  is 'int float str' "$(loads t '" ".join(type(n["parameters." + name]["range"][0]).__name__ for name in ("x", "y", "word"))')"
}

@test "explore: tables of ranges, runs and explorations are those of pypet, byte for byte" {
  take minimal
  "$EXPFS" explore "$STORE:mini" a=0:6
  # Of the explorations, whose width the name gives, the title differs: pypet makes the table with one, and we widened it.
  "$PYTHON" - "$STORE" "$PYPET/incomplete_raw.hdf5" "$TOP/tests/c" <<'PY'
import sys
sys.path.insert(0, sys.argv[3])
import h5py
from pypet_compare import plain

def table(file, path):
    node = h5py.File(file)[path]
    return plain(node[()]), node.dtype, node.maxshape, node.chunks, node.compression, \
        {name: plain(value) for name, value in node.attrs.items()}

assert table(sys.argv[1], 'mini/parameters/a/explored_data') == table(sys.argv[2], 'crash/parameters/x/explored_data')
assert table(sys.argv[1], 'mini/overview/runs') == table(sys.argv[2], 'crash/overview/runs')
one, two = table(sys.argv[1], 'mini/overview/explorations'), table(sys.argv[2], 'crash/overview/explorations')
assert one[1:5] == two[1:5]
assert {name for name in one[5] if one[5][name] != two[5].get(name)} == {'TITLE'}
PY
}

@test "explore --zip takes the values side by side" {
  take_new
  "$EXPFS" explore --zip "$STORE:t" x=1,2,3 parameters.grp.z=4,5,6 on=true,False,1
  is '[(1, 4, True), (2, 5, False), (3, 6, True)]' "$(loads t \
    'list(zip(*(n["parameters." + name]["range"] for name in ("x", "grp.z", "on"))))')"
}

@test "explore: values may be a range of numbers or the lines of a file" {
  take_new
  printf 'plain\nwith, comma\nwith "quotes"\n' >"$BATS_TEST_TMPDIR/words"
  "$EXPFS" explore "$STORE:t" x=10:0:-5 y=0:1:0.25 "word=@$BATS_TEST_TMPDIR/words"
  is "[5, 10] [0.0, 0.25, 0.5, 0.75] ['plain', 'with \"quotes\"', 'with, comma']" "$(loads t \
    '" ".join(str(sorted(set(n["parameters." + name]["range"]))) for name in ("x", "y", "word"))')"
}

@test "explore --dry-run prints the table of runs, and leaves every byte" {
  take_new
  cp "$STORE" "$BATS_TEST_TMPDIR/before"
  is $'run\tparameters.x\tparameters.y\n0\t1\t0.5\n1\t1\t1.5\n2\t2\t0.5\n3\t2\t1.5' "$("$EXPFS" explore -n "$STORE:t" x=1,2 y=0.5,1.5)"
  cmp "$STORE" "$BATS_TEST_TMPDIR/before"
}

@test "explore is done by the running mount, where the runs appear at once" {
  take_new
  mount_store "$STORE" -o rw
  ls -l "$MNT/t/.run" "$MNT/t/parameters" >"$BATS_TEST_TMPDIR/before"
  is run_00000000 "$(ls "$MNT/t/.run")"
  "$EXPFS" explore "$MNT/t" x=1,2 grp/z=7,8,9
  is 6 "$(ls "$MNT/t/.run" | wc -l)"
  is '2 9' "$(echo $(cat "$MNT/t/.run/5/parameters/x" "$MNT/t/.run/5/parameters/grp/z"))"
  text_is "$MNT/t/parameters/x.range" '1\n1\n1\n2\n2\n2\n'
  xattr_is "$MNT/t" length 6
  xattr_is "$MNT/t/parameters/x" explored true
  is .run/run_00000004 "$("$EXPFS" find "$MNT/t" 'x=2,z=8')"
}

@test "explore: a classic trajectory gets its own tables" {
  take classic_one
  mount_store "$STORE" -o rw
  mkdir "$MNT/sweep"
  echo 5 >"$MNT/sweep/parameters/x"
  echo word >"$MNT/sweep/parameters/s"
  "$EXPFS" explore "$MNT/sweep" x=1,2 s=a,bcdefghi
  "$EXPFS" unmount "$MNT"
  is "[1, 1, 2, 2] ['a', 'bcdefghi', 'a', 'bcdefghi']" "$(loads sweep \
    'str(n["parameters.x"]["range"]) + " " + str(n["parameters.s"]["range"])')"
  h5dump -a /sweep/parameters/x/SRVC_INIT_LENGTH "$STORE" | grep '(0): 4'
}

@test "explore: wrong uses are refused as pypet refuses them, and change nothing" {
  take_new
  changes_nothing "no parameter 'nothing'" "$EXPFS" explore "$STORE:t" nothing=1,2
  changes_nothing "'parameters.grp' is a group, not a parameter" "$EXPFS" explore "$STORE:t" grp=1,2
  changes_nothing "'results.r' is not a parameter" "$EXPFS" explore "$STORE:t" r=1,2
  changes_nothing "'1.5' is no value of the parameter's type" "$EXPFS" explore "$STORE:t" y=1,2 x=1,1.5
  changes_nothing "'maybe' is no value" "$EXPFS" explore "$STORE:t" on=true,maybe
  changes_nothing "'parameters.y' has 3 values and 'parameters.x' 2" "$EXPFS" explore --zip "$STORE:t" x=1,2 y=1,2,3
  changes_nothing "given twice" "$EXPFS" explore "$STORE:t" x=1,2 parameters.x=1,2
  changes_nothing "more runs than a trajectory can have" "$EXPFS" explore "$STORE:t" x=0:100000 z=0:100000
  changes_nothing "has no values" "$EXPFS" explore "$STORE:t" x=5:5
  changes_nothing "not of the form" "$EXPFS" explore "$STORE:t" x
  changes_nothing "No such file" "$EXPFS" explore "$STORE:t" x=@/nowhere
  "$EXPFS" explore "$STORE:t" x=1,2
  changes_nothing "'parameters.x' is explored already" "$EXPFS" explore "$STORE:t" x=1,2,3
  changes_nothing "these are 3 runs, and 'parameters.x' is explored in 2" "$EXPFS" explore "$STORE:t" y=1,2,3
  "$EXPFS" explore "$STORE:t" y=1,2
  is '[1.0, 2.0]' "$(loads t 'n["parameters.y"]["range"]')"
  run -2 "$EXPFS" explore "$STORE:t"
}

@test "explore: a value that the stored type cannot hold is refused after others were set, and changes nothing" {
  take minimal
  mount_store "$STORE" -o rw
  echo 0.5 >"$MNT/mini/parameters/other"
  "$EXPFS" unmount "$MNT"
  # pypet keeps ints in four bytes.
  changes_nothing 'parameters.a: ' "$EXPFS" explore --zip "$STORE:mini" other=1,2 a=1,5000000000
  mount_store "$STORE" -o rw
  fails_with 'parameters.a: ' "$EXPFS" explore --zip "$MNT/mini" other=1,2 a=1,5000000000
  fails_with 'No such file' cat "$MNT/mini/parameters/other.range"
  is run_00000000 "$(ls "$MNT/mini/.run")"
  "$EXPFS" unmount "$MNT"
  is '[] 1' "$(loads mini 'str(t["explored"]) + " " + str(len(t["runs"]))')"
}

@test "explore: a trajectory of which a run was completed is expanded, not explored" {
  take incomplete
  mount_store "$STORE" -o rw
  echo 1 >"$MNT/crash/parameters/y"
  "$EXPFS" unmount "$MNT"
  changes_nothing 'run 0 has been run' "$EXPFS" explore "$STORE:crash" y=0:6
}
