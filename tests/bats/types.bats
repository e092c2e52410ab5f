# types: the exact text of each class of datatype, and what numpy.load makes of it.
load common

setup_file() {
  local store=$BATS_FILE_TMPDIR/types.h5
  load common
  make_store "$store" <<'PY'
f["i1"] = np.array([-128, 5, 127], "i1")
f["u8"] = np.uint64(18446744073709551615)
f["i8"] = np.array([-9223372036854775808, 9223372036854775807], "i8")
f["big_endian"] = np.array([1, -2, 300], ">i4")
f["half"] = np.array([0.1, 65504, 1, -2.5, 6e-08], "f2")
f["single"] = np.array([0.1, 16777216, 3.4028235e38, 1e-45], "f4")
f["double"] = np.array([0.1, 1e-05, 1e16, 123456.0, 5e-324, np.nan, np.inf, -np.inf, -0.0], "f8")
f["long_double"] = np.array([np.longdouble(1) / 3, np.longdouble("0.1"), np.longdouble(2)], np.longdouble)
f["complex"] = np.array([1 + 2j, -0.5 - 1e-05j, complex(0, np.inf)], "c16")
f["complex_single"] = np.complex64(0.1 - 3j)
f["bool"] = np.array([True, False])
f["bool_scalar"] = True
f.create_dataset("enum", data=np.array([0, 42, 1, 7], "i4"), dtype=h5py.enum_dtype({"RED": 0, "GREEN": 1, "BLUE": 42}, "i4"))
f["opaque"] = np.array([b"\xde\xad\xbe\xef", b"\0\1\2\3"], "V4")
low(f, "bitfield", h5t.STD_B8LE, np.array([0, 15, 255], "u1"), (3,))
low(f, "bitfield_wide", h5t.STD_B16BE, np.array([1, 0xABCD], ">u2"), (2,))
low(f, "time", h5t.UNIX_D32LE, np.array([0, 1700000000], "<i4"), (2,))

wide = h5t.STD_U64LE.copy(); wide.set_size(16); wide.set_precision(128)
low(f, "wide_integer", wide, np.frombuffer(b"\0" * 15 + b"\1" + b"\xff" * 16, "u1").copy(), (2,))
odd = h5t.STD_I32LE.copy(); odd.set_precision(12); odd.set_offset(4)
low(f, "odd_integer", odd, np.array([0x7FF0, 0xFFF0, 0x0010], "<u4"), (3,))

def string(size, pad, cset=h5t.CSET_ASCII):
    t = h5t.C_S1.copy(); t.set_size(size); t.set_strpad(pad); t.set_cset(cset)
    return t
low(f, "nullterm", string(6, h5t.STR_NULLTERM), np.array([b"ab\0xyz", b"abcdef"], "S6"), (2,))
low(f, "nullpad", string(6, h5t.STR_NULLPAD), np.array([b"ab", b"a  b"], "S6"), (2,))
low(f, "spacepad", string(6, h5t.STR_SPACEPAD), np.array([b"ab    ", b" a b  "], "S6"), (2,))
low(f, "utf8", string(8, h5t.STR_NULLTERM, h5t.CSET_UTF8), np.array(["nähe".encode(), "µm".encode()], "S8"), (2,))
f["escapes"] = np.array([b"a\tb", b"c\\d", b"e\nf\rg"], "S8")
f.create_dataset("vstring", data=["one", "", "drei µ", "tab\there"], dtype=h5py.string_dtype())
f.create_dataset("vstring_scalar", data="a whole sentence, with comma", dtype=h5py.string_dtype())

v = f.create_dataset("vlen", (3,), dtype=h5py.vlen_dtype("i4"))
v[0], v[1], v[2] = [1, 2], [], [300, 4, 5]
low(f, "array", h5t.array_create(h5t.STD_I16LE, (2, 3)), np.arange(12, dtype="<i2"), (2,))

inner = np.dtype([("x", "f8"), ("y", "f8")])
f["compound"] = np.array([(1, (0.5, 1.5), [1, 2, 3], b"ab", True), (-20, (10.25, -1.0), [4, 50, 6], b"c", False)],
    [("n", "i4"), ("p", inner), ("v", "i2", (3,)), ("s", "S2"), ("ok", "?")])
f["padded"] = np.array([(1, 2.5), (3, 4.5)], np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 8], "itemsize": 24}))

