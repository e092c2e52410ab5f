# mozaik: directories that Mozaik wrote. What the real code reads from the reference stores says what is in them.
load common

setup() {
  common_setup
  STORES=$EXPFS_SHARED/stores/mozaik
  STORE=$BATS_TEST_TMPDIR/store
}

# copy STORE: a copy of the reference store of this name at $STORE.
copy() {
  need_shared
  cp -r "$STORES/$1" "$STORE"
  chmod -R u+w "$STORE"
}

# All of a mounted reference store against its expected.json.
is_as_expected() {
  need_shared
  mount_store "$STORES/$1"
  run -0 "$PYTHON" "$BATS_TEST_DIRNAME/mozaik_mount.py" "$STORES/$1.expected.json" "$MNT" "$EXPFS" "$STORES/$1"
  [ "$output" -ge "$2" ]
}

attribute() {
  getfattr --absolute-names --only-values -n "user.$1" "$2"
}

log_has() {
  grep -q -F -- "$1" "$MNT/.expfs/log" || { cat "$MNT/.expfs/log"; return 1; }
}

# Writes the file FILE of $STORE anew: the body on stdin changes `data`, its bytes.
damage() {
  local body
  body=$(cat)
  "$PYTHON" - "$STORE/$1" <<PY
import sys
data = open(sys.argv[1], "rb").read()
$body
open(sys.argv[1], "wb").write(data)
PY
}

GRATING=FullfieldDriftingSinusoidalGrating

# --- reading -----------------------------------------------------------------------------------------------------

@test "a store of the second generation is what the real code reads" { is_as_expected gratings 7638; }
@test "a store of the third generation is what the real code reads" { is_as_expected gratings_channel_id 7655; }
@test "a real simulation of the first generation is what the real code reads" { is_as_expected vogels_abbott 4150; }
@test "a store in HDF5 is what its own save wrote" { is_as_expected hdf5 357; }
@test "an empty store is empty" { is_as_expected empty 15; }

@test "stores of every protocol, of Python 2 and NumPy 2, and of every list of spike trains are read alike" {
  local name
  for name in protocol0 protocol2 protocol3 protocol5 python2_protocol0 python2_protocol2 neo010 multiplexed numpy2 \
    numpy2_protocol5 resaved; do
    is_as_expected "tiny_$name" 845
    "$EXPFS" unmount "$MNT"
  done
}

@test "a store is told from other directories by the files in it, and by what is asked for" {
  copy tiny_protocol5
  "$EXPFS" info "$STORE" | grep -q -P '^format\tmozaik$'
  rm "$STORE/datastore.recordings.pickle"
  run -1 "$EXPFS" "$STORE" "$MNT" -o format=mozaik
  [[ $output == *"a Mozaik store is a directory with a file datastore.recordings.pickle"* ]]
  run ! "$EXPFS" info "$STORE"
}

@test "directories say what they are, and recordings have their neurons in order" {
  need_shared
  mount_store "$STORES/gratings"
  cd "$MNT"
  [ "$(attribute expfs.role "recordings/0-V1_Exc_L4-$GRATING")" = recording ]
  [ "$(attribute expfs.role analysis/0-PerNeuronValue)" = analysis ]
  [ "$(attribute expfs.role "stimuli/0-$GRATING")" = stimulus ]
  [ "$(attribute expfs.role sheets/V1_Exc_L4)" = sheet ]
  [ "$(ls "recordings/0-V1_Exc_L4-$GRATING" | tr '\n' ' ')" = "cv_isi esyn isi isyn mean_rates spiketrains vm " ]
  [ "$(ls recordings/40-* | tr '\n' ' ')" = "cv_isi isi mean_rates spiketrains " ]
  [ "$(attribute units "recordings/0-V1_Exc_L4-$GRATING/vm/101")" = mV ]
  [ "$(attribute sampling_rate_units "recordings/0-V1_Exc_L4-$GRATING/vm/101")" = 1/ms ]
  [ "$(cat "recordings/0-V1_Exc_L4-$GRATING/isi[1]")" = "40.5 2.3999999999999986 1.3999999999999986 2.700000000000003" ]
  cd "$TOP"
}

