"""Members and ensembles of any size against known networks, without an edge table for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch

from deepsem_minimal.metrics import early_precision, ranking_areas
from deepsem_minimal.networks import Candidates, candidates, edge_table
from deepsem_minimal.result import Result
from deepsem_minimal.train import Member

from .. import datasets
from ..benchmark_table import KIND_NAMES

KINDS = {KIND_NAMES[file]: file for file in ("STRING", "Non-Specific")}
N_SUBSETS = 10  # random ensembles of each size


@dataclass(frozen=True)
class Known:
    """A known network aligned with the genes of W once, to score many W."""

    candidates: Candidates
    places: tuple[np.ndarray, ...]  # of the candidates in W[target, regulator]

    @classmethod
    def of(cls, network: pd.DataFrame, result: Result) -> "Known":
        """`network` has the columns Gene1 (TF) and Gene2."""
        edges = edge_table(result.W, result.genes, result.tfs)
        aligned = candidates(edges, network, result.genes)
        at = {gene.upper(): i for i, gene in enumerate(result.genes)}
        places = np.ix_([at[gene] for gene in aligned.genes], [at[tf] for tf in aligned.tfs])
        return cls(aligned, places)

    def scores(self, W: np.ndarray) -> dict[str, float]:
        """EPR and AUPRC ratio of |W| (target x regulator), as `evaluate` gives them."""
        allowed = self.candidates.allowed
        truth, score = self.candidates.truth[allowed], np.abs(W)[self.places].T[allowed]
        density = truth.mean()
        return {
            "EPR": early_precision(truth, score) / density,
            "AUPRC ratio": ranking_areas(truth, score)[0] / density,
        }


def known_networks(name: str, result: Result) -> dict[str, Known]:
    """The known networks of a data set by kind; "truth" alone for a simulation."""
    paths = {kind: f"{name}/{file}" for kind, file in KINDS.items()}
    if name.startswith("sim/"):
        paths = {"truth": f"{name}/truth"}
    return {kind: Known.of(datasets.load_network(path), result) for kind, path in paths.items()}


def portrait(member: Member, X: np.ndarray, known: Mapping[str, Known]) -> dict[str, float]:
    """Row sum, spread, log-variances, loss and scores of one member; X as it was trained on."""
    with torch.no_grad():
        scan = member.model.scan(torch.from_numpy(X), torch.ones(1, 1))
        log_var = member.model.posterior(scan)[1]
    last = [row for row in member.history if row["phase"] == "W"][-1]
    facts = {
        "row sum": member.W.sum(1).mean(),
        "sd within rows × 1000": 1000 * member.W.std(1).mean(),
        "log σ² head": scan.log_var.mean().item(),
        "log σ²": log_var.mean().item(),
        "MSE": last["mse"],
        "KL": last["kl"],
    }
    for kind, network in known.items():
        facts |= {f"{score}, {kind}": v for score, v in network.scores(member.W).items()}
    return facts


def ensembles(pools: Mapping[str, Sequence[Member]], known: Mapping[str, Known]) -> pd.DataFrame:
    """Scores of ensembles of every size: network, start, members, EPR, AUPRC ratio.

    Of each size, at most N_SUBSETS random subsets of the members of a pool (by start).
    """
    rng = np.random.default_rng(0)
    rows = []
    for start, pool in pools.items():
        absolute = np.abs([member.W for member in pool])
        for size in range(1, len(pool) + 1):
            subsets = list(combinations(range(len(pool)), size))
            for subset in rng.permutation(subsets)[:N_SUBSETS]:
                mean = absolute[subset].mean(0)
                for kind, network in known.items():
                    row = {"network": kind, "start": start, "members": size}
                    rows.append(row | network.scores(mean))
    return pd.DataFrame(rows)


def of_members(table: pd.DataFrame) -> pd.DataFrame:
    """AUPRC ratio of `ensembles` by network and start: one member, two, all, and how many do.

    "98 % by": the smallest ensemble whose mean reaches 98 % of that of all members.
    """
    rows = {}
    for (network, start), part in table.groupby(["network", "start"], sort=False):
        groups = part.groupby("members")["AUPRC ratio"]
        mean, most = groups.mean(), part["members"].max()
        rows[network, start] = {
            "one": f"{mean[1]:.2f} ± {groups.std()[1]:.2f}", "two": f"{mean[2]:.2f}",
            "all": f"{mean[most]:.2f} ({most})",
            "98 % by": int(mean.index[(mean >= 0.98 * mean[most]).to_numpy().argmax()]),
        }  # fmt: skip
    return pd.DataFrame(rows).T