f["group/target"] = np.arange(12).reshape(3, 4)
f.create_dataset("reference", data=np.array([f["group/target"].ref, f["group"].ref, h5py.Reference()], dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)
r = f.create_dataset("region", (1,), dtype=h5py.regionref_dtype)
r[0] = f["group/target"].regionref[0:2, 1]

a = f.create_group("attributes").attrs
a.create("enum", 1, dtype=h5py.enum_dtype({"OFF": 0, "ON": 1}, "i1"))
a["complex"] = 1.5 - 2j
a["half"] = np.float16(0.1)
a["compound"] = np.array((1, 2.5, b"ab"), [("a", "i4"), ("b", "f8"), ("c", "S2")])
a["compounds"] = np.array([(1, 2.5)], [("a", "i4"), ("b", "f8")])
a["opaque"] = np.void(b"\xca\xfe")
a["fixed"] = np.bytes_(b"fixed\n")
a["strings"] = np.array([b"x", b"yy"], "S2")
a["flags"] = np.array([True, False])
a["floats"] = np.array([0.1, np.nan, np.inf])
a["empty"] = np.zeros((0,))
a["array"] = np.arange(6, dtype="i2").reshape(2, 3)
a["ünï cöde"] = "näme"
a.create("reference", f["i1"].ref, dtype=h5py.ref_dtype)

f["scalar"] = 0.30000000000000004
f["empty"] = np.zeros((0, 3))
f["null"] = h5py.Empty("f8")
f["rank3"] = np.arange(12).reshape(2, 2, 3)
f["rank32"] = np.zeros((1,) * 31 + (2,), "i1")
f["named"] = np.dtype([("x", "<f8"), ("n", "<i4")])
PY
}

setup() {
  common_setup
  mount_store "$BATS_FILE_TMPDIR/types.h5"
}

# numpy.load of VIEW gives exactly what this expression is; it also sees h5py's file as `f`.
loads_as() {
  $PYTHON - "$MNT/$1" "$BATS_FILE_TMPDIR/types.h5" <<PY
import sys
import h5py, numpy as np
f = h5py.File(sys.argv[2])
got, want = np.load(sys.argv[1]), np.asarray($2)
assert got.dtype == want.dtype, (got.dtype, want.dtype)
assert got.shape == want.shape, (got.shape, want.shape)
assert got.tobytes() == want.tobytes(), (got, want)
PY
}

@test "integers are right-aligned decimals of any width, sign and order" {
  text_is "$MNT/i1" '-128\n   5\n 127\n'
  text_is "$MNT/i8" '-9223372036854775808\n 9223372036854775807\n'
  text_is "$MNT/u8" '18446744073709551615\n'
  text_is "$MNT/big_endian" '  1\n -2\n300\n'
  loads_as i1.npy 'f["i1"][()]'
  loads_as u8.npy 'f["u8"][()]'
  loads_as big_endian.npy 'f["big_endian"][()]'
  xattr_is "$MNT/big_endian" expfs.dtype '>i4'
}

@test "integers wider than 64 bits keep all their digits" {
  text_is "$MNT/wide_integer" '  1329227995784915872903807060280344576\n340282366920938463463374607431768211455\n'
  xattr_is "$MNT/wide_integer" expfs.dtype '|V16'
}

@test "integers of fewer bits than bytes show the bits that count" {
  text_is "$MNT/odd_integer" '2047\n  -1\n   1\n'
}

@test "floats of each precision have the shortest digits that read back" {
  text_is "$MNT/half" '    0.1\n65500.0\n    1.0\n   -2.5\n  6e-08\n'
  text_is "$MNT/single" '          0.1\n   16777216.0\n3.4028235e+38\n        1e-45\n'
  text_is "$MNT/double" '     0.1\n   1e-05\n   1e+16\n123456.0\n  5e-324\n     nan\n     inf\n    -inf\n    -0.0\n'
  text_is "$MNT/long_double" '0.33333333333333333334\n                   0.1\n                   2.0\n'
  for name in half single double long_double; do loads_as $name.npy "f['$name'][()]"; done
}

