"""A trained ensemble: W, edges, embedding, and how it is kept in a file."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from anndata import AnnData, read_h5ad

from .config import Config, __version__
from .model import DeepSEM
from .networks import centred, edge_table, first_few, tf_mask
from .preprocess import PIECE, Array, dense, in_memory, scale
from .sampling import simulate
from .storage import write_h5ad
from .train import Member


def mean_weight(Ws: Iterable[Array]) -> Array:
    """The ensemble: mean |W| over its members (Methods, "GRN inference"; ledger 14)."""
    return np.mean([np.abs(W) for W in Ws], axis=0)


def versions() -> dict[str, str]:
    """What trained, for whoever repeats it."""
    torch_version = str(torch.__version__)
    return {"deepsem_minimal": __version__, "torch": torch_version, "numpy": np.__version__}


@dataclass
class Result:
    """A trained ensemble. `genes` name the rows (targets) of W, `regulators` its columns."""

    members: list[Member]
    genes: list[str]
    config: Config
    mean: Array  # of log expression (genes,), as standardised
    sd: Array
    tfs: list[str] | None = None
    device: str = "cpu"
    versions: dict[str, str] = field(default_factory=versions)

    @property
    def regulators(self) -> list[str]:
        """The columns of W: all genes, or the TFs that `fit(..., regulators=)` was given."""
        return self.genes if self.members[0].model.grn.part is None else list(self.tfs or [])

    @property
    def W(self) -> Array:
        """mean |W| over the members (genes x regulators), [target, regulator] (ledger 14)."""
        n = len(self.regulators)
        return mean_weight(member.W[:, :n] for member in self.members)

    @property
    def Ws(self) -> Array:
        """The signed W of each member (members x genes x regulators)."""
        n = len(self.regulators)
        return np.stack([member.W[:, :n] for member in self.members])

    @property
    def seeds(self) -> list[int]:
        return [member.seed for member in self.members]

    @property
    def history(self) -> pd.DataFrame:
        """One row per epoch and member: seed, epoch, phase, loss, mse, kl, l1, seconds so far."""
        return pd.DataFrame([row for member in self.members for row in member.history])

    def edges(
        self, tfs: Iterable[str] | None = None, score: Literal["centred", "paper"] = "centred",
        top: int | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """Edges, most important first, all or `top`; of `tfs` (default: var["tf"], else all genes).

        `TF, target, importance, sign` of `networks.centred`(mean W), or, by the score "paper", `TF,
        target, importance` = mean |W|, which hides one sign where W keeps an offset.
        """
        if score not in ("centred", "paper"):
            raise ValueError(f'score is "centred" or "paper"; got {score!r}.')
        tfs = self.tfs if tfs is None else tfs
        if score == "paper":
            return edge_table(self.W, self.genes, tfs, False, self.regulators, top)
        return self.signed_edges(self.Ws.mean(axis=0), tfs, top)

    def signed_edges(
        self, W: Array, tfs: Iterable[str] | None, top: int | None = None
    ) -> pd.DataFrame:
        """Edges of `scores` for a signed W (genes x regulators)."""
        return edge_table(self.scores(W), self.genes, tfs, True, self.regulators, top)

    def scores(self, W: Array) -> Array:
        """`networks.centred` of a signed W (genes x regulators)."""
        return centred(W, pd.Index(self.genes).get_indexer(self.regulators))

    @property
    def n_pairs(self) -> int:
        """How many edges `edges()` can have: each regulator with every other gene."""
        names = self.regulators
        n = len(names) if self.tfs is None else tf_mask(names, self.tfs).sum()
        return int(n) * (len(self.genes) - 1)

    def agreement(self, top: int = 200) -> pd.DataFrame:
        """One row per pair of members: `seed`, `other`, `shared` (of their `top` edges), `chance`.

        The edges are those of `centred` and the result's TFs. With few pairs `top` is half of them.
        """
        pairs = zip(self.seeds, self.Ws, strict=True)
        top = min(top, self.n_pairs // 2)
        tables = {seed: self.signed_edges(W, self.tfs, top) for seed, W in pairs}
        first = {seed: set(zip(t["TF"], t["target"])) for seed, t in tables.items()}
        rows = [(a, b, len(first[a] & first[b]) / top) for a, b in combinations(first, 2)]
        return pd.DataFrame(rows, columns=["seed", "other", "shared"]).assign(
            chance=top / self.n_pairs
        )

    def embed(self, cells: AnnData | Any, member: int = 0) -> Array:
        """μ after the GRN layer (cells x genes) in one member (ledger 16).

        `cells`: AnnData, whose genes are found by name, or log expression (cells x genes, sparse or
        dense) with the result's genes in their order. A large matrix passes in pieces.
        """
        X, model = self.expression(cells), self.members[member].model
        step = max(1, PIECE // X.shape[1])
        mu = np.empty(X.shape, np.float32)
        for i in range(0, X.shape[0], step):
            x = scale(dense(X[i : i + step]), self.mean, self.sd, self.config.clip)
            with torch.no_grad():
                mu[i : i + step] = model.encode(torch.as_tensor(x))[0].numpy()
        return mu

    def simulate(self, adata: AnnData, n: int, seed: int = 0, member: int = 0) -> AnnData:
        """`n` simulated cells (log expression) that start from cells of `adata` (ledger 17).

        obs is that of the cell each comes from, whose name is in obs["from_cell"]. Raises
        ValueError for n < 1 or a missing gene.
        """
        X, rows = simulate(self, self.expression(adata), n, seed, member)
        obs = adata.obs.iloc[rows].assign(from_cell=adata.obs_names[rows])
        obs.index = [f"simulated_{i}" for i in range(n)]
        return AnnData(X, obs, adata.var.loc[self.genes])

    def expression(self, cells: AnnData | Any) -> Any:
        """Log expression (cells x genes) with the genes of the result in their order."""
        if not isinstance(cells, AnnData):
            return cells
        if list(cells.var_names) == self.genes:
            return in_memory(cells.X)
        places = cells.var_names.get_indexer(self.genes)
        if (places < 0).any():
            missing = [gene for gene, at in zip(self.genes, places, strict=True) if at < 0]
            names = first_few(missing, 3)
            raise ValueError(f"adata lacks {len(missing)} genes of the result: {names}.")
        return in_memory(cells.X[:, places])

    def save(self, path: Path | str) -> None:
        """Write all of it into one .h5ad, as a whole or not at all; `load` reads it back."""
        path = Path(path)
        var = pd.DataFrame({"mean": self.mean, "sd": self.sd}, index=self.genes)
        if self.tfs is not None:
            var["tf"] = var.index.isin(self.tfs)
        seconds = [member.seconds for member in self.members]
        obs = pd.DataFrame({"seed": self.seeds, "seconds": seconds}, list(map(str, self.seeds)))
        adata = AnnData(obs=obs, var=var)
        store_W(adata, self.W)
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
            raise ValueError(f"{path} is not a saved result: Result.save writes one.")
        made = adata.uns["deepsem"]
        config, rows = Config(**json.loads(made["config"])), made["history"].to_dict("records")
        members = []
        for seed, seconds in zip(adata.obs["seed"].astype(int), adata.obs["seconds"], strict=True):
            state = {k: torch.as_tensor(v) for k, v in adata.uns["members"][str(seed)].items()}
            model = DeepSEM(config, state["grn.W"].clone())
            model.grn.part = state.get("grn.part")
            model.load_state_dict(state)
            history = [row for row in rows if row["seed"] == seed]
            members.append(Member(seed, model.requires_grad_(False), history, float(seconds)))
        var = adata.var
        tfs = list(var.index[var["tf"].astype(bool)]) if "tf" in var else None
        mean, sd = var["mean"].to_numpy(), var["sd"].to_numpy()
        by = {name: str(number) for name, number in made["versions"].items()}
        return cls(members, list(var.index), config, mean, sd, tfs, str(made["device"]), by)


def store_W(adata: AnnData, W: Array) -> None:
    """Put W into varp (genes x genes) or, with few regulators, into varm (genes x regulators)."""
    place = adata.varp if W.shape[0] == W.shape[1] else adata.varm
    place["deepsem_W"] = W


def provenance(result: Result) -> dict[str, Any]:
    """What is needed to repeat the run; every value can be written to .h5ad."""
    return {
        "config": json.dumps(asdict(result.config)),
        "seeds": np.array(result.seeds),
        "device": result.device,
        "versions": result.versions,
        "history": result.history,
    }
