"""bench_pypet: the rows of scripts/bench that do what pypet's storage service does, beside PyTables or h5py doing it.

Each round has a fresh copy of a store of two trajectories of 1,000 runs. Both sides have all of it on the disk when they
return: ours is in the store's own file, theirs is flushed and synchronised. Theirs only do what the name of the row says,
without the checks, overview tables and notes that pypet adds. Called by bench_main, which finds the rows in bench_rows.
"""
import os
import subprocess

from bench_measure import EXPFS, Against, inside_python, mounted, seconds_of
from bench_rows import row
from bench_writing import fresh

OPEN = "import h5py, numpy, os, tables, time"
CLOSE = "f.flush()\nos.fsync(f.fileno())\nf.close()"


def call(*arguments):
    subprocess.run([EXPFS, *arguments], check=True, stdout=subprocess.DEVNULL)


def explored(stores, is_stored):
    """A store and its n: one and two explore x over n runs each, whose results z and trace are stored or still to come."""
    n = 1000 // stores.part

    def write(path):
        call("create", "pypet", path, "one")
        for t, name in enumerate(("one", "two")):
            with mounted(path, "-o", "rw") as mnt:
                os.makedirs(f"{mnt}/{name}", exist_ok=True)
                with open(f"{mnt}/{name}/parameters/x", "w") as f:
                    f.write("0\n")
            call("explore", f"{path}:{name}", "x=" + ",".join(map(str, range(t * n, t * n + n))))
            if is_stored:
                store_runs(path, name, n)

    return stores.make(f"pypet-{'stored' if is_stored else 'explored'}.hdf5", write), n


def store_runs(path, name, n):
    with mounted(path, "-o", "rw") as mnt:
        for i in range(n):
            results = f"{mnt}/{name}/.run/{i}/results"
            with open(f"{results}/z", "w") as f:
                f.write(f"{i / 8}\n")
            with open(f"{results}/trace", "w") as f:
                f.writelines(f"{k / 16}\n" for k in range(i, i + 50))


def with_expfs(store, stores, check, *arguments):
    """A verb on a copy of the store, which is STORE in its words."""
    def work():
        with fresh(store, stores, check) as path:
            return seconds_of(EXPFS, *(word.replace("STORE", path) for word in arguments))
    return work


def with_pytables(store, stores, check, code):
    def work():
        with fresh(store, stores, check) as path:
            return inside_python(f"{OPEN}; path = {path!r}", f"f = tables.open_file(path, 'a')\n{code}\n{CLOSE}")
    return work


@row("a sweep of 1,000 runs: read x, store z, each through its own `.run/INDEX/`")
def sweep(stores):
    store, n = explored(stores, is_stored=False)
    # What the shell's `for r in .run/*`, cat and > ask of the system.
    ours = """for r in sorted(os.listdir('.run')):
    fd = os.open(f'.run/{r}/parameters/x', os.O_RDONLY)
    x = int(os.read(fd, 65536))
    os.close(fd)
    fd = os.open(f'.run/{r}/results/z', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.write(fd, b'%r\\n' % (x / 8))
    os.close(fd)
os.fsync(os.open('.', os.O_RDONLY))"""
    theirs = f"""runs, x = f.root.one.overview.runs, f.root.one.parameters.x.explored_data
for i in range({n}):
    value = int(x[i]['data'])
    leaf = f.create_group(f'/one/results/runs/run_{{i:08d}}', 'z', createparents=True)
    leaf._v_attrs.SRVC_LEAF = True
    leaf._v_attrs.SRVC_INIT_CLASS_NAME = 'Result'
    item = f.create_array(leaf, 'z', obj=value / 8)
    item.attrs.SRVC_STORE = 'ARRAY'
    item.attrs.SRVC_DATA_COLL_TYPE = 'COLL_SCALAR'
    item.attrs.SRVC_DATA_SCALAR_TYPE = 'float'
    row = runs[i:i + 1]
    row['completed'], row['finish_timestamp'] = 1, time.time()
    row['runtime'], row['parameter_summary'] = b'0:00:00.001000', b'x: %d' % value
    runs.modify_rows(i, i + 1, rows=row)"""
    check = lambda f: len(f["one/results/runs"]) == n and f["one/overview/runs"]["completed"].all()

    def work():
        with fresh(store, stores, check) as path, mounted(path, "-o", "rw") as mnt:
            return inside_python(f"import os; os.chdir('{mnt}/one')", ours)
    yield work, [Against("PyTables", with_pytables(store, stores, check, theirs), at_least=1.0)]


@row("merging a trajectory of 1,000 runs into another one, `expfs merge`")
def merge(stores):
    store, n = explored(stores, is_stored=True)
    theirs = f"""one, two = f.root.one, f.root.two
rows = two.overview.runs[:]
rows['idx'] += {n}
rows['name'] = [b'run_%08d' % i for i in rows['idx']]
one.overview.runs.append(rows)
one.parameters.x.explored_data.append(two.parameters.x.explored_data[:])
for i in range({n}):
    f.copy_node(f'/two/results/runs/run_{{i:08d}}', '/one/results/runs', f'run_{{i + {n}:08d}}', recursive=True)"""
    check = lambda f: (len(f["one/results/runs"]) == 2 * n == len(f["one/overview/runs"])
                       and f[f"one/results/runs/run_{2 * n - 1:08d}/z/z"][()] == (n - 1) / 8)
    yield (with_expfs(store, stores, check, "merge", "STORE:one", "STORE:two"),
           [Against("PyTables", with_pytables(store, stores, check, theirs), at_least=1.0)])


@row("removing what 500 of 1,000 runs have stored, `expfs prune`")
def prune(stores):
    stored, n = explored(stores, is_stored=True)

    def write(path):
        import h5py
        with open(stored, "rb") as source, open(path, "wb") as copy:
            copy.write(source.read())
        with h5py.File(path, "r+") as f:
            runs = f["one/overview/runs"][:]
            runs["completed"][::2] = 0
            f["one/overview/runs"][:] = runs
    store = stores.make("pypet-half.hdf5", write)
    theirs = """for i, completed in enumerate(f.root.one.overview.runs.col('completed')):
    if not completed:
        f.remove_node('/one/results/runs', f'run_{i:08d}', recursive=True)"""
    check = lambda f: len(f["one/results/runs"]) == n // 2
    yield (with_expfs(store, stores, check, "prune", "STORE:one"),
           [Against("PyTables", with_pytables(store, stores, check, theirs), at_least=1.0)])


@row("a trajectory of 1,000 runs into a file of its own, `expfs backup`")
def backup(stores):
    store, n = explored(stores, is_stored=True)

    def is_whole(path):
        import h5py
        with h5py.File(path, "r") as f:
            if len(f["one/results/runs"]) != n:
                raise ValueError("not all is in the backup")

    def ours():
        with fresh(store, stores, lambda f: True) as path:
            took = seconds_of(EXPFS, "backup", f"{path}:one", f"{path}.backup")
            is_whole(f"{path}.backup")
            return took

    def theirs():
        with fresh(store, stores, lambda f: True) as path:
            took = inside_python(f"{OPEN}; path = {path!r}",
                                 "with h5py.File(path, 'r') as f, h5py.File(path + '.backup', 'w') as g:\n"
                                 "    f.copy('one', g)\n    g.flush()\n    os.fsync(g.id.get_vfd_handle())")
            is_whole(f"{path}.backup")
            return took
    yield ours, [Against("h5py", theirs, at_least=1.0)]
