"""What the networks say of the paper's two stories, Rorb and Syt6, in sentences."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .cells import Case, paper_stories
from .evidence import Evidence
from .trained import motifs_at, ranks


def about_stories(cases: list[Case], Ws: Mapping[str, NDArray], evidence: Evidence, k: int) -> str:
    """Our lists for the two genes; `Ws`: DeepSEM's W of each case, the last one the main one."""
    return "\n".join(about_story(gene, cases, Ws, evidence, k) for gene in paper_stories())


def about_story(
    gene: str, cases: list[Case], Ws: Mapping[str, NDArray], evidence: Evidence, k: int
) -> str:
    """Our first k regulators of a gene, and whether the paper's rank higher than any would."""
    main, (kind, tfs) = cases[-1], paper_stories()[gene]
    order, has_motif = ranks(Ws[main.name], main, gene), motifs_at(gene, main, evidence)
    names = list(order.index[:k])
    first = ", ".join(f"{tf}{' (motif)' * bool(has_motif[tf])}" for tf in names)
    text = f"- **{gene}** ({kind}), the first {k}: {first}."
    expressed = order.reindex(tfs).dropna()
    if len(expressed):
        text += (
            f" {len(set(names) & set(tfs))} of the paper's {len(tfs)} are among them; the"
            f" {len(expressed)} that are expressed have the mean rank {expressed.mean():.0f} of"
            f" {len(order)}, and as high or higher by chance with probability"
            f" {as_high_by_chance(expressed, len(order)):.2f}."
        )
    text += (
        f" Motif in the promoter: {has_motif[names].mean():.0%} of our {k}, {has_motif.mean():.0%}"
        " of all TFs."
    )
    return text + "".join(in_layer(gene, tfs, case, Ws[case.name]) for case in cases[:-1])


def as_high_by_chance(ranks: pd.Series, n: int, n_draws: int = 20_000) -> float:
    """Probability that as many random ranks of 1 to n have a mean as small as that of `ranks`."""
    draws = np.random.default_rng(0).random((n_draws, n)).argsort(1)[:, : len(ranks)]
    return float(((draws + 1).mean(axis=1) <= ranks.mean()).mean())


def in_layer(gene: str, tfs: list[str], case: Case, W: NDArray) -> str:
    """Ranks of the paper's TFs in the network of one layer; nothing if the gene is no target."""
    if gene not in case.all_targets:
        return ""
    order = ranks(W, case, gene)
    places = ", ".join(f"{tf} {order[tf]}" if tf in order else f"{tf} not there" for tf in tfs)
    return f" In {case.name}, of {len(order)}: {places}."
