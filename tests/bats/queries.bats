# queries: .by/ and .where/ in any directory, and `expfs find`: runs of a trajectory, and objects by their attributes.
load common

setup_file() {
  "$BATS_TEST_DIRNAME/../../scripts/make-demo" "$BATS_FILE_TMPDIR/demo.hdf5"
}

setup() {
  common_setup
  DEMO=$BATS_FILE_TMPDIR/demo.hdf5
  STORE=$BATS_TEST_TMPDIR/store.h5
  T=$MNT/demo
}

# Four recordings, two of which have the same name, and what is no recording.
make_recordings() {
  make_store "$STORE" <<'PY'
for i, (name, sheet, contrast) in enumerate([("V1/r0", "V1", 10), ("V1/r1", "V1", 50), ("V2/r0", "V2", 50), ("V2/r3", "V2", 100)]):
    d = f.create_dataset(name, data=np.arange(3))
    d.attrs["sheet"] = sheet
    d.attrs["contrast"] = np.int32(contrast)
    d.attrs["rate"] = np.float32(0.1 * i)
f["other"] = 1
f["V1"].attrs["tags"] = ["a", "b"]
f["again"] = f["V2/r3"]
PY
}

names_in() {
  find "$1" -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort | paste -s -d ' '
}

@test ".by lists the explored parameters, their values, and the runs that have them" {
  mount_store "$DEMO"
  is 'completed x y' "$(names_in "$T/.by")"
  is '1 2 3' "$(names_in "$T/.by/y")"
  is '0.5 1.0 1.5 2.0' "$(names_in "$T/.by/x")"
  for run in "$T/.by/x/2.0"/*; do
    is 2.0 "$(cat "$run/parameters/x")"
  done
  is "$(grep -l -x 2.0 "$T"/.run/*/parameters/x | wc -l)" "$(ls "$T/.by/x/2.0" | wc -l)"
}

@test ".where holds the runs that an expression finds" {
  mount_store "$DEMO"
  for run in "$T/.where/x>=2,y!=3"/*; do
    awk '{ exit !($1 >= 2) }' "$run/parameters/x"
    not grep -q -x 3 "$run/parameters/y"
    readlink -f "$run"
  done >"$BATS_TEST_TMPDIR/found"
  for run in "$T"/.run/*; do
    [ "$(cat "$run/parameters/y")" = 3 ] || ! awk '{ exit !($1 >= 2) }' "$run/parameters/x" || readlink -f "$run"
  done >"$BATS_TEST_TMPDIR/looked"
  [ -s "$BATS_TEST_TMPDIR/found" ]
  diff "$BATS_TEST_TMPDIR/looked" "$BATS_TEST_TMPDIR/found"
}

@test "queries go on in what a query found" {
  mount_store "$DEMO"
  is "$(names_in "$T/.where/x=2,y=1")" "$(names_in "$T/.where/x=2/.by/y/1")"
  is "$(names_in "$T/.where/x=2,y=1")" "$(names_in "$T/.by/y/1/.where/x=2.0")"
  is 6 "$(cut -f 1 "$T"/.by/x/2.0/.by/y/3/*/results/z | cut -d . -f 1)"
}

@test "queries find by annotations too, wherever these are" {
  need_shared
  mount_store "$EXPFS_SHARED/stores/pypet/basic.hdf5"
  is 'neuron' "$(names_in "$MNT/basic/.where/annotation.doi=10.1000%2F182")"
  is "$(realpath "$MNT/basic/parameters/neuron")" "$(realpath "$MNT/basic/.where/annotation.doi~10.*/neuron")"
  getfattr -R -n user.annotation.doi "$MNT/basic" 2>/dev/null | grep -q '10.1000/182'
}

@test "in any group objects are found by their attributes, numbers as numbers" {
  make_recordings
  mount_store "$STORE"
  is 'contrast rate sheet tags' "$(names_in "$MNT/.by")"
  is '10 100 50' "$(names_in "$MNT/.by/contrast")"
  is 'V1%2Fr0 r1' "$(names_in "$MNT/.where/sheet=V1")"
  is 'V2%2Fr0 r1 r3' "$(names_in "$MNT/.where/contrast>10")"
  is 'r1' "$(names_in "$MNT/.where/rate=0.1")"
  is 'V1' "$(names_in "$MNT/.by/tags/[\"a\", \"b\"]")"
  is 'r0' "$(names_in "$MNT/V2/.where/contrast<=50")"
  is "$(cat "$MNT/V2/r3")" "$(cat "$MNT/.where/contrast=100/r3")"
}

