"""The notebooks' helpers: source as it is, fallback only where data are not available."""

import importlib.metadata
import re
import time
from pathlib import Path

import numpy as np
import pytest
from anndata import AnnData

from deepsem_book import datasets, page

CHECKSUM = "sha256:" + "0123456789abcdef" * 4


@pytest.fixture
def shown(monkeypatch):
    """The (bundle, metadata) of every display call."""
    calls = []

    def display(bundle, metadata=None, raw=False):
        assert raw
        calls.append((bundle, metadata or {}))

    monkeypatch.setattr(page, "display", display)
    return calls


def cells(name="beeline/mDC-500", url="https://host.example/a/b.csv.gz", checksum=CHECKSUM):
    adata = AnnData(np.zeros((3, 2), dtype=np.float32))
    adata.uns["source"] = {"name": name, "url": url, "checksum": checksum, "licence": "MIT"}
    return adata


def test_show_gives_the_lines_of_the_file(shown):
    page.show(page.header)
    text = shown[0][0]["text/markdown"]
    lines = Path(page.__file__).read_text().splitlines()
    where = re.search(r"`deepsem_book/page.py, lines (\d+) to (\d+)`", text)
    first, last = map(int, where.groups())
    assert lines[first - 1].startswith("def header(")
    assert "~~~~python\n" + "\n".join(lines[first - 1 : last]) + "\n~~~~" in text
    assert not lines[last].strip(), "the last line shown is the function's last"


def test_show_dedents_a_method_and_takes_a_module(shown):
    class Indented:
        def method(self):
            return 1

    page.show(Indented.method, page)
    assert "python\ndef method(self):\n    return 1\n~~~~" in shown[0][0]["text/markdown"]
    assert Path(page.__file__).read_text().rstrip() in shown[1][0]["text/markdown"]


def test_show_refuses_what_has_no_source(shown):
    with pytest.raises(TypeError, match="not int"):
        page.show(3)


def test_choose_prefers_the_real_data(shown, monkeypatch):
    monkeypatch.setattr(datasets, "load", lambda name: cells(name))
    assert (
        page.choose("beeline/mDC-500", "sim/linear-20").uns["source"]["name"] == "beeline/mDC-500"
    )
    assert shown == []


def test_choose_falls_back_with_a_notice(shown, monkeypatch):
    def load(name):
        if name == "beeline/mDC-500":
            raise datasets.DataUnavailable("no network")
        return cells(name)

    monkeypatch.setattr(datasets, "load", load)
    assert page.choose("beeline/mDC-500", "sim/linear-20").uns["source"]["name"] == "sim/linear-20"
    (bundle, metadata), *rest = shown
    assert rest == []
    for word in ("beeline/mDC-500", "sim/linear-20", "simulated", "DEEPSEM_MIRROR", "admonition"):
        assert word in bundle["text/html"]
    assert metadata["deepsem"] == {
        "kind": "fallback",
        "real": "beeline/mDC-500",
        "used": "sim/linear-20",
    }


def test_choose_does_not_hide_a_wrong_name(shown):
    with pytest.raises(ValueError, match="mDC"):
        page.choose("beeline/mDC-5000", "sim/linear-20")


def test_header_tells_the_data(shown):
    page.header("quick", cells(), cells(name="<b>", url="deepsem_minimal.sem", checksum=""))
    html, record = shown[0][0]["text/html"], shown[0][1]["deepsem"]
    assert "<strong>quick</strong>" in html
    assert "<td>3 × 2</td>" in html
    assert '<a href="https://host.example/a/b.csv.gz">host.example</a>' in html
    assert f'<code title="{CHECKSUM}">' in html
    assert "<th>&lt;b&gt;</th>" in html and "<code>&lt;b&gt;</code>" in html and "<b>" not in html
    assert record["profile"] == "quick"
    assert [source["name"] for source in record["data"]] == ["beeline/mDC-500", "<b>"]


def test_the_data_card_is_folded_and_its_names_are_seen(shown):
    page.header("full", cells())
    html = shown[0][0]["text/html"]
    summary, rest = html.removeprefix("<details><summary>").split("</summary>")
    assert "<strong>full</strong>" in summary and "<code>beeline/mDC-500</code>" in summary
    assert rest.startswith("<table") and rest.endswith("</details>")


def test_say_puts_numbers_into_markdown(shown):
    page.say("**EPR** {epr:.2f} on {n}.", epr=1.234, n=3)
    assert shown[0][0] == {"text/markdown": "**EPR** 1.23 on 3."}
    with pytest.raises(KeyError, match="auc"):
        page.say("{auc}")


def test_header_refuses_an_unknown_profile(shown):
    with pytest.raises(ValueError, match="quick, full, not 'fast'"):
        page.header("fast")


def test_header_refuses_data_of_unknown_origin(shown):
    with pytest.raises(KeyError, match=r"datasets.load"):
        page.header("quick", AnnData(np.zeros((1, 1), dtype=np.float32)))


@pytest.mark.parametrize(
    ("seeds", "expected"), [(3, [0, 1, 2]), (range(2, 4), [2, 3]), ([7], [7]), ((), [])]
)
def test_footer_tells_seeds(shown, seeds, expected):
    page.footer(seeds=seeds)
    assert shown[0][1]["deepsem"]["seeds"] == expected
    assert f"<td>{', '.join(map(str, expected)) or 'none'}</td>" in shown[0][0]["text/html"]


def test_footer_tells_versions_and_seconds(shown, monkeypatch):
    monkeypatch.setattr(page, "STARTED", time.perf_counter() - 42)
    page.footer(cells())
    record = shown[0][1]["deepsem"]
    assert 42 <= record["seconds"] < 44
    assert record["versions"]["numpy"] == np.__version__
    assert record["versions"]["scanpy"] == importlib.metadata.version("scanpy")
    assert "<td>data beeline/mDC-500</td>" in shown[0][0]["text/html"]
    assert "<td>42</td>" in shown[0][0]["text/html"]
