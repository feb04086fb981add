"""The networks of the page: every method on every case, and what their edges share."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deepsem_minimal.config import Config
from deepsem_minimal.result import Result

from ..baselines import METHODS
from .cells import Case, paper_stories
from .epigenome import Bool
from .evidence import ANY, Evidence, degrees, frequent_motifs, jaccard, judge, random_network
from .evidence import top_edges as strongest
from .null_model import Support, motif_verdict

Networks = Mapping[str, Mapping[str, NDArray[np.floating]]]  # case -> method -> W
CONTROLS = ("one random network", "frequent motifs")
METHOD_NAMES = [  # of the recorded table
    "DeepSEM/specific", "DeepSEM/nonspecific", "Pearson", "GENIE3", "GRNBoost2", "random",
    "frequent motifs",
]  # fmt: skip
MAIN = "Tasic clusters"


def others(
    case: Case, evidence: Evidence, n_trees: int, with_trees: bool
) -> dict[str, NDArray[np.floating]]:
    """Scores of the other methods, [target, regulator]; the slow trees only `with_trees`."""
    X = np.asarray(case.cells.X, dtype=float)
    scores = {"Pearson": METHODS["Pearson"](X, case.genes, case.tfs)}
    if with_trees:
        boosted = {"max_trees": 10 * n_trees}
        scores["GENIE3"] = METHODS["GENIE3"](X, case.genes, case.tfs, n_trees=n_trees)
        scores["GRNBoost2"] = METHODS["GRNBoost2"](X, case.genes, case.tfs, **boosted)
    return scores | {
        CONTROLS[0]: random_network(case),
        CONTROLS[1]: frequent_motifs(case, evidence),
    }


def effort(case: Case, config: Config) -> dict[str, int | str]:
    """How little a training sees: profiles, batches per epoch, steps on W, and what that means."""
    n, m = case.cells.shape
    batches, cycle = -(-n // config.batch_size), config.K1 + config.K2
    epochs = sum(epoch % cycle >= config.K1 for epoch in range(config.n_epochs))
    warnings = [f"{n} cells are fewer than a batch of {config.batch_size}"] * (
        n < config.batch_size
    )
    warnings += [f"{m / n:.0f} genes for each cell: expect unstable edges"] * (n < m / 10)
    return {
        "cells": n,
        "batches an epoch": batches,
        "steps on W": epochs * batches,
        "warnings": "; ".join(warnings) or "none",
    }


def shared_by_seeds(
    cases: list[Case], results: Mapping[str, Result], k: int
) -> tuple[float, float, float]:
    """Shared edges / all edges of two trainings: one case, two seeds; two cases; by chance.

    Edges are the top of the whole list, k for each gene. NaN between cases where there is one.
    """
    tops = {
        (case.name, seed): strongest(W, case.genes, case.tfs, k)
        for case in cases
        for seed, W in zip(results[case.name].seeds, results[case.name].Ws, strict=True)
    }
    table, owner = jaccard(tops).to_numpy(), np.array([name for name, _ in tops])
    pair, same = np.triu(np.ones(table.shape, dtype=bool), 1), owner[:, None] == owner
    density = k / len(cases[0].tfs)
    within, between = table[pair & same], table[pair & ~same]
    chance = density / (2 - density)
    return float(within.mean()), float(between.mean()) if len(between) else np.nan, chance


# --- judged ---------------------------------------------------------------------------------------


def supports(cases: list[Case], networks: Networks, evidence: Evidence, k: int) -> pd.DataFrame:
    """`judge` of every network and kind of evidence: case, method, kind, Support, verdict."""
    return pd.DataFrame([
        {"case": case.name, "method": method, "kind": kind} | row(judge(case, W, evidence, kind, k))
        for case in cases
        for method, W in networks[case.name].items()
        for kind in evidence.kinds
    ])  # fmt: skip


def row(support: Support) -> dict[str, Any]:
    """The fields of a Support and its verdict."""
    return asdict(support) | {"verdict": motif_verdict(support)}


def by_type(
    case: Case, networks: Mapping[str, NDArray[np.floating]], evidence: Evidence, k: int
) -> pd.DataFrame:
    """`judge` of the targets of each type, all promoters: type, name (of the method), Support."""
    return pd.DataFrame([
        {"type": name, "name": method} | row(judge(case, W, evidence, ANY, k, targets))
        for name, targets in case.targets.items()
        for method, W in networks.items()
    ])  # fmt: skip


def readable(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns of `Support` to show, with the 95 % intervals in brackets."""
    observed = zip(rows["observed"], rows["observed_low"], rows["observed_high"], strict=True)
    effects = zip(rows["effect"], rows["low"], rows["high"], strict=True)
    columns = {
        "genes": rows["n_genes"].astype(int),
        "share with a motif": [f"{x:.3f} [{low:.3f}, {high:.3f}]" for x, low, high in observed],
        "random regulators": rows["random"].round(3),
        "matched null": rows["null"].round(3),
        "effect": [f"{x:+.3f} [{low:+.3f}, {high:+.3f}]" for x, low, high in effects],
        "z": rows["z"].round(1),
    }
    return pd.DataFrame(columns, index=rows.index)


