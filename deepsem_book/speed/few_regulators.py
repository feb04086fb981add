"""Columns nobody looks at: what W with few regulators costs in accuracy, time and memory."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from deepsem_minimal.config import Config

from ..benchmark_table import PRESET_OF
from ..figure_style import BLUE, GREY, ORANGE, SKY, canvas, label
from ..statistics import over_data_sets

FULL = -1  # `nuisance` of the full model
GROUPS = "nuisance groups"


def columns(m: int = 12, t: int = 4, k: int = 2) -> Figure:
    """W with all columns, with those of t TFs and k groups, and what is factorised of each."""
    figure, axes = canvas(1, 3, width=8.5, height=2.9)
    pictures: list[tuple[str, list[tuple[float, float, float, float, str]]]] = [
        (f"all genes: W, {m} × {m}", [(0, 0, t, m, BLUE), (t, 0, m - t, m, GREY)]),
        (
            f"TFs and {k} groups: {m} × {t + k}",
            [(0, 0, t, m, BLUE), (t, 0, k, m, ORANGE)],
        ),
        (
            f"factorised: {t + k} × {t + k}",
            [(0, 0, t, t, BLUE), (t, 0, k, t, ORANGE), (0, t, t, k, SKY), (t, t, k, k, ORANGE)],
        ),
    ]
    for ax, (title, blocks) in zip(axes, pictures, strict=True):
        draw_blocks(ax, blocks)
        ax.set(xlim=(-0.5, m + 0.5), ylim=(m + 0.5, -0.5), aspect="equal", xticks=[], yticks=[])
        label(ax, "regulators", "targets" if ax is axes[0] else "", title)
        ax.spines[:].set_visible(False)
    return figure


def draw_blocks(ax: Axes, blocks: list[tuple[float, float, float, float, str]]) -> None:
    """Blocks of a matrix (left, top, width, height, colour), with a line between its columns."""
    for left, top, width, height, colour in blocks:
        ax.add_patch(Rectangle((left, top), width, height, facecolor=colour, edgecolor="white"))
        for column in np.arange(left + 1, left + width):
            ax.plot([column, column], [top, top + height], color="white", lw=0.7)


def with_full(table: pd.DataFrame, paper: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """few_regulators.csv with rows of the full model, from beeline.csv and own.csv.

    Their runs have the same seeds and settings but for the columns of W.
    """
    paper = paper[(paper["method"] == "DeepSEM") & (paper["n_members"] == 1)]
    own = own[own["n_members"] == 1].assign(preset="own")
    names = ["data", "network", "preset", "seed", "epr", "auprc_ratio"]
    full = pd.concat([paper[names], own[names]]).assign(nuisance=FULL)
    return pd.concat([table, full], ignore_index=True)


def accuracy(
    table: pd.DataFrame, metric: str = "epr", by: str = "nuisance", full: int | str = FULL
) -> pd.DataFrame:
    """Score of each number of groups over that of the full model, one row per preset and number.

    `table`: that of `with_full`. Seeds that both sides have are averaged first, then the ratio is
    taken for each matrix and network; mean and interval over sets of cells
    (`statistics.over_data_sets`), the number of benchmarks and the fewest seeds behind one.
    """
    key = ["preset", "data", "network"]
    scores = table.pivot_table(index=[*key, "seed"], columns=by, values=metric)
    rows: list[dict[str, object]] = []
    for groups in scores.columns.drop(full):
        pairs = scores[[full, groups]].dropna()
        seeds = pairs.groupby(key).size()
        means = pairs.groupby(key).mean()
        ratio = means[groups] / means[full]
        for preset, values in ratio.groupby("preset"):
            low, high = over_data_sets(values.droplevel("preset"))
            rows.append(
                {
                    "preset": preset, GROUPS: groups, "benchmarks": len(values),
                    "seeds": seeds[preset].min(), "ratio": values.mean(), "low": low, "high": high,
                }
            )  # fmt: skip
    return pd.DataFrame(rows).sort_values(["preset", GROUPS], ignore_index=True)


def both_metrics(scores: pd.DataFrame) -> pd.DataFrame:
    """`accuracy` of EPR and AUPRC ratio side by side, each as "mean [interval]"."""
    index = ["preset", GROUPS, "benchmarks", "seeds"]
    columns = {}
    for name, metric in {"EPR": "epr", "AUPRC ratio": "auprc_ratio"}.items():
        rows = accuracy(scores, metric).set_index(index)
        columns[name] = rows.apply(lambda r: "{ratio:.3f} [{low:.3f}, {high:.3f}]".format(**r), 1)
    return pd.DataFrame(columns).reset_index()


def beside_regdiffusion(
    scores: pd.DataFrame, paper: pd.DataFrame, data: str, groups: int = 20
) -> pd.DataFrame:
    """EPR on one matrix as "mean ± sd" over seeds: DeepSEM by its columns, and RegDiffusion.

    `scores`: that of `with_full`, read with the paper's preset for each network; `paper`:
    beeline.csv. Rows are methods with the fewest seeds behind a network, columns networks.
    """
    ours = scores[scores["preset"] == scores["network"].map(PRESET_OF)]
    names = {FULL: "DeepSEM, all columns", groups: f"DeepSEM, TFs and {groups} groups"}
    ours = ours.assign(method=ours["nuisance"].map(names))
    table = pd.concat([ours, paper[paper["method"] == "RegDiffusion"]])
    cells = table[table["data"] == data].groupby(["method", "network"])["epr"]
    said = cells.agg(lambda epr: f"{epr.mean():.2f} ± {epr.std():.2f}").unstack("network")
    said.insert(0, "seeds", cells.size().groupby("method").min())
    return said.loc[[*names.values(), "RegDiffusion"]]


def kinds(nuisance: pd.DataFrame, scores: pd.DataFrame, groups: int = 20) -> pd.DataFrame:
    """`accuracy` of other kinds of nuisance (nuisance.csv) beside k-means and none, best first."""
    names = {FULL: "all columns", 0: "none", groups: f"{groups} groups by k-means"}
    beside = scores[(scores["preset"] == "nonspecific") & scores["nuisance"].isin(list(names))]
    table = pd.concat(
        [beside.assign(kind=beside["nuisance"].map(names)), nuisance.assign(preset="nonspecific")]
    )
    rows = accuracy(table, by="kind", full="all columns").drop(columns="preset")
    return rows.rename(columns={GROUPS: "nuisance"}).sort_values("ratio", ascending=False)


def answer(scores: pd.DataFrame, groups: int) -> dict[str, Any]:
    """Ratios and intervals of `accuracy` as "0.99 [0.97, 1.01]", for `page.say`.

    By preset for `groups` with its fewest seeds ("own", "own_seeds"); "auprc" and "alone", without
    groups, of the non-specific preset.
    """
    epr, auprc = (accuracy(scores, metric) for metric in ("epr", "auprc_ratio"))
    chosen = epr[epr[GROUPS] == groups].set_index("preset")
    first = "nonspecific"
    rows = {preset: chosen.loc[preset] for preset in chosen.index}
    rows["auprc"] = auprc[auprc[GROUPS] == groups].set_index("preset").loc[first]
    rows["alone"] = epr[epr[GROUPS] == 0].set_index("preset").loc[first]
    said = {
        name: f"{row['ratio']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
        for name, row in rows.items()
    }
    seeds = {f"{preset}_seeds": chosen.loc[preset, "seeds"] for preset in chosen.index}
    return said | seeds | {"groups": groups, "benchmarks": chosen.loc[first, "benchmarks"]}


def scale(table: pd.DataFrame, n_cells: int = 1000) -> pd.DataFrame:
    """CPU minutes of a network by number of genes, one thread, and peak memory of members in GB.

    A member of DeepSEM is measured for some epochs and scaled to those of `Config()`; RegDiffusion
    is 1,000 times a step, GRNBoost2 a target times the genes: all three are extrapolated.
    """
    of_size = table[(table["n_cells"] == n_cells) & (table["threads"] == 1)]
    rows = of_size.copy()
    a_step = rows["seconds"] / rows["steps"]
    epochs, batches = Config().n_epochs, -(-n_cells // Config().batch_size)
    times = {
        "member": epochs * batches,
        "RegDiffusion, one step": 1000,
        "GRNBoost2, one target": rows["n_genes"],
        "corrected correlation": 1,
    }
    rows = rows.assign(minutes=a_step / 60)
    for what, factor in times.items():
        rows.loc[rows["what"] == what, "minutes"] *= factor
    rows = rows[rows["what"].isin(list(times))]
    wide = rows.pivot_table(index="n_genes", columns="what", values="minutes", aggfunc="median")
    named = {"member": "DeepSEM, a member", "RegDiffusion, one step": "RegDiffusion",
             "GRNBoost2, one target": "GRNBoost2"}  # fmt: skip
    wide = wide.reindex(columns=[what for what in times if what in wide]).rename(columns=named)
    memory = of_size.groupby(["what", "n_genes"])["peak_mb"].median() / 1000
    held = {"member": "a member, GB", "10 members": "ten members, GB",
            "RegDiffusion, one step": "RegDiffusion, GB"}  # fmt: skip
    for what, name in held.items():
        wide[name] = memory[memory.index.get_level_values("what") == what].droplevel("what")
    return wide.dropna(axis=1, how="all").reset_index()


def exponent(scaled: pd.DataFrame, method: str = "DeepSEM, a member") -> float:
    """Slope of log time in log genes over all sizes of `scale` (least squares)."""
    rows = scaled.dropna(subset=[method])
    return float(np.polyfit(np.log(rows["n_genes"]), np.log(rows[method]), 1)[0])


def largest(table: pd.DataFrame, scaled: pd.DataFrame) -> dict[str, float]:
    """The largest member measured to its end (genome.csv), and RegDiffusion beside a member.

    "genes", "threads", "minutes" by the clock, "gigabytes"; "rival": CPU time of RegDiffusion over
    that of a member at as many genes, from `scaled` (table of `scale`).
    """
    whole = table[(table["what"] == "member") & (table["epochs"] == Config().n_epochs)]
    row = whole.loc[whole["n_genes"].idxmax()]
    beside = scaled.set_index("n_genes").loc[row["n_genes"]]
    return {
        "genes": row["n_genes"], "threads": row["threads"], "minutes": row["wall"] / 60,
        "gigabytes": row["peak_mb"] / 1000,
        "rival": beside["RegDiffusion"] / beside["DeepSEM, a member"],
    }  # fmt: skip


def steps(table: pd.DataFrame) -> pd.DataFrame:
    """CPU seconds of a step on W (medians) by number of genes, and how many the dense one takes."""
    rows = table[table["steps"].eq(1) & table["what"].isin(["step", "products", "dense step"])]
    index = ["n_genes", "n_regulators", "nuisance", "threads"]
    wide = rows.pivot_table(index=index, columns="what", values="seconds", aggfunc="median")
    if "dense step" in wide:
        wide["dense / few"] = wide["dense step"] / wide["step"]
    wide["step / products"] = wide["step"] / wide["products"]
    return wide.reset_index()
