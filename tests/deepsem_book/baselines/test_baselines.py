"""Every baseline against a known answer: closed form, brute force, or simulated truth."""

import random
import sys
import types
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.linalg import expm
from scipy.optimize import nnls
from sklearn.linear_model import LinearRegression
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeRegressor

from deepsem_book import baselines
from deepsem_book.baselines import apc, common, grnboost2, notears, pidc, ppcor, scode, sincerities


def names(n):
    return [f"G{i}" for i in range(n)]


def simulated(n_cells=300, n_tfs=5, n_targets=15, seed=0):
    """(X, genes, tfs, truth[target, regulator]): each target follows one TF, half of them bent."""
    rng = np.random.default_rng(seed)
    tfs = rng.normal(size=(n_cells, n_tfs))
    regulator = np.arange(n_targets) % n_tfs
    signal = tfs[:, regulator]
    signal[:, ::2] = np.tanh(2 * signal[:, ::2])
    X = np.hstack([tfs, signal + 0.4 * rng.normal(size=signal.shape)])
    truth = np.zeros((n_tfs + n_targets, n_tfs + n_targets), dtype=bool)
    truth[n_tfs + np.arange(n_targets), regulator] = True
    return X, names(n_tfs + n_targets), names(n_tfs), truth


QUICK = {
    "GENIE3": {"n_trees": 30},
    "GRNBoost2": {"max_trees": 100},
    "SCODE": {"n_rates": 3, "n_iterations": 30, "n_repeats": 2},
    "SINCERITIES": {"n_windows": 6},
    "NOTEARS": {"h_max": 1e-4},
    "DAG-GNN": {"n_rounds": 3, "n_steps": 40},
}
OWN = [name for name in baselines.METHODS if name not in baselines.OPTIONAL]


def run(name, X, genes, tfs, **settings):
    if name in baselines.PSEUDOTIME:
        settings.setdefault("pseudotime", np.linspace(0, 1, X.shape[0]))
    return baselines.METHODS[name](X, genes, tfs, **{**QUICK.get(name, {}), **settings})


# What all methods share


@pytest.mark.parametrize("name", OWN)
def test_shape_tf_columns_constant_genes_and_repeatability(name):
    X, genes, tfs, _ = simulated(n_cells=60, n_targets=6)
    X[:, 2] = 1.5  # a TF that never changes
    X[:, 7] = 0.0  # a target that is never seen
    W = run(name, X, genes, tfs)
    assert W.shape == (len(genes), len(genes))
    assert np.isfinite(W).all()
    assert not W[:, len(tfs) :].any()  # no regulators but TFs
    assert not np.diag(W).any()
    assert not W[[2, 7]].any()
    assert not W[:, 2].any()
    assert W[:, [0, 1, 3, 4]].any()
    np.testing.assert_array_equal(run(name, sparse.csr_matrix(X), genes, tfs), W)
    if name in baselines.SEEDED:
        assert np.abs(run(name, X, genes, tfs, seed=1) - W).max() > 0


@pytest.mark.parametrize("name", OWN)
def test_genes_in_another_order_give_the_same_network(name):
    X, genes, tfs, _ = simulated(n_cells=60, n_targets=6)
    order = np.random.default_rng(0).permutation(len(genes))
    W = run(name, X, genes, tfs)
    shuffled = run(name, X[:, order], [genes[i] for i in order], tfs)
    if name in baselines.SEEDED:  # the same up to chance
        kept = np.ix_(order, order)
        assert np.corrcoef(np.abs(W[kept]).ravel(), np.abs(shuffled).ravel())[0, 1] > 0.5
    else:
        atol = 1e-3 if name == "NOTEARS" else 1e-7  # a descent that stops before its minimum
        np.testing.assert_allclose(shuffled, W[np.ix_(order, order)], atol=atol)


@pytest.mark.parametrize("name", sorted(baselines.METHODS))
def test_bad_input_gets_one_clear_error(name):
    X, genes, tfs, _ = simulated(n_cells=20, n_targets=3)
    with pytest.raises(ValueError, match="cells x genes"):
        run(name, X.T, genes, tfs)
    with pytest.raises(ValueError, match="NaN"):
        run(name, np.where(X > 1, np.nan, X), genes, tfs)
    with pytest.raises(ValueError, match="none of the TFs"):
        run(name, X, genes, ["Elsewhere"])
    with pytest.raises(ValueError, match=r"repeat \(up to case\): G1"):
        run(name, X, ["g1", *genes[1:]], tfs)
    with pytest.raises(ValueError, match="2 cells"):
        run(name, X[:2], genes, tfs)


