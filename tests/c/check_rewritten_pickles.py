"""Holds pickles that rewrite-pickle wrote against those that it read: random values of all protocols, written twice,
and the sample pickles. TAP on stdout.

check_rewritten_pickles.py REWRITE-PICKLE
"""
import collections
import copyreg
import datetime
import decimal
import fractions
import os
import pickle
import random
import subprocess
import sys
import tempfile
import uuid

rewrite = sys.argv[1]
shared = os.environ.get("EXPFS_SHARED", "")


class Thing:
    def __eq__(self, other):
        return type(other) is Thing and self.__dict__ == other.__dict__


class Slots:
    __slots__ = ("a", "b")


class Words(list):
    pass


class Table(dict):
    pass


Point = collections.namedtuple("Point", "x y")


def scalar(r):
    return r.choice([
        lambda: None, lambda: True, lambda: False, lambda: r.randrange(-300, 70000), lambda: r.randrange(-2**40, 2**40),
        lambda: r.randrange(-2**r.randrange(1, 4000), 2**r.randrange(1, 4000)), lambda: -2**63, lambda: 2**63 - 1,
        lambda: 2**63, lambda: -2**63 - 1, lambda: 2**64 - 1, lambda: -2**71, lambda: r.uniform(-1e9, 1e9),
        lambda: r.choice([float("inf"), -float("inf"), -0.0, 5e-324]),
        lambda: "".join(chr(r.choice([r.randrange(1, 0xd7ff), r.randrange(32, 127), 0xd800, 0x1f600, 0]))
                        for _ in range(r.randrange(8))),
        lambda: "x" * r.choice([255, 256, 257, 4095, 4097, 70000]), lambda: r.randbytes(r.randrange(10)),
        lambda: r.randbytes(r.choice([255, 256, 5000, 70000])), lambda: bytearray(r.randbytes(r.randrange(9000))),
        lambda: complex(r.random(), -r.random()), lambda: datetime.datetime(2020, 2, r.randrange(1, 29), 3, 4, 5, 6),
        lambda: datetime.timedelta(r.randrange(9), 2, 3), lambda: decimal.Decimal("1.50"),
        lambda: fractions.Fraction(r.randrange(9), 7), lambda: uuid.UUID(int=r.getrandbits(128)),
        lambda: range(r.randrange(9)), lambda: Ellipsis, lambda: dict, lambda: os.path.join, lambda: collections.OrderedDict,
        lambda: slice(1, r.randrange(9)), lambda: datetime.timezone.utc])()


def key(r):
    while True:
        made = scalar(r) if r.random() < 0.7 else tuple(scalar(r) for _ in range(r.randrange(5)))
        try:
            hash(made)
            return made
        except TypeError:
            pass


def value(r, depth, known):
    if depth == 0 or r.random() < 0.25:
        return scalar(r)
    if known and r.random() < 0.15:
        return r.choice(known)
    below = lambda: value(r, depth - 1, known)
    n = r.choice([0, 1, 2, 3, 4, 9])
    kind = r.randrange(14)
    if kind < 3:
        made = []
        known.append(made)
        made.extend(below() for _ in range(n))
    elif kind < 6:
        made = {}
        known.append(made)
        made.update((key(r), below()) for _ in range(n))
    elif kind == 6:
        made = tuple(below() for _ in range(n))
    elif kind == 7:
        made = {key(r) for _ in range(n)}
    elif kind == 8:
        made = frozenset(key(r) for _ in range(n))
    elif kind == 9:
        made = Thing()
        known.append(made)
        made.__dict__.update(("f%d" % i, below()) for i in range(n))
    elif kind == 10:
        made = collections.OrderedDict((key(r), below()) for _ in range(n))
    elif kind == 11:
        made = r.choice([Words, collections.deque])(below() for _ in range(n))
    elif kind == 12:
        made = Table((key(r), below()) for _ in range(n))
        made.note = below()
    else:
        made = Point(below(), below()) if r.random() < 0.5 else Slots()
        if type(made) is Slots:
            made.a = below()
    known.append(made)
    return made


