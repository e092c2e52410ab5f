# pickle: files that Python's pickle wrote, mounted by themselves and inside pypet stores. Good ones show the trees that
# are expected of them, hostile ones are refused and do nothing.
load common

setup() {
  common_setup
  PICKLES=$EXPFS_SHARED/stores/pickles
  TREE=$(dirname "$EXPFS")/../tests/c/pickle-tree
}

# Every pickle of a folder, mounted, against expected.json.
good() {
  need_shared
  "$PYTHON" "$TOP/tests/bats/pickle_mounts.py" "$EXPFS" "$TREE" "$PICKLES" "good/$1" "$MNT"
}

# Writes FILE with Python; the body on stdin has pickle, numpy and `write`, which pickles a value to FILE.
make_pickle() {
  local body
  body=$(cat)
  $PYTHON - "$1" <<PY
import pickle, sys
import numpy as np
def write(value, protocol=4):
    with open(sys.argv[1], "wb") as f:
        pickle.dump(value, f, protocol)
$body
PY
}

is_sanitized() {
  grep -q __asan_init "$EXPFS"
}

# The names of hostile pickles with this outcome.
hostile() {
  jq -r --arg outcome "$1" '.hostile | to_entries[] | select(.value.outcome == $outcome) | .key' "$PICKLES/expected.json"
}

# Nothing in any pickle may ever have run: what they would make lies where a mount or the test works.
nothing_ran() {
  local where
  for where in . / /tmp "${HOME:-/}" "$BATS_TEST_TMPDIR" "$BATS_TEST_DIRNAME"; do
    [ ! -e "$where/expfs_was_here" ] && [ ! -e "$where/expfs_was_here2" ] || { echo "something ran in $where"; return 1; }
  done
}

# refused_small FILE: the mount is refused with one sentence that has the file and a reason, soon and with little memory.
refused_small() {
  $PYTHON - "$EXPFS" "$1" "$MNT" "$(is_sanitized && echo 1 || echo 0)" <<'PY'
import resource, subprocess, sys, time
program, store, where, is_sanitized = sys.argv[1:]
began = time.monotonic()
done = subprocess.run([program, store, where, "-f", "-o", "format=pickle"], capture_output=True, text=True, timeout=30)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
said = done.stderr.strip()
ok = done.returncode == 1 and said.count("\n") == 0 and store in said and len(said.split(store, 1)[1]) > 15
ok = ok and time.monotonic() - began < (1 if is_sanitized == "0" else 5)
ok = ok and (is_sanitized == "1" or peak <= 64 * 1024)
if not ok:
    sys.exit(f"{store}: status {done.returncode}, {time.monotonic() - began:.2f} s, {peak} KiB: {said}")
PY
}

# Reads all that a hostile pickle shows; the mount must stay small and go on.
read_small() {
  local pid peak
  mount_at "$MNT" "$1" -o format=pickle
  pid=$(mount_pid "$MNT")
  find "$MNT" -print >"$BATS_TEST_TMPDIR/found"
  timeout 60 tar -C "$MNT" -c . >"$BATS_TEST_TMPDIR/all.tar"
  getfattr -R -P -h -d -m - "$MNT" >/dev/null
  [ -s "$MNT/.expfs/stats" ]
  peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")
  is_sanitized || [ "$peak" -le $((64 * 1024)) ] || { echo "$1: $peak KiB"; return 1; }
  wait_until 20 umount "$MNT" 2>/dev/null
  wait_until 20 is_gone "$pid"
}

@test "protocol 0 shows the trees that are expected" { good p0; }
@test "protocol 2 shows the trees that are expected" { good p2; }
@test "protocol 3 shows the trees that are expected" { good p3; }
@test "protocol 4 shows the trees that are expected" { good p4; }
@test "protocol 5 shows the trees that are expected" { good p5; }
@test "Python 2's pickles show the trees that are expected" { good py2; }
@test "NumPy 2's pickles show the trees that are expected" { good numpy2; }

@test "hostile pickles are refused with a sentence, soon and with little memory" {
  need_shared
  local name n=0
  for name in $(hostile refuse) $(hostile value); do
    refused_small "$PICKLES/$name"
    n=$((n + 1))
  done
  [ $n -ge 68 ]
  nothing_ran
}

