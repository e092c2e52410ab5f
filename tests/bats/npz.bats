# npz: archives of arrays that NumPy wrote, single arrays, and stores of keys: what NumPy reads of them is what a mount
# shows, and what a mount writes NumPy reads.
load common

setup() {
  common_setup
  NUMPYSTORE=$EXPFS_SHARED/stores/numpystore
  STORE=$BATS_TEST_TMPDIR/store.npz
}

# numpy 'CODE': prints what it gives; `a` is the store as NumPy loads it.
numpy() {
  "$PYTHON" -c "
import sys, numpy as np
a = np.load(sys.argv[1])
$1" "$STORE"
}

# save 'ARRAYS': an archive that NumPy writes: save 'x=np.arange(3)'
save() {
  "$PYTHON" -c "import sys, numpy as np; np.savez(sys.argv[1], $1)" "$STORE"
}

# Mounted at $MNT, the archive of this name in the reference store.
mount_reference() {
  need_shared
  mount_store "$NUMPYSTORE/store_$1.tmp.rank-0.npz"
}

log_has() {
  grep -q -F -- "$1" "$MNT/.expfs/log" || { cat "$MNT/.expfs/log"; return 1; }
}

# --- reading -----------------------------------------------------------------------------------------------------

@test "every array that NumPy reads of the reference archives is the same in the mount" {
  need_shared
  local file n=0
  for file in "$NUMPYSTORE"/*.npz; do
    mount_store "$file" 2>/dev/null || continue
    [[ $file == *bad_empty_file* ]] || run -0 "$PYTHON" "$BATS_TEST_DIRNAME/numpy_mount.py" "$file" "$MNT"
    "$EXPFS" unmount "$MNT"
    n=$((n + ${output%% *}))
  done
  [ "$n" -gt 380 ]
}

@test "a member with a wrong CRC is an I/O error that the log explains; the others are read" {
  mount_reference bad_crc
  not cat "$MNT/x"
  log_has "bad CRC-32 for member 'x.npy'"
  run -0 cat "$MNT/"[!x]*
  [ -n "$output" ]
}

@test "the CRC of a very long stored member is checked by who reads all of it" {
  "$PYTHON" -c "
import sys, numpy as np
np.savez(sys.argv[1], x=np.zeros(34 << 20))
with open(sys.argv[1], 'r+b') as f:
    f.seek(200 << 20); f.write(b'damage')" "$STORE"
  run -1 "$EXPFS" check "$STORE"
  [[ $output == *"bad CRC-32 for member 'x.npy'"* ]]
  mount_store "$STORE"
  [ "$(cat "$MNT/x[0]")" = 0.0 ]
}

@test "damaged, foreign and cut off members and archives are refused with the reason" {
  mount_reference bad_short
  not cat "$MNT"/*
  log_has "ends within its elements"
  "$EXPFS" unmount "$MNT"
  mount_reference bad_v9
  not cat "$MNT/bad"
  log_has "no NPY file of version 1, 2 or 3 begins so"
  "$EXPFS" unmount "$MNT"
  run -1 mount_store "$NUMPYSTORE/store_bad_truncated.tmp.rank-0.npz"
  [[ $output == *"cut off"* ]]
}

@test "an array of objects cannot be read, and nothing of it runs" {
  mount_reference objects
  run ! cat "$MNT/obj" "$MNT/none" "$MNT"/*
  log_has "cannot be stored"
}

@test "a stored array is read from the archive where it lies, and mapped" {
  save 'x=np.arange(100000.)'
  mount_store "$STORE"
  "$PYTHON" -c "
import sys, numpy as np
x = np.load(sys.argv[1], mmap_mode='r')
assert x[99999] == 99999 and x.sum() == 99999 * 50000.0" "$MNT/x.npy"
  [ "$(tail -n 1 "$MNT/x" | tr -d ' ')" = 99999.0 ]
}

@test "compressed members are read at any place, in Fortran order too" {
  "$PYTHON" -c "
import sys, numpy as np
x = np.arange(60000).reshape(200, 300)
np.savez_compressed(sys.argv[1], c=x, f=np.asfortranarray(x))" "$STORE"
  mount_store "$STORE"
  cmp "$MNT/c" "$MNT/f"
  [ "$(cat "$MNT/f[199,299]")" = 59999 ]
  [ "$(cat "$MNT/f[::100,298:]" | tr -s ' \t\n' ' ')" = " 298 299 30298 30299 " ]
  [ "$(getfattr --only-values -n user.expfs.filters "$MNT/c")" = deflate ]
}

# Six members of 3 MB, packed by each method in turn: m0 ... m5; the byte that is wrong in m4 shows only in its CRC.
save_long_members() {
  "$PYTHON" - "$STORE" <<'CODE'
import io, struct, sys, zipfile, numpy as np
methods = [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
x = np.random.default_rng(1).integers(0, 50, 400000)
with zipfile.ZipFile(sys.argv[1], "w") as z:
    for i in range(6):
        npy = io.BytesIO()
        np.save(npy, x + i)
        z.writestr(f"m{i}.npy", npy.getvalue(), methods[i % 3], 1)
    at = z.infolist()[4].header_offset
with open(sys.argv[1], "r+b") as f:
    whole = bytearray(f.read())
    for name_at in (at + 14, whole.index(b"m4.npy", at + 100) - 46 + 16):
        whole[name_at] ^= 1
    f.seek(0); f.write(whole)
CODE
}

# Reads all, several at once, in several orders; x is what NumPy has.
read_long_members() {
  "$PYTHON" - "$MNT" <<'CODE'
import errno, random, sys, threading, numpy as np
x, wrong = np.random.default_rng(1).integers(0, 50, 400000), []

def read(seed):
    order = list(range(6)) * 3
    random.Random(seed).shuffle(order)
    for i in order:
        try:
            if seed % 2:
                same = np.array_equal(np.load(f"{sys.argv[1]}/m{i}.npy"), x + i)
            else:
                with open(f"{sys.argv[1]}/m{i}.raw", "rb", 0) as f:
                    f.seek(8 * (at := 1000 * seed))
                    same = np.frombuffer(f.read(8 * 5000), "<i8").tolist() == (x + i)[at:at + 5000].tolist()
            if not same or i == 4:
                wrong.append(f"m{i} differs or is read")
        except OSError as error:
            if i != 4 or error.errno != errno.EIO:
                wrong.append(f"m{i}: {error}")

threads = [threading.Thread(target=read, args=(seed,)) for seed in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit("\n".join(wrong) or 0)
CODE
}

@test "members that are longer than the cache are unpacked into files, several at once, and one with a wrong CRC is EIO" {
  save_long_members
  mount_store "$STORE" -o cache=1M
  read_long_members
  log_has "bad CRC-32 for member 'm4.npy'"
}

@test "members that fit into the cache are handed over from there, also while they are pushed out of it" {
  save_long_members
  mount_store "$STORE" -o cache=8M
  read_long_members
  log_has "bad CRC-32 for member 'm4.npy'"
}

@test "a packed member that ends before its directory entry says is an error, at any size" {
  save_long_members
  "$PYTHON" - "$STORE" <<'CODE'
import sys
with open(sys.argv[1], "r+b") as f:
    whole = bytearray(f.read())
    for name in (b"m0.npy", b"m1.npy", b"m2.npy"):
        entry = whole.rindex(name) - 46
        size = int.from_bytes(whole[entry + 24:entry + 28], "little")
        whole[entry + 24:entry + 28] = (size + 1000).to_bytes(4, "little")
    f.seek(0); f.write(whole)
CODE
  local cache
  for cache in 1M 64M; do
    mount_store "$STORE" -o "cache=$cache"
    not cat "$MNT/m0.raw"
    not cat "$MNT/m1.raw"
    not cat "$MNT/m2.raw"
    run -0 cat "$MNT/m3[0]"
    "$EXPFS" unmount "$MNT"
  done
}

@test "a single NPY file is a store of one value" {
  "$PYTHON" -c "import sys, numpy as np; np.save(sys.argv[1], np.arange(6).reshape(2, 3))" "$BATS_TEST_TMPDIR/x.npy"
  mount_store "$BATS_TEST_TMPDIR/x.npy"
  cmp "$MNT/value.npy" "$BATS_TEST_TMPDIR/x.npy"
}

# --- writing -----------------------------------------------------------------------------------------------------

@test "an archive is made from nothing with mkdir, cp, echo and seq, and NumPy reads it" {
  "$EXPFS" create npz "$STORE"
  [ "$(numpy 'print(a.files)')" = "[]" ]
  mount_rw
  echo 42 >"$MNT/answer"
  echo hello >"$MNT/text"
  mkdir "$MNT/group"
  seq 5 >"$MNT/group/rows"
  "$PYTHON" -c "
import sys, numpy as np
np.save(sys.argv[1], np.array([(1, 2.5, 'a'), (3, 4.5, 'bc')], [('i', '<i4'), ('f', '<f8'), ('s', 'U3')]))
np.save(sys.argv[2], np.arange(24, dtype='>i2').reshape(2, 3, 4))" "$BATS_TEST_TMPDIR/t.npy" "$BATS_TEST_TMPDIR/b.npy"
  cp "$BATS_TEST_TMPDIR/t.npy" "$MNT/table.npy"
  cp "$BATS_TEST_TMPDIR/b.npy" "$MNT/big.npy"
  "$EXPFS" unmount "$MNT"
  numpy "
assert a.files == ['answer', 'text', 'group/rows', 'table', 'big'], a.files
assert a['answer'] == 42 and a['text'] == 'hello' and a['group/rows'].tolist() == [1, 2, 3, 4, 5]
assert a['table'].tolist() == [(1, 2.5, 'a'), (3, 4.5, 'bc')] and a['table'].dtype.names == ('i', 'f', 's')
assert a['big'].dtype.str == '>i2' and a['big'].tolist() == np.arange(24).reshape(2, 3, 4).tolist()
import zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None"
}

@test "members are appended to, changed in place, renamed, replaced and removed; the others stay as they are" {
  save 'x=np.arange(4), y=np.ones(3), z=np.zeros(2), kept=np.arange(9.)'
  mount_rw
  echo 4 >>"$MNT/x"
  printf '%s\n' 7.5 | dd of="$MNT/y" conv=notrunc status=none 2>/dev/null || true
  "$PYTHON" -c "
import struct, sys
with open(sys.argv[1], 'r+b') as f:
    f.seek(8); f.write(struct.pack('<d', 2.5))" "$MNT/y.raw"
  rm "$MNT/z"
  mv "$MNT/kept" "$MNT/moved"
  "$EXPFS" unmount "$MNT"
  numpy "
assert sorted(a.files) == ['moved', 'x', 'y'], a.files
assert a['x'].tolist() == [0, 1, 2, 3, 4] and a['y'][1] == 2.5 and a['moved'].tolist() == list(range(9))"
}

@test "whoever has the archive open goes on reading what it was" {
  save 'x=np.arange(1000)'
  mount_rw
  "$PYTHON" -c "
import os, sys, numpy as np
a = np.load(sys.argv[1])
with open(sys.argv[2], 'w') as f:
    f.write('1\n2\n')
os.sync()
f = os.open(sys.argv[2], os.O_RDONLY); os.fsync(f)
assert a['x'].sum() == 499500 and np.load(sys.argv[1])['x'].tolist() == [1, 2]" "$STORE" "$MNT/x"
}

@test "what is synced is in the archive at once, what is not is lost with the process and the archive stays whole" {
  save 'x=np.arange(3)'
  mount_rw commit=0
  echo 1 >"$MNT/synced"
  sync "$MNT/synced"
  [ "$(numpy 'print(a["synced"])')" = 1 ]
  echo 2 >"$MNT/lost"
  kill -9 "$(mount_pid "$MNT")"
  umount -l "$MNT"
  [ "$(numpy 'print(sorted(a.files))')" = "['synced', 'x']" ]
}

@test "an archive that another program replaced meanwhile is not written over" {
  save 'x=np.arange(3)'
  mount_rw commit=0
  echo 1 >"$MNT/mine"
  save 'theirs=np.arange(2)'
  not sync "$MNT/mine"
  log_has "was changed by another program"
  [ "$(numpy 'print(a.files)')" = "['theirs']" ]
}

@test "a second writer is told who holds the archive" {
  save 'x=np.arange(3)'
  mount_rw
  run -1 mount_at "$BATS_TEST_TMPDIR/second" "$STORE" -o rw
  [[ $output == *"being written by process $(mount_pid "$MNT")"* ]]
}

@test "what an archive cannot hold is refused, and nothing else is lost" {
  save 'x=np.arange(3)'
  mount_rw
  not setfattr -n user.unit -v m "$MNT/x"
  not ln -s x "$MNT/link"
  not ln "$MNT/x" "$MNT/hard"
  [ "$(cat "$MNT/x" | wc -l)" = 3 ]
}

@test "new members are packed where the mount says so" {
  "$EXPFS" create npz "$STORE"
  mount_rw complib=zlib,complevel=6
  seq 10000 >"$MNT/x"
  "$EXPFS" unmount "$MNT"
  numpy "
import zipfile
assert zipfile.ZipFile(sys.argv[1]).infolist()[0].compress_type == 8 and a['x'].sum() == 50005000"
}

@test "more members than 16 bits count are read and written" {
  "$PYTHON" -c "
import io, sys, zipfile, numpy as np
b = io.BytesIO(); np.save(b, np.array(7)); b = b.getvalue()
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for i in range(66000):
        z.writestr('m%d.npy' % i, b)" "$STORE"
  mount_rw
  [ "$(cat "$MNT/m65999")" = 7 ]
  echo 8 >"$MNT/m65999"
  "$EXPFS" unmount "$MNT"
  [ "$(numpy 'print(len(a.files), a["m65999"], a["m0"])')" = "66000 8 7" ]
}

@test "moments, spans of time and the width of texts stay what they are, in fields too" {
  "$PYTHON" -c '
import sys, numpy as np
counts = np.array([0, 1, -1, -719162, -800000, 2**62, 2**63 - 1, -2**63 + 1, -2**63, 9 * 10**12], "i8")
members = {"u": np.array(["a", ""], "<U7"), "none": np.zeros(0, "<U4")}
for unit in "Y M W D h m s ms us ns 25s 7D 2147483647ns ps".split():
    for kind in "Mm":
        for order in "<>":
            dtype = f"{order}{kind}8[{unit}]"
            members[dtype[1:] + {"<": "", ">": "-big"}[order]] = counts.astype(order + "i8").view(dtype)
            members["f" + dtype[1:] + {"<": "", ">": "-big"}[order]] = np.zeros(2, [("a", dtype), ("u", "<U3"), ("i", "i4")])
np.savez(sys.argv[1], **members)' "$STORE"
  cp "$STORE" "$STORE.old"
  mount_rw
  "$PYTHON" -c '
import sys, numpy as np
for name, array in np.load(sys.argv[1]).items():
    path = f"{sys.argv[2]}/{name}"
    got = np.load(path + ".npy")
    assert got.dtype == array.dtype and got.tobytes() == array.tobytes(), (name, array, got)
    if array.dtype.names is None and array.size:
        text = open(path).read()
        open(path, "w").write(text)                 # the same values, through their text
        with open(path + ".npy", "r+b") as f:       # and the first element in place
            f.seek(128)
            f.write(array[1:2].tobytes())
    elif array.size:
        with open(path + ".npy", "r+b") as f:
            f.seek(-array.dtype.itemsize, 2)
            f.write(np.array([5], array.dtype["a"].str[0] + "i8").tobytes())' "$STORE.old" "$MNT"
  run -1 sh -c "echo yesterday >>'$MNT/M8[D]'"
  mkdir "$MNT/copies"
  cp -a "$MNT/M8[ns]" "$MNT/m8[s]" "$MNT/fM8[D]" "$MNT/copies"
  "$EXPFS" unmount "$MNT"
  "$PYTHON" -c '
import sys, numpy as np
old, new = np.load(sys.argv[1]), np.load(sys.argv[2])
for name, array in old.items():
    assert new[name].dtype == array.dtype, (name, new[name])
    array = array.copy()
    if array.size and array.dtype.names is None:
        array[0] = array[1]
    elif array.size:
        array["a"].view(array.dtype["a"].str[0] + "i8")[1] = 5
    assert new[name].tobytes() == array.tobytes(), (name, array, new[name])
for name in "M8[ns]", "m8[s]", "fM8[D]":
    assert new["copies/" + name].dtype.fields == new[name].dtype.fields or name[0] == "f", name
    assert new["copies/" + name]["a" if name[0] == "f" else ...].tobytes() \
        == new[name]["a" if name[0] == "f" else ...].tobytes(), name' "$STORE.old" "$STORE"
}

@test "a comment behind an archive may hold whatever bytes" {
  "$PYTHON" -c '
import sys, numpy as np
np.savez(sys.argv[1], x=np.arange(3))
data = open(sys.argv[1], "rb").read()
open(sys.argv[1], "wb").write(data[:-2] + (30).to_bytes(2, "little") + b"PK\5\6" + bytes(26))' "$STORE"
  mount_store "$STORE"
  [ "$(paste -s -d ' ' "$MNT/x")" = "0 1 2" ]
}

# --- a single array ----------------------------------------------------------------------------------------------

# save_one 'ARRAY': an NPY file that NumPy writes, which is $STORE from here on.
save_one() {
  STORE=$BATS_TEST_TMPDIR/one.npy
  "$PYTHON" -c "import sys, numpy as np; np.save(sys.argv[1], $1)" "$STORE"
}

@test "an NPY file begins as an array of nothing, and is of the type and shape of what is written first" {
  local made n=0
  while read -r made; do
    STORE=$BATS_TEST_TMPDIR/made$((++n)).npy
    "$EXPFS" create npy "$STORE"
    numpy "assert a.shape == (0,)"
    mount_rw
    [ "$(ls "$MNT")" = value ]
    [ -z "$(cat "$MNT/value")" ]
    case $made in
      text) printf 'a\nbcd\n' >"$MNT/value" ;;
      numbers) seq 5 >>"$MNT/value" ;;
      table)
        "$PYTHON" -c "
import sys, numpy as np
np.save(sys.argv[1], np.array([(1, 2.5, 'a'), (3, 4.5, 'bc')], [('i', '>i4'), ('f', '<f8'), ('s', 'U3')]))" \
          "$BATS_TEST_TMPDIR/t.npy"
        cp "$BATS_TEST_TMPDIR/t.npy" "$MNT/value.npy"
        ;;
      nothing) touch "$MNT/value" ;;
    esac
    "$EXPFS" unmount "$MNT"
    "$EXPFS" check "$STORE"
    case $made in
      text) numpy "assert a.dtype == '<U3' and a.tolist() == ['a', 'bcd'], a" ;;
      numbers) numpy "assert a.dtype == '<i8' and a.tolist() == [1, 2, 3, 4, 5], a" ;;
      table) cmp "$STORE" "$BATS_TEST_TMPDIR/t.npy" ;;
      nothing) numpy "assert a.shape == (0,)" ;;
    esac
  done <<<$'text\nnumbers\ntable\nnothing'
  run -1 "$EXPFS" create npy "$STORE"
  [[ $output == *"exists"* || $output == *"there already"* ]]
}

@test "an NPY file is overwritten, changed in place, appended to and cut, and keeps its type" {
  save_one "np.arange(12, dtype='>i2').reshape(4, 3)"
  mount_rw
  "$PYTHON" -c "
import sys, numpy as np
a = np.load(sys.argv[1], mmap_mode='r+')
a[1, 2] = 500
a.flush()" "$MNT/value.npy"
  printf '\001\002' | dd of="$MNT/value.raw" bs=2 seek=6 conv=notrunc status=none
  printf '20\t21\t22\n' >>"$MNT/value"
  truncate -s 36 "$MNT/value.raw"
  "$EXPFS" unmount "$MNT"
  numpy "
assert a.dtype.str == '>i2' and a.tolist() \
    == [[0, 1, 2], [3, 4, 500], [258, 7, 8], [9, 10, 11], [20, 21, 22], [0, 0, 0]], a"
  mount_rw
  "$PYTHON" -c "import sys, numpy as np; np.save(sys.argv[1], np.arange(6).reshape(2, 3))" "$BATS_TEST_TMPDIR/x.npy"
  cp "$BATS_TEST_TMPDIR/x.npy" "$MNT/value.npy"
  run ! sh -c "echo word >'$MNT/value'"
  log_has "word"
  [ "$(cat "$MNT/value[1,2]")" = 5 ]
  "$EXPFS" unmount "$MNT"
  numpy "assert a.dtype.str == '>i2' and a.tolist() == [[0, 1, 2], [3, 4, 5]], a"
}

@test "an array in Fortran order goes on lying so, also one that does not fit into memory at once, and of any rank" {
  local shape
  for shape in "3, 4" "5, 2, 3" "2, 3, 4, 5" "3000, 2500" "3, 2000000" "2000000, 3" "0, 4" "7,"; do
    save_one "np.asfortranarray(np.arange(np.prod(($shape)), dtype=float).reshape($shape))"
    mount_rw
    "$PYTHON" -c "
import struct, sys
if len(sys.argv) > 2:
    with open(sys.argv[1], 'r+b') as f:
        f.seek(8); f.write(struct.pack('<d', -1))" "$MNT/value.raw" $([ "$shape" = "0, 4" ] || echo 1)
    [ "$shape" != "0, 4" ] || printf '1\t2\t3\t4\n' >>"$MNT/value"
    "$EXPFS" unmount "$MNT"
    numpy "
want = np.arange(np.prod(($shape)), dtype=float)
want[1:2] = -1
want = want.reshape($shape) if a.shape != (1, 4) else np.array([[1, 2, 3, 4.]])
assert np.array_equal(a, want), a
assert a.shape == (1, 4) or a.ndim == 1 or (a.flags.f_contiguous and b'True' in open(sys.argv[1], 'rb').read(128))"
  done
}

@test "an NPY file is one array: another one, other names, attributes and links are refused with the reason" {
  save_one "np.arange(3)"
  mount_rw
  not sh -c "echo 1 >'$MNT/other'"
  log_has "an npy file is one array, 'value'"
  not mkdir "$MNT/group"
  run ! rm "$MNT/value"
  [[ $output == *"not permitted"* ]]
  log_has "which cannot be removed or renamed"
  not mv "$MNT/value" "$MNT/other"
  not setfattr -n user.unit -v m "$MNT/value"
  log_has "an npy file has no attributes"
  not ln -s value "$MNT/link"
  not ln "$MNT/value" "$MNT/hard"
  [ "$(ls "$MNT")" = value ]
  echo 3 >>"$MNT/value"
  "$EXPFS" unmount "$MNT"
  numpy "assert a.tolist() == [0, 1, 2, 3]"
}

@test "an NPY file is replaced whole, by one writer, and never over what another program wrote" {
  save_one "np.arange(3)"
  mount_rw commit=0
  run -1 mount_at "$BATS_TEST_TMPDIR/second" "$STORE" -o rw
  [[ $output == *"being written by process $(mount_pid "$MNT")"* ]]
  "$PYTHON" -c "
import os, sys, numpy as np
old = np.load(sys.argv[1], mmap_mode='r')
with open(sys.argv[2], 'a') as f:
    f.write('3\n')
    f.flush()
    os.fsync(f.fileno())
assert old.tolist() == [0, 1, 2] and np.load(sys.argv[1]).tolist() == [0, 1, 2, 3]" "$STORE" "$MNT/value"
  echo 4 >>"$MNT/value"
  kill -9 "$(mount_pid "$MNT")"
  umount -l "$MNT"
  numpy "assert a.tolist() == [0, 1, 2, 3]"
  mount_rw commit=0
  echo 4 >>"$MNT/value"
  save_one "np.array(['theirs'])"
  not sync "$MNT/value"
  log_has "was changed by another program"
  numpy "assert a.tolist() == ['theirs']"
}

# --- keys --------------------------------------------------------------------------------------------------------

@test "a NumpyStore is mounted by its base path: keys, ranks, arrays" {
  need_shared
  mount_store "$NUMPYSTORE/store"
  [ "$(ls "$MNT/plain3")" = "$(printf 'rank-0\nrank-1\nrank-2')" ]
  "$PYTHON" -c "
import sys, numpy as np
for r in range(3):
    a = np.load(f'{sys.argv[1]}/store_plain3.tmp.rank-{r}.npz')
    for name in a.files:
        assert (np.load(f'{sys.argv[2]}/plain3/rank-{r}/{name}.npy') == a[name]).all()" "$NUMPYSTORE" "$MNT"
  not ls "$MNT/bad_truncated/rank-0"
  [ -n "$(cat "$MNT/plain/rank-0/x")" ]
}

@test "a NumpyStore is made from nothing: set, get, pop and remove are mkdir, cp and rm" {
  local base=$BATS_TEST_TMPDIR/keys
  mount_store "$base" -o rw,format=npz
  mkdir -p "$MNT/positions/rank-0" "$MNT/positions/rank-1"
  seq 3 >"$MNT/positions/rank-0/x"
  seq 4 >"$MNT/positions/rank-1/x"
  cp -r "$MNT/positions" "$MNT/copy"
  not mkdir "$MNT/positions/other"
  not sh -c "echo 1 >'$MNT/here'"
  "$EXPFS" unmount "$MNT"
  "$PYTHON" -c "
import sys, numpy as np
for key in 'positions', 'copy':
    assert [len(np.load(f'{sys.argv[1]}_{key}.tmp.rank-{r}.npz')['x']) for r in (0, 1)] == [3, 4]" "$base"
  mount_store "$base" -o rw
  rm -r "$MNT/copy"
  mv "$MNT/positions" "$MNT/p"
  "$EXPFS" unmount "$MNT"
  [ "$(cd "$BATS_TEST_TMPDIR" && ls keys_*)" = "$(printf 'keys_p.tmp.rank-0.npz\nkeys_p.tmp.rank-1.npz')" ]
}
