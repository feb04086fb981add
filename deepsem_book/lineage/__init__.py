"""After DeepSEM: chapter 9, from the linear SEM to RegDiffusion.

`dazzle`, `regdiffusion`: these two in their smallest form (NOTEARS and DAG-GNN are in `baselines`);
`race`: simulated cells and the contestants, recorded by `measure_race`; `grid`: the recorded
matrices; `figures`.
"""

from .. import benchmark_table
from ..baselines import METHODS, dag_gnn, notears
from ..datasets.problem import Problem
from ..figure_style import forest
from ..known_truth import auprc, right_way, varsortability
from . import dazzle, figures, grid, race, regdiffusion
