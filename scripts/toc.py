"""What _toc.yml names: the book's pages, in the order of reading."""

from pathlib import Path

from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"


def pages() -> list[str]:
    """Every page as Sphinx names it: relative to the repository, without suffix."""
    return list(parse_toc_yaml(ROOT / "_toc.yml"))


def notebooks() -> list[str]:
    """The pages that are executed: those below notebooks/."""
    return [page for page in pages() if page.startswith("notebooks/")]
