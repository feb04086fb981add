"""What fewer cells do to the score of an ensemble, beside what the paper prints (chapter 5)."""

from itertools import combinations

import numpy as np
import pandas as pd

from .. import datasets
from ..benchmark_table import KIND_NAMES

FEW, MANY = 50, 400


def turns(line: pd.Series) -> bool:
    """Does the score move more than twofold and back along the number of cells (index)?"""
    values = np.log2(line.sort_index().to_numpy())
    return any(
        min(a - b, c - b) > 1 or min(b - a, b - c) > 1 for a, b, c in combinations(values, 3)
    )


def beside_paper(cells: pd.DataFrame) -> pd.DataFrame:
    """(network, matrix): EPR with MANY and FEW cells; the change in per cent beside the paper's.

    `cells`: `comparison.by_cells`. steady: "no" for a line that `turns`: a few seeds decide it.
    """
    published, rows = datasets.published(), {}
    for (kind, matrix), of_matrix in cells.groupby(["network", "matrix"], sort=False):
        line = of_matrix[of_matrix["members"] > 1].groupby("n_cells")["score"].median()
        single = of_matrix[(of_matrix["members"] == 1) & (of_matrix["n_cells"] == FEW)]["score"]
        paper = published[f"cells_{FEW}_change_{str(kind).lower().replace('-', '_')}"]
        rows[KIND_NAMES[str(kind)], matrix] = {
            f"{MANY} cells": f"{line[MANY]:.2f}",
            f"{FEW} cells": f"{line[FEW]:.2f}",
            "change": f"{100 * (line[FEW] / line[MANY] - 1):+.0f} %",
            "the paper, mean": f"{paper:+.0f} %",
            f"single trainings, {FEW}": f"{single.min():.2f} to {single.max():.2f}",
            "steady": "no" if turns(line) else "yes",
        }
    return pd.DataFrame(rows).T.rename_axis(["network", "matrix"])
