"""GRNBoost2: GENIE3's idea with gradient boosting, stopped when held-out cells gain no more.

Moerman et al., Bioinformatics 2019, doi 10.1093/bioinformatics/bty916. Settings of arboreto:
learning rate 0.01, at most 5000 trees of depth 3, a tenth of the TFs tried per split, 90 % of the
cells per tree; the fit stops when the mean out-of-bag improvement of the last 25 trees is negative.
Importances (normalised to sum 1) are multiplied by the number of trees, so that targets whose fit
lasted longer rank higher.

The boosting loop is compiled here instead of taken from scikit-learn for two reasons. The
improvement of a tree must be measured on the cells that this tree has not seen; scikit-learn's
`oob_improvement_` did so up to 1.2, but since 1.3 it subtracts losses on two different out-of-bag
samples, whose noise stops the fit soon after tree 25. And all trees of all targets split the same
TFs, so that sorting the cells by each TF once saves most of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numba import njit

from .common import matrix_and_tfs, only_tfs, per_target

LEARNING_RATE = 0.01
IN_BAG = 0.9  # share of the cells per tree
TRIED = 0.1  # share of the TFs per split
WINDOW = 25  # trees
SAME = 1e-7  # feature values closer than this are not separated (scikit-learn's constant)


N_SPLITS, N_NODES = 7, 15  # depth 3; node k has the children 2k + 1 and 2k + 2


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, max_trees: int = 5000,
    n_jobs: int = 1,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator] = boosting importance x number of trees."""
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    values = np.ascontiguousarray(X.T, dtype=np.float32)  # genes x cells
    order = np.argsort(values, axis=1, kind="stable").astype(np.int32)

    def score(regulators: np.ndarray, target: int, random_state: int) -> np.ndarray:
        rng = np.random.default_rng(random_state)
        importance, improvement = boost(
            values[regulators], order[regulators], X[:, target].copy(), max_trees, rng
        )
        total = importance.sum()
        return importance / total * len(improvement) if total > 0 else importance

    return only_tfs(per_target(score, X, is_tf, seed, n_jobs), is_tf)


@njit(cache=True, nogil=True)
def boost(
    values: np.ndarray, order: np.ndarray, target: np.ndarray, max_trees: int, rng:
    np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """(importance of each TF, out-of-bag improvement of each tree).

    values: TFs x cells; order: TFs x cells, the cells sorted by each TF; target: (cells,).
    The importance is the summed reduction of the mean squared error, the improvement the mean
    squared error before minus after a tree on the cells outside its bag.
    """
    n_tfs, n_cells = values.shape
    n_in_bag = max(1, int(IN_BAG * n_cells))
    n_tried = max(1, int(TRIED * n_tfs))
    residual = target - target.mean()
    importance = np.zeros(n_tfs)
    improvement = np.zeros(max_trees)
    cells, columns = np.arange(n_cells), np.arange(n_tfs)
    for tree in range(max_trees):
        in_bag = np.zeros(n_cells, dtype=np.bool_)
        for i in range(n_in_bag):  # the first n_in_bag steps of a shuffle
            j = i + rng.integers(0, n_cells - i)
            cells[i], cells[j] = cells[j], cells[i]
            in_bag[cells[i]] = True
        update = grow(values, order, residual, in_bag, columns, n_tried, importance, rng)
        before = after = 0.0
        for cell in range(n_cells):
            old = residual[cell]
            residual[cell] -= LEARNING_RATE * update[cell]
            if not in_bag[cell]:
                before += old**2
                after += residual[cell] ** 2
        improvement[tree] = (before - after) / max(1, n_cells - n_in_bag)
        if tree + 1 >= WINDOW and improvement[tree + 1 - WINDOW : tree + 1].mean() < 0:
            return importance, improvement[: tree + 1]
    return importance, improvement


@njit(cache=True, nogil=True)
def grow(
    values: np.ndarray, order: np.ndarray, residual: np.ndarray, in_bag: np.ndarray, columns:
    np.ndarray, n_tried: int, importance: np.ndarray, rng: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """Prediction (cells,) of one regression tree; adds its variance reductions to `importance`."""
    n_cells = len(residual)
    n_in_bag = in_bag.sum()
    node = np.zeros(n_cells, dtype=np.int64)
    for k in range(N_SPLITS):
        member = in_bag & (node == k)
        column, threshold, gain = best_split(values, order, residual, member, columns, n_tried, rng)
        if column >= 0:
            importance[column] += gain / n_in_bag
            for cell in range(n_cells):
                if node[cell] == k:
                    node[cell] = 2 * k + (1 if values[column, cell] <= threshold else 2)
    total, count = np.zeros(N_NODES), np.zeros(N_NODES)
    for cell in range(n_cells):
        if in_bag[cell]:
            total[node[cell]] += residual[cell]
            count[node[cell]] += 1
    return (total / np.maximum(count, 1))[node]


@njit(cache=True, nogil=True)
def best_split(
    values: np.ndarray, order: np.ndarray, residual: np.ndarray, member: np.ndarray, columns:
    np.ndarray, n_tried: int, rng: np.random.Generator,
) -> tuple[int, float, float]:  # fmt: skip
    """(column, threshold, decrease of the sum of squares) of a node's best split; column -1: none.

    Tries `n_tried` columns in random order, and more only while all of them were constant.
    """
    inside = residual[member]
    count, total = len(inside), inside.sum()
    best_column, best_threshold, best_gain = -1, 0.0, -1.0
    if count < 2 or ((inside - total / count) ** 2).sum() <= 1e-15 * count:
        return best_column, best_threshold, best_gain
    weight = 1 / np.maximum(np.arange(count + 1), 1)  # 1 / number of cells
    ranked = np.empty(len(residual) + 1, dtype=np.int64)
    for i in range(len(columns)):
        if i >= n_tried and best_column >= 0:
            break
        j = i + rng.integers(0, len(columns) - i)
        columns[i], columns[j] = columns[j], columns[i]
        column = columns[i]
        n_ranked = 0
        for cell in order[column]:  # the node's cells in the order of this TF, without a branch
            ranked[n_ranked] = cell
            n_ranked += member[cell]
        left_total, previous = 0.0, values[column, ranked[0]]
        for left in range(count):
            cell = ranked[left]
            value = values[column, cell]
            if value > previous + SAME:
                right_total = total - left_total
                explained = left_total**2 * weight[left] + right_total**2 * weight[count - left]
                if explained - total**2 / count > best_gain:
                    best_column, best_gain = column, explained - total**2 / count
                    best_threshold = (previous + value) / 2
            left_total += residual[cell]
            previous = value
    return best_column, best_threshold, best_gain
