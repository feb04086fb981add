"""The quiz of a chapter: teaching/quiz/NN.yml as HTML for its page and as Markdown for Colab.

A quiz stands before the exercises of every chapter that has a file; no notebook names it. On the
page it is folded, and book/_static/quiz.js checks answers and opens it for links and for print;
without the script, as on Colab, the explanations are folded text.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import nbformat
import yaml
from markdown_it import MarkdownIt

import labels
from toc import ROOT, key_of

FOLDER = ROOT / "teaching" / "quiz"
BEFORE = "## Exercises"
INTRODUCTION = "One answer to each question is right. Try before you open the explanations."
PACE = 1  # minutes for a question: to read it, to choose, to read why
INLINE = MarkdownIt("commonmark", {"html": False})


class Choice(NamedTuple):
    text: str
    right: bool
    why: str


class Question(NamedTuple):
    text: str
    section: str  # label of the section of the same chapter that answers it
    choices: list[Choice]


def questions(page: str) -> list[Question]:
    """The quiz of a page; empty for a page without one."""
    path = FOLDER / f"{key_of(page)}.yml"
    if not path.exists():
        return []
    return [question(entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def question(entry: dict[str, Any]) -> Question:
    """A question from its entry in a file: `right: true` marks the right choice.

    Raises:
        TypeError: an entry that lacks a field or has one of another name.
    """
    choices = [Choice(**{"right": False} | choice) for choice in entry["choices"]]
    return Question(**entry | {"choices": choices})


def place(
    notebook: nbformat.NotebookNode, page: str, render: Callable[[str, list[Question]], str]
) -> None:
    """Put the page's quiz before its exercises, if it has a quiz.

    Raises:
        ValueError: a quiz for a page without exercises.
    """
    quiz = questions(page)
    if not quiz:
        return
    heading = f"\n{BEFORE}\n"
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and heading in f"\n{cell.source}\n":
            before, _, after = f"\n{cell.source}\n".partition(heading)
            cell.source = f"{before}\n{render(page, quiz)}\n{heading}{after}".strip("\n")
            return
    raise ValueError(f"{page} has a quiz and no heading {BEFORE!r} to put it before")


# --- For the page ---------------------------------------------------------------------------------


def html(page: str, quiz: list[Question]) -> str:
    """MyST with the quiz folded, so that the page stays short."""
    body = folded(f"quiz-{key_of(page)}", quiz)
    return f"## Questions\n\n{INTRODUCTION}\n\n```{{raw}} html\n{body}\n```"


def folded(name: str, quiz: list[Question]) -> str:
    """All questions behind one line that says how many there are and how long they take."""
    forms = [form(f"{name}-{n}", n, asked) for n, asked in enumerate(quiz, 1)]
    line = f"Quiz: {len(quiz)} questions, about {PACE * len(quiz)} minutes"
    head = f'<details class="quiz" id="{name}"><summary>{line}</summary>'
    return "\n".join([head, *forms, "</details>"])


def form(name: str, n: int, asked: Question) -> str:
    """One question: choices as radio buttons, the explanation of each choice folded.

    `name` is unique in the book, since its PDF is one page.
    """
    choices = "\n".join(
        f'<label><input type="radio" name="{name}" value="{i}"> '
        f"<span>{INLINE.renderInline(choice.text)}</span></label>"
        for i, choice in enumerate(asked.choices)
    )
    whys = "\n".join(
        f"<li{' data-right' if choice.right else ''}><p>{INLINE.renderInline(choice.text)}</p>"
        f'<p class="quiz-why"><strong>{verdict(choice)}</strong> '
        f"{INLINE.renderInline(choice.why)}</p></li>"
        for choice in asked.choices
    )
    label = labels.book()[0][asked.section]
    link = f'<a href="#{label.anchor}">{INLINE.renderInline(label.text)}</a>'
    return (
        f"<fieldset><legend>{n}. {INLINE.renderInline(asked.text)}</legend>\n{choices}\n"
        f"<details><summary>Explanations of question {n}</summary>\n<ul>\n{whys}\n</ul>\n"
        f'<p class="quiz-section">Read again: {link}</p></details>\n</fieldset>'
    )


def verdict(choice: Choice) -> str:
    return "Right." if choice.right else "Not so."


# --- For Colab ------------------------------------------------------------------------------------


def markdown(page: str, quiz: list[Question]) -> str:
    """Questions with their choices, the explanations folded below each."""
    parts = [f"## Questions\n\n{INTRODUCTION}"]
    for n, asked in enumerate(quiz, 1):
        choices = "\n".join(f"- {choice.text}" for choice in asked.choices)
        whys = "\n".join(f"- {c.text} **{verdict(c)}** {c.why}" for c in asked.choices)
        parts.append(
            f"**{n}.** {asked.text}\n\n{choices}\n\n<details><summary>Explanations of question "
            f"{n}</summary>\n\n{whys}\n\nRead again: [](#{asked.section})\n\n</details>"
        )
    return "\n\n".join(parts)
