# genericio: files of HACC's library, split and packed ones too, and stores of keys: all that the library reads is in a
# mount, and what a mount writes has the layout and the checksums that the library asks for.
load common

setup() {
  common_setup
  GENERICIO=$EXPFS_SHARED/stores/genericio
  STORE=$BATS_TEST_TMPDIR/store.gio
}

# gio [VARIABLE...]: what another reader says of the store.
gio() {
  "$PYTHON" "$BATS_TEST_DIRNAME/gio.py" read "$STORE" "$@"
}

log_has() {
  grep -q -F -- "$1" "$MNT/.expfs/log" || { cat "$MNT/.expfs/log"; return 1; }
}

mount_reference() {
  need_shared
  mount_store "$GENERICIO/$1.tmp.gio"
}

# write_text NAME MODE TEXT: with Python, which tells when closing fails.
write_text() {
  "$PYTHON" -c "
with open('$MNT/$1', '$2') as f:
    f.write('$3')"
}

# A file of two columns.
make_two() {
  "$EXPFS" create genericio "$STORE"
  mount_rw
  seq 10 >"$MNT/id"
  seq 0.5 1 10 >"$MNT/x"
  "$EXPFS" unmount "$MNT"
}

# --- reading -----------------------------------------------------------------------------------------------------

@test "every value that the library reads of the reference files is in the mount" {
  need_shared
  local file n=0
  for file in "$GENERICIO"/*.tmp.gio; do
    mount_store "$file" 2>/dev/null || continue
    if jq -e .kind "${file%.tmp.gio}.expected.json" >/dev/null; then
      run -0 "$PYTHON" "$EXPFS_SHARED/check/check_arrays_mount.py" "$MNT" "${file%.tmp.gio}.expected.json"
      n=$((n + ${lines[-1]%% *}))
    fi
    "$EXPFS" unmount "$MNT"
  done
  [ "$n" -gt 200 ]
}

@test "the rows of each rank are in .rank, with its place" {
  mount_reference lib_cart
  jq -r '.variables[] | .name as $n | .sha256_per_rank | to_entries[] | "\(.value)  \(.key)/\($n)"' \
    "$GENERICIO/lib_cart.expected.json" | while read -r sum path; do
    [ "$(sha256sum <"$MNT/.rank/$path.raw")" = "$sum  -" ]
  done
  [ "$(getfattr --only-values -n user.coordinates "$MNT/.rank/1")" = "$(jq -c '.ranks[1].coords' \
    "$GENERICIO/lib_cart.expected.json" | sed 's/,/, /g')" ]
  not ls "$MNT/.rank/99"
}

@test "scale, origin, dimensions and coordinates are attributes" {
  mount_reference lib_cart
  [ "$(getfattr --only-values -n user.phys_scale "$MNT" | jq -c .)" = \
    "$(jq -c .phys_scale "$GENERICIO/lib_cart.expected.json")" ] ||
    [ "$(getfattr --only-values -n user.phys_scale "$MNT" | jq '.[0]')" = 1 ]
  [ "$(getfattr --only-values -n user.dims "$MNT" | jq -c .)" = "$(jq -c .dims "$GENERICIO/lib_cart.expected.json")" ]
  local x
  x=$(jq -r '[.variables[] | select(.flags | index("x"))][0].name' "$GENERICIO/lib_cart.expected.json")
  [ "$(getfattr --only-values -n user.coordinate "$MNT/$x")" = x ]
}

@test "the leaves of an octree are a table" {
  mount_reference octree
  [ "$(head -n 1 "$MNT/.octree.csv")" = leaf,min_x,max_x,min_y,max_y,min_z,max_z,rows,offset,rank ]
  [ "$(awk '{ n += $8 } END { print n }' "$MNT/.octree")" = 400 ]
}

@test "an octree that says more leaves than it has is an I/O error that the log explains; the columns are read" {
  need_shared
  cp "$GENERICIO/octree.tmp.gio" "$STORE"
  chmod u+w "$STORE"
  PYTHONPATH=$BATS_TEST_DIRNAME "$PYTHON" -c '
import sys, gio
file = bytearray(open(sys.argv[1], "rb").read())
u64 = lambda at: int.from_bytes(file[at:at + 8], "little")
header, octree = u64(8), u64(176)
file[octree + 16:octree + 24] = (u64(octree + 16) + 1).to_bytes(8, "little")
file[header:header + 8] = gio.register(bytes(file[:header])).to_bytes(8, "little")
open(sys.argv[1], "wb").write(file)' "$STORE"
  mount_store "$STORE"
  not cat "$MNT/.octree"
  log_has "its octree is cut off"
  run -0 cat "$MNT"/*
  [ -n "$output" ]
}

@test "a wrong CRC of a column is an I/O error that the log explains; the other columns are read" {
  mount_reference bad_crc_column
  local column bad=0 good=0
  for column in "$MNT"/*; do
    if cat "$column" >/dev/null 2>&1; then good=$((good + 1)); else bad=$((bad + 1)); fi
  done
  [ "$bad" -ge 1 ] && [ "$good" -ge 1 ]
  log_has "the CRC of its data does not fit"
}

@test "a wrong CRC of packed or unpacked data, an unknown filter and a file that is cut off are errors with the reason" {
  local name
  for name in bad_crc_blosc:"the CRC of its data does not fit" bad_crc_orig:"the CRC of its unpacked data does not fit" \
    bad_filter:"needs filter ZFP" bad_truncated_data:"ends at byte"; do
    mount_reference "${name%%:*}"
    not sh -c 'cat "$1"/*' - "$MNT"
    log_has "${name#*:}"
    "$EXPFS" unmount "$MNT"
  done
}

@test "what is packed and too large for the cache is checked, and unpacked in a file once" {
  local store
  need_shared
  for store in lib_blosc be_blosc; do
    mount_store "$GENERICIO/$store.tmp.gio" -o cache=1
    run -0 "$PYTHON" "$EXPFS_SHARED/check/check_arrays_mount.py" "$MNT" "$GENERICIO/$store.expected.json"
    "$EXPFS" unmount "$MNT"
  done
  mount_store "$GENERICIO/bad_crc_orig.tmp.gio" -o cache=1
  not sh -c 'cat "$1"/*' - "$MNT"
  log_has "the CRC of its unpacked data does not fit"
}

@test "a wrong magic, header CRC and a header that is cut off refuse the file with the reason" {
  need_shared
  run -1 mount_store "$GENERICIO/bad_crc_header.tmp.gio"
  [[ $output == *"the CRC of its header does not fit"* ]]
  run -1 mount_store "$GENERICIO/bad_truncated_header.tmp.gio"
  [[ $output == *"ends within its header"* ]]
  run -1 mount_store "$GENERICIO/bad_magic.tmp.gio" -o format=genericio
  [[ $output == *"does not begin as a GenericIO file"* ]]
}

@test "of a split file with a part missing the ranks of the others are read" {
  mount_reference bad_split_missing
  local column
  column=$(ls "$MNT" | head -n 1)
  not cat "$MNT/$column"
  log_has "bad_split_missing.tmp.gio#1: No such file or directory"
  [ "$(cat "$MNT/.rank/0/$column" | wc -l)" = "$(jq '.ranks[0].n_elems' "$GENERICIO/bad_split_missing.expected.json")" ]
}

# --- writing -----------------------------------------------------------------------------------------------------

@test "a file is made from nothing with seq, cp and setfattr, and another reader finds all of it" {
  "$EXPFS" create genericio "$STORE"
  mount_rw
  seq 3 >"$MNT/id"
  "$PYTHON" -c "
import sys, numpy as np
np.save(sys.argv[1], np.array([.5, 1.5, 2.5], 'f4')); np.save(sys.argv[2], np.array([7, 8, 9], 'u2'))" \
    "$BATS_TEST_TMPDIR/x.npy" "$BATS_TEST_TMPDIR/m.npy"
  cp "$BATS_TEST_TMPDIR/x.npy" "$MNT/x.npy"
  cp "$BATS_TEST_TMPDIR/m.npy" "$MNT/mask.npy"
  setfattr -n user.coordinate -v x "$MNT/x"
  setfattr -n user.phys_scale -v '[64.0,64.0,64.0]' "$MNT"
  "$EXPFS" unmount "$MNT"
  run -0 gio
  [ "${lines[0]}" = "id:<i8:2 mask:<u2:0 x:<f4:7" ]
  [ "${lines[1]}" = "rows 3 ranks [3] dims [1, 1, 1]" ]
  [ "${lines[2]}" = "origin [0.0, 0.0, 0.0] scale [64.0, 64.0, 64.0]" ]
  [ "$(gio id mask x)" = "$(printf '1 2 3\n7 8 9\n0.5 1.5 2.5')" ]
}

@test "columns of other lengths, groups, scalars, text and other attributes are refused, and nothing is lost" {
  make_two
  mount_rw
  not sh -c 'seq 9 | cp /dev/stdin "$1/short"' - "$MNT"
  not cp "$BATS_TEST_TMPDIR/none" "$MNT/none"
  not mkdir "$MNT/group"
  not write_text one w '1\n'
  not write_text text w 'a\nb\n'
  not write_text x a '11\n'
  not setfattr -n user.unit -v Mpc "$MNT/x"
  not setfattr -n user.phys_scale -v '[1]' "$MNT"
  log_has "the columns of a GenericIO file all have as many"
  "$EXPFS" unmount "$MNT"
  [ "$(gio id)" = "1 2 3 4 5 6 7 8 9 10" ]
}

@test "elements are changed in place, columns renamed and removed; a single column can grow" {
  make_two
  mount_rw
  "$PYTHON" -c "
import struct
with open('$MNT/id.raw', 'r+b') as f:
    f.seek(16); f.write(struct.pack('<q', -3))"
  mv "$MNT/id" "$MNT/tag"
  rm "$MNT/x"
  seq 11 12 >>"$MNT/tag"
  "$EXPFS" unmount "$MNT"
  [ "$(gio tag)" = "1 2 -3 4 5 6 7 8 9 10 11 12" ]
}

@test "a column that was removed or renamed is found no more, before and after it is saved; ranks are" {
  make_two
  mount_rw commit=0
  rm "$MNT/x"
  mv "$MNT/id" "$MNT/tag"
  not cat "$MNT/x"
  not cat "$MNT/id"
  [ "$(ls "$MNT/.rank")" = 0 ]
  sync "$MNT/tag"
  not cat "$MNT/x"
}

@test "ranks that were looked into before a commit are those of after it then" {
  make_two
  mount_rw commit=0
  rm "$MNT/x"
  [ "$(cat "$MNT/.rank/0/id" | wc -l)" = 10 ]
  seq 11 12 >>"$MNT/id"
  [ "$(ls "$MNT/.rank/0" | paste -sd,)" = id,x ]
  [ "$(cat "$MNT/.rank/0/id" | wc -l)" = 10 ]
  [ "$(getfattr --only-values -n user.n_rows "$MNT/.rank/0")" = 10 ]
  stat "$MNT/.rank/0/x.npy" "$MNT/.rank/0/id.raw"
  sync "$MNT/id"
  [ "$(ls "$MNT/.rank/0")" = id ]
  not cat "$MNT/.rank/0/x"
  [ "$(cat "$MNT/.rank/0/id")" = "$(cat "$MNT/id")" ]
  [ "$(stat -c %s "$MNT/.rank/0/id.raw")" = $((12 * 8)) ]
  [ "$(getfattr --only-values -n user.n_rows "$MNT/.rank/0")" = 12 ]
}

@test "ranks stay what they were when columns change, and big-endian files big-endian" {
  need_shared
  local name
  for name in store_ranks4 be_ranks; do
    cp "$GENERICIO/$name.tmp.gio" "$STORE"
    gio >"$BATS_TEST_TMPDIR/before"
    mount_rw
    local column
    column=$(ls "$MNT" | head -n 1)
    cp "$MNT/$column.npy" "$MNT/new.npy"
    mv "$MNT/$column" "$MNT/moved"
    "$EXPFS" unmount "$MNT"
    [ "$(gio | tail -n 2)" = "$(tail -n 2 "$BATS_TEST_TMPDIR/before")" ]
    [ "$(gio new)" = "$(gio moved)" ]
    [ "$(head -c 7 "$STORE")" = "$(head -c 7 "$GENERICIO/$name.tmp.gio")" ]
    chmod u+w "$STORE"
  done
}

@test "new columns are packed by Blosc where the mount says so, and packed ones are kept" {
  "$EXPFS" create genericio "$STORE"
  mount_rw complib=blosc,complevel=9
  seq 100000 >"$MNT/id"
  "$EXPFS" unmount "$MNT"
  [ "$(stat -c %s "$STORE")" -lt 200000 ]
  mount_rw
  [ "$(getfattr --only-values -n user.expfs.filters "$MNT/id")" = blosc ]
  mv "$MNT/id" "$MNT/tag"
  "$EXPFS" unmount "$MNT"
  [ "$(stat -c %s "$STORE")" -lt 200000 ]
  mount_store "$STORE"
  [ "$(awk '{ n += $1 } END { printf "%.0f", n }' "$MNT/tag")" = 5000050000 ]
}

# --- keys --------------------------------------------------------------------------------------------------------

@test "a GenericIOStore is mounted by its base path, and its keys are made, read and removed" {
  need_shared
  mount_store "$GENERICIO/store"
  [ "$(ls "$MNT/ranks3")" = "$(jq -r '.variables[].name' "$GENERICIO/store_ranks3.expected.json" | sort)" ]
  "$EXPFS" unmount "$MNT"

  local base=$BATS_TEST_TMPDIR/keys
  mount_store "$base" -o rw,format=genericio
  mkdir "$MNT/pos"
  seq 4 >"$MNT/pos/x"
  cp -r "$MNT/pos" "$MNT/copy"
  rm -r "$MNT/pos"
  "$EXPFS" unmount "$MNT"
  [ "$(cd "$BATS_TEST_TMPDIR" && ls keys_*)" = keys_copy.tmp.gio ]
  STORE=${base}_copy.tmp.gio
  [ "$(gio x)" = "1 2 3 4" ]
}

@test "a key that is renamed keeps its ranks, byte order and packed columns, with and without changes" {
  need_shared
  local name base=$BATS_TEST_TMPDIR/keys
  for name in store_ranks4 be_ranks; do
    cp "$GENERICIO/$name.tmp.gio" "${base}_one.tmp.gio"
    chmod u+w "${base}_one.tmp.gio"
    STORE=${base}_one.tmp.gio
    gio >"$BATS_TEST_TMPDIR/before"
    mount_store "$base" -o rw
    mv "$MNT/one" "$MNT/two"
    "$EXPFS" unmount "$MNT"
    cmp "$GENERICIO/$name.tmp.gio" "${base}_two.tmp.gio"
    mount_store "$base" -o rw
    mv "$MNT/two" "$MNT/three"
    setfattr -n user.phys_scale -v '[1.5,2.5,3.5]' "$MNT/three"
    "$EXPFS" unmount "$MNT"
    STORE=${base}_three.tmp.gio
    [ "$(ls "$BATS_TEST_TMPDIR"/keys_*)" = "$STORE" ]
    [ "$(gio | head -n 2)" = "$(head -n 2 "$BATS_TEST_TMPDIR/before")" ]
    [ "$(head -c 7 "$STORE")" = "$(head -c 7 "$GENERICIO/$name.tmp.gio")" ]
    rm "$STORE"
  done
}
