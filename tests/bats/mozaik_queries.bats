# mozaik_queries: every query of queries.json as a path and by expfs find, each under its own name. What is asked and how
# it is spelled is in mozaik_queries.py; the answers are those of the real code.
load common


setup_file() {
  local store
  [ -d "$EXPFS_SHARED/stores/mozaik" ] || return 0
  for store in gratings gratings_channel_id "$EXPFS_SHARED"/stores/mozaik/tiny_*/; do
    store=$(basename "$store")
    "$EXPFS" "$EXPFS_SHARED/stores/mozaik/$store" "$BATS_FILE_TMPDIR/$store" ${EXPFS_TEST_OPTIONS:+-o "$EXPFS_TEST_OPTIONS"}
  done
}

teardown_file() {
  local mount
  for mount in "$BATS_FILE_TMPDIR"/*/; do
    mountpoint -q "$mount" && "$EXPFS" unmount -l "$mount"
  done
  return 0
}

# asks KIND ID
asks() {
  need_shared
  EXPFS=$EXPFS "$PYTHON" "$BATS_TEST_DIRNAME/mozaik_queries.py" check "$EXPFS_SHARED/stores/mozaik" "$BATS_FILE_TMPDIR" "$@"
}

@test "gratings: kick" {
  asks gratings kick
}

@test "gratings: pnv" {
  asks gratings pnv
}

@test "gratings: sv" {
  asks gratings sv
}

@test "gratings: grating-null" {
  asks gratings grating-null
}

@test "gratings: all" {
  asks gratings all
}

@test "gratings: sheet" {
  asks gratings sheet
}

@test "gratings: sheet-list" {
  asks gratings sheet-list
}

@test "gratings: sheet-none" {
  asks gratings sheet-none
}

@test "gratings: sheet-and-identifier" {
  asks gratings sheet-and-identifier
}

@test "gratings: identifier" {
  asks gratings identifier
}

@test "gratings: name" {
  asks gratings name
}

@test "gratings: identifier-list" {
  asks gratings identifier-list
}

@test "gratings: analogsignallist" {
  asks gratings analogsignallist
}

@test "gratings: value-name" {
  asks gratings value-name
}

@test "gratings: value" {
  asks gratings value
}

@test "gratings: neuron" {
  asks gratings neuron
}

@test "gratings: period-none" {
  asks gratings period-none
}

@test "gratings: unknown" {
  asks gratings unknown
}

@test "gratings: unknown-st" {
  asks gratings unknown-st
}

@test "gratings: st-name" {
  asks gratings st-name
}

@test "gratings: st-orientation" {
  asks gratings st-orientation
}

@test "gratings: st-orientation-pi4" {
  asks gratings st-orientation-pi4
}

@test "gratings: st-orientation-rounded" {
  asks gratings st-orientation-rounded
}

@test "gratings: st-orientation-none" {
  asks gratings st-orientation-none
}

@test "gratings: st-contrast-int" {
  asks gratings st-contrast-int
}

@test "gratings: st-contrast-string" {
  asks gratings st-contrast-string
}

@test "gratings: st-trial-true" {
  asks gratings st-trial-true
}

@test "gratings: st-two" {
  asks gratings st-two
}

@test "gratings: st-and-sheet" {
  asks gratings st-and-sheet
}

@test "gratings: st-and-identifier" {
  asks gratings st-and-identifier
}

@test "gratings: st-tuple" {
  asks gratings st-tuple
}

@test "gratings: st-empty-list" {
  asks gratings st-empty-list
}

@test "gratings: st-radius" {
  asks gratings st-radius
}

@test "gratings: st-direct" {
  asks gratings st-direct
}

@test "gratings: st-direct-none" {
  asks gratings st-direct-none
}

@test "gratings: st-expanded" {
  asks gratings st-expanded
}

@test "gratings: st-expanded-deep" {
  asks gratings st-expanded-deep
}

@test "gratings: st-expanded-parent" {
  asks gratings st-expanded-parent
}

@test "gratings: stimulus-id" {
  asks gratings stimulus-id
}

@test "gratings: ads-unique" {
  asks gratings ads-unique
}

@test "gratings: ads-unique-many" {
  asks gratings ads-unique-many
}

@test "gratings: ads-unique-none" {
  asks gratings ads-unique-none
}

@test "gratings: rec-unique" {
  asks gratings rec-unique
}

@test "gratings: rec-unique-many" {
  asks gratings rec-unique-many
}

@test "gratings: rec-unique-hidden" {
  asks gratings rec-unique-hidden
}

@test "gratings: both-unique" {
  asks gratings both-unique
}

@test "gratings: tags-none" {
  asks gratings tags-none
}

@test "gratings: tags-one" {
  asks gratings tags-one
}

@test "gratings: tags-two" {
  asks gratings tags-two
}

@test "gratings: tags-unknown" {
  asks gratings tags-unknown
}

@test "gratings: tags-string" {
  asks gratings tags-string
}

@test "gratings: gr" {
  asks gratings gr
}

@test "gratings: gr-e" {
  asks gratings gr-e
}

@test "gratings: gr-e-0" {
  asks gratings gr-e-0
}

@test "gratings: gr-tag" {
  asks gratings gr-tag
}

@test "gratings: gr-rate" {
  asks gratings gr-rate
}

@test "gratings: part-trial" {
  asks gratings part-trial
}

@test "gratings: part-trial-e" {
  asks gratings part-trial-e
}

@test "gratings: part-three" {
  asks gratings part-three
}

@test "gratings: part-nothing" {
  asks gratings part-nothing
}

@test "gratings: part-mixed" {
  asks gratings part-mixed
}

@test "gratings: part-mixed-missing" {
  asks gratings part-mixed-missing
}

@test "gratings: part-name" {
  asks gratings part-name
}

@test "gratings: part-expanded" {
  asks gratings part-expanded
}

@test "gratings: ads-part" {
  asks gratings ads-part
}

@test "gratings: ads-part-excpt" {
  asks gratings ads-part-excpt
}

@test "gratings: ads-part-names" {
  asks gratings ads-part-names
}

@test "gratings: ads-part-collapse-two" {
  asks gratings ads-part-collapse-two
}

@test "gratings: ads-part-mixed" {
  asks gratings ads-part-mixed
}

@test "gratings: ads-part-mixed-plain" {
  asks gratings ads-part-mixed-plain
}

@test "gratings: ads-part-missing" {
  asks gratings ads-part-missing
}

@test "gratings: ads-part-no-list" {
  asks gratings ads-part-no-list
}

@test "gratings: ads-part-empty" {
  asks gratings ads-part-empty
}

@test "gratings: ads-st-part" {
  asks gratings ads-st-part
}

@test "gratings: ads-st-part-excpt" {
  asks gratings ads-st-part-excpt
}

@test "gratings: ads-st-part-two" {
  asks gratings ads-st-part-two
}

@test "gratings: ads-st-part-none" {
  asks gratings ads-st-part-none
}

@test "gratings: ads-st-part-type" {
  asks gratings ads-st-part-type
}

@test "gratings: eq-st-type" {
  asks gratings eq-st-type
}

@test "gratings: eq-st-type-mixed" {
  asks gratings eq-st-type-mixed
}

@test "gratings: eq-st-type-empty" {
  asks gratings eq-st-type-empty
}

@test "gratings: eq-st-same-params" {
  asks gratings eq-st-same-params
}

@test "gratings: eq-st-except" {
  asks gratings eq-st-except
}

@test "gratings: eq-st-except-few" {
  asks gratings eq-st-except-few
}

@test "gratings: eq-ads-except" {
  asks gratings eq-ads-except
}

@test "gratings: eq-ads-params" {
  asks gratings eq-ads-params
}

@test "gratings: eq-ads-all" {
  asks gratings eq-ads-all
}

@test "gratings: eq-ads-both" {
  asks gratings eq-ads-both
}

@test "gratings: eq-ads-empty" {
  asks gratings eq-ads-empty
}

@test "gratings: eq-ads-empty-params" {
  asks gratings eq-ads-empty-params
}

@test "gratings: eq-ads-type" {
  asks gratings eq-ads-type
}

@test "gratings: eq-ads-type-mixed" {
  asks gratings eq-ads-type-mixed
}

@test "gratings: ads-eq-st" {
  asks gratings ads-eq-st
}

@test "gratings: ads-eq-st-params" {
  asks gratings ads-eq-st-params
}

@test "gratings: ads-eq-st-type" {
  asks gratings ads-eq-st-type
}

@test "gratings: ads-eq-st-type-none" {
  asks gratings ads-eq-st-type-none
}

@test "gratings: ads-eq-st-type-allow" {
  asks gratings ads-eq-st-type-allow
}

@test "gratings: class-filter" {
  asks gratings class-filter
}

@test "gratings: class-tags" {
  asks gratings class-tags
}

@test "gratings: class-part" {
  asks gratings class-part
}

@test "gratings: class-ads-part" {
  asks gratings class-ads-part
}

@test "gratings: class-ads-st-part" {
  asks gratings class-ads-st-part
}

@test "gratings: get-result" {
  asks gratings get-result
}

@test "gratings: get-stimuli" {
  asks gratings get-stimuli
}

@test "gratings: get-stimuli-null" {
  asks gratings get-stimuli-null
}

@test "gratings: sheets" {
  asks gratings sheets
}

@test "gratings: sheets-view" {
  asks gratings sheets-view
}

@test "gratings: sheet-indexes" {
  asks gratings sheet-indexes
}

@test "gratings: sheet-index" {
  asks gratings sheet-index
}

@test "gratings: sheet-index-bad" {
  asks gratings sheet-index-bad
}

@test "gratings: sheet-ids" {
  asks gratings sheet-ids
}

@test "gratings: sheet-ids-all" {
  asks gratings sheet-ids-all
}

@test "gratings: sum" {
  asks gratings sum
}

@test "gratings: varying" {
  asks gratings varying
}

@test "gratings: value-list" {
  asks gratings value-list
}

@test "gratings: allow-missing" {
  asks gratings allow-missing
}

@test "tiny: all" {
  asks tiny all
}

@test "tiny: sheet" {
  asks tiny sheet
}

@test "tiny: orientation" {
  asks tiny orientation
}

@test "tiny: gr" {
  asks tiny gr
}

@test "tiny: part" {
  asks tiny part
}

@test "tiny: tags" {
  asks tiny tags
}

@test "tiny: tags2" {
  asks tiny tags2
}

@test "tiny: kick" {
  asks tiny kick
}

@test "tiny: unique" {
  asks tiny unique
}

@test "tiny: type" {
  asks tiny type
}

@test "no query of queries.json is left out" {
  need_shared
  is "$("$PYTHON" "$BATS_TEST_DIRNAME/mozaik_queries.py" list "$EXPFS_SHARED/stores/mozaik" | sort)" \
    "$(sed -n 's/^  asks //p' "$BATS_TEST_FILENAME" | sort)"
}
