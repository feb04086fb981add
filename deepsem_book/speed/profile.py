"""Which part of a training step takes how long: operations sorted by what they serve."""

import time
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import torch

HIDDEN = 128  # width of the MLPs, by which their operations are known


def purpose(name: str, shapes: Sequence[Sequence[int]], n_genes: int) -> str:
    """Which part of a step an operation serves, from its name and the shapes of its arguments."""
    sizes = [tuple(shape) for shape in shapes if shape]
    rows_of_W = bool(sizes) and len(sizes[0]) == 2 and sizes[0][1] == n_genes and sizes[0][0] > 64
    steps = ("mul_", "addc", "sqrt", "sign", "add_")
    if "RMSprop" in name or "foreach" in name or (rows_of_W and any(op in name for op in steps)):
        return "optimiser"
    if "linalg" in name or "inverse" in name:
        return "inverse or factorisation and solves"
    in_mlp = any(HIDDEN in size for size in sizes)
    if "mm" in name and any(max(s) == n_genes and len(s) == 2 for s in sizes) and not in_mlp:
        return "products with W"
    if in_mlp or any(len(size) == 3 for size in sizes):
        return "MLPs on every entry"
    if any(op in name for op in ("index_select", "scatter", "floor")):
        return "table look-up"
    return "the rest"


def seconds_by_purpose(work: Callable[[], object], n_genes: int) -> pd.Series:
    """Self CPU seconds of `work` by purpose, under torch's profiler."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activities, record_shapes=True) as profile:
        work()
    events = profile.key_averages(group_by_input_shape=True)
    table = pd.DataFrame(
        [
            (purpose(event.key, event.input_shapes, n_genes), event.self_cpu_time_total / 1e6)
            for event in events
        ]
    )
    return table.groupby(0)[1].sum()


def milliseconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Median over repeats."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return float(np.median(times))