@test "complex numbers are written as Python writes them" {
  text_is "$MNT/complex" '       1+2j\n-0.5-1e-05j\n     0+infj\n'
  text_is "$MNT/complex_single" '0.1-3j\n'
  loads_as complex.npy 'f["complex"][()]'
  xattr_is "$MNT/complex" expfs.dtype '<c16'
}

@test "booleans are true and false, enums their members' names" {
  text_is "$MNT/bool" ' true\nfalse\n'
  text_is "$MNT/bool_scalar" 'true\n'
  text_is "$MNT/enum" '  RED\n BLUE\nGREEN\n    7\n'
  loads_as bool.npy 'np.array([True, False])'
  loads_as enum.npy 'np.array([0, 42, 1, 7], "i4")'
  xattr_is "$MNT/bool" expfs.dtype '|b1'
}

@test "opaque bytes and bit fields are hexadecimal" {
  text_is "$MNT/opaque" 'deadbeef\n00010203\n'
  text_is "$MNT/bitfield" '0x00\n0x0f\n0xff\n'
  text_is "$MNT/bitfield_wide" '0x0001\n0xabcd\n'
  loads_as opaque.npy 'f["opaque"][()]'
}

@test "times are the seconds that are stored" {
  text_is "$MNT/time" '         0\n1700000000\n'
}

@test "fixed strings lose their padding, whichever of the three it is" {
  text_is "$MNT/nullterm" 'ab\nabcdef\n'
  text_is "$MNT/nullpad" 'ab\na  b\n'
  text_is "$MNT/spacepad" 'ab\n a b\n'
  text_is "$MNT/utf8" 'nähe\nµm\n'
  loads_as nullpad.npy 'np.array([b"ab", b"a  b"], "S6")'
}

@test "tabs, newlines and backslashes in strings are escaped" {
  text_is "$MNT/escapes" 'a\\tb\nc\\\\d\ne\\nf\\rg\n'
  text_is "$MNT/vstring" 'one\n\ndrei µ\ntab\\there\n'
  text_is "$MNT/vstring_scalar" 'a whole sentence, with comma\n'
}

@test "cells of variable length are separated by single spaces" {
  text_is "$MNT/vlen" '1 2\n\n300 4 5\n'
}

@test "an array type adds its axes" {
  text_is "$MNT/array" ' 0\t 1\t 2\n 3\t 4\t 5\n 6\t 7\t 8\n 9\t10\t11\n'
  loads_as array.npy 'np.arange(12, dtype="<i2").reshape(2, 2, 3)'
}

@test "nested compounds and arrays in them are flattened to columns" {
  text_is "$MNT/compound" '  1\t  0.5\t 1.5\t 1\t 2\t 3\tab\t true\n-20\t10.25\t-1.0\t 4\t50\t 6\tc\tfalse\n'
  is 'n,p.x,p.y,v,v[1],v[2],s,ok' "$(head -n 1 "$MNT/compound.csv")"
  loads_as compound.npy 'f["compound"][()]'
  xattr_is "$MNT/compound" expfs.columns '["n", "p", "v", "s", "ok"]'
}

@test "padding between the members of a compound is not shown" {
  text_is "$MNT/padded" '1\t2.5\n3\t4.5\n'
  $PYTHON -c "import numpy as np, sys; a = np.load(sys.argv[1]); assert a['b'].tolist() == [2.5, 4.5] and a['a'].tolist() == [1, 3], a" "$MNT/padded.npy"
}

@test "object references are the paths that they point to" {
  text_is "$MNT/reference" '/group/target\n/group\n\n'
}

@test "region references name their object" {
  grep -q '^/group/target' "$MNT/region"
}

@test "a scalar is one bare line, an empty array and a null dataspace are empty files" {
  text_is "$MNT/scalar" '0.30000000000000004\n'
  text_is "$MNT/empty" ''
  text_is "$MNT/null" ''
  loads_as empty.npy 'np.zeros((0, 3))'
  xattr_is "$MNT/empty" expfs.shape '[0, 3]'
}

@test "axes before the last two only add lines" {
  text_is "$MNT/rank3" ' 0\t 1\t 2\n 3\t 4\t 5\n 6\t 7\t 8\n 9\t10\t11\n'
  text_is "$MNT/rank32" '0\t0\n'
  loads_as rank32.npy 'f["rank32"][()]'
}

