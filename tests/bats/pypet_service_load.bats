# pypet_service_load: what pypet asks its storage service to load, and the settings that it gives it, a test for each that
# has none in another file, named as in the table of the man page.
load pypet

# --- loading ----------------------------------------------------------------------------------------------------

@test "load_parameters: only= and except= by branch" {
  mount_store "$PYPET/multi_1_two.hdf5" -o trajectory=alpha,only=parameters
  is parameters "$(ls "$MNT")"
  is 3 "$(head -n 1 "$MNT/parameters/x.range")"
}

@test "load_derived_parameters: only= and except= by branch" {
  mount_store "$PYPET/multi_1_two.hdf5" -o trajectory=alpha,except=derived_parameters
  not ls "$MNT/derived_parameters"
  ls "$MNT/parameters/x" "$MNT/results"
}

@test "load_results: only= and except= by branch" {
  mount_store "$PYPET/multi_1_two.hdf5" -o trajectory=alpha,except=results
  not ls "$MNT/results"
  ls "$MNT/parameters/x" "$MNT/derived_parameters"
}

@test "load_other_data: groups outside the four branches" {
  take delete_before
  change "$STORE" 'f.create_group("del/analysis/one")'
  mount_store "$STORE" -o trajectory=del,only=analysis
  is analysis "$(ls "$MNT")"
  is one "$(ls "$MNT/analysis")"
}

@test "load recursive: what is below a directory is read when it is asked for" {
  mount_store "$PYPET/classic_one.hdf5"
  local before
  described() { awk '$1 == "described" { print $2 }' "$MNT/.expfs/stats"; }
  ls "$MNT" "$MNT/first" >/dev/null
  before=$(described)
  find "$MNT/first/results" -type f >"$BATS_TEST_TMPDIR/files"
  [ "$(described)" -gt "$before" ]
  grep -q deep/trace/tag "$BATS_TEST_TMPDIR/files"
}

@test "load max_depth: find -maxdepth, and expfs tree -L" {
  mount_store "$PYPET/classic_one.hdf5"
  local deep
  deep=$(cd "$MNT/first" && find results -mindepth 3 | head -n 1)
  not grep -q -x -F "$deep" <(cd "$MNT/first" && find results -maxdepth 2)
  "$EXPFS" tree -L 2 "$MNT/first/results" >"$BATS_TEST_TMPDIR/tree"
  grep -q run_00000000 "$BATS_TEST_TMPDIR/tree"
  not grep -q -w deep "$BATS_TEST_TMPDIR/tree"
}

@test "with_run_information: the runs, their times and what they explored" {
  mount_store "$PYPET/incomplete.hdf5"
  is 6 "$(ls "$MNT/crash/.run" | wc -l)"
  xattr_is "$MNT/crash/.run/2" completed 1
  xattr_is "$MNT/crash/.run/3" completed 0
  xattr_is "$MNT/crash/.run/2" parameter_summary 'x: 2'
  is 6 "$(wc -l <"$MNT/crash/overview/runs")"
}

@test "with_meta_data: comment, times and version of a trajectory" {
  mount_store "$PYPET/incomplete.hdf5"
  xattr_is "$MNT/crash" comment 'crashed in run 3 of 6'
  xattr_is "$MNT/crash" version 0.7.0
  xattr_is "$MNT/crash" time 2014_05_13_16h53m27s
  xattr_is "$MNT/crash" length 6
}

@test "dynamic_imports: a leaf of a class that nobody knows is shown with the class's name, and nothing is imported" {
  take classic_one
  change "$STORE" 'f["first/results/before"].attrs["SRVC_INIT_CLASS_NAME"] = "MyOwnResult"'
  mount_store "$STORE"
  xattr_is "$MNT/first/results/before" expfs.class MyOwnResult
  is '1 2.5' "$(cat "$MNT/first/results/before/before" "$MNT/first/results/before/two" | xargs)"
}

