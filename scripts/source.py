"""A chapter's source, notebooks/NN_name.py, as a notebook: executed, and made into Colab's."""

import jupytext
import nbformat

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook_of(source: str) -> nbformat.NotebookNode:
    """The notebook without outputs, the same for the same source."""
    notebook = jupytext.reads(source, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    notebook.metadata = nbformat.from_dict(METADATA)
    return notebook


def as_json(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"
