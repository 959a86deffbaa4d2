"""Does what the guides in `docs/` say, as a reader would, and holds what comes out against what they promise.

A guide says by a comment before a block of code what it is: `<!-- file: NAME -->` is written to a file, `<!-- start -->` begins a command
that goes on, `<!-- run -->` is a command that must end well, `<!-- expect -->` is JSON that the output of the last command must hold
(objects may have more members; numbers are within a thousandth of themselves, or within `<!-- tolerance: N -->`), `<!-- prints -->` is its
text. `<!-- keep: MEMBER as NAME -->` puts a member of it into the environment of what follows. Guides are run with `oriel` as the built
command, in a folder of their own with the models that come with Oriel, on a port of their own.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from oriel import PROJECT
from result import Result

DOCS = PROJECT / "docs"
WRITTEN_FOR = "127.0.0.1:8000"
STEP = re.compile(r"<!-- (file: \S+|start|run|expect|prints) -->\s*```\w*\n(.*?)```|<!-- (keep: \S+ as \S+|tolerance: \S+) -->", re.S)
PATIENCE = 120
STOP = 40


def steps(text):
    """The steps of a guide, each with what it is to be done with. A tolerance belongs to the expectation before it."""
    found = [(kind or mark, block) for kind, block, mark in STEP.findall(text)]
    for index, (kind, block) in enumerate(found):
        if not kind.startswith("tolerance"):
            after = found[index + 1][0] if index + 1 < len(found) else ""
            yield kind, block, float(after.split()[1]) if after.startswith("tolerance") else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Reader:
    """Someone who does what a guide says, in a folder of their own."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.started, self.output = [], ""
        commands = folder / "commands"
        commands.mkdir()
        self.command(commands / "oriel", f'exec node {PROJECT / "dist" / "cli.js"} "$@"')
        self.command(commands / "npx", f'command="$1"; shift; exec {PROJECT}/node_modules/.bin/"$command" "$@"')
        self.command(commands / "python", f'exec {sys.executable} "$@"')
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORIEL_")}
        self.environment = {
            **inherited,
            "PATH": f"{commands}:{os.environ['PATH']}",
            "ORIEL_PORT": str(self.port),
            "ORIEL_DATA": str(folder / "data"),
            "ORIEL_URL": f"http://127.0.0.1:{self.port}",
            "ORIEL_SHUTDOWN_DELAY": "0ms",
        }

    @staticmethod
    def command(path, script):
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def do(self, kind, block, tolerance):
        block = block.replace(WRITTEN_FOR, f"127.0.0.1:{self.port}")
        if kind.startswith("file"):
            (self.folder / kind.split()[1]).write_text(block)
        elif kind == "start":
            self.start(block)
        elif kind == "run":
            self.run(block)
        elif kind == "expect":
            self.expect(json.loads(block), tolerance)
        elif kind == "prints":
            if self.output.strip() != block.strip():
                raise AssertionError(f"it printed {self.output[:300]!r}")
        else:
            _, member, _, name = kind.split()
            self.environment[name] = str(json.loads(self.output)[member])

    def start(self, block):
        log = (self.folder / "server.log").open("w")
        self.started.append(
            subprocess.Popen(["sh", "-c", f"exec {block}"], cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.started[-1].poll() is not None:
                raise AssertionError(f"it ended: {(self.folder / 'server.log').read_text()[-500:]}")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/startup", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("it does not become ready")

    def run(self, block):
        done = subprocess.run(
            ["bash", "-ec", block], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=PATIENCE
        )
        if done.returncode != 0:
            raise AssertionError(f"it ended with {done.returncode}: {done.stdout[-300:]} {done.stderr[-500:]}")
        self.output = done.stdout

    def expect(self, wanted, tolerance):
        where = different(wanted, json.loads(self.output), tolerance, "")
        if where is not None:
            raise AssertionError(f"{where}; it was {self.output[:500]}")

    def stop(self):
        for process in self.started:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                raise AssertionError("what was started does not stop")


def different(wanted, got, tolerance, pointer):
    """Where `got` does not hold what is wanted, in words; None where it does."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        missing = [name for name in wanted if name not in got]
        if missing:
            return f"{pointer} has no {missing[0]}"
        found = (different(value, got[name], tolerance, f"{pointer}/{name}") for name, value in wanted.items())
        return next((one for one in found if one), None)
    if isinstance(wanted, list) and isinstance(got, list):
        if len(wanted) != len(got):
            return f"{pointer} has {len(got)} elements, not {len(wanted)}"
        found = (different(a, b, tolerance, f"{pointer}/{i}") for i, (a, b) in enumerate(zip(wanted, got)))
        return next((one for one in found if one), None)
    if isinstance(wanted, (int, float)) and isinstance(got, (int, float)) and not isinstance(wanted, bool):
        off = tolerance if tolerance is not None else abs(wanted) / 1000
        return None if abs(wanted - got) <= off else f"{pointer} is {got}, not {wanted}"
    return None if wanted == got else f"{pointer} is {got!r}, not {wanted!r}"


def read(guide, folder, result):
    folder.mkdir()
    shutil.copytree(PROJECT / "models", folder / "models")
    reader = Reader(folder)
    try:
        for number, (kind, block, tolerance) in enumerate(steps(guide.read_text()), 1):
            what = f"{guide.name}, step {number} ({kind}): {' '.join(block.split())[:60]}"
            before = len(result.failures)
            result.check(what, reader.do, kind, block, tolerance)
            if len(result.failures) > before and kind in ("start", "run"):
                return  # what follows builds on it
    finally:
        result.check(f"{guide.name}: the end", reader.stop)


NAMED = re.compile(r"`((?:src|test|scripts|bench|deploy|docs)/[\w./-]+)`")


def names(guide, result):
    """What a guide points at is there."""
    for path in sorted(set(NAMED.findall(guide.read_text()))):
        if (PROJECT / path).exists():
            result.ok()
        else:
            result.fail(guide.name, f"there is no {path}")


def check(folder):
    result = Result()
    for guide in sorted(DOCS.glob("*.md")):
        names(guide, result)
    guides = [guide for guide in sorted(DOCS.glob("*.md")) if STEP.search(guide.read_text())]
    if not guides:
        result.fail("docs", "no guide says anything that could be run")
    for guide in guides:
        read(guide, folder / guide.stem, result)
    return result
