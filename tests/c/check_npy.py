"""check_npy.py WRITE_NPY: NPY files of every kind that NumPy writes, through x.npy and back. Prints TAP."""
import io
import subprocess
import sys
import tempfile

import numpy as np

program = sys.argv[1]
folder = tempfile.TemporaryDirectory()
n_tests = 0


def point(name, is_right, why=''):
    global n_tests
    n_tests += 1
    print('%s %d - %s' % ('ok' if is_right else 'not ok', n_tests, name))
    if not is_right and why:
        print('# ' + str(why).replace('\n', '\n# '))


def save(array, name='new.npy', version=None):
    path = folder.name + '/' + name
    with open(path, 'wb') as file:
        np.lib.format.write_array(file, array, version=version)
    return path


def write(*arguments):
    return subprocess.run([program, *map(str, arguments)], capture_output=True)


def same(a, b):
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.names:
        return a.tobytes() == b.tobytes() or all(same(a[n], b[n]) for n in a.dtype.names)
    if a.dtype.kind in 'SU':
        return (a == b).all()
    return a.tobytes() == b.tobytes()


def packed(dtype):
    if dtype.subdtype:
        return np.dtype((packed(dtype.subdtype[0]), dtype.subdtype[1]))
    if dtype.names:
        return np.dtype([(n, packed(dtype.fields[n][0])) for n in dtype.names])
    return dtype


def check(name, array, wanted=None, version=None, seeds=(0, 1, 2)):
    path = save(array, version=version)
    for seed in seeds:
        result = write(path, seed)
        if result.returncode != 0:
            point(name, False, result.stderr.decode())
            return
        back = np.load(io.BytesIO(result.stdout))
        if not same(np.ascontiguousarray(array) if wanted is None else wanted, back):
            point(name, False, '%r is not %r' % (back, array))
            return
    point(name, True)


random = np.random.default_rng(1)


def values(dtype, shape):
    dtype = np.dtype(dtype)
    if dtype.kind == 'b':
        return random.integers(0, 2, shape).astype(dtype)
    array = np.zeros(shape, dtype)
    if dtype.kind == 'U':
        array[...] = random.choice(['a', 'käse', '', '\U0001f600 x', 'zz zz'], shape)
    elif dtype.kind == 'S':
        array[...] = random.choice([b'a', b'bcd', b'', b'x\xff'], shape)
    elif dtype.names:
        for name in dtype.names:
            part = dtype.fields[name][0]
            base, inner = part.subdtype or (part, ())
            array[name] = values(base, tuple(shape) + tuple(inner))
    elif dtype.kind == 'V':
        array = random.integers(0, 256, tuple(shape) + (dtype.itemsize,)).astype('u1').view(dtype)[..., 0]
    else:
        array[...] = (random.standard_normal(shape) * 100).astype(dtype)
    return array


