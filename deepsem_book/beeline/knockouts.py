"""Does a network rank, for each regulator that was removed, the genes that changed above others?

    python -m deepsem_book.beeline.knockouts [--methods PIDC ...] [--data beeline/mESC-500 ...]

EPR over all pairs mostly pays for knowing which removals changed many genes: the degree oracle,
which knows no edge, is above every method. `within_tf_auroc` looks at each regulator by itself, and
the oracle has 0.5 there. What it still pays for is knowing which genes change whoever is removed:
the rankings in BLIND, which do not look at the regulator, say how much. `overlap` asks the same of
binding (ChIP-seq) and of STRING: is a bound or associated target more likely to change when the
regulator is gone?

Writes data/results/knockouts/within_tf.csv (one row per matrix, network, method and regulator) and
overlap.csv. DeepSEM counts with the ensemble of ten whose members the cache of the benchmark runner
has; methods with a package of their own with seed 0 from there; all others are run here, with
seed 0.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import edge_table, known_edges
from deepsem_minimal.result import mean_weight

from .. import datasets
from ..baselines import OPTIONAL
from ..baselines.controls import degree_oracle
from ..datasets.problem import Problem
from ..provenance import versions
from ..results_table import ResultsTable
from .epr import rewire, within_tf_auroc
from .grid import DEEPSEM, ORACLE, Method, Run
from .run import infer, trained_before

FOLDER = datasets.DATA_DIR / "results" / "knockouts"
MATRICES = ("beeline/hESC-500", "beeline/mESC-500", "beeline/mDC-1000")
SEEDS = 10
KEY = ["data", "network", "method", "preset"]
TABLE = ResultsTable(
    FOLDER / "within_tf.csv",
    key=["data", "method", "preset"],
    columns=[
        "data", "network", "TF", "on_list", "n_targets", "auroc", "epr", "method", "preset",
        "n_members", "versions", "input", "truth",
    ],
    text=["data", "network", "TF", "on_list", "method", "preset", "versions", "input", "truth"],
    whole=["n_targets", "n_members"],
    order=[*KEY, "TF"],
)  # fmt: skip
OVERLAP = ResultsTable(
    FOLDER / "overlap.csv",
    key=["data"],
    columns=[
        "data", "network", "other", "n_tfs", "n_genes", "n_other", "n_both", "density",
        "precision", "ratio", "null_low", "null_mean", "null_high",
    ],
    text=["data", "network", "other"],
    whole=["n_tfs", "n_genes", "n_other", "n_both"],
    order=["data", "network", "other"],
)  # fmt: skip
# Rankings of the targets that are the same for every regulator, from X (cells x genes): (genes,).
BLIND = {
    "gene's mean |r|": lambda X: np.abs(np.corrcoef(X, rowvar=False)).mean(axis=0),
    "gene's zeros": lambda X: (X == 0).mean(axis=0),
}
METHODS = (
    "Pearson", "Pearson-detection", "Pearson-APC", "Pearson2-APC", "ppcor", "PIDC", "SCODE",
    "SINCERITIES", "LinearSEM", "GRNBoost2", "GENIE3/n_trees=50", "DeepSEM", "RegDiffusion",
    "DAZZLE", ORACLE, *BLIND,
)  # fmt: skip
REWIRINGS = 100


# --- Regulator by regulator -----------------------------------------------------------------------


def weights(problem: Problem, method: Method) -> tuple[np.ndarray, int] | None:
    """W[target, regulator] and the number of trainings behind it; None where the cache lacks one.

    An ensemble is the mean of abs(W).
    """
    n_members = SEEDS if method.base == DEEPSEM else 1
    members = Run(problem, method, 0, n_members).members()
    trained = [W for member in members if (W := trained_before(member)) is not None]
    if len(trained) == n_members:
        return mean_weight(trained), n_members
    return None if method.base in (DEEPSEM, *OPTIONAL) else (infer(members[0]), 1)


def by_regulator(problem: Problem, W: np.ndarray | None) -> pd.DataFrame:
    """AUROC over the targets of each regulator in every network of the matrix.

    W[target, regulator]; None for the oracle of degrees. Columns: data, network, TF (upper case),
    on_list (is it on BEELINE's list of TFs?), n_targets, auroc, and epr of the whole network, the
    same in each of its rows.
    """
    tables = []
    for kind, network in problem.networks.items():
        edges = degree_oracle(network) if W is None else edge_table(W, problem.genes, problem.tfs)
        table = within_tf_auroc(edges, network, problem.genes)
        epr = evaluate(edges, network, problem.genes)["epr"]
        tables.append(table.assign(data=problem.name, network=kind, epr=epr))
    rows = pd.concat(tables, ignore_index=True)
    rows["on_list"] = rows["TF"].isin(listed_tfs(problem))
    return rows[["data", "network", "TF", "on_list", "n_targets", "auroc", "epr"]]


def blind(problem: Problem, name: str) -> np.ndarray:
    """W[target, regulator] of a ranking in BLIND: all columns alike."""
    ranking = BLIND[name](problem.X)
    return np.repeat(ranking[:, None], len(ranking), axis=1)


def listed_tfs(problem: Problem) -> set[str]:
    """BEELINE's TFs of the species, upper-case."""
    human = problem.name.removeprefix("beeline/").startswith("h")
    return datasets.transcription_factors("beeline-human" if human else "beeline-mouse", quiet=True)


# --- Binding and association ----------------------------------------------------------------------


def overlap(
    truth: pd.DataFrame, other: pd.DataFrame, n_rewirings: int = REWIRINGS, seed: int = 0
) -> dict[str, float]:
    """How much likelier an edge of `other` is one of `truth` (columns Gene1, Gene2) than any pair.

    Pairs: regulators of both networks x genes of both, without self edges. Keys: n_tfs, n_genes,
    n_other (edges of `other` among them), n_both, density (share of all pairs that are in `truth`),
    precision (share of the edges of `other` that are), ratio = precision / density, and what the
    ratio is when `other` is rewired with the degrees of its regulators and targets kept: null_low,
    null_mean and null_high (2.5 and 97.5 % of the rewirings). Raises ValueError when no regulator
    is in both or `other` has no edge among the pairs.
    """
    a, b = known_edges(truth), known_edges(other)
    tfs = pd.Index(sorted(set(a["Gene1"]) & set(b["Gene1"])))
    genes = pd.Index(sorted(set(a.to_numpy().ravel()) & set(b.to_numpy().ravel())))
    allowed = np.asarray(tfs)[:, None] != np.asarray(genes)[None, :]
    changed, linked = (matrix(edges, tfs, genes) & allowed for edges in (a, b))
    if not linked.any() or not changed.any():
        raise ValueError("the two networks have no regulator, or no edge, in common pairs")
    density = changed[allowed].mean()
    rng = np.random.default_rng(seed)
    null = [changed[rewire(linked, allowed, rng)].mean() for _ in range(n_rewirings)]
    low, high = np.percentile(null, [2.5, 97.5]) / density
    return {
        "n_tfs": len(tfs), "n_genes": len(genes), "n_other": int(linked.sum()),
        "n_both": int((changed & linked).sum()), "density": density,
        "precision": changed[linked].mean(), "ratio": changed[linked].mean() / density,
        "null_low": low, "null_mean": np.mean(null) / density, "null_high": high,
    }  # fmt: skip


def matrix(edges: pd.DataFrame, tfs: pd.Index, genes: pd.Index) -> np.ndarray:
    """Edges as bool (TF x gene); those of other regulators or genes are left out."""
    rows, columns = tfs.get_indexer(edges["Gene1"]), genes.get_indexer(edges["Gene2"])
    inside = (rows >= 0) & (columns >= 0)
    linked = np.zeros((len(tfs), len(genes)), dtype=bool)
    linked[rows[inside], columns[inside]] = True
    return linked


def overlaps(names: Iterable[str] = MATRICES) -> pd.DataFrame:
    """`overlap` of every knock-out network of the matrices with every network of the paper's."""
    rows: list[dict[str, Any]] = []
    for name in names:
        removed, paper = (
            table[table["expression"] == name].set_index("kind")["network"]
            for table in (datasets.knockouts(), datasets.benchmarks())
        )
        networks = {n: datasets.load_network(n, quiet=True) for n in {*removed, *paper}}
        for kind, network in removed.items():
            for against in ("STRING", "Non-Specific", "Specific"):
                measured = overlap(networks[network], networks[paper[against]])
                rows.append({"data": name, "network": kind, "other": against} | measured)
    return pd.DataFrame(rows)


# --- Command line ---------------------------------------------------------------------------------


def measure(problem: Problem, name: str) -> Iterator[pd.DataFrame]:
    """Rows of a method of the benchmark (both presets of DeepSEM) or of a ranking in BLIND."""
    if name in BLIND:
        yield labelled(problem, by_regulator(problem, blind(problem, name)), name)
        return
    for method in Method.parse(name):
        if method.base == ORACLE:
            yield labelled(problem, by_regulator(problem, None), method.name)
        elif (trained := weights(problem, method)) is None:
            print(f"{problem.name}: {method.name} {method.preset}: left out, the cache lacks its W")
        else:
            rows = by_regulator(problem, trained[0])
            yield labelled(problem, rows, method.name, method.preset, trained[1])


def labelled(
    problem: Problem, rows: pd.DataFrame, name: str, preset: str = "", n_members: int = 1
) -> pd.DataFrame:
    """Rows with what they are of and where they come from."""
    truth = rows["network"].map(problem.truths)
    rows = rows.assign(method=name, preset=preset, n_members=n_members)
    return rows.assign(versions=versions(), input=problem.input, truth=truth)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Score networks regulator by regulator.")
    parser.add_argument("--data", nargs="+", default=MATRICES)
    parser.add_argument("--methods", nargs="+", default=METHODS)
    options = parser.parse_args(arguments)
    TABLE.check_writable()
    for data_name in options.data:
        problem = Problem.load(data_name, "knockouts")
        for name in options.methods:
            for rows in measure(problem, name):
                TABLE.put(rows.to_dict("records"))
    OVERLAP.put(overlaps(options.data).to_dict("records"))


if __name__ == "__main__":
    main()
