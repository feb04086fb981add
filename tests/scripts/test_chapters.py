"""Minutes to read and run, which chapter needs which, and the introduction that is made of them."""

import nbformat
import pytest
from test_notebooks import CONVERTED

import chapters

SOURCE = """# %% [markdown]
# # A title
#
# **Before you start**: [b](02_b). **Time**: 90 minutes to read; an hour to run on a CPU. More.

# %% tags=["remove-input"]
page.say("{words}", n=1)

# %% mystnb={{"figure": {{"caption": "Two words", "name": "tab-a"}}}}
x = 1

# %% tags=["hide-cell"]
solution = 1
"""


def test_minutes_are_those_of_words_code_and_tables() -> None:
    """3,000 words take 15 minutes, the rest less than one: a line, a table, a head."""
    assert chapters.reading_minutes(SOURCE.format(words="word " * 3000)) == 15
    assert chapters.reading_minutes(SOURCE.format(words="word")) == 5, "none takes less"
    head = '# %% mystnb={{"figure"'
    code = SOURCE.replace("x = 1", "\n".join(["x = 1"] * 150))  # 10 minutes
    assert chapters.reading_minutes(code.format(words="word")) == 10
    hidden = code.replace(head, head.replace("mystnb", 'tags=["remove-input"] mystnb'))
    assert chapters.reading_minutes(hidden.format(words="word")) == 5


def test_written_minutes_are_the_counted_ones() -> None:
    written = chapters.with_reading_minutes(SOURCE.format(words="word " * 3000))
    assert "**Time**: 15 minutes to read; an hour to run" in written


@pytest.mark.parametrize("name", CONVERTED)
def test_a_chapter_states_the_minutes_that_are_counted(name: str) -> None:
    source = chapters.source_of(f"notebooks/{name}")
    assert chapters.with_reading_minutes(source) == source, "run scripts/chapters.py"
    assert chapters.TIME.search(source), "**Time**: N minutes to read; ... to run."


def test_minutes_to_run_are_those_of_the_build() -> None:
    runs = ("two to four minutes to run on a CPU\n(`full`: ten)", "seconds to run")
    texts = [f"**Time**: 5 minutes to read; {run}. Nothing is lost." for run in runs]
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    notebook = nbformat.v4.new_notebook(cells=cells)
    for cell in chapters.with_run_time(notebook, 200.0, "quick").cells:
        assert cell.source == (
            "**Time**: 5 minutes to read; about 4 minutes to run (profile quick, in the last "
            "build). Nothing is lost."
        )
    assert chapters.in_minutes(59) == "less than a minute"


def test_what_follows_from_other_needs_is_no_arrow() -> None:
    graph = {"a": [], "b": ["a"], "c": ["a", "b"], "d": ["a", "c"]}
    assert chapters.direct(graph) == {"a": [], "b": ["a"], "c": ["b"], "d": ["c"]}


def test_the_graph_has_each_chapter_and_an_arrow_for_each_need() -> None:
    picture = chapters.graph()
    edges = chapters.direct(chapters.needs())
    assert picture.count("<circle") == len(edges) >= 14
    assert picture.count("marker-end") == sum(map(len, edges.values())) >= 13
    assert all(f"../{page}.html" in picture for page in edges)
    assert 'viewBox="0 0 400 ' in picture, "legible where the page is as narrow"


def test_pages_have_each_mark_once_and_the_introduction_a_row_per_claim() -> None:
    book = chapters.ROOT / "book"
    text, setup = ((book / f"{page}.md").read_text("utf-8") for page in ("intro", "setup"))
    assert all((text + setup).count(mark) == 1 for mark in chapters.MARKS)
    made = chapters.with_computed(text)
    assert "<svg" in made and "| as published |" in made and made.count("*control:*") >= 4
    assert not any(mark in made for mark in chapters.MARKS)
    assert "| all " in chapters.with_computed(setup)
    assert chapters.with_computed("# Another book") == "# Another book"
