"""What W would be without an edge: importance is the distance from there, and it has a sign.

All entries of W share an offset: their start (1 / (m - 1) in the paper), and a shift of whole rows
and columns with which W explains what all genes have in common, such as depth. Ranking by |W| puts
the sign that lies on the other side of the offset below pairs without any edge.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def centred(W: Array) -> tuple[Array, Array]:
    """(importance, sign) of W[target, regulator], both genes x genes, diagonal 0.

    The centre of an entry is the median of its target's row, plus the median of its regulator's
    column in what is left. Medians, as most pairs have no edge and a hub's many edges should not
    count as its offset. Members of an ensemble are averaged with their signs first: f₂ may fall in
    one member and rise in another, but with h also -h leaves h (I - Wᵀ) to the same W, so that W's
    sign does not depend on it.
    """
    left = np.array(W, dtype=float)
    np.fill_diagonal(left, np.nan)
    left -= np.nanmedian(left, axis=1, keepdims=True)
    left -= np.nanmedian(left, axis=0, keepdims=True)
    np.fill_diagonal(left, 0)
    return np.abs(left), np.sign(left)
