"""Chapter 10: does the network that DeepSEM learns help to tell cell types apart?

selection.py    the cells and genes that the paper keeps
embedders.py    the paper's other embeddings: PCA, factor analysis, ZIFA, DCA, scVI
ablations.py    DeepSEM's points without its network, with another one, or without training
scores.py       what an embedding keeps: distances, neighbours, the order of stages
tables.py       the tables of the page's own cells
recorded.py     the tables of data/results/embedding.csv
figures.py      the figures
methods.py      what is measured: every method with every seed
measure.py      the script behind data/results/embedding.csv
measure_latent.py  the script behind data/results/scvi_zeisel.csv
"""

from ..clustering import (
    agreement,
    as_igraph,
    leiden,
    louvain_with,
    reduced,
    umap,
)
from . import figures, recorded, tables
from .ablations import before_grn, centred, with_other_networks
from .embedders import factor_analysis, pca, zifa
from .methods import of_counts
from .scores import preservation
from .selection import input_of, prepared
