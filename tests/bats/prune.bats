# prune: pypet's message DELETE_INCOMPLETE_RUNS, as `expfs prune`, on the stores that pypet left before and after it.
load pypet

@test "DELETE_INCOMPLETE_RUNS: what runs that were not completed have stored goes, and nothing else" {
  take incomplete
  is 'removed results/runs/run_00000003' "$("$EXPFS" prune "$STORE:crash")"
  equals incomplete_deleted
  not ls "$STORE.expfs-wal"
  local said='nothing to remove: no run that was not completed has stored anything'
  is "$said" "$("$EXPFS" prune "$STORE:crash")"
  is "$said" "$("$EXPFS" prune -n "$STORE:crash")"
}

@test "DELETE_INCOMPLETE_RUNS: a classic store with runs below the branches is pypet's own after it" {
  take classic_incomplete_oldtree_before
  "$EXPFS" prune "$STORE:crash"
  equals classic_incomplete_oldtree_after
}

@test "DELETE_INCOMPLETE_RUNS: classic keeps what is below runs/, and --everywhere does not" {
  take classic_incomplete_before
  "$EXPFS" prune "$STORE:crash" | grep -- --everywhere
  equals classic_incomplete_before
  "$EXPFS" prune --everywhere "$STORE/crash"
  h5ls -r "$STORE" | grep run_0000000 >"$BATS_TEST_TMPDIR/left"
  not grep run_00000002 "$BATS_TEST_TMPDIR/left"
  grep results/runs/run_00000001/late "$BATS_TEST_TMPDIR/left"
}

@test "prune --dry-run says what would go, and leaves every byte" {
  take incomplete
  is 'would remove results/runs/run_00000003' "$("$EXPFS" prune -n "$STORE:crash")"
  cmp "$STORE" "$PYPET/incomplete.hdf5"
}

@test "prune is done by the running mount, whose directories show it at once" {
  take incomplete
  mount_store "$STORE" -o rw
  ls -lR "$MNT/crash" >"$BATS_TEST_TMPDIR/before"
  is early "$(ls "$MNT/crash/.run/3/results")"
  is 3 "$(cat "$MNT/crash/results/runs/run_00000003/early")"
  is 'would remove results/runs/run_00000003' "$("$EXPFS" prune --dry-run "$MNT/crash")"
  is early "$(ls "$MNT/crash/.run/3/results")"
  is 'removed results/runs/run_00000003' "$("$EXPFS" prune "$STORE:crash")"
  is '' "$(ls "$MNT/crash/.run/3/results")"
  is $'run_00000000\nrun_00000001\nrun_00000002' "$(ls "$MNT/crash/results/runs")"
  fails_with 'No such file' cat "$MNT/crash/results/runs/run_00000003/early"
  echo 7 >"$MNT/crash/.run/3/results/early"
  is 7 "$(cat "$MNT/crash/results/runs/run_00000003/early")"
  rm -r "$MNT/crash/results/runs/run_00000003"
  "$EXPFS" unmount "$MNT"
  equals incomplete_deleted '/crash/overview/(runs|results.*)(@.*)?'
}

@test "prune while a run is being written is refused, and changes nothing" {
  take incomplete
  mount_store "$STORE" -o rw
  exec 7>"$MNT/crash/.run/4/results/z"
  fails_with 'run/4 is being written' "$EXPFS" prune "$MNT/crash"
  exec 7>&-
  wait_until 10 rm -r "$MNT/crash/results/runs/run_00000004"
  is early "$(ls "$MNT/crash/results/runs/run_00000003")"
}

@test "prune of what is no trajectory, and in a mount that only reads, is refused" {
  take incomplete
  fails_with "no 'prune'" "$EXPFS" prune "$STORE"
  fails_with "nothing" "$EXPFS" prune "$STORE:nothing"
  run -2 "$EXPFS" prune
  run -2 "$EXPFS" prune "$STORE:crash" more
  mount_store "$STORE"
  fails_with 'read-only' "$EXPFS" prune "$MNT/crash"
  cmp "$STORE" "$PYPET/incomplete.hdf5"
}

@test "a mount that shows one trajectory prunes it, named by the store or in the mount" {
  take incomplete
  mount_store "$STORE" -o rw,trajectory=crash
  is 'would remove results/runs/run_00000003' "$("$EXPFS" prune -n "$STORE:crash")"
  is 'removed results/runs/run_00000003' "$("$EXPFS" prune "$MNT")"
  fails_with 'trajectory=crash' "$EXPFS" prune "$STORE:other"
}
