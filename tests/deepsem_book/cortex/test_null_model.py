"""The null on known truth, and against a loop over permutations."""

import os

import numpy as np
import pandas as pd
import pytest

from deepsem_book import datasets
from deepsem_book.cortex import epigenome, null_model
from deepsem_book.cortex.evidence import jaccard, top_edges
from deepsem_book.cortex.read import (
    read_dorothea,
    read_promoters,
)
from deepsem_book.errors import BadInput


def test_top_regulators_and_edges() -> None:
    genes, tfs = ["a", "b", "c"], ["b", "c"]
    W = np.array([[0, 0.1, -0.9], [0, 5, 0.2], [0, 0.3, 9]])
    assert null_model.top_regulators(W, genes, tfs, 1).tolist() == [
        [False, True], [False, True], [True, False]]  # fmt: skip
    with pytest.raises(BadInput, match="k = 2"):
        null_model.top_regulators(W, genes, tfs, 2)
    with pytest.raises(BadInput, match="not among"):
        null_model.top_regulators(W, genes, ["b", "q"], 1)
    edges = pd.DataFrame({"Gene1": ["B", "C", "Q"], "Gene2": ["A", "Z", "A"]})
    assert null_model.edge_regulators(edges, genes, tfs).sum() == 1
    most = top_edges(W, genes, tfs, 1)
    assert most.tolist() == [[False, True], [False, True], [True, False]]


