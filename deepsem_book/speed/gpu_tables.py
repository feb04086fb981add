"""What `gpu.csv` says: agreement with the CPU, times, memory, and what launching costs."""

from typing import Any

import pandas as pd

ENGINES = {"plain": "authors' loop", "fast": "package", "few": "package, columns for TFs"}
PAIRS = {
    "step on W": ("launched", "replayed"),
    "step on the MLPs": ("launched", "replayed"),
    "algebra of a step": ("one by one", "batched"),
}


def trainings(table: pd.DataFrame) -> pd.DataFrame:
    """Median seconds of the trainings of one member and of ten, and peak MB of one."""
    rows = table[table["what"] == "training"].assign(engine=lambda t: t["engine"].map(ENGINES))
    size = ["n_genes", "n_cells", "engine"]
    seconds = rows.groupby([*size, "members"])["seconds"].median().unstack()
    seconds = seconds.rename(columns={1: "one member, s", 10: "ten members, s"})
    peak = rows[rows["members"] == 1].groupby(size)["peak_mb"].max()
    return seconds.assign(**{"one member, peak MB": peak}).rename_axis(columns=None)


def steps(table: pd.DataFrame) -> pd.DataFrame:
    """Median milliseconds of two ways to do the same, and their ratio, by number of genes.

    A comparison that nobody ran on this table's cards says so.
    """
    rows: list[tuple[Any, ...]] = []
    for what, (slow, fast) in PAIRS.items():
        part = table[table["what"] == what]
        medians = part.groupby(["n_genes", "engine"])["seconds"].median().unstack() * 1e3
        whole = medians.reindex(columns=[slow, fast]).dropna()
        rows += [(what, n, f"{slow}, {a:.2f}", f"{fast}, {b:.2f}", f"{a / b:.1f}") for n, a, b in
                 whole.itertuples()] or [(what, "", *["not measured"] * 3)]  # fmt: skip
    columns = ["what", "genes", "in turn, ms", "at once, ms", "ratio"]
    return pd.DataFrame(rows, columns=columns).set_index("what")


def answer(table: pd.DataFrame) -> pd.DataFrame:
    """Card, largest relative error, AUPRC ratios by device, and the fastest whole trainings."""
    errors = table.loc[table["what"].str.startswith("error of "), "value"]
    found = {
        "card": " and ".join(table["card"].unique()),
        "largest relative difference of a loss or gradient from the CPU's": f"{errors.max():.0e}",
    }
    scores = table[table["what"] == "AUPRC ratio"].groupby("device")["value"]
    for device, values in scores:
        ratios = ", ".join(f"{value:.2f}" for value in values)
        found[f"AUPRC ratio by seed, known network of 100 genes, {device}"] = ratios
    whole = table[table["what"] == "whole training"]
    for (n_genes, n_cells, engine), rows in whole.groupby(["n_genes", "n_cells", "engine"]):
        what = f"{ENGINES.get(engine, engine)}, {n_genes:,} genes, {n_cells:,} cells, whole"
        cost = rows[["seconds", "peak_mb"]].min()
        found[what] = f"{cost['seconds']:.0f} s, {cost['peak_mb'] / 1e3:.1f} GB"
    return pd.Series(found, name="recorded").to_frame()
