# posix: what files can do, in a store of every format that can be written (posix_formats.bash has the table of what each
# cannot). After each test the store is checked, and another reader finds in it what was written and nothing else.
load common
load posix_formats

setup() {
  common_setup
  SCRATCH=$BATS_TEST_TMPDIR/scratch
  mkdir "$SCRATCH"
}

# npy NAME EXPRESSION: NAME.npy beside the stores.
npy() {
  "$PYTHON" -c 'import sys, numpy as np; np.save(sys.argv[1], eval(sys.argv[2]))' "$SCRATCH/$1.npy" "$2"
}

# The log of the mount has this.
log_says() {
  grep -q -F -- "$1" "$MNT/.expfs/log" || { cat "$MNT/.expfs/log"; return 1; }
}

# The numbers of a file of one column.
numbers() {
  xargs <"$1"
}

# --- making and changing arrays ----------------------------------------------------------------------------------

makes() {
  try file write "$D/y" $'7\n8\n9\n'
  ! $CAN || holds y '[7, 8, 9]'
  try file write "$D/float" $'0.5\n1\n-2\n'
  ! $CAN || holds float '<f8' '[0.5, 1.0, -2.0]'
  if able file; $CAN; then
    try scalar write "$D/s" $'42\n'
    # HMF has no arrays without a dimension.
    if [ "$FORMAT" = hmf ]; then holds s '[42]'; elif $CAN; then holds s 42; fi
    try text write "$D/t" $'ab\nc d\nefg\n'
    ! $CAN || holds t text '["ab", "c d", "efg"]'
    try rows write "$D/r" $'1\n2\n'
    ! $CAN || holds r '[1, 2]'
    [ "$(numbers "$D/y")" = '7 8 9' ]
  fi
  [ "$(numbers "$D/$X")" = "$(rows 1 2 3 | xargs)" ]
  holds x '[1, 2, 3]'
}

@test "text in a new file makes an array" {
  every_format makes
}

copies_npy() {
  able file
  if $CAN; then
    cp "$SCRATCH/short.npy" "$D/short.npy"
    # All numbers in a GenericIO file are of its byte order.
    case $FORMAT in
      genericio*) holds short '<i2' '[7, 8, 9]' ;;
      *) holds short '>i2' '[7, 8, 9]' ;;
    esac
    cp "$SCRATCH/matrix.npy" "$D/matrix.npy"
    holds matrix '<f4' '[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]'
    cmp "$SCRATCH/matrix.npy" "$D/matrix.npy"
    try table copy "$SCRATCH/table.npy" "$D/table.npy"
    ! $CAN || holds table '[('"'a', '<i4'), ('b', '<f8')]" '[[1, 0.5], [2, 1.5], [3, 2.5]]'
    try cube copy "$SCRATCH/cube.npy" "$D/cube.npy"
    ! $CAN || holds cube '<u8' '[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]'
  fi
  holds x '[1, 2, 3]'
}

@test "cp of an NPY file makes an array of its type and shape" {
  npy short 'np.array([7, 8, 9], ">i2")'
  npy matrix 'np.arange(6, dtype="f4").reshape(3, 2)'
  npy table 'np.array([(1, .5), (2, 1.5), (3, 2.5)], [("a", "<i4"), ("b", "<f8")])'
  npy cube 'np.arange(8, dtype="u8").reshape(2, 2, 2)'
  every_format copies_npy
}

overwrites() {
  call write "$D/$X" "$(rows 4 5 6)"
  [ "$(numbers "$D/$X")" = "$(rows 4 5 6 | xargs)" ]
  call fsync "$D/$X"
  call write "$D/$X" "$(rows 7 8)"
  fails EINVAL write "$D/$X" $'word\n'
  [ "$(numbers "$D/$X")" = "$(rows 7 8 | xargs)" ]
  holds x '[7, 8]'
}

@test "an array is written anew, also shorter; text that does not fit leaves the old one" {
  every_format overwrites
}

appends() {
  call append "$D/$X" "$(rows 4)"$'\n'
  rows 5 6 >>"$D/$X"
  call fsync "$D/$X"
  rows 7 | tee -a "$D/$X" >/dev/null
  fails EINVAL append "$D/$X" $'word\n'
  holds x '[1, 2, 3, 4, 5, 6, 7]'
}

@test ">> appends rows" {
  every_format appends
}

