# views: the renderings of a dataset, its slices, columns and attributes, found by name or listed by views=.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/views.h5" <<'PY'
f["grid"] = np.arange(12).reshape(3, 4)
f["line"] = np.array([0.5, 10.25, -3.0])
f["scalar"] = 42
f.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype("i2"))
f["ragged"][0], f["ragged"][1] = [1, 2, 3], [4]
f["word"] = "comma, \"quote\" and\ttab"
f.create_dataset("words", data=["one", "two, three", 'say "four"', "fi\nve"], dtype=h5py.string_dtype())
f["table"] = np.array([(1, 0.5, b"a,b"), (20, -1.5, b"c"), (300, 2.0, b"")], [("n", "i4"), ("x", "f8"), ("label", "S4")])
f["nested"] = np.array([(1, (2, 3)), (4, (5, 6))], [("a", "i2"), ("p", [("x", "i2"), ("y", "i2")])])
f["long"] = np.arange(100000)
f["odd"] = np.array([np.nan, np.inf, -np.inf])
f["group/inside"] = np.array([True, False])
f.create_dataset("packed", data=np.tile(np.arange(64, dtype="i2"), 8).reshape(8, 64), chunks=(4, 16), compression="gzip", compression_opts=3, shuffle=True, fletcher32=True)
g = f["grid"]
g.attrs["unit"] = "mV"
g.attrs["count"] = np.int16(7)
g.attrs["ratio"] = 0.1
g.attrs["flag"] = True
g.attrs["offsets"] = np.array([1, 2, 3])
g.attrs["names"] = np.array(["a", "b c"], dtype=h5py.string_dtype())
g.attrs["text"] = "two\nlines, a tab\tand a \\"
g.attrs["matrix"] = np.array([[1.5, 2.0], [3.0, 4.0]])
g.attrs["nothing"] = h5py.Empty("f8")
f.attrs["title"] = "a store"
f["group"].attrs["of"] = "group"
# What is too large for an xattr: needs the newest format's dense attributes.
f["word"].attrs["short"] = "still there"
PY
  make_store "$BATS_FILE_TMPDIR/large.h5" latest <<'PY'
f["x"] = 1
f["x"].attrs["large"] = np.arange(40000)
f["x"].attrs["short"] = "still there"
f["x"].attrs["n" * 300] = "a long name"
for i in range(3000):
    f["x"].attrs["attribute_number_%06d_with_a_name_of_some_length" % i] = i
PY
}

setup() {
  common_setup
  STORE=$BATS_FILE_TMPDIR/views.h5
  case $BATS_TEST_DESCRIPTION in
    *"(-o "*) OPTIONS=${BATS_TEST_DESCRIPTION##*\(-o }; OPTIONS=${OPTIONS%\)*} ;;
    *large*) STORE=$BATS_FILE_TMPDIR/large.h5 OPTIONS=ro ;;
    *) OPTIONS=ro ;;
  esac
  mount_store "$STORE" -o "$OPTIONS"
}

# Runs Python that sees numpy, json, csv, the mount `m` and h5py's file `f`.
python_says() {
  $PYTHON - "$MNT" "$STORE" <<PY
import csv, json, sys
import h5py, numpy as np
m, f = sys.argv[1] + "/", h5py.File(sys.argv[2])
$1
PY
}

@test "text: one line per row, cells separated by tabs" {
  text_is "$MNT/grid" ' 0\t 1\t 2\t 3\n 4\t 5\t 6\t 7\n 8\t 9\t10\t11\n'
  text_is "$MNT/scalar" '42\n'
}

@test "text: row i of numbers sits at i times the length of a line" {
  is 99999 "$(tail -n 1 "$MNT/long" | tr -d ' ')"
  local line=$(($(stat -c %s "$MNT/long") / 100000))
  is 12345 "$(dd if="$MNT/long" bs=$line skip=12345 count=1 status=none | tr -d ' ')"
  is 100000 "$(wc -l <"$MNT/long")"
}

@test "text: an array of more than 4096 elements is as wide as its type" {
  # 20 digits of the longest i8, and the newline.
  is 2100000 "$(stat -c %s "$MNT/long")"
}

@test "npy: numpy.load maps it into memory" {
  python_says '
a = np.load(m + "grid.npy", mmap_mode="r")
assert isinstance(a, np.memmap) and a.flags.c_contiguous
assert (a == f["grid"][()]).all() and a.dtype == f["grid"].dtype'
}

