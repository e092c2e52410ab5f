# mount: starting, stopping and asking a mount: options, signals, mountpoints, fstab, .expfs/.
load common

setup_file() {
  load common
  make_store "$BATS_FILE_TMPDIR/store.h5" <<'PY'
f["x"] = np.arange(5)
f["group/y"] = np.arange(3000000)
PY
}

setup() {
  common_setup
  STORE=$BATS_FILE_TMPDIR/store.h5
}

is_unmounted() {
  ! is_mounted "$1"
}

# A command in the background with the program's name, so that what is left of it is found.
in_background() {
  "$EXPFS" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
  PID=$!
}

@test "the command returns when the mount answers" {
  mount_store "$STORE"
  is '0 1 2 3 4' "$(tr '\n' ' ' <"$MNT/x" | sed 's/ $//')"
  is fuse.expfs "$(findmnt --noheadings --output FSTYPE "$MNT")"
  [[ "$(findmnt --noheadings --output OPTIONS "$MNT")" == ro,* ]]
}

@test "nothing is printed, and stdin, stdout and stderr are let go" {
  is '' "$("$EXPFS" "$STORE" "$MNT" 2>&1)"
  local pid
  pid=$(mount_pid "$MNT")
  is /dev/null "$(readlink "/proc/$pid/fd/1")"
  is / "$(readlink "/proc/$pid/cwd")"
}

@test "the verb mount is the same" {
  "$EXPFS" mount "$STORE" "$MNT"
  is 5 "$(wc -l <"$MNT/x")"
}

@test "relative paths go on working after it has gone to the background" {
  cd "$BATS_FILE_TMPDIR"
  "$EXPFS" store.h5 "$(realpath -m --relative-to=. "$MNT")" -o "log=$(realpath -m --relative-to=. "$BATS_TEST_TMPDIR/log")"
  cd /
  is 5 "$(wc -l <"$MNT/x")"
  grep -q -x -P "store\t\Q$STORE\E" "$MNT/.expfs/options"
  [ -s "$BATS_TEST_TMPDIR/log" ]
}

@test "a mountpoint that does not exist is made, and removed at unmount" {
  [ ! -e "$MNT" ]
  mount_store "$STORE"
  is_mounted "$MNT"
  "$EXPFS" unmount "$MNT"
  [ ! -e "$MNT" ]
}

@test "a mountpoint that was there stays" {
  mkdir "$MNT"
  mount_store "$STORE"
  "$EXPFS" unmount "$MNT"
  [ -d "$MNT" ]
  is '' "$(ls -A "$MNT")"
}

@test "a mountpoint with a space and a backslash in its name" {
  MNT="$BATS_TEST_TMPDIR/a b\\c"
  mount_store "$STORE"
  is 5 "$(wc -l <"$MNT/x")"
  "$EXPFS" unmount "$MNT"
  [ ! -e "$MNT" ]
}

@test "SIGTERM and SIGINT unmount" {
  local signal pid
  for signal in TERM INT; do
    mount_store "$STORE"
    pid=$(mount_pid "$MNT")
    kill -$signal "$pid"
    wait_until 10 is_gone "$pid"
    is_unmounted "$MNT"
    [ ! -e "$MNT" ]
  done
}

@test "a signal while a file is open unmounts lazily: the reader finishes" {
  local pid
  mount_store "$STORE"
  pid=$(mount_pid "$MNT")
  exec 7<"$MNT/group/y"
  head -c 100 <&7 >"$BATS_TEST_TMPDIR/part"
  kill -TERM "$pid"
  wait_until 10 is_unmounted "$MNT"
  cat <&7 >>"$BATS_TEST_TMPDIR/rest"
  exec 7<&-
  is 2999999 "$(tail -n 1 "$BATS_TEST_TMPDIR/rest" | tr -d ' ')"
  wait_until 10 is_gone "$pid"
}

