"""One study of simulators: cells split in two, all simulators, all scores. And PBMC 68k."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import scanpy as sc
from anndata import AnnData
from numpy.typing import NDArray
from scipy import sparse

from . import data, embedding, realism, simulation
from .baselines import METHODS
from .ensemble import Result, fit
from .fast import kept_threads
from .gan import GAN, GANConfig, train_gan
from .train import Config

Array = NDArray[np.floating]
LIBRARY = 2e4  # the paper's; the log expression of a study has this library size over its genes
LEAST = 0.01  # share of the cells in which a gene must be found
LEAST_GENES = 10  # that must be found in a cell


@dataclass
class Study:
    """Training and test cells of one data set, log expression of equal library size."""

    train: Array  # (cells, genes)
    test: Array
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
        *simulation.CONTROLS,
        "two halves",
    )

    @classmethod
    def load(cls, name: str, **options: Any) -> "Study":
        """The cells of `name` (see `cells_of`); options as in `of`."""
        return cls.of(cells_of(name), **options)

    @classmethod
    def of(
        cls,
        adata: AnnData,
        n_genes: int = 150,
        n_tfs: int = 30,
        seed: int = 0,
        share: float = 0.8,
        library: float = LIBRARY,
        **fields: Any,
    ) -> "Study":
        """The most variable TFs and other genes; a random `share` of the cells for training.

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
        train = order[: round(share * len(order))]
        chosen = variable_genes(simulation.normalised(X[train], library), tf, n_genes, n_tfs)
        depth = float(np.median(np.expm1(X[:, chosen]).sum(1)))
        X = simulation.normalised(X[:, chosen], library)
        order = order[X[order].any(1)]  # a cell may have none of the chosen genes
        n_train = round(share * len(order))
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
            library,
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

    def sample(self, simulator: str, n: int, seed: int = 0) -> Array:
        """n cells (n x genes) of one of SIMULATORS, at the library size of the study.

        "two halves" gives half of the training cells and is meant for the GRN consistency.
        """
        if simulator == "DeepSEM, posterior":
            rows = simulation.each_once(len(self.train), n, seed)
            cells = simulation.simulate(self.deepsem, self.train, n, seed, rows=rows)[0]
        elif simulator == "DeepSEM, prior":
            cells = simulation.generate(self.deepsem, self.train, n, seed)
        elif simulator in ("scGAN", "cscGAN"):
            cells = self.trained_gan(simulator == "cscGAN").sample(n, seed)
        elif simulator in simulation.CONTROLS:  # a negative binomial is one of counts
            scale = self.depth if simulator == "negative binomial" else self.library
            cells = simulation.CONTROLS[simulator](
                simulation.normalised(self.train, scale), n, seed
            )
        else:
            raise ValueError(f"{simulator!r} is not one of {self.SIMULATORS}.")
        return simulation.normalised(cells, self.library)

    def scores(self, simulator: str, n_trees: int, seed: int = 0) -> dict[str, float]:
        """`realism.scores` of as many simulated cells as there are test cells."""
        cells = self.sample(simulator, len(self.test), self.seed + 100 * seed)
        return realism.scores(cells, self.train, self.test, n_trees, self.seed)

    def network(self, cells: Array, n_trees: int, seed: int = 0) -> Array:
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


def cells_of(name: str) -> AnnData:
    """Data set `name`, or of "name/type" the cells of one type (not for "sim/...").

    PBMC 68k comes `prepared`; there "pbmc68k_donor_a/louvain 2" is a cluster.
    """
    dataset, _, kind = name.partition("/") if not name.startswith("sim/") else (name, "", "")
    adata = data.load(dataset, quiet=True)
    if dataset == "pbmc68k_donor_a":
        adata = prepared(adata)
    if not kind:
        return adata
    column = "louvain" if kind.startswith("louvain ") else "cell_type"
    own = (adata.obs[column] == kind).to_numpy()
    if not own.any():
        raise ValueError(f"{dataset} has no cells of {kind!r}: {sorted(set(adata.obs[column]))}.")
    return adata[own].copy()


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
        raise ValueError(f"{', '.join(unknown)} is none of {', '.join(AUGMENTED)}.")
    own = study.train_types == study.types.index(rare)
    rng = np.random.default_rng((study.seed, seed))
    few = rng.permutation(np.flatnonzero(own))[: max(2, round(share * own.sum()))]
    left = np.concatenate([np.flatnonzero(~own), few])
    X, labels = study.train[left], own[left]
    part = replace(study, train=X, train_types=labels.astype(np.int64), seed=seed, _made={})
    found = {}
    for name in trainings:
        extra = AUGMENTED[name](part, X[labels], n_extra, seed)
        truth = study.test_types == study.types.index(rare)
        found[name] = realism.rare_type_aupr(X, labels, study.test, truth, extra, n_trees, seed)
    return found


