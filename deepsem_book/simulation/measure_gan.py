"""How near do the GANs come to convergence? data/results/gan.csv, a row per look at a training.

    python -m deepsem_book.simulation.measure_gan

The rule: a GAN has converged when the errors of its genes and of their correlations on held-out
cells are no worse than those of shuffled genes, which model nothing. The held-out cells also choose
among settings and steps, which favours the GAN. Trainings that are in the table are not repeated.
"""

import argparse
import functools
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from .. import datasets
from ..results_table import ResultsTable
from . import controls, realism
from .gan import GAN, GANConfig, train_gan
from .measure import read
from .study import Study

TABLE = datasets.DATA_DIR / "results" / "gan.csv"
KEY = ["data", "gan", "setting", "steps"]
COLUMNS = [
    *KEY, "marginal", "correlation", "shuffle_marginal", "shuffle_correlation", "copy_marginal",
    "copy_correlation", "lr", "lr_last", "width", "noise", "batch", "critic_steps", "average",
    "n_genes", "n_train", "n_test", "cpu_seconds", "torch",
]  # fmt: skip
TEXT = {"data", "gan", "setting", "torch"}
ERRORS = ("marginal", "correlation")
DRAWS = range(5)  # of each simulator at each look; the errors are their means
LOOKS = (125, 250, 500, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12000)  # generator steps
FIRST = GANConfig(n_steps=1500)
WIDE = replace(FIRST, n_hidden=256, n_noise=300, batch_size=256, average=0.99)
# A list fixed before the run, the cheapest first: learning rates, steps, widths; about one and a
# half CPU hours. "first" is the setting that simulation.csv has.
SETTINGS: dict[str, GANConfig] = {
    "wide": WIDE,
    "first": FIRST,
    "more noise": replace(FIRST, average=0.99, n_noise=300),
    "wide, lr 1e-4": replace(WIDE, lr=1e-4),
    "wide, one critic step": replace(WIDE, n_steps=6000, lr=2e-4, n_critic=1),
    "wide, lr falling": replace(WIDE, n_steps=3000, lr=1e-3, lr_last=0.01),
    "narrow, long, lr falling": replace(
        FIRST, n_steps=6000, n_noise=128, average=0.99, lr_last=0.01
    ),
    "widest, published lr": replace(
        FIRST, n_steps=6000, n_hidden=512, n_noise=128, batch_size=128, average=0.99, lr=1e-4
    ),
    "wide, long, lr falling": replace(WIDE, n_steps=12000, lr=2e-4, lr_last=0.01),
}


def gan_table(path: Path) -> ResultsTable:
    """Looks at trainings of GANs, in the order of their steps."""
    return ResultsTable(path, KEY, COLUMNS, TEXT, {"steps"}, order=["steps"])


def errors(study: Study, cells: np.ndarray) -> tuple[float, float]:
    """Marginal and correlation error of `realism.scores` against the held-out cells."""
    top = np.argsort(-np.var(study.train, axis=0))[: realism.N_CORRELATED]
    return (
        realism.marginal_error(study.test, cells),
        realism.correlation_error(study.test[:, top], cells[:, top]),
    )


def mean_errors(study: Study, draw: Callable[[int, int], np.ndarray]) -> dict[str, float]:
    """`errors` of cells from draw(n, seed), mean over DRAWS, by name."""
    drawn = [errors(study, draw(len(study.test), seed)) for seed in DRAWS]
    return dict(zip(ERRORS, np.mean(drawn, axis=0).round(5), strict=True))


def measure(
    study: Study, data: str, gan: str, setting: str, config: GANConfig, table: ResultsTable
) -> None:
    """Train one GAN on the training cells of the study and look at it at each of LOOKS."""
    run: dict[str, Any] = {"data": data, "gan": gan, "setting": setting}
    if table.has(**run, steps=config.n_steps):
        return
    labels = study.train_types if gan == "cscGAN" else None
    codes = np.zeros(len(study.train), np.int64) if labels is None else labels
    shares = np.bincount(codes) / len(codes)
    facts = run | {
        "lr": config.lr, "lr_last": config.lr_last, "width": config.n_hidden,
        "noise": config.n_noise, "batch": config.batch_size, "critic_steps": config.n_critic,
        "average": config.average, "n_genes": len(study.genes), "n_train": len(study.train),
        "n_test": len(study.test), "torch": version("torch"),
    }  # fmt: skip
    for control in ("shuffle", "copy"):
        of_control = mean_errors(study, functools.partial(controls.CONTROLS[control], study.train))
        facts |= {f"{control}_{name}": value for name, value in of_control.items()}
    start = time.process_time()

    def look(step: int, generator: nn.Module) -> None:
        if step not in LOOKS and step != config.n_steps:
            return
        seconds = round(time.process_time() - start, 1)
        row = facts | mean_errors(study, GAN(generator, shares, config).sample)
        generator.train()
        table.put([row | {"steps": step, "cpu_seconds": seconds}])
        print(*run.values(), step, *(row[name] for name in ERRORS), seconds, "s", flush=True)

    train_gan(study.train, labels, config, 0, look)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", default=["cbmc/CD14+ Mono"])
    parser.add_argument("--gan", nargs="+", default=["scGAN"])
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=SETTINGS)
    parser.add_argument("--genes", type=int, default=300)
    parser.add_argument("--out", type=Path, default=TABLE)
    args = parser.parse_args()
    torch.set_num_threads(1)
    table = gan_table(args.out)
    for data in args.data:
        study = Study.of(read(data), n_genes=args.genes)
        for gan in args.gan:
            for setting in args.settings:
                config = replace(SETTINGS[setting], library=study.library)
                measure(study, data, gan, setting, config, table)


if __name__ == "__main__":
    main()
