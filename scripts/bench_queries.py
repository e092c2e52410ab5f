"""bench_queries: the rows of scripts/bench for queries: the index of a store's parameters, and asking it.

Beside them Python going over the same parameters: as Mozaik's own code goes over its recordings, which it has read and
parsed before, and as h5py goes over attributes. Called by bench_main, which finds the rows in bench_rows.
"""
import os
import subprocess

from bench_measure import EXPFS, Against, inside_python, mounted
from bench_rows import row

EXPRESSION = "orientation={},contrast>=50,trial!=3"


# --- stores -----------------------------------------------------------------------------------------------------


def class_named(module, name):
    """A class that pickle writes under that name."""
    import sys
    import types
    made = type(name, (), {"__module__": module})
    parts = module.split(".")
    for i in range(len(parts)):
        sys.modules.setdefault(".".join(parts[:i + 1]), types.ModuleType(parts[i]))
    setattr(sys.modules[module], name, made)
    return made


def stimulus(i):
    """A stimulus of 8 parameters, as Mozaik writes it."""
    values = {"contrast": float(10 * (i % 11)), "direct_stimulation_name": None, "duration": 70.0, "frame_duration": 7.0,
              "name": "FullfieldDriftingSinusoidalGrating", "orientation": (i // 11 % 16) * 0.19634954084936207,
              "spatial_frequency": 0.8, "trial": i // 176}
    return ('{"module_path" :"mozaik.stimuli.vision.topographica_based",'
            + ", ".join(f'"{name}":{value!r}' for name, value in values.items()) + "}")


def recordings(stores):
    """A Mozaik store of 10,000 recordings with 8 stimulus parameters; their Segment files are not there."""
    n = 10000 // stores.part

    def write(path):
        import pickle
        block_class = class_named("neo.core.block", "Block")
        wrapper_class = class_named("mozaik.storage.neo_neurotools_wrapper", "PickledDataStoreNeoWrapper")
        block = block_class()
        block.segments = []
        for i in range(n):
            recording = wrapper_class()
            recording.__dict__.update(identifier=f"Segment{i}", null=False, full=False, name=None, description=None,
                                      rec_datetime=None, index=None, file_origin=None, datastore_path="",
                                      annotations={"sheet_name": "V1", "stimulus": stimulus(i)})
            block.segments.append(recording)
        block.annotations = {"neuron_ids": {}, "neuron_positions": {}, "neuron_annotations": {}, "model_parameters": "{}",
                             "sheet_parameters": "{}", "experiment_parameters": []}
        os.mkdir(path)
        with open(os.path.join(path, "datastore.recordings.pickle"), "wb") as file:
            pickle.dump(block, file, protocol=2)
        with open(os.path.join(path, "datastore.analysis.pickle"), "wb") as file:
            pickle.dump([], file, protocol=2)
    return stores.make("recordings", write), n


def attributes(stores):
    """20,000 scalars in groups of 500, each with 4 attributes."""
    n = 20000 // stores.part

    def fill(f):
        for i in range(n):
            dataset = f.create_dataset(f"g{i // 500:04d}/d{i:06d}", data=float(i))
            dataset.attrs["contrast"] = 10 * (i % 11)
            dataset.attrs["orientation"] = (i // 11 % 16) * 0.5
            dataset.attrs["trial"] = i // 176
            dataset.attrs["sheet"] = "V1"
    return stores.make_hdf5("attributes.h5", fill), n


def runs(stores):
    """A pypet trajectory of 10,000 runs over three parameters."""
    n = 10000 // stores.part

    def write(path):
        subprocess.run([EXPFS, "create", "pypet", path, "t"], check=True, stdout=subprocess.DEVNULL)
        with mounted(path, "-o", "rw") as mnt:
            for name, value in (("contrast", "10"), ("orientation", "0.5"), ("trial", "0")):
                with open(f"{mnt}/t/parameters/{name}", "w") as file:
                    file.write(value + "\n")
        values = {"contrast": [10 * (i % 11) for i in range(n)], "orientation": [(i // 11 % 16) * 0.5 for i in range(n)],
                  "trial": [i // 176 for i in range(n)]}
        subprocess.run([EXPFS, "explore", f"{path}:t", "--zip",
                        *(f"{name}={','.join(map(repr, of))}" for name, of in values.items())],
                       check=True, stdout=subprocess.DEVNULL)
    return stores.make("runs.hdf5", write), n


# --- rows -------------------------------------------------------------------------------------------------------


def listing(directory, expression):
    """Lists what the expression finds; the mount keeps no answer, and the kernel none that it has not been given."""
    return inside_python("import os", f"assert os.listdir({os.path.join(directory, '.where', expression)!r})")


PARSED = """
import re
text = open({path!r}, 'rb').read().decode('latin-1')
parsed = [eval('{{' + t.split(',', 1)[1]) for t in re.findall(r'\\{{"module_path" [^}}]*\\}}', text)]
assert len(parsed) == {n}
"""
LOOP = """
found = [i for i, p in enumerate(parsed)
         if 'orientation' in p and p['orientation'] == {value!r} and p['contrast'] >= 50 and p['trial'] != 3]
assert found
"""


@row("three predicates on 10,000 Mozaik recordings, the index is there, `ls .where/...`")
def query_recordings(stores):
    store, n = recordings(stores)
    path = os.path.join(store, "datastore.recordings.pickle")
    with mounted(store) as directory:
        os.listdir(os.path.join(directory, ".where", "st_trial=0"))
        expressions = (f"st_orientation={0.0!r},st_contrast>={50 + k / 1000},st_trial!=3" for k in range(10**6))
        yield (lambda: listing(directory, next(expressions)),
               [Against("a Python loop over parsed dicts",
                        lambda: inside_python(PARSED.format(path=path, n=n), LOOP.format(value=0.0)), at_most=0.05)])


@row("the same, cold: 10,000 recordings are read and their stimuli parsed")
def query_recordings_cold(stores):
    store, n = recordings(stores)
    path = os.path.join(store, "datastore.recordings.pickle")

    def ours():
        with mounted(store) as directory:
            return listing(directory, "st_orientation=0.0,st_contrast>=50,st_trial!=3")
    yield ours, [Against("Python, parsing and a loop",
                         lambda: inside_python("", PARSED.format(path=path, n=n) + LOOP.format(value=0.0)), at_least=2.0)]


H5PY = """
found = []
def visit(name, node):
    a = node.attrs
    if 'orientation' in a and a['orientation'] == 0.5 and a['contrast'] >= 50 and a['trial'] != 3:
        found.append(name)
with h5py.File({path!r}, 'r') as f:
    f.visititems(visit)
assert found
"""


@row("three predicates on 20,000 datasets with 4 attributes, cold, `ls .where/...`")
def query_attributes(stores):
    path, _ = attributes(stores)

    def ours():
        with mounted(path) as directory:
            return listing(directory, "orientation=0.5,contrast>=50,trial!=3")
    yield ours, [Against("h5py, visititems", lambda: inside_python("import h5py", H5PY.format(path=path)), at_least=5.0)]


@row("three predicates on a trajectory of 10,000 runs, cold, `ls .where/...`")
def query_runs(stores):
    path, n = runs(stores)
    theirs = f"""
with tables.open_file({path!r}) as f:
    p = f.root.t.parameters
    columns = [p[name].explored_data.read() if 'explored_data' in p[name] else None for name in ('orientation', 'contrast', 'trial')]
    columns = [[row[-1] for row in c] for c in columns]
found = [i for i in range({n}) if columns[0][i] == 0.5 and columns[1][i] >= 50 and columns[2][i] != 3]
assert found
"""

    def ours():
        with mounted(path) as directory:
            return listing(os.path.join(directory, "t"), "orientation=0.5,contrast>=50,trial!=3")
    yield ours, [Against("PyTables, three columns and a loop", lambda: inside_python("import tables", theirs), at_least=0.5)]
