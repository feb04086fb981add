"""Time the fast engine against the plain port of the authors' loop, side by side in one run.

    python -m deepsem_book.speed.measure                      # every section
    python -m deepsem_book.speed.measure run growth           # some of them
    python -m deepsem_book.speed.measure peers                # needs requirements-baselines.txt

Each section replaces its own rows in data/results/speed.csv; a section that is killed leaves them
as they were. A pair is timed in turns (plain, fast, plain, fast, …) on the same data, threads and
number of steps.
"""

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from deepsem_minimal.config import Config
from deepsem_minimal.parallel import train_ensemble
from deepsem_minimal.preprocess import Expression, standardise
from deepsem_minimal.train import train

from .. import baselines, datasets
from ..baselines import parameters
from ..datasets.problem import Problem
from ..provenance import machine
from ..results_table import ResultsTable
from .authors_loop import train_plain
from .cumulative import cumulative
from .timing import THREADS, Row, mdc, pair, row, timed, zeisel
from .tried import batched, refinement

TABLE = ResultsTable(
    datasets.DATA_DIR / "results" / "speed.csv",
    key=["section"],
    columns=[
        "section", "engine", "n_cells", "n_genes", "seeds", "steps", "repeat", "seconds",
        "seconds_per_step", "threads", "machine", "versions", "peak_mb", "part",
    ],
    text=["section", "engine", "machine", "versions"],
    whole=["n_cells", "n_genes", "threads"],
    order=(),
)  # fmt: skip


def run() -> Iterator[Row]:
    """One member, 821 genes x 383 cells."""
    yield from pair("run", *mdc(), Config.nonspecific(n_epochs=15), repeats=3)


def ensemble() -> Iterator[Row]:
    """Ten members against one run of the port on the same threads."""
    (X, raw), config = mdc(), Config.nonspecific(n_epochs=15)
    for repeat in range(3):
        plain = timed(lambda: train_plain(X, raw != 0, config, seed=0))
        yield row("ensemble", "plain", X, config, repeat, plain)
        fast = timed(partial(train_ensemble, Expression.of(raw, config), config, range(10)))
        yield row("ensemble", "fast", X, config, repeat, fast, seeds=10)


def embedding() -> Iterator[Row]:
    """The embedding preset, 3005 cells x 1000 genes."""
    yield from pair("embedding", *zeisel(3005, 1000), Config.embedding(n_epochs=3), repeats=3)


def growth() -> Iterator[Row]:
    """Time against genes at 384 cells, and against cells at 500 genes (Supp. Figs. 3 and 4)."""
    for n_genes in (500, 1000, 2000, 4000):
        X, raw = zeisel(384, n_genes)
        yield from pair("genes", X, raw, Config.nonspecific(n_epochs=3), repeats=2)
        config = Config.nonspecific(n_epochs=30)
        seconds = timed(partial(train, Expression.of(raw, config), config))
        yield row("genes", "fast, 30 epochs", X, config, 0, seconds)
    for n_cells in (375, 750, 1500, 3000):
        yield from pair("cells", *zeisel(n_cells, 500), Config.nonspecific(n_epochs=3), repeats=2)


def savings() -> Iterator[Row]:
    """The fast engine with its table taken back, or made finer."""
    X, raw = mdc()
    for repeat in range(3):
        for name, knots in {"fast": 256, "direct MLPs": 0, "1024 knots": 1024}.items():
            config = Config.nonspecific(n_epochs=15, n_knots=knots)
            seconds = timed(partial(train, Expression.of(raw, config), config))
            yield row("savings", name, X, config, repeat, seconds)


def memory() -> Iterator[Row]:
    """Peak resident memory of a process that trains ten members on 1500 genes (Linux only).

    From VmHWM, since getrusage's ru_maxrss of a child begins at what its parent had in use.
    """
    config = Config.nonspecific(n_epochs=6)
    code = (
        "import numpy as np; import deepsem_minimal as ds;"
        "X = np.random.default_rng(0).normal(size=(384, 1500)).astype('float32');"
        f"config = ds.Config.nonspecific(n_epochs={config.n_epochs});"
        "ds.parallel.train_ensemble(ds.Expression.of(X, config), config, range(10));"
        "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    )
    start = time.perf_counter()
    python = [sys.executable, "-c", code]
    peak = int(subprocess.run(python, check=True, capture_output=True, text=True).stdout)
    seconds = time.perf_counter() - start
    yield row("memory", "fast", np.empty((384, 1500)), config, 0, seconds, 10) | {
        "peak_mb": peak / 1024
    }


def peers() -> Iterator[Row]:
    """DAZZLE, RegDiffusion and DeepSEM in turns: a part of the training of each.

    Every second round goes through them from the last to the first, since what a process has done
    before changes what its memory costs. Their scores are in beeline.csv.
    """
    problem = Problem.load("beeline/mDC-500")
    X, keep = standardise(problem.X).X, problem.X != 0
    config = Config.nonspecific(n_epochs=12)
    given = Expression.of(problem.X, config)
    of_deepsem = config.n_epochs / Config.nonspecific().n_epochs
    methods: dict[str, tuple[Callable[[], Any], float]] = {
        "DeepSEM, 1 seed": (partial(train, given, config), of_deepsem),
        "DeepSEM, 10 seeds": (partial(train_ensemble, given, config, range(10)), of_deepsem),
        "DeepSEM, plain port, 1 seed": (partial(train_plain, X, keep, config, seed=0), of_deepsem),
    }
    for name, length, n, as_packaged in (
        ("DAZZLE", "n_epochs", 15, {"n_knots": 0}),
        ("RegDiffusion", "n_steps", 125, {"project_first": False}),
    ):
        infer = baselines.METHODS[name]
        work: Callable[[], Any] = partial(
            infer, problem.X, problem.genes, problem.tfs, **{length: n}
        )
        part = n / parameters(infer)[length]
        methods |= {
            name: (work, part),
            f"{name}, as packaged": (partial(work, **as_packaged), part),
        }
    train(given, config)  # warm-up
    for repeat in range(4):
        names = list(methods) if repeat % 2 == 0 else list(methods)[::-1]
        for name in names:
            work, part = methods[name]
            yield dict(
                section="peers", engine=name, n_cells=len(X), n_genes=X.shape[1],
                repeat=repeat, part=part, seconds=timed(work),
            )  # fmt: skip


def provenance() -> Row:
    packages = {"torch": torch.__version__, "numpy": np.__version__}
    versions = json.dumps({"python": platform.python_version(), **packages})
    return dict(threads=THREADS, machine=machine(), versions=versions)


ALL = (run, ensemble, embedding, growth, cumulative, savings, refinement, batched, memory, peers)
SECTIONS = {f.__name__: f for f in ALL}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "sections", nargs="*", default=list(SECTIONS), choices=[*SECTIONS, []], metavar="SECTION"
    )
    for name in parser.parse_args().sections or SECTIONS:
        rows = []
        for entry in SECTIONS[name]():
            rows.append(entry | provenance())
            print(
                {k: (round(v, 4) if isinstance(v, float) else v) for k, v in entry.items()},
                flush=True,
            )
        TABLE.put(rows)


if __name__ == "__main__":
    main()
