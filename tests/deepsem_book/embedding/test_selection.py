"""Which cells and genes are kept, on hand-made counts."""

import numpy as np
import pytest
from anndata import AnnData
from scipy import sparse

from deepsem_book.embedding import selection


def some_cells(X, types):
    cells = AnnData(np.asarray(X, dtype=np.float32))
    cells.obs["cell_type"] = types
    return cells


def test_prepared_drops_rare_types_unlabelled_cells_and_rare_genes():
    rng = np.random.default_rng(0)
    X = rng.uniform(1, 2, (40, 5))
    X[:, 0] *= 3  # the most variable gene
    X[:, 1] = 0
    X[0, 1] = 50  # would be the most variable, but is found in a cell of a rare type only
    X[:, 4] = 1.5  # does not vary
    types = ["rare"] * 3 + ["a"] * 20 + ["b"] * 15 + [np.nan] * 2
    kept = selection.prepared(some_cells(X, types), n_genes=3)
    assert kept.shape == (35, 3)
    assert set(kept.obs["cell_type"]) == {"a", "b"}
    assert list(kept.var_names) == ["0", "2", "3"]  # the order of the source
    np.testing.assert_allclose(kept.X[:, 0], X[3:38, 0], rtol=1e-6)


def test_prepared_counts_a_share_of_cells():
    X = np.ones((200, 3))
    X[:100, 0] = 2
    X[:, 1] = 0
    X[0, 1] = 9.0  # 0.5 % of the cells
    X[:, 2] = 0
    X[:2, 2] = 9.0  # 1 %
    kept = selection.prepared(some_cells(X, ["a"] * 200))
    assert list(kept.var_names) == ["0", "2"]


def test_prepared_by_counts_ranks_genes_before_the_logarithm():
    rng = np.random.default_rng(0)
    counts = np.column_stack(
        [rng.poisson(500, 60), 9 * rng.integers(0, 2, 60), np.ones(60)]
    )  # gene 0 varies more in counts, gene 1 in log counts
    cells = some_cells(np.log1p(counts), ["a"] * 60)
    with pytest.raises(ValueError, match="counts"):
        selection.prepared(cells, by="counts")
    cells.layers["counts"] = sparse.csr_matrix(counts)
    chosen = selection.prepared(cells, n_genes=1, by="counts")
    assert list(chosen.var_names) == ["0"]
    np.testing.assert_allclose(chosen.X[:, 0], np.log1p(counts[:, 0]), rtol=1e-6)
    assert list(selection.prepared(cells, n_genes=1).var_names) == ["1"]


def test_prepared_rejects_what_it_cannot_do():
    cells = some_cells(np.ones((12, 3)), ["a"] * 12)
    with pytest.raises(ValueError, match="no column"):
        selection.prepared(cells, "stage")
    with pytest.raises(ValueError, match="10 cells"):
        selection.prepared(cells[:5])
    with pytest.raises(ValueError, match="by is"):
        selection.prepared(cells, by="mean")
