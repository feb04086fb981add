"""Chapter 13 and the command `deepsem`: a network from a reader's own file.

read.py       a file of any common format as AnnData, by choices.py:
              packed.py; text_table.py (any text table), text_expression.py, orientation.py,
              metadata.py; annotated.py (.h5ad, .zarr, .loom); tenx.py (.mtx, 10x .h5), kinds.py
tf_file.py    lists of TFs; edge_files.py: edges and networks to evaluate
prepare.py    log expression of the TFs and the most varying genes
advice.py     what a run costs, how unusual the data are, how stable the edges
health.py     has each member trained?
control.py    rankings that need no training, and what they say already
compare.py    another seed, other cells, another cell type: what changes the list of edges?
explorer.py   a network as one HTML page that works offline
cli.py        the command; options.py its options, commands.py what each command does, training.py
              what all do before and for a training, network_files.py what `infer` writes, keep.py
              what `embed` does, outputs.py and destinations.py where they may write
example.py    the raw counts and TFs that the chapter starts from
recorded.py   what recorded tables say of the tool: known truths, seeds, the paper's preset
figures.py    the figures of the chapter
"""

from . import (
    advice,
    cli,
    compare,
    control,
    example,
    explorer,
    figures,
    health,
    prepare,
    read,
    recorded,
)
from .prepare import prepare_cells, transcription_factors
