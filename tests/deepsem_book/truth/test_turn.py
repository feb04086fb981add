"""The part of the page: its numbers are the table's, and every slider changes what it must."""

import json
import time

import numpy as np
import pytest

import browser_driver
from deepsem_book.statistics import t_interval
from deepsem_book.truth import levels, turn
from deepsem_book.truth_table import OWN

needs_browser = pytest.mark.skipif(
    not (browser_driver.CHROMIUM and browser_driver.DRIVER),
    reason="chromium or chromedriver is not installed",
)
PART = "const part = document.querySelector('deepsem-live[part=grid]'), root = part.shadowRoot;"
SAYS = """return {
  ...part.live.state, level: part.live.view.level, knob: part.live.view.knob.key,
  hash: location.hash, keys: Object.keys(deepsemLive.parts.grid.presets),
  now: root.querySelectorAll("svg.chart")[0].getAttribute("aria-label"),
  line: root.querySelectorAll("svg.chart")[1].outerHTML,
  outputs: [...root.querySelectorAll("output")].map(o => o.textContent),
  rows: part.live.view.rows.map(r => [r.key, r.on, r.line]),
  sentence: root.querySelector(".sentence").textContent,
};"""


@pytest.fixture(scope="module")
def table():
    return levels.known_truths()


def test_the_numbers_are_few_and_those_of_the_table(table):
    numbers = turn.data(table)
    text = json.dumps(numbers, separators=(",", ":"))
    assert len(text.encode()) <= 150_000
    assert [knob["key"] for knob in numbers["knobs"]] == list(turn.KNOBS_SHOWN)
    for knob in numbers["knobs"]:
        assert knob["levels"][knob["base"]]["setting"] == "base"
        assert len(knob["levels"]) >= 3
    first = int(table["network"].min())
    counts = table.groupby(["setting", "method"])["network"].transform("size")
    for row, n in zip(table.to_dict("records"), counts, strict=True):
        shown = numbers["values"].get(row["setting"], {})
        if n < 3:
            assert row["method"] not in shown
        elif shown and np.isfinite(row["auroc"]):
            listed = shown[row["method"]]["auroc"]
            assert listed[row["network"] - first] == round(1000 * row["auroc"])


def test_an_unknown_preset_is_an_error_that_names_the_others():
    with pytest.raises(ValueError, match=r"'deep'.*depth"):
        turn.turned("deep")


