"""The control in closed form, correlation with its hubs corrected, beside what is measured."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..baselines import CONTROL, CONTROL_BESIDE, apc
from ..benchmark_table import PRESET_OF, as_in_paper, gains
from ..statistics import over_data_sets
from .ablations import differences

BOTH = [CONTROL, CONTROL_BESIDE]
FROM_SETS = "geometric mean [95 % interval]"


# --- On a toy hub ---------------------------------------------------------------------------------


def toy_cells(seed: int = 0) -> pd.DataFrame:
    """2000 cells x 13 genes: all follow the cell's depth, A the most; B and C have four targets.

    A regulates nothing. Of the targets d1 to d4 follow B, and e1 to e4 follow C; f1 and f2 follow
    nobody.
    """
    rng = np.random.default_rng(seed)
    depth, X = rng.normal(size=(2000, 1)), rng.normal(size=(2000, 13))
    X[:, 3:7] += 0.3 * X[:, [1]]
    X[:, 7:11] += 0.3 * X[:, [2]]
    X[:, 0] *= 0.1
    genes = ["A", "B", "C", *(f"{of}{i}" for of in "de" for i in range(1, 5)), "f1", "f2"]
    return pd.DataFrame(X + depth * np.array([1] + 12 * [0.7]), columns=genes)


def toy_edges(cells: pd.DataFrame) -> pd.DataFrame:
    """(TF, target) x |r|, what the levels of the two genes let expect, and their difference.

    `true` says whether the edge is one of `toy_cells`. Sorted by |r|, the largest first.
    """
    c = np.abs(np.corrcoef(cells.to_numpy(), rowvar=False))
    corrected = apc.corrected(c)
    tfs = ["A", "B", "C"]
    pairs = [(tf, gene) for tf in tfs for gene in cells.columns if gene not in tfs]
    at = [tuple(cells.columns.get_indexer(pair)) for pair in pairs]
    table = pd.DataFrame({"|r|": [c[pair] for pair in at], "APC": [corrected[pair] for pair in at]})
    table.insert(1, "expected", table["|r|"] - table["APC"])
    table["true"] = [(tf, gene[0]) in {("B", "d"), ("C", "e")} for tf, gene in pairs]
    table.index = pd.MultiIndex.from_tuples(pairs, names=["TF", "target"])
    return table.sort_values("|r|", ascending=False)


def true_at_top(edges: pd.DataFrame) -> pd.Series:
    """How many of the first k edges are true, k the number of true ones: by |r| and after APC."""
    k = int(edges["true"].sum())
    return pd.Series({by: int(edges.nlargest(k, by)["true"].sum()) for by in ("|r|", "APC")})


# --- With fewer cells -----------------------------------------------------------------------------


def by_cells(sampled: pd.DataFrame) -> pd.DataFrame:
    """network, matrix, n_cells, method, score (EPR) of the controls on the samples of cells."""
    rows = sampled[sampled["method"].isin(BOTH) & (sampled["error"] == "")]
    rows = rows[rows["network"] != "Lofgof"]
    return pd.DataFrame(
        {
            "network": rows["network"],
            "matrix": rows["data"].str.extract(r"beeline/(.*)@")[0],
            "n_cells": rows["data"].str.extract(r"@(\d+)")[0].astype(int),
            "method": rows["method"],
            "score": rows["epr"],
        }
    )


def ensemble_over_control(cells: pd.DataFrame, controls: pd.DataFrame) -> pd.DataFrame:
    """DeepSEM's ensemble over each control by number of cells: EPR, networks of all matrices.

    `cells`: `comparison.by_cells`; `controls`: `by_cells`. One row per number of cells; for each
    control the geometric mean of the ratio and on how many networks the ensemble is above it.
    """
    on = ["network", "matrix", "n_cells"]
    ours = cells[cells["members"] > 1].set_index(on)["score"]
    rows: dict[int, dict[str, str]] = {}
    for method, theirs in controls.groupby("method"):
        ratio = (ours / theirs.set_index(on)["score"]).dropna()
        for n_cells, values in ratio.groupby(level="n_cells"):
            row = rows.setdefault(int(n_cells), {})
            row[f"DeepSEM / {method}"] = f"{np.exp(np.log(values).mean()):.2f}"
            row[f"above {method} on"] = f"{(values > 1).sum()} of {len(values)}"
    return pd.DataFrame(rows).T.sort_index(ascending=False).rename_axis("cells")


# --- Beside the settings of DeepSEM ---------------------------------------------------------------


def beside_settings(
    switches: pd.DataFrame, recorded: pd.DataFrame, names: Sequence[str]
) -> pd.DataFrame:
    """(matrix, network): EPR of the preset (mean over seeds), of single changes, of the controls.

    `switches`: `ablations.recorded_switches`; a change counts as the preset's mean plus its mean
    paired difference. `settings above` counts the changes, the preset among them, above CONTROL.
    """
    rows = {}
    change = differences(switches, "epr").groupby(["data", "network", "change"])["value"].mean()
    for name in names:
        of_matrix = recorded[(recorded["data"] == name) & (recorded["error"] == "")]
        controls = of_matrix[of_matrix["method"].isin(BOTH)]
        controls = controls.pivot_table(index="network", columns="method", values="epr")
        preset = of_matrix[(of_matrix["method"] == "DeepSEM") & (of_matrix["n_members"] == 1)]
        preset = preset[preset["preset"] == preset["network"].map(PRESET_OF)]
        for kind, mean in preset.groupby("network", sort=False)["epr"].mean().items():
            if kind not in controls.index or (name, kind) not in change.index.droplevel(2):
                continue
            settings = mean + change[name, kind]
            above = int((settings > controls.loc[kind, CONTROL]).sum())
            above += mean > controls.loc[kind, CONTROL]
            rows[name.removeprefix("beeline/"), kind] = {
                "preset": f"{mean:.2f}",
                "lowest change": f"{settings.min():.2f} ({settings.idxmin()})",
                "highest change": f"{settings.max():.2f} ({settings.idxmax()})",
                CONTROL: f"{controls.loc[kind, CONTROL]:.2f}",
                CONTROL_BESIDE: f"{controls.loc[kind, CONTROL_BESIDE]:.2f}",
                f"settings above {CONTROL}": f"{above} of {len(settings) + 1}",
            }
    return pd.DataFrame(rows).T.rename_axis(["matrix", "network"])


# --- After any method -----------------------------------------------------------------------------


def after_methods(table: pd.DataFrame, what: str = "after") -> pd.DataFrame:
    """(score, method): the score after APC over that before, of data/results/apc.csv.

    With `what` = "average": of the mean of the method's and the control's ranks over the method's.
    Geometric mean over benchmarks with an interval over sets of cells.
    """
    rows, rows_of = as_in_paper(table), {}
    head = f"{what} / {'before' if what == 'after' else 'alone'}, {FROM_SETS}"
    for score, name in {"epr": "EPR", "auprc_ratio": "AUPRC ratio"}.items():
        for method, of_method in rows.groupby("method", sort=False):
            pair = of_method.set_index(["data", "network"])[[f"{score}_{what}", score]]
            [gain] = gains(pair, f"{score}_{what}").itertuples()
            rows_of[name, method] = {
                head: f"{gain.ratio:.2f} [{gain.ratio_low:.2f}, {gain.ratio_high:.2f}]",
                "higher or equal on": f"{gain.at_least} of {gain.n}",
            }
    return pd.DataFrame(rows_of).T.rename_axis(["score", "method"])


def beyond(table: pd.DataFrame) -> pd.DataFrame:
    """method x kind of network: what a ranking knows of the truth beyond the control's.

    Mean of `partial` (`measure_apc.beyond_control`) with a 95 % interval over sets of cells.
    """
    cells: dict[str, dict[str, str]] = {}
    indexed = as_in_paper(table).set_index(["data", "network"])
    for (method, kind), values in indexed.groupby(["method", "network"], sort=False)["partial"]:
        if kind != "Lofgof":  # one matrix
            low, high = over_data_sets(values)
            interval = f" [{low:.3f}, {high:.3f}]" if np.isfinite(low) else ""  # of one set: none
            cells.setdefault(method, {})[kind] = f"{values.mean():.3f}{interval}"
    return pd.DataFrame(cells).T.rename_axis("method")
