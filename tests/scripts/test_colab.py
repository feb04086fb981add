"""The notebooks for Colab: nothing of MyST is left, what the book hides is folded."""

import re

import nbformat
import pytest
from docutils.nodes import make_id

import colab
import labels
from plain_markdown import Writer, leftovers
from source import notebook_of
from toc import ROOT, chapters, notebooks, repository_url, site_url

PAGE = "notebooks/01_what_is_a_grn"
SHU = "https://doi.org/10.1038/s43588-021-00099-8"
MYST = re.compile(r"\{[a-z:-]+\}`|^\([\w-]+\)=$|^(:::|```)\{", re.M)  # as a reader would see it
CODE = re.compile(r"```.*?```|`[^`]*`", re.S)


@pytest.mark.parametrize(
    "source, wanted",
    [
        ("{cite:p}`shu2021`", f"([Shu et al., 2021]({SHU}))"),
        ("{cite:t}`shu2021`", f"[Shu et al. (2021)]({SHU})"),
        ("{cite:p}`shu2021,yu2019`", f"([Shu et al., 2021]({SHU}); Yu et al., 2019)"),
        ("{cite:p}`kingma2014`", "([Kingma and Welling, 2014](https://arxiv.org/abs/1312.6114))"),
        ("the {term}`EPR`, {term}`a hub <hub>`", "the EPR, a hub"),
        ("{numref}`fig-four-genes`b", "[Fig. 1.2](#fig-four-genes)b"),
        ("{numref}`Panel %s <fig-four-genes>`", "[Panel 1.2](#fig-four-genes)"),
        ("{ref}`grn-matrix`", "[Four genes](#grn-matrix)"),
        ("{ref}`here <grn-matrix>`", "[here](#grn-matrix)"),
        ("[there](#grn-matrix) and [out](https://a.example/b)",) * 2,
        ("[*so\nwide*](#ledger-9)", f"[*so\nwide*]({site_url()}/book/ledger.html#ledger-9)"),
        ("[x](../book/live.md#live-path)", f"[x]({site_url()}/book/live.html#live-path)"),
        ("[](../book/glossary.md)", f"[Glossary]({site_url()}/book/glossary.html)"),
        ("{doc}`/book/glossary`", f"[Glossary]({site_url()}/book/glossary.html)"),
        ("(grn-matrix)=\n## Four genes", '<a name="grn-matrix"></a>\n\n## Four genes'),
        ("|a|{term}`b`|\n|-|-|\n|{term}`c`|{term}`c`|", "|a|b|\n|-|-|\n|c|c|"),
        ("`{term}` and ``{term}`x` `` and $x_{a}$",) * 2,
        ("```\n{term}`x`\n[a](#ledger-9)\n```",) * 2,
        ("```{math}\ny = x\n```", "$$\ny = x\n$$"),
        (
            "- a\n\n  :::{note}\n  {term}`b`\n  :::",
            "- a\n\n  <details open><summary>Note</summary>\n\n  b\n\n  </details>",
        ),
        (
            ":::{table} Three *kinds*.\n:name: tab-kinds\n\n|a|{term}`b`|\n|-|-|\n|c|d|\n:::",
            '<a name="tab-kinds"></a>**Table 1.1.** Three *kinds*.\n\n|a|b|\n|-|-|\n|c|d|\n',
        ),
        ("{numref}`tab-kinds`", "[Table 1.1](#tab-kinds)"),
        (
            ":::{admonition} Solution\n:class: dropdown\n{term}`x`, two\n\nlines\n:::",
            "<details><summary>Solution</summary>\n\nx, two\n\nlines\n\n</details>",
        ),
    ],
)  # fmt: skip
def test_myst_becomes_markdown(source, wanted):
    assert Writer(PAGE).markdown(source) == wanted


@pytest.mark.parametrize(
    "source, word",
    [
        ("{kbd}`x`", "kbd"),
        ("{numref}`fig-nowhere`", "fig-nowhere"),
        ("{cite:p}`nobody1900`", "nobody1900"),
        ("```{list-table}\n```", "list-table"),
    ],
)
def test_what_the_pass_does_not_know_is_an_error(source, word):
    with pytest.raises(ValueError, match=word):
        Writer(PAGE).markdown(source)


