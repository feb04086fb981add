"""The options of the command `deepsem` and their help."""

import argparse
from pathlib import Path
from typing import Any

from deepsem_minimal import __version__

from . import commands, control, read, training

CODES = (
    "exit codes: 0 done, 1 training or system failed, 2 bad input or usage, 3 most seeds did not "
    "train, 130 interrupted\n"
)
EXAMPLES = {
    "infer": """  deepsem infer cells.h5ad --tfs human --out edges.csv --html network.html
  deepsem infer cells.h5ad --layer counts --tfs human --groupby cell_type --out edges.csv
  deepsem infer counts.csv.gz --tfs my_tfs.txt --seeds 3 --out edges.tsv --json
  deepsem infer cells.h5ad --tfs human --out edges.csv --control-out ridge.csv --control ridge
  deepsem infer filtered_feature_bc_matrix/ --tfs mouse --sum-duplicates --out edges.csv
  deepsem infer cells.h5ad --tfs human --genes all --nuisance 20 --top 100000 --out edges.parquet
""",
    "embed": "  deepsem embed cells.h5ad --layer counts --out embedded.h5ad\n",
    "simulate": "  deepsem simulate cells.h5ad -n 1000 --out simulated.h5ad\n",
    "evaluate": """  deepsem evaluate edges.csv beeline/mDC-500/STRING
  deepsem evaluate edges.csv known_edges.csv --json
""",
    "data": """  deepsem data list beeline/mDC
  deepsem data fetch beeline/mDC-500
""",
}


