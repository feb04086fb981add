"""What chapter 5 trains itself, beside its controls: rankings, scores, the head of each list."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import candidates, edge_table
from deepsem_minimal.result import Result

from ..baselines import METHODS
from ..baselines.controls import degree_oracle, random_scores
from ..datasets.problem import Problem

HEAD = 100  # edges that a laboratory could test
N_RANDOM = 5
Rankings = list[tuple[str, pd.DataFrame]]


def rankings(problem: Problem, kind: str, result: Result) -> Rankings:
    """All answers for one network: (method, edges); DeepSEM* are the members of `result`."""
    genes, tfs = problem.genes, problem.tfs
    return [
        *(("random", random_scores(genes, tfs, seed)) for seed in range(N_RANDOM)),
        *(
            (name, edge_table(METHODS[name](problem.X, genes, tfs), genes, tfs))
            for name in ("Pearson", "Pearson-detection")
        ),
        *(("DeepSEM*", edge_table(W, genes, tfs)) for W in result.Ws),
        ("DeepSEM", result.edges(tfs, score="paper")),
        ("TF-degree", degree_oracle(problem.networks[kind])),
    ]


def scored(problem: Problem, answers: Mapping[str, Rankings]) -> pd.DataFrame:
    """One row per network and ranking: network, method, and what `evaluate` gives."""
    return pd.DataFrame(
        {
            "network": kind,
            "method": method,
            **evaluate(edges, problem.networks[kind], problem.genes),
        }
        for kind, ranked in answers.items()
        for method, edges in ranked
    )


def shown(scores: pd.DataFrame) -> pd.DataFrame:
    """(network, method) x EPR, AUPRC ratio (median, smallest and largest), ceiling and n."""
    by = scores.groupby(["network", "method"], sort=False)[["epr", "auprc_ratio", "max_epr"]]
    table = by.agg(["median", "min", "max", "size"])
    names = {"EPR": "epr", "AUPRC ratio": "auprc_ratio"}
    text = pd.DataFrame(
        {
            name: [
                f"{row[column, 'median']:.2f}"
                + (
                    f" ({row[column, 'min']:.2f}–{row[column, 'max']:.2f})"
                    if row[column, "size"] > 1
                    else ""
                )
                for _, row in table.iterrows()
            ]
            for name, column in names.items()
        },
        index=table.index,
    )
    text["ceiling"] = table["max_epr", "median"].round(1)
    text["n"] = table["epr", "size"]
    return text


def curve(problem: Problem, kind: str, method: str, edges: pd.DataFrame) -> pd.DataFrame:
    """Precision and recall of the first edges at some 200 lengths of the list.

    Columns k, recall, precision, ratio (precision / density), network, method. Ties count by their
    mean.
    """
    is_true, scores = candidates(edges, problem.networks[kind], problem.genes).flat
    order = np.argsort(-scores, kind="stable")
    end_of_tie = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits_at_end = np.cumsum(is_true[order])[end_of_tie]
    taken = np.unique([HEAD, *np.geomspace(20, len(order), 200).astype(int)])
    hits = np.interp(taken, [0, *(end_of_tie + 1)], [0, *hits_at_end])
    columns = {"k": taken, "recall": hits / is_true.sum(), "precision": hits / taken}
    columns["ratio"] = columns["precision"] / is_true.mean()
    return pd.DataFrame(columns).assign(network=kind, method=method)


def curves(problem: Problem, answers: Mapping[str, Rankings]) -> pd.DataFrame:
    """`curve` of every method but the single trainings; of several rankings, of the last."""
    return pd.concat(
        curve(problem, kind, method, edges)
        for kind, ranked in answers.items()
        for method, edges in dict(ranked).items()
        if method != "DeepSEM*"
    )


def of_seeds(problem: Problem, results: Mapping[str, Result]) -> pd.DataFrame:
    """`curve` of the single trainings; `results` by network."""
    return pd.concat(
        curve(problem, kind, f"seed {seed}", edge_table(W, problem.genes, problem.tfs))
        for kind, result in results.items()
        for seed, W in enumerate(result.Ws)
    )


def heads(curves: pd.DataFrame) -> pd.DataFrame:
    """(network, method) x ratio (precision over density) and hits among the first HEAD."""
    at_head = curves[curves["k"] == HEAD].set_index(["network", "method"])
    return at_head[["ratio"]].assign(hits=at_head["precision"] * HEAD)


def beyond_recorded(
    recorded: pd.DataFrame, live: pd.DataFrame, kinds: Sequence[str], preset_of: Mapping[str, str]
) -> str:
    """Whether live scores of DeepSEM* lie within three sd of the recorded single trainings.

    `recorded`: DeepSEM's rows of the same matrix.
    """
    lines = []
    for kind in kinds:
        same = (recorded["network"] == kind) & (recorded["preset"] == preset_of[kind])
        old = recorded[same & (recorded["n_members"] == 1)]["epr"]
        new = live[(live["network"] == kind) & (live["method"] == "DeepSEM*")]["epr"]
        if len(old) > 1:
            inside = new.between(old.mean() - 3 * old.std(), old.mean() + 3 * old.std())
            lines.append(
                f"- {kind}: live EPR {', '.join(f'{v:.2f}' for v in new)}; recorded mean "
                f"{old.mean():.2f}, sd {old.std():.2f} over {len(old)} seeds. {inside.sum()} of "
                f"{len(new)} within three sd."
            )
    return "\n".join(lines)
