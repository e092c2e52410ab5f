# layouts: the ways in which a file and the data in it can lie: superblocks, user blocks, several files, external and
# virtual data, files that are open elsewhere.
load common

setup() {
  common_setup
}

# f["x"] holds this; the text of a mount of STORE says so too.
shows_numbers() {
  mount_store "$@"
  is "$(seq 0 999 | paste -s -d ' ')" "$(tr -d ' ' <"$MNT/x" | paste -s -d ' ')"
  $PYTHON -c 'import numpy, sys; assert (numpy.load(sys.argv[1]) == numpy.arange(1000)).all()' "$MNT/x.npy"
  unmount_all
}

@test "superblocks of versions 0, 2 and 3" {
  local version
  for version in earliest v108 v110; do
    $PYTHON - "$BATS_TEST_TMPDIR/$version.h5" $version <<'PY'
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "w", libver=(sys.argv[2], "v110")) as f:
    f["x"] = np.arange(1000)
PY
    shows_numbers "$BATS_TEST_TMPDIR/$version.h5"
  done
  is 0,2,3 "$(for version in earliest v108 v110; do od -A n -t u1 -j 8 -N 1 "$BATS_TEST_TMPDIR/$version.h5" | tr -d ' '; done | paste -s -d ,)"
}

@test "superblock of version 1, with its own sizes of B-tree nodes" {
  $PYTHON - "$BATS_TEST_TMPDIR/one.h5" <<'PY'
import ctypes, sys, h5py, numpy as np
from h5py import h5f, h5p
fcpl = h5p.create(h5p.FILE_CREATE)
# h5py has no name for it, so the library that h5py itself has loaded is asked.
library = ctypes.CDLL(next(line.split()[-1] for line in open("/proc/self/maps") if "libhdf5_serial.so" in line))
assert library.H5Pset_istore_k(ctypes.c_int64(fcpl.id), 64) == 0
f = h5py.File(h5f.create(sys.argv[1].encode(), h5f.ACC_TRUNC, fcpl))
f["x"] = np.arange(1000)
f.create_dataset("chunked", data=np.arange(5000), chunks=(10,))
f.close()
PY
  is 1 "$(od -A n -t u1 -j 8 -N 1 "$BATS_TEST_TMPDIR/one.h5" | tr -d ' ')"
  shows_numbers "$BATS_TEST_TMPDIR/one.h5"
  mount_store "$BATS_TEST_TMPDIR/one.h5"
  is 4999 "$(tail -n 1 "$MNT/chunked" | tr -d ' ')"
}

@test "a user block before the file's own bytes" {
  $PYTHON - "$BATS_TEST_TMPDIR/block.h5" <<'PY'
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "w", userblock_size=4096) as f:
    f["x"] = np.arange(1000)
    f.create_dataset("chunked", data=np.arange(1000), chunks=(100,), compression="gzip")
with open(sys.argv[1], "r+b") as raw:
    raw.write(b"anything may stand here\n" * 10)
PY
  shows_numbers "$BATS_TEST_TMPDIR/block.h5"
  mount_store "$BATS_TEST_TMPDIR/block.h5"
  cmp "$MNT/x.raw" "$MNT/chunked.raw"
}

@test "a family of files, named by its first" {
  $PYTHON - "$BATS_TEST_TMPDIR/family-%05d.h5" <<'PY'
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "w", driver="family", memb_size=4000) as f:
    f["x"] = np.arange(1000)
    f.create_dataset("chunked", data=np.arange(1000), chunks=(100,), compression="gzip")
PY
  [ -e "$BATS_TEST_TMPDIR/family-00002.h5" ]
  shows_numbers "$BATS_TEST_TMPDIR/family-00000.h5"
  mount_store "$BATS_TEST_TMPDIR/family-00000.h5"
  cmp "$MNT/x.raw" "$MNT/chunked.raw"
  unmount_all
  # A member that is missing, or one that is not the first.
  refused 1 family-00001.h5 "$BATS_TEST_TMPDIR/family-00001.h5" "$MNT"
  rm "$BATS_TEST_TMPDIR/family-00001.h5"
  refused 1 'family-0000' "$BATS_TEST_TMPDIR/family-00000.h5" "$MNT"
}

