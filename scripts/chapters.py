"""What is computed for the introduction and the heads of the chapters: minutes to read and to run,
which chapter needs which, and what reproduces.

    python scripts/chapters.py [notebooks/NN_name ...]    # writes minutes to read into the sources

Minutes to read are counted from a chapter's source, by one function, and stand in it; a test
compares. Minutes to run are those of the last build: scripts/stage.py puts them into the page.
"""

import ast
import math
import re
import sys
from html import escape
from itertools import chain

import nbformat

import full_runs
from source import notebook_of
from toc import ROOT, chapters, key_of

WORDS, CODE = 200, 15  # words and lines of code read in a minute
# Minutes for a figure, a table, a block of package code, a displayed formula.
FIGURE, TABLE, SHOWN, FORMULA = 0.75, 0.5, 1.0, 0.5
STEP = 5  # a chapter's minutes are a multiple of it
UNSEEN = {"remove-cell", "setup", "parameters", "hide-cell"}  # hide-cell: solutions, folded
GAP = r"[\s#]+"  # between words of a .py source, over the end of a line
READ = rf"(?P<head>\*\*Time\*\*:{GAP})(?P<read>\d+)(?P<tail>{GAP}minutes{GAP}to{GAP}read)"
TIME = re.compile(rf"{READ}; (?P<run>[^.]*)\.")
NEEDS = re.compile(r"\*\*Before you start\*\*:(.*?)\*\*Time\*\*", re.S)
LINK = re.compile(r"\]\((\d\w+)\)")


def source_of(page: str) -> str:
    return (ROOT / f"{page}.py").read_text(encoding="utf-8")


# --- Minutes to read ------------------------------------------------------------------------------


def reading_minutes(source: str) -> int:
    """Minutes to read a chapter (its .py source), from words, code, figures and tables."""
    cells = notebook_of(source).cells
    minutes = sum(minutes_of(cell) for cell in cells if not UNSEEN & set(tags(cell)))
    return max(STEP, STEP * round(minutes / STEP))


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def minutes_of(cell: nbformat.NotebookNode) -> float:
    """Of one cell that is seen; of hidden code only what it says counts."""
    if cell.cell_type == "markdown":
        formulas = cell.source.count("$$") // 2
        return len(cell.source.split()) / WORDS + formulas * FORMULA
    lines = [line.strip() for line in cell.source.splitlines()]
    n_lines = 0 if "remove-input" in tags(cell) else sum(map(bool, lines))
    figure = cell.metadata.get("mystnb", {}).get("figure", {})
    caption = len(figure.get("caption", "").split())
    drawn = 0.0 if not figure else TABLE if figure.get("name", "").startswith("tab-") else FIGURE
    words = sum(len(text.split()) for text in said(cell.source))
    shown = cell.source.count("page.show(") * SHOWN
    return n_lines / CODE + (caption + words) / WORDS + drawn + shown


def said(source: str) -> list[str]:
    """The texts of `page.say(...)` in a cell."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    says = [call for call in calls if ast.unparse(call.func) == "page.say"]
    values = [arg.value for call in says for arg in call.args if isinstance(arg, ast.Constant)]
    return [str(value) for value in values]


def with_reading_minutes(source: str) -> str:
    """The source with its minutes to read as they are counted."""
    minutes = reading_minutes(source)
    return re.sub(READ, rf"\g<head>{minutes}\g<tail>", source)


# --- Minutes to run -------------------------------------------------------------------------------


def in_minutes(seconds: float) -> str:
    """Wall time in words: "less than a minute", "about 3 minutes"."""
    minutes = math.ceil(seconds / 60)
    return "less than a minute" if minutes < 2 else f"about {minutes} minutes"


def with_run_time(
    notebook: nbformat.NotebookNode, seconds: float, profile: str
) -> nbformat.NotebookNode:
    """The notebook whose page says how long the last build took to run it."""
    ran = f"{in_minutes(seconds)} to run (profile {profile}, in the last build)"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = TIME.sub(rf"**Time**: \g<read> minutes to read; {ran}.", cell.source)
    return notebook


# --- Which needs which ----------------------------------------------------------------------------


def needs() -> dict[str, list[str]]:
    """The chapters that each numbered chapter links to in "Before you start"."""
    numbered = [page for page in chapters() if page.startswith("notebooks/")]
    found = {page: NEEDS.search(source_of(page)) for page in numbered}
    links = {page: LINK.findall(match[1]) if match else [] for page, match in found.items()}
    return {page: [f"notebooks/{name}" for name in names] for page, names in links.items()}


def direct(graph: dict[str, list[str]]) -> dict[str, list[str]]:
    """The graph without what follows from it: a need of a need."""

    def behind(page: str) -> set[str]:
        return set(graph[page]).union(*(behind(other) for other in graph[page]))

    implied = {page: set().union(*(behind(n) for n in graph[page])) for page in graph}
    return {page: [n for n in graph[page] if n not in implied[page]] for page in graph}


def number(page: str) -> str:
    """A chapter's number as readers see it: 5b for notebooks/05b_name."""
    return key_of(page).lstrip("0")


