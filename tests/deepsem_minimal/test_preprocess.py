"""Standardisation and gene selection against hand-worked numbers and BEELINE's own matrices."""

import os
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest

from deepsem_book.datasets.beeline_genes import beeline_genes
from deepsem_minimal.preprocess import standardise

# Genes in columns: with zeros, without, constant, constant but for zeros, all zero.
X = np.array(
    [
        [0.0, 1.0, 2.0, 0.0, 0.0],
        [2.0, 2.0, 2.0, 3.0, 0.0],
        [4.0, 6.0, 2.0, 3.0, 0.0],
        [0.0, 3.0, 2.0, 0.0, 0.0],
    ]
)


def test_over_all_cells():
    result = standardise(X, "cells")
    np.testing.assert_allclose(result.mean, [1.5, 3.0, 2.0, 1.5, 0.0])
    sd0, sd1 = np.sqrt(2.75), np.sqrt(3.5)  # divided by n, not n - 1
    np.testing.assert_allclose(result.sd, [sd0, sd1, 0.0, 1.5, 0.0])
    np.testing.assert_allclose(result.X[:, 0], np.array([-1.5, 0.5, 2.5, -1.5]) / sd0, rtol=1e-6)
    np.testing.assert_allclose(result.X[:, 1], np.array([-2.0, -1.0, 3.0, 0.0]) / sd1, rtol=1e-6)
    np.testing.assert_allclose(result.X[:, 3], [-1, 1, 1, -1])
    assert not result.X[:, [2, 4]].any()  # constant genes


def test_over_non_zero_entries():
    """Zeros do not enter mean and sd, but become -mean/sd (ledger 8)."""
    result = standardise(X, "nonzero")
    np.testing.assert_allclose(result.mean, [3.0, 3.0, 2.0, 3.0, 0.0])
    np.testing.assert_allclose(result.sd, [1.0, np.sqrt(3.5), 0.0, 0.0, 0.0])
    np.testing.assert_allclose(result.X[:, 0], [-3, -1, 1, -3])
    np.testing.assert_allclose(result.X[:, 1], standardise(X, "cells").X[:, 1])  # no zeros, same
    assert not result.X[:, 2:].any()  # sd 0: neither nan nor -inf


def test_clip_bounds_both_sides():
    np.testing.assert_allclose(standardise(X, "nonzero", clip=2.0).X[:, 0], [-2, -1, 1, -2])
    wide = standardise(X, "nonzero", clip=10.0).X
    np.testing.assert_array_equal(wide, standardise(X, "nonzero").X)
    high = standardise(np.repeat([0.0, 1.0], [399, 1])[:, None], clip=15.0).X
    assert high.max() == 15.0  # 399 zeros and a one: (1 - 1/400) / sd = 19.97


def test_result_is_float32_and_the_input_unchanged():
    x = X.astype(np.float32)
    before = x.copy()
    result = standardise(x, "nonzero", 1.0)
    assert result.X.dtype == np.float32 and not np.isnan(result.X).any()
    np.testing.assert_array_equal(x, before)


def test_rounding_does_not_turn_a_constant_gene_into_noise():
    x = np.full((1000, 1), 0.1, dtype=np.float32)
    for how in ("cells", "nonzero"):
        assert not standardise(x, how).X.any()


def test_unknown_way_is_refused():
    with pytest.raises(ValueError, match='"cells" or "nonzero"'):
        standardise(X, "genes")


# --- BEELINE's gene selection ---------------------------------------------------------------------


def ordering(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["gene", "VGAMpValue", "Variance"]).set_index("gene")


def test_beeline_genes_by_hand():
    """Bonferroni over 5 genes: p < 0.002. TFs by upper-case name, others by variance."""
    table = ordering(
        ("Tf1", 1e-5, 0.1),
        ("g1", 1e-5, 1.0),
        ("g2", 1e-3, 3.0),
        ("g3", 0.004, 9.0),  # below 0.01, not below 0.01 / 5
        ("Tf2", 0.004, 9.0),
    )
    assert beeline_genes(table, ["TF1", "tf2"], 1) == ["Tf1", "g2"]
    assert beeline_genes(table, ["TF1", "tf2"], 5) == ["Tf1", "g2", "g1"]
    assert beeline_genes(table, [], 2) == ["g2", "g1"]


def test_beeline_genes_needs_its_columns():
    with pytest.raises(ValueError, match="Variance"):
        beeline_genes(ordering(("g", 0.0, 1.0)).drop(columns="Variance"), [], 1)


def matrices() -> list[Path]:
    """One expression matrix of each (data set, N) in the mirror."""
    mirror = Path(os.environ.get("DEEPSEM_MIRROR") or "/nonexistent")
    files = sorted(mirror.rglob("TFs+*/BL--ExpressionData.csv*")) if mirror.is_dir() else []
    return list({(f.parts[-3], f.parts[-2]): f for f in files}.values())


@pytest.mark.skipif(not matrices(), reason="DEEPSEM_MIRROR names no folder with BEELINE matrices")
@pytest.mark.parametrize("matrix", matrices(), ids=lambda f: f"{f.parts[-3]}-{f.parts[-2]}")
def test_beeline_genes_reproduces_the_published_matrices(matrix: Path):
    dataset, n_genes = matrix.parts[-3], int(matrix.parts[-2].removeprefix("TFs+"))
    mirror = Path(os.environ["DEEPSEM_MIRROR"])
    folders = [f for f in mirror.rglob("GeneOrdering.csv") if same(f.parent.name, dataset)]
    assert folders, f"no GeneOrdering.csv of {dataset}"
    species = "human" if dataset.startswith("h") else "mouse"
    tfs = pd.read_csv(next(mirror.rglob(f"{species}-tfs.csv")))["TF"]
    selected = beeline_genes(pd.read_csv(folders[0], index_col=0), tfs, n_genes)
    published = pd.read_csv(matrix, usecols=[0]).iloc[:, 0]
    assert {gene.upper() for gene in selected} == {gene.upper() for gene in published}
    assert len(selected) == len(published)


def same(folder: str, dataset: str) -> bool:
    return unquote(folder).upper() == dataset.upper()
