"""Types and clusters: sizes by hand, and a model of its own for each large group."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from deepsem_book.simulation import figures, groups
from deepsem_book.simulation.study import Study


def of_cells() -> pd.DataFrame:
    """Five B cells in cluster 0; three T cells, one of them in cluster 0."""
    pairs = [("B", "louvain 0")] * 5 + [("T", "louvain 1")] * 2 + [("T", "louvain 0")]
    return pd.DataFrame(pairs, columns=["type", "cluster"])


def test_sizes_by_hand():
    table = groups.sizes(of_cells())
    assert table.loc[("type", "B")].tolist() == [5, 62.5, "louvain 0", 100]
    assert table.loc[("cluster", "louvain 0")].tolist() == [6, 75, "B", 83.3]
    assert table.index.tolist() == [
        ("type", "B"), ("type", "T"), ("cluster", "louvain 0"), ("cluster", "louvain 1")
    ]  # fmt: skip
    shares = groups.clusters_by_type(of_cells())
    assert shares.loc["T"].tolist() == [0.33, 0.67]


def test_cells_without_counts_and_types_are_one_group():
    of_cell = groups.annotations(AnnData(np.ones((4, 3), np.float32)))
    assert (of_cell == "all").all(axis=None) and of_cell.shape == (4, 2)


def test_clusters_of_counts_find_the_types():
    rng = np.random.default_rng(0)
    kind = np.repeat(["a", "b"], 40)
    mean = np.ones((80, 60))
    mean[:40, :20], mean[40:, 20:40] = 8, 8
    counts = rng.poisson(mean).astype(np.float32)
    adata = AnnData(np.log1p(counts), obs=pd.DataFrame({"cell_type": kind}, map(str, range(80))))
    adata.layers["counts"] = counts
    of_cell = groups.annotations(adata)
    assert set(of_cell["cluster"]) == {"louvain 0", "louvain 1"}
    assert groups.sizes(of_cell)["% of them"].eq(100).all()


def test_each_large_group_has_a_model_trained_on_its_own_cells(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.gamma(2.0, size=(110, 30)).astype(np.float32)
    X[60:100, 0] = 0  # the gene that only the larger group has
    labels = pd.Series(["a"] * 60 + ["b"] * 40 + ["c"] * 10)
    adata = AnnData(X, var=pd.DataFrame({"tf": np.arange(30) < 5}, [f"g{i}" for i in range(30)]))
    trained = []

    def spy(study, name, n, seed=0):
        trained.append((len(study.train), "g0" in study.genes, name))
        return study.train[:n]

    monkeypatch.setattr(Study, "sample", spy)
    monkeypatch.setattr(groups, "umap", lambda E: E[:, :2])
    points = groups.embedded(adata, labels, 20, 50, 30, ["shuffle", "copy"])
    assert trained == [
        (40, True, "shuffle"), (40, True, "copy"), (32, False, "shuffle"), (32, False, "copy")
    ]  # fmt: skip
    assert list(points) == ["a", "b"]
    assert {name: len(cells) for name, cells in points["b"].items()} == {
        groups.REAL: 8, "shuffle": 8, "copy": 8
    }  # fmt: skip
    figure = figures.pictures_of_groups(points, groups.REAL)
    assert [ax.get_ylabel() for ax in figure.axes] == ["a", "", "b", ""]
    assert [len(line.get_xdata()) for line in figure.axes[2].lines] == [8, 8]
    with pytest.raises(ValueError, match="No group has 90 cells; the largest has 60"):
        groups.embedded(adata, labels, 90)
