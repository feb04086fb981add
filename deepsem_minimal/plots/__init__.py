"""Every figure of the book, one file a topic: `plots.layers.masks(...)`.

Functions take tables and arrays and return a matplotlib Figure; nothing is computed here that a
reader would want as a number.
"""

from importlib import import_module
from types import ModuleType

__all__ = [
    "beeline", "claims", "embedding", "epigenome", "layers", "lineage", "networks", "own", "scores",
    "simulation", "speed", "switches", "training",
]  # fmt: skip


def __getattr__(name: str) -> ModuleType:
    """Import a topic when it is first used: some bring torch, which most figures do not need."""
    if name not in __all__:
        raise AttributeError(f"{__name__} has no topic {name!r}; it has {', '.join(__all__)}")
    return import_module(f"{__name__}.{name}")
