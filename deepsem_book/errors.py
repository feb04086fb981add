"""What was asked for cannot be done: one error with what to do instead, before anything is done."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from deepsem_minimal.networks import first_few

MIN_CELLS = 3  # what the baselines need


class BadInput(ValueError):
    """What was asked for cannot be run; nothing was trained."""


def in_a_line(error: BaseException) -> str:
    """Kind and message as a table of results holds them."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]


def check_matrix(X: np.ndarray, genes: Sequence[str]) -> None:
    """BadInput unless X (cells x genes) is a matrix that a method can take, with a name per gene.

    Names must differ in more than case, since networks are compared in upper case.
    """
    names = pd.Index(genes).astype(str)
    if X.ndim != 2 or X.shape[1] != len(names):
        raise BadInput(f"X has shape {X.shape}; {len(names)} genes need cells x genes")
    if len(X) < MIN_CELLS:
        raise BadInput(f"{len(X)} cells; a network needs {MIN_CELLS} or more")
    if not (finite := np.isfinite(X).all(axis=0)).all():
        raise BadInput(f"NaN or infinite expression of {first_few(names[~finite])}: drop or fill")
    upper = names.str.upper()
    if upper.has_duplicates:
        twice = first_few(upper[upper.duplicated()])
        raise BadInput(f"gene names repeat (up to case): {twice}: rename")
