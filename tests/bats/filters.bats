# filters: data that went through every filter, made by h5py, PyTables and the library's low-level calls; damaged chunks.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/h5py.h5" <<'PY'
x = np.arange(20000, dtype="i4").reshape(200, 100)
f["plain"] = x
def made(name, chunks=(64, 33), **options):
    f.create_dataset(name, data=x, chunks=chunks, **options)
made("gzip", compression="gzip", compression_opts=9)
made("shuffle_gzip", compression="gzip", shuffle=True)
made("fletcher32", fletcher32=True)
made("all_three", compression="gzip", shuffle=True, fletcher32=True)
made("lzf", compression="lzf")
made("lzf_shuffle_fletcher32", compression="lzf", shuffle=True, fletcher32=True)
made("szip", compression="szip")
made("szip_ec", compression="szip", compression_opts=("ec", 8))
made("scaleoffset", scaleoffset=0)
made("one_chunk", chunks=(200, 100), compression="gzip")
f.create_dataset("scaleoffset_float", data=np.round(np.linspace(0, 1, 1000), 3), chunks=(100,), scaleoffset=3)
p = h5p.create(h5p.DATASET_CREATE); p.set_chunk((50, 50)); p.set_filter(h5py.h5z.FILTER_NBIT, h5py.h5z.FLAG_OPTIONAL, ())
t = h5t.STD_I32LE.copy(); t.set_precision(17); t.set_offset(0)
d = h5d.create(f.id, b"nbit", t, h5s.create_simple((200, 100)), p)
d.write(h5s.ALL, h5s.ALL, x, h5t.NATIVE_INT32)
# Half of it never written: those chunks do not exist and show the fill value.
d = f.create_dataset("sparse", (1000,), "f4", chunks=(10,), compression="gzip", fillvalue=-1.5)
d[500:510] = np.arange(10)
# Chunks whose filters were skipped, as the mask says.
d = f.create_dataset("masked", (20,), "i2", chunks=(10,), compression="gzip", shuffle=True)
d.id.write_direct_chunk((0,), np.arange(10, dtype="i2").tobytes(), 3)
d[10:] = np.arange(10, 20)
f.create_dataset("compound", data=np.array([(i, i / 4) for i in range(1000)], [("i", "i4"), ("x", "f8")]), chunks=(99,), compression="gzip", shuffle=True)
f.create_dataset("words", data=["word %d" % i for i in range(1000)], dtype=h5py.string_dtype(), chunks=(100,), compression="gzip")
PY
  make_store "$BATS_FILE_TMPDIR/latest.h5" latest <<'PY'
x = np.arange(20000, dtype="i4").reshape(200, 100)
# One for each kind of chunk index of the newest format.
f["plain"] = x
f.create_dataset("single", data=x, chunks=(200, 100), compression="gzip")
f.create_dataset("implicit", data=x, chunks=(64, 33))
f.create_dataset("fixed_array", data=x, chunks=(64, 33), compression="gzip")
f.create_dataset("extensible_array", data=x, chunks=(64, 33), maxshape=(None, 100), compression="gzip", shuffle=True)
f.create_dataset("btree2", data=x, chunks=(64, 33), maxshape=(None, None), compression="gzip")
PY
  $PYTHON - "$BATS_FILE_TMPDIR/pytables.h5" <<'PY'
import sys, numpy as np, tables
x = np.arange(20000, dtype="i4").reshape(200, 100)
with tables.open_file(sys.argv[1], "w") as f:
    f.create_array("/", "plain", x)
    for lib in ["zlib", "lzo", "bzip2", "blosc", "blosc:blosclz", "blosc:lz4", "blosc:lz4hc", "blosc:zlib", "blosc:zstd"]:
        for shuffle in (False, True):
            name = lib.replace(":", "_") + ("_shuffle" if shuffle else "")
            f.create_carray("/", name, obj=x, chunkshape=(64, 33), filters=tables.Filters(5, lib, shuffle=shuffle, fletcher32=shuffle))
    f.create_carray("/", "bitshuffle", obj=x, chunkshape=(64, 33), filters=tables.Filters(5, "blosc", shuffle=False, bitshuffle=True))
PY
}

