"""The tables of the chapter: scores of the page's cells, and what was recorded."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from .. import datasets
from ..statistics import mean_and_half
from . import realism
from .study import Study

POSTERIOR, PRIOR, ZEROS = "DeepSEM, posterior", "DeepSEM, prior", "shuffle, our zeros"
SEEN = [POSTERIOR, PRIOR, "scGAN", "cscGAN", "bootstrap", "shuffle"]  # drawn in the pictures
TESTED = [POSTERIOR, PRIOR, "scGAN", "Gaussian", "bootstrap", "two halves", "shuffle"]
METRICS = ["auc", "auc_sd", "ratio", "copied", "mmd", "marginal", "correlation"]
TOPS = {f"top_{k:g}": k for k in realism.PERCENT}  # columns of Eq. 9
GANS = ("cscGAN", "scGAN")


# --- on the cells of the page ---------------------------------------------------------------------


def scored(study: Study, drawn: Mapping[str, np.ndarray], auc: pd.Series) -> pd.DataFrame:
    """`auc` and the other scores of each simulator's cells (all pairs of genes, not the top 50)."""
    train, test = study.train, study.test
    return pd.DataFrame({
        name: {"auc": auc[name]}
        | realism.memorisation(cells, train, test)
        | {
            "mmd": mmd_of(train, test, cells),
            "marginal": realism.marginal_error(test, cells),
            "correlation": realism.correlation_error(test, cells),
        }
        for name, cells in drawn.items()
    }).T  # fmt: skip


def mmd_of(train: np.ndarray, test: np.ndarray, cells: np.ndarray) -> float:
    """`realism.mmd` of test and simulated cells in the principal components of the training."""
    _, real, simulated = realism.components(train, test, cells)
    return realism.mmd(real, simulated)


def halves_of(cells: np.ndarray, n_trees: int = 30, n_splits: int = 10) -> np.ndarray:
    """AUC (n_splits,) of a forest that has to tell two random halves of the same cells apart."""
    splits = [
        np.array_split(np.random.default_rng(seed).permutation(cells), 2)
        for seed in range(n_splits)
    ]
    return np.array([realism.forest_auc(a, b, n_trees)[0].mean() for a, b in splits])


def controls_table(
    study: Study, drawn: Mapping[str, np.ndarray], auc: pd.Series, n_trees: int
) -> pd.DataFrame:
    """What the AUC of three controls must be, what it is, and whether it is so."""
    once = realism.forest_auc(study.test, np.unique(drawn["bootstrap"], axis=0), n_trees)[0].mean()
    halves = halves_of(study.test)
    low, high = halves.min(), halves.max()
    inside = f"{low:.2f} to {high:.2f}, as two halves of the test cells"
    rows = [
        ("copy (positive control)", inside, auc["copy"], low <= auc["copy"] <= high),
        ("bootstrap, each cell once", inside, once, low <= once <= high),
        ("shuffle", "near 1", auc["shuffle"], auc["shuffle"] > 0.9),
    ]
    table = pd.DataFrame(rows, columns=["control", "must be", "AUC", "as it must be"])
    return table.round({"AUC": 2}).set_index("control")


def consistency_table(study: Study, repeats: int, n_trees: int) -> pd.DataFrame:
    """Mean and half width of Eq. 9 over repeats: simulator, percent, mean, half.

    No rows where no TF is known.
    """
    rows = []
    for name in TESTED if study.tfs else []:
        runs = pd.DataFrame([study.consistency(name, n_trees, seed) for seed in range(repeats)])
        rows += [(name, percent, *mean_and_half(runs[percent])) for percent in realism.PERCENT]
    return pd.DataFrame(rows, columns=["simulator", "percent", "mean", "half"])


def rare_type(study: Study) -> str | None:
    """The smallest type with at least 8 test cells; None where the cells have one type."""
    sizes = pd.Series(np.bincount(study.test_types, minlength=len(study.types)), study.types)
    enough = sizes[sizes >= 8].sort_values()
    return str(enough.index[0]) if len(study.types) > 1 and len(enough) else None


def of_runs(table: pd.DataFrame, rare: str) -> Styler:
    """AUPR of each run, one row per share (in %) and way of adding cells."""
    wide = table.assign(share=100 * table["share"]).pivot_table(
        index=["share", "training"], columns="run", values="aupr", sort=False
    )
    wide.columns = pd.Index([f"AUPR, run {run + 1}" for run in wide.columns])
    names = {"share": f"{rare} kept, %", "training": "cells added by"}
    shown = wide.reset_index().rename(columns=names).style.hide(axis="index")
    return shown.format(precision=3).format("{:g}", subset=[names["share"]])


