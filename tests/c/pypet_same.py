"""Compares two trajectories in all that pypet loads of them (pypet_loader.py): the tree, classes, values with their types,
comments, annotations, runs, explored ranges. Prints a line for each difference:
pypet_same.py STORE TRAJECTORY OTHER_STORE OTHER_TRAJECTORY [PATTERN...]. What matches a pattern (a regular expression for
the whole of "info.FIELD", "runs.NUMBER.FIELD", "nodes.PATH", "explored" or "comment") is left out. Ends with status 1 when
anything was printed. The moment in the names of merges counts for nothing."""

import re
import sys

import numpy
import pandas

import pypet_loader
from pypet_compare import report

MERGE = re.compile(r'(merge_[0-9a-f]{7})_[0-9]{4}(_[0-9]{2}){3}h[0-9]{2}m[0-9]{2}s')


def plain(value):
    """Something that equals itself, and shows its type."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [type(value).__name__] + [plain(item) for item in value]
    if isinstance(value, pandas.DataFrame):
        return ['frame'] + [[plain(name), plain(value.iloc[:, i])] for i, name in enumerate(value.columns)]
    if isinstance(value, pandas.Series):
        return ['series', str(value.dtype), repr(value.name), repr(value.tolist()), repr(value.index.tolist()),
                str(value.index.dtype), repr(value.index.names)]
    if isinstance(value, numpy.ndarray) and value.dtype.kind == 'O':
        return ['objects', value.shape] + [plain(item) for item in value.ravel()]
    if isinstance(value, numpy.ndarray):
        return ['array', value.dtype.str, value.shape, value.tobytes()]
    if isinstance(value, str):
        return ['str', str(value)]
    return [type(value).__name__, repr(value)]


def describe(store, name):
    trajectory = pypet_loader.load(store, name)
    found = {f'info.{key}': plain(value) for key, value in trajectory['info'].items()}
    found['comment'] = trajectory['comment']
    found['explored'] = sorted(trajectory['explored'])
    for row in trajectory['runs']:
        for key in row.dtype.names:
            found[f'runs.{row["idx"]}.{key}'] = plain(row[key])
    for path, node in trajectory['nodes'].items():
        found[f'nodes.{MERGE.sub(chr(92) + "1", path)}'] = plain(node)
    return found


if __name__ == '__main__':
    report(describe(*sys.argv[1:3]), describe(*sys.argv[3:5]), sys.argv[5:])