def frequencies(n: int = 200, n_tfs: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Evidence whose TFs differ in frequency, and regulators that prefer the frequent TFs."""
    rng = np.random.default_rng(seed)
    often = rng.beta(0.6, 0.6, n_tfs)
    evidence = rng.random((n, n_tfs)) < often
    regulators = rng.random((n, n_tfs)) < 0.3 * often
    return regulators, evidence


def test_frequent_motifs_beat_random_tfs_but_not_the_matched_null() -> None:
    regulators, evidence = frequencies()
    groups = null_model.strata(np.arange(200), n_bins=4)
    got = null_model.against_null(regulators, evidence, groups)
    assert got.observed - got.random > 0.15  # against random TFs this would look like enrichment
    assert abs(got.z) < 3 and got.low < 0 < got.high
    assert null_model.motif_verdict(got) == "not distinguishable from its matched null"
    regulators |= evidence & (np.random.default_rng(1).random(evidence.shape) < 0.1)
    got = null_model.against_null(regulators, evidence, groups)
    assert got.z > 5 and got.low > 0 and got.p < 0.01
    own = np.array([e[r].mean() for r, e in zip(regulators, evidence, strict=True) if r.any()])
    half = 1.96 * own.std() / np.sqrt(len(own))  # the bootstrap of a mean
    assert np.allclose(
        [got.observed - got.observed_low, got.observed_high - got.observed], half, rtol=0.15
    )
    assert null_model.motif_verdict(got) == "above its matched null"


def test_null_equals_a_loop_over_permutations() -> None:
    regulators, evidence = frequencies(n=30, n_tfs=12, seed=3)
    groups = np.repeat([0, 1, 2], 10)
    got = null_model.against_null(regulators, evidence, groups, n=4000, seed=1)
    rows = [i for i in range(30) if regulators[i].any()]
    rng, draws = np.random.default_rng(7), []
    for _ in range(2000):
        other = dict(zip(rows, rows, strict=True))
        for group in range(3):
            members = [i for i in rows if groups[i] == group]
            other |= dict(zip(members, rng.permutation(members), strict=True))
        draws.append(np.mean([evidence[other[i]][regulators[i]].mean() for i in rows]))
    own = np.mean([evidence[i][regulators[i]].mean() for i in rows])
    assert got.n_genes == len(rows) and np.isclose(got.observed, own)
    assert abs(got.null - np.mean(draws)) < 4 * np.std(draws) / np.sqrt(2000)
    assert np.isclose(got.z, (own - np.mean(draws)) / np.std(draws), rtol=0.1, atol=0.1)


def test_padded_control_holds_every_known_regulator_and_grows_with_the_genes() -> None:
    rng = np.random.default_rng(0)
    known = np.zeros((400, 40), dtype=bool)
    known[np.arange(300), rng.integers(40, size=300)] = True  # 100 genes without a known one
    known[0] = np.arange(40) < 15  # more than fit into a list of 12
    often = rng.beta(1, 3, 40)
    evidence = (rng.random(known.shape) < often) | (known & (rng.random(known.shape) < 0.5))
    matched = [rng.random(400), rng.integers(9, size=400)]
    few, many = (
        null_model.padded_control(known, evidence, matched, 12, size, n_draws=12)
        for size in (30, 300)
    )
    assert len(few) == 12 and (few["n_genes"] == 30).all() and (many["n_genes"] == 300).all()
    assert few["observed"].nunique() > 1  # other genes in each draw
    assert 1.5 < many["z"].median() / few["z"].median() < 7  # about the root of ten times the genes
    again = null_model.padded_control(known, evidence, matched, 12, 30, n_draws=12)
    assert again.equals(few)
    # lists of one known regulator and no padding: the positive control itself
    single = known[1:300]
    bare = null_model.padded_control(
        single, evidence[1:300], [c[1:300] for c in matched], 1, 999, n_draws=1
    )
    assert np.isclose(bare["observed"][0], evidence[1:300][single].mean())
    assert bare["z"][0] > many["z"].median()
    # every list is full, and has all that is known: evidence that is nothing but the known pairs
    full = null_model.padded_control(known, known, matched, 12, 300, n_draws=1)
    expected = np.minimum(known.sum(axis=1), 12)[:300].mean() / 12
    assert np.isclose(full["observed"][0], expected)
    with pytest.raises(BadInput, match="to fill"):
        null_model.padded_control(known, evidence, matched, 40, 30)


def test_permutations_stay_in_their_group() -> None:
    groups = np.array([2, 0, 1, 0, 2, 2, 1, 0])
    many = null_model.permutations(groups, 500, np.random.default_rng(0))
    assert (np.sort(many, axis=1) == np.arange(8)).all()
    assert (groups[many] == groups).all()
    shares = [(many[:, 0] == i).mean() for i in (0, 4, 5)]
    assert np.allclose(shares, 1 / 3, atol=0.08)


def test_strata_share_a_bin_in_every_column() -> None:
    first_column, second_column = np.array([1, 1, 1, 9, 9, 9]), np.array([0, 0, 5, 0, 5, 5])
    groups = null_model.strata(first_column, second_column, n_bins=2)
    assert groups.tolist() == [0, 0, 1, 2, 3, 3]
    with pytest.raises(BadInput, match="nothing to exchange"):
        null_model.against_null(np.ones((3, 2), bool), np.ones((3, 2), bool), np.arange(3))


def test_networks_share_their_edges() -> None:
    edges = np.array([[True, True], [True, False], [False, False]])
    table = jaccard({"x": edges, "y": ~edges})
    assert table.loc["x", "x"] == 1 and table.loc["x", "y"] == 0


@pytest.mark.skipif(not os.environ.get("DEEPSEM_MIRROR"), reason="no mirror")
def test_curated_edges_pass_on_the_real_promoters() -> None:
    """The positive control of the chapter on a quarter of its genes, so that it is quick."""
    places, hits = read_promoters(datasets.fetch("cortex/promoter-motifs"))
    edges = read_dorothea(datasets.fetch("cortex/dorothea"))
    genes = list(pd.unique(places["gene"]))[::4]
    tfs = sorted(set(edges["Gene1"]) & set(hits.columns))
    curated = null_model.edge_regulators(edges, genes, tfs)
    there = epigenome.promoter_evidence(places, hits, genes, tfs)
    comparison = null_model.against_null(curated, there, np.zeros(len(genes), dtype=int), n=300)
    assert comparison.z > 5 and comparison.low > 0
    shuffled = np.random.default_rng(0).permutation(curated)  # the same TFs for other genes
    wrong = null_model.against_null(shuffled, there, np.zeros(len(genes), dtype=int), n=300)
    assert abs(wrong.z) < 4