def shape_of(top):
    """A value as text in which the same object has the same number: two that read so are the same."""
    numbers, out, kept = {}, [], []

    def add(v):
        if v is None or type(v) in (bool, int, float, str, bytes, complex, type, range) or callable(v):
            out.append(f"{type(v).__name__}:{v!r}")
            return
        if id(v) in numbers and not (type(v) is tuple and not v):
            out.append(f"#{numbers[id(v)]}")
            return
        if not (type(v) is tuple and not v):
            numbers[id(v)] = len(numbers)
            kept.append(v)
        out.append(type(v).__name__ + "(")
        if isinstance(v, dict):
            for k, item in v.items():
                add(k), add(item)
        elif isinstance(v, (set, frozenset)):
            out.extend(sorted(map(repr, v)))
        elif isinstance(v, (list, tuple, collections.deque)):
            for item in v:
                add(item)
        elif type(v).__module__ == "__main__":
            pass
        else:
            out.append(repr(v))
        for name, item in sorted(getattr(v, "__dict__", {}).items()):
            out.append(name), add(item)
        for name in getattr(type(v), "__slots__", ()):
            if type(v) is Slots and hasattr(v, name):
                out.append(name), add(getattr(v, name))
        out.append(")")

    add(top)
    return " ".join(out)


def run(pairs):
    """Each file, written again; those that it could not."""
    for i in range(0, len(pairs), 200):
        subprocess.run([rewrite] + [name for pair in pairs[i:i + 200] for name in pair], check=True)


def bytes_of(name):
    with open(name, "rb") as f:
        return f.read()


def check_random(folder):
    pairs, n = [], 600
    for i in range(n):
        r = random.Random(i)
        v = value(r, 6, [])
        name = os.path.join(folder, f"r{i}")
        with open(name, "wb") as f:
            f.write(pickle.dumps(v, protocol=2 if any(type(x) is Slots for x in [v]) else i % 6 if i % 6 > 1 else 2))
        pairs.append((name, name + ".1"))
    run(pairs)
    run([(b, b + "2") for _, b in pairs])
    for a, b in pairs:
        was = shape_of(pickle.loads(bytes_of(a)))
        for name in (b, b + "2"):
            got = shape_of(pickle.loads(bytes_of(name)))
            assert got == was, f"{a}: {was[:400]} was written as {got[:400]}"
            assert shape_of(pickle._loads(bytes_of(name))) == was, f"{a}: Python's own machine reads another"
    return n


def check_old(folder):
    """Protocols 0 and 1."""
    pairs, n = [], 0
    for i in range(100):
        v = value(random.Random(1000 + i), 4, [])
        try:
            text = pickle.dumps(v, protocol=i % 2)
        except Exception:
            continue
        name = os.path.join(folder, f"o{i}")
        with open(name, "wb") as f:
            f.write(text)
        pairs.append((name, name + ".1"))
        n += 1
    run(pairs)
    for a, b in pairs:
        assert shape_of(pickle.loads(bytes_of(a))) == shape_of(pickle.loads(bytes_of(b))), a
    return n


def check_recursive(folder):
    a = [1]
    a.append(a)
    t = ([], {})
    t[0].append(t)
    t[1]["t"] = t
    thing = Thing()
    thing.me = [thing, (thing,)]
    words = Words()
    words.append((words, {"w": words}))
    pairs = []
    for i, v in enumerate([a, t, thing, words, {"all": [a, t, a, thing]}]):
        for protocol in range(2, 6):
            name = os.path.join(folder, f"c{i}-{protocol}")
            with open(name, "wb") as f:
                pickle.dump(v, f, protocol=protocol)
            pairs.append((name, name + ".1"))
    run(pairs)
    for x, y in pairs:
        assert shape_of(pickle.loads(bytes_of(x))) == shape_of(pickle.loads(bytes_of(y))), x
    return len(pairs)


def check_samples(folder):
    """The sample pickles, where all that they name can be loaded: Python makes the same pickle of both."""
    import pathlib
    pairs, n = [], 0
    for path in sorted(pathlib.Path(shared, "stores/pickles/good").rglob("*.pickle")):
        pairs.append((str(path), os.path.join(folder, "s%d" % len(pairs))))
    run(pairs)
    for a, b in pairs:
        loads = [lambda x: pickle.loads(x), lambda x: pickle.loads(x, encoding="latin1")]
        for load in loads:
            try:
                was = load(bytes_of(a))
            except Exception:
                continue
            assert pickle.dumps(load(bytes_of(b)), 4) == pickle.dumps(was, 4) or shape_of(load(bytes_of(b))) == shape_of(was), a
            n += 1
            break
    return n


tests = [("values of protocols 2 to 5 are the same when they are written again, and once more", check_random),
         ("so are those of protocols 0 and 1", check_old), ("values that contain themselves still do", check_recursive)]
if os.path.isdir(os.path.join(shared, "stores")):
    tests.append(("the sample pickles load as the same values", check_samples))
print(f"1..{len(tests)}")
for i, (name, test) in enumerate(tests, 1):
    with tempfile.TemporaryDirectory() as folder:
        try:
            print(f"ok {i} {name} ({test(folder)})")
        except Exception as e:
            print(f"not ok {i} {name}")
            print(f"# {type(e).__name__}: {str(e)[:900]}")