def parser() -> argparse.ArgumentParser:
    """All commands; the parsed options hold in `run` what the command does."""
    top = argparse.ArgumentParser(
        prog="deepsem", description="DeepSEM on your own single-cell data.",
        epilog="examples:\n" + "".join(EXAMPLES.values()) + "\n" + CODES
        + "\n`deepsem COMMAND --help` lists the options of a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    top.add_argument("--version", action="version", version=__version__)
    group = top.add_subparsers(dest="command", required=True)
    infer = training_command(
        group, "infer", commands.run_infer, "a gene regulatory network", "own", 10
    )
    infer.add_argument("--groupby", metavar="COLUMN",
                       help="one network for each value of this column of obs (--out edges.csv "
                       "gives edges-VALUE.csv)")  # fmt: skip
    infer.add_argument("--html", type=Path, help="also write an explorer page")
    infer.add_argument("--top", type=positive, metavar="N",
                       help="write the N most important edges (default: all)")  # fmt: skip
    infer.add_argument("--control-out", type=Path, metavar="FILE",
                       help="also write the edges that --control finds")  # fmt: skip
    infer.add_argument("--control", choices=["auto", *control.IN_WORDS], default="auto",
                       help="a ranking that needs no training (default: the one that finds most on "
                       "simulated cells like yours)")  # fmt: skip
    infer.add_argument("--save", type=Path, help="also save the trained ensemble (.h5ad)")
    training_command(
        group, "embed", commands.run_embed, "a cell embedding (obsm X_deepsem)", "embedding", 1
    )
    sim = training_command(
        group, "simulate", commands.run_simulate, "simulated cells", "embedding", 1
    )
    sim.add_argument("-n", type=positive, default=1000, help="number of cells (default: 1000)")
    score = command(
        group, "evaluate", commands.run_evaluate, "EPR and AUPRC ratio of an edge table"
    )
    score.add_argument("edges", type=Path, help="table with the columns TF, target, importance, "
                       "or Gene1, Gene2, EdgeWeight as BEELINE writes them")  # fmt: skip
    score.add_argument("network", help="table with the columns Gene1 (TF), Gene2 (target), or a "
                       "network of `deepsem data list`")  # fmt: skip
    sets = command(group, "data", commands.run_data, "list or fetch the book's data sets")
    sets.add_argument("action", choices=["list", "fetch"])
    sets.add_argument("name", nargs="?", default="", help="list: how the names begin")
    return top


def command(group: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    """A command with what all of them share: examples, exit codes and --json."""
    sub: argparse.ArgumentParser = group.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + ".",
        epilog="examples:\n" + EXAMPLES[name] + "\n" + CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    sub.set_defaults(run=run)
    sub.add_argument("--json", action="store_true", help="print a summary as JSON")
    return sub


def training_command(
    group: Any, name: str, run: Any, text: str, preset: str, seeds: int
) -> argparse.ArgumentParser:
    """A command that trains; all of them take the same options."""
    sub = command(group, name, run, text)
    sub.add_argument("input", type=Path, help=read.FORMATS)
    written = "table of edges, .csv or .tsv (also .gz) or .parquet, - for standard output"
    sub.add_argument("--out", type=Path, required=True, help="the file to write: "
                     + (written if name == "infer" else ".h5ad"))  # fmt: skip
    sub.add_argument("--quiet", action="store_true", help="no progress and no notes")
    file = sub.add_argument_group("what is read")
    file.add_argument("--layer", help="take this layer of an .h5ad, .zarr or .loom")
    file.add_argument("--raw", action="store_true", help="take .raw of an .h5ad or .zarr")
    file.add_argument("--gene-names", metavar="COLUMN", help="the column of var, row attribute of "
                      "a .loom or column of a table with gene symbols")  # fmt: skip
    file.add_argument("--genome", metavar="NAME",
                      help="take the genes of this genome, of a file with several")  # fmt: skip
    file.add_argument("--feature-type", metavar="NAME", help="take the features of this kind "
                      '(default: "Gene Expression", where the file says kinds)')  # fmt: skip
    file.add_argument(
        "--orientation",
        choices=["auto", "cells", "genes"],
        default="auto",
        help="what the rows of a text file are (default: what the names tell, and reported)",
    )
    file.add_argument("--no-header", action="store_true",
                      help="the first line of a text file is data, not names")  # fmt: skip
    file.add_argument("--no-row-names", action="store_true",
                      help="the first column of a text file is data, not names")  # fmt: skip
    file.add_argument("--drop-columns", metavar="NAMES", type=names, default=(), help="columns (or "
                      "rows) that are no expression, with commas between them; with none among "
                      "them what looks like metadata is kept (default: it is refused)")  # fmt: skip
    file.add_argument("--scale", choices=["auto", "counts", "log"], default="auto",
                      help="what the values are (default: detected, and reported)")  # fmt: skip
    file.add_argument("--sum-duplicates", action="store_true",
                      help="add up the counts of genes with the same name")  # fmt: skip
    file.add_argument("--strict", action="store_true", help="stop if cells or genes would be "
                      "left out, or if there is a warning")  # fmt: skip
    genes = sub.add_argument_group("which genes")
    genes.add_argument("--tfs", metavar="human|mouse|FILE", help="the regulators: a curated list "
                       "(beeline-human and beeline-mouse are BEELINE's), or a file with one name "
                       "per line, all in one line, or in a column of a table (default: every "
                       "gene)")  # fmt: skip
    genes.add_argument("--genes", type=number_or_all, default=1000, metavar="N|all", help="how "
                       "many other genes to keep, the most varying (default: 1000)")  # fmt: skip
    genes.add_argument("--detected", type=share, default=0.1, metavar="SHARE", help="only genes "
                       "seen in this share of the cells (default: 0.1, as in BEELINE)")  # fmt: skip
    train = sub.add_argument_group("training")
    train.add_argument("--nuisance", type=positive, metavar="K", help="for thousands of genes: W "
                       "has a column for each of --tfs and one for each of K groups of others, "
                       f"such as {training.GROUPS} (default: one for each gene)")  # fmt: skip
    train.add_argument("--seeds", type=positive, default=seeds, metavar="N",
                       help=f"members of the ensemble (default: {seeds})")  # fmt: skip
    train.add_argument("--preset", choices=training.PRESETS, default=preset,
                       help="own: settings by the numbers of cells and genes; the others are "
                       f"the paper's for a task (default: {preset})")  # fmt: skip
    train.add_argument(
        "--epochs", type=positive, metavar="N", help="instead of those of the preset"
    )
    train.add_argument("--cells-per-epoch", type=positive, metavar="N",
                       help="a new sample of N cells in each epoch (default: all)")  # fmt: skip
    train.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    train.add_argument("--jobs", type=positive, metavar="N", help="members at a time (default: one "
                       "per core, one on a GPU)")  # fmt: skip
    train.add_argument("--dask", metavar="local|ADDRESS", help="train all seeds, and groups, on "
                       "a Dask cluster: processes here, or the scheduler at ADDRESS")  # fmt: skip
    return sub


def positive(text: str) -> int:
    """A whole number above 0, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def number_or_all(text: str) -> int | None:
    """`positive`, or None for "all", for argparse."""
    return None if text == "all" else positive(text)


def names(text: str) -> tuple[str, ...]:
    """Names with commas between them, for argparse."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def share(text: str) -> float:
    """A share from 0 to below 1, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to below 1")
    return value
