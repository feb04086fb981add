"""One study of simulators: cells split in two, all simulators, all scores."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import NDArray

from deepsem_minimal import sampling
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.result import Result

from .. import datasets
from ..baselines import METHODS
from . import controls, realism
from .dropout import fit_dropout
from .gan import GAN, GANConfig, train_gan
from .pbmc import LEAST, LEAST_GENES, LIBRARY

TRAINING = 0.8  # share of the cells


@dataclass
class Study:
    """Training and test cells of one data set, log expression of equal library size."""

    train: np.ndarray  # (cells, genes)
    test: np.ndarray
    genes: list[str]
    tfs: list[str]  # may be empty: then there is no GRN consistency
    train_types: NDArray[np.int64]  # codes
    test_types: NDArray[np.int64]
    types: list[str]
    library: float
    depth: float  # median library size before, over the same genes
    seed: int = 0
    gan: GANConfig = field(default_factory=GANConfig)
    config: Config | None = None  # default: `Config.simulation`, safe start below 500 genes
    _made: dict[Any, Any] = field(default_factory=dict, repr=False)

    SIMULATORS: ClassVar[tuple[str, ...]] = (
        "DeepSEM, posterior",
        "DeepSEM, prior",
        "scGAN",
        "cscGAN",
        *controls.CONTROLS,
        "two halves",
    )

    @classmethod
    def of(
        cls,
        adata: AnnData,
        n_genes: int = 150,
        n_tfs: int = 30,
        seed: int = 0,
        **fields: Any,
    ) -> "Study":
        """The most variable TFs and other genes; a random TRAINING share of the cells for training.

        TFs are those of var["tf"] or, without it, of BEELINE's human list. Genes are chosen on the
        training cells, and every cell is brought to the library size over the chosen genes. Cells
        with fewer than 10 detected genes and genes in less than 1 % of the cells are dropped.
        """
        adata = adata[:, np.asarray((adata.X > 0).mean(0)).ravel() >= LEAST]
        X = np.log1p(adata.layers["counts"].toarray()) if "counts" in adata.layers else adata.X
        X = np.asarray(X, dtype=np.float32)
        tf = is_tf(adata)
        kept = (X > 0).sum(1) >= min(LEAST_GENES, X.shape[1] // 4)
        order = np.random.default_rng(seed).permutation(np.flatnonzero(kept))
        train = order[: round(TRAINING * len(order))]
        chosen = variable_genes(controls.normalised(X[train], LIBRARY), tf, n_genes, n_tfs)
        depth = float(np.median(np.expm1(X[:, chosen]).sum(1)))
        X = controls.normalised(X[:, chosen], LIBRARY)
        order = order[X[order].any(1)]  # a cell may have none of the chosen genes
        n_train = round(TRAINING * len(order))
        labels = adata.obs.get("cell_type", pd.Series(["all"] * len(X))).astype(str).to_numpy()
        types, codes = np.unique(labels, return_inverse=True)
        names = adata.var_names[chosen]
        return cls(
            X[order[:n_train]],
            X[order[n_train:]],
            list(names),
            list(names[tf[chosen]]),
            codes[order[:n_train]],
            codes[order[n_train:]],
            list(types),
            LIBRARY,
            depth,
            seed,
            **fields,
        )

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """make(), or what it gave the last time for this key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    @property
    def simulators(self) -> list[str]:
        """SIMULATORS without those that mean nothing here.

        With one type cscGAN is scGAN; without TFs there is no network for "two halves" to share.
        """
        without = {"cscGAN"} if len(self.types) == 1 else set()
        without |= set() if self.tfs else {"two halves"}
        return [name for name in self.SIMULATORS if name not in without]

    @property
    def deepsem(self) -> Result:
        """DeepSEM trained on the training cells, one member."""
        adata = AnnData(self.train, var=pd.DataFrame(index=self.genes))
        start = "authors" if len(self.genes) >= 500 else "safe"  # ledger 9
        config = self.config or Config.simulation(W_init=start)
        return self.once(
            "DeepSEM", lambda: fit(adata, config, [self.seed], progress=False, n_jobs=1)
        )

    def trained_gan(self, conditional: bool) -> GAN:
        """scGAN or cscGAN trained on the training cells."""
        labels = self.train_types if conditional else None
        gan = replace(self.gan, library=self.library)
        return self.once(
            ("GAN", conditional), lambda: train_gan(self.train, labels, gan, self.seed)
        )

    def sample(self, simulator: str, n: int, seed: int = 0) -> np.ndarray:
        """n cells (n x genes) of one of SIMULATORS, at the library size of the study.

        "two halves" gives half of the training cells and is meant for the GRN consistency.
        """
        if simulator == "DeepSEM, posterior":
            rows = controls.each_once(len(self.train), n, seed)
            cells = sampling.simulate(self.deepsem, self.train, n, seed, rows=rows)[0]
        elif simulator == "DeepSEM, prior":
            zeros = fit_dropout(self.train).zeros
            cells = sampling.generate(self.deepsem, zeros, n, seed)
        elif simulator in ("scGAN", "cscGAN"):
            cells = self.trained_gan(simulator == "cscGAN").sample(n, seed)
        elif simulator in controls.CONTROLS:  # a negative binomial is one of counts
            scale = self.depth if simulator == "negative binomial" else self.library
            cells = controls.CONTROLS[simulator](controls.normalised(self.train, scale), n, seed)
        else:
            raise ValueError(f"{simulator!r} is not one of {self.SIMULATORS}.")
        return controls.normalised(cells, self.library)

    def scores(self, simulator: str, n_trees: int, seed: int = 0) -> dict[str, float]:
        """`realism.scores` of as many simulated cells as there are test cells."""
        cells = self.sample(simulator, len(self.test), self.seed + 100 * seed)
        return realism.scores(cells, self.train, self.test, n_trees, self.seed)

    def network(self, cells: np.ndarray, n_trees: int, seed: int = 0) -> np.ndarray:
        """GRNBoost2 on the cells: W (genes x genes), [target, regulator]."""
        return METHODS["GRNBoost2"](
            cells.astype(np.float64), self.genes, self.tfs, seed=seed, max_trees=n_trees
        )

    def consistency(self, simulator: str, n_trees: int, seed: int = 0) -> pd.Series:
        """Eq. 9 against the network of the training cells, with as many simulated cells.

        "two halves" compares the networks of two halves of the training cells with each other.
        """
        if simulator == "two halves":
            order = np.random.default_rng(self.seed + seed).permutation(len(self.train))
            parts = np.array_split(order, 2)
            nets = [self.network(self.train[p], n_trees, seed + i) for i, p in enumerate(parts)]
        else:
            real = self.once(("real", n_trees), lambda: self.network(self.train, n_trees))
            cells = self.sample(simulator, len(self.train), self.seed + 100 * seed + 1)
            nets = [real, self.network(cells, n_trees, seed + 1)]
        return realism.consistency(nets[0], nets[1], self.genes, self.tfs)


def is_tf(adata: AnnData) -> NDArray[np.bool_]:
    """Which genes are TFs: var["tf"] or BEELINE's human list; none where the list is missing."""
    if "tf" in adata.var:
        return adata.var["tf"].to_numpy(dtype=bool)
    try:
        return adata.var_names.str.upper().isin(
            datasets.transcription_factors("beeline-human", quiet=True)
        )
    except datasets.DataUnavailable:
        return np.zeros(adata.n_vars, dtype=bool)


def variable_genes(
    X: np.ndarray, tf: NDArray[np.bool_], n_genes: int, n_tfs: int
) -> NDArray[np.int64]:
    """Columns of the n_tfs most variable TFs and the most variable others, n_genes in all.

    Only genes found in at least 1 % of the cells X (cells x genes of log expression).
    """
    order = np.argsort(-X.var(0), kind="stable")
    order = order[(X > 0).mean(0)[order] >= LEAST]
    regulators = order[tf[order]][:n_tfs]
    others = order[~tf[order]][: n_genes - len(regulators)]
    return np.sort(np.concatenate([regulators, others]))
