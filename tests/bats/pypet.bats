# pypet: a trajectory as a scientist sees it: parameters, ranges, runs, results, overview, and the options for it.
load common

setup_file() {
  "$BATS_TEST_DIRNAME/../../scripts/make-demo" "$BATS_FILE_TMPDIR/demo.hdf5"
}

setup() {
  common_setup
  STORE=$BATS_FILE_TMPDIR/demo.hdf5
  T=$MNT/demo
}

@test "a pypet store is recognised by its content" {
  cp "$STORE" "$BATS_TEST_TMPDIR/whatever.txt"
  mount_store "$BATS_TEST_TMPDIR/whatever.txt"
  xattr_is "$MNT" expfs.format pypet
  xattr_is "$T" expfs.role trajectory
}

@test "parameters are files with their value, results with one item too" {
  mount_store "$STORE"
  text_is "$T/parameters/x" '1.0\n'
  text_is "$T/parameters/y" '1\n'
  text_is "$T/parameters/oscillator/label" 'bench 3\n'
  text_is "$T/parameters/oscillator/is_driven" 'true\n'
  text_is "$T/config/steps" '200\n'
  text_is "$T/results/runs/run_00000011/z" '6.0\n'
  is '<f8' "$(getfattr --only-values -n user.expfs.dtype "$T/parameters/x")"
}

@test "a result with several items is a directory, one file per item" {
  mount_store "$STORE"
  is 'displacement time' "$(ls "$T/results/runs/run_00000000/trace" | paste -s -d ' ')"
  is 200 "$(wc -l <"$T/results/runs/run_00000000/trace/time")"
  text_is "$T/results/summary/grid" '0.5\t1.0\t1.5\n1.0\t2.0\t3.0\n1.5\t3.0\t4.5\n2.0\t4.0\t6.0\n'
  text_is "$T/results/summary/note" 'all runs completed\n'
}

@test "a table has its columns' names" {
  mount_store "$STORE"
  is 'step,time,height' "$(head -n 1 "$T/results/runs/run_00000001/peaks.csv")"
  is 'height step time' "$(ls "$T/results/runs/run_00000001/peaks.cols" | sort | paste -s -d ' ')"
}

@test "roles, classes, comments and annotations are xattrs" {
  mount_store "$STORE"
  xattr_is "$T/parameters/x" expfs.role parameter
  xattr_is "$T/parameters/x" expfs.class Parameter
  xattr_is "$T/config/steps" expfs.role config
  xattr_is "$T/results/summary" expfs.role result
  xattr_is "$T/results/runs/run_00000003/z" expfs.role result
  xattr_is "$T/parameters/x" comment 'Amplitude of the drive in mm'
  xattr_is "$T/parameters" comment 'What the oscillator is made of'
  xattr_is "$T/parameters/oscillator" annotation.material steel
  xattr_is "$T/parameters/oscillator" annotation.sample 17
  xattr_is "$T/results/runs/run_00000003/trace" annotation.unit mm
}

@test "a trajectory's metadata are xattrs" {
  mount_store "$STORE"
  xattr_is "$T" comment 'A driven, damped oscillator on a 4 x 3 grid'
  xattr_is "$T" annotation.author expfs
  xattr_is "$T" annotation.year 2014
  xattr_is "$T" version 0.7.0
  xattr_is "$T" length 12
  xattr_is "$T" time 2014_05_13_16h53m00s
}

@test "attributes that only serve the format are not shown; format=hdf5 shows them" {
  mount_store "$STORE"
  getfattr -R -P -h -d "$T" >"$BATS_TEST_TMPDIR/attributes"
  not grep -E '^user\.(SRVC_|CLASS|VERSION|TITLE|FILTERS|FLAVOR|NROWS|FIELD_)' "$BATS_TEST_TMPDIR/attributes"
  unmount_all
  mount_store "$STORE" -o format=hdf5
  xattr_is "$T/parameters/x" SRVC_INIT_CLASS_NAME Parameter
  [ -f "$T/parameters/x/data" ]
}

