"""A screen with a known answer: simulated cells of a known network in which one gene is silent."""

import numpy as np
import pandas as pd
from anndata import AnnData, concat

from deepsem_minimal.sem import simulate_nonlinear

from .effects import CONTROL

N_CONTROL, N_EACH, DROPOUT = 1000, 300, 0.5
TARGETS = 3  # that a gene has to have to be silenced


def with_removals(adata: AnnData) -> AnnData:
    """`adata` if it is a screen; else a screen made from the network in `varp["true_W"]`.

    Every regulator with TARGETS or more targets is silent in N_EACH cells, of cells that are drawn
    apart from the N_CONTROL control cells. Raises KeyError if there is neither.
    """
    if "removed" in adata.obs:
        return adata
    W = np.asarray(adata.varp["true_W"], dtype=float)
    parts = [simulate_nonlinear(W, N_CONTROL, DROPOUT, seed=1)]
    labels = [CONTROL] * N_CONTROL
    for k in np.flatnonzero((W != 0).sum(axis=0) >= TARGETS):
        parts.append(simulate_nonlinear(W, N_EACH, DROPOUT, seed=100 + int(k), silent=int(k)))
        labels += [adata.var_names[k]] * N_EACH
    groups = [AnnData(X.astype(np.float32), var=pd.DataFrame(index=adata.var_names)) for X in parts]
    made = concat(groups, index_unique="-", keys=[str(i) for i in range(len(groups))])
    made.obs["removed"] = labels
    made.uns["source"] = adata.uns["source"]
    return made
