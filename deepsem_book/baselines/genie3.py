"""GENIE3: each gene is predicted from all TFs by a random forest; importance = variance removed.

Huynh-Thu et al., PLoS ONE 2010, doi 10.1371/journal.pone.0012776. 1000 trees, the square root of
the number of TFs tried per split, trees grown fully, each target scaled to variance 1 so that the
importances of different targets compare: the entries of a row of W sum to about 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from .common import matrix_and_tfs, only_tfs, per_target


def infer(
    X: np.ndarray, genes: Sequence[str], tfs: Iterable[str], seed: int = 0, n_trees: int = 1000,
    n_jobs: int = 1,
) -> np.ndarray:  # fmt: skip
    """W[target, regulator] = mean decrease of the target's variance by splits on the regulator."""
    X, is_tf = matrix_and_tfs(X, genes, tfs)
    predictors = np.asfortranarray(X, dtype=np.float32)  # what scikit-learn's trees want

    def score(regulators: np.ndarray, target: int, random_state: int) -> np.ndarray:
        y = X[:, target]
        forest = RandomForestRegressor(
            n_estimators=n_trees, max_features="sqrt", random_state=random_state, n_jobs=1
        )
        forest.fit(predictors[:, regulators], y / y.std())
        decrease = [
            tree.tree_.compute_feature_importances(normalize=False) for tree in forest.estimators_
        ]
        return np.mean(decrease, axis=0)

    return only_tfs(per_target(score, X, is_tf, seed, n_jobs), is_tf)
