#!/usr/bin/python3
"""Compare two HDF5 files object by object: what a copy of a mounted store should be.

Usage: same_store.py ORIGINAL COPY [GROUP OF COPY]

Every object: its kind; datasets' types, shapes and values; attributes with theirs; hard and soft links. Types are those
that HDF5 has, so that character sets, padding, tags, members and byte orders count. How data lie in the file does not.
Prints a line for each difference, "PATH: what"; exit status 1 when there are any.
"""
import posixpath
import sys

import h5py
import numpy as np
from h5py import h5a, h5d, h5g, h5o, h5r, h5s, h5t


def show(t):
    """A type as nested tuples; of what has no meaning for a reader, nothing."""
    c = t.get_class()
    if c == h5t.INTEGER:
        return "int", t.get_size(), t.get_order() if t.get_size() > 1 else 0, t.get_sign(), t.get_precision(), t.get_offset()
    if c == h5t.FLOAT:
        return "float", t.get_size(), t.get_order(), t.get_fields(), t.get_ebias(), t.get_precision()
    if c == h5t.BITFIELD:
        return "bits", t.encode()
    if c == h5t.STRING:
        return ("string", t.get_cset()) + (() if t.is_variable_str() else (t.get_size(), t.get_strpad()))
    if c == h5t.OPAQUE:
        return "opaque", t.get_size(), t.get_tag()
    if c == h5t.ENUM:
        n = t.get_nmembers()
        return "enum", show(t.get_super()), tuple((t.get_member_name(i), t.get_member_value(i)) for i in range(n))
    if c == h5t.COMPOUND:
        n = t.get_nmembers()
        # Padding is part of the type where no member is of variable length.
        where = () if t.detect_class(h5t.VLEN) or t.detect_class(h5t.REFERENCE) or "variable" in str(members(t)) else (
            t.get_size(), tuple(t.get_member_offset(i) for i in range(n)))
        return ("compound", members(t)) + where
    if c == h5t.ARRAY:
        return "array", t.get_array_dims(), show(t.get_super())
    if c == h5t.VLEN:
        return "list", show(t.get_super())
    if c == h5t.REFERENCE:
        return "reference", t.equal(h5t.STD_REF_OBJ)
    return "class %d" % c, t.get_size()


def members(t):
    return tuple((t.get_member_name(i), show(t.get_member_type(i))) for i in range(t.get_nmembers()))


def same(fa, fb, x, y, base=b""):
    if isinstance(x, h5py.Empty) or isinstance(y, h5py.Empty):
        return isinstance(x, h5py.Empty) and isinstance(y, h5py.Empty)
    if isinstance(x, h5py.RegionReference):
        return isinstance(y, h5py.RegionReference) and region(fa, x) == region(fb, y)
    if isinstance(x, h5py.Reference):
        return isinstance(y, h5py.Reference) and target(fa, x) == target(fb, y)
    if isinstance(x, (np.ndarray, np.void)) and x.dtype.names:
        return x.dtype.names == y.dtype.names and all(same(fa, fb, x[n], y[n]) for n in x.dtype.names)
    if isinstance(x, np.ndarray) and x.dtype == object:
        return x.shape == y.shape and all(same(fa, fb, p, q) for p, q in zip(x.ravel(), y.ravel()))
    if isinstance(x, (np.ndarray, np.generic)):
        x, y = np.asarray(x), np.asarray(y)
        if x.shape != y.shape or x.dtype != y.dtype:
            return False
        if x.dtype.kind in "fc":
            return x.tobytes() == y.tobytes() or np.array_equal(x, y, equal_nan=True)
        return x.tobytes() == y.tobytes()
    return type(x) == type(y) and x == y


def target(f, reference):
    return f[reference].name if reference else None


def region(f, reference):
    if not reference:
        return None
    space = h5r.get_region(reference, f.id)
    name = h5r.get_name(reference, f.id)
    kind = space.get_select_type()
    if kind == h5s.SEL_POINTS:
        return name, kind, space.get_select_elem_pointlist().tolist()
    if kind == h5s.SEL_HYPERSLABS:
        return name, kind, sorted(space.get_select_hyper_blocklist().tolist())
    return name, kind