@test "rates are those of any window that is asked for, in any unit" {
  need_shared
  mount_store "$STORES/gratings"
  cd "$MNT/recordings/0-V1_Exc_L4-$GRATING"
  cmp mean_rates_5ms_20ms mean_rates_0.005s_0.02s
  cmp mean_rates_5ms_20ms.npy mean_rates_5000us_20000us.npy
  [ "$(head -n 1 mean_rates_25.1ms_30.1ms | tr -d ' ')" = "$("$PYTHON" -c 'print(3 / (30.1 * 0.001 - 25.1 * 0.001))')" ]
  run ! ls mean_rates_5ms mean_rates_5_20 mean_rates_xms_20ms
  cd "$TOP"
}

@test "pairs of indices and values are a table, and pairs of neurons a matrix" {
  need_shared
  mount_store "$STORES/gratings"
  [ "$(cat "$MNT/analysis/22-Connections/weights.cols/value" | tr -d ' ' | tr '\n' ' ')" = "0.002 0.001 0.0015 " ]
  [ "$(ls "$MNT/analysis/20-AnalogSignalList/asl" | tr '\n' ' ')" = "101-104 101-107 " ]
  [ "$(attribute expfs.shape "$MNT/analysis/20-AnalogSignalList/ids")" = "[2, 2]" ]
}

# --- what is not there, and what is damaged ----------------------------------------------------------------------

@test "without results and sensory stimuli there are none, and what was presented is still there" {
  copy tiny_protocol5
  rm "$STORE/datastore.analysis.pickle" "$STORE/datastore.sensory.stimulus.pickle"
  mount_store "$STORE"
  [ -z "$(ls "$MNT/analysis")" ]
  [ "$(ls "$MNT/stimuli" | wc -l)" -eq 3 ]
  [ ! -e "$MNT/stimuli/0-$GRATING/data" ]
  [ "$(ls "$MNT/recordings" | wc -l)" -eq 8 ]
}

@test "a recording without its file is listed and answers; its data says which file is missing" {
  need_shared
  mount_store "$STORES/vogels_abbott"
  [ "$(attribute st_exc_weight "$MNT/recordings/0-Inh_Layer-InternalStimulus")" = 0.1 ]
  [ "$(attribute st_duration "$MNT/recordings/2-Inh_Layer-InternalStimulus")" = 13500.0 ]
  [ "$(ls "$MNT/recordings/2-Inh_Layer-InternalStimulus")" = spiketrains ]
  run ! ls "$MNT/recordings/2-Inh_Layer-InternalStimulus/spiketrains"
  run ! cat "$MNT/recordings/2-Inh_Layer-InternalStimulus/mean_rates"
  log_has "Segment2.pickle: the file of this recording is not there"
}

@test "a file that is cut off costs its own recording only, with the file and the reason" {
  copy tiny_protocol5
  damage Segment1.pickle <<<'data = data[:len(data) // 2]'
  mount_store "$STORE"
  run ! ls "$MNT/recordings/1-Inh_Layer-$GRATING/spiketrains"
  log_has "Segment1.pickle: "
  [ "$(cat "$MNT/recordings/0-Exc_Layer-$GRATING/mean_rates" | wc -l)" -eq "$(ls "$MNT/recordings/0-Exc_Layer-$GRATING/spiketrains" | wc -l)" ]
}

@test "a damaged file of results leaves the recordings, and the other way round" {
  copy tiny_protocol5
  damage datastore.analysis.pickle <<<'data = data[:-30]'
  mount_store "$STORE"
  run ! ls "$MNT/analysis"
  log_has "datastore.analysis.pickle: "
  [ "$(ls "$MNT/recordings" | wc -l)" -eq 8 ]
  "$EXPFS" unmount "$MNT"
  cp "$STORES/tiny_protocol5/datastore.analysis.pickle" "$STORE"
  damage datastore.recordings.pickle <<<'data = b"\x80\x04]."'
  mount_store "$STORE"
  run ! ls "$MNT/recordings"
  log_has "datastore.recordings.pickle: there is no Block with recordings in it"
  [ "$(ls "$MNT/analysis" | wc -l)" -eq 3 ]
}

