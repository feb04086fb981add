"""DeepSEM on an AnnData: check, standardise, train the ensemble, write the result back."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from deepsem_book import cluster

from . import preprocess
from .config import Config
from .parallel import chosen_device, interruptible, members_at_once, train_ensemble
from .preprocess import Cells, dense, lazily, standardise
from .result import Result, provenance
from .train import Member, TrainingError

Array = NDArray[np.floating]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in training. `result` holds the members that were finished, None if there are none.

    After `fit_groups`, `groups` holds each group's result as far as it came.
    """

    def __init__(self, result: Result | None, groups: dict[str, Result] | None = None) -> None:
        super().__init__("training was interrupted")
        self.result, self.groups = result, groups or {}


@dataclass
class Job:
    """An ensemble to train: what its members take, and what is made of them."""

    adata: AnnData
    config: Config
    seeds: list[int]
    device: str
    genes: list[str]
    Z: Array | Cells  # standardised expression (cells x genes)
    keep: Array | None
    mean: Array
    sd: Array
    members: list[Member] = field(default_factory=list)  # in any order

    @classmethod
    def of(
        cls, adata: AnnData, config: Config | None, seeds: int | Sequence[int], device: str
    ) -> "Job":
        """Check the input; the arguments are those of `fit`, and so are the errors."""
        config = config or Config()
        X, genes = checked_input(adata)
        listed = range(seeds) if isinstance(seeds, (int, np.integer)) else seeds
        chosen = [int(seed) for seed in listed]
        if not chosen or len(set(chosen)) < len(chosen):
            raise ValueError(
                f"seeds must be a positive number or a list of different integers; got {seeds}."
            )
        return cls(adata, config, chosen, chosen_device(device), genes, *model_input(X, config))

    def result(self) -> Result:
        """The members so far, in the order of the seeds."""
        tf = self.adata.var["tf"].astype(bool) if "tf" in self.adata.var else None
        tfs = None if tf is None else list(self.adata.var_names[tf])
        members = sorted(self.members, key=lambda member: self.seeds.index(member.seed))
        return Result(members, self.genes, self.config, self.mean, self.sd, tfs, self.device)

    def finish(self) -> Result:
        """The result, also written into the AnnData."""
        result = self.result()
        self.adata.varp["deepsem_W"] = result.W
        self.adata.obsm["X_deepsem"] = result.embed(self.adata.X)
        self.adata.uns["deepsem"] = provenance(result)
        return result


def fit(
    adata: AnnData,
    config: Config | None = None,
    seeds: int | Sequence[int] = 10,
    device: str = "auto",
    n_jobs: int | None = None,
    progress: bool = True,
    dask: Any = None,
) -> Result:
    """Train DeepSEM on log expression `adata.X` (cells x genes) and write the result into `adata`.

    `seeds` is a number of members or a list of seeds; `device` is "auto", "cpu" or "cuda"; `n_jobs`
    members are trained at a time (default: one a core). `dask`: the address of a Dask scheduler, a
    client, or "local"; members are then trained by its workers. A matrix of more than `CHUNK`
    entries is made dense in pieces, also if it is sparse. Writes varp["deepsem_W"] (mean |W|),
    obsm["X_deepsem"] (μ of the first member) and uns["deepsem"] (config, seeds, versions, history).
    The same seed, machine and number of threads give the same W. Raises ValueError on unusable
    input, TrainingError when training cannot go on, and on Ctrl-C `Interrupted` with the
    members that were finished.
    """
    job = Job.of(adata, config, seeds, device)
    total = len(job.seeds) * job.config.n_epochs
    with tqdm(total=total, unit="epoch", desc="DeepSEM", disable=not progress) as bar:
        try:
            if dask is None:
                for member in here(job, n_jobs, bar):
                    job.members.append(member)
            else:
                for _, outcome in cluster.train_on([job], n_jobs, bar, dask):
                    if isinstance(outcome, TrainingError):
                        raise outcome
        except KeyboardInterrupt:
            raise Interrupted(job.result() if job.members else None) from None
    return job.finish()


def model_input(X: Any, config: Config) -> tuple[Array | Cells, Array | None, Array, Array]:
    """Standardised X, the mask of what is reconstructed, mean and sd; large X stays as it is."""
    if X.shape[0] * X.shape[1] > preprocess.CHUNK:
        cells = lazily(X, config.standardise, config.clip)
        return cells, None, cells.mean, cells.sd
    X = dense(X)
    Z, mean, sd = standardise(X, config.standardise, config.clip)
    keep = (X != 0).astype(np.float32) if config.reconstruct == "nonzero" else None
    return Z, keep, mean, sd


