"""Clients as they are found outside (Triton's, curl, a browser) each leave one record of who asked, from where and by what.

What a client calls itself is not assumed: a listener of the standard library hears it first. A client that the machine
does not have is set aside, and that is said.
"""

import base64
import http.server
import json
import shutil
import subprocess
import threading
from urllib.parse import urlencode

import numpy as np
import tritonclient.http as triton

from oriel import PROJECT, Server
from result import Result

MODEL = "boston-housing"
EXAMPLE = json.loads((PROJECT / "models" / MODEL / "model.json").read_text())["example"]
PREDICT = f"/v1/models/{MODEL}/predict"
BROWSERS = ("chromium", "chromium-browser", "chrome", "google-chrome")
PASSWORD = "not-to-be-kept-98765431"
PATIENCE = 120


class Listener:
    """Answers everything with `{}`, and remembers what each client calls itself."""

    def __enter__(self):
        agents = self.agents = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                agents.append(self.headers["user-agent"])
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def heard(ask):
    """What a client calls itself, by the listener."""
    with Listener() as listener:
        ask(listener.url)
        if len(listener.agents) == 0 or listener.agents[0] is None:
            raise AssertionError("the listener heard no name")
        return listener.agents[0]


def the_record(client, path):
    """The only record of requests for this path, and their number."""
    records = client.get("/v1/audit/requests?limit=1000").expect().json()["items"]
    found = [record for record in records if record["path"] == path]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} records are of {path}")
    return found[0]


def expect(record, **fields):
    wrong = {name: record.get(name) for name, value in fields.items() if record.get(name) != value}
    if wrong:
        raise AssertionError(f"the record says {wrong}, not {({name: fields[name] for name in wrong})}")


def answered(record):
    """What every one of them has in common."""
    expect(
        record, status=200, outcome="ok", problem=None, principal=None, model=MODEL, batch=1, cache=None, lost=None
    )
    if not record["latency"]["total"] >= record["latency"]["queue"] + record["latency"]["run"] > 0:
        raise AssertionError(f"latency {record['latency']}")


def by_tritonclient(server):
    client = triton.InferenceServerClient(server.url.removeprefix("http://"))

    def live(url):
        with triton.InferenceServerClient(url.removeprefix("http://")) as other:
            other.get_server_metadata()

    agent = heard(live)
    metadata = client.get_model_metadata(MODEL)
    inputs, row = [], EXAMPLE["input"]
    for one in metadata["inputs"]:
        kind = {"FP32": np.float32, "FP64": np.float64}[one["datatype"]]
        values = [row[one["name"]]] if one["name"] in row else list(row.values())
        tensor = triton.InferInput(one["name"], [1, len(values)], one["datatype"])
        inputs.append(tensor.set_data_from_numpy(np.array([values], kind), binary_data=False))
    asked = [triton.InferRequestedOutput(one["name"], binary_data=False) for one in metadata["outputs"]]
    client.infer(MODEL, inputs, outputs=asked, headers={"X-Request-Id": "from-triton-1"})
    client.close()
    record = the_record(server.client, f"/v2/models/{MODEL}/infer")
    answered(record)
    expect(record, userAgent=agent, source="127.0.0.1", method="POST", clientRequestId="from-triton-1")


def by_curl(server, curl):
    trace = "0af7651916cd43dd8448eb211c80319c"
    agent = heard(lambda url: run([curl, "-sS", url]))
    # Another address of this machine; a header in which anybody may say anything counts for nothing.
    run([
        curl, "-sSf", "--interface", "127.0.0.2", "-u", f"alice:{PASSWORD}", "-H", "X-Forwarded-For: 192.0.2.7",
        "-H", f"traceparent: 00-{trace}-b7ad6b7169203331-01", "-H", "content-type: application/json",
        "-d", json.dumps(EXAMPLE["input"]), server.url + PREDICT,
    ])  # fmt: skip
    record = the_record(server.client, PREDICT)
    answered(record)
    expect(record, userAgent=agent, source="127.0.0.2", method="POST", traceId=trace, input=EXAMPLE["input"])


def nothing_kept_of_the_password(work):
    told = [PASSWORD.encode(), base64.b64encode(f"alice:{PASSWORD}".encode())]
    for file in (work / "data").rglob("*"):
        if file.is_file() and any(text in file.read_bytes() for text in told):
            raise AssertionError(f"{file.name} has it")


def by_browser(server, browser, work):
    # As root Chromium has no sandbox; it goes nowhere but to this server.
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={work / 'profile'}", "--dump-dom"]
    agent = heard(lambda url: run([browser, *options, url]))
    path = f"/v1/models/{MODEL}/versions/1/predict"
    page = run([browser, *options, f"{server.url}{path}?{urlencode(EXAMPLE['input'])}"])
    record = the_record(server.client, path)
    answered(record)
    if record["id"] not in page:
        raise AssertionError("what the browser shows has not the id of the record")
    expect(record, userAgent=agent, source="127.0.0.1", method="GET", input=EXAMPLE["input"])
    # The documentation is a page too, and leaves none.
    before = len(server.client.get("/v1/audit/requests?limit=1000").json()["items"])
    run([browser, *options, "--virtual-time-budget=5000", f"{server.url}/docs"])
    after = len(server.client.get("/v1/audit/requests?limit=1000").json()["items"])
    if after - before != 1:
        raise AssertionError(f"/docs left {after - before - 1} records")


def check(work):
    result = Result()
    with Server(PROJECT / "models", work, ORIEL_LOG_LEVEL="fatal") as server:
        result.check("tritonclient", by_tritonclient, server)
        if curl := shutil.which("curl"):
            result.check("curl", by_curl, server, curl)
            result.check("a password that nobody asked for", nothing_kept_of_the_password, work)
        else:
            result.notes.append("curl is not on this machine: skipped")
        if browser := next(filter(None, map(shutil.which, BROWSERS)), None):
            result.check("a browser", by_browser, server, browser, work)
        else:
            result.notes.append(f"no browser is on this machine ({', '.join(BROWSERS)}): skipped")
    return result
