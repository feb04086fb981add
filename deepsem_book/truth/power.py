"""Power: how many cells does a method need for half of the edges at precision ½?"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from .levels import METHODS
from .settings import KNOBS, name_of

HALF = 0.5
FEWEST = 3  # networks of a method that is shown


def power(table: pd.DataFrame, half: float = HALF) -> pd.DataFrame:
    """Cells needed for a list of precision ½ to have half of the edges; one row per method.

    On every network recall_half is interpolated between the measured numbers of cells, straight in
    log cells; a network that never gets there counts as infinite. Columns: networks, reached (of
    these), cells (median over networks) with the ends of its interval (`median_interval`), and
    most, the largest number of cells that a network was tried with.
    """
    names = {name_of(setting): setting.n_cells for setting in KNOBS["cells"]}
    rows = table[table["setting"].isin(names)]
    rows = rows.assign(n_cells=rows["setting"].map(names))
    made: dict[str, list[float]] = {}
    for method in METHODS:
        of_method = rows[rows["method"] == method]
        wide = of_method.pivot_table(index="network", columns="n_cells", values="recall_half")
        wide = wide[wide.count(axis=1) >= 3]  # three levels make a curve
        if len(wide) < FEWEST:
            continue
        needed = np.array([crossing(curve.dropna(), half) for _, curve in wide.iterrows()])
        reached = int(np.isfinite(needed).sum())
        made[method] = [len(needed), reached, *median_interval(needed), wide.columns.max()]
    columns = ["networks", "reached", "cells", "low", "high", "most"]
    return pd.DataFrame.from_dict(made, orient="index", columns=columns).rename_axis("method")


def median_interval(values: NDArray[np.floating]) -> tuple[float, float, float]:
    """Median and the order statistics that hold it with 95 % or more; NaN ends below six values."""
    ordered, n = np.sort(values), len(values)
    outside = int(stats.binom.ppf(0.025, n, 0.5))  # values left out on each side
    while outside and 2 * stats.binom.cdf(outside - 1, n, 0.5) > 0.05:
        outside -= 1
    middle = float(ordered[[(n - 1) // 2, n // 2]].mean())
    if not outside:
        return middle, np.nan, np.nan
    return middle, float(ordered[outside - 1]), float(ordered[n - outside])


def crossing(curve: pd.Series, half: float) -> float:
    """Number of cells (the index, ascending) at which a curve reaches `half`; inf if never."""
    cells, values = np.log(curve.index.to_numpy(float)), curve.to_numpy(float)
    above = np.flatnonzero(values >= half)
    if not len(above):
        return np.inf
    k = above[0]
    if k == 0:
        return float(np.exp(cells[0]))
    share = (half - values[k - 1]) / (values[k] - values[k - 1])
    return float(np.exp(cells[k - 1] + share * (cells[k] - cells[k - 1])))


def power_shown(table: pd.DataFrame) -> pd.DataFrame:
    """`power` for reading: "250 [190, 310]"; without an interval where networks are too few."""
    rows = power(table)
    said = [
        in_cells(middle) + (f" [{in_cells(low)}, {in_cells(high)}]" if 0 < low < np.inf else "")
        for middle, low, high in rows[["cells", "low", "high"]].to_numpy()
    ]
    counts = rows[["networks", "reached"]].astype(int)
    return counts.assign(
        **{"cells needed": said, "tried up to": rows["most"].map("{:,.0f}".format)}
    )


def in_cells(number: float) -> str:
    """Two digits of a number of cells: "340", "1,200"; "not reached" for infinity."""
    if not np.isfinite(number):
        return "not reached"
    digits = int(np.floor(np.log10(number))) - 1
    return f"{round(number, -digits):,.0f}"