appends_beside() {
  try file write "$D/y" $'7\n8\n9\n'
  if $CAN; then
    call fsync "$D/y"
    try rows append "$D/y" $'10\n'
    if $CAN; then holds y '[7, 8, 9, 10]'; else holds y '[7, 8, 9]'; fi
    try rows write "$D/$X" $'1\n'
    if $CAN; then holds x '[1]'; else holds x '[1, 2, 3]'; fi
  else
    holds x '[1, 2, 3]'
  fi
}

@test "an array that has others beside it grows and shrinks, or stays with the reason" {
  every_format appends_beside
}

truncates() {
  local size
  size=$(stat -c %s "$D/$X")
  call truncate "$D/$X" $((size / 3 * 2))
  [ "$(numbers "$D/$X")" = "$(rows 1 2 | xargs)" ]
  if able empty; $CAN; then
    call truncate "$D/$X" 0
    [ ! -s "$D/$X" ]
  else
    try empty truncate "$D/$X" 0
    [ "$(numbers "$D/$X")" = "$(rows 1 2 | xargs)" ]
    : >"$D/$X"
  fi
  call write "$D/$X" "$(rows 3 4 5)"$'\n'
  [ "$(numbers "$D/$X")" = "$(rows 3 4 5 | xargs)" ]
  [ "$FORMAT" = larpix-raw ] || call truncate "$D/$X.raw" 32
  case $FORMAT in
    larpix-raw) holds x '[3, 4, 5]' ;;
    *) holds x '[3, 4, 5, 0]' ;;
  esac
}

@test "truncate cuts rows, empties, and lengthens bytes with zeros" {
  every_format truncates
}

changes_in_place() {
  local width=8
  [ "$FORMAT" != larpix-raw ] || width=1
  call overwrite "$D/$X.raw" "$width" 21
  call fsync "$D/$X"
  if [ "$FORMAT" != larpix-raw ]; then
    call overwrite "$D/$X.npy" $((128 + 2 * width)) 4200
    holds x '[1, 33, 66]'
  else
    holds x '[1, 33, 3]'
  fi
}

@test "bytes written in the middle of x.raw and x.npy change those elements only" {
  every_format changes_in_place
}

two_append() {
  local n pids=()
  for n in 1 2; do
    (for i in $(seq 20); do rows $((100 + n)); done | while read -r line; do echo "$line" >>"$D/$X"; done) &
    pids+=($!)
  done
  wait "${pids[@]}"
  call fsync "$D/$X"
  [ "$(sed -n '4,$p' "$D/$X" | sort | uniq -c | awk '{ print $1 }' | xargs)" = '20 20' ]
  call write "$D/$X" "$(rows 1 2)"
  holds x '[1, 2]'
}

@test "two programs append to one array, and no row is lost" {
  every_format two_append
}

# --- names -------------------------------------------------------------------------------------------------------

renames() {
  try rename rename "$D/$X" "$D/y"
  if $CAN; then
    fails ENOENT read "$D/x"
    call rename "$D/y" "$D/x"
    call fsync "$D/x"
    call rename "$D/x" "$D/z"
    holds z '[1, 2, 3]'
  else
    holds x '[1, 2, 3]'
  fi
  fails ENOENT rename "$D/none" "$D/other"
}

@test "an array gets another name" {
  every_format renames
}

renames_over() {
  able 'file rename'
  if $CAN; then
    call write "$D/y" $'4\n5\n6\n'
    call write "$D/z" $'7\n8\n9\n'
    call fsync "$D/z"
    fails EEXIST rename "$D/x" "$D/y" noreplace
    mv -n "$D/x" "$D/y"
    [ "$(numbers "$D/y")" = '4 5 6' ]
    call rename "$D/x" "$D/y"
    call rename "$D/y" "$D/y"
    call rename "$D/z" "$D/new" noreplace
    holds y '[1, 2, 3]'
    holds new '[7, 8, 9]'
  else
    holds x '[1, 2, 3]'
  fi
}

@test "rename replaces an array, and with NOREPLACE does not" {
  every_format renames_over
}

exchanges() {
  able file
  if $CAN; then
    call write "$D/y" $'4\n5\n6\n'
    try exchange rename "$D/x" "$D/y" exchange
    [ "$(numbers "$D/x")" = '4 5 6' ]
    call fsync "$D/y"
    call rename "$D/x" "$D/y" exchange
    call rename "$D/y" "$D/x" exchange
    fails ENOENT rename "$D/x" "$D/none" exchange
    holds x '[4, 5, 6]'
    holds y '[1, 2, 3]'
  else
    try exchange rename "$D/$X" "$D/msg_headers" exchange
    holds x '[1, 2, 3]'
  fi
}

