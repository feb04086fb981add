"""DeepSEM on a GPU: does it compute what the CPU computes, and how long does it take?

    python -m deepsem_book.speed.gpu [--device cuda] [--parts dense few] [--tiny] [--out gpu.csv]

The cells are made up (log expression with zeros), since only their number counts. Seconds are those
of a training of a few epochs, or of a step on W, after a warm-up; peak memory is that of torch's
allocator on the GPU. The largest sizes have a column of W for each of 1,500 TFs and 20 groups.
"""

import argparse
import copy
import gc
import importlib.util
import platform
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepsem_minimal.config import Config
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.networks import edge_table
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.train import initial_W, train

from ..baselines import regdiffusion
from ..datasets import DATA_DIR
from ..datasets.problem import Problem
from ..results_table import ResultsTable
from . import genome, gpu_steps
from .authors_loop import train_plain

Row = dict[str, Any]
Size = tuple[int, int, int, int]
SIZES = ((383, 821), (383, 1448), (1000, 4000))  # cells, genes
FEW = (1000, 15_000, 1500, 20)  # cells, genes, TFs, groups
LARGER = ((1000, 20_000, 1500, 20), (10_000, 15_000, 1500, 20))
TINY, TINY_FEW, TINY_LARGER = ((40, 12),), (40, 30, 6, 2), ((50, 30, 6, 2),)
PARTS = ("dense", "scores", "few", "whole", "steps", "larger")
MEMBERS, REPEATS = 10, 3
KEY = ["what", "engine", "device", "n_cells", "n_genes", "members", "repeat"]
COLUMNS = [*KEY, "epochs", "value", "seconds", "peak_mb", "card", "versions"]
Work = dict[tuple[str, int], Callable[[], object]]  # by engine and number of members
prepared = lru_cache(maxsize=1)(genome.prepared)  # two parts in a row take the same cells


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


def scores(device: str, **changes: Any) -> Iterator[Row]:
    """AUPRC ratio against a known network of 100 genes by seed, trained here and on the CPU."""
    problem = Problem.load("sim/nonlinear-100")
    truth = problem.networks["truth"]
    config = Config.for_data(*problem.X.shape, **changes)
    given = Expression.of(problem.X, config)
    for place in dict.fromkeys(("cpu", device)):
        for member in train_ensemble(given, config, range(REPEATS), place):
            metrics = evaluate(edge_table(member.W, problem.genes, problem.tfs), truth)
            row = {"what": "AUPRC ratio", "engine": "fast", "device": place, "members": 1}
            yield row | {"repeat": member.seed, "value": metrics["auprc_ratio"]}


def timings(device: str, n_cells: int, n_genes: int, epochs: int) -> Iterator[Row]:
    """One member and ten by the fast engine, one by the plain port."""
    X, config = made(n_cells, n_genes), Config.nonspecific(n_epochs=epochs)
    given = Expression.of(X, config)
    work: Work = {
        ("fast", 1): lambda: train(given, config, 0, device),
        ("fast", MEMBERS): lambda: train_ensemble(given, config, range(MEMBERS), device),
        ("plain", 1): lambda: train_plain(given.X, X != 0, config, 0, device),
    }
    yield from in_turns("training", work, device, epochs=epochs)


def few_columns(device: str, size: Size, epochs: int) -> Iterator[Row]:
    """Agreement, then one member and ten with a column per TF."""
    given, config = prepared(*size), Config.nonspecific(n_epochs=epochs)
    yield from agreement(device, *size[:2], given.part)
    work: Work = {
        ("few", 1): lambda: train(given, config, 0, device),
        ("few", MEMBERS): lambda: train_ensemble(given, config, range(MEMBERS), device),
    }
    yield from in_turns("training", work, device, epochs=epochs)


def larger(device: str, size: Size, epochs: int) -> Iterator[Row]:
    """One member with a column per TF, trained on a matrix that is made dense in pieces."""
    given, config = prepared(*size), Config.nonspecific(n_epochs=epochs)
    work: Work = {("few", 1): lambda: train(given, config, 0, device)}
    yield from in_turns("training", work, device, repeats=1, epochs=epochs)


def whole(device: str, size: Size, **changes: Any) -> Iterator[Row]:
    """A member with a column per TF and, where it is installed, RegDiffusion: whole trainings."""
    n_cells, n_genes, n_tfs, _ = size
    given, config = prepared(*size), Config.nonspecific(**changes)
    work: Work = {("few", 1): lambda: train(given, config, 0, device)}
    if importlib.util.find_spec("regdiffusion"):
        X, genes = genome.made(n_cells, n_genes).toarray(), [f"g{i}" for i in range(n_genes)]
        work["RegDiffusion", 1] = partial(
            regdiffusion.infer, X, genes, genes[:n_tfs], device=device
        )
    yield from in_turns("whole training", work, device, repeats=1)


