"""Every choice of a run, and the paper's presets."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_origin

import numpy as np

__version__ = "0.2.0"  # of both packages; results keep it


@dataclass(frozen=True)
class Config:
    """Every choice of a run. The defaults are those of the non-specific GRN task."""

    alpha: float = 100.0  # weight of mean|W| (ledger 6)
    beta: float = 1.0  # weight of the KL term
    n_epochs: int = 90 + 1  # the authors' GRN classes loop over range(n_epochs + 1) (ledger 13)
    reconstruct: Literal["all", "nonzero"] = "all"  # entries in the MSE (ledger 7)
    standardise: Literal["cells", "nonzero"] = "cells"  # whose mean and sd (ledger 8)
    clip: float | None = None  # bound on standardised values (ledger 8)
    n_components: int = 1  # K of the prior (ledger 4)
    kl: Literal["sample", "closed"] = "sample"  # (ledger 5)
    W_init: Literal["authors", "paper", "safe", "zero"] = "authors"  # (ledger 9)
    encoder_bias: Literal["random", "zero"] = "random"  # (ledger 4b)
    K1: int = 1  # epochs on the MLPs, then ...
    K2: int = 2  # ... epochs on W (ledger 10); K1 = 0 leaves the MLPs as drawn
    lr: float = 1e-4  # RMSprop of the MLPs (ledger 11)
    lr_W: float = 2e-5  # RMSprop of W, never decayed
    lr_decay: float = 0.95  # per epoch, on lr; torch ≥ 1.4 made the authors' call 1.0 (ledger 12)
    batch_size: int = 64
    cells_per_epoch: int | None = None  # a new random sample of the cells each epoch; None: all
    n_hidden: int = 128
    n_knots: int = 256  # tables for f₁ and f₂; 0 evaluates the MLPs on every entry

    def __post_init__(self) -> None:
        choices = {f.name: get_args(f.type) for f in fields(self) if get_origin(f.type) is Literal}
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"Config.{name} is one of {allowed}; got {getattr(self, name)!r}.")
        for name in ("n_epochs", "n_components", "K2", "batch_size", "n_hidden", "cells_per_epoch"):
            if (value := getattr(self, name)) is not None and value < 1:
                raise ValueError(f"Config.{name} must be at least 1; got {value}.")
        if (self.n_knots != 0 and self.n_knots < 8) or self.K1 < 0:
            raise ValueError("Config.n_knots is 0 (no table) or at least 8, Config.K1 at least 0.")
        inside = {
            "alpha": 0 <= self.alpha < np.inf,
            "beta": 0 <= self.beta < np.inf,
            "lr": 0 < self.lr < np.inf,
            "lr_W": 0 < self.lr_W < np.inf,
            "lr_decay": 0 < self.lr_decay <= 1,
            "clip": self.clip is None or self.clip > 0,
        }
        for name in (name for name, is_inside in inside.items() if not is_inside):
            raise ValueError(
                f"Config.{name} = {getattr(self, name)}; alpha and beta are finite and ≥ 0, "
                "lr and lr_W > 0, lr_decay in (0, 1], clip None or > 0."
            )

    @classmethod
    def nonspecific(cls, **changes: Any) -> "Config":
        """GRN inference against STRING and non-specific ChIP-seq (authors' README)."""
        return replace(cls(), **changes)

    @classmethod
    def cell_type_specific(cls, dataset: str = "", **changes: Any) -> "Config":
        """GRN inference against cell-type-specific ChIP-seq; hESC and mHSC-E have their own α."""
        alpha = 0.1 if dataset.split("/")[-1].startswith(("hESC", "mHSC-E")) else 1.0
        masked = cls(reconstruct="nonzero", standardise="nonzero", clip=10.0)
        return replace(masked, **{"alpha": alpha, "beta": 0.01, "n_epochs": 150 + 1} | changes)

    @classmethod
    def embedding(cls, **changes: Any) -> "Config":
        """Cell embedding and clustering."""
        masked = cls(reconstruct="nonzero", standardise="nonzero", clip=15.0)
        return replace(masked, **{"alpha": 10.0, "n_epochs": 120} | changes)

    @classmethod
    def simulation(cls, **changes: Any) -> "Config":
        """Simulation of cells: the same values as the embedding."""
        return cls.embedding(**changes)

    @classmethod
    def for_data(cls, n_cells: int, n_genes: int, **changes: Any) -> "Config":
        """A network of one's own data of any size; the rules were found on known truths.

        Start at 0, so that no offset hides one sign. alpha weighs a *mean* over all pairs: what an
        entry feels is alpha / genes beside its gene's share of the loss; correlations err by 1 /
        √cells, so few cells need more of it. W takes 600 steps or more; in all of them the entries
        of a row can move by 10 at 1,000 cells, as with the paper's settings, and else with √cells.
        The MLPs' rate does not decay: few cells take many epochs, after which it would be near 0.
        """
        used = min(n_cells, 300 * 64)
        batches = -(-used // 64)
        cycles = -(-600 // (2 * batches))  # of one epoch on the MLPs and two on W
        root = float(np.sqrt(n_cells / 1000))
        rules: dict[str, Any] = {
            "alpha": 0.01 * n_genes / min(1.0, root), "n_epochs": 3 * cycles,
            "lr_W": 10 * root / n_genes / (2 * cycles * batches), "lr_decay": 1.0, "n_knots": 64,
            "cells_per_epoch": used if used < n_cells else None, "W_init": "zero",
        }  # fmt: skip
        return replace(cls(), **rules | changes)
