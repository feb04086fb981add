"""The command `deepsem`: infer, embed, simulate, evaluate and data for a reader's own files.

Exit codes: 0 done, 1 training or system failed, 2 bad input or usage, 130 interrupted.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from anndata import AnnData

from . import __version__, data, explorer, guidance, reading
from .ensemble import Interrupted, Result, fit, write_h5ad
from .networks import evaluate
from .records import BadInput, replace, some
from .simulation import simulate
from .train import Config, TrainingError

PRESETS = {
    "nonspecific": Config.nonspecific,
    "specific": Config.cell_type_specific,
    "embedding": Config.embedding,
}
EXAMPLES = """examples:
  deepsem infer cells.h5ad --tfs human --out edges.csv --html network.html
  deepsem infer counts.csv.gz --tfs my_tfs.txt --seeds 3 --out edges.tsv --json
  deepsem infer filtered_feature_bc_matrix/ --tfs mouse --out edges.csv
  deepsem embed cells.h5ad --layer counts --out embedded.h5ad
  deepsem simulate cells.h5ad -n 1000 --out simulated.h5ad
  deepsem evaluate edges.csv beeline/mDC-500/STRING
  deepsem data list
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no error of a user's input shows a traceback."""
    args = parser().parse_args(argv)
    try:
        summary = args.run(args)
    except KeyboardInterrupt:
        return fail("interrupted; nothing was written", 130)
    except (BadInput, ValueError, data.DataUnavailable) as error:
        return fail(str(error), 2)
    except TrainingError as error:
        return fail(str(error), 1)
    except OSError as error:
        return fail(f"{error.filename or args.command}: {error.strerror or error}", 1)
    except MemoryError:
        return fail("not enough memory: use fewer genes (--genes) or fewer --jobs", 1)
    interrupted = summary.pop("interrupted", False)
    if args.json:
        print(json.dumps(summary, default=str))
    return 130 if interrupted else 0


def fail(message: str, code: int) -> int:
    print(f"deepsem: {message}", file=sys.stderr)
    return code


