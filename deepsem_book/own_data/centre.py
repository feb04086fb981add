"""What W would be without an edge: importance is the distance from there, and it has a sign.

All entries of W share an offset: their start (1 / (m - 1) in the paper), and what a regulator says
of every gene because it follows what all genes have in common, such as depth. Ranking by |W| puts
the sign that lies on the other side of the offset below pairs without any edge.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def centred(W: Array) -> tuple[Array, Array]:
    """(importance, sign) of W[target, regulator], both genes x genes, 0 on the diagonal.

    The centre of an entry is the median of its regulator's column: most targets of a regulator
    have no edge from it. Importance is the distance from there, less the distance that the entry
    would have if only its target's and its regulator's mean distance counted (average product
    correction: Dunn, Wahl & Gloor, Bioinformatics 2008), shifted so that the smallest is 0.

    Members of an ensemble are averaged with their signs first: f₂ may fall in one member and rise
    in another, but with h also -h leaves h (I - Wᵀ) to the same W, so W's sign does not hang on it.
    """
    distance = np.array(W, dtype=float)
    np.fill_diagonal(distance, np.nan)
    distance -= np.nanmedian(distance, axis=0)
    size = np.abs(distance)
    of_target = np.nanmean(size, axis=1, keepdims=True)
    of_regulator = np.nanmean(size, axis=0, keepdims=True)
    importance = size - of_target * of_regulator / max(np.nanmean(size), 1e-30)
    importance -= np.nanmin(importance)
    for result in (importance, distance):
        np.fill_diagonal(result, 0)
    return importance, np.sign(distance)
