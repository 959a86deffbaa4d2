"""ONNX's own test vectors, through the server: its operators one by one, and small networks."""

import json
import re
import shutil
from collections import Counter
from functools import cached_property
from pathlib import Path

import numpy as np
import onnx
import onnx.backend.test
import onnxruntime
from onnx import TensorProto, numpy_helper

import v2
from oriel import PROJECT, Server
from result import Result

DATA = Path(onnx.backend.test.__file__).parent / "data"
KINDS = ("node", "simple", "pytorch-operator", "pytorch-converted")
RTOL, ATOL = 1e-3, 1e-7
"""What ONNX's own runner allows."""
MAX_JSON_ELEMENTS = 100_000

RUNTIME_REFUSALS = {
    "an operator that the runtime does not know": r"it uses the operator \S+, which the runtime does not know",
    "an operator version that the runtime does not know": r"it uses the operator \S+ in version \d+",
    "an operator that the runtime lacks in this version or for these types": r"no implementation of the operator \S+ in this version",
    "an opset newer than the runtime's": r"needs a newer opset",
    "a recurrent operator with the batch first": r"batch first \(layout 1\)",
    "text operators without the locale en_US.UTF-8": r"needs the locale en_US\.UTF-8",
}
"""Reasons that Python's onnxruntime must confirm: it cannot load the model either."""
EDGE_REFUSALS = {
    "an edge that is a sequence or optional": r'^"[^"]+" is a sequence, a map or optional',
    "an edge of a type that the protocol lacks": r'^"[^"]+" (has an element type that cannot be served|is of the type bfloat16)',
}
"""Reasons that the model itself must confirm."""
SERVED_TYPES = {
    TensorProto.DataType.Value(name.upper() if name != "float32" else "FLOAT")
    for name in "float32 uint8 int8 uint16 int16 int32 int64 string bool float16 double uint32 uint64".split()
}


