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
  [ "$("$EXPFS" info "$STORE" | awk '$1 == "format" { print $2 }')" != mozaik ]
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

@test "a store in HDF5 is not opened for writing" {
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

# --- writing -----------------------------------------------------------------------------------------------------

# objects 'EXPRESSION': of what was written, as the classes that it is of are handed it.
objects() {
  "$PYTHON" "$BATS_TEST_DIRNAME/mozaik_objects.py" "$STORE" "$1"
}

# A result of three values at $MNT/analysis/NAME.
add_result() {
  local result=$MNT/analysis/$1
  mkdir "$result"
  printf '1.5\n2.5\nnan\n' >"$result/values"
  printf '3\n5\n9\n' >"$result/ids"
  setfattr -n user.name -v PerNeuronValue "$result"
  setfattr -n user.analysis_algorithm -v Test "$result"
  setfattr -n user.value_name -v "${2-Bias}" "$result"
  setfattr -n user.value_units -v mV "$result"
}

@test "a store that is written again without a change is what it was, in each of its forms" {
  need_shared
  local name
  for name in gratings gratings_channel_id tiny_protocol2 tiny_protocol3 tiny_protocol5 tiny_neo010 tiny_multiplexed \
    tiny_numpy2 tiny_resaved; do
    rm -rf "$STORE"
    copy "$name"
    mount_rw
    # Each of the three files is made anew.
    mkdir "$MNT/analysis/gone" "$MNT/stimuli/gone" "$MNT/recordings/gone"
    echo x >"$MNT/stimuli/gone/text"
    "$EXPFS" sync "$MNT"
    rm -r "$MNT"/*/gone
    "$EXPFS" unmount "$MNT"
    [ "$name" = tiny_multiplexed ] || ! cmp -s "$STORE/datastore.analysis.pickle" "$STORES/$name/datastore.analysis.pickle"
    "$PYTHON" "$BATS_TEST_DIRNAME/mozaik_objects.py" "$STORE" --same "$STORES/$name"
    mount_store "$STORE"
    run -0 "$PYTHON" "$BATS_TEST_DIRNAME/mozaik_mount.py" "$STORES/$name.expected.json" "$MNT" "$EXPFS" "$STORE"
    "$EXPFS" unmount "$MNT"
  done
}

@test "a result is added with a directory, files and attributes, as its class has them" {
  copy tiny_protocol5
  mount_rw
  add_result mine
  setfattr -n user.tags -v '["a", "new"]' "$MNT/analysis/mine"
  setfattr -n user.sheet_name -v Exc_Layer "$MNT/analysis/mine"
  "$EXPFS" unmount "$MNT"
  [ "$(objects 'len(results), full_name(results[3])')" = "(4, 'mozaik.analysis.data_structures.PerNeuronValue')" ]
  [ "$(objects 'sorted(parameters(results[3]).items())')" = "[('analysis_algorithm', 'Test'), ('identifier', 'PerNeuronValue'), ('name', 'PerNeuronValue'), ('neuron', None), ('period', None), ('sheet_name', 'Exc_Layer'), ('stimulus_id', None), ('value_name', 'Bias')]" ]
  [ "$(objects 'results[3].values.dtype.str, results[3].values.tolist(), results[3].ids, unit(results[3].value_units), results[3].tags')" = "('<f8', [1.5, 2.5, nan], [3, 5, 9], 'mV', ['a', 'new'])" ]
  # What describes its parameters is what others of its class have.
  [ "$(objects 'results[3].expanded_paramset_params_dict is results[0].expanded_paramset_params_dict')" = True ]
  [ "$(objects 'sorted(vars(results[3])) == sorted(vars(results[0])) or (set(vars(results[3])) ^ set(vars(results[0])))')" = True ]
  mount_store "$STORE"
  [ "$(attribute value_units "$MNT/analysis/3-PerNeuronValue")" = mV ]
  [ "$(attribute units "$MNT/analysis/3-PerNeuronValue/values")" = mV ]
}

@test "results of every class are copied from another store, into either generation" {
  need_shared
  local from into one
  for from in gratings gratings_channel_id; do
    rm -rf "$STORE"
    [ "$from" = gratings ] && into=tiny_protocol5 || into=tiny_protocol3
    copy "$into"
    mount_rw
    mount_at "$MNT.2" "$STORES/$from"
    for one in "$MNT.2"/analysis/*; do
      cp -r --preserve=xattr "$one" "$MNT/analysis/copy-${one##*/}"
    done
    "$EXPFS" unmount "$MNT.2"
    "$EXPFS" unmount "$MNT"
    "$PYTHON" - "$BATS_TEST_DIRNAME" "$STORE" "$STORES/$from" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
from mozaik_objects import *
store, other = Store(sys.argv[2]), Store(sys.argv[3])
old = len(store.results) - len(other.results)
added = {tuple(sorted((k, v) for k, v in parameters(r).items() if k != "value").__repr__()): r for r in store.results[old:]}
n = 0
for result in other.results:
    key = tuple(sorted((k, v) for k, v in parameters(result).items() if k != "value").__repr__())
    copy = added[key]
    assert full_name(copy) == full_name(result) and copy.tags == result.tags
    for name in ("values", "ids", "asl", "analog_signal", "e_con", "i_con", "source_size", "target_size"):
        if hasattr(result, name):
            same(getattr(result, name), getattr(copy, name), f"{key} {name}", {})
            n += 1
    for name in ("weights", "delays"):
        if hasattr(result, name):
            assert np.array_equal(np.array(getattr(result, name)), np.array(getattr(copy, name))), name
    for name in ("value_units", "x_axis_units", "y_axis_units"):
        if isinstance(getattr(result, name, None), Thing):
            assert unit(getattr(result, name)) == unit(getattr(copy, name)), (key, name)
            n += 1
assert n > 50, n
PY
  done
}

