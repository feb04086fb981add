"""Chapter 13 and the command `deepsem`: a network from a reader's own file.

read.py       a file of any common format as AnnData
prepare.py    log expression of the TFs and the most varying genes
advice.py     what a run costs, how unusual the data are, how stable the edges
health.py     has each member trained, and what does a correlation say already?
compare.py    another seed, other cells, another cell type: what changes the list of edges?
explorer.py   a network as one HTML page that works offline
cli.py        the command; options.py its options, commands.py what each command does
example.py    the raw counts and TFs that the chapter starts from
said.py       sentences with computed numbers
figures.py    the figures of the chapter
"""

from . import advice, cli, compare, example, explorer, figures, health, prepare, read, said
from .prepare import prepare_cells, transcription_factors
