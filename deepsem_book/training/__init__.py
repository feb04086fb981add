"""Chapter 4: one training followed through its epochs, what a seed decides, and the ensemble.

movement.py   how far weights, curves and the top of the ranking move
sides.py      the singular point, on which side of it W ends, and which members are stuck
scores.py     members and ensembles of any size against known networks
said.py       sentences with computed numbers
figures.py    the figures of the chapter
"""

from deepsem_minimal.engine import rmsprop_l1_
from deepsem_minimal.train import initial_W, step_on_W

from .. import live
from ..figure_style import labelled, small_matrices
from ..known_truth import both_signs
from . import figures, said
from .movement import distance, mean_slope, movement, overlap, top
from .scores import Known, ensembles, known_networks, portrait
from .sides import agreement, gradient_at, sides
