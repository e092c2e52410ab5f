# made: stores that the real programs wrote are made again from nothing, with mkdir, cp, echo and setfattr; other readers
# find in both just the same. (Packet files are made by `expfs convert`: larpix.bats compares them.)
load common

setup() {
  common_setup
  need_shared
  STORES=$EXPFS_SHARED/stores
  PARTS=$BATS_TEST_TMPDIR/parts
  STORE=$BATS_TEST_TMPDIR/store
}

made() {
  "$PYTHON" "$BATS_TEST_DIRNAME/made.py" "$@"
}

# make FORMAT STORE DIRECTORY: what the store consists of, in a directory of the mount.
make() {
  local verb path one two
  rm -rf "$PARTS"
  mkdir -p "$PARTS"
  made take "$1" "$2" "$PARTS" >"$BATS_TEST_TMPDIR/parts.txt"
  while IFS=$'\t' read -r verb path one two; do
    case $verb in
      mkdir) mkdir "$3/$path" ;;
      cp) mkdir -p "$(dirname "$3/$path")" && cp "$one" "$3/$path.npy" ;;
      setfattr) setfattr -n "user.$one" -v "$two" "$3/$path" ;;
    esac
  done <"$BATS_TEST_TMPDIR/parts.txt"
}

# again FORMAT STORE: made, and compared.
again() {
  echo "--- $2"
  rm -rf "$STORE"
  "$EXPFS" create "$1" "$STORE"
  mount_rw
  make "$1" "$2" "$MNT"
  "$EXPFS" unmount "$MNT"
  made same "$1" "$2" "$STORE"
}

@test "npz archives of NumPy" {
  local name
  for name in compressed dtypes plain shapes structured versions zip64_local; do
    again npz "$STORES/numpystore/store_$name.tmp.rank-0.npz"
  done
}

@test "all ranks of a key of a NumpyStore, by its base path" {
  local rank
  mount_store "$STORE" -o rw,format=npz
  for rank in 0 1 2; do
    mkdir -p "$MNT/plain3/rank-$rank"
    make npz "$STORES/numpystore/store_plain3.tmp.rank-$rank.npz" "$MNT/plain3/rank-$rank"
  done
  "$EXPFS" unmount "$MNT"
  for rank in 0 1 2; do
    made same npz "$STORES/numpystore/store_plain3.tmp.rank-$rank.npz" "${STORE}_plain3.tmp.rank-$rank.npz"
  done
}

@test "GenericIO files of the library" {
  local name
  for name in lib_types store_pos_0 store_one_row store_empty new_bigger_headers octree_off; do
    again genericio "$STORES/genericio/$name.tmp.gio"
  done
}

@test "keys of a GenericIOStore, by its base path" {
  local key
  mount_store "$STORE" -o rw,format=genericio
  for key in pos_0 one_row one_type_each; do
    mkdir "$MNT/$key"
    make genericio "$STORES/genericio/store_$key.tmp.gio" "$MNT/$key"
  done
  "$EXPFS" unmount "$MNT"
  for key in pos_0 one_row one_type_each; do
    made same genericio "$STORES/genericio/store_$key.tmp.gio" "${STORE}_$key.tmp.gio"
  done
}

@test "HMF stores, their maps and data files" {
  local name
  for name in doc reopened arrays empty replaced_group; do
    again hmf "$STORES/hmf/$name"
  done
}

@test "LArPix raw files" {
  local name version
  for name in pacman_30 doc_two appended_thrice one_big_message zero_length io_1_2 empty_io; do
    echo "--- $name"
    rm -f "$STORE"
    version=$("$PYTHON" -c 'import h5py, sys; print(h5py.File(sys.argv[1])["meta"].attrs.get("io_version", ""))' \
      "$STORES/larpix/$name.h5")
    "$EXPFS" create larpix-raw "$STORE" ${version:+--io-version "$version"}
    mount_rw
    "$PYTHON" -c '
import h5py, sys
f = h5py.File(sys.argv[1])
for message, header in zip(f["msgs"], f["msg_headers"]):
    print(bytes(message).hex(), header[0], sep="\t")' "$STORES/larpix/$name.h5" >>"$MNT/msgs"
    "$EXPFS" unmount "$MNT"
    made same larpix-raw "$STORES/larpix/$name.h5" "$STORE"
  done
}
