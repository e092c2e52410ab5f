"""Unpickles Mozaik's stores with stand-ins for the classes of neo, quantities and Mozaik, and says what they would be
handed: what was written is loaded by their own rules, and compared.

mozaik_objects.py STORE EXPRESSION prints the expression's value; in it are `block`, `recordings`, `results`, `stimuli`,
`segment (N)`, and the functions below. mozaik_objects.py STORE --same OTHER fails with what differs in both.
"""
import os
import pickle
import sys

import numpy as np


class Thing:
    """An object of any class: what it was made with, and its state."""

    def __new__(cls, *args):
        made = object.__new__(cls)
        made.made_with = args
        return made

    def __init__(self, *args):
        pass

    def __setstate__(self, state):
        self.state = state
        if isinstance(state, dict):
            self.__dict__.update(state)


class Dimensionality(dict):
    __hash__ = object.__hash__


class ArrayDict(dict):
    def __setstate__(self, state):
        self.check_function, self.length = state["check_function"], state["length"]


class Quantity(np.ndarray):
    """An array, and its units."""

    def __setstate__(self, state):
        assert len(state) == 6, state
        super().__setstate__(state[:5])
        self.dimensionality = state[5]

    @property
    def units(self):
        return {unit.made_with[2] if len(unit.made_with) > 2 else unit.made_with[0]: int(exponent)
                for unit, exponent in self.dimensionality.items()}


def reconstruct_quantity(klass, base, shape, kind):
    assert (klass, base, shape, kind) == (Quantity, np.ndarray, (0,), "b")
    return np.ndarray.__new__(Quantity, (0,), "b")


class Train:
    def __init__(self, klass, times, t_stop, units, dtype, copy, sampling_rate, t_start, waveforms, left_sweep, name,
                 file_origin, description, array_annotations, annotations, segment, unit):
        assert type(times) is np.ndarray and units.ndim == 0 and float(units) == 1.0 and times.dtype == dtype
        assert isinstance(array_annotations, ArrayDict) and array_annotations.length == len(times)
        self.times, self.units, self.annotations = times, units.units, annotations
        self.t_start, self.t_stop = (float(t_start), t_start.units), (float(t_stop), t_stop.units)


class Signal:
    def __init__(self, klass, signal, units, dtype, copy, t_start, sampling_rate, sampling_period, name, file_origin,
                 description, array_annotations, annotations, *rest):
        assert len(rest) in (1, 2) and signal.ndim == 2 and signal.dtype == dtype and float(units) == 1.0
        assert isinstance(array_annotations, ArrayDict) and isinstance(annotations, dict)
        self.signal, self.units, self.name, self.annotations = signal, units.units, name, annotations
        self.t_start, self.rate = (float(t_start), t_start.units), (float(sampling_rate), sampling_rate.units)


KNOWN = {
    "quantities.quantity.Quantity": Quantity,
    "quantities.quantity._reconstruct_quantity": reconstruct_quantity,
    "quantities.dimensionality.Dimensionality": Dimensionality,
    "neo.core.dataobject.ArrayDict": ArrayDict,
    "neo.core.spiketrain._new_spiketrain": Train,
    "neo.core.analogsignal._new_AnalogSignalArray": Signal,
}
CLASSES = {}


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if module.split(".")[0] in ("numpy", "builtins", "copyreg", "collections", "datetime", "_codecs", "__builtin__",
                                    "copy_reg"):
            return super().find_class(module.replace("numpy._core", "numpy.core"), name)
        full = f"{module}.{name}"
        if full in KNOWN:
            return KNOWN[full]
        assert module.split(".")[0] in ("neo", "quantities", "mozaik", "param"), full
        return CLASSES.setdefault(full, type(name, (Thing,), {"__module__": module}))


def load(path):
    with open(path, "rb") as file:
        value = Unpickler(file).load()
        assert not file.read(), path
        return value


def items(value):
    return value if isinstance(value, list) else value._items


def full_name(thing):
    return f"{type(thing).__module__}.{type(thing).__name__}"


def parameters(result):
    return {key[1:-len("_param_value")]: value for key, value in vars(result).items() if key.endswith("_param_value")}


def member(thing, name):
    return items(getattr(thing, name, None) if hasattr(thing, name) else getattr(thing, "_" + name))


def unit(value):
    """The text of a unit of one symbol."""
    return None if value is None else value.made_with[2] if len(value.made_with) > 2 else value.made_with[0]


class Store:
    def __init__(self, path):
        self.path = path
        self.block = load(f"{path}/datastore.recordings.pickle")
        self.recordings = member(self.block, "segments")
        self.results = load(f"{path}/datastore.analysis.pickle")
        self.stimuli = load(f"{path}/datastore.sensory.stimulus.pickle")

    def segment(self, n):
        return load(f"{self.path}/{self.recordings[n].identifier}.pickle")


def same(one, other, where, seen):
    """Raises what differs in two values of any kind."""
    if id(one) in seen:
        return
    seen[id(one)] = one
    if isinstance(one, np.ndarray):
        assert type(one) is type(other) and one.dtype == other.dtype and one.shape == other.shape, where
        assert one.tobytes() == other.tobytes(), where
        if isinstance(one, Quantity):
            same(one.units, other.units, where, seen)
        return
    assert full_name(one) == full_name(other), (where, full_name(one), full_name(other))
    if isinstance(one, dict):
        # A unit is a key by what it is, not by which object it is.
        if isinstance(one, Dimensionality):
            pairs = lambda value: sorted((unit(key), float(exponent)) for key, exponent in value.items())
            assert pairs(one) == pairs(other), where
            return
        assert list(one) == list(other), (where, list(one), list(other))
        for key in one:
            same(one[key], other[key], f"{where}[{key!r}]", seen)
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other), (where, len(one), len(other))
        for i, (a, b) in enumerate(zip(one, other)):
            same(a, b, f"{where}[{i}]", seen)
    elif hasattr(one, "__dict__") and not isinstance(one, type):
        same({**vars(one)}, {**vars(other)}, where, seen)
    else:
        assert one == other or one != one, (where, one, other)


def main():
    store = Store(sys.argv[1])
    if sys.argv[2] == "--same":
        other = Store(sys.argv[3])
        for name in ("block", "results", "stimuli"):
            same(getattr(store, name), getattr(other, name), name, {})
        for n, recording in enumerate(store.recordings):
            if os.path.exists(f"{store.path}/{recording.identifier}.pickle"):
                same(store.segment(n), other.segment(n), f"segment {n}", {})
        return
    sys.setrecursionlimit(10000)
    scope = {**globals(), "block": store.block, "recordings": store.recordings, "results": store.results,
             "stimuli": store.stimuli, "segment": store.segment}
    print(eval(sys.argv[2], scope))


if __name__ == "__main__":
    main()
