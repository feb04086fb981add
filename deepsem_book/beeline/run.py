"""One run of the benchmark: inference, scores, cost, and where it came from."""

import inspect
import io
import time
import warnings
import zipfile
from typing import Any

import numpy as np
import pandas as pd
import threadpoolctl
import torch
from anndata import AnnData

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import edge_table, tf_mask
from deepsem_minimal.parallel import kept_threads
from deepsem_minimal.result import mean_weight
from deepsem_minimal.storage import replace

from ..baselines import METHODS, SEEDED
from ..baselines.controls import degree_oracle
from ..benchmark_table import METRICS
from ..errors import first_few, in_a_line
from ..provenance import PeakMemory, machine, versions
from .grid import DEEPSEM, ORACLE, RANDOM, Run


def infer(run: Run) -> np.ndarray:
    """W[target, regulator] (genes x genes, float32) of one member."""
    problem, method = run.problem, run.method
    if method.base == RANDOM:
        return np.random.default_rng(run.seed).random((len(problem.genes),) * 2, dtype=np.float32)
    config = method.config(problem.name)
    if method.base == DEEPSEM:
        adata = AnnData(problem.X, var=pd.DataFrame(index=pd.Index(problem.genes, dtype=str)))
        options: dict[str, Any] = {"device": "cpu", "n_jobs": 1, "progress": False}
        return fit(adata, Config(**config), seeds=[run.seed], **options).Ws[0]
    baseline = METHODS[method.base]
    if "pseudotime" in inspect.signature(baseline).parameters:
        config["pseudotime"] = problem.pseudotime
    W = baseline(problem.X, problem.genes, problem.tfs, seed=run.seed, **config)
    return np.asarray(W, dtype=np.float32)


def score(run: Run, W: np.ndarray | None) -> list[dict[str, Any]]:
    """Metrics of W against each network of the matrix; W is None for the oracle of TF degrees."""
    problem, rows = run.problem, []
    edges = None if W is None else edge_table(W, problem.genes, problem.tfs)
    for kind, network in problem.networks.items():
        scored = degree_oracle(network) if edges is None else edges
        metrics = evaluate(scored, network, problem.genes)
        rows.append({"network": kind} | {name: metrics[name] for name in METRICS})
    return rows


Outcome = tuple[list[dict[str, Any]], np.ndarray | None]


@kept_threads()
def perform(run: Run) -> Outcome:
    """The rows of a run, with an error or not, and its W (None unless it is to be kept)."""
    # CPU seconds: with one thread, what an idle machine would need; the clock also counts waiting.
    start, W = time.process_time(), None
    torch.set_num_threads(1)
    try:
        if (known := trained_before(run)) is not None:  # its cost stands in the table it was for
            return described(run, score(run, known)), None
        with threadpoolctl.threadpool_limits(1), PeakMemory() as memory, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            W = None if run.method.base == ORACLE else infer(run)
            seconds = time.process_time() - start
            rows = score(run, W)
    except Exception as error:  # whatever it is, it belongs in the table
        return failed(run, error), None
    cost = {"seconds": seconds, "peak_mb": memory.peak / 1e6}
    kept = W if run.method.base in (DEEPSEM, *SEEDED) else None
    return described(run, [row | cost for row in rows]), kept


def combine(run: Run, rows_of_members: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of an ensemble, from W of its members in the cache."""
    try:
        if broken := [member.seed for member in run.members() if not has_weights(member)]:
            raise RuntimeError(f"no W of the seeds {first_few(broken)}: see their rows")
        W = mean_weight(map(read_weights, run.members()))
        rows = score(run, W)
    except Exception as error:
        return failed(run, error)
    once = rows_of_members.drop_duplicates("seed")
    # Unknown if one is: a member that was read from the cache has no cost in its row.
    cost = {"seconds": once["seconds"].sum(skipna=False), "peak_mb": once["peak_mb"].max()}
    return described(run, [row | cost for row in rows])


def described(run: Run, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with all columns: what was run, on what, where."""
    name, method, preset, seed, n_members = run.key
    common = {
        "data": name, "method": method, "preset": preset, "seed": seed, "n_members": n_members,
        "config": run.config, "versions": versions(), "input": run.problem.input,
        "machine": machine(), "error": "",
    }  # fmt: skip
    return [common | {"truth": run.problem.truths[row["network"]]} | row for row in rows]


def failed(run: Run, error: BaseException) -> list[dict[str, Any]]:
    """One row per network with the error in place of the scores."""
    text = in_a_line(error)
    return described(run, [{"network": kind, "error": text} for kind in run.problem.networks])


# --- W of the members -----------------------------------------------------------------------------


def write_weights(run: Run, W: np.ndarray) -> None:
    run.weights.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    np.savez(content, W=np.asarray(W, dtype=np.float32))
    replace(run.weights, content.getvalue())


def read_weights(run: Run) -> np.ndarray:
    """Signed W (genes x genes, float32) of a member; OSError or ValueError when it is not there."""
    try:
        with np.load(run.weights) as file:
            W = file["W"]
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise ValueError(f"{run.weights.name} is damaged: {error}") from None
    if W.shape != (len(run.problem.genes),) * 2:
        raise ValueError(f"{run.weights.name} is of {len(W)} genes")
    return W


def trained_before(run: Run) -> np.ndarray | None:
    """W of a member from the cache, if it has a column for every regulator of the problem.

    A method that drops the columns of other genes may have been run with a shorter list of TFs.
    """
    try:
        W = read_weights(run)
    except (OSError, ValueError):
        return None
    is_tf = tf_mask(run.problem.genes, run.problem.tfs)
    return W if W[:, is_tf].any(axis=0).all() else None


def has_weights(run: Run) -> bool:
    try:
        return bool(len(read_weights(run)))
    except (OSError, ValueError):
        return False