@test "npy: a compound is a structured array" {
  python_says '
a = np.load(m + "table.npy", mmap_mode="r")
assert a.dtype == f["table"].dtype and (a == f["table"][()]).all(), a
assert open(m + "table.npy", "rb").read(8) == b"\x93NUMPY\x01\x00"'
}

@test "npy: strings of any length become fixed ones that hold the longest" {
  python_says '
a = np.load(m + "words.npy")
assert [v.decode() if isinstance(v, bytes) else v for v in a.tolist()] == ["one", "two, three", "say \"four\"", "fi\nve"], a'
}

@test "npy: what numpy has no type for is refused with EOPNOTSUPP" {
  fails_with 'not supported' cat "$MNT/ragged.npy"
  fails_with 'not supported' cat "$MNT/ragged.raw"
  text_is "$MNT/ragged" '1 2 3\n4\n'
}

@test "raw: the bytes in C order alone" {
  cmp <($PYTHON -c 'import numpy, sys; sys.stdout.buffer.write(numpy.arange(12, dtype="<i8").tobytes())') "$MNT/grid.raw"
  is 96 "$(stat -c %s "$MNT/grid.raw")"
}

@test "csv: a header line, fields quoted as RFC 4180 says, no padding" {
  is 'n,x,label
1,0.5,"a,b"
20,-1.5,c
300,2.0,' "$(tr -d '\r' <"$MNT/table.csv")"
  python_says '
rows = list(csv.reader(open(m + "words.csv", newline="")))
assert [r[0] for r in rows[1:]] == ["one", "two, three", "say \"four\"", "fi\nve"], rows
rows = list(csv.reader(open(m + "grid.csv", newline="")))
assert rows[1:] == [[str(v) for v in r] for r in f["grid"]] and len(rows[0]) == 4, rows'
}

@test "tsv: the same with tabs" {
  is "$(printf 'n\tx\tlabel')" "$(head -n 1 "$MNT/table.tsv" | tr -d '\r')"
  is "$(printf '1\t0.5\ta,b')" "$(sed -n 2p "$MNT/table.tsv" | tr -d '\r')"
}

@test "json: path, dtype, shape, attributes and value" {
  is '[[0,1,2,3],[4,5,6,7],[8,9,10,11]]' "$(jq -c .value "$MNT/grid.json")"
  is '"/grid"' "$(jq .path "$MNT/grid.json")"
  is '"<i8"' "$(jq .dtype "$MNT/grid.json")"
  is '[3,4]' "$(jq -c .shape "$MNT/grid.json")"
  is '{"unit":"mV","count":7,"ratio":0.1,"flag":true,"offsets":[1,2,3]}' \
    "$(jq -c '.attributes | {unit, count, ratio, flag, offsets}' "$MNT/grid.json")"
  is 42 "$(jq .value "$MNT/scalar.json")"
  is '"comma, \"quote\" and\ttab"' "$(jq .value "$MNT/word.json")"
  is '[true,false]' "$(jq -c .value "$MNT/group/inside.json")"
  python_says '
v = json.load(open(m + "odd.json"))["value"]
assert np.isnan(v[0]) and v[1:] == [np.inf, -np.inf], v'
}

@test "json: a directory's is the skeleton below it" {
  python_says '
s = json.load(open(m + "group.json"))
assert s["attributes"] == {"of": "group"} and s["children"]["inside"]["shape"] == [2], s
assert "value" not in s["children"]["inside"]'
}

@test "ndjson: one value per row, for a table an object with the columns' names" {
  is '{"n":1,"x":0.5,"label":"a,b"} {"n":20,"x":-1.5,"label":"c"} {"n":300,"x":2.0,"label":""}' \
    "$(jq -c . "$MNT/table.ndjson" | tr '\n' ' ' | sed 's/ $//; s/"x":2,/"x":2.0,/')"
  is '[8,9,10,11]' "$(sed -n 3p "$MNT/grid.ndjson" | jq -c .)"
  is 4 "$(wc -l <"$MNT/words.ndjson")"
}

