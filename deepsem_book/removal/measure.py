"""Measures data/results/removal.csv: what methods say of removals, learned from control cells.

    nice python -m deepsem_book.removal.measure [--data dixit ...] [--methods ...] [--seeds 10]

One row per screen, least change that counts (in sd), method, seed and removed gene (seed -1:
DeepSEM's ensemble). A method that fails has one row with its error. What stands in the table is
not run again.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from .. import datasets
from ..errors import in_a_line
from ..provenance import versions
from ..results_table import ResultsTable
from .effects import Screen, screen_of
from .made import with_removals
from .methods import METHODS, PRESETS, predictions
from .recorded import LARGE
from .scores import judge

DATA = ("sim/nonlinear-100", "dixit", "papalexi")
LEAST = (0.0, LARGE)
KEY = ["data", "least", "method", "seed"]
SCORES = [
    "n_moved", "density", "auroc", "null_other", "null_level", "first", "rank_r", "sign",
    "one_way", "right_way",
]  # fmt: skip
TABLE = ResultsTable(
    datasets.DATA_DIR / "results" / "removal.csv",
    key=KEY,
    columns=[*KEY, "removed", *SCORES, "versions", "error"],
    text=["data", "method", "removed", "versions", "error"],
    whole=["seed", "n_moved", "one_way"],
    order=(),
)


def measure(name: str, methods: Sequence[str], seeds: range) -> None:
    screen, done = screen_of(with_removals(datasets.load(name))), TABLE.read()
    done = done[done["data"] == name]
    for method in methods:
        last = seeds[-1] if method in PRESETS else 0
        if ((done["method"] == method) & (done["seed"] >= last)).any():
            continue
        try:
            rows = list(judged(screen, method, seeds))
        except Exception as error:  # whatever it is, it belongs in the table
            failed = {"method": method, "seed": 0, "n_moved": 0, "one_way": 0}
            failed |= {"error": in_a_line(error)}
            rows = [failed | {"least": least} for least in LEAST]
        about = {"data": name, "versions": versions()}
        TABLE.put(about | row for row in rows)
        print(name, method, len(rows), flush=True)


def judged(screen: Screen, method: str, seeds: range) -> Iterator[dict[str, Any]]:
    for made in predictions(screen, method, seeds):
        for least in LEAST:
            for row in judge(screen.strict(least), made.changes, made.signed, made.between):
                yield {"method": made.method, "seed": made.seed, "least": least} | row


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Score networks against screens of knock-outs.")
    parser.add_argument("--data", nargs="+", default=DATA, choices=DATA)
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    TABLE.check_writable()
    for name in options.data:
        measure(name, options.methods, range(options.seeds))


if __name__ == "__main__":
    main()