@test "a signal and a stimulus that are damaged leave those beside them" {
  copy tiny_protocol3
  # A sample more than there are bytes for.
  damage Segment0.pickle <<<'data = data.replace(b"KGK\x02\x86", b"KHK\x02\x86", 1)'
  damage datastore.recordings.pickle <<<'data = data.replace(b"\"orientation\":0.0", b"\"orientation\":x.0", 1)'
  mount_store "$STORE"
  local first
  first=$(ls "$MNT/recordings" | head -n 1)
  [ "$first" = 0-Exc_Layer ]
  [ "$(attribute sheet_name "$MNT/recordings/$first")" = Exc_Layer ]
  run ! attribute st_name "$MNT/recordings/$first"
  run ! cat "$MNT/recordings/$first/signals/v"
  log_has "signal v: "
  cat "$MNT/recordings/$first"/spiketrains/* "$MNT/recordings/$first"/esyn/* >/dev/null
  [ "$(ls "$MNT/recordings" | wc -l)" -eq 8 ]
}

@test "an identifier that leads somewhere else is no file's name" {
  copy tiny_protocol3
  cp "$STORE/Segment0.pickle" "$BATS_TEST_TMPDIR/Segx.pickle"
  damage datastore.recordings.pickle <<<'data = data.replace(b"Segment0", b"../.Segx", 1)'
  mount_store "$STORE"
  run ! ls "$MNT"/recordings/0-*/spiketrains
  log_has "has no identifier that names a file"
}

@test "hostile files are errors, soon and with little memory" {
  copy tiny_protocol5
  local file n=0
  for file in "$EXPFS_SHARED"/stores/pickles/hostile/*; do
    cp "$file" "$STORE/Segment0.pickle"
    cp "$file" "$STORE/datastore.analysis.pickle"
    cp "$file" "$STORE/datastore.sensory.stimulus.pickle"
    chmod u+w "$STORE"/*
    mount_store "$STORE"
    timeout 20 find "$MNT" -type f >"$BATS_TEST_TMPDIR/found" 2>/dev/null || [ $? -eq 1 ]
    timeout 20 head -q -c 100000 "$MNT"/analysis/*/* "$MNT"/stimuli/*/* "$MNT"/recordings/0-*/* >/dev/null 2>&1 || [ $? -eq 1 ]
    timeout 10 getfattr -R -d "$MNT/analysis" "$MNT/stimuli" >/dev/null 2>&1 || [ $? -eq 1 ]
    [ "$(ls "$MNT/recordings" | wc -l)" -eq 8 ]
    "$EXPFS" unmount "$MNT"
    n=$((n + 1))
  done
  [ "$n" -ge 80 ]
  [ ! -e expfs_was_here ] && [ ! -e "$STORE/expfs_was_here" ]
}

@test "a few segments are kept, however many are read" {
  need_shared
  mount_store "$STORES/gratings"
  local fds
  cat "$MNT"/recordings/*/spiketrains/* >/dev/null
  fds=$(ls "/proc/$(mount_pid "$MNT")/fd" | wc -l)
  [ "$fds" -lt 80 ]
}

@test "a store of Mozaik is not opened for writing in HDF5" {
  need_shared
  run -1 "$EXPFS" "$STORES/hdf5" "$MNT" -o rw
  [[ $output == *"read only"* ]]
}

# --- the verbs ---------------------------------------------------------------------------------------------------

@test "info says what print_content does, in full where it is asked" {
  copy tiny_protocol5
  run -0 "$EXPFS" info "$STORE"
  [[ $output == *$'\nDSV info:\n   Number of recordings: 8\n     '"$GRATING"$' : 4\n     InternalStimulus : 4\n   Number of ADS: 3\n     PerNeuronValue : 1\n     AnalogSignalList : 1\n     SingleValue : 1' ]]
  run -0 "$EXPFS" info --full-ads "$STORE"
  [[ $output == *"ANALYSIS RESULTS"* && $output != *"RECORDING RESULTS"* ]]
  run -0 "$EXPFS" info "$STORE" --full-recordings
  [ "$(sed -n '/RECORDING RESULTS/,$p' <<<"$output" | wc -l)" -eq 9 ]
  run -0 "$EXPFS" check "$STORE"
}
