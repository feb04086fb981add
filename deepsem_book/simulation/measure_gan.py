"""How near do the GANs come to convergence? data/results/gan.csv, a row per look at a training.

    python -m deepsem_book.simulation.measure_gan

The rule: a GAN has converged when the errors of its genes and of their correlations on held-out
cells are no worse than those of shuffled genes, which model nothing. The held-out cells also choose
among settings and steps, which favours the GAN. Trainings that are in the table are not repeated.
"""

import argparse
import time
from importlib.metadata import version
from pathlib import Path

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
DRAWS = range(5)  # of each simulator at each look; the errors are their means
LOOKS = (125, 250, 500, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12000)  # generator steps
WIDE = {"n_hidden": 256, "n_noise": 300, "batch_size": 256, "average": 0.99}
# The most promising first; "first" is the setting that simulation.csv has.
SETTINGS: dict[str, GANConfig] = {
    "wide": GANConfig(n_steps=1500, **WIDE),
    "first": GANConfig(n_steps=1500),
    "more noise": GANConfig(n_steps=1500, average=0.99, n_noise=300),
    "wide, lr 1e-4": GANConfig(n_steps=1500, lr=1e-4, **WIDE),
    "wide, one critic step": GANConfig(n_steps=6000, lr=2e-4, n_critic=1, **WIDE),
    "wide, lr falling": GANConfig(n_steps=3000, lr=1e-3, lr_last=0.01, **WIDE),
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


def mean_errors(study: Study, simulator: str) -> tuple[float, float]:
    """`errors` of a control, mean over DRAWS."""
    n, draw = len(study.test), controls.CONTROLS[simulator]
    drawn = [errors(study, draw(study.train, n, seed)) for seed in DRAWS]
    return tuple(np.mean(drawn, axis=0))


def measure(
    study: Study, data: str, gan: str, setting: str, config: GANConfig, table: ResultsTable
) -> None:
    """Train one GAN on the training cells of the study and look at it at each of LOOKS."""
    run = {"data": data, "gan": gan, "setting": setting}
    if table.has(**run, steps=config.n_steps):
        return
    labels = study.train_types if gan == "cscGAN" else None
    codes = np.zeros(len(study.train), np.int64) if labels is None else labels
    shares = np.bincount(codes) / len(codes)
    references = {name: mean_errors(study, name) for name in ("shuffle", "copy")}
    start = time.process_time()

    def look(step: int, generator: nn.Module) -> None:
        if step not in LOOKS and step != config.n_steps:
            return
        seconds = time.process_time() - start
        drawing = GAN(generator, shares, config)
        drawn = [errors(study, drawing.sample(len(study.test), seed)) for seed in DRAWS]
        generator.train()
        row = run | {"steps": step, "lr": config.lr, "lr_last": config.lr_last}
        pairs = {"": np.mean(drawn, axis=0)} | {
            f"{name}_": pair for name, pair in references.items()
        }
        for prefix, pair in pairs.items():
            names = (f"{prefix}marginal", f"{prefix}correlation")
            row |= {name: round(float(value), 5) for name, value in zip(names, pair, strict=True)}
        row |= {
            "width": config.n_hidden, "noise": config.n_noise, "batch": config.batch_size,
            "critic_steps": config.n_critic, "average": config.average,
            "n_genes": len(study.genes), "n_train": len(study.train), "n_test": len(study.test),
            "cpu_seconds": round(seconds, 1), "torch": version("torch"),
        }  # fmt: skip
        table.put([row])
        print(data, gan, setting, step, row["marginal"], row["correlation"], "shuffle",
              *references["shuffle"], f"{seconds:.0f} s", flush=True)  # fmt: skip

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
                config = SETTINGS[setting]
                library = {"library": study.library}
                measure(study, data, gan, setting, GANConfig(**(vars(config) | library)), table)


if __name__ == "__main__":
    main()
