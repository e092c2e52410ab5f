"""Random trees of everything that h5py and PyTables make as a rule, for check_copies.py, and random changes to them."""
import random

import h5py
import numpy as np
import tables
from h5py import h5a, h5d, h5p, h5s, h5t

FILTERS = [{}, {"compression": 4}, {"compression": 9, "shuffle": True}, {"fletcher32": True}, {"compression": "lzf"},
           {"scaleoffset": 3}]
COMPOUND = np.dtype([("n", "<i4"), ("x", "<f8", (2,)), ("name", "S7"), ("in", [("b", "?"), ("c", ">u2")])])
TYPES = ["<i4", ">i8", "u1", "<f4", ">f8", "<f2", "<c16", "S5", "V3", "?", COMPOUND,
         h5py.enum_dtype({"no": 0, "yes": 1, "perhaps": 2}, basetype="i2")]


def values(rng, dtype, shape):
    dtype = np.dtype(dtype)
    raw = bytes(rng.randrange(256) if dtype.kind != "b" and dtype.names is None else rng.randrange(2)
                for _ in range(int(np.prod(shape)) * dtype.itemsize))
    return np.frombuffer(raw, dtype).reshape(shape)


def shape_of(rng, most):
    return tuple(rng.choice([0, 1, 2, 5, most]) for _ in range(rng.choice([0, 1, 1, 2, 3])))


def add_attributes(rng, thing, n):
    for _ in range(n):
        i, kind = rng.randrange(10 ** 9), rng.randrange(6)
        if kind == 0:
            thing.attrs[f"text {i}"] = np.bytes_(b"x" * rng.randrange(1, 300))
        elif kind == 1:
            thing.attrs[f"none {i}"] = h5py.Empty(rng.choice(TYPES[:6]))
        elif kind == 2:
            utf8 = h5t.C_S1.copy()
            utf8.set_size(9)
            utf8.set_cset(h5t.CSET_UTF8)
            attribute = h5a.create(thing.id, b"utf8 %d" % i, utf8, h5s.create(h5s.SCALAR))
            attribute.write(np.array("gr\xfc\xdfe".encode(), "S9"), mtype=utf8)
        else:
            dtype = rng.choice(TYPES)
            thing.attrs.create(f"a {i}", values(rng, dtype, shape_of(rng, 7)), dtype=dtype)


def add_raw(rng, group, name):
    """Layouts and types that h5py's own interface does not make."""
    dcpl = h5p.create(h5p.DATASET_CREATE)
    if rng.random() < 0.5:
        dcpl.set_layout(h5d.COMPACT)
    dcpl.set_fill_time(rng.choice([h5d.FILL_TIME_ALLOC, h5d.FILL_TIME_NEVER, h5d.FILL_TIME_IFSET]))
    kind = rng.choice([h5t.STD_B16LE, h5t.UNIX_D32LE, h5t.STD_I32BE, h5t.array_create(h5t.STD_U8LE, (2, 3))])
    dataset = h5d.create(group.id, name.encode(), kind, h5s.create_simple((rng.randrange(1, 30),)), dcpl)
    if kind != h5t.UNIX_D32LE:
        raw = np.frombuffer(bytes(rng.randrange(256) for _ in range(kind.get_size() * dataset.shape[0])), "u1")
        dataset.write(h5s.ALL, h5s.ALL, raw.copy(), mtype=kind)


def add_dataset(rng, group, name):
    kind = rng.randrange(6)
    dtype = rng.choice(TYPES)
    if kind == 0:
        group.create_dataset(name, data=h5py.Empty(dtype))
    elif kind == 1:
        add_raw(rng, group, name)
    elif kind == 2:
        rows = rng.choice([0, 1, 70, 300, 5000])
        filters = rng.choice(FILTERS)
        if "scaleoffset" in filters:
            dtype = "<i4"
        made = group.create_dataset(name, (rows, 2), dtype, maxshape=(None, 3), chunks=(rng.choice([1, 7, 64]), 2),
                                    fillvalue=None if rng.random() < 0.5 else np.zeros((), dtype)[()], **filters)
        for _ in range(3):
            start = rng.randrange(rows + 1)
            made[start:start + 40] = values(rng, dtype, (min(40, rows - start), 2))
    else:
        group.create_dataset(name, data=values(rng, dtype, shape_of(rng, 40)))
    return group[name]


