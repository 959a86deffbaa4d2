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


def run_schemathesis(document, url, work):
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIG, "run", document, "--url", url]
    command += ["--seed", SEED, "--max-examples", EXAMPLES, "--report-junit-path", work / "junit.xml", "--no-color"]
    with (work / "schemathesis.log").open("w") as log:
        done = subprocess.run([str(word) for word in command], stdout=log, stderr=log, cwd=work, timeout=300)
    return done.returncode


def check(work):
    result, models = Result(), work / "models"
    shutil.copytree(PROJECT / "models/boston-housing", models / "boston-housing")
    for make in KINDS.values():
        write(models, make())
    with Server(models, work, ORIEL_LOG_LEVEL="fatal") as server:
        document = work / "openapi.json"
        document.write_text(json.dumps(bounded(without_files(server.client.get("/openapi.json").expect().json()))))
        code = run_schemathesis(document, server.url, work)
    for case in xml.parse(work / "junit.xml").iter("testcase"):
        problems = [*case.iter("failure"), *case.iter("error")]
        for problem in problems:
            result.fail(case.get("name"), problem.get("message") or problem.text)
        if not problems:
            result.ok()
    if code != 0 and not result.failures:
        result.fail("schemathesis", f"it ended with {code}")
    log = (work / "schemathesis.log").read_text()
    result.notes += [
        f"{found} (its own words: .conformance/fuzz/schemathesis.log)"
        for found in re.findall(r"^ *(\d+ generated.*)$", log, re.M)
    ]
    return result
