"""Chapter 12: are simulated cells real, or copies of real ones?

study.py        training and test cells of one data set, all simulators, all scores
controls.py     simulators that need no network; gan.py: scGAN and cscGAN, small
realism.py      the scores
asked.py        the model's answers against a known truth, and on the page's cells
augmentation.py simulated cells of a rare type in a training set
pbmc.py         PBMC 68k as in the paper's Methods
groups.py       cells by type and by cluster, and simulated cells of each
tables.py       the tables of the page's own cells
recorded.py     the tables of what was recorded, and which GANs may be compared
figures.py      the figures
measure.py      the script behind data/results/simulation.csv and augmentation.csv
measure_gan.py  the script behind data/results/gan.csv: do the GANs converge?
"""

from ..clustering import umap
from ..in_silico import knock_out, silence
from . import asked, controls, figures, groups, pbmc, realism, recorded, tables
from .study import Study
