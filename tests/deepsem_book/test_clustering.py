"""Clusters of clouds and cliques, and scores by hand-made cases."""

import os
import subprocess
import sys

import igraph
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from deepsem_book import clustering


@pytest.fixture
def blobs():
    """Three clouds of 40 cells in 60 dimensions, and their names."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 4, (3, 60))
    labels = np.repeat(["a", "b", "c"], 40)
    return centres[np.repeat([0, 1, 2], 40)] + rng.normal(size=(120, 60)), labels


def test_pipeline_finds_separate_clouds(blobs):
    E, labels = blobs
    scores = clustering.clustered(E, labels)
    assert scores["ari"] == scores["nmi"] == pytest.approx(1.0)
    assert scores["n_clusters"] == 3
    assert scores["silhouette"] > 0.5
    assert len(scores["clusters"]) == 120


def test_silhouette_by_its_formula(blobs):
    E, labels = blobs
    E = E + np.random.default_rng(1).normal(0, 8, E.shape)  # the clouds overlap
    points = clustering.reduced(E)
    D = np.linalg.norm(points[:, None] - points[None], axis=2)
    values = []
    for i, own in enumerate(labels):
        mean = {name: D[i, labels == name].sum() for name in "abc"}
        a = mean.pop(own) / 39  # the cell itself is no neighbour
        b = min(mean.values()) / 40
        values.append((b - a) / max(a, b))
    assert clustering.clustered(E, labels)["silhouette"] == pytest.approx(np.mean(values))


def test_reduced_only_where_wider_than_fifty(blobs):
    E, _ = blobs
    assert clustering.reduced(E).shape == (120, 50)
    np.testing.assert_array_equal(clustering.reduced(E[:, :20]), E[:, :20])


def ring_of_cliques(n: int, size: int) -> igraph.Graph:
    edges = [(c * size + i, c * size + j) for c in range(n) for i in range(size) for j in range(i)]
    edges += [(c * size, (c + 1) % n * size) for c in range(n)]
    graph = igraph.Graph(n * size, edges)
    graph.es["weight"] = 1.0
    return graph


@pytest.mark.parametrize("wanted", [2, 4, 8])
def test_bisection_reaches_the_number_of_clusters(wanted):
    clusters, resolution = clustering.louvain_with(ring_of_cliques(8, 6), wanted)
    assert len(np.unique(clusters)) == wanted
    again = clustering.louvain(ring_of_cliques(8, 6), resolution)
    np.testing.assert_array_equal(again, clusters)


def test_bisection_returns_the_nearest_number():
    graph = ring_of_cliques(3, 5)  # never 16 clusters of 15 nodes
    clusters, _ = clustering.louvain_with(graph, 16, steps=8)
    assert len(np.unique(clusters)) <= 15


def test_louvain_and_leiden_find_cliques():
    graph, truth = ring_of_cliques(5, 6), np.repeat(range(5), 6)
    for clusters in (clustering.louvain(graph, 1.0), clustering.leiden(graph)):
        assert clustering.agreement(truth, clusters)["ari"] == pytest.approx(1.0)


def test_agreement_by_hand():
    # Pairs together in both: 2; of 6 + 3 and 6 + 3 within either: expected 9 * 9 / 21.
    a, b = [0, 0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1, 2]
    together_both = sum(a[i] == a[j] and b[i] == b[j] for i in range(7) for j in range(i))
    in_a = sum(a[i] == a[j] for i in range(7) for j in range(i))
    in_b = sum(b[i] == b[j] for i in range(7) for j in range(i))
    expected = in_a * in_b / 21
    ari = (together_both - expected) / ((in_a + in_b) / 2 - expected)
    assert clustering.agreement(a, b)["ari"] == pytest.approx(ari)
    assert clustering.agreement(a, a) == pytest.approx(dict.fromkeys(("ari", "nmi", "ami"), 1.0))
    counts = pd.crosstab(np.array(a), np.array(b)).to_numpy() / 7
    p, q = counts.sum(1), counts.sum(0)
    inside = counts > 0
    information = (counts[inside] * np.log((counts / np.outer(p, q))[inside])).sum()
    nmi = information / ((stats.entropy(p) + stats.entropy(q)) / 2)
    assert clustering.agreement(a, b)["nmi"] == pytest.approx(nmi)


def test_louvain_aris_start_with_the_seed_of_the_pipeline(blobs):
    E, labels = blobs
    noisy = E + np.random.default_rng(0).normal(scale=12.0, size=E.shape)
    aris = clustering.louvain_aris(noisy, labels, n=4)
    assert aris.shape == (4,) and aris[0] == clustering.clustered(noisy, labels)["ari"]
    assert np.ptp(aris) > 0  # where types overlap, Louvain's seed matters
    assert np.allclose(clustering.louvain_aris(E, labels, n=3), 1)


def test_louvain_without_weights_ignores_them():
    rng = np.random.default_rng(0)
    cells = clustering.neighbourhood(rng.normal(size=(60, 5)), k=8)
    weighted, plain = clustering.as_igraph(cells), clustering.as_igraph(cells, weighted=False)
    assert set(plain.es["weight"]) == {1.0} and len(set(weighted.es["weight"])) > 10
    assert plain.get_edgelist() == weighted.get_edgelist()
    edges = plain.get_edgelist()
    A = np.zeros((60, 60))
    A[tuple(zip(*edges, strict=True))] = 1
    A += A.T  # modularity by its formula, at the clusters that were found
    clusters = clustering.louvain(plain, 1.0)
    same = clusters[:, None] == clusters[None]
    degree = A.sum(0)
    modularity = ((A - np.outer(degree, degree) / A.sum()) * same).sum() / A.sum()
    assert plain.modularity(clusters) == pytest.approx(modularity)
    assert modularity > 0.9 * plain.community_multilevel().modularity


@pytest.mark.parametrize(
    "call",
    [
        "clustering.neighbourhood(rng.normal(size=(60, 5)))",
        "pbmc.zheng17_clusters(cells)",
        "markers(cells, ['a', 'b'], 5, [])",
    ],
)
def test_scanpys_calls_leave_torchs_threads_alone(call):
    # In a new process: numba sets OpenMP's number of threads in its first parallel loop only.
    lines = (
        "import numpy as np, torch",
        "from anndata import AnnData",
        "from scipy import sparse",
        "from deepsem_book import clustering; from deepsem_book.cortex.cells import markers; "
        "from deepsem_book.simulation import pbmc",
        "rng = np.random.default_rng(0)",
        "cells = AnnData(sparse.csr_matrix(rng.poisson(1.0, (60, 40)).astype('float32')))",
        "cells.obs['cell_type'] = ['a', 'b'] * 30",
        "torch.set_num_threads(1)",
        "torch.get_num_threads()",  # until it is asked or computes, torch has not begun to use it
        call,
        "print(torch.get_num_threads())",
    )
    env = os.environ | {"NUMBA_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], env=env, capture_output=True)
    assert done.stdout.decode().strip() == "1", done.stderr.decode()


def test_membership_weights_by_hand():
    points = np.array([[0, 0], [2, 0], [0, 4], [2, 4]], dtype=float)
    labels = ["a", "a", "b", "b"]  # centres (1, 0) and (1, 4)
    own, other = 1.0, np.sqrt(17)
    weight = np.exp(1 / own) / (np.exp(1 / own) + np.exp(1 / other))
    np.testing.assert_allclose(clustering.membership_weights(points, labels), weight)
    larger = clustering.membership_weights(10 * points, labels)
    assert (larger < weight).all() and (larger > 0.5).all()  # Eq. 8 depends on the scale