@pytest.mark.parametrize("name", sorted(baselines.PSEUDOTIME))
def test_pseudotime_errors(name):
    X, genes, tfs, _ = simulated(n_cells=20, n_targets=3)
    for pseudotime, message in [
        (None, "needs pseudotime="),
        (np.arange(19.0), "20 cells"),
        (np.full(20, np.nan), "fewer than 3 cells"),
        (np.ones(20), "single pseudotime"),
    ]:
        with pytest.raises(ValueError, match=message):
            run(name, X, genes, tfs, pseudotime=pseudotime)


@pytest.mark.parametrize("name", sorted(baselines.PSEUDOTIME))
def test_lineages_are_run_apart_and_merged_by_the_maximum(name):
    X, genes, tfs, _ = simulated(n_cells=80, n_targets=3)
    time = np.random.default_rng(1).uniform(size=80)
    first = np.where(np.arange(80) < 45, time, np.nan)
    second = np.where(np.arange(80) >= 35, time, np.nan)
    both = run(name, X, genes, tfs, pseudotime=np.column_stack([first, second]))
    W_first = run(name, X, genes, tfs, pseudotime=first)
    two = run(name, X[35:], genes, tfs, pseudotime=second[35:])
    if name == "SINCERITIES":
        np.testing.assert_allclose(
            np.abs(both), np.maximum(np.abs(W_first), np.abs(two)), atol=1e-9
        )
    else:  # the random search of the second lineage starts elsewhere
        assert (np.abs(both) >= np.abs(W_first) - 1e-9).all()


def test_parallel_runs_give_the_same_network():
    X, genes, tfs, _ = simulated(n_cells=60, n_targets=4)
    for name in ("GENIE3", "GRNBoost2"):
        np.testing.assert_array_equal(
            run(name, X, genes, tfs, n_jobs=2), run(name, X, genes, tfs, n_jobs=1)
        )


# Linear SEM


def test_linear_sem_finds_a_network_that_correlation_confuses():
    """TF → TF → target: the correlation of the ends is no edge. Scale of a gene must not matter."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=2000)
    b = 0.8 * a + 0.6 * rng.normal(size=2000)
    c = 0.8 * b + 0.6 * rng.normal(size=2000)
    X = np.column_stack([a, 100 * b + 7, c])
    W = np.abs(run("LinearSEM", X, names(3), names(2), alpha=0.02, n_steps=500))
    correlation = np.abs(run("Pearson", X, names(3), names(2)))
    assert correlation[2, 0] > 0.6 and W[2, 0] < 0.1
    assert W[2, 1] > 0.3 and not W[:, 2].any()  # the last gene is no TF


# NOTEARS and DAG-GNN


@pytest.mark.parametrize("name", ["NOTEARS", "DAG-GNN"])
def test_methods_without_loops_leave_none(name):
    """a, b → c → d: the right pairs, each in one direction (which, units of 1 cannot tell)."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 1000))
    c = 0.7 * a + 0.6 * b + 0.4 * rng.normal(size=1000)
    d = 0.8 * c + 0.5 * rng.normal(size=1000)
    X = np.column_stack([a, 100 * b + 7, c, d])
    settings = {"n_rounds": 6, "n_steps": 100} if name == "DAG-GNN" else {"l1": 0.02}
    W = baselines.METHODS[name](X, names(4), names(4), **settings)
    assert notears.acyclicity(W)[0] < 0.01
    strong, weak = np.maximum(np.abs(W), np.abs(W.T)), np.minimum(np.abs(W), np.abs(W.T))
    pairs = [2, 2, 3], [0, 1, 2]
    assert strong[pairs].min() > 0.3 and (weak[pairs] < 0.25 * strong[pairs]).all()
    assert strong[[3, 3], [0, 1]].max() < 0.2  # d sees a and b through c only


# Pearson


def test_pearson_is_numpys_correlation():
    X, genes, tfs, _ = simulated()
    W = run("Pearson", X, genes, tfs)
    expected = np.corrcoef(X, rowvar=False)[5:, :5]
    np.testing.assert_allclose(W[5:, :5], expected, atol=1e-12)


