# concurrency: many readers at once see what one sees.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/store.h5" <<'PY'
x = np.random.default_rng(1).integers(0, 10**6, (4000, 100))
f.create_dataset("gzip", data=x, chunks=(100, 100), compression="gzip", shuffle=True)
f.create_dataset("contiguous", data=x)
f.create_dataset("lzf", data=x.astype("f8") / 7, chunks=(333, 50), compression="lzf")
f.create_dataset("words", data=["number %d" % i for i in x[:, 0]], dtype=h5py.string_dtype())
f["table"] = np.array([(i, i / 3, b"row") for i in range(5000)], [("i", "i4"), ("x", "f8"), ("s", "S4")])
for i in range(300):
    f[f"group/{i % 10}/d{i}"] = np.arange(i)
    f[f"group/{i % 10}/d{i}"].attrs["number"] = i
PY
}

setup() {
  common_setup
}

# Runs "$@" 16 times at once; each writes to its own file; all must succeed.
sixteen() {
  local i pids=() status=0
  for i in $(seq 16); do
    "$@" >"$BATS_TEST_TMPDIR/out.$i" 2>"$BATS_TEST_TMPDIR/err.$i" 3>&- &
    pids+=($!)
  done
  for i in "${pids[@]}"; do
    wait "$i" || status=1
  done
  cat "$BATS_TEST_TMPDIR"/err.* | sort -u | head -n 40
  return $status
}

@test "16 parallel readers get the same bytes as one" {
  local file
  for file in gzip contiguous lzf words gzip.npy lzf.csv table.json table.cols/x words.ndjson 'gzip[::-7,3:90]'; do
    mount_store "$BATS_FILE_TMPDIR/store.h5"
    sixteen cat "$MNT/$file"
    is 1 "$(sha256sum "$BATS_TEST_TMPDIR"/out.* | cut -d ' ' -f 1 | sort -u | wc -l)"
    unmount_all
    # One reader of a fresh mount that answers one request at a time.
    mount_store "$BATS_FILE_TMPDIR/store.h5" -s
    cmp "$MNT/$file" "$BATS_TEST_TMPDIR/out.1"
    unmount_all
  done
}

@test "16 parallel readers get what h5py reads" {
  mount_store "$BATS_FILE_TMPDIR/store.h5"
  sixteen cat "$MNT/gzip.raw"
  $PYTHON - "$BATS_FILE_TMPDIR/store.h5" "$BATS_TEST_TMPDIR"/out.* <<'PY'
import sys, h5py
want = h5py.File(sys.argv[1])["gzip"][()].tobytes()
assert all(open(name, "rb").read() == want for name in sys.argv[2:])
PY
}

@test "16 parallel walks see the same tree and attributes" {
  mount_store "$BATS_FILE_TMPDIR/store.h5"
  sixteen bash -c "cd '$MNT' && find . -printf '%p %s %i\\n' | sort && getfattr -R -d -m '^user.number' group | sort"
  is 1 "$(sha256sum "$BATS_TEST_TMPDIR"/out.* | cut -d ' ' -f 1 | sort -u | wc -l)"
  is 300 "$(grep -c '^user.number=' "$BATS_TEST_TMPDIR/out.1")"
}

@test "readers of the same and of different files at random places" {
  mount_store "$BATS_FILE_TMPDIR/store.h5" -o cache=1M
  cat >"$BATS_TEST_TMPDIR/readers.py" <<'PY'
import os, random, sys
import h5py
f = h5py.File(sys.argv[2], "r")
whole = {n: f[n][()].tobytes() for n in ("gzip", "contiguous", "lzf")}
fds = {n: os.open(f"{sys.argv[1]}/{n}.raw", os.O_RDONLY) for n in whole}
rng = random.Random(os.getpid())
for _ in range(300):
    n = rng.choice(list(whole))
    at, size = rng.randrange(len(whole[n])), rng.randrange(1, 200000)
    assert os.pread(fds[n], size, at) == whole[n][at:at + size], (n, at, size)
PY
  sixteen $PYTHON "$BATS_TEST_TMPDIR/readers.py" "$MNT" "$BATS_FILE_TMPDIR/store.h5"
}

@test "readers go on while the mount is unmounted lazily" {
  mount_store "$BATS_FILE_TMPDIR/store.h5"
  local pid i readers=()
  pid=$(mount_pid "$MNT")
  for i in $(seq 8); do
    { head -c 1; touch "$BATS_TEST_TMPDIR/started.$i"; cat; } <"$MNT/gzip" >"$BATS_TEST_TMPDIR/out.$i" 3>&- &
    readers+=($!)
  done
  for i in $(seq 8); do wait_until 10 test -e "$BATS_TEST_TMPDIR/started.$i"; done
  kill -TERM "$pid"
  wait "${readers[@]}"
  is 1 "$(sha256sum "$BATS_TEST_TMPDIR"/out.* | cut -d ' ' -f 1 | sort -u | wc -l)"
  is 4000 "$(wc -l <"$BATS_TEST_TMPDIR/out.1")"
}
