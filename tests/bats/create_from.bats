# create_from: pypet's loading of a trajectory as a new one (as_new), as `expfs create --from`.
load common

setup() {
  common_setup
  need_shared
  PYPET=$EXPFS_SHARED/stores/pypet
  NEW=$BATS_TEST_TMPDIR/new.hdf5
  cp "$PYPET/multi_1_two.hdf5" "$BATS_TEST_TMPDIR/old.hdf5"
  OLD=$BATS_TEST_TMPDIR/old.hdf5
  chmod u+w "$OLD"
}

# Evaluates Python: t is what pypet would have of the trajectory $2 of the store $1, n its nodes, a and m of alpha.
loads() {
  PYTHONPATH=$TOP/tests/c "$PYTHON" -c '
import sys, pypet_loader
t, a = pypet_loader.load(sys.argv[1], sys.argv[2]), pypet_loader.load(sys.argv[4], "alpha")
n, m = t["nodes"], a["nodes"]
def values(nodes):
    return {path: (str(leaf["value"]), leaf["comment"], str(leaf["annotations"])) for path, leaf in nodes.items()
            if path.startswith(("config.", "parameters.")) and "value" in leaf}
print(eval(sys.argv[3]))' "$1" "$2" "$3" "$PYPET/multi_1_two.hdf5"
}

@test "as_new: parameters and config come along, results and ranges do not" {
  "$EXPFS" create pypet "$NEW" gamma --from "$OLD:alpha"
  cmp "$OLD" "$PYPET/multi_1_two.hdf5"
  is 'True True [] 1 [0] b'"'gamma'" "$(loads "$NEW" gamma \
    '" ".join(map(str, (len(values(m)) > 3, values(n) == values(m), t["explored"], t["info"]["length"], t["runs"]["completed"].tolist(), t["info"]["name"])))')"
  is '[]' "$(loads "$NEW" gamma '[path for path, leaf in n.items() if "range" in leaf or path.startswith(("results.", "derived_parameters."))]')"
  is 'new.hdf5 old.hdf5' "$(cd "$BATS_TEST_TMPDIR" && echo *.hdf5*)"
}

@test "as_new --ranges: what is explored stays, and all runs are not completed" {
  "$EXPFS" create pypet "$NEW" gamma --from "$OLD:alpha" --ranges
  is 'True True True 0' "$(loads "$NEW" gamma \
    '" ".join(map(str, (sorted(t["explored"]) == sorted(a["explored"]), len(t["runs"]) == len(a["runs"]), all(n[p]["range"] == m[p]["range"] for p in a["explored"]), sum(t["runs"]["completed"]))))')"
}

@test "as_new: into the same store, also through the running mount" {
  "$EXPFS" create pypet "$OLD" gamma --from "$OLD:alpha"
  mount_store "$OLD" -o rw
  ls "$MNT"
  echo 77 >"$MNT/alpha/parameters/extra"
  "$EXPFS" create pypet "$OLD" delta --from "$MNT/alpha" --ranges
  is 77 "$(cat "$MNT/delta/parameters/extra")"
  is '' "$(ls "$MNT/delta/results")"
  cmp "$MNT/alpha/parameters/x.range" "$MNT/delta/parameters/x.range"
  "$EXPFS" create pypet "$NEW" epsilon --from "$MNT/alpha"
  "$EXPFS" unmount "$MNT"
  is 77 "$(loads "$NEW" epsilon 'n["parameters.extra"]["value"]')"
  loads "$OLD" gamma 't["explored"]'
  loads "$OLD" delta 't["explored"]'
}

@test "as_new of a classic trajectory is one of its release" {
  cp "$PYPET/classic_one.hdf5" "$OLD"
  "$EXPFS" create pypet "$NEW" second --from "$OLD:first" --ranges
  is "b'0.1b.4' 2" "$(loads "$NEW" second 'str(t["info"]["version"]) + " " + str(len(n["parameters.x"]["range"]))')"
}

@test "create --from: a name that is taken, and what is no trajectory, are refused and change nothing" {
  fails_with "'beta' exists already" "$EXPFS" create pypet "$OLD" beta --from "$OLD:alpha"
  fails_with "nothing" "$EXPFS" create pypet "$NEW" gamma --from "$OLD:nothing"
  fails_with "no trajectory" "$EXPFS" create pypet "$NEW" gamma --from "$OLD:alpha/parameters"
  cmp "$OLD" "$PYPET/multi_1_two.hdf5"
  is old.hdf5 "$(cd "$BATS_TEST_TMPDIR" && echo *.hdf5*)"
  run -2 "$EXPFS" create hdf5 "$NEW" gamma --from "$OLD:alpha"
  run -2 "$EXPFS" create pypet "$NEW" gamma --ranges
}
