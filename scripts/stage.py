"""Assembles _build/stage, what Jupyter Book reads: prose, notebooks, status, MathJax, live page.

Pages keep their repository paths, so a page's Colab button points at its notebook. A file is
written only when its content changed, so that an unchanged page is not built again; after any
other change (style sheet, table of contents, bibliography) the site is built afresh, since Sphinx
would leave old files there.
"""

import hashlib
import importlib.metadata
import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

import full_runs
import paper_items
import quiz
from chapters import with_computed, with_run_time
from deepsem_book import live
from toc import BUILD, ROOT, notebooks

STAGE = BUILD / "stage"
RECORD = "deepsem"  # where an output's metadata hold what deepsem_book.page recorded
PAGES = (".md", ".ipynb")
MATHJAX = "static/mathjax/tex-svg-full.js"  # one file, all of TeX, SVG output: loads nothing else
MATHJAX_SHA256 = "a4354ff94fd868aea0cc6eaaa79a57fda0588646fc46ee3700a349ee0a11cbe6"  # 3.2.2


def mathjax() -> bytes:
    """MathJax 3.2.2 from the installed package that carries it, byte for byte as published."""
    files = importlib.metadata.files("sphinx-mathjax-offline") or []
    copies = [file for file in files if str(file).endswith(MATHJAX)]
    content = Path(copies[0].locate()).read_bytes() if copies else b""
    if hashlib.sha256(content).hexdigest() != MATHJAX_SHA256:
        sys.exit(
            f"sphinx-mathjax-offline holds no {MATHJAX} of MathJax 3.2.2: install version 0.0.2"
        )
    return content


def records(notebook: nbformat.NotebookNode) -> dict[str, dict[str, Any]]:
    """What the page said of itself, by kind: header, footer, fallback."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    recorded = [output.get("metadata", {}).get(RECORD) for output in outputs]
    return {record["kind"]: record for record in recorded if record}


def with_widths(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with each figure's width in its cell: images hold twice as many pixels."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            size = output.get("metadata", {}).get("image/png", {})
            if "width" in size:
                image = cell.metadata.setdefault("mystnb", {}).setdefault("image", {})
                image["width"] = f"{size['width']}px"
    return notebook


def ranges(numbers: list[int]) -> str:
    """Numbers in words, neighbours as a range: 0–3, 7."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{first}–{last}" if last > first else f"{first}" for first, last in runs)


def status_row(page: str, notebook: nbformat.NotebookNode, full: pd.DataFrame) -> str:
    """One row of the status page's table; `full` is that of full_runs.py."""
    of_page = records(notebook)
    names = [source["name"] for source in of_page.get("header", {}).get("data", [])]
    fallback = of_page.get("fallback", {})
    shown = [
        f"`{name}` **in place of** `{fallback['real']}`"
        if name == fallback.get("used")
        else f"`{name}`"
        for name in names
    ]
    run = notebook.metadata.papermill
    seeds = ranges(of_page.get("footer", {}).get("seeds", [])) or "none"
    ended = datetime.fromisoformat(run.end_time).strftime("%Y-%m-%d %H:%M")
    data = ", ".join(shown) or "none"
    cost = " | ".join(full_runs.of_page(page, full))
    return f"| {{doc}}`/{page}` | {data} | {seeds} | {run.duration:.0f} | {ended} | {cost} |"


def status(profile: str, executed: dict[str, nbformat.NotebookNode]) -> str:
    """The status page: profile, data, seeds, seconds and time of each run, and the versions."""
    full = full_runs.TABLE.read()
    rows = [status_row(page, notebook, full) for page, notebook in executed.items()]
    footers = [records(notebook).get("footer", {}) for notebook in executed.values()]
    versions: dict[str, str] = {}
    for footer in footers:
        versions |= footer.get("versions", {})
    head = [
        "# Status",
        "",
        f"The notebooks of this book were executed with the profile **{profile}**. "
        "Times are UTC; seconds are wall time and include the start of the kernel.",
        "",
        "The last two columns are of another run, with the profile `full`: minutes of one core, "
        "and the largest memory in GB.",
        "",
        "| notebook | data | seeds | seconds | executed | full, minutes | full, GB |",
        "| --- " * 7 + "|",
    ]
    tail = ["", "| package | version |", "| --- | --- |"]
    tail += [f"| {name} | {version} |" for name, version in versions.items()]
    return "\n".join([*head, *rows, *(tail if versions else []), ""])


def tree() -> dict[Path, bytes]:
    """Content of every staged file by its path below the staging folder."""
    result = json.loads((BUILD / "executed.json").read_text())
    content = {Path(name): (ROOT / name).read_bytes() for name in ("_config.yml", "_toc.yml")}
    for path in sorted((ROOT / "book").rglob("*")):
        if path.is_file():
            content[path.relative_to(ROOT)] = path.read_bytes()
    executed = {}
    for page in notebooks():
        file = BUILD / "cache" / result["files"][page]
        executed[page] = nbformat.read(file, as_version=4)
        timed = with_run_time(
            with_widths(executed[page]),
            executed[page].metadata.papermill.duration,
            result["profile"],
        )
        quiz.place(timed, page, quiz.html)
        content[Path(f"{page}.ipynb")] = nbformat.writes(timed).encode()
    for page in [name for name in content if name.suffix == ".md"]:
        content[page] = with_computed(content[page].decode()).encode()
    content[Path("book/status.md")] = status(result["profile"], executed).encode()
    rows = paper_items.items(ROOT / "data" / "paper_items.csv")
    content[Path("book/paper.md")] = paper_items.page(rows).encode()
    content[Path("book/_static/mathjax/tex-svg-full.js")] = mathjax()
    content[Path("book/_static/live.html")] = live.page().encode()
    content[Path("book/live_script.html")] = live.script().encode()  # included by book/live.md
    return content


def main() -> None:
    version = importlib.metadata.version("jupyter-book")
    if not version.startswith("1."):
        sys.exit(f"jupyter-book {version} cannot build this book: install jupyter-book>=1.0.4,<2")
    content = tree()
    for path in STAGE.rglob("*"):
        if path.is_file() and path.relative_to(STAGE) not in content:
            path.unlink()
    changed = {
        name
        for name, data in content.items()
        if not (STAGE / name).exists() or (STAGE / name).read_bytes() != data
    }
    for name in changed:
        (STAGE / name).parent.mkdir(parents=True, exist_ok=True)
        (STAGE / name).write_bytes(content[name])
    if any(name.suffix not in PAGES for name in changed):
        for folder in ("html", ".doctrees"):
            shutil.rmtree(BUILD / folder, ignore_errors=True)


if __name__ == "__main__":
    main()
