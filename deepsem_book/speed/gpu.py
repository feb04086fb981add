"""DeepSEM on a GPU: does it compute what the CPU computes, and how long does it take?

    python -m deepsem_book.speed.gpu [--device cuda] [--tiny] [--out gpu.csv]

The cells are made up (log expression with zeros), since only their number counts. Seconds are those
of a training of a few epochs, or of a step on W, after a warm-up; peak memory is that of torch's
allocator on the GPU. The largest size has a column of W for each of 1,500 TFs and 20 groups.
"""

import argparse
import copy
import importlib.util
import platform
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression, columns_of
from deepsem_minimal.sem import random_network, simulate_nonlinear
from deepsem_minimal.train import initial_W, train

from ..baselines import regdiffusion
from ..datasets import DATA_DIR
from ..results_table import ResultsTable
from . import genome, gpu_steps
from .authors_loop import train_plain

Row = dict[str, Any]
SIZES = ((383, 821), (383, 1448), (1000, 4000))  # cells, genes
FEW = (1000, 15_000, 1500, 20)  # cells, genes, TFs, groups
TINY, TINY_FEW = ((40, 12),), (40, 30, 6, 2)
MEMBERS, REPEATS = 10, 3
KEY = ["what", "engine", "device", "n_cells", "n_genes", "members", "repeat"]
COLUMNS = [*KEY, "epochs", "value", "seconds", "peak_mb", "card", "versions"]
Work = dict[tuple[str, int], Callable[[], object]]  # by engine and number of members


def made(n_cells: int, n_genes: int) -> np.ndarray:
    """Log expression (cells x genes) with about a third of zeros."""
    rng = np.random.default_rng(0)
    return np.maximum(rng.normal(0.7, 1.5, (n_cells, n_genes)), 0).astype(np.float32)


def with_few_columns(n_cells: int, n_genes: int, n_tfs: int, n_groups: int) -> Expression:
    given = Expression.of(made(n_cells, n_genes), Config())
    return given.with_columns(columns_of(given, np.arange(n_genes) < n_tfs, n_groups))


def agreement(device: str, given: Expression, engine: str) -> Iterator[Row]:
    """Largest relative difference of loss and gradients of one batch from the CPU's."""
    generator = torch.Generator().manual_seed(0)
    W = initial_W(
        given.shape[1], "authors" if given.part is None else "safe", generator, given.part
    )
    model = DeepSEM(Config(), W, generator)
    model.grn.part = given.part
    x = torch.as_tensor(made(min(64, given.shape[0]), given.shape[1]))
    noise = torch.randn(x.shape, generator=generator)
    values = {}
    for place in ("cpu", device):
        twin, xs = copy.deepcopy(model).to(place), x.to(place)
        loss = twin.loss(twin.scan(xs, xs.new_ones(1, 1)), xs, None, noise.to(place), 1.0)
        loss.elbo.backward()
        gradients = {name: p.grad for name, p in twin.named_parameters() if p.grad is not None}
        values[place] = {"loss": loss.elbo.detach()} | gradients
    for name, value in values["cpu"].items():
        error = (values[device][name].cpu() - value).norm() / value.norm()
        yield {"what": f"error of {name}", "engine": engine, "value": float(error), "members": 1}


def scores(device: str, epochs: int) -> Iterator[Row]:
    """Correlation of W with the CPU's after a training on a simulated network of 100 genes."""
    X = simulate_nonlinear(random_network(100, n_tfs=20), 500, dropout=0.5)
    config = Config(W_init="safe", alpha=0.5, lr_W=4e-4, n_epochs=epochs)
    Ws = [train(Expression.of(X, config), config, 0, place).W for place in ("cpu", device)]
    r = float(np.corrcoef(Ws[0].ravel(), Ws[1].ravel())[0, 1])
    yield {"what": "correlation of W with the CPU's", "engine": "fast", "value": r, "members": 1}


def timings(device: str, n_cells: int, n_genes: int, epochs: int) -> Iterator[Row]:
    """One member and ten by the fast engine, one by the plain port."""
    X, config = made(n_cells, n_genes), Config.nonspecific(n_epochs=epochs)
    given = Expression.of(X, config)
    work: Work = {
        ("fast", 1): lambda: train(given, config, 0, device),
        ("fast", MEMBERS): lambda: train_ensemble(given, config, range(MEMBERS), device),
        ("plain", 1): lambda: train_plain(given.X, X != 0, config, 0, device),
    }
    for row in in_turns("training", work, device):
        yield row | {"epochs": epochs}


