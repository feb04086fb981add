"""Simulated cells with a known W, and what methods find of it: chapter 16 and its grid.

simulator.py   cells of a network with known W: hubs, Hill kinetics, sequencing
realism.py     statistics that compare them with real matrices; measure_realism.py writes them
scores.py      precision, both signs, direction, degrees, against the truth
methods.py     the methods, each a function of simulated cells to a signed W
settings.py    the knobs and their levels, one at a time from a base
grid.py        knobs x levels x networks x methods, measured into data/results/truth.csv
levels.py      that table by knob and level; power.py: cells needed; recorded.py: the other tables
figures.py     the chapter's figures
turn.py        the table as something to turn on the page, drawn by turn.js

truth_table.py, one floor up, reads that table for the command and the chapters.
"""

from . import figures, levels, methods, power, realism, recorded, settings
from .methods import correlation, oracle
from .scores import score
from .simulator import Setting, simulate
from .turn import turned
