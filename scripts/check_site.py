"""Checks the built book: pages, tracebacks, alt texts, links, weight, nothing from outside.

Prints one line per fault and exits with 1 when there is one.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from deepsem_book import live
from toc import BUILD, pages

SITE = BUILD / "html"
# What a browser fetches by itself. An <a href> waits for the reader, and may lead outside.
LOADED = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "img": ("src", "srcset"),
    "input": ("src",),
    "link": ("href",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "video": ("src", "poster"),
}
# Bytes of a page with all that it loads, nothing compressed. MathJax, one file, has 2.28 million.
LIMIT, LIMIT_WITH_FORMULAS = 1_500_000, 3_700_000
POINTERS = {"next", "prev", "canonical", "author", "license", "search", "index", "alternate"}
CSS_FILE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?!data:|https?:|//|#)([^"')\s]+)""")
CSS_ADDRESS = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')\s]+)""")
TRACEBACK = re.compile(r"Traceback \(most recent call last\)")
OBJECT = re.compile(r"<IPython\.core\.display\.\w+ object>")
FORMULA = re.compile(r"\$[^$\n]{1,80}\$")  # nothing renders TeX in what a cell computed


def remote(address: str) -> bool:
    """Whether an address names a host."""
    return bool(urlsplit(address.strip()).netloc)


def loads(soup: BeautifulSoup) -> Iterator[str]:
    """Addresses on other hosts that a page fetches."""
    for tag in soup.find_all(list(LOADED)):
        if tag.name == "link" and POINTERS & set(tag.get("rel", [])):
            continue
        for attribute in LOADED[tag.name]:
            addresses = str(tag.get(attribute, "")).split(",")
            yield from (part.split()[0] for part in addresses if part.split() and remote(part))
    styles = [tag.get_text() for tag in soup.find_all("style")]
    styles += [str(tag["style"]) for tag in soup.find_all(style=True)]
    for style in styles:
        yield from CSS_ADDRESS.findall(style)


def image_faults(soup: BeautifulSoup) -> Iterator[str]:
    """Images that say nothing to a reader who cannot see them, and images shown twice."""
    for image in soup.find_all("img"):
        source, alt = str(image.get("src", "")), str(image.get("alt", "")).strip()
        # Without alt text Sphinx writes the file's own name there; finish.py changes its ending.
        if not alt or Path(alt).stem == Path(unquote(source)).stem or alt.startswith("data:"):
            yield f"image without alt text: {source[:80]}"
    for output in soup.select("div.cell_output"):
        sources = [str(image.get("src")) for image in output.find_all("img")]
        yield from (f"one cell shows {s} twice" for s in set(sources) if sources.count(s) > 1)


def error_faults(soup: BeautifulSoup) -> Iterator[str]:
    """Tracebacks in outputs."""
    for output in soup.select("div.cell_output"):
        if output.select_one(".traceback") or TRACEBACK.search(output.get_text()):
            yield "a cell's output holds a traceback"


def formula_faults(soup: BeautifulSoup) -> Iterator[str]:
    """TeX that stands as it was typed in computed text."""
    for output in soup.select("div.cell_output"):
        for text in output.find_all(string=FORMULA):
            if not text.find_parent(["pre", "code", "script", "style"]):
                yield from (f"formula as text: {formula}" for formula in FORMULA.findall(text))


def display_faults(soup: BeautifulSoup) -> Iterator[str]:
    """The name of an object where its picture or text should be, as an empty Markdown gives."""
    for output in soup.select("div.cell_output"):
        yield from (
            f"object shown by its name: {name}" for name in OBJECT.findall(output.get_text())
        )


def link_faults(path: Path, soup: BeautifulSoup, anchors: dict[Path, set[str]]) -> Iterator[str]:
    """Internal links that lead to no file or no anchor."""
    for link in soup.find_all(href=True):
        address = str(link["href"])
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if not target.exists():
            yield f"link to a missing file: {address}"
            continue
        anchor = unquote(parts.fragment)
        if anchor and target in anchors and anchor not in anchors[target]:
            yield f"link to a missing anchor: {address}"


