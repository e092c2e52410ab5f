# manual: --help, the man page and the completion say the same.
load common

@test "the man page names every verb, switch, option and format of --help, and the other way round" {
  GROFF_NO_SGR=1 groff -t -man -Tascii -rLL=200n "$TOP/fs/expfs.1" | sed 's/.\x08//g' >"$BATS_TEST_TMPDIR/man"
  "$EXPFS" --help >"$BATS_TEST_TMPDIR/help"
  # The words of --help: what stands in the first column of its lists.
  awk '/^  / { sub(/=.*/, "", $1); sub(/,$/, "", $1); print $1 }' "$BATS_TEST_TMPDIR/help" | grep -v '^and$' |
    sort -u >"$BATS_TEST_TMPDIR/words"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/words")" -gt 30 ]
  while read -r word; do
    grep -q -w -e "$word" "$BATS_TEST_TMPDIR/man" || { echo "not in the man page: $word"; false; }
  done <"$BATS_TEST_TMPDIR/words"
  # The options of the man page: what its OPTIONS section has at the edge.
  awk '/^[A-Z]/ { inside = $0 == "OPTIONS" } inside && /^       [a-z_]+(=|,|$|  )/' "$BATS_TEST_TMPDIR/man" |
    sed 's/^ *//; s/  .*//' | tr -d ' ' | tr ',' '\n' | sed 's/=.*//' | sort -u >"$BATS_TEST_TMPDIR/options"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/options")" -gt 20 ]
  while read -r word; do
    grep -q -E "^  $word( |=)" "$BATS_TEST_TMPDIR/help" || { echo "not in --help: $word"; false; }
  done <"$BATS_TEST_TMPDIR/options"
}

@test "the man page has no mistakes that groff finds" {
  is '' "$(groff -t -ww -man -Tutf8 -z "$TOP/fs/expfs.1" 2>&1)"
}

@test "each row of the table of pypet's messages has a test of its name, and each test of the service a row" {
  # The first column of the tables in that section.
  sed -n "/^.SH \"PYPET'S STORAGE SERVICE\"/,/^.SH WRITING/p" "$TOP/fs/expfs.1" | sed -n '/^\.TS/,/^\.TE/s/^\([^.|;(]*\)|..*/\1/p' |
    sort >"$BATS_TEST_TMPDIR/rows"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -gt 90 ]
  is '' "$(uniq -d "$BATS_TEST_TMPDIR/rows")"
  sed -n 's/^@test "\([^:"]*\): .*/\1/p' "$BATS_TEST_DIRNAME"/*.bats | sort -u >"$BATS_TEST_TMPDIR/tests"
  is '' "$(comm -23 "$BATS_TEST_TMPDIR/rows" "$BATS_TEST_TMPDIR/tests")"
  sed -n 's/^@test "\([^:"]*\): .*/\1/p' "$BATS_TEST_DIRNAME"/pypet_service*.bats | sort -u >"$BATS_TEST_TMPDIR/tests"
  is '' "$(comm -13 "$BATS_TEST_TMPDIR/rows" "$BATS_TEST_TMPDIR/tests")"
}

@test "the synopsis is --help's usage" {
  is "$("$EXPFS" --help | sed -n 's/^\(Usage:\|      \) \(expfs .*\)/\2/p' | grep -v -e '-[hV]')" \
    "$(MANWIDTH=200 man -l "$TOP/fs/expfs.1" 2>/dev/null | col -bx | sed -n '/^SYNOPSIS/,/^DESCRIPTION/s/^       \(expfs .*\)/\1/p' | grep -v -e '-h')"
}

@test "--version says the version of the build" {
  [[ "$("$EXPFS" --version)" == "expfs $(sed -n "s/^ *version: '\(.*\)',/\1/p" "$TOP/meson.build")"* ]]
}

# What bash would offer at the end of a line.
offers() {
  bash -c '
    source /usr/share/bash-completion/bash_completion
    source "$1"
    compopt() { :; }
    COMP_LINE=$2 COMP_POINT=${#2}
    read -ra COMP_WORDS <<<"$2"
    [[ $2 != *" " ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _expfs
    printf "%s\n" "${COMPREPLY[@]}"' - "$TOP/fs/expfs.bash-completion" "$1"
}

@test "the completion offers verbs, options, values and mounts" {
  make_store "$BATS_TEST_TMPDIR/s.h5" <<<'f["x"] = 1'
  mount_store "$BATS_TEST_TMPDIR/s.h5"
  is tree "$(offers 'expfs tre')"
  is 'lock=' "$(offers 'expfs x y -o loc')"
  is 'ro,lock=' "$(offers 'expfs x y -o ro,loc')"
  is 'auto no' "$(offers 'expfs x y -o lock=' | xargs)"
  is skeleton "$(offers 'expfs x y -o ro,prefetch=s')"
  offers 'expfs unmount ' | grep -q -x -F "$MNT"
  local word
  for word in $("$EXPFS" --help | awk '/^Options/ { on = 1; next } /^$/ { on = 0 } on && $1 != "and" { print $1 }'); do
    offers 'expfs x y -o ' | grep -q -x -F "${word%%=*}${word:+$([[ $word != *=* ]] || echo =)}" ||
      { echo "not offered: $word"; false; }
  done
}

@test "the completion offers files" {
  cd "$BATS_TEST_TMPDIR"
  touch some_store.h5
  is some_store.h5 "$(offers 'expfs some')"
}