@test "a split store, named by its file of metadata" {
  $PYTHON - "$BATS_TEST_TMPDIR/split" <<'PY'
import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "w", driver="split") as f:
    f["x"] = np.arange(1000)
PY
  shows_numbers "$BATS_TEST_TMPDIR/split-m.h5"
}

@test "data in external files" {
  $PYTHON - "$BATS_TEST_TMPDIR" <<'PY'
import os, sys, h5py, numpy as np
os.chdir(sys.argv[1])
np.arange(1000).tofile("raw.bin")
with h5py.File("outside.h5", "w") as f:
    f.create_dataset("x", (1000,), "i8", external=[("raw.bin", 0, 8000)])
    f.create_dataset("parts", (4,), "i8", external=[("raw.bin", 80, 16), ("raw.bin", 800, 16)])
    f.create_dataset("gone", (4,), "i8", external=[("gone.bin", 0, 32)])
    f["y"] = 5
PY
  cd /
  shows_numbers "$BATS_TEST_TMPDIR/outside.h5"
  mount_store "$BATS_TEST_TMPDIR/outside.h5"
  text_is "$MNT/parts" ' 10\n 11\n100\n101\n'
  not cat "$MNT/gone"
  grep -q gone "$MNT/.expfs/log"
  is 5 "$(cat "$MNT/y")"
}

@test "virtual datasets, with sources in the same and in other files, and with a source that is missing" {
  $PYTHON - "$BATS_TEST_TMPDIR" <<'PY'
import os, sys, h5py, numpy as np
os.chdir(sys.argv[1])
for i in range(4):
    with h5py.File(f"part{i}.h5", "w") as f:
        f.create_dataset("d", data=np.arange(250) + 250 * i, chunks=(50,), compression="gzip")
with h5py.File("virtual.h5", "w", libver="latest") as f:
    f["here"] = np.arange(6)
    for name, missing in (("x", None), ("holes", 2)):
        layout = h5py.VirtualLayout(shape=(1000,), dtype="i8")
        for i in range(4):
            source = "nowhere.h5" if i == missing else f"part{i}.h5"
            layout[250 * i:250 * (i + 1)] = h5py.VirtualSource(source, "d", shape=(250,))
        f.create_virtual_dataset(name, layout, fillvalue=-7)
    layout = h5py.VirtualLayout(shape=(3,), dtype="i8")
    layout[:] = h5py.VirtualSource(".", "here", shape=(6,))[::2]
    f.create_virtual_dataset("own", layout)
PY
  cd /
  shows_numbers "$BATS_TEST_TMPDIR/virtual.h5"
  mount_store "$BATS_TEST_TMPDIR/virtual.h5"
  text_is "$MNT/own" '0\n2\n4\n'
  is 250 "$(tr -d ' ' <"$MNT/holes" | grep -c -x -e -7)"
  is 999 "$(tail -n 1 "$MNT/holes" | tr -d ' ')"
}