def make_h5py(path, seed, **arguments):
    rng = random.Random(seed)
    with h5py.File(path, "w", **arguments) as f:
        groups, all_things = [f], [f]
        for i in range(rng.randrange(5, 120)):
            parent = rng.choice(groups)
            kind = rng.randrange(10)
            name = f"{i} " + "n" * rng.choice([0, 1, 8, 100])
            if kind < 3:
                groups.append(parent.create_group(name))
                all_things.append(groups[-1])
            elif kind < 8:
                all_things.append(add_dataset(rng, parent, name))
            elif kind == 8:
                parent[name] = h5py.SoftLink(rng.choice(["/copy", "nowhere/at all", "."]))
            else:
                parent[name] = rng.choice(all_things)  # itself and what it lies in among them
            if rng.random() < 0.4:
                add_attributes(rng, rng.choice(all_things), rng.choice([1, 3, 20]))
        many = rng.choice(groups).create_group("many")
        for i in rng.sample(range(9000), rng.choice([0, 1, 8, 9, 300, 4000])):
            many[f"link {i}"] = rng.choice(all_things)
        for name in rng.sample(list(many), len(many) // 7):
            del many[name]
        some = f.create_dataset("some", (200, 40), "<i2", chunks=(1, 1))
        for i in range(0, 200, rng.choice([1, 3, 50])):
            some[i] = i


def make_pytables(path, seed):
    rng = random.Random(seed)
    with tables.open_file(path, "w", title="made") as f:
        groups = [f.root]
        for i in range(rng.randrange(5, 60)):
            parent = rng.choice(groups)
            filters = tables.Filters(complevel=rng.choice([0, 3]), complib=rng.choice(["zlib", "blosc", "lzo"]),
                                     shuffle=rng.random() < 0.5, fletcher32=rng.random() < 0.3)
            kind = rng.randrange(6)
            if kind == 0:
                groups.append(f.create_group(parent, f"g{i}", title="a group"))
            elif kind == 1:
                made = f.create_table(parent, f"t{i}", np.dtype([("i", "<i8"), ("s", "S9"), ("v", "<f8", 3)]), "table",
                                      filters=filters, expectedrows=rng.choice([10, 10 ** 6]))
                for n in rng.choice([[], [1], [999]]):
                    made.append([(k, b"row", (k, k / 2, 0)) for k in range(n)])
                if rng.random() < 0.3:
                    made.cols.i.create_csindex()
            elif kind == 2:
                dtype = rng.choice(["<i4", "<f8", "S4", "?"])
                f.create_array(parent, f"a{i}", values(rng, dtype, (rng.randrange(1, 50),)))
            elif kind == 3:
                f.create_carray(parent, f"c{i}", obj=values(rng, "<i2", (30, 4)), filters=filters, chunkshape=(7, 2))
            elif kind == 4:
                made = f.create_earray(parent, f"e{i}", tables.Float64Atom(), (0, 3), filters=filters)
                made.append(np.arange(3 * rng.randrange(200)).reshape(-1, 3) / 8)
            else:
                f.create_soft_link(parent, f"s{i}", "/somewhere")
            for k in range(rng.choice([0, 1, 30])):
                rng.choice(groups)._v_attrs[f"x{k}"] = rng.choice([1, 2.5, True, "text", None, [1, 2], np.arange(9)])


def is_number(dataset):
    return dataset.id.get_type().get_class() in (h5t.INTEGER, h5t.FLOAT)


def change_h5py(path, seed):
    """The same changes to each copy of a tree."""
    rng = random.Random(seed)
    with h5py.File(path, "r+") as f:
        paths = []
        f["copy"].visit(paths.append)
        paths.sort()
        for i in range(80):
            thing = f["copy"].get(rng.choice(paths)) if paths else None
            kind, pick = rng.randrange(7), rng.random()
            if thing is None:
                continue
            names = sorted(thing.attrs)
            if kind == 0:
                thing.attrs[f"new {i}"] = values(rng, "<i4", (rng.randrange(1, 500),))
            elif kind == 1 and names:
                del thing.attrs[names[int(pick * len(names))]]
            elif kind == 2 and isinstance(thing, h5py.Group):
                thing.create_group(f"new {i}")[f"{i}"] = values(rng, "<f8", (rng.randrange(100),))
            elif kind == 3 and isinstance(thing, h5py.Group) and len(thing):
                del thing[sorted(thing)[int(pick * len(thing))]]
            elif kind == 4 and isinstance(thing, h5py.Group):
                for k in range(60):
                    thing[f"link {i} {k}"] = f["copy"] if k % 2 else h5py.SoftLink("/copy")
            elif kind == 5 and isinstance(thing, h5py.Dataset) and thing.shape and thing.size and is_number(thing):
                thing[int(pick * thing.shape[0])] = 1
            elif kind == 6 and isinstance(thing, h5py.Dataset) and thing.chunks and thing.maxshape[0] is None \
                    and np.prod(thing.shape[1:]) < 9:
                thing.resize(int(pick * 9000), axis=0)
                if is_number(thing):
                    thing[-5:] = 3


def change_pytables(path, seed):
    rng = random.Random(seed)
    with tables.open_file(path, "a") as f:
        paths = sorted(node._v_pathname for node in f.walk_nodes("/copy"))
        arrays = sorted(node._v_pathname for node in f.walk_nodes("/copy", "Array"))
        for name in paths:
            if "/_i_" in name:  # a part of an index
                continue
            node = f.get_node(name)
            kind = rng.randrange(4)
            if isinstance(node, tables.Table) and kind:
                node.append([(k, b"more", (1, 2, 3)) for k in range(300)])
                if not node.indexed:
                    node.remove_rows(0, 7)
            elif isinstance(node, tables.EArray) and kind:
                node.append(np.ones((500, 3)))
            elif isinstance(node, tables.Group) and kind == 1:
                f.create_array(node, "new", np.arange(5))
            elif kind == 2 and not isinstance(node, tables.link.Link):
                node._v_attrs["new"] = list(range(200))
            del node
        for name in arrays[::3]:
            if "/_i_" not in name:
                f.remove_node(name)