def _deepsem_of(part: Study, cells: Array, n: int, seed: int) -> Array:
    rows = np.flatnonzero(part.train_types)
    rows = rows[simulation.each_once(len(rows), n, seed)]
    found = simulation.simulate(part.deepsem, part.train, n, seed, rows=rows)[0]
    return simulation.normalised(found, part.library)


def _gan_of(part: Study, cells: Array, n: int, seed: int) -> Array:
    return part.trained_gan(conditional=True).sample(n, seed, np.ones(n, dtype=np.int64))


AUGMENTED: dict[str, Callable[[Study, Array, int, int], Array | None]] = {
    "nothing added": lambda part, cells, n, seed: None,
    "upsampling": lambda part, cells, n, seed: simulation.bootstrap(cells, n, seed),
    "Gaussian": lambda part, cells, n, seed: simulation.normalised(
        simulation.gaussian(cells, n, seed), part.library
    ),
    "DeepSEM": _deepsem_of,
    "cscGAN": _gan_of,
}


@kept_threads()
def prepared(
    adata: AnnData, n_genes: int = 1000, library: float = LIBRARY, seed: int = 0
) -> AnnData:
    """Cells as in the paper's Methods, "Datasets used to evaluate the performance of simulation".

    `layers["counts"]` are those of all cells and genes. Genes in less than 1 % of the cells and
    then cells with fewer than 10 genes are dropped; each cell is brought to `library` counts; the
    `n_genes` most variable genes of the logs are kept; cells are brought to `library` once more.
    Beside obs["cell_type"] stands the second annotation, obs["louvain"] ("louvain 0", ...), of all
    counts (see `zheng17_clusters`). `.X` is sparse; layers["counts"] are those of the genes kept.
    """
    counts = sparse.csr_matrix(adata.layers["counts"])
    cells = AnnData(counts, obs=adata.obs.copy(), var=adata.var.copy(), uns=dict(adata.uns))
    cells = cells[counts.getnnz(axis=1) > 0].copy()
    clusters = zheng17_clusters(cells, seed=seed)
    cells.obs["louvain"] = pd.Categorical([f"louvain {i}" for i in clusters])
    cells = cells[:, cells.X.getnnz(axis=0) >= LEAST * cells.n_obs]
    cells = cells[cells.X.getnnz(axis=1) >= LEAST_GENES].copy()
    cells.layers["counts"] = cells.X.copy()
    sc.pp.normalize_total(cells, target_sum=library)
    sc.pp.log1p(cells)
    sc.pp.highly_variable_genes(cells, n_top_genes=min(n_genes, cells.n_vars))
    cells = cells[:, cells.var["highly_variable"]].copy()
    cells.X = cells.layers["counts"].copy()
    sc.pp.normalize_total(cells, target_sum=library)
    cells.X = cells.X.log1p()
    return cells


@kept_threads()
def zheng17_clusters(
    adata: AnnData, resolution: float = 0.15, n_top_genes: int = 1000, seed: int = 0
) -> NDArray[np.int64]:
    """Louvain clusters (cells,) of counts after the recipe of Zheng et al. 2017, as Marouf et al.

    As in their code: the recipe, 50 principal components, scanpy's graph of 15 neighbours.
    `layers["counts"]` or X: counts; they are left as they are. The recipe drops cells or genes with
    no count, so cells with none must have been removed: ValueError otherwise.
    """
    cells = AnnData(adata.layers["counts"].copy() if "counts" in adata.layers else adata.X.copy())
    total = np.asarray(cells.X.sum(1)).ravel()
    if not total.all():
        raise ValueError(f"{(total == 0).sum()} cells have no counts: remove them first.")
    found = int((np.asarray(cells.X.sum(0)) > 0).sum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scanpy's own views
        sc.pp.recipe_zheng17(cells, n_top_genes=min(n_top_genes, found))
    graph = embedding.as_igraph(embedding.neighbourhood(np.asarray(cells.X), k=15, seed=seed))
    return embedding.louvain(graph, resolution, seed)


def is_tf(adata: AnnData) -> NDArray[np.bool_]:
    """Which genes are TFs: var["tf"] or BEELINE's human list; none where the list is missing."""
    if "tf" in adata.var:
        return adata.var["tf"].to_numpy(dtype=bool)
    try:
        return adata.var_names.str.upper().isin(data.transcription_factors("human", quiet=True))
    except data.DataUnavailable:
        return np.zeros(adata.n_vars, dtype=bool)


def variable_genes(X: Array, tf: NDArray[np.bool_], n_genes: int, n_tfs: int) -> NDArray[np.int64]:
    """Columns of the n_tfs most variable TFs and the most variable others, n_genes in all.

    Only genes found in at least 1 % of the cells X (cells x genes of log expression).
    """
    order = np.argsort(-X.var(0), kind="stable")
    order = order[(X > 0).mean(0)[order] >= LEAST]
    regulators = order[tf[order]][:n_tfs]
    others = order[~tf[order]][: n_genes - len(regulators)]
    return np.sort(np.concatenate([regulators, others]))
