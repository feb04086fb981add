"""Chapter 11: do the motifs at a gene say that its predicted regulators are right?

read.py         intervals, sequences, gene starts and known edges from their files
motifs.py       JASPAR's matrices and their hits in a sequence
epigenome.py    from gene starts, elements and sequence to evidence (genes x TFs)
null_model.py   predicted regulators against the evidence, and the null that is fair
cells.py        the cells, their marker genes, and one case per network
evidence.py     the evidence of the chapter, and how a network is judged by it
control.py      known edges in the place of predictions, at the size of the page
setting.py      what the page works on: real data or a simulated stand-in
trained.py      the networks of the page and their tables
stories.py      the paper's two stories, Rorb and Syt6
recorded.py     the tables of data/results/cortex.csv and cortex_power.csv
paper.py        the paper's own procedure, from its own data
figures.py      the figures
measure.py      the script behind data/results/cortex.csv and cortex_power.csv
"""

from . import figures, recorded, setting, stories, trained
from .control import Control
from .epigenome import motif_evidence, windows
from .evidence import ANY, OFF, OPEN, frequent_motifs, judge, random_network
from .motifs import exact_jaspar, read_jaspar_text, scan
from .null_model import against_null, strata
from .paper import read_paper
from .read import read_bed, read_genome