@test "slices are NumPy's basic indexing" {
  text_is "$MNT/grid[1]" '4\n5\n6\n7\n'
  text_is "$MNT/grid[-1,-1]" '11\n'
  text_is "$MNT/grid[0:2,1:3]" '1\t2\n5\t6\n'
  text_is "$MNT/grid[::2]" ' 0\t 1\t 2\t 3\n 8\t 9\t10\t11\n'
  text_is "$MNT/grid[...,0]" '0\n4\n8\n'
  text_is "$MNT/grid[5:]" ''
  text_is "$MNT/line[::-1]" ' -3.0\n10.25\n  0.5\n'
  python_says '
x = f["long"][()]
for s in ["0:10", "-3:", "10:2000:7", "99990:200000", "::-9999", "50:10:-1"]:
    got = np.load(m + f"long[{s}].npy")
    want = eval(f"x[{s}]")
    assert got.shape == want.shape and (got == want).all(), s
x = f["packed"][()]
for s in ["3", "1:7:2,5", "-1,::16", ":,63", "::-1,::-1", "2:2"]:
    got = np.load(m + f"packed[{s}].npy")
    want = eval(f"x[{s}]")
    assert got.shape == want.shape and (got == want).all(), s'
}

@test "slices have the other views too" {
  text_is "$MNT/grid[0].csv" "$(head -n 1 "$MNT/grid[0].csv" | tr -d '\r')"'\n0\n1\n2\n3\n'
  is '[4,5]' "$(jq -c .value "$MNT/grid[1,0:2].json")"
  text_is "$MNT/table[1:].tsv" 'n\tx\tlabel\n20\t-1.5\tc\n300\t2.0\t\n'
  is 16 "$(stat -c %s "$MNT/grid[0,:2].raw")"
}

@test "slices that cannot be are EINVAL" {
  for bad in 'grid[7]' 'grid[0,0,0]' 'grid[a]' 'grid[::0]' 'grid[' 'scalar[0]'; do
    fails_with '' cat "$MNT/$bad"
  done
  fails_with 'Invalid argument' cat "$MNT/grid[7]"
  fails_with 'Invalid argument' cat "$MNT/grid[::0]"
  fails_with 'Invalid argument' cat "$MNT/grid[x]"
}

@test "x.cols/ has one dataset per column, each with its own views" {
  is 'label n x' "$(ls "$MNT/table.cols" | tr '\n' ' ' | sed 's/ $//')"
  text_is "$MNT/table.cols/n" '  1\n 20\n300\n'
  text_is "$MNT/table.cols/label" 'a,b\nc\n\n'
  text_is "$MNT/table.cols/x[1:]" '-1.5\n 2.0\n'
  is '[0.5,-1.5,2]' "$(jq -c '.value' "$MNT/table.cols/x.json" | sed 's/2\.0]/2]/')"
  text_is "$MNT/nested.cols/p.cols/y" '3\n6\n'
  python_says 'assert (np.load(m + "table.cols/x.npy", mmap_mode="r") == [0.5, -1.5, 2.0]).all()'
}

@test "x.attrs/ and DIR/.attrs/ have one text file per attribute" {
  text_is "$MNT/grid.attrs/unit" 'mV\n'
  text_is "$MNT/grid.attrs/offsets" '1\n2\n3\n'
  text_is "$MNT/grid.attrs/matrix" '1.5\t2.0\n3.0\t4.0\n'
  is 9 "$(ls "$MNT/grid.attrs" | wc -l)"
  text_is "$MNT/.attrs/title" 'a store\n'
  text_is "$MNT/group/.attrs/of" 'group\n'
}

@test "views are not listed, so that each dataset is seen once" {
  is "grid group line long nested odd packed ragged scalar table word words" "$(ls -A "$MNT" | tr '\n' ' ' | sed 's/ $//')"
  is 12 "$(find "$MNT" -type f | wc -l)"
}

@test "what is no view of a node is not there" {
  fails_with 'No such file' cat "$MNT/grid.jpg"
  fails_with 'No such file' ls "$MNT/grid.cols"
  fails_with 'No such file' cat "$MNT/nothing.npy"
  fails_with 'No such file' cat "$MNT/nothing"
}

@test "listed views are files like any other (-o views=npy:csv)" {
  [ -n "$(ls "$MNT" | grep -x grid.npy)" ]
  [ -n "$(ls "$MNT" | grep -x grid.csv)" ]
  [ -z "$(ls "$MNT" | grep -x grid.raw)" ]
  cp -r "$MNT" "$BATS_TEST_TMPDIR/copy" || true
  $PYTHON -c 'import numpy, sys; assert numpy.load(sys.argv[1]).shape == (3, 4)' "$BATS_TEST_TMPDIR/copy/grid.npy"
  is 4 "$(wc -l <"$BATS_TEST_TMPDIR/copy/grid.csv")"
}

