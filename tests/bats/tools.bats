# tools: the programs that a scientist has at hand, reading a mount of the demo store.
load common

setup_file() {
  "$BATS_TEST_DIRNAME/../../scripts/make-demo" "$BATS_FILE_TMPDIR/demo.hdf5"
}

setup() {
  common_setup
  mount_store "$BATS_FILE_TMPDIR/demo.hdf5" -o format=hdf5
  RUNS=$MNT/demo/results/runs
}

python_says() {
  $PYTHON - "$MNT" "$BATS_FILE_TMPDIR/demo.hdf5" <<PY
import sys
m, store = sys.argv[1] + "/", sys.argv[2]
$1
PY
}

@test "numpy.load maps an array into memory" {
  python_says '
import h5py, numpy as np
a = np.load(m + "demo/results/runs/run_00000005/trace/displacement.npy", mmap_mode="r")
want = h5py.File(store)["demo/results/runs/run_00000005/trace/displacement"][()]
assert isinstance(a, np.memmap) and a.shape == (200,) and (a == want).all()
assert a[199] == want[199] and float(a[100:110].sum()) == float(want[100:110].sum())'
}

@test "numpy.loadtxt reads the text" {
  python_says '
import h5py, numpy as np
a = np.loadtxt(m + "plain/image")
assert (a == h5py.File(store)["plain/image"][()]).all()'
}

@test "pandas.read_csv reads a table" {
  python_says '
import pandas as pd
t = pd.read_csv(m + "plain/events.csv")
assert list(t.columns) == ["channel", "time", "charge", "label"], t.columns
assert len(t) == 10 and t.charge.tolist() == [40 * i - 55 for i in range(10)] and t.label[9] == "hit 9"
assert t.time.tolist() == [i * 0.125 for i in range(10)]'
}

@test "pandas.read_table reads the tsv, pandas.read_json the ndjson" {
  python_says '
import pandas as pd
t = pd.read_table(m + "plain/events.tsv")
j = pd.read_json(m + "plain/events.ndjson", lines=True)
assert t.equals(j[t.columns]), (t, j)'
}

@test "awk sums a column" {
  is 1250 "$(awk -F '\t' '{ sum += $3 } END { print sum }' "$MNT/plain/events")"
}

@test "sort -n sorts numbers" {
  is '-55' "$(cut -f 3 "$MNT/plain/events" | sort -n | head -n 1 | tr -d ' ')"
  is '6.0' "$(sort -n "$RUNS"/*/z/z | tail -n 1)"
}

@test "cut -f takes columns" {
  is 'hit 0,hit 1,hit 2' "$(cut -f 4 "$MNT/plain/events" | head -n 3 | paste -s -d ,)"
}

@test "tail -n 1 and head -c see the ends" {
  is 221 "$(tail -n 1 "$MNT/plain/image" | cut -f 8)"
  is '  0' "$(head -c 3 "$MNT/plain/image")"
}

@test "jq reads the json view" {
  is 200 "$(jq '.value | length' "$RUNS/run_00000000/trace/time.json")"
  is 0.25 "$(jq .attributes.exposure_seconds "$MNT/plain/image.json")"
  is 12 "$(jq '.children | length' "$RUNS.json")"
}

@test "find -size finds by the size of the text" {
  is "$MNT/plain/image" "$(find "$MNT/plain" -type f -size -200c -size +190c)"
  is "$(find "$MNT" -type f -size +1k | wc -l)" "$(find "$MNT" -type f -printf '%s\n' | awk '$1 > 1024' | wc -l)"
  is 24 "$(find "$RUNS" -type f -path '*/trace/*' | wc -l)"
}

@test "grep -r finds a value and its file" {
  is "$MNT/plain/events" "$(grep -r -l 'hit 7' "$MNT/plain/events" "$MNT/plain/image")"
  [ "$(grep -r -c . "$MNT" | wc -l)" -ge 60 ]
}

