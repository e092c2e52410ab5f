"""What recorded pickles mean and how that is shown, apart from the C code.

Makes of a tree in the words of expected.json the directories, files and links that a mount of it should have.
Used by pickle_mounts.py.
"""
import datetime
import uuid

import numpy as np

RENAMED = (("__builtin__.", "builtins."), ("copy_reg.", "copyreg."), ("numpy._core.", "numpy.core."),
           ("builtins.xrange", "builtins.range"))


class Unknown(Exception):
    """A call that is shown as any object."""


class Dtype(str):
    """A type of several fields, the text of which NumPy takes for the same type."""

    def __new__(cls, dtype):
        return super().__new__(cls, repr(dtype.descr))

    def __init__(self, dtype):
        self.dtype = dtype


class Model:
    """What a tree of tagged JSON shows as. `shown` answers (kind, content): "dir" with a dict of names to nodes, "text",
    "raw" bytes, "array" for .npy, "any"; nodes are the JSON values, by identity."""

    def __init__(self, tree):
        self.numbered = []
        self.made = {}
        self.number(tree)
        self.root = tree

    def number(self, node):
        """References count lists, dicts, sets and calls in the order of first visit."""
        if isinstance(node, list):
            self.numbered.append(node)
            for item in node:
                self.number(item)
        elif isinstance(node, dict):
            if "dict" in node:
                self.numbered.append(node)
                self.pairs(node["dict"])
            elif "set" in node or "call" in node:
                self.numbered.append(node)
                if isinstance(node.get("call"), dict):
                    self.number(node["call"])
                for part in ("set", "args"):
                    for item in node.get(part, []):
                        self.number(item)
                self.pairs(node.get("kwargs", []))
                for part in ("state", "items"):
                    for item in node.get(part, []):
                        self.number(item)
                self.pairs(node.get("pairs", []))
            for tag in ("tuple", "frozenset"):
                for item in node.get(tag, []):
                    self.number(item)

    def pairs(self, pairs):
        for key, value in pairs:
            self.number(key)
            self.number(value)

    def node(self, node):
        return self.numbered[node["ref"]] if isinstance(node, dict) and "ref" in node else node

    def identity(self, node):
        """Tuples are not numbered: those with the same in them may be the same."""
        members = self.tuple_of(node)
        return id(self.node(node)) if members is None else ("tuple", *map(self.identity, members))

    # --- what values are ---------------------------------------------------------------------------------------

    def value(self, node):
        """Python's own value of what is shown as one file; Unknown for other things."""
        node = self.node(node)
        if not isinstance(node, dict):
            if isinstance(node, list):
                raise Unknown
            return node
        if "int" in node:
            return int(node["int"], 0)
        if "float" in node:
            return float(node["float"])
        if "str_hex" in node:
            return bytes.fromhex(node["str_hex"]).decode("utf-8", "surrogatepass")
        if "str8" in node:
            content = bytes.fromhex(node["str8"])
            try:
                return content.decode()
            except UnicodeDecodeError:
                return content.decode("latin-1")
        if "bytes" in node:
            return bytes.fromhex(node["bytes"])
        if "bytearray" in node:
            return bytes.fromhex(node["bytearray"])
        if "global" in node:
            return node["global"]
        if "call" in node:
            return self.called(node)
        raise Unknown

    def bytes_of(self, node):
        node = self.node(node)
        if isinstance(node, dict) and "str8" in node:
            return bytes.fromhex(node["str8"])
        value = self.value(node)
        if not isinstance(value, bytes):
            raise Unknown
        return value

    def tuple_of(self, node):
        node = self.node(node)
        return node["tuple"] if isinstance(node, dict) and "tuple" in node else None

    def name(self, node):
        name = node["call"] if "call" in node else node.get("global")
        for theirs, ours in RENAMED:
            if isinstance(name, str) and name.startswith(theirs):
                name = ours + name[len(theirs):]
        return name

    def called(self, node):
        name, args = self.name(node), node["args"]
        if name == "_codecs.encode":
            return self.value(args[0]).encode("latin-1")
        if name in ("builtins.bytes", "builtins.bytearray"):
            return self.bytes_of(args[0]) if args else b""
        if name == "builtins.complex":
            return complex(*map(self.value, args))
        if name == "builtins.range":
            return list(range(*args))
        if name == "builtins.slice":
            start, stop, step = map(self.value, args)
            return ":".join("" if part is None else str(part) for part in ((start, stop) if step is None else (start, stop, step)))
        if name == "decimal.Decimal":
            return self.value(args[0])
        if name == "fractions.Fraction":
            return "/".join(str(self.value(arg)) for arg in args)
        if name == "numpy.core.multiarray._reconstruct" and "state" in node:
            return self.array(self.tuple_of(node["state"][0])[1:])
        if name == "quantities.quantity._reconstruct_quantity" and len(self.tuple_of(node["state"][0])) == 6:
            return self.array(self.tuple_of(node["state"][0])[1:5])
        if name == "quantities.dimensionality.Dimensionality":
            return self.units(node.get("pairs", []))
        if name == "copyreg._reconstructor" and self.name(args[0]) == "quantities.dimensionality.Dimensionality":
            return self.units(self.node(args[2])["dict"])
        if isinstance(name, str) and name.startswith("quantities.unitquantity."):
            return self.unit(node)
        if name == "numpy.core.numeric._frombuffer":
            order = self.value(args[3])
            return self.array([args[2], args[1], order == "F", args[0]])
        if name == "numpy.core.multiarray.scalar":
            return self.array([{"tuple": []}, args[0], False, args[1]])
        if name == "numpy.dtype":
            dtype = self.dtype(node)
            return Dtype(dtype) if dtype.names else "|O" if dtype == object else dtype.str
        if name.startswith("datetime."):
            return self.moment(name, args)
        if name == "uuid.UUID":
            return str(uuid.UUID(int=self.value(dict((self.value(k), v) for k, v in node["state"][0]["dict"])["int"])))
        if name == "copyreg._reconstructor" and self.name(args[0]) == "uuid.UUID":
            return self.called({"call": "uuid.UUID", "args": [], "state": node["state"]})
        if name == "pandas.core.indexes.base._new_Index":
            return self.index(args)
        if name == "pandas._libs.tslibs.timestamps._unpickle_timestamp":
            zone = "" if args[2] is None else "+00:00"
            return str(np.datetime64(self.value(args[0]), "ns")) + zone
        if name == "pandas._libs.tslibs.nattype.__nat_unpickle":
            return "NaT"
        if name == "pandas._libs.tslibs.timedeltas._timedelta_unpickle":
            return self.span(self.value(args[0]))
        raise Unknown

    def unit(self, node):
        args = node["args"]
        return self.value(args[2] if len(args) > 2 and args[2] is not None else args[0])

    def units(self, pairs):
        """As quantities prints them."""
        order = lambda pair: self.tuple_of(self.tuple_of(self.node(pair[0])["state"][0])[1])
        sides = {1: [], -1: []}
        for unit, exponent in sorted(pairs, key=order):
            exponent = self.value(exponent)
            exponent = exponent.item() if isinstance(exponent, np.ndarray) else exponent
            power = "" if abs(exponent) == 1 else f"**{abs(exponent):g}"
            sides[1 if exponent > 0 else -1].append(self.unit(self.node(unit)) + power)
        above, below = "*".join(sides[1]) or "1", "*".join(sides[-1])
        if not pairs:
            return "dimensionless"
        return above + (f"/({below})" if len(sides[-1]) > 1 else f"/{below}" if below else "")

    def span(self, nanoseconds):
        """As pandas prints one."""
        days, rest = divmod(nanoseconds, 86400 * 10**9)
        seconds, rest = divmod(rest, 10**9)
        fraction = f".{rest:09}" if rest % 1000 else f".{rest // 1000:06}" if rest else ""
        sign = "+" if days < 0 else ""
        return f"{days} days {sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"

    def moment(self, name, args):
        if name == "datetime.timedelta":
            return str(datetime.timedelta(*map(self.value, args)))
        if name == "datetime.timezone":
            return str(datetime.timezone(datetime.timedelta(*self.node(args[0])["args"])))[3:] or "+00:00"
        kind = getattr(datetime, name.split(".")[1])
        zone = self.moment("datetime.timezone", self.node(args[1])["args"]) if len(args) > 1 else ""
        return kind(self.bytes_of(args[0])).isoformat() + zone

    def index(self, args):
        parts = {self.value(key): value for key, value in self.node(args[1])["dict"]}
        if "data" in parts:
            value = self.value(parts["data"])
            if isinstance(value, np.ndarray):
                return value
        elif "start" in parts:
            return list(range(parts["start"], parts["stop"], parts["step"]))
        raise Unknown

    def dtype(self, node):
        node = self.node(node)
        state = self.tuple_of(node["state"][0])
        names, fields = self.tuple_of(state[3]), self.node(state[4])
        if self.tuple_of(state[2]):
            base, shape = self.tuple_of(state[2])
            return np.dtype((self.dtype(base), tuple(self.tuple_of(shape))))
        if names:
            fields = {self.value(key): self.tuple_of(value) for key, value in fields["dict"]}
            names = [self.value(name) for name in names]
            return np.dtype({"names": names, "formats": [self.dtype(fields[name][0]) for name in names],
                             "offsets": [fields[name][1] for name in names], "itemsize": state[5]})
        code, order = self.value(node["args"][0]), self.value(state[1])
        if len(state) > 8:
            unit, number = self.tuple_of(self.tuple_of(state[8])[1])[:2]
            code += f"[{'' if number == 1 else number}{self.bytes_of(unit).decode()}]"
        return np.dtype(code).newbyteorder(order if order in "<>" else "=")

    def array(self, state):
        shape, dtype, is_fortran, data = state
        dtype = self.dtype(dtype)
        if dtype == object:
            raise Unknown
        values = np.frombuffer(self.bytes_of(data), dtype)
        return values.reshape(self.tuple_of(shape), order="F" if is_fortran else "C")

    # --- how it is shown ---------------------------------------------------------------------------------------

    def parts(self, node):
        """The parts of any object, as (part, node)."""
        name, args = self.name(node), node["args"]
        made = []
        kwargs, items, pairs = node.get("kwargs"), node.get("items"), node.get("pairs")
        if name == "copyreg._reconstructor":
            held = self.node(args[2])
            is_dict, is_list = isinstance(held, dict) and "dict" in held, isinstance(held, list)
            if is_dict and pairs is None:
                args, pairs = [], held["dict"]
            elif is_list and items is None:
                args, items = [], held
            elif self.tuple_of(held) is not None and self.name(args[1]) == "builtins.tuple":
                args = self.tuple_of(held)
            else:
                args = [] if held is None else [held]
        if isinstance(name, dict):
            made.append(("function", name))
        if args:
            made.append(("args", {"tuple": args}))
        if kwargs:
            made.append(("kwargs", {"dict": kwargs}))
        if items is not None:
            made.append(("items", items if isinstance(items, list) else list(items)))
        if pairs is not None:
            made.append(("pairs", {"dict": pairs}))
        if "state" in node:
            made.append(("state", self.attributes(node["state"])))
        return made

    def attributes(self, states):
        merged = []
        for state in map(self.node, states):
            slots = self.tuple_of(state)
            each = [state] if slots is None else [self.node(part) for part in slots if part is not None]
            if slots is not None and len(slots) != 2 or not all(isinstance(part, dict) and "dict" in part for part in each):
                return states[0] if len(states) == 1 else states
            for part in each:
                merged += part["dict"]
        return {"dict": merged, "are_attributes": True}

    def directory_of(self, node):
        """The node that is the directory of an object."""
        name = self.name(node)
        if name == "collections.OrderedDict":
            given = [self.tuple_of(pair) or self.node(pair) for pair in self.node(node["args"][0])] if node["args"] else []
            return {"dict": given + node.get("pairs", [])}
        if name == "collections.defaultdict":
            return {"dict": node.get("pairs", [])}
        if name == "collections.Counter":
            return self.node(node["args"][0])
        if name == "numpy.ma.core._mareconstruct":
            return {"masked": self.tuple_of(node["state"][0])}
        if name == "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked" and self.name(node["args"][0]).endswith(".Categorical"):
            dtype, codes = self.tuple_of(node["state"][0])[:2]
            return {"dict": self.node(self.node(dtype)["state"][0])["dict"] + [["codes", codes]]}
        if name == "pandas.core.indexes.base._new_Index":
            return self.node(node["args"][1])
        parts = self.parts(node)
        if len(parts) == 1 and parts[0][0] != "function":
            only = self.node(parts[0][1])
            if parts[0][0] != "state" or "are_attributes" in (only if isinstance(only, dict) else {}):
                items = only if isinstance(only, list) else only.get("tuple")
                return only if items is None else {"object": items}
        return {"dict": [[part, value] for part, value in parts]}

    def items_of(self, node):
        node = self.node(node)
        if isinstance(node, list):
            return node
        for tag in ("tuple", "set", "frozenset", "object"):
            if isinstance(node, dict) and tag in node:
                return node[tag]
        name = self.name(node) if isinstance(node, dict) and "call" in node else None
        if name in ("builtins.set", "builtins.frozenset"):
            return self.items_of(node["args"][0]) if node["args"] else []
        if name == "collections.deque":
            return (self.items_of(node["args"][0]) if node["args"] else []) + node.get("items", [])
        if name == "pandas.core.indexes.base._new_Index":
            parts = {self.value(key): value for key, value in self.node(node["args"][1])["dict"]}
            return self.items_of(parts["data"]) if "data" in parts else None
        return self.objects(node) if name == "numpy.core.multiarray._reconstruct" and "state" in node else None

    def objects(self, node):
        """The elements of an array of objects."""
        state = self.tuple_of(node["state"][0])
        return self.node(state[4]) if self.dtype(state[2]) == object else None

    def uniform(self, items):
        """The items as one file, or None when they are not of one kind."""
        values = []
        for item in items:
            try:
                value = self.value(item)
            except Unknown:
                return None
            if isinstance(value, (list, bytes)) or value is None or isinstance(self.node(item), dict) and "global" in item:
                return None
            if isinstance(value, np.ndarray):
                if value.ndim or value.dtype.kind not in "biufc":
                    if value.dtype.kind != "M" or value.ndim:
                        return None
                    return None
            if isinstance(value, int) and not isinstance(value, bool) and not -2**63 <= value < 2**63:
                return None
            values.append(value)
        kinds = {(str if isinstance(value, str) else type(value), value.dtype.str if isinstance(value, np.ndarray) else "") for value in values}
        return values if len(kinds) <= 1 else None

    def shown(self, node):
        node = self.node(node)
        made = self.made.get(id(node))
        if made is None:
            made = self.made[id(node)] = (self.make(node), node)
        return made[0]

    def make(self, node):
        try:
            return self.file(self.value(node))
        except Unknown:
            pass
        items = self.items_of(node)
        if items is not None:
            values = None if isinstance(node, dict) and "object" in node else self.uniform(items)
            if values is not None:
                return "text", b"".join(line(value) for value in values)
            return "dir", self.numbered_names(node, items)
        if "dict" not in node and "masked" not in node:
            return self.make(self.directory_of(node))
        if "masked" in node:
            state = node["masked"]
            self.made[id(node)] = None
            return "dir", {"data": {"ready": self.file(self.array(state[1:5]))},
                           "mask": {"ready": ("any", None)}, "fill_value": state[6]}
        names = {}
        for key, value in node["dict"]:
            name, count = self.key(key), 1
            while name + (f"~{count}" if count > 1 else "") in names:
                count += 1
            names[name + (f"~{count}" if count > 1 else "")] = value
        return "dir", names

    def numbered_names(self, node, items):
        shape = None
        if isinstance(node, dict) and "call" in node and "state" in node and self.objects(node) is not None:
            shape = self.tuple_of(self.tuple_of(node["state"][0])[1])
        if shape is not None and len(shape) > 1:
            return {",".join(map(str, index)): item for index, item in zip(np.ndindex(*shape), items)}
        width = len(str(max(len(items) - 1, 0)))
        return {f"{i:0{width}}": item for i, item in enumerate(items)}

    def file(self, value):
        if isinstance(value, bytes):
            return "raw", value
        if isinstance(value, list):
            return "text", b"".join(line(item) for item in value)
        if isinstance(value, np.ndarray):
            if value.dtype.kind in "UMmV" and value.dtype.kind != "m" and value.dtype.names is None:
                return "text", b"".join(line(str(item)) for item in value.reshape(-1)) if value.ndim < 2 else ("any", None)
            return "array", value
        return "text", line(value)

    def key(self, key):
        members = self.tuple_of(key)
        if members is not None:
            return "(" + ", ".join(map(self.key, members)) + (",)" if len(members) == 1 else ")")
        try:
            return plain(self.value(key))
        except Unknown:
            name = self.name(self.node(key))
            return f"<{self.name(self.node(key)['args'][0]) if name == 'copyreg._reconstructor' else name}>"


def plain(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, complex):
        return str(value).strip("()").replace("j", "j")
    if isinstance(value, np.ndarray):
        return plain(value.item())
    return repr(value) if isinstance(value, (int, float)) else value


def line(value):
    """A value as a line of text; a complex number as expfs has it, 1+2j for 1.0+2.0j."""
    text = plain(value)
    if isinstance(value, str):
        text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text.encode("utf-8", "surrogatepass") + b"\n"
