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


def main(store, other, *patterns):
    with h5py.File(store) as first, h5py.File(other) as second:
        one, two = describe(first), describe(second)
    differences = [path for path in sorted(set(one) | set(two)) if one.get(path) != two.get(path)
                   and not any(re.fullmatch(pattern, path) for pattern in patterns)]
    for path in differences:
        print(f'{path}: {str(one.get(path))[:200]} | {str(two.get(path))[:200]}')
    sys.exit(1 if differences else 0)


if __name__ == '__main__':
    main(*sys.argv[1:])