# Every two-dimensional dataset of the store is the same numbers.
all_are_plain() {
  mount_store "$1" -o format=hdf5
  local file n=0
  for file in "$MNT"/*; do
    [ "$(getfattr --only-values -n user.expfs.shape "$file" 2>/dev/null)" = '[200, 100]' ] || continue
    cmp "$MNT/plain.raw" "$file.raw" || { echo "$file differs"; return 1; }
    cmp <(tr -d ' ' <"$MNT/plain") <(tr -d ' ' <"$file") || { echo "the text of $file differs"; return 1; }
    cmp "$MNT/plain[17:190:3,30:70].raw" "$file[17:190:3,30:70].raw" || { echo "a slice of $file differs"; return 1; }
    n=$((n + 1))
  done
  echo "$n datasets"
  [ "$n" -ge "$2" ]
}

@test "gzip, shuffle, fletcher32, lzf, szip, nbit and scale-offset, as h5py writes them" {
  all_are_plain "$BATS_FILE_TMPDIR/h5py.h5" 12
  is 19999 "$(tail -n 1 "$MNT/gzip" | tr -d ' ' | cut -f 100)"
  $PYTHON - "$MNT" "$BATS_FILE_TMPDIR/h5py.h5" <<'PY'
import sys, h5py, numpy as np
f = h5py.File(sys.argv[2])
for name in ["scaleoffset_float", "sparse", "masked", "compound"]:
    got, want = np.load(f"{sys.argv[1]}/{name}.npy"), f[name][()]
    assert got.dtype == want.dtype and got.tobytes() == want.tobytes(), name
PY
  is 'word 999' "$(tail -n 1 "$MNT/words")"
}

@test "every chunk index of the newest format" {
  all_are_plain "$BATS_FILE_TMPDIR/latest.h5" 6
}

@test "zlib, lzo, bzip2 and blosc with all its codecs, as PyTables writes them" {
  all_are_plain "$BATS_FILE_TMPDIR/pytables.h5" 19
}

@test "chunks that were never written show the fill value" {
  mount_store "$BATS_FILE_TMPDIR/h5py.h5"
  is 990 "$(tr -d ' ' <"$MNT/sparse" | grep -c -x -e -1.5)"
  text_is "$MNT/sparse[498:502]" '-1.5\n-1.5\n 0.0\n 1.0\n'
}

@test "user.expfs.filters names the filters in their order" {
  mount_store "$BATS_FILE_TMPDIR/h5py.h5"
  xattr_is "$MNT/all_three" expfs.filters 'shuffle,gzip(4),fletcher32'
  xattr_is "$MNT/lzf" expfs.filters lzf
  xattr_is "$MNT/gzip" expfs.filters 'gzip(9)'
  fails_with 'No such attribute' getfattr -n user.expfs.filters "$MNT/plain"
}

# Damages one chunk of /bad, each in its own way.
make_damaged() {
  make_store "$BATS_TEST_TMPDIR/bad.h5" <<PY
x = np.arange(4000, dtype="i4")
f["group/good"] = x
f.create_dataset("group/bad", data=x, chunks=(1000,), $1)
f["group/zgood"] = x
f.flush()
d = f["group/bad"].id
info = d.get_chunk_info(1)
where, size = info.byte_offset, info.size
f.close()
with open(sys.argv[1], "r+b") as raw:
    raw.seek(where + size // 2)
    raw.write(bytes(b ^ 255 for b in b"damaged bytes"))
f = h5py.File(sys.argv[1], "r")
PY
}

# The damaged object fails alone, with EIO, and the log says which one and why.
fails_alone() {
  mount_store "$BATS_TEST_TMPDIR/bad.h5"
  fails_with 'Input/output error' cat "$MNT/group/bad.raw"
  fails_with 'Input/output error' cat "$MNT/group/bad"
  grep -q -i -E "group/bad.*$1" "$MNT/.expfs/log"
  # What lies before the damage is there, and so are the siblings.
  is 4000 "$(wc -l <"$MNT/group/good")"
  is 3999 "$(tail -n 1 "$MNT/group/zgood" | tr -d ' ')"
  text_is "$MNT/group/bad[3998:]" '3998\n3999\n'
  is 'bad good zgood' "$(ls "$MNT/group" | tr '\n' ' ' | sed 's/ $//')"
  is 3 "$(find "$MNT/group" -type f | wc -l)"
  # More than once, and the mount goes on.
  fails_with 'Input/output error' cat "$MNT/group/bad.raw"
  is 4000 "$(wc -l <"$MNT/group/good")"
}

@test "a damaged gzip chunk is EIO, and only for its own elements" {
  make_damaged 'compression="gzip"'
  fails_alone 'gzip|inflate|deflate'
}

@test "a chunk with a wrong fletcher32 checksum is EIO" {
  make_damaged 'fletcher32=True'
  fails_alone 'checksum|fletcher32'
}

@test "a damaged lzf chunk is EIO" {
  make_damaged 'compression="lzf", fletcher32=True'
  fails_alone 'lzf|checksum|fletcher32'
}

@test "a filter that is not available is EOPNOTSUPP and the log names it" {
  make_store "$BATS_TEST_TMPDIR/unknown.h5" <<'PY'
p = h5p.create(h5p.DATASET_CREATE); p.set_chunk((10,))
p.set_filter(h5py.h5z.FILTER_DEFLATE, h5py.h5z.FLAG_MANDATORY, (4,))
d = h5d.create(f.id, b"x", h5t.STD_I32LE, h5s.create_simple((20,)), p)
d.write(h5s.ALL, h5s.ALL, np.arange(20, dtype="i4"))
f["y"] = 5
f.close()
data = open(sys.argv[1], "rb").read()
# The filter's number in the pipeline message: deflate (1) becomes one that nobody has.
at = data.find(b"deflate\0") - 8
assert data[at:at + 2] == b"\1\0", data[at:at + 8]
open(sys.argv[1], "wb").write(data[:at] + b"\x39\x7d" + data[at + 2:])
f = h5py.File(sys.argv[1], "r")
PY
  mount_store "$BATS_TEST_TMPDIR/unknown.h5"
  fails_with 'Operation not supported' cat "$MNT/x.raw"
  grep -q -E '/x.*filter.*(32057|deflate)' "$MNT/.expfs/log"
  is 5 "$(cat "$MNT/y")"
}
