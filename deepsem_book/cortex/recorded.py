"""The tables of data/results/cortex.csv and cortex_power.csv: every method against its null."""

from typing import Any

import pandas as pd

from ..statistics import holm
from .evidence import ANY
from .null_model import motif_verdict

METHOD_NAMES = [  # of the recorded table
    "DeepSEM/specific", "DeepSEM/nonspecific", "Pearson", "GENIE3", "GRNBoost2", "random",
    "frequent motifs",
]  # fmt: skip
MAIN = "Tasic clusters"
FREQUENT = "frequent motifs"  # knows which TFs have frequent motifs, and no edge
KNOWN = "every known regulator"  # a list that holds them, padded with random TFs


def recorded_rows(recorded: pd.DataFrame, k: int) -> pd.DataFrame:
    """Recorded rows of all types at k regulators, without "frequent motifs".

    Sorted by METHOD_NAMES and data set, the clusters first. Adds `ensemble` (or a method that is
    run once) and `row`, the data set with the method.
    """
    chance = recorded["method"].str.contains("DeepSEM|random|frequent")
    kept = recorded.assign(ensemble=(recorded["n_members"] > 1) | ~chance)
    kept = kept[(kept["k"] == k) & (kept["type"] == "all") & (kept["method"] != FREQUENT)]
    others = sorted(set(kept["data"]) - {MAIN})
    place = {name: i for i, name in enumerate([*METHOD_NAMES, MAIN, *others])}
    kept = kept.sort_values(["method", "data"], key=lambda names: names.map(place), kind="stable")
    return kept.assign(row=kept["data"] + ": " + kept["method"])


def verdicts(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per kind of evidence and method: z over the data sets, and how many are decided.

    `rows` with the fields of `Support`, kind and method. "above", "below": by the chapter's rule,
    |z| > 3 and an interval without 0. "smallest p": one-sided, after `holm` over all `rows`.
    """
    judged = rows.assign(
        holm=holm(rows["p"]), verdict=[motif_verdict(r) for r in rows.itertuples()]
    )
    table = judged.groupby(["kind", "method"], sort=False).agg(
        networks=("z", "size"), fewest=("n_genes", "min"), most=("n_genes", "max"),
        observed=("observed", "mean"), random=("random", "mean"), null=("null", "mean"),
        lowest=("z", "min"), median=("z", "median"), highest=("z", "max"),
        above=("verdict", lambda verdict: verdict.str.startswith("above").sum()),
        below=("verdict", lambda verdict: verdict.str.startswith("below").sum()),
        smallest_p=("holm", "min"),
    ).rename(columns={
        "fewest": "genes, fewest", "most": "genes, most", "observed": "share with a motif",
        "null": "matched null", "lowest": "z, lowest", "median": "z, median",
        "highest": "z, highest", "smallest_p": "smallest p, Holm",
    })  # fmt: skip
    digits = {name: 1 for name in table if name.startswith("z, ")}
    return table.round(digits | {"share with a motif": 3, "random": 3, "matched null": 3,
                                 "smallest p, Holm": 2})  # fmt: skip


def could_show(kept: pd.DataFrame, power: pd.DataFrame) -> pd.DataFrame:
    """Rows of `power` at the sizes of `kept`: what lists with every known regulator reach there."""
    sizes = kept[["kind", "n_genes"]].drop_duplicates()
    return sizes.merge(power, left_on=["kind", "n_genes"], right_on=["evidence", "genes"])


def answer(kept: pd.DataFrame, power: pd.DataFrame) -> dict[str, Any]:
    """The numbers of the chapter's answer, by name, from `recorded_rows` and the power table."""
    whole = kept[kept["ensemble"] & (kept["method"] != "random")]
    own = whole[whole["kind"] == ANY].set_index(["method", "data"]).xs(MAIN, level="data")
    decided = [motif_verdict(r).startswith("above") for r in whole.itertuples()]
    n_genes = int(own["n_genes"].max())
    reach = could_show(whole, power)
    at_main = reach[(reach["kind"] == ANY) & (reach["genes"] == n_genes)].iloc[0]
    return {
        "genes": n_genes, "deepsem": own["z"]["DeepSEM/specific"], "genie3": own["z"]["GENIE3"],
        "share": own["observed"]["DeepSEM/specific"], "null": own["null"]["DeepSEM/specific"],
        "known": at_main["median z"], "draws": at_main["share of draws with z > 3"],
        "comparisons": len(whole), "above": sum(decided), "sizes": len(reach),
        "blind": int((reach["median z"] < 3).sum()),
    }  # fmt: skip
