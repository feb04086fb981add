"""What to expect before a run and what to believe after it: cost, warnings, stability."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import psutil
from numpy.typing import NDArray
from scipy import sparse

from deepsem_minimal.config import Config
from deepsem_minimal.networks import tf_mask
from deepsem_minimal.parallel import members_at_once, train_ensemble
from deepsem_minimal.preprocess import CHUNK, PIECE, Array, Expression, columns_of, dense
from deepsem_minimal.result import Result

from .. import truth_table
from . import control

# Smallest and largest of the BEELINE matrices on which the book's scores were measured.
TESTED = {"cells": (383, 889), "genes": (560, 1448), "zeros": (0.11, 0.38)}


def expected_cost(
    X: Any, config: Config, n_seeds: int, n_jobs: int | None = None, device: str = "cpu",
    groups: Sequence[tuple[int, Config]] = (), is_tf: NDArray[np.bool_] | None = None,
    nuisance: int = 0,
) -> dict[str, float]:  # fmt: skip
    """Seconds of training on X (cells x genes) and the process's MB, from one measured cycle.

    With `groups`, the cells and the config of each, they are those of one ensemble per group. With
    `is_tf` (genes,) W has columns for the TFs and `nuisance` groups of other genes alone. As
    many members as will be trained at a time run two alternations of K1 + K2 epochs on at most 512
    cells; the second, without the start-up of the first, is scaled by the number of batches.
    Memory is what the process holds now and what is added: for each member at a time eight
    matrices as large as W and what is computed of a piece of the cells; the members' W; and on the
    last step either the embedding or the table of edges.
    """
    n_cells, n_genes = X.shape
    before = psutil.Process().memory_info().rss / 1e6
    trainings = groups or [(n_cells, config)]
    at_once = members_at_once(n_seeds * len(trainings), device, n_jobs)
    sample = dense(X[np.random.default_rng(0).permutation(n_cells)[:512]])
    cycle = config.K1 + config.K2
    trial = replace(config, n_epochs=2 * cycle, W_init="safe", cells_per_epoch=None)
    given, n_columns = Expression.of(sample, trial), n_genes
    if is_tf is not None:
        given = given.with_columns(columns_of(given, is_tf, nuisance))
        n_columns = int(is_tf.sum()) + nuisance
    members = train_ensemble(given, trial, range(at_once), device, at_once)
    spent = [m.history[-1]["seconds"] - m.history[cycle - 1]["seconds"] for m in members]
    a_batch = float(np.mean(spent)) / cycle / -(-len(sample) // config.batch_size)
    steps = sum(
        -(-min(c.cells_per_epoch or n, n) // c.batch_size) * c.n_epochs for n, c in trainings
    )
    seconds = a_batch * steps / len(trainings) * -(-n_seeds * len(trainings) // at_once)
    piece = n_cells * n_genes if n_cells * n_genes <= CHUNK else PIECE
    size_of_W = n_genes * n_columns
    computed = 4 * piece + 12 * min(piece, PIECE)  # what a scan leaves, and what it takes
    entries = at_once * (8 * size_of_W + computed) + n_seeds * size_of_W
    entries += max(n_cells * n_genes, 25 * size_of_W)
    return {"seconds": seconds, "megabytes": before + 4e-6 * entries}


def too_large(megabytes: float) -> list[str]:
    """A warning where this machine has less memory than the process is expected to hold."""
    own = psutil.Process().memory_info().rss
    free = (psutil.virtual_memory().available + own) / 1e6
    if megabytes <= free:
        return []
    return [f"about {megabytes:.0f} MB of memory are needed, {free:.0f} MB are free: use fewer "
            "genes (--genes), a column for the TFs alone (--nuisance) or fewer --jobs"]  # fmt: skip


def warnings_for(X: Any, config: Config) -> list[str]:
    """In which ways X (cells x genes, log expression) is unlike the data of the tests."""
    n_cells, n_genes = X.shape
    notes = []
    for name, value in sizes_of(X).items():
        low, high = TESTED[name]
        if not low <= value <= high:
            form = ".0%" if name == "zeros" else ".0f"
            notes.append(f"{value:{form}} {name}: the tests had {low:{form}} to {high:{form}}")
    if n_cells < config.batch_size:
        notes.append(f"{n_cells} cells are fewer than a batch of {config.batch_size}")
    if n_cells < n_genes / 10:
        notes.append(f"{n_genes / n_cells:.0f} genes for each cell: expect unstable edges")
    return notes


def sizes_of(X: Any) -> dict[str, float]:
    """What `TESTED` and the known truths are told apart by: cells, genes and share of zeros."""
    n_cells, n_genes = X.shape
    filled = X.count_nonzero() if sparse.issparse(X) else np.count_nonzero(X)
    return {"cells": n_cells, "genes": n_genes, "zeros": 1 - filled / (n_cells * n_genes)}


@dataclass(frozen=True)
class Known:
    """What the recorded known truths say of data like these: `truth_table.where_behind`."""

    best: str  # the control that finds most
    behind: list[truth_table.Behind]

    def lines(self) -> list[str]:
        """The advice, or nothing where DeepSEM is not behind."""
        listed = "; ".join(
            f"{truth_table.in_words(at.setting)}: {control.IN_WORDS[at.control]} {at.theirs:.3f}, "
            f"DeepSEM {at.ours:.3f} ({at.networks} network{'s' * (at.networks > 1)})"
            for at in self.behind
        )
        advice = (
            "advice: on simulated cells like these a ranking without training finds edges better: "
            f"--control-out writes it (mean AUROC; {listed})"
        )
        return [advice] if self.behind else []


def known_truths(X: Any, table: pd.DataFrame | None = None) -> Known:
    """Advice from data/results/truth.csv on X (cells x genes, log expression)."""
    sizes = sizes_of(X)
    like = {"n_cells": sizes["cells"], "n_genes": sizes["genes"], "zeros": sizes["zeros"]}
    table = truth_table.table_at().read() if table is None else table
    return Known(truth_table.best_control(table, **like), truth_table.where_behind(table, **like))


def edge_stability(result: Result, top: int = 1000, within: int | None = None) -> pd.DataFrame:
    """The ensemble's `top` edges with the share of members that have them in their first `within`.

    Columns TF, target, importance, sign, in_top (0 to 1), rank_low and rank_high over the members.
    `within` is `top` unless given: the longer the lists, the more members share by chance. It is
    kept in `attrs["within"]`.
    """
    best = result.edges(top=top).reset_index(drop=True)
    ranks = np.stack([ranks_in(result, W, best) for W in result.Ws])  # members x edges
    best.attrs["within"] = within or len(best)
    best["in_top"] = (ranks <= best.attrs["within"]).mean(axis=0)
    best["rank_low"], best["rank_high"] = ranks.min(axis=0), ranks.max(axis=0)
    return best


def ranks_in(result: Result, W: Array, edges: pd.DataFrame) -> NDArray[np.integer]:
    """The places (from 1) of the edges among all edges of a member's W; equal scores share one."""
    size = np.abs(result.scores(W))  # 0 where a regulator meets itself: above no edge
    values = control.of_edges(edges, size, result.genes, result.regulators)
    is_tf = slice(None) if result.tfs is None else tf_mask(result.regulators, result.tfs)
    ordered = np.sort(size[:, is_tf], axis=None)
    return len(ordered) - np.searchsorted(ordered, values, side="right") + 1


