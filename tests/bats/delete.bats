# delete: pypet's message DELETE, with rm, rmdir and `expfs delete`, on the stores that pypet left before and after it.
load pypet

@test "DELETE: of a parameter, rm and expfs delete leave what pypet leaves" {
  take delete_before
  is 'removed parameters/grp/gone' "$("$EXPFS" delete "$STORE:del/parameters/grp/gone")"
  equals delete_after_parameter
  take delete_before
  mount_store "$STORE" -o rw
  rm "$MNT/del/parameters/grp/gone"
  "$EXPFS" unmount "$MNT"
  equals delete_after_parameter
}

@test "DELETE recursive: a tree goes, and a result and a link" {
  take delete_before
  "$EXPFS" delete "$STORE:del/results/gone"
  "$EXPFS" delete "$STORE:del/to_keep"
  "$EXPFS" delete -r "$STORE:del/results/tree"
  equals delete_after_link_result_tree
  take delete_before
  mount_store "$STORE" -o rw
  rm -r "$MNT/del/results/gone" "$MNT/del/to_keep" "$MNT/del/results/tree"
  "$EXPFS" unmount "$MNT"
  equals delete_after_link_result_tree
}

@test "DELETE delete_only: one item of a result goes, the others stay" {
  take delete_before
  "$EXPFS" delete "$STORE:del/results/parts/two"
  equals delete_after_part
  take delete_before
  mount_store "$STORE" -o rw
  rm "$MNT/del/results/parts/two"
  "$EXPFS" unmount "$MNT"
  equals delete_after_part
}

@test "DELETE and overwrite of items: rm one, write it and another anew" {
  take delete_before
  mount_store "$STORE" -o rw
  rm "$MNT/del/results/parts/two"
  "$PYTHON" -c 'import numpy, sys; numpy.save(sys.argv[1], numpy.linspace(0, 2.25, 10))' "$BATS_TEST_TMPDIR/two.npy"
  cp "$BATS_TEST_TMPDIR/two.npy" "$MNT/del/results/parts/two.npy"
  echo new >"$MNT/del/results/parts/four"
  "$EXPFS" unmount "$MNT"
  equals delete_after_overwrite_part
}

@test "DELETE in a classic store: the row of the overview goes with the leaf" {
  take classic_one
  "$EXPFS" delete "$STORE:first/results/before"
  equals classic_deleted_result
  take classic_one
  mount_store "$STORE" -o rw
  rm -r "$MNT/first/results/before"
  "$EXPFS" unmount "$MNT"
  equals classic_deleted_result
}

@test "DELETE delete_only: in a classic store" {
  take classic_one
  "$EXPFS" delete "$STORE:first/results/before/two"
  equals classic_deleted_part
}

@test "DELETE in a classic store: number_of_items of the summary is decreased, and the last takes the row" {
  take classic_full
  counts() {
    h5dump -d /full/overview/results_runs_summary "$STORE" | grep -c '"z"' || :
  }
  is 1 "$(counts)"
  local run
  for run in 0 1; do "$EXPFS" delete "$STORE:full/results/runs/run_0000000$run/z"; done
  is 0 "$(counts)"
}

@test "DELETE remove_empty_groups: expfs delete -p and rmdir -p take parents that became empty, up to the branch" {
  take delete_before
  is $'removed parameters/lonely/gone\nremoved parameters/lonely' "$("$EXPFS" delete -p "$STORE:del/parameters/lonely/gone")"
  not h5ls "$STORE/del/parameters/lonely"
  h5ls "$STORE/del/parameters/grp"
  is 'removed parameters/grp/gone' "$("$EXPFS" delete --remove-empty-groups "$STORE:del/parameters/grp/gone")"
  mount_store "$STORE" -o rw
  mkdir -p "$MNT/del/results/one/two/three"
  (cd "$MNT/del/results" && rmdir -p one/two/three)
  not test -e "$MNT/del/results/one"
}

@test "DELETE of an explored parameter is refused" {
  take delete_before
  changes_nothing 'parameters/x is explored' "$EXPFS" delete "$STORE:del/parameters/x"
  changes_nothing 'parameters/x is explored' "$EXPFS" delete -r "$STORE:del/parameters"
  mount_store "$STORE" -o rw
  fails_with 'not permitted' rm "$MNT/del/parameters/x"
  test -e "$MNT/del/parameters/x.range"
  rm "$MNT/del/parameters/x.range"
  rm "$MNT/del/parameters/x"
}

@test "DELETE of a group that is not empty is refused without -r, and so are the overview and what is not there" {
  take delete_before
  changes_nothing 'results/tree is not empty' "$EXPFS" delete "$STORE:del/results/tree"
  changes_nothing 'needs the overview' "$EXPFS" delete -r "$STORE:del/overview"
  changes_nothing "no 'delete' here" "$EXPFS" delete -r "$STORE:del/overview/runs"
  changes_nothing "no 'nothing'" "$EXPFS" delete "$STORE:del/results/nothing"
  changes_nothing 'is needed' "$EXPFS" delete -r "$STORE"
  changes_nothing 'del is not empty' "$EXPFS" delete "$STORE:del"
  mount_store "$STORE" -o rw
  fails_with 'not empty' rmdir "$MNT/del/results/tree"
}

@test "DELETE of a whole trajectory takes it away, explored parameters and all" {
  take multi_1_two
  is 'would remove alpha' "$("$EXPFS" delete -r -n "$STORE:alpha")"
  cmp "$STORE" "$PYPET/multi_1_two.hdf5"
  "$EXPFS" delete -r "$STORE:alpha"
  is beta "$(h5ls "$STORE" | cut -d ' ' -f 1)"
}

@test "expfs delete is done by the running mount, whose directories show it at once" {
  take delete_before
  mount_store "$STORE" -o rw
  ls -lR "$MNT" >"$BATS_TEST_TMPDIR/before"
  cat "$MNT/del/results/tree/a/leaf" "$MNT/del/parameters/lonely/gone"
  "$EXPFS" delete -r "$MNT/del/results/tree"
  not test -e "$MNT/del/results/tree/a/leaf"
  not test -e "$MNT/del/results/tree"
  "$EXPFS" delete -p "$STORE:del/parameters/lonely/gone"
  not test -e "$MNT/del/parameters/lonely"
  mkdir "$MNT/del/parameters/lonely"
  is '' "$(ls "$MNT/del/parameters/lonely")"
  exec 7>"$MNT/del/.run/0/results/new"
  fails_with 'is being written' "$EXPFS" delete -r "$MNT/del/results/runs"
  exec 7>&-
  "$EXPFS" delete -r "$MNT/del"
  is '' "$(ls "$MNT")"
}

@test "expfs delete of a store that nobody writes asks no mount, which might never answer" {
  take minimal "$OTHER"
  take delete_before
  mount_store "$OTHER"
  reads() {
    awk '$1 == "operations_read" { print $2 }' "$MNT/.expfs/stats"
  }
  local before
  before=$(reads)
  "$EXPFS" delete "$STORE:del/parameters/grp/gone"
  is $((before + 1)) "$(reads)"
  equals delete_after_parameter
}
