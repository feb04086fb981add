"""The PDF of the book: title, contents with links, every part opened."""

import re

import pytest

import browser_driver
import pdf

PAGE = """<!DOCTYPE html><html lang="en"><head><title>A book</title></head><body>
<article class="bd-article"><section id="first"><h1>First<a class="headerlink">#</a></h1>
<details><summary>Solution</summary><p>folded</p></details></section>
<div class="toctree-wrapper"><section id="second"><h2>Second</h2><section id="part"><h3>Part</h3>
</section><div class="toctree-wrapper"><section id="below"><h3>Below</h3></section></div></section>
</div></article>
</body></html>"""


def test_title_and_contents_come_first():
    page = str(pdf.prepared(PAGE))
    assert re.search(r'pdf-title"><h1>A book</h1>', page)
    assert re.findall(r'<a href="#(\w+)">(\w+)</a>', page) == [
        ("first", "First"),
        ("second", "Second"),
        ("below", "Below"),
    ]
    assert page.index("Contents") < page.index('id="first"')
    assert len(re.findall(r'<section class="pdf-page"', page)) == 3


@pytest.mark.skipif(
    not (browser_driver.CHROMIUM and browser_driver.DRIVER), reason="Chromium is not installed"
)
def test_the_page_is_printed_with_an_outline(tmp_path):
    (tmp_path / "page.html").write_text(str(pdf.prepared(PAGE)))
    content = pdf.printed((tmp_path / "page.html").as_uri())
    assert content.startswith(b"%PDF-")
    assert b"/Outlines" in content and b"/StructTreeRoot" in content
    assert len(re.findall(rb"/Type /Page\b", content)) == 5  # title, contents, three pages


def test_without_a_book_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "SINGLE", tmp_path)
    with pytest.raises(SystemExit, match="make book"):
        pdf.book_page()


def test_a_page_without_its_style_sheet_is_not_printed(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "SINGLE", tmp_path)
    monkeypatch.setattr(pdf, "TARGET", tmp_path / "book.pdf")
    monkeypatch.setattr(pdf, "printed", lambda address: b"%PDF-")
    monkeypatch.setattr(pdf.browser_driver, "CHROMIUM", "a browser")
    monkeypatch.setattr(pdf.browser_driver, "DRIVER", "its driver")
    monkeypatch.setattr(pdf, "BUILD", tmp_path)
    book = tmp_path / f"{pdf.pages()[0]}.html"
    book.parent.mkdir()
    sheet = '<link rel="stylesheet" href="_static/book.css?digest=1">'
    book.write_text(PAGE.replace("<head>", f"<head>{sheet}"))
    with pytest.raises(SystemExit, match=r"book\.css"):
        pdf.main()
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "book.css").touch()
    pdf.main()
    assert (tmp_path / "book.pdf").read_bytes() == b"%PDF-"
