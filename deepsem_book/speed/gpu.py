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
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression
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
STEPS = 20  # of RegDiffusion
KEY = ["what", "engine", "device", "n_cells", "n_genes", "members", "repeat"]
COLUMNS = [*KEY, "epochs", "value", "seconds", "peak_mb", "card", "versions"]
Work = dict[tuple[str, int], Callable[[], object]]  # by engine and number of members


def made(n_cells: int, n_genes: int) -> np.ndarray:
    """Log expression (cells x genes) with about a third of zeros."""
    rng = np.random.default_rng(0)
    return np.maximum(rng.normal(0.7, 1.5, (n_cells, n_genes)), 0).astype(np.float32)


def agreement(device: str, n_cells: int, n_genes: int, part: Tensor | None = None) -> Iterator[Row]:
    """Largest relative difference of loss and gradients of one batch from the CPU's.

    `part`: the column of W that each gene is part of (`preprocess.columns_of`), None for its own.
    """
    generator = torch.Generator().manual_seed(0)
    start, engine = ("authors", "fast") if part is None else ("safe", "few")
    model = DeepSEM(Config(), initial_W(n_genes, start, generator, part), generator)
    model.grn.part = part
    x = torch.as_tensor(made(min(64, n_cells), n_genes))
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


def few_columns(device: str, size: tuple[int, int, int, int], epochs: int) -> Iterator[Row]:
    """Agreement, then one member and ten, with a column per TF; RegDiffusion where it is installed.

    Of RegDiffusion's 1,000 steps STEPS are taken: a run of one is there to be subtracted.
    """
    n_cells, n_genes, n_tfs, _ = size
    given, config = genome.prepared(*size), Config.nonspecific(n_epochs=epochs)
    yield from agreement(device, n_cells, n_genes, given.part)
    work: Work = {
        ("few", 1): lambda: train(given, config, 0, device),
        ("few", MEMBERS): lambda: train_ensemble(given, config, range(MEMBERS), device),
    }
    for row in in_turns("training", work, device):
        yield row | {"epochs": epochs}
    if importlib.util.find_spec("regdiffusion"):
        X, genes = genome.made(n_cells, n_genes).toarray(), [f"g{i}" for i in range(n_genes)]
        infer = partial(regdiffusion.infer, X, genes, genes[:n_tfs], device=device)
        for n_steps in (1, 1 + STEPS):
            steps_taken: Work = {("RegDiffusion", 1): partial(infer, n_steps=n_steps)}
            yield from in_turns(f"{n_steps} steps", steps_taken, device)


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
        yield n_cells, n_genes, agreement(device, n_cells, n_genes)
        yield n_cells, n_genes, timings(device, n_cells, n_genes, epochs)
    yield 500, 100, scores(device, 7 if tiny else 61)
    yield few[0], few[1], few_columns(device, few, epochs)
    for n_cells, n_genes in sizes[:2]:
        yield n_cells, n_genes, steps(device, n_cells, n_genes)


if __name__ == "__main__":
    main()