def first_edges(result: Result, top: int) -> tuple[list[list[tuple[str, str]]], int]:
    """(TF, target) of each member's `top` edges in order, without importance 0; number of pairs."""
    lists = []
    for W in result.Ws:
        edges = result.signed_edges(W, result.tfs, top)
        edges = edges[edges["importance"] > 0]  # tied zeros lie in the order of the genes
        lists.append(list(zip(edges["TF"], edges["target"])))
    return lists, result.n_pairs


def best_edges(result: Result, top: int) -> list[set[tuple[str, str]]]:
    """`first_edges` of each member as a set."""
    return list(map(set, first_edges(result, top)[0]))


def stabilities(result: Result, lengths: Sequence[int]) -> list[dict[str, float]]:
    """For each length of list, the mean share of common edges of two members beside chance's.

    `shared` is NaN for one member: nothing can be said then.
    """
    lists, n_pairs = first_edges(result, max(lengths))
    rows = []
    for length in lengths:
        tops = [set(edges[:length]) for edges in lists]
        pairs = [len(a & b) / max(len(a), len(b), 1) for a, b in combinations(tops, 2)]
        longest = max(map(len, tops))
        shared = float(np.mean(pairs)) if pairs else float("nan")
        rows.append({"top": float(longest), "shared": shared, "chance": longest / n_pairs})
    return rows


def stability(result: Result, top: int = 1000) -> dict[str, float]:
    """`stabilities` of one length."""
    return stabilities(result, [top])[0]


def stability_verdict(stable: dict[str, float]) -> str:
    """`stability` in words: whether single edges may be read at all."""
    if np.isnan(stable["shared"]):
        return "how stable they are is unknown with one seed: use --seeds 3 or more"
    shares = (
        f"two seeds share {stable['shared']:.0%} of their {stable['top']:.0f} best "
        f"(chance {stable['chance']:.1%})"
    )
    if stable["shared"] < 2 * stable["chance"]:
        return f"{shares}: near chance, so believe no single edge"
    if stable["shared"] < 0.5:
        return (
            f"{shares}: most of them change with the seed, so believe only what many seeds agree on"
        )
    return shares


def readable(seconds: float) -> str:
    """Seconds as a person would say them."""
    for unit, size in (("hours", 3600.0), ("minutes", 60.0)):
        if seconds > 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"
