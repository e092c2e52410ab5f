"""Holds a mounted Mozaik store against what the real code reads from it: every key of expected.json.

mozaik_mount.py EXPECTED MOUNT EXPFS STORE prints how many values were compared, or what differs.
"""
import hashlib
import json
import math
import os
import subprocess
import sys

import numpy as np


class Check:
    def __init__(self, mount):
        self.mount = mount
        self.compared = 0
        self.wrong = []

    def same(self, what, got, wanted):
        self.compared += 1
        if isinstance(got, float) and isinstance(wanted, float) and math.isnan(got) and math.isnan(wanted):
            return
        if type(got) is not type(wanted) or got != wanted:
            self.wrong.append(f"{what}: {got!r:.300} is not {wanted!r:.300}")

    def full(self, path):
        return os.path.join(self.mount, path)

    def names(self, path):
        """A directory's names in the store's own order."""
        with os.scandir(self.full(path)) as entries:
            return [entry.name for entry in entries]

    def numbered(self, path):
        return sorted(self.names(path), key=lambda name: int(name.split("-")[0]))

    def has(self, path):
        return os.path.lexists(self.full(path))

    def text(self, path):
        with open(self.full(path), encoding="utf-8") as file:
            return file.read()

    def array(self, path):
        return np.load(self.full(path) + ".npy", allow_pickle=False)

    def attribute(self, path, name):
        return os.getxattr(self.full(path), f"user.{name}").decode()

    def attributes(self, path):
        """All attributes as Python's values: None for the null attribute."""
        with open(self.full(path) + ".json") as file:
            return json.load(file)["attributes"]

    def units(self, what, path, wanted, name="units"):
        try:
            got = self.attribute(path, name)
        except OSError:
            got = None
        self.same(f"{what} units", got or None, wanted)

    def values(self, what, path, wanted):
        array = self.array(path)
        self.same(f"{what} dtype", array.dtype.str, wanted["dtype"])
        self.same(f"{what} shape", list(array.shape), wanted["shape"])
        self.same(f"{what} bytes", hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest(), wanted["sha256"])
        if "values" in wanted:
            self.same(f"{what} values", plain(array.tolist()), wanted["values"])
        return array

    def moments(self, what, path, wanted):
        for name in ("t_start", "t_stop", "sampling_rate"):
            if name in wanted:
                self.same(f"{what} {name}", float(self.attribute(path, name)), float(wanted[name]["value"]))
                self.units(f"{what} {name}", path, wanted[name]["units"], name + "_units")

    # --- recordings ---------------------------------------------------------------------------------------------

    def stimulus(self, what, path, wanted):
        attributes = self.attributes(path)
        got = {name[3:]: value for name, value in attributes.items() if name.startswith("st_")}
        self.same(f"{what} text", attributes["stimulus"], wanted["text"])
        self.same(f"{what} module", attributes["stimulus_module_path"], wanted["module_path"])
        self.same(f"{what} name", got["name"], wanted["name"])
        self.same(f"{what} parameters", sorted(got), sorted(wanted["params"]))
        for name, value in wanted["params"].items():
            self.same(f"{what} {name}", got.get(name), value)

    def trains(self, what, path, wanted):
        self.same(f"{what} trains", self.names(f"{path}/spiketrains"), [str(train["id"]) for train in wanted])
        for train in wanted:
            file = f"{path}/spiketrains/{train['id']}"
            if "sha256" in train:
                self.values(f"{what} train", file, train)
                self.moments(f"{what} train", file, train)
            else:
                self.same(f"{what} train", self.array(file).tolist(), train["values"])
            self.units(f"{what} train", file, train["units"])

    def signals(self, what, path, wanted):
        """Each signal as a whole, and its columns by neuron."""
        variables = {"v": "vm", "V_m": "vm", "gsyn_exc": "esyn", "g_ex": "esyn", "gsyn_inh": "isyn", "g_in": "isyn"}
        for signal in wanted:
            file = f"{path}/signals/{signal['name']}"
            whole = self.values(f"{what} {signal['name']}", file, signal)
            self.units(f"{what} {signal['name']}", file, signal["units"])
            self.moments(f"{what} {signal['name']}", file, signal)
            directory = f"{path}/{variables[signal['name']]}"
            columns = self.names(directory)
            if "ids" in signal:
                self.same(f"{what} {signal['name']} ids", columns, [str(i) for i in signal["ids"]])
            for index, name in enumerate(columns):
                self.same(f"{what} {directory}/{name}", self.array(f"{directory}/{name}")[:, 0].tolist(),
                          whole[:, index].tolist())

    def variables(self, what, path, wanted):
        for variable in ("vm", "esyn", "isyn"):
            ids = wanted.get(f"{variable}_ids")
            if f"{variable}_ids" in wanted:
                got = [int(name) for name in self.names(f"{path}/{variable}")] if self.has(f"{path}/{variable}") else None
                self.same(f"{what} {variable}_ids", got, ids)
            for neuron, values in wanted.get(variable, {}).items():
                self.values(f"{what} {variable}", f"{path}/{variable}/{neuron}", values)
                self.units(f"{what} {variable}", f"{path}/{variable}/{neuron}", values["units"])

    def derived(self, what, path, wanted):
        for name in ("mean_rates", "mean_rates_5ms_20ms"):
            self.same(f"{what} {name}", self.array(f"{path}/{name}").tolist(), wanted[name])
        got = [None if math.isnan(value) else value for value in self.array(f"{path}/cv_isi").tolist()]
        self.same(f"{what} cv_isi", got, wanted["cv_isi"])
        lines = self.text(f"{path}/isi").split("\n")[:-1]
        self.same(f"{what} isi", len(lines), len(wanted["isi"]))
        for line, intervals in zip(lines, wanted["isi"]):
            array = np.array([float(word) for word in line.split()], "<f8")
            self.same(f"{what} isi", list(array.shape), intervals["shape"])
            self.same(f"{what} isi", hashlib.sha256(array.tobytes()).hexdigest(), intervals["sha256"])
            self.same(f"{what} isi", array.dtype.str, intervals["dtype"])
            self.units(f"{what} isi", f"{path}/isi", intervals["units"])
            if "values" in intervals:
                self.same(f"{what} isi", array.tolist(), intervals["values"])

    def recording(self, path, wanted):
        what, attributes = path, self.attributes(path)
        self.same(f"{what} index", int(path.split("/")[1].split("-")[0]), wanted["index"])
        self.same(f"{what} sheet", attributes["sheet_name"], wanted["sheet"])
        self.stimulus(what, path, wanted["stimulus"])
        for name in ("identifier", "null", "name", "description", "rec_datetime"):
            if name in wanted:
                self.same(f"{what} {name}", attributes.get(name), wanted[name])
        if "file" in wanted:
            self.same(f"{what} file", attributes["identifier"] + ".pickle", wanted["file"])
        if wanted.get("missing"):
            self.missing(what, path)
            return {"index", "sheet", "stimulus", "identifier", "null", "name", "description", "rec_datetime", "file",
                    "missing"}
        self.trains(what, path, wanted["spiketrains"])
        self.signals(what, path, wanted["signals"])
        self.variables(what, path, wanted)
        if "spike_ids" in wanted:
            self.same(f"{what} spike_ids", [int(name) for name in self.names(f"{path}/spiketrains")], wanted["spike_ids"])
            self.same(f"{what} neuron_num", len(self.names(f"{path}/spiketrains")), wanted["neuron_num"])
            self.derived(what, path, wanted)
        return {"index", "sheet", "stimulus", "identifier", "null", "name", "description", "rec_datetime", "file",
                "spiketrains", "signals", "vm_ids", "esyn_ids", "isyn_ids", "vm", "esyn", "isyn", "spike_ids",
                "neuron_num", "mean_rates", "mean_rates_5ms_20ms", "isi", "cv_isi"}

    def missing(self, what, path):
        self.compared += 1
        for name in ("spiketrains", "vm"):
            try:
                os.listdir(self.full(f"{path}/{name}"))
                self.wrong.append(f"{what}: there is a {name}")
            except OSError:
                pass

    # --- results ------------------------------------------------------------------------------------------------

    def result(self, path, wanted):
        what, attributes = path, self.attributes(path)
        known = {"index", "class", "identifier", "params", "tags", "text"}
        self.same(f"{what} index", int(path.split("/")[1].split("-")[0]), wanted["index"])
        self.same(f"{what} class", self.attribute(path, "expfs.class"), wanted["class"])
        self.same(f"{what} identifier", attributes["identifier"], wanted["identifier"])
        self.same(f"{what} tags", attributes["tags"], wanted["tags"])
        for name, value in wanted["params"].items():
            self.same(f"{what} {name}", attributes.get(name, "none"), value)
        for name in ("value_units", "values_unit", "x_axis_units", "y_axis_units"):
            if name in wanted:
                known.add(name)
                self.same(f"{what} {name}", attributes[name], wanted[name])
        for name in ("source_size", "target_size", "value"):
            if name in wanted:
                known.add(name)
                self.same(f"{what} {name}", json.loads(self.text(f"{path}/{name}")), wanted[name])
        for name in ("weights", "delays"):
            if name in wanted:
                known.add(name)
                got = [list(row) if isinstance(row, (tuple, np.void)) else row for row in self.array(f"{path}/{name}").tolist()]
                self.same(f"{what} {name}", got, wanted[name])
        if "ids" in wanted:
            known.add("ids")
            self.same(f"{what} ids", self.array(f"{path}/ids").tolist(), wanted["ids"])
        if isinstance(wanted.get("values"), dict):
            known.add("values")
            self.values(f"{what} values", f"{path}/values", wanted["values"])
            if wanted.get("value_units"):
                self.units(f"{what} values", f"{path}/values", wanted["value_units"])
        elif "values" in wanted:
            known.add("values")
            self.same(f"{what} values", self.array(f"{path}/values").tolist(), wanted["values"])
        for name in ("signals", "e_con", "i_con"):
            if name in wanted:
                known.add(name)
                self.result_signals(what, path, name, wanted)
        return known

    def result_signals(self, what, path, name, wanted):
        directory = f"{path}/{'asl' if name == 'signals' else name}"
        files = [f"{path}/analog_signal"]
        if self.has(directory):
            files = [f"{directory}/{'-'.join(map(str, i)) if isinstance(i, list) else i}" for i in wanted["ids"]]
        self.same(f"{what} {name}", len(files), len(wanted[name]))
        for file, signal in zip(files, wanted[name]):
            self.values(file, file, signal)
            self.units(file, file, signal["units"])
            self.moments(file, file, signal)

    # --- the store ----------------------------------------------------------------------------------------------

    def stimuli(self, wanted):
        names = self.numbered("stimuli")
        for index, stimulus in enumerate(wanted):
            path = f"stimuli/{names[index]}"
            self.same(path, self.text(f"{path}/text").rstrip("\n").replace("\\\\", "\\"), stimulus["stimulus"])
            self.same(path, self.attribute(path, "stimulus"), stimulus["stimulus"])
            if stimulus["data"] is None:
                self.same(path, self.text(f"{path}/data"), "null\n")
            else:
                self.values(path, f"{path}/data", stimulus["data"])
            self.same(f"{path} keys", sorted(stimulus), ["data", "stimulus"])

    def sheet(self, name, wanted):
        path = f"sheets/{name}"
        self.same(f"{path} ids", self.array(f"{path}/ids").tolist(), wanted["ids"])
        if "positions" in wanted:
            self.values(f"{path} positions", f"{path}/positions", wanted["positions"])
        notes = wanted.get("annotations")
        if isinstance(notes, dict):
            self.same(f"{path} annotations", self.names(f"{path}/annotations"), [])
            self.same(f"{path} annotations", notes["empty"], len(wanted["ids"]))
        elif notes:
            for note in notes[0]:
                self.same(f"{path} {note}", self.array(f"{path}/annotations/{note}").tolist(), [one[note] for one in notes])

    def info(self, expfs, store, wanted):
        """print_content, as a store says it and as a mount does."""
        for where in (store, self.mount):
            run = lambda *more: subprocess.run([expfs, "info", *more, where], capture_output=True, text=True).stdout
            content = lambda said: said[said.index("DSV info:"):].split("\n")[:-1]
            self.same("print_content", content(run()), wanted["print_content"])
            full = "\n".join(content(run("--full-recordings", "--full-ads")))
            self.same("print_content full", hashlib.sha256(full.encode()).hexdigest(), wanted["print_content_full_sha256"])

    def run(self, wanted, expfs, store):
        seen = {"written_by", "files", "own_load", "stimulus_dict_after_load", "unpresented_after_load"}
        self.same("format", self.attribute("", "expfs.format"), wanted["format"])
        self.same("class", self.attribute("", "expfs.class"), wanted["class"])
        recordings, results = self.numbered("recordings"), self.numbered("analysis")
        self.same("recordings", len(recordings), len(wanted["recordings"]))
        self.same("analysis", len(results), len(wanted["analysis"]))
        for name, recording in zip(recordings, wanted["recordings"]):
            known = self.recording(f"recordings/{name}", recording)
            self.same(f"{name} keys", set(recording) <= known or set(recording) - known, True)
        for name, result in zip(results, wanted["analysis"]):
            known = self.result(f"analysis/{name}", result)
            self.same(f"{name} keys", set(result) <= known or set(result) - known, True)
        for key, is_null in (("segments", "false"), ("segments_null", "true")):
            if key in wanted:
                got = [i for i, name in enumerate(recordings) if self.attribute(f"recordings/{name}", "null") == is_null]
                self.same(key, got, wanted[key])
        sheets = list(dict.fromkeys([self.attribute(f"recordings/{name}", "sheet_name") for name in recordings]
                                    + [self.attribute(f"analysis/{name}", "sheet_name") for name in results]))
        self.same("sheets", [name for name in sheets if name], wanted["sheets"])
        self.stimuli(wanted.get("sensory_stimuli", []))
        self.same("neurons", self.names("sheets"), list(wanted["neurons"]))
        for name, sheet in wanted["neurons"].items():
            self.sheet(name, sheet)
        for name in ("model_parameters", "sheet_parameters"):
            if name in wanted:
                self.same(name, self.attributes("")[name], wanted[name])
        if wanted.get("experiment_parameters"):
            self.same("experiment_parameters", self.attributes("")["experiment_parameters"], wanted["experiment_parameters"])
        if "print_content" in wanted:
            self.info(expfs, store, wanted)
        seen |= {"format", "class", "recordings", "analysis", "segments", "segments_null", "sheets", "sensory_stimuli",
                 "neurons", "model_parameters", "sheet_parameters", "experiment_parameters", "print_content",
                 "print_content_full_sha256"}
        self.same("keys", set(wanted) <= seen or set(wanted) - seen, True)


def plain(values):
    """As expected.json has them."""
    if isinstance(values, list):
        return [plain(value) for value in values]
    return repr(values) if isinstance(values, float) and not math.isfinite(values) else values


def main():
    expected, mount, expfs, store = sys.argv[1:]
    with open(expected) as file:
        wanted = json.load(file)
    check = Check(mount)
    check.run(wanted, expfs, store)
    if check.wrong:
        print("\n".join(check.wrong[:20]))
        sys.exit(f"{len(check.wrong)} of {check.compared} differ")
    print(check.compared)


if __name__ == "__main__":
    main()
