# stats: .expfs/stats says what was asked for and what that took; nothing is asked for or done twice.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/store.h5" latest <<'PY'
values = np.random.default_rng(0).normal(size=4 * 1024 * 1024).astype("f4")
f.create_dataset("gz", data=values, chunks=(65536,), compression=1)
for g in range(4):
    group = f.create_group("g%d" % g)
    for i in range(100):
        group["x%02d" % i] = [i * 0.5, i, "text %d" % i][i % 3]
PY
}

setup() {
  common_setup
  mount_store "$BATS_FILE_TMPDIR/store.h5" -o cache=4M
}

stat_of() {
  awk -v name="$1" '$1 == name { print $2 }' "$MNT/.expfs/stats"
}

@test "reading a dataset larger than the cache from start to end decodes each chunk once" {
  is 16777216 "$(wc -c <"$MNT/gz.raw")"
  cat "$MNT/gz.raw" >/dev/null
  is 64 "$(stat_of chunks_decoded)"
  [ "$(stat_of cache_bytes)" -le 4194304 ]
}

@test "a small file takes one request to read" {
  ls -l "$MNT/g0" >/dev/null
  local opened read
  cat "$MNT/g0/x01" >/dev/null
  opened=$(stat_of operations_open) read=$(stat_of operations_read)
  cat "$MNT"/g0/x?[2-9] >/dev/null
  is $((read + 81)) "$(stat_of operations_read)" # and that of the counters
  is "$opened" "$(stat_of operations_open)"
}

@test "the kernel answers what was asked for before" {
  local before decoded
  grep -r -c . "$MNT" >"$BATS_TEST_TMPDIR/first"
  find "$MNT" -size +0 >/dev/null
  before=$(stat_of operations_readdirplus) before+=" $(stat_of described)" decoded=$(stat_of bytes_decoded)
  grep -r -c . "$MNT" >"$BATS_TEST_TMPDIR/again"
  find "$MNT" -size +0 >/dev/null
  is "$before" "$(stat_of operations_readdirplus) $(stat_of described)"
  # The kernel may take back some pages of what it has read at any time.
  [ "$(stat_of bytes_decoded)" -lt $((decoded + decoded / 16)) ]
  cmp "$BATS_TEST_TMPDIR/first" "$BATS_TEST_TMPDIR/again"
}

@test "opening and closing files that are only read asks nothing" {
  local name
  cat "$MNT"/g0/* "$MNT"/g1/* >/dev/null
  for name in open flush release; do
    [ "$(stat_of operations_$name)" -le 1 ]
  done
}

@test "time is counted with the requests" {
  cat "$MNT/gz" >/dev/null
  [ "$(stat_of microseconds_read)" -gt 0 ]
  is 0 "$(stat_of microseconds_readlink)"
  awk '$1 == "operations" { n = $2 } /^operations_/ { sum += $2 } END { exit n != sum }' "$MNT/.expfs/stats"
}

@test "the man page tells what each number is" {
  local name
  while read -r name _; do
    case $name in operations_* | microseconds_*) continue ;; esac
    grep -q -E "(^| )$name\b" <(sed -n '/expfs\/stats/,/expfs\/log/p' "$TOP/fs/expfs.1") || { echo "$name"; false; }
  done <"$MNT/.expfs/stats"
}
