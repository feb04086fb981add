"""What the recorded measurements say, in sentences; every function returns Markdown text."""

import pandas as pd

from .. import datasets
from ..statistics import mean_and_half
from . import realism
from .said import at_last
from .tables import (
    GANS,
    POSTERIOR,
    PRIOR,
    ZEROS,
    by_training,
    differences,
    network_auc,
    network_rows,
    overlap,
    realism_rows,
)

COMPARED = (
    ("upsampling", "nothing added"), ("DeepSEM", "upsampling"), ("DeepSEM", "nothing added"),
    ("Gaussian", "DeepSEM"),
)  # fmt: skip


def about_networks(recorded: pd.DataFrame) -> str:
    """How coarse K = 0.1 % is, and where DeepSEM's posterior stands at the largest K."""
    rows, shares, auc = network_rows(recorded), overlap(recorded), network_auc(recorded)
    n_tfs, n_genes = rows["n_tfs"].iloc[0], rows["n_genes"].iloc[0]
    n_edges, last = n_tfs * (n_genes - 1), shares.iloc[:, -1]
    return (
        f"K = 0.1 % are at most {round(n_edges / 1000)} edges here ({n_tfs:.0f} TFs, {n_genes}"
        " genes), so that row of the table is coarse: one edge more or less moves it by"
        f" {1000 / n_edges:.0%}. Repeats: {rows['repeat'].nunique()}. The paper's cells are those"
        " of PBMC 68k, type by type and cluster by cluster, with 1000 genes; its GANs are the"
        " published ones, ours are small, so the columns *here* do not judge them. The authors'"
        f" tutorial prints an AUC of {printed('low'):.2f} to {printed('high'):.2f} for DeepSEM on"
        " CD19+ B cells; here DeepSEM's"
        f" posterior has {auc[POSTERIOR]:.2f} and copies of training cells have {auc['copy']:.2f}"
        f" (sorted blood cells). At K = {realism.PERCENT[-1]} % DeepSEM's posterior has a"
        f" consistency of {last[POSTERIOR]:.2f}, beside copies ({last['copy']:.2f}), two halves of"
        f" real cells ({last['two halves']:.2f}), a multivariate normal ({last['Gaussian']:.2f})"
        f" and shuffled genes ({last['shuffle']:.2f})."
    )


def printed(end: str) -> float:
    """The lowest ("low") or highest ("high") AUC that the authors' tutorial prints."""
    return float(datasets.published()[f"simulation_tutorial_auc_{end}"])


def means_of(recorded: pd.DataFrame) -> pd.DataFrame:
    """Mean auc and copied over repeats, by data set and simulator."""
    return realism_rows(recorded).groupby(["data", "simulator"])[["auc", "copied"]].mean()


def about_realism(recorded: pd.DataFrame) -> str:
    """AUC of DeepSEM, copies, GANs and the shuffle by data set, and what the prior adds."""
    means, names = means_of(recorded), recorded["data"].unique()
    lines = [f"- **{name}**: {of_data_set(means.loc[name])}" for name in names]
    shuffled = {name: means.loc[(name, "shuffle"), "auc"] for name in names}
    weak = [f"{name} ({value:.2f})" for name, value in shuffled.items() if value < 0.8]
    if weak:
        lines.append(
            f"\nOn {', '.join(weak)} the forest does not even find the shuffle well (its AUC in"
            " brackets): little depends on anything there, and an AUC near ½ says little about a"
            " model."
        )
    lines.append(f"\n{about_prior(recorded)}{about_mixtures(recorded)}")
    return "\n".join(lines)


def of_data_set(means: pd.DataFrame) -> str:
    """AUC of the main simulators on one data set (rows: simulators)."""
    auc = means["auc"]
    new = auc[means["copied"] < 0.05]
    return (
        f"AUC of DeepSEM's posterior {auc[POSTERIOR]:.2f}, of copied training cells"
        f" {auc['copy']:.2f}, of the better of our small GANs {auc.reindex(list(GANS)).min():.2f},"
        f" of DeepSEM's prior {auc[PRIOR]:.2f}, of shuffled genes {auc['shuffle']:.2f}; the best"
        f" that does not copy is {new.idxmin()} ({new.min():.2f})."
    )


def about_prior(recorded: pd.DataFrame) -> str:
    """Within single types: draws from the prior beside a control with their zeros and no model."""
    table = realism_rows(recorded)
    table = table[table["data"].str.contains("/")]
    by_repeat = table.pivot_table(index=["data", "repeat"], columns="simulator", values="auc")
    texts, lower = [], []
    for name in table["data"].unique():
        runs = by_repeat.loc[name]
        mean, half = mean_and_half((runs[PRIOR] - runs[ZEROS]).dropna())
        prior, copula, zeros = runs[[PRIOR, "copula", ZEROS]].mean()
        texts.append(
            f"{prior:.2f} on {name} (the copula {copula:.2f}, the shuffle with our zeros"
            f" {zeros:.2f}; difference to the last {mean:+.2f} ± {half:.2f})"
        )
        lower += [name] * bool(mean + half < 0)
    seen = f"What DeepSEM adds to these zeros is seen on {', '.join(lower)}."
    unseen = "That DeepSEM adds anything to these zeros is not seen by this score."
    return (
        f"Within one type the AUC of draws from DeepSEM's prior is {'; '.join(texts)}; 95 %"
        " intervals over repeats. The zeros of these draws come from our Rasch model, which is no"
        " part of DeepSEM; the shuffle with our zeros has the same ones, and draws the values gene"
        f" by gene. {seen if lower else unseen}"
    )


