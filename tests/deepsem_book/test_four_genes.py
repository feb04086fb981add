"""The network of four genes: its matrix, its table and its ranking say the same."""

import numpy as np
import pytest

from deepsem_book import four_genes
from deepsem_minimal import edge_table, evaluate


def test_the_matrix_and_the_table_hold_the_same_edges():
    edges = edge_table(four_genes.W, four_genes.GENES, four_genes.TFS)
    strong = edges[edges["importance"] > 0]
    known = set(four_genes.TRUTH.itertuples(index=False, name=None))
    assert set(zip(strong["TF"], strong["target"], strong["importance"] > 0, strict=True)) == {
        (*edge, True) for edge in known
    }
    assert list(edges.columns) == list(four_genes.RANKING.columns)


def test_the_ranking_names_each_candidate_once_and_scores_four_thirds():
    pairs = four_genes.RANKING[["TF", "target"]]
    wanted = {(tf, gene) for tf in four_genes.TFS for gene in four_genes.GENES if tf != gene}
    assert not pairs.duplicated().any() and set(pairs.itertuples(index=False, name=None)) == wanted
    assert evaluate(four_genes.RANKING, four_genes.TRUTH)["epr"] == pytest.approx(4 / 3)


def test_nobody_changes_the_network_of_all_chapters():
    with pytest.raises(ValueError, match="read-only"):
        four_genes.W[0, 3] = 1
    assert np.linalg.inv(np.eye(4) - four_genes.W)[3, 0] == pytest.approx(0.56)
