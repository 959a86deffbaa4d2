"""Holds the built server against things that others made: `npm run test:conformance [-- PART…]`.

Makes a Python environment in `.conformance/` from requirements.txt (once for each version of that file), runs the parts, or
those that are named, and ends with a table. The exit code is 0 when nothing failed.
"""

import importlib
import os
import shutil
import subprocess
import sys
import textwrap
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE.parents[1] / ".conformance"
LOCALE = "en_US.UTF-8"
OLDEST_PYTHON = (3, 11)
PARTS = {
    "vectors": "ONNX's own test vectors",
    "exports": "models of the usual frameworks",
    "triton": "Triton's own client",
    "record": "clients on record: Triton's, curl, a browser",
    "guides": "what the guides in docs/ say",
    "openapi": "the OpenAPI document",
    "fuzz": "schemathesis",
}


def python():
    """The environment's interpreter; makes the environment where there is none for these requirements."""
    folder, wanted = WORK / "venv", f"{sys.version}\n{(HERE / 'requirements.txt').read_text()}"
    made = folder / "made-from.txt"
    interpreter = folder / "bin" / "python"
    if not made.exists() or made.read_text() != wanted:
        print("Installing the packages of test/conformance/requirements.txt …", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
        made.write_text(wanted)
    return interpreter


def locales():
    """A folder with the locale that the runtime's text operators need, where it can be made; the system may have it anyway."""
    folder = WORK / "locales"
    if shutil.which("localedef") and not (folder / LOCALE).exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["localedef", "-i", "en_US", "-f", "UTF-8", folder / LOCALE], capture_output=True)
    return folder if (folder / LOCALE).exists() else None


def run_part(name):
    """Runs one part in a clean folder. Gives its result and its seconds."""
    from result import Result

    folder, began = WORK / name, time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        result = importlib.import_module(f"{name}_check").check(folder)
    except Exception:
        traceback.print_exc()
        result = Result(failures=[f"the part {name} broke off: {sys.exc_info()[1]}"])
    return result, time.monotonic() - began


def run(names):
    rows, failed = [], 0
    for name in names:
        print(f"\n{name}: {PARTS[name]}", flush=True)
        result, seconds = run_part(name)
        for note in result.notes:
            print(textwrap.fill(note, 120, initial_indent="  ", subsequent_indent="    "))
        for failure in result.failures:
            print(f"  FAILED {failure}")
        failed += len(result.failures)
        rows.append((name, str(result.passed), str(len(result.failures)), f"{seconds:.0f} s"))
    print(f"\n{'part':<10}{'passed':>8}{'failed':>8}{'time':>8}")
    for name, *numbers in rows:
        print(f"{name:<10}" + "".join(f"{number:>8}" for number in numbers))
    print(f"\n{sum(int(row[1]) for row in rows)} passed, {failed} failed")
    return 1 if failed else 0


def main():
    names = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        sys.exit(f"There is no part {', '.join(unknown)}: there are {', '.join(PARTS)}.")
    if Path(sys.prefix) == WORK / "venv":
        sys.exit(run(names))
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed for the packages of requirements.txt.")
    interpreter = python()
    if folder := locales():
        os.environ["LOCPATH"] = str(folder)
    os.execv(interpreter, [interpreter, "-W", "ignore", __file__, *names])


if __name__ == "__main__":
    main()