@test "two arrays change names with each other" {
  every_format exchanges
}

makes_directories() {
  try group mkdir "$D/g"
  if $CAN; then
    holds_line g/
    fails EEXIST mkdir "$D/g"
    fails ENOENT mkdir "$D/none/g"
    fails ENOTDIR mkdir "$D/x/g"
    fails EEXIST mkdir "$D/x"
    call mkdir "$D/g/h"
    call fsync "$D/g"
    fails ENOTEMPTY rmdir "$D/g"
    call rmdir "$D/g/h"
    seq 3 >"$D/g/y"
    fails ENOTEMPTY rmdir "$D/g"
    fails ENOTDIR rmdir "$D/x"
    fails EISDIR unlink "$D/g"
    fails EISDIR write "$D/g" ''
    mkdir -p "$D/k/l/m"
    seq 4 >"$D/k/l/y"
    rm -r "$D/k"
    fails ENOENT rmdir "$D/k"
    holds g/y '[1, 2, 3]'
    mkdir "$D/empty"
    holds_line empty/
  fi
  holds x '[1, 2, 3]'
}

@test "mkdir, rmdir and rm -r, with the errors of their uses" {
  every_format makes_directories
}

moves_directories() {
  able 'group file rename'
  if $CAN; then
    mkdir -p "$D/a/b" "$D/c"
    seq 2 >"$D/a/b/y"
    call fsync "$D/a/b/y"
    call rename "$D/x" "$D/a/x"
    fails EINVAL rename "$D/a" "$D/a/b/inside"
    fails ENOTDIR rename "$D/c" "$D/a/x"
    fails EISDIR rename "$D/a/x" "$D/c"
    fails ENOTEMPTY rename "$D/c" "$D/a"
    call rename "$D/a" "$D/c"
    call rename "$D/c/b" "$D/b"
    call mkdir "$D/d"
    call rename "$D/b" "$D/d" exchange
    holds_line b/
    holds_line c/
    holds_line d/
    holds c/x '[1, 2, 3]'
    holds d/y '[1, 2]'
  else
    holds x '[1, 2, 3]'
  fi
}

@test "arrays move between directories and directories with all in them" {
  every_format moves_directories
}

links() {
  try symlink symlink x "$D/symbolic"
  if $CAN; then
    [ "$FORMAT" = pypet ] || [ "$(readlink "$D/symbolic")" = x ]
    cmp "$D/symbolic" "$D/x"
    fails EEXIST symlink y "$D/symbolic"
    holds_line "symbolic -> x"
  fi
  try link link "$D/$X" "$D/hard"
  if $CAN; then
    [ "$(stat -c %h "$D/x")" = 2 ]
    call overwrite "$D/hard.raw" 8 21
    [ "$(numbers "$D/x")" = '1 33 3' ]
    holds hard '[1, 33, 3]'
    holds x '[1, 33, 3]'
  else
    holds x '[1, 2, 3]'
  fi
  fails EOPNOTSUPP mknod "$D/fifo"
}

@test "hard and symbolic links, where a format has them; no pipes" {
  every_format links
}

removes() {
  try remove unlink "$D/$X"
  if $CAN; then
    fails ENOENT read "$D/x"
    fails ENOENT unlink "$D/x"
    seq 2 >"$D/x"
    call fsync "$D/x"
    rm "$D/x"
    call fsync "$D"
    seq 4 >"$D/x"
    holds x '[1, 2, 3, 4]'
  else
    holds x '[1, 2, 3]'
  fi
}

@test "an array is removed, and its name is free" {
  every_format removes
}

removes_open() {
  try remove held "$D/$X" ''
  if $CAN; then
    seq 3 >"$D/x"
    call held "$D/x" "$D/y"
  else
    holds x '[1, 2, 3]'
  fi
}

@test "who has an array open reads it on when it is renamed and removed" {
  every_format removes_open
}

odd_names() {
  local long name
  able file
  if $CAN; then
    long=$(printf 'n%.0s' {1..120})
    call write "$D/$long" $'7\n8\n9\n'
    holds "$long" '[7, 8, 9]'
    for name in größe 目 a.b a~b 'with spaces' "it's \"so\"" 'a%b'; do
      try names write "$D/$name" $'7\n8\n9\n'
      ! $CAN || holds "$name" '[7, 8, 9]'
    done
    name=$(printf 'n%.0s' {1..300})
    try long write "$D/$name" $'7\n8\n9\n'
    ! $CAN || holds "$name" '[7, 8, 9]'
    call fsync "$D/x"
    [ "$(numbers "$D/$long")" = '7 8 9' ]
    ! able names || ! $CAN || [ "$(numbers "$D/größe")" = '7 8 9' ]
  fi
  holds x '[1, 2, 3]'
}

