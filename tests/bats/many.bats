# many: a store of 100,000 datasets is mounted and listed.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/many.h5" latest <<'PY'
space, t = h5s.create(h5s.SCALAR), h5t.NATIVE_INT32
flat = f.create_group("flat")
for i in range(50000):
    h5d.create(flat.id, b"d%05d" % i, t, space)
for g in range(100):
    group = f.create_group("deep/g%02d" % g)
    for i in range(500):
        h5d.create(group.id, b"d%03d" % i, t, space)
h5d.open(flat.id, b"d31415").write(h5s.ALL, h5s.ALL, np.array(31415, "i4"))
PY
}

setup() {
  common_setup
  mount_store "$BATS_FILE_TMPDIR/many.h5"
}

@test "all of them are listed, each once" {
  is 50000 "$(ls "$MNT/flat" | sort -u | wc -l)"
  is 50000 "$(ls -U "$MNT/flat" | wc -l)"
  is 50000 "$(find "$MNT/deep" -type f | sort -u | wc -l)"
}

@test "ls -lR sees all of them with sizes" {
  is 100000 "$(ls -lR "$MNT" | awk '/^-r/ && $5 > 0' | wc -l)"
}

@test "one is found without listing the others" {
  is 31415 "$(cat "$MNT/flat/d31415")"
  [ "$(awk '$1 == "described" { print $2 }' "$MNT/.expfs/stats")" -lt 100 ]
}

@test "mounting reads nothing that grows with the store" {
  [ "$(awk '$1 == "described" { print $2 }' "$MNT/.expfs/stats")" -lt 20 ]
}
