"""|r| with average product correction: a correlation from which hubs are taken out.

|r_ij| - |r_i.| |r_.j| / |r..| with means over all other genes: what is left when a large row and
column are explained by the gene being a hub (Dunn, Wahl & Gloor, Bioinformatics 2008). It is the
control of this book: a method has to know more than that.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def corrected_correlation(X: Array) -> Array:
    """Signed scores (genes x genes), symmetric, of log expression X (cells x genes).

    The sign is that of r. What is left may fall below 0, where |scores| would rank it high again:
    all is shifted so that the smallest is 0. Genes that do not vary have r = 0.
    """
    sd = X.std(axis=0)
    Z = np.where(sd > 0, (X - X.mean(axis=0)) / np.where(sd > 0, sd, 1), 0).astype(float)
    r = Z.T @ Z / len(Z)
    size = np.abs(r)
    np.fill_diagonal(size, np.nan)
    of_gene = np.nanmean(size, axis=1)
    left = size - np.outer(of_gene, of_gene) / np.nanmean(size)
    left -= np.nanmin(left)
    np.fill_diagonal(left, 0)
    return left * np.sign(r)
