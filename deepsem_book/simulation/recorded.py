"""The tables of data/results/simulation.csv, gan.csv and augmentation.csv."""

from typing import Any

import numpy as np
import pandas as pd

from .. import datasets
from ..statistics import holm, mean_and_half, t_test
from . import realism

POSTERIOR, PRIOR = "DeepSEM, posterior", "DeepSEM, prior"
METRICS = ["auc", "ratio", "copied", "mmd", "marginal", "correlation"]
TOPS = {f"top_{k:g}": k for k in realism.PERCENT}  # columns of Eq. 9
GANS = ("cscGAN", "scGAN")
ERRORS = ("marginal", "correlation")
MIXED = "pbmc_facs"  # the cells with names of genes, of ten types


def usable(recorded: pd.DataFrame) -> pd.DataFrame:
    """Recorded rows of simulated cells without GANs that have not converged: a GAN stays on a data
    set where its mean errors (ERRORS) are no worse than those of shuffled genes.

    "two halves" has a network only.
    """
    means = recorded.groupby(["data", "simulator"])[list(ERRORS)].mean()
    floor = means.xs("shuffle", level="simulator")
    converged = (means <= floor.reindex(means.index, level="data")).all(axis=1)
    of_row = pd.MultiIndex.from_frame(recorded[["data", "simulator"]])
    return recorded[~recorded["simulator"].isin(GANS) | converged.reindex(of_row).to_numpy()]


def gan_attempts(looks: pd.DataFrame) -> pd.DataFrame:
    """The best look at each training of gan.csv: errors as shares of those of shuffled genes.

    Best: the larger of the two shares is smallest. "converged": neither is above 1.
    """
    shares = pd.DataFrame({name: looks[name] / looks[f"shuffle_{name}"] for name in ERRORS})
    worst = shares.max(axis=1)
    table = looks[["data", "gan", "setting", "steps", "lr", "width", "noise", "batch"]].assign(
        **{f"{name} / shuffle": shares[name].round(2) for name in ERRORS},
        **{f"copy, {name}": (looks[f"copy_{name}"] / looks[f"shuffle_{name}"]).round(2)
           for name in ERRORS},
        converged=np.where(worst <= 1, "yes", "no"),
    )  # fmt: skip
    best = worst.groupby([looks["data"], looks["gan"], looks["setting"]]).idxmin()
    order = worst[best].sort_values().index
    return table.loc[order].set_index(["data", "gan", "setting"])


def answer(recorded: pd.DataFrame, data: str = MIXED) -> dict[str, Any]:
    """The numbers of the chapter's answer, by name: means over the repeats of one data set."""
    rows = recorded[recorded["data"] == data]
    mean = rows.groupby("simulator")[[*METRICS, *TOPS]].mean()
    last = f"top_{realism.PERCENT[-1]:g}"
    own, prior, shuffle = (mean.loc[name] for name in (POSTERIOR, PRIOR, "shuffle"))
    return {
        "ratio": own["ratio"], "auc": own["auc"], "copy": mean.loc["copy", "auc"],
        "prior_ratio": prior["ratio"], "prior_auc": prior["auc"], "prior_edges": prior[last],
        "shuffle_edges": shuffle[last], "halves_edges": mean.loc["two halves", last],
        "prior_r": prior["correlation"], "shuffle_r": shuffle["correlation"],
        "percent": realism.PERCENT[-1], "repeats": rows["repeat"].nunique(),
    }  # fmt: skip


def published_edges() -> dict[str, float]:
    """DeepSEM's share of edges at K = 0.1 % (0 to 1) that follows from the paper's text on Fig. 6.

    The paper gives the shares of the GANs and DeepSEM's gains over them.
    """
    numbers = datasets.published()
    shares = [
        numbers[f"simulation_overlap_{gan}"]
        * (1 + numbers[f"simulation_overlap_gain_over_{gan}"] / 100)
        for gan in GANS
    ]
    return {POSTERIOR: float(np.mean(shares) / 100)}


def network_rows(recorded: pd.DataFrame) -> pd.DataFrame:
    """Recorded rows with a GRN consistency."""
    return recorded.dropna(subset=list(TOPS))


def recorded_sizes(recorded: pd.DataFrame) -> pd.DataFrame:
    """Repeats, cells, genes and settings of each data set."""
    sizes = recorded.groupby("data", sort=False).agg(
        repeats=("repeat", "nunique"), training=("n_train", "first"), test=("n_test", "first"),
        genes=("n_genes", "first"), TFs=("n_tfs", "first"), forest=("forest_trees", "first"),
        boosting=("boost_trees", "first"), GAN_steps=("gan_steps", "max"),
    )  # fmt: skip
    return sizes.astype("Int64")


