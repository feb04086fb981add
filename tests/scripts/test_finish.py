"""The mended site: what the pass changes, and what a browser finds wrong."""

import importlib.util
import json
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

import browser_driver
import check_access
import finish
import icons

HEAD = """<html lang="en"><head><title>A page</title>
<script src="../_static/scripts/fontawesome.js?digest=1"></script>
<script src="../_static/scripts/bootstrap.js"></script>
<script>const THEBE_JS_URL = "https://host.example/thebe.js"</script>
<link href="../_static/sphinx-thebe.css" rel="stylesheet"/>
<script>window.MathJax = {}</script>
<script defer src="../_static/mathjax/tex-svg-full.js"></script></head>
"""


@pytest.mark.parametrize("formula", ["", '<span class="math notranslate">x</span>'])
def test_scripts_go_unless_the_page_uses_them(formula):
    page = finish.mended(f"{HEAD}<body><p>{formula}</p></body></html>")
    assert "bootstrap.js" in page
    assert "fontawesome" not in page and "thebe" not in page.lower()
    assert ("tex-svg-full.js" in page) == ("window.MathJax" in page) == bool(formula)


@pytest.mark.parametrize(
    "html, wanted, unwanted",
    [
        (
            '<div class="citation-list" role="list"><div role="doc-biblioentry">A</div></div>',
            '<div role="listitem">',
            "doc-biblioentry",
        ),
        ('<summary aria-label="Toggle">Show code</summary>', "<summary>", "Toggle"),
        ("<summary><i></i></summary>", 'aria-label="pages below"', "<summary>"),
        ("<table><thead><tr><th></th></tr></thead></table>", "<td></td>", "<th>"),
        ("<table><thead><tr><th>a</th></tr></thead></table>", '<th scope="col">a</th>', None),
        ("<table><tbody><tr><th>a</th></tr></tbody></table>", '<th scope="row">a</th>', None),
        (
            '<script>mode = localStorage.getItem("mode") || "" && 1</script>',
            '<script>mode = localStorage.getItem("mode") || "auto" && 1</script>',
            None,
        ),
        (
            '<meta content="0; url=a.html" http-equiv="Refresh"/>',
            '<link href="_static/favicon.svg" rel="icon"/>',
            None,
        ),
        ("<pre>  x\n\n  y &lt; 1</pre>", "<pre>  x\n\n  y &lt; 1</pre>", None),
    ],
)
def test_each_mend_and_mending_twice(html, wanted, unwanted):
    page = finish.mended(html)
    assert wanted in page
    assert unwanted is None or unwanted not in page
    assert finish.mended(page) == page


def test_figures_keep_their_pixels_and_pages_name_them(tmp_path, monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 4), dtype=np.uint8)
    (tmp_path / "_images").mkdir()
    Image.fromarray(pixels).save(tmp_path / "_images" / "ab12.png")
    page = tmp_path / "page.html"
    page.write_text(
        '<a href="../_images/ab12.png"><img src="../_images/ab12.png"></a> <img src="a.png">'
    )
    monkeypatch.setattr(finish, "SITE", tmp_path)
    monkeypatch.setattr(finish, "downloads", lambda: None)
    for _ in range(2):  # mending a mended site changes nothing
        finish.main()
        assert page.read_text().count("../_images/ab12.webp") == 2
        assert 'src="a.png"' in page.read_text()
        assert [path.name for path in (tmp_path / "_images").iterdir()] == ["ab12.webp"]
        with Image.open(tmp_path / "_images" / "ab12.webp") as image:
            assert (np.asarray(image) == pixels).all()


@pytest.fixture
def site_with_icons(tmp_path):
    """The theme's own style sheet and fonts, and a page that shows a sun."""
    package = Path(importlib.util.find_spec("pydata_sphinx_theme").origin).parent
    static = package / "theme" / "pydata_sphinx_theme" / "static"
    shutil.copytree(static, tmp_path / "_static", ignore=shutil.ignore_patterns("*.js", "*.map"))
    (tmp_path / "page.html").write_text(
        '<i class="fas fa-sun"></i> <i class="fas fa-plus"></i> <i>\uf09b</i>'
    )
    return tmp_path