def test_pearson_given_detection_is_the_partial_correlation_given_the_zeros():
    X, genes, tfs, _ = simulated()
    X = X - X.min() + 0.1
    X[np.random.default_rng(1).random(X.shape) < np.linspace(0.1, 0.6, len(X))[:, None]] = 0
    zeros = (X == 0).sum(axis=1)
    W = run("Pearson-detection", X, genes, tfs)
    r, _ = ppcor.partial_correlation(np.column_stack([X[:, 0], X[:, 7], zeros]))
    assert W[7, 0] == pytest.approx(r[1, 0], abs=1e-9)
    assert abs(W[7, 0] - run("Pearson", X, genes, tfs)[7, 0]) > 0.01


def test_pearson_given_detection_is_pearson_without_zeros():
    X, genes, tfs, _ = simulated()
    X = X - X.min() + 0.1
    np.testing.assert_allclose(
        run("Pearson-detection", X, genes, tfs), run("Pearson", X, genes, tfs), atol=1e-9
    )


# Pearson with the average product correction


@pytest.mark.parametrize(("name", "power"), [("Pearson-APC", 1), ("Pearson2-APC", 2)])
def test_apc_is_its_definition_gene_by_gene_up_to_a_shift(name, power):
    X, genes, _, _ = simulated(n_targets=6)
    W = run(name, X, genes, genes)  # all genes TFs: no column is dropped
    c = np.abs(np.corrcoef(X, rowvar=False)) ** power
    m = len(genes)
    mean = [np.mean([c[i, j] for j in range(m) if j != i]) for i in range(m)]
    overall = np.mean([c[i, j] for i, j in permutations(range(m), 2)])
    expected = np.zeros((m, m))
    for i, j in permutations(range(m), 2):
        expected[i, j] = c[i, j] - mean[i] * mean[j] / overall
    off = ~np.eye(m, dtype=bool)
    assert expected[off].min() < 0 and W[off].min() == pytest.approx(0)
    np.testing.assert_allclose(W[off], expected[off] - expected[off].min(), atol=1e-12)


def test_apc_finds_the_edges_that_a_hub_pushes_down_the_list():
    """All genes follow the cell's depth, G0 (no regulator) the most; G1 and G2 regulate four."""
    rng = np.random.default_rng(0)
    depth, X = rng.normal(size=(2000, 1)), rng.normal(size=(2000, 27))
    X[:, 3:7] += 0.3 * X[:, [1]]
    X[:, 7:11] += 0.3 * X[:, [2]]
    X[:, 0] *= 0.1
    X += depth * np.array([1] + 26 * [0.7])
    genes, edges = names(27), {(t, 1 if t < 7 else 2) for t in range(3, 11)}

    def true_in_first_eight(name):
        W = run(name, X, genes, genes[:3])[3:, :3]
        first = zip(*np.unravel_index(np.argsort(-np.abs(W), axis=None)[:8], W.shape), strict=True)
        return len({(3 + target, regulator) for target, regulator in first} & edges)

    assert true_in_first_eight("Pearson") == 0
    assert true_in_first_eight("Pearson-APC") == true_in_first_eight("Pearson2-APC") == 8


def test_apc_of_a_similarity_that_is_a_product_leaves_nothing_for_many_genes():
    """c_ij = a_i a_j: left out of the means, the diagonal leaves an error that falls with k."""
    left = []
    for k in (20, 200):
        a = np.random.default_rng(k).uniform(0.3, 0.9, k)
        left.append(np.abs(apc.corrected(np.outer(a, a))).max())
    assert left[1] < left[0] / 5 < 0.02


def test_apc_after_a_symmetric_method_with_all_genes_as_tfs_is_apc_of_its_similarity():
    X, genes, _, _ = simulated(n_targets=6)
    r = np.corrcoef(X, rowvar=False)
    np.testing.assert_allclose(
        apc.after(r, np.ones(len(genes), dtype=bool)),
        run("Pearson-APC", X, genes, genes),
        atol=1e-12,
    )


def test_apc_after_a_method_takes_its_means_over_candidates_only():
    rng = np.random.default_rng(0)
    W, is_tf = rng.normal(size=(5, 5)), np.array([True, False, True, False, False])
    pairs = [(i, j) for i in range(5) for j in (0, 2) if i != j]
    of_tf = {j: np.mean([abs(W[i, k]) for i, k in pairs if k == j]) for j in (0, 2)}
    of_target = {i: np.mean([abs(W[k, j]) for k, j in pairs if k == i]) for i in range(5)}
    mean = np.mean([abs(W[pair]) for pair in pairs])
    wanted = {(i, j): abs(W[i, j]) - of_target[i] * of_tf[j] / mean for i, j in pairs}
    found = apc.after(W, is_tf)
    for pair in pairs:
        assert found[pair] == pytest.approx(wanted[pair] - min(wanted.values()))
    assert np.count_nonzero(found) == len(pairs) - 1
    assert not apc.after(np.zeros((5, 5)), is_tf).any()


