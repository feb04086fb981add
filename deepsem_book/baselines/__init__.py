"""The paper's baselines, methods before and after DeepSEM, one file each, one signature.

METHODS[name](X, genes, tfs, seed=0, **settings) -> W[target, regulator]; see `common` for what all
of them share. Methods in PSEUDOTIME need `pseudotime=`; those in OPTIONAL need their own package;
those in SLOW need many minutes per thousand genes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from . import (
    apc,
    dag_gnn,
    dazzle,
    genie3,
    grnboost2,
    linear_sem,
    notears,
    pearson,
    pidc,
    ppcor,
    regdiffusion,
    scode,
    sincerities,
)


def parameters(infer: Callable[..., Any]) -> dict[str, Any]:
    """A baseline's own settings and their defaults."""
    common = ("X", "genes", "tfs", "seed", "pseudotime", "n_jobs")
    known = inspect.signature(infer).parameters.items()
    return {name: p.default for name, p in known if name not in common}


METHODS: dict[str, Callable[..., np.ndarray]] = {
    "Pearson": pearson.infer,
    "Pearson-detection": pearson.given_detection,
    "Pearson-APC": apc.infer,
    "Pearson2-APC": apc.squared,
    "ppcor": ppcor.infer,
    "PIDC": pidc.infer,
    "GENIE3": genie3.infer,
    "GRNBoost2": grnboost2.infer,
    "SCODE": scode.infer,
    "SINCERITIES": sincerities.infer,
    "LinearSEM": linear_sem.infer,
    "NOTEARS": notears.infer,
    "DAG-GNN": dag_gnn.infer,
    "DAZZLE": dazzle.infer,
    "RegDiffusion": regdiffusion.infer,
}
# What a method with a model has to beat: |r| with its hubs corrected. Which variant it is was fixed
# before it was run on the benchmarks; r² with the same correction stands beside it.
CONTROL, CONTROL_BESIDE = "Pearson-APC", "Pearson2-APC"
PSEUDOTIME = frozenset({"SCODE", "SINCERITIES"})
OPTIONAL = frozenset({"DAZZLE", "RegDiffusion"})
SLOW = frozenset({"NOTEARS", "DAG-GNN"})
# These draw random numbers; all others are deterministic.
SEEDED = frozenset({"GENIE3", "GRNBoost2", "SCODE", "DAG-GNN", "DAZZLE", "RegDiffusion"})
