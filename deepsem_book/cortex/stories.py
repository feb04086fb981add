"""The paper's two stories, Rorb and Syt6: expression, ranks of the named regulators, the locus."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from IPython.display import Markdown
from matplotlib.figure import Figure
from numpy.typing import NDArray

from . import figures
from .cells import Case, paper_stories
from .evidence import ANY, Evidence
from .setting import Setting, locus, story_medians
from .trained import CONTROLS

MISSING = Markdown("*This part needs the real data, which could not be reached.*")


def ranks(W: NDArray[np.floating], case: Case, gene: str) -> pd.Series:
    """TFs of the case, strongest regulator of `gene` first, with their ranks (1, 2, ...)."""
    scores = pd.Series(np.abs(W[case.genes.index(gene)]), index=case.genes)
    scores = scores[case.tfs].drop(gene, errors="ignore")
    return scores.rank(ascending=False, method="first").astype(int).sort_values()


def motifs_at(gene: str, case: Case, evidence: Evidence) -> pd.Series:
    """Which TFs of the case have a motif in a promoter of the gene."""
    return pd.Series(evidence.table(ANY, [gene], case.tfs)[0][0], index=case.tfs)


def as_high_by_chance(ranks: pd.Series, n: int, n_draws: int = 20_000) -> float:
    """Probability that as many random ranks of 1 to n have a mean as small as that of `ranks`."""
    draws = np.random.default_rng(0).random((n_draws, n)).argsort(1)[:, : len(ranks)]
    return float(((draws + 1).mean(axis=1) <= ranks.mean()).mean())


def table(
    setting: Setting, networks: Mapping[str, NDArray[np.floating]]
) -> pd.DataFrame | Markdown:
    """Ranks of the paper's regulators of the two genes by each method, in the main case.

    "by chance": probability of DeepSEM's mean rank, or a higher one, for as many random TFs.
    """
    if not setting.real:
        return MISSING
    rows, case = [], setting.main
    for gene, (_, tfs) in paper_stories().items():
        asked = {name: W for name, W in networks.items() if name not in CONTROLS}
        orders = {name: ranks(W, case, gene) for name, W in asked.items()}
        own, has_motif = orders["DeepSEM"], motifs_at(gene, case, setting.evidence)
        rows += [
            {"gene": gene, "paper's regulator": tf, "motif in promoter": has_motif.get(tf)}
            | {f"rank, {name}": order.get(tf) for name, order in orders.items()}
            | {"of": len(own), "by chance": as_high_by_chance(own.reindex(tfs).dropna(), len(own))}
            for tf in tfs
        ]  # fmt: skip
    shown = pd.DataFrame(rows).set_index(["gene", "paper's regulator"])
    return shown.round({"by chance": 2}).convert_dtypes().fillna("not expressed")


def medians(setting: Setting) -> Figure | Markdown:
    """Median expression of the genes and their named regulators in the six types (Fig. 4d)."""
    if setting.medians is None:
        return MISSING
    return figures.medians(story_medians(setting.medians))


def tracks(setting: Setting, gene: str, profile: str) -> Figure | Markdown:
    """The 400 kb around the start of a story's gene; its exons in the full profile."""
    if not setting.real:
        return MISSING
    return figures.tracks(**locus(gene, setting.evidence, profile == "full"))