def test_apc_of_nothing_is_nothing():
    np.testing.assert_array_equal(apc.corrected(np.eye(3)), np.zeros((3, 3)))
    np.testing.assert_array_equal(apc.corrected(np.ones((1, 1))), np.zeros((1, 1)))
    # Two genes: their one similarity is its own expectation.
    np.testing.assert_allclose(apc.corrected(np.full((2, 2), 0.7)), np.zeros((2, 2)), atol=1e-15)


# ppcor


def test_partial_correlation_of_three_genes_is_the_textbook_formula():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 3))
    r, p = ppcor.partial_correlation(X)
    c = np.corrcoef(X, rowvar=False)
    expected = (c[0, 1] - c[0, 2] * c[1, 2]) / np.sqrt((1 - c[0, 2] ** 2) * (1 - c[1, 2] ** 2))
    assert r[0, 1] == pytest.approx(expected, abs=1e-12)
    t = expected * np.sqrt((40 - 3) / (1 - expected**2))
    assert p[0, 1] == pytest.approx(2 * stats.t.sf(abs(t), 40 - 3), rel=1e-9)


def test_ppcor_is_the_correlation_of_rank_residuals():
    X, genes, tfs, _ = simulated(n_cells=100, n_targets=4)
    ranks = stats.rankdata(X, axis=0)
    W = run("ppcor", X, genes, tfs, p_cutoff=1.0)
    for target, regulator in [(5, 0), (6, 1), (7, 0), (3, 2)]:
        rest = np.delete(ranks, [target, regulator], axis=1)
        pair = ranks[:, [target, regulator]]
        left = pair - LinearRegression().fit(rest, pair).predict(rest)
        assert W[target, regulator] == pytest.approx(stats.pearsonr(*left.T)[0], abs=1e-9)


def test_ppcor_sets_insignificant_edges_to_zero_as_long_as_p_is_defined():
    X, genes, tfs, truth = simulated(n_cells=100, n_targets=5)
    W = run("ppcor", X, genes, tfs)
    every = run("ppcor", X, genes, tfs, p_cutoff=1.0)
    assert (W[truth] != 0).all()
    assert (W == 0).sum() > (every == 0).sum()
    np.testing.assert_array_equal(W[W != 0], every[W != 0])


def test_ppcor_with_more_genes_than_cells_uses_the_pseudo_inverse():
    X, genes, tfs, _ = simulated(n_cells=12, n_targets=15)
    W = run("ppcor", X, genes, tfs)
    _, s, Vt = np.linalg.svd(stats.rankdata(X, axis=0) - 6.5, full_matrices=False)
    kept = s > 1e-6 * s[0]
    precision = Vt[kept].T @ np.diag(s[kept] ** -2) @ Vt[kept]  # up to the factor n - 1
    expected = -precision / np.sqrt(np.outer(np.diag(precision), np.diag(precision)))
    np.testing.assert_allclose(W[5:, :5], expected[5:, :5], atol=1e-8)


# PIDC


def information(x, y):
    """Mutual information (nats) of two discrete columns by counting."""
    total = 0.0
    for a in np.unique(x):
        for b in np.unique(y):
            p = np.mean((x == a) & (y == b))
            if p > 0:
                total += p * np.log(p / (np.mean(x == a) * np.mean(y == b)))
    return total


def redundancy(z, x, y):
    """Williams and Beer's minimum specific information about z, by counting."""
    total = 0.0
    for value in np.unique(z):
        at_value = z == value
        specific = []
        for source in (x, y):
            info = 0.0
            for a in np.unique(source):
                p = np.mean(source[at_value] == a)
                if p > 0:
                    info += p * np.log(p / np.mean(source == a))
            specific.append(info)
        total += at_value.mean() * min(specific)
    return total


def test_puc_equals_brute_force_over_all_triplets():
    rng = np.random.default_rng(0)
    first = rng.integers(3, size=90)
    bins = np.column_stack(
        [
            first,
            (first + (rng.uniform(size=90) < 0.3)) % 3,
            rng.integers(4, size=90),
            np.minimum(first, rng.integers(2, size=90)),
            rng.integers(2, size=90),
        ]
    )
    expected = np.zeros((5, 5))
    for x, z in permutations(range(5), 2):
        for y in set(range(5)) - {x, z}:
            mutual = information(bins[:, x], bins[:, z])
            share = (mutual - redundancy(bins[:, z], bins[:, x], bins[:, y])) / mutual
            expected[x, z] += share
            expected[z, x] += share
    np.testing.assert_allclose(pidc.proportional_unique_contribution(bins), expected, atol=1e-10)