@test "hostile pickles that are well-formed are shown without running anything, with little memory" {
  need_shared
  local name n=0
  for name in $(hostile opaque) $(hostile bounded) $(hostile accept); do
    read_small "$PICKLES/$name"
    n=$((n + 1))
  done
  [ $n -ge 21 ]
  nothing_ran
}

@test "what would be called is an object with its arguments, beside readable neighbours" {
  need_shared
  mount_store "$PICKLES/hostile/global_in_list.pickle"
  text_is "$MNT/0" '1\n'
  text_is "$MNT/2" '2\n'
  [ -d "$MNT/1" ]
  getfattr --only-values -n user.expfs.class "$MNT/1" | grep -x -E '[a-z]+\.[a-z]+'
  nothing_ran
}

@test "a damaged array costs an error, its siblings stay readable" {
  make_pickle "$BATS_TEST_TMPDIR/a.pickle" <<'PY'
data = pickle.dumps({"good": np.arange(3.0), "bad": np.arange(5.0), "text": "fine"}, 2)
data = pickle.dumps({"good": np.arange(3.0), "bad": np.arange(5.0), "text": "fine"}, 4)
at = data.index(np.arange(5.0).tobytes())
shape = data.rindex(b"K\x05\x85", 0, at)
open(sys.argv[1], "wb").write(data[:shape] + b"K\x06\x85" + data[shape + 3:])
PY
  mount_store "$BATS_TEST_TMPDIR/a.pickle"
  ls "$MNT" | grep -x bad
  fails_with 'Input/output error' cat "$MNT/bad"
  text_is "$MNT/text" 'fine\n'
  text_is "$MNT/good" '0.0\n1.0\n2.0\n'
  grep -F 'an array with more or fewer bytes' "$MNT/.expfs/log"
}

@test "a pickle is recognised by what is in it, whatever its name" {
  make_pickle "$BATS_TEST_TMPDIR/data.hdf5" <<<'write({"a": 1})'
  mount_store "$BATS_TEST_TMPDIR/data.hdf5"
  text_is "$MNT/a" '1\n'
  xattr_is "$MNT" expfs.format pickle
  unmount_all
  make_pickle "$BATS_TEST_TMPDIR/old" <<<'write(["a", None], 0)'
  mount_store "$BATS_TEST_TMPDIR/old"
  text_is "$MNT/1" 'null\n'
}

@test "an HDF5 file, a text and a pickle with something behind it in protocol 0 are not taken for pickles" {
  make_store "$BATS_TEST_TMPDIR/a.pickle" <<<'f["x"] = 1'
  mount_store "$BATS_TEST_TMPDIR/a.pickle"
  xattr_is "$MNT" expfs.format hdf5
  unmount_all
  echo 'Nothing but text.' >"$BATS_TEST_TMPDIR/text.pickle"
  refused 1 'not a store in a known format' "$BATS_TEST_TMPDIR/text.pickle" "$MNT"
  printf 'I1\n.and more' >"$BATS_TEST_TMPDIR/more.pickle"
  refused 1 'not a store in a known format' "$BATS_TEST_TMPDIR/more.pickle" "$MNT"
  mount_store "$BATS_TEST_TMPDIR/more.pickle" -o format=pickle
  text_is "$MNT/value" '1\n'
}

@test "a pickle is read-only, and says so" {
  make_pickle "$BATS_TEST_TMPDIR/a.pickle" <<<'write({"a": 1})'
  refused 1 'stores of the format pickle can only be read, not written' "$BATS_TEST_TMPDIR/a.pickle" "$MNT" -o rw
  mount_store "$BATS_TEST_TMPDIR/a.pickle"
  fails_with 'Read-only file system' touch "$MNT/b"
}

@test "info, tree and check take a pickle" {
  make_pickle "$BATS_TEST_TMPDIR/a.pickle" <<<'write({"a": [1, 2], "b": {"c": np.eye(2)}})'
  "$EXPFS" info "$BATS_TEST_TMPDIR/a.pickle" | grep -x $'format\tpickle'
  "$EXPFS" tree "$BATS_TEST_TMPDIR/a.pickle" | grep -F 'c  <f8 [2, 2]'
  "$EXPFS" check "$BATS_TEST_TMPDIR/a.pickle"
}