def test_icons_that_no_page_shows_go_with_their_rules_and_glyphs(site_with_icons):
    sun, github, bomb, plus = 0xF185, 0xF09B, 0xF1E2, ord("+")
    sheet = site_with_icons / "_static" / "styles" / "pydata-sphinx-theme.css"
    old = sheet.read_text()
    icons.keep_used(site_with_icons)
    style = sheet.read_text()
    rules = [f".fa-{name}:before" for name in ("sun", "bomb")]
    assert all(rule in old for rule in rules) and [rule in style for rule in rules] == [True, False]
    assert len(style) < len(old) - 70_000 and old.count("@font-face") == style.count("@font-face")
    assert ".woff2" in old and ".woff2" not in style
    fonts = list((site_with_icons / icons.FONTS).iterdir())
    assert {font.suffix for font in fonts} == {".ttf"}
    assert sum(font.stat().st_size for font in fonts) < 20_000
    solid, brands = (
        TTFont(site_with_icons / icons.FONTS / f"fa-{name}.ttf")
        for name in ("solid-900", "brands-400")
    )
    warning = 0xF071  # the theme's own, for admonitions
    assert {sun, plus, warning} <= set(solid.getBestCmap())
    assert bomb not in solid.getBestCmap()
    assert github in brands.getBestCmap()
    assert {record.nameID for record in solid["name"].names} <= set(icons.LEGAL)


def test_icons_are_dropped_once(site_with_icons):
    def content():
        paths = sorted(path for path in site_with_icons.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in paths}

    icons.keep_used(site_with_icons)
    first = content()
    icons.keep_used(site_with_icons)
    assert content() == first


def test_the_download_is_the_notebook_for_colab_with_its_outputs(tmp_path, monkeypatch):
    page = finish.notebooks()[0]
    shown = nbformat.v4.new_output("stream", name="stdout", text="42")
    bar = nbformat.v4.new_output("stream", name="stderr", text="100%|####| /home/me/tqdm.py")
    cells = [
        nbformat.v4.new_markdown_cell("# A page\n\n{term}`EPR`\n\n## Exercises"),
        nbformat.v4.new_code_cell("print(42)", outputs=[bar, shown]),
    ]
    (tmp_path / "cache").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "cache" / "a.ipynb")
    (tmp_path / "executed.json").write_text(json.dumps({"files": {page: "a.ipynb"}}))
    target = tmp_path / "html" / "_sources" / f"{page}.ipynb"
    target.parent.mkdir(parents=True)
    monkeypatch.setattr(finish, "BUILD", tmp_path)
    monkeypatch.setattr(finish, "SITE", tmp_path / "html")
    monkeypatch.setattr(finish, "notebooks", lambda: [page])
    finish.downloads()
    text = target.read_text()
    assert "42" in text and "EPR" in text
    assert "tqdm" not in text and "{term}" not in text


PAGE = """<!DOCTYPE html><html lang="en"><head><title>A page</title></head>
<body><main><h1>A page</h1>{}</main></body></html>"""


@pytest.mark.skipif(bool(check_access.missing()), reason="Chromium or axe-core is not installed")
def test_what_a_browser_finds_wrong(tmp_path, monkeypatch, capsys):
    pages = {
        "good": "<p>Text.</p>",
        "pale": '<p style="color: #ccc">Text.</p>',
        "broken": "<script>nothing.there</script>",
        "wide": '<p style="width: 900px">Text.</p>',
        "heavy": f"<!-- {'x' * check_access.LIMIT} -->",
        "first": "<script>localStorage.seen || console.warn('new'); localStorage.seen = 1</script>",
        "second": "<script>localStorage.seen || console.warn('new')</script>",
    }
    for name, body in pages.items():
        (tmp_path / f"{name}.html").write_text(PAGE.format(body))
    (tmp_path / "favicon.ico").write_bytes(b"")
    monkeypatch.setattr(check_access, "SITE", tmp_path)
    broken, faults = check_access.checked([f"{name}.html" for name in pages])
    grave = [violation for violation in broken if violation.impact in check_access.GRAVE]
    assert {(v.rule, v.page) for v in grave} == {("color-contrast", "pale.html")}
    expected = {
        "broken": "console",
        "wide": "wider",
        "heavy": "MB",
        "first": "new",
        "second": "new",
    }
    assert [fault.split(".html:")[0] for fault in faults] == list(expected)
    assert all(word in fault for fault, word in zip(faults, expected.values(), strict=True))


@pytest.mark.parametrize("required", [True, False])
def test_without_a_browser_the_check_is_skipped_with_a_word(monkeypatch, capsys, required):
    monkeypatch.setattr(browser_driver, "CHROMIUM", "chromium")
    monkeypatch.setattr(browser_driver, "DRIVER", None)
    monkeypatch.setattr("sys.argv", ["check_access.py", *(["--require"] if required else [])])
    assert check_access.main() == int(required)
    assert "accessibility not checked: no chromedriver" in capsys.readouterr().out
