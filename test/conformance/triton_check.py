"""Triton's own client, by tritonclient_check.py."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from oriel import PROJECT, Server
from result import Result

SCRIPT = Path(__file__).with_name("tritonclient_check.py")


def check(work):
    models = shutil.copytree(PROJECT / "test/fixtures/models", work / "models")
    with Server(models, work, ORIEL_LOG_LEVEL="fatal") as server:
        done = subprocess.run([sys.executable, SCRIPT, server.url], capture_output=True, text=True)
    print(done.stderr, end="")
    counts = re.search(r"^(\d+) passed, (\d+) failed$", done.stdout, re.MULTILINE)
    result = Result(passed=int(counts[1]) if counts else 0)
    for name in re.findall(r"^FAILED (\S+)", done.stderr, re.MULTILINE):
        result.fail(name, "see above")
    if done.returncode != 0 and not result.failures:
        result.fail(SCRIPT.name, f"it ended with {done.returncode}")
    return result
