"""The paper's claims on the cortex, on cell types and on simulated cells."""

from collections.abc import Iterator

import pandas as pd

from .. import datasets
from ..cortex.evidence import OPEN
from ..simulation.recorded import GANS, POSTERIOR, usable
from .claim import CONTROL, DOWN, OTHER_CELLS, PAPER, UNTESTABLE, UP, Claim

K_REGULATORS = 12  # of a gene: Supp. Table 4
PEERS = ("scVI", "DCA", "ZIFA", "FA")  # the paper's rivals
WITHOUT = "trained without W"
FEW = 0.01  # share of the rare type that is kept, at most
NK, CD8 = "CD56+ NK", "CD8+ Cytotoxic T"


# --- Cortex ---------------------------------------------------------------------------------------


def cortex() -> Iterator[Claim]:
    """Fig. 4a: the share of regulators with a motif near the target, against two nulls.

    The paper looks at chromatin that is open in the cells' own type: of our kinds of evidence that
    is promoters open in excitatory neurons, with the preset for one cell type.
    """
    table = datasets.results("cortex")
    own = table[(table["method"] == "DeepSEM/specific") & (table["n_members"] > 1)]
    own = own[(own["k"] == K_REGULATORS) & (own["type"] == "all") & (own["kind"] == OPEN)]
    own = own.set_index("data")
    what = "share of regulators with a motif near the target, over {}"
    words = "regulators with a motif in the target's open promoter, over {}"
    for gap, null, by in (
        (own["observed"] - own["random"], "random regulators", PAPER),
        (own["effect"], "the same TFs with other targets", CONTROL),
    ):
        claim = Claim(what.format(null), UP, 0.0, headline=words.format(null), asked_by=by)
        yield claim.of_values(gap, "sets of cells")


# --- Embedding ------------------------------------------------------------------------------------


def cell_types() -> Iterator[Claim]:
    """Fig. 5, Supp. Fig. 6 and 7, Supp. Tables 6 and 7, and what the GRN layer adds."""
    table = datasets.results("embedding")
    table = table[table["genes"] == "sd"]
    main = table[table["labels"] == "cell_type"]
    for score, column in {"ARI": "ari", "NMI": "nmi"}.items():
        yield from best_sets(score, means(main, column))
    ari = means(main, "ari")
    for rival in PEERS:
        yield over(ari, rival, "ARI")
    yield over(means(main, "membership"), "", "membership weight")
    yield over(means(main, "knn"), "scVI", "KNN preservation")
    yield from trajectory(table[table["labels"] == "cell_type_level2"])
    yield over(ari, WITHOUT, "ARI", "the same model trained without W", shown=True)
    yield over(ari, "PCA, same input", "ARI")


def means(main: pd.DataFrame, column: str) -> pd.DataFrame:
    """Score by data set and method: mean over the seeds that DeepSEM has on the set, too."""
    seeds = main.loc[main["method"] == "DeepSEM", ["data", "seed"]]
    return main.merge(seeds).groupby(["data", "method"])[column].mean().unstack()


def best_sets(score: str, mean: pd.DataFrame) -> Iterator[Claim]:
    """On how many sets DeepSEM beats its four rivals, and how far it is behind on the others."""
    published = datasets.published()
    beside = mean[["DeepSEM", *(name for name in PEERS if name in mean)]].dropna(subset="DeepSEM")
    best = beside.drop(columns="DeepSEM").max(axis=1)
    share = 100 * published["embedding_best_sets"] / published["embedding_sets"]
    chance = float((100 / beside.notna().sum(axis=1)).mean())
    what = f"best {score} beside scVI, DCA, ZIFA and FA, % of data sets"
    shown = f"best {score} of five methods, % of data sets" if score == "ARI" else ""
    won = beside["DeepSEM"] > best
    yield Claim(what, share, chance, headline=shown).of_hits(won, "data sets")
    behind = (100 * (1 - beside["DeepSEM"] / best))[~won]
    what = f"{score} behind the best where it is not DeepSEM, %"
    claim = Claim(what, published["embedding_within"], 0.0, at_most=True)
    yield claim.of_values(behind, "data sets")


