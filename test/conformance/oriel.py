"""The built server as a process, and a small client: the standard library alone, so that no client's habits hide a fault."""

import http.client
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
READY = re.compile(r"^Oriel is ready at (http://\S+)", re.MULTILINE)


class Reply:
    """One response: its status, its headers (names in lower case) and its body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def expect(self, status=200):
        if self.status != status:
            raise AssertionError(f"status {self.status}: {self.body[:300].decode(errors='replace')}")
        return self


class Client:
    """Requests over one kept connection, with a key where there is one."""

    def __init__(self, url, key=None):
        self.credentials = {"authorization": f"Bearer {key}"} if key else {}
        self.connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)

    def ask(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, {**self.credentials, **(headers or {})})
        return Reply(self.connection.getresponse())

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, value):
        return self.ask("POST", path, json.dumps(value), {"content-type": "application/json"})


class Server:
    """`node dist/main.js` with a models folder and a data folder of its own; stops it on leaving, and expects a clean end."""

    def __init__(self, models, work, **settings):
        self.log = work / "server.log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORIEL_")}
        self.environment = {
            **inherited,
            "ORIEL_PORT": "0",
            "ORIEL_MODELS": str(models),
            "ORIEL_DATA": str(work / "data"),
            "ORIEL_SHUTDOWN_DELAY": "0ms",
            **settings,
        }

    def __enter__(self):
        self.output = self.log.open("w")
        self.process = subprocess.Popen(
            ["node", "dist/main.js"], cwd=PROJECT, env=self.environment, stdout=self.output, stderr=self.output
        )
        try:
            self.url = self.until("it prints its address", self.printed_address)
            self.client = Client(self.url, self.environment.get("ORIEL_ADMIN_KEY"))
            self.until("its models are loaded", lambda: self.client.get("/health/startup").status == 200)
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, kind, error, trace):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the server does not stop")
        finally:
            self.output.close()
        if code != 0 and error is None:
            raise AssertionError(f"the server ended with {code}; see {self.log}")

    def printed_address(self):
        found = READY.search(self.log.read_text())
        return found and found[1]

    def until(self, what, ask, seconds=90):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended before {what}; see {self.log}")
            if answer := ask():
                return answer
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {what}; see {self.log}")
