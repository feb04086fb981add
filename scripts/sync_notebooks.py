"""Generates notebooks/NN_name.ipynb for Colab from NN_name.py; checks the cells every notebook has.

Those of teaching/class are made in the same way; they have no profile. The set-up cell is written
into the .py too: it holds the repository's address from _config.yml.
With --check nothing is written, and a notebook out of step is an error.
"""

import argparse
import ast
import re
import sys

import jupytext

import colab
from source import as_json, notebook_of
from toc import ROOT, repository_url

FOLDERS = ("notebooks", "teaching/class")
# The first code cell. What is installed becomes pip's constraints, so it cannot be replaced.
SETUP = """\
# %% tags=["setup", "remove-cell"]
import importlib.util

ADDRESS = "{url}"  # the repository
# Where the package is missing, as on Colab: add it and what it needs, replace nothing.
if importlib.util.find_spec("deepsem_book") is None:
    import os
    import subprocess
    import sys
    import tempfile

    def pip(*words):
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
        env = os.environ | {{"GIT_TERMINAL_PROMPT": "0"}}  # fail rather than ask
        return subprocess.run(command, env=env, capture_output=True, text=True)

    print("Adding the package: about half a minute.")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as present:
        present.write(pip("list", "--format=freeze").stdout)
    package = f"deepsem_minimal[chapters] @ git+{{ADDRESS}}"
    done = pip("install", "-q", "-c", present.name, package)
    if done.returncode:
        print(done.stderr[-2000:])
        raise RuntimeError(
            f"The package could not be installed from {{ADDRESS}}; pip's words are above. "
            "Open that address in a browser. If nothing is there, it is a placeholder: ask "
            "whoever gave you this notebook where the repository is, and write it after "
            "ADDRESS in this cell (on Colab, double-click the cell's title to see the "
            "code). If the page is there and pip speaks of conflicts, Colab has changed: "
            "choose an older version of the runtime (Runtime, Change runtime type) and "
            "open an issue. Otherwise the network failed: run this cell again."
        )
    print("Done.")
"""
SETUP_PATTERN = re.compile(r'^# %% tags=\["setup", "remove-cell"\]\n.*?(?=^# %%|\Z)', re.M | re.S)


def with_setup(source: str, url: str) -> str:
    """The .py source with its set-up cell as it has to be."""
    cell = SETUP.format(url=url) + "\n"
    return SETUP_PATTERN.sub(lambda _: cell, source, count=1)


def problems(source: str, is_chapter: bool = True) -> list[str]:
    """What notebooks/README.md asks for and this notebook lacks; a class has no profile."""
    cells = jupytext.reads(source, fmt="py:percent").cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    tags = [cell.metadata.get("tags", []) for cell in code]
    parameters = [cell.source for cell in code if "parameters" in cell.metadata.get("tags", [])]
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    called = {getattr(function, "id", getattr(function, "attr", "")) for function in calls}
    wanted = {
        "begin with a markdown cell that holds the title": cells[0].source.startswith("# "),
        "have the set-up cell as first code cell": tags[:1] == [["setup", "remove-cell"]],
        "call footer(...)": "footer" in called,
    }
    of_chapter = {
        'have a cell tagged parameters, PROFILE = "quick"': parameters == ['PROFILE = "quick"'],
        "call header(PROFILE, ...)": "header" in called,
    }
    rules = wanted | (of_chapter if is_chapter else {})
    return [rule for rule, kept in rules.items() if not kept]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when out of step")
    check = parser.parse_args().check
    url, faults = repository_url(), []
    sources = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.py"))]
    for path in sources:
        source = with_setup(path.read_text(), url)
        rules = problems(source, is_chapter=path.parent.name == "notebooks")
        faults += [f"{path.name} must {rule} (notebooks/README.md)" for rule in rules]
        page = path.relative_to(ROOT).with_suffix("").as_posix()
        generated = as_json(colab.notebook(notebook_of(source), page))
        for target, text in ((path, source), (path.with_suffix(".ipynb"), generated)):
            if target.exists() and target.read_text() == text:
                continue
            if check:
                faults.append(f"{target.name} is out of step: run make notebooks")
            else:
                target.write_text(text)
    for path in [path for folder in FOLDERS for path in (ROOT / folder).glob("*.ipynb")]:
        if path.with_suffix(".py") not in sources:
            faults.append(f"{path.name} has no source {path.stem}.py")
    print("\n".join(faults) or f"{len(sources)} notebooks in step", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
