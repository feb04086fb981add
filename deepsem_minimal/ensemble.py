"""DeepSEM on an AnnData: check, standardise, train the ensemble, write the result back."""

import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse
from anndata import AnnData
from tqdm.auto import tqdm

from .config import Config
from .networks import tf_mask
from .parallel import Pool, Task, chosen_device, threads
from .preprocess import LARGEST_LOG, Expression, columns_of, dense, in_memory
from .result import Result, provenance, store_W
from .train import Member, TrainingError


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in training: `result` has the finished members, after `fit_groups` `groups` has."""

    def __init__(self, result: Result | None, groups: dict[str, Result] | None = None) -> None:
        super().__init__("training was interrupted")
        self.result, self.groups = result, groups or {}


@dataclass
class Job:
    """An ensemble to train: its tasks, its members so far, and what is made of them."""

    adata: AnnData
    tasks: list[Task]  # one per member
    genes: list[str]
    tfs: list[str] | None = None
    members: list[Member] = field(default_factory=list)  # in any order
    error: TrainingError | None = None

    @classmethod
    def of(
        cls, adata: AnnData, config: Config | None, seeds: int | Sequence[int], device: str,
        regulators: Sequence[str] | None = None, nuisance: int = 0,
    ) -> "Job":  # fmt: skip
        """Check the input; the arguments are those of `fit`, and so are the errors."""
        config, device = config or Config.for_data(*adata.shape), chosen_device(device)
        X, genes = checked_input(adata)
        listed = range(seeds) if isinstance(seeds, (int, np.integer)) else seeds
        chosen = [int(seed) for seed in listed]
        if not chosen or len(set(chosen)) < len(chosen):
            raise ValueError(
                f"seeds must be a positive number or a list of different integers; got {seeds}."
            )
        expression, tfs = Expression.of(X, config), None
        if regulators is not None:
            mask = tf_mask(genes, regulators)
            expression = expression.with_columns(columns_of(expression, mask, nuisance))
            tfs = list(adata.var_names[mask])
        elif "tf" in adata.var:
            tfs = list(adata.var_names[adata.var["tf"].astype(bool)])
        return cls(adata, [Task(expression, config, seed, device) for seed in chosen], genes, tfs)

    def result(self) -> Result:
        """The members so far, in the order of the seeds."""
        expression, config, _, device = self.tasks[0]
        order = [task.seed for task in self.tasks]
        members = sorted(self.members, key=lambda member: order.index(member.seed))
        return Result(members, self.genes, config, expression.mean, expression.sd, self.tfs, device)

    def finish(self) -> Result:
        """The result, also written into the AnnData."""
        result = self.result()
        store_W(self.adata, result.W)
        self.adata.obsm["X_deepsem"] = result.embed(self.adata)
        self.adata.uns["deepsem"] = provenance(result)
        return result


def fit(
    adata: AnnData, config: Config | None = None, seeds: int | Sequence[int] = 10,
    device: str = "auto", n_jobs: int | None = None, progress: bool = True,
    pool: Pool | None = None,
    regulators: Sequence[str] | None = None, nuisance: int = 0,
) -> Result:  # fmt: skip
    """Train DeepSEM on log expression `adata.X` (cells x genes) and write the result into `adata`.

    `config` is `Config.for_data` of its size unless given; `seeds` a number of members or a list of
    seeds; `device` "auto", "cpu" or "cuda"; `n_jobs` members are trained at a time (default: one
    per core) unless a `pool` takes the place of threads (see `parallel`). A matrix of more than
    `preprocess.CHUNK` entries is made dense in pieces. With `regulators` (names) only these have a
    column in W, and `nuisance` groups of other genes one each (`preprocess.columns_of`): another
    model, for many genes. Writes varp["deepsem_W"] (mean |W|; varm with `regulators`),
    obsm["X_deepsem"] (μ of the first member) and uns["deepsem"] (config, seeds, versions, history).
    The same seed, machine and threads give the same W, on a GPU but for rounding; CPU and GPU draw
    different noise. Raises ValueError on unusable input, and with the finished members as `result`
    TrainingError if training fails, `Interrupted` on Ctrl-C.
    """
    job = Job.of(adata, config, seeds, device, regulators, nuisance)
    try:
        run([job], pool or threads(n_jobs), progress)
    except KeyboardInterrupt:
        raise Interrupted(job.result() if job.members else None) from None
    if job.error:
        job.error.result = job.result() if job.members else None
        raise job.error
    return job.finish()


def fit_groups(
    adata: AnnData, groupby: str, config: Config | Callable[[int, int], Config] | None = None,
    min_cells: int = 50, seeds: int | Sequence[int] = 10, device: str = "auto",
    n_jobs: int | None = None, progress: bool = True, pool: Pool | None = None,
    regulators: Sequence[str] | None = None, nuisance: int = 0,
) -> dict[str, Result]:  # fmt: skip
    """One GRN per group of cells, `obs[groupby]`, each trained on its cells only (see `fit`).

    `config` may be a function of a group's cells and genes, as `Config.for_data` is. Groups below
    `min_cells` cells, and seeds that training cannot finish, are left out with a warning. Raises
    ValueError if obs has no such column or no group is left, and on Ctrl-C `Interrupted` with the
    groups as far as they came.
    """
    if groupby not in adata.obs:
        raise ValueError(f"adata.obs has no column {groupby!r}; it has {list(adata.obs)}.")
    labels = adata.obs[groupby].astype(object).map(str, na_action="ignore")
    sizes = labels.value_counts()
    left_out = {str(k): f"{n} cells, below {min_cells}" for k, n in sizes.items() if n < min_cells}
    jobs = {}
    for name in sizes.index[sizes >= min_cells]:
        part = adata[(labels == name).to_numpy()].copy()
        try:
            own = config(*part.shape) if callable(config) else config
            jobs[str(name)] = Job.of(part, own, seeds, device, regulators, nuisance)
        except ValueError as error:
            left_out[str(name)] = str(error)
    try:
        run(list(jobs.values()), pool or threads(n_jobs), progress)
    except KeyboardInterrupt:
        done = {name: job.result() for name, job in jobs.items() if job.members}
        raise Interrupted(None, done) from None
    left_out |= {name: str(job.error) for name, job in jobs.items() if job.error}
    for name, reason in left_out.items():
        warnings.warn(f"{name} left out: {reason}", stacklevel=2)
    results = {name: job.finish() for name, job in jobs.items() if job.members}
    if not results:
        raise ValueError(f"no group of {groupby!r} has {min_cells} cells that can be trained on.")
    return results


def run(jobs: Sequence[Job], pool: Pool, progress: bool) -> None:
    """Train the members of all jobs; a job with a member that fails keeps the error."""
    tasks = [(job, task) for job in jobs for task in job.tasks]
    total = sum(task.config.n_epochs for _, task in tasks)
    off = os.environ.get("TQDM_DISABLE", "0").lower() not in ("", "0", "false")
    with tqdm(total=total, unit="epoch", desc="DeepSEM", disable=off or not progress) as bar:
        for i, outcome in pool([task for _, task in tasks], bar.update) if tasks else ():
            job = tasks[i][0]
            if isinstance(outcome, Member):
                job.members.append(outcome)
            else:
                job.error = job.error or outcome
            if all(job.error for job in jobs):
                return


def checked_input(adata: AnnData) -> tuple[Any, list[str]]:
    """X (cells x genes, sparse as csr or dense) and gene names, or a ValueError that helps."""
    if adata.X is None:
        raise ValueError("adata.X is empty: put log expression (cells x genes) there.")
    X = in_memory(adata.X)
    values = np.asarray(X.data if scipy.sparse.issparse(X) else X)
    genes = list(map(str, adata.var_names))
    if X.shape[0] < 2 or X.shape[1] < 3:
        raise ValueError("Give at least 2 cells and 3 genes, not {} x {}.".format(*X.shape))
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise ValueError("adata.X holds NaN or infinite or negative values: give log expression.")
    if (top := float(values.max(initial=0))) > LARGEST_LOG:
        raise ValueError(f"adata.X holds values up to {top:.5g}: give log expression (log1p).")
    if not any((part % 1).any() for part in np.array_split(values.ravel("K"), 99)):
        warnings.warn("adata.X holds whole numbers: give log expression, not counts", stacklevel=4)
    if "tf" in adata.var and not adata.var["tf"].isin([True, False]).all():
        raise ValueError('var["tf"] must be True or False for every gene, not text or missing.')
    if not adata.var_names.is_unique:
        twice = adata.var_names[adata.var_names.duplicated()][:3].tolist()
        raise ValueError(f"Gene names must be unique; twice: {twice}: see var_names_make_unique.")
    if not (dense(X.max(0)) > dense(X.min(0))).any():
        raise ValueError("Every gene is constant over the cells: there is nothing to learn from.")
    return X, genes