@test "child_name: one node of a tree by its path" {
  is 2.5 "$("$EXPFS" tree "$PYPET/classic_one.hdf5:first/parameters/grp" >/dev/null && mount_store "$PYPET/classic_one.hdf5" && cat "$MNT/first/parameters/grp/fixed")"
  is dataset "$("$EXPFS" info "$PYPET/classic_one.hdf5:first/parameters/grp/fixed" | awk -F '\t' '$1 == "kind" { print $2 }')"
  fails_with "no 'nothing'" "$EXPFS" info "$PYPET/classic_one.hdf5:first/parameters/grp/nothing"
}

# --- settings of the file ---------------------------------------------------------------------------------------

@test "filename: any name, since a store is known by its content" {
  cp "$PYPET/minimal.hdf5" "$BATS_TEST_TMPDIR/a name.txt"
  mount_store "$BATS_TEST_TMPDIR/a name.txt"
  xattr_is "$MNT" expfs.format pypet
  fails_with 'No such file' "$EXPFS" "$BATS_TEST_TMPDIR/nothing" "$MNT.2"
}

@test "file_title: a new store has pypet's own, and one that is there keeps its own" {
  "$EXPFS" create pypet "$STORE" t
  is Experiments "$(h5dump -a /TITLE "$STORE" | sed -n 's/.*(0): "\(.*\)".*/\1/p')"
  mount_copy multi_1_two alpha
  echo 1 >"$TRAJ/results/n"
  "$EXPFS" unmount "$MNT"
  cmp <(h5dump -a /TITLE "$STORE" | tail -n +2) <(h5dump -a /TITLE "$PYPET/multi_1_two.hdf5" | tail -n +2)
}

@test "overwrite_file: a store that is there is never overwritten; rm does that" {
  take minimal
  changes_nothing "is there already" "$EXPFS" create pypet "$STORE" t
  rm "$STORE"
  "$EXPFS" create pypet "$STORE" t
  is t "$(h5ls "$STORE" | cut -d ' ' -f 1)"
}

# The filters of a new array, in a store that is made with these options, and in one that has them as its settings.
new_filters() {
  "$EXPFS" create pypet "$STORE" t -o "$1"
  mount_rw
  seq 1000 >"$MNT/t/results/plain"
  "$EXPFS" unmount "$MNT"
  rm -f "$OTHER"
  "$EXPFS" create pypet "$OTHER" t
  mount_at "$MNT" "$OTHER" -o "rw,$1"
  seq 1000 >"$MNT/t/results/plain"
  "$EXPFS" unmount "$MNT"
  "$PYTHON" -c '
import sys, h5py
for path in sys.argv[1:]:
    plist = h5py.File(path, "r")["t/results/plain/plain"].id.get_create_plist()
    print([plist.get_filter(i)[0] if plist.get_filter(i)[0] in (2, 3) else plist.get_filter(i)[:3:2] for i in range(plist.get_nfilters())])' "$STORE" "$OTHER"
}

@test "complib: the compressor of new arrays, as an option and as the trajectory's setting" {
  is $'[(1, (5,))]\n[(1, (5,))]' "$(new_filters complib=zlib)"
  rm "$STORE"
  new_filters complib=bzip2 | grep -c 307 | grep -q -x 2
}

@test "complevel: how much new arrays are compressed" {
  is $'[(1, (3,))]\n[(1, (3,))]' "$(new_filters complib=zlib,complevel=3)"
  rm "$STORE"
  is 0 "$("$EXPFS" create pypet "$STORE" t -o complevel=0 && loads t 'int(h5py.File(store)["t/overview/hdf5_settings"]["complevel"][0])')"
}

@test "shuffle: new arrays are shuffled" {
  is $'[2, (1, (5,))]\n[2, (1, (5,))]' "$(new_filters complib=zlib,shuffle)"
}

@test "fletcher32: new arrays have checksums, before what compresses them" {
  is $'[3, (1, (5,))]\n[3, (1, (5,))]' "$(new_filters complib=zlib,fletcher32)"
}