def test_puc_of_a_copy_beside_noise_is_two_per_third_gene():
    # All information of a copy is unique when the third gene is independent: 1 in each direction.
    copy = np.repeat([0, 1, 0, 1], 5)
    third = np.tile([0, 1, 1, 0, 0], 4)
    assert information(copy, third) == pytest.approx(0, abs=1e-12)
    bins = np.column_stack([copy, copy, third])
    puc = pidc.proportional_unique_contribution(bins)
    assert puc[0, 1] == pytest.approx(2)
    assert puc[0, 2] == 0


def test_bayesian_blocks_find_the_best_partition_of_a_small_sample():
    rng = np.random.default_rng(1)
    x = np.sort(np.concatenate([np.zeros(6), rng.normal(2, 0.01, 4), rng.uniform(0, 5, 3)]))
    values, counts = np.unique(x, return_counts=True)
    n = len(values)
    edges = np.concatenate([values[:1], (values[1:] + values[:-1]) / 2, values[-1:]])

    def fitness(cuts):  # every block's log likelihood minus its prior
        total = 0.0
        for a, b in pairwise(cuts):
            inside = counts[a:b].sum()
            total += inside * np.log(inside / (edges[b] - edges[a]))
            total -= 4 - np.log(73.53 * 0.05 * b**-0.478)
        return total

    every = [(0, *inner, n) for size in range(n) for inner in combinations(range(1, n), size)]
    best = max(every, key=fitness)
    np.testing.assert_allclose(pidc.bayesian_blocks(x), edges[list(best)])
    assert len(best) > 2
    np.testing.assert_array_equal(
        np.bincount(pidc.discretise(x)), [counts[a:b].sum() for a, b in pairwise(best)]
    )


def test_context_is_a_gamma_of_the_other_scores_of_each_gene():
    scores = np.abs(np.random.default_rng(1).normal(size=(6, 6)))
    scores = scores + scores.T
    np.fill_diagonal(scores, 0)
    weights = pidc.context(scores)
    fits = [stats.gamma(*stats.gamma.fit(np.delete(scores[i], i), floc=0)) for i in range(6)]
    assert weights[1, 4] == pytest.approx(
        fits[1].cdf(scores[1, 4]) + fits[4].cdf(scores[1, 4]), abs=1e-4
    )


def test_pidc_ranks_true_edges_first():
    X, genes, tfs, truth = simulated(n_targets=10)
    W = run("PIDC", X, genes, tfs)
    assert roc_auc_score(truth[5:, :5].ravel(), W[5:, :5].ravel()) > 0.95
    with pytest.raises(ValueError, match="fewer than 3 genes"):
        run("PIDC", X[:, :2], genes[:2], tfs)


# The tree methods


@pytest.mark.parametrize("name", ["GENIE3", "GRNBoost2"])
def test_trees_find_the_regulator_of_each_simulated_target(name):
    X, genes, tfs, truth = simulated()
    W = run(name, X, genes, tfs)
    assert (W[5:].argmax(axis=1) == truth[5:].argmax(axis=1)).all()
    assert roc_auc_score(truth[5:, :5].ravel(), W[5:, :5].ravel()) > 0.98


def test_genie3_importances_are_shares_of_the_targets_variance():
    X, genes, tfs, _ = simulated()
    X[:, 7] *= 100  # the scale of a target must not matter
    W = run("GENIE3", X[:, :9], genes[:9], tfs, n_trees=60)
    np.testing.assert_allclose(W[5:].sum(axis=1), 1, atol=0.1)


def test_compiled_tree_equals_scikit_learns():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(6, 800)).astype(np.float32)
    values[:3] = np.maximum(values[:3], 0)  # ties, as in expression
    residual = (values[1] + 0.7 * values[4]).astype(float) + 0.2 * rng.normal(size=800)
    in_bag = rng.uniform(size=800) < 0.8
    order = np.argsort(values, axis=1).astype(np.int32)
    importance = np.zeros(6)
    update = grnboost2.grow(values, order, residual, in_bag, np.arange(6), 6, importance, rng)
    tree = DecisionTreeRegressor(max_depth=3).fit(values.T[in_bag], residual[in_bag])
    np.testing.assert_allclose(update, tree.predict(values.T), atol=1e-12)
    np.testing.assert_allclose(
        importance, tree.tree_.compute_feature_importances(normalize=False), atol=1e-12
    )