@test "a result whose parameters all equal those of another is refused, and takes its place with replace" {
  copy tiny_protocol5
  mount_rw
  add_result first
  mkdir "$MNT/analysis/second"
  setfattr -n user.name -v PerNeuronValue "$MNT/analysis/second"
  setfattr -n user.analysis_algorithm -v Test "$MNT/analysis/second"
  run ! setfattr -n user.value_name -v Bias "$MNT/analysis/second"
  [[ $output == *"File exists"* ]]
  log_has "analysis/second: all parameters would equal those of first; with -o replace it takes that one's place"
  rm -r "$MNT/analysis/second"
  "$EXPFS" unmount "$MNT"
  mount_rw replace
  add_result again
  echo 7 >>"$MNT/analysis/again/values"
  "$EXPFS" unmount "$MNT"
  [ "$(objects 'len(results), len(results[3].values)')" = "(4, 4)" ]
}

@test "results and recordings are removed, and names stay while the store is mounted" {
  copy gratings_channel_id
  mount_rw
  rm -r "$MNT/analysis/3-PerNeuronValue" "$MNT/recordings/1-V1_Inh_L4-$GRATING"
  "$EXPFS" sync "$MNT"
  [ ! -e "$STORE/Segment1.pickle" ]
  [ -e "$MNT/analysis/4-PerNeuronValue/values" ] && [ ! -e "$MNT/analysis/3-PerNeuronValue" ]
  cmp "$MNT/recordings/2-V1_Exc_L4-$GRATING/mean_rates" <(mount_at "$MNT.2" "$STORES/gratings_channel_id"; cat "$MNT.2/recordings/2-V1_Exc_L4-$GRATING/mean_rates")
  "$EXPFS" unmount "$MNT"
  [ "$(objects 'len(results), len(recordings), [r.identifier for r in recordings[:3]]')" = "(23, 40, ['Segment0', 'Segment2', 'Segment3'])" ]
  mount_store "$STORE"
  cmp "$MNT/recordings/1-V1_Exc_L4-$GRATING/isi" "$MNT.2/recordings/2-V1_Exc_L4-$GRATING/isi"
}

