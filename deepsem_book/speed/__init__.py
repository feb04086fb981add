"""Why it is fast: chapter 6.

`authors_loop`: the authors' loop, rewritten and kept slow; `profile`: which part of a step takes
how long; `recorded`: the tables of the chapter from data/results; `figures`; `few_regulators`: W
with few columns. Measured with `measure` (speed.csv; `timing`, `tried`), `compare_engines`
(engines.csv), `genome` (genome.csv) and `gpu` (gpu.csv).
"""

from deepsem_minimal.train import batches, initial_W

from .. import benchmark_table
from . import few_regulators, figures
from .authors_loop import PlainVAE, train_plain
from .profile import milliseconds, purpose, seconds_by_purpose
from .recorded import (
    against_float32,
    compare_engines,
    exponent,
    forms_apart,
    gpu_agreement,
    of_engines,
    of_refinement,
    of_shares,
    on_gpu,
    relative_times,
)
