"""Slides from the book's own figures: teaching/slides/*.md to one HTML file and one PDF a deck.

    make slides        # after make book: _build/slides/NAME.html, NAME.pdf, NAME-notes.pdf

A slide ends with a line `---`; what follows its line `Note:` is for the speaker. A line
`![](#label)` is the figure or table with this label in the executed notebooks (`![upper half](...)`
of two rows the first), `{whole.best}` a number of slide_numbers.py, `{answer.ch05b}` the first
sentence of a chapter's answer. The HTML holds all it needs (reveal.js, figures), so it opens
without a network; S opens the speaker's view.
"""

import base64
import functools
import hashlib
import html
import importlib.metadata
import json
import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import nbformat
from markdown_it import MarkdownIt

import browser_driver
import labels
from toc import BUILD, ROOT, key_of, site_url

SOURCES = ROOT / "teaching" / "slides"
TARGET = BUILD / "slides"
NOTE = "\nNote:\n"
WIDTH, HEIGHT = 1280, 720
PARTS = {  # of reveal.js 5.2.0, as the package that carries it has them
    "dist/reset.css": "1aa8e84c9cabcbfe4d95b19879fe48b9c2c5e6d54574cbe679bc22edb9fe12b6",
    "dist/reveal.css": "68f915a11ebf7203c0446576b7e952ff61c5dd02134a8a226ffaf62ed42136d2",
    "dist/reveal.js": "46538b52db48724192f59bf46f5e851a18e302777c46f4a34c32709d010d6a29",
    "plugin/notes/notes.js": "df1201d19d03241a2897d39c3d38768177df1cbd4bde06327b321cb83461ae89",
}
SHOWN = re.compile(r'<p><img src="#([\w-]+)" alt="([\w ]*)"\s*/></p>')
ANSWER = re.compile(r"\*\*(.+?)\*\*", re.S)
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
# How long reveal.js may take to lay out a deck, in tenths of a second.
PATIENCE = 300
LAID_OUT = "return window.Reveal?.isReady() && document.querySelectorAll('.pdf-page').length"


class Slide(NamedTuple):
    body: str
    notes: str


def slides(text: str) -> list[Slide]:
    """The slides of a deck's source."""
    parts = (part.partition(NOTE) for part in re.split(r"\n---\n", f"\n{text.strip()}\n"))
    return [Slide(body.strip(), notes.strip()) for body, _, notes in parts]


def decks() -> list[Path]:
    return sorted(SOURCES.glob("*.md"))


# --- What comes from the book ---------------------------------------------------------------------


@functools.cache
def cells() -> dict[str, list[nbformat.NotebookNode]]:
    """Code cells of the executed notebooks by page, as the last build left them."""
    record = BUILD / "executed.json"
    if not record.exists():
        sys.exit("The slides show the figures of a built book: run make book, then make slides")
    files = json.loads(record.read_text())["files"]
    notebooks = {
        page: nbformat.read(BUILD / "cache" / name, as_version=4) for page, name in files.items()
    }
    return {
        page: [cell for cell in notebook.cells if cell.cell_type == "code"]
        for page, notebook in notebooks.items()
    }


def answer_of(page: str) -> str:
    """The sentence in bold with which a chapter opens, with its numbers."""
    texts = [
        output["data"]["text/markdown"]
        for cell in cells()[page]
        for output in cell.outputs
        if "text/markdown" in output.get("data", {})
    ]
    return ANSWER.search(texts[0])[1]


def figure(label: str, part: str = "") -> str:
    """HTML of a labelled figure or table, or of a part of it, with where it stands in the book.

    Raises:
        KeyError: no executed notebook has the label.
    """
    for page_cells in cells().values():
        for cell in page_cells:
            shown = cell.metadata.get("mystnb", {})
            if shown.get("figure", {}).get("name") == label:
                alt = shown.get("image", {}).get("alt", "")
                place = labels.book()[0][label]
                link = f"{site_url()}/{place.page}.html#{place.anchor}"
                source = f'<a href="{link}">{place.text} of the book</a>'
                kind = f' class="{part.replace(" ", "-")}"' if part else ""
                caption = f"<figcaption>{source}{', ' * bool(part)}{part}</figcaption>"
                return f"<figure{kind}>{drawn(cell, alt)}{caption}</figure>"
    raise KeyError(f"no executed notebook has a figure {label}: run make book")


