"""The notebooks of single classes: few cells, minutes without gaps, the same as in the guide."""

import re

import nbformat
import pytest

from course_notebooks import TEACHING
from plain_markdown import leftovers
from toc import ROOT

CLASSES = {"class_90": 90, "class_45a": 45, "class_45b": 45, "class_45c": 45}
MOST_CELLS = 15
MINUTES = re.compile(r"\(minutes (\d+) to (\d+)\)$", re.M)
GUIDE = (ROOT / "book" / "teaching.md").read_text(encoding="utf-8")


def cells(name):
    return nbformat.read(TEACHING / "class" / f"{name}.ipynb", as_version=4).cells


def test_there_is_no_other_class():
    assert sorted(path.stem for path in (TEACHING / "class").glob("*.py")) == sorted(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_fits_on_few_cells_and_names_its_minutes(name):
    assert len(cells(name)) <= MOST_CELLS
    parts = [tuple(map(int, part)) for cell in cells(name) for part in MINUTES.findall(cell.source)]
    begins, ends = zip(*parts)
    assert begins == (0, *ends[:-1])
    assert ends[-1] == CLASSES[name]


@pytest.mark.parametrize("name", CLASSES)
def test_the_guide_has_the_same_minutes(name):
    section = GUIDE.partition(f"(teaching-{name.replace('_', '-')})=")[2].partition("\n(")[0]
    rows = re.findall(r"^\| (\d+)–(\d+) \|", section, re.M)
    found = [part for cell in cells(name) for part in MINUTES.findall(cell.source)]
    assert rows == found


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_begins_as_a_chapter_does_and_is_plain_markdown(name):
    first, second = cells(name)[:2]
    assert first.source.startswith("# ") and "colab-badge" in first.source
    assert second.source.startswith("# @title Run me first")
    texts = [cell.source for cell in cells(name) if cell.cell_type == "markdown"]
    assert not [fault for text in texts for fault in leftovers(text)]
