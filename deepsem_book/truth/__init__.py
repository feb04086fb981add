"""A truth you can turn: simulated cells with a known W, and what methods find of it.

simulator.py   cells of a network with known W: hubs, Hill kinetics, sequencing
realism.py     statistics that compare them with real matrices
scores.py      precision, both signs, direction, degrees, against the truth
methods.py     the methods, each a function of simulated cells to a signed W
grid.py        knobs x levels x networks x methods, measured into data/results/truth.csv

truth_table.py, one floor up, reads that table for the command and the chapters.
"""