@test "compact text carries no padding (-o text=compact)" {
  text_is "$MNT/grid" '0\t1\t2\t3\n4\t5\t6\t7\n8\t9\t10\t11\n'
  text_is "$MNT/line" '0.5\n10.25\n-3.0\n'
  is 99999 "$(tail -n 1 "$MNT/long")"
  is "$(stat -c %s "$MNT/long")" "$(wc -c <"$MNT/long")"
}

@test "attributes are xattrs: scalars bare, arrays as JSON" {
  xattr_is "$MNT/grid" unit mV
  xattr_is "$MNT/grid" count 7
  xattr_is "$MNT/grid" ratio 0.1
  xattr_is "$MNT/grid" flag true
  xattr_is "$MNT/grid" offsets '[1, 2, 3]'
  xattr_is "$MNT/grid" names '["a", "b c"]'
  xattr_is "$MNT/grid" matrix '[[1.5, 2.0], [3.0, 4.0]]'
  xattr_is "$MNT/grid" text $'two\nlines, a tab\tand a \\'
  xattr_is "$MNT" title 'a store'
}

@test "expfs' own metadata are xattrs under user.expfs" {
  xattr_is "$MNT/packed" expfs.name packed
  xattr_is "$MNT/packed" expfs.path /packed
  xattr_is "$MNT/packed" expfs.format hdf5
  xattr_is "$MNT/packed" expfs.kind dataset
  xattr_is "$MNT/packed" expfs.dtype '<i2'
  xattr_is "$MNT/packed" expfs.shape '[8, 64]'
  xattr_is "$MNT/packed" expfs.chunks '[4, 16]'
  local filters
  filters=$(getfattr --only-values -n user.expfs.filters "$MNT/packed")
  [[ $filters == *shuffle*gzip*fletcher32* ]]
  [ "$(getfattr --only-values -n user.expfs.storage "$MNT/packed")" -gt 0 ]
  xattr_is "$MNT/table" expfs.columns '["n", "x", "label"]'
  [[ "$(getfattr --only-values -n user.expfs.views "$MNT/table")" == *npy* ]]
  xattr_is "$MNT/group" expfs.kind group
  xattr_is "$MNT/group/inside" expfs.path /group/inside
  is '' "$(getfattr -n user.expfs.shape "$MNT/group" 2>/dev/null)"
}

@test "an xattr that does not exist is ENODATA, and none can be set" {
  fails_with 'No such attribute' getfattr -n user.none "$MNT/grid"
  fails_with 'Read-only file system' setfattr -n user.unit -v A "$MNT/grid"
  fails_with 'Read-only file system' setfattr -x user.unit "$MNT/grid"
}

@test "a large attribute answers E2BIG, is whole in .attrs/, and hides no other" {
  fails_with 'Argument list too long' getfattr -n user.large "$MNT/x"
  is 40000 "$(wc -l <"$MNT/x.attrs/large")"
  is 39999 "$(tail -n 1 "$MNT/x.attrs/large" | tr -d ' ')"
  xattr_is "$MNT/x" short 'still there'
  xattr_is "$MNT/x" attribute_number_002999_with_a_name_of_some_length 2999
}

@test "a large number of attributes: the list is cut, .attrs/ has them all" {
  getfattr -h -m - "$MNT/x" >"$BATS_TEST_TMPDIR/list"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/list")" -gt 500 ]
  grep -q -x user.expfs.kind "$BATS_TEST_TMPDIR/list"
  is 3003 "$(ls "$MNT/x.attrs" | wc -l)"
}

@test "everything that would write is refused as on a read-only file system" {
  fails_with 'Read-only file system' touch "$MNT/new"
  fails_with 'Read-only file system' bash -c "echo 1 >'$MNT/scalar'"
  fails_with 'Read-only file system' bash -c "echo 1 >>'$MNT/scalar'"
  fails_with 'Read-only file system' rm -f "$MNT/scalar"
  fails_with 'Read-only file system' mkdir "$MNT/dir"
  fails_with 'Read-only file system' rmdir "$MNT/group"
  fails_with 'Read-only file system' mv "$MNT/scalar" "$MNT/other"
  fails_with 'Read-only file system' ln -s scalar "$MNT/other"
  fails_with 'Read-only file system' ln "$MNT/scalar" "$MNT/other"
  fails_with 'Read-only file system' chmod 600 "$MNT/scalar"
  fails_with 'Read-only file system' truncate -s 0 "$MNT/scalar"
}
