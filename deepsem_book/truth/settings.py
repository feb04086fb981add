"""The settings of the grid: one knob at a time from a base."""

from dataclasses import replace

from .simulator import Setting

BASE = Setting()
KNOBS: dict[str, list[Setting]] = {
    "cells": [replace(BASE, n_cells=n) for n in (50, 200, 1000, 5000, 20000)],
    "genes": [replace(BASE, n_genes=n) for n in (50, 100, 200, 500, 1000, 2000)],
    "zeros": [replace(BASE, zeros=z) for z in (0.0, 0.3, 0.6, 0.9)],
    "depth": [replace(BASE, depth_sd=s) for s in (0.0, 0.5, 1.0)],
    "raw depth": [replace(BASE, depth_sd=s, normalised=False) for s in (0.25, 0.5, 0.75)],
    "repression": [replace(BASE, repression=r) for r in (0.0, 0.3, 0.6)],
    "feedback": [replace(BASE, feedback=f) for f in (0.0, 0.3, 0.6)],
    "hubs": [replace(BASE, hub_exponent=e) for e in (0.0, 1.0, 1.5)],
    "hidden": [replace(BASE, hidden=h) for h in (0.0, 0.25, 0.5)],
    "types": [replace(BASE, n_types=k) for k in (1, 3, 6)],
}


def name_of(setting: Setting) -> str:
    """The knobs that differ from BASE, e.g. "n_cells=200 zeros=0.6"; "base" if none does."""
    changed = {k: v for k, v in vars(setting).items() if v != getattr(BASE, k)}
    return " ".join(f"{k}={v}" for k, v in changed.items()) or "base"
