"""Changes of one setting: which there are, and their paired effects.

`effects` compares a changed setting with the preset seed by seed. Tables are those of the
benchmark's runner (`benchmark_table.COLUMNS`).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy import stats

from .. import benchmark_table
from ..benchmark_table import PRESET_OF
from ..statistics import t_interval, t_test, verdict

METRIC_NAMES = {"epr": "EPR", "auprc_ratio": "AUPRC ratio"}
BOTH = ("nonspecific", "specific")


NONSPECIFIC, SPECIFIC = BOTH


@dataclass(frozen=True)
class Switch:
    """One changed setting: its family, the row of the ledger ("" if none), and the presets it fits.

    `change` is what the runner takes behind "DeepSEM/".
    """

    family: str
    change: str
    text: str
    ledger: str = ""
    presets: Sequence[str] = (NONSPECIFIC,)

    @property
    def method(self) -> str:
        """Its name in the column `method` of the table."""
        return f"DeepSEM/{self.change}"


# The most telling first: a run that is stopped early leaves whole comparisons.
SWITCHES = (
    Switch("L1 weight α", "alpha=10", "α = 10", "6"),
    Switch("encoder bias", "encoder_bias=zero", "zero, not random", "4b", BOTH),
    Switch("MLPs", "K1=0,n_epochs=60", "frozen as drawn", "10"),
    Switch("MLPs", "K1=0,n_epochs=100", "frozen as drawn", "10", (SPECIFIC,)),
    Switch("L1 weight α", "alpha=100", "α = 100", "6", (SPECIFIC,)),
    Switch("reconstruction", "reconstruct=nonzero", "non-zero entries", "7"),
    Switch("reconstruction", "reconstruct=all", "all entries", "7", (SPECIFIC,)),
    Switch("standardisation", "standardise=nonzero", "over non-zero entries", "8"),
    Switch("standardisation", "standardise=cells", "over all cells", "8", (SPECIFIC,)),
    Switch("learning rate", "no-decay", "no decay", "12", BOTH),
    Switch("learning rate of W", "lr_W=1e-4", "that of the MLPs", "11", BOTH),
    Switch("start of W", "W_init=safe", "safe", "9", BOTH),
    Switch("KL weight β", "beta=0.01", "β = 0.01", ""),
    Switch("KL weight β", "beta=1", "β = 1", "", (SPECIFIC,)),
    Switch("epochs", "n_epochs=31", "31 epochs", "13", BOTH),
    Switch("L1 weight α", "alpha=1000", "α = 1000", "6"),
    Switch("KL term", "kl=closed", "closed form", "5", BOTH),
    Switch("prior", "n_components=3", "K = 3", "4", BOTH),
    Switch("L1 weight α", "alpha=1", "α = 1", "6"),
    Switch("epochs", "n_epochs=181", "181 epochs", "13"),
    Switch("prior", "n_components=5", "K = 5", "4", BOTH),
    Switch("start of W", "W_init=paper", "normal, as printed", "9", BOTH),
    Switch("KL weight β", "beta=10", "β = 10", ""),
    Switch("L1 weight α", "alpha=0.1", "α = 0.1", "6", BOTH),
    Switch("prior", "n_components=2", "K = 2", "4", BOTH),
    Switch("prior", "n_components=4", "K = 4", "4", BOTH),
    Switch("L1 weight α", "alpha=10", "α = 10", "6", (SPECIFIC,)),
    Switch("KL weight β", "beta=0.1", "β = 0.1", "", BOTH),
    Switch("epochs", "n_epochs=91", "91 epochs", "13", (SPECIFIC,)),
)


def method_name(preset: str, change: str = "") -> str:
    """What the runner calls a preset with one change: "DeepSEM-nonspecific/alpha=10"."""
    return f"DeepSEM-{preset}" + (f"/{change}" if change else "")


def recorded_switches() -> pd.DataFrame:
    """Trainings with at most one change: those of `measure_ablations`, then those of the grid.

    Empty before their first run.
    """
    table = benchmark_table.recorded("switches", "")
    named = {"DeepSEM", *(switch.method for switch in SWITCHES)}
    return table[table["method"].isin(named)].reset_index(drop=True)


# --- Effects --------------------------------------------------------------------------------------


def judged(table: pd.DataFrame) -> pd.DataFrame:
    """The rows without an error of each network under the preset that the paper uses for it."""
    fits = table["preset"] == table["network"].map(PRESET_OF)
    return table[fits & (table["error"] == "")]


def differences(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Changed - preset for each seed that has both: data, network, preset, change, seed, value."""
    rows = judged(table)
    rows = rows[rows["n_members"] == 1]
    by = ["data", "network", "preset", "seed"]
    preset = rows[rows["method"] == "DeepSEM"][[*by, metric]]
    both = rows.merge(preset, on=by, suffixes=("", "_preset"))
    both = both[both["method"] != "DeepSEM"]
    both = both.assign(
        change=both["method"].str.removeprefix("DeepSEM/"),
        value=both[metric] - both[f"{metric}_preset"],
    )
    return both[[*by[:3], "change", "seed", "value"]].reset_index(drop=True)