@test "pandas_format: of new frames, by the option, else by the trajectory's settings" {
  take minimal
  change "$STORE" 'd = f["mini/overview/hdf5_settings"]; r = d[:]; r["pandas_format"] = b"table"; d[:] = r'
  "$PYTHON" -c 'import numpy as np, sys
np.save(sys.argv[1], np.array([(1, 2.5), (7, 3.5)], dtype=[("index", "i8"), ("f", "f8")]))' "$BATS_TEST_TMPDIR/t.npy"
  mount_rw
  cp "$BATS_TEST_TMPDIR/t.npy" "$MNT/mini/results/a.npy"
  setfattr -n user.expfs.flag -v FRAME "$MNT/mini/results/a"
  "$EXPFS" unmount "$MNT"
  mount_rw pandas_format=fixed
  cp "$BATS_TEST_TMPDIR/t.npy" "$MNT/mini/results/b.npy"
  setfattr -n user.expfs.flag -v FRAME "$MNT/mini/results/b"
  is 'frame_table frame True' "$(after mini '" ".join(map(str, (*(h5py.File(store)["mini/results/%s/%s" % (x, x)].attrs["pandas_type"].decode() for x in "ab"), v("results.a").equals(v("results.b")))))')"
}

@test "encoding: of the texts in a store that has another, reading and writing" {
  take minimal
  change "$STORE" 'd = f["mini/overview/hdf5_settings"]; r = d[:]; r["encoding"] = b"latin_1"; d[:] = r
d = f["mini/results/r/r"]; a = {k: d.attrs[k] for k in ("FLAVOR", "SRVC_STORE", "SRVC_DATA_COLL_TYPE")}; del f["mini/results/r/r"]
d = f["mini/results/r"].create_dataset("r", data=np.array("gr\u00fc\u00df".encode("latin_1")))
a.update(CLASS="ARRAY", VERSION="2.4", SRVC_DATA_SCALAR_TYPE="str")
for k in a: d.attrs[k] = a[k]'
  mount_rw
  is 'grüß' "$(cat "$MNT/mini/results/r")"
  echo 'süß' >"$MNT/mini/results/r"
  echo 'neu: ä' >"$MNT/mini/results/new"
  "$EXPFS" unmount "$MNT"
  is 'süß neu: ä' "$("$PYTHON" -c '
import sys, h5py
f = h5py.File(sys.argv[1], "r")
print(*(f["mini/results/" + p][()].decode("latin_1") for p in ("r/r", "new/new")))' "$STORE")"
}

# --- overview tables --------------------------------------------------------------------------------------------

# What `overview=$1` makes of a new trajectory: the tables that pypet need not have, which are those that its settings name
# and have the columns of real ones; and in each the leaves that it tells of.
overview() {
  "$EXPFS" create pypet "$STORE" t -o "overview=$1"
  mount_rw
  local branch
  for branch in config parameters derived_parameters results; do
    echo 1 >"$MNT/t/$branch/leaf"
    setfattr -n user.comment -v "of $branch" "$MNT/t/$branch/leaf"
  done
  "$EXPFS" explore "$MNT/t" parameters.leaf=1,2 >/dev/null
  "$EXPFS" unmount "$MNT"
  "$PYTHON" - "$STORE" "$PYPET/overview.hdf5" <<'PY'
import sys, h5py
ours, theirs = (h5py.File(path, 'r')[name + '/overview'] for path, name in zip(sys.argv[1:], ('t', 'over')))
needed = {'info', 'runs', 'hdf5_settings', 'explorations'}
settings = ours['hdf5_settings'][0]
optional = sorted(set(ours) - needed)
assert optional == sorted(k for k in settings.dtype.names if k.endswith(('_overview', '_summary')) and settings[k])
for name in optional:
    a, b = ours[name], theirs[name]
    assert (a.dtype, a.maxshape, a.compression) == (b.dtype, b.maxshape, b.compression), name
    assert set(a.attrs) == set(b.attrs), name
    print(name, *sorted((row['location'] + b'.' + row['name']).decode() for row in a[()]))
PY
}

@test "config_overview: a table of the configuration" {
  is 'config_overview config.leaf' "$(overview config_overview)"
}