@test "several parameters divide what is found, and so does everything but some" {
  mount_store "$DEMO"
  is 12 "$(ls "$T/.by/x,y" | wc -l)"
  is "$(names_in "$T/.where/x=2,y=1")" "$(names_in "$T/.by/x,y/2.0,1")"
  is 'y=1 y=2 y=3' "$(names_in "$T/.by/except:x")"
  is "$(names_in "$T/.by/y/2")" "$(names_in "$T/.by/except:x/y=2")"
  is "$(names_in "$T/.where/x=2,y=1")" "$(names_in "$T/.by/except:x/y=1/.where/x=2")"
  is all "$(names_in "$T/.by/except:x,y,completed")"
  is 12 "$(ls "$T/.by/except:" | wc -l)"
  fails_with 'No such file' ls "$T/.by/x,nothing"
  fails_with 'Invalid argument' ls "$T/.by/except:x,,y"
}

@test "objects without one of the parameters are in no set, or in one of their own" {
  make_recordings
  mount_store "$STORE"
  is '10,V1 50,V1 50,V2 100,V2' "$(ls -U "$MNT/.by/contrast,sheet" | paste -s -d ' ')"
  is 'V1%2Fr0' "$(names_in "$MNT/.by/contrast,sheet/10,V1")"
  # Each recording by its own rate, and the group that has none.
  is 5 "$(ls "$MNT/.by/except:contrast" | wc -l)"
  is 'V1' "$(names_in "$MNT/.by/except:contrast/none")"
}

@test "what is found by either expression, what varies in it, and what is the same" {
  make_recordings
  mount_store "$STORE"
  is 'V1%2Fr0 r3' "$(names_in "$MNT/.where/contrast=10/.or/contrast=100")"
  is 'rate sheet' "$(paste -s -d ' ' "$MNT/.where/contrast=50/.varying")"
  is true "$(cat "$MNT/.where/sheet=V1/.same/sheet")"
  is false "$(cat "$MNT/.where/sheet=V1/.same/sheet,contrast")"
  is true "$(cat "$MNT/.where/sheet=V1/.same/except:contrast,rate")"
  fails_with 'No such file' cat "$MNT/.where/sheet=V1/.same/nothing"
  is "$(realpath "$MNT/V2/r3")" "$(realpath "$MNT/.where/contrast=100/.unique")"
  fails_with 'Invalid argument' cat "$MNT/.where/contrast=50/.unique"
  grep -q 'contrast=50/.unique: a single match was expected, and there are 2' "$MNT/.expfs/log"
}

