"""Can the test find anything? Known edges in the place of predictions, at the size of the page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .cells import Case
from .epigenome import Bool
from .evidence import ANY, OFF, OPEN, Evidence
from .null_model import Support, against_null, padded_control, strata
from .setting import Setting, known_regulators, n_with_promoter

KINDS = (ANY, OPEN, OFF)
SEEN = 0.8  # share of the draws with z > 3 that makes a size large enough


@dataclass(frozen=True)
class Control:
    """Known regulators (`known`, genes x TFs) against the evidence, with `k` for each gene.

    `level` is the mean expression of the genes, on which the null is matched.
    """

    evidence: Evidence
    genes: list[str]
    tfs: list[str]
    level: NDArray[np.floating]
    known: Bool
    k: int
    made: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, setting: Setting, k: int) -> "Control":
        """The known edges of a setting."""
        genes = list(setting.source.var_names)
        level = np.asarray(setting.source.X.mean(axis=0)).ravel()
        known = known_regulators(setting, setting.known_edges)
        return cls(setting.evidence, genes, setting.control_tfs, level, known, k)

    def judged(self, kind: str, known: Bool) -> Support:
        """`known` edges (genes x TFs) against the matched null with this kind of evidence."""
        there, has = self.evidence.table(kind, self.genes, self.tfs)
        groups = strata(self.level[has], self.evidence.near(self.genes)[has])
        return against_null(known[has], there[has], groups)

    def at_size(self, kind: str, n_genes: int, n_draws: int = 20) -> dict[str, Any]:
        """What a list that holds every known regulator would score for so many genes."""
        if (kind, n_genes) not in self.made:
            there, has = self.evidence.table(kind, self.genes, self.tfs)
            matched = [self.level[has], self.evidence.near(self.genes)[has]]
            draws = padded_control(self.known[has], there[has], matched, self.k, n_genes, n_draws)
            self.made[kind, n_genes] = {
                "evidence": kind,
                "genes": int(draws["n_genes"].iloc[0]),
                "regulators": self.k,
                "median z": draws["z"].median(),
                "share of draws with z > 3": (draws["z"] > 3).mean(),
            }
        return self.made[kind, n_genes]

    def power(self, sizes: dict[str, list[int]], larger: Sequence[int]) -> pd.DataFrame:
        """`at_size` of the page's sizes, and of `larger` ones for evidence of neurons."""
        rows = [
            self.at_size(kind, n)
            for kind, page in sizes.items()
            for n in [*page, *(n for n in larger if n > max(page) and kind != OFF)]
        ]
        return pd.DataFrame(rows).drop_duplicates()


def page_sizes(cases: Sequence[Case], evidence: Evidence) -> dict[str, list[int]]:
    """The numbers of targets with a promoter among the cases, for each of KINDS."""
    return {kind: sorted({n_with_promoter(evidence, kind, c) for c in cases}) for kind in KINDS}


def enough(power: pd.DataFrame) -> pd.Series:
    """The smallest size at which SEEN of the draws are above z = 3, for each kind that has one."""
    sure = power[power["share of draws with z > 3"] >= SEEN]
    return sure.groupby("evidence", sort=False)["genes"].min()