def read(thing):
    space = thing.get_space()
    if space.get_simple_extent_type() == h5s.NULL:
        return h5py.Empty(thing.dtype)
    base, inner = thing.dtype.subdtype or (thing.dtype, ())
    value = np.zeros(thing.shape + inner, base)
    kind = thing.get_type()
    # h5py shows bit fields as integers, and HDF5 does not convert them.
    mtype = kind if kind.get_class() == h5t.BITFIELD else h5t.py_create(thing.dtype)
    if value.size:
        if isinstance(thing, h5a.AttrID):
            thing.read(value, mtype=mtype)
        else:
            thing.read(h5s.ALL, h5s.ALL, value, mtype=mtype)
    return value


def leads_to(path, target):
    """A soft link's target from the root: mounts show all as paths relative to their directories."""
    return target if isinstance(target, tuple) else posixpath.normpath(posixpath.join(path, target))


class Comparison:
    def __init__(self, a, b, group):
        self.a, self.b, self.prefix = a, b, group
        self.seen = {}
        self.n_bad = 0

    def bad(self, path, what):
        print("%s: %s" % (path.decode("utf-8", "surrogateescape"), what))
        self.n_bad += 1

    def typed(self, path, x, y, what):
        """Two datasets or attributes."""
        p, q = show(x.get_type()), show(y.get_type())
        if p != q:
            self.bad(path, "%stype: %s, now %s" % (what, p, q))
            return
        s, t = x.get_space(), y.get_space()
        if s.get_simple_extent_type() != t.get_simple_extent_type() or s.shape != t.shape:
            self.bad(path, "%sshape: %s, now %s" % (what, s.shape, t.shape))
            return
        try:
            value = read(x)
        except Exception:
            return  # neither could be copied nor compared
        try:
            other = read(y)
        except Exception as error:
            self.bad(path, "%svalue: %s" % (what, error))
            return
        if not same(self.a, self.b, value, other):
            self.bad(path, "%svalue: %.60r, now %.60r" % (what, value, other))

    def attributes(self, path, x, y):
        def names(o):
            return [h5a.open(o, index=i).name for i in range(h5a.get_num_attrs(o))]

        here, there = names(x), names(y)
        for name in here:
            shown = name.decode("utf-8", "surrogateescape")
            if name not in there:
                self.bad(path, "attribute %s is missing" % shown)
            else:
                self.typed(path, h5a.open(x, name), h5a.open(y, name), "attribute %s: " % shown)
        for name in sorted(set(there) - set(here)):
            self.bad(path, "attribute %s is new" % name.decode("utf-8", "surrogateescape"))

    def object(self, path, x, y):
        kinds = h5o.get_info(x).type, h5o.get_info(y).type
        if kinds[0] != kinds[1]:
            self.bad(path, "kind: %d, now %d" % kinds)
            return
        key = h5o.get_info(x).addr
        if key in self.seen:
            if self.seen[key] != h5o.get_info(y).addr:
                self.bad(path, "is no hard link any more")
            return
        self.seen[key] = h5o.get_info(y).addr
        self.attributes(path, x, y)
        if isinstance(x, h5g.GroupID):
            self.group(path, x, y)
        elif isinstance(x, h5d.DatasetID):
            self.typed(path, x, y, "")
        elif isinstance(x, h5t.TypeID) and show(x) != show(y):
            self.bad(path, "type: %s, now %s" % (show(x), show(y)))

    def group(self, path, x, y):
        here, there = list(x), list(y)
        for name in sorted(set(there) - set(here)):
            self.bad(path, "%s is new" % name.decode("utf-8", "surrogateescape"))
        for name in here:
            child = path.rstrip(b"/") + b"/" + name
            if name not in there:
                self.bad(child, "missing")
                continue
            kind, other = x.links.get_info(name).type, y.links.get_info(name).type
            if kind != other:
                self.bad(child, "link: %d, now %d" % (kind, other))
            elif kind == h5py.h5l.TYPE_HARD:
                try:
                    p = h5o.open(x, name)
                except Exception:
                    continue
                self.object(child, p, h5o.open(y, name))
            elif leads_to(path, x.links.get_val(name)) != leads_to(path, y.links.get_val(name)):
                self.bad(child, "leads to %r, now %r" % (x.links.get_val(name), y.links.get_val(name)))


def main():
    a, b = h5py.File(sys.argv[1], "r"), h5py.File(sys.argv[2], "r")
    group = sys.argv[3] if len(sys.argv) > 3 else "/"
    comparison = Comparison(a, b, group)
    comparison.object(b"/", h5o.open(a.id, b"/"), h5o.open(b.id, group.encode()))
    return comparison.n_bad > 0


sys.exit(main())