@test "fusermount3 -u and umount end the process" {
  local pid
  mount_store "$STORE"
  pid=$(mount_pid "$MNT")
  umount "$MNT"
  wait_until 10 is_gone "$pid"
  mount_store "$STORE"
  pid=$(mount_pid "$MNT")
  fusermount3 -u "$MNT"
  wait_until 10 is_gone "$pid"
}

@test "unmount refuses while busy, unmount -l does not wait" {
  mount_store "$STORE"
  local pid status=0
  pid=$(mount_pid "$MNT")
  exec 7<"$MNT/x"
  "$EXPFS" unmount "$MNT" 2>"$BATS_TEST_TMPDIR/err" || status=$?
  cat "$BATS_TEST_TMPDIR/err"
  is 1 $status
  is 1 "$(wc -l <"$BATS_TEST_TMPDIR/err")"
  is_mounted "$MNT"
  "$EXPFS" unmount -l "$MNT"
  is_unmounted "$MNT"
  exec 7<&-
  wait_until 10 is_gone "$pid"
}

@test "unmount waits a moment for who is just about to close a file" {
  mount_store "$STORE"
  exec 7<"$MNT/x"
  sleep 0.15 3>&- &
  exec 7<&-
  "$EXPFS" unmount "$MNT"
  is_unmounted "$MNT"
}

@test "in the foreground it stays there, and ends with status 0 when unmounted" {
  in_background "$STORE" "$MNT" -f
  wait_until 10 is_mounted "$MNT"
  is 5 "$(wc -l <"$MNT/x")"
  kill -0 "$PID"
  "$EXPFS" unmount "$MNT"
  wait "$PID"
}

@test "debug prints the requests" {
  in_background "$STORE" "$MNT" -d
  wait_until 10 is_mounted "$MNT"
  cat "$MNT/x" >"$BATS_TEST_TMPDIR/x"
  "$EXPFS" unmount "$MNT"
  wait "$PID"
  grep -q LOOKUP "$BATS_TEST_TMPDIR/err"
}

@test "a mount that ends leaves its directory to one that begins there" {
  [ "$(id -u)" -eq 0 ] || skip "only root can look below a mount"
  local below=$BATS_TEST_TMPDIR/below made=$BATS_TEST_TMPDIR/made/here pid
  mkdir "$below" "$BATS_TEST_TMPDIR/made"
  mount_at "$made" "$STORE"
  pid=$(mount_pid "$made")
  mount --bind "$BATS_TEST_TMPDIR/made" "$below"
  exec 8<"$below/here"
  umount -l "$below"
  flock 8
  umount "$made"
  wait_until 15 is_gone "$pid"
  [ -d "$made" ]
  exec 8<&-
  rmdir "$made"
  mount_at "$made" "$STORE"
  "$EXPFS" unmount "$made"
  [ ! -e "$made" ]
}

@test "idle=SECONDS unmounts when unused" {
  mount_store "$STORE" -o idle=3
  local pid
  pid=$(mount_pid "$MNT")
  cat "$MNT/x"
  is_mounted "$MNT"
  wait_until 15 is_gone "$pid"
  [ ! -e "$MNT" ]
}

@test "idle=SECONDS does not unmount while a file is open" {
  mount_store "$STORE" -o idle=3
  exec 7<"$MNT/x"
  # Longer than idle=: there is no condition to wait for but time.
  sleep 6
  is_mounted "$MNT"
  is 5 "$(wc -l <&7)"
  exec 7<&-
  wait_until 15 is_unmounted "$MNT"
}

@test "log=FILE gets the messages, and so does .expfs/log" {
  mount_store "$STORE" -o "log=$BATS_TEST_TMPDIR/log"
  grep -q -F "$STORE" "$BATS_TEST_TMPDIR/log"
  grep -q -F "$STORE" "$MNT/.expfs/log"
}

