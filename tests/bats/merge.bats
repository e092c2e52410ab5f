# merge: pypet's messages PREPARE_MERGE and MERGE, as `expfs merge`, on the stores that pypet left before and after them;
# one test for each argument of f_merge and of the storage service.
load pypet

# Of a trajectory in the store at $STORE.
range_of() {
  "$PYTHON" -c 'import sys, h5py
with h5py.File(sys.argv[1]) as f:
    print(*f[sys.argv[2] + "/explored_data"]["data"].tolist())' "$STORE" "$1"
}

# The moment of the merge is another one; and pypet leaves the other's config empty, which was not loaded when it merged.
MOMENT='nodes\.config\.merge\.merge_[0-9a-f]{7}\.timestamp'
CONFIG='nodes\.config\.environment\.environment_22879a6_2014_05_13_16h53m27s\..*'

@test "MERGE remove_duplicates: the store is pypet's own after it" {
  take multi_1_two
  "$EXPFS" merge "$STORE:beta" alpha --remove-duplicates
  loads_as beta multi_2_merged_copy "$MOMENT" "$CONFIG"
  loads_as alpha multi_2_merged_copy
  not ls "$STORE.expfs-wal"
}

@test "MERGE in a classic store: it is pypet's own after it" {
  take classic_two
  "$EXPFS" merge "$STORE:first" "$STORE:second"
  loads_as first classic_merged_copy "$MOMENT"
  loads_as second classic_merged_copy
}

@test "PREPARE_MERGE: the run table and the length are pypet's own after it" {
  take multi_1_two
  "$EXPFS" merge "$STORE:beta" alpha
  "$PYTHON" -c 'import sys, h5py
with h5py.File(sys.argv[1]) as f, h5py.File(sys.argv[2]) as g:
    for table in ("runs", "info"):
        assert (f["beta/overview"][table][()] == g["beta/overview"][table][()]).all(), table' \
    "$STORE" "$PYPET/multi_5_after_prepare_merge.hdf5"
  is '1 2 3 3 4' "$(range_of beta/parameters/x)"
}

@test "MERGE slow_merge: from another file, item by item, it is the same as within one" {
  take multi_1_two
  take multi_1_two "$OTHER"
  "$EXPFS" merge -u "$STORE:beta" "$OTHER:alpha"
  loads_as beta multi_2_merged_copy "$MOMENT" "$CONFIG"
  cmp "$OTHER" "$PYPET/multi_1_two.hdf5"
}

@test "MERGE from another file takes its only trajectory, or the one of the same name" {
  take params
  take params "$OTHER"
  "$EXPFS" merge "$STORE:params" "$OTHER"
  take multi_1_two
  take multi_1_two "$OTHER"
  fails_with 'already' "$EXPFS" merge --remove-duplicates "$STORE:beta" "$OTHER"
  "$EXPFS" merge "$STORE:beta" "$OTHER"
  is '1 2 3 1 2 3' "$(range_of beta/parameters/x)"
}

@test "MERGE joins the ranges of every class of parameter, and numbers each distinct value once" {
  local leaf
  take params
  take params "$OTHER"
  "$EXPFS" merge "$STORE:params" "$OTHER:params"
  mount_store "$STORE"
  mount_at "$MNT.2" "$OTHER"
  for leaf in ex/int ex/str ex/complex ex/array aex/number aex/array aex/list pex/obj spex/mat; do
    if [ -d "$MNT.2/params/parameters/$leaf.range" ]; then
      is "$(find "$MNT.2/params/parameters/$leaf.range" -type f | wc -l)" \
        "$(($(find "$MNT/params/parameters/$leaf.range" -type f | wc -l) / 2))"
    else
      cat "$MNT.2/params/parameters/$leaf.range"{,} >"$BATS_TEST_TMPDIR/want"
      diff -w "$BATS_TEST_TMPDIR/want" "$MNT/params/parameters/$leaf.range"
    fi
  done
  is "$(h5ls -r "$OTHER/params/parameters" | grep -c -E 'x[ap]_|xspm')" \
    "$(h5ls -r "$STORE/params/parameters" | grep -c -E 'x[ap]_|xspm')"
}

