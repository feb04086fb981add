"""One expression matrix and every network that it is scored against."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal.networks import candidates, edge_table, known_edges

from ..errors import MIN_CELLS, BadInput, check_matrix, first_few
from .access import benchmarks, knockouts, load, load_network

# Which networks a matrix is scored against. Each has a table of its own: a run is done when all
# networks of its matrix have a row, so a further network makes every recorded run incomplete.
TRUTHS = {"benchmarks": benchmarks, "knockouts": knockouts}


@dataclass(frozen=True)
class Problem:
    """One expression matrix and every network that it is scored against.

    X: log expression (cells x genes); tfs: the regulators that methods may use; networks: by kind,
    columns Gene1 (TF) and Gene2; pseudotime: cells x lineages, NaN = cell not in the lineage.
    """

    name: str
    X: np.ndarray
    genes: Sequence[str]
    tfs: Sequence[str]
    networks: dict[str, pd.DataFrame]
    pseudotime: np.ndarray | None = None

    @classmethod
    def load(cls, name: str, truths: str = "benchmarks") -> "Problem":
        """A data set of `names()` that has networks: "beeline/<data set>-<N>" or "sim/...".

        `truths`: a name in TRUTHS, whose networks are the problem's (not for "sim/...").
        With "@n" behind the name, n of its cells: the first n of one random order of all, so that
        a smaller sample is part of a larger one.
        The regulators are the TFs of the species and those of the networks: up to seven
        regulators of a cell-type-specific network are missing from BEELINE's list of TFs.
        """
        full, name = name, name.partition("@")[0]
        if name.startswith("sim/"):
            kinds = ["truth"]
        else:
            known = TRUTHS[truths]()
            kinds = known.loc[known["expression"] == name, "kind"].tolist()
        if not kinds:
            raise BadInput(
                f"{name!r} has no known network; choose from {', '.join(choices(truths))}"
            )
        try:
            adata = load(name, quiet=True)
        except ValueError as error:
            raise BadInput(str(error)) from None
        adata = subsample(adata, full)
        networks = {kind: load_network(f"{name}/{kind}", quiet=True) for kind in kinds}
        upper = adata.var_names.str.upper()
        regulators = {gene.upper() for network in networks.values() for gene in network["Gene1"]}
        is_tf = adata.var["tf"].to_numpy(dtype=bool) | upper.isin(regulators)
        times = [column for column in adata.obs if column.startswith("pseudotime")]
        return cls(
            full,
            np.asarray(adata.X),
            list(adata.var_names),
            list(adata.var_names[is_tf]),
            networks,
            adata.obs[times].to_numpy(dtype=float) if times else None,
        )

    def check(self) -> None:
        """Raise BadInput when a method could not use the matrix or a network cannot be scored."""
        genes = pd.Index(self.genes).astype(str)
        try:
            check_matrix(self.X, self.genes)
        except BadInput as error:
            raise BadInput(f"{self.name}: {error}") from None
        if len(flat := genes[np.ptp(self.X, axis=0) == 0]):
            raise BadInput(
                f"{self.name}: genes are constant over the cells: {first_few(flat)}: drop"
            )
        try:
            table = edge_table(np.zeros((len(genes),) * 2), list(genes), self.tfs)
        except ValueError as error:
            raise BadInput(f"{self.name}: {error}") from None
        for kind, network in self.networks.items():
            try:
                candidates(table, network, self.genes)
            except ValueError as error:
                raise BadInput(f"{self.name}, network {kind}: {error}") from None

    @cached_property
    def input(self) -> str:
        """Hash of expression and gene names."""
        return digest(np.ascontiguousarray(self.X, dtype=np.float32).tobytes(), *self.genes)

    @cached_property
    def truths(self) -> dict[str, str]:
        """Hash of each network."""
        edges = {kind: known_edges(network) for kind, network in self.networks.items()}
        return {kind: digest(*sorted(e["Gene1"] + "\t" + e["Gene2"])) for kind, e in edges.items()}


def subsample(adata: AnnData, name: str) -> AnnData:
    """The cells that "@n" in the name asks for; all of them without it."""
    _, asked, n = name.partition("@")
    if not asked:
        return adata
    if not n.isdecimal() or not MIN_CELLS <= int(n) <= adata.n_obs:
        span = f"{MIN_CELLS} to {adata.n_obs}"
        raise BadInput(f"{name!r}: write a number of cells from {span} behind the @")
    return adata[np.random.default_rng(0).permutation(adata.n_obs)[: int(n)]]


def choices(truths: str = "benchmarks") -> list[str]:
    """The data sets that have networks."""
    return TRUTHS[truths]()["expression"].unique().tolist()


def digest(*parts: bytes | str) -> str:
    """First 16 hex digits of the SHA-256 of the parts."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part if isinstance(part, bytes) else part.encode() + b"\n")
    return sha.hexdigest()[:16]
