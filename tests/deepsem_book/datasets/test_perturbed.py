"""Readers of the two screens, on objects as R's files give them."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from deepsem_book.datasets import perturbed

GENES = ["Rel", "Stat1", "Spi1"]


def table(names: list[str], counts: list[list[int]]) -> pd.DataFrame:
    return pd.DataFrame(np.log1p(counts), index=names, columns=GENES)


def test_tables_of_both_files_are_joined_by_the_gene_that_was_cut(monkeypatch) -> None:
    control = table(["a", "b"], [[1, 0, 2], [0, 0, 1]])
    rel, stat = table(["c"], [[0, 5, 1]]), table(["d"], [[3, 0, 0]])
    files = {
        "one": {"data.list": [control, rel], "t.list": [np.array([]), np.array([1])]},
        "two": {"data.list": [control, stat], "t.list": [np.array([]), np.array([2])]},
    }
    monkeypatch.setattr(perturbed, "rda", lambda path, *names: files[str(path)])
    adata = perturbed.dixit(Path("one"), Path("two"))
    assert list(adata.obs["removed"]) == ["", "", "Rel", "Stat1"]
    assert adata.layers["counts"].toarray().tolist() == [[1, 0, 2], [0, 0, 1], [0, 5, 1], [3, 0, 0]]
    files["two"]["data.list"][1] = table(["d"], [[3, 0, 0]]) + 0.3
    with pytest.raises(ValueError, match="ln"):
        perturbed.dixit(Path("one"), Path("two"))


def triplet(dense: list[list[int]], names: list[str]) -> SimpleNamespace:
    matrix = np.array(dense)
    i, j = matrix.nonzero()
    return SimpleNamespace(i=i, j=j, x=matrix[i, j].astype(float), Dim=matrix.shape,
                           Dimnames=[np.array(names), None])  # fmt: skip


def test_a_cell_belongs_to_its_most_frequent_guide(monkeypatch) -> None:
    """Guides x cells: STAT1, none (called NT), a tie, STAT1 by its second guide."""
    data = {
        "response_matrix": triplet([[4, 0, 1, 2], [0, 3, 1, 0]], ["STAT1", "CD86"]),
        "grna_matrix": triplet([[9, 0, 2, 0], [1, 7, 2, 0], [0, 0, 0, 5]], ["S1", "NTg1", "S2"]),
        "grna_target_data_frame": pd.DataFrame(
            {"grna_id": ["S1", "S2"], "grna_target": ["STAT1", "STAT1"]}
        ),
        "extra_covariates": pd.DataFrame({"bio_rep": ["rep_1", "rep_1", "rep_2", "rep_2"]}),
    }
    monkeypatch.setattr(perturbed, "rda", lambda path: data)
    adata = perturbed.papalexi(Path("file"))
    assert list(adata.obs["removed"]) == ["STAT1", "", "STAT1"]
    assert list(adata.obs["replicate"]) == ["rep_1", "rep_1", "rep_2"]
    assert adata.layers["counts"].toarray().tolist() == [[4, 0], [0, 3], [2, 0]]