def title(page: str) -> str:
    """The heading of a chapter."""
    [first, *_] = re.findall(r"^# # (.+)$", source_of(page), re.M)
    return str(first)


ROW, DOTS, TEXT_AT, WIDTH = 30, 110, 124, 400


def graph() -> str:
    """The chapters one below the other, arcs from each to those that need it: SVG that follows
    the text's colour, 400 units wide."""
    edges = direct(needs())
    pages = list(edges)
    at = {page: ROW * (i + 0.7) for i, page in enumerate(pages)}
    arcs = [arc(at[need], at[page]) for page in pages for need in edges[page]]
    labels = [label(page, at[page]) for page in pages]
    height = ROW * len(pages) + 8
    told = "; ".join(
        f"{number(page)} needs {', '.join(map(number, edges[page]))}"
        for page in pages
        if edges[page]
    )
    return "\n".join([
        f'<svg viewBox="0 0 {WIDTH} {height}" role="group" aria-labelledby="chapters-title" '
        'style="display:block;width:100%;max-width:32rem;margin:1.5rem 0;height:auto" '
        'font-family="inherit" font-size="15" fill="currentColor">',
        f'<title id="chapters-title">Which chapter needs which: {told}.</title>',
        '<defs><marker id="needs-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#2a9d8f"/>'
        "</marker></defs>",
        *chain(arcs, labels),
        "</svg>",
    ])  # fmt: skip


def arc(above: float, below: float) -> str:
    """From a chapter to one that needs it, further out the farther they are apart."""
    out = DOTS - 12 - 0.34 * (below - above)
    path = f"M{DOTS - 7} {above:g} C{out:g} {above:g} {out:g} {below:g} {DOTS - 8} {below:g}"
    return (
        f'<path d="{path}" fill="none" stroke="#2a9d8f" stroke-width="1.8" '
        'marker-end="url(#needs-tip)"/>'
    )


def label(page: str, y: float) -> str:
    """A dot and the chapter's number and title, which is a link."""
    text = f"{number(page)}  {title(page).split(':')[0]}"
    return (
        f'<circle cx="{DOTS}" cy="{y:g}" r="5"/>'
        f'<a href="../{page}.html"><text x="{TEXT_AT}" y="{y + 5:g}">{escape(text)}</text></a>'
    )


# --- The introduction and the set-up page ---------------------------------------------------------


def with_computed(text: str) -> str:
    """A page of book/ with the graph and the tables in place of their marks."""
    for mark, make in MARKS.items():
        if mark in text:
            text = text.replace(mark, make())
    return text


def drawn() -> str:
    return f"```{{raw}} html\n{graph()}\n```"


def what_reproduces() -> str:
    """A table of claims with verdict, chapter, the paper's number and ours, from the scorecard."""
    from deepsem_book import scorecard

    rows = scorecard.board.introduction(scorecard.claims.scorecard())
    lines = [
        "```{table} The paper's claims, and what the tables of this book say of them.",
        ":name: tab-what-reproduces\n",
        "| claim | verdict | chapter | the paper | here [95 %] |",
        "| --- " * 5 + "|",
    ]
    for row in rows.itertuples():
        page = f"notebooks/{row.page}"
        beside = "*control:* " if row.asked_by == scorecard.claim.CONTROL else ""
        lines.append(
            f"| {beside}{row.claim} | {row.verdict} | {{doc}}`{number(page)} </{page}>` "
            f"| {row.paper} | {row.here} |"
        )
    return "\n".join([*lines, "```"])


def what_full_takes() -> str:
    return full_runs.markdown(full_runs.TABLE.read())


MARKS = {
    "% the graph of the chapters": drawn,
    "% what reproduces": what_reproduces,
    "% what full takes": what_full_takes,
}


def main() -> int:
    for page in sys.argv[1:] or needs():
        source = source_of(page)
        changed = with_reading_minutes(source)
        if changed != source:
            (ROOT / f"{page}.py").write_text(changed, encoding="utf-8")
            print(f"{page}: {reading_minutes(source)} minutes to read")
    return 0


if __name__ == "__main__":
    sys.exit(main())
