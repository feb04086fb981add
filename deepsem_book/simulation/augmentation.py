"""Cells of a rare type added to a training set: do they help to find it?"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from deepsem_minimal import sampling

from . import controls, realism
from .gan import train_gan
from .study import Study

GANS = ("scGAN", "cscGAN")


def augmented(
    study: Study,
    rare: str,
    share: float,
    n_extra: int = 2000,
    trainings: Sequence[str] = ("nothing added", "upsampling", "Gaussian", "DeepSEM"),
    n_trees: int = 100,
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """Finding the type `rare` when a `share` of its training cells is left (Supp. Fig. 15).

    Scores by training: "aupr"; for a GAN also the `errors` of its cells, and those of shuffled
    cells as "shuffle_...".

    Every simulator sees the training set that is left and adds `n_extra` cells of the type:
    "upsampling" copies them, "Gaussian" is a multivariate normal of them, "DeepSEM" is trained on
    all cells left and simulates from those of the type (ledger 17), "scGAN" is trained on those of
    the type, "cscGAN" on all with the label. At least two cells are left. Raises ValueError for an
    unknown type or training.
    """
    if rare not in study.types:
        raise ValueError(f"{rare!r} is not among the types: {', '.join(study.types)}.")
    if unknown := sorted(set(trainings) - set(AUGMENTED)):
        raise ValueError(f"{', '.join(unknown)} is not one of {', '.join(AUGMENTED)}.")
    part = thinned(study, study.types.index(rare), share, seed)
    X, labels = part.train, part.train_types.astype(bool)
    truth = study.test_types == study.types.index(rare)
    scores = {}
    for name in trainings:
        extra = AUGMENTED[name](part, X[labels], n_extra, seed)
        aupr = realism.rare_type_aupr(X, labels, study.test, truth, extra, n_trees, seed)
        scores[name] = {"aupr": aupr}
        if name in GANS and extra is not None:
            shuffled = errors(study.test[truth], controls.shuffle(X[labels], n_extra, seed))
            scores[name] |= errors(study.test[truth], extra)
            scores[name] |= {f"shuffle_{error}": value for error, value in shuffled.items()}
    return scores


def thinned(study: Study, rare: int, share: float, seed: int) -> Study:
    """The study with a `share` of the training cells of the type with code `rare`; it has code 1,
    all others 0."""
    own = study.train_types == rare
    rng = np.random.default_rng((study.seed, seed))
    few = rng.permutation(np.flatnonzero(own))[: max(2, round(share * own.sum()))]
    left = np.concatenate([np.flatnonzero(~own), few])
    labels = own[left].astype(np.int64)
    return replace(study, train=study.train[left], train_types=labels, seed=seed, _made={})


def errors(real: np.ndarray, cells: np.ndarray) -> dict[str, float]:
    """Errors of the genes and of the correlations of those that vary most among the real cells.

    Both (cells x genes); `real` are held out from the training that made `cells`.
    """
    top = np.argsort(-np.var(real, axis=0))[: realism.N_CORRELATED]
    return {
        "marginal": realism.marginal_error(real, cells),
        "correlation": realism.correlation_error(real[:, top], cells[:, top]),
    }


def _deepsem_of(part: Study, cells: np.ndarray, n: int, seed: int) -> np.ndarray:
    rows = np.flatnonzero(part.train_types)
    rows = rows[controls.each_once(len(rows), n, seed)]
    made = sampling.simulate(part.deepsem, part.train, n, seed, rows=rows)[0]
    return controls.normalised(made, part.library)


def _gan_of_the_few(part: Study, cells: np.ndarray, n: int, seed: int) -> np.ndarray:
    return train_gan(cells, None, replace(part.gan, library=part.library), seed).sample(n, seed)


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
    "scGAN": _gan_of_the_few,
}
