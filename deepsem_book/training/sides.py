"""On which side of the singular point, row sums of 1, the W of a member ends."""

import copy
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import torch

from deepsem_minimal.train import Member

from .movement import top

STUCK = (0.5, 1.1)  # final row sums of a member that met the singular point


def gradient_at(row_sum: float, member: Member, X: np.ndarray, beta: float) -> float:
    """Root mean square of the gradient of W when all weights are equal and rows sum to `row_sum`.

    X: standardised expression of a batch (cells x genes, float32).
    """
    model, m = copy.deepcopy(member.model), X.shape[1]
    model.grn.W.data = torch.full((m, m), row_sum / (m - 1)).fill_diagonal_(0)
    x = torch.from_numpy(X)
    model.requires_grad_(False).grn.W.requires_grad_()
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    scan = model.scan(x, torch.ones(1, 1))
    model.loss(scan, x, None, noise, beta).elbo.backward()
    gradient = model.grn.W.grad
    assert gradient is not None
    return gradient.square().mean().sqrt().item()


def sides(table: pd.DataFrame) -> pd.Series:
    """ "stuck", "above" or "below" the singular point for each member.

    `table` has "row sum" and an index like "authors, seed 0". Only members with the authors' start
    can be stuck: the safe start is below from the beginning.
    """
    sums = table["row sum"]
    from_authors = table.index.str.startswith("authors")
    ends = pd.Series(np.where(sums > 1, "above", "below"), table.index)
    return ends.mask(sums.between(*STUCK) & from_authors, "stuck")


def agreement(
    members: Sequence[Member], ends: Sequence[str], correlations: pd.DataFrame, k: int
) -> pd.DataFrame:
    """One row per pair of members of different seeds: pair, rank correlation, top k in common.

    `ends` are the members' `sides`. Members of one seed with two starts are left out: they have
    the same random numbers, so they are not two draws.
    """
    tops = [top(member.W, k) for member in members]
    rows = []
    for i, j in combinations(range(len(members)), 2):
        if members[i].seed == members[j].seed:
            continue
        kind = "same side" if ends[i] == ends[j] else "different sides"
        rows.append(
            {
                "pair": "one is stuck" if "stuck" in (ends[i], ends[j]) else kind,
                "rank correlation": correlations.iloc[i, j],
                f"top {k} in common": len(tops[i] & tops[j]) / k,
            }
        )
    return pd.DataFrame(rows)
