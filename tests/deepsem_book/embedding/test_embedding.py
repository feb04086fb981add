"""Embeddings: hand-made cases, brute force, finite differences and known truths."""

import os
import subprocess
import sys

import igraph
import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData
from matplotlib.text import Text
from scipy import integrate, sparse, stats

from deepsem_book import clustering
from deepsem_book.embedding import ablations, embedders, figures, prepare, scores
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit


@pytest.fixture
def blobs():
    """Three clouds of 40 cells in 60 dimensions, and their names."""
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 4, (3, 60))
    labels = np.repeat(["a", "b", "c"], 40)
    return centres[np.repeat([0, 1, 2], 40)] + rng.normal(size=(120, 60)), labels


def some_cells(X, types):
    cells = AnnData(np.asarray(X, dtype=np.float32))
    cells.obs["cell_type"] = types
    return cells


# --- preprocessing --------------------------------------------------------------------------------


def test_prepared_drops_rare_types_unlabelled_cells_and_rare_genes():
    rng = np.random.default_rng(0)
    X = rng.uniform(1, 2, (40, 5))
    X[:, 0] *= 3  # the most variable gene
    X[:, 1] = 0
    X[0, 1] = 50  # would be the most variable, but is found in a cell of a rare type only
    X[:, 4] = 1.5  # does not vary
    types = ["rare"] * 3 + ["a"] * 20 + ["b"] * 15 + [np.nan] * 2
    kept = prepare.prepared(some_cells(X, types), n_genes=3)
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
    kept = prepare.prepared(some_cells(X, ["a"] * 200))
    assert list(kept.var_names) == ["0", "2"]


def test_prepared_by_counts_ranks_genes_before_the_logarithm():
    rng = np.random.default_rng(0)
    counts = np.column_stack(
        [rng.poisson(500, 60), 9 * rng.integers(0, 2, 60), np.ones(60)]
    )  # gene 0 varies more in counts, gene 1 in log counts
    cells = some_cells(np.log1p(counts), ["a"] * 60)
    with pytest.raises(ValueError, match="counts"):
        prepare.prepared(cells, by="counts")
    cells.layers["counts"] = sparse.csr_matrix(counts)
    chosen = prepare.prepared(cells, n_genes=1, by="counts")
    assert list(chosen.var_names) == ["0"]
    np.testing.assert_allclose(chosen.X[:, 0], np.log1p(counts[:, 0]), rtol=1e-6)
    assert list(prepare.prepared(cells, n_genes=1).var_names) == ["1"]


def test_prepared_rejects_what_it_cannot_do():
    cells = some_cells(np.ones((12, 3)), ["a"] * 12)
    with pytest.raises(ValueError, match="no column"):
        prepare.prepared(cells, "stage")
    with pytest.raises(ValueError, match="10 cells"):
        prepare.prepared(cells[:5])
    with pytest.raises(ValueError, match="by is"):
        prepare.prepared(cells, by="mean")


# --- clustering -----------------------------------------------------------------------------------


def test_pipeline_finds_separate_clouds(blobs):
    E, labels = blobs
    found = clustering.clustered(E, labels)
    assert found["ari"] == found["nmi"] == pytest.approx(1.0)
    assert found["n_clusters"] == 3
    assert found["silhouette"] > 0.5
    assert len(found["clusters"]) == 120


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


def test_own_neighbours_by_hand():
    points = np.array([[0.0], [1.0], [2.1], [10.0], [11.0]])
    shares = scores.own_neighbours(points, ["a", "a", "b", "b", "b"], k=2)
    assert shares.tolist() == [0.5, 0.5, 0.0, 1.0, 1.0]


