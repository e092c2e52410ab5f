# backup: pypet's message BACKUP, as `expfs backup`, beside the file that pypet made.
load pypet

# Two stores are the same, but for the title, which is the name of what pypet had in memory, and what is listed.
same() {
  "$PYTHON" "$TOP/tests/c/pypet_compare.py" "$1" "$2" /@TITLE "${@:3}"
}

@test "BACKUP: the file and its name are pypet's" {
  take multi_1_two
  is "copied alpha to $BATS_TEST_TMPDIR/backup_alpha.hdf5" "$("$EXPFS" backup "$STORE:alpha")"
  same "$BATS_TEST_TMPDIR/backup_alpha.hdf5" "$PYPET/multi_4_backup_of_alpha.hdf5"
  cmp "$STORE" "$PYPET/multi_1_two.hdf5"
  is $'backup_alpha.hdf5\nstore.hdf5' "$(cd "$BATS_TEST_TMPDIR" && echo *.hdf5* | tr ' ' '\n')"
}

@test "BACKUP backup_filename: links keep their targets, whatever is in the trajectory comes along" {
  take delete_before
  "$EXPFS" backup "$STORE:del" "$BATS_TEST_TMPDIR/other.h5"
  same "$BATS_TEST_TMPDIR/other.h5" "$PYPET/delete_before.hdf5" /@FILTERS
  take frames_fixed
  local name
  name=$(h5ls "$STORE" | cut -d ' ' -f 1)
  "$EXPFS" backup "$STORE:$name" "$BATS_TEST_TMPDIR/frames.h5"
  same "$BATS_TEST_TMPDIR/frames.h5" "$STORE" /@FILTERS
}

@test "BACKUP adds to a file that is there, and refuses a name that it has, changing nothing" {
  take multi_1_two
  "$EXPFS" backup "$STORE:alpha" "$BATS_TEST_TMPDIR/b.h5"
  "$EXPFS" backup "$STORE:beta" "$BATS_TEST_TMPDIR/b.h5"
  same "$BATS_TEST_TMPDIR/b.h5" "$STORE" /@FILTERS
  local before
  before=$(md5sum <"$BATS_TEST_TMPDIR/b.h5")
  fails_with "has a trajectory 'alpha' already" "$EXPFS" backup "$STORE:alpha" "$BATS_TEST_TMPDIR/b.h5"
  fails_with "has a trajectory 'alpha' already" "$EXPFS" backup -n "$STORE:alpha" "$BATS_TEST_TMPDIR/b.h5"
  is "$before" "$(md5sum <"$BATS_TEST_TMPDIR/b.h5")"
  not ls "$BATS_TEST_TMPDIR/b.h5.expfs-wal"
}

@test "BACKUP of what is no trajectory is refused, and --dry-run makes nothing" {
  take multi_1_two
  fails_with 'no trajectory' "$EXPFS" backup "$STORE:alpha/results"
  fails_with 'no trajectory' "$EXPFS" backup "$STORE"
  fails_with 'nothing' "$EXPFS" backup "$STORE:nothing"
  is "would copy alpha to $BATS_TEST_TMPDIR/backup_alpha.hdf5" "$("$EXPFS" backup -n "$STORE:alpha")"
  is store.hdf5 "$(cd "$BATS_TEST_TMPDIR" && echo *.hdf5*)"
  run -2 "$EXPFS" backup
}

@test "BACKUP in a running mount has what was just written" {
  take multi_1_two
  mount_store "$STORE" -o rw
  echo 7 >"$MNT/alpha/results/new"
  "$EXPFS" backup "$MNT/alpha"
  h5dump -d /alpha/results/new/new "$BATS_TEST_TMPDIR/backup_alpha.hdf5" | grep '(0): 7'
  echo 8 >"$MNT/beta/results/new"
  "$EXPFS" backup "$STORE:beta"
  h5dump -d /beta/results/new/new "$BATS_TEST_TMPDIR/backup_beta.hdf5" | grep '(0): 8'
  echo 9 >"$MNT/beta/results/new"
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE" -o trajectory=-1
  "$EXPFS" backup "$MNT" "$BATS_TEST_TMPDIR/last.h5"
  h5dump -d /beta/results/new/new "$BATS_TEST_TMPDIR/last.h5" | grep '(0): 9'
}

@test "BACKUP is a store like any other: mounts, PyTables and backups of it go on with it" {
  take multi_1_two
  "$EXPFS" backup "$STORE:alpha" "$BATS_TEST_TMPDIR/b.h5"
  mount_store "$BATS_TEST_TMPDIR/b.h5" -o rw
  echo 7 >"$MNT/alpha/results/new"
  rm -r "$MNT/alpha/results/runs/run_00000000"
  "$EXPFS" unmount "$MNT"
  "$PYTHON" - "$BATS_TEST_TMPDIR/b.h5" <<'PY'
import sys, tables
with tables.open_file(sys.argv[1], "a") as f:
    runs = f.root.alpha.overview.runs
    runs.append(runs[:])
    f.root.alpha._v_attrs.new = list(range(1000))
    f.copy_node("/alpha/parameters", "/alpha/results", "copied", recursive=True)
PY
  "$EXPFS" backup "$BATS_TEST_TMPDIR/b.h5:alpha" "$BATS_TEST_TMPDIR/c.h5"
  same "$BATS_TEST_TMPDIR/c.h5" "$BATS_TEST_TMPDIR/b.h5" /@FILTERS
}

@test "BACKUP to where there is no room says so, and leaves nothing" {
  take multi_1_two
  ulimit -f 50
  trap '' XFSZ
  fails_with 'File too large' "$EXPFS" backup "$STORE:alpha" "$BATS_TEST_TMPDIR/b.h5"
  is store.hdf5 "$(cd "$BATS_TEST_TMPDIR" && echo *.h*)"
}
