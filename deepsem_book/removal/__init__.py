"""The chapter on removed regulators: does a network from control cells say what a knock-out moves?

effects.py    what moved: cells with a gene removed beside control cells
made.py       a screen with a known answer, simulated
methods.py    predictions from control cells: networks, and DeepSEM's in-silico knock-outs
scores.py     within-regulator scores, two nulls, direction
recorded.py   the tables of data/results/removal.csv and knockouts/
figures.py    the figures
measure.py    the script behind data/results/removal.csv
"""

from ..benchmark_table import shown_kind
from . import figures, methods, recorded
from .effects import screen_of, summary
from .made import with_removals
from .methods import LEVEL, OWN, PAPER, predictions
from .scores import judge, within_levels
