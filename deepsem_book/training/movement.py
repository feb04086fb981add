"""How far a training moves: weights, the curve f₁(f₂(x)), and the top of the ranking."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from deepsem_minimal.model import DeepSEM
from deepsem_minimal.train import Member

PARTS = {"f₂": "f2", "f₁": "f1", "prior": "prior", "W": "grn"}  # modules of DeepSEM


def top(W: np.ndarray, k: int) -> set[int]:
    """Positions of the k largest |W|."""
    return set(np.argpartition(-np.abs(W).ravel(), k)[:k])


def overlap(snapshots: Mapping[int, Member], sizes: Sequence[int]) -> pd.DataFrame:
    """By epochs: the share of the last snapshot's top edges that are at the top already."""
    last = snapshots[max(snapshots)].W
    return pd.DataFrame(
        {
            f"top {k}": {n: len(top(m.W, k) & top(last, k)) / k for n, m in snapshots.items()}
            for k in sizes
        }
    )


def distance(before: torch.nn.Module, after: torch.nn.Module) -> float:
    """‖after − before‖ / ‖before‖ over all parameters of a module."""
    a, b = (
        torch.cat([p.detach().ravel() for p in module.parameters()]) for module in (before, after)
    )
    return ((b - a).norm() / a.norm()).item()


def movement(start: Member, end: Member) -> dict[str, float]:
    """`distance` in % for f₂, f₁, the prior and W."""
    return {
        name: 100 * distance(getattr(start.model, part), getattr(end.model, part))
        for name, part in PARTS.items()
    }


def curve(model: DeepSEM) -> np.ndarray:
    """The composition f₁(f₂(x)) without noise, on -3 to 3."""
    v = torch.linspace(-3, 3, 61)[:, None]
    with torch.no_grad():
        h = model.f2(torch.cat([v, torch.ones_like(v)], 1))[:, :1]
        return model.f1(h)[:, 0].numpy()


def mean_slope(members: Sequence[Member]) -> float:
    """Mean slope of f₁(f₂(x)) over -3 to 3."""
    curves = [curve(member.model) for member in members]
    return float(np.mean([(ys[-1] - ys[0]) / 6 for ys in curves]))
