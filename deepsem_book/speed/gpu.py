"""DeepSEM on a GPU: does it compute what the CPU computes, and how long does it take?

    python -m deepsem_book.speed.gpu [--device cuda] [--tiny] [--out gpu.csv]

The cells are made up (log expression with zeros), since only their number counts. Seconds are those
of a training of a few epochs, after a warm-up; peak memory is that of torch's allocator on the GPU.
"""

import argparse
import copy
import platform
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression
from deepsem_minimal.sem import random_network, simulate_nonlinear
from deepsem_minimal.train import initial_W, train

from ..datasets import DATA_DIR
from ..results_table import ResultsTable
from .authors_loop import train_plain

Row = dict[str, Any]
SIZES = ((383, 821), (383, 1448), (1000, 4000))  # cells, genes
TINY = ((40, 12),)
KEY = ["what", "engine", "device", "n_cells", "n_genes", "members", "repeat"]
COLUMNS = [*KEY, "epochs", "value", "seconds", "peak_mb", "card", "versions"]


def made(n_cells: int, n_genes: int) -> np.ndarray:
    """Log expression (cells x genes) with about a third of zeros."""
    rng = np.random.default_rng(0)
    return np.maximum(rng.normal(0.7, 1.5, (n_cells, n_genes)), 0).astype(np.float32)


def agreement(device: str, n_cells: int, n_genes: int) -> Iterator[Row]:
    """Largest relative difference of loss and gradients of one batch from the CPU's."""
    generator = torch.Generator().manual_seed(0)
    model = DeepSEM(Config(), initial_W(n_genes, "authors", generator), generator)
    x = torch.as_tensor(made(n_cells, n_genes)[:64])
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
        yield {"what": f"error of {name}", "engine": "fast", "value": float(error), "members": 1}


def scores(device: str, epochs: int) -> Iterator[Row]:
    """Correlation of W with the CPU's after a training on a simulated network of 100 genes."""
    X = simulate_nonlinear(random_network(100, n_tfs=20), 500, dropout=0.5)
    config = Config(W_init="safe", alpha=0.5, lr_W=4e-4, n_epochs=epochs)
    Ws = [train(Expression.of(X, config), config, 0, place).W for place in ("cpu", device)]
    r = float(np.corrcoef(Ws[0].ravel(), Ws[1].ravel())[0, 1])
    yield {"what": "correlation of W with the CPU's", "engine": "fast", "value": r, "members": 1}


def timings(device: str, n_cells: int, n_genes: int, epochs: int) -> Iterator[Row]:
    """One member and ten by the fast engine, one by the plain port, in turns."""
    X, config = made(n_cells, n_genes), Config.nonspecific(n_epochs=epochs)
    given = Expression.of(X, config)
    work: dict[tuple[str, int], Callable[[], object]] = {
        ("fast", 1): lambda: train(given, config, 0, device),
        ("fast", 10): lambda: train_ensemble(given, config, range(10), device),
        ("plain", 1): lambda: train_plain(given.X, X != 0, config, 0, device),
    }
    for run in work.values():
        run()  # warm-up
    for repeat in range(3):
        for (engine, members), run in work.items():
            row = {"what": "training", "engine": engine, "members": members, "repeat": repeat}
            yield row | measured(run, device) | {"epochs": epochs}


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
    for n_cells, n_genes in TINY if options.tiny else SIZES:
        size = {"n_cells": n_cells, "n_genes": n_genes}
        for rows in (
            agreement(device, n_cells, n_genes),
            timings(device, n_cells, n_genes, epochs),
        ):
            for row in rows:
                table.put([facts | size | row])
                print(size, row, flush=True)
    for row in scores(device, 7 if options.tiny else 61):
        table.put([facts | {"n_cells": 500, "n_genes": 100} | row])
        print(row, flush=True)


if __name__ == "__main__":
    main()
