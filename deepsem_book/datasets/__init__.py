"""Every data set of the book by name: `load("beeline/mDC-500")` fetches, verifies and reads it.

access.py       load, load_network, names, benchmarks, knockouts: AnnData and known networks
registered.py   data/registry.csv: one row per file, with its pinned URL, checksum and licence
download.py     where a file is looked for; checksum.py verifies it before anything opens it
catalogue.py    which files a data set needs and which reader; readers.py, deposited.py, cortex.py
problem.py      one expression matrix with every network that it is scored against
recorded.py     the folder `data`: our measured results, and numbers that the paper prints

`.X` is log expression (cells x genes, float32) and, where raw counts are known, `layers["counts"]`
holds them (sparse). `uns["source"]` says where the data come from and how `.X` was made of them.
"""

from .access import (
    benchmarks,
    is_available,
    knockouts,
    load,
    load_network,
    mirrored_matrices,
    names,
    transcription_factors,
)
from .catalogue import BEELINE, DATASETS, DROPOUT, KINDS, OPTIONS
from .download import DataUnavailable
from .problem import Problem, choices
from .recorded import DATA_DIR, published, results
from .registered import fetch, registry
from .tf_lists import LISTS, NOT_TFS
