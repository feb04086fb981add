"""What the tests of `deepsem` share: a small table and the call (their folder: conftest)."""

import numpy as np
import pandas as pd

from deepsem_book.own_data import cli

OPTIONS = ["--epochs", "2", "--seeds", "1", "--jobs", "1", "--quiet", "--orientation", "cells"]


def counts() -> pd.DataFrame:
    """40 cells x 12 genes, all expressed, the largest above what a log could be."""
    values = np.random.default_rng(0).poisson(4.0, (40, 12)) * 4 + 1
    return pd.DataFrame(values, [f"c{i}" for i in range(40)], [f"g{i}" for i in range(12)])


def run(*words: str) -> int:
    return cli.main([*words, *OPTIONS])
