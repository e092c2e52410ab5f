# wrong_uses: what pypet refuses is refused in one sentence that names the store, what in it and why, and changes no byte of
# the store; and so is what a user breaks off.
load pypet

# The command fails with status 1 and one line that has the store's name and each of the words, and the store keeps every
# byte: refuses COMMAND... -- WORD...
refuses() {
  local command=() word
  while [ "$1" != -- ]; do
    command+=("$1")
    shift
  done
  shift
  changes_nothing "$1" "${command[@]}"
  run -1 "${command[@]}"
  for word in "$(basename "$STORE")" "$@"; do
    grep -q -F -- "$word" "$BATS_TEST_TMPDIR/fails.err" || { echo "not in it: $word"; cat "$BATS_TEST_TMPDIR/fails.err"; false; }
  done
}

# In a running mount: the same, where the store keeps every byte beyond unmounting, and the message names the mount.
refuses_mounted() {
  local before message=$1
  shift
  before=$(sha256sum <"$STORE")
  mount_rw
  fails_with "$message" "$@"
  grep -q -F -e "$MNT" -e "$STORE" "$BATS_TEST_TMPDIR/fails.err"
  is 1 "$(wc -l <"$BATS_TEST_TMPDIR/fails.err")"
  "$EXPFS" unmount "$MNT"
  is "$before" "$(sha256sum <"$STORE")"
}

@test "a merge of a trajectory into itself" {
  take multi_1_two
  refuses "$EXPFS" merge "$STORE:beta" beta -- "'beta'" 'into itself'
  refuses "$EXPFS" merge "$STORE:beta" "$STORE:beta" -- "'beta'" 'into itself'
  refuses "$EXPFS" merge -n "$STORE:beta" beta -- "'beta'" 'into itself'
  ln -s "$STORE" "$BATS_TEST_TMPDIR/soft.hdf5"
  refuses "$EXPFS" merge "$STORE:beta" "$BATS_TEST_TMPDIR/soft.hdf5:beta" -- 'into itself'
  refuses_mounted 'into itself' "$EXPFS" merge "$MNT/beta" "$MNT/beta"
  refuses_mounted 'into itself' "$EXPFS" merge "$STORE:beta" beta
}

@test "a merge of trajectories with different parameters" {
  take multi_1_two
  change "$STORE" 'f.copy("alpha/parameters/x", "alpha/parameters/y")'
  refuses "$EXPFS" merge "$STORE:beta" alpha -- parameters.y 'only one of them'
  refuses_mounted 'parameters.y' "$EXPFS" merge "$MNT/beta" "$MNT/alpha"
  take multi_1_two "$OTHER"
  change "$OTHER" 'f.copy("alpha/parameters/x", "alpha/parameters/y")'
  take multi_1_two
  refuses "$EXPFS" merge "$STORE:beta" "$OTHER:alpha" -- parameters.y 'only one of them'
}

@test "prune while runs are being written, by the mount or beside it" {
  take incomplete
  mount_rw
  exec 7>"$MNT/crash/.run/4/results/z"
  fails_with 'run/4 is being written' "$EXPFS" prune "$MNT/crash"
  fails_with 'run/4 is being written' "$EXPFS" prune "$STORE:crash"
  is 1 "$(wc -l <"$BATS_TEST_TMPDIR/fails.err")"
  is early "$(ls "$MNT/crash/results/runs/run_00000003")"
  exec 7>&-
  "$EXPFS" unmount "$MNT"
  # What was written is there, and nothing was removed.
  is '[3, 4]' "$(loads crash '[int(p[-1]) for p in sorted(n) if p.startswith("results.runs.run") and p.count(".") == 2 and p[-1] in "345"]')"
}