@test "parameters_overview: a table of the parameters" {
  is 'parameters_overview parameters.leaf' "$(overview parameters_overview)"
}

@test "derived_parameters_overview: a table of the derived parameters" {
  is 'derived_parameters_overview derived_parameters.leaf' "$(overview derived_parameters_overview)"
}

@test "results_overview: a table of the results" {
  is 'results_overview results.leaf' "$(overview results_overview)"
}

@test "explored_parameters_overview: a table of the explored parameters" {
  is 'explored_parameters_overview parameters.leaf' "$(overview explored_parameters_overview)"
}

@test "derived_parameters_summary: a table of the comments of derived parameters" {
  is 'derived_parameters_summary derived_parameters.leaf' "$(overview derived_parameters_summary)"
}

@test "results_summary: a table of the comments of results" {
  is 'results_summary results.leaf' "$(overview results_summary)"
}

@test "small_overview_tables: those of configuration, parameters and what is explored" {
  is $'config_overview config.leaf\nexplored_parameters_overview parameters.leaf\nparameters_overview parameters.leaf' "$(overview small)"
}

@test "large_overview_tables: those of derived parameters and results" {
  is $'derived_parameters_overview derived_parameters.leaf\nresults_overview results.leaf' "$(overview large)"
}

@test "summary_tables: those of comments; several words make all tables, and a wrong one is bad usage" {
  is $'derived_parameters_summary derived_parameters.leaf\nresults_summary results.leaf' "$(overview summary)"
  rm "$STORE"
  overview small:large:summary >"$BATS_TEST_TMPDIR/words"
  is 7 "$(wc -l <"$BATS_TEST_TMPDIR/words")"
  run -2 "$EXPFS" create pypet "$OTHER" t -o overview=some
  run -2 "$EXPFS" info "$STORE" -o overview=all
}

@test "overview=all in a classic store makes the tables of its generation" {
  take classic_one
  mount_rw overview=all
  mkdir "$MNT/second"
  echo 1 >"$MNT/second/parameters/p"
  "$EXPFS" unmount "$MNT"
  is "[('p', 'parameters')]" "$(loads second '[row[:2] for row in table("parameters")]')"
  diff <(h5ls "$STORE/second/overview" | cut -d ' ' -f 1) <(h5ls "$PYPET/classic_full.hdf5/full/overview" | cut -d ' ' -f 1 | grep -v _i_)
}

@test "purge_duplicate_comments: comments are kept, each where it was given" {
  take overview
  is 1 "$(loads over 'int(h5py.File(store)["over/overview/hdf5_settings"]["purge_duplicate_comments"][0])')"
  mount_rw
  local name
  for name in one two; do
    echo 1 >"$MNT/over/results/$name"
    setfattr -n user.comment -v 'the same' "$MNT/over/results/$name"
  done
  is "['the same', 'the same'] 1" "$(after over 'str([n["results." + x]["comment"] for x in ("one", "two")]) + " " + str(sum(row[4] == "the same" for row in table("results_summary")))')"
}

# What is made there has a row for each in the table, whatever the setting says: grows BRANCH TABLE SETTING
grows() {
  "$EXPFS" create pypet "$STORE" t -o overview="$2"
  mount_rw
  mkdir "$MNT/t/$1/g"
  for i in {1..40}; do echo "$i" >"$MNT/t/$1/g/r$i"; done
  is '0 40' "$(after t "'%d %d' % (h5py.File(store)['t/overview/hdf5_settings']['$3'][0], len(table('$2')))")"
}

@test "results_per_run: a table grows as it has to, whatever was expected" {
  grows results results_overview results_per_run
}

@test "derived_parameters_per_run: a table grows as it has to, whatever was expected" {
  grows derived_parameters derived_parameters_overview derived_parameters_per_run
}

@test "display_time: long work says how far it is to a terminal, and to nothing else" {
  take multi_1_two
  "$EXPFS" merge "$STORE:beta" alpha 2>"$BATS_TEST_TMPDIR/said" >/dev/null
  is '' "$(cat "$BATS_TEST_TMPDIR/said")"
}
