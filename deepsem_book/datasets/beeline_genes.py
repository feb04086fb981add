"""Which genes BEELINE keeps of an expression matrix."""

from collections.abc import Iterable

import pandas as pd


def beeline_genes(ordering: pd.DataFrame, tfs: Iterable[str], n_genes: int) -> list[str]:
    """The genes of BEELINE's "TFs+N" set: every TF and the N most variable other genes that vary
    along pseudotime.

    `ordering` is GeneOrdering.csv (index: genes; columns VGAMpValue, Variance). A gene varies if
    its p-value is below 0.01 divided by the number of genes (Bonferroni). Names are compared in
    upper case. Source: Pratapa et al., Nat. Methods 2020, and its scripts.
    """
    missing = {"VGAMpValue", "Variance"} - set(ordering.columns)
    if missing:
        raise ValueError(
            f"GeneOrdering needs the columns VGAMpValue and Variance; missing: {sorted(missing)}."
        )
    varying = ordering[ordering["VGAMpValue"] < 0.01 / len(ordering)]
    is_tf = varying.index.str.upper().isin({tf.upper() for tf in tfs})
    others = varying[~is_tf].sort_values("Variance", ascending=False, kind="stable")
    return [*varying.index[is_tf], *others.index[:n_genes]]
