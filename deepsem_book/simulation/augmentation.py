"""Cells of a rare type added to a training set: do they help to find it?"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from deepsem_minimal import sampling

from . import controls, realism
from .study import Study


def augmented(
    study: Study,
    rare: str,
    share: float,
    n_extra: int = 2000,
    trainings: Sequence[str] = ("nothing added", "upsampling", "Gaussian", "DeepSEM"),
    n_trees: int = 100,
    seed: int = 0,
) -> dict[str, float]:
    """AUPR of finding the type `rare` when a `share` of its training cells is left (Supp. Fig. 15).

    Every simulator sees the training set that is left and adds `n_extra` cells of the type:
    "upsampling" copies them, "Gaussian" is a multivariate normal of them, "DeepSEM" is trained on
    all cells left and simulates from those of the type (ledger 17), "cscGAN" is trained with the
    label. At least two cells are left. Raises ValueError for an unknown type or training.
    """
    if rare not in study.types:
        raise ValueError(f"{rare!r} is not among the types: {', '.join(study.types)}.")
    if unknown := sorted(set(trainings) - set(AUGMENTED)):
        raise ValueError(f"{', '.join(unknown)} is not one of {', '.join(AUGMENTED)}.")
    own = study.train_types == study.types.index(rare)
    rng = np.random.default_rng((study.seed, seed))
    few = rng.permutation(np.flatnonzero(own))[: max(2, round(share * own.sum()))]
    left = np.concatenate([np.flatnonzero(~own), few])
    X, labels = study.train[left], own[left]
    part = replace(study, train=X, train_types=labels.astype(np.int64), seed=seed, _made={})
    aupr = {}
    for name in trainings:
        extra = AUGMENTED[name](part, X[labels], n_extra, seed)
        truth = study.test_types == study.types.index(rare)
        aupr[name] = realism.rare_type_aupr(X, labels, study.test, truth, extra, n_trees, seed)
    return aupr


def _deepsem_of(part: Study, cells: np.ndarray, n: int, seed: int) -> np.ndarray:
    rows = np.flatnonzero(part.train_types)
    rows = rows[controls.each_once(len(rows), n, seed)]
    made = sampling.simulate(part.deepsem, part.train, n, seed, rows=rows)[0]
    return controls.normalised(made, part.library)


def _gan_of(part: Study, cells: np.ndarray, n: int, seed: int) -> np.ndarray:
    return part.trained_gan(conditional=True).sample(n, seed, np.ones(n, dtype=np.int64))


AUGMENTED: dict[str, Callable[[Study, np.ndarray, int, int], np.ndarray | None]] = {
    "nothing added": lambda part, cells, n, seed: None,
    "upsampling": lambda part, cells, n, seed: controls.bootstrap(cells, n, seed),
    "Gaussian": lambda part, cells, n, seed: controls.normalised(
        controls.gaussian(cells, n, seed), part.library
    ),
    "DeepSEM": _deepsem_of,
    "cscGAN": _gan_of,
}