def as_table(by_name: Mapping[str, Support], name: str) -> pd.DataFrame:
    """`readable` with one row per Support, named in the index."""
    rows = [asdict(support) for support in by_name.values()]
    return readable(pd.DataFrame(rows, index=pd.Index(by_name, name=name)))


def effects(support: pd.DataFrame) -> pd.DataFrame:
    """Effect, interval and z of `supports` as text: (case, method) x kind."""
    text = [
        f"{r.effect:+.3f} [{r.low:+.3f}, {r.high:+.3f}], {r.z:.1f}" for r in support.itertuples()
    ]
    table = support.assign(text=text)
    return table.pivot_table(
        index=["case", "method"], columns="kind", values="text", aggfunc="first", sort=False
    )


# --- recorded -------------------------------------------------------------------------------------


def recorded_rows(recorded: pd.DataFrame, k: int) -> pd.DataFrame:
    """Recorded rows of all types at k regulators, without "frequent motifs".

    Sorted by METHOD_NAMES and data set, the clusters first. Adds `ensemble` (or a method that is
    run once) and `row`, the data set with the method.
    """
    chance = recorded["method"].str.contains("DeepSEM|random|frequent")
    kept = recorded.assign(ensemble=(recorded["n_members"] > 1) | ~chance)
    kept = kept[(kept["k"] == k) & (kept["type"] == "all") & (kept["method"] != CONTROLS[1])]
    others = sorted(set(kept["data"]) - {MAIN})
    place = {name: i for i, name in enumerate([*METHOD_NAMES, MAIN, *others])}
    kept = kept.sort_values(["method", "data"], key=lambda names: names.map(place), kind="stable")
    return kept.assign(row=kept["data"] + ": " + kept["method"])


# --- the two stories, and what the networks look like ---------------------------------------------


def ranks(W: NDArray[np.floating], case: Case, gene: str) -> pd.Series:
    """TFs of the case, strongest regulator of `gene` first, with their ranks (1, 2, ...)."""
    scores = pd.Series(np.abs(W[case.genes.index(gene)]), index=case.genes)
    scores = scores[case.tfs].drop(gene, errors="ignore")
    return scores.rank(ascending=False, method="first").astype(int).sort_values()


def motifs_at(gene: str, case: Case, evidence: Evidence) -> pd.Series:
    """Which TFs of the case have a motif in a promoter of the gene."""
    return pd.Series(evidence.table(ANY, [gene], case.tfs)[0][0], index=case.tfs)


def story_methods(networks: Mapping[str, NDArray[np.floating]]) -> list[str]:
    """The methods without those that know nothing."""
    return [name for name in networks if name not in CONTROLS]


def stories(
    case: Case, networks: Mapping[str, NDArray[np.floating]], evidence: Evidence
) -> pd.DataFrame:
    """Ranks of the paper's regulators of the two genes by each method."""
    rows = []
    for gene, (_, tfs) in paper_stories().items():
        by_method = {name: ranks(networks[name], case, gene) for name in story_methods(networks)}
        has_motif = motifs_at(gene, case, evidence)
        rows += [
            {"gene": gene, "paper's regulator": tf, "motif in promoter": has_motif.get(tf)}
            | {f"rank, {name}": order.get(tf) for name, order in by_method.items()}
            | {"of": len(by_method["DeepSEM"])}
            for tf in tfs
        ]
    table = pd.DataFrame(rows).set_index(["gene", "paper's regulator"])
    return table.convert_dtypes().fillna("not expressed")


def story_lists(
    gene: str, case: Case, networks: Mapping[str, NDArray[np.floating]], evidence: Evidence, k: int
) -> pd.DataFrame:
    """The first k regulators of each method beside the paper's three, with stars for motifs."""
    kind, tfs = paper_stories()[gene]
    has_motif = motifs_at(gene, case, evidence)

    def shown(names: list[str]) -> list[str]:
        stars = ["*" * bool(has_motif.get(tf, False)) for tf in names]
        return [
            f"{tf}{star}{' (paper)' * (tf in tfs)}" for tf, star in zip(names, stars, strict=True)
        ]

    lists = {f"the paper, {kind}": [*shown(tfs), *[""] * (k - len(tfs))]}
    for name in story_methods(networks):
        lists[name] = shown(list(ranks(networks[name], case, gene).index[:k]))
    return pd.DataFrame(lists, index=pd.Index(range(1, k + 1), name=f"rank for {gene}"))


def type_parts(case: Case, edges: Bool) -> dict[str, Bool]:
    """The network cut to the targets of each type; none where there is one type."""
    rows = {name: pd.Index(case.genes).get_indexer(targets) for name, targets in
            case.targets.items()}  # fmt: skip
    return {name: edges[row] for name, row in rows.items()} if len(rows) > 1 else {}


def summary_statistics(
    cases: list[Case], chosen: Mapping[str, Bool], parts: Mapping[str, Bool]
) -> pd.DataFrame:
    """`degrees` of each network, and of the parts of the last one."""
    rows = {case.name: degrees(chosen[case.name], case.genes, case.tfs) for case in cases}
    main = cases[-1]
    rows |= {
        f"{main.name}: {name}": degrees(part, main.targets[name], main.tfs)
        for name, part in parts.items()
    }
    return pd.DataFrame(rows).T
