# common: mounting, waiting and comparing for the bats files; each loads it first.
# Knows how to start and end a mount so that none outlives its test; knows no store.
# EXPFS is the program, EXPFS_SHARED the folder of reference stores; scripts/test sets both, and EXPFS_TEST_OPTIONS, what
# every mount is given besides, when it runs the tests with little memory.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
EXPFS=${EXPFS:-$TOP/build/fs/expfs}
EXPFS_SHARED=${EXPFS_SHARED:-$TOP/../shared}
PYTHON=/usr/bin/python3
bats_require_minimum_version 1.5.0

setup() {
  common_setup
}

# For the setup of a file that has its own.
common_setup() {
  MNT=$BATS_TEST_TMPDIR/mnt
  # Where the sanitizers of a mount in the background leave their reports.
  export ASAN_OPTIONS=${ASAN_OPTIONS-}:log_path=$BATS_TEST_TMPDIR/sanitizer
  export UBSAN_OPTIONS=${UBSAN_OPTIONS-}:log_path=$BATS_TEST_TMPDIR/sanitizer
  export TSAN_OPTIONS=${TSAN_OPTIONS-}:log_path=$BATS_TEST_TMPDIR/sanitizer
}

teardown() {
  unmount_all
  local report
  for report in "$BATS_TEST_TMPDIR"/sanitizer.*; do
    [ ! -e "$report" ] || { cat "$report"; false; }
  done
}

# Mounts STORE at $MNT (or $MNT2 ...: see mount_at) with further arguments as given: mount_store STORE -o text=compact
mount_store() {
  mount_at "$MNT" "$@"
}

# The same at another place.
mount_at() {
  local where=$1 store=$2
  shift 2
  "$EXPFS" "$store" "$where" ${EXPFS_TEST_OPTIONS:+-o "$EXPFS_TEST_OPTIONS"} "$@"
}

# Mounts $STORE for writing, with further options as given: mount_rw commit=1
mount_rw() {
  mount_store "$STORE" -o "rw${1:+,$1}"
}

# What h5py says of the store after unmounting: after 'EXPRESSION with f'
after() {
  "$EXPFS" unmount "$MNT"
  "$PYTHON" -c '
import sys, h5py, numpy as np
f = h5py.File(sys.argv[1], "r")
def names():
    out = []
    f.visit(out.append)
    return " ".join(out)
def kind(name):
    return "%s %s" % (f[name].dtype.str, f[name].shape)
print(eval(sys.argv[2]))' "$STORE" "$1"
}

is_mounted() {
  findmnt --noheadings --mountpoint "$1" >/dev/null
}

# The process that serves a mountpoint.
mount_pid() {
  local pid
  for pid in $(pgrep -x expfs); do
    if tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -x -F -- "$1"; then
      echo "$pid"
      return 0
    fi
  done
  return 1
}

# The process has ended, whether or not somebody has asked for its status yet.
is_gone() {
  ! grep -q -s -v '^State:.*[ZX]' <(grep -s '^State:' "/proc/$1/status")
}

# Unmounts whatever this test left mounted and waits for the processes to end; what does not end is killed and fails.
unmount_all() {
  local where pid pids=() status=0
  for pid in $(pgrep -x expfs); do
    if tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -F -- "$BATS_TEST_TMPDIR/"; then pids+=("$pid"); fi
  done
  while read -r where; do
    umount -l "$(printf %b "$where")" || status=1
  done < <(awk -v below="$BATS_TEST_TMPDIR/" 'index($2, below) == 1 { print $2 }' /proc/self/mounts | tac)
  for pid in "${pids[@]}"; do
    if ! wait_until 20 is_gone "$pid"; then
      echo "process $pid goes on after its mount has gone"
      kill -9 "$pid"
      status=1
    fi
  done
  return $status
}

# wait_until SECONDS COMMAND...: until the command succeeds; fails when it has not by then.
wait_until() {
  local end=$((SECONDS + $1 + 1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || { echo "waited in vain for: $*" >&2; return 1; }
    sleep 0.02
  done
}

# Makes an HDF5 file with h5py; the body on stdin has it as `f`: make_store FILE [LIBVER] <<'PY' ... PY
make_store() {
  local body
  body=$(cat)
  $PYTHON - "$1" "${2-earliest}" <<PY
import sys
import h5py, numpy as np
from h5py import h5a, h5d, h5f, h5g, h5o, h5p, h5r, h5s, h5t
f = h5py.File(sys.argv[1], "w", libver=(sys.argv[2], "v110"))

def low(where, name, tid, values=None, shape=(), plist=None):
    """A dataset of a low-level type, its bytes those of \`values\`, written as they are."""
    space = h5s.create_simple(shape) if shape else h5s.create(h5s.SCALAR)
    d = h5d.create(where.id, name.encode(), tid, space, plist)
    if values is not None:
        d.write(h5s.ALL, h5s.ALL, np.ascontiguousarray(values), tid)
    return d

$body
f.close()
PY
}

need_shared() {
  [ -d "$EXPFS_SHARED/stores" ] || skip "no reference stores at $EXPFS_SHARED (EXPFS_SHARED)"
}

# A command that must fail; `!` alone does not fail a test.
not() {
  if "$@"; then
    echo "should have failed: $*"
    return 1
  fi
}

# is WANT GOT: two strings are the same; says how they differ.
is() {
  if [ "$1" != "$2" ]; then
    printf 'want: %q\ngot:  %q\n' "$1" "$2"
    return 1
  fi
}

# The bytes of FILE are exactly those that printf makes of FORMAT: text_is FILE 'a\tb\n'
text_is() {
  # shellcheck disable=SC2059
  if ! cmp <(printf -- "$2") "$1"; then
    echo "$1:"; od -c "$1" | head -n 40
    return 1
  fi
}

# The xattr NAME (without "user.") of FILE is VALUE.
xattr_is() {
  is "$3" "$(getfattr --no-dereference --only-values --name "user.$2" "$1")"
}

# Runs a command that must fail with this errno's message on stderr: fails_with 'No such file' cat x
fails_with() {
  local message=$1 status=0
  shift
  "$@" >"$BATS_TEST_TMPDIR/fails.out" 2>"$BATS_TEST_TMPDIR/fails.err" || status=$?
  [ $status -ne 0 ] || { echo "did not fail: $*"; return 1; }
  grep -q -F -- "$message" "$BATS_TEST_TMPDIR/fails.err" || {
    echo "want: $message"; cat "$BATS_TEST_TMPDIR/fails.err"
    return 1
  }
}

# A refusal to mount: refused STATUS PATTERN ARGUMENT...: expfs with these arguments exits with STATUS, says one sentence
# that matches PATTERN on stderr (after bad usage, 2, where to find help besides), and leaves neither a mount nor a
# directory that was not there.
refused() {
  local want=$1 word=$2 status=0 there=false err=$BATS_TEST_TMPDIR/refused.err
  shift 2
  [ ! -e "$MNT" ] || there=true
  "$EXPFS" "$@" >"$BATS_TEST_TMPDIR/refused.out" 2>"$err" </dev/null || status=$?
  cat "$err"
  is "$want" "$status"
  [ "$want" -ne 2 ] || [ "$(tail -n 1 "$err")" != "Try 'expfs --help'." ] || sed -i '$d' "$err"
  is 1 "$(wc -l <"$err")"
  grep -q -i -E -- "$word" "$err"
  [ ! -s "$BATS_TEST_TMPDIR/refused.out" ]
  not grep " $MNT " /proc/self/mounts
  $there || [ ! -e "$MNT" ]
}
