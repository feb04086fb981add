"""DeepSEM, minimal: gene regulatory networks and embeddings from single-cell RNA-seq."""

__version__ = "0.1.0"