@test "values that contain themselves or are shared end in links" {
  make_pickle "$BATS_TEST_TMPDIR/a.pickle" <<'PY'
both = {"deep": [1, "x"]}
loop = {"name": "loop", "odd/name": {"again": None}}
loop["odd/name"]["again"] = loop
write({"first": both, "second": {"same": both}, "loop": loop, "into": [0, loop["odd/name"]]})
PY
  mount_store "$BATS_TEST_TMPDIR/a.pickle"
  is ../first "$(readlink "$MNT/second/same")"
  text_is "$MNT/second/same/deep/1" 'x\n'
  is '..' "$(readlink "$MNT/loop/odd%2Fname/again")"
  is '../loop/odd%2Fname' "$(readlink "$MNT/into/1")"
  text_is "$MNT/into/1/again/name" 'loop\n'
  is 3 "$(find "$MNT" -type l | wc -l)"
}

@test "large arrays are read where they lie, and take no memory" {
  make_pickle "$BATS_TEST_TMPDIR/a.pickle" <<'PY'
write({"c": np.arange(8e6), "f": np.asfortranarray(np.arange(4e6).reshape(2000, 2000)), "text": "x" * 10**6}, 5)
PY
  mount_store "$BATS_TEST_TMPDIR/a.pickle"
  $PYTHON - "$MNT" <<'PY'
import sys
import numpy as np
mapped = np.load(sys.argv[1] + "/c.npy", mmap_mode="r")
assert (mapped == np.arange(8e6)).all()
assert (np.load(sys.argv[1] + "/f.npy") == np.arange(4e6).reshape(2000, 2000)).all()
assert (np.loadtxt(sys.argv[1] + "/f[:,7]") == np.arange(2000.0) * 2000 + 7).all()
assert open(sys.argv[1] + "/text").read() == "x" * 10**6 + "\n"
PY
  local peak
  peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$(mount_pid "$MNT")/status")
  is_sanitized || [ "$peak" -lt $((48 * 1024)) ] || { echo "$peak KiB"; return 1; }
}

@test "keys that are no names, or read the same, are files of their own" {
  make_pickle "$BATS_TEST_TMPDIR/a.pickle" <<'PY'
write({1: "int", "1": "text", (2, "x"): "tuple", None: "none", "": "empty", "a/b": "slash", "n" * 300: "long"})
PY
  mount_store "$BATS_TEST_TMPDIR/a.pickle"
  text_is "$MNT/1" 'int\n'
  text_is "$MNT/1~2" 'text\n'
  text_is "$MNT/(2, x)" 'tuple\n'
  text_is "$MNT/null" 'none\n'
  text_is "$MNT/%" 'empty\n'
  text_is "$MNT/a%2Fb" 'slash\n'
  is 7 "$(ls "$MNT" | wc -l)"
}

@test "a pypet store with hostile pickles in it is mounted and read all the same" {
  need_shared
  cp "$EXPFS_SHARED/stores/pypet/types.hdf5" "$BATS_TEST_TMPDIR/types.hdf5"
  chmod u+w "$BATS_TEST_TMPDIR/types.hdf5"
  $PYTHON - "$BATS_TEST_TMPDIR/types.hdf5" "$PICKLES/hostile" <<'PY'
import pathlib, sys
import h5py, numpy as np
hostile = sorted(path.read_bytes() for path in pathlib.Path(sys.argv[2]).iterdir())
hostile = [content.rstrip(b"\0") for content in hostile if 0 < len(content) < 50000]
with h5py.File(sys.argv[1], "r+") as f:
    group = f["types/results/pickled"]
    pattern = group["obj"]
    for i, content in enumerate(hostile):
        made = group.create_dataset(f"h{i}", data=np.bytes_(content))
        for name, value in pattern.attrs.items():
            made.attrs[name] = value
PY
  mount_store "$BATS_TEST_TMPDIR/types.hdf5"
  [ "$(ls "$MNT/types/results/pickled" | wc -l)" -gt 80 ]
  timeout 100 tar -C "$MNT/types/results/pickled" --ignore-failed-read -c . >"$BATS_TEST_TMPDIR/all.tar" 2>/dev/null || true
  timeout 100 grep -r . "$MNT/types/results/pickled" >"$BATS_TEST_TMPDIR/text" 2>/dev/null || true
  [ -s "$MNT/.expfs/stats" ]
  [ "$(wc -l <"$MNT/types/results/pickled/obj/a/b")" -eq 2 ]
  nothing_ran
}

