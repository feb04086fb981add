"""The tables and sentences of chapter 6 from what is recorded."""

import numpy as np
import pandas as pd

FLOAT32 = np.finfo(np.float32).eps


def of_shares(shares: pd.DataFrame) -> str:
    """What takes the time; `shares`: milliseconds per step, purposes x (plain, fast)."""
    portions = shares / shares.sum()
    parts = {
        engine: ", ".join(
            f"{name} {value:.0%}" for name, value in portions[engine].nlargest(n).items()
        )
        for engine, n in (("plain", 4), ("fast", 3))
    }
    first = portions["fast"].nlargest(1)
    half = f"*{first.index[0]}* takes more than" if first.iloc[0] > 0.5 else "no part takes"
    return (
        f"The port's time: {parts['plain']}. The fast engine's: {parts['fast']}. There {half} half."
    )


def against_float32(error: float) -> str:
    """An error beside the resolution of float32."""
    if error < FLOAT32:
        return "below what float32 resolves"
    return f"{error / FLOAT32:.0f} times what float32 resolves"


def of_refinement(speed: pd.DataFrame) -> str:
    """Whether refinement pays, from the section "refinement" of data/results/speed.csv."""
    ways = speed[speed["section"] == "refinement"].pivot_table(
        index="n_genes", columns="engine", values="seconds", aggfunc="median"
    )
    ratios = ways["refine"] / ways["factorise"]
    return (
        "Time of a run that refines, over that of one that factorises at every step on W: "
        + ", ".join(f"{ratio:.2f} with {n:.0f} genes" for n, ratio in ratios.items())
        + (
            ". Never below 1: the engine factorises at every step."
            if ratios.min() > 1
            else f". Refinement is faster from {ratios.index[ratios < 1][0]:.0f} genes on, and "
            "the engine nevertheless factorises at every step."
        )
    )


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


def compare_engines(rows: pd.DataFrame) -> pd.Series:
    """Difference of mean EPR, its bootstrap interval, and the p-value of a permutation test."""
    rng = np.random.default_rng(0)
    a, b = (rows.loc[rows["engine"] == e, "epr"].to_numpy() for e in ("fast", "plain"))
    both, observed = np.concatenate([a, b]), a.mean() - b.mean()
    shuffled = rng.permuted(np.tile(both, (20000, 1)), axis=1)
    null = shuffled[:, : len(a)].mean(1) - shuffled[:, len(a) :].mean(1)
    boot = rng.choice(a, (5000, len(a))).mean(1) - rng.choice(b, (5000, len(b))).mean(1)
    low, high = np.quantile(boot, [0.025, 0.975])
    return pd.Series(
        {
            "seeds": min(len(a), len(b)),
            "EPR, plain": b.mean(),
            "EPR, fast": a.mean(),
            "difference": observed,
            "95 % low": low,
            "95 % high": high,
            "p (permutation)": (np.abs(null) >= abs(observed)).mean(),
        }
    )


def of_engines(p_values: pd.Series) -> str:
    """Whether a comparison tells the engines apart."""
    smallest, n = p_values.min(), len(p_values)
    return f"The smallest of the {n} p-values is {smallest:.2f}" + (
        ": no comparison tells the engines apart. A test that finds no difference between so few "
        "seeds does not prove that there is none; the equality of loss and gradients above does "
        "more."
        if smallest > 0.05
        else f"; with {n} comparisons, a value below {0.05 / n:.3f} would count as a difference."
    )


def on_gpu(table: pd.DataFrame) -> pd.DataFrame:
    """Median seconds and peak MB of the trainings in gpu.csv by size, engine and members."""
    rows = table[table["what"] == "training"]
    sizes = rows.groupby(["n_cells", "n_genes", "epochs", "engine", "members"])
    return sizes[["seconds", "peak_mb"]].median().unstack(["engine", "members"])


def gpu_agreement(table: pd.DataFrame) -> pd.Series:
    """Largest relative error of loss and gradients against the CPU in gpu.csv, by genes."""
    errors = table[table["what"].str.startswith("error of")]
    return errors.groupby("n_genes")["value"].max()
