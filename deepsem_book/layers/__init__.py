"""Chapter 3: what each layer of DeepSEM computes, and which parts of the loss shape W.

paths.py       the inverse GRN layer as a sum over paths
probes.py      what a member computes: its curves, variances, prior, and draws of the KL term
gradients.py   how hard each part of the loss pushes on W
said.py        sentences with computed numbers
figures.py     the figures of the chapter
"""

from deepsem_minimal.train import initial_W

from .. import live
from ..figure_style import labelled, small_matrices
from . import figures, said
from .gradients import gradients_of_W, rms, split
from .paths import errors_of_sums, spectral_radius
from .probes import both_variances, curve_distances, curves_of, kl_draws, prior_over_genes
