"""One PDF of the whole book, from Sphinx's single page, printed by Chromium: make pdf.

The page gets a title and contents in front, every folded part opened, and the mends of the
site. Links inside the book work in the PDF, and its outline is that of the headings.
"""

import base64
import sys
import time
from pathlib import Path

from bs4 import BeautifulSoup, Tag

import browser_driver
import check_site
import finish
from deepsem_minimal.config import __version__
from toc import BUILD, pages, site_url

SINGLE = BUILD / "singlehtml"
TARGET = BUILD / "book.pdf"
PATIENCE = 600  # seconds until all formulas must stand
FOOTER = """<div style="font-size: 8px; width: 100%; text-align: center; color: #555">
<span class="pageNumber"></span></div>"""
READY = """
document.documentElement.dataset.theme = "light";
document.querySelectorAll("details").forEach((part) => { part.open = true; });
document.querySelectorAll("img[loading]").forEach((image) => { image.loading = "eager"; });
const narrowed = () => document.querySelectorAll("table").forEach((table) => {
  const room = table.parentElement.clientWidth;
  if (room && table.offsetWidth > room) table.style.zoom = room / table.offsetWidth;
});
return Promise.resolve(window.MathJax?.startup?.promise).then(() => document.fonts.ready)
  .then(narrowed);
"""
PAPER = {"paperWidth": 8.27, "paperHeight": 11.69}  # A4 in inches
MARGINS = {"marginTop": 0.6, "marginBottom": 0.7, "marginLeft": 0.6, "marginRight": 0.6}
WIDTH = round((PAPER["paperWidth"] - 2 * MARGINS["marginLeft"]) * 96)  # CSS pixels between them
# The pages of a book: its first one, and those below it.
PAGES = "section[id]:has(> h1), .toctree-wrapper > section[id]"
STYLE = """
.pdf-front { break-after: page; }
.pdf-title { padding-top: 60mm; text-align: center; }
.pdf-title h1 { font-size: 32pt; }
section.pdf-page { break-before: page; }
#jb-print-docs-body { display: none; }
.bd-main .bd-content .bd-article h1:first-of-type { display: block; } /* the theme hides it */
body { background: #fff; }
"""


def book_page() -> Path:
    """The single page that Sphinx wrote: named after the first page of the book."""
    page = SINGLE / f"{pages()[0]}.html"
    if not page.exists():
        sys.exit(f"{page} is missing: run make book, then make pdf")
    return page


def front(soup: BeautifulSoup, title: str) -> Tag:
    """Title and contents, with links to the pages of the book."""
    lines = [f'<div class="pdf-front pdf-title"><h1>{title}</h1><p>{site_url()}</p>']
    lines.append(f"<p>Version {__version__}. Text and figures: CC BY 4.0. Code: MIT.</p></div>")
    lines.append('<div class="pdf-front"><h1>Contents</h1><ul>')
    for section in soup.select(PAGES):
        lines.append(f'<li><a href="#{section["id"]}">{heading(section)}</a></li>')
    made = BeautifulSoup("\n".join([*lines, "</ul></div>"]), "html.parser")
    wrapper = soup.new_tag("div")
    wrapper.extend(list(made.children))
    return wrapper


def heading(section: Tag) -> str:
    words = section.find(["h1", "h2", "h3"]).get_text().removesuffix("#")  # 5b is below 5
    return " ".join(words.split())


def prepared(html: str) -> BeautifulSoup:
    """The page to print."""
    soup = BeautifulSoup(finish.mended(html), "html.parser")
    title = soup.title.get_text() if soup.title else ""
    style = soup.new_tag("style")
    style.string = STYLE
    soup.head.append(style)
    article = soup.select_one("article.bd-article")
    for section in article.select(PAGES):
        section["class"] = [*section.get("class", []), "pdf-page"]
    article.insert(0, front(soup, title))
    return soup


def printed(address: str) -> bytes:
    """The PDF of a page; waits for its formulas."""
    with browser_driver.window() as browser:
        browser.call("POST", "/timeouts", script=PATIENCE * 1000, pageLoad=PATIENCE * 1000)
        browser.size(WIDTH)
        browser.devtools("Emulation.setEmulatedMedia", media="print")
        browser.open(address)
        browser.js(READY)
        time.sleep(1)
        options = {**PAPER, **MARGINS, "printBackground": True, "displayHeaderFooter": True}
        options |= {"headerTemplate": "<span></span>", "footerTemplate": FOOTER}
        options |= {"generateTaggedPDF": True, "generateDocumentOutline": True}
        return base64.b64decode(browser.devtools("Page.printToPDF", **options)["data"])


def main() -> None:
    if not (browser_driver.CHROMIUM and browser_driver.DRIVER):
        sys.exit("make pdf needs Chromium and chromedriver: install them")
    page = SINGLE / "print.html"  # Sphinx writes the paths of a single page from its root
    soup = prepared(book_page().read_text(encoding="utf-8"))
    if faults := list(check_site.source_faults(page, soup)):  # it would print as bare text
        sys.exit(f"{page} cannot be printed: {', '.join(faults)}")
    page.write_text(str(soup), encoding="utf-8")
    TARGET.write_bytes(printed(page.as_uri()))
    print(f"The book: {TARGET.relative_to(BUILD.parent)} ({TARGET.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
