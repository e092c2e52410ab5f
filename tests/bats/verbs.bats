# verbs: info, tree and check on stores and in mounts, and unmount.
load common

setup_file() {
  local file=$BATS_FILE_TMPDIR/s.h5
  load common
  make_store "$file" <<'PY'
g = f.create_group("g")
d = g.create_dataset("grid", data=np.arange(12.).reshape(3, 4), chunks=(3, 2), compression="gzip")
d.attrs["unit"] = "mV"
d.attrs["range"] = np.array([0., 11.])
g["same"] = d
g["soft"] = h5py.SoftLink("/g/grid")
g["self"] = g
f["table"] = np.zeros(2, dtype=[("a", "<i4"), ("b", "<f8")])
f["type"] = np.dtype("<i2")
f.create_group("tab\tnew\nline")
PY
  make_store "$BATS_FILE_TMPDIR/damaged.h5" <<'PY'
for n in range(5):
    f.create_dataset(f"g/d{n}", data=np.arange(10000.), chunks=(1000,), fletcher32=True)
f["g/again"] = f["g/d1"]
at = [f[f"g/d{n}"].id.get_chunk_info(4).byte_offset for n in (1, 3)]
f.close()
with open(sys.argv[1], "r+b") as raw:
    for offset in at:
        raw.seek(offset + 100)
        raw.write(b"\xff" * 8)
f = h5py.File(sys.argv[1], "r")
PY
}

setup() {
  common_setup
  S=$BATS_FILE_TMPDIR/s.h5
  D=$BATS_FILE_TMPDIR/damaged.h5
}

# The value of NAME in what `expfs info` printed.
value_of() {
  awk -F '\t' -v name="$1" '$1 == name { print $2 }' <<<"$output"
}

@test "info says what a store is" {
  run -0 "$EXPFS" info "$S"
  is "$S" "$(value_of store)"
  is hdf5 "$(value_of format)"
  is "$(stat -c %s "$S")" "$(value_of size)"
  is 4 "$(value_of children)"
}

@test "info says what a node is, in a store and in a mount alike" {
  mount_store "$S"
  local path
  for path in "$S/g/grid" "$S:g/grid" "$S:/g/grid" "$MNT/g/grid"; do
    run -0 "$EXPFS" info "$path"
    is g/grid "$(value_of path)"
    is dataset "$(value_of kind)"
    is '<f8' "$(value_of dtype)"
    is '[3, 4]' "$(value_of shape)"
    is '[3, 2]' "$(value_of chunks)"
    is 'gzip(4)' "$(value_of filters)"
    is mV "$(value_of 'attribute unit')"
    is '[0.0, 11.0]' "$(value_of 'attribute range')"
  done
  run -0 "$EXPFS" info "$MNT"
  is "$MNT" "$(value_of mountpoint)"
  is "$S" "$(value_of store)"
}

@test "info describes a link, and follows one on the way" {
  run -0 "$EXPFS" info "$S/g/soft"
  is link "$(value_of kind)"
  is /g/grid "$(value_of target)"
  run -0 "$EXPFS" info "$S/g/self/self/grid"
  is '<f8' "$(value_of dtype)"
}

@test "info of what is not there is an error" {
  local path
  for path in "$S/nothing" "$S/g/nothing" "$S/g/grid/nothing" "$BATS_TEST_TMPDIR/nothing" nothing.h5; do
    run -1 --separate-stderr "$EXPFS" info "$path"
    is 1 "$(wc -l <<<"$stderr")"
    is '' "$output"
  done
}

@test "info lists the trajectories of a pypet store" {
  need_shared
  run -0 "$EXPFS" info "$EXPFS_SHARED/stores/pypet/multi_1_two.hdf5"
  is pypet "$(value_of format)"
  is "$(jq -r '.trajectories[].name' "$EXPFS_SHARED/stores/pypet/multi_1_two.expected.json" | sort)" \
    "$(value_of trajectory | sort)"
}

