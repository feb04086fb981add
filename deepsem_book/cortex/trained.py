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
from .cells import CORTEX_TYPES, Case
from .evidence import Evidence, frequent_motifs, jaccard, judge, random_network
from .evidence import top_edges as strongest
from .null_model import Support, motif_verdict

Networks = Mapping[str, Mapping[str, NDArray[np.floating]]]  # case -> method -> W
CONTROLS = ("one random network", "frequent motifs")


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


def steps_on_W(case: Case, config: Config) -> int:
    """How often a training updates W: batches of the epochs in which W is trained."""
    cycle = config.K1 + config.K2
    epochs = sum(epoch % cycle >= config.K1 for epoch in range(config.n_epochs))
    return epochs * -(-case.cells.n_obs // config.batch_size)


def health(cases: list[Case], results: Mapping[str, Result], k: int) -> pd.DataFrame:
    """Has W left its start? One row per case, of the first member.

    "positive": share of the entries of one sign; "sd / mean": near 0 where all entries have moved
    together. "shared by two seeds": share of the k edges for each gene, top of the whole list, that
    two members have in common, of all that either has, mean over pairs; "by chance".
    """
    rows = {}
    for case in cases:
        result, m = results[case.name], len(case.genes)
        off = np.asarray(result.Ws[0])[~np.eye(m, dtype=bool)]
        tops = {i: strongest(W, case.genes, case.tfs, k) for i, W in enumerate(result.Ws)}
        shared = jaccard(tops).to_numpy()[np.triu_indices(len(tops), 1)]
        density = k / len(case.tfs)
        rows[case.name] = {
            "profiles": case.cells.n_obs, "steps on W": steps_on_W(case, result.config),
            "mean |W| / start": np.abs(off).mean() * (m - 1), "positive": (off > 0).mean(),
            "sd / mean": off.std() / abs(off.mean()), "shared by two seeds": shared.mean(),
            "by chance": density / (2 - density),
        }  # fmt: skip
    table = pd.DataFrame(rows).T.astype({"profiles": int, "steps on W": int})
    return table.round(3)


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


def hubs(case: Case, W: NDArray[np.floating], medians: pd.DataFrame | None, k: int) -> pd.DataFrame:
    """The ten TFs with most targets among the k edges for each gene, top of the whole list.

    "highest median": of the paper's six types in the cluster medians, counts per million; a TF that
    single cells show and the medians do not may be a false positive of the assay.
    """
    targets = pd.Series(strongest(W, case.genes, case.tfs, k).sum(axis=0), case.tfs, name="targets")
    table = targets.nlargest(10).to_frame().rename_axis(f"TF, {case.name}")
    if medians is not None:
        highest = medians[list(CORTEX_TYPES)].max(axis=1)
        table["highest median"] = highest.reindex(table.index).round(0)
    return table