def say(*lines: str) -> None:
    """Progress goes to stderr, so that stdout holds results alone."""
    for line in lines:
        print(line, file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="deepsem", description="DeepSEM on your own single-cell data.", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", required=True)
    infer = _trained(commands, "infer", run_infer, "a gene regulatory network", "nonspecific", 10)
    infer.add_argument("--html", type=Path, help="also write an explorer page")
    infer.add_argument("--save", type=Path, help="also save the trained ensemble (.h5ad)")
    _trained(commands, "embed", run_embed, "a cell embedding (obsm X_deepsem)", "embedding", 1)
    sim = _trained(commands, "simulate", run_simulate, "simulated cells", "embedding", 1)
    sim.add_argument("-n", type=positive, default=1000, help="number of cells")
    score = _command(commands, "evaluate", run_evaluate, "EPR and AUPRC ratio of an edge table")
    score.add_argument("edges", type=Path, help="columns TF, target, importance")
    score.add_argument("network", help="csv with Gene1, Gene2, or a name of `deepsem data list`")
    sets = _command(commands, "data", run_data, "list or fetch the book's data sets")
    sets.add_argument("action", choices=["list", "fetch"])
    sets.add_argument("name", nargs="?", default="")
    return top


def _command(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    found: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    found.set_defaults(run=run)
    found.add_argument("--json", action="store_true", help="print a summary as JSON")
    return found


def _trained(
    commands: Any, name: str, run: Any, text: str, preset: str, seeds: int
) -> argparse.ArgumentParser:
    """A command that trains; all of them take the same options."""
    found = _command(commands, name, run, text)
    found.add_argument("input", type=Path, help=reading.FORMATS)
    found.add_argument("--out", type=Path, required=True)
    found.add_argument("--tfs", help="human, mouse, or a file with one name a line")
    found.add_argument("--layer", help="take this layer of an .h5ad")
    found.add_argument("--raw", action="store_true", help="take .raw of an .h5ad")
    found.add_argument("--orientation", choices=["auto", "cells", "genes"], default="auto",
                       help="what the rows of a text file are")  # fmt: skip
    found.add_argument("--genes", type=positive, default=1000, help="varying genes beside the TFs")
    found.add_argument("--seeds", type=positive, default=seeds, help="members of the ensemble")
    found.add_argument("--epochs", type=positive, help="other than the preset's")
    found.add_argument("--preset", choices=PRESETS, default=preset)
    found.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    found.add_argument("--jobs", type=positive, help="members at a time (default: one a core)")
    found.add_argument("--cells-per-epoch", type=positive, help="a new sample of so many an epoch")
    found.add_argument("--dask", metavar="ADDRESS|local", help="train the seeds on a Dask cluster")
    found.add_argument("--quiet", action="store_true", help="no progress and no notes")
    return found


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def trained(args: argparse.Namespace) -> tuple[AnnData, Result, dict[str, Any]]:
    """Read, prepare, warn and train; the summary says what was done."""
    for out in filter(None, (args.out, getattr(args, "html", None), getattr(args, "save", None))):
        writable(out)  # before an hour of training, not after it
    if args.device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise BadInput("--device cuda: no such GPU here; use --device cpu.")
    source, notes = reading.read(args.input, args.layer, args.raw, args.orientation)
    tfs = reading.transcription_factors(args.tfs) if args.tfs else None
    adata, more = reading.prepare(source, tfs, args.genes)
    changed = {"n_epochs": args.epochs, "cells_per_epoch": args.cells_per_epoch}
    changes = {name: value for name, value in changed.items() if value}
    config = PRESETS[args.preset](**changes)
    cost = guidance.expected_cost(adata.X, config, args.seeds, args.jobs)
    warned = guidance.warnings_for(adata.X, config)
    if not args.quiet:
        say(*notes, *more, *(f"warning: {line}" for line in warned))
        say(f"{adata.n_obs} cells x {adata.n_vars} genes, {args.seeds} seed(s): expect about "
            f"{cost['seconds']:.0f} s and {cost['megabytes']:.0f} MB")  # fmt: skip
    interrupted = False
    try:
        result = fit(adata, config, args.seeds, args.device, args.jobs, not args.quiet, args.dask)
    except Interrupted as stop:
        if stop.result is None:
            raise KeyboardInterrupt from None
        result, interrupted = stop.result, True
        say(f"interrupted: going on with the {len(result.seeds)} seed(s) that were finished")
    summary = {
        "cells": adata.n_obs, "genes": adata.n_vars, "seeds": result.seeds, "notes": notes + more,
        "warnings": warned, "expected": cost, "out": args.out, "interrupted": interrupted,
    }  # fmt: skip
    return adata, result, summary


def writable(path: Path) -> None:
    if path.is_dir() or not path.parent.is_dir():
        raise BadInput(f"{path}: give a file name in a folder that exists.")
    if not os.access(path.parent, os.W_OK):
        raise BadInput(f"{path}: no permission to write there.")


def run_infer(args: argparse.Namespace) -> dict[str, Any]:
    _, result, summary = trained(args)
    top = min(1000, len(result.genes) * 2)
    stable = guidance.stability(result, top)
    sep = "\t" if args.out.suffix == ".tsv" else ","
    edges = result.edges()
    replace(args.out, edges.to_csv(index=False, sep=sep).encode())
    if args.html:
        explorer.write(guidance.edge_stability(result, 5000), args.html, args.input.name)
    if args.save:
        result.save(args.save)
    if not args.quiet:
        shared = f"{stable['shared']:.0%}" if len(result.seeds) > 1 else "unknown with one seed"
        say(f"two seeds share of their {stable['top']:.0f} best edges: {shared} "
            f"(chance {stable['chance']:.1%})")  # fmt: skip
    return summary | {"edges": len(edges), "stability": stable}


def run_embed(args: argparse.Namespace) -> dict[str, Any]:
    adata, result, summary = trained(args)
    adata.obsm["X_deepsem"] = result.embed(adata.X)  # also after an interrupt
    write_h5ad(adata, args.out)
    return summary


def run_simulate(args: argparse.Namespace) -> dict[str, Any]:
    adata, result, summary = trained(args)
    X, rows = simulate(result, adata.X, args.n)
    obs = adata.obs.iloc[rows].assign(from_cell=adata.obs_names[rows])
    obs.index = [f"simulated_{i}" for i in range(len(rows))]
    write_h5ad(AnnData(X, obs, adata.var), args.out)
    return summary | {"simulated": len(rows)}


def run_evaluate(args: argparse.Namespace) -> dict[str, Any]:
    edges = table(args.edges)
    known = table(Path(args.network)) if Path(args.network).exists() else None
    scores = evaluate(edges, data.load_network(args.network, True) if known is None else known)
    if not args.json:
        for name in ("epr", "auprc_ratio", "max_epr", "n_tfs", "n_genes", "n_edges"):
            print(f"{name}\t{scores[name]:.4g}")
    return dict(scores)


def table(path: Path) -> pd.DataFrame:
    if not path.exists():
        raise BadInput(f"{path} does not exist.")
    try:
        return pd.read_csv(path, sep="\t" if ".tsv" in path.suffixes else ",", na_filter=True)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadInput(f"{path} is no table: {str(error).strip()}.") from None


def run_data(args: argparse.Namespace) -> dict[str, Any]:
    if args.action == "list":
        found = [*data.names(args.name), *(n for n in data.registry() if n.startswith(args.name))]
        if not args.json:
            print("\n".join(sorted(set(found))))
        return {"names": sorted(set(found))}
    if not args.name:
        raise BadInput(f"data fetch needs a name, for instance {some(data.names(), 3)}.")
    files = data.DATASETS[args.name].files if args.name in data.DATASETS else [args.name]
    paths = [str(data.fetch(file, args.json)) for file in files]
    if not args.json:
        print("\n".join(paths))
    return {"files": paths}


if __name__ == "__main__":
    sys.exit(main())
