"""Holds mounts of the sample pickles against the trees that are expected of them.

Walks a mount beside what pickle_model makes of its tree. The trees are those of pickle-tree, which have their long bytes
in them, when they are the ones that are expected.
usage: pickle_mounts.py EXPFS PICKLE-TREE PICKLES FOLDER MOUNTPOINT
"""
import ast
import json
import os
import subprocess
import sys
import time

import numpy as np
from pickle_model import Dtype, Model, Unknown

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../c"))
from check_pickles import matches, simplified  # noqa: E402


class Walk:
    """Compares a mounted directory with a model."""

    def __init__(self, model, mountpoint):
        self.model, self.mountpoint = model, mountpoint
        self.faults, self.places, self.links_seen = [], {}, {}

    def fault(self, path, text):
        self.faults.append(f"{path or '/'}: {text}"[:300])

    def run(self):
        kind, _ = self.model.shown(self.model.root)
        if kind == "dir":
            self.directory("", self.model.root)
        else:
            self.entry("value", self.model.root)
        self.links()

    def links(self):
        for path, (node, target) in self.links_seen.items():
            if self.places.get(self.model.identity(node)) != target:
                self.fault(path, f"leads to {target!r}, not to {self.places.get(self.model.identity(node))!r}")

    def directory(self, path, node):
        self.places[self.model.identity(node)] = path
        _, names = self.model.shown(node)
        found = sorted(os.listdir(os.path.join(self.mountpoint, path)))
        wanted = {encode(name): child for name, child in names.items()}
        if found != sorted(wanted):
            self.fault(path, f"has {found}, not {sorted(wanted)}")
            return
        for name, child in wanted.items():
            self.entry(os.path.join(path, name), child)

    def entry(self, path, node):
        full = os.path.join(self.mountpoint, path)
        kind, content = node["ready"] if isinstance(node, dict) and "ready" in node else self.model.shown(node)
        if os.path.islink(full):
            if kind != "dir":
                self.fault(path, "is a link to no directory")
            target = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(full)))
            self.links_seen[path] = (self.model.node(node), "" if target == "." else target)
        elif kind == "dir":
            if not os.path.isdir(full):
                self.fault(path, "is no directory")
            elif self.model.identity(node) in self.places and self.model.tuple_of(node) is None:
                self.fault(path, "is no link, but there already")
            else:
                self.directory(path, node)
        elif kind == "array":
            self.array(path, full, content)
        elif kind != "any":
            with open(full, "rb") as file:
                got = file.read()
            if kind == "text":
                got = b"".join(part.strip(b" ") + b"\n" for part in got.split(b"\n")[:-1]) if b" " in got[:1] else got
                got = got if same_numbers(got, content) is False else content
            if got != content and not self.same_types(got, node):
                self.fault(path, f"reads {got[:80]!r}, not {content[:80]!r}")

    def same_types(self, got, node):
        """Types read as text that NumPy takes for them, in whatever words."""
        items = self.model.items_of(node) or [node]
        try:
            values = [self.model.value(item) for item in items]
        except Unknown:
            return False
        lines = got.decode(errors="replace").splitlines()
        return len(lines) == len(values) and all(
            np.dtype(ast.literal_eval(text)) == value.dtype if isinstance(value, Dtype) else text == value
            for text, value in zip(lines, values))

    def array(self, path, full, expected):
        got = np.load(full + ".npy")
        if got.shape != expected.shape or got.dtype.names != expected.dtype.names:
            self.fault(path, f"is {got.dtype} {got.shape}, not {expected.dtype} {expected.shape}")
        elif got.tobytes() != np.ascontiguousarray(expected).tobytes():
            if np.ascontiguousarray(expected.astype(got.dtype)).tobytes() != got.tobytes():
                self.fault(path, f"has other values: {got.reshape(-1)[:4]}, not {expected.reshape(-1)[:4]}")


def same_numbers(got, content):
    """Columns of numbers are aligned; complex ones are written without needless zeros."""
    if [part.split() for part in got.split(b"\n")] == [part.split() for part in content.split(b"\n")]:
        return all(not part.strip(b"\n0123456789+-.einfajtrus ") for part in (got, content))
    return False


def encode(name):
    special = {"": "%", ".": "%2E", "..": "%2E%2E"}
    return special.get(name, name.replace("/", "%2F"))


def tree_of(expected, name, pickles, program):
    """The tree of a pickle with all bytes and sets in their order, and whether it is the one that is expected."""
    out = subprocess.run([program, os.path.join(pickles, name)], check=True, capture_output=True).stdout
    full = json.loads(out.decode(errors="replace").split("\n")[0])
    return short_integers(full), matches(simplified(full), expected["good"][name])


def short_integers(node):
    """Small integers bare, and bytes left whole."""
    if isinstance(node, list):
        return [short_integers(item) for item in node]
    if isinstance(node, dict):
        if "int" in node and abs(int(node["int"], 0)) <= 2**53:
            return int(node["int"])
        return {key: short_integers(item) for key, item in node.items()}
    return node


def unmount(mountpoint):
    """Again while somebody who looks around has it open."""
    for _ in range(200):
        if subprocess.run(["umount", mountpoint], stderr=subprocess.DEVNULL).returncode == 0:
            return
        time.sleep(0.05)
    sys.exit(f"{mountpoint}: cannot be unmounted")


def main():
    expfs, program, pickles, folder, mountpoint = sys.argv[1:]
    with open(os.path.join(pickles, "expected.json")) as file:
        expected = json.load(file)
    n_faults = 0
    names = sorted(name for name in expected["good"] if os.path.dirname(name) == folder)
    for name in names:
        tree, is_right = tree_of(expected, name, pickles, program)
        faults = [] if is_right else ["another tree than expected"]
        subprocess.run([expfs, os.path.join(pickles, name), mountpoint], check=True)
        try:
            walk = Walk(Model(tree), mountpoint)
            walk.run()
            faults += walk.faults
        finally:
            unmount(mountpoint)
        for fault in faults:
            print(f"{name}: {fault}")
        n_faults += len(faults)
    print(f"{len(names)} pickles, {n_faults} faults")
    sys.exit(n_faults > 0 or not names)


if __name__ == "__main__":
    main()
