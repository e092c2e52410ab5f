# pictures: datasets as x.svg, x.svg.png and x.svg.pdf, and expfs plot.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/pictures.h5" <<'PY'
r = np.random.default_rng(3)
f["line"] = r.normal(size=100)
f["line"].attrs["units"] = "mV"
f["line"].attrs["long_name"] = "potential"
f["lines"] = r.normal(size=(300, 4))
f["map"] = r.normal(size=(20, 30))
f["map"].dims[0].label = "depth"
f["cube"] = r.normal(size=(3, 20, 30))
f["gaps"] = np.array([1, np.nan, 3, np.inf, -np.inf, 2])
f["complex"] = np.exp(1j * np.arange(50))
f["flags"] = np.array([True, False, True])
f["table"] = np.array([(1, 0.5, b"a"), (20, -1.5, b"c"), (300, 2.0, b"")], [("n", "i4"), ("x", "f8"), ("label", "S4")])
f.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype("i2"))
f["ragged"][0], f["ragged"][1] = [1, 2, 3], [4]
f["train"] = np.sort(r.uniform(0, 100, 30))
f["train"].attrs.update(units="ms", t_start=0.0, t_stop=100.0)
f["scalar"] = 42
f["word"] = "text"
f["words"] = np.array([b"a", b"b"])
f["odd <b>&\"name"] = np.arange(3)
f["odd <b>&\"name"].attrs["units"] = "<script>alert(1)</script>" * 1000
f["odd <b>&\"name"].attrs["long_name"] = np.bytes_(b"\xff\x01")
f["group/inside"] = np.arange(4.0)
f["alias"] = h5py.SoftLink("/line")
f.create_dataset("hundred_gigabytes", (12_500_000_000,), "f8")[0] = 1.0
f.create_dataset("packed", data=np.tile(np.arange(1 << 17), 48), chunks=(1 << 14,), compression="gzip", compression_opts=1)
PY
}

# Well-formed, without numbers that are none, of this title and these words.
has_words() {
  xmllint --noout "$1"
  not grep -q -i -E '[" ](nan|-?inf)[" ]' "$1"
  is "$2|$3" "$("$PYTHON" -c '
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
space = "{http://www.w3.org/2000/svg}"
assert (root.get("width"), root.get("height")) == ("800px", "500px")
print(root.find(space + "title").text or "", root.find(space + "desc").text, sep="|")' "$1")"
}

# How many of these there are in the picture.
count() {
  "$PYTHON" -c '
import sys, xml.etree.ElementTree as tree
print(sum(1 for e in tree.parse(sys.argv[1]).iter() if e.tag.endswith("}" + sys.argv[2])))' "$1" "$2"
}

@test "x.svg says what it is of, and its axes by units and names" {
  mount_store "$BATS_FILE_TMPDIR/pictures.h5"
  has_words "$MNT/line.svg" line 'x: index; y: potential (mV)'
  has_words "$MNT/group/inside.svg" group/inside 'x: index; y: value'
  has_words "$MNT/map.svg" map 'x: column; y: depth; colours: value'
  has_words "$MNT/cube.svg" 'cube[0,:,:]' 'x: column; y: row; colours: value'
  has_words "$MNT/train.svg" train 'x: time (ms)'
  has_words "$MNT/table.svg" table 'x: row; y: value'
  has_words "$MNT/gaps.svg" gaps 'x: index; y: value'
  has_words "$MNT/ragged.svg" ragged 'x: index in the row; y: value'
  has_words "$MNT/alias.svg" line 'x: index; y: potential (mV)'
}

@test "lines have a colour each, a heat map is an image, a raster has a stroke for each spike" {
  mount_store "$BATS_FILE_TMPDIR/pictures.h5"
  # A line and its sample in the legend.
  is 8 "$(grep -c -E 'stroke:rgb\((0%,44|83\.|0%,61|80%)' "$MNT/lines.svg")"
  is 0 "$(count "$MNT/lines.svg" image)"
  is 1 "$(count "$MNT/map.svg" image)"
  # All strokes are one path: from above to below, 30 times.
  is 30 "$("$PYTHON" -c '
import sys, xml.etree.ElementTree as tree
print(max(e.get("d", "").count("M ") for e in tree.parse(sys.argv[1]).iter() if "stroke" in e.get("style", "")))' "$MNT/train.svg")"
  # real and imaginary
  is 4 "$(grep -c -E 'stroke:rgb\((0%,44|83\.)' "$MNT/complex.svg")"
}

