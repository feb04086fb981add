"""Many genes: columns of W for the TFs alone, the first edges alone, other kinds of table."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from command import run

from deepsem_book.own_data import advice, control, health
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.networks import edge_table, first_of
from deepsem_minimal.result import Result
from deepsem_minimal.sem import random_network, simulate_nonlinear

GENES = [f"g{i}" for i in range(40)]
TFS = GENES[:8]


@pytest.fixture(scope="module")
def cells() -> np.ndarray:
    return simulate_nonlinear(random_network(40, n_tfs=8, seed=1), 150, dropout=0.3, seed=1)


@pytest.fixture(scope="module")
def result(cells: np.ndarray) -> Result:
    adata = AnnData(cells, var=pd.DataFrame({"tf": [g in TFS for g in GENES]}, index=GENES))
    config = Config.for_data(150, 40, n_epochs=9)
    return fit(adata, config, 3, "cpu", 1, False, regulators=TFS, nuisance=3)


@pytest.mark.parametrize("top", [0, 1, 7, 10_000])
def test_the_first_edges_are_the_head_of_all(top: int) -> None:
    W = np.random.default_rng(0).integers(-3, 4, size=(40, 40)) / 2  # with many ties
    whole = edge_table(W, GENES, TFS, signed=True)
    assert len(whole) == 8 * 39 and not (whole["TF"] == whole["target"]).any()
    cut = edge_table(W, GENES, TFS, True, top=top)
    pd.testing.assert_frame_equal(cut, whole.head(top))
    np.testing.assert_array_equal(first_of(np.array([2, 5, 5, 1]), 3), [1, 2, 0])


def test_correlations_with_some_genes_are_columns_of_all(cells: np.ndarray) -> None:
    at, r = np.arange(8), control.correlations(cells)
    few = control.correlations(cells, at)
    np.testing.assert_allclose(few, r[:, :8], atol=1e-12)
    is_tf = np.arange(40) < 8
    for method in ("correlation", "ridge"):
        pd.testing.assert_frame_equal(
            control.edges(method, few, GENES, TFS), control.edges(method, r, GENES, TFS)
        )
    corrected = control.scores("corrected", few, is_tf)
    assert corrected.shape == (40, 8) and not np.diag(corrected).any()
    size = np.abs(r[:, :8]) + np.diag([np.nan] * 40)[:, :8]
    expected = size - np.outer(np.nanmean(size, 1), np.nanmean(size, 0)) / np.nanmean(size)
    expected = np.nan_to_num(expected - np.nanmin(expected)) * np.sign(r[:, :8])
    np.testing.assert_allclose(corrected, expected, atol=1e-12)


def test_a_network_cut_to_its_head_is_judged_like_the_whole(cells: np.ndarray) -> None:
    r = control.correlations(cells)
    network = control.edges("ridge", r, GENES, TFS)
    whole = control.beside(network, r, GENES)
    cut = control.beside(network.head(250), r, GENES, tfs=TFS)
    assert whole["top"] == cut["top"] == 8 * 39 // 2
    assert [cut[key] for key in ("shared", "chance", "sign")] == [
        whole[key] for key in ("shared", "chance", "sign")
    ]


def test_health_and_stability_read_few_columns(result: Result) -> None:
    judged = health.judged(result)
    W = result.members[0].W  # 8 columns of TFs, 3 of groups
    sizes = np.bincount(result.members[0].model.grn.part)[1:]
    assert W.shape == (40, 11) and sizes.sum() == 40
    assert judged[0].row_sum == pytest.approx((W @ sizes).mean(), abs=1e-6)
    assert result.n_pairs == len(result.edges()) == 8 * 39
    best = advice.edge_stability(result, 20)
    for W in result.Ws:
        edges = result.signed_edges(W, result.tfs).set_index(["TF", "target"])
        place = edges["importance"].rank(method="min", ascending=False)
        named = place.loc[list(zip(best["TF"], best["target"]))]
        np.testing.assert_array_equal(advice.ranks_in(result, W, best), named)
    cost = [
        advice.expected_cost(np.ones((30, 400)), Config(), 1, 1, is_tf=is_tf, nuisance=2)
        for is_tf in (None, np.arange(400) < 20)
    ]
    assert cost[1]["megabytes"] < cost[0]["megabytes"]


# --- The command ----------------------------------------------------------------------------------


def test_all_genes_with_columns_for_the_tfs(folder, capsys):
    words = ["--tfs", "tfs.txt", "--genes", "all", "--nuisance", "2", "--control-out", "c.csv"]
    out = ["--out", "e.parquet", "--top", "5", "--save", "r.h5ad", "--html", "n.html"]
    assert run("infer", "x.csv", *words, *out, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert "W has 2 columns for the TFs and 2 for groups" in " ".join(summary["notes"])
    edges = pd.read_parquet("e.parquet")
    assert list(edges) == ["TF", "target", "importance", "sign"] and len(edges) == 5
    assert set(edges["TF"]) <= {"g1", "g2"} and len(pd.read_csv("c.csv")) == 5
    assert Result.load(Path("r.h5ad")).W.shape == (12, 2)
    assert 0 <= summary["control"]["shared"] <= 1


def test_few_columns_are_advised_with_many_genes(folder, capsys, monkeypatch):
    words = ["infer", "x.csv", "--out", "e.csv", "--json", "--tfs", "tfs.txt"]
    for many, advised in ((11, True), (12, False)):
        monkeypatch.setattr("deepsem_book.own_data.training.MANY", many)
        assert run(*words) == 0
        assert ("--nuisance 20" in capsys.readouterr().out) == advised


def test_groups_have_few_columns_too(folder, capsys):
    words = ["infer", "x.csv", "--nuisance", "2", "--out", "e.csv"]
    assert run(*words) == 2 and "say which with --tfs" in capsys.readouterr().err
    assert run(*words, "--tfs", "tfs.txt", "--genes", "1") == 2
    assert "only 1 genes are no TFs" in capsys.readouterr().err
    assert not Path("e.csv").exists()
