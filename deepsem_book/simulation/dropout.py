"""Where zeros fall: a model of detection for cells that are drawn from the prior."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from deepsem_minimal.preprocess import Array


class Dropout(NamedTuple):
    """logit P(zero) = gene + cell: a Rasch model of detection."""

    gene: Array  # (genes,)
    cells: Array  # (training cells,): one number each, of which new cells draw

    def probability(self, cell: Array) -> Array:
        """P(zero) (cells x genes) given the effect of each cell."""
        return expit(self.gene + cell[:, None])

    def zeros(self, n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
        """Where n new cells have zeros (n x genes)."""
        chance = rng.random((n, len(self.gene)))
        return chance < self.probability(rng.choice(self.cells, n))


def fit_dropout(X: Array, n_steps: int = 30, ridge: float = 0.1) -> Dropout:
    """Detection of each gene and cell from the zeros of X (cells x genes).

    What DeepSEM decodes for a real cell cannot be used to learn it: the encoder has seen the zeros.
    Newton steps on genes and cells in turn; a weak ridge keeps genes without any zero finite.
    """
    zero = np.asarray(X) == 0
    gene, cell = np.zeros(zero.shape[1]), np.zeros(zero.shape[0])
    for _ in range(n_steps):
        for axis, effect in ((0, gene), (1, cell)):
            p = expit(gene + cell[:, None])
            slope = (zero - p).sum(axis) - ridge * effect
            effect += np.clip(slope / ((p * (1 - p)).sum(axis) + ridge), -2, 2)
    return Dropout(gene + cell.mean(), cell - cell.mean())
