"""Chapter 3: what each layer of DeepSEM computes, and which parts of the loss shape W.

paths.py       the inverse GRN layer as a sum over paths
probes.py      what a member computes: arrays, curves, variances, prior, draws of the KL term
gradients.py   how hard each part of the loss pushes on W
figures.py     the figures of the chapter
"""

from deepsem_minimal.train import train

from .. import four_genes, live
from ..figure_style import labelled, small_matrices
from ..untrained import untrained
from . import figures, gradients
from .gradients import gradients_of_W, rms, split
from .paths import errors_of_sums, spectral_radius
from .probes import (
    both_variances,
    curve_distances,
    curves_of,
    kl_draws,
    kl_table,
    norms_at_start,
    prior_arrays,
    prior_over_genes,
    setting,
    telling_gene,
    weights_of,
)
