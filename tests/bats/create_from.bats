# create_from: pypet's loading of a trajectory as a new one (as_new), as `expfs create --from`.
load pypet

setup() {
  pypet_setup
  NEW=$BATS_TEST_TMPDIR/new.hdf5
  OLD=$BATS_TEST_TMPDIR/old.hdf5
  take multi_1_two "$OLD"
}

# What an expression sees besides, when it is given to loads: a as what pypet would have of alpha as it was, m its nodes.
ALPHA='a = load(pypet + "/multi_1_two.hdf5", "alpha")
m = a["nodes"]
def values(nodes):
    return {path: (str(leaf["value"]), leaf["comment"], str(leaf["annotations"])) for path, leaf in nodes.items()
            if path.startswith(("config.", "parameters.")) and "value" in leaf}'

@test "as_new: parameters and config come along, results and ranges do not" {
  "$EXPFS" create pypet "$NEW" gamma --from "$OLD:alpha"
  cmp "$OLD" "$PYPET/multi_1_two.hdf5"
  is 'True True [] 1 [0] b'"'gamma'" "$(loads gamma \
    '" ".join(map(str, (len(values(m)) > 3, values(n) == values(m), t["explored"], t["info"]["length"], t["runs"]["completed"].tolist(), t["info"]["name"])))' "$NEW" "$ALPHA")"
  is '[]' "$(loads gamma '[path for path, leaf in n.items() if "range" in leaf or path.startswith(("results.", "derived_parameters."))]' "$NEW")"
  is 'new.hdf5 old.hdf5' "$(cd "$BATS_TEST_TMPDIR" && echo *.hdf5*)"
}

@test "as_new --ranges: what is explored stays, and all runs are not completed" {
  "$EXPFS" create pypet "$NEW" gamma --from "$OLD:alpha" --ranges
  is 'True True True 0' "$(loads gamma \
    '" ".join(map(str, (sorted(t["explored"]) == sorted(a["explored"]), len(t["runs"]) == len(a["runs"]), all(n[p]["range"] == m[p]["range"] for p in a["explored"]), sum(t["runs"]["completed"]))))' "$NEW" "$ALPHA")"
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
  is 77 "$(loads epsilon 'n["parameters.extra"]["value"]' "$NEW")"
  loads gamma 't["explored"]' "$OLD"
  loads delta 't["explored"]' "$OLD"
}

@test "as_new of a classic trajectory is one of its release" {
  cp "$PYPET/classic_one.hdf5" "$OLD"
  "$EXPFS" create pypet "$NEW" second --from "$OLD:first" --ranges
  is "b'0.1b.4' 2" "$(loads second 'str(t["info"]["version"]) + " " + str(len(n["parameters.x"]["range"]))' "$NEW")"
}

@test "as_new: the overview tables of the new trajectory tell of what came along" {
  "$EXPFS" create pypet "$NEW" gamma --from "$OLD:alpha" --ranges -o overview=small
  is "[('x', '3, 4')] True True" "$(loads gamma \
    '" ".join(map(str, ([row[1::4] for row in table("explored_parameters_overview") if row[1] == "x"], len(table("config_overview")) == sum(p.startswith("config.") and "value" in leaf for p, leaf in n.items()), sorted(row[1] for row in table("parameters_overview")) == sorted(p.split(".")[-1] for p, leaf in n.items() if p.startswith("parameters.") and "value" in leaf))))' "$NEW")"
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