@test "slices and columns have pictures; scalars, texts and groups have none" {
  mount_store "$BATS_FILE_TMPDIR/pictures.h5"
  has_words "$MNT/cube[2].svg" 'cube[2]' 'x: column; y: row; colours: value'
  has_words "$MNT/cube[1,3].svg" 'cube[1,3]' 'x: index; y: value'
  has_words "$MNT/table.cols/x.svg" 'table.cols/x' 'x: index; y: value'
  for name in scalar word words; do
    fails_with 'not supported' cat "$MNT/$name.svg"
  done
  fails_with 'No such file' cat "$MNT/group.svg"
  fails_with 'No such file' cat "$MNT/nothing.svg"
}

@test "Mozaik's spike trains are rasters, one or all of a recording, its intervals a histogram, its signals over time" {
  need_shared
  mount_store "$EXPFS_SHARED/stores/mozaik/gratings"
  recording=recordings/0-V1_Exc_L4-FullfieldDriftingSinusoidalGrating
  has_words "$MNT/$recording/spiketrains.svg" "$recording/spiketrains" 'x: time (ms); y: train'
  has_words "$MNT/$recording/spiketrains/101.svg" "$recording/spiketrains/101" 'x: time (ms)'
  has_words "$MNT/$recording/isi.svg" "$recording/isi" 'x: interval (ms); y: count'
  has_words "$MNT/$recording/isi[3].svg" "$recording/isi[3]" 'x: interval (ms); y: count'
  has_words "$MNT/$recording/vm/101.svg" "$recording/vm/101" 'x: time (ms); y: value (mV)'
  has_words "$MNT/$recording/mean_rates.svg" "$recording/mean_rates" 'x: index; y: value (1/s)'
}

@test "a picture's size is that of its bytes, which are the same each time" {
  mount_store "$BATS_FILE_TMPDIR/pictures.h5"
  for name in line.svg map.svg map.svg.png lines.svg.pdf; do
    is "$(stat -c %s "$MNT/$name")" "$(wc -c <"$MNT/$name")"
    cp "$MNT/$name" "$BATS_TEST_TMPDIR/first-$name"
  done
  "$EXPFS" unmount "$MNT"
  mount_store "$BATS_FILE_TMPDIR/pictures.h5"
  for name in map.svg.png line.svg lines.svg.pdf map.svg; do
    cmp "$MNT/$name" "$BATS_TEST_TMPDIR/first-$name"
  done
  is 'PNG image data, 1600 x 1000, 8-bit/color RGB, non-interlaced' "$(file -b "$MNT/map.svg.png")" ||
    is $'\x89PNG' "$(head -c 4 "$MNT/map.svg.png")"
  is '%PDF-1.' "$(head -c 7 "$MNT/lines.svg.pdf")"
}

@test "pictures are not listed, but where views=svg asks for them" {
  mount_store "$BATS_FILE_TMPDIR/pictures.h5"
  not grep -q svg <(find "$MNT")
  [[ "$(getfattr --only-values -n user.expfs.views "$MNT/line")" == *svg,png,pdf ]]
  [[ "$(getfattr --only-values -n user.expfs.views "$MNT/word")" != *svg* ]]
  "$EXPFS" unmount "$MNT"
  mount_store "$BATS_FILE_TMPDIR/pictures.h5" -o views=svg
  [ -e "$MNT/line.svg" ]
  is 1 "$(ls "$MNT" | grep -c -x line.svg)"
  is 0 "$(ls "$MNT" | grep -c -x word.svg)"
}

@test "a picture of 100 GB reads a few MB, one of packed chunks some of them" {
  mount_store "$BATS_FILE_TMPDIR/pictures.h5"
  before=$(awk '$1 == "bytes_read" { print $2 }' "$MNT/.expfs/stats")
  cat "$MNT/hundred_gigabytes.svg" >"$BATS_TEST_TMPDIR/svg"
  after=$(awk '$1 == "bytes_read" { print $2 }' "$MNT/.expfs/stats")
  [ $((after - before)) -lt $((10 << 20)) ]
  grep -q 'drawn from 1 of [0-9]* values</desc>' "$BATS_TEST_TMPDIR/svg"
  # 48 MB in 384 chunks of 128 KiB: they are all drawn, and none is unpacked twice.
  before=$(awk '$1 == "chunks_decoded" { print $2 }' "$MNT/.expfs/stats")
  cat "$MNT/packed.svg" >"$BATS_TEST_TMPDIR/svg"
  after=$(awk '$1 == "chunks_decoded" { print $2 }' "$MNT/.expfs/stats")
  [ $((after - before)) -le 384 ]
}

