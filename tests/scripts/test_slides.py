"""The slides: their sources are sound, a deck is one offline file, its PDF has every slide."""

import importlib.metadata
import re
import string

import nbformat
import pytest

import browser_driver
import labels
import slide_numbers
import slides
from toc import chapters

DECKS = {path.stem: slides.slides(path.read_text(encoding="utf-8")) for path in slides.decks()}
FIGURE = re.compile(r"!\[[\w ]*\]\(#([\w-]+)\)")
# Digits that are no result: names of chapters, sections and exercises, minutes, sizes of a class.
NO_RESULT = re.compile(
    r"\b(?:[Cc]hapters?|[Ee]xercises?|Eq\.|slide) \d+b?(?:(?:, | to | and |, and )\d+b?)*"
    r"|\b\d+ minutes|`[^`]*`|!\[[^\]]*\]\([^)]*\)"
)


def placeholders(text):
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


def typed_numbers(text):
    """Digits in a text that neither a placeholder nor the name of a place explains."""
    plain = "".join(literal for literal, *_ in string.Formatter().parse(text))
    return re.findall(r"(?<!\w)\d[\d.,]*", NO_RESULT.sub(" ", plain))


def test_three_decks_of_twelve_to_twenty_slides():
    assert len(DECKS) == 3
    assert all(12 <= len(deck) <= 20 for deck in DECKS.values())


@pytest.mark.parametrize("name", DECKS)
def test_every_slide_has_one_idea_and_notes_and_every_figure_exists(name):
    for n, slide in enumerate(DECKS[name]):
        lines = slide.body.splitlines()
        headings = [line for line in lines if line.startswith("#")]
        assert len(headings) == 1 and headings[0] == lines[0], slide.body
        assert headings[0].startswith("# " if n == 0 else "## ")
        assert len(slide.notes.split()) >= 20, f"{headings[0]}: notes say what to say"
        shown = FIGURE.findall(slide.body)
        assert len(shown) <= 1
        for label in shown:
            assert labels.book()[0][label].page in chapters(), label
    asked = sum("Students ask" in slide.notes or "Ask" in slide.notes for slide in DECKS[name])
    assert asked >= len(DECKS[name]) / 2


@pytest.mark.parametrize("name", DECKS)
def test_no_number_is_typed_that_a_table_has(name):
    for slide in DECKS[name]:
        assert typed_numbers(slide.body) == [], slide.body
        assert typed_numbers(slide.notes) == [], slide.notes


def test_what_counts_as_typed():
    assert typed_numbers("Chapters 1 and 2, {a.b:.2f}, `W[2, 0]`, 15 minutes") == []
    assert typed_numbers("best on 20 of {whole.n}, 0.93, 82 %") == ["20", "0.93,", "82"]


def test_every_number_that_a_slide_asks_for_is_there():
    known = slide_numbers.numbers()
    for deck in DECKS.values():
        for name in placeholders(" ".join(part for slide in deck for part in slide)):
            answer, _, key = name.partition(".")
            if answer == "answer":
                assert f"notebooks/{key.removeprefix('ch')}_" in " ".join(chapters())
            else:
                assert hasattr(known[answer], key), name


# --- A small book ---------------------------------------------------------------------------------

SOURCE = """# A deck

Note:

Say hello.

---

## One idea

![](#fig-controls)

- {whole.best} of {whole.n}

Note:

The answer: {answer.ch01}
"""
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


@pytest.fixture
def built(monkeypatch):
    """What a build leaves: a chapter with an answer, a figure and a table."""
    answer = nbformat.v4.new_code_cell("page.say()")
    text = {"text/markdown": "**A network is a matrix.** More."}
    answer.outputs = [nbformat.v4.new_output("display_data", text)]
    figure = nbformat.v4.new_code_cell("draw()")
    figure.metadata["mystnb"] = {"figure": {"name": "fig-controls"}, "image": {"alt": "Five dots"}}
    figure.outputs = [nbformat.v4.new_output("execute_result", {"image/png": PIXEL})]
    table = nbformat.v4.new_code_cell("table")
    table.metadata["mystnb"] = {"figure": {"name": "tab-truths"}}
    table.outputs = [nbformat.v4.new_output("execute_result", {"text/html": "<table></table>"})]
    page = "notebooks/01_what_is_a_grn"
    monkeypatch.setattr(slides, "cells", lambda: {page: [answer, figure, table]})


@pytest.fixture
def deck(tmp_path):
    (tmp_path / "deck.md").write_text(SOURCE, encoding="utf-8")
    return tmp_path / "deck.md"


def test_figures_tables_and_answers_come_from_the_built_book(built):
    assert 'alt="Five dots"' in slides.figure("fig-controls")
    assert "Fig. 1." in slides.figure("fig-controls") and PIXEL in slides.figure("fig-controls")
    assert 'class="upper-half"' in slides.figure("fig-controls", "upper half")
    assert "<table></table>" in slides.figure("tab-truths")
    assert slides.answer_of("notebooks/01_what_is_a_grn") == "A network is a matrix."
    with pytest.raises(KeyError, match="fig-none"):
        slides.figure("fig-none")


def test_without_a_book_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(slides, "BUILD", tmp_path)
    with pytest.raises(SystemExit, match="make book"):
        slides.cells.__wrapped__()


def has_reveal():
    try:
        return importlib.metadata.version("sphinx-revealjs") == "3.2.1"
    except importlib.metadata.PackageNotFoundError:
        return False


@pytest.mark.skipif(
    not (has_reveal() and browser_driver.CHROMIUM and browser_driver.DRIVER),
    reason="Chromium or reveal.js (requirements-access.txt) is not installed",
)
def test_a_deck_is_one_file_for_keyboard_and_paper(built, deck, tmp_path):
    target = tmp_path / "deck.html"
    target.write_text(slides.page(deck, slides.values()), encoding="utf-8")
    with browser_driver.window() as browser:
        browser.open(target.as_uri())
        browser.keys("\ue014")  # to the right
        shown = browser.js("return Reveal.getCurrentSlide().innerText")
        assert "One idea" in shown and re.search(r"\d+ of \d+", shown)
        notes = browser.js("return Reveal.getSlideNotes()")
        assert "A network is a matrix." in notes
        own = ("about:", "data:", "chrome:")  # the empty tab of the browser is among them
        asked = [url for url in browser.requests() if not url.startswith(own)]
        assert set(asked) == {target.as_uri()} and browser.errors() == []
    content = slides.printed(f"{target.as_uri()}?print-pdf")
    assert content.startswith(b"%PDF-") and len(re.findall(rb"/Type /Page\b", content)) == 2


def test_without_reveal_it_says_what_to_install(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", missing)
    with pytest.raises(SystemExit, match=r"requirements-access\.txt"):
        slides.reveal.__wrapped__()
