# write_names: names and links that are made, copied and refused.
load common

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/store.h5
  OTHER=$BATS_TEST_TMPDIR/other.h5
  make_store "$STORE" <<'PY'
f["x"] = np.arange(5, dtype="<f4")
PY
}

@test "a name that cannot be is refused with its reason in the log" {
  mount_store "$STORE" -o rw
  fails_with 'Invalid argument' mkdir "$MNT/%2E%252E"
  grep -q "no object can have the name '%2E%252E'" "$MNT/.expfs/log"
  fails_with 'not permitted' mkdir "$MNT/.expfs/directory"
  fails_with 'not permitted' rm -f "$MNT/x.npy"
  grep -q "x.npy' is made up from another name" "$MNT/.expfs/log"
}

@test "a name that pypet does not take is refused with its reason in the log" {
  need_shared
  cp "$EXPFS_SHARED/stores/pypet/minimal.hdf5" "$STORE"
  chmod u+w "$STORE"
  mount_store "$STORE" -o rw
  fails_with 'Invalid argument' mkdir "$MNT/mini/results/a b"
  grep -q "'a b' is no name for pypet: only letters" "$MNT/.expfs/log"
  fails_with 'Invalid argument' bash -c "echo 1 >'$MNT/mini/results/_x'"
  grep -q "'_x' is no name for pypet: it begins with" "$MNT/.expfs/log"
}