@test "names have spaces, quotes, other scripts, and are long" {
  every_format odd_names
}

makes_many() {
  able file
  if $CAN; then
    call many "$D" 300
    printf 'a%s <i8 [%s, 0, 1]\n' $(printf '%s %s ' $(seq 300 | sed p)) >>"$WANTED"
    [ "$(ls "$D" | wc -l)" = 301 ]
    rm "$D"/a*
    sed -i d "$WANTED"
    call many "$D" 30
    printf 'a%s <i8 [%s, 0, 1]\n' $(printf '%s %s ' $(seq 30 | sed p)) >>"$WANTED"
  fi
  holds x '[1, 2, 3]'
}

@test "a directory has three hundred arrays" {
  every_format makes_many
}

# --- attributes --------------------------------------------------------------------------------------------------

sets_attributes() {
  try attribute setxattr "$D/$X" user.unit mV
  if $CAN; then
    xattr_is "$D/x" unit mV
    fails EEXIST setxattr "$D/x" user.unit m create
    fails ENODATA setxattr "$D/x" user.none m replace
    fails ENODATA getxattr "$D/x" user.none
    fails ENODATA removexattr "$D/x" user.none
    call setxattr "$D/x" user.n 7
    call fsync "$D/x"
    call setxattr "$D/x" user.n 8 replace
    call setxattr "$D/x" user.gone 1
    call setxattr "$D/x" user.list '[1, 2]'
    call removexattr "$D/x" user.gone
    fails E2BIG big_xattr "$D/x" user.n 70000
    xattr_is "$D/x" n 8
    holds_line 'x@unit "mV"'
    holds_line 'x@n 8'
    holds_line 'x@list [1, 2]'
  else
    fails ENODATA getxattr "$D/$X" user.unit
    fails ENODATA removexattr "$D/$X" user.unit
  fi
  fails EOPNOTSUPP setxattr "$D/$X" trusted.unit mV
  # What tells of a copy's type is taken, and of no use here.
  call setxattr "$D/$X" user.expfs.dtype '<f4'
  holds x '[1, 2, 3]'
}

@test "setfattr sets, replaces and removes, or is refused" {
  every_format sets_attributes
}


own_attributes() {
  fails EOPNOTSUPP setxattr "$D/x" user.coordinate w
  fails EOPNOTSUPP setxattr "$D" user.phys_scale '[1, 2]'
  call setxattr "$D/x" user.coordinate y
  call setxattr "$D" user.phys_scale '[1.5,2.5,3.5]'
  holds_line 'x@coordinate "y"'
  holds_line '@phys_scale [1.5, 2.5, 3.5]'
  holds x '[1, 2, 3]'
}

@test "the attributes that a GenericIO file has are set" {
  every_format own_attributes genericio genericiostore
}

sets_modes() {
  call chmod "$D/$X" 600
  call chown "$D/$X" 12
  call utime "$D/$X" 1000
  [ "$(stat -c '%a %u %Y' "$D/$X")" = "$(stat -c '%a %u' "$MNT/$X" 2>/dev/null || echo 644 0) 1000" ]
  holds x '[1, 2, 3]'
}

@test "chmod and chown are accepted and not kept, times as long as the mount" {
  every_format sets_modes
}

# --- errors ------------------------------------------------------------------------------------------------------

uses_wrongly() {
  fails EEXIST exclusive "$D/$X" 1
  fails ENOENT read "$D/none"
  fails ENOENT append "$D/none" 1
  fails ENOENT write "$D/none/y" 1
  fails ENOENT unlink "$D/none"
  fails ENOTDIR write "$D/$X/y" 1
  fails ENOTDIR rmdir "$D/$X"
  fails ENOTDIR read "$D/$X/y"
  fails EISDIR write "$D" 1
  fails EEXIST mkdir "$D/$X"
  fails EXDEV link "$D/$X" "$SCRATCH/out"
  fails EXDEV rename "$D/$X" "$SCRATCH/out"
  holds x '[1, 2, 3]'
}