@test ".expfs/ is there and not listed" {
  mount_store "$STORE" -o cache=64M,text=compact
  is 'group x' "$(ls -A "$MNT" | tr '\n' ' ' | sed 's/ $//')"
  is 'log options stats' "$(ls "$MNT/.expfs" | tr '\n' ' ' | sed 's/ $//')"
  grep -q -P '^store\t' "$MNT/.expfs/options"
  grep -q 'text=compact' "$MNT/.expfs/options"
  grep -q 'cache=64M' "$MNT/.expfs/options"
  [ -z "$(grep -v -P '^[a-z_]+\t-?[0-9]+$' "$MNT/.expfs/stats")" ]
  grep -q -P '^open_stores\t1$' "$MNT/.expfs/stats"
  is '' "$(find "$MNT" -name .expfs)"
}

@test ".expfs/stats counts" {
  mount_store "$STORE"
  local before after
  before=$(awk '$1 == "operations_read" { print $2 }' "$MNT/.expfs/stats")
  cat "$MNT/x" >"$BATS_TEST_TMPDIR/x"
  after=$(awk '$1 == "operations_read" { print $2 }' "$MNT/.expfs/stats")
  [ "$after" -gt "$before" ]
}

@test "a store's own .expfs wins over the mount's" {
  make_store "$BATS_TEST_TMPDIR/own.h5" <<'PY'
f[".expfs"] = 7
PY
  mount_store "$BATS_TEST_TMPDIR/own.h5"
  is 7 "$(cat "$MNT/.expfs")"
}

# A mount namespace has copies of all mounts, which would keep those of the tests beside this one alive: runs the
# script without them.
in_namespace() {
  unshare --mount true || skip "no mount namespaces here"
  unshare --mount --propagation private bash -eu -o pipefail -c "
    awk '\$3 == \"fuse.expfs\" { print \$2 }' /proc/self/mounts | xargs -r umount -l
    $1"
}

# As if expfs were installed: mount(8) looks for it in the system's own directories only, so it is put there in a mount
# namespace of this command's own, which sees the mount too.
as_installed() {
  [ "$(id -u)" -eq 0 ] || skip "needs root"
  [ -x /sbin/mount.fuse3 ] || [ -x /sbin/mount.fuse ] || skip "mount.fuse is not installed"
  in_namespace "
    mount -t tmpfs none /usr/local/bin
    ln -s '$EXPFS' /usr/local/bin/expfs
    $1"
}

@test "mount -t fuse.expfs mounts" {
  mkdir "$MNT"
  as_installed "
    mount -t fuse.expfs -o text=compact '$STORE' '$MNT'
    [ \$(wc -l <'$MNT/x') = 5 ]
    grep -q text=compact '$MNT/.expfs/options'
    [ \$(findmnt --noheadings --output FSTYPE '$MNT') = fuse.expfs ]
    umount '$MNT'"
}

@test "a line in fstab mounts" {
  mkdir "$MNT"
  echo "$STORE $MNT fuse.expfs noauto,user,nofail,_netdev,x-systemd.automount,text=compact 0 0" >"$BATS_TEST_TMPDIR/fstab"
  as_installed "
    mount --fstab '$BATS_TEST_TMPDIR/fstab' '$MNT'
    [ \$(wc -l <'$MNT/x') = 5 ]
    grep -q text=compact '$MNT/.expfs/options'
    umount '$MNT'"
}

@test "mount says why it could not" {
  mkdir "$MNT"
  as_installed "
    if mount -t fuse.expfs -o ro '$BATS_TEST_TMPDIR/none.h5' '$MNT' 2>'$BATS_TEST_TMPDIR/err'; then exit 1; fi
    grep -q 'none.h5: No such file' '$BATS_TEST_TMPDIR/err'
    if findmnt --mountpoint '$MNT'; then exit 1; fi"
}