def timings_few(device: str, size: tuple[int, int, int, int], epochs: int) -> Iterator[Row]:
    """One member and ten with a column per TF; RegDiffusion's defaults where it is installed."""
    given, config = with_few_columns(*size), Config(n_epochs=epochs)
    n_cells, n_genes, n_tfs, _ = size
    genes = [f"g{i}" for i in range(n_genes)]
    work: Work = {
        ("few", 1): lambda: train(given, config, 0, device),
        ("few", MEMBERS): lambda: train_ensemble(given, config, range(MEMBERS), device),
    }
    if importlib.util.find_spec("regdiffusion"):
        X = made(n_cells, n_genes)
        work[("RegDiffusion", 1)] = lambda: regdiffusion.infer(
            X, genes, genes[:n_tfs], device=device
        )
    for row in in_turns("training", work, device):
        yield row | {"epochs": epochs}


def steps(device: str, n_cells: int, n_genes: int, n_calls: int = 20) -> Iterator[Row]:
    """A step on W launched and replayed; the algebra of ten members in turn and batched."""
    tensors = gpu_steps.members(MEMBERS, n_genes, device)
    turns, together = gpu_steps.one_by_one(*tensors), gpu_steps.batched(*tensors)
    error = float((together - turns).norm() / turns.norm())
    yield {"what": "error of batched", "engine": "batched", "value": error, "members": MEMBERS}
    work: Work = {
        ("one by one", MEMBERS): lambda: gpu_steps.one_by_one(*tensors),
        ("batched", MEMBERS): lambda: gpu_steps.batched(*tensors),
    }
    yield from in_turns("algebra of a step", work, device)
    given = Expression.of(made(n_cells, n_genes), Config())
    step = genome.step_of(given, device)[1]
    launched: Work = {("launched", 1): lambda: [step() for _ in range(n_calls)]}
    try:
        replay = gpu_steps.replayed(genome.step_of(given, device)[1], device)
        launched["replayed", 1] = lambda: [replay() for _ in range(n_calls)]
    except RuntimeError as error_of_capture:
        print("not captured:", error_of_capture, flush=True)
    for row in in_turns("step on W", launched, device):
        yield row | {"seconds": row["seconds"] / n_calls}


def in_turns(what: str, work: Work, device: str) -> Iterator[Row]:
    """Rows of REPEATS rounds after a warm-up."""
    for run in work.values():
        run()
    for repeat in range(REPEATS):
        for (engine, members), run in work.items():
            row = {"what": what, "engine": engine, "members": members, "repeat": repeat}
            yield row | measured(run, device)


def measured(run: Callable[[], object], device: str) -> Row:
    """Wall seconds, and the peak of torch's memory on a GPU."""
    on_gpu = device.startswith("cuda")
    if on_gpu:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    start = time.perf_counter()
    run()
    if on_gpu:
        torch.cuda.synchronize()
    peak = torch.cuda.max_memory_allocated() / 1e6 if on_gpu else float("nan")
    return {"seconds": time.perf_counter() - start, "peak_mb": peak}


def main() -> None:
    parser = argparse.ArgumentParser(description="Check and time DeepSEM on a GPU.")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, for a test")
    parser.add_argument("--out", type=Path, default=DATA_DIR / "results" / "gpu.csv")
    options = parser.parse_args()
    device, epochs = options.device, 4 if options.tiny else 13
    text = {"what", "engine", "device", "card", "versions"}
    table = ResultsTable(options.out, KEY, COLUMNS, text, ("n_cells", "n_genes", "members"), ())
    table.check_writable()
    card = torch.cuda.get_device_name() if device.startswith("cuda") else platform.machine()
    facts = {"device": device, "card": card, "repeat": 0}
    facts["versions"] = f"torch {torch.__version__}; numpy {np.__version__}"
    for n_cells, n_genes, rows in every_row(device, options.tiny, epochs):
        for row in rows:
            table.put([facts | {"n_cells": n_cells, "n_genes": n_genes} | row])
            print(n_cells, n_genes, row, flush=True)


def every_row(device: str, tiny: bool, epochs: int) -> Iterator[tuple[int, int, Iterator[Row]]]:
    """Cells, genes and the rows of their size; what may fail on a new card comes last."""
    sizes, few = (TINY, TINY_FEW) if tiny else (SIZES, FEW)
    for n_cells, n_genes in sizes:
        given = Expression.of(made(n_cells, n_genes), Config())
        yield n_cells, n_genes, agreement(device, given, "fast")
        yield n_cells, n_genes, timings(device, n_cells, n_genes, epochs)
    yield 500, 100, scores(device, 7 if tiny else 61)
    few_columns = agreement(device, with_few_columns(*few), "few")
    yield few[0], few[1], chain(few_columns, timings_few(device, few, epochs))
    for n_cells, n_genes in sizes[:2]:
        yield n_cells, n_genes, steps(device, n_cells, n_genes)


if __name__ == "__main__":
    main()