def test_equations_keep_their_numbers(monkeypatch):
    found = {"eq-y": labels.Label(PAGE, "(1.2)", "equation-eq-y")}
    monkeypatch.setattr(labels, "book", lambda: (found, {}))
    text = Writer(PAGE).markdown("$$ y = x $$ (eq-y)\n\nSee {eq}`eq-y`.")
    assert text == "$$ y = x \\tag{1.2}$$\n\nSee [(1.2)](#equation-eq-y)."


@pytest.fixture(scope="module")
def pairs():
    """Source and notebook for Colab of each chapter."""
    return {
        page: (notebook_of((ROOT / f"{page}.py").read_text()), read(ROOT / f"{page}.ipynb"))
        for page in notebooks()
    }


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("page", notebooks())
def test_no_myst_is_left(pairs, page):
    _, made = pairs[page]
    for cell in made.cells:
        if cell.cell_type == "markdown":
            assert leftovers(cell.source) == []
            assert not MYST.search(CODE.sub("", cell.source))


@pytest.mark.parametrize("page", notebooks())
def test_what_the_book_hides_is_folded_under_a_title(pairs, page):
    source, made = pairs[page]
    by_id = {cell.id: cell for cell in made.cells}
    for cell in source.cells:
        hidden = set(cell.metadata.get("tags", [])) & colab.HIDDEN
        assert bool(hidden) == (by_id[cell.id].metadata.get("cellView") == "form")
        assert bool(hidden) == by_id[cell.id].source.startswith("# @title ")
        assert cell.cell_type == "markdown" or cell.source.split("\n")[-1] in by_id[cell.id].source


@pytest.mark.parametrize("page", notebooks())
def test_every_figure_has_its_numbered_caption_below(pairs, page):
    source, made = pairs[page]
    names = {
        cell.id: cell.metadata["mystnb"]["figure"]
        for cell in source.cells
        if "figure" in cell.metadata.get("mystnb", {})
    }
    after = {cell.id: below.source for cell, below in zip(made.cells, made.cells[1:])}
    chapter = f"{chapters()[page]}." if page in chapters() else ""
    # A page below a chapter, and an appendix behind another, count on.
    pages = notebooks()[: notebooks().index(page)]
    same = [before for before in pages if chapters().get(before) == chapters().get(page)]
    cells = [cell for before in same for cell in pairs[before][0].cells]
    first = 1 + sum("figure" in cell.metadata.get("mystnb", {}) for cell in cells)
    for number, (cell, figure) in enumerate(names.items(), first):
        start = f'<a name="{make_id(figure["name"])}"></a>**Fig. {chapter}{number}.** '
        assert after[cell].startswith(start)
        assert after[cell].removeprefix(start).split()[0] == figure["caption"].split()[0]


@pytest.mark.parametrize("page", notebooks())
def test_anchors_exist_and_the_head_leads_to_the_page(pairs, page):
    _, made = pairs[page]
    text = "\n".join(cell.source for cell in made.cells if cell.cell_type == "markdown")
    targets = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert targets <= set(re.findall(r'<a name="([^"]+)"></a>', text))
    owner_and_name = repository_url().removeprefix("https://github.com/")
    assert f"/github/{owner_and_name}/blob/main/{page}.ipynb)" in made.cells[0].source
    assert f"({site_url()}/{page}.html)" in made.cells[0].source


def test_an_executed_notebook_is_read_without_bars_and_without_papermill():
    cells = [
        nbformat.v4.new_markdown_cell("# A page", metadata={"papermill": {"status": "completed"}}),
        nbformat.v4.new_code_cell('PROFILE = "quick"', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("", metadata={"tags": ["injected-parameters", "remove-cell"]}),
        nbformat.v4.new_code_cell("1"),
    ]
    for name in ("stderr", "stdout"):
        output = nbformat.v4.new_output("stream", name=name, text=name)
        cells[-1].outputs.append(output)
    source = nbformat.v4.new_notebook(cells=cells, metadata={"papermill": {"input_path": "/home"}})
    before = nbformat.writes(source)
    made = colab.notebook(source, "notebooks/A1_notes_for_reviewers")  # a page without a quiz
    assert nbformat.writes(source) == before
    assert "papermill" not in nbformat.writes(made)
    assert len(made.cells) == 3
    assert [output.text for output in made.cells[-1].outputs] == ["stdout"]


def test_a_label_may_stand_above_a_paragraph():
    found = list(labels.in_text("# A page\n\n(a-place)=\nText.\n\n(a-part)=\n## Part"))
    assert found == [
        ("title", "", "A page"),
        ("section", "a-place", ""),
        ("section", "a-part", "Part"),
    ]
