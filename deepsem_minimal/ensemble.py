"""DeepSEM on an AnnData: check, standardise, train the ensemble, write the result back."""

import contextlib
import json
import os
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
import torch
from anndata import AnnData, read_h5ad
from numpy.typing import NDArray
from tqdm.auto import tqdm

from . import __version__, cluster
from . import train as training
from .model import DeepSEM
from .networks import edge_table
from .preprocess import Cells, dense, lazily, scale, standardise
from .train import Config, Member, TrainingError, mean_weight, train, train_ensemble

Array = NDArray[np.floating]


def versions() -> dict[str, str]:
    """What trained, for whoever repeats it."""
    torch_version = str(torch.__version__)
    return {"deepsem_minimal": __version__, "torch": torch_version, "numpy": np.__version__}


@dataclass
class Result:
    """A trained ensemble. `genes` name the rows (targets) and columns (regulators) of W."""

    members: list[Member]
    genes: list[str]
    config: Config
    mean: Array  # of log expression (genes,), as standardised
    sd: Array
    tfs: list[str] | None = None
    device: str = "cpu"
    versions: dict[str, str] = field(default_factory=versions)

    @property
    def W(self) -> Array:
        """mean |W| over the members (genes x genes), [target, regulator] (ledger 14)."""
        return mean_weight(member.W for member in self.members)

    @property
    def Ws(self) -> Array:
        """The signed W of each member (members x genes x genes)."""
        return np.stack([member.W for member in self.members])

    @property
    def seeds(self) -> list[int]:
        return [member.seed for member in self.members]

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch and member: seed, epoch, phase, loss, mse, kl, l1, seconds so far."""
        return pd.DataFrame([row for member in self.members for row in member.history])

    def edges(self, tfs: Iterable[str] | None = None) -> pd.DataFrame:
        """Edges `TF, target, importance` = mean |W|, sorted; `tfs`: default var["tf"], else all."""
        return edge_table(self.W, self.genes, self.tfs if tfs is None else tfs)

    def embed(self, X: Any, member: int = 0) -> Array:
        """μ after the GRN layer (cells x genes) of log expression X in one member (ledger 16).

        X may be sparse; what is larger than `train.CHUNK` passes in pieces.
        """
        model, n_cells = self.members[member].model, X.shape[0]
        step = max(1, training.CHUNK // X.shape[1])
        found = np.empty(X.shape, np.float32)
        for i in range(0, n_cells, step):
            part = scale(dense(X[i : i + step]), self.mean, self.sd, self.config.clip)
            with torch.no_grad():
                x = torch.as_tensor(part)
                y, _ = model.cluster_of(x, 0.5, torch.Generator().manual_seed(0))
                found[i : i + step] = model.posterior(model.scan(x, y))[0].numpy()
        return found

    def save(self, path: Path | str) -> None:
        """Write all of it into one .h5ad, as a whole or not at all; `load` reads it back."""
        path = Path(path)
        var = pd.DataFrame({"mean": self.mean, "sd": self.sd}, index=self.genes)
        if self.tfs is not None:
            var["tf"] = var.index.isin(self.tfs)
        obs = pd.DataFrame(
            {"seed": self.seeds, "seconds": [member.seconds for member in self.members]},
            index=[str(seed) for seed in self.seeds],
        )
        adata = AnnData(obs=obs, var=var, varp={"deepsem_W": self.W})
        adata.uns["deepsem"] = provenance(self)
        adata.uns["members"] = {
            str(m.seed): {name: value.numpy() for name, value in m.model.state_dict().items()}
            for m in self.members
        }
        write_h5ad(adata, path)

    @classmethod
    def load(cls, path: Path | str) -> "Result":
        """The result that `save` wrote. Raises ValueError for an .h5ad of another kind."""
        adata = read_h5ad(path)
        if not {"deepsem", "members"} <= set(adata.uns):
            raise ValueError(f"{path} is no saved result: Result.save writes one.")
        config = Config(**json.loads(adata.uns["deepsem"]["config"]))
        rows = adata.uns["deepsem"]["history"].to_dict("records")
        members = []
        for seed, seconds in zip(adata.obs["seed"].astype(int), adata.obs["seconds"], strict=True):
            state = {k: torch.as_tensor(v) for k, v in adata.uns["members"][str(seed)].items()}
            model = DeepSEM(
                state["grn.W"].clone(), config.n_hidden, config.n_components, config.encoder_bias,
                config.n_knots,
            )  # fmt: skip
            model.load_state_dict(state)
            history = [row for row in rows if row["seed"] == seed]
            members.append(Member(seed, model.requires_grad_(False), history, float(seconds)))
        var = adata.var
        tfs = list(var.index[var["tf"].astype(bool)]) if "tf" in var else None
        mean, sd = var["mean"].to_numpy(), var["sd"].to_numpy()
        made = adata.uns["deepsem"]
        by = {name: str(number) for name, number in made["versions"].items()}
        return cls(members, list(var.index), config, mean, sd, tfs, str(made["device"]), by)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in training. `result` holds the members that were finished, None if there are none."""

    def __init__(self, result: Result | None) -> None:
        super().__init__("training was interrupted")
        self.result = result


