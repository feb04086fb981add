"""Mends the built site where Sphinx, its theme and its extensions fall short.

Roles that screen readers do not know, names that hide the visible words, empty headings of
tables, a colour scheme that a first visit does not name, scripts, icons and bytes of figures that
a page does not need, and the notebooks behind the download buttons: they become those that Colab
reads, with their outputs. Mending a mended site changes nothing.
"""

import json
import re
from collections.abc import Callable

import nbformat
from bs4 import BeautifulSoup
from PIL import Image

import colab
import icons
from source import as_json
from toc import BUILD, notebooks

SITE = BUILD / "html"
UNUSED = ("fontawesome.js", "sphinx-thebe.js", "sphinx-thebe.css")  # icons come from the fonts
THEBE = ("THEBE_JS_URL", "kernelName =")
MATHJAX = ("tex-svg-full.js", "window.MathJax")
FIRST_VISIT = 'localStorage.getItem("mode") || ""'  # the theme's script says that it knows no ""
FIGURE = re.compile(r"""(_images/[^"'/]+)\.png""")
FORMULAS = ".math, .amsmath, mjx-container"


def scripts(soup: BeautifulSoup) -> None:
    """Drop what no page uses, and MathJax where there is no formula."""
    has_formulas = bool(soup.select(FORMULAS))
    for tag in soup.find_all(["script", "link"]):
        address, text = str(tag.get("src") or tag.get("href") or ""), tag.get_text()
        unused = any(name in address for name in UNUSED) or tag.get("type") == "text/x-thebe-config"
        thebe = any(name in text for name in THEBE)
        mathjax = any(name in address or name in text for name in MATHJAX)
        if unused or thebe or (mathjax and not has_formulas):
            tag.decompose()


def first_visit(soup: BeautifulSoup) -> None:
    """Who has chosen no colour scheme gets that of the system; a redirection has an icon too."""
    for tag in soup.find_all("script", string=re.compile(re.escape(FIRST_VISIT))):
        tag.string = tag.get_text().replace(FIRST_VISIT, FIRST_VISIT.replace('""', '"auto"'))
    for tag in soup.select('meta[http-equiv="Refresh"]'):
        if not soup.find("link"):
            tag.insert_after(soup.new_tag("link", rel="icon", href="_static/favicon.svg"))


def reference_lists(soup: BeautifulSoup) -> None:
    """A bibliography is a list of its entries."""
    for listed in soup.select("div.citation-list"):
        listed["role"] = "list"
        for entry in listed.find_all("div", recursive=False):
            entry["role"] = "listitem"


def names(soup: BeautifulSoup) -> None:
    """The name of a control is what one sees on it; the arrow of a list of pages has a name too."""
    for summary in soup.find_all("summary"):
        del summary["aria-label"]
        if not summary.get_text(strip=True):
            summary["aria-label"] = "pages below"
    for button in soup.select("button.search-button-field, button.search-button__button"):
        if button.get_text(strip=True):
            del button["aria-label"]


def tables(soup: BeautifulSoup) -> None:
    """An empty heading is a cell, and a heading says of what it is one."""
    for table in soup.find_all("table"):
        for heading in table.find_all("th"):
            if not heading.get_text(strip=True) and not heading.find("img"):
                heading.name = "td"
                del heading["scope"]
            elif "scope" not in heading.attrs:
                heading["scope"] = "col" if heading.find_parent("thead") else "row"


MENDS: tuple[Callable[[BeautifulSoup], None], ...] = (
    scripts,
    first_visit,
    reference_lists,
    names,
    tables,
)


def mended(page: str) -> str:
    """The HTML of a page after all mends."""
    soup = BeautifulSoup(page, "html.parser")
    for mend in MENDS:
        mend(soup)
    return str(soup)


def figures() -> None:
    """Figures as WebP without loss: the same pixels in a third of the bytes."""
    for path in (SITE / "_images").glob("*.png"):
        with Image.open(path) as image:
            image.save(path.with_suffix(".webp"), lossless=True, exact=True)
        path.unlink()


def downloads() -> None:
    """Put the executed notebooks, made for Colab, behind the download buttons."""
    files = json.loads((BUILD / "executed.json").read_text())["files"]
    for page in notebooks():
        executed = nbformat.read(BUILD / "cache" / files[page], as_version=4)
        target = SITE / "_sources" / f"{page}.ipynb"
        target.write_text(as_json(colab.notebook(executed, page)), encoding="utf-8")


def main() -> None:
    for path in SITE.rglob("*.html"):
        if path.relative_to(SITE).parts[0] != "_static":
            page = FIGURE.sub(r"\1.webp", mended(path.read_text(encoding="utf-8")))
            path.write_text(page, encoding="utf-8")
    for path in SITE.rglob("*"):
        if path.suffix == ".map" or path.name in UNUSED:
            path.unlink()
    figures()
    icons.keep_used(SITE)
    downloads()


if __name__ == "__main__":
    main()
