"""Compares two pypet stores object by object: links, attributes, types, values. Prints a line for each difference:
pypet_compare.py STORE OTHER [PATTERN...]. What matches a pattern (a regular expression for the whole of "PATH" or
"PATH@ATTRIBUTE") is left out. Ends with status 1 when anything was printed."""

import re
import sys

import h5py
import numpy


def plain(value):
    """Something that equals itself, nan included, and shows its type."""
    if isinstance(value, h5py.Empty):
        return 'empty', str(value.dtype)
    array = numpy.asarray(value)
    if array.dtype.kind == 'O':
        return [plain(item) for item in array.ravel()] if array.shape else repr(value)
    return array.shape, array.tobytes()


def describe(file):
    """All that is in the file: a dict from path, or path@attribute, to something to be compared."""
    found = {}

    def attributes(path, node):
        for name, value in node.attrs.items():
            found[f'{path}@{name}'] = plain(value)

    def walk(path, group):
        attributes(path or '/', group)
        for name in group:
            link = group.get(name, getlink=True)
            below = f'{path}/{name}'
            if not isinstance(link, h5py.HardLink):
                found[below] = 'link', getattr(link, 'filename', None), link.path
            elif isinstance(group[name], h5py.Group):
                found[below] = 'group'
                walk(below, group[name])
            else:
                node = group[name]
                found[below] = node.dtype.str if node.dtype.names is None else str(node.dtype), node.shape, \
                    node.maxshape, node.chunks, node.compression, node.shuffle, node.fletcher32, plain(node[()])
                attributes(below, node)

    walk('', file)
    return found


def report(one, two, patterns):
    """Prints what two dicts differ in, a line for each key, and ends the program with 1 when anything was printed. A key
    is left out when all of it matches one of the patterns."""
    differences = [key for key in sorted(set(one) | set(two)) if one.get(key) != two.get(key)
                   and not any(re.fullmatch(pattern, key) for pattern in patterns)]
    for key in differences:
        print(f'{key}: {str(one.get(key))[:300]} | {str(two.get(key))[:300]}')
    sys.exit(1 if differences else 0)


if __name__ == '__main__':
    with h5py.File(sys.argv[1]) as first, h5py.File(sys.argv[2]) as second:
        described = describe(first), describe(second)
    report(*described, sys.argv[3:])
