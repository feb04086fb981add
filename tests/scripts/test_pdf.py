"""The PDF of the book: title, contents with links, every part opened."""

import re

import pytest

import browser_driver
import pdf

PAGE = """<!DOCTYPE html><html lang="en"><head><title>A book</title></head><body>
<article class="bd-article"><section id="first"><h1>First<a class="headerlink">#</a></h1>
<details><summary>Solution</summary><p>folded</p></details></section>
<section id="second"><h1>Second</h1><section id="part"><h2>Part</h2></section></section></article>
</body></html>"""


def test_title_and_contents_come_first():
    page = pdf.prepared(PAGE)
    assert re.search(r'pdf-title"><h1>A book</h1>', page)
    assert re.findall(r'<a href="#(\w+)">(\w+)</a>', page) == [
        ("first", "First"),
        ("second", "Second"),
    ]
    assert page.index("Contents") < page.index('id="first"')
    assert len(re.findall(r'<section class="pdf-page"', page)) == 2


@pytest.mark.skipif(
    not (browser_driver.CHROMIUM and browser_driver.DRIVER), reason="Chromium is not installed"
)
def test_the_page_is_printed_with_an_outline(tmp_path):
    (tmp_path / "page.html").write_text(pdf.prepared(PAGE))
    content = pdf.printed((tmp_path / "page.html").as_uri())
    assert content.startswith(b"%PDF-")
    assert b"/Outlines" in content and b"/StructTreeRoot" in content
    assert len(re.findall(rb"/Type /Page\b", content)) == 4  # title, contents, two sections


def test_without_a_book_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "SINGLE", tmp_path)
    with pytest.raises(SystemExit, match="make book"):
        pdf.book_page()