def about_mixtures(recorded: pd.DataFrame) -> str:
    """The prior beside the copula on data sets with several types."""
    auc = means_of(recorded)["auc"]
    mixed = [name for name in recorded["data"].unique() if "/" not in name]
    each = ", ".join(
        f"{auc[name, PRIOR]:.2f} against {auc[name, 'copula']:.2f} on {name}" for name in mixed
    )
    return (
        f" On a mixture of types the prior and the copula have {each}. That one prior has no place"
        " for types may be why a mixture is harder for it."
    )


def answer(recorded: pd.DataFrame) -> str:
    """Does the realism score tell modelling from copying?"""
    auc = means_of(recorded)["auc"].unstack("data")
    near = (auc.loc[POSTERIOR] - auc.loc["copy"]).abs() < 0.05
    lost = auc.loc[PRIOR] > auc.loc["copy"] + 0.05
    return (
        f"On {near.sum()} of {len(near)} data sets DeepSEM's published simulation scores within"
        f" 0.05 of plain copies; on {lost.sum()} of {len(lost)} its draws from the prior are more"
        " than 0.05 worse. "
        + (
            "The score does **not** tell modelling from copying: no model at all reaches the same."
            if near.all()
            else "On at least one data set the score separates the simulation from copies."
        )
    )


# --- a rare type ----------------------------------------------------------------------------------


def side_by_side(augmentation: pd.DataFrame, first: str, second: str) -> str:
    """At which shares `first` is higher and lower than `second`, and where that is decided."""
    table, parts = differences(augmentation, first, second), []
    for side, sign in (("higher", 1), ("lower", -1)):
        at = [f"{share:g}" for share in table.index[sign * table["mean"] > 0]]
        sure = [f"{share:g}" for share in table.index[sign * table["mean"] > table["half"]]]
        which = f"decided at {', '.join(sure)} %" if sure else "decided nowhere"
        parts += [f"{side} where {', '.join(at)} % are kept ({which})"] * bool(at)
    return f"{first} against {second}: in the mean {'; '.join(parts)}"


def n_runs(augmentation: pd.DataFrame) -> str:
    """The number of runs for each share, or its range."""
    runs = augmentation.groupby("share")["run"].nunique()
    return f"{runs.min()} to {runs.max()}" if runs.nunique() > 1 else f"{runs.min()}"


def about_augmentation(augmentation: pd.DataFrame) -> str:
    """Four comparisons of AUPR over the shares, and where little is at stake."""
    mean = by_training(augmentation).groupby("share").mean()
    below = datasets.published()["simulation_augmentation_below_cscGAN"]
    close = mean.index[mean.max(axis=1) - mean.min(axis=1) < 0.02]
    steps, shares = augmentation["gan_steps"].max(), ", ".join(f"{100 * s:g}" for s in close)
    gan = f"Our small cscGAN trained for {steps:,.0f} steps. " if steps > 0 else ""
    lines = "\n".join(f"- {side_by_side(augmentation, *pair)}." for pair in COMPARED)
    alike = (
        f"Where {shares} % are kept, all means lie within 0.02: decided or not, little is at"
        " stake. "
    )
    return (
        f"{len(mean)} shares, {n_runs(augmentation)} runs each,"
        f" {augmentation['n_extra'].iloc[0]:.0f} added cells, type {augmentation['rare'].iloc[0]};"
        f" mean and 95 % interval over runs, * where it excludes 0 (*decided*). {gan}An average"
        " over shares would hide that the order changes with the"
        f" share:\n\n{lines}\n\n{alike if len(close) else ''}*Gaussian* is a multivariate normal of"
        " the few cells that are left. All runs have the same training and test cells and the"
        " shares of a run are nested, so the intervals say nothing about other cells, and of so"
        " many some exclude 0 by chance. The paper reports that DeepSEM and scGAN are about the"
        f" same as each other and {below:.2f} % below cscGAN, and that upsampling alone improves"
        " the classifier."
    )


# --- summary --------------------------------------------------------------------------------------


def summary(
    recorded: pd.DataFrame,
    augmentation: pd.DataFrame,
    scores: pd.DataFrame,
    consistency: pd.DataFrame,
) -> str:
    """The chapter's results, as a list; `scores`, `consistency`: those of the page's cells."""
    auc, ratio, last = scores["auc"], scores["ratio"], at_last(consistency)
    pairs = [side_by_side(augmentation, *COMPARED[i]) for i in (0, 1, 3)]
    lines = [
        f"- {answer(recorded)}",
        (
            f"- On this page the posterior samples lie at {ratio[POSTERIOR]:.2f} of the distance of"
            f" unseen cells from the training cells, draws from the prior at {ratio[PRIOR]:.2f};"
            f" their AUCs are {auc[POSTERIOR]:.2f} and {auc[PRIOR]:.2f}, that of copies"
            f" {auc['copy']:.2f}."
        ),
    ]
    if len(last):
        lines.append(
            f"- GRN consistency at {realism.PERCENT[-1]} %: posterior {last[POSTERIOR]:.2f}, two"
            f" halves of the real cells {last['two halves']:.2f}, a multivariate normal"
            f" {last['Gaussian']:.2f}, prior {last[PRIOR]:.2f}."
        )
    lines.append(f"- {about_prior(recorded)}")
    lines.append(
        f"- A classifier of a rare type ({n_runs(augmentation)} runs on one split of the cells)."
        f" {pairs[0].capitalize()}. {pairs[1]}. {pairs[2]}."
    )
    return "\n".join(lines)