@test "PREPARE_MERGE changed_parameters: one that differs and is unexplored becomes explored" {
  take multi_1_two
  change "$STORE" 'd = f["alpha/parameters/grp/fixed/data"]; r = d[:]; r["data"] = 9.25; d[:] = r'
  "$EXPFS" merge "$STORE:beta" alpha
  is '3.5 3.5 3.5 9.25 9.25' "$(range_of beta/parameters/grp/fixed)"
  is "True b'fixed: 9.25,   trial: 0,   x: 4'" "$(loads beta \
    'str("parameters.grp.fixed" in t["explored"]) + " " + str(t["runs"][4]["parameter_summary"])')"
}

@test "MERGE: longer texts of the other trajectory make room" {
  take params
  take params "$OTHER"
  change "$OTHER" 'g = f["params/parameters/ex/str"]
for name in ("data", "explored_data"):
    d = g[name]; a = dict(d.attrs); r = np.zeros(len(d), [("data", "S99")]); r["data"] = b"x" * 98
    del g[name]; d = g.create_dataset(name, data=r, maxshape=(None,), chunks=(9,))
    for key in a: d.attrs[key] = str(a[key]) if isinstance(a[key], str) else a[key]'
  "$EXPFS" merge "$STORE:params" "$OTHER:params"
  mount_store "$STORE"
  is 99 "$(tail -n 1 "$MNT/params/parameters/ex/str.range" | wc -c)"
  head -n 5 "$MNT/params/parameters/ex/str.range" >"$BATS_TEST_TMPDIR/first"
  mount_at "$MNT.2" "$PYPET/params.hdf5"
  diff "$MNT.2/params/parameters/ex/str.range" "$BATS_TEST_TMPDIR/first"
}

@test "MERGE trial_parameter: its values go on counting" {
  take multi_1_two
  change "$STORE" 'd = f["beta/parameters/grp/trial/explored_data"]; r = d[:]; r["data"] = [0, 1, 1]; d[:] = r'
  "$EXPFS" merge --trial trial "$STORE:beta" alpha
  is '0 1 1 2 2' "$(range_of beta/parameters/grp/trial)"
  is 2 "$("$EXPFS" find "$STORE:beta" trial=2 | wc -l)"
  is "b'trial: 2,   x: 3'" "$(loads beta 't["runs"][3]["parameter_summary"]')"
}

@test "MERGE trial_parameter that does not hold 0 to n is refused" {
  take multi_1_two
  changes_nothing 'numbers from 0' "$EXPFS" merge --trial x "$STORE:beta" alpha
  changes_nothing 'no one parameter' "$EXPFS" merge --trial nothing "$STORE:beta" alpha
}

@test "MERGE move_nodes: what is merged leaves the other trajectory" {
  take multi_1_two
  "$EXPFS" merge --move --remove-duplicates "$STORE:beta" alpha
  loads_as beta multi_2_merged_copy "$MOMENT" "$CONFIG"
  h5ls -r "$STORE/alpha" >"$BATS_TEST_TMPDIR/left"
  not grep 'results/runs/run_00000001' "$BATS_TEST_TMPDIR/left"
  grep 'results/runs/run_00000000/z' "$BATS_TEST_TMPDIR/left"
}

@test "MERGE delete_trajectory: the other trajectory goes" {
  take multi_1_two
  "$EXPFS" merge --delete --remove-duplicates "$STORE:beta" alpha
  loads_as beta multi_2_merged_copy "$MOMENT" "$CONFIG"
  is 'beta' "$(h5ls "$STORE" | awk '{ print $1 }')"
}

@test "MERGE move_nodes and delete_trajectory out of another file are refused" {
  take multi_1_two
  take multi_1_two "$OTHER"
  changes_nothing 'another store' "$EXPFS" merge --delete "$STORE:beta" "$OTHER:alpha"
  changes_nothing 'another store' "$EXPFS" merge --move "$STORE:beta" "$OTHER:alpha"
}

@test "MERGE ignore_data: what is named, or matches a glob, is left out" {
  take multi_1_two
  "$EXPFS" merge --ignore 'results.run*' --ignore 'derived_parameters.run_00000000.dp' "$STORE:beta" alpha
  h5ls -r "$STORE/beta" >"$BATS_TEST_TMPDIR/beta"
  not grep -E 'results/(runs/)?run_0000000[34]/|run_00000003/dp' "$BATS_TEST_TMPDIR/beta"
  grep run_00000004/dp "$BATS_TEST_TMPDIR/beta"
  mount_store "$STORE"
  is $'results.run*\nderived_parameters.run_00000000.dp' "$(cat "$MNT"/beta/config/merge/merge_*/ignore_data)"
  unmount_all
  take multi_1_two
  changes_nothing 'cannot be ignored' "$EXPFS" merge --ignore parameters.x "$STORE:beta" alpha
}

