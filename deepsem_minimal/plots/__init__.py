"""Every figure of the book, one file a topic.

Functions take tables and arrays and return a matplotlib Figure; nothing is computed here that a
reader would want as a number.
"""

from . import (
    beeline,
    claims,
    embedding,
    epigenome,
    layers,
    lineage,
    networks,
    own,
    scores,
    simulation,
    speed,
    switches,
    training,
)

__all__ = [
    "beeline", "claims", "embedding", "epigenome", "layers", "lineage", "networks", "own", "scores",
    "simulation", "speed", "switches", "training",
]  # fmt: skip
