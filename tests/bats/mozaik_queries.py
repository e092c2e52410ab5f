"""The answers of mozaik.storage.queries against a mount's paths and against expfs find.

    mozaik_queries.py check STORES MOUNTS KIND ID    the query ID of every store of that kind ("gratings", "tiny")
    mozaik_queries.py list STORES                    a line for each kind and ID
    mozaik_queries.py paths STORES KIND              a line for each: its path and its find command, for reading

STORES holds the stores and queries.json, MOUNTS a mount of each store under its name; EXPFS is the program. Knows how a
query of Mozaik is spelled as a path and as a command; the answers are the real code's.
"""
import errno
import json
import os
import subprocess
import sys

PLAIN = {"ads_unique", "rec_unique"}
CLASSES = {
    "ParamFilterQuery": "param_filter_query",
    "TagBasedQuery": "tag_based_query",
    "PartitionByStimulusParamterQuery": "partition_by_stimulus_paramter_query",
    "PartitionAnalysisResultsByParameterNameQuery": "partition_analysis_results_by_parameters_query",
    "PartitionAnalysisResultsByStimulusParameterQuery": "partition_analysis_results_by_stimulus_parameters_query",
}


# --- spelling ---------------------------------------------------------------------------------------------------


def literal(value):
    """A Python value in an expression; a list is one of, {"tuple": ...} one value."""
    if isinstance(value, list):
        return "|".join(literal(v) for v in value)
    if isinstance(value, dict):
        return "[" + ", ".join(literal(v) for v in value["tuple"]) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return {None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else repr(value)


def expression(conditions, optional=""):
    return ",".join(f"{name}{optional}={literal(value)}" for name, value in conditions.items()) or "*"


def tags(names):
    return ",".join(f'tag="{name}"' for name in names) or "*"


class Query:
    """One entry: the expressions of its view, and what is asked of that."""

    def __init__(self, entry, entries):
        self.function = CLASSES.get(entry["function"], entry["function"])
        self.args = dict(entry["args"])
        self.answer = entry["answer"]
        if "params" in self.args and entry["function"] == "ParamFilterQuery":
            self.args.update(self.args.pop("params"))
        self.alternatives = []
        on = entry.get("on")
        if isinstance(on, list):
            first, *others = (Query(entries[i], entries) for i in on)
            self.before = first.expressions
            self.alternatives = [",".join(other.expressions) for other in others]
        else:
            self.before = Query(entries[on], entries).expressions if on else []

    @property
    def expressions(self):
        """Those of the view that it gives, if it gives one."""
        if self.function == "param_filter_query":
            return self.before + [expression({k: v for k, v in self.args.items() if k not in PLAIN})]
        if self.function == "tag_based_query":
            return self.before + [tags(self.args["tags"])]
        if self.function == "filter_query":
            conditions = dict(self.args)
            optional = "?" if conditions.pop("allow_non_existent_parameters") else ""
            return self.before + [expression(conditions, optional)]
        if self.function == "get_analysis_result":
            return self.before + [expression(self.args)]
        if self.function.startswith("get_stimuli"):
            return self.before + [expression({"null": self.args.get("null", False)})]
        return self.before

    @property
    def view(self):
        names = [name for e in self.expressions or ["*"] for name in (".where", e)]
        return names + [name for e in self.alternatives for name in (".or", e)]

    def names_of(self, key, prefix=""):
        names = self.args.get(key)
        if isinstance(names, dict):  # a tuple is no list: one thing that is no parameter
            return "(" + ",".join(prefix + name for name in names["tuple"]) + ")"
        return ",".join(prefix + name for name in names) if names is not None else None

    @property
    def division(self):
        """The part that is divided, and by what; None for other queries."""
        if self.function == "partition_by_stimulus_paramter_query":
            return "recordings", "except:" + self.names_of("parameter_list", "st_")
        if not self.function.startswith("partition_analysis_results_by_"):
            return None
        names = self.names_of("parameter_list", "st_" if "stimulus" in self.function else "")
        if names is None:
            return "analysis", "same:"
        return "analysis", ("same:" if self.args.get("excpt") else "except:") + names

    @property
    def comparison(self):
        """The part whose things are compared, and what of them: as many as are given; None for other queries."""
        prefix = "st_" if "stimul" in self.function else ""
        none = "none:" if self.args.get("allow_None") else ""
        if self.function == "equal_stimulus":
            return "recordings", ["except:st_name," + self.names_of("except_params", prefix)]
        if self.function in ("equal_stimulus_type", "equal_ads_type", "ads_with_equal_stimulus_type"):
            return "analysis" if "ads" in self.function else "recordings", [none + prefix + "name"]
        if self.function not in ("equal_ads", "ads_with_equal_stimuli"):
            return None
        params, excepted = self.names_of("params", prefix), self.names_of("except_params", prefix)
        given = [params] if params is not None else []
        given += ["except:" + excepted] if excepted is not None else []
        return "analysis", given or ["st_*" if prefix else "*"]

    @property
    def unique(self):
        """Results are checked first."""
        parts = {"ads_unique": "analysis", "rec_unique": "recordings"}
        return [part for key, part in parts.items() if self.args.get(key)]


# --- asking -----------------------------------------------------------------------------------------------------


def shown(name):
    """A directory's name as a mount shows it, of names that occur here."""
    return name.replace("/", "%2F")


class Refused(Exception):
    pass


def number(path):
    return int(os.path.basename(path).split("-")[0])


class Paths:
    """A store by the paths of its mount."""

    def __init__(self, store, mount):
        self.root = mount

    def path(self, names):
        return os.path.join(self.root, *map(shown, names))

    def list(self, names):
        """In the mount's own order."""
        try:
            with os.scandir(self.path(names)) as entries:
                return [entry.name for entry in entries]
        except OSError as e:
            if e.errno == errno.EINVAL:
                raise Refused(str(e)) from e
            raise

    def numbers(self, query, part, more=()):
        names = query.view + list(more)
        found = self.list(names + [part])
        flat = [os.readlink(self.path(names + [name])) for name in self.list(names)]
        if not more and part != "stimuli":  # a view lists recordings and results together
            assert sorted(number(f) for f in flat if f"/{part}/" in f) == sorted(map(number, found)), (flat, found)
        return [number(os.readlink(self.path(names + [part, name]))) for name in found]

    def sensory(self, query, more=()):
        names = query.view + list(more) + ["stimuli"]
        return sum(os.path.exists(self.path(names + [name, "data"])) for name in self.list(names))

    def sets(self, query, part, by):
        for name in self.list(query.view + [part, ".by", by]):
            more = [part, ".by", by, name.replace("%2F", "/")]
            yield {
                "recordings": self.numbers(query, "recordings", more),
                "analysis": self.numbers(query, "analysis", more),
                "sensory_stimuli": self.sensory(query, more),
            }

    def same(self, query, part, specs):
        try:
            with open(self.path(query.view + [part, ".same", ",".join(specs)])) as file:
                return {"true\n": True, "false\n": False}[file.read()]
        except OSError as e:
            assert e.errno == errno.EINVAL, e
            raise Refused(str(e)) from e

    def check_unique(self, query, parts):
        for part in parts:
            try:
                os.stat(self.path(query.view + [part, ".unique", "."]))
            except OSError as e:
                assert e.errno == errno.EINVAL, e
                raise Refused(part) from e

    def varying(self, query):
        with open(self.path(query.view + ["recordings", ".varying"])) as file:
            return file.read().split()

    def values(self, query, name, part=None):
        return [v for v in self.list(query.view + ([part] if part else []) + [".by", name]) if v != "null"]


class Find:
    """A store by expfs find."""

    def __init__(self, store, mount):
        self.store = store

    def command(self, query, *switches):
        others = [f"--or={e}" for e in query.alternatives]
        return [os.environ["EXPFS"], "find", self.store, *(query.expressions or ["*"]), *others, *switches]

    def run(self, query, *switches, statuses=(0,)):
        done = subprocess.run(self.command(query, *switches), capture_output=True, text=True)
        if done.returncode not in statuses:
            assert done.stderr.startswith("expfs: ") and not done.stdout, done
            raise Refused(done.stderr)
        return done.returncode if statuses != (0,) else done.stdout.splitlines()

    def numbers(self, query, part):
        found = self.run(query, f"--part={part}")
        flat = self.run(query)
        assert [f for f in flat if f.startswith(part + "/")] == found or part == "stimuli", (flat, found)
        return [number(path) for path in found]

    def sensory(self, query):
        return len(self.run(query, "--part=stimuli"))

    def sets(self, query, part, by):
        sets = {}
        for line in self.run(query, f"--part={part}", f"--by={by}"):
            name, path = line.split("\t")
            sets.setdefault(name, []).append(number(path))
        for numbers in sets.values():
            yield {part: numbers}

    def same(self, query, part, specs):
        none = ["--allow-none"] if specs[0].startswith("none:") else []
        specs = [spec.removeprefix("none:") for spec in specs]
        return self.run(query, f"--part={part}", *none, *(f"--same={spec}" for spec in specs), statuses=(0, 1)) == 0

    def check_unique(self, query, parts):
        if parts:
            try:
                self.run(query, *(f"--unique={part}" for part in parts))
            except Refused as e:
                noun = {"analysis": "AnalysisDataStructure", "recordings": "Segment"}
                raise Refused(next(part for part in parts if noun[part] in str(e))) from e

    def varying(self, query):
        return self.run(query, "--part=recordings", "--varying")

    def values(self, query, name, part=None):
        return [v for v in self.run(query, f"--values={name}", *([f"--part={part}"] if part else [])) if v != "null"]


# --- answers ----------------------------------------------------------------------------------------------------


def view_of(place, query):
    return {
        "recordings": place.numbers(query, "recordings"),
        "analysis": place.numbers(query, "analysis"),
        "sensory_stimuli": place.sensory(query),
    }


def from_sheet(place, query):
    """Neurons of a sheet, by standard tools on the mount: the row of an id, the id in a row."""
    ids = os.path.join(place.root, "sheets", query.args["sheet_name"], "ids")
    wanted = query.args.get("neuron_ids", query.args.get("indexes"))
    if wanted is None:
        return [int(line) for line in subprocess.check_output(["cat", ids], text=True).split()]
    found = []
    for n in wanted if isinstance(wanted, list) else [wanted]:
        tool = ["sed", "-n", f"{n + 1}p", ids] if "indexes" in query.args else ["grep", "-n", "-x", f" *{n}", ids]
        done = subprocess.run(tool, capture_output=True, text=True)
        if done.returncode != 0:
            raise Refused(f"no {n}")
        found.append(int(done.stdout) if "indexes" in query.args else int(done.stdout.split(":")[0]) - 1)
    return found if isinstance(wanted, list) else found[0]


def answer(place, query):
    if query.function.startswith("get_sheet_"):
        return {"returns": from_sheet(place, query)}
    if query.division:
        return {"views": list(place.sets(query, *query.division))}
    if query.comparison:
        return {"returns": place.same(query, *query.comparison)}
    if query.function == "varying_parameters":
        return {"returns": [name.removeprefix("st_") for name in place.varying(query)]}
    if query.function == "parameter_value_list":
        return {"returns": [float(v) for v in place.values(query, "st_" + query.args["param"], "recordings")]}
    if query.function == "sheets":
        return {"returns": place.values(query, "sheet_name")}
    if query.function == "get_stimuli.count":
        return {"returns": len(place.numbers(query, "recordings"))}
    if query.function in ("get_analysis_result", "filter_query"):
        return {"returns": place.numbers(query, "analysis")}
    place.check_unique(query, query.unique)
    return view_of(place, query)


def is_known(wanted, got):
    """What a command says of a set is the part that was divided."""
    if "views" in wanted and "views" in got:
        return len(wanted["views"]) == len(got["views"]) and all(
            {k: w[k] for k in g} == g for w, g in zip(wanted["views"], got["views"])
        )
    return wanted == got


def check(place, query):
    wanted = query.answer
    try:
        got = answer(place, query)
    except Refused as e:
        assert "raises" in wanted, f"refused: {e}; wanted {wanted}"
        if query.unique:
            part = "analysis" if "single ADS" in wanted["message"] else "recordings"
            assert str(e) == part, f"refused for {e}, not for {part}"
        return
    assert "raises" not in wanted, f"got {got}, wanted an error: {wanted['message']}"
    assert is_known(wanted, got), f"{type(place).__name__}: got {got}\nwanted {wanted}"


# --- the command line -------------------------------------------------------------------------------------------


def kinds(stores):
    """The names of the stores of each kind, those with the same queries."""
    with open(os.path.join(stores, "queries.json")) as file:
        answers = json.load(file)
    found = {}
    for name in answers:
        found.setdefault(name.split("_")[0], []).append(name)
    return answers, found


def main():
    command, stores, *rest = sys.argv[1:]
    answers, by_kind = kinds(stores)
    if command == "list":
        for kind, names in by_kind.items():
            for entry in answers[names[0]]["queries"]:
                print(f"{kind} {entry['id']}")
        return
    kind = rest[-2] if command == "check" else rest[0]
    for name in by_kind[kind]:
        entries = {entry["id"]: entry for entry in answers[name]["queries"]}
        if command == "paths":
            for entry in entries.values():
                query = Query(entry, entries)
                print(entry["id"], "/".join(map(shown, query.view)), query.division, query.comparison, sep="\t")
            return
        for klass in (Paths, Find):
            query = Query(entries[rest[-1]], entries)
            if klass is Find and query.function.startswith("get_sheet_"):
                continue
            check(klass(os.path.join(stores, name), os.path.join(rest[0], name)), query)


main()
