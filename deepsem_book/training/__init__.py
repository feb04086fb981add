"""Chapter 4: one training followed through its epochs, what a seed decides, and the ensemble.

recorded.py    single trainings, their ensemble and the two signs, from the recorded tables
movement.py    how far weights, curves and the top of the ranking move
sides.py       the singular point, on which side of it W ends, and which members are stuck
few_genes.py   a hundred genes: which start, which learning rate, and what |W| hides
scores.py      members and ensembles of any size against known networks
figures.py     the figures of the chapter
"""

from deepsem_minimal.engine import rmsprop_l1_
from deepsem_minimal.train import step_on_W

from .. import four_genes, live
from ..figure_style import labelled, small_matrices
from ..untrained import untrained
from . import few_genes, figures, recorded
from .movement import distance, mean_slope, movement, overlap, top
from .scores import Known, ensembles, known_networks, of_members, portrait
from .sides import agreement, gradient_at, sides
