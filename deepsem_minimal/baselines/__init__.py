"""The paper's baselines, the linear SEM and two later methods, one file each, one signature.

METHODS[name](X, genes, tfs, seed=0, **settings) -> W[target, regulator]; see `common` for what all
of them share. Methods in PSEUDOTIME need `pseudotime=`; those in OPTIONAL need their own package.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deepsem_minimal.baselines import (
    dazzle,
    genie3,
    grnboost2,
    linear_sem,
    pearson,
    pidc,
    ppcor,
    regdiffusion,
    scode,
    sincerities,
)

METHODS: dict[str, Callable[..., np.ndarray]] = {
    "Pearson": pearson.infer,
    "Pearson-detection": pearson.given_detection,
    "ppcor": ppcor.infer,
    "PIDC": pidc.infer,
    "GENIE3": genie3.infer,
    "GRNBoost2": grnboost2.infer,
    "SCODE": scode.infer,
    "SINCERITIES": sincerities.infer,
    "LinearSEM": linear_sem.infer,
    "DAZZLE": dazzle.infer,
    "RegDiffusion": regdiffusion.infer,
}
PSEUDOTIME = frozenset({"SCODE", "SINCERITIES"})
OPTIONAL = frozenset({"DAZZLE", "RegDiffusion"})
SEEDED = frozenset({"GENIE3", "GRNBoost2", "SCODE", "DAZZLE", "RegDiffusion"})  # others: no chance