@test "pandas' indexes and moments are what they hold, in each protocol" {
  local protocol
  for protocol in 0 2 4 5; do
    make_pickle "$BATS_TEST_TMPDIR/$protocol.pickle" <<PY
import pandas as pd
days = ["2020-01-01", "2020-01-03"]
write({"days": pd.DatetimeIndex(days, name="when"), "zone": pd.DatetimeIndex(days, tz="UTC"),
       "spans": pd.TimedeltaIndex(["1D", "2s"]), "months": pd.period_range("2020-01", periods=2, freq="M"),
       "weeks": pd.period_range("2020-01-06", periods=2, freq="W"), "kinds": pd.CategoricalIndex(["b", "a", "b"]),
       "levels": pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["x", "y"]),
       "bins": pd.IntervalIndex.from_breaks([0, 1, 2]), "period": pd.Period("2020-02", "M"),
       "delta": pd.Timedelta("-1 days +2 hours 1 ns"), "categories": pd.Categorical(["u", "v", "u"])}, $protocol)
PY
    mount_store "$BATS_TEST_TMPDIR/$protocol.pickle"
    is $'2020-01-01T00:00:00.000000000\n2020-01-03T00:00:00.000000000' "$(cat "$MNT/days")"
    xattr_is "$MNT/days" name when
    xattr_is "$MNT/days" expfs.class pandas.core.indexes.datetimes.DatetimeIndex
    xattr_is "$MNT/zone" tzinfo +00:00
    is "86400000000000 2000000000" "$(echo $(cat "$MNT/spans"))"
    xattr_is "$MNT/spans" unit ns
    is "2020-01 2020-02" "$(echo $(cat "$MNT/months"))"
    is "$($PYTHON -c 'import pandas; print(*pandas.period_range("2020-01-06", periods=2, freq="W").asi8)')" "$(echo $(cat "$MNT/weeks"))"
    [[ $(getfattr --only-values -n user.freq "$MNT/weeks") == *Week* ]]
    is "a b" "$(echo $(cat "$MNT/kinds/categories"))"
    is "1 0 1" "$(echo $(cat "$MNT/kinds/codes"))"
    is false "$(cat "$MNT/kinds/ordered")"
    is $'a\nb' "$(cat "$MNT/levels/levels/1")"
    is "0 1" "$(echo $(cat "$MNT/levels/codes/0"))"
    is $'x\ny' "$(cat "$MNT/levels/names")"
    xattr_is "$MNT/levels" expfs.class pandas.core.indexes.multi.MultiIndex
    is "1 2" "$(echo $(cat "$MNT/bins/right"))"
    is 2020-02 "$(cat "$MNT/period")"
    is "-2 days +21:59:59.999999999" "$(cat "$MNT/delta")"
    is "0 1 0" "$(echo $(cat "$MNT/categories/codes"))"
    unmount_all
  done
}

@test "what a few bytes ask for very often is shown with little memory" {
  cd "$BATS_TEST_TMPDIR"
  $PYTHON <<'PY'
import struct
def text(n):
    return b"X" + struct.pack("<I", n) + b"k" * n
def pickle(name, body):
    with open(name + ".pickle", "wb") as f:
        f.write(b"\x80\x02" + body + b".")
shared = b"(K\x01Nlq\x000" + b"".join(b"(" + b"h%c" % i * 5000 + b"lq%c0" % (i + 1) for i in range(6))
pickle("attributes", shared + b"ccollections\ndeque\n)h\x06\x86R")
pickle("one-key", text(4000) + b"q\x000}(" + b"h\x00N" * 50000 + b"u")
pickle("pairs-as-keys", text(4000) + b"q\x000}(" + b"h\x00h\x00\x86N" * 5000 + b"u")
pickle("nested-keys", b"K\x01\x85" + b"2\x86" * 200 + b"q\x000}(" + b"h\x00h\x00\x86N" * 5000 + b"u")
PY
  local file
  for file in attributes one-key pairs-as-keys nested-keys; do
    read_small "$file.pickle"
  done
}
