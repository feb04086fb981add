"""Knobs x levels x networks x methods: each inference goes into a table as soon as it is done.

    nice python -m deepsem_book.truth.grid --networks 10 --members 2

goes on where an earlier run was stopped. Several runs may share the table: whoever comes first
writes an inference, the other's is dropped.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from deepsem_book.own_data.centre import centred
from deepsem_minimal import files
from deepsem_minimal.preprocess import standardise
from deepsem_minimal.train import Config, train

from .methods import METHODS
from .scores import score, shared
from .simulator import Setting, Simulated, simulate

BASE = Setting()
KNOBS: dict[str, list[Setting]] = {
    "cells": [replace(BASE, n_cells=n) for n in (50, 200, 1000, 5000, 20000)],
    "genes": [replace(BASE, n_genes=n) for n in (50, 100, 200, 500, 1000)],
    "zeros": [replace(BASE, zeros=z) for z in (0.0, 0.3, 0.6, 0.9)],
    "depth": [replace(BASE, depth_sd=s) for s in (0.0, 0.5, 1.0)],
    "raw depth": [replace(BASE, depth_sd=s, normalised=False) for s in (0.25, 0.5, 0.75)],
    "repression": [replace(BASE, repression=r) for r in (0.0, 0.3, 0.6)],
    "feedback": [replace(BASE, feedback=f) for f in (0.0, 0.3, 0.6)],
    "hubs": [replace(BASE, hub_exponent=e) for e in (0.0, 1.0, 1.5)],
    "hidden": [replace(BASE, hidden=h) for h in (0.0, 0.25, 0.5)],
    "types": [replace(BASE, n_types=k) for k in (1, 3, 6)],
}
OWN, PAPER = "DeepSEM own", "DeepSEM paper"
CONFIGS = {OWN: Config.for_data, PAPER: lambda n_cells, n_genes: Config.nonspecific()}
KEY = ["setting", "network", "method", "seed"]
ENSEMBLE = -1  # the seed of an ensemble's row
COLUMNS = [
    *KEY, "n_members", "auroc", "auroc_activating", "auroc_repressing", "auprc_ratio",
    "early_precision", "sign", "direction", "recall_half", "from_degrees", "shared", "density",
    "seconds", "config",
]  # fmt: skip


def name_of(setting: Setting) -> str:
    """The knobs that differ from BASE, e.g. "n_cells=200 zeros=0.6"; "base" if none does."""
    changed = {k: v for k, v in vars(setting).items() if v != getattr(BASE, k)}
    return " ".join(f"{k}={v}" for k, v in changed.items()) or "base"


class Table:
    """Rows in a csv file that is replaced as a whole, so that a kill loses no finished row."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path

    def read(self) -> pd.DataFrame:
        if not self.path.exists():
            return pd.DataFrame(columns=COLUMNS)
        return pd.read_csv(self.path, keep_default_na=True)

    def put(self, rows: list[dict[str, Any]]) -> None:
        with files.locked(self.path.parent):
            old, new = self.read(), pd.DataFrame(rows, columns=COLUMNS)
            table = pd.concat([old, new] if len(old) else [new]).drop_duplicates(KEY)
            text = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
            files.replace(self.path, text.encode())

    def has(self, setting: str, network: int, method: str) -> bool:
        table = self.read()
        same = (table["setting"] == setting) & (table["network"] == network)
        return bool((same & (table["method"] == method)).any())


def judged(data: Simulated, S: np.ndarray, seconds: float, **row: Any) -> dict[str, Any]:
    return row | score(S, data.W, data.n_tfs) | {"seconds": seconds}


def deepsem(data: Simulated, config: Config, n_members: int) -> Iterator[dict[str, Any]]:
    """A row for each member and one for their ensemble; the paper's importance is mean |W|."""
    Z = standardise(data.X, config.standardise, config.clip)[0]
    keep = (data.X != 0).astype(np.float32) if config.reconstruct == "nonzero" else None
    members = [train(Z, keep, config, seed) for seed in range(n_members)]
    for member in members:
        yield judged(data, read_out([member.W], config), member.seconds,
                     seed=member.seed, n_members=1)  # fmt: skip
    pairs = [
        shared(read_out([a.W], config), read_out([b.W], config), data.n_tfs)
        for a, b in combinations(members, 2)
    ]
    of_all = read_out([member.W for member in members], config)
    seconds = sum(member.seconds for member in members)
    yield judged(data, of_all, seconds, seed=ENSEMBLE, n_members=n_members,
                 shared=np.mean(pairs) if pairs else np.nan)  # fmt: skip


def read_out(Ws: Sequence[np.ndarray], config: Config) -> np.ndarray:
    """Signed scores: mean |W| with the sign of mean W for the paper's start, else `centred`."""
    mean = np.mean(Ws, axis=0)
    if config.W_init == "authors":
        return np.mean(np.abs(Ws), axis=0) * np.where(mean < 0, -1, 1)
    importance, sign = centred(mean)
    return importance * sign


def infer(data: Simulated, method: str, n_members: int) -> list[dict[str, Any]]:
    if method in CONFIGS:
        config = CONFIGS[method](*data.X.shape)
        said = f"alpha={config.alpha:.3g} lr_W={config.lr_W:.3g} epochs={config.n_epochs}"
        return [row | {"config": said} for row in deepsem(data, config, n_members)]
    start = time.perf_counter()
    S = METHODS[method](data, 0)
    return [judged(data, S, time.perf_counter() - start, seed=0, n_members=1, config="")]


def run(table: Table, settings: Sequence[Setting], networks: int, methods: Sequence[str],
        n_members: int) -> None:  # fmt: skip
    """Network by network, so that an early stop leaves all settings with equally many."""
    for network in range(networks):
        for setting in settings:
            name, data = name_of(setting), None
            for method in methods:
                if table.has(name, network, method):
                    continue
                data = data or simulate(setting, seed=network)
                rows = infer(data, method, n_members)
                about = {"setting": name, "network": network, "method": method}
                table.put([about | row for row in rows])
                print(name, network, method, f"{rows[-1]['auroc']:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--knobs", nargs="*", choices=KNOBS, default=list(KNOBS))
    parser.add_argument("--methods", nargs="*", default=[*METHODS, OWN], help="default: all but "
                        f"{PAPER!r}")  # fmt: skip
    parser.add_argument("--networks", type=int, default=10)
    parser.add_argument("--members", type=int, default=2)
    parser.add_argument("--largest", type=int, default=2**40, help="cells x genes at most")
    parser.add_argument("--out", type=Path, default=Path("data/results/truth/grid.csv"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    listed = {name_of(s): s for knob in args.knobs for s in KNOBS[knob]}
    settings = [s for s in listed.values() if s.n_cells * s.n_genes <= args.largest]
    run(Table(args.out), settings, args.networks, args.methods, args.members)


if __name__ == "__main__":
    main()
