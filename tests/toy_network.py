"""A network of two TFs and four genes, small enough to score by hand."""

import pandas as pd


def table(*rows):
    return pd.DataFrame(rows, columns=["TF", "target", "importance"])


def network(*rows):
    return pd.DataFrame(rows, columns=["Gene1", "Gene2"])


# Two TFs (A, B), four genes: candidates AB AC AD BA BC BD; three are true, density 1/2.
TRUTH = network(("A", "B"), ("A", "C"), ("B", "D"))
EDGES = table(
    ("A", "B", 6), ("B", "C", 5), ("A", "C", 4), ("B", "D", 3), ("A", "D", 2), ("B", "A", 1)
)
