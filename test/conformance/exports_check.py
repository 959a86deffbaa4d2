"""Models that the usual frameworks trained and exported answer in every tongue what the framework itself predicts."""

import json
import locale
import warnings
from urllib.parse import urlencode

import numpy as np

import exports_boosted
import exports_columns
import exports_sklearn
import v2
from oriel import Server
from result import Result

FAMILIES = (exports_sklearn, exports_columns, exports_boosted)
NEEDED_LOCALE = "en_US.UTF-8"


class Asker:
    """Asks one model in each tongue and holds the answers against the framework's."""

    def __init__(self, client, exported):
        self.client, self.exported = client, exported
        metadata = client.get(f"/v2/models/{exported.name}").expect().json()
        self.outputs = [output["name"] for output in metadata["outputs"]]
        if len(self.outputs) != len(exported.expected):
            raise AssertionError(f"outputs {self.outputs}, {len(exported.expected)} expected")
        # NaN goes as a text, unless the model takes null for it.
        self.rows = [[v2.plain(value) for value in row] for row in exported.rows()]
        self.named = [dict(zip(exported.columns, row)) for row in self.rows]

    def tongues(self):
        yield "many rows", self.many
        yield "one row", self.one
        yield "GET", self.get
        yield "V2 binary", lambda: self.infer(True)
        yield "V2 JSON", lambda: self.infer(False)
        yield ":predict", self.instances
        yield "/invocations", self.invocations

    def same(self, output, row, answer):
        """Fails unless an answer is the framework's for that output and row."""
        wanted = np.asarray(self.exported.expected[output][row]).ravel()
        got = np.asarray(answer).ravel()
        if wanted.dtype.kind in "OU":
            agrees = wanted.tolist() == got.tolist()
        else:
            exact = wanted.dtype.kind in "iu"
            tolerance = (0, 0) if exact else (self.exported.rtol, self.exported.atol)
            agrees = wanted.shape == got.shape and np.allclose(got.astype(float), wanted, *tolerance, equal_nan=True)
        if not agrees:
            raise AssertionError(f"row {row} of {self.outputs[output]} is {got.tolist()}, not {wanted.tolist()}")

    def holds(self, row, prediction, probabilities, outputs):
        """Checks one row of an answer of Oriel's own API."""
        self.same(0, row, prediction)
        classes = self.exported.classes
        others = self.outputs[1:] if classes is None else self.outputs[2:]
        if classes is not None:
            if list(probabilities) != [str(label) for label in classes]:
                raise AssertionError(f"probabilities of {list(probabilities)}, not of {classes}")
            self.same(1, row, list(probabilities.values()))
        elif probabilities is not None:
            raise AssertionError(f"probabilities {probabilities} that nobody expected")
        if list(outputs or {}) != others:
            raise AssertionError(f"outputs {list(outputs or {})}, not {others}")
        for name in others:
            self.same(self.outputs.index(name), row, outputs[name])

    def many(self):
        answer = self.client.post(f"/v1/models/{self.exported.name}/predict", self.named).expect().json()
        size = self.exported.size
        if len(answer["predictions"]) != size:
            raise AssertionError(f"{len(answer['predictions'])} predictions for {size} rows")
        parts = [answer["predictions"], *(answer.get(part, [None] * size) for part in ("probabilities", "outputs"))]
        for row, values in enumerate(zip(*parts)):
            self.holds(row, *values)

    def one(self):
        for row, named in enumerate(self.named[:3]):
            self.check_one(row, self.client.post(f"/v1/models/{self.exported.name}/predict", named))

    def get(self):
        for row, named in enumerate(self.named[:3]):
            query = urlencode({name: "NaN" if value is None else value for name, value in named.items()})
            self.check_one(row, self.client.get(f"/v1/models/{self.exported.name}/predict?{query}"))

    def check_one(self, row, reply):
        answer = reply.expect().json()
        self.holds(row, answer["prediction"], answer.get("probabilities"), answer.get("outputs"))

    def infer(self, binary):
        answer = v2.infer(self.client, self.exported.name, self.exported.inputs, binary)
        for output, name in enumerate(self.outputs):
            if len(answer[name]) != self.exported.size:
                raise AssertionError(f"{name} has the shape {answer[name].shape}")
            for row in range(self.exported.size):
                self.same(output, row, answer[name][row])

    def instances(self):
        lone = len(self.exported.inputs) == 1
        body = {"instances": self.rows if lone else self.named}
        self.by_output(self.client.post(f"/v1/models/{self.exported.name}:predict", body))

    def invocations(self):
        body = {"dataframe_split": {"columns": self.exported.columns, "data": self.rows}}
        self.by_output(self.client.post(f"/v1/models/{self.exported.name}/invocations", body))

    def by_output(self, reply):
        """Checks rows that are bare values for one output, named ones for several."""
        predictions = reply.expect().json()["predictions"]
        if len(predictions) != self.exported.size:
            raise AssertionError(f"{len(predictions)} predictions for {self.exported.size} rows")
        for row, values in enumerate(predictions):
            for output, name in enumerate(self.outputs):
                self.same(output, row, values if len(self.outputs) == 1 else values[name])


def has_locale():
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, NEEDED_LOCALE)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_CTYPE, before)
    return True


def refused_for_locale(state):
    if state["state"] != "UNAVAILABLE" or NEEDED_LOCALE not in state.get("reason", ""):
        raise AssertionError(f"without the locale {NEEDED_LOCALE} its state is {state}")


def write(models, exported):
    (models / exported.name / "1").mkdir(parents=True)
    (models / exported.name / "1" / "model.onnx").write_bytes(exported.onnx)
    if config := exported.config():
        (models / exported.name / "model.json").write_text(json.dumps(config))


def check_without_locale(work, texts, result):
    """Models of texts must say what they lack on a system without the locale."""
    models = work / "models-of-texts"
    for exported in texts:
        write(models, exported)
    with Server(models, work, ORIEL_LOG_LEVEL="fatal", LOCPATH=str(work / "no-such-folder")) as server:
        for state in server.client.post("/v2/repository/index", {}).json():
            result.check(f"{state['name']} without its locale", refused_for_locale, state)


def check(work):
    warnings.simplefilter("ignore")  # of trainings that stop early
    models, result = work / "models", Result()
    every = [exported for family in FAMILIES for exported in family.exports()]
    for exported in every:
        write(models, exported)
    with Server(models, work, ORIEL_LOG_LEVEL="fatal") as server:
        states = {model["name"]: model for model in server.client.post("/v2/repository/index", {}).json()}
        for exported in every:
            state = states[exported.name]
            if exported.is_text and not has_locale():
                result.notes.append(f"{exported.name} is not asked: there is no locale {NEEDED_LOCALE} here")
            elif state["state"] != "READY":
                result.fail(exported.name, state.get("reason"))
            else:
                for tongue, ask in Asker(server.client, exported).tongues():
                    result.check(f"{exported.name}, {tongue}", ask)
    result.notes.append(f"{len(every)} exported models, each asked in seven ways")
    check_without_locale(work, [exported for exported in every if exported.is_text], result)
    return result
