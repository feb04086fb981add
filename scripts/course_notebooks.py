"""Student and teacher notebooks of a chapter: the chapter itself and what teaching/ adds to it.

teaching/checks/NN.py     check_<exercise>(names that the answer must leave, ...): asserts; the
                          docstring is what the student is asked to hand in
teaching/hand_ins/NN.py   the hand-in of the chapter's week, as one more exercise
teaching/notes/NN.md      for the teacher: what goes wrong and how long it takes, by exercise
"""

import ast
import importlib.util
import inspect
import re
import textwrap
from collections.abc import Callable
from functools import cache
from types import ModuleType

import nbformat

import colab
from exercises import Exercise, chapter_of
from source import notebook_of
from toc import ROOT, key_of, notebooks, site_url

TEACHING = ROOT / "teaching"
EMPTY = "# your answer"
WORDS = "*Your answer in words:*"
POINTS = {"Change": 1, "Build": 2}


def taught() -> dict[str, str]:
    """The pages with exercises, by key."""
    return {key_of(page): page for page in notebooks() if exercises_of(page)}


@cache
def checks_of(key: str) -> ModuleType | None:
    """The checks of a chapter; None where there are none."""
    path = TEACHING / "checks" / f"{key}.py"
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location(f"checks_{key}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_of(key: str, number: int) -> Callable[..., None] | None:
    """The check of an exercise; None where there is none."""
    return getattr(checks_of(key), f"check_{number}", None)


def handed_in(key: str, number: int) -> str:
    """Code that puts the book's solution into the names that the check takes; often nothing."""
    return textwrap.dedent(getattr(checks_of(key), "HANDED_IN", {}).get(number, "")).strip()


def source_of(page: str) -> nbformat.NotebookNode:
    return notebook_of((ROOT / f"{page}.py").read_text(encoding="utf-8"))


@cache
def exercises_of(page: str) -> list[Exercise]:
    """The exercises of the chapter, and the hand-in of its week."""
    path = TEACHING / "hand_ins" / f"{key_of(page)}.py"
    added = chapter_of(notebook_of(path.read_text("utf-8"))).exercises if path.exists() else []
    return chapter_of(source_of(page)).exercises + added


def notes_of(key: str) -> dict[int, str]:
    """Notes for the teacher by exercise: sections "## 3" of teaching/notes/NN.md."""
    path = TEACHING / "notes" / f"{key}.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    pieces = re.split(r"^## (\d)\n", text, flags=re.M)[1:]
    return {int(number): note.strip() for number, note in zip(pieces[::2], pieces[1::2])}


def check_source(check: Callable[..., None]) -> str:
    """The cell that checks an answer: the function without its docstring, and its call."""
    source = textwrap.dedent(inspect.getsource(check))
    function = ast.parse(source).body[0]
    lines = source.splitlines()
    doc = function.body[0]
    kept = [*lines[: doc.lineno - 1], *lines[doc.end_lineno :]]
    number = check.__name__.removeprefix("check_")
    names = ", ".join(inspect.signature(check).parameters)
    call = f'{check.__name__}({names})\nprint("Exercise {number}: right.")'
    return "\n".join(kept).rstrip() + f"\n\n\n{call}"


def asked(check: Callable[..., None]) -> str:
    """What the student is asked to leave, in one paragraph."""
    return "**Hand in.** " + " ".join((inspect.getdoc(check) or "").split())


def graded(kind: str, number: int, what: str) -> dict[str, object]:
    """nbgrader's metadata of a cell: "answer" is the student's, "check" gives the points."""
    is_check = what == "check"
    facts = {
        "schema_version": 3,
        "grade_id": f"exercise-{number}-{what}",
        "grade": is_check,
        "solution": not is_check,
        "locked": is_check,
        "task": False,
    }
    return {"nbgrader": facts | ({"points": POINTS[kind]} if is_check else {})}


def solution_of(key: str, exercise: Exercise) -> str:
    """The book's solution as one cell that leaves the names that the check takes."""
    return "\n\n".join(filter(None, [*exercise.code, handed_in(key, exercise.number)]))


def cells_of(key: str, exercise: Exercise, note: str | None) -> list[nbformat.NotebookNode]:
    """An exercise as cells: the student's, or with a `note` (which may be empty) the teacher's."""
    is_teacher, number = note is not None, exercise.number
    check = check_of(key, number)
    text = exercise.text + (f"\n\n{asked(check)}" if check else "")
    cells = [nbformat.v4.new_markdown_cell(text, id=f"exercise-{number}")]
    if note:
        cells.append(details(f"Note for the teacher\n{note}", f"note-{number}"))
    if exercise.code or check:
        source = solution_of(key, exercise) if is_teacher else EMPTY
        metadata = graded(exercise.kind, number, "answer") if check else {}
        cells.append(nbformat.v4.new_code_cell(source, id=f"answer-{number}", metadata=metadata))
    if check:
        metadata = {"tags": ["check"]} | graded(exercise.kind, number, "check")
        source = check_source(check)
        cells.append(nbformat.v4.new_code_cell(source, id=f"check-{number}", metadata=metadata))
    words = exercise.words if is_teacher else [WORDS]
    for place, word in enumerate(words):
        cells.append(nbformat.v4.new_markdown_cell(word, id=f"words-{number}-{place}"))
    return cells


def details(text: str, id_: str) -> nbformat.NotebookNode:
    title, _, body = text.partition("\n")
    source = f":::{{admonition}} {title}\n{body}\n:::"
    return nbformat.v4.new_markdown_cell(source, id=id_)


def notebook(page: str, for_teacher: bool) -> nbformat.NotebookNode:
    """The student's notebook of a chapter, or the teacher's, as Colab and Jupyter show it."""
    key, chapter = key_of(page), chapter_of(source_of(page))
    notes = notes_of(key)
    result = source_of(page)
    result.cells = list(chapter.before)
    for exercise in exercises_of(page):
        note = notes.get(exercise.number, "") if for_teacher else None
        result.cells += cells_of(key, exercise, note)
    result.cells += chapter.after
    link = f"[this chapter in the book]({site_url()}/{page}.html)"
    return colab.notebook(result, page, links=link)
