"""The mended site: what the pass changes, and what a browser finds wrong."""

import json

import nbformat
import pytest

import browser_driver
import check_access
import finish

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
        ("<pre>  x\n\n  y &lt; 1</pre>", "<pre>  x\n\n  y &lt; 1</pre>", None),
    ],
)
def test_each_mend_and_mending_twice(html, wanted, unwanted):
    page = finish.mended(html)
    assert wanted in page
    assert unwanted is None or unwanted not in page
    assert finish.mended(page) == page


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
        "heavy": f"<!-- {'x' * check_access.HEAVY} -->",
    }
    for name, body in pages.items():
        (tmp_path / f"{name}.html").write_text(PAGE.format(body))
    (tmp_path / "favicon.ico").write_bytes(b"")
    monkeypatch.setattr(check_access, "SITE", tmp_path)
    broken, faults = check_access.checked([f"{name}.html" for name in pages])
    grave = [violation for violation in broken if violation.impact in check_access.GRAVE]
    assert {(v.rule, v.page) for v in grave} == {("color-contrast", "pale.html")}
    assert [fault.split(":")[0] for fault in faults] == ["broken.html", "wide.html", "heavy.html"]
    assert "console" in faults[0] and "wider" in faults[1] and "MB" in faults[2]


@pytest.mark.parametrize("required", [True, False])
def test_without_a_browser_the_check_is_skipped_with_a_word(monkeypatch, capsys, required):
    monkeypatch.setattr(browser_driver, "DRIVER", None)
    monkeypatch.setattr("sys.argv", ["check_access.py", *(["--require"] if required else [])])
    assert check_access.main() == int(required)
    assert "accessibility not checked: no chromedriver" in capsys.readouterr().out
