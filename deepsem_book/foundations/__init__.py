"""Chapters 1 and 2: what a network is, how a ranking is scored, and the linear SEM.

known.py       known networks as matrices: what they share, and which way their edges point
direction.py   does a W link the right pairs, and do its edges point the right way?
controls.py    what a score is read against: chance, correlation, depth, degrees, the ceiling
said.py        sentences with computed numbers
figures.py     the figures of both chapters
"""

from .. import live
from ..baselines.controls import degree_oracle, random_scores
from ..baselines.pearson import infer as pearson
from ..baselines.ppcor import partial_correlation
from ..figure_style import small_matrices
from ..known_truth import auprc, right_way, varsortability
from . import figures, said
from .controls import by_correlation, control_scores, mean_and_spread, without
from .direction import covariance, in_colliders
from .known import as_matrix, described, on_common, one_way_edges, overlaps, side_by_side, truths_of