@test "tree draws groups, datasets, links and cycles" {
  LC_ALL=C run -0 "$EXPFS" tree "$S"
  cat >"$BATS_TEST_TMPDIR/want" <<WANT
$S
|-- g
|   |-- grid  <f8 [3, 4]
|   |-- same  <f8 [3, 4]
|   |-- self  [contains itself, not followed]
|   \`-- soft -> /g/grid
|-- tab\\x09new\\x0aline
|-- table  [('a', '<i4'), ('b', '<f8')] [2]
\`-- type  datatype

3 groups, 4 datasets, 1 link
WANT
  diff "$BATS_TEST_TMPDIR/want" - <<<"$output"
}

@test "tree -L goes no deeper" {
  LC_ALL=C.UTF-8 run -0 "$EXPFS" tree -L 1 "$S"
  [[ $output == *"├── g"* ]]
  [[ $output != *grid* ]]
  is '2 groups, 2 datasets, 0 links' "${lines[-1]}"
  run -2 "$EXPFS" tree -L 0 "$S"
}

@test "tree of a mount shows the same datasets" {
  mount_store "$S"
  run -0 "$EXPFS" tree "$MNT"
  [[ $output == *"grid  <f8 [3, 4]"* ]]
  [[ $output == *"soft -> grid"* || $output == *"soft -> .//grid"* || $output == *"soft -> ../g/grid"* ]]
  [[ $output == *"type  datatype"* ]]
}

@test "tree and check of groups that share groups end at once" {
  make_store "$BATS_TEST_TMPDIR/shared.h5" <<'PY'
above = f.create_group("n0")
for i in range(1, 50):
    n = f.create_group(f"n{i}")
    above["a"] = above["b"] = n
    above = n
PY
  run -0 timeout 20 "$EXPFS" tree "$BATS_TEST_TMPDIR/shared.h5"
  is '148 groups, 0 datasets, 0 links' "${lines[-1]}"
  run -0 timeout 20 "$EXPFS" check "$BATS_TEST_TMPDIR/shared.h5"
}

@test "groups nested 5000 deep are walked" {
  make_store "$BATS_TEST_TMPDIR/deep.h5" <<'PY'
g = f
for i in range(5000):
    g = g.create_group("x")
PY
  run -0 "$EXPFS" check "$BATS_TEST_TMPDIR/deep.h5"
  [[ $output == *": 5001 objects and "* ]]
  "$EXPFS" tree "$BATS_TEST_TMPDIR/deep.h5" | tail -n 1 | grep -q '^5000 groups'
}

@test "check reads each object once and finds nothing in a sound store" {
  run -0 "$EXPFS" check "$S"
  is "$S: 6 objects and 2 attributes read, 0 damaged" "$output"
}

@test "check names each damaged object once, with the reason, and exits with 1" {
  run -1 "$EXPFS" check "$D"
  is 3 "${#lines[@]}"
  [[ ${lines[0]} == "/g/again: "*hecksum* || ${lines[0]} == "/g/d1: "*hecksum* ]]
  [[ ${lines[1]} == "/g/d3: "*hecksum* ]]
  is "$D: 7 objects and 0 attributes read, 2 damaged" "${lines[2]}"
}

@test "check below a node looks only there" {
  run -0 "$EXPFS" check "$D/g/d0"
  is "$D/g/d0: 1 objects and 0 attributes read, 0 damaged" "$output"
  run -1 "$EXPFS" check "$D/g/d3"
  [[ ${lines[0]} == "/g/d3: "* ]]
}

@test "check in a mount finds the same, with the mount's own words" {
  mount_store "$D"
  run -1 "$EXPFS" check "$MNT"
  is 3 "${#lines[@]}"
  [[ ${lines[0]} == "/g/"*": "*hecksum* ]]
  [[ ${lines[1]} == "/g/d3: "*hecksum* ]]
  run -0 "$EXPFS" check "$MNT/g/d0"
}

@test "check reports data whose filter is not installed" {
  need_shared
  run -1 "$EXPFS" check -o format=hdf5 "$EXPFS_SHARED/stores/hdf5-suite/tudfilter.h5"
  [[ ${lines[0]} == "/dynlibud: needs filter "* ]]
}

@test "check of a dataset of 10^14 elements that were never written ends" {
  make_store "$BATS_TEST_TMPDIR/empty.h5" <<'PY'
f.create_dataset("x", shape=(10**7, 10**7), dtype="f8", chunks=(1000, 1000))
PY
  run -0 timeout 20 "$EXPFS" check "$BATS_TEST_TMPDIR/empty.h5"
}

@test "the verbs take several paths and go on after one that fails" {
  run -1 "$EXPFS" check "$S" nothing.h5 "$D/g/d0"
  [[ $output == *"$S: 6 objects"* ]]
  [[ $output == *"nothing.h5: No such file"* ]]
  [[ $output == *"d0: 1 objects"* ]]
}

@test "the verbs take the options of the store and refuse those of mounts" {
  run -0 "$EXPFS" info -o format=hdf5,lock=no,cache=1M "$S"
  run -2 "$EXPFS" info -o idle=1 "$S"
  run -2 "$EXPFS" tree -o frob "$S"
  run -2 "$EXPFS" check
  run -2 "$EXPFS" info -x "$S"
}

@test "a verb goes before a file of its name, and ./ names the file" {
  cd "$BATS_TEST_TMPDIR"
  cp "$S" check
  run -2 "$EXPFS" check
  run -0 "$EXPFS" ./check "$MNT"
  is_mounted "$MNT"
}

@test "a verb that does not exist is bad usage" {
  local verb
  for verb in fnid frobnicate; do
    run -2 --separate-stderr "$EXPFS" "$verb" "$S"
    [[ ${stderr_lines[0]} == "expfs: '$verb' is neither"* ]]
  done
}

@test "unmount of what is not mounted, or not ours, is an error" {
  mkdir "$MNT"
  run -1 "$EXPFS" unmount "$MNT"
  [[ $output == *"nothing is mounted there" ]]
  run -1 "$EXPFS" unmount /proc
  [[ $output == *"not a mount of expfs"* ]]
  run -2 "$EXPFS" unmount
}

@test "unmount takes away a mount whose process was killed" {
  mkdir "$MNT"
  mount_store "$S"
  kill -9 "$(mount_pid "$MNT")"
  wait_until 10 fails_with 'not connected' stat -f "$MNT"
  run -1 "$EXPFS" "$S" "$MNT"
  [[ $output == *"has died"* ]]
  "$EXPFS" unmount "$MNT"
  not is_mounted "$MNT"
}

@test "help and version go to stdout with status 0" {
  local verb
  run -0 --separate-stderr "$EXPFS" --help
  [[ $output == "Usage: expfs STORE MOUNTPOINT"* ]]
  is '' "$stderr"
  run -0 --separate-stderr "$EXPFS" -h
  for verb in mount unmount info tree check; do
    run -0 --separate-stderr "$EXPFS" "$verb" --help
    [[ $output == Usage:* ]]
  done
  run -0 --separate-stderr "$EXPFS" --version
  [[ $output == "expfs "[0-9]* ]]
}

@test "check, info and tree leave no mount and do not touch the store" {
  local before
  before=$(sha256sum "$S"; stat -c '%Y %Z' "$S")
  "$EXPFS" info "$S" >/dev/null
  "$EXPFS" tree "$S" >/dev/null
  "$EXPFS" check "$S" >/dev/null
  is "$before" "$(sha256sum "$S"; stat -c '%Y %Z' "$S")"
  [ -z "$(findmnt --noheadings --source "$S")" ]
}

@test "a pipe that closes early ends tree quietly" {
  "$EXPFS" tree "$S" 2>"$BATS_TEST_TMPDIR/err" | head -n 1
  [ ! -s "$BATS_TEST_TMPDIR/err" ]
}