@test "an optional predicate, booleans, null and lists find what they say" {
  make_store "$STORE" <<'PY'
for i, (done, extra) in enumerate([(True, h5py.Empty("i8")), (False, [1, 2]), (True, [1, 2, 3])]):
    f[f"d{i}"] = i
    f[f"d{i}"].attrs["done"] = done
    f[f"d{i}"].attrs["extra"] = extra
f["d3"] = 3
PY
  mount_store "$STORE"
  is 'd0 d2' "$(names_in "$MNT/.where/done=true")"
  is 'd1' "$(names_in "$MNT/.where/done!=true")"
  is 'd0' "$(names_in "$MNT/.where/extra=null")"
  is 'd1' "$(names_in "$MNT/.where/extra=[1,2.0]")"
  is 'd1 d2' "$(names_in "$MNT/.where/extra=[1, 2]|[1, 2, 3]")"
  is 'd1' "$(names_in "$MNT/.where/done?=false,extra=[1, 2]")"
  is 'd0 d1 d2' "$(names_in "$MNT/.where/*")"
  is '[1, 2, 3] [1, 2] null' "$(names_in "$MNT/.by/extra")"
}

@test "queries are found by name and never listed" {
  make_recordings
  mount_store "$STORE"
  is 'V1 V2 again other' "$(ls -a "$MNT" | grep -v -x '[.]*' | paste -s -d ' ')"
  not grep -q -E '[.](by|where)' <(find "$MNT")
  is '' "$(ls "$MNT/.where")"
}

@test "an unknown parameter is ENOENT, a malformed expression EINVAL, no match an empty directory" {
  make_recordings
  mount_store "$STORE"
  fails_with 'No such file' ls "$MNT/.by/nothing"
  fails_with 'No such file' ls "$MNT/.by/contrast/7"
  fails_with 'No such file' ls "$MNT/.where/nothing=1"
  fails_with 'Invalid argument' ls "$MNT/.where/contrast"
  fails_with 'Invalid argument' ls "$MNT/.where/contrast=1,"
  fails_with 'No such file' ls "$MNT/.by/.by"
  is '' "$(ls "$MNT/.where/contrast=7")"
  fails_with 'Read-only' mkdir "$MNT/.by/x"
}

@test "a query sees what has been written" {
  make_recordings
  mount_store "$STORE" -o rw
  is 'V2%2Fr0 r1' "$(names_in "$MNT/.by/contrast/50")"
  setfattr -n user.contrast -v 50 "$MNT/V2/r3"
  is 'V2%2Fr0 r1 r3' "$(names_in "$MNT/.by/contrast/50")"
  rm "$MNT/V1/r1"
  is 'V2%2Fr0 r3' "$(names_in "$MNT/.by/contrast/50")"
  echo 1 >"$MNT/new"
  setfattr -n user.contrast -v 50 "$MNT/new"
  is 'V2%2Fr0 new r3' "$(names_in "$MNT/.by/contrast/50")"
  fails_with 'not supported' mkdir "$MNT/.by/x"
  fails_with 'not supported' touch "$MNT/.where/contrast=50/x"
}

@test "a query sees attributes that are written between elements" {
  make_recordings
  mount_store "$STORE" -o rw
  is 'V2%2Fr0 r1' "$(names_in "$MNT/.by/contrast/50")"
  printf '7\n8\n9\n' 1<>"$MNT/V1/r0"
  is 'V2%2Fr0 r1' "$(names_in "$MNT/.by/contrast/50")"
  setfattr -n user.contrast -v 50 "$MNT/V1/r0"
  is 'V1%2Fr0 V2%2Fr0 r1' "$(names_in "$MNT/.by/contrast/50")"
  printf '1\n2\n3\n' 1<>"$MNT/V1/r0"
  setfattr -x user.contrast "$MNT/V1/r0"
  printf '4\n5\n6\n' 1<>"$MNT/V1/r0"
  is 'V2%2Fr0 r1' "$(names_in "$MNT/.by/contrast/50")"
  mv "$MNT/V1/r1" "$MNT/V1/r9"
  is 'V2%2Fr0 r9' "$(names_in "$MNT/.by/contrast/50")"
}

@test "a query of runs sees ranges that are written" {
  cp "$DEMO" "$STORE"
  mount_store "$STORE" -o rw
  is 3 "$(ls "$T/.by/x/2.0" | wc -l)"
  sed -i 's/^ *2[.]0$/9.5/' "$T/parameters/x.range"
  is 3 "$(ls "$T/.by/x/9.5" | wc -l)"
  fails_with 'No such file' ls "$T/.by/x/2.0"
}

@test "expfs find prints the same matches of a store and of a mount" {
  make_recordings
  is 'V1/r1 V2/r0 V2/r3' "$("$EXPFS" find "$STORE" 'contrast>=50' | paste -s -d ' ')"
  mount_store "$STORE"
  is 'V1/r1 V2/r0 V2/r3' "$("$EXPFS" find "$MNT" 'contrast>=50' | paste -s -d ' ')"
  is 'r0 r3' "$("$EXPFS" find "$MNT/V2" 'contrast>=50' | paste -s -d ' ')"
  is '3' "$("$EXPFS" find "$MNT" 'contrast>=50' -0 | tr -d -c '\0' | wc -c)"
  is '' "$("$EXPFS" find "$MNT" 'contrast=7')"
}

@test "expfs find says what is wrong with an expression" {
  make_recordings
  fails_with "nothing has a parameter 'nothing'" "$EXPFS" find "$STORE" 'nothing=1'
  fails_with "'contrast': none of" "$EXPFS" find "$STORE" contrast
  fails_with 'a path and an expression' "$EXPFS" find "$STORE"
  mount_store "$STORE"
  fails_with 'nothing has a parameter' "$EXPFS" find "$MNT" 'nothing=1'
  fails_with "a quote that does not end" "$EXPFS" find "$MNT" 'contrast="1'
}

@test "expfs find prints sets, values and what varies, of a store and of a mount" {
  make_recordings
  mount_store "$STORE"
  for place in "$STORE" "$MNT"; do
    is 'V1/r0 V2/r0 V2/r3' "$("$EXPFS" find "$place" 'contrast=50' 'sheet=V2' --or contrast=10 --or contrast=100 | paste -s -d ' ')"
    is $'V1\tV1/r1 V2\tV2/r0 V2\tV2/r3' "$("$EXPFS" find "$place" 'contrast>10' --by sheet | paste -s -d ' ')"
    is '10 50 100' "$("$EXPFS" find "$place" --values contrast | paste -s -d ' ')"
    is 'contrast rate' "$("$EXPFS" find "$place" sheet=V1 --varying | paste -s -d ' ')"
  done
}

@test "expfs find says by its exit status whether one is found, and whether all are the same" {
  make_recordings
  mount_store "$STORE"
  for place in "$STORE" "$MNT"; do
    is V1/r0 "$("$EXPFS" find "$place" contrast=10 --unique)"
    fails_with 'a single match was expected, and there are 2' "$EXPFS" find "$place" contrast=50 --unique
    "$EXPFS" find "$place" sheet=V1 --same=sheet
    run "$EXPFS" find "$place" sheet=V1 --same
    is '1 ' "$status $output"
    run "$EXPFS" find "$place" sheet=V1 --same=nothing
    is 2 "$status"
    run "$EXPFS" find "$place" sheet=V1 --same=sheet --same=except:sheet
    is 2 "$status"
  done
}
