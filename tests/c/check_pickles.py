"""Holds what pickle-tree records of the sample pickles against the trees that are expected of them.

Prints TAP: a point for each folder of good ones, and one for each outcome that hostile ones must have.
usage: check_pickles.py PICKLE-TREE
"""
import hashlib
import json
import os
import subprocess
import sys
import time

SHARED = os.environ.get("EXPFS_SHARED") or os.path.join(os.path.dirname(__file__), "../../../shared")
PICKLES = os.path.join(SHARED, "stores/pickles")


def simplified(value):
    """In the words of expected.json: small integers bare, long bytes by their hash, sets sorted."""
    if isinstance(value, list):
        return [simplified(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "int" in value and abs(int(value["int"], 0)) <= 2**53:
        return int(value["int"])
    if len(value.get("bytes", "")) > 128:
        content = bytes.fromhex(value["bytes"])
        return {"bytes_len": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    changed = {key: simplified(item) for key, item in value.items()}
    for tag in ("set", "frozenset"):
        if tag in changed:
            changed[tag] = sorted(changed[tag], key=json.dumps)
    return changed


def matches(tree, expected):
    if isinstance(expected, dict) and "tree_sha256" in expected:
        text = json.dumps(tree)
        return hashlib.sha256(text.encode()).hexdigest() == expected["tree_sha256"]
    return tree == expected


def run(program, paths):
    """The trees of these files, and the peak of memory in KiB."""
    lines = subprocess.run([program, *paths], check=True, capture_output=True).stdout.decode(errors="replace").rstrip("\n").split("\n")
    return [json.loads(line) for line in lines[:-1]], int(lines[-1])


def check_good(program, good, folder):
    names = sorted(name for name in good if name.startswith(folder + "/"))
    trees, _ = run(program, [os.path.join(PICKLES, name) for name in names])
    wrong = [name for name, tree in zip(names, trees) if not matches(simplified(tree), good[name])]
    return len(names), wrong


def check_hostile(program, name, outcome):
    """None, or what is wrong."""
    began = time.monotonic()
    (tree,), peak = run(program, [os.path.join(PICKLES, name)])
    if peak > 64 * 1024 and not is_sanitized(program):
        return f"{name}: {peak} KiB"
    if time.monotonic() - began > 20:
        return f"{name}: took very long"
    is_refused = isinstance(tree, dict) and "error" in tree
    if is_refused != (outcome == "refuse"):
        return f"{name}: {str(tree)[:200]}"
    return None


def is_sanitized(program):
    with open(program, "rb") as binary:
        return b"__asan_init" in binary.read()


def main():
    program = sys.argv[1]
    if not os.path.isdir(PICKLES):
        print("1..0 # SKIP the sample pickles are not there")
        return
    with open(os.path.join(PICKLES, "expected.json")) as file:
        expected = json.load(file)
    folders = sorted({os.path.dirname(name) for name in expected["good"]})
    outcomes = sorted({of["outcome"] for of in expected["hostile"].values()})
    print(f"1..{len(folders) + len(outcomes)}")
    for number, folder in enumerate(folders, 1):
        n, wrong = check_good(program, expected["good"], folder)
        print(f"{'not ok' if wrong or not n else 'ok'} {number} - the {n} pickles of {folder} are recorded as they were written")
        for name in wrong:
            print(f"# {name}")
    for number, outcome in enumerate(outcomes, len(folders) + 1):
        names = [name for name, of in expected["hostile"].items() if of["outcome"] == outcome]
        wrong = [fault for fault in (check_hostile(program, name, outcome) for name in names) if fault]
        print(f"{'not ok' if wrong or not names else 'ok'} {number} - the {len(names)} hostile pickles of the outcome '{outcome}' have it")
        for fault in wrong:
            print(f"# {fault}")


if __name__ == "__main__":
    main()