@test "an index out of range: of a trajectory, of a run, of what is explored" {
  local index
  take multi_1_two
  for index in 2 -3 99999999999999999999; do
    refuses "$EXPFS" "$STORE" "$MNT" -o "trajectory=$index" -- "trajectory=$index"
    refuses "$EXPFS" info "$STORE" -o "trajectory=$index" -- "trajectory=$index"
  done
  refuses "$EXPFS" backup "$STORE:2" -- "'2'"
  refuses "$EXPFS" merge "$STORE:beta" 2 -- "'2'"
  refuses "$EXPFS" prune "$STORE:2" -- "'2'"
  refuses "$EXPFS" explore "$STORE:beta/.run/3" x=1 -- .run
  refuses "$EXPFS" explore "$STORE:alpha" 'x=1:1000000000000' -- explored
  refuses "$EXPFS" tree "$STORE:beta/.run/3" -- '3'
  refuses "$EXPFS" put "$STORE:beta/.run/3/results/z" -- '3'
  local before
  before=$(sha256sum <"$STORE")
  mount_rw
  for index in 3 -4 99999999999999999999 x; do
    fails_with 'No such file' ls "$MNT/beta/.run/$index"
    fails_with 'No such file' bash -c "echo 1 >'$MNT/beta/.run/$index/results/z'"
    fails_with 'not supported' mkdir "$MNT/beta/.run/$index"
  done
  fails_with 'Invalid argument' cat "$MNT/beta/parameters/x.range[3]"
  "$EXPFS" unmount "$MNT"
  is "$before" "$(sha256sum <"$STORE")"
}

@test "only= and except= both" {
  take multi_1_two
  local before
  before=$(sha256sum <"$STORE")
  refused 2 'only= and except= exclude each other' "$STORE" "$MNT" -o only=x,except=y
  refused 2 'only= and except= exclude each other' "$STORE" "$MNT" -o rw,only=x -o except=y
  run -2 "$EXPFS" tree "$STORE" -o only=x,except=y
  run -2 "$EXPFS" merge "$STORE:beta" alpha -o only=x,except=y
  is "$before" "$(sha256sum <"$STORE")"
}

@test "a store made by a newer pypet, and force" {
  take multi_1_two
  change "$STORE" 'd = f["alpha/overview/info"]; r = d[:]; r["version"] = b"9.0.0"; d[:] = r'
  local verb before
  for verb in "merge $STORE:beta alpha" "prune $STORE:alpha" "explore $STORE:alpha x=1" "delete $STORE:alpha/results/global_res" \
    "backup $STORE:alpha" "create pypet $STORE new --from $STORE:alpha" "put $STORE:alpha/results/n" "info $STORE" "tree $STORE" \
    "find $STORE:alpha x=1" "check $STORE" "$STORE $MNT" "$STORE $MNT -o rw"; do
    # shellcheck disable=SC2086
    refuses "$EXPFS" $verb -- "'alpha'" "'9.0.0'" 'force'
  done
  is store.hdf5 "$(cd "$BATS_TEST_TMPDIR" && echo *.h*5*)"
  "$EXPFS" delete -o force "$STORE:alpha/results/global_res" 2>"$BATS_TEST_TMPDIR/said"
  grep -q 9.0.0 "$BATS_TEST_TMPDIR/said"
  equals multi_1_two '/alpha/results/global_res.*' /alpha/overview/info '/alpha/overview/results.*'
}

@test "a delete of an explored parameter, and of a group that is not empty" {
  take delete_before
  refuses "$EXPFS" delete "$STORE:del/parameters/x" -- parameters/x explored
  refuses "$EXPFS" delete -r "$STORE:del/parameters" -- parameters/x explored
  refuses "$EXPFS" delete "$STORE:del/results/tree" -- results/tree 'not empty'
  refuses "$EXPFS" delete -n "$STORE:del/results/tree" -- results/tree 'not empty'
  refuses_mounted 'parameters/x is explored' "$EXPFS" delete "$MNT/del/parameters/x"
  refuses_mounted 'Operation not permitted' rm "$MNT/del/parameters/x"
  refuses_mounted 'Directory not empty' rmdir "$MNT/del/results/tree"
}

# --- broken off -------------------------------------------------------------------------------------------------

# Trajectories of so many runs in $STORE, of which the runs of alpha were not completed: make_many RUNS TRAJECTORY...
make_many() {
  local made=$BATS_FILE_TMPDIR/$1.hdf5
  if [ ! -e "$made" ]; then
    make_runs "$made" "$1" results/runs "${@:2}"
    change "$made" 'for t in f:
    runs = f[t]["overview/runs"]
    rows = runs[:]
    rows["completed"] = t == "beta"
    runs[:] = rows'
  fi
  ln -s "$made" "$BATS_TEST_TMPDIR/before"
}

# The store as it was, mounted if it is to be: begin_again [rw]
begin_again() {
  ! is_mounted "$MNT" || wait_until 10 "$EXPFS" unmount "$MNT" 2>/dev/null
  cp "$BATS_TEST_TMPDIR/before" "$STORE"
  rm -f "$BATS_TEST_TMPDIR"/backup_*
  [ -z "$1" ] || mount_rw
}

