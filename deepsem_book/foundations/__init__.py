"""Chapters 1 and 2: what a network is, how a ranking is scored, and the linear SEM.

cells.py        what an expression matrix shows: an order of its cells, its main axis, depth
known.py        known networks as matrices: what they share, and which way their edges point
controls.py     what a score is read against: chance, correlation, depth, degrees, the ceiling
direction.py    does a W link the right pairs, and do its edges point the right way?
experiments.py  what more cells buy, and the race of chapter 2
figures.py      the figures of both chapters
"""

from .. import four_genes, live
from ..baselines.pearson import infer as pearson
from ..baselines.ppcor import partial_correlation
from ..figure_style import labelled, small_matrices
from ..known_truth import auprc, right_way, varsortability
from . import cells, experiments, figures
from .controls import Evidence, answer, by_correlation, control_scores, mean_and_spread, without
from .direction import covariance, in_colliders
from .known import as_matrix, described, on_common, one_way_edges, overlaps, side_by_side, truths_of
