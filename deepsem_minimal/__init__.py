"""DeepSEM, minimal: gene regulatory networks, embeddings and simulated cells from single-cell RNA-seq."""

__version__ = "0.1.0"