def realism_summary(recorded: pd.DataFrame) -> pd.DataFrame:
    """Mean over repeats of METRICS by data set and simulator, best AUC first, and the repeats."""
    scored = recorded.dropna(subset="auc")
    by_simulator = scored.groupby(["data", "simulator"], sort=False)
    table = by_simulator[METRICS].mean().round(3)
    return table.assign(repeats=by_simulator.size()).sort_values(["data", "auc"])


def overlap(recorded: pd.DataFrame) -> pd.DataFrame:
    """Mean GRN consistency over repeats: simulators x TOPS."""
    return network_rows(recorded).groupby("simulator", sort=False)[list(TOPS)].mean()


def overlap_lines(recorded: pd.DataFrame) -> pd.DataFrame:
    """As `consistency_table`, from the recorded repeats."""
    rows = [
        (name, k, *mean_and_half(part[column]))
        for name, part in network_rows(recorded).groupby("simulator", sort=False)
        for column, k in TOPS.items()
    ]
    return pd.DataFrame(rows, columns=["simulator", "percent", "mean", "half"])


def gans_named(augmentation: pd.DataFrame, recorded: pd.DataFrame) -> pd.DataFrame:
    """The rows of augmentation.csv, with "(not converged)" behind the name of a GAN that has not.

    A GAN whose rows have errors on held-out cells is judged by their means, as in `usable`; one
    without by its rows on the same data in `recorded`, the table simulation.csv.
    """
    of_data = recorded[recorded["data"].isin(augmentation["data"])]
    elsewhere = set(usable(of_data)["simulator"])
    shuffled = [f"shuffle_{error}" for error in ERRORS]
    means = augmentation.groupby("training")[[*ERRORS, *shuffled]].mean()
    here = (means[list(ERRORS)].to_numpy() <= means[shuffled].to_numpy()).all(axis=1)
    converged = dict(zip(means.index, here, strict=True))
    converged |= {gan: gan in elsewhere for gan in means.index[means.isna().any(axis=1)]}
    names = {gan: gan if converged[gan] else f"{gan} (not converged)" for gan in GANS
             if gan in converged}  # fmt: skip
    return augmentation.assign(training=augmentation["training"].replace(names))


def with_intervals(augmentation: pd.DataFrame) -> pd.DataFrame:
    """AUPR by rare group, share (in %) and training: mean, half of its interval over runs.

    The half is NaN below three runs.
    """
    rows = [
        (rare, 100 * share, name, *mean_and_half(part["aupr"]), len(part))
        for (rare, share, name), part in augmentation.groupby(
            ["rare", "share", "training"], sort=False
        )
    ]
    table = pd.DataFrame(rows, columns=["rare", "share", "training", "mean", "half", "n"])
    return table.assign(half=table["half"].where(table["n"] >= 3))


def by_training(augmentation: pd.DataFrame) -> pd.DataFrame:
    """AUPR of each rare group, share, run and number of genes (rows) by training (columns).

    Some runs of one training have other genes than those of another: they are no pair.
    """
    index = ["rare", "share", "run", "n_genes"]
    return augmentation.pivot_table(index=index, columns="training", values="aupr")


def beside_upsampling(augmentation: pd.DataFrame) -> pd.DataFrame:
    """AUPR minus that of upsampling by rare group and share kept, mean ± half of the 95 % interval.

    Over runs; "–" where there are fewer than three. *: p < 0.05 by Student's t; **: also after
    `holm` over all entries.
    """
    wide = by_training(augmentation)
    gaps = wide.drop(columns="upsampling").sub(wide["upsampling"], axis=0)
    levels = ["training", "rare", "share"]
    long = [
        (key, values)
        for key, values in gaps.stack().dropna().groupby(level=levels)
        if len(values) >= 3
    ]
    table = pd.DataFrame(
        [(*mean_and_half(values), t_test(values)) for _, values in long],
        index=pd.MultiIndex.from_tuples([key for key, _ in long], names=levels),
        columns=["mean", "half", "p"],
    )
    stars = (table["p"] < 0.05).astype(int) + (holm(table["p"]) < 0.05)
    table["text"] = [
        f"{row.mean_:+.3f} ± {row.half:.3f} {'*' * n}".strip()
        for row, n in zip(table.rename(columns={"mean": "mean_"}).itertuples(), stars, strict=True)
    ]
    shown = table["text"].unstack("training").fillna("–")
    kept = [(rare, f"{100 * share:g}") for rare, share in shown.index]
    shown.index = pd.MultiIndex.from_tuples(kept, names=["rare", "kept, %"])
    return shown
