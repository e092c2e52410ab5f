# posix_formats: the formats that can be written: how a store of each is made of nothing, and what each cannot hold.
# Knows how to try a call in a store of each and to hold what was written against other readers; the calls are in
# posix.bats, which loads this after common.

FORMATS=(hdf5 larpix-packets pypet hmf npz numpystore npy genericio genericiostore larpix-raw)

# Makes a store of $FORMAT from nothing and mounts it; of several in a test each has a WORD in its name. D is the directory where its arrays are, PLACE the same inside of
# the store, X an array of it (the rows 1, 2 and 3, and saved).
new_store() {
  STORE=$BATS_TEST_TMPDIR/$FORMAT${1-}.store MNT=$BATS_TEST_TMPDIR/$FORMAT${1-} PLACE='' X=x OPTIONS=rw
  case $FORMAT in
    hdf5 | hmf | npz | genericio) "$EXPFS" create "$FORMAT" "$STORE" ;;
    larpix-packets)
      "$EXPFS" create larpix-raw "$STORE.raw"
      "$EXPFS" convert "$STORE.raw" "$STORE" >/dev/null
      PLACE=data
      ;;
    pypet)
      "$EXPFS" create pypet "$STORE" trajectory
      PLACE=trajectory/results
      ;;
    numpystore) OPTIONS=rw,format=npz PLACE=key/rank-0 ;;
    genericiostore) OPTIONS=rw,format=genericio PLACE=key ;;
    npy)
      "$EXPFS" create npy "$STORE"
      X=value
      ;;
    larpix-raw)
      "$EXPFS" create larpix-raw "$STORE"
      X=msgs
      ;;
  esac
  mount_store "$STORE" -o "$OPTIONS,commit=0"
  D=$MNT${PLACE:+/$PLACE}
  mkdir -p "$D"
  rows 1 2 3 >"$D/$X"
  sync "$D/$X"
}

# The text of these numbers as rows: messages are hexadecimal.
rows() {
  if [ "$FORMAT" = larpix-raw ]; then printf '%02x\n' "$@"; else printf '%s\n' "$@"; fi
}

# What each cannot do, the errno that says so, and what of the reason is in the log. All that is not here it can.
#   file       make an array                      scalar     one value without rows
#   text       an array of strings                table      one with named columns
#   empty      one of no rows                     cube       one of three dimensions
#   rows       of another length than that of the array beside it
#   touch      a file without any content: it is there until it is unmounted and is not saved, and the log says so
#   names      spaces, quotes, other scripts      long       a name of 300 bytes
#   group      mkdir                              attribute  setfattr
#   link       a hard link                        symlink    a symbolic one
#   rename     another name, or directory         exchange   two names with each other
#   remove     unlink
REFUSALS='
pypet                     names      EINVAL        only letters, digits
pypet                     long       EINVAL        1 to 127 bytes
pypet                     link       EOPNOTSUPP    a hard link is not possible here
hmf                       table      EOPNOTSUPP    an HMF store has no tables
hmf                       empty      EOPNOTSUPP    NumPy cannot map an empty file
hmf                       touch      -             has no content
hmf                       long       ENAMETOOLONG  a longer name than a file can have
hmf                       link       EOPNOTSUPP    a hard link is not possible here
hmf                       symlink    EOPNOTSUPP    a soft link is not possible here
npz,numpystore            touch      -             has no content
npz,numpystore            attribute  EOPNOTSUPP    an npz archive has no attributes
npz,numpystore            link       EOPNOTSUPP    a hard link is not possible here
npz,numpystore            symlink    EOPNOTSUPP    a soft link is not possible here
npy                       file       EOPNOTSUPP    an npy file is one array
npy                       group      EOPNOTSUPP    an npy file is one array
npy                       attribute  EOPNOTSUPP    an npy file has no attributes
npy                       link       EOPNOTSUPP    a hard link is not possible here
npy                       symlink    EOPNOTSUPP    a soft link is not possible here
npy                       rename     EPERM         cannot be removed or renamed
npy                       exchange   ENOENT        -
npy                       remove     EPERM         cannot be removed or renamed
genericio,genericiostore  scalar     EOPNOTSUPP    a column has rows
genericio,genericiostore  text       EOPNOTSUPP    is integers or floats
genericio,genericiostore  table      EOPNOTSUPP    is integers or floats
genericio,genericiostore  cube       EOPNOTSUPP    a row of a column is a number
genericio,genericiostore  touch      -             has no content
genericio,genericiostore  rows       EOPNOTSUPP    the columns of a GenericIO file all have as many
genericio,genericiostore  group      EOPNOTSUPP    a GenericIO file has columns, and no groups
genericio,genericiostore  long       ENAMETOOLONG  names of columns have 1 to 256 bytes
genericio,genericiostore  attribute  EOPNOTSUPP    and no other attributes
genericio,genericiostore  link       EOPNOTSUPP    a hard link is not possible here
genericio,genericiostore  symlink    EOPNOTSUPP    a soft link is not possible here
larpix-raw                file       EOPNOTSUPP    nothing can be made in this directory
larpix-raw                group      EOPNOTSUPP    nothing can be made in this directory
larpix-raw                attribute  EOPNOTSUPP    writing an attribute is not possible here
larpix-raw                link       EOPNOTSUPP    nothing can be made in this directory
larpix-raw                symlink    EOPNOTSUPP    nothing can be made in this directory
larpix-raw                rename     EOPNOTSUPP    nothing can be made in this directory
larpix-raw                exchange   EOPNOTSUPP    -
larpix-raw                remove     EOPNOTSUPP    removing is not possible here
'