@test "PARAM.range is the explored range, with its own views" {
  mount_store "$STORE"
  is '0.5 0.5 0.5 1.0 1.0 1.0 1.5 1.5 1.5 2.0 2.0 2.0' "$(paste -s -d ' ' "$T/parameters/x.range")"
  is '1 2 3 1 2 3 1 2 3 1 2 3' "$(paste -s -d ' ' "$T/parameters/y.range")"
  $PYTHON -c 'import numpy, sys; assert numpy.load(sys.argv[1]).tolist() == [1, 2, 3] * 4' "$T/parameters/y.range.npy"
  text_is "$T/parameters/x.range[-1]" '2.0\n'
  fails_with 'No such file' cat "$T/parameters/oscillator/damping.range"
  not test -e "$MNT/demo/results/summary.range"
}

@test ".run/INDEX and .run/NAME are the tree in that run" {
  mount_store "$STORE"
  text_is "$T/.run/5/parameters/x" '1.0\n'
  text_is "$T/.run/5/parameters/y" '3\n'
  text_is "$T/.run/run_00000011/parameters/x" '2.0\n'
  text_is "$T/.run/11/parameters/oscillator/damping" '0.2\n'
  # The run's own results stand where the run itself sees them, beside those of the whole trajectory.
  is 'peaks summary trace z' "$(ls "$T/.run/5/results" | paste -s -d ' ')"
  text_is "$T/.run/5/results/z" '3.0\n'
  cmp "$T/.run/5/results/trace/displacement.npy" "$T/results/runs/run_00000005/trace/displacement.npy"
  fails_with 'No such file' ls "$T/.run/12"
  fails_with 'No such file' ls "$T/.run/run_00000012"
  is 12 "$(ls "$T/.run" | wc -l)"
  not grep -x .run <(ls -A "$T")
}

@test "every run has its own values" {
  mount_store "$STORE"
  local i
  for i in $(seq 0 11); do
    is "$(awk -v x="$(cat "$T/.run/$i/parameters/x")" -v y="$(cat "$T/.run/$i/parameters/y")" 'BEGIN { printf "%.1f", x * y }')" \
      "$(cat "$T/.run/$i/results/z")"
  done
}

@test "overview tables are files" {
  mount_store "$STORE"
  is 'explorations info runs' "$(ls "$T/overview" | paste -s -d ' ')"
  is 'idx,name,time,timestamp,finish_timestamp,runtime,parameter_summary,short_environment_hexsha,completed' "$(head -n 1 "$T/overview/runs.csv")"
  is run_00000011 "$(tail -n 1 "$T/overview/runs.cols/name")"
  is 12 "$(awk '{ n += $1 } END { print n }' "$T/overview/runs.cols/completed")"
  is '0.7.0' "$(cat "$T/overview/info.cols/version")"
}

@test "what pypet knows nothing of is shown beside it" {
  mount_store "$STORE"
  is 'calibration events first_run image' "$(ls "$MNT/plain" | paste -s -d ' ')"
  xattr_is "$MNT/plain" instrument 'camera 2'
  is "$(realpath "$T/results/runs/run_00000000")" "$(realpath "$MNT/plain/first_run")"
}

@test "trajectory=NAME|INDEX makes it the root" {
  mount_store "$STORE" -o trajectory=demo
  text_is "$MNT/parameters/y" '1\n'
  text_is "$MNT/.run/2/parameters/y" '3\n'
  xattr_is "$MNT" expfs.role trajectory
  xattr_is "$MNT" length 12
  unmount_all
  mount_store "$STORE" -o trajectory=0
  text_is "$MNT/parameters/y" '1\n'
  unmount_all
  refused 1 'nobody' "$STORE" "$MNT" -o trajectory=nobody
  refused 1 '2' "$STORE" "$MNT" -o trajectory=2
}

@test "trajectory=INDEX counts in the order of names, as pypet does" {
  need_shared
  local index name
  while IFS=$'\t' read -r index name; do
    case $name in
      ValueError*) refused 1 . "$EXPFS_SHARED/stores/pypet/order.hdf5" "$MNT" -o "trajectory=$index" ;;
      *)
        mount_store "$EXPFS_SHARED/stores/pypet/order.hdf5" -o "trajectory=$index"
        xattr_is "$MNT" name "$name"
        unmount_all
        ;;
    esac
  done < <(jq -r '.[] | @tsv' "$EXPFS_SHARED/stores/pypet/order.index.json")
}

