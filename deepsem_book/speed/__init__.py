"""Why it is fast: chapter 6.

`authors_loop`: the authors' loop, rewritten and kept slow; `recorded`: the tables of the chapter
from data/results; `figures`; `few_regulators`: W with few columns. Measured with `measure`
(speed.csv; `timing`, `tried`), `compare_engines` (engines.csv), `genome` (genome.csv) and `gpu`
(gpu.csv; `gpu_steps`, `gpu_tables`).
"""

from deepsem_minimal.train import batches, initial_W

from .. import benchmark_table
from . import few_regulators, figures, gpu_tables, recorded
from .authors_loop import PlainVAE, train_plain
from .recorded import (
    compare_engines,
    exponent,
    forms_apart,
    relative_times,
)
from .timing import milliseconds