def test_ring_holds_a_share_of_a_type_and_counts_the_strangers_in_it():
    points = np.array([[0.0, 0], [1, 0], [-1, 0], [0, 2], [9, 9], [0, 1], [0.5, 0], [0, 3]])
    own = np.array([True] * 5 + [False] * 3)  # the fifth lies far from its kind
    middle, radius = scores.ring(points, own, share=0.75)
    assert middle.tolist() == [0, 0] and radius == 2.0
    assert scores.ring_purity(points, own, share=0.75) == pytest.approx(4 / 6)  # two strangers


def test_pieces_by_hand():
    own = np.array([True] * 10 + [False] * 5)
    clusters = [0] * 3 + [1] * 6 + [2] + [2] * 5  # cluster 2 holds just a tenth of the type
    assert scores.pieces(clusters, own).tolist() == [0.6, 0.3]


def test_names_of_the_network_picture_cover_no_dot_and_no_other_name():
    hub = [("hub_gene", f"gene_{i:04}", 1 - i / 20) for i in range(12)]
    edges = pd.DataFrame(hub, columns=["TF", "target", "importance"])
    groups = dict.fromkeys([*edges["TF"], *edges["target"]], "neuron")
    figure = figures.network(edges, groups)
    figure.draw_without_rendering()
    [ax] = figure.axes
    # of the names alone: an annotation's own extent includes its line
    boxes = [Text.get_window_extent(text) for text in ax.texts if text.get_text()]
    dots = ax.transData.transform(np.concatenate([c.get_offsets() for c in ax.collections]))
    assert len(boxes) == 13
    assert not any(box.contains(*dot) for box in boxes for dot in dots)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_nested_by_hand():
    # cluster 0 holds two neurons and one glia, cluster 1 a neuron, cluster 2 two glia
    types = ["neuron", "neuron", "glia", "neuron", "glia", "glia"]
    assert scores.nested([0, 0, 0, 1, 2, 2], types) == pytest.approx(5 / 6)
    assert scores.nested([0, 1, 2, 3, 4, 5], types) == 1.0  # finer than the types
    assert scores.nested([0] * 6, types) == 0.5


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


# --- scores of the picture ------------------------------------------------------------------------


def test_membership_weights_by_hand():
    points = np.array([[0, 0], [2, 0], [0, 4], [2, 4]], dtype=float)
    labels = ["a", "a", "b", "b"]  # centres (1, 0) and (1, 4)
    own, other = 1.0, np.sqrt(17)
    weight = np.exp(1 / own) / (np.exp(1 / own) + np.exp(1 / other))
    np.testing.assert_allclose(clustering.membership_weights(points, labels), weight)
    larger = clustering.membership_weights(10 * points, labels)
    assert (larger < weight).all() and (larger > 0.5).all()  # Eq. 8 depends on the scale


def test_preservation_of_copies_and_of_a_stretch():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    same = scores.preservation(X, 3 * X + 1, k=5)
    assert same == pytest.approx({"distance_r": 1.0, "emd": 0.0, "knn": 1.0}, abs=1e-9)
    noise = scores.preservation(X, rng.normal(size=(60, 4)), k=5)
    assert abs(noise["distance_r"]) < 0.2 and noise["knn"] < 0.25


def test_preservation_by_hand():
    X, E = np.array([[0.0], [1], [3], [4.5]]), np.array([[0.0], [2], [3], [7]])
    got = scores.preservation(X, E, k=1)
    before, after = np.array([1, 3, 4.5, 2, 3.5, 1.5]), np.array([2, 3, 7, 1, 5, 4.0])
    assert got["distance_r"] == pytest.approx(np.corrcoef(before, after)[0, 1])
    # of equally many points the distance is that of the sorted values
    emd = np.abs(np.sort(before / 4.5) - np.sort(after / 7)).mean()
    assert got["emd"] == pytest.approx(emd)
    assert got["knn"] == 0.5  # nearest: 1 0 3 2 before, 1 2 1 2 after
    a, b = np.zeros((4, 4)), np.zeros((4, 4))  # Heiser and Lau: entries of the two matrices
    a[range(4), [1, 0, 3, 2]], b[range(4), [1, 2, 1, 2]] = 1, 1
    assert (a == b).mean() == 1 - 2 * 1 * (1 - got["knn"]) / 4


