"""Scores of realism on cases whose answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from deepsem_book import datasets
from deepsem_book.simulation import controls, realism
from deepsem_book.simulation.augmentation import AUGMENTED, augmented, thinned
from deepsem_book.simulation.gan import GANConfig
from deepsem_book.simulation.pbmc import cells_of, prepared_pbmc, zheng17_clusters
from deepsem_book.simulation.study import Study
from deepsem_minimal.config import Config

GENES = ["A", "B", "c", "d"]


def population(n, seed, m=10):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(n, 1))
    return np.maximum(2 + factor * np.linspace(-1, 1, m) + rng.normal(size=(n, m)) * 0.4, 0)


def test_forest_cannot_tell_equals_and_tells_shuffled():
    real, same = population(150, 0), population(150, 1)
    equal, curves = realism.forest_auc(real, same, 50)
    told, _ = realism.forest_auc(real, controls.shuffle(population(600, 2), 150), 50)
    assert len(equal) == len(curves) == 5
    assert 0.38 < equal.mean() < 0.62 and told.mean() > 0.85
    with pytest.raises(ValueError, match="5 folds"):
        realism.forest_auc(real[:3], same, 5)


def test_mmd_by_hand_and_of_equals():
    A, B = np.array([[0.0], [1.0]]), np.array([[3.0], [4.0]])

    def k(d):
        return np.exp(-(d**2) / 2)

    by_hand = k(1) + k(1) - 2 * (k(3) + k(4) + k(2) + k(3)) / 4
    assert realism.mmd(A, B, 1.0) == pytest.approx(by_hand)
    assert abs(realism.mmd(population(300, 0), population(300, 1))) < 0.01
    assert realism.mmd(population(300, 0), population(300, 1) + 1) > 0.1


def test_gene_table_and_errors():
    X = np.array([[0.0, 2.0], [4.0, 2.0]])
    table = realism.gene_table(X)
    assert table.to_numpy().tolist() == [[2, 4, 0.5], [2, 0, 0]]
    assert realism.marginal_error(X, X) == 0
    assert realism.marginal_error(X, X + 3) == pytest.approx(3)


def test_correlation_error_by_hand_with_a_constant_gene():
    x = np.array([0.0, 1.0, 2.0, 3.0])
    a, b = np.stack([x, x, x * 0], 1), np.stack([x, -x, x * 0], 1)
    assert realism.correlation_error(a, a) == 0
    assert realism.correlation_error(a, b) == pytest.approx(2 / np.sqrt(3))  # (2, 0, 0)


def test_memorisation_finds_copies_and_acquits_new_cells():
    train, test = population(200, 0), population(100, 1)
    copies = controls.bootstrap(train, 80)
    assert realism.memorisation(copies, train, test) == {"ratio": 0, "copied": 1}
    honest = realism.memorisation(population(100, 2), train, test)
    assert 0.8 < honest["ratio"] < 1.25 and honest["copied"] < 0.1


def network(weights):
    W = np.zeros((4, 4))
    for (target, regulator), value in weights.items():
        W[GENES.index(target), GENES.index(regulator)] = value
    return W


def test_consistency_by_hand():
    real = network({("c", "A"): 4, ("d", "A"): 3, ("c", "B"): 2, ("d", "B"): 1, ("A", "c"): 9})
    other = network({("c", "A"): 4, ("d", "B"): 3, ("d", "A"): 2, ("B", "A"): 1})
    shares = realism.consistency(real, other, GENES, ["A", "B"], [25, 50, 75])
    # four edges of the real network: top 1 {Ac}, 2 {Ac, Ad}, 3 {Ac, Ad, Bc}; c is no TF
    np.testing.assert_allclose(shares, [1, 1 / 2, 2 / 3])
    assert realism.consistency(real, other, GENES, ["A", "B"], [0.1]).iloc[0] == 1  # one edge


def test_consistency_does_not_fill_up_with_edges_that_are_not_predicted():
    real = network({("c", "A"): 2, ("d", "A"): 1})
    assert realism.consistency(real, network({("c", "B"): 1}), GENES, ["A", "B"], [100]).item() == 0


def test_scores_tell_copying_modelling_and_destroying_apart():
    train, test = population(400, 0), population(150, 1)
    row = {
        "copy": realism.scores(controls.bootstrap(train, 150), train, test, 50),
        "new": realism.scores(population(150, 2), train, test, 50),
        "shuffle": realism.scores(controls.shuffle(train, 150), train, test, 50),
    }
    assert max(row["copy"]["auc"], row["new"]["auc"]) < 0.68 < 0.85 < row["shuffle"]["auc"]
    assert row["copy"]["ratio"] == 0 < 0.8 < row["new"]["ratio"]
    assert row["shuffle"]["correlation"] > 3 * row["new"]["correlation"]
    assert row["shuffle"]["mmd"] > row["new"]["mmd"]


def test_rare_type_is_found_when_it_can_be():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 8)), np.arange(300) % 10 == 0
    X[y, :3] += 4
    T, ty = rng.normal(size=(300, 8)), np.arange(300) % 10 == 0
    T[ty, :3] += 4
    assert realism.rare_type_aupr(X, y, T, ty) > 0.9
    assert realism.rare_type_aupr(X, rng.permutation(y), T, ty) < 0.4
    extra = controls.bootstrap(X[y], 60)
    assert realism.rare_type_aupr(X[:40], y[:40], T, ty, extra) > 0.8


def test_augmented_uses_the_cells_left_and_names_what_it_does_not_know(monkeypatch):
    """Every training set has the share of the rare type, and DeepSEM adds cells of that type."""
    rng = np.random.default_rng(0)
    X = rng.gamma(2.0, size=(200, 30)).astype(np.float32)
    types = np.repeat([0, 1], [150, 50])
    X[types == 1, :10] += 3
    X = controls.normalised(X)
    study = Study(
        X[::2], X[1::2], [f"g{i}" for i in range(30)], [], types[::2], types[1::2], ["a", "b"],
        1e4, 1e4, gan=GANConfig(n_steps=2), config=Config.simulation(n_epochs=2, W_init="safe"),
    )  # fmt: skip
    seen = []

    def spy(train, labels, test, test_labels, extra, n_trees, seed):
        seen.append((len(train), int(labels.sum()), extra))
        return 0.5

    monkeypatch.setattr(realism, "rare_type_aupr", spy)
    by_source = augmented(study, "b", 0.2, 7, list(AUGMENTED))
    assert set(by_source) == set(AUGMENTED)
    assert {row[:2] for row in seen} == {(80, 5)}
    extras = dict(zip(AUGMENTED, [row[2] for row in seen], strict=True))
    assert extras.pop("nothing added") is None
    assert set(by_source["scGAN"]) == set(by_source["cscGAN"]) > set(by_source["DeepSEM"])
    for cells in extras.values():
        assert cells.shape == (7, 30) and (cells >= 0).all()
        np.testing.assert_allclose(np.expm1(cells.astype(float)).sum(1), 1e4, rtol=1e-3)
    few = thinned(study, 1, 0.2, 0)
    assert by_source["scGAN"]["shuffle_marginal"] == pytest.approx(
        realism.marginal_error(X[1::2][types[1::2] == 1], controls.shuffle(few.train[-5:], 7, 0))
    )
    with pytest.raises(ValueError, match="'c' is not among the types: a, b"):
        augmented(study, "c", 0.5)
    with pytest.raises(ValueError, match="magic is not one of"):
        augmented(study, "b", 0.5, trainings=["magic"])


def test_zheng17_clusters_finds_two_types_and_wants_counts():
    rng = np.random.default_rng(0)
    mean = np.ones((2, 60))
    mean[0, :20], mean[1, 20:40] = 8, 8
    counts = rng.poisson(mean[np.repeat([0, 1], 40)]).astype(np.float32)
    clusters = zheng17_clusters(AnnData(counts))
    assert clusters[:40].std() == clusters[40:].std() == 0 and clusters[0] != clusters[-1]
    counts[3] = 0
    with pytest.raises(ValueError, match="1 cells have no counts"):
        zheng17_clusters(AnnData(counts))


PLANTED = [f"g{i}" for i in range(10)]


def blood(n=150, m=180, seed=0):
    """Counts of two kinds of cells, two thirds of the first; the first ten genes tell them apart.

    Means are spread from 1 to 10, for both sorts of genes. Of the last two genes one is found in
    one cell, the other in none; the last cell has 5 genes, the one before it none.
    """
    rng = np.random.default_rng(seed)
    kind = (np.arange(n) % 3 == 2).astype(int)
    mean = np.tile(np.geomspace(1, 10, m - 10), (2, 1))
    levels = np.geomspace(1.5, 9, 10)
    mean = np.concatenate([np.stack([levels * 0.1, levels * 2.8]), mean], axis=1)
    counts = rng.poisson(mean[kind])
    counts[:, -2:] = 0
    counts[0, -2] = 5
    counts[-2:] = 0
    counts[-1, 40:45] = 1
    adata = AnnData(
        obs=pd.DataFrame(
            {"cell_type": np.where(kind, "CD4+/CD25 T Reg", "CD19+ B")}, [f"c{i}" for i in range(n)]
        ),
        var=pd.DataFrame(index=[f"g{i}" for i in range(m)]),
    )
    adata.layers["counts"] = sparse.csr_matrix(counts, dtype=np.float32)
    return adata, counts


def test_paper_preparation_by_hand_and_both_annotations():
    adata, counts = blood()
    prepared = prepared_pbmc(adata, n_genes=10)
    assert list(prepared.obs_names) == list(adata.obs_names[:-2])  # none, and too few, of the genes
    everything = prepared_pbmc(adata, n_genes=1000)
    assert list(everything.var_names) == list(adata.var_names[:-2])  # 1 of 149 cells is below 1 %
    assert list(prepared.var_names) == PLANTED
    part = counts[:-2, :10]
    wanted = np.log1p(part / np.maximum(part.sum(1, keepdims=True), 1) * 2e4)
    np.testing.assert_allclose(prepared.X.toarray(), wanted, rtol=1e-5)
    np.testing.assert_array_equal(prepared.layers["counts"].toarray(), part)
    both = pd.crosstab(prepared.obs["cell_type"], prepared.obs["louvain"])
    assert both.shape == (2, 2) and (both > 0).sum().tolist() == [1, 1]  # the same two groups
    study = Study.of(everything, n_genes=100, n_tfs=0)
    np.testing.assert_allclose(np.expm1(study.train.astype(float)).sum(1), 2e4, rtol=1e-4)


def test_cells_of_gives_a_type_or_a_cluster_of_pbmc68k(monkeypatch):
    adata, _ = blood()
    monkeypatch.setattr(datasets, "load", lambda name, quiet: adata)
    name = "pbmc68k_donor_a"
    regulatory, cluster = cells_of(f"{name}/CD4+/CD25 T Reg"), cells_of(f"{name}/louvain 1")
    assert len(regulatory) == 49 and list(regulatory.obs_names) == list(cluster.obs_names)
    assert len(cells_of(name)) == 148
    with pytest.raises(ValueError, match="no cells of 'CD8': "):
        cells_of(f"{name}/CD8")


@pytest.fixture(scope="module")
def tiny():
    """240 cells of two types: 4 TFs, each with 5 targets; GANs and DeepSEM hardly trained."""
    rng = np.random.default_rng(0)
    tf = rng.gamma(2.0, 2.0, size=(240, 4))
    tf[::2, 0] += 6
    counts = rng.poisson(np.concatenate([tf, np.repeat(tf, 5, axis=1) * 2], axis=1))
    counts[:, -1] += 1  # no cell is empty
    adata = AnnData(
        sparse.csr_matrix(np.log1p(counts), dtype=np.float32),
        obs=pd.DataFrame({"cell_type": np.tile(["a", "b"], 120)}, [f"c{i}" for i in range(240)]),
        var=pd.DataFrame({"tf": np.arange(24) < 4}, [f"g{i}" for i in range(24)]),
    )
    adata.layers["counts"] = sparse.csr_matrix(counts, dtype=np.float32)
    config = Config.simulation(n_epochs=2, W_init="safe")
    return Study.of(adata, n_genes=24, n_tfs=4, gan=GANConfig(n_steps=2), config=config)


def test_every_simulator_gives_non_negative_cells_of_the_genes_and_library(tiny):
    assert tiny.simulators == list(Study.SIMULATORS) and tiny.tfs == ["g0", "g1", "g2", "g3"]
    for name in tiny.simulators[:-1]:
        cells = tiny.sample(name, 20, 1)
        assert cells.shape == (20, 24) and (cells >= 0).all(), name
        library = np.expm1(cells.astype(np.float64)).sum(1)
        np.testing.assert_allclose(library[library > 0], 2e4, rtol=1e-3, err_msg=name)
        assert (library > 0).mean() > 0.9, name
        np.testing.assert_array_equal(cells, tiny.sample(name, 20, 1))
        assert not np.array_equal(cells, tiny.sample(name, 20, 2)), name
    with pytest.raises(ValueError, match="'magic' is not one of"):
        tiny.sample("magic", 3)


def test_a_study_leaves_out_what_means_nothing(tiny):
    of_one_type = replace(tiny, types=["a"], tfs=[])
    assert set(Study.SIMULATORS) - set(of_one_type.simulators) == {"cscGAN", "two halves"}


def test_consistency_has_its_ceiling_and_floor(tiny, monkeypatch):
    """Copies keep the network of the real cells, halves agree with each other, shuffles do not."""
    monkeypatch.setattr(realism.consistency, "__defaults__", ((25.0,),))
    shares = {
        name: tiny.consistency(name, 20).item()
        for name in ("copy", "bootstrap", "two halves", "shuffle")
    }
    ceilings = [shares.pop(name) for name in ("copy", "bootstrap", "two halves")]
    assert min(ceilings) > 0.5 > 0.4 > shares["shuffle"]  # 25 % of the edges agree by chance


def test_recorded_controls_behave_as_they_must():
    """Copies at AUC 0.5 and memory 0, shuffled genes at consistency 0, copies above two halves."""
    table = datasets.results("simulation")
    auc = table.groupby(["data", "simulator"])["auc"].mean().unstack()
    assert (abs(auc["copy"] - 0.5) < 0.05).all()
    assert (auc["shuffle"] > auc["copy"] + 0.2).all() and auc.loc["pbmc_facs", "shuffle"] > 0.95
    copies = table[table["simulator"].isin(["copy", "bootstrap"])]
    assert (copies["ratio"] == 0).all() and (copies["copied"] == 1).all()
    with_network = table.dropna(subset="top_2.5").groupby("simulator")["top_2.5"].mean()
    assert with_network["shuffle"] < 0.06 < 0.4 < with_network["two halves"] < with_network["copy"]
    each = table.groupby(["data", "repeat", "simulator"]).size()
    assert (each == 1).all()
