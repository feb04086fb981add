"""After DeepSEM: chapter 9, from the linear SEM to RegDiffusion.

`dazzle`, `regdiffusion`: these two in their smallest form (NOTEARS and DAG-GNN are in `baselines`);
`race`: simulated cells, the contestants and what a step of each costs; `grid`: the recorded
matrices; `text`: sentences; `figures`.
"""

from .. import benchmark_table
from ..baselines import METHODS, dag_gnn, notears
from ..datasets.problem import Problem
from ..known_truth import auprc, right_way, varsortability
from ..statistics import t_interval, verdict
from . import dazzle, figures, grid, race, regdiffusion, text