def test_boosting_shrinks_a_perfectly_predictable_target_by_a_hundredth_per_tree():
    values = np.vstack([np.tile([0, 1], 50), np.zeros(100)]).astype(np.float32)
    order = np.argsort(values, axis=1, kind="stable").astype(np.int32)
    target = 2.0 * values[0].astype(float) - 1
    importance, gain = grnboost2.boost(values, order, target, 40, np.random.default_rng(0))
    np.testing.assert_allclose(gain, 0.99 ** (2 * np.arange(40)) * (1 - 0.99**2), rtol=1e-9)
    assert importance[1] == 0
    # A bag's variance differs from 0.99^(2 t) only by the share of the two values in it.
    assert importance[0] == pytest.approx(np.sum(0.99 ** (2 * np.arange(40))), rel=0.01)


def test_boosting_stops_by_out_of_bag_improvement_and_scales_importances():
    X, genes, tfs, _ = simulated()
    values = np.ascontiguousarray(X[:, :5].T, dtype=np.float32)
    order = np.argsort(values, axis=1).astype(np.int32)
    gain = {}
    for target in (5, 0):  # predictable by TF 0 (itself for target 0), and noise below
        y = X[:, target].copy() if target else np.random.default_rng(3).normal(size=len(X))
        gain[target] = grnboost2.boost(values, order, y, 5000, np.random.default_rng(0))[1]
        window = np.convolve(gain[target], np.ones(25) / 25, mode="valid")
        assert window[-1] < 0
        assert (window[:-1] >= 0).all()
    assert len(gain[5]) > 150 > 60 > len(gain[0]) >= 25
    # What the trees gained outside their bags is most of the predictable variance.
    assert 0.4 < gain[5].sum() / X[:, 5].var() < 1
    W = run("GRNBoost2", X, genes, tfs, max_trees=40)
    np.testing.assert_allclose(W[5:].sum(axis=1), 40)


# SCODE


def test_scode_recovers_its_own_linear_ode():
    A = np.array([[-1.0, 0.0, 0.0], [3.0, -4.0, 0.0], [0.0, -2.0, -8.0]])  # A[target, regulator]
    t = np.sort(np.random.default_rng(0).uniform(size=200))
    X = np.array([expm(A * time) @ [2.0, 0.5, 1.0] for time in t])
    X += 0.001 * np.random.default_rng(1).normal(size=X.shape)
    shuffled = np.random.default_rng(2).permutation(200)
    W = scode.infer(
        X[shuffled], names(3), names(3), pseudotime=7 * t[shuffled], n_rates=3, n_iterations=4000
    )
    np.testing.assert_allclose(W, A - np.diag(np.diag(A)), atol=0.5)


def test_scode_shifts_negative_pseudotime():
    X, genes, tfs, _ = simulated(n_cells=40, n_targets=2)
    time = np.linspace(0, 1, 40)
    np.testing.assert_allclose(
        run("SCODE", X, genes, tfs, pseudotime=time - 3), run("SCODE", X, genes, tfs), rtol=1e-6
    )


# SINCERITIES


def test_kolmogorov_smirnov_equals_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.poisson(2, size=(30, 4)).astype(float), rng.poisson(3, size=(40, 4)).astype(float)
    expected = [stats.ks_2samp(a[:, g], b[:, g]).statistic for g in range(4)]
    np.testing.assert_allclose(sincerities.kolmogorov_smirnov(a, b), expected)


def test_windows_hold_equal_numbers_of_cells():
    number, middle = sincerities.windows(np.arange(100.0) ** 2, 10)
    np.testing.assert_array_equal(np.bincount(number), 10)
    assert (np.diff(middle) > 0).all()
    assert middle[0] == pytest.approx(np.quantile(np.arange(100.0) ** 2, 0.1) / 2)
    with pytest.raises(ValueError, match="3 windows of pseudotime differ"):
        sincerities.windows(np.repeat([0.0, 1.0, 2.0], 5), 10)


