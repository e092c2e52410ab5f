"""A random workload on a mount, with a model of what the store must hold after each step.

    workload.py MOUNT N SEED JOURNAL [LOG]

Writes one line per event to JOURNAL before and after each step: "begin I", "end I BYTES", "synced I BYTES", where BYTES
is how much of LOG (the record of the daemon's writes) was there. Stops when the mount dies. The model is deterministic:
states gives all of them again, so that nothing of them needs to be written down. Two steps are never one
change, and each step is one: before it or after it, nothing between.
"""
import errno
import os
import random
import sys
import traceback

import numpy as np
from stored_tree import canonical


class Model:
    """The tree as stored_tree has it. Objects are shared by hard links: {path: object}, groups are objects as well."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.objects = {"/": {"kind": "group", "attributes": {}}}
        self.n_names = 0

    def tree(self):
        found = {}
        for path, o in self.objects.items():
            attributes = {name: canonical(value) for name, value in o["attributes"].items()}
            if o["kind"] == "group":
                found[path] = ("group", attributes)
            elif o["kind"] == "link":
                found[path] = ("link", os.path.basename(o["target"]))
            else:
                found[path] = ("dataset", *canonical(o["value"]), attributes)
        return found

    def groups(self):
        return sorted(p for p, o in self.objects.items() if o["kind"] == "group")

    def datasets(self, kinds="iu f", rank=None):
        return sorted(p for p, o in self.objects.items() if o["kind"] == "dataset" and o["value"].dtype.kind in kinds
                      and (rank is None or o["value"].ndim == rank))

    def new_path(self):
        self.n_names += 1
        group = self.random.choice(self.groups())
        return ("" if group == "/" else group) + f"/n{self.n_names:04d}"

    def children(self, path):
        prefix = path.rstrip("/") + "/"
        return [p for p in self.objects if p.startswith(prefix) and p != path]

    # Each step returns what to do on the mount, after it has changed the model.

    def step(self):
        steps = [self.make_group, self.make_scalar, self.make_scalar, self.make_text, self.make_npy, self.append,
                 self.append, self.overwrite, self.truncate, self.replace_text, self.set_attribute,
                 self.set_attribute, self.remove_attribute, self.remove, self.rename, self.rename_over, self.hard_link,
                 self.soft_link]
        while True:
            todo = self.random.choice(steps)()
            if todo is not None:
                return todo

    def make_group(self):
        if len(self.groups()) > 12:
            return None
        path = self.new_path()
        self.objects[path] = {"kind": "group", "attributes": {}}
        return lambda m: os.mkdir(m + path)

    def add(self, path, value):
        self.objects[path] = {"kind": "dataset", "value": np.asarray(value), "attributes": {}}

    def make_scalar(self):
        path = self.new_path()
        kind = self.random.randrange(3)
        if kind == 0:
            value = np.int64(self.random.randint(-2**40, 2**40))
        elif kind == 1:
            value = np.float64(self.random.random())
        else:
            value = np.array(f"text {self.random.random()}x", dtype=object)
        self.add(path, value)
        text = f"{value.item() if value.dtype.kind != 'O' else value[()]}\n"
        return lambda m: write_file(m + path, text.encode())

    def make_text(self):
        path = self.new_path()
        n, k = self.random.randint(2, 300), self.random.randint(1, 4)
        value = np.array([[self.random.randint(-999, 999) for _ in range(k)] for _ in range(n)], dtype="<i8")
        self.add(path, value if k > 1 else value[:, 0])
        text = "".join("\t".join(map(str, row)) + "\n" for row in value.tolist())
        return lambda m: write_file(m + path, text.encode())

    def make_npy(self):
        path = self.new_path()
        dtype = self.random.choice(["<f4", "<f8", "<i2", "|u1"])
        shape = tuple(self.random.randint(1, 40) for _ in range(self.random.randint(1, 3)))
        value = np.array([self.random.randint(0, 200) for _ in range(int(np.prod(shape)))], dtype=dtype).reshape(shape)
        self.add(path, value)

        def do(m):
            import io
            data = io.BytesIO()
            np.save(data, value)
            write_file(m + path + ".npy", data.getvalue())
        return do

    def is_shared(self, path):
        """Datasets of several names may have to keep their shapes: another one in their place would have but one."""
        return sum(o is self.objects[path] for o in self.objects.values()) > 1

    def append(self):
        paths = [p for p in self.datasets("i") if not self.is_shared(p) and 1 <= self.objects[p]["value"].ndim <= 2
                 and self.objects[p]["value"].dtype.str == "<i8"]
        if not paths:
            return None
        path = self.random.choice(paths)
        o = self.objects[path]
        rows = np.array([[self.random.randint(-99, 99) for _ in range(o["value"].size // len(o["value"]))]
                         for _ in range(self.random.randint(1, 20))], dtype="<i8").reshape(-1, *o["value"].shape[1:])
        if len(o["value"]) > 3000:
            return None
        o["value"] = np.concatenate([o["value"], rows])
        text = "".join("\t".join(map(str, np.atleast_1d(row).tolist())) + "\n" for row in rows)
        return lambda m: write_file(m + path, text.encode(), os.O_APPEND)

    def overwrite(self):
        paths = [p for p in self.datasets("iuf") if self.objects[p]["value"].size > 0]
        if not paths:
            return None
        path = self.random.choice(paths)
        o = self.objects[path]
        first = self.random.randrange(o["value"].size)
        n = self.random.randint(1, min(500, o["value"].size - first))
        value = o["value"].copy()
        value.reshape(-1)[first:first + n] = [self.random.randint(0, 100) for _ in range(n)]
        o["value"] = value
        data, at = value.reshape(-1)[first:first + n].tobytes(), first * value.itemsize
        return lambda m: write_at(m + path + ".raw", data, at)

    def truncate(self):
        paths = [p for p in self.datasets("iuf", 1) if not self.is_shared(p) and len(self.objects[p]["value"]) > 0]
        if not paths:
            return None
        path = self.random.choice(paths)
        o = self.objects[path]
        n = self.random.randint(0, len(o["value"]) + 5)
        if n == 0:
            return None
        value = np.zeros(n, o["value"].dtype)
        value[:len(o["value"])] = o["value"][:n]
        o["value"] = value
        return lambda m: os.truncate(m + path + ".raw", n * value.itemsize)

    def replace_text(self):
        paths = [p for p in self.datasets("if", 0) if not self.is_shared(p) and self.objects[p]["value"].itemsize == 8]
        if not paths:
            return None
        path = self.random.choice(paths)
        o = self.objects[path]
        o["value"] = np.asarray(o["value"].dtype.type(self.random.randint(0, 10**6)))
        text = f"{o['value'].item()}\n"
        return lambda m: write_file(m + path, text.encode(), os.O_TRUNC)

    def set_attribute(self):
        path = self.random.choice(sorted(p for p, o in self.objects.items() if o["kind"] != "link"))
        name = f"a{self.random.randrange(4)}"
        o = self.objects[path]
        old = o["attributes"].get(name)
        kind = self.random.randrange(3) if old is None else "ifO".index(old.dtype.kind)
        if kind == 0:
            value = np.asarray(np.int64(self.random.randint(-9999, 9999)))
            text = str(value.item())
        elif kind == 1:
            value = np.asarray(np.float64(self.random.random()))
            text = repr(value.item())
        else:
            text = f"words {self.random.random()} " + "x" * self.random.choice([0, 10, 3000])
            value = np.array(text, dtype=object)
        o["attributes"] = {**o["attributes"], name: value}
        return lambda m: os.setxattr(m + path, "user." + name, text.encode())

    def remove_attribute(self):
        paths = sorted(p for p, o in self.objects.items() if o["attributes"] and o["kind"] != "link")
        if not paths:
            return None
        path = self.random.choice(paths)
        o = self.objects[path]
        name = self.random.choice(sorted(o["attributes"]))
        o["attributes"] = {k: v for k, v in o["attributes"].items() if k != name}
        return lambda m: os.removexattr(m + path, "user." + name)

    def remove(self):
        paths = sorted(p for p in self.objects if p != "/" and not self.children(p))
        if len(paths) < 10:
            return None
        path = self.random.choice(paths)
        is_group = self.objects.pop(path)["kind"] == "group"
        return lambda m: (os.rmdir if is_group else os.unlink)(m + path)

    def move(self, path, new):
        moved = {p: self.objects.pop(p) for p in [path] + self.children(path)}
        self.objects.update({new + p[len(path):]: o for p, o in moved.items()})

    def rename(self):
        paths = sorted(p for p in self.objects if p != "/")
        if not paths:
            return None
        path, new = self.random.choice(paths), self.new_path()
        if new.startswith(path + "/"):
            return None
        self.move(path, new)
        return lambda m: os.rename(m + path, m + new)

    def rename_over(self):
        paths = self.datasets("iuf")
        path, new = (self.random.choice(paths), self.random.choice(paths)) if len(paths) > 1 else (None, None)
        # A dataset made from text just now takes over the old one's type and attributes; these are made from NPY.
        if path == new or self.objects[path] is self.objects[new] or self.objects[path]["value"].dtype.str == "<i8" \
                or self.objects[path]["value"].ndim == 0:
            return None
        self.objects[new] = self.objects.pop(path)
        return lambda m: os.rename(m + path, m + new)

    def hard_link(self):
        paths = self.datasets("iuf")
        if not paths:
            return None
        path, new = self.random.choice(paths), self.new_path()
        self.objects[new] = self.objects[path]
        return lambda m: os.link(m + path, m + new)

    def soft_link(self):
        path = self.new_path()
        others = sorted(p for p in self.objects if p != "/" and not path.startswith(p + "/"))
        if not others:
            return None
        target = self.random.choice(others)
        self.objects[path] = {"kind": "link", "target": target, "attributes": {}}
        return lambda m: os.symlink(os.path.relpath(m + target, os.path.dirname(m + path)), m + path)


def write_file(path, data, flags=0):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o644)
    try:
        if os.write(fd, data) != len(data):
            raise OSError("short write")
    finally:
        os.close(fd)


def write_at(path, data, at):
    fd = os.open(path, os.O_WRONLY)
    try:
        if os.pwrite(fd, data, at) != len(data):
            raise OSError("short write")
    finally:
        os.close(fd)


def steps(n, seed):
    """Yields (what to do, the model after it)."""
    model = Model(seed)
    for _ in range(n):
        yield model.step(), model


def states(n, seed, first=0):
    """The trees after steps `first` to `n`; 0 is the start."""
    model = Model(seed)
    trees = [model.tree()] if first == 0 else []
    for i in range(1, n + 1):
        model.step()
        if i >= first:
            trees.append(model.tree())
    return trees


def run(mount, n, seed, out, length):
    sync = random.Random(seed + 1)
    root = os.open(mount, os.O_RDONLY)
    for i, (do, _) in enumerate(steps(n, seed), 1):
        out.write(f"begin {i}\n")
        do(mount)
        out.write(f"end {i} {length()}\n")
        if sync.random() < 0.1:
            os.fsync(root)
            out.write(f"synced {i} {length()}\n")


def main():
    mount, n, seed, journal = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    log = sys.argv[5] if len(sys.argv) > 5 else None
    with open(journal, "w", buffering=1) as out:
        try:
            run(mount, n, seed, out, lambda: os.stat(log).st_size if log else 0)
        except OSError as error:
            # The mount's end is what this program is here to see; all else is a fault.
            if error.errno in (errno.EIO, errno.ECONNABORTED, errno.ENOTCONN):
                return 0
            traceback.print_exc()
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
