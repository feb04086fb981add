"""The tables of chapter 6 from what is recorded."""

import numpy as np
import pandas as pd
from scipy import stats

from ..statistics import holm
from .cumulative import DIRECT, PACKAGE, PORT, SECTION, STAGES

SCORES = {"epr": "EPR", "auprc_ratio": "AUPRC ratio"}


def steps(speed: pd.DataFrame) -> pd.Series:
    """Median milliseconds per step of each stage of `cumulative`, 821 genes x 383 cells."""
    rows = speed[speed["section"] == SECTION].groupby("engine")["seconds_per_step"]
    return 1e3 * rows.median().loc[[*STAGES, DIRECT]]


def stages(speed: pd.DataFrame) -> pd.DataFrame:
    """The savings one after another: ms per step, times faster than before and than the port."""
    time = steps(speed)[STAGES]
    gain = {"this saving alone, ×": time.shift() / time, "together, ×": time[PORT] / time}
    return pd.DataFrame({"ms per step": time} | gain).rename_axis("stage")


def answer(speed: pd.DataFrame) -> dict[str, float]:
    """The numbers of the chapter's answer, by name."""
    time = steps(speed)
    port, direct, fast = time[[PORT, DIRECT, PACKAGE]]
    return {
        "port": port, "direct": direct, "fast": fast, "times": port / fast,
        "mlps": (direct - fast) / port, "first": 1 - time[STAGES[1]] / port,
    }  # fmt: skip


def ideas(speed: pd.DataFrame) -> pd.DataFrame:
    """Time with and without an idea, medians; below 1 in "with / without" it pays."""
    rows = {}
    savings = speed[speed["section"] == "savings"].groupby("engine")["seconds"].median()
    rows["a table in place of the MLPs"] = savings["fast"], savings["direct MLPs"]
    rows["256 knots, not 1,024"] = savings["fast"], savings["1024 knots"]
    batched = speed[speed["section"] == "batched"].groupby("engine")["seconds"].median()
    rows["ten members as one batch of matrices"] = batched["one batch"], batched["one by one"]
    refined = speed[speed["section"] == "refinement"]
    for n_genes, part in refined.groupby("n_genes"):
        ways = part.groupby("engine")["seconds"].median()
        rows[f"old factors, refined: {n_genes} genes"] = ways["refine"], ways["factorise"]
    table = pd.DataFrame(rows, index=["with, s", "without, s"]).T
    table["with / without"] = table["with, s"] / table["without, s"]
    table["verdict"] = np.where(table["with / without"] < 1, "kept", "dropped")
    return table.rename_axis("idea")


def pairs(speed: pd.DataFrame) -> pd.DataFrame:
    """Milliseconds per step of the port and of the fast engine, measured in turns, and ratio."""
    names = {
        "run": "one member, non-specific preset", "ensemble": "ten members, per member",
        "embedding": "one member, embedding preset",
    }  # fmt: skip
    own = speed[speed["section"].isin(names) & speed["engine"].isin(["plain", "fast"])]
    sizes = own.groupby(["section", "n_cells", "n_genes", "engine"])["seconds_per_step"]
    table = 1e3 * sizes.median().unstack("engine")[["plain", "fast"]]
    table["ratio"] = table["plain"] / table["fast"]
    table = table.rename(index=names, level="section").rename_axis(columns=None)
    return table.rename_axis(["", "cells", "genes"])


def growth(speed: pd.DataFrame) -> pd.DataFrame:
    """Exponents of time by engine: with genes, from the last doubling of genes, with cells."""
    genes, cells = (speed[speed["section"] == section] for section in ("genes", "cells"))
    last = genes[genes["n_genes"].isin(sorted(genes["n_genes"].unique())[-2:])]
    engines = ["plain", "fast", "fast, 30 epochs"]
    columns = {
        "with genes": (genes, "n_genes", "seconds_per_step"),
        "last doubling of genes": (last, "n_genes", "seconds_per_step"),
        "with cells, of an epoch": (cells, "n_cells", "seconds"),
    }
    there = {name: set(table["engine"]) for name, (table, *_) in columns.items()}
    return pd.DataFrame({
        name: {e: exponent(table, e, size, of) for e in engines if e in there[name]}
        for name, (table, size, of) in columns.items()
    }).reindex(engines)  # fmt: skip


def exponent(table: pd.DataFrame, engine: str, size: str, value: str) -> float:
    """Slope of log time against log size for one engine, from medians over repeats."""
    rows = table[table["engine"] == engine].groupby(size)[value].median()
    return float(np.polyfit(np.log(rows.index), np.log(rows), 1)[0])


def relative_times(speed: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Time of a whole training by repeat x engine of the section "peers"; `reference` is 1."""
    peers = speed[speed["section"] == "peers"]
    whole = (peers["seconds"] / peers["part"]).groupby([peers["repeat"], peers["engine"]])
    table = whole.first().unstack("engine")
    return table.div(table[reference], axis=0)


def forms_apart(faster: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Relative difference of the scores of two forms of a method, same matrix and seed.

    Both are tables of the benchmark; by method: comparisons, median and largest of each score.
    """
    both = faster.merge(published, on=["data", "network", "method", "seed"])
    both = both[both["config_x"] != both["config_y"]]
    columns: dict[str, pd.Series] = {}
    for score, name in {"epr": "EPR", "auprc_ratio": "AUPRC ratio"}.items():
        change = (both[f"{score}_x"] / both[f"{score}_y"] - 1).abs().groupby(both["method"])
        columns |= {f"{name}, {what}": change.agg(what) for what in ("median", "max")}
    table = pd.DataFrame(columns)
    table.insert(0, "comparisons", both.groupby("method").size())
    return table


def compare_engines(table: pd.DataFrame) -> pd.DataFrame:
    """Both scores of the port and of the fast engine by data set and network: level and spread.

    "p, level": permutation test of the difference of means; "p, spread": Brown and Forsythe's test
    of equal variances; both after `holm` over all of the table. "differs": one is below 0.05.
    """
    rows = []
    for (data, network), part in table.groupby(["data", "network"], sort=False):
        for score, name in SCORES.items():
            by = part.groupby("engine")[score].apply(np.array)
            plain, fast = by["plain"], by["fast"]
            rows.append({
                "data": data.removeprefix("beeline/"), "network": network, "score": name,
                "seeds": min(len(plain), len(fast)), "plain": plain.mean(), "fast": fast.mean(),
                "p, level": permutation(fast, plain), "lowest, plain": plain.min(),
                "lowest, fast": fast.min(), "sd, plain": plain.std(ddof=1),
                "sd, fast": fast.std(ddof=1),
                "p, spread": stats.levene(plain, fast, center="median").pvalue,
            })  # fmt: skip
    compared = pd.DataFrame(rows).set_index(["data", "network", "score"])
    tests = ["p, level", "p, spread"]
    compared[tests] = holm(compared[tests].to_numpy().ravel()).reshape(-1, 2)
    compared["differs"] = np.where((compared[tests] < 0.05).any(axis=1), "yes", "not shown")
    return compared


def permutation(a: np.ndarray, b: np.ndarray, n_draws: int = 20000) -> float:
    """Two-sided p of equal means when the labels of the values are shuffled."""
    both = np.concatenate([a, b])
    shuffled = np.random.default_rng(0).permuted(np.tile(both, (n_draws, 1)), axis=1)
    null = shuffled[:, : len(a)].mean(1) - shuffled[:, len(a) :].mean(1)
    return float((np.abs(null) >= abs(a.mean() - b.mean())).mean())
