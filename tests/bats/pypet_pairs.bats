# pypet_pairs: what real pypet made of a store, done with expfs on the store as it was before. Here are the pairs whose
# operation has no file of its own; the first test tells where each one is.
load pypet

# The stores that pypet made of others, or of nothing.
AFTER='classic_deleted_part classic_deleted_result classic_frames_append classic_incomplete_before
  classic_incomplete_oldtree_after classic_merged_copy classic_two classic_update_leaf delete_after_link_result_tree
  delete_after_overwrite_part delete_after_parameter delete_after_part incomplete incomplete_after_rerun incomplete_deleted
  minimal multi_2_merged_copy multi_3_expanded multi_4_backup_of_alpha multi_5_after_prepare_merge'

# Those that stand alone: what is in them, not how it came to be, and those that are the befores of others.
ALONE='basic classic_full classic_incomplete_oldtree_before classic_one classic_types compressed_blosc5_noshuffle_fletcher32
  compressed_blosc9 compressed_blosc_zstd compressed_bzip2 compressed_lzo compressed_none compressed_zlib1_noshuffle
  compressed_zlib9_shuffle_fletcher32 delete_before frames_fixed frames_table incomplete_raw multi_1_two order overview params
  python2_0_1b_6 shared_data types'

@test "every store of real pypet is one of a pair that is compared, or stands alone" {
  local name
  diff <(cd "$PYPET" && ls -- *.hdf5 | sed 's/\.hdf5$//') <(tr ' ' '\n' <<<"$AFTER $ALONE" | grep . | sort)
  for name in $AFTER; do
    grep -q -E "^ *(equals|loads_as [a-z]+) $name( |\$)|^ *(same .*|\"\\\$STORE\" \")\\\$PYPET/$name\.hdf5" \
      "$BATS_TEST_DIRNAME"/*.bats || { echo "nothing is compared with $name"; false; }
  done
}

# When a trajectory was begun.
BEGUN='info\.(time|timestamp)'

@test "TRAJECTORY: a trajectory made by hand is pypet's own (minimal)" {
  "$EXPFS" create pypet "$STORE" mini
  mount_rw
  echo 1 >"$MNT/mini/parameters/a"
  echo 2.5 >"$MNT/mini/results/r"
  "$EXPFS" unmount "$MNT"
  # pypet makes the group of derived parameters with the first of them.
  loads_as mini minimal "$BEGUN" nodes.derived_parameters
}

@test "TREE: a trajectory copied into a classic store (classic_one, classic_two)" {
  take classic_one
  mount_rw
  mount_at "$MNT.2" "$PYPET/classic_two.hdf5"
  mkdir "$MNT/second"
  cp -a "$MNT.2/second/." "$MNT/second/"
  "$EXPFS" unmount "$MNT"
  loads_as first classic_two
  # The comment stands in the overview, too, which is where pypet reads it.
  loads_as second classic_two "$BEGUN" comment
}

# What a run leaves of when it was, and by which environment of pypet's.
MOMENT='(time|timestamp|finish_timestamp|runtime)'

@test "SINGLE_RUN: runs whose results come again are completed (incomplete_raw, incomplete)" {
  local run
  mount_copy incomplete_raw crash
  for run in 0 1 2; do
    cat "$TRAJ/.run/$run/results/late" >"$BATS_TEST_TMPDIR/late"
    cat "$BATS_TEST_TMPDIR/late" >"$TRAJ/.run/$run/results/late"
  done
  "$EXPFS" unmount "$MNT"
  loads_as crash incomplete "$BEGUN" "runs\.[0-2]\.$MOMENT"
}

@test "SINGLE_RUN: the runs that are left (incomplete, incomplete_after_rerun)" {
  local run
  mount_copy incomplete crash
  for run in 3 4 5; do echo $((2 * run)) >"$TRAJ/.run/$run/results/late"; done
  "$EXPFS" unmount "$MNT"
  loads_as crash incomplete_after_rerun "runs\.[345]\.($MOMENT|short_environment_hexsha)" 'nodes\.config\.environment.*'
}

@test "UPDATE_LEAF: all that a longer range changes (classic_one, classic_update_leaf)" {
  mount_copy classic_one first
  printf '70\n80\n' >>"$TRAJ/parameters/x.range"
  printf '0\n0\n5\n5\n' >"$TRAJ/parameters/grp/trial.range"
  "$EXPFS" unmount "$MNT"
  loads_as first classic_update_leaf
  equals classic_update_leaf
}

@test "pandas_append: rows behind those of a frame (classic_frames_append)" {
  mount_copy classic_frames_append frames
  cp "$TRAJ/results/frame" "$BATS_TEST_TMPDIR/rows"
  head -n 2 "$BATS_TEST_TMPDIR/rows" >"$TRAJ/results/frame"
  is 2 "$(wc -l <"$TRAJ/results/frame")"
  "$EXPFS" unmount "$MNT"
  run -1 loads_as frames classic_frames_append
  mount_rw
  tail -n 2 "$BATS_TEST_TMPDIR/rows" >>"$TRAJ/results/frame"
  "$EXPFS" unmount "$MNT"
  loads_as frames classic_frames_append
}