class Case:
    def __init__(self, folder):
        self.name = folder.name
        self.folder = folder

    @cached_property
    def model(self):
        return onnx.load(self.folder / "model.onnx")

    @property
    def edges(self):
        return [*self.model.graph.input, *self.model.graph.output]

    @property
    def inputs(self):
        """Names of the inputs that must be given."""
        own = {tensor.name for tensor in self.model.graph.initializer}
        return [edge.name for edge in self.model.graph.input if edge.name not in own]

    def vectors(self):
        """Pairs of what goes in and what must come out, both arrays by name."""
        outputs = [edge.name for edge in self.model.graph.output]
        for folder in sorted(self.folder.glob("test_data_set_*")):
            yield dict(zip(self.inputs, tensors(folder, "input"))), dict(zip(outputs, tensors(folder, "output")))

    def is_servable(self):
        """Whether every edge is a tensor of a type that the protocol has."""
        return all(
            edge.type.HasField("tensor_type") and edge.type.tensor_type.elem_type in SERVED_TYPES for edge in self.edges
        )

    @cached_property
    def session(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(self.folder / "model.onnx", options, ["CPUExecutionProvider"])

    def runtime(self, given):
        """What Python's onnxruntime answers. Throws what it throws."""
        return dict(zip((output.name for output in self.session.get_outputs()), self.session.run(None, given)))


def tensors(folder, kind):
    files = sorted(folder.glob(f"{kind}_*.pb"), key=lambda file: int(file.stem.split("_")[1]))
    return [numpy_helper.to_array(TensorProto.FromString(file.read_bytes())) for file in files]


def difference(expected, got):
    """The first thing in which two sets of outputs differ, in words; None where they agree."""
    if list(expected) != list(got):
        return f"outputs {list(got)}, not {list(expected)}"
    for name, array in expected.items():
        answer = got[name]
        if (answer.dtype, answer.shape) != (array.dtype, array.shape):
            return f"{name} is {answer.dtype}{answer.shape}, not {array.dtype}{array.shape}"
        if array.dtype == object:
            same = answer.tolist() == array.tolist()
        else:
            same = np.allclose(answer, array, RTOL, ATOL, equal_nan=True)
        if not same:
            return f"{name} is {answer.ravel()[:5]}, not {array.ravel()[:5]}"
    return None


class Verdicts:
    """Judges case by case, and counts."""

    def __init__(self, client):
        self.client = client
        self.result = Result()
        self.refused, self.asked = Counter(), Counter()
        self.differs = {}
        """Names of cases by the way in which the runtime itself deviates from them."""

    def judge(self, case, state):
        if state["state"] == "READY":
            verdicts = [*map(self.ask_both(case), case.vectors())] or ["there is nothing to ask it"]
            problems = [problem for problem in verdicts if problem]
        else:
            problems = [self.refusal(case, state.get("reason", ""))]
        wrong = [problem for problem in problems if problem not in self.differs and problem not in self.refused]
        if wrong:
            self.result.fail(case.name, wrong[0])
        elif not problems:
            self.result.ok()

    def refusal(self, case, reason):
        """Names the class of an honest refusal; else says what is wrong with it."""
        for label, pattern in {**RUNTIME_REFUSALS, **EDGE_REFUSALS}.items():
            if not re.search(pattern, reason):
                continue
            if label in EDGE_REFUSALS and case.is_servable():
                return f"refused although every edge can be served: {reason}"
            if label in RUNTIME_REFUSALS and loads(case):
                return f"refused although onnxruntime loads it: {reason}"
            self.refused[label] += 1
            return label
        return f"refused for no known reason: {reason}"

    def ask_both(self, case):
        def ask(vector):
            given, expected = vector
            forms = [True, False] if sum(a.size for a in given.values()) <= MAX_JSON_ELEMENTS else [True]
            return next(filter(None, (self.ask(case, given, expected, binary) for binary in forms)), None)

        return ask

    def ask(self, case, given, expected, binary):
        form = "binary" if binary else "JSON"
        self.asked[form] += 1
        answer, refusal = None, None
        try:
            answer = v2.infer(self.client, case.name, given, binary)
            misfit = difference(expected, answer)
        except v2.Refused as error:
            refusal, misfit = error, str(error)
        if misfit is None:
            return None
        label = runtime_differs(case, given, expected, answer, refusal)
        if label is None:
            return f"({form}) {misfit}"
        self.differs.setdefault(label, []).append(case.name)
        return label


def loads(case):
    try:
        return bool(case.session)
    except Exception:
        return False


def runtime_differs(case, given, expected, answer, refusal):
    """Whether Python's onnxruntime deviates from the vector just as the server did: in which way, else None."""
    try:
        own, again = case.runtime(given), case.runtime(given)
    except Exception:
        return "onnxruntime cannot compute it" if refusal and refusal.code == "model-failed" else None
    if answer is None or difference(expected, own) is None:
        return None
    if difference(own, again):  # random: only its form can be compared
        alike = all((answer[name].dtype, answer[name].shape) == (own[name].dtype, own[name].shape) for name in own)
        return "random in onnxruntime" if alike else None
    return "onnxruntime answers otherwise" if difference(own, answer) is None else None


def installed():
    """The release of the runtime that the server has."""
    return json.loads((PROJECT / "node_modules/onnxruntime-node/package.json").read_text())["version"]


def check(work):
    cases = [Case(folder) for kind in KINDS for folder in sorted((DATA / kind).iterdir())]
    models = work / "models"
    shutil.rmtree(models, ignore_errors=True)
    for case in cases:
        (models / case.name / "1").mkdir(parents=True)
        shutil.copy(case.folder / "model.onnx", models / case.name / "1")
    with Server(models, work, ORIEL_MODELS_POLL="0ms", ORIEL_LOG_LEVEL="fatal") as server:
        states = {model["name"]: model for model in server.client.post("/v2/repository/index", {}).json()}
        verdicts = Verdicts(server.client)
        for case in cases:
            verdicts.judge(case, states[case.name])
    result = verdicts.result
    result.notes.append(
        f"{len(cases)} cases; asked {verdicts.asked['binary']} times in binary, {verdicts.asked['JSON']} in JSON"
    )
    for label, count in verdicts.refused.most_common():
        result.notes.append(f"{count} refused: {label}")
    for label, names in verdicts.differs.items():
        result.notes.append(f"{len(names)} deviate as the runtime itself does: {label} ({', '.join(names)})")
    if installed() != onnxruntime.__version__:
        result.fail("requirements.txt", f"onnxruntime is {onnxruntime.__version__}, onnxruntime-node {installed()}")
    return result
