"""The network of four genes that the first chapters work out by hand: A → B → D and A ⊣ C."""

import numpy as np
import pandas as pd

GENES, TFS = ["A", "B", "C", "D"], ["A", "B"]
W = np.zeros((4, 4))  # W[target, regulator]
W[1, 0] = 0.8  # A → B
W[2, 0] = -0.6  # A ⊣ C
W[3, 1] = 0.7  # B → D
W.setflags(write=False)  # all chapters share it: change a copy

TRUTH = pd.DataFrame([("A", "B"), ("A", "C"), ("B", "D")], columns=["Gene1", "Gene2"])
RANKING = pd.DataFrame(  # what some method says of the six pairs of a TF and a gene
    [("A", "B", 6), ("B", "C", 5), ("A", "C", 4), ("B", "D", 3), ("A", "D", 2), ("B", "A", 1)],
    columns=["TF", "target", "importance"],
)
