"""How many seeds stand behind the grid, and ours beside the one training that the authors print."""

from collections.abc import Iterable

import pandas as pd

from .. import datasets
from .grid import Method

DEMO = ("beeline/hESC-500", "STRING", "nonspecific")  # matrix, network, preset of the tutorial
PRINTED = {  # what the tutorial prints, by name in data/published.csv
    "EPR": ("epr", "demo_epr"),
    "AUPRC ratio": ("auprc_ratio", "demo_auprc_ratio"),
}


def incomplete(recorded: pd.DataFrame, methods: Iterable[str], wanted: int = 10) -> pd.DataFrame:
    """(matrix, method) of which seeds are still missing: how many are recorded, of how many.

    `methods`: as the table names them; those that take chance need `wanted` seeds, all others one;
    DeepSEM by preset. Counted are single inferences without an error.
    """
    single = recorded[(recorded["error"] == "") & (recorded["n_members"] == 1)]
    seeds = single.groupby(["data", "method", "preset"])["seed"].nunique()
    rows: dict[tuple[str, str], str] = {}
    for data in sorted(single["data"].unique()):
        for method in (method for name in methods for method in Method.parse(name)):
            needed = 1 if method.deterministic else wanted
            n = int(seeds.get((data, method.name, method.preset), 0))
            if n < needed:
                name = f"{method.name} {method.preset}".strip()
                rows[data.removeprefix("beeline/"), name] = f"{n} of {needed}"
    index = pd.MultiIndex.from_tuples(rows, names=["matrix", "method"])
    return pd.DataFrame({"seeds recorded": list(rows.values())}, index=index)


def beside_demo(recorded: pd.DataFrame) -> pd.DataFrame:
    """The authors' printed training beside ours of the same matrix, network and preset.

    By score: printed, here (median, smallest and largest of the single trainings), seeds, and
    `printed value` (inside or outside of our range). Empty before any training is recorded.
    """
    data, network, preset = DEMO
    ours = recorded[
        (recorded["data"] == data) & (recorded["network"] == network)
        & (recorded["method"] == "DeepSEM") & (recorded["preset"] == preset)
        & (recorded["n_members"] == 1) & (recorded["error"] == "")
    ]  # fmt: skip
    rows = {}
    for name, (score, published) in PRINTED.items() if len(ours) else ():
        printed, values = datasets.published()[published], ours[score]
        inside = values.min() <= printed <= values.max()
        rows[name] = {
            "the authors print": f"{printed:.4f}",
            "here, median": f"{values.median():.4f}",
            "smallest": f"{values.min():.4f}",
            "largest": f"{values.max():.4f}",
            "seeds": len(values),
            "printed value": "inside our range" if inside else "outside our range",
            "seeds at or above it": int((values >= printed).sum()),
        }
    return pd.DataFrame(rows).T.rename_axis("score")