def write_h5ad(adata: AnnData, path: Path) -> None:
    """Write `adata` beside `path` and move it there: no reader sees half a file."""
    handle, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        adata.write_h5ad(part)
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


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
    client, or "local"; members are then trained by its workers. A matrix of more than `train.CHUNK`
    entries is made dense in pieces, also if it is sparse. Writes varp["deepsem_W"] (mean |W|),
    obsm["X_deepsem"] (μ of the first member) and uns["deepsem"] (config, seeds, versions, history).
    The same seed, machine and number of threads give the same W. Raises ValueError on unusable
    input, TrainingError when training cannot go on, and on Ctrl-C `Interrupted` with the
    members that were finished.
    """
    config = config or Config()
    X, genes = checked_input(adata)
    seeds = (
        list(range(seeds))
        if isinstance(seeds, (int, np.integer))
        else [int(seed) for seed in seeds]
    )
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(
            f"seeds must be a positive number or a list of different integers; got {seeds}."
        )
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    Z, keep, mean, sd = model_input(X, config)
    tfs = list(adata.var_names[adata.var["tf"].astype(bool)]) if "tf" in adata.var else None
    members: list[Member] = []
    total = len(seeds) * config.n_epochs
    with tqdm(total=total, unit="epoch", desc="DeepSEM", disable=not progress) as bar:
        try:
            if dask is None:
                trained = here(Z, keep, config, seeds, device, n_jobs, bar)
            else:
                trained = on_cluster(Z, keep, config, seeds, device, n_jobs, bar, dask)
            for member in trained:
                members.append(member)
        except KeyboardInterrupt:
            members.sort(key=lambda member: seeds.index(member.seed))
            done = Result(members, genes, config, mean, sd, tfs, device) if members else None
            raise Interrupted(done) from None
    members.sort(key=lambda member: seeds.index(member.seed))
    result = Result(members, genes, config, mean, sd, tfs, device)
    adata.varp["deepsem_W"] = result.W
    adata.obsm["X_deepsem"] = result.embed(X)
    adata.uns["deepsem"] = provenance(result)
    return result


def model_input(X: Any, config: Config) -> tuple[Array | Cells, Array | None, Array, Array]:
    """Standardised X, the mask of what is reconstructed, mean and sd; large X stays as it is."""
    if X.shape[0] * X.shape[1] > training.CHUNK:
        cells = lazily(X, config.standardise, config.clip)
        return cells, None, cells.mean, cells.sd
    X = dense(X)
    Z, mean, sd = standardise(X, config.standardise, config.clip)
    keep = (X != 0).astype(np.float32) if config.reconstruct == "nonzero" else None
    return Z, keep, mean, sd


def here(
    Z: Array | Cells, keep: Array | None, config: Config, seeds: Sequence[int], device: str,
    n_jobs: int | None, bar: tqdm,
) -> Iterator[Member]:  # fmt: skip
    """Members trained on this machine, as many at a time as there are jobs."""
    at_once = n_jobs or (1 if device != "cpu" else min(len(seeds), torch.get_num_threads()))
    with interruptible(bar.update) as on_epoch:
        for i in range(0, len(seeds), at_once):
            group = seeds[i : i + at_once]
            yield from train_ensemble(Z, keep, config, group, device, at_once, on_epoch)


def on_cluster(
    Z: Array | Cells, keep: Array | None, config: Config, seeds: Sequence[int], device: str,
    n_jobs: int | None, bar: tqdm, dask: Any,
) -> Iterator[Member]:  # fmt: skip
    """Members as the workers of a Dask cluster finish them; the matrix is sent once."""
    with cluster.connect(dask, n_jobs) as client:
        from dask.distributed import as_completed

        [data] = client.scatter([(Z, keep)], broadcast=True)
        futures = [client.submit(train_there, data, config, s, device, pure=False) for s in seeds]
        try:
            for future in as_completed(futures):
                yield future.result()
                bar.update(config.n_epochs)
        finally:
            client.cancel(futures)  # what still waits when one failed or Ctrl-C was pressed


def train_there(
    data: tuple[Array | Cells, Array | None], config: Config, seed: int, device: str
) -> Member:
    """One member on a worker, with one thread as everywhere, so that the numbers are the same."""
    torch.set_num_threads(1)
    return train(*data, config, seed, device)


@contextlib.contextmanager
def interruptible(on_epoch: Callable[[], Any]) -> Iterator[Callable[[], None]]:
    """`on_epoch` that raises KeyboardInterrupt in the training thread once Ctrl-C was pressed.

    Without it the main thread would wait for members that know nothing of the interrupt.
    """
    stop = threading.Event()

    def check() -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        on_epoch()

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set()) if main else None
    try:
        yield check
    finally:
        if main:
            signal.signal(signal.SIGINT, before)


def fit_groups(
    adata: AnnData,
    groupby: str,
    config: Config | None = None,
    min_cells: int = 50,
    dask: Any = None,
    **settings: Any,
) -> dict[str, Result]:
    """One GRN a group of cells, `obs[groupby]`, each trained on its cells only (see `fit`).

    Groups below `min_cells` cells, and those that training cannot use, are left out with a
    warning. With `dask` (see `fit`) the members of all groups are trained at the same time. Raises
    ValueError if obs has no such column or no group is left.
    """
    if groupby not in adata.obs:
        raise ValueError(f"adata.obs has no column {groupby!r}; it has {list(adata.obs)}.")
    sizes = adata.obs[groupby].value_counts()
    for name, n in sizes[sizes < min_cells].items():
        warnings.warn(f"{name}: {n} cells, below {min_cells}; left out", stacklevel=2)
    names = list(sizes.index[sizes >= min_cells])

    def one(name: Any) -> Result | str:
        part = adata[(adata.obs[groupby] == name).to_numpy()].copy()
        try:
            return fit(part, config, dask=client, **settings)
        except (ValueError, TrainingError) as error:
            return str(error)

    with contextlib.ExitStack() as stack:
        client, run = None, map
        if dask is not None and names:  # threads that only wait for the workers
            client = stack.enter_context(cluster.connect(dask, settings.get("n_jobs")))
            run = stack.enter_context(ThreadPoolExecutor(len(names))).map  # type: ignore[assignment]
        outcomes = dict(zip(map(str, names), run(one, names), strict=True))
    for name, outcome in outcomes.items():
        if isinstance(outcome, str):
            warnings.warn(f"{name} left out: {outcome}", stacklevel=2)
    found = {name: result for name, result in outcomes.items() if isinstance(result, Result)}
    if not found:
        raise ValueError(f"no group of {groupby!r} has {min_cells} cells that can be trained on.")
    return found


def provenance(result: Result) -> dict[str, Any]:
    """What is needed to repeat the run; every value can be written to .h5ad."""
    return {
        "config": json.dumps(asdict(result.config)),
        "seeds": np.array(result.seeds),
        "device": result.device,
        "versions": result.versions,
        "history": result.history,
    }


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
