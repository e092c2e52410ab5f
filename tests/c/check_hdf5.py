#!/usr/bin/python3
"""Hold what libexpfs reads from HDF5 files against what h5py reads.

Usage: check_hdf5.py DUMP

DUMP is the dump program of this folder.  The files are those of
stores/hdf5-suite in the folder that EXPFS_SHARED names (../shared as a rule),
with expected/NAME.json beside them as h5py saw them.  Prints TAP.
"""
import json
import os
import subprocess
import sys


def dump(program, path):
    run = subprocess.run([program, path, "hdf5"], capture_output=True, timeout=60)
    assert run.returncode in (0, 1), f"exit status {run.returncode}"
    nodes, attributes = {}, {}
    for line in run.stdout.decode("ascii").splitlines():
        record = json.loads(line)
        for key, value in record.items():
            if isinstance(value, str):
                record[key] = value.encode("latin-1").decode("utf-8", "surrogateescape")
        if record["line"] == "node":
            nodes[record["path"]] = record
        elif record["line"] == "attribute":
            attributes[record["path"], record["name"]] = record
    return nodes, attributes, run.stderr.decode()


def number(text):
    if text.lower() in ("true", "false"):
        return float(text.lower() == "true")
    return float(int(text, 16)) if text.startswith("0x") else float(text)


def check_attribute(got, want):
    if "error" in want or "empty" in want:
        return
    assert "error" not in got, got.get("error")
    if "str" in want:
        assert got["text"] == want["str"], f"{got['text']!r} != {want['str']!r}"
    elif "value" in want and want["dtype"][1] in "iuf" and len(want["shape"]) <= 1 and len(want["value"]) <= 64:
        try:
            values = [number(v) for v in got["text"].split("\n")] if want["value"] else []
        except ValueError:
            return  # members of an enum
        wanted = [number(v) for v in want["value"]]
        assert all(g == w or (g != g and w != w) for g, w in zip(values, wanted)), f"{values} != {wanted}"
        assert len(values) == len(wanted)


def check_node(got, want):
    kind = {"soft": "link", "external": "link", "userlink": "link"}.get(want["kind"], want["kind"])
    assert got.get("kind") == kind, f"kind {got.get('kind')} {got.get('error', '')}"
    if kind != "dataset" or "error" in want:
        return
    assert "error" not in got, got.get("error")
    if "sha256" in want:
        assert got["npy_shape"] == want["npy_shape"], f"shape {got['npy_shape']} != {want['npy_shape']}"
        assert got.get("sha256") == want["sha256"], f"bytes differ: {got['dtype']}, h5py has {want['dtype']}"


def check(program, path, expected):
    nodes, attributes, stderr = dump(program, path)
    if "unopenable" in expected:
        assert nodes or stderr.strip(), "refused without a word"
        return
    assert nodes, stderr
    missing = set(expected) - set(nodes)
    assert not missing, f"missing: {sorted(missing)[:5]}"
    for where, want in expected.items():
        try:
            check_node(nodes[where], want)
            for name, value in want.get("attrs", {}).items():
                if name != "error":
                    check_attribute(attributes[where, name], value)
        except (AssertionError, KeyError) as e:
            raise AssertionError(f"{where or '/'}: {type(e).__name__} {e}") from e


def main(program):
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    shared = os.environ.get("EXPFS_SHARED", os.path.join(top, "..", "shared"))
    suite = os.path.join(shared, "stores", "hdf5-suite")
    if not os.path.isdir(suite):
        print(f"1..0 # SKIP no reference stores at {shared} (EXPFS_SHARED)")
        return 0
    names = sorted(os.listdir(os.path.join(suite, "expected")))
    print(f"1..{len(names)}")
    failed = 0
    for i, name in enumerate(names, 1):
        with open(os.path.join(suite, "expected", name)) as f:
            expected = json.load(f)
        try:
            check(program, os.path.join(suite, name.removesuffix(".json")), expected)
            print(f"ok {i} {name.removesuffix('.json')} reads as in h5py")
        except Exception as e:  # one line for each file, whatever went wrong
            failed += 1
            print(f"not ok {i} {name.removesuffix('.json')} reads as in h5py\n# {str(e)[:300]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