@test "recordings are copied from another store, as the store's generation has them" {
  need_shared
  local from into
  for into in gratings tiny_neo010 tiny_protocol5; do
    [ "$into" = gratings ] && from=gratings_channel_id || from=gratings
    rm -rf "$STORE"
    copy "$into"
    mount_rw
    mount_at "$MNT.2" "$STORES/$from"
    cp -r --preserve=xattr "$MNT.2/recordings/0-V1_Exc_L4-$GRATING" "$MNT/recordings/added"
    "$EXPFS" sync "$MNT"
    diff -r "$MNT/recordings/added" "$MNT.2/recordings/0-V1_Exc_L4-$GRATING"
    "$EXPFS" unmount "$MNT.2"
    "$EXPFS" unmount "$MNT"
    "$PYTHON" - "$BATS_TEST_DIRNAME" "$STORE" "$STORES/$from" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
from mozaik_objects import *
store, other = Store(sys.argv[2]), Store(sys.argv[3])
new, old, before = store.segment(-1), other.segment(0), store.segment(0)
assert set(vars(new)) == set(vars(before)), set(vars(new)) ^ set(vars(before))
assert set(vars(store.recordings[-1])) == set(vars(store.recordings[0]))
assert type(new).__name__ == "Segment" and new.annotations["stimulus"] == old.annotations["stimulus"]
assert store.recordings[-1].rec_datetime == other.recordings[0].rec_datetime
assert store.recordings[-1].identifier == f"Segment{len(store.recordings) - 1}" and store.recordings[-1].null is False
key = "source_id" if "source_id" in member(before, "spiketrains")[0].annotations else "channel_id"
for a, b in zip(member(new, "spiketrains"), member(old, "spiketrains"), strict=True):
    same(a.times, b.times, "times", {})
    assert (a.t_start, a.t_stop, a.units) == (b.t_start, b.t_stop, b.units) and key in a.annotations
for a, b in zip(member(new, "analogsignals"), member(old, "analogsignals"), strict=True):
    first, second = (list(list(one.annotations.values())[1]) for one in (a, b))
    assert sorted(first) == sorted(second) and a.annotations["source_population"] == "V1_Exc_L4" and a.signal.dtype == b.signal.dtype
    for column, neuron in enumerate(first):
        assert np.array_equal(a.signal[:, column], b.signal[:, second.index(neuron)])
    assert (a.name, a.units, a.rate, a.t_start) == (b.name, b.units, b.rate, b.t_start)
PY
  done
}

@test "stimuli and sheets are added, and the parameters of the model are set" {
  copy tiny_protocol5
  mount_rw
  local text='{"module_path" :"mozaik.stimuli","name":'\''Null'\'', "trial":7}'
  mkdir "$MNT/stimuli/mine" "$MNT/sheets/LGN" "$MNT/sheets/LGN/annotations"
  printf '%s\n' "$text" >"$MNT/stimuli/mine/text"
  printf '1\t2\n3\t4\n' >"$MNT/stimuli/mine/data"
  printf '70\n71\n' >"$MNT/sheets/LGN/ids"
  printf '1.0\t2.0\n3.0\t4.0\n0.0\t0.0\n' >"$MNT/sheets/LGN/positions"
  printf '0.5\n0.25\n' >"$MNT/sheets/LGN/annotations/Phase"
  setfattr -n user.model_parameters -v "{'name': 'New'}" "$MNT"
  "$EXPFS" sync "$MNT"
  [ "$(attribute st_trial "$MNT/stimuli/mine")" = 7 ]
  "$EXPFS" unmount "$MNT"
  [ "$(objects 'list(stimuli)[-1], list(stimuli.values())[-1].tolist()')" = "('{\"module_path\" :\"mozaik.stimuli\",\"name\":\\'Null\\', \"trial\":7}', [[1, 2], [3, 4]])" ]
  [ "$(objects 'list(block.annotations["neuron_ids"]), block.annotations["neuron_ids"]["LGN"].tolist(), block.annotations["neuron_positions"]["LGN"].shape, block.annotations["neuron_annotations"]["LGN"], block.annotations["model_parameters"]')" = "(['Exc_Layer', 'Inh_Layer', 'LGN'], [70, 71], (3, 2), [{'Phase': 0.5}, {'Phase': 0.25}], \"{'name': 'New'}\")" ]
}