@test "owner, group and permissions follow the store file" {
  cp "$STORE" "$BATS_TEST_TMPDIR/own.h5"
  chmod 640 "$BATS_TEST_TMPDIR/own.h5"
  [ "$(id -u)" -ne 0 ] || chown 1234:5678 "$BATS_TEST_TMPDIR/own.h5"
  touch -d '2020-02-03 04:05:06 UTC' "$BATS_TEST_TMPDIR/own.h5"
  mount_store "$BATS_TEST_TMPDIR/own.h5"
  is "$(stat -c %u:%g "$BATS_TEST_TMPDIR/own.h5")" "$(stat -c %u:%g "$MNT/x")"
  is 440 "$(stat -c %a "$MNT/x")"
  is 550 "$(stat -c %a "$MNT/group")"
  is "$(date -d '2020-02-03 04:05:06 UTC' +%s)" "$(stat -c %Y "$MNT/group")"
}

@test "uid=, gid= and umask= change what is shown" {
  mount_store "$STORE" -o uid=1234,gid=5678,umask=0027
  is 1234:5678 "$(stat -c %u:%g "$MNT/x")"
  is 440 "$(stat -c %a "$MNT/x")"
  is 550 "$(stat -c %a "$MNT")"
}

@test "fsname= is what mount shows as the source" {
  mount_store "$STORE" -o fsname=experiment
  is experiment "$(findmnt --noheadings --output SOURCE "$MNT")"
}

@test "options may be given several times and in one" {
  "$EXPFS" -o text=compact "$STORE" -o ro,uid=7 "$MNT"
  is 7 "$(stat -c %u "$MNT/x")"
}

@test "statfs tells a type and that nothing is free" {
  mount_store "$STORE"
  is 0 "$(stat -f -c %a "$MNT")"
  [ "$(stat -f -c %l "$MNT")" -ge 255 ]
  df "$MNT" >/dev/null
}

@test "access follows the permissions" {
  mount_store "$STORE"
  [ -r "$MNT/x" ]
  [ ! -x "$MNT/x" ]
  [ -x "$MNT/group" ]
  [ ! -w "$MNT/x" ]
}

@test "two mounts of one store, and two of different ones" {
  mount_store "$STORE"
  mount_at "$BATS_TEST_TMPDIR/second" "$STORE"
  cmp "$MNT/group/y" "$BATS_TEST_TMPDIR/second/group/y"
  "$EXPFS" unmount "$MNT" "$BATS_TEST_TMPDIR/second"
  [ ! -e "$MNT" ]
  [ ! -e "$BATS_TEST_TMPDIR/second" ]
}

@test "somebody who is not root mounts for himself" {
  [ "$(id -u)" -eq 0 ] || skip "needs root, to become somebody else"
  local dir=$BATS_TEST_TMPDIR/nobody program=$BATS_TEST_TMPDIR/expfs
  chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "${BATS_FILE_TMPDIR%/*}"
  install -d -o nobody "$dir"
  install -m 755 "$EXPFS" "$program"
  setpriv --reuid nobody --clear-groups test -x "$program" || skip "nobody cannot reach $BATS_TEST_TMPDIR"
  # In a mount namespace where /dev/fuse is everybody's, as it is on most machines.
  mknod -m 666 "$BATS_TEST_TMPDIR/fuse" c 10 229
  setpriv --reuid nobody --clear-groups test -w "$BATS_TEST_TMPDIR/fuse"
  in_namespace "
    mount --bind '$BATS_TEST_TMPDIR/fuse' /dev/fuse
    as='setpriv --reuid nobody --clear-groups'
    \$as '$program' '$STORE' '$dir/mnt'
    [ \$(\$as wc -l '$dir/mnt/x' | cut -d ' ' -f 1) = 5 ]
    [ \$(\$as findmnt --noheadings --output FSTYPE '$dir/mnt') = fuse.expfs ]
    # Other users, root too, are kept out.
    if cat '$dir/mnt/x' 2>/dev/null; then exit 1; fi
    \$as '$program' unmount '$dir/mnt'"
  [ ! -e "$dir/mnt" ]
}

@test "the process uses little memory, whatever it reads" {
  mount_store "$STORE" -o cache=1M
  cat "$MNT/group/y" >/dev/null
  local pid
  pid=$(mount_pid "$MNT")
  [ "$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status")" -lt 100000 ] || [ -n "${ASAN_OPTIONS#:log*}" ]
}
