"""Chance and the degrees of the truth, and what the real networks give them."""

import os

import numpy as np
import pytest
from toy_network import TRUTH, network

from deepsem_book import datasets
from deepsem_book.baselines import controls
from deepsem_minimal import metrics, networks

# Facts about the real networks; they need the mirror of the data sets.
needs_mirror = pytest.mark.skipif(
    not os.environ.get("DEEPSEM_MIRROR"), reason="DEEPSEM_MIRROR names no mirror of the data"
)


def test_random_scores_have_expectation_one():
    rng = np.random.default_rng(0)
    genes = [f"g{i}" for i in range(60)]
    truth = network(*zip(rng.choice(genes, 600), rng.choice(genes, 600), strict=True))
    results = [metrics.evaluate(controls.random_scores(genes, seed=s), truth) for s in range(20)]
    assert np.mean([r["epr"] for r in results]) == pytest.approx(1, abs=0.08)
    assert np.mean([r["auroc"] for r in results]) == pytest.approx(0.5, abs=0.01)


def test_degree_oracle():
    def by_tf(edges):
        return edges.pivot(index="TF", columns="target", values="importance")

    W = by_tf(controls.degree_oracle(TRUTH))
    np.testing.assert_array_equal(W.loc["A", ["B", "C", "D"]], [2, 2, 2])  # A has two targets
    np.testing.assert_array_equal(W.loc["B", ["A", "C", "D"]], [1, 1, 1])
    by_target = by_tf(controls.degree_oracle(TRUTH, of="target"))
    np.testing.assert_array_equal(by_target.loc["B", ["A", "C", "D"]], [0, 1, 1])  # A has no TF
    with pytest.raises(ValueError, match="of='genes'"):
        controls.degree_oracle(TRUTH, of="genes")


@needs_mirror
def test_sizes_and_ceilings_of_beeline_networks():
    def oracle(name):
        net = datasets.load_network(f"beeline/{name}", quiet=True)
        return metrics.evaluate(controls.degree_oracle(net), net)

    hesc = oracle("hESC-500/STRING")
    assert (hesc["n_tfs"], hesc["n_genes"], hesc["n_edges"]) == (343, 517, 4257)
    assert oracle("mDC-500/STRING")["max_epr"] == pytest.approx(26.65, abs=0.005)
    assert oracle("mHSC-GM-500/Specific")["max_epr"] == pytest.approx(1.84, abs=0.005)
    chip = oracle("hESC-500/Specific")  # knows the degrees of the TFs only
    assert chip["epr"] == pytest.approx(3.04, abs=0.005)
    assert chip["max_epr"] == pytest.approx(6.09, abs=0.005)


@needs_mirror
@pytest.mark.parametrize(
    ("kind", "epr", "auprc_ratio"),
    [("STRING", 1.46, 1.10), ("Non-Specific", 1.06, 0.94), ("Specific", 1.24, 1.08)],
)
def test_pearson_on_mdc(kind, epr, auprc_ratio):
    adata = datasets.load("beeline/mDC-500", quiet=True)
    edges = networks.edge_table(np.corrcoef(adata.X, rowvar=False), adata.var_names)
    result = metrics.evaluate(edges, datasets.load_network(f"beeline/mDC-500/{kind}", quiet=True))
    assert result["epr"] == pytest.approx(epr, abs=0.005)
    assert result["auprc_ratio"] == pytest.approx(auprc_ratio, abs=0.005)
