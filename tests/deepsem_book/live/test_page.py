"""Every control of the page in a real browser: it changes what it must, and loads nothing."""

import functools
import json
import time
from pathlib import Path

import pytest

import browser_driver
from deepsem_book import live

pytestmark = pytest.mark.skipif(
    not (browser_driver.CHROMIUM and browser_driver.DRIVER),
    reason="chromium or chromedriver is not installed",
)
HELPERS = Path(__file__).with_name("page_helpers.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "live.html"
    file.write_text(live.page(), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def page(browser, address):
    """The page, opened anew; at the end its console is empty and no other file was asked for."""
    browser.size(1400)
    browser.prefers(prefers_color_scheme="light", prefers_reduced_motion="no-preference")
    browser.open("about:blank")
    browser.errors(), browser.requests()
    visit(browser, address)
    yield browser
    assert browser.errors() == []
    asked = [url for url in browser.requests() if not url.startswith(("about:", "data:"))]
    assert set(asked) == {address}


def visit(browser, address):
    """Open the page and wait for both parts: the second comes after the first frame."""
    browser.open(address)
    for _ in range(100):
        if browser.js(
            HELPERS + "return Boolean(one('linear', '.live') && one('deepsem', '.live'))"
        ):
            return
        time.sleep(0.1)
    raise AssertionError("a part of the page is missing")


def tried(test):
    """A test of times has three tries, each on a new page: other programs may be busy too."""

    @functools.wraps(test)
    def wrapper(page, address):
        for left in (2, 1, 0):
            try:
                return test(page, address)
            except AssertionError:
                if not left:
                    raise
                page.open("about:blank")
                visit(page, address)

    return wrapper


def js(page, script, *args):
    return page.js(HELPERS + script, *args)


def move(page, part, key, value):
    """Give a control a value as a reader does: a slider's position, an option, a tick."""
    js(
        page,
        """const input = one(arguments[0], `[data-key=${arguments[1]}]`), value = arguments[2];
        if (input.type === "checkbox") input.checked = value; else input.value = value;
        input.dispatchEvent(new Event(input.type === "range" ? "input" : "change"));""",
        part, key, value,
    )  # fmt: skip


def press(page, part, what):
    js(page, "one(arguments[0], arguments[1]).click()", part, what)


def preset(page, part, key):
    press(page, part, f"[data-preset={key}]")


def linear(page):
    """What the first part shows."""
    return js(page, "return linearSays()")


def trained(page, epochs=0):
    """What the second part shows and holds, after that many epochs."""
    return js(page, "trainTo(arguments[0]); return deepsemSays()", epochs)


@tried
def test_the_page_is_small_and_there_at_once(page, address):
    assert len(live.page().encode()) <= 80_000
    first = js(page, "return firstFrame()")
    assert first < 1000, f"{first:.0f} ms"
    assert js(page, "return part('linear').querySelectorAll('.arrow').length") >= 6
    assert js(page, "return part('deepsem').querySelectorAll('canvas').length") == 3


LINEAR_SLIDERS = {
    # key: (position, what must change, what must stay)
    "weight": (0.3, ("drawn", "bars", "loss"), ()),
    "geneSd": (2.0, ("drawing", "bars", "loss"), ("drawn",)),
    "genes": (7, ("bars", "drawing"), ("drawn",)),
    "cells": (0, ("bars", "loss", "yours"), ("drawn",)),
    "noise": (0.5, ("drawing", "bars", "loss"), ("drawn",)),
    "alpha": (0.4, ("bars", "loss"), ("drawn", "sortable")),
    "scaled": (True, ("bars", "loss", "sortable"), ("drawn",)),
    "step": (1, ("bars", "fitted"), ("drawn",)),
    "to": ("2", ("drawing",), ("drawn", "bars")),
    "from": ("3", ("drawing",), ("drawn", "bars")),
}


@pytest.mark.parametrize("key", LINEAR_SLIDERS)
def test_a_control_of_the_linear_part_changes_what_it_must(page, key):
    value, changes, stays = LINEAR_SLIDERS[key]
    before = linear(page)
    move(page, "linear", key, value)
    after = linear(page)
    for name in changes:
        assert after[name] != before[name], name
    for name in stays:
        assert after[name] == before[name], name
    if key not in ("step", "from", "to"):
        assert after["hash"] != before["hash"], "the state is in the address"
    assert linear_controls(page) == set(LINEAR_SLIDERS)


def linear_controls(page):
    return set(
        js(
            page,
            "return [...part('linear').querySelectorAll('[data-key]')].map(e => e.dataset.key)",
        )
    )


def test_an_arrow_is_reversed_at_the_same_covariance(page):
    preset(page, "linear", "mirror")
    before = linear(page)
    press(page, "linear", "[data-do=reverse]")
    after = linear(page)
    assert before["drawn"].endswith("A to B 0.8") and after["drawn"].endswith("B to A 0.488")
    assert [b["value"] for b in after["bars"]] == [b["value"] for b in before["bars"]]
    assert after["fitted"] == before["fitted"]
    assert after["yours"][1] == before["yours"][1], "with its own noise the two are equal"
    assert after["yours"][0] > before["yours"][0] + 0.05, "with noise 1 they are not"
    assert (before["right"], after["right"]) == ("100 %", "0 %")
    press(page, "linear", "[data-do=reverse]")
    assert linear(page)["drawn"] == before["drawn"]


def test_a_collider_pays_for_its_reversal_and_a_chain_does_not(page):
    for key, arrows in (("chain", 2), ("collider", 3)):
        preset(page, "linear", key)
        press(page, "linear", "[data-do=reverse]")
        assert linear(page)["drawn"].count(" to ") == arrows


def test_the_other_buttons_of_the_linear_part(page):
    before = linear(page)
    press(page, "linear", "[data-do=cells]")
    other = linear(page)
    assert other["bars"] != before["bars"] and other["drawn"] == before["drawn"]
    press(page, "linear", "[data-do=remove]")
    assert "A to B" not in linear(page)["drawn"]
    press(page, "linear", "[data-do=clear]")
    assert linear(page)["drawn"] == "drawn network: no arrow"


def test_the_fit_plays_to_its_end(page):
    end = linear(page)["fitted"]
    press(page, "linear", "[data-do=play]")
    seen = set()
    for _ in range(200):
        seen.add(linear(page)["fitted"])
        if not js(page, "return one('linear', '[data-do=play]').textContent.includes('Pause')"):
            break
        time.sleep(0.1)
    assert len(seen) >= 2 and linear(page)["fitted"] == end


def centre(page, css):
    return js(
        page,
        """one("linear", ".network").scrollIntoView({ block: "center" });
        return middle(one("linear", arguments[0]))""",
        css,
    )


def test_an_arrow_is_drawn_and_weighed_with_the_mouse(page):
    start, end = (centre(page, f"[data-gene='{i}'] circle") for i in (2, 3))
    page.drag(start, end)
    assert "C to D 0.8" in linear(page)["drawn"]
    x, y = centre(page, "[data-edge='14'] text")
    page.drag((x, y), (x, y + 24))
    assert "C to D 0.5" in linear(page)["drawn"]


def test_an_arrow_is_weighed_without_a_mouse(page):
    js(page, "one('linear', '[data-key=weight]').focus()")
    page.keys(*["\ue012"] * 3)  # arrow left
    assert "A to B 0.65" in linear(page)["drawn"]


def test_every_control_is_reached_by_the_tab_key_and_has_a_name(page):
    nameless = "return controls().filter(e => !e.textContent && !e.labels?.length).length"
    assert js(page, nameless) == 0
    n_controls = js(page, "document.activeElement.blur(); return followFocus()")
    page.keys(*["\ue004"] * (n_controls + 3))
    missed = "return controls().filter(e => !e.disabled && !reached.has(e)).length"
    assert n_controls > 40 and js(page, missed) == 0


DEEPSEM_CONTROLS = {
    # key: (position, what must change)
    "genes": (12, lambda a, b: b["m"] == 12),
    "cells": (1, lambda a, b: b["cells"] == 128),
    "repression": (
        0.9,
        lambda a, b: sum(w < 0 for w in b["truth"]) > sum(w < 0 for w in a["truth"]),
    ),
    "zeros": (1, lambda a, b: b["zeros"] > a["zeros"] + 0.1),
    "depth": (1, lambda a, b: b["W"] == a["W"] and b["spread"] > 2 * a["spread"]),
    "start": ("authors", lambda a, b: sum(b["W"]) > 1.8 * sum(a["W"])),
    "entries": ("nonzero", lambda a, b: b["config"]["reconstruct"] == "nonzero"),
    "alpha": (12, lambda a, b: b["config"]["alpha"] == 100),
    "beta": (7, lambda a, b: b["config"]["beta"] == 10),
    "lr_W": (0, lambda a, b: b["config"]["lr_W"] == 2e-5),
    "decay": (2, lambda a, b: b["config"]["lr_decay"] == 1),
}


@pytest.mark.parametrize("key", DEEPSEM_CONTROLS)
def test_a_control_of_deepsem_changes_what_it_must(page, key):
    value, changed = DEEPSEM_CONTROLS[key]
    before = trained(page)
    move(page, "deepsem", key, value)
    after = trained(page)
    assert changed(before, after)
    assert after["step"] == 0 and after["hash"] != before["hash"]
    keys = js(
        page, "return [...part('deepsem').querySelectorAll('[data-key]')].map(e => e.dataset.key)"
    )
    assert set(keys) == {*DEEPSEM_CONTROLS, "speed"}


def test_alpha_beta_and_the_rate_change_the_training(page):
    move(page, "deepsem", "genes", 10)
    ends = {}
    for key, value in (("alpha", 4), ("alpha", 12), ("beta", 0), ("lr_W", 0)):
        move(page, "deepsem", key, value)
        ends[key, value] = trained(page, 3)["W"]
    sizes = {at: sum(abs(w) for w in W) for at, W in ends.items()}
    assert len({json.dumps(W) for W in ends.values()}) == 4
    assert sizes["alpha", 12] < sizes["alpha", 4]


@tried
def test_deepsem_trains_thirty_steps_a_second_on_thirty_genes(page, address):
    """Per second of the page's own thread, drawing included: other programs may be busy too."""
    press(page, "deepsem", "[data-do=play]")
    time.sleep(0.3)  # until it is compiled
    press(page, "deepsem", "[data-do=play]")
    stopped = trained(page)["step"]
    time.sleep(0.5)
    assert trained(page)["step"] == stopped, "it pauses"
    before = page.thread_seconds()
    press(page, "deepsem", "[data-do=play]")
    time.sleep(1.5)  # a quick machine comes to the end of the training in this time
    seconds, end = page.thread_seconds() - before, trained(page)
    rate = (end["step"] - stopped) / seconds
    assert end["m"] == 30 and rate >= 30, f"{rate:.0f} steps a second"


@tried
def test_speed_and_the_other_buttons_of_deepsem(page, address):
    press(page, "deepsem", "[data-do=step]")
    assert trained(page)["step"] == 1
    move(page, "deepsem", "speed", 0)
    press(page, "deepsem", "[data-do=play]")
    time.sleep(2)
    assert 2 <= trained(page)["step"] <= 8, "two a second"
    press(page, "deepsem", "[data-do=reset]")
    first = trained(page)
    assert first["step"] == 0
    press(page, "deepsem", "[data-do=seed]")
    seed = trained(page)
    assert seed["W"] != first["W"] and seed["truth"] == first["truth"]
    press(page, "deepsem", "[data-do=network]")
    assert trained(page)["truth"] != first["truth"]


def test_the_address_holds_the_state(page, address):
    move(page, "linear", "weight", 0.3)
    sent = linear(page)
    visit(page, address + sent["hash"])
    opened = linear(page)
    assert (opened["drawn"], opened["bars"]) == (sent["drawn"], sent["bars"])
    move(page, "deepsem", "depth", 0.7)
    sent = trained(page)
    visit(page, address + sent["hash"])
    assert trained(page)["state"] == sent["state"]
    page.requests()
    visit(page, address)


@pytest.mark.parametrize("part", live.PRESETS)
def test_presets_are_buttons_sentences_and_links(page, part):
    says = "return [text(arguments[0], '.sentence'), location.hash, host('deepsem').live.state]"
    by_button, by_link = [], []
    for key in live.PRESETS[part]:
        preset(page, part, key)
        by_button.append(js(page, says, part))
        assert by_button[-1][1] == f"#{part}-{key}"
    for key in live.PRESETS[part]:  # a link on the page itself, which is not loaded anew
        js(page, f"location.hash = '{part}-{key}'; return new Promise(setTimeout)")
        by_link.append(js(page, says, part))
    assert by_link == by_button
    assert len({sentence for sentence, *_ in by_button}) == len(by_button)
    assert js(page, "return Object.keys(deepsemLive.parts)") == list(live.PRESETS)
    keys = js(page, "return Object.keys(deepsemLive.parts[arguments[0]].presets)", part)
    assert keys == list(live.PRESETS[part])


def test_an_address_of_nonsense_does_no_harm(page, address):
    visit(page, f"{address}#linear?preset=chain&genes=many&edges=ZZ9+AB&cells=")
    assert linear(page)["drawn"] == "drawn network: no arrow"
    page.requests()
    visit(page, address)


def test_two_cells_of_a_notebook_stand_on_one_page(browser, tmp_path):
    file = tmp_path / "cells.html"
    outputs = [live.deepsem("wall"), live.linear_sem("chain"), live.linear_sem("collider")]
    file.write_text("<!doctype html>" + "".join(output.data for output in outputs), "utf-8")
    browser.open(file.as_uri())
    sentences = "return all().map(e => e.shadowRoot?.querySelector('.sentence')?.textContent)"
    for _ in range(100):
        shown = browser.js(
            "const all = () => [...document.querySelectorAll('deepsem-live')];" + sentences
        )
        if all(shown):
            break
        time.sleep(0.1)
    assert len(set(shown)) == 3 and all(shown)
    assert browser.errors() == []


def test_an_unknown_preset_is_an_error_that_names_the_others():
    with pytest.raises(ValueError, match=r"'mirrr'.*mirror"):
        live.linear_sem("mirrr")


@pytest.mark.parametrize("width", [320, 400, 700, 1400])
def test_nothing_overflows(page, width):
    page.size(width)
    assert js(page, "return beyondTheEdge()") == []
    assert js(page, "return document.documentElement.scrollWidth") == width


def is_dark(page, wanted):
    """Whether the card becomes dark with light text, or light with dark text, within a second."""
    for _ in range(10):
        card, ink = js(page, "return colours()")
        if (card < 0.2 and ink > 0.8) if wanted else (card > 0.9 and ink < 0.3):
            return True
        time.sleep(0.1)
    return False


def test_dark_mode_follows_the_book_and_the_system(page):
    assert is_dark(page, False)
    page.prefers(prefers_color_scheme="dark")
    assert is_dark(page, True)
    page.js("document.documentElement.dataset.theme = 'light'")
    assert is_dark(page, False), "what the book says comes first"
    page.js("document.documentElement.dataset.theme = 'dark'")
    assert is_dark(page, True)


def test_who_asked_for_calm_gets_no_animation(page):
    page.prefers(prefers_reduced_motion="reduce")
    end = linear(page)["fitted"]
    press(page, "linear", "[data-do=play]")
    assert not js(page, "return one('linear', '[data-do=play]').textContent.includes('Pause')")
    assert linear(page)["fitted"] == end
