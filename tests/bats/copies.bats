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
datasets = [name for name in f if isinstance(f[name], h5py.Dataset) and name != "references"]
late = f.create_group("a/b")
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
  tar) tar --xattrs --xattrs-include='user.*' -C "$2" --sort=name -cf - . | tar --xattrs --xattrs-include='user.*' -C "$3" -xf - ;;
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
