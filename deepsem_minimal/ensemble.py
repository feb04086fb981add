"""DeepSEM on an AnnData: check, standardise, train the ensemble, write the result back."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
import torch
from anndata import AnnData
from numpy.typing import NDArray
from tqdm.auto import tqdm

from . import __version__
from .networks import edge_table
from .preprocess import scale, standardise
from .train import Config, Member, mean_weight, train_ensemble

Array = NDArray[np.floating]


@dataclass
class Result:
    """A trained ensemble. `genes` name the rows (targets) and columns (regulators) of W."""

    members: list[Member]
    genes: list[str]
    config: Config
    mean: Array  # of log expression (genes,), as standardised
    sd: Array
    tfs: list[str] | None = None

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

    def embed(self, X: Array, member: int = 0) -> Array:
        """μ after the GRN layer (cells x genes) of log expression X in one member (ledger 16)."""
        model = self.members[member].model
        x = torch.as_tensor(scale(X, self.mean, self.sd, self.config.clip))
        with torch.no_grad():
            y, _ = model.cluster_of(x, 0.5, torch.Generator().manual_seed(0))
            return model.posterior(model.scan(x, y))[0].numpy()


def fit(
    adata: AnnData,
    config: Config | None = None,
    seeds: int | Sequence[int] = 10,
    device: str = "auto",
    n_jobs: int | None = None,
    progress: bool = True,
) -> Result:
    """Train DeepSEM on log expression `adata.X` (cells x genes) and write the result into `adata`.

    `seeds` is a number of members or a list of seeds; `device` is "auto", "cpu" or "cuda"; `n_jobs`
    members are trained at a time (default: one a core). Writes varp["deepsem_W"] (mean |W|),
    obsm["X_deepsem"] (μ of the first member) and uns["deepsem"] (config, seeds, versions, history).
    The same seed, machine and number of threads give the same W. Raises ValueError on unusable
    input and TrainingError when training cannot go on.
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
    Z, mean, sd = standardise(X, config.standardise, config.clip)
    keep = (X != 0).astype(np.float32) if config.reconstruct == "nonzero" else None
    with tqdm(
        total=len(seeds) * config.n_epochs, unit="epoch", desc="DeepSEM", disable=not progress
    ) as bar:
        members = train_ensemble(Z, keep, config, seeds, device, n_jobs, bar.update)
    tfs = list(adata.var_names[adata.var["tf"].astype(bool)]) if "tf" in adata.var else None
    result = Result(members, genes, config, mean, sd, tfs)
    adata.varp["deepsem_W"] = result.W
    adata.obsm["X_deepsem"] = result.embed(X)
    adata.uns["deepsem"] = provenance(result, device)
    return result


def provenance(result: Result, device: str) -> dict[str, Any]:
    """What is needed to repeat the run; every value can be written to .h5ad."""
    return {
        "config": json.dumps(asdict(result.config)),
        "seeds": np.array(result.seeds),
        "device": device,
        "versions": {
            "deepsem_minimal": __version__,
            "torch": str(torch.__version__),
            "numpy": np.__version__,
        },
        "history": result.history,
    }


def checked_input(adata: AnnData) -> tuple[Array, list[str]]:
    """Dense X (cells x genes) and gene names, or a ValueError that says what to do."""
    if adata.X is None:
        raise ValueError("adata.X is empty: put log expression (cells x genes) there.")
    X = adata.X.toarray() if scipy.sparse.issparse(adata.X) else np.asarray(adata.X)
    genes = list(map(str, adata.var_names))
    n_cells, n_genes = X.shape
    if n_cells < 2 or n_genes < 3:
        raise ValueError(
            f"DeepSEM needs at least 2 cells and 3 genes; this AnnData has {n_cells} x {n_genes}."
        )
    if not np.isfinite(X).all():
        raise ValueError(
            "adata.X holds NaN or infinite values: remove or replace them before fitting."
        )
    if (X < 0).any():
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
    if not (X.max(0) > X.min(0)).any():
        raise ValueError(
            "Every gene is constant over the cells: there is nothing to learn a network from."
        )
    return X, genes
