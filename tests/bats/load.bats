# load: what pypet's service loads, and how, as options of a mount; a test for each argument of f_load and f_load_item.
load pypet

log_has() {
  grep -q -e "$1" "$MNT/.expfs/log"
}

@test "load_only: exactly these leaves, and exactly these items of a leaf" {
  mount_store "$PYPET/classic_one.hdf5" -o 'only=*/results/runs/run_00000001/deep/trace/tag:fixed'
  is run1 "$(cat "$MNT"/*/results/runs/run_00000001/deep/trace/tag)"
  is tag "$(ls "$MNT"/*/results/runs/run_00000001/deep/trace)"
  is 2.5 "$(cat "$MNT"/*/parameters/grp/fixed)"
  is grp "$(ls "$MNT"/*/parameters)"
  not ls "$MNT"/*/results/runs/run_00000000
  not log_has only=
}

@test "load_except: all but these leaves, and all but these items of a leaf" {
  mount_store "$PYPET/classic_one.hdf5" -o 'except=*/results/runs/run_00000001/deep/trace/tag:fixed'
  is $'lst\nv' "$(ls "$MNT"/*/results/runs/run_00000001/deep/trace)"
  is $'lst\ntag\nv' "$(ls "$MNT"/*/results/runs/run_00000000/deep/trace)"
  not ls "$MNT"/*/parameters/grp/fixed
  not log_has except=
}

@test "load_only and load_except: a name that matches nothing is a warning in the log" {
  mount_store "$PYPET/classic_one.hdf5" -o 'only=fixed:nothing:*/results/no*:x.range'
  log_has 'only=nothing: nothing in the store'
  log_has 'only=\*/results/no\*: nothing in the store'
  not log_has only=fixed
  not log_has only=x.range
  is 2.5 "$(cat "$MNT"/*/parameters/grp/fixed)"
  unmount_all
  mount_store "$PYPET/classic_one.hdf5" -o 'except=nothing'
  log_has 'except=nothing: nothing in the store'
}

@test "load_only and load_except together are bad usage" {
  run -2 "$EXPFS" "$PYPET/classic_one.hdf5" "$MNT" -o only=x,except=y
}

# SAID is what the log says of reading ahead; the mount shows the same whatever was read: prefetches MODE
prefetches() {
  mount_store "$PYPET/basic.hdf5" -o "prefetch=$1"
  [ "$1" = none ] || wait_until 20 log_has prefetch:
  SAID=$(grep -o 'prefetch: .*' "$MNT/.expfs/log" || :)
  mount_at "$MNT.2" "$PYPET/basic.hdf5"
  diff -r "$MNT" "$MNT.2"
}

@test "LOAD_NOTHING: prefetch=none reads nothing beforehand" {
  prefetches none
  is '' "$SAID"
}

@test "LOAD_SKELETON: prefetch=skeleton reads the tree beforehand, and no values" {
  prefetches skeleton
  [[ $SAID =~ ^'prefetch: '[1-9][0-9]*' objects, 0 bytes' ]]
}

@test "LOAD_DATA: prefetch=data reads the values beforehand" {
  prefetches data
  [[ $SAID =~ ^'prefetch: '[1-9][0-9]*' objects, '[1-9][0-9]*' bytes' ]]
}

@test "index: a trajectory by its place among the names, also from the end, and out of range" {
  mount_store "$PYPET/multi_1_two.hdf5" -o trajectory=-1
  is beta "$(getfattr --only-values -n user.name "$MNT")"
  unmount_all
  mount_store "$PYPET/multi_1_two.hdf5" -o trajectory=0
  is alpha "$(getfattr --only-values -n user.name "$MNT")"
  unmount_all
  fails_with 'only 2 trajectories' "$EXPFS" "$PYPET/multi_1_two.hdf5" "$MNT" -o trajectory=2
  fails_with 'only 2 trajectories' "$EXPFS" "$PYPET/multi_1_two.hdf5" "$MNT" -o trajectory=-3
}

@test "name: a trajectory by its name" {
  mount_store "$PYPET/multi_1_two.hdf5" -o trajectory=beta
  is 3 "$(getfattr --only-values -n user.length "$MNT")"
  unmount_all
  fails_with gamma "$EXPFS" "$PYPET/multi_1_two.hdf5" "$MNT" -o trajectory=gamma
}

@test "force: a store of a newer release is refused, and loaded all the same when forced" {
  take multi_1_two
  change "$STORE" 'd = f["alpha/overview/info"]; r = d[:]; r["version"] = b"1.0.0"; d[:] = r'
  fails_with '1.0.0' "$EXPFS" "$STORE" "$MNT"
  mount_store "$STORE" -o force
  is 3 "$(head -n 1 "$MNT/alpha/parameters/x.range")"
  log_has '1.0.0'
}

@test "load OVERWRITE_DATA: refresh reads what another program has changed" {
  take multi_1_two
  mount_store "$STORE" -o text=compact
  is 3 "$(head -n 1 "$MNT/alpha/parameters/x.range")"
  exec 7<"$MNT/alpha/parameters/x.range"
  cp "$STORE" "$STORE.new"
  "$EXPFS" merge "$STORE.new:alpha" beta >/dev/null
  change "$STORE.new" 'd = f["alpha/parameters/x/explored_data"]; r = d[:]; r["data"][0] = 8; d[:] = r'
  mv "$STORE.new" "$STORE"
  "$EXPFS" refresh "$MNT/alpha"
  is '8 4 1 2 3' "$(tr '\n' ' ' <"$MNT/alpha/parameters/x.range" | xargs)"
  is 5 "$(ls "$MNT/alpha/.run" | wc -l)"
  is 3 "$(head -n 1 <&7)"
  exec 7<&-
  grep text=compact "$MNT/.expfs/options"
}

@test "refresh of what cannot be opened again leaves the mount as it was" {
  take multi_1_two
  mount_store "$STORE"
  echo nothing >"$STORE.new"
  mv -f "$STORE.new" "$STORE"
  fails_with 'stays as it was' "$EXPFS" refresh "$MNT"
  is 3 "$(head -n 1 "$MNT/alpha/parameters/x.range")"
  fails_with 'not in a mount' "$EXPFS" refresh "$BATS_TEST_TMPDIR"
  run -2 "$EXPFS" refresh
}

@test "refresh of a mount that writes has nothing to do" {
  take multi_1_two
  mount_store "$STORE" -o rw
  echo 7 >"$MNT/alpha/parameters/new"
  "$EXPFS" refresh "$MNT"
  is 7 "$(cat "$MNT/alpha/parameters/new")"
}