@test "wrong uses have their own errors, and change nothing" {
  every_format uses_wrongly
}

without_content() {
  able file
  if $CAN; then
    touch "$D/nothing" "$D/something"
    [ -e "$D/nothing" ] && [ ! -s "$D/nothing" ]
    printf '7\n8\n9\n' >"$D/something"
    holds something '[7, 8, 9]'
    call fsync "$D/something"
    [ -e "$D/nothing" ] && [ "$(numbers "$D/something")" = '7 8 9' ]
    if able touch; $CAN; then
      # pypet's loader would not know what to do with a null dataspace.
      if [ "$FORMAT" = pypet ]; then holds nothing '<f8' '[]'; else holds_line 'nothing null'; fi
    else
      log_says "'nothing' has no content, and is not saved"
    fi
    rm "$D/something"
    sed -i '/something/d' "$WANTED"
    try empty copy "$SCRATCH/empty.npy" "$D/x.npy"
    if $CAN; then holds x '[]'; else holds x '[1, 2, 3]'; fi
  else
    holds x '[1, 2, 3]'
  fi
}

@test "a file without content, and an array without rows" {
  npy empty 'np.zeros(0, "i8")'
  every_format without_content
}

read_only() {
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE" -o "${OPTIONS/rw/ro}"
  fails EROFS write "$D/$X" 1
  fails EROFS append "$D/$X" 1
  fails EROFS write "$D/new" 1
  fails EROFS truncate "$D/$X" 0
  fails EROFS rename "$D/$X" "$D/y"
  fails EROFS unlink "$D/$X"
  fails EROFS mkdir "$D/g"
  fails EROFS link "$D/$X" "$D/l"
  fails EROFS symlink "$X" "$D/l"
  fails EROFS setxattr "$D/$X" user.a 1
  fails EROFS removexattr "$D/$X" user.a
  fails EROFS chmod "$D/$X" 600
  fails EROFS utime "$D/$X" 1
  [ "$(numbers "$D/$X")" = "$(rows 1 2 3 | xargs)" ]
  holds x '[1, 2, 3]'
}

@test "nothing is changed in a store that is mounted read-only" {
  every_format read_only
}

killed() {
  call write "$D/$X" "$(rows 4 5 6)"
  call fsync "$D/$X"
  able file
  if $CAN; then
    call write "$D/y" $'7\n8\n9\n'
    call fsync "$D/y"
    echo 1 >"$D/z"
    holds y '[7, 8, 9]'
  else
    rows 9 >>"$D/$X"
  fi
  kill -9 "$(mount_pid "$MNT")"
  umount -l "$MNT"
  mount_store "$STORE" -o "$OPTIONS"
  [ "$(numbers "$D/$X")" = "$(rows 4 5 6 | xargs)" ]
  holds x '[4, 5, 6]'
}

@test "what is synced is there after the mount was killed, and nothing else" {
  every_format killed
}

# --- programs ----------------------------------------------------------------------------------------------------

# Something of all that the format can hold.
fill() {
  call write "$D/y" $'0.5\n1.5\n2.5\n'
  holds y '<f8' '[0.5, 1.5, 2.5]'
  holds x '[1, 2, 3]'
  cp "$SCRATCH/short.npy" "$D/short.npy"
  holds short '<i2' '[7, 8, 9]'
  able group
  ! $CAN || {
    mkdir -p "$D/g/h" "$D/empty"
    seq 3 >"$D/g/h/z"
    holds_line g/
    holds_line g/h/
    holds_line empty/
    holds g/h/z '[1, 2, 3]'
  }
  able attribute
  ! $CAN || {
    setfattr -n user.unit -v mV "$D/y"
    holds_line 'y@unit "mV"'
  }
  able text
  ! $CAN || {
    printf 'ab\nc d\nefg\n' >"$D/t"
    holds t text '["ab", "c d", "efg"]'
  }
  able symlink
  ! $CAN || {
    ln -s x "$D/symbolic"
    holds_line 'symbolic -> x'
  }
}

# copies COMMAND...: run with FROM and TO, first out of the store into a directory, then from there into a new store.
copies() {
  local out=$SCRATCH/$FORMAT
  able file
  $CAN || { holds x '[1, 2, 3]'; return 0; }
  fill
  call fsync "$D"
  mkdir "$out"
  "$@" "$D" "$out"
  end_store
  new_store 2
  "$@" "$out" "$D"
}

with_cp() {
  cp -a "$1/." "$2/"
}

