#!/usr/bin/python3
"""Hold what libexpfs writes into pypet stores against what real pypet wrote.

Usage: check_pypet_written.py WRITE_PYPET

WRITE_PYPET is the program of this folder that writes one leaf of every kind.  What it wrote is loaded by pypet's rules
(pypet_loader.py), and each item is compared with one of the same kind in the stores of stores/pypet in the folder that
EXPFS_SHARED names (../shared as a rule): attributes, types, layout and filters (pypet_likeness.py).  Prints TAP.
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy

import pypet_likeness
import pypet_loader

TYPES = {'bool': 'bool', 'i1': 'int8', 'i2': 'int16', 'i4': 'int32', 'i8': 'int64', 'u1': 'uint8', 'u2': 'uint16',
         'u4': 'uint32', 'u8': 'uint64', 'f4': 'float32', 'f8': 'float64', 'c8': 'complex64', 'c16': 'complex128'}
PYTHON = {'bool': bool, 'i8': int, 'f8': float, 'c16': complex}
WORDS = ['a', 'bc', 'gr\xfc\xdf dich', '']


def expected_number(code, rank):
    n = (1, 3, 6)[rank]
    counted = numpy.arange(n)
    if code == 'bool':
        values = counted % 2 == 0
    elif code[0] == 'f':
        values = counted + 1.5
    elif code[0] == 'c':
        values = (counted + 1.5) * (1 - 1j)
    else:
        values = counted + 1
    array = values.astype(TYPES[code]).reshape(((), (3,), (3, 2))[rank])
    if rank > 0:
        return array
    return PYTHON[code](array[()]) if code in PYTHON else array[()]


def value_of(leaf, name):
    return leaf['value'] if 'value' in leaf else leaf['items'][name]


def same(got, want):
    if isinstance(want, numpy.ndarray):
        return isinstance(got, numpy.ndarray) and got.dtype == want.dtype and numpy.array_equal(got, want)
    return type(got) is type(want) and got == want


class Checks:
    def __init__(self):
        self.n, self.failed = 0, 0

    def report(self, name, problems):
        self.n += 1
        self.failed += bool(problems)
        print('not ok' if problems else 'ok', self.n, name)
        for problem in problems:
            print('#', problem)


def check_values(trajectory, is_classic):
    nodes, problems = trajectory['nodes'], []

    def expect(path, want):
        got = value_of(nodes[path], path.split('.')[-1])
        if not same(got, want):
            problems.append(f'{path}: {type(got).__name__} {got!r}, not {type(want).__name__} {want!r}')

    for branch in ('parameters.g', 'results.g'):
        for code in TYPES:
            for rank in range(3):
                expect(f'{branch}.{code}_{rank}', expected_number(code, rank))
        expect(f'{branch}.text', 'na\xefve \u2014 text')
        expect(f'{branch}.empty', '')
        expect(f'{branch}.list', WORDS)
        expect(f'{branch}.nothing', numpy.array([]))
        if not is_classic:
            expect(f'{branch}.bytes', numpy.array([b'ab', b'cdef']))
    expect('config.setting', 7)
    expect('parameters.x', 7)
    expect('results.runs.run_00000001.z', 7)
    expect('results.runs.run_00000002.deep.z', 7)
    table = nodes['results.g.table']['items']['table']
    if table != {'n': [1, 2], 'ok': [True, False], 'word': ['one', 'three']}:
        problems.append(f'table: {table}')
    return problems


def check_runs(trajectory, is_classic):
    nodes, runs, problems = trajectory['nodes'], trajectory['runs'], []
    if nodes['parameters.x']['range'] != [1, 2, 3] or nodes['parameters.s']['range'] != ['a', 'longer than that', '']:
        problems.append('ranges')
    if not is_classic and sorted(trajectory['explored']) != ['parameters.s', 'parameters.x']:
        problems.append(f'explorations: {trajectory["explored"]}')
    if runs['completed'].tolist() != [0, 1, 1]:
        problems.append(f'completed: {runs["completed"]}')
    if runs['name'].tolist() != [b'run_00000000', b'run_00000001', b'run_00000002']:
        problems.append(f'names: {runs["name"]}')
    if runs['parameter_summary'].tolist() != [b'Not yet my friend!', b's: longer than that,   x: 2', b's: ,   x: 3']:
        problems.append(f'summaries: {runs["parameter_summary"]}')
    if runs['finish_timestamp'][0] != 1.337 or runs['finish_timestamp'][1] < 1e9:
        problems.append(f'times: {runs["finish_timestamp"]}')
    return problems


def check_words(trajectory):
    nodes, problems = trajectory['nodes'], []
    x = nodes['parameters.x']
    if x['comment'] != 'explored' or nodes['results.g']['comment'] != 'a group \u2014 of all':
        problems.append('comments of nodes')
    if x['annotations'] != {'unit': 'ms', 'year': 2014, 'words': ['one', 'zw\xf6lf']}:
        problems.append(f'annotations: {x["annotations"]}')
    if nodes['parameters.g']['annotations'] != {'empty': ''}:
        problems.append(f'annotations: {nodes["parameters.g"]["annotations"]}')
    if trajectory['comment'] != 'written' or trajectory['info']['comment'] != b'written':
        problems.append('comment of the trajectory')
    return problems


def real_kinds(folder, is_classic):
    """An item and a leaf of every kind in the stores that pypet wrote; and the files, which have to stay open."""
    items, leaves, files = {}, {}, []
    for path in sorted(glob.glob(os.path.join(folder, '*.hdf5'))):
        name = os.path.basename(path)
        if name.startswith(('compressed', 'python2')) or name.startswith('classic') != is_classic:
            continue
        files.append(h5py.File(path, 'r'))
        for item in pypet_likeness.items(files[-1]):
            items.setdefault(pypet_likeness.signature(item), item)
        for leaf in pypet_likeness.leaves(files[-1]):
            leaves.setdefault((leaf.attrs['SRVC_INIT_CLASS_NAME'], 'SRVC_INIT_LENGTH' in leaf.attrs), leaf)
    return items, leaves, files


def check_likeness(store, name, folder, is_classic, least):
    items, leaves, files = real_kinds(folder, is_classic)
    problems, n = [], 0
    with h5py.File(store, 'r') as file:
        for item in pypet_likeness.items(file[name]):
            real = items.get(pypet_likeness.signature(item))
            n += real is not None
            problems += pypet_likeness.differences(item, real, is_classic) if real is not None else []
        for leaf in pypet_likeness.leaves(file[name]):
            real = leaves.get((leaf.attrs['SRVC_INIT_CLASS_NAME'], 'SRVC_INIT_LENGTH' in leaf.attrs))
            problems += pypet_likeness.differences(leaf, real, is_classic) if real is not None else []
    for file in files:
        file.close()
    if n < least:
        problems.append(f'only {n} items have a counterpart')
    return problems


def check_overview(store, name, real, real_name):
    problems = []
    with h5py.File(store, 'r') as file, h5py.File(real, 'r') as other:
        ours, theirs = file[name + '/overview'], other[real_name + '/overview']
        for table in ours:
            if ours[table].dtype != theirs[table].dtype and table != 'explorations':
                problems.append(f'{table}: columns')
            problems += pypet_likeness.differences(ours[table], theirs[table], False,
                                                   {'FIELD_0_FILL'} if table == 'explorations' else set())
        problems += pypet_likeness.differences(file[name], other[real_name], False)
        problems += pypet_likeness.differences(ours, theirs, False)
    return problems


def main():
    program, folder = sys.argv[1], os.path.join(os.environ.get('EXPFS_SHARED', '../shared'), 'stores', 'pypet')
    if not os.path.isdir(folder):
        print('1..0 # SKIP no stores in', folder)
        return 0
    checks = Checks()
    print('1..10')
    with tempfile.TemporaryDirectory() as scratch:
        for real, real_name, is_classic, least in (('minimal.hdf5', 'mini', False, 80),
                                                   ('classic_one.hdf5', 'first', True, 6)):
            store = os.path.join(scratch, real)
            shutil.copyfile(os.path.join(folder, real), store)
            done = subprocess.run([program, store, 'written'], capture_output=True, text=True, timeout=60)
            checks.report(f'{real}: a leaf of every kind is written', done.stderr.splitlines())
            trajectory = pypet_loader.load(store, 'written')
            checks.report(f'{real}: values load with their types', check_values(trajectory, is_classic))
            checks.report(f'{real}: ranges and runs are in step', check_runs(trajectory, is_classic))
            checks.report(f'{real}: comments and annotations load', check_words(trajectory))
            problems = check_likeness(store, 'written', folder, is_classic, least)
            problems += check_overview(store, 'written', os.path.join(folder, real), real_name)
            checks.report(f'{real}: what is written is what pypet writes', problems)
    return checks.failed > 0


if __name__ == '__main__':
    sys.exit(main())
