"""Scores every method on rewired truths: is an EPR about edges or about degrees?

    python scripts/measure_rewired.py [--methods PIDC ...] [--data beeline/mDC-500 ...]

For each benchmark at hand, by `networks.rewiring_test`: the ensemble of DeepSEM with the preset of
that kind of network, the correlations, and one seed of the baselines. Members of the ensemble that
the cache of the benchmark runner lacks are trained (hours for all). Writes data/results/rewired.csv
after each method and matrix; what is in the table is not run again.
"""

import argparse

import numpy as np
import pandas as pd

from deepsem_minimal import data, files, records
from deepsem_minimal.grid import Cell, Method, Problem
from deepsem_minimal.inference import has_weights, infer, read_weights, versions, write_weights
from deepsem_minimal.networks import edge_table, rewiring_test
from deepsem_minimal.train import mean_weight

TABLE = data.DATA_DIR / "results" / "rewired.csv"
REWIRINGS, SEEDS = 50, 10
METHODS = [
    "DeepSEM", "Pearson", "Pearson-detection", "Pearson-APC", "Pearson2-APC", "ppcor", "SCODE",
    "PIDC", "SINCERITIES", "GRNBoost2", "GENIE3/n_trees=50", "LinearSEM", "RegDiffusion", "DAZZLE",
]  # fmt: skip


def ensemble(problem: Problem, preset: str) -> np.ndarray:
    """Mean |W| of the members that the benchmark records."""
    [method] = Method.parse(f"DeepSEM-{preset}")
    members = Cell(problem, method, 0, SEEDS).members()
    for member in members:
        if not has_weights(member):
            write_weights(member, infer(member))
    return mean_weight(map(read_weights, members))


def single(problem: Problem, name: str) -> tuple[np.ndarray, int]:
    """W and seed: the first that the cache of the benchmark's runner has, else seed 0."""
    [method] = Method.parse(name)
    cells = [Cell(problem, method, seed) for seed in range(SEEDS)]
    kept = next(filter(has_weights, cells), None)
    return (infer(cells[0]), 0) if kept is None else (read_weights(kept), kept.seed)


def tested(problem: Problem, name: str) -> pd.DataFrame:
    """Both metrics of one method on the networks of a matrix."""
    ours, W, seed, found = name == "DeepSEM", None, 0, []
    for kind, network in problem.networks.items():
        preset = records.PRESET_OF[kind] if ours else ""
        if ours:
            W = ensemble(problem, preset)
        elif W is None:
            W, seed = single(problem, name)
        edges = edge_table(W, problem.genes, problem.tfs)
        rows = rewiring_test(edges, network, problem.genes, REWIRINGS)
        found.append(
            rows.assign(
                data=problem.name, network=kind, method=name, n_rewirings=REWIRINGS,
                n_members=SEEDS if ours else 1, seed=seed, preset=preset,
                input=problem.input, truth=problem.truths[kind], versions=versions(),
            )
        )  # fmt: skip
    return pd.concat(found)


def main() -> None:
    parser = argparse.ArgumentParser(description="Score methods on rewired truths.")
    parser.add_argument("--methods", nargs="+", default=METHODS, help="as the benchmark names them")
    parser.add_argument("--data", nargs="+", help="matrices (default: every one at hand)")
    options = parser.parse_args()
    benchmarks = data.benchmarks()
    at_hand = benchmarks.loc[benchmarks["available_in_mirror"], "expression"].unique()
    done = pd.read_csv(TABLE) if TABLE.exists() else pd.DataFrame({"data": [], "method": []})
    for method in options.methods:
        for name in options.data or at_hand:
            if not ((done["data"] == name) & (done["method"] == method)).any():
                rows = tested(Problem.load(name), method)
                done = pd.concat([done, rows], ignore_index=True)
                files.replace(TABLE, done.to_csv(index=False, float_format="%.6g").encode())
                print(f"{method}, {name}: {len(done)} rows in the table", flush=True)


if __name__ == "__main__":
    main()