@test "a named datatype is a file that describes the type" {
  [ -f "$MNT/named" ]
  grep -q x "$MNT/named"
  grep -q n "$MNT/named"
  is 1 "$(wc -l <"$MNT/named")"
}

@test "attributes of every type" {
  local d=$MNT/attributes
  xattr_is "$d" enum ON
  xattr_is "$d" complex 1.5-2j
  xattr_is "$d" half 0.1
  is '{"a":1,"b":2.5,"c":"ab"}' "$(getfattr --only-values -n user.compound "$d" | jq -c .)"
  is '[{"a":1,"b":2.5}]' "$(getfattr --only-values -n user.compounds "$d" | jq -c .)"
  xattr_is "$d" opaque cafe
  is $'fixed\n.' "$(getfattr --only-values -n user.fixed "$d"; echo .)"
  xattr_is "$d" strings '["x", "yy"]'
  xattr_is "$d" flags '[true, false]'
  xattr_is "$d" floats '[0.1, NaN, Infinity]'
  xattr_is "$d" empty '[]'
  xattr_is "$d" array '[[0, 1, 2], [3, 4, 5]]'
  xattr_is "$d" 'ünï cöde' näme
  xattr_is "$d" reference /i1
  text_is "$d/.attrs/array" '0\t1\t2\n3\t4\t5\n'
  text_is "$d/.attrs/enum" 'ON\n'
}

@test "every file's size is the length of its text" {
  local file
  while read -r -d '' file; do
    is "$(stat -c %s "$file")" "$(wc -c <"$file")" || { echo "$file"; return 1; }
  done < <(find "$MNT" -type f -print0)
}

@test "rows of tables are NumPy's whether their members follow each other, have holes between them or another order" {
  "$PYTHON" - "$BATS_TEST_TMPDIR/tables.h5" <<'CODE'
import sys, h5py, numpy as np
kinds = {
    "packed": np.dtype([("a", "<i4"), ("b", "u1"), ("c", ">f8"), ("s", "S5")]),
    "nested": np.dtype([("x", [("p", "<i2"), ("q", "<i2")]), ("y", "<f4", (2, 3))]),
    "holes": np.dtype([("a", "u1"), ("b", "<i8"), ("c", "u1")], align=True),
    "end": np.dtype({"names": ["a", "b"], "formats": ["<i4", "u1"], "offsets": [0, 4], "itemsize": 8}),
    "order": np.dtype({"names": ["b", "a"], "formats": ["<i4", "<i4"], "offsets": [4, 0], "itemsize": 8}),
    "inner": np.dtype([("x", np.dtype({"names": ["p"], "formats": ["<i2"], "offsets": [0], "itemsize": 4})), ("y", "u1")]),
}
layouts = {"plain": {}, "chunked": dict(chunks=(64,)), "packed": dict(chunks=(700,), compression="gzip")}
with h5py.File(sys.argv[1], "w") as f:
    for name, dtype in kinds.items():
        rows = np.frombuffer(np.random.default_rng(3).integers(1, 100, dtype.itemsize * 5000, dtype="u1").tobytes(), dtype)
        for layout, how in layouts.items():
            f.create_dataset(f"{name}_{layout}", data=rows, **how)
CODE
  "$EXPFS" unmount "$MNT"
  mount_store "$BATS_TEST_TMPDIR/tables.h5"
  run -0 "$PYTHON" - "$BATS_TEST_TMPDIR/tables.h5" "$MNT" <<'CODE'
import sys, h5py, numpy as np
from numpy.lib.recfunctions import repack_fields
with h5py.File(sys.argv[1]) as f:
    for name in f:
        path = f"{sys.argv[2]}/{name}"
        rows = repack_fields(f[name][()], recurse=True)
        for shown in np.load(path + ".npy"), np.array(np.load(path + ".npy", mmap_mode="r")):
            assert shown.dtype == rows.dtype and shown.tobytes() == rows.tobytes(), name
        with open(path + ".raw", "rb", 0) as raw:
            raw.seek(1234)
            assert raw.read(30000) == rows.tobytes()[1234:31234], name
    print(len(f))
CODE
  [ "$output" = 18 ]
}
