# copies: whole stores copied from mount to mount, by way of a plain directory and back, with cp -a, rsync -aX and tar:
# the trees are the same with all their extended attributes, and the stores object by object as h5py has them.
load common

# A file with datasets of every type, and each value as an attribute as well: of the root, and of a group and a dataset.
setup_file() {
  $PYTHON "$BATS_TEST_DIRNAME/../c/written_types.py" make "$BATS_FILE_TMPDIR/types.h5" "libver='latest'"
  $PYTHON - "$BATS_FILE_TMPDIR/types.h5" <<'PY'
import sys
import h5py, numpy as np
from h5py import h5a, h5r, h5s, h5t

f = h5py.File(sys.argv[1], "a", libver="latest")
del f["odd"]  # a number of 20 bits: read, and so copied, as the next one that holds it
datasets = [name for name in f if isinstance(f[name], h5py.Dataset)]
late = f.create_group("a/b")  # references to what is copied later
f.create_dataset("a/references", (3,), h5py.ref_dtype)[...] = [f["vlen"].ref, f["a/b"].ref, f["a"].ref]
for where in f, late, f.create_dataset("group/x", data=[1, 2]):
    for name in datasets:
        d = f[name].id
        space, kind = d.get_space(), d.get_type()
        attribute = h5a.create(where.id, b"a " + name.encode(), kind, space)
        if space.get_simple_extent_type() != h5s.NULL and d.shape != (0, 3):
            if kind.get_class() == h5t.BITFIELD:
                attribute.write(np.array([1, 0xFFFF, 0x8000], ">u2"), mtype=kind)
            elif kind.get_class() == h5t.ARRAY:
                attribute.write(f[name][()], mtype=h5t.py_create(d.dtype))
            else:
                attribute.write(np.asarray(f[name][()], d.dtype))
    a = where.attrs
    a["one"] = np.array([1])
    a["int32"] = np.int32(-1)
    a["uint8"] = np.uint8(255)
    a["float32"] = np.float32(0.1)
    a["big-endian"] = np.array([1.5, 2], ">f8")
    a["true"] = True
    a["word"] = "007"
    a["list of words"] = np.array(["1", "2"], h5py.string_dtype())
    a["fixed"] = np.bytes_("1e5")
    a["float as int"] = 2.0
    a["no elements"] = np.zeros((2, 0), "u2")
    a["json"] = '{"a": [1, 2]}'
    a["list"] = "[1, 2]"
    a["empty"] = ""
    a["rows"] = np.array([(1, "x"), (2, "y" * 300)], [("k", "<i4"), ("name", h5py.string_dtype())])
PY
}

setup() {
  common_setup
  FROM=$BATS_TEST_TMPDIR/from
}

trees() {
  (cd "$1" && find . ! -type l -print0 | LC_ALL=C sort -z |
    xargs -0 -r getfattr -d -e base64 -m '^user' | grep -v '^user.expfs.\(chunks\|filters\|storage\)=')
}

same_tree() {
  diff <(trees "$1") <(trees "$2")
  diff -r --no-dereference "$1" "$2"
}

copy() {
  case $1 in
  cp) cp -a "$2/." "$3" ;;
  rsync) rsync -aXH "$2/" "$3/" ;;
  tar) tar --xattrs --xattrs-include='user.*' -C "$2" -cf - . | tar --xattrs --xattrs-include='user.*' -C "$3" -xf - ;;
  esac
}

# From mount to mount, out of that into a plain directory, and from there into a third store.
round() {
  mount_at "$FROM" "$BATS_FILE_TMPDIR/types.h5"
  "$EXPFS" create hdf5 "$BATS_TEST_TMPDIR/one.h5"
  "$EXPFS" create hdf5 "$BATS_TEST_TMPDIR/two.h5"
  mount_at "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/one.h5" -o rw
  mount_at "$BATS_TEST_TMPDIR/two" "$BATS_TEST_TMPDIR/two.h5" -o rw
  copy "$1" "$FROM" "$BATS_TEST_TMPDIR/one"
  "$EXPFS" sync "$BATS_TEST_TMPDIR/one"
  same_tree "$FROM" "$BATS_TEST_TMPDIR/one"
  mkdir "$BATS_TEST_TMPDIR/plain"
  mount -t tmpfs none "$BATS_TEST_TMPDIR/plain"
  copy "$1" "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/plain"
  same_tree "$FROM" "$BATS_TEST_TMPDIR/plain"
  copy "$1" "$BATS_TEST_TMPDIR/plain" "$BATS_TEST_TMPDIR/two"
  "$EXPFS" unmount "$FROM" "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
  $PYTHON "$BATS_TEST_DIRNAME/../same_store.py" "$BATS_FILE_TMPDIR/types.h5" "$BATS_TEST_TMPDIR/one.h5"
  $PYTHON "$BATS_TEST_DIRNAME/../same_store.py" "$BATS_FILE_TMPDIR/types.h5" "$BATS_TEST_TMPDIR/two.h5"
}

@test "cp -a copies every type of datasets and attributes" { round cp; }
@test "rsync -aX copies every type of datasets and attributes" { round rsync; }
@test "tar --xattrs copies every type of datasets and attributes" { round tar; }