@test "a new store is made, filled from another, and is the same to who reads it" {
  need_shared
  "$EXPFS" create mozaik "$STORE"
  run -1 "$EXPFS" create mozaik "$STORE"
  [ "$(objects 'full_name(block), len(recordings), results, dict(stimuli), list(block.annotations)')" = "('neo.core.block.Block', 0, [], {}, ['neuron_ids', 'neuron_positions', 'neuron_annotations', 'model_parameters', 'sheet_parameters', 'experiment_parameters'])" ]
  mount_rw
  mount_at "$MNT.2" "$STORES/tiny_protocol5"
  local part name
  for part in sheets recordings analysis stimuli; do
    for name in $(ls -v "$MNT.2/$part"); do
      cp -r --preserve=xattr "$MNT.2/$part/$name" "$MNT/$part/$name"
    done
  done
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE"
  diff -r "$MNT" "$MNT.2"
  [ "$(objects '[full_name(r) for r in results], [r.identifier for r in recordings] == [f"Segment{i}" for i in range(8)]')" = "(['mozaik.analysis.data_structures.PerNeuronValue', 'mozaik.analysis.data_structures.AnalogSignalList', 'mozaik.analysis.data_structures.SingleValue'], True)" ]
}

@test "what a store cannot hold is refused with a reason, and nothing is lost by it" {
  copy tiny_protocol5
  mount_rw
  cd "$MNT"
  run ! mkdir other
  run ! mkdir "recordings/0-Exc_Layer-$GRATING/other"
  run ! setfattr -n user.name -v x "recordings/0-Exc_Layer-$GRATING"
  log_has "a recording that is there is not changed"
  mkdir recordings/r recordings/r/spiketrains
  run ! bash -c 'echo 1 >recordings/r/spiketrains/name'
  run ! setfattr -n user.value_units -v furlong analysis/0-PerNeuronValue
  log_has "the unit 'furlong' is not known"
  run ! dd if=/dev/zero of="recordings/0-Exc_Layer-$GRATING/vm/3.raw" bs=8 count=1 conv=notrunc status=none
  run ! dd if=/dev/zero of=sheets/Exc_Layer/ids.raw bs=8 count=1 conv=notrunc status=none
  run ! rm -r sheets/Exc_Layer
  cd "$TOP"
  "$EXPFS" unmount "$MNT"
  mount_store "$STORE"
  run -0 "$PYTHON" "$BATS_TEST_DIRNAME/mozaik_mount.py" "$STORES/tiny_protocol5.expected.json" "$MNT" "$EXPFS" "$STORE"
}

@test "stores of Python 2 are read only, and one writer at a time has a store" {
  need_shared
  local name
  for name in vogels_abbott tiny_python2_protocol0; do
    rm -rf "$STORE"
    copy "$name"
    run -1 "$EXPFS" "$STORE" "$MNT" -o rw
    [[ $output == *"written by Python 2"* ]]
  done
  rm -rf "$STORE"
  copy tiny_protocol5
  mount_rw
  run -1 "$EXPFS" "$STORE" "$MNT.2" -o rw
  [[ $output == *"is being written by"* ]]
}

@test "another program's changes are not written over" {
  copy tiny_protocol5
  mount_rw commit=100
  add_result mine
  cp "$STORES/tiny_neo010/datastore.analysis.pickle" "$STORE"
  run ! "$EXPFS" sync "$MNT"
  "$EXPFS" unmount "$MNT" || true
  cmp "$STORE/datastore.analysis.pickle" "$STORES/tiny_neo010/datastore.analysis.pickle"
}

@test "what a program that died had recorded is finished by recover, and by the next mount" {
  copy tiny_protocol5
  cp "$STORES/empty/datastore.analysis.pickle" "$STORE/.expfs-new-0"
  printf 'expfs hmf commit 1\nrename\t.expfs-new-0\tdatastore.analysis.pickle\nremove\tSegment7.pickle\nend\n' >"$STORE/.expfs-commit"
  cp -r "$STORE" "$STORE.2"
  run -0 "$EXPFS" recover "$STORE"
  [ ! -e "$STORE/.expfs-commit" ] && [ ! -e "$STORE/Segment7.pickle" ]
  cmp "$STORE/datastore.analysis.pickle" "$STORES/empty/datastore.analysis.pickle"
  mount_store "$STORE.2"
  [ "$(attribute expfs.format "$MNT")" = mozaik ]
  [ -z "$(ls "$MNT/analysis")" ]
  [ ! -e "$STORE.2/.expfs-commit" ]
}
