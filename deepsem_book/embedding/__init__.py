"""Chapter 10: does the network that DeepSEM learns help to tell cell types apart?

selection.py    the cells and genes that the paper keeps
embedders.py    the paper's other embeddings: PCA, factor analysis, ZIFA, DCA, scVI
ablations.py    DeepSEM's points without its network, with another one, or without training
scores.py       what an embedding keeps: neighbours, rings, pieces, the order of stages
tables.py       the tables of the chapter; said.py, said_recorded.py: their text
figures.py      the figures
measure.py      the script behind data/results/embedding.csv
"""

from ..clustering import (
    agreement,
    as_igraph,
    clustered,
    leiden,
    louvain_aris,
    louvain_with,
    membership_weights,
    neighbourhood,
    reduced,
    umap,
)
from . import figures, said, said_recorded, tables
from .ablations import before_grn, centred, untrained, with_other_networks
from .embedders import expect, factor_analysis, pca, zifa
from .scores import path_order, preservation, stage_links
from .selection import input_of, prepared
