"""Compares two trajectories in all that pypet loads of them (pypet_loader.py): the tree, classes, values with their types,
comments, annotations, runs, explored ranges. Prints a line for each difference:
pypet_same.py STORE TRAJECTORY OTHER_STORE OTHER_TRAJECTORY [PATTERN...]. A difference whose beginning matches a pattern
(a regular expression) is left out. Ends with status 1 when anything was printed. The moment in the names of merges counts
for nothing."""

import re
import sys

import numpy
import pypet_loader

MERGE = re.compile(r'(merge_[0-9a-f]{7})_[0-9]{4}(_[0-9]{2}){3}h[0-9]{2}m[0-9]{2}s')


def plain(value):
    """Something that equals itself, and shows its type."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [type(value).__name__] + [plain(item) for item in value]
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


def main(store, name, other_store, other_name, *patterns):
    first, second = describe(store, name), describe(other_store, other_name)
    differences = [key for key in sorted(set(first) | set(second)) if first.get(key) != second.get(key)
                   and not any(re.match(pattern, key) for pattern in patterns)]
    for key in differences:
        print(f'{key}: {str(first.get(key))[:300]} | {str(second.get(key))[:300]}')
    sys.exit(1 if differences else 0)


if __name__ == '__main__':
    main(*sys.argv[1:])