def here(job: Job, n_jobs: int | None, bar: tqdm) -> Iterator[Member]:
    """Members trained on this machine, as many at a time as there are jobs."""
    at_once = members_at_once(len(job.seeds), job.device, n_jobs)
    with interruptible(bar.update) as on_epoch:
        for i in range(0, len(job.seeds), at_once):
            group = job.seeds[i : i + at_once]
            yield from train_ensemble(
                job.Z, job.keep, job.config, group, job.device, at_once, on_epoch
            )


def fit_groups(
    adata: AnnData,
    groupby: str,
    config: Config | None = None,
    min_cells: int = 50,
    seeds: int | Sequence[int] = 10,
    device: str = "auto",
    n_jobs: int | None = None,
    progress: bool = True,
    dask: Any = None,
) -> dict[str, Result]:
    """One GRN a group of cells, `obs[groupby]`, each trained on its cells only (see `fit`).

    Groups below `min_cells` cells, and those that training cannot use, are left out with a
    warning. With `dask` (see `fit`) the members of all groups are trained at the same time. Raises
    ValueError if obs has no such column or no group is left, and on Ctrl-C `Interrupted` with the
    groups as far as they came.
    """
    if groupby not in adata.obs:
        raise ValueError(f"adata.obs has no column {groupby!r}; it has {list(adata.obs)}.")
    sizes = adata.obs[groupby].value_counts()
    left_out = {str(k): f"{n} cells, below {min_cells}" for k, n in sizes.items() if n < min_cells}
    jobs = {}
    for name in sizes.index[sizes >= min_cells]:
        part = adata[(adata.obs[groupby] == name).to_numpy()].copy()
        try:
            jobs[str(name)] = Job.of(part, config, seeds, device)
        except ValueError as error:
            left_out[str(name)] = str(error)
    try:
        train_groups(jobs, left_out, n_jobs, progress, dask)
    except KeyboardInterrupt:
        done = {name: job.result() for name, job in jobs.items() if job.members}
        raise Interrupted(None, done) from None
    for name, reason in left_out.items():
        warnings.warn(f"{name} left out: {reason}", stacklevel=2)
    found = {name: job.finish() for name, job in jobs.items() if name not in left_out}
    if not found:
        raise ValueError(f"no group of {groupby!r} has {min_cells} cells that can be trained on.")
    return found


def train_groups(
    jobs: dict[str, Job], left_out: dict[str, str], n_jobs: int | None, progress: bool, dask: Any
) -> None:
    """Train the members of all jobs; a group that fails goes to `left_out` with the reason."""
    total = sum(len(job.seeds) * job.config.n_epochs for job in jobs.values())
    with tqdm(total=total, unit="epoch", desc="DeepSEM", disable=not progress) as bar:
        if dask is not None and jobs:
            names = list(jobs)
            for i, outcome in cluster.train_on(list(jobs.values()), n_jobs, bar, dask):
                if isinstance(outcome, TrainingError):
                    left_out[names[i]] = str(outcome)
            return
        for name, job in jobs.items():
            try:
                for member in here(job, n_jobs, bar):
                    job.members.append(member)
            except TrainingError as error:
                left_out[name] = str(error)


def checked_input(adata: AnnData) -> tuple[Any, list[str]]:
    """X (cells x genes, sparse as csr or dense) and gene names, or a ValueError that helps."""
    if adata.X is None:
        raise ValueError("adata.X is empty: put log expression (cells x genes) there.")
    X = adata.X.tocsr() if scipy.sparse.issparse(adata.X) else np.asarray(adata.X)
    values: Array = np.asarray(X.data if scipy.sparse.issparse(X) else X)
    genes = list(map(str, adata.var_names))
    n_cells, n_genes = X.shape
    if n_cells < 2 or n_genes < 3:
        raise ValueError(
            f"DeepSEM needs at least 2 cells and 3 genes; this AnnData has {n_cells} x {n_genes}."
        )
    if not np.isfinite(values).all():
        raise ValueError(
            "adata.X holds NaN or infinite values: remove or replace them before fitting."
        )
    if (values < 0).any():
        raise ValueError(
            "adata.X holds negative values: give log expression (≥ 0), not scaled data; "
            "fit standardises."
        )
    if not adata.var_names.is_unique:
        twice = adata.var_names[adata.var_names.duplicated()][:3].tolist()
        raise ValueError(
            f"Gene names must be unique; twice: {twice}. "
            "adata.var_names_make_unique() renames them."
        )
    low, high = (dense(X.min(0)), dense(X.max(0)))
    if not (high > low).any():
        raise ValueError(
            "Every gene is constant over the cells: there is nothing to learn a network from."
        )
    return X, genes