def source_faults(path: Path, soup: BeautifulSoup) -> Iterator[str]:
    """Local files that a page loads and that are not there."""
    loaded = [tag["src"] for tag in soup.find_all(["img", "script", "iframe", "source"], src=True)]
    loaded += [tag["href"] for tag in soup.select("link[rel=stylesheet][href]")]
    for source in map(str, loaded):
        address = urlsplit(source)
        local = not (address.scheme or address.netloc)
        if local and not (path.parent / unquote(address.path)).exists():
            yield f"missing file: {source}"


def loaded_files(path: Path, soup: BeautifulSoup) -> set[Path]:
    """The page and the files of the site that it loads, with what its style sheets load."""
    addresses = [
        str(tag[name])
        for tag in soup.find_all(list(LOADED))
        for name in LOADED[tag.name]
        if name in tag.attrs and not POINTERS & set(tag.get("rel", []))
    ]
    files, waiting = {path}, [(path, address) for address in addresses]
    while waiting:
        origin, address = waiting.pop()
        file = (origin.parent / unquote(urlsplit(address).path)).resolve()
        if file in files or remote(address) or not file.is_file():
            continue
        files.add(file)
        if file.suffix == ".css":
            found = CSS_FILE.findall(file.read_text(encoding="utf-8"))
            waiting += [(file, inner) for inner in found]
    return files


def weight_faults(path: Path, soup: BeautifulSoup) -> Iterator[str]:
    """A page that is too heavy."""
    has_formulas = bool(soup.select(".math, mjx-container"))
    limit = LIMIT_WITH_FORMULAS if has_formulas else LIMIT
    weight = sum(file.stat().st_size for file in loaded_files(path, soup))
    if weight > limit:
        yield f"{weight / 1e6:.2f} MB with all that it loads, {limit / 1e6:.2f} are allowed"


def live_states(soup: BeautifulSoup) -> set[str]:
    """What may stand after # in an address, to press a preset of a part that trains in the page."""
    parts = [str(tag["part"]) for tag in soup.find_all("deepsem-live")]
    return {f"{part}-{key}" for part in parts for key in live.PRESETS.get(part, ())}


def named(tag: Tag) -> str:
    return str(tag.get("id") or tag.get("name"))


def faults() -> Iterator[str]:
    """Every fault of the site, with the page's name before it."""
    wanted = {f"{page}.html" for page in pages()}
    files = {path.relative_to(SITE).as_posix(): path.resolve() for path in SITE.rglob("*.html")}
    built = {name: path for name, path in files.items() if not name.startswith("_static/")}
    yield from (f"{page}: was not built" for page in sorted(wanted - set(built)))
    soups = {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in built.values()
    }
    anchors = {
        path: {named(tag) for tag in soup.find_all(lambda tag: tag.get("id") or tag.get("name"))}
        | live_states(soup)
        for path, soup in soups.items()
    }
    for name, path in sorted(built.items()):
        soup = soups[path]
        listed = [f"loads from another host: {address}" for address in loads(soup)]
        listed += [*image_faults(soup), *error_faults(soup), *formula_faults(soup)]
        listed += display_faults(soup)
        listed += [*link_faults(path, soup, anchors), *source_faults(path, soup)]
        listed += weight_faults(path, soup)
        yield from (f"{name}: {fault}" for fault in listed)
    for style in sorted(SITE.rglob("*.css")):
        for address in CSS_ADDRESS.findall(style.read_text(encoding="utf-8")):
            yield f"{style.relative_to(SITE)}: loads from another host: {address}"


def main() -> int:
    listed = list(faults())
    print("\n".join(listed) or f"{len(pages())} pages checked, no fault")
    return 1 if listed else 0


if __name__ == "__main__":
    sys.exit(main())
