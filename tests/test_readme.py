"""README.md: its example runs, and its tables name what is there."""

import ast
import re
from typing import Any

import pytest
from anndata import AnnData

import deepsem_minimal as ds
from deepsem_book import datasets
from set_repository import COLAB, with_address
from toc import ROOT, notebooks, repository_url

README = (ROOT / "README.md").read_text(encoding="utf-8")
INTRO = " ".join((ROOT / "book" / "intro.md").read_text(encoding="utf-8").split())


def run(block: str) -> tuple[dict[str, Any], list[Any]]:
    """The names that a block of Python leaves, and the values of its lines that are expressions."""
    names: dict[str, Any] = {}
    values = []
    for node in ast.parse(block).body:
        if isinstance(node, ast.Expr):
            values.append(eval(ast.unparse(node), names))
        else:
            exec(ast.unparse(node), names)
    return names, values


def test_the_example_runs_and_gives_what_its_comments_say(monkeypatch):
    """On simulated cells in place of the real ones, with few epochs."""
    [block] = re.findall(r"```python\n(.*?)```", README, re.S)
    cells = datasets.load("sim/nonlinear-20")[:100].copy()
    monkeypatch.setattr(datasets, "load", lambda name: cells if name in datasets.names() else None)
    few = staticmethod(lambda *shape: ds.Config(n_epochs=3, W_init="safe"))
    monkeypatch.setattr(ds.Config, "for_data", few)
    names, (edges, embedding, simulated) = run(block)
    assert list(names["result"].seeds) == list(range(10))
    assert list(edges.columns) == ["TF", "target", "importance", "sign"]
    assert set(edges["TF"]) == set(cells.var_names[cells.var["tf"]])
    assert embedding.shape == cells.shape
    assert isinstance(simulated, AnnData) and simulated.shape == (1000, 20)


def chapters() -> list[str]:
    """The notebooks without the appendices, whose names begin with a letter."""
    return [page for page in notebooks() if re.match(r"notebooks/\d", page)]


def test_every_chapter_has_its_row_with_a_folder_and_a_colab_link():
    rows = re.findall(
        r"^\| \[(\d+b?)\]\((notebooks/\w+)\.ipynb\) \| (.+?) \| `(\w+)/` \| \[Colab\]\((\S+)\) \|$",
        README,
        re.M,
    )
    assert [row[1] for row in rows] == chapters()
    numbered = [int(row[0]) for row in rows if row[0].isdigit()]  # not 5b, below chapter 5
    assert numbered == list(range(1, len(numbered) + 1))
    colab = repository_url().replace("github.com", "colab.research.google.com/github")
    for _, page, question, folder, link in rows:
        assert (ROOT / "deepsem_book" / folder / "figures.py").is_file()
        assert f"deepsem_book.{folder}" in (source := (ROOT / f"{page}.py").read_text()) or (
            re.search(rf"^from deepsem_book import .*\b{folder}\b", source, re.M)
        )
        assert link == f"{colab}/blob/main/{page}.ipynb"
        assert question in INTRO.replace("$W$", "W")


def test_the_size_of_the_suite_is_the_papers():
    of = int(datasets.published()["benchmarks"])
    for text in (" ".join(README.split()), INTRO):
        assert f"On those of the paper's {of} network benchmarks whose data are" in text


def test_files_commands_and_links_of_the_readme_exist():
    for link in re.findall(r"\]\(((?!https:)[^)]+)\)", README):
        assert (ROOT / link).exists(), link
    for folder in re.findall(r"^\| `([\w/]+/)` \|", README, re.M):
        assert (ROOT / folder).is_dir(), folder
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"\bmake ([a-z]+)", README)) - {"their"}:
        assert f"\n{target}:" in makefile, target


@pytest.mark.parametrize(
    "new, link",
    [
        ("https://github.com/me/mine", "https://colab.research.google.com/github/me/mine"),
        ("https://host.example/new", "https://host.example/new"),
    ],
)
def test_another_address_moves_the_colab_links_and_back(new, link):
    old = repository_url()
    changed = with_address(README, old, new)
    assert old not in changed and old.removeprefix("https://github.com/") not in changed
    assert len(COLAB.findall(changed)) == len(chapters())
    assert f"[Colab]({link}/blob/main/notebooks/01_what_is_a_grn.ipynb)" in changed
    assert with_address(changed, new, old) == README


def test_one_version_everywhere():
    """The package, the citation, and the newest section of the changelog."""
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(), re.M)
    newest = re.search(r"^## (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert cited and newest
    assert cited[1] == newest[1] == ds.config.__version__


def test_every_recorded_table_is_described_with_a_command_that_exists():
    results = ROOT / "data" / "results"
    text = (results / "README.md").read_text(encoding="utf-8")
    named = {name.rpartition("/")[2] for name in re.findall(r"`([\w/]+\.csv)`", text)}
    assert {path.name for path in results.rglob("*.csv")} <= named
    modules = re.findall(r"python -m (deepsem_book(?:\.\w+)+)", text)
    assert len(modules) > 20
    assert all((ROOT / (name.replace(".", "/") + ".py")).exists() for name in modules)
