"""The explorer page: what it holds, and what a browser makes of it."""

import json

import numpy as np
import pandas as pd
import pytest

import browser_driver
from deepsem_book.own_data import explorer

EDGES = pd.DataFrame(
    {"TF": ["GATA1", "GATA1", "SPI1", "SPI1"], "target": ["KLF1", "SPI1", "CEBPA", "KLF1"],
     "importance": [4.0, 3.0, 2.0, 1e-3], "sign": [1, -1, 1, 0], "in_top": [1, 0.75, 0.5, 0.0],
     "control": [2.0, 7.0, 1.0, np.nan]}
)  # fmt: skip
NOTES = ["1 of 2 members trained", "seed 1 left out: W is <empty>", "control: a correlation"]


def data_of(html: str) -> dict:
    return json.loads(html.split('type="application/json">')[1].split("</script>")[0])


def test_the_page_stands_alone_and_survives_odd_names():
    edges = pd.DataFrame({"TF": ["</script>x"], "target": ["b"], "importance": [1.0]})
    html = explorer.page(edges, "a < b")
    data = data_of(html)
    assert data["rows"] == [["</script>x", "b", 1.0]] and data["notes"] == []
    assert data["columns"] == data["heads"] == ["TF", "target", "importance"]
    assert "a &lt; b" in html and 'src="' not in html and "<link" not in html
    assert html.replace("http://www.w3.org/2000/svg", "").count("http") == 0


def test_the_page_holds_five_digits_of_an_importance_in_the_order_of_all():
    edges = pd.DataFrame({"TF": ["a", "b"], "target": "c", "importance": [1.23456701, 1.23456702]})
    html = explorer.page(edges)
    assert data_of(html)["rows"] == [["b", "c", 1.2346], ["a", "c", 1.2346]]
    assert '["b","c",1.2346]' in html


def test_the_page_has_signs_agreement_control_and_health():
    edges = EDGES.copy()
    edges.attrs["within"] = 5
    data = data_of(explorer.page(edges, notes=NOTES, top=3))
    assert data["rows"] == EDGES.head(3).to_numpy().tolist() and data["notes"] == NOTES
    assert data["heads"][3:] == ["sign", "members with the edge among their first 5",
                                 "place in the control's list"]  # fmt: skip
    whole = data_of(explorer.page(edges))
    assert whole["rows"][-1][-1] is None  # JSON knows no NaN


browser = pytest.mark.skipif(
    not (browser_driver.CHROMIUM and browser_driver.DRIVER),
    reason="chromium or chromedriver is not installed",
)
ROWS = (
    "return [...document.querySelectorAll('#rows tr')].map(r => [...r.cells].map(c => c.innerText))"
)
LINES = """return [...document.querySelectorAll('#map line')].map(line =>
  ["class", "marker-end", "stroke-dasharray"].map(name => line.getAttribute(name)))"""


@pytest.fixture(scope="module")
def window(browser):
    return browser


def choose(window, element: str, value: str) -> None:
    window.js(
        f"const e = document.getElementById('{element}'); e.value = arguments[0];"
        "e.dispatchEvent(new Event('input'))",
        value,
    )


@browser
def test_a_reader_sees_signs_health_and_control(window, tmp_path):
    explorer.write(EDGES, tmp_path / "network.html", "cells", NOTES)
    window.open((tmp_path / "network.html").as_uri())
    notes = window.js("return [...document.querySelectorAll('#notes li')].map(n => n.innerText)")
    assert notes == NOTES
    assert window.js("return document.getElementById('gene').value") == "GATA1"
    assert window.js(ROWS) == [
        ["GATA1", "KLF1", "4.00", "+ activates", "100 %", "2"],
        ["GATA1", "SPI1", "3.00", "− represses", "75 %", "7"],
    ]
    choose(window, "gene", "spi1")
    assert window.js(LINES) == [
        ["in", "url(#represses)", "none"],
        ["out", "url(#activates)", "6 4"],
        ["out", None, "6 4"],
    ]
    assert window.js(ROWS)[2] == ["SPI1", "KLF1", "0.00100", "none", "0 %", ""]
    said = window.js("return document.getElementById('said').innerText")
    assert "Arrow: activates; bar: represses." in said and "Dashed: at most half" in said
    choose(window, "top", "1")
    assert window.js(ROWS) == [] and window.js(LINES) == []
    assert window.errors() == []


@browser
def test_a_page_without_signs_promises_none(window, tmp_path):
    explorer.write(EDGES[["TF", "target", "importance"]], tmp_path / "bare.html")
    window.open((tmp_path / "bare.html").as_uri())
    said = window.js("return document.getElementById('said').innerText")
    assert "Arrow" not in said and "Dashed" not in said
    assert window.js(LINES) == [["out", None, "none"]] * 2
    assert window.errors() == []