def test_nonnegative_ridge_equals_nnls_on_the_augmented_system():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(8, 30)), rng.normal(size=(8, 5))
    path = np.array([[3.0] * 5, [0.3] * 5, [0.01] * 5])
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    y = (Y - Y.mean(axis=0)) / Y.std(axis=0)
    for k, (intercept, slopes) in enumerate(sincerities.ridge_path(X, Y, path)):
        for g in range(5):
            ridge = 8 * path[k, g] / Y[:, g].std()
            augmented = np.vstack([Z, np.sqrt(ridge) * np.eye(30)])
            b = nnls(augmented, np.concatenate([y[:, g], np.zeros(30)]))[0]
            np.testing.assert_allclose(slopes[:, g], b * Y[:, g].std() / X.std(axis=0), atol=1e-8)
            assert intercept[g] == pytest.approx(Y[:, g].mean() - X.mean(axis=0) @ slopes[:, g])


def test_sincerities_finds_who_moved_one_window_earlier():
    rng = np.random.default_rng(0)
    n_windows, per_window = 12, 150
    steps = rng.uniform(0.1, 1.5, size=(n_windows, 6))
    steps[1:, 3] = steps[:-1, 0]  # gene 3 follows gene 0, gene 4 follows gene 1
    steps[1:, 4] = steps[:-1, 1]
    centre = np.cumsum(steps, axis=0)
    X = np.repeat(centre, per_window, axis=0) + rng.normal(size=(n_windows * per_window, 6))
    time = np.repeat(np.arange(n_windows), per_window) + np.tile(
        np.linspace(0, 0.99, per_window), n_windows
    )
    W = sincerities.infer(X, names(6), names(3), pseudotime=time, n_windows=n_windows)
    assert np.abs(W[3]).argmax() == 0
    assert np.abs(W[4]).argmax() == 1
    assert np.abs(W).max() <= 1


# The adapters, with stand-ins for their packages


@pytest.mark.parametrize(
    ("name", "module", "requirement"),
    [("DAZZLE", "dazzle", "grn-dazzle"), ("RegDiffusion", "regdiffusion", "regdiffusion==0.2.3")],
)
def test_missing_packages_are_named(monkeypatch, name, module, requirement):
    monkeypatch.setitem(sys.modules, module, None)
    X, genes, tfs, _ = simulated(n_cells=20, n_targets=3)
    with pytest.raises(ImportError, match=f"{requirement}.*requirements-baselines.txt"):
        run(name, X, genes, tfs)


class Logger:
    def __init__(self, folder):
        self.folder = folder


def stand_in(monkeypatch, seen):
    """Packages whose regulator x target matrix is the correlation x (row + 1), up to the seed."""
    import torch

    def adjacency(expression):
        seen["shape"] = expression.shape
        np.random.seed(0)  # noqa: NPY002
        random.seed(0)
        A = np.corrcoef(expression, rowvar=False) * np.arange(1, expression.shape[1] + 1)[:, None]
        return torch.tensor(A * (1 + 0.01 * torch.rand(1).item()))

    def run_dazzle(expression, configs, logger, progress_bar):
        seen["configs"] = configs
        A = adjacency(expression)
        return types.SimpleNamespace(get_adj=lambda: A.numpy()), []

    class Trainer:
        def __init__(self, expression, n_steps, device, seed, logger):
            torch.manual_seed(seed)
            A = adjacency(expression)
            self.model = types.SimpleNamespace(
                get_adj_=lambda: A / 10, gene_reg_norm=0.1, blocks=[None], final=None
            )

        def train(self):
            seen["trained"] = True

    dazzle = types.SimpleNamespace(
        DEFAULT_DAZZLE_CONFIGS={"alpha": 100, "cuda": True},
        LightLogger=Logger,
        runDAZZLE=run_dazzle,
        models=types.SimpleNamespace(MLP=torch.nn.Linear),
    )
    package = types.SimpleNamespace(LightLogger=Logger, RegDiffusionTrainer=Trainer)
    monkeypatch.setitem(sys.modules, "dazzle", dazzle)
    monkeypatch.setitem(sys.modules, "regdiffusion", package)


def global_state():
    import torch

    numpy_state = np.random.get_state()[1].tolist()  # noqa: NPY002
    return torch.get_rng_state().tolist(), numpy_state, random.getstate()