# --- is it the GRN? -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(0)
    X = rng.poisson(2.0, (60, 20)).astype(np.float32)
    cells = AnnData(np.log1p(X))
    config = Config.embedding(n_epochs=3, W_init="safe")
    return fit(cells, config, seeds=1, device="cpu", progress=False), cells


def test_before_grn_and_w_make_the_embedding(trained):
    result, cells = trained
    h, W = ablations.before_grn(result, cells.X), result.members[0].W
    np.testing.assert_allclose(h @ (np.eye(20) - W.T), cells.obsm["X_deepsem"], atol=1e-5)


def test_untrained_encoder_is_the_one_that_training_starts_from(trained):
    _, cells = trained
    config = Config.embedding(n_epochs=1, W_init="safe", lr=1e-12, lr_W=1e-12)
    result = fit(cells.copy(), config, seeds=[5], device="cpu", progress=False)
    start = ablations.untrained(cells.X, config, seed=5)
    np.testing.assert_allclose(start, ablations.before_grn(result, cells.X), atol=1e-5)


def test_ablations_are_what_they_are_called(trained):
    result, cells = trained
    h, W = ablations.before_grn(result, cells.X), result.members[0].W
    other = np.zeros_like(W)
    other[3, 7] = 2.0  # gene 7 regulates gene 3
    found = ablations.ablations(h, W, other)
    np.testing.assert_array_equal(found["no GRN"], h)
    np.testing.assert_allclose(found["other seed"][:, 3], h[:, 3] - 2 * h[:, 7], rtol=1e-6)
    np.testing.assert_array_equal(found["other seed"][:, 4], h[:, 4])
    # I recover the networks from what they did to the unit vectors.
    networks = ablations.ablations(np.eye(20), W, seed=1)
    permuted, renamed = (np.eye(20) - networks[n].T for n in ("permuted W", "renamed genes"))
    for V in (permuted, renamed):
        np.testing.assert_allclose(np.sort(V.ravel()), np.sort(W.ravel()), atol=1e-7)
        np.testing.assert_allclose(np.diag(V), 0, atol=1e-7)
    np.testing.assert_allclose(  # renaming keeps what the network has, apart from the names
        np.sort(np.linalg.norm(renamed, axis=1)), np.sort(np.linalg.norm(W, axis=1)), atol=1e-6
    )
    assert not np.allclose(np.sort(permuted.sum(1)), np.sort(W.sum(1)), atol=1e-6)
    start = ablations.ablations(h, W)["start W"]
    others = (h.sum(1, keepdims=True) - h) / 19
    np.testing.assert_allclose(start, h - others, atol=1e-2)
    np.testing.assert_allclose(h - others, ablations.centred(h) * 20 / 19, atol=1e-6)


def test_paired_differences_by_hand():
    rows = [("x", "DeepSEM", s, v) for s, v in enumerate([0.8, 0.9, 1.0])]
    rows += [("x", "no GRN", s, v) for s, v in enumerate([0.7, 0.9, 0.8])]
    rows += [("x", "PCA", 0, 0.5), ("y", "PCA", 0, 0.5), ("x", "lost", 7, 0.1), ("x", "lost", 8, 1)]
    table = pd.DataFrame(rows, columns=["data", "method", "seed", "ari"])
    got = scores.paired(table, "ari").set_index("method")
    assert set(got.index) == {"no GRN", "PCA", "lost"}
    assert got.loc["no GRN", "mean"] == pytest.approx(0.1)
    low, high = stats.t.interval(0.95, 2, 0.1, 0.1 / np.sqrt(3))
    assert (got.loc["no GRN", "low"], got.loc["no GRN", "high"]) == pytest.approx((low, high))
    assert got.loc["PCA", "n"] == 1 and got.loc["PCA", "mean"] == pytest.approx(0.3)
    assert np.isnan(got.loc["PCA", "low"])
    assert got.loc["lost", "n"] == 0 and np.isnan(got.loc["lost", "mean"])


