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

@test "a large directory lists whole and in order again after rewinddir and seekdir" {
  perl -e '
    opendir(my $d, $ARGV[0]) or die;
    my @first = map { scalar readdir $d } 1 .. 1000;
    my $place = telldir $d;
    my @rest = readdir $d;
    die "lists @{[@first + @rest]} names" if @first + @rest != 50002;
    seekdir $d, $place;
    die "other names after seekdir" if join("/", readdir $d) ne join("/", @rest);
    rewinddir $d;
    die "other names after rewinddir" if join("/", readdir $d) ne join("/", @first, @rest);
  ' "$MNT/flat"
}

@test "two who read one open directory do not hide names from others" {
  perl -e '
    opendir(my $d, $ARGV[0]) or die;
    readdir $d;
    if (fork == 0) { while (readdir $d) {}; exit 0 }
    while (readdir $d) {};
    wait;
    exit $?;
  ' "$MNT/flat"
  is 50000 "$(ls -U "$MNT/flat" | sort -u | wc -l)"
}

@test "an object that was listed takes at most 400 bytes" {
  local before after
  before=$(awk '$1 == "memory_bytes" { print $2 }' "$MNT/.expfs/stats")
  ls -lR "$MNT" >/dev/null
  after=$(awk '$1 == "memory_bytes" { print $2 }' "$MNT/.expfs/stats")
  [ $((after - before)) -lt 40000000 ]
}
