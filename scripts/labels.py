"""Every label of the book: the page it stands on, and the number or title that a reader sees."""

import functools
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import jupytext
from docutils.nodes import make_id

from markdown_parser import blocks, directive
from toc import ROOT, chapters, pages


class Label(NamedTuple):
    page: str
    text: str  # "Fig. 1.2", "Table 1.2", "(1.2)", or the title of the section
    anchor: str  # its id in HTML


class Labelled(NamedTuple):
    """What a cell defines: a section, a figure, a table or an equation."""

    kind: str
    name: str
    title: str = ""


def cells_of(page: str) -> list[tuple[str, dict[str, Any]]]:
    """Text and metadata of each cell that may hold a label; a page of prose is one cell.

    A page without a source (the status page, made by the build) has none.
    """
    notebook, prose = ROOT / f"{page}.py", ROOT / f"{page}.md"
    if notebook.exists():
        cells = jupytext.read(notebook, fmt="py:percent").cells
        return [(c.source if c.cell_type == "markdown" else "", c.metadata) for c in cells]
    return [(prose.read_text(encoding="utf-8"), {})] if prose.exists() else []


def in_text(text: str) -> Iterator[Labelled]:
    """Sections (title first: the first heading has no name), figures, tables and equations."""
    tokens, waiting = blocks(text), []
    for token, after in zip(tokens, [*tokens[1:], None]):
        if token.type == "myst_target":
            waiting.append(token.content)
        elif waiting:
            title = after.content if token.type == "heading_open" and after else ""
            yield from (Labelled("section", name, title) for name in waiting)
            waiting = []
        if token.tag == "h1" and token.type == "heading_open" and after:
            yield Labelled("title", "", after.content)
        elif token.type == "math_block_label":
            yield Labelled("equation", token.info)
        elif (found := directive(token)) and found.name in ("figure", "table"):
            yield Labelled(found.name, found.options.get("name", ""))


@functools.cache
def book() -> tuple[dict[str, Label], dict[str, str]]:
    """Labels by name, and the title of each page."""
    labels, titles, counts = {}, {}, Counter()
    for page in pages():
        chapter = chapters().get(page)
        for text, metadata in cells_of(page):
            defined = list(in_text(text))
            if figure := metadata.get("mystnb", {}).get("figure"):
                defined.append(Labelled("figure", figure.get("name", "")))
            for kind, name, title in defined:
                if kind == "title":
                    titles.setdefault(page, title)
                    continue
                counts[kind, chapter] += 1
                number = ".".join(map(str, filter(None, [chapter, counts[kind, chapter]])))
                shown = {
                    "figure": f"Fig. {number}",
                    "table": f"Table {number}",
                    "equation": f"({number})",
                }.get(kind, title)
                anchor = f"equation-{make_id(name)}" if kind == "equation" else make_id(name)
                labels[name] = Label(page, shown, anchor)
    return labels, titles