@test "cp -a copies a store out and into a new one" {
  npy short 'np.array([7, 8, 9], "<i2")'
  every_format 'copies with_cp'
}

with_rsync() {
  local again
  rsync -aX "$1/" "$2/"
  # How many bytes of the store an array has is known when it has been saved.
  call fsync "$2"
  again=$(rsync -aX --itemize-changes "$1/" "$2/")
  is '' "$again"
}

@test "rsync -aX copies a store out and into a new one, and has nothing to do the second time" {
  npy short 'np.array([7, 8, 9], "<i2")'
  every_format 'copies with_rsync'
}

with_tar() {
  tar --xattrs -C "$1" -cf "$SCRATCH/archive.tar" .
  tar --xattrs -C "$2" -xf "$SCRATCH/archive.tar"
}

@test "tar --xattrs packs a store and unpacks it into a new one" {
  npy short 'np.array([7, 8, 9], "<i2")'
  every_format 'copies with_tar'
}

edits() {
  able 'file rename'
  if $CAN; then
    seq 4 6 >"$D/.x.new"
    call fsync "$D/.x.new"
    mv "$D/.x.new" "$D/x"
    sed -i 's/5/55/' "$D/x"
    mv "$D/x" "$D/x~"
    sed 's/6/66/' "$D/x~" >"$D/x"
    rm "$D/x~"
    holds x '[4, 55, 66]'
  else
    holds x '[1, 2, 3]'
  fi
}

@test "editors save by renaming" {
  every_format edits
}

# --- stores of keys ----------------------------------------------------------------------------------------------

# The part below a key where arrays are.
key_changes() {
  local part=${PLACE#key}
  fails EOPNOTSUPP write "$MNT/x" 1
  mkdir -p "$MNT/other$part" "$MNT/third$part"
  seq 5 >"$MNT/other$part/y"
  seq 6 >"$MNT/third$part/z"
  sync -f "$MNT/other$part"
  call fsync "$MNT/other$part/y"
  fails ENOTEMPTY rename "$MNT/other" "$MNT/key"
  fails ENOTEMPTY rmdir "$MNT/key"
  call rename "$MNT/other" "$MNT/key" exchange
  [ "$(numbers "$MNT/key$part/y")" = '1 2 3 4 5' ]
  call fsync "$MNT/key$part/y"
  [ "$(numbers "$MNT/key$part/y")" = '1 2 3 4 5' ]
  [ "$(numbers "$MNT/other$part/x")" = '1 2 3' ]
  call rename "$MNT/third" "$MNT/fourth"
  try rows rename "$MNT/fourth$part/z" "$MNT/key$part/z"
  if $CAN; then holds "key$part/z" '[1, 2, 3, 4, 5, 6]'; else holds "fourth$part/z" '[1, 2, 3, 4, 5, 6]'; fi
  local group
  for group in key other fourth ${part:+"key$part" "other$part" "fourth$part"}; do
    holds_line "$group/"
  done
  holds "key$part/y" '[1, 2, 3, 4, 5]'
  holds "other$part/x" '[1, 2, 3]'
  PLACE=''
}

@test "keys are renamed, exchanged and removed" {
  every_format key_changes numpystore genericiostore
}

# The same, of keys that nobody has looked into since the store was mounted.
unseen_keys() {
  local part=${PLACE#key} key
  for key in a b; do
    mkdir -p "$MNT/$key$part"
  done
  seq 4 >"$MNT/a$part/x"
  seq 5 >"$MNT/b$part/x"
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE" -o "$OPTIONS"
  call rename "$MNT/a" "$MNT/b" exchange
  call rename "$MNT/key" "$MNT/c"
  call rename "$MNT/a" "$MNT/key"
  call fsync "$MNT"
  call rename "$MNT/c" "$MNT/a"
  echo 6 >>"$MNT/key$part/x"
  call rename "$MNT/key" "$MNT/c"
  call rename "$MNT/b" "$MNT/key"
  is '' "$(find "$BATS_TEST_TMPDIR" -name '.expfs-*')"
  for key in a c key; do
    holds_line "$key/"
    [ -z "$part" ] || holds_line "$key$part/"
  done
  holds "a$part/x" '[1, 2, 3]'
  holds "c$part/x" '[1, 2, 3, 4, 5, 6]'
  holds "key$part/x" '[1, 2, 3, 4]'
  PLACE=''
}

@test "keys that were not looked into are renamed and exchanged" {
  every_format unseen_keys numpystore genericiostore
}