@test "MERGE rename_dict: results and derived parameters under other names" {
  take multi_1_two
  "$EXPFS" merge --rename results.global_res=results.from.alpha --rename 'results.runs.$.z=results.$.y' "$STORE:beta" alpha
  mount_store "$STORE"
  is 99 "$(cat "$MNT/beta/results/from/alpha")"
  is 30 "$(cat "$MNT/beta/results/run_00000003/y")"
  is 40 "$(cat "$MNT/beta/.run/4/results/y")"
  not ls "$MNT/beta/results/runs/run_00000003"
}

@test "MERGE rename_dict that matches nothing, changes the branch or joins two is refused" {
  take multi_1_two
  changes_nothing 'nothing of that name' "$EXPFS" merge -r results.none=results.any "$STORE:beta" alpha
  changes_nothing 'the branch' "$EXPFS" merge -r results.a=derived_parameters.a "$STORE:beta" alpha
  changes_nothing 'only results' "$EXPFS" merge -r parameters.x=parameters.y "$STORE:beta" alpha
  changes_nothing 'no name for pypet' "$EXPFS" merge -r results.global_res=results._a "$STORE:beta" alpha
  changes_nothing 'two of what' "$EXPFS" merge -r 'results.runs.$=results.all' "$STORE:beta" alpha
}

@test "MERGE keep_info: nothing of the merge is noted when it is not to be" {
  take multi_1_two
  "$EXPFS" merge --no-info "$STORE:beta" alpha
  not h5ls "$STORE/beta/config/merge"
  is 2 "$(h5ls "$STORE/beta/config/environment" | wc -l)"
}

@test "MERGE keep_other_trajectory_info: nothing of the other trajectory is noted when it is not to be" {
  take multi_1_two
  "$EXPFS" merge --no-other-info "$STORE:beta" alpha
  h5ls -r "$STORE/beta/config/merge" >"$BATS_TEST_TMPDIR/merge"
  grep merged_runs "$BATS_TEST_TMPDIR/merge"
  not grep other_trajectory "$BATS_TEST_TMPDIR/merge"
}

@test "MERGE merge_config: the other's configuration stays where it is when it is to" {
  take multi_1_two
  "$EXPFS" merge --no-info --no-config "$STORE:beta" alpha
  is environment "$(h5ls "$STORE/beta/config" | awk '{ print $1 }')"
  is 1 "$(h5ls "$STORE/beta/config/environment" | wc -l)"
}

@test "MERGE with_links: links lead to what they led to, under its new name" {
  take multi_1_two
  change "$STORE" 'f["alpha/results/runs/run_00000001/link"] = h5py.SoftLink("/alpha/results/runs/run_00000001/z")
f["alpha/results/out"] = h5py.SoftLink("/elsewhere")'
  "$EXPFS" merge "$STORE:beta" alpha | grep 'results.out: the link'
  mount_store "$STORE"
  is 40 "$(cat "$MNT/beta/results/runs/run_00000004/link")"
  not readlink "$MNT/beta/results/out"
}

@test "MERGE of a derived parameter for all runs: the first new run has it, and the others links" {
  take multi_1_two
  change "$STORE" 'f.copy("alpha/derived_parameters/shared_dp", "alpha/derived_parameters/run_ALL/all")'
  "$EXPFS" merge "$STORE:beta" alpha
  mount_store "$STORE"
  is 1 "$(cat "$MNT/beta/derived_parameters/run_00000003/all")"
  is 1 "$(cat "$MNT/beta/derived_parameters/run_00000004/all")"
  readlink "$MNT/beta/derived_parameters/run_00000004/all"
}

@test "merge --dry-run says old and new names, and leaves every byte" {
  take multi_1_two
  "$EXPFS" merge -n "$STORE:beta" alpha >"$BATS_TEST_TMPDIR/said"
  grep -x 'results.runs.run_00000000.z -> results.runs.run_00000003.z' "$BATS_TEST_TMPDIR/said"
  grep -x 'derived_parameters.run_00000001.dp -> derived_parameters.run_00000004.dp' "$BATS_TEST_TMPDIR/said"
  cmp "$STORE" "$PYPET/multi_1_two.hdf5"
}

@test "a trajectory merged into itself is refused" {
  take multi_1_two
  changes_nothing 'into itself' "$EXPFS" merge "$STORE:beta" beta
  changes_nothing 'into itself' "$EXPFS" merge "$STORE:beta" "$STORE:beta"
}

