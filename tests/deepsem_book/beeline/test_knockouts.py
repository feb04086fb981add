"""Scores regulator by regulator and the overlap of networks, against counts made by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from deepsem_book.beeline import knockouts
from deepsem_book.datasets.problem import Problem
from deepsem_book.results_table import ResultsTable


def network(*edges: str) -> pd.DataFrame:
    """ "AB" is the edge of A on B."""
    return pd.DataFrame([list(edge) for edge in edges], columns=["Gene1", "Gene2"])


GENES = ["A", "B", "C", "D", "E", "F"]


@pytest.fixture
def problem(monkeypatch: pytest.MonkeyPatch) -> Problem:
    """A changes C and D, B changes C only; expression of C and D follows A, that of F follows B."""
    monkeypatch.setattr(knockouts, "listed_tfs", lambda problem: {"A"})
    X = np.random.default_rng(0).normal(size=(200, 6))
    X[:, [2, 3]] += 3 * X[:, [0]]
    X[:, 5] += 3 * X[:, 1]
    return Problem(
        "beeline/toy", X, GENES, ["A", "B"], {"KDUnion": network("AC", "AD", "AE", "BC", "BF")}
    )


def test_each_regulator_is_scored_by_itself(problem: Problem) -> None:
    """Genes of the network are A to F. A: C, D above B, F, and E anywhere. B: F first."""
    [rows] = knockouts.measure(problem, "Pearson")
    r = np.abs(np.corrcoef(problem.X, rowvar=False))
    rows = rows.set_index("TF")
    for tf, targets in {"A": "CDE", "B": "CF"}.items():
        own = [r[GENES.index(tf), GENES.index(g)] for g in GENES if g != tf]
        true = [g in targets for g in GENES if g != tf]
        u = stats.mannwhitneyu(np.array(own)[true], np.array(own)[~np.array(true)]).statistic
        assert rows.loc[tf, "auroc"] == pytest.approx(u / (sum(true) * (5 - sum(true))))
        assert rows.loc[tf, "n_targets"] == len(targets)
    assert list(rows["on_list"]) == [True, False]
    assert set(rows["network"]) == {"KDUnion"} and (rows["n_members"] == 1).all()


def test_the_oracle_of_degrees_knows_nothing_within_a_regulator(problem: Problem) -> None:
    [rows] = knockouts.measure(problem, "TF-degree")
    assert (rows["auroc"] == 0.5).all() and (rows["epr"] > 1).all()


def test_a_blind_ranking_is_the_same_for_every_regulator(problem: Problem) -> None:
    problem.X[:50, 2] = problem.X[:40, 5] = problem.X[:30, 4] = 0  # zeros of C, F, E
    W = knockouts.blind(problem, "gene's zeros")
    assert (W == [[0], [0], [0.25], [0], [0.15], [0.2]]).all()
    [rows] = knockouts.measure(problem, "gene's zeros")
    auroc = rows.set_index("TF")["auroc"]
    assert auroc["B"] == 1  # C and F come first
    assert auroc["A"] == pytest.approx((2 + 1 + 0.5) / 6)  # C over B and F, E over B, D as B


def test_w_that_was_never_trained_is_left_out(
    problem: Problem, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path))
    assert not list(knockouts.measure(problem, "DeepSEM"))


def test_overlap_counts_pairs_of_regulators_and_genes_of_both() -> None:
    """A and B in both; genes A to E in both (F, G in one only): 2 x 5 - 2 self = 8 pairs."""
    truth = network("AC", "AD", "BC", "BE", "AF", "CA")
    other = network("ac", "AE", "BC", "DE", "AG", "BD")
    overlap = knockouts.overlap(truth, other)
    assert (overlap["n_tfs"], overlap["n_genes"]) == (2, 5)
    assert (overlap["n_other"], overlap["n_both"]) == (4, 2)  # AC AE BC BD; AC BC
    assert overlap["density"] == pytest.approx(4 / 8)
    assert overlap["precision"] == pytest.approx(2 / 4) and overlap["ratio"] == pytest.approx(1)


def test_an_overlap_that_degrees_explain_equals_its_rewirings() -> None:
    """One regulator: its targets cannot be rewired, so nothing is left beyond the degrees."""
    overlap = knockouts.overlap(network("AB", "AC", "AD"), network("AB", "AC", "AE", "DA", "EA"))
    assert overlap["null_low"] == overlap["null_high"] == pytest.approx(overlap["ratio"])


def test_an_overlap_beyond_degrees_lies_above_its_rewirings() -> None:
    rng = np.random.default_rng(0)
    genes = np.array([f"g{i}" for i in range(60)])
    truth = rng.random((10, 60)) < 0.3
    edges = pd.DataFrame(
        {"Gene1": genes[np.nonzero(truth)[0]], "Gene2": genes[np.nonzero(truth)[1]]}
    )
    same = knockouts.overlap(edges, edges.sample(frac=0.5, random_state=0))
    assert same["precision"] == 1 and same["ratio"] > same["null_high"]
    assert same["null_mean"] == pytest.approx(1, abs=0.25)


def test_networks_without_a_common_regulator_have_no_overlap() -> None:
    with pytest.raises(ValueError, match="in common"):
        knockouts.overlap(network("AB"), network("BA"))


def test_a_run_on_one_matrix_keeps_the_overlaps_of_the_others(tmp_path, monkeypatch) -> None:
    kept = knockouts.OVERLAP
    table = ResultsTable(tmp_path / "o.csv", kept.key, kept.columns, kept.text, kept.whole, ())
    monkeypatch.setattr(knockouts, "OVERLAP", table)
    monkeypatch.setattr(knockouts, "measure", lambda problem, name: iter(()))
    monkeypatch.setattr(knockouts.Problem, "load", lambda name, truths: name)
    monkeypatch.setattr(knockouts, "overlaps", lambda names: kept.read().assign(data=names[0])[:3])
    knockouts.main(["--data", "a"])
    knockouts.main(["--data", "b"])
    assert table.read()["data"].tolist() == ["a"] * 3 + ["b"] * 3
