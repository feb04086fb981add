"""Knobs x levels x networks x methods: each inference goes into a table as soon as it is done.

    nice python -m deepsem_book.truth.grid --networks 10 --members 2

goes on where an earlier run was stopped. All settings have a network before any has the next one,
so that an early stop leaves equally many of each.
"""

import argparse
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..results_table import ResultsTable
from ..truth_table import ENSEMBLE, FEW, OWN, PAPER, PATH, table_at
from .methods import CONFIGS, METHODS, deepsem, read_out
from .scores import score, shared
from .settings import KNOBS, name_of
from .simulator import Setting, Simulated, simulate

FIRST_NETWORK = 100  # networks of smaller numbers served the search for centre and preset


def judged(data: Simulated, S: np.ndarray, seconds: float, **row: Any) -> dict[str, Any]:
    return row | score(S, data.W, data.n_tfs) | {"seconds": seconds}


def infer(data: Simulated, method: str, n_members: int) -> list[dict[str, Any]]:
    """The rows of one method; DeepSEM has one for each member and one for their ensemble."""
    if method not in CONFIGS:
        start = time.perf_counter()
        S = METHODS[method](data, 0)
        return [judged(data, S, time.perf_counter() - start, seed=0, n_members=1, config="")]
    config = CONFIGS[method](*data.X.shape)
    members = deepsem(data, config, n_members, method)
    alone = [read_out([member.W], method, data.n_tfs) for member in members]
    pairs = [shared(a, b, data.n_tfs) for a, b in combinations(alone, 2)]
    rows = [
        judged(data, S, member.seconds, seed=member.seed, n_members=1)
        for S, member in zip(alone, members, strict=True)
    ]
    of_all = read_out((m.W for m in members), method, data.n_tfs)
    seconds = sum(m.seconds for m in members)
    about = {"seed": ENSEMBLE, "n_members": n_members, "shared": np.mean(pairs) if pairs else None}
    rows.append(judged(data, of_all, seconds, **about))
    said = f"alpha={config.alpha:.3g} lr_W={config.lr_W:.3g} epochs={config.n_epochs}"
    return [row | {"config": said} for row in rows]


def run(
    table: ResultsTable, settings: Sequence[Setting], networks: Sequence[int],
    methods: Sequence[str], n_members: int,
) -> None:  # fmt: skip
    """Measure what the table lacks."""
    for network in networks:
        for setting in settings:
            name, data = name_of(setting), None
            for method in methods:
                about = {"setting": name, "network": network, "method": method}
                if table.has(**about):
                    continue
                data = data or simulate(setting, seed=network)
                rows = infer(data, method, n_members)
                table.put([about | row for row in rows])
                print(name, network, method, f"{rows[-1]['auroc']:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--knobs", nargs="*", choices=KNOBS, default=list(KNOBS))
    parser.add_argument("--methods", nargs="*", choices=[*METHODS, *CONFIGS],
                        default=[*METHODS, OWN],
                        help=f"default: all but {PAPER!r} and {FEW!r}")  # fmt: skip
    parser.add_argument("--networks", type=int, default=10)
    parser.add_argument("--members", type=int, default=2)
    parser.add_argument("--largest", type=int, default=2**40, help="cells x genes at most")
    parser.add_argument("--out", type=Path, default=PATH)
    args = parser.parse_args()
    torch.set_num_threads(1)
    table = table_at(args.out)
    table.check_writable()
    settings = list(dict.fromkeys(s for knob in args.knobs for s in KNOBS[knob]))
    small = [s for s in settings if s.n_cells * s.n_genes <= args.largest]
    networks = range(FIRST_NETWORK, FIRST_NETWORK + args.networks)
    run(table, small, networks, args.methods, args.members)


if __name__ == "__main__":
    main()
