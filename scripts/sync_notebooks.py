"""Generates notebooks/NN_name.ipynb from NN_name.py and checks the cells every notebook has.

The set-up cell is written into the .py too: it holds the repository's address from _config.yml.
With --check nothing is written, and a notebook out of step is an error.
"""

import argparse
import ast
import re
import sys

import jupytext
import nbformat
import yaml

from toc import ROOT

# The first code cell. pip gets the versions of what Colab brings, so it cannot replace them.
SETUP = """\
# %% tags=["setup", "remove-cell"]
import importlib.util

# On Colab: add the package, replace nothing.
if importlib.util.find_spec("deepsem_book") is None:
    import subprocess
    import sys
    from importlib.metadata import version

    present = ["numpy", "scipy", "pandas", "matplotlib", "torch"]
    keep = [f"{{name}}=={{version(name)}}" for name in present]
    package = "deepsem_minimal[chapters] @ git+{url}"
    pip = [sys.executable, "-m", "pip", "install", "-q"]
    subprocess.run([*pip, *keep, package], check=True)
"""
SETUP_PATTERN = re.compile(r'^# %% tags=\["setup", "remove-cell"\]\n.*?(?=^# %%|\Z)', re.M | re.S)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def repository_url() -> str:
    """The address of the repository: its one place is _config.yml."""
    return str(yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"])


def with_setup(source: str, url: str) -> str:
    """The .py source with its set-up cell as it has to be."""
    cell = SETUP.format(url=url) + "\n"
    return SETUP_PATTERN.sub(lambda _: cell, source, count=1)


def problems(source: str) -> list[str]:
    """What notebooks/README.md asks for and this notebook lacks."""
    cells = jupytext.reads(source, fmt="py:percent").cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    tags = [cell.metadata.get("tags", []) for cell in code]
    parameters = [cell.source for cell in code if "parameters" in cell.metadata.get("tags", [])]
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    called = {getattr(function, "id", getattr(function, "attr", "")) for function in calls}
    wanted = {
        "begin with a markdown cell that holds the title": cells[0].source.startswith("# "),
        "have the set-up cell as first code cell": tags[:1] == [["setup", "remove-cell"]],
        'have a cell tagged parameters, PROFILE = "quick"': parameters == ['PROFILE = "quick"'],
        "call header(PROFILE, ...)": "header" in called,
        "call footer(...)": "footer" in called,
    }
    return [rule for rule, kept in wanted.items() if not kept]


def to_ipynb(source: str) -> str:
    """The notebook as JSON text, without outputs, the same for the same source."""
    notebook = jupytext.reads(source, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    notebook.metadata = nbformat.from_dict(METADATA)
    return nbformat.writes(notebook) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when out of step")
    check = parser.parse_args().check
    url, faults = repository_url(), []
    sources = sorted((ROOT / "notebooks").glob("*.py"))
    for path in sources:
        source = with_setup(path.read_text(), url)
        rules = problems(source)
        faults += [f"{path.name} must {rule} (notebooks/README.md)" for rule in rules]
        for target, text in ((path, source), (path.with_suffix(".ipynb"), to_ipynb(source))):
            if target.exists() and target.read_text() == text:
                continue
            if check:
                faults.append(f"{target.name} is out of step: run make notebooks")
            else:
                target.write_text(text)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        if path.with_suffix(".py") not in sources:
            faults.append(f"{path.name} has no source {path.stem}.py")
    print("\n".join(faults) or f"{len(sources)} notebooks in step", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