def of_ensembles(table: pd.DataFrame, metric: str) -> pd.Series:
    """Changed - preset of the largest ensembles of equal size, by (data, network, change)."""
    rows = judged(table)
    rows = rows[rows["n_members"] > 1]
    by = ["data", "network", "preset", "n_members"]
    preset = rows[rows["method"] == "DeepSEM"][[*by, metric]]
    both = rows.merge(preset, on=by, suffixes=("", "_preset")).sort_values("n_members")
    both = both[both["method"] != "DeepSEM"]
    change = both["method"].str.removeprefix("DeepSEM/")
    value = both[metric] - both[f"{metric}_preset"]
    index = pd.MultiIndex.from_arrays([both["data"], both["network"], change])
    value = pd.Series(value.to_numpy(), index=index)
    return value[~index.duplicated(keep="last")]


def effects(table: pd.DataFrame, data: str, metric: str) -> pd.DataFrame:
    """One row per switch and network of `data`, run or not.

    Columns: those of Switch, network, preset, n (seeds with both), effect (mean of changed -
    preset), low and high (95 % t interval over seeds), p (of no effect), apart (p of Welch's test
    against every seed of the preset, without pairs), ensemble (the same difference of ensembles,
    NaN if there are none), verdict. `metric`: "epr" or "auprc_ratio".
    """
    runs = table[table["data"] == data]
    paired = differences(runs, metric).groupby(["network", "change"])["value"].apply(list)
    single = judged(runs[runs["n_members"] == 1])
    scores = single.groupby(["network", "method"])[metric].apply(list)
    ensembles, rows = of_ensembles(runs, metric), []
    networks = [kind for kind in PRESET_OF if kind in set(runs["network"])]
    for network in networks:
        preset = PRESET_OF[network]
        for switch in (s for s in SWITCHES if preset in s.presets):
            per_seed = paired.get((network, switch.change), [])
            _, low, high = t_interval(per_seed)
            row = asdict(switch) | {"network": network, "preset": preset, "n": len(per_seed)}
            row |= {"effect": np.mean(per_seed) if per_seed else np.nan, "low": low, "high": high}
            every = scores.get((network, switch.method), []), scores.get((network, "DeepSEM"), [])
            row |= {"p": t_test(per_seed), "apart": welch(*every)}
            row["ensemble"] = ensembles.get((data, network, switch.change), np.nan)
            rows.append(row | {"verdict": verdict(len(per_seed), low, high)})
    columns = [*SWITCHES[0].__dataclass_fields__, "network", "preset", "n", "effect", "low", "high"]
    frame = pd.DataFrame(rows, columns=[*columns, "p", "apart", "ensemble", "verdict"])
    order = {family: i for i, family in enumerate(dict.fromkeys(s.family for s in SWITCHES))}
    frame["rank"] = frame["family"].map(order)
    frame = frame.sort_values(["network", "rank"], kind="stable", ignore_index=True)
    return frame.drop(columns="rank")


def welch(changed: Sequence[float], preset: Sequence[float]) -> float:
    """Two-sided p of equal means of two groups of seeds; NaN with fewer than two in one."""
    if min(len(changed), len(preset)) < 2:
        return np.nan
    return float(stats.ttest_ind(changed, preset, equal_var=False).pvalue)


def along(table: pd.DataFrame, data: str, setting: str) -> pd.DataFrame:
    """Single trainings in which nothing but `setting` differs from the preset.

    Columns: network, preset, seed, x (the setting's value), is_preset, epr, auprc_ratio.
    """
    rows = judged(table[table["data"] == data])
    only = rows["method"].str.fullmatch(rf"DeepSEM(/{setting}=[^,]+)?")
    rows = rows[(rows["n_members"] == 1) & only]
    x = [float(json.loads(config)[setting]) for config in rows["config"]]
    rows = rows.assign(x=x, is_preset=rows["method"] == "DeepSEM")
    return rows[["network", "preset", "seed", "x", "is_preset", *METRIC_NAMES]]