# --- a path ---------------------------------------------------------------------------------------


def test_path_order_of_a_line_and_of_a_shuffled_line():
    rng = np.random.default_rng(0)
    time = np.sort(rng.uniform(0, 10, 300))
    E = np.column_stack([time, np.sin(time), rng.normal(0, 0.1, 300)])
    stages = np.array(["early", "middle", "late"])[np.minimum(time // 3.34, 2).astype(int)]
    order = ["early", "middle", "late"]
    assert scores.path_order(E, stages, order) > 0.75
    assert scores.path_order(E, rng.permutation(stages), order) < 0.3
    torn = np.where(time[:, None] > 6.68, E + 1e3, E)  # the late cells cannot be reached
    assert 0.75 < scores.path_order(torn, stages, order) < 1
    links = scores.stage_links(E, stages)
    assert links.loc["early", "middle"] > links.loc["early", "late"]
    assert links.loc["middle", "late"] > links.loc["early", "late"]


# --- ZIFA -----------------------------------------------------------------------------------------


def small_zifa():
    A = np.array([[0.9], [-0.6], [0.4]])
    return embedders.ZIFA(A, np.array([1.5, 1.0, 0.4]), np.array([0.3, 0.5, 0.2]), 0.7)


def test_zifa_density_against_quadrature():
    model = small_zifa()
    A, mu, var, decay = model
    Y = np.array([[1.2, 0.0, 0.5], [0.0, 0.0, 0.0], [2.1, 0.3, 0.0], [0.7, 1.1, 0.9]])
    found = embedders.expect(model, Y)

    def factor(y, m, v):  # p(y | z) of one gene by numerical integration over x
        if y > 0:
            return stats.norm.pdf(y, m, np.sqrt(v)) * (1 - np.exp(-decay * y**2))
        f = lambda x: stats.norm.pdf(x, m, np.sqrt(v)) * np.exp(-decay * x**2)  # noqa: E731
        return integrate.quad(f, m - 12 * np.sqrt(v), m + 12 * np.sqrt(v))[0]

    def joint(z, y):
        means = A[:, 0] * z + mu
        return stats.norm.pdf(z) * np.prod([factor(*v) for v in zip(y, means, var)])

    for i, y in enumerate(Y):
        z = np.linspace(-6, 6, 121)
        p = np.array([joint(value, y) for value in z])
        total = integrate.simpson(p, x=z)
        assert found.log_p[i] == pytest.approx(np.log(total), abs=1e-6)
        assert found.z[i, 0] == pytest.approx(integrate.simpson(p * z, x=z) / total, abs=1e-6)
        second = integrate.simpson(p * z**2, x=z) / total
        assert found.zz[i, 0, 0] == pytest.approx(second, abs=1e-6)


def zifa_sample(n: int, m: int, k: int, decay: float, seed: int = 0):
    rng = np.random.default_rng(seed)
    A, mu = rng.normal(0, 1, (m, k)), rng.uniform(1, 3, m)
    z = rng.normal(size=(n, k))
    X = z @ A.T + mu + rng.normal(0, 0.5, (n, m))
    Y = np.where(rng.random(X.shape) < np.exp(-decay * X**2), 0.0, np.abs(X))
    return Y, z, A


def test_zifa_likelihood_never_falls_and_the_factors_come_back():
    Y, z, _ = zifa_sample(300, 12, 2, decay=0.2)
    E, model, history = embedders.zifa(Y, 2, n_iter=40)
    assert (np.diff(history) > -1e-8).all() and history[-1] > history[0] + 0.05
    back = z - E @ np.linalg.lstsq(E, z, rcond=None)[0]  # factors are known up to rotation
    assert 1 - back.var() / z.var() > 0.8
    assert 0.1 < model.decay < 0.4


def test_zifa_ends_where_the_likelihood_is_flat():
    Y, _, _ = zifa_sample(150, 5, 1, decay=0.3, seed=1)
    _, model, _ = embedders.zifa(Y, 1, n_iter=800)

    def value(change, name, gene):
        part = getattr(model, name)
        part = part + change if gene is None else part + change * (np.arange(5) == gene)
        return embedders.expect(model._replace(**{name: part}), Y).log_p.mean()

    A = np.zeros((5, 1))
    A[2] = 1e-4
    up, down = (embedders.expect(model._replace(A=model.A + s * A), Y) for s in (1, -1))
    assert abs(up.log_p.mean() - down.log_p.mean()) / 2e-4 < 2e-3
    for name, gene in [("mu", 0), ("mu", 3), ("var", 1), ("decay", None)]:
        slope = (value(1e-4, name, gene) - value(-1e-4, name, gene)) / 2e-4
        assert abs(slope) < 2e-3, name


# --- DCA ------------------------------------------------------------------------------------------


def test_zinb_against_scipy():
    counts = np.array([0, 0, 1, 5, 40.0])
    mean, theta, logit = 3.0, 1.7, -0.8
    drop = 1 / (1 + np.exp(-logit))
    nb = stats.nbinom.pmf(counts, theta, theta / (theta + mean))
    want = np.log((1 - drop) * nb + drop * (counts == 0))
    as_tensors = [torch.tensor(v, dtype=torch.float64) for v in (counts, mean, theta, logit)]
    np.testing.assert_allclose(embedders.zinb_log_prob(*as_tensors), want, rtol=1e-6)


def test_zinb_sums_to_one_and_its_gradient_is_right():
    counts = torch.arange(400, dtype=torch.float64)
    parameters = [torch.tensor([v], dtype=torch.float64) for v in (3.0, 0.8, 0.3)]
    total = embedders.zinb_log_prob(counts, *parameters).exp().sum()
    assert total.item() == pytest.approx(1, abs=1e-6)
    few = torch.tensor([0.0, 1, 7], dtype=torch.float64)
    inputs = [p.clone().requires_grad_() for p in parameters]
    assert torch.autograd.gradcheck(lambda *p: embedders.zinb_log_prob(few, *p), inputs)


def two_kinds(n=60, m=30, seed=0):
    rng = np.random.default_rng(seed)
    rates = rng.gamma(2.0, 1.5, (2, m))
    kind = np.repeat([0, 1], n // 2)
    return rng.poisson(rates[kind]).astype(float), kind


def test_dca_separates_two_kinds_and_repeats_itself():
    counts, kind = two_kinds()
    before = torch.random.get_rng_state()
    E = embedders.dca(counts, seed=3, n_epochs=30)
    assert torch.equal(before, torch.random.get_rng_state())
    np.testing.assert_array_equal(E, embedders.dca(counts, seed=3, n_epochs=30))
    gap = np.linalg.norm(E[kind == 0].mean(0) - E[kind == 1].mean(0))
    assert gap > E[kind == 0].std(0).mean() * 2


def test_linear_methods_find_the_factors():
    Y, z, _ = zifa_sample(300, 12, 2, decay=50.0)  # next to no dropout
    for E in (embedders.pca(Y, 2), embedders.factor_analysis(Y, 2)):
        back = z - E @ np.linalg.lstsq(E, z, rcond=None)[0]
        assert 1 - back.var() / z.var() > 0.75


def test_scvi_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scvi", None)
    with pytest.raises(ImportError, match=r"requirements-embedding\.txt"):
        embedders.scvi(np.ones((3, 3)))


# --- the recorded table ---------------------------------------------------------------------------


def test_rows_of_a_stopped_run_are_kept_and_not_measured_again(tmp_path, monkeypatch):
    from deepsem_book.embedding import measure as script

    path, calls = tmp_path / "embedding.csv", []
    rng = np.random.default_rng(0)
    cells = some_cells(rng.poisson(2.0, (30, 12)), ["a", "b"] * 15)
    monkeypatch.setattr(script.datasets, "load", lambda name, quiet: cells)

    def embed(name):
        def work(seed):
            calls.append((name, seed))
            if name == "broken" and len(calls) < 3:
                raise KeyboardInterrupt
            return cells.X[:, :3]

        return work

    monkeypatch.setattr(
        script, "simple", lambda adata, config: {n: embed(n) for n in ("good", "broken")}
    )
    with pytest.raises(KeyboardInterrupt):
        script.measure("toy", "sd", "others", range(1), script.Table(path))
    assert list(pd.read_csv(path)["method"]) == ["good"]
    script.measure("toy", "sd", "others", range(1), script.Table(path))
    assert calls == [("good", 0), ("broken", 0), ("broken", 0)]
    table = pd.read_csv(path)
    assert list(table.columns) == script.COLUMNS
    assert list(table["method"]) == ["broken", "good"]
    assert table["n_types"].eq(2).all() and table["ari"].abs().le(1).all()


def test_every_training_is_seen_through_the_network_of_another():
    from deepsem_book.embedding import measure as script

    rng = np.random.default_rng(0)
    cells = some_cells(np.log1p(rng.poisson(2.0, (60, 12))), ["a", "b"] * 30)
    config = Config.embedding(n_epochs=3, W_init="safe")
    made = script.deepsem(cells, config, range(3), lambda method, seed: False)
    found = {(method, seed): E for method, seed, E, *_ in made}
    assert {seed for method, seed in found if method == "other seed"} == {0, 1, 2}
    for seed, other in [(0, 1), (1, 0), (2, 1)]:
        mixed = np.linalg.pinv(found["no GRN", other]) @ found["DeepSEM", other]  # I - Wᵀ
        expected = found["no GRN", seed] @ mixed
        np.testing.assert_allclose(found["other seed", seed], expected, atol=1e-4)


def test_a_row_without_a_score_is_measured_again_on_demand(tmp_path):
    from deepsem_book.embedding import measure as script

    path = tmp_path / "embedding.csv"
    row = {"data": "x", "genes": "sd", "labels": "cell_type", "method": "FA", "ari": 0.5}
    rows = [row | {"seed": 0, "knn": 0.1, "unweighted_ari": 0.4}, row | {"seed": 1, "knn": 0.1}]
    pd.DataFrame(rows).to_csv(path, index=False)
    for complete, wanted in [(False, [True, True, False]), (True, [True, False, False])]:
        table = script.Table(path, complete)
        assert [table.done("x", "sd", "FA", seed) for seed in range(3)] == wanted


def test_both_levels_of_labels_are_scored():
    from deepsem_book.embedding import measure as script

    rng = np.random.default_rng(0)
    stages = np.repeat(script.OLIGODENDROCYTES, 30)
    time = np.repeat([0.0, 6, 20, 26], 30)  # two coarse types of two stages each
    E = np.column_stack([time, time**2 / 20]) + rng.normal(0, 0.6, (120, 2))
    cells = some_cells(E - E.min(), np.where(time < 10, "a", "b"))
    cells.obs["cell_type_level2"] = stages
    coarse, fine = script.measured(cells, ("FA", 0, E, 0.0, {}))
    assert (coarse["labels"], coarse["n_types"]) == ("cell_type", 2)
    assert (fine["labels"], fine["n_types"]) == ("cell_type_level2", 4)
    assert fine["ari"] == fine["nested"] == pytest.approx(1.0)
    assert 0.5 < fine["path"] < 0.9 and "path" not in coarse and coarse["knn"] > 0.5