def steps(device: str, n_cells: int, n_genes: int, n_calls: int = 20) -> Iterator[Row]:
    """Steps on W and on the MLPs launched and replayed; the algebra of ten members batched."""
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
    kinds = {
        "step on W": lambda: genome.step_of(given, device)[1],
        "step on the MLPs": lambda: gpu_steps.step_on_mlps(given, device),
    }
    for what, step_of in kinds.items():
        yield from launched_and_replayed(what, step_of, device, n_calls)


def launched_and_replayed(
    what: str, step_of: Callable[[], Callable[[], object]], device: str, n_calls: int
) -> Iterator[Row]:
    """Seconds of a step; of one that cannot be captured, launched only."""
    step = step_of()
    work: Work = {("launched", 1): lambda: [step() for _ in range(n_calls)]}
    try:
        replay = gpu_steps.replayed(step_of(), device)
        work["replayed", 1] = lambda: [replay() for _ in range(n_calls)]
    except RuntimeError as error_of_capture:
        print("not captured:", error_of_capture, flush=True)
    for row in in_turns(what, work, device):
        yield row | {"seconds": row["seconds"] / n_calls}


def in_turns(
    what: str, work: Work, device: str, repeats: int = REPEATS, **facts: Any
) -> Iterator[Row]:
    """Rows of `repeats` rounds, with `facts`; if there are several, each engine is warmed up by its
    first run.
    """
    first = {engine: run for (engine, _), run in reversed(work.items())}
    for run in first.values() if repeats > 1 else ():
        run()
    for repeat in range(repeats):
        for (engine, members), run in work.items():
            row = {"what": what, "engine": engine, "members": members, "repeat": repeat}
            yield facts | row | measured(run, device)


def measured(run: Callable[[], object], device: str) -> Row:
    """Wall seconds and, on a GPU, the peak of the memory that torch allocates for it."""
    on_gpu = device.startswith("cuda")
    gc.collect()  # a package may leave its model in a cycle of references
    before = torch.cuda.memory_allocated() if on_gpu else 0
    if on_gpu:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    start = time.perf_counter()
    run()
    if on_gpu:
        torch.cuda.synchronize()
    peak = (torch.cuda.max_memory_allocated() - before) / 1e6 if on_gpu else float("nan")
    return {"seconds": time.perf_counter() - start, "peak_mb": peak}


def main() -> None:
    parser = argparse.ArgumentParser(description="Check and time DeepSEM on a GPU.")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="tiny sizes, for a test")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--out", type=Path, default=DATA_DIR / "results" / "gpu.csv")
    options = parser.parse_args()
    device = options.device
    text = {"what", "engine", "device", "card", "versions"}
    table = ResultsTable(options.out, KEY, COLUMNS, text, ("n_cells", "n_genes", "members"), ())
    table.check_writable()
    card = torch.cuda.get_device_name() if device.startswith("cuda") else platform.machine()
    facts = {"device": device, "card": card, "repeat": 0}
    facts["versions"] = f"torch {torch.__version__}; numpy {np.__version__}"
    for part, n_cells, n_genes, rows in every_row(device, options.tiny):
        for row in rows if part in options.parts else ():
            table.put([facts | {"n_cells": n_cells, "n_genes": n_genes} | row])
            print(n_cells, n_genes, row, flush=True)


def every_row(device: str, tiny: bool) -> Iterator[tuple[str, int, int, Iterator[Row]]]:
    """Part, cells, genes and rows; what takes longest to prepare comes last."""
    sizes, few, large = (TINY, TINY_FEW, TINY_LARGER) if tiny else (SIZES, FEW, LARGER)
    epochs, changes = (4, {"n_epochs": 7}) if tiny else (13, {})
    for n_cells, n_genes in sizes:
        yield "dense", n_cells, n_genes, agreement(device, n_cells, n_genes)
        yield "dense", n_cells, n_genes, timings(device, n_cells, n_genes, epochs)
    yield "scores", 1000, 100, scores(device, **changes)
    yield "few", *few[:2], few_columns(device, few, epochs)
    yield "whole", *few[:2], whole(device, few, **changes)
    for n_cells, n_genes in sizes[:2]:
        yield "steps", n_cells, n_genes, steps(device, n_cells, n_genes)
    for size in large:
        yield "larger", *size[:2], larger(device, size, epochs)


if __name__ == "__main__":
    main()
