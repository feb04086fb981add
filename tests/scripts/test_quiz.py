"""The quizzes: their sources are sound, the notebook for Colab has them, a browser answers them."""

from collections import Counter

import nbformat
import pytest

import check_access
import labels
import quiz
from toc import ROOT, chapters, key_of, notebooks

QUIZZES = {page: quiz.questions(page) for page in notebooks() if quiz.questions(page)}
QUESTIONS = [asked for questions in QUIZZES.values() for asked in questions]


def place_of_right(asked: quiz.Question) -> int:
    return [choice.right for choice in asked.choices].index(True)


def test_every_chapter_to_the_sixteenth_has_a_quiz_and_no_file_is_left_over():
    assert set(QUIZZES) >= {page for page, number in chapters().items() if number <= 16}
    files = {path.stem for path in quiz.FOLDER.iterdir()}
    assert files == {key_of(page) for page in QUIZZES}


@pytest.mark.parametrize("page", QUIZZES)
def test_questions_of_a_chapter(page):
    questions = QUIZZES[page]
    assert 5 <= len(questions) <= 8
    assert len({asked.text for asked in questions}) == len(questions)
    for asked in questions:
        texts = [choice.text for choice in asked.choices]
        assert sum(choice.right for choice in asked.choices) == 1, asked.text
        assert 3 <= len(set(texts)) == len(texts) <= 5, asked.text
        assert all(choice.why.strip() for choice in asked.choices), asked.text
        label = labels.book()[0][asked.section]
        assert label.page == page and label.text, f"{asked.section} is no section of {page}"


def test_the_right_answer_has_no_place_of_its_own_and_is_not_the_longest():
    for questions in QUIZZES.values():
        assert max(Counter(map(place_of_right, questions)).values()) <= len(questions) / 2
    longest = [max(q.choices, key=lambda choice: len(choice.text)).right for q in QUESTIONS]
    assert sum(longest) <= len(longest) / 2


def test_a_quiz_stands_before_the_exercises_in_both_forms():
    page = next(iter(QUIZZES))
    for render, mark in ((quiz.html, '<input type="radio"'), (quiz.markdown, "<details>")):
        cell = nbformat.v4.new_markdown_cell("## Summary\n\nText.\n\n## Exercises\n\n**1.** Do.")
        notebook = nbformat.v4.new_notebook(cells=[cell])
        quiz.place(notebook, page, render)
        source = notebook.cells[0].source
        places = [source.index(part) for part in ("Text.", "## Questions", mark, "## Exercises")]
        assert places == sorted(places) and source.count("## Exercises") == 1
    with pytest.raises(ValueError, match="no heading"):
        quiz.place(nbformat.v4.new_notebook(), page, quiz.html)


def test_a_page_without_a_file_is_left_alone():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## Exercises\n\n1.")])
    quiz.place(notebook, "notebooks/A1_notes_for_reviewers", quiz.html)
    assert notebook.cells[0].source == "## Exercises\n\n1."


def test_what_a_choice_says_is_text_and_not_markup():
    entry = {"text": "a < b, `W`?", "section": "grn-matrix"}
    choices = [{"text": "<b>", "why": "no"}, {"text": "*yes*", "why": "so", "right": True}]
    form = quiz.form("quiz-1", 1, quiz.question(entry | {"choices": choices}))
    assert "a &lt; b, <code>W</code>?" in form and "&lt;b&gt;" in form and "<em>yes</em>" in form
    assert form.count("data-right") == 1
    with pytest.raises(TypeError, match="wrong"):
        quiz.question(entry | {"choices": [{"text": "a", "why": "b", "wrong": True}]})


# --- In a browser ---------------------------------------------------------------------------------

STATIC = ROOT / "book" / "_static"
COLOURS = "base:#222;surface:#f3f4f5;border:#777;primary:#0f62d6;success:#28a745;danger:#dc3545"
PAGE = """<!DOCTYPE html><html lang="en"><head><title>A quiz</title>
<meta name="viewport" content="width=device-width"><style>:root {{ {colours} }}
.visually-hidden {{ position: absolute; clip: rect(0 0 0 0); width: 1px; overflow: hidden }}
{css}</style>{script}</head><body><main class="bd-content"><h1>A quiz</h1>
<section id="{section}"></section><section id="questions"><h2>Questions</h2>{quiz}</section>
</main></body></html>"""
OPEN = "return document.querySelector('.quiz').open"
STATE = """return [...document.querySelectorAll("[role=status]")].map((e) => e.textContent)"""


def page_of(folder, questions, script=True):
    """A page with a quiz, as plain as can be; its address."""
    for name in ("book.css", "quiz.js"):
        (folder / name).write_text((STATIC / name).read_text(encoding="utf-8"), encoding="utf-8")
    names = (part.split(":") for part in COLOURS.split(";"))
    text = PAGE.format(
        colours=" ".join(f"--pst-color-{name}: {value};" for name, value in names)
        + "--pst-color-text-base: #222;",
        css=(STATIC / "book.css").read_text(encoding="utf-8"),
        script='<script src="quiz.js"></script>' if script else "",
        section=labels.book()[0][questions[0].section].anchor,
        quiz=quiz.folded("quiz", questions),
    )
    (folder / "page.html").write_text(text, encoding="utf-8")
    return (folder / "page.html").as_uri()


