"""GRN inference on BEELINE: chapters 5, 7 and 8.

All three: `grid` (methods, runs), `run` (one run and its scores), and the runner `benchmark`.
Chapter 5: `live` (what the page trains, beside controls), `comparison` (the recorded grid),
`beside_paper` (the paper's counts and gains), `few_cells`, `seeds` (how many are recorded; the
authors' demo), `figures`.
Chapter 7: `ablations` (effects of single settings), `ablation_tables`, `ablation_figures`.
Chapter 8: `epr` (what EPR is made of), `rewiring`, `direction`, `evidence` (all
benchmarks), `epr_figures`.
Chapters 5, 7 and 8: `control` (correlation with its hubs corrected, everywhere it stands).
`knockouts`: networks of what changed when a regulator was removed, regulator by regulator.
Measured with `benchmark`, `measure_ablations`, `measure_rewired`, `measure_apc` and `knockouts`.
"""

from .. import benchmark_table, four_genes
from ..baselines import METHODS
from ..baselines.controls import degree_oracle, random_scores
from ..benchmark_table import named, shown_kind
from ..datasets.problem import Problem
from ..figure_style import forest
from ..sortable_table import sortable
from ..statistics import data_set_names, t_interval, verdict
from . import (
    ablation_figures,
    ablation_tables,
    ablations,
    beside_paper,
    comparison,
    control,
    epr_figures,
    evidence,
    few_cells,
    figures,
    live,
    seeds,
)
from .comparison import Comparison
from .direction import directions, one_way, pointing
from .epr import (
    decompose,
    epr_variants,
    rewire,
    rewiring_test,
    spread_of_variants,
    within_tf_auroc,
)
from .grid import Method, Run
from .rewiring import (
    ORACLES,
    against_rewired,
    chance_table,
    limits,
    selected,
    with_shuffled_names,
)
from .run import perform
