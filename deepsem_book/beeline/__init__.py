"""GRN inference on BEELINE: chapters 5, 7 and 8.

All three: `grid` (methods, runs), `run` (one run and its scores), and the runner `benchmark`.
Chapter 5: `live` (what the page trains, beside controls), `comparison` (the recorded grid),
`beside_paper` (the paper's counts and gains), `seeds` (how many are recorded; the authors' demo),
`figures`, `text_live`, `text_comparison`, `text_cells`.
Chapter 7: `ablations` (effects of single settings), `ablation_tables`, `ablation_figures`.
Chapter 8: `epr` (what EPR is made of), `rewiring`, `direction`, `survey` (all benchmarks),
`epr_figures`, `text_scores`, `text_evidence`.
Chapters 5, 7 and 8: `control` (correlation with its hubs corrected, everywhere it stands).
`knockouts`: networks of what changed when a regulator was removed, regulator by regulator.
Measured with `benchmark`, `measure_ablations`, `measure_rewired`, `measure_apc` and `knockouts`.
"""

from .. import benchmark_table
from ..baselines import METHODS
from ..baselines.controls import degree_oracle, random_scores
from ..datasets.problem import Problem
from ..sortable_table import sortable
from ..statistics import t_interval, verdict
from . import (
    ablation_figures,
    ablation_tables,
    ablations,
    beside_paper,
    comparison,
    control,
    epr_figures,
    figures,
    live,
    seeds,
    text_cells,
    text_comparison,
    text_evidence,
    text_live,
    text_scores,
)
from .comparison import Comparison
from .direction import directions, one_way, pointing
from .epr import decompose, epr_variants, rewire, rewiring_test, within_tf_auroc
from .grid import Method, Run
from .rewiring import (
    MIN_RATIO,
    MIN_Z,
    ORACLES,
    against_rewired,
    chance_sd,
    limits,
    rewiring_verdict,
    selected,
    standing,
)
from .run import perform
from .survey import (
    CORRECTED,
    CORRELATIONS,
    FITTED,
    Lead,
    all_benchmarks,
    by_data_set,
    recorded_lead,
    scores_of,
    share_of_lead,
    spread_of_variants,
    verdict_counts,
)
