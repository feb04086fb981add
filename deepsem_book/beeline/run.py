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
from numpy.typing import NDArray

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.networks import edge_table
from deepsem_minimal.parallel import kept_threads
from deepsem_minimal.result import mean_weight
from deepsem_minimal.storage import replace

from ..baselines import METHODS, OPTIONAL
from ..baselines.controls import degree_oracle
from ..benchmark_table import METRICS
from ..errors import first_few
from ..provenance import PeakMemory, machine, versions
from .grid import DEEPSEM, ORACLE, RANDOM, Cell

Array = NDArray[np.floating]


def infer(cell: Cell) -> Array:
    """W[target, regulator] (genes x genes, float32) of one member."""
    problem, method = cell.problem, cell.method
    if method.base == RANDOM:
        return np.random.default_rng(cell.seed).random((len(problem.genes),) * 2, dtype=np.float32)
    config = method.config(problem.name)
    if method.base == DEEPSEM:
        adata = AnnData(problem.X, var=pd.DataFrame(index=pd.Index(problem.genes, dtype=str)))
        options: dict[str, Any] = {"device": "cpu", "n_jobs": 1, "progress": False}
        return fit(adata, Config(**config), seeds=[cell.seed], **options).Ws[0]
    baseline = METHODS[method.base]
    if "pseudotime" in inspect.signature(baseline).parameters:
        config["pseudotime"] = problem.pseudotime
    W = baseline(problem.X, problem.genes, problem.tfs, seed=cell.seed, **config)
    return np.asarray(W, dtype=np.float32)


def score(cell: Cell, W: Array | None) -> list[dict[str, Any]]:
    """Metrics of W against each network of the matrix; W is None for the oracle of TF degrees."""
    problem, rows = cell.problem, []
    edges = None if W is None else edge_table(W, problem.genes, problem.tfs)
    for kind, network in problem.networks.items():
        scored = degree_oracle(network) if edges is None else edges
        found = evaluate(scored, network, problem.genes)
        rows.append({"network": kind} | {name: found[name] for name in METRICS})
    return rows


Outcome = tuple[list[dict[str, Any]], Array | None]


@kept_threads()
def run_cell(cell: Cell) -> Outcome:
    """The rows of a cell, error or not, and its W (None unless it is to be kept)."""
    # CPU seconds: with one thread, what an idle machine would need; the clock also counts waiting.
    start, W = time.process_time(), None
    torch.set_num_threads(1)
    try:
        with threadpoolctl.threadpool_limits(1), PeakMemory() as memory, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            W = None if cell.method.base == ORACLE else infer(cell)
            seconds = time.process_time() - start
            rows = score(cell, W)
    except Exception as error:  # whatever it is, it belongs into the table
        return failed(cell, error), None
    cost = {"seconds": seconds, "peak_mb": memory.peak / 1e6}
    kept = W if cell.method.base in (DEEPSEM, *OPTIONAL) else None
    return described(cell, [row | cost for row in rows]), kept


def combine(cell: Cell, rows_of_members: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of an ensemble, from W of its members in the cache."""
    try:
        if broken := [member.seed for member in cell.members() if not has_weights(member)]:
            raise RuntimeError(f"no W of the seeds {first_few(broken)}: see their rows")
        W = mean_weight(map(read_weights, cell.members()))
        rows = score(cell, W)
    except Exception as error:
        return failed(cell, error)
    once = rows_of_members.drop_duplicates("seed")
    cost = {"seconds": once["seconds"].sum(), "peak_mb": once["peak_mb"].max()}
    return described(cell, [row | cost for row in rows])


def described(cell: Cell, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with all columns: what was run, on what, where."""
    name, method, preset, seed, n_members = cell.key
    common = {
        "data": name, "method": method, "preset": preset, "seed": seed, "n_members": n_members,
        "config": cell.config, "versions": versions(), "input": cell.problem.input,
        "machine": machine(), "error": "",
    }  # fmt: skip
    return [common | {"truth": cell.problem.truths[row["network"]]} | row for row in rows]


def failed(cell: Cell, error: BaseException) -> list[dict[str, Any]]:
    """One row per network with the error in place of the scores."""
    text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    return described(cell, [{"network": kind, "error": text} for kind in cell.problem.networks])


# --- W of the members -----------------------------------------------------------------------------


def write_weights(cell: Cell, W: Array) -> None:
    cell.weights.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    np.savez(content, W=np.asarray(W, dtype=np.float32))
    replace(cell.weights, content.getvalue())


def read_weights(cell: Cell) -> Array:
    """Signed W (genes x genes, float32) of a member; OSError or ValueError when it is not there."""
    try:
        with np.load(cell.weights) as file:
            W = file["W"]
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        raise ValueError(f"{cell.weights.name} is damaged: {error}") from None
    if W.shape != (len(cell.problem.genes),) * 2:
        raise ValueError(f"{cell.weights.name} is of {len(W)} genes")
    return W


def has_weights(cell: Cell) -> bool:
    try:
        return bool(len(read_weights(cell)))
    except (OSError, ValueError):
        return False
