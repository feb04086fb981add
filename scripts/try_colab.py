"""Tries the notebooks with the packages of Colab, in an environment of its own: make test-colab.

Installs constraints-colab.txt with Python 3.13, then the book's package by the very first cell of
a notebook (with this clone's last commit in place of the address), and checks that nothing was
replaced. Then the tests of both packages run, and the shortest notebooks. Standard library only.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / "_build" / "colab"
PYTHON = "3.13"
PINS = ROOT / "constraints-colab.txt"
SHORT = (  # the four shortest: see the status page
    "14_what_reproduces",
    "01_what_is_a_grn",
    "06_why_it_is_fast",
    "07_does_it_hold",
)
TESTING = ["pytest", "hypothesis", "distributed", "papermill", "beautifulsoup4"]


def run(*command: str | Path, **settings: object) -> None:
    """Run a command; stop with its exit status when it fails."""
    print("+", *command, flush=True)
    settings = {"cwd": ROOT} | settings
    done = subprocess.run([str(word) for word in command], **settings)  # type: ignore
    if done.returncode:
        sys.exit(done.returncode)


def pins() -> list[str]:
    lines = PINS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def make_environment() -> Path:
    """A fresh environment with what Colab ships; its Python."""
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    base = os.environ.get("PYTHON_COLAB") or shutil.which(f"python{PYTHON}")
    if base:
        run(base, "-m", "venv", ENVIRONMENT)
    elif uv := shutil.which("uv"):
        run(uv, "venv", "--seed", "--python", PYTHON, ENVIRONMENT)
    else:
        sys.exit(f"no Python {PYTHON}: install it or uv, or name it: PYTHON_COLAB=/path/to/python")
    python = ENVIRONMENT / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "pip==24.1.2")
    run(python, "-m", "pip", "install", "-q", *pins())
    return python


def first_cell() -> str:
    """The set-up cell of a notebook, with this clone in place of the repository's address."""
    notebook = json.loads((ROOT / "notebooks" / f"{SHORT[0]}.ipynb").read_text(encoding="utf-8"))
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    lines = "".join(code["source"]).splitlines()
    return "\n".join(
        f"ADDRESS = {ROOT.as_uri()!r}" if line.startswith("ADDRESS") else line for line in lines
    )


def replaced(python: Path) -> list[str]:
    """What is no longer at its version; a build's local part (+cpu) does not count."""
    words = [python, "-m", "pip", "list", "--format=json"]
    listed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    versions = {item["name"].lower(): item["version"].split("+")[0] for item in json.loads(listed)}
    wanted = dict(pin.lower().split("==") for pin in pins())
    return [f"{name} {versions.get(name)}" for name in wanted if versions.get(name) != wanted[name]]


def execute(python: Path, name: str) -> None:
    """Run a notebook as Colab gets it, in a folder of its own."""
    folder = ENVIRONMENT / "notebooks"
    folder.mkdir(exist_ok=True)
    words = ["-m", "papermill", "--no-progress-bar", "--cwd", folder]
    run(python, *words, ROOT / "notebooks" / f"{name}.ipynb", folder / f"{name}.ipynb")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-tests", action="store_true", help="install and run notebooks only")
    options = parser.parse_args()
    python = make_environment()
    run(python, "-c", first_cell(), cwd=ENVIRONMENT)  # where it cannot import this clone
    if lost := replaced(python):
        sys.exit(f"the first cell replaced {', '.join(lost)}")
    run(python, "-m", "pip", "check")
    run(python, "-m", "pip", "install", "-q", "-c", PINS, *TESTING)
    if not options.no_tests:
        tests = ["tests/deepsem_minimal", "tests/deepsem_book"]
        run(ENVIRONMENT / "bin" / "pytest", "-q", *tests)
    for name in SHORT:
        execute(python, name)


if __name__ == "__main__":
    main()
