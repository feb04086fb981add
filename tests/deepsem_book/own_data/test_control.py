"""Rankings without training: the same numbers as the methods of the known truths, beside edges."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command import run
from scipy import sparse

from deepsem_book.baselines import apc, pearson, ridge
from deepsem_book.own_data import advice, cli, control
from deepsem_book.truth_table import Behind
from deepsem_minimal.networks import edge_table
from deepsem_minimal.sem import random_network, simulate_nonlinear

GENES = [f"g{i}" for i in range(60)]
TFS = GENES[:12]


@pytest.fixture(scope="module")
def cells() -> np.ndarray:
    return simulate_nonlinear(random_network(60, n_tfs=12, seed=0), 200, dropout=0.3, seed=0)


def test_correlations_in_pieces_are_those_of_numpy(cells, monkeypatch):
    X = cells.astype(np.float32)
    X[:, 7] = 2.5  # does not vary
    monkeypatch.setattr(control, "PIECE", 60 * 33)  # pieces of 33 cells
    expected = np.nan_to_num(np.corrcoef(np.delete(X, 7, axis=1), rowvar=False))
    for matrix in (X, sparse.csr_matrix(X)):
        r = control.correlations(matrix)
        assert not r[7].any() and not r[:, 7].any()
        rest = np.delete(np.delete(r, 7, axis=0), 7, axis=1)
        np.testing.assert_allclose(rest, expected, atol=1e-6)


@pytest.mark.parametrize("name, infer", [
    ("correlation", pearson.infer), ("corrected", apc.infer), ("ridge", ridge.infer),
])  # fmt: skip
def test_controls_are_the_baselines(cells, name, infer):
    """Of a list of edges and of the scores, up to rounding; the correction has the sign of r."""
    r = control.correlations(cells)
    edges = control.edges(name, r, GENES, TFS).set_index(["TF", "target"]).sort_index()
    theirs = edge_table(infer(cells, GENES, TFS), GENES, TFS, signed=True)
    theirs = theirs.set_index(["TF", "target"]).sort_index()
    np.testing.assert_allclose(edges["importance"], theirs["importance"], atol=1e-9)
    signs = edge_table(r, GENES, TFS, signed=True) if name == "corrected" else theirs.reset_index()
    signs = signs.set_index(["TF", "target"]).sort_index()["sign"]
    clear = edges["importance"] > 1e-9
    assert (edges["sign"] == signs)[clear].all()


def test_a_network_beside_itself_and_beside_noise(cells):
    r = control.correlations(cells)
    itself = control.beside(control.edges("corrected", r, GENES, TFS), r, GENES)
    assert (itself["rank"], itself["shared"], itself["sign"]) == (pytest.approx(1), 1, 1)
    noise = np.random.default_rng(0).normal(size=(60, 60))
    other = control.beside(edge_table(noise, GENES, TFS, signed=True), r, GENES)
    assert other["chance"] == 200 / (12 * 59)
    assert abs(other["rank"]) < 0.15 and abs(other["shared"] - other["chance"]) < 0.12
    assert 0.35 < other["sign"] < 0.65
    assert "first 200 edges too" in control.in_words(other)
    unsigned = control.beside(edge_table(noise, GENES, TFS), r, GENES)
    assert "signs" not in control.in_words(unsigned)


def test_places_in_the_list_of_the_control():
    network = pd.DataFrame({"TF": list("aab"), "target": list("xyx"), "importance": [3, 2, 1.0]})
    network.attrs["within"] = 2
    ranked = control.with_ranks(network, network.iloc[[2, 0]])
    assert ranked["control"].tolist()[::2] == [2, 1] and np.isnan(ranked["control"].iloc[1])
    assert ranked.attrs == {"within": 2}


# --- The command ----------------------------------------------------------------------------------


def test_the_control_is_written_beside_the_network(folder, capsys):
    words = ["infer", "x.csv", "--tfs", "tfs.txt", "--out", "e.csv", "--control-out", "c.tsv"]
    assert run(*words, "--control", "ridge", "--json", "--html", "n.html") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["control_out"]["method"] == "ridge"
    assert Path(summary["control_out"]["out"]).name == "c.tsv"
    written = pd.read_csv("c.tsv", sep="\t")
    assert list(written) == ["TF", "target", "importance", "sign"] and len(written) == 2 * 11
    counts = pd.read_csv("x.csv", index_col=0)
    X = np.log1p(counts.div(counts.sum(axis=1), axis=0) * 1e4)
    expected = control.edges(
        "ridge", control.correlations(X.to_numpy()), list(counts), ["g1", "g2"]
    )
    names = ["TF", "target"]
    by_name = [table.sort_values(names, ignore_index=True) for table in (written, expected)]
    pd.testing.assert_frame_equal(*by_name, rtol=1e-4, check_dtype=False)
    page = Path("n.html").read_text()
    assert "of 1 members trained" in page and "control: a correlation with its hubs" in page


def test_files_of_the_control_are_checked_too(folder, capsys):
    for words, said in (
        (["--control-out", "e.csv"], "--out and --control-out"),
        (["--control-out", "x.csv"], "--control-out x.csv is an input"),
        (["--control-out", "c.xlsx"], ".xlsx is not written"),
        (["--control-out", "-"], "only --out can be standard output"),
    ):
        assert run("infer", "x.csv", "--out", "e.csv", *words) == 2
        error = capsys.readouterr().err
        assert all(part in error for part in said.split(" and ")), (words, error)
    assert not Path("e.csv").exists()


def test_advice_names_the_better_control(folder, capsys, monkeypatch):
    behind = [Behind("n_cells=50", 10, "ridge", 0.9, 0.7)]
    known = advice.Known("ridge", behind)
    monkeypatch.setattr(advice, "known_truths", lambda X: known)
    words = ["infer", "x.csv", "--out", "e.csv", "--control-out", "c.csv", "--epochs", "2"]
    assert cli.main([*words, "--seeds", "1", "--orientation", "cells", "--json"]) == 0
    printed = capsys.readouterr()
    assert "a ridge regression on the TFs 0.900, DeepSEM 0.700 (10 networks)" in printed.err
    assert "--control-out writes it" in printed.err
    summary = json.loads(printed.out)
    assert summary["control_out"]["method"] == "ridge"
    assert summary["better"] == [vars(behind[0])]
    assert advice.Known("ridge", []).lines() == []