@test "names and attributes that are markup, endless or no text are shown as text" {
  mount_store "$BATS_FILE_TMPDIR/pictures.h5"
  svg="$MNT/odd <b>&\"name.svg"
  xmllint --noout "$svg"
  not grep -q '<script' "$svg"
  grep -q '<title>odd &lt;b&gt;&amp;&quot;name</title>' "$svg"
  [ "$(grep -o '<desc>.*</desc>' "$svg" | wc -c)" -lt 2000 ]
}

@test "without any font the labels are drawn all the same" {
  echo '<?xml version="1.0"?><fontconfig></fontconfig>' >"$BATS_TEST_TMPDIR/fonts.conf"
  FONTCONFIG_FILE=$BATS_TEST_TMPDIR/fonts.conf "$EXPFS" plot "$BATS_FILE_TMPDIR/pictures.h5/line" "$BATS_TEST_TMPDIR/line.svg"
  has_words "$BATS_TEST_TMPDIR/line.svg" line 'x: index; y: potential (mV)'
  # A glyph for each of its letters.
  [ "$(count "$BATS_TEST_TMPDIR/line.svg" symbol)" -gt 10 ]
  [ "$(count "$BATS_TEST_TMPDIR/line.svg" use)" -gt 30 ]
}

@test "a picture follows what is written" {
  cp "$BATS_FILE_TMPDIR/pictures.h5" "$BATS_TEST_TMPDIR/own.h5"
  STORE=$BATS_TEST_TMPDIR/own.h5
  mount_rw
  cp "$MNT/line.svg" "$BATS_TEST_TMPDIR/before"
  seq 100 >"$MNT/line"
  not cmp -s "$MNT/line.svg" "$BATS_TEST_TMPDIR/before"
  is "$(stat -c %s "$MNT/line.svg")" "$(wc -c <"$MNT/line.svg")"
  setfattr -n user.units -v pA "$MNT/line"
  has_words "$MNT/line.svg" line 'x: index; y: potential (pA)'
}

@test "expfs plot writes SVG, PNG and PDF, of a store or by a mount" {
  store=$BATS_FILE_TMPDIR/pictures.h5
  cd "$BATS_TEST_TMPDIR"
  unset DISPLAY WAYLAND_DISPLAY
  is line.svg "$("$EXPFS" plot "$store/line")"
  fails_with 'line.svg is there already' "$EXPFS" plot "$store/line"
  "$EXPFS" plot "$store:line" - | cmp - line.svg
  "$EXPFS" plot "$store/map" map.png
  "$EXPFS" plot "$store/cube[1]" cube.pdf
  mount_store "$store"
  cmp "$MNT/line.svg" line.svg
  "$EXPFS" plot "$MNT/line" - | cmp - line.svg
  "$EXPFS" plot "$MNT/map" - | cmp - "$MNT/map.svg"
  "$EXPFS" plot "$MNT/map" by_mount.png
  cmp by_mount.png map.png
  "$EXPFS" plot "$MNT/cube[1]" by_mount.pdf
  cmp by_mount.pdf cube.pdf
  for path in "$store/word" "$MNT/word" "$MNT/nothing" "$store/group"; do
    fails_with 'expfs: ' "$EXPFS" plot "$path" other.svg
  done
  [ ! -e other.svg ]
  run -2 "$EXPFS" plot "$store/line" line.gif
}

@test "expfs plot opens the picture where there is a display" {
  mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/tmp"
  printf '#!/bin/sh\ncp "$1" "%s"\n' "$BATS_TEST_TMPDIR/shown" >"$BATS_TEST_TMPDIR/bin/xdg-open"
  chmod +x "$BATS_TEST_TMPDIR/bin/xdg-open"
  cd "$BATS_TEST_TMPDIR"
  DISPLAY=:0 TMPDIR=$BATS_TEST_TMPDIR/tmp PATH=$BATS_TEST_TMPDIR/bin:$PATH "$EXPFS" plot "$BATS_FILE_TMPDIR/pictures.h5/line"
  wait_until 10 grep -q -s '</svg>' "$BATS_TEST_TMPDIR/shown"
  has_words "$BATS_TEST_TMPDIR/shown" line 'x: index; y: potential (mV)'
  [ ! -e line.svg ]
}

@test "README's pictures are those that the program makes" {
  "$TOP/scripts/make-pictures" "$BATS_TEST_TMPDIR"
  for file in "$TOP"/fs/pictures/*.svg; do
    name=$(basename "$file")
    grep -q "fs/pictures/$name" "$TOP/README.md"
    # Fonts may differ.
    is "$(sed -n '/<title>/,/<\/desc>/p' "$file")" "$(sed -n '/<title>/,/<\/desc>/p' "$BATS_TEST_TMPDIR/$name")"
  done
}
