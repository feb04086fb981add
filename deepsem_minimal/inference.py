"""One cell of the benchmark: inference, scores, cost, and where it came from.

One inference serves all networks of its matrix. W of a neural network stays in the cache as .npz:
ensembles (mean |W| over the seeds, ledger 14) are scored from it, and so are rewired truths.
"""

import contextlib
import inspect
import io
import os
import platform
import threading
import time
import warnings
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import threadpoolctl
import torch
from anndata import AnnData

from deepsem_minimal import __version__
from deepsem_minimal.baselines import METHODS, OPTIONAL
from deepsem_minimal.ensemble import fit
from deepsem_minimal.fast import kept_threads
from deepsem_minimal.files import replace
from deepsem_minimal.grid import DEEPSEM, ORACLE, RANDOM, Array, Cell
from deepsem_minimal.networks import degree_oracle, edge_table, evaluate, tf_mask
from deepsem_minimal.records import METRICS, some
from deepsem_minimal.train import Config, mean_weight

VERSIONED = ("torch", "numpy", "scipy", "scikit-learn", "grn-dazzle", "regdiffusion")


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
        if (known := trained_before(cell)) is not None:  # its cost stands in the table it was for
            return described(cell, score(cell, known)), None
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
            raise RuntimeError(f"no W of the seeds {some(broken)}: see their rows")
        W = mean_weight(map(read_weights, cell.members()))
        rows = score(cell, W)
    except Exception as error:
        return failed(cell, error)
    once = rows_of_members.drop_duplicates("seed")
    # Unknown if one is: a member that was read from the cache has no cost in its row.
    cost = {"seconds": once["seconds"].sum(skipna=False), "peak_mb": once["peak_mb"].max()}
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


class PeakMemory:
    """Largest resident memory (bytes) of this process in a block, looked up every 20 ms."""

    def __enter__(self) -> "PeakMemory":
        self.process, self.done = psutil.Process(), threading.Event()
        self.peak = self.process.memory_info().rss
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def watch(self) -> None:
        while not self.done.wait(0.02):
            self.peak = max(self.peak, self.process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


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


def trained_before(cell: Cell) -> Array | None:
    """W of a member from the cache, if it has a column for every regulator of the problem.

    A method that drops the columns of other genes may have been run with a shorter list of TFs.
    """
    try:
        W = read_weights(cell)
    except (OSError, ValueError):
        return None
    is_tf = tf_mask(cell.problem.genes, cell.problem.tfs)
    return W if W[:, is_tf].any(axis=0).all() else None


def has_weights(cell: Cell) -> bool:
    try:
        return bool(len(read_weights(cell)))
    except (OSError, ValueError):
        return False


# --- Provenance -----------------------------------------------------------------------------------


def versions() -> str:
    found = [f"python {platform.python_version()}", f"deepsem_minimal {__version__}"]
    for package in VERSIONED:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{package} {version(package)}")
    return "; ".join(found)


def machine() -> str:
    """System, processor and cores; never a host name."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return f"{platform.system()} {platform.machine()}; {model}; {os.cpu_count()} cores"