@pytest.fixture(scope="module")
def address(tmp_path_factory, table):
    file = tmp_path_factory.mktemp("page") / "turn.html"
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body>'
    file.write_text(head + turn.turned("base", table).data, encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def page(browser, address):
    """The page, opened anew; at the end its console is empty and no other file was asked for."""
    browser.size(1200)
    browser.prefers(prefers_color_scheme="light")
    browser.errors(), browser.requests()
    visit(browser, address)
    yield browser
    assert browser.errors() == []
    asked = [url for url in browser.requests() if not url.startswith(("about:", "data:"))]
    assert {url.partition("#")[0] for url in asked} == {address}


def visit(browser, address):
    browser.open(address)
    for _ in range(100):
        if browser.js("return Boolean(document.querySelector('deepsem-live')?.live)"):
            return
        time.sleep(0.1)
    raise AssertionError("the part is missing")


def says(page):
    return page.js(PART + SAYS)


def move(page, key, value):
    page.js(
        PART
        + """const input = root.querySelector(`[data-key="${arguments[0]}"]`), value = arguments[1];
        if (input.type === "checkbox") input.checked = value; else input.value = value;
        input.dispatchEvent(new Event(input.type === "range" ? "input" : "change"));""",
        key, value,
    )  # fmt: skip


def press(page, preset):
    page.js(PART + "root.querySelector(`[data-preset=${arguments[0]}]`).click()", preset)


def method(shown, name):
    """Means and intervals of a method along the slider."""
    return next(line for key, _, line in shown["rows"] if key == name)


@needs_browser
@pytest.mark.parametrize("key", turn.KNOBS_SHOWN)
def test_every_level_of_a_slider_shows_the_table_s_mean_and_interval(page, table, key):
    knob = next(k for k in turn.data(table)["knobs"] if k["key"] == key)
    before = says(page)
    for level, about in enumerate(knob["levels"]):
        move(page, key, level)
        shown = says(page)
        assert (shown["knob"], shown["level"]) == (key, level)
        others = [k for k in turn.KNOBS_SHOWN if k != key]
        stand = dict(zip(turn.KNOBS_SHOWN, shown["outputs"], strict=True))
        at_base = dict(zip(turn.KNOBS_SHOWN, before["outputs"], strict=True))
        assert {k: stand[k] for k in others} == {k: at_base[k] for k in others}, "back at the base"
        assert stand[key] == about["say"]
        for name in ("correlation", "ridge", OWN):
            rows = table[(table["setting"] == about["setting"]) & (table["method"] == name)]
            if rows.empty:
                assert method(shown, name)[level] is None
                continue
            expected = t_interval((1000 * rows["auroc"]).round() / 1000)
            measured = method(shown, name)[level]
            assert measured["n"] == len(rows)
            assert [measured[k] for k in ("mean", "low", "high")] == pytest.approx(
                expected, abs=1e-4
            )
    assert shown["line"] != before["line"] and shown["hash"] != before["hash"]


@needs_browser
def test_less_takes_differences_network_by_network(page, table):
    move(page, "cells", 0)
    move(page, "less", "ridge")
    wide = table[table["setting"] == "n_cells=50"].pivot(
        index="network", columns="method", values="auroc"
    )
    measured = method(says(page), OWN)[0]
    expected = t_interval((wide[OWN] - wide["ridge"]).round(3))
    assert [measured[k] for k in ("mean", "low", "high")] == pytest.approx(expected, abs=2e-3)
    assert method(says(page), "ridge")[0] is None


@needs_browser
def test_scores_and_methods_can_be_chosen(page):
    before = says(page)
    move(page, "score", "early_precision")
    assert says(page)["now"] != before["now"]
    move(page, "on-ridge", False)
    assert "ridge" not in says(page)["now"]
    for key, on, _ in says(page)["rows"]:
        if on:
            move(page, f"on-{key}", False)
    assert says(page)["now"].endswith("not measured")


@needs_browser
def test_the_address_holds_the_state_and_nonsense_does_no_harm(page, address):
    move(page, "depth", 5)
    move(page, "score", "direction")
    sent = says(page)
    visit(page, address + sent["hash"])
    opened = says(page)
    assert (opened["now"], opened["line"]) == (sent["now"], sent["line"])
    visit(page, address + "#grid?knob=moon&level=99&score=none")
    assert says(page)["level"] == 2, "the base of the first slider"


@needs_browser
def test_presets_are_buttons_and_their_sentences_hold(page):
    shown = {}
    for key in turn.PRESETS:
        press(page, key)
        shown[key] = says(page)
        assert shown[key]["hash"] == f"#grid-{key}"
    assert shown["base"]["keys"] == list(turn.PRESETS)
    assert len({row["sentence"] for row in shown.values()}) == len(turn.PRESETS)

    def means(preset, name):
        return [row and row["mean"] for row in method(shown[preset], name)]

    depth = {name: means("depth", name) for name in ("correlation", "ridge", OWN)}
    assert depth["correlation"][-1] < 0.7 < 0.85 < depth["correlation"][1]
    assert all(abs(values[-1] - values[1]) < 0.03 for values in (depth["ridge"], depth[OWN]))
    cells = {name: means("cells", name) for name in ("correlation", "corrected", "ridge", OWN)}
    assert max(values[0] for values in cells.values()) < 0.5
    assert all((values[2] > 0.5) == (name != "correlation") for name, values in cells.items())
    less = {name: means("ridge", name) for name in ("correlation", "corrected", OWN)}
    assert all(values[0] > 0 > max(v for v in values[2:] if v) for values in less.values())
    way = {name: means("direction", name) for name in ("oracle", "ridge", OWN)}
    assert way["oracle"][0] > 0.75 and way["ridge"][0] > 0.55 and way[OWN][0] < 0.5
    assert all(abs(values[-1] - 0.5) < 0.1 for values in way.values()), "all of them lose it"
    press(page, "hubs")
    assert max(v[-1] for v in (means("hubs", "ridge"), means("hubs", OWN))) < 0.35
    move(page, "zeros", 3)
    assert method(says(page), OWN)[3]["mean"] > 0.5
    press(page, "depth")  # the third step of the chapter's ten minutes
    move(page, "less", "correlation")
    for name in ("ridge", OWN):
        left_in = [row["mean"] for row in method(says(page), name)[-3:]]
        assert left_in == sorted(left_in) and left_in[-1] > 0.2
    assert means("seeds", OWN)[0] == pytest.approx(0.9, abs=0.03)
    hidden = means("hidden", OWN)
    assert abs(hidden[-1] - hidden[0]) < 0.03


@needs_browser
@pytest.mark.parametrize("width", [320, 400, 700, 1400])
def test_nothing_overflows(page, width):
    page.size(width)
    assert page.js("return document.documentElement.scrollWidth") == width
    wide = page.js(
        PART + "return [...root.querySelectorAll('*')].filter(e => !e.closest('.spoken') && "
        "e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.outerHTML.slice(0, 80))"
    )
    assert wide == []


@needs_browser
def test_a_slider_moves_by_the_keyboard(page):
    page.js(PART + "root.querySelector('[data-key=zeros]').focus()")
    page.keys("\ue014")  # arrow right
    assert says(page)["outputs"][1] == "60%"
    page.keys("\ue012")
    assert says(page)["outputs"][1] == "30%"


@needs_browser
def test_dark_mode(page):
    card = "return getComputedStyle(root.querySelector('.live')).backgroundColor"
    light = page.js(PART + card)
    page.prefers(prefers_color_scheme="dark")
    for _ in range(20):
        if page.js(PART + card) != light:
            return
        time.sleep(0.1)
    raise AssertionError("the card stays light")