# --- recorded -------------------------------------------------------------------------------------


def realism_rows(recorded: pd.DataFrame) -> pd.DataFrame:
    """Recorded rows of simulated cells: "two halves" are real ones."""
    return recorded[recorded["simulator"] != "two halves"]


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
    by_simulator = realism_rows(recorded).groupby(["data", "simulator"], sort=False)
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


def paper_numbers() -> pd.DataFrame:
    """The paper's text on Fig. 6, in %: overlap, gain and lower (columns) for cscGAN and scGAN.

    overlap: of the GAN's edges at K = 0.1 %; gain: DeepSEM's over it; lower: DeepSEM's AUC.
    """
    numbers = datasets.published()
    names = {"overlap": "overlap", "gain": "overlap_gain_over", "lower": "auc_lower_than"}
    return pd.DataFrame(
        {column: {gan: numbers[f"simulation_{name}_{gan}"] for gan in GANS}
         for column, name in names.items()}
    )  # fmt: skip


def paper_overlap() -> dict[str, float]:
    """The paper's overlap (0 to 1) at K = 0.1 % by simulator; DeepSEM's follows from its gains."""
    paper = paper_numbers()
    ours = paper["overlap"] * (1 + paper["gain"] / 100)
    return (paper["overlap"] / 100).to_dict() | {POSTERIOR: float(ours.mean() / 100)}


def beside_paper(recorded: pd.DataFrame) -> pd.DataFrame:
    """The paper's comparison with the GANs beside ours, all in %."""
    shares, auc = overlap(recorded)["top_0.1"], network_auc(recorded)
    table = pd.DataFrame({
        gan: {
            "overlap at 0.1 %, the paper": row["overlap"],
            "here, small GAN": 100 * shares[gan],
            "gain of DeepSEM, the paper": row["gain"],
            "here, small GAN ": 100 * (shares[POSTERIOR] / shares[gan] - 1),
            "AUC lower by, the paper": row["lower"],
            "here, small GAN  ": 100 * (1 - auc[POSTERIOR] / auc[gan]),
        }
        for gan, row in paper_numbers().iterrows()
    }).T.round(1)  # fmt: skip
    return table.rename_axis("all in %")


def network_auc(recorded: pd.DataFrame) -> pd.Series:
    """Mean AUC by simulator over the rows with a GRN consistency."""
    return network_rows(recorded).groupby("simulator")["auc"].mean()


def with_intervals(augmentation: pd.DataFrame) -> pd.DataFrame:
    """AUPR by share (in %) and training: mean, half of its interval over runs (NaN below three)."""
    rows = [
        (100 * share, name, *mean_and_half(part["aupr"]), len(part))
        for (share, name), part in augmentation.groupby(["share", "training"], sort=False)
    ]
    table = pd.DataFrame(rows, columns=["share", "training", "mean", "half", "n"])
    return table.assign(half=table["half"].where(table["n"] >= 3))


def by_training(augmentation: pd.DataFrame) -> pd.DataFrame:
    """AUPR of each share and run (rows) by training (columns)."""
    return augmentation.pivot_table(index=["share", "run"], columns="training", values="aupr")


def differences(augmentation: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """AUPR of `first` minus `second` by share in %: mean, half of its interval over runs."""
    wide = by_training(augmentation)
    by_share = (wide[first] - wide[second]).dropna().groupby("share")
    rows = [(100 * share, *mean_and_half(values)) for share, values in by_share]
    return pd.DataFrame(rows, columns=["share", "mean", "half"]).set_index("share")


def beside_upsampling(augmentation: pd.DataFrame) -> pd.DataFrame:
    """AUPR minus that of upsampling, mean ± half of the interval, * where this excludes 0."""
    columns = {
        name: {
            f"{share:g}": f"{row['mean']:+.3f} ± {row['half']:.3f}"
            + " *" * bool(abs(row["mean"]) > row["half"])
            for share, row in differences(augmentation, name, "upsampling").iterrows()
        }
        for name in by_training(augmentation).columns.drop("upsampling")
    }
    table = pd.DataFrame(columns)
    return table.rename_axis(index="kept, %", columns="AUPR minus that of upsampling")


def listed(names: Sequence[str]) -> str:
    """The names with commas, or "none"."""
    return ", ".join(names) or "none"
