"""BEELINE's choice of genes, by hand and against its own matrices."""

import os
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest

from deepsem_book.datasets.beeline_genes import beeline_genes


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