@test "compact, contiguous and chunked data, never written, partly written, with and without a fill value" {
  $PYTHON - "$BATS_TEST_TMPDIR/fill.h5" <<'PY'
import sys, h5py, numpy as np
from h5py import h5d, h5p, h5s, h5t
with h5py.File(sys.argv[1], "w") as f:
    p = h5p.create(h5p.DATASET_CREATE)
    p.set_layout(h5d.COMPACT)
    h5d.create(f.id, b"compact", h5t.STD_I32LE, h5s.create_simple((3,)), p).write(h5s.ALL, h5s.ALL, np.array([7, 8, 9], "i4"))
    f.create_dataset("contiguous", (3,), "i4", fillvalue=4)
    f.create_dataset("plain", (3,), "i4")
    f.create_dataset("chunked", (5,), "i4", chunks=(2,), fillvalue=-1)[2:4] = [1, 2]
    f.create_dataset("unlimited", (2, 3), "f4", maxshape=(None, None), chunks=(1, 1), fillvalue=0.5)
    f.create_dataset("empty", (0,), "i4", maxshape=(None,), chunks=(10,))
PY
  mount_store "$BATS_TEST_TMPDIR/fill.h5"
  text_is "$MNT/compact" '7\n8\n9\n'
  text_is "$MNT/contiguous" '4\n4\n4\n'
  text_is "$MNT/plain" '0\n0\n0\n'
  text_is "$MNT/chunked" '-1\n-1\n 1\n 2\n-1\n'
  text_is "$MNT/unlimited" '0.5\t0.5\t0.5\n0.5\t0.5\t0.5\n'
  text_is "$MNT/empty" ''
}

# Keeps a store open in another process until the file `end` appears.
holds_open() {
  $PYTHON - "$BATS_TEST_TMPDIR" "$@" <<'PY' 3>&- &
import os, sys, time, h5py, numpy as np
os.chdir(sys.argv[1])
f = h5py.File("held.h5", "a", libver=("v110", "v110")) if sys.argv[2] == "swmr" else h5py.File("held.h5", "a")
if sys.argv[2] == "swmr":
    f.swmr_mode = True
open("held", "w").close()
while not os.path.exists("end"):
    time.sleep(0.01)
f.close()
PY
  HOLDER=$!
  wait_until 20 test -e "$BATS_TEST_TMPDIR/held"
}

ends_holding() {
  touch "$BATS_TEST_TMPDIR/end"
  wait "$HOLDER"
}

@test "a store that another program has open for writing is refused at once; lock=no does not ask" {
  make_store "$BATS_TEST_TMPDIR/held.h5" <<<'f["x"] = np.arange(1000)'
  holds_open plain
  refused 1 'held.h5' "$BATS_TEST_TMPDIR/held.h5" "$MNT"
  shows_numbers "$BATS_TEST_TMPDIR/held.h5" -o lock=no
  ends_holding
  shows_numbers "$BATS_TEST_TMPDIR/held.h5"
}

@test "a store that another program writes under SWMR is shown" {
  make_store "$BATS_TEST_TMPDIR/held.h5" v110 <<<'f.create_dataset("x", data=np.arange(1000), chunks=(100,), maxshape=(None,))'
  holds_open swmr
  shows_numbers "$BATS_TEST_TMPDIR/held.h5"
  ends_holding
}

@test "a store may be written while no mount has it, and is not locked by one that only reads" {
  make_store "$BATS_TEST_TMPDIR/read.h5" <<<'f["x"] = np.arange(1000)'
  mount_store "$BATS_TEST_TMPDIR/read.h5"
  $PYTHON -c 'import h5py, sys; assert h5py.File(sys.argv[1], "r")["x"][999] == 999' "$BATS_TEST_TMPDIR/read.h5"
  unmount_all
  $PYTHON -c 'import h5py, sys; h5py.File(sys.argv[1], "a")["x"][0] = 0' "$BATS_TEST_TMPDIR/read.h5"
  shows_numbers "$BATS_TEST_TMPDIR/read.h5"
}

@test "a store on a read-only or removed path goes on being read" {
  make_store "$BATS_TEST_TMPDIR/moved.h5" <<<'f["x"] = np.arange(1000)'
  chmod 444 "$BATS_TEST_TMPDIR/moved.h5"
  mount_store "$BATS_TEST_TMPDIR/moved.h5"
  rm -f "$BATS_TEST_TMPDIR/moved.h5"
  is 999 "$(tail -n 1 "$MNT/x" | tr -d ' ')"
}