def drawn(cell: nbformat.NotebookNode, alt: str) -> str:
    """The picture of a cell, else its table."""
    data = [output["data"] for output in cell.outputs if "data" in output]
    for content in data:
        if "image/png" in content:
            picture = content["image/png"].replace("\n", "")
            return f'<img src="data:image/png;base64,{picture}" alt="{html.escape(alt)}">'
    return next(content["text/html"] for content in data if "text/html" in content)


def values() -> dict[str, Any]:
    """What may stand in braces on a slide."""
    from slide_numbers import numbers

    answers = {f"ch{key_of(page)}": answer_of(page) for page in cells() if "/A" not in page}
    return {**numbers(), "answer": SimpleNamespace(**answers)}


# --- HTML -----------------------------------------------------------------------------------------


@functools.cache
def reveal() -> dict[str, str]:
    """The files of reveal.js from the installed package that carries it, as published."""
    try:
        files = importlib.metadata.files("sphinx-revealjs") or []
    except importlib.metadata.PackageNotFoundError:
        sys.exit("make slides needs reveal.js: pip install --no-deps -r requirements-access.txt")
    texts = {}
    for part, checksum in PARTS.items():
        [file] = [file for file in files if str(file).endswith(f"revealjs/{part}")]
        content = Path(str(file.locate())).read_bytes()
        if hashlib.sha256(content).hexdigest() != checksum:
            sys.exit(f"{part} is not that of reveal.js 5.2.0: install sphinx-revealjs==3.2.1")
        texts[part] = content.decode().replace("</script", "<\\/script")
    return texts


def rendered(slide: Slide, shown: dict[str, Any]) -> str:
    """One slide with its notes."""
    body = MARKDOWN.render(slide.body.format(**shown))
    body = SHOWN.sub(lambda match: figure(*match.groups()), body)
    notes = MARKDOWN.render(slide.notes.format(**shown))
    return f'<section><div class="slide">{body}</div><aside class="notes">{notes}</aside></section>'


def page(source: Path, shown: dict[str, Any]) -> str:
    """A deck as one HTML file."""
    deck = slides(source.read_text(encoding="utf-8"))
    title = deck[0].body.splitlines()[0].lstrip("# ")
    parts = reveal()
    styles = [parts["dist/reset.css"], parts["dist/reveal.css"]]
    styles.append((SOURCES / "slides.css").read_text(encoding="utf-8"))
    settings = {
        "width": WIDTH, "height": HEIGHT, "margin": 0, "hash": True, "center": False,
        "slideNumber": "c/t", "transition": "none",
    }  # fmt: skip
    return "\n".join([
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        *(f"<style>{style}</style>" for style in styles),
        '</head><body><div class="reveal"><div class="slides">',
        *(rendered(slide, shown) for slide in deck),
        f"</div></div><script>{parts['dist/reveal.js']}</script>",
        f"<script>{parts['plugin/notes/notes.js']}</script>",
        f"<script>Reveal.initialize({{...{json.dumps(settings)}, plugins: [RevealNotes]}});"
        "</script></body></html>",
    ])  # fmt: skip


# --- PDF ------------------------------------------------------------------------------------------


def printed(address: str) -> bytes:
    """The PDF of a deck whose address asks reveal.js for its layout on paper."""
    with browser_driver.window() as browser:
        browser.size(WIDTH, HEIGHT)
        browser.open(address)
        for _ in range(PATIENCE):
            if browser.js(LAID_OUT):
                break
            time.sleep(0.1)
        options = {"printBackground": True, "preferCSSPageSize": True}
        return base64.b64decode(browser.devtools("Page.printToPDF", **options)["data"])


def main() -> None:
    shown = values()
    TARGET.mkdir(parents=True, exist_ok=True)
    with_pdf = bool(browser_driver.CHROMIUM and browser_driver.DRIVER)
    for source in decks():
        target = TARGET / f"{source.stem}.html"
        target.write_text(page(source, shown), encoding="utf-8")
        if with_pdf:
            for name, query in (("", "print-pdf"), ("-notes", "print-pdf&showNotes=separate-page")):
                content = printed(f"{target.as_uri()}?{query}")
                target.with_name(f"{source.stem}{name}.pdf").write_bytes(content)
        print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e6:.1f} MB")
    if not with_pdf:
        print("no PDF: Chromium or chromedriver is not installed")


if __name__ == "__main__":
    main()
