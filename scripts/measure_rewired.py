"""Scores the recorded ensembles on rewired truths: is an EPR about edges or about degrees?

    python scripts/measure_rewired.py

For each benchmark at hand the ensemble of DeepSEM with the preset of that kind of network, and two
correlations, by `networks.rewiring_test`. Members of the ensemble that the cache of the benchmark
runner lacks are trained (hours for all). Writes data/results/rewired.csv after each matrix; a
matrix that is in the table is not run again.
"""

import numpy as np
import pandas as pd

from deepsem_minimal import benchmark, data, records
from deepsem_minimal.baselines import METHODS
from deepsem_minimal.networks import edge_table, rewiring_test
from deepsem_minimal.train import mean_weight

TABLE = data.DATA_DIR / "results" / "rewired.csv"
REWIRINGS, SEEDS = 50, 10


def ensemble(problem: benchmark.Problem, preset: str) -> np.ndarray:
    """Mean |W| of the members that the benchmark records."""
    [method] = benchmark.Method.parse(f"DeepSEM-{preset}")
    members = benchmark.Cell(problem, method, 0, SEEDS).members()
    for member in members:
        if not benchmark.has_weights(member):
            benchmark.write_weights(member, benchmark.infer(member))
    return mean_weight(map(benchmark.read_weights, members))


def tested(name: str) -> pd.DataFrame:
    """Both metrics of the three rankings on the networks of a matrix."""
    problem = benchmark.Problem.load(name)
    found = []
    for kind, network in problem.networks.items():
        preset = records.PRESET_OF[kind]
        matrices = {"DeepSEM": ensemble(problem, preset)} | {
            method: METHODS[method](problem.X, problem.genes, problem.tfs)
            for method in ["Pearson", "Pearson-detection"]
        }
        for method, W in matrices.items():
            edges = edge_table(W, problem.genes, problem.tfs)
            rows = rewiring_test(edges, network, problem.genes, REWIRINGS)
            found.append(
                rows.assign(
                    data=name, network=kind, method=method, n_rewirings=REWIRINGS,
                    n_members=SEEDS if method == "DeepSEM" else 1,
                    preset=preset if method == "DeepSEM" else "",
                    input=problem.input, truth=problem.truths[kind], versions=benchmark.versions(),
                )
            )  # fmt: skip
    return pd.concat(found)


def main() -> None:
    benchmarks = data.benchmarks()
    done = pd.read_csv(TABLE) if TABLE.exists() else pd.DataFrame({"data": []})
    for name in benchmarks.loc[benchmarks["available_in_mirror"], "expression"].unique():
        if name not in set(done["data"]):
            done = pd.concat([done, tested(name)], ignore_index=True)
            records.replace(TABLE, done.to_csv(index=False, float_format="%.6g").encode())
            print(f"{name}: {len(done)} rows in the table", flush=True)


if __name__ == "__main__":
    main()