plain = ['?'] + [o + k for o in '<>' for k in ('i2', 'i4', 'i8', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16')]
plain += ['i1', 'u1', 'S5', 'U7', 'V6', 'f16', 'c32']
for dtype in plain:
    for shape in [(), (0,), (7,), (3, 5), (2, 3, 4)]:
        array = values(dtype, shape)
        check('%s %s' % (dtype, shape), array, array)
table = np.dtype([('a', '<i4'), ('b', '>f8', (2, 3)), ('naïve', 'S3'), ('in', [('x', '?'), ('y', '<c8')])])
check('a table', values(table, (11,)), version=(3, 0))
check('a square of tables', values(table, (2, 3)), version=(3, 0))
aligned = np.dtype([('a', 'i1'), ('b', '<f8'), ('c', '<i2')], align=True)
array = values(aligned, (9,))
check('an aligned table', array, array.astype(packed(aligned)))
for version in [(1, 0), (2, 0), (3, 0)]:
    check('version %d' % version[0], values('<f8', (4, 2)), version=version)
for shape in [(5,), (3, 4), (2, 3, 4), (1, 6, 1), (0, 3), (300, 20, 7)]:
    array = np.asfortranarray(values('<f8', shape))
    check('Fortran order %s' % (shape,), array, np.ascontiguousarray(array))
array = np.asfortranarray(values('U3', (4, 5)))
check('text in Fortran order', array, np.ascontiguousarray(array).astype('U%d' % max(len(t) for t in array.ravel())))
check('more than memory keeps', values('<f8', (3000, 1000)))
check('more in Fortran order', np.asfortranarray(values('<f4', (2000, 3000))), seeds=(1,),
      wanted=None)

# Over a dataset of another type, which it keeps.
cases = [('<i4', '<i2', True), ('<i8', '<f4', True), ('<f8', '<f4', True), ('<f4', '>f8', True), ('?', '<i4', True),
         ('<f8', '<i4', False), ('<c8', '<f8', False), ('<f8', '<c16', True), ('<i2', '<u2', False), ('<u1', '>i2', True),
         ('U3', '<f8', False), ('S5', 'S8', True), ('U5', 'S8', True), ('<f2', '<f4', True), ('<f8', '<f2', True)]
for new, old, fits in cases:
    array = values(new, (6, 2))
    if new == '<i2':
        array[0, 0] = -5
    if new == 'U5':
        array[...] = 'ab'
    result = write(save(array), 3, save(values(old, (3,)), 'old.npy'))
    if fits and result.returncode == 0:
        back = np.load(io.BytesIO(result.stdout))
        wanted = array.astype(old)
        point('%s over %s' % (new, old), same(back, wanted), '%r is not %r' % (back, wanted))
    else:
        point('%s over %s' % (new, old), (result.returncode != 0) == (not fits), result.stderr.decode())
result = write(save(np.array([1, 40000])), 0, save(np.zeros(2, 'i2'), 'old.npy'))
point('a value that does not fit is refused', result.returncode != 0 and b'element 1' in result.stderr, result.stderr)

# What cannot be.
for name, array in [('objects', np.array([None, 1], object)), ('dates', np.array(['2020-01-01'], 'M8[D]'))]:
    path = folder.name + '/bad.npy'
    np.save(path, array, allow_pickle=True)
    point('%s are refused' % name, write(path, 0).returncode != 0)
good = open(save(np.arange(100.0)), 'rb').read()
for name, bad in [('cut', good[:-1]), ('longer', good + b'x'), ('no NPY', b'hello' * 100), ('header cut', good[:50]),
                  ('other version', good[:6] + b'\x09' + good[7:])]:
    path = folder.name + '/bad.npy'
    with open(path, 'wb') as file:
        file.write(bad)
    results = [write(path, seed).returncode for seed in (0, 4)]
    point('%s is refused' % name, results == [1, 1], results)
for text in ["{'shape': (3,), 'descr': \"<f8\", 'fortran_order': False}", "{ 'descr':'<f8','fortran_order':True,'shape':(3L,), }",
             "{'descr': '=f8', 'fortran_order': False, 'shape': (3,)}"]:
    header = text.encode() + b'\n'
    path = folder.name + '/odd.npy'
    with open(path, 'wb') as file:
        file.write(b'\x93NUMPY\x01\x00' + len(header).to_bytes(2, 'little') + header + np.arange(3.0).tobytes())
    result = write(path, 5)
    point('header %s' % text, result.returncode == 0 and same(np.load(io.BytesIO(result.stdout)), np.arange(3.0)),
          result.stderr.decode())
# Headers spoiled at random may be refused, and do no harm.
spoiled = 0
for i in range(400):
    bad = bytearray(good)
    for _ in range(random.integers(1, 4)):
        bad[random.integers(8, 128)] = random.integers(0, 256)
    path = folder.name + '/spoiled.npy'
    with open(path, 'wb') as file:
        file.write(bad)
    spoiled += write(path, i).returncode not in (0, 1)
point('spoiled headers do no harm', spoiled == 0, spoiled)
print('1..%d' % n_tests)
