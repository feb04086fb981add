"""The exercises of a chapter: what each asks, and the book's solution of it.

The book's own Markdown parser finds them. A paragraph "**3. Build (15 minutes). ..." begins one, an
admonition "Solution" or a cell tagged hide-cell solves it, a heading or other code ends the part.
"""

import re
from dataclasses import dataclass, field

import nbformat

from markdown_parser import blocks, directive

START = re.compile(r"\*\*(\d)\. (Check|Change|Build|Judge) \((\d+) minutes\)\.")
GRADED = ("Change", "Build")  # their answers are code, and a check can tell right from wrong


@dataclass
class Exercise:
    """One exercise; texts are MyST."""

    number: int
    kind: str
    minutes: int
    text: str
    code: list[str] = field(default_factory=list)  # of the book's solution
    words: list[str] = field(default_factory=list)  # of the book's solution, as it is folded

    @property
    def is_graded(self) -> bool:
        return self.kind in GRADED


@dataclass
class Chapter:
    """A chapter's notebook, cut at its exercises."""

    before: list[nbformat.NotebookNode]
    exercises: list[Exercise]
    after: list[nbformat.NotebookNode]


def chapter_of(notebook: nbformat.NotebookNode) -> Chapter:
    """Cut a notebook (as `source.notebook_of` gives it) at its exercises."""
    chapter = Chapter([], [], [])
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            add_text(chapter, cell)
        elif "hide-cell" in cell.metadata.get("tags", []) and chapter.exercises:
            chapter.exercises[-1].code.append(cell.source)
        else:
            (chapter.after if chapter.exercises else chapter.before).append(cell)
    return chapter


def add_text(chapter: Chapter, cell: nbformat.NotebookNode) -> None:
    """Put the parts of a markdown cell where they belong."""
    before, after = [], []
    for what, text in parts(cell.source):
        if chapter.after or after or (what == "heading" and chapter.exercises):
            after.append(text)
        elif what == "exercise":
            number, kind, minutes = START.match(text).groups()
            chapter.exercises.append(Exercise(int(number), kind, int(minutes), text.strip()))
        elif not chapter.exercises:
            before.append(text)
        elif what == "solution":
            chapter.exercises[-1].words.append(text.strip())
        else:
            chapter.exercises[-1].text = f"{chapter.exercises[-1].text}\n\n{text}".strip()
    for cells, texts in ((chapter.before, before), (chapter.after, after)):
        if texts:
            id_ = cell.id if cells is chapter.before else f"{cell.id}-end"
            cells.append(nbformat.v4.new_markdown_cell("\n".join(texts), id=id_))


def parts(text: str) -> list[tuple[str, str]]:
    """(what, text) of each part of a markdown cell: "heading", "exercise", "solution" or "text"."""
    lines, cuts = text.split("\n"), {0: "text"}
    for token in blocks(text):
        if token.level or not token.map:
            continue
        start, end = token.map
        found = directive(token)
        if found and found.name == "admonition" and found.argument == "Solution":
            cuts[start] = "solution"
            cuts.setdefault(end, "text")
        elif token.type == "paragraph_open" and START.match(lines[start]):
            cuts[start] = "exercise"
        elif token.type == "heading_open":
            cuts[start] = "heading"
    starts = sorted(cuts)
    return [(cuts[a], "\n".join(lines[a:b])) for a, b in zip(starts, [*starts[1:], len(lines)])]