@pytest.mark.parametrize("name", sorted(baselines.OPTIONAL))
def test_adapters_transpose_drop_constant_genes_and_leave_the_generators_alone(monkeypatch, name):
    import torch

    seen = {}
    stand_in(monkeypatch, seen)
    X, genes, tfs, _ = simulated(n_cells=40, n_targets=3)
    X[:, 1] = 2.0
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    random.seed(5)
    before = global_state()
    W = run(name, X, genes, tfs, seed=3)
    assert global_state() == before
    assert seen["shape"] == (40, 7)
    # Row 1 of the stand-in's matrix is gene 0, row 2 is gene 2 (gene 1 was dropped).
    r = np.corrcoef(X[:, [0, 2, 6]], rowvar=False)
    assert W[6, 2] / W[6, 0] == pytest.approx(2 * r[2, 1] / r[2, 0], rel=1e-4)
    assert not W[1].any()
    assert not W[:, 5:].any()
    np.testing.assert_array_equal(run(name, X, genes, tfs, seed=3), W)
    assert np.abs(run(name, X, genes, tfs, seed=4) - W).max() > 0
    if name == "DAZZLE":
        assert seen["configs"]["alpha"] == 100
        assert seen["configs"]["cuda"] is False


def test_projecting_before_mixing_changes_neither_output_nor_gradients():
    import torch

    from deepsem_book.baselines.regdiffusion import let_project_first

    class Model(torch.nn.Module):  # as the package ends: features, genes mixed, one value each
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.blocks = torch.nn.ModuleList([torch.nn.Linear(4, 6), torch.nn.Bilinear(6, 2, 5)])
            self.final = torch.nn.Linear(5, 1)
            self.mixing = torch.nn.Parameter(torch.randn(7, 7))

        def forward(self, x, t):
            h = self.blocks[1](self.blocks[0](x), t)
            return self.final(torch.einsum("ogd,gh->ohd", h, self.mixing))

    published, ours = Model().double(), Model().double()
    parameters = list(ours.parameters())  # what an optimiser holds that was made before
    let_project_first(ours)
    x, t = torch.randn(3, 7, 4).double(), torch.randn(3, 7, 2).double()
    outputs = [model(x, t) for model in (published, ours)]
    torch.testing.assert_close(outputs[1], outputs[0])
    for output in outputs:
        output.pow(2).sum().backward()
    for mine, theirs in zip(parameters, published.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)


def test_tables_stand_in_for_mlps_of_one_number_only_and_only_inside():
    import torch

    from deepsem_book.baselines.dazzle import tabulated

    class MLP(torch.nn.Module):
        def __init__(self, n_in):
            super().__init__()
            torch.manual_seed(0)
            layers = torch.nn.Linear(n_in, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2)
            self.layers = torch.nn.Sequential(*layers)

        def forward(self, x):
            self.evaluated = x[..., 0].numel()
            return self.layers(x)

    def loss_and_gradients(mlp, x):
        x = x.clone().requires_grad_()
        loss = mlp(x).sin().sum()
        return [loss.detach(), *torch.autograd.grad(loss, [x, *mlp.parameters()])]

    of_one_number, of_two_numbers, x = MLP(1), MLP(2), torch.randn(30, 50, 1)
    exact, before = loss_and_gradients(of_one_number, x), MLP.forward
    with tabulated(MLP, 256):
        table = loss_and_gradients(of_one_number, x)
        assert of_one_number.evaluated == 256
        of_two_numbers(torch.randn(30, 50, 2))
        assert of_two_numbers.evaluated == 1500
        of_one_number(50 * x)  # too wide for so few knots
        assert of_one_number.evaluated == 1500
    assert MLP.forward is before
    torch.testing.assert_close(table, exact, rtol=1e-3, atol=1e-3)
    with tabulated(MLP, 0):
        torch.testing.assert_close(loss_and_gradients(of_one_number, x), exact, rtol=0, atol=0)
    with pytest.raises(RuntimeError, match="stopped"), tabulated(MLP, 256):
        raise RuntimeError("stopped")
    assert MLP.forward is before


@pytest.mark.parametrize(
    ("name", "few", "published"),
    [
        ("DAZZLE", {"n_epochs": 8}, {"n_knots": 0}),
        ("RegDiffusion", {"n_steps": 30}, {"project_first": False}),
    ],
)
def test_the_faster_forms_find_what_the_packages_find(name, few, published):
    pytest.importorskip(name.lower())
    X, genes, tfs, _ = simulated(n_cells=150, n_targets=20)
    fast, slow = run(name, X, genes, tfs, **few), run(name, X, genes, tfs, **few, **published)
    assert np.abs(fast - slow).max() < 0.01 * slow[slow != 0].std()


def test_standardise_leaves_constant_columns_at_zero():
    X = np.column_stack([np.full(7, 0.1), np.arange(7.0)])
    Z = common.standardise(X)
    assert not Z[:, 0].any()
    assert Z[:, 1].std() == pytest.approx(1)
