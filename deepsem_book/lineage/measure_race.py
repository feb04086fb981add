"""The race of chapter 9: every method on the same simulated networks, whose truth is known.

    python -m deepsem_book.lineage.measure_race [--networks 20]

Writes data/results/race.csv after each method and network; what is in the table is not run again.
Twenty networks take about a quarter of an hour.
"""

import argparse
import time
from collections.abc import Sequence
from itertools import product

import numpy as np

from deepsem_minimal.preprocess import standardise

from ..known_truth import auprc, right_way
from ..provenance import versions
from .race import FIRST, N_GENES, N_TFS, TABLE, contestants, simulated


def measured(network: int, method: str) -> dict[str, object]:
    """One row; `network` is the seed of the network, of its cells and of the method."""
    truth, X = simulated(network)
    Z = standardise(X).X.astype(float)
    start = time.process_time()
    W = contestants()[method](X, Z, network)
    return {
        "network": network, "method": method, "auprc": auprc(W, truth, N_TFS),
        "right_way": right_way(W, truth), "seconds": time.process_time() - start,
        "density": (truth[:, :N_TFS] != 0).sum() / (N_TFS * (N_GENES - 1)),
        "zeros": float(np.mean(X == 0)), "versions": versions(),
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Run the race of chapter 9.")
    parser.add_argument("--networks", type=int, default=20, help="how many (default 20)")
    options = parser.parse_args(arguments)
    runs = product(range(FIRST, FIRST + options.networks), contestants())
    TABLE.fill(["network", "method"], runs, lambda **run: [measured(**run)])


if __name__ == "__main__":
    main()
