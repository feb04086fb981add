"""Chapters compute numbers and show their result first: counted in their sources."""

import ast
import re
from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
MOST_HIDDEN = 0.15  # of a chapter's lines of code
APPENDICES = ["A1_notes_for_reviewers", "A2_notes_on_networks"]
CONVERTED = [
    "01_what_is_a_grn",
    "02_from_linear_to_neural_sem",
    "03_deepsem_layer_by_layer",
    "04_training_and_ensembling",
    "05_grn_inference_beeline",
    "05b_the_whole_benchmark",
    "06_why_it_is_fast",
    "07_does_it_hold",
    "08_what_epr_rewards",
    "09_after_deepsem",
    "10_embedding_and_clustering",
    "11_mouse_cortex",
    "12_simulating_cells",
    "13_your_own_data",
    "14_what_reproduces",
    "15_when_a_regulator_is_removed",
    "16_a_truth_you_can_turn",
]
CAPTIONED = re.compile(r"^:::\{table\} \S.*\n:name: tab-[\w-]+\n\n(\|.*\n)+:::$", re.MULTILINE)
LINKED = ["depth", "hub", "precision", "recall", "likelihood", "mixture", "row sum"]
EXERCISE = re.compile(r"^# \*\*\d\. (Check|Change|Build|Judge) \((\d+) minutes\)\.", re.MULTILINE)
BRANCHES = (ast.If, ast.IfExp, ast.Match)


def code_cells(name: str) -> list[tuple[str, list[str]]]:
    """Source and tags of the code cells without set-up and parameters."""
    cells = jupytext.read(NOTEBOOKS / f"{name}.py", fmt="py:percent").cells
    code = [(c.source, c.metadata.get("tags", [])) for c in cells if c.cell_type == "code"]
    return [(source, tags) for source, tags in code if not {"setup", "parameters"} & set(tags)]


def n_lines(source: str) -> int:
    """Lines of code: neither empty nor a comment."""
    lines = [line.strip() for line in source.splitlines()]
    return sum(bool(line) and not line.startswith("#") for line in lines)


@pytest.mark.parametrize("name", CONVERTED + APPENDICES)
def test_little_code_is_hidden(name: str) -> None:
    cells = code_cells(name)
    hidden = sum(n_lines(s) for s, tags in cells if {"remove-input", "remove-cell"} & set(tags))
    whole = sum(n_lines(source) for source, _ in cells)
    assert hidden <= MOST_HIDDEN * whole, f"{hidden} of {whole} lines are hidden"


@pytest.mark.parametrize("name", CONVERTED + APPENDICES)
def test_no_function_of_a_notebook_has_a_branch(name: str) -> None:
    source = (NOTEBOOKS / f"{name}.py").read_text()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    branched = [f.name for f in functions for node in ast.walk(f) if isinstance(node, BRANCHES)]
    assert branched == []


@pytest.mark.parametrize("name", CONVERTED)
def test_the_answer_and_a_figure_stand_before_takeaways_imports_and_data(name: str) -> None:
    source = (NOTEBOOKS / f"{name}.py").read_text()
    imports = "\n# %%\n"  # the first cell of code that a reader sees
    marks = ["page.say(", '{"figure"', "**Key takeaways**", "**Time**", imports, "page.header("]
    places = [source.index(mark) for mark in marks]
    assert places == sorted(places)
    first, *_ = code_cells(name)
    numbers = re.findall(r"\{\w+(?::[^}]+)?\}", first[0])
    assert len(numbers) >= 3, "the answer has its numbers from a cell"


def prose(name: str) -> str:
    """The markdown of a chapter without citations, code and formulas."""
    cells = jupytext.read(NOTEBOOKS / f"{name}.py", fmt="py:percent").cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(r"\$\$.*?\$\$|\{cite:.\}`[^`]*`|^```.*?^```", " ", text, flags=re.S | re.M)


@pytest.mark.parametrize("name", CONVERTED + APPENDICES)
def test_words_that_a_beginner_lacks_lead_to_the_glossary(name: str) -> None:
    """Above the first link the word may stand in the takeaways only."""
    body = prose(name).partition("**Time**")[2]
    for word in LINKED:
        plain = re.search(rf"\b{word}s?\b", re.sub(r"\{term\}`[^`]*`", "", body), re.IGNORECASE)
        link = re.search(rf"\{{term\}}`(?:[^`<]*<)?{word}>?`", body, re.IGNORECASE)
        assert link or not plain, f"{word!r} is not linked"


@pytest.mark.parametrize("name", CONVERTED)
def test_a_number_of_the_ledger_comes_with_its_words(name: str) -> None:
    bare = re.findall(
        r"\[(?:[lL]edger )?\d+b?\]\(#ledger-\w+\)(?!,\s+[a-zA-Z]|\s+\()",
        without_tables(prose(name)),
    )
    assert bare == []


@pytest.mark.parametrize("name", CONVERTED + APPENDICES)
def test_every_table_of_the_text_has_a_caption_and_a_name(name: str) -> None:
    """So that the book numbers it; those of cells are figures."""
    bare = [line for line in CAPTIONED.sub("", prose(name)).splitlines() if line.startswith("|")]
    assert bare == []


def without_tables(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("|"))


@pytest.mark.parametrize("name", CONVERTED)
def test_exercises_say_what_they_ask_and_how_long_they_take(name: str) -> None:
    source = (NOTEBOOKS / f"{name}.py").read_text()
    part = source.partition("# ## Exercises")[2]
    numbered = re.findall(r"^# \*\*\d\.", part, re.MULTILINE)
    assert len(EXERCISE.findall(part)) == len(numbered) >= 2