@pytest.fixture
def questions():
    return QUIZZES["notebooks/01_what_is_a_grn"][:2]


def choose(browser, n, index):
    browser.js(
        """const [n, index] = arguments;
        document.querySelectorAll(`[name=quiz-${n}]`)[index].click();
        document.querySelectorAll("fieldset")[n - 1].querySelector("button").click();""",
        n, index,
    )  # fmt: skip


def test_each_choice_gets_its_explanation_and_right_ones_are_counted(browser, tmp_path, questions):
    browser.open(page_of(tmp_path, questions))
    assert browser.js(STATE) == ["", "", ""]
    for n, asked in enumerate(questions, 1):
        for index, choice in enumerate(asked.choices):
            choose(browser, n, index)
            result = browser.js(STATE)[n - 1]
            assert result.startswith(f"{quiz.verdict(choice)} {choice.why}"), result
            assert ("Read again" in result) == (not choice.right)
        choose(browser, n, place_of_right(asked))
        assert browser.js(STATE)[-1] == f"{n} of {len(questions)} right."
    assert browser.js("return Object.keys(localStorage).length + document.cookie.length") == 0
    assert browser.errors() == []


def test_the_keyboard_is_enough_and_a_new_choice_clears_the_result(browser, tmp_path, questions):
    down, space, tab, enter = "\ue015", " ", "\ue004", "\ue007"
    browser.open(page_of(tmp_path, questions))
    assert not browser.js(OPEN)
    browser.js("document.querySelector('.quiz > summary').focus()")
    browser.keys(enter)
    assert browser.js(OPEN)
    browser.js("document.querySelectorAll('fieldset')[0].querySelector('button').click()")
    assert browser.js(STATE)[0] == "Choose an answer first."
    browser.js("document.querySelector('[name=quiz-1]').focus()")
    browser.keys(down, tab, space)
    second = questions[0].choices[1]
    assert browser.js(STATE)[0].startswith(f"{quiz.verdict(second)} {second.why}")
    browser.js("document.querySelector('[name=quiz-1]:checked').focus()")
    browser.keys(down)
    assert browser.js(STATE) == ["", "", ""]
    assert browser.js("return document.activeElement.value") == "2"


def test_a_link_and_print_open_a_folded_quiz(browser, tmp_path, questions):
    address = page_of(tmp_path, questions)
    for anchor, opens in (("", False), ("#questions", True), ("#quiz", True), ("#none", False)):
        browser.open(address + anchor)
        assert browser.js(OPEN) == opens, anchor
    elsewhere = labels.book()[0][questions[0].section].anchor
    for anchor, opens in ((elsewhere, False), ("questions", True)):
        browser.js(
            "location.hash = arguments[0]; return new Promise(requestAnimationFrame)", anchor
        )
        assert browser.js(OPEN) == opens, anchor
    browser.open(address)
    browser.js(
        "addEventListener('beforeprint', () => { printed = document.querySelector('.quiz').open })"
    )
    browser.devtools("Page.printToPDF")
    assert browser.js("return printed") and not browser.js(OPEN)


def test_the_line_of_a_folded_quiz_says_what_to_expect(questions):
    html = quiz.folded("quiz-01", questions)
    assert "<summary>Quiz: 2 questions, about 2 minutes</summary>" in html
    assert html.startswith('<details class="quiz" id="quiz-01">') and "open" not in html[:40]


def test_without_a_script_the_explanations_are_folded_text(browser, tmp_path, questions):
    browser.open(page_of(tmp_path, questions, script=False))
    assert browser.js("return document.querySelectorAll('button').length") == 0
    shown = browser.js(
        "document.querySelectorAll('summary').forEach((line) => line.click());"
        "return document.querySelector('fieldset details').innerText"
    )
    assert all(choice.why in shown for choice in questions[0].choices)


@pytest.mark.skipif(bool(check_access.missing()), reason="Chromium or axe-core is not installed")
def test_axe_finds_nothing_wrong(tmp_path, monkeypatch):
    every = [asked for questions in QUIZZES.values() for asked in questions]
    anchors = {labels.book()[0][asked.section].anchor for asked in every}
    page_of(tmp_path, every)
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    html = html.replace('<details class="quiz"', '<details open class="quiz"')
    places = "".join(f'<p id="{anchor}">.</p>' for anchor in anchors)
    first = labels.book()[0][every[0].section].anchor
    html = html.replace(f'<section id="{first}"></section>', places)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    (tmp_path / "favicon.ico").write_bytes(b"")
    monkeypatch.setattr(check_access, "SITE", tmp_path)
    broken, faults = check_access.checked(["page.html"])
    assert broken == [] and faults == []


def test_the_script_is_small():
    assert len((STATIC / "quiz.js").read_bytes()) <= 4000
