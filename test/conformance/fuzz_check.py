"""schemathesis asks the server what its own OpenAPI document allows and forbids: each answer must be one that is documented."""

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

import exports_columns
import exports_sklearn
from exports_check import write
from oriel import PROJECT, Server
from result import Result

SEED = 20260131
EXAMPLES = 15
EXAMPLES_WITH_KEYS = 3
ADMIN_KEY = "correct-horse-battery-staple"
ROLES = ("predict", "ingest", "read", "audit", "admin")
CONFIG = Path(__file__).with_name("schemathesis.toml")
KINDS = {
    "labels": lambda: next(exports_sklearn.label_kinds()),
    "columns of several types": lambda: next(exports_columns.pipelines()),
    "missing values": lambda: next(one for one in exports_sklearn.others() if one.nullable),
}
LARGEST = {"float16": 65504.0, "float": 3.4028234663852886e38}
"""Of each format of numbers: schemathesis does not know them."""


def bounded(schema):
    """The same schema, in which numbers of a format have its bounds."""
    if isinstance(schema, list):
        return [bounded(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    limit = LARGEST.get(schema.get("format")) if "type" in schema else None
    bounds = {"minimum": -limit, "maximum": limit} if limit else {}
    return {**bounds, **{name: bounded(value) for name, value in schema.items()}}


def without_files(document):
    """The document without bodies of CSV and NDJSON: to it they are any text, so it cannot tell good ones from bad."""
    for path, item in document["paths"].items():
        if path.endswith("/predict") and "post" in item:
            content = item["post"]["requestBody"]["content"]
            item["post"]["requestBody"]["content"] = {"application/json": content["application/json"]}
            item["post"]["parameters"] = [one for one in item["post"]["parameters"] if one["name"] != "onError"]
    return document


def run_schemathesis(document, url, work, name, *options):
    """Asks what the document says, into NAME.xml and NAME.log. Gives the exit code."""
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIG, "run", document, "--url", url]
    command += ["--seed", SEED, "--report-junit-path", work / f"{name}.xml", "--no-color", *options]
    with (work / f"{name}.log").open("w") as log:
        done = subprocess.run([str(word) for word in command], stdout=log, stderr=log, cwd=work, timeout=300)
    return done.returncode


def judge(result, work, name, code):
    """Counts what one run found: each operation that was asked, and each kind of answer that the document does not have."""
    failures = len(result.failures)
    for case in xml.parse(work / f"{name}.xml").iter("testcase"):
        problems = [*case.iter("failure"), *case.iter("error")]
        for problem in problems:
            result.fail(f"{name}: {case.get('name')}", problem.get("message") or problem.text)
        if not problems:
            result.ok()
    if code != 0 and len(result.failures) == failures:
        result.fail(name, f"schemathesis ended with {code}")
    log = (work / f"{name}.log").read_text()
    found = re.findall(r"^ *(\d+ generated.*)$", log, re.M)
    if not found:
        result.fail(name, "nothing was asked")
    result.notes += [f"{name}: {line} (its own words: .conformance/fuzz/{name}.log)" for line in found]


def written(document, path):
    path.write_text(json.dumps(bounded(without_files(document))))
    return path


def ask_anyone(result, models, work):
    """A server without keys: everyone may ask everything, but make a key: the first would shut out whoever asks without."""
    with Server(models, work, ORIEL_LOG_LEVEL="fatal") as server:
        path = written(server.client.get("/openapi.json").expect().json(), work / "openapi.json")
        options = ["--max-examples", EXAMPLES, "--exclude-name", "POST /v1/keys"]
        code = run_schemathesis(path, server.url, work, "open", *options)
    judge(result, work, "open", code)


def made_key(server, role):
    """A new key with one role, made as an operator makes it."""
    return server.client.post("/v1/keys", {"name": f"the-{role}", "roles": [role]}).expect(201).json()["key"]


def ask_with_keys(result, models, work):
    """A server with keys, asked by nobody, by a key of each role, and last by the operator's own, which may change everything."""
    settings = {"ORIEL_ADMIN_KEY": ADMIN_KEY, "ORIEL_LOGIN_FAILURES": "0", "ORIEL_DATA": str(work / "data-with-keys")}
    with Server(models, work, ORIEL_LOG_LEVEL="fatal", **settings) as server:
        document = server.client.get("/openapi.json").expect().json()
        path = written(document, work / "openapi-with-keys.json")
        keys = {"no-key": None, **{role: made_key(server, role) for role in ROLES}, "operator": ADMIN_KEY}
        for name, key in keys.items():
            options = ["--max-examples", EXAMPLES_WITH_KEYS, "--phases", "examples,fuzzing"]
            options += ["--header", f"Authorization: Bearer {key}"] if key else []
            judge(result, work, name, run_schemathesis(path, server.url, work, name, *options))


def check(work):
    result, models = Result(), work / "models"
    shutil.copytree(PROJECT / "models/boston-housing", models / "boston-housing")
    for make in KINDS.values():
        write(models, make())
    ask_anyone(result, models, work)
    ask_with_keys(result, models, work)
    return result
