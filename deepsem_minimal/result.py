"""A trained ensemble: W, edges, embedding, and how it is kept in a file."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from anndata import AnnData, read_h5ad
from numpy.typing import NDArray

from . import __version__, preprocess
from .config import Config
from .model import DeepSEM
from .networks import edge_table
from .preprocess import dense, scale
from .storage import write_h5ad
from .train import Member

Array = NDArray[np.floating]


def mean_weight(Ws: Iterable[Array]) -> Array:
    """The ensemble: mean |W| over its members (Methods, "GRN inference"; ledger 14)."""
    return np.mean([np.abs(W) for W in Ws], axis=0)


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

        X may be sparse and passes in pieces of `preprocess.PIECE` entries.
        """
        model, n_cells = self.members[member].model, X.shape[0]
        step = max(1, preprocess.PIECE // X.shape[1])
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


def provenance(result: Result) -> dict[str, Any]:
    """What is needed to repeat the run; every value can be written to .h5ad."""
    return {
        "config": json.dumps(asdict(result.config)),
        "seeds": np.array(result.seeds),
        "device": result.device,
        "versions": result.versions,
        "history": result.history,
    }