# What the table says of $FORMAT and WHAT: "ERRNO REASON", or nothing.
refusal() {
  awk -v format="$FORMAT" -v what="$1" '
    { n = split($1, formats, ",")
      for (i = 1; i <= n; i++)
        if (formats[i] == format && $2 == what) { sub(/^[^ ]+ +[^ ]+ +/, ""); print; exit } }' <<<"$REFUSALS"
}

call() {
  "$PYTHON" -SE "$BATS_TEST_DIRNAME/posix_calls.py" "$@"
}

# fails ERRNO CALL ARGUMENT...: the call ends with this error.
fails() {
  local want=$1 got
  shift
  got=$(call "$@") || true
  [ "$want" = "$got" ] || { echo "$FORMAT: $*: wanted $want, got ${got:-no error}"; return 1; }
}

# try WHAT CALL ARGUMENT...: where $FORMAT can do WHAT the call is made, and CAN is true; else it ends with the error of
# the table and the log has the reason, and CAN is false.
try() {
  local errno reason got
  read -r errno reason < <(refusal "$1") || true
  shift
  CAN=true
  if [ -z "$errno" ]; then
    got=$(call "$@") || {
      echo "$FORMAT: $*: ${got:-failed}"
      return 1
    }
    return 0
  fi
  CAN=false
  fails "$errno" "$@"
  [ "$reason" = - ] || grep -q -F -- "$reason" "$MNT/.expfs/log" || {
    echo "$FORMAT: $*: the log has no '$reason'"
    cat "$MNT/.expfs/log"
    return 1
  }
}

# A tool that has to succeed where the format can do all of these: able 'file group' COMMAND ...; sets CAN.
able() {
  local what
  CAN=true
  for what in $1; do
    [ -z "$(refusal "$what")" ] || CAN=false
  done
  shift
  [ $# -eq 0 ] || ! $CAN || "$@"
}

# holds NAME [TYPE] VALUES: the store has this array below PLACE, as posix_reader.py prints it; numbers are of int64 where
# nothing else is said. holds_line LINE: the same with what is no array.
holds() {
  if [ "$FORMAT" = larpix-raw ]; then
    holds_line "msgs $(printf '%s' "${*: -1}" | "$PYTHON" -SEc 'import json, sys; print(json.dumps(["%02x" % x for x in json.load(sys.stdin)]))')"
  elif [ "$FORMAT" = npy ]; then
    holds_line "$X <i8 ${*: -1}"
  elif [ $# -eq 2 ]; then
    holds_line "$1 <i8 $2"
  else
    holds_line "$1 $2 $3"
  fi
}

holds_line() {
  printf '%s\n' "$1" >>"$WANTED"
}

# Ends what was done in a store: it is unmounted and whole.
end_store() {
  local file
  "$EXPFS" unmount "$MNT"
  for file in "$STORE" "$STORE"_*; do
    [ ! -e "$file" ] || "$EXPFS" check "$file" >/dev/null
  done
}

# every_format FUNCTION [FORMAT...]: the function in a new store of each format (all), which then has what it said by
# `holds` and nothing else.
every_format() {
  local operation=$1 FORMAT WANTED CAN D X PLACE OPTIONS table=$BATS_TEST_TMPDIR/table
  shift
  [ $# -gt 0 ] || set -- "${FORMATS[@]}"
  : >"$table"
  for FORMAT in "$@"; do
    echo "--- $FORMAT"
    new_store
    WANTED=$BATS_TEST_TMPDIR/$FORMAT.wanted
    : >"$WANTED"
    $operation
    end_store
    printf '%s\t%s\t%s\t%s\n' "$FORMAT" "$STORE" "$PLACE" "$WANTED" >>"$table"
  done
  "$PYTHON" "$BATS_TEST_DIRNAME/posix_reader.py" compare "$table"
}