# Sends INT to the command in the middle of its work, and sees that it says so: break_off "" COMMAND... offline, break_off rw
# COMMAND... with the store mounted. How long it takes is measured; then it is begun again, to be told after another part of
# that time, until it is caught when it listens already and is not done yet. (Before it listens the shell, which has it in
# the background, lets it go on.) A mount hears of it with its next heartbeat, of which there are five in a second.
break_off() {
  local kind=$1 whole part pid status
  shift
  begin_again "$kind"
  whole=$(date +%s%N)
  "$@" >/dev/null
  whole=$(($(date +%s%N) - whole))
  for part in 40 25 55 15 33 70 10 48 20 62 28 80 5 37 44 18 90 30 52 23 60 12 42 27 57 17 35 65 8 46 22 50; do
    begin_again "$kind"
    status=0
    "$@" >"$BATS_TEST_TMPDIR/said" 2>"$BATS_TEST_TMPDIR/error" 3>&- &
    pid=$!
    sleep "$(printf '%d.%09d' $((whole * part / 100 / 1000000000)) $((whole * part / 100 % 1000000000)))"
    kill -INT "$pid" 2>/dev/null || :
    wait "$pid" || status=$?
    [ "$status" -eq 1 ] || continue
    grep -q 'interrupted; nothing has changed' "$BATS_TEST_TMPDIR/error"
    is 1 "$(grep -c -v ' info: ' "$BATS_TEST_TMPDIR/error")"
    is '' "$(cat "$BATS_TEST_TMPDIR/said")"
    return 0
  done
  skip "never caught in the middle of $2"
}

# Nothing has changed, and nothing was left. What a mount takes back, in which others may have written meanwhile, leaves free
# space in the file.
is_unchanged() {
  if [ "$1" = rw ]; then
    "$PYTHON" "$TOP/tests/c/pypet_compare.py" "$STORE" "$BATS_TEST_TMPDIR/before"
  else
    cmp "$STORE" "$BATS_TEST_TMPDIR/before"
  fi
  is store.hdf5 "$(cd "$BATS_TEST_TMPDIR" && echo *.h*5*)"
}

@test "INT in the middle of a merge, offline" {
  make_many 1000 alpha beta
  break_off '' "$EXPFS" merge "$STORE:beta" alpha
  is_unchanged offline
}

@test "INT in the middle of a merge, in a running mount" {
  make_many 1000 alpha beta
  break_off rw "$EXPFS" merge "$MNT/beta" "$MNT/alpha"
  is 1000 "$(ls "$MNT/beta/.run" | wc -l)"
  is 1000 "$(wc -l <"$MNT/beta/parameters/x.range")"
  "$EXPFS" unmount "$MNT"
  is_unchanged rw
}

@test "INT in the middle of a prune, offline" {
  make_many 3000 alpha
  break_off '' "$EXPFS" prune "$STORE:alpha"
  is_unchanged offline
}

# A mount may be done with a prune before its next heartbeat: then all of it is done, else nothing.
@test "INT in the middle of a prune, in a running mount" {
  local status=0
  make_many 3000 alpha
  begin_again rw
  "$EXPFS" prune "$MNT/alpha" >"$BATS_TEST_TMPDIR/said" 2>"$BATS_TEST_TMPDIR/error" 3>&- &
  sleep 0.2
  kill -INT $! || :
  wait $! || status=$?
  if [ "$status" -eq 1 ]; then
    grep -q 'interrupted; nothing has changed' "$BATS_TEST_TMPDIR/error"
    is 3000 "$(ls "$MNT/alpha/results/runs" | wc -l)"
    wait_until 10 "$EXPFS" unmount "$MNT"
    is_unchanged rw
  else
    is '0 3000' "$status $(grep -c ^removed "$BATS_TEST_TMPDIR/said")"
    is '' "$(ls "$MNT/alpha/results/runs")"
  fi
}

@test "INT in the middle of a backup, offline" {
  make_many 1000 alpha beta
  break_off '' "$EXPFS" backup "$STORE:alpha"
  is_unchanged offline
}

@test "INT in the middle of a backup, in a running mount" {
  make_many 1000 alpha beta
  break_off rw "$EXPFS" backup "$MNT/alpha"
  "$EXPFS" unmount "$MNT"
  is_unchanged rw
}
