"""The table of the paper's items is complete, and its pages exist."""

import re
from pathlib import Path

import pytest

import paper_items

ROOT = Path(__file__).parents[2]
ROWS = paper_items.items(ROOT / "data" / "paper_items.csv")


def test_every_figure_and_table_of_the_paper_stands_once() -> None:
    panels = ["Fig. 1", "Fig. 2", "Fig. 3", *(f"Fig. 4{p}" for p in "abcd")]
    panels += ["Fig. 5a", "Fig. 5b", "Fig. 6a", "Fig. 6b", "Fig. 6c"]
    panels += [f"Supp. Fig. {i}" for i in range(1, 18)]
    panels += [f"Supp. Table {i}" for i in range(1, 11)]
    names = [row["item"] for row in ROWS]
    assert names[: len(panels)] == panels and len(set(names)) == len(names)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["item"])
def test_an_item_has_a_verdict_and_unless_it_was_not_done_a_page(row: dict[str, str]) -> None:
    assert row["verdict"] in paper_items.VERDICTS
    assert row["pages"] or row["verdict"] == "none"  # what was not done may have its reasons there
    for place in row["pages"].split():
        page, _, section = place.partition("#")
        sources = [(ROOT / page).with_suffix(end) for end in (".md", ".py")]
        [text] = [source.read_text() for source in sources if source.exists()]
        # A reference without words of its own needs the title of the section.
        titled = section and re.search(rf"\({section}\)=\n(# )?#+ ", text)
        assert titled or (row["item"] == "Fig. 1" and not section), place
    assert row["missing"] or row["verdict"] == "full"


def test_the_page_counts_what_it_lists() -> None:
    rows = [
        {"item": "Fig. 1", "shows": "a", "verdict": "full", "pages": "book/intro", "missing": ""},
        {"item": "Fig. 2", "shows": "b", "verdict": "none", "pages": "", "missing": "c"},
        {"item": "Text", "shows": "d", "verdict": "partly", "pages": "book/data#data-tfs a/b",
         "missing": "e"},
    ]  # fmt: skip
    text = paper_items.page(rows)
    assert "| Fig. | 1 | 0 | 0 | 1 |" in text
    assert "| Fig. 1 | a | **full** | {doc}`/book/intro` |  |" in text
    assert "| {ref}`data-tfs`, {doc}`/a/b` | e |" in text