@test "trajectories with different parameters, or parameters of different types, are refused" {
  take multi_1_two
  change "$STORE" 'f.copy("alpha/parameters/x", "alpha/parameters/y")'
  changes_nothing 'only one of them has parameters.y' "$EXPFS" merge "$STORE:beta" alpha
  take multi_1_two
  change "$STORE" 'f.copy("alpha/parameters/grp/fixed/data", "alpha/parameters/x/other")
g = f["alpha/parameters/x"]; del g["data"]; g.move("other", "data"); del g["explored_data"]'
  changes_nothing 'not of the same type' "$EXPFS" merge "$STORE:beta" alpha
}

@test "a trajectory that a newer pypet wrote is refused, and one of the other generation" {
  take multi_1_two
  take multi_1_two "$OTHER"
  change "$OTHER" 'd = f["alpha/overview/info"]; r = d[:]; r["version"] = b"9.0.0"; d[:] = r'
  changes_nothing '9.0.0' "$EXPFS" merge "$STORE:beta" "$OTHER:alpha"
  take classic_two "$OTHER"
  changes_nothing 'releases of pypet' "$EXPFS" merge "$STORE:beta" "$OTHER:first"
}

@test "wrong words on merge's command line are usage errors" {
  take multi_1_two
  run -2 "$EXPFS" merge
  run -2 "$EXPFS" merge "$STORE:beta"
  run -2 "$EXPFS" merge "$STORE:beta" alpha more
  fails_with 'gamma' "$EXPFS" merge "$STORE:beta" gamma
  fails_with 'is needed' "$EXPFS" merge "$STORE" alpha
}

@test "merge is done by the running mount, whose directories show it at once" {
  take multi_1_two
  mount_store "$STORE" -o rw
  ls -lR "$MNT/beta" "$MNT/alpha" >"$BATS_TEST_TMPDIR/seen"
  "$EXPFS" merge -u "$MNT/beta" "$MNT/alpha"
  is '1 2 3 4' "$(tr '\n' ' ' <"$MNT/beta/parameters/x.range" | xargs)"
  is 40 "$(cat "$MNT/beta/.run/3/results/z")"
  is 4 "$(getfattr --only-values -n user.length "$MNT/beta")"
  "$EXPFS" merge --delete "$STORE:beta" alpha
  is beta "$(ls "$MNT")"
  fails_with 'No such file' cat "$MNT/alpha/parameters/x"
  "$EXPFS" unmount "$MNT"
  is '1 2 3 4 3 4' "$(range_of beta/parameters/x)"
}

@test "merge is refused while the other trajectory is being written" {
  take multi_1_two
  mount_store "$STORE" -o rw
  exec 7>"$MNT/alpha/results/more"
  fails_with 'alpha is being written' "$EXPFS" merge "$MNT/beta" "$MNT/alpha"
  exec 7>&-
  is 3 "$(ls "$MNT/beta/.run" | wc -l)"
}

# The number of runs of beta, in all places that tell of them.
whole_length() {
  "$PYTHON" -c 'import sys, h5py
with h5py.File(sys.argv[1]) as f:
    b = f["beta"]
    lengths = {int(b["overview/info"]["length"][0]), len(b["overview/runs"]), len(b["parameters/x/explored_data"]),
               len(b["parameters/grp/trial/explored_data"]), len(b["results/runs"]), len(b["derived_parameters"]) - 1}
    print(*lengths, "merge" in b["config"])' "$STORE"
}

@test "a merge that is killed leaves the store as it was before, or as it is after" {
  local n found='' pid
  make_runs "$STORE" 150 'results/runs results derived_parameters' alpha beta
  cp "$STORE" "$BATS_TEST_TMPDIR/before"
  for n in 05 10 15 20 25 30 35 40 45 50 60 70 80; do
    cp "$BATS_TEST_TMPDIR/before" "$STORE"
    rm -f "$STORE.expfs-wal"
    "$EXPFS" merge "$STORE:beta" alpha >/dev/null 3>&- &
    pid=$!
    timeout "0.$n" tail -f --pid="$pid" /dev/null || true
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" || true
    "$EXPFS" recover "$STORE"
    found=$(whole_length)
    [ "$found" = '150 False' ] || [ "$found" = '300 True' ] || { echo "after 0.$n s: $found"; false; }
  done
}
