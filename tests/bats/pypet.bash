# pypet: a copy of a store that real pypet wrote, and what pypet would have of it afterwards.
# Knows the stores in $PYPET and the Python in tests/c that compares and loads; knows nothing of what is done in between.
# Loaded by the bats files about pypet, in place of common.
load common

setup() {
  pypet_setup
}

# For the setup of a file that has its own.
pypet_setup() {
  common_setup
  need_shared
  PYPET=$EXPFS_SHARED/stores/pypet
  STORE=$BATS_TEST_TMPDIR/store.hdf5
  OTHER=$BATS_TEST_TMPDIR/other.hdf5
}

# Makes a copy of the store NAME at $STORE, or elsewhere: take NAME [FILE]
take() {
  cp "$PYPET/$1.hdf5" "${2:-$STORE}"
  chmod u+w "${2:-$STORE}"
}

# The same, mounted for writing; TRAJ is its trajectory TRAJECTORY: mount_copy NAME TRAJECTORY [OPTIONS]
mount_copy() {
  take "$1"
  mount_rw "${3-}"
  TRAJ=$MNT/$2
}

# The store is, object by object, the one of that name, but for what matches a pattern (tests/c/pypet_compare.py), and for
# the title, which is the name of what pypet had in memory: equals NAME [PATTERN...]
equals() {
  "$PYTHON" "$TOP/tests/c/pypet_compare.py" "$STORE" "$PYPET/$1.hdf5" /@TITLE "${@:2}"
}

# A trajectory is, in all that pypet loads, that of the same name in the store NAME, but for what matches a pattern
# (tests/c/pypet_same.py): loads_as TRAJECTORY NAME [PATTERN...]
loads_as() {
  "$PYTHON" -W ignore "$TOP/tests/c/pypet_same.py" "$STORE" "$1" "$PYPET/$2.hdf5" "$1" "${@:3}"
}

# Prints what Python makes of EXPRESSION: loads TRAJECTORY EXPRESSION [STORE [STATEMENTS]]. It sees t, what pypet would have
# of the trajectory, n its nodes, v(path) the value of a leaf, flag(path) how an HDF5 object is kept, table(name) an
# overview table, and load(store, name), with the stores of real pypet in the folder pypet; STATEMENTS are run before.
loads() {
  PYTHONPATH=$TOP/tests/c "$PYTHON" -W ignore -c '
import itertools, sys, h5py, numpy
from pypet_loader import load
store, name, expression, statements, pypet = sys.argv[1:]
t = load(store, name)
n = t["nodes"]
def v(path):
    leaf = n[path]
    value = leaf.get("value", leaf["items"].get(path.split(".")[-1]))
    return value.tolist() if isinstance(value, numpy.ndarray) else value
def flag(path):
    with h5py.File(store, "r") as f:
        return f[path].attrs["SRVC_STORE"].decode()
def table(path):
    with h5py.File(store, "r") as f:
        return [tuple(x.decode() if isinstance(x, bytes) else x for x in row) for row in f[name + "/overview/" + path][()].tolist()]
exec(statements)
print(eval(expression))' "${3:-$STORE}" "$1" "$2" "${4-}" "$PYPET"
}

# The same after unmounting.
after() {
  "$EXPFS" unmount "$MNT"
  loads "$@"
}

# Runs Python on the store, open in h5py as f: change FILE STATEMENTS
change() {
  "$PYTHON" -c 'import sys, h5py, numpy as np
with h5py.File(sys.argv[1], "r+") as f:
    exec(sys.argv[2])' "$@"
}

# The command fails with this message, with status 1 and one sentence, and the store keeps every byte: changes_nothing
# MESSAGE COMMAND...
changes_nothing() {
  local before
  before=$(sha256sum <"$STORE")
  fails_with "$@"
  is 1 "$(wc -l <"$BATS_TEST_TMPDIR/fails.err")"
  is "$before" "$(sha256sum <"$STORE")"
  [ ! -e "$STORE.expfs-wal" ]
}

# Trajectories of so many runs, each as the first one, with what it has stored in each of the branches: make_runs FILE RUNS
# 'BRANCH...' TRAJECTORY...
make_runs() {
  "$PYTHON" - "$PYPET/multi_1_two.hdf5" "$@" <<'PY'
import sys, h5py, numpy as np
n, branches = int(sys.argv[3]), sys.argv[4].split()
with h5py.File(sys.argv[1]) as s, h5py.File(sys.argv[2], 'w') as f:
    for t in sys.argv[5:]:
        for part in ('config', 'overview', 'parameters', 'derived_parameters/shared_dp', 'results/global_res'):
            s.copy(s[t][part], f, f'{t}/{part}')
        for branch in branches:
            for i in range(n):
                s.copy(s[t][branch]['run_00000000'], f, f'{t}/{branch}/run_{i:08}')
        runs, info = f[t]['overview/runs'], f[t]['overview/info']
        rows, one = np.repeat(runs[:1], n), info[:]
        rows['idx'], rows['name'] = np.arange(n), [b'run_%08d' % i for i in range(n)]
        one['length'] = n
        info[:] = one
        for table, new in ((runs, rows), (f[t]['parameters/x/explored_data'], np.arange(n)),
                           (f[t]['parameters/grp/trial/explored_data'], np.zeros(n))):
            cells = np.zeros(n, table.dtype)
            if new.dtype.names:
                cells[:] = new
            else:
                cells['data'] = new
            table.resize((n,))
            table[:] = cells
            table.attrs['NROWS'] = np.int64(n)
PY
}
