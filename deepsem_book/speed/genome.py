"""From 2,000 to 20,000 genes: a step and a whole member with a column of W for each TF.

    python -m deepsem_book.speed.genome --steps       # dense against block, in turns
    python -m deepsem_book.speed.genome --members     # seconds and peak memory, one process each

Counts are made (their number and zeros decide the time, not what they say). Seconds are CPU
seconds of the number of threads that the row names.
"""

import argparse
import json
import subprocess
import sys
import time
from typing import Any

import numpy as np
import scipy.sparse
import torch
from torch import Tensor

from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression, columns_of
from deepsem_minimal.train import backward, initial_W, step_on_W

from .. import datasets
from ..provenance import PeakMemory, machine, versions
from ..results_table import ResultsTable

Row = dict[str, Any]
KEY = ["what", "n_cells", "n_genes", "n_regulators", "nuisance", "threads", "repeat"]
COLUMNS = [*KEY, "epochs", "steps", "seconds", "wall", "peak_mb", "versions", "machine"]
WHOLE = ("n_cells", "n_genes", "n_regulators", "nuisance", "threads", "repeat")
SIZES = (2000, 5000, 10_000, 15_000, 20_000)
BATCH = 64


def results() -> ResultsTable:
    path = datasets.DATA_DIR / "results" / "genome.csv"
    return ResultsTable(path, KEY, COLUMNS, ("what", "versions", "machine"), WHOLE)


