"""The command `deepsem`: infer, embed, simulate, evaluate and data for a reader's own files.

Exit codes: 0 done, 1 training or system failed, 2 bad input or usage, 130 interrupted.
"""

import argparse
import errno
import gzip
import json
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal import __version__
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import Interrupted, fit, fit_groups
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.parallel import chosen_device
from deepsem_minimal.result import Result
from deepsem_minimal.storage import replace, write_h5ad
from deepsem_minimal.train import TrainingError

from .. import datasets
from ..datasets import catalogue
from ..errors import BadInput, first_few
from . import advice, explorer, own, prepare, read

PRESETS = {
    "nonspecific": Config.nonspecific,
    "specific": Config.cell_type_specific,
    "embedding": Config.embedding,
}
CODES = "exit codes: 0 done, 1 training or system failed, 2 bad input or usage, 130 interrupted\n"
EXAMPLES = {
    "infer": """  deepsem infer cells.h5ad --tfs human --out edges.csv --html network.html
  deepsem infer cells.h5ad --layer counts --tfs human --groupby cell_type --out edges.csv
  deepsem infer counts.csv.gz --tfs my_tfs.txt --seeds 3 --out edges.tsv --json
  deepsem infer filtered_feature_bc_matrix/ --tfs mouse --sum-duplicates --out edges.csv
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


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no error of a user's input shows a traceback."""
    args = parser().parse_args(argv)
    with warnings.catch_warnings():  # anndata's; what matters is said in our own words
        warnings.filterwarnings("ignore", ".* names are not unique", UserWarning)
        warnings.filterwarnings("ignore", module="anndata")
        return run(args)


def run(args: argparse.Namespace) -> int:
    try:
        summary = args.run(args)
        interrupted = summary.pop("interrupted", False)
        if args.json:
            print(as_json(summary))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return fail("interrupted; no file was left half written", 130)
    except (BadInput, ValueError, datasets.DataUnavailable) as error:
        return fail(str(error), 2)
    except TrainingError as error:
        return fail(str(error), 1)
    except BrokenPipeError:  # the reader of our output, as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return fail(os_error(error, args), 1)
    except MemoryError:
        return fail("not enough memory: use fewer genes (--genes) or fewer --jobs", 1)
    return 130 if interrupted else 0


def fail(message: str, code: int) -> int:
    print(f"deepsem: {message}", file=sys.stderr)
    return code


def os_error(error: OSError, args: argparse.Namespace) -> str:
    """What the system refused, and what to do."""
    what = error.filename or getattr(args, "out", None) or args.command
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return (
            f"{what}: {error.strerror}. No file was left half written: free some space, or write "
            "into another folder with --out."
        )
    return f"{what}: {error.strerror or error}"


def as_json(summary: dict[str, Any]) -> str:
    """One line of JSON; what is not known (NaN) is null, as the standard wants."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: clean(part) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [clean(part) for part in value]
        return None if isinstance(value, float) and not np.isfinite(value) else value

    return json.dumps(clean(summary), default=str)


def say(*lines: str) -> None:
    """Progress goes to stderr, so that stdout holds results alone."""
    for line in lines:
        print(line, file=sys.stderr)


# --- Options --------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="deepsem", description="DeepSEM on your own single-cell data.",
        epilog="examples:\n" + "".join(EXAMPLES.values()) + "\n" + CODES
        + "\n`deepsem COMMAND --help` lists the options of a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", required=True)
    infer = _trained(commands, "infer", run_infer, "a gene regulatory network", "nonspecific", 10)
    infer.add_argument("--groupby", metavar="COLUMN",
                       help="one network for each value of this column of obs (--out edges.csv "
                       "gives edges-VALUE.csv)")  # fmt: skip
    infer.add_argument("--html", type=Path, help="also write an explorer page")
    infer.add_argument("--save", type=Path, help="also save the trained ensemble (.h5ad)")
    _trained(commands, "embed", run_embed, "a cell embedding (obsm X_deepsem)", "embedding", 1)
    sim = _trained(commands, "simulate", run_simulate, "simulated cells", "embedding", 1)
    sim.add_argument("-n", type=positive, default=1000, help="number of cells (default: 1000)")
    score = _command(commands, "evaluate", run_evaluate, "EPR and AUPRC ratio of an edge table")
    score.add_argument("edges", type=Path, help="table with the columns TF, target, importance")
    score.add_argument("network", help="table with the columns Gene1 (TF), Gene2 (target), or a "
                       "network of `deepsem data list`")  # fmt: skip
    sets = _command(commands, "data", run_data, "list or fetch the book's data sets")
    sets.add_argument("action", choices=["list", "fetch"])
    sets.add_argument("name", nargs="?", default="", help="list: how the names begin")
    return top


def _command(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    found: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + ".",
        epilog="examples:\n" + EXAMPLES[name] + "\n" + CODES,
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
    found.add_argument("input", type=Path, help=read.FORMATS)
    found.add_argument("--out", type=Path, required=True, help="the file to write")
    found.add_argument("--quiet", action="store_true", help="no progress and no notes")
    file = found.add_argument_group("what is read")
    file.add_argument("--layer", help="take this layer of an .h5ad or .loom")
    file.add_argument("--raw", action="store_true", help="take .raw of an .h5ad")
    file.add_argument("--gene-names", metavar="COLUMN", help="the column of var with gene symbols")
    file.add_argument(
        "--orientation",
        choices=["auto", "cells", "genes"],
        default="auto",
        help="what are the rows of a text file (default: guessed, and said)",
    )
    file.add_argument("--scale", choices=["auto", "counts", "log"], default="auto",
                      help="what the values are (default: detected, and said)")  # fmt: skip
    file.add_argument("--sum-duplicates", action="store_true",
                      help="add up the counts of genes with the same name")  # fmt: skip
    file.add_argument("--strict", action="store_true", help="stop where cells or genes would be "
                      "left out, or with a warning")  # fmt: skip
    genes = found.add_argument_group("which genes")
    genes.add_argument("--tfs", metavar="human|mouse|FILE", help="the regulators: a list of the "
                       "book, or a file with one name a line (default: every gene)")  # fmt: skip
    genes.add_argument("--genes", type=positive, default=1000, metavar="N", help="so many most "
                       "varying genes beside the TFs (default: 1000)")  # fmt: skip
    genes.add_argument("--detected", type=share, default=0.1, metavar="SHARE", help="only genes "
                       "seen in this share of the cells (default: 0.1, as in BEELINE)")  # fmt: skip
    train = found.add_argument_group("training")
    train.add_argument("--seeds", type=positive, default=seeds, metavar="N",
                       help=f"members of the ensemble (default: {seeds})")  # fmt: skip
    train.add_argument("--preset", choices=PRESETS, default=preset,
                       help=f"the paper's settings for a task (default: {preset})")  # fmt: skip
    train.add_argument("--epochs", type=positive, metavar="N", help="other than the preset's")
    train.add_argument("--cells-per-epoch", type=positive, metavar="N",
                       help="a new sample of so many cells each epoch (default: all)")  # fmt: skip
    train.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    train.add_argument("--jobs", type=positive, metavar="N", help="members at a time (default: one "
                       "a core, one on a GPU)")  # fmt: skip
    train.add_argument("--dask", metavar="local|ADDRESS", help="train all seeds, and groups, on a "
                       "Dask cluster: processes here, or the scheduler at an address")  # fmt: skip
    return found


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to below 1")
    return value


# --- Commands that train --------------------------------------------------------------------------


def checked(args: argparse.Namespace) -> tuple[AnnData, Config, dict[str, Any]]:
    """Read and prepare, say what to expect, and stop where that is bad; the summary holds it."""
    for out in filter(None, (args.out, getattr(args, "html", None), getattr(args, "save", None))):
        writable(out)  # before an hour of training, not after it
    device = chosen_device(args.device)
    tfs = prepare.transcription_factors(args.tfs) if args.tfs else None
    source, notes, _ = read.read(
        args.input, args.layer, args.raw, args.orientation, args.gene_names, tfs or ()
    )
    if args.tfs in prepare.SPECIES:
        prepare.check_species(source.var_names, args.tfs)
    adata, more, mended = prepare.prepare(
        source, tfs, args.genes, args.scale, args.sum_duplicates, args.detected
    )
    notes += more
    if args.command == "infer" and not tfs:
        notes.append("no --tfs: every gene may be a regulator")
    changed = {"n_epochs": args.epochs, "cells_per_epoch": args.cells_per_epoch}
    config = PRESETS[args.preset](**{name: value for name, value in changed.items() if value})
    warned = advice.warnings_for(adata.X, config)
    if args.strict and (mended or warned):
        raise BadInput(f"--strict: {'; '.join(mended + warned)}.")
    if not args.quiet:
        say(*notes, *(f"warning: {line}" for line in warned))
    cost = advice.expected_cost(adata.X, config, args.seeds, args.jobs, device)
    if not args.quiet:
        size = f"{adata.n_obs} cells x {adata.n_vars} genes, {args.seeds} seed(s)"
        time = advice.readable(cost["seconds"])
        say(f"{size}: expect about {time} of training and {cost['megabytes']:.0f} MB of memory")
    return adata, config, {
        "cells": adata.n_obs, "genes": adata.n_vars, "notes": notes, "warnings": warned,
        "expected": cost, "out": args.out, "interrupted": False,
    }  # fmt: skip


def options(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "seeds": args.seeds, "device": args.device, "n_jobs": args.jobs,
        "progress": not args.quiet, "dask": args.dask,
    }  # fmt: skip


def trained(args: argparse.Namespace) -> tuple[AnnData, Result, dict[str, Any]]:
    """`checked` and `fit`; after Ctrl-C what was finished is used."""
    adata, config, summary = checked(args)
    try:
        result = fit(adata, config, **options(args))
    except Interrupted as stop:
        if stop.result is None:
            raise KeyboardInterrupt from None
        result, summary["interrupted"] = stop.result, True
        say(f"interrupted: going on with the {len(result.seeds)} seed(s) that were finished")
    return adata, result, summary | {"seeds": result.seeds}


def writable(path: Path) -> None:
    """BadInput unless a file can be made beside `path`, as whoever runs this."""
    if path.is_dir() or not path.parent.is_dir():
        raise BadInput(f"{path}: give a file name in a folder that exists.")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except PermissionError:
        raise BadInput(f"{path}: no permission to write there; choose another folder.") from None


def run_infer(args: argparse.Namespace) -> dict[str, Any]:
    if args.groupby:
        return run_groups(args)
    _, result, summary = trained(args)
    return summary | write_network(result, args)


def run_groups(args: argparse.Namespace) -> dict[str, Any]:
    """A network for each group, in files of its name."""
    adata, config, summary = checked(args)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            results = fit_groups(adata, args.groupby, config, **options(args))
        except Interrupted as stop:
            if not stop.groups:
                raise KeyboardInterrupt from None
            results, summary["interrupted"] = stop.groups, True
            say("interrupted: going on with the groups and seeds that were finished")
    left_out = [str(w.message) for w in caught if "left out" in str(w.message)]
    say(*(f"warning: {line}" for line in left_out))
    groups = {name: write_network(result, args, name) for name, result in results.items()}
    return summary | {"groups": groups, "left_out": left_out}


def write_network(result: Result, args: argparse.Namespace, group: str = "") -> dict[str, Any]:
    """Edges and what else was asked for, in files named by the group; says how stable they are."""

    def of_group(path: Path) -> Path:
        name, dot, suffix = path.name.partition(".")
        part = "-" + re.sub(r"[\s/\\:]+", "_", group) if group else ""
        return path.with_name(name + part + dot + suffix)

    stable = advice.stability(result, min(1000, len(result.genes) * 2))
    out = of_group(args.out)
    edges = result.edges()
    content = edges.to_csv(index=False, sep="\t" if ".tsv" in out.suffixes else ",").encode()
    replace(out, gzip.compress(content) if out.suffix == ".gz" else content)
    if args.html:
        title = f"{args.input.name} {group}".strip()
        agreed = advice.edge_stability(result, 5000, within=int(stable["top"]))
        explorer.write(agreed, of_group(args.html), title)
    if args.save:
        result.save(of_group(args.save))
    if not args.quiet:
        say(f"{out}: {len(edges)} edges; {advice.stability_verdict(stable)}")
    return {"out": out, "seeds": result.seeds, "edges": len(edges), "stability": stable}


def run_embed(args: argparse.Namespace) -> dict[str, Any]:
    adata, result, summary = trained(args)
    own.embed(result, adata)  # also after an interrupt
    write_h5ad(adata, args.out)
    if not args.quiet:
        say(
            f'{args.out}: {adata.n_obs} cells with obsm["X_deepsem"] and its 50 principal '
            'components; go on with sc.pp.neighbors(adata, use_rep="X_deepsem_pca")'
        )
    return summary


def run_simulate(args: argparse.Namespace) -> dict[str, Any]:
    adata, result, summary = trained(args)
    write_h5ad(own.simulate(result, adata, args.n), args.out)
    if not args.quiet:
        say(f"{args.out}: {args.n} cells of log expression")
    return summary | {"simulated": args.n}


# --- Commands that do not -------------------------------------------------------------------------


def run_evaluate(args: argparse.Namespace) -> dict[str, Any]:
    edges = table(args.edges)
    named = args.network.startswith(("beeline/", "sim/")) and not Path(args.network).exists()
    known = datasets.load_network(args.network, True) if named else table(Path(args.network))
    scores = evaluate(edges, known)
    if not args.json:
        for name in ("epr", "auprc_ratio", "max_epr", "n_tfs", "n_genes", "n_edges"):
            print(f"{name}\t{scores[name]:.4g}")
    return dict(scores)


def table(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise BadInput(f"{path} does not exist.")
    try:
        sep = "\t" if ".tsv" in path.suffixes else ","
        return pd.read_csv(path, sep=sep, keep_default_na=False, na_values={"importance": [""]})
    except PermissionError:
        raise BadInput(f"{path}: no permission to read it.") from None
    except (ValueError, EOFError, OSError) as error:  # pandas' own errors are ValueErrors
        raise BadInput(f"{path} is no table: {str(error).strip().splitlines()[0]}.") from None


def run_data(args: argparse.Namespace) -> dict[str, Any]:
    if args.action == "list":
        found = {
            *datasets.names(args.name),
            *(n for n in datasets.registry() if n.startswith(args.name)),
        }
        if not found:
            raise BadInput(f"no name begins with {args.name!r}; deepsem data list shows all.")
        if not args.json:
            print("\n".join(sorted(found)))
        return {"names": sorted(found)}
    if not args.name:
        raise BadInput(f"data fetch needs a name, for instance {first_few(datasets.names(), 3)}.")
    files = catalogue.DATASETS[args.name].files if args.name in catalogue.DATASETS else [args.name]
    paths = [str(datasets.fetch(file, args.json)) for file in files]
    if not args.json:
        print("\n".join(paths))
    return {"files": paths}


if __name__ == "__main__":
    sys.exit(main())
