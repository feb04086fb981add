"""A chapter as Colab, Jupyter and GitHub can show it: no MyST, code folded, captions as text.

The book itself is built from the MyST of notebooks/*.py. The same pass makes `notebooks/*.ipynb`
(without outputs, from the source) and the book's downloads (with outputs, from what was executed).
"""

import ast
import copy

import nbformat

import quiz
from plain_markdown import Writer, anchor
from toc import colab_url, notebooks, repository_url, site_url

BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
HIDDEN = {"remove-cell", "remove-input", "hide-cell", "hide-input", "check"}
TITLES = {  # of a folded cell, by the tag or the call that says what it does
    "setup": "Run me first: adds the package, replaces nothing (half a minute on Colab)",
    "parameters": "Profile: quick for any machine, full for the paper's settings",
    "check": "Check of the exercise above: run me",
    "hide-cell": "Solution in code: open me when you have tried",
    "remove-cell": "Helpers of this notebook",
    "page.header": "The data of this notebook",
    "page.choose": "The data of this notebook",
    "page.footer": "How this notebook was run: data, seeds, versions, seconds",
    "Markdown": "What was computed, in words",
    "page.say": "What was computed, in words",
    "": "What was computed",
}


def first_sentence(source: str) -> str:
    """What a folded cell does, from what it calls last."""
    last = ast.parse(source).body[-1]
    call = last.value if isinstance(last, ast.Expr | ast.Assign) else None
    if not isinstance(call, ast.Call):
        return TITLES[""]
    function = ast.unparse(call.func)
    if function == "page.show":
        return f"Source of {', '.join(map(ast.unparse, call.args))}"
    return TITLES.get(function, TITLES[""])


def title_of(cell: nbformat.NotebookNode, figure: str) -> str:
    """The title of a folded cell."""
    tags = cell.metadata.get("tags", [])
    for tag in ("setup", "parameters", "check"):
        if tag in tags:
            return TITLES[tag]
    if figure:
        return f"Draws {figure}"
    for tag in ("hide-cell", "remove-cell"):
        if tag in tags:
            return TITLES[tag]
    return first_sentence(cell.source)


def folded(cell: nbformat.NotebookNode, figure: str) -> None:
    """Give a hidden cell a title and fold it: as a form on Colab, its source in JupyterLab."""
    source = cell.source
    if "parameters" in cell.metadata.get("tags", []):
        source += '  # @param ["quick", "full"]'  # a menu on Colab
    cell.source = f"# @title {title_of(cell, figure)}\n{source}"
    cell.metadata["cellView"] = "form"
    is_solution = "hide-cell" in cell.metadata.get("tags", [])
    cell.metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": is_solution}


def links_of(page: str) -> str:
    """The badge and the ways to the page and to the next notebook; a class leads to its plan."""
    chapters = notebooks()
    badge = f"[![Open in Colab]({BADGE})]({colab_url(repository_url(), page)})"
    if page not in chapters:
        return f"{badge} [the plan of this class]({site_url()}/book/teaching.html)"
    ways = [f"[this chapter in the book]({site_url()}/{page}.html)"]
    if following := chapters[chapters.index(page) + 1 :]:
        ways.append(f"[the next notebook]({colab_url(repository_url(), following[0])})")
    return f"{badge} {' · '.join(ways)}"


def head(text: str, links: str) -> str:
    """The title cell, with a line of links below the title."""
    title, _, rest = text.partition("\n")
    return f"{title}\n\n{links}\n{rest}"


def caption(cell: nbformat.NotebookNode, writer: Writer) -> tuple[str, str]:
    """A figure's number and its caption as Markdown; empty for a cell that draws none."""
    figure = cell.metadata.get("mystnb", {}).get("figure")
    if not figure:
        return "", ""
    number = writer.label(figure["name"]).text
    text = writer.markdown(figure.get("caption", ""))
    return number, f"{anchor(figure['name'])}**{number}.** {text}"


def notebook(source: nbformat.NotebookNode, page: str, links: str = "") -> nbformat.NotebookNode:
    """The notebook for Colab; `source` is left as it is.

    Args:
        source: the chapter with MyST in its text, executed or not.
        page: as _toc.yml names it; for a class the path of its notebook.
        links: what stands below the title; default: `links_of` the page.

    Raises:
        ValueError: a role, directive or label that this pass does not know.
    """
    result = copy.deepcopy(source)
    quiz.place(result, page, quiz.markdown)
    writer, cells = Writer(page), []
    cited_first = sorted(result.cells, key=lambda cell: "{bibliography}" in cell.source)
    texts = {
        cell.id: writer.markdown(cell.source)
        for cell in cited_first
        if cell.cell_type == "markdown"
    }
    for cell in result.cells:
        tags = set(cell.metadata.get("tags", []))
        if "injected-parameters" in tags:
            continue
        cells.append(cell)
        if cell.cell_type == "markdown":
            cell.source = (
                texts[cell.id] if len(cells) > 1 else head(texts[cell.id], links or links_of(page))
            )
            cell.metadata = nbformat.from_dict({})
            continue
        number, text = caption(cell, writer)
        if tags & HIDDEN:
            folded(cell, number)
        if text:
            cells.append(nbformat.v4.new_markdown_cell(text, id=f"{cell.id}-caption"))
        clean(cell)
    result.cells = cells
    result.metadata.pop("papermill", None)
    return result


def clean(cell: nbformat.NotebookNode) -> None:
    """Drop metadata that neither Colab nor papermill reads, and what was written to stderr."""
    kept = {
        key: cell.metadata[key]
        for key in ("cellView", "jupyter", "nbgrader")
        if key in cell.metadata
    }
    if "parameters" in cell.metadata.get("tags", []):
        kept["tags"] = ["parameters"]
    cell.metadata = nbformat.from_dict(kept)
    cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
