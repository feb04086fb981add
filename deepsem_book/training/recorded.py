"""What the recorded tables say of single trainings, of their ensemble, and of the two signs."""

import numpy as np
import pandas as pd

from .. import truth_table
from ..benchmark_table import PRESET_OF, recorded

FEW = "-500"  # matrices with the TFs and 500 genes; those with 1000 share their cells


def single_and_ensemble() -> pd.DataFrame:
    """EPR of each single training over that of the ensemble: data, network, seed, share.

    Benchmarks with 500 genes beside the TFs; the preset is the paper's for the kind of network.
    """
    table = recorded()
    ours = table[(table["method"] == "DeepSEM") & (table["error"] == "")]
    ours = ours[ours["preset"] == ours["network"].map(PRESET_OF)]
    ours = ours[ours["data"].str.endswith(FEW)].set_index(["data", "network"])
    whole = ours.loc[ours["n_members"] > 1, "epr"]
    single = ours[ours["n_members"] == 1].join(whole.rename("ensemble"), how="inner")
    share = single["epr"] / single["ensemble"]
    return single.assign(share=share).reset_index()[["data", "network", "seed", "share"]]


def answer(shares: pd.DataFrame) -> dict[str, float]:
    """The numbers of chapter 4's answer, from `single_and_ensemble`."""
    by_benchmark = shares.groupby(["data", "network"])["share"]
    gain = 1 / by_benchmark.mean()  # of the ensemble over the mean training
    return {
        "benchmarks": len(gain),
        "seeds": int(shares["seed"].nunique()),
        "least": shares["share"].min(),
        "worst": by_benchmark.min().median(),
        "gain": np.exp(np.log(gain).mean()) - 1,
        "above": int((gain > 1).sum()),
    }


def signs_told() -> dict[str, float]:
    """On known truths: how far activating and repressing edges are apart, by method.

    Median over settings of |AUROC of activating - of repressing edges|, and right signs.
    """
    table = truth_table.table_at().read()
    names = {"own": truth_table.OWN, "r": "correlation"}
    signs = {short: truth_table.signs(table, method) for short, method in names.items()}
    kept = signs["own"].index.intersection(signs["r"].index)
    apart = {
        f"{short}_apart": part.loc[kept, "activating - repressing"].abs().median()
        for short, part in signs.items()
    }
    return {"settings": len(kept), "right": signs["own"].loc[kept, "sign"].mean()} | apart