def over(mean: pd.DataFrame, rival: str, score: str, name: str = "", shown: bool = False) -> Claim:
    """Gain of DeepSEM over a rival (or a control), by data set; rival "": the best of PEERS."""
    there = [peer for peer in PEERS if peer in mean]
    theirs = mean[rival] if rival else mean[there].max(axis=1)
    what = f"gain in {score} over {name or rival or 'the best of the four rivals'}"
    by = PAPER if rival in (*PEERS, "") else CONTROL
    claim = Claim(what, UP, 0.0, headline=what if shown else "", asked_by=by)
    return claim.of_values(mean["DeepSEM"] - theirs, "data sets")


def trajectory(fine: pd.DataFrame) -> Iterator[Claim]:
    """Zeisel's oligodendrocytes: Kendall's τ of the path above those of scVI and DCA, by seed."""
    path = fine.pivot_table(index="seed", columns="method", values="path")
    for rival in ("scVI", "DCA"):
        what = f"τ of the oligodendrocytes' path above that of {rival}"
        yield Claim(what, UP, 0.0).of_values(path["DeepSEM"] - path[rival], "seeds of one set")


# --- Simulation -----------------------------------------------------------------------------------


def simulated_cells() -> Iterator[Claim]:
    """Fig. 6b and c: realism and GRN consistency against the two GANs and against copies.

    Per cent are of means over repeats. Repeats are splits of the same cells: each data set counts
    once. A GAN that has not converged (`simulation.recorded.usable`) is no rival.
    """
    table, published = usable(datasets.results("simulation")), datasets.published()
    quantities = {
        "simulation_auc_lower_than": ("auc", -1, "change of the forest's AUC from {} to DeepSEM"),
        "simulation_overlap_gain_over": ("top_0.1", 1, "gain in GRN consistency at 0.1 % over {}"),
    }
    for gan in GANS:
        for key, (column, sign, text) in quantities.items():
            what = f"{text.format(gan)}, %"
            claim = Claim(what, sign * published[f"{key}_{gan}"], 0.0, headline=what)
            yield beside_gan(claim, table, column, gan)
    change = change_of_means(table, "auc", "copy")
    what = "change of the forest's AUC from copies of real cells to DeepSEM, %"
    claim = Claim(what, DOWN, 0.0, asked_by=CONTROL, headline=what)
    yield claim.of_values(change, "data sets")


def beside_gan(claim: Claim, table: pd.DataFrame, column: str, gan: str) -> Claim:
    """The claim with our change against a GAN, or barred where that has not converged."""
    if gan not in set(table["simulator"]):
        return Claim(claim.claim, claim.published, claim.nothing, barred=UNTESTABLE,
                     headline=claim.headline)  # fmt: skip
    return claim.of_values(change_of_means(table, column, gan).dropna(), "data sets")


def change_of_means(table: pd.DataFrame, column: str, other: str) -> pd.Series:
    """Per cent by which DeepSEM's mean over repeats differs from `other`'s, by data set."""
    mean = table.groupby(["data", "simulator"])[column].mean().unstack()
    return 100 * (mean[POSTERIOR] / mean[other] - 1)


def added_cells() -> Iterator[Claim]:
    """Supp. Fig. 15: a rare type with added cells, and Supp. Fig. 8: where clusters put it."""
    published = datasets.published()
    what = "change of AUPR for a rare type from cscGAN's cells to DeepSEM's, %"
    below = -published["simulation_augmentation_below_cscGAN"]
    yield Claim(what, below, 0.0, barred=UNTESTABLE)
    table = datasets.results("augmentation")
    table = table[(table["share"] <= FEW) & (table["rare"] == NK)]
    aupr = table.pivot_table(index="run", columns="training", values="aupr")
    for other in ("upsampling", "Gaussian"):
        name = {"Gaussian": "cells of a multivariate normal"}.get(other, other)
        what = f"gain in AUPR for a rare type over {name}, at most {FEW:.0%} of it kept"
        claim = Claim(what, UP, 0.0, asked_by=CONTROL)
        yield claim.of_values(aupr["DeepSEM"] - aupr[other], "runs of one split")
    clusters = datasets.results("clusters").pivot(index="type", columns="cluster", values="cells")
    in_cd8 = clusters.loc[NK, clusters.columns[clusters.idxmax() == CD8]].sum()
    what = f"{NK} cells in a cluster of {CD8} cells, %"
    claim = Claim(what, published["simulation_nk_in_cd8"], 0.0, barred=OTHER_CELLS)
    share = 100 * in_cd8 / clusters.loc[NK].sum()
    yield claim.of_count(share, 1, "set of sorted cells")