@test "getfattr -R -d dumps everybody's attributes" {
  getfattr -R -P -h -d "$MNT" >"$BATS_TEST_TMPDIR/attributes"
  grep -q -x 'user.exposure_seconds="0.25"' "$BATS_TEST_TMPDIR/attributes"
  grep -q -x 'user.SRVC_AN_unit="mm"' "$BATS_TEST_TMPDIR/attributes"
  is "$(find "$MNT" -not -type l | wc -l)" "$(grep -c '^# file:' "$BATS_TEST_TMPDIR/attributes")"
}

# Whether the scratch directory can hold user xattrs.
need_xattrs() {
  touch "$BATS_TEST_TMPDIR/probe"
  setfattr -n user.probe -v 1 "$BATS_TEST_TMPDIR/probe" 2>/dev/null || skip "no user xattrs in $BATS_TEST_TMPDIR"
}

# A copy has the same tree, bytes and (but for expfs' own) attributes as the mount.
is_copy() {
  diff -r --no-dereference "$MNT" "$1"
  is 0.25 "$(getfattr --only-values -n user.exposure_seconds "$1/plain/image")"
  is mm "$(getfattr --only-values -n user.SRVC_AN_unit "$1/demo/results/runs/run_00000011/trace")"
  is "$(readlink "$MNT/plain/first_run")" "$(readlink "$1/plain/first_run")"
  is "$(stat -c %Y "$MNT/plain/image")" "$(stat -c %Y "$1/plain/image")"
}

@test "cp -a --preserve=xattr copies data and attributes" {
  need_xattrs
  cp -a --preserve=xattr "$MNT" "$BATS_TEST_TMPDIR/copy"
  is_copy "$BATS_TEST_TMPDIR/copy"
}

@test "rsync -aX copies data and attributes, and copies nothing the second time" {
  need_xattrs
  rsync -aX "$MNT/" "$BATS_TEST_TMPDIR/copy"
  is_copy "$BATS_TEST_TMPDIR/copy"
  is '' "$(rsync -aX --out-format=%n "$MNT/" "$BATS_TEST_TMPDIR/copy")"
}

@test "tar --xattrs copies data and attributes" {
  need_xattrs
  tar --xattrs --xattrs-include='user.*' -C "$MNT" -c . | (mkdir "$BATS_TEST_TMPDIR/copy" && tar --xattrs --xattrs-include='user.*' -C "$BATS_TEST_TMPDIR/copy" -x)
  is_copy "$BATS_TEST_TMPDIR/copy"
}

@test "cp, dd, split and sha256sum agree about the bytes" {
  local file=$RUNS/run_00000003/trace/displacement.npy
  cp "$file" "$BATS_TEST_TMPDIR/a"
  dd if="$file" of="$BATS_TEST_TMPDIR/b" bs=13 status=none
  split -b 777 "$file" "$BATS_TEST_TMPDIR/part."
  cat "$BATS_TEST_TMPDIR"/part.* >"$BATS_TEST_TMPDIR/c"
  is 1 "$(sha256sum "$file" "$BATS_TEST_TMPDIR"/[abc] | cut -d ' ' -f 1 | sort -u | wc -l)"
}

@test "wc, md5sum and less read as from any file" {
  is '200' "$(wc -l <"$RUNS/run_00000000/trace/time")"
  is "$(cat "$MNT/plain/image" | md5sum)" "$(md5sum <"$MNT/plain/image")"
}

@test "reads at any offset are the bytes of the whole" {
  python_says '
import os, random
random.seed(1)
for name in ["plain/events", "plain/image", "plain/events.csv", "plain/image.json", "demo/results/runs/run_00000001/trace/time.npy"]:
    fd = os.open(m + name, os.O_RDONLY)
    whole = open(m + name, "rb").read()
    assert len(whole) == os.fstat(fd).st_size, name
    for _ in range(200):
        at, n = random.randrange(len(whole) + 10), random.randrange(1, 300)
        assert os.pread(fd, n, at) == whole[at:at + n], (name, at, n)
    os.close(fd)'
}
