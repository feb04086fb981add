"""DeepSEM, small enough to read: a gene regulatory network, an embedding and new cells.

    import deepsem_minimal as ds
    result = ds.fit(adata, ds.Config.for_data(*adata.shape), seeds=10)
    result.edges()                  # TF, target, importance, sign
    result.embed(adata)             # cells x genes
    result.simulate(adata, n=1000)  # AnnData

Read model.py, then train.py: together they are DeepSEM. Everything else the chapters use is in
deepsem_book.
"""

from . import metrics, sem
from .config import Config, __version__
from .ensemble import fit, fit_groups
from .metrics import evaluate
from .model import DeepSEM
from .networks import candidates, edge_table
from .preprocess import Expression
from .result import Result
from .sampling import simulate
from .train import TrainingError, train

__all__ = [
    "Config", "DeepSEM", "Expression", "Result", "TrainingError", "__version__", "candidates",
    "edge_table", "evaluate", "fit", "fit_groups", "metrics", "sem", "simulate", "train",
]  # fmt: skip