@test "only= shows what matches and what leads to it" {
  mount_store "$STORE" -o 'only=z:overview'
  is 12 "$(find "$MNT" -type f -name z | wc -l)"
  is '' "$(find "$MNT" -name trace -o -name parameters -o -name plain)"
  is 'explorations info runs' "$(ls "$T/overview" | paste -s -d ' ')"
  fails_with 'No such file' cat "$T/parameters/x"
  unmount_all
  mount_store "$STORE" -o 'only=demo/parameters/*'
  is 'oscillator x y' "$(ls "$T/parameters" | paste -s -d ' ')"
  is parameters "$(ls "$T")"
}

@test "except= hides what matches and what is below" {
  mount_store "$STORE" -o 'except=run_0000001*:plain'
  is 10 "$(ls "$T/results/runs" | wc -l)"
  is demo "$(ls "$MNT")"
  text_is "$T/results/runs/run_00000003/z" '1.0\n'
  fails_with 'No such file' cat "$T/results/runs/run_00000011/z"
}

@test "prefetch= changes when, not what" {
  local mode
  for mode in none skeleton data; do
    mount_store "$STORE" -o "prefetch=$mode"
    is 12 "$(cat "$T"/results/runs/*/z | wc -l)"
    find "$MNT" -type f -exec md5sum {} + | sort >"$BATS_TEST_TMPDIR/$mode"
    unmount_all
  done
  cmp "$BATS_TEST_TMPDIR/none" "$BATS_TEST_TMPDIR/skeleton"
  cmp "$BATS_TEST_TMPDIR/none" "$BATS_TEST_TMPDIR/data"
}

@test "a store of a release that is not known is refused, and mounted with force" {
  cp "$STORE" "$BATS_TEST_TMPDIR/future.hdf5"
  $PYTHON - "$BATS_TEST_TMPDIR/future.hdf5" <<'PY'
import sys, tables
with tables.open_file(sys.argv[1], "a") as f:
    f.root.demo.overview.info.modify_column(0, column=[b"9.1.0"], colname="version")
PY
  refused 1 '9\.1\.0.*force|force.*9\.1\.0' "$BATS_TEST_TMPDIR/future.hdf5" "$MNT"
  mount_store "$BATS_TEST_TMPDIR/future.hdf5" -o force
  text_is "$T/parameters/y" '1\n'
}

@test "links are symlinks inside the mount" {
  need_shared
  mount_store "$EXPFS_SHARED/stores/pypet/basic.hdf5"
  [ -L "$MNT/basic/shortcut" ]
  is "$(realpath "$MNT/basic/parameters/neuron")" "$(realpath "$MNT/basic/shortcut")"
  unmount_all
  mount_store "$EXPFS_SHARED/stores/pypet/basic.hdf5" -o trajectory=basic
  is "$(realpath "$MNT/parameters/neuron")" "$(realpath "$MNT/shortcut")"
}

@test "one damaged leaf hides none of its siblings" {
  cp "$STORE" "$BATS_TEST_TMPDIR/bad.hdf5"
  $PYTHON - "$BATS_TEST_TMPDIR/bad.hdf5" <<'PY'
import sys, h5py
with h5py.File(sys.argv[1]) as f:
    info = f["demo/results/runs/run_00000004/trace/displacement"].id.get_chunk_info(0)
with open(sys.argv[1], "r+b") as raw:
    raw.seek(info.byte_offset + 20)
    raw.write(b"\xff" * 40)
PY
  mount_store "$BATS_TEST_TMPDIR/bad.hdf5"
  local runs=$T/results/runs
  fails_with 'Input/output error' cat "$runs/run_00000004/trace/displacement"
  grep -q 'run_00000004/trace/displacement' "$MNT/.expfs/log"
  is 200 "$(wc -l <"$runs/run_00000004/trace/time")"
  is 200 "$(wc -l <"$runs/run_00000005/trace/displacement")"
}
