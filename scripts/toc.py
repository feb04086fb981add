"""What _toc.yml and _config.yml say: the pages, in the order of reading, and the addresses."""

from pathlib import Path
from typing import Any

import yaml
from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"


def pages() -> list[str]:
    """Every page as Sphinx names it: relative to the repository, without suffix."""
    return list(parse_toc_yaml(ROOT / "_toc.yml"))


def notebooks() -> list[str]:
    """The pages that are executed: those below notebooks/."""
    return [page for page in pages() if page.startswith("notebooks/")]


def key_of(page: str) -> str:
    """A chapter's number as its file has it: 05b for notebooks/05b_name."""
    return page.rpartition("/")[2].partition("_")[0]


def chapters() -> dict[str, int]:
    """Chapter number of every numbered page; the count goes on from part to part.

    A page below a chapter has the number of the chapter.
    """
    tree = parse_toc_yaml(ROOT / "_toc.yml")
    numbered = [str(page) for part in tree.root.subtrees if part.numbered for page in part.items]
    return {
        page: number
        for number, chapter in enumerate(numbered, 1)
        for page in [chapter, *(str(p) for below in tree[chapter].subtrees for p in below.items)]
    }


def config() -> dict[str, Any]:
    """The settings of _config.yml."""
    settings: dict[str, Any] = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return settings


def repository_url() -> str:
    """The address of the repository: its one place is _config.yml."""
    return str(config()["repository"]["url"])


def site_url() -> str:
    """The address of the hosted book, without a slash at its end; its one place is _config.yml."""
    return str(config()["html"]["baseurl"]).removesuffix("/")


def colab_url(repository: str, page: str) -> str:
    """Where Colab opens a notebook of a repository at GitHub; elsewhere the notebook itself."""
    root = repository.replace("https://github.com/", "https://colab.research.google.com/github/")
    return f"{root}/blob/main/{page}.ipynb"