@test "references that never find their object stay text, and the log names them" {
  "$EXPFS" create hdf5 "$BATS_TEST_TMPDIR/s.h5"
  mount_store "$BATS_TEST_TMPDIR/s.h5" -o "rw,log=$BATS_TEST_TMPDIR/log"
  printf '/there\n/never\n' >"$MNT/pair"
  setfattr -n user.expfs.type -v '{"reference": "object"}' "$MNT/pair"
  setfattr -n user.expfs.shape -v '[2]' "$MNT/pair"
  echo /late >"$MNT/one"
  setfattr -n user.expfs.shape -v '[]' "$MNT/one"
  setfattr -n user.expfs.type -v '{"reference": "object"}' "$MNT/one"
  setfattr -n user.to -v /late "$MNT"
  setfattr -n user.gone -v /never "$MNT"
  setfattr -n user.expfs.attributes -v '{"to": {"type": {"reference": "object"}}, "gone": {"type": {"reference": "object"}}}' "$MNT"
  xattr_is "$MNT/one" expfs.type '{"string": "utf-8"}'
  mkdir "$MNT/there" "$MNT/late"
  "$EXPFS" sync "$MNT"
  xattr_is "$MNT/one" expfs.type '{"reference": "object"}'
  text_is "$MNT/one" '/late\n'
  xattr_is "$MNT" expfs.attributes '{"to": {"type": {"reference": "object"}}}'
  "$EXPFS" unmount "$MNT"
  grep -q "/pair: its references stay text.*'/never'" "$BATS_TEST_TMPDIR/log"
  grep -q "attribute 'gone' stay text.*'/never'" "$BATS_TEST_TMPDIR/log"
  is "/late /late ['/there' '/never']" "$($PYTHON -c '
import h5py, sys
f = h5py.File(sys.argv[1], "r")
print(f[f["one"][()]].name, f[f.attrs["to"]].name, f["pair"].asstr()[()])' "$BATS_TEST_TMPDIR/s.h5")"
}

# What each file of the HDF5 project has that a tree of files cannot bring along: FILE PATH, and why.
exceptions() {
  cat <<'LIST'
tarray3.h5 /Dataset1 arrays of arrays are read as one array of all axes
tattrreg.h5 /Dataset1 references to regions stay text
tcmpdattrintsize.h5 / an attribute of more than 64 KiB of text
tcompound.h5 /group1/type3 named datatypes are files of text
tcompound.h5 /type1 named datatypes are files of text
tcompound.h5 /type2 named datatypes are files of text
tcompound2.h5 /group1/type3 named datatypes are files of text
tcompound2.h5 /type1 named datatypes are files of text
tcompound2.h5 /type2 named datatypes are files of text
tdatareg.h5 /Dataset1 references to regions stay text
textlinktar.h5 /group/subgroup/link_to_group a directory has one name only
textlinktar.h5 /type named datatypes are files of text
tfilters.h5 /external its data cannot be read
tfilters.h5 /myfilter its data cannot be read
tfilters.h5 /mytype named datatypes are files of text
tfilters.h5 /nbit integers of 3 bits become those that hold them
thlink.h5 /g2 a directory has one name only
thlink.h5 /g3 a directory has one name only
tloop.h5 /g1/g1.1/g2.1 a directory has one name only
tloop.h5 /g2 a directory has one name only
tmany.h5 /g8/udlink a user-defined link
tsoftlinks.h5 /dtype named datatypes are files of text
tudfilter.h5 /dynlibud its data cannot be read
tudlink.h5 /udlink1 a user-defined link
tudlink.h5 /udlink2 a user-defined link
tvlstr.h5 /vl_string_type named datatypes are files of text
LIST
}

@test "cp -a of each file of the HDF5 project makes the same store, but for what files cannot be" {
  need_shared
  local file name
  for file in "$EXPFS_SHARED"/stores/hdf5-suite/*.h5; do
    name=${file##*/}
    # Names over 255 bytes, and files that are no stores by themselves.
    case $name in tlonglinks.h5 | tmulti-* | tsplit_file-*) continue ;; esac
    cp "$file" "$BATS_TEST_TMPDIR/from.h5"
    rm -f "$BATS_TEST_TMPDIR"/to.h5*
    "$EXPFS" create hdf5 "$BATS_TEST_TMPDIR/to.h5"
    mount_at "$FROM" "$BATS_TEST_TMPDIR/from.h5" -o format=hdf5
    mount_at "$MNT" "$BATS_TEST_TMPDIR/to.h5" -o rw,format=hdf5
    cp -a "$FROM/." "$MNT" 2>/dev/null || true
    wait_until 10 "$EXPFS" unmount "$FROM"
    wait_until 10 "$EXPFS" unmount "$MNT"
    $PYTHON "$BATS_TEST_DIRNAME/../same_store.py" "$BATS_TEST_TMPDIR/from.h5" "$BATS_TEST_TMPDIR/to.h5" 2>/dev/null |
      grep -v 'link: 64, now 1$' | sed "s#^#$name #" >>"$BATS_TEST_TMPDIR/differences" || true
  done
  # External links are symlinks that lead out of the mount.
  diff <(exceptions | cut -d ' ' -f 1,2) <(sed 's/: .*//' "$BATS_TEST_TMPDIR/differences" | sort -u)
}