def made(n_cells: int, n_genes: int) -> scipy.sparse.csr_matrix:
    """Log expression (cells x genes) of Poisson counts, nine in ten of them 0, of several types."""
    rng = np.random.default_rng(0)
    means = rng.gamma(0.3, 0.4, n_genes) * rng.lognormal(0, 0.7, (8, n_genes))
    types = rng.integers(8, size=n_cells)
    depth = rng.lognormal(0, 0.4, n_cells)
    blocks = np.array_split(np.arange(n_cells), max(1, n_cells // 1000))
    counts = [
        scipy.sparse.csr_matrix(rng.poisson(means[types[b]] * depth[b, None]).astype(np.float32))
        for b in blocks
    ]
    return scipy.sparse.vstack(counts, format="csr").log1p()


def prepared(n_cells: int, n_genes: int, n_regulators: int, nuisance: int) -> Expression:
    """Cells and columns for a training; n_regulators = n_genes is the full model."""
    expression = Expression.of(made(n_cells, n_genes), Config())
    if n_regulators == n_genes:
        return expression
    mask = np.arange(n_genes) < n_regulators
    return expression.with_columns(columns_of(expression, mask, nuisance))


def step_of(expression: Expression, device: str = "cpu") -> tuple[DeepSEM, Any]:
    """A model and a function that takes one step on W, all of it as in a training.

    The noise comes from the device's default generator: `gpu_steps.replayed` needs it so.
    """
    generator, config = torch.Generator().manual_seed(0), Config()
    W = initial_W(expression.shape[1], "safe", generator, expression.part)
    model = DeepSEM(config, W, generator).requires_grad_(False)
    model.grn.part = expression.part
    model.grn.W.requires_grad_()
    model.to(device)
    average = torch.zeros_like(model.grn.W)
    x = first_batch(expression, device)
    scan = model.scan(x, x.new_ones(1, 1))

    def step() -> None:
        backward(model, x, None, scan, config, 0.5, None)
        step_on_W(model, average, config)

    return model, step


def first_batch(expression: Expression, device: str) -> Tensor:
    """BATCH standardised cells on the device."""
    generator = torch.Generator().manual_seed(0)
    return next(expression.to(device).pieces(Config(), generator, device))[0][:BATCH]


def products_of(model: DeepSEM) -> Any:
    """The matrix products of a step by themselves: GRN layer, solves, factors and gradients."""
    W = model.grn.W.detach()
    m, n = W.shape
    wide, narrow, square = torch.randn(2 * BATCH + 1, m), torch.randn(BATCH, n), torch.eye(n)
    gradient = torch.empty(m, n)

    def products() -> Tensor:
        q = wide[:, :n]
        torch.addmm(wide, q, W.T)  # GRN layer
        lu, pivots = torch.linalg.lu_factor(square)
        torch.linalg.lu_solve(lu, pivots, narrow.T)
        narrow @ W.T  # inverse layer
        wide[:BATCH] @ W  # its backward pass
        torch.linalg.lu_solve(lu, pivots, narrow.T, adjoint=True)
        torch.mm(wide[:BATCH].T, narrow, out=gradient)
        return torch.mm(wide.T, q, out=gradient)

    return products


def timed(work: Any) -> Row:
    """CPU and wall seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return {"seconds": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def steps(n_genes: int, n_regulators: int, nuisance: int, repeats: int, dense: bool) -> None:
    """Rows of a step by the block engine, its products alone and, if `dense`, the full model."""
    table, threads = results(), torch.get_num_threads()
    model, block = step_of(prepared(200, n_genes, n_regulators, nuisance))
    work = {"step": block, "products": products_of(model)}
    if dense:
        work["dense step"] = step_of(prepared(200, n_genes, n_genes, 0))[1]
    for call in work.values():
        call()  # warm-up
    for repeat in range(repeats):
        for what, call in work.items():
            size = {"n_cells": 200, "n_genes": n_genes, "n_regulators": n_regulators}
            row = {"what": what, "nuisance": nuisance, "threads": threads, "repeat": repeat}
            table.put([row | size | timed(call) | described() | {"steps": 1}])


def member(
    n_cells: int, n_genes: int, n_regulators: int, nuisance: int, epochs: int, seeds: int = 1
) -> Row:
    """Seconds and peak memory of `seeds` members in turn, k-means of the groups included."""
    config = Config.nonspecific(n_epochs=epochs)

    def work() -> None:
        given = prepared(n_cells, n_genes, n_regulators, nuisance)
        train_ensemble(given, config, range(seeds), n_jobs=1)

    with PeakMemory() as memory:
        cost = timed(work)
    n_steps = epochs * -(-n_cells // BATCH)
    return cost | {"peak_mb": memory.peak / 1e6, "epochs": epochs, "steps": n_steps}


def described() -> Row:
    return {"versions": versions(), "machine": machine()}


def members(sizes: tuple[int, ...], n_cells: int, options: argparse.Namespace) -> None:
    """One process for each size, so that peak memory is that of its members alone."""
    table = results()
    for n_genes in sizes:
        arguments = [n_cells, n_genes, options.regulators, options.nuisance, options.epochs,
                     options.seeds]  # fmt: skip
        command = [sys.executable, "-m", __spec__.name, "--one", *map(str, arguments)]
        command += ["--threads", str(options.threads)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        size = {"n_cells": n_cells, "n_genes": n_genes, "n_regulators": options.regulators}
        what = "member" if options.seeds == 1 else f"{options.seeds} members"
        row = {"what": what, "nuisance": options.nuisance, "threads": options.threads}
        table.put([row | size | {"repeat": 0} | json.loads(done.stdout) | described()])


def main() -> None:
    parser = argparse.ArgumentParser(description="Time DeepSEM with few regulators.")
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--members", action="store_true")
    parser.add_argument("--one", nargs=6, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--regulators", type=int, default=1500)
    parser.add_argument("--nuisance", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=Config().n_epochs)
    parser.add_argument("--seeds", type=int, default=1, help="members in turn")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dense", action="store_true", help="time the full model's step as well")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.one:
        print(json.dumps(member(*options.one)))
    if options.steps:
        for n_genes in options.sizes:
            steps(n_genes, options.regulators, options.nuisance, options.repeats, options.dense)
    if options.members:
        members(tuple(options.sizes), options.cells, options)


if __name__ == "__main__":
    main()
