"""What every command that trains does first: read, prepare, say what to expect; then train."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, NamedTuple

from anndata import AnnData

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import Interrupted, fit
from deepsem_minimal.parallel import chosen_device
from deepsem_minimal.result import Result
from deepsem_minimal.train import TrainingError

from .. import datasets
from ..cluster import dask_pool
from ..errors import BadInput
from . import advice, keep, outputs, prepare, read

MIN_CELLS = 50  # of a group
# From here on --nuisance is advised: chapters 6 and 13 have what it costs in accuracy, which on
# known truths is not nothing, so that it is not taken by itself.
MANY, GROUPS = 3000, 20
PRESETS: dict[str, Callable[..., Config]] = {
    "own": Config.for_data,
    "nonspecific": Config.nonspecific,
    "specific": Config.cell_type_specific,
    "embedding": Config.embedding,
}


class Prepared(NamedTuple):
    """What is trained on and how, what was said of it, and the reader's AnnData for `embed`."""

    adata: AnnData
    config: Config
    summary: dict[str, Any]
    kept: AnnData | None


def configured(preset: str, n_cells: int, n_genes: int, **changes: Any) -> Config:
    """The preset for data of this size, which only "own" looks at; changes of None are none."""
    given = {name: value for name, value in changes.items() if value is not None}
    return PRESETS[preset](*((n_cells, n_genes) if preset == "own" else ()), **given)


def config_of(args: argparse.Namespace) -> Callable[[int, int], Config]:
    """From cells and genes to the config that was asked for."""
    changes = {"n_epochs": args.epochs, "cells_per_epoch": args.cells_per_epoch}
    return partial(configured, args.preset, **changes)


def say(*lines: str) -> None:
    """Progress goes to stderr, so that stdout holds results alone."""
    for line in lines:
        print(line, file=sys.stderr)


class Taken(NamedTuple):
    """The reader's cells, prepared: what is trained on, what `embed` keeps, and what was noted."""

    adata: AnnData
    kept: AnnData | None
    notes: list[str]
    mended: list[str]


def taken_in(args: argparse.Namespace) -> Taken:
    """Read and prepare, and try whether what goes with the result can be written at all."""
    tfs = prepare.transcription_factors(args.tfs) if args.tfs else None
    source, notes, _ = read.read(
        args.input, layer=args.layer, raw=args.raw, orientation=args.orientation,
        gene_names=args.gene_names, hints=tfs or (), header=not args.no_header,
        row_names=not args.no_row_names, drop=args.drop_columns, genome=args.genome,
        feature_type=args.feature_type,
    )  # fmt: skip
    if args.tfs in datasets.LISTS:
        prepare.check_species(source.var_names, args.tfs)
    if outputs.has_own_list(args):  # the genes are known now: which column of the list holds them
        tfs = prepare.transcription_factors(args.tfs, list(source.var_names))
    adata, more, mended = prepare.prepare_cells(
        source, tfs, args.genes, args.scale, args.sum_duplicates, args.detected
    )
    notes = [*notes, *more]
    if args.command == "infer" and not tfs:
        notes.append("no --tfs: every gene may be a regulator")
    notes += few_columns(args, adata)
    kept = None
    if args.command == "embed":
        kept, lost = keep.whole(args.input, source)
        notes += [*lost, *keep.writable(kept)]
    elif args.command == "simulate":
        notes += keep.writable(adata)
    return Taken(adata, kept, notes, mended)


def few_columns(args: argparse.Namespace, adata: AnnData) -> list[str]:
    """A note on --nuisance, or advice to take it; BadInput where the other genes are too few."""
    if args.nuisance is None:
        advised = args.tfs and adata.n_vars > MANY
        return [f"{adata.n_vars} genes: --nuisance {GROUPS} takes a small part of the time and "
                "memory and finds nearly the same edges"] if advised else []  # fmt: skip
    n_tfs = int(adata.var["tf"].sum())
    if args.nuisance > adata.n_vars - n_tfs:
        raise BadInput(f"--nuisance {args.nuisance}: only {adata.n_vars - n_tfs} genes are no TFs; "
                       "leave it out, or give fewer groups.")  # fmt: skip
    return [f"W has {n_tfs} columns for the TFs and {args.nuisance} for groups of other genes: "
            "another model than the paper's, for many genes"]  # fmt: skip


def checked(args: argparse.Namespace) -> Prepared:
    """Read and prepare, say what to expect, and stop where that is bad.

    Whatever could fail after the training is tried here: names and rights of the files to write,
    room on the disk, and what `taken_in` tries.
    """
    if args.nuisance is not None and not args.tfs:
        raise BadInput("--nuisance leaves columns for the TFs alone: say which with --tfs.")
    outputs.check(args)
    device = chosen_device(args.device)
    adata, kept, notes, mended = taken_in(args)
    notes += outputs.name_groups(adata, args)
    config = config_of(args)(*adata.shape)
    warned = advice.warnings_for(adata.X, config)
    if args.strict and (mended or warned):
        raise BadInput(f"--strict: {'; '.join(mended + warned)}.")
    tell = say if not args.quiet else lambda *_: None
    tell(*notes, *(f"warning: {line}" for line in warned))
    behind = []
    if args.command == "infer":
        known = advice.known_truths(adata.X)
        behind = known.behind
        tell(*known.lines())
    groups = group_sizes(adata, args)
    is_tf = None if args.nuisance is None else adata.var["tf"].to_numpy()
    cost = advice.expected_cost(
        adata.X, config, args.seeds, args.jobs, device, groups, is_tf, args.nuisance or 0
    )
    tell(*(f"warning: {line}" for line in advice.too_large(cost["megabytes"])))
    size = f"{adata.n_obs} cells x {adata.n_vars} genes, {args.seeds} seed(s)"
    time = advice.readable(cost["seconds"])
    tell(f"{size}: expect about {time} of training and {cost['megabytes']:.0f} MB of memory")
    return Prepared(adata, config, {
        "cells": adata.n_obs, "genes": adata.n_vars, "notes": notes, "warnings": warned,
        "expected": cost, "out": args.out, "interrupted": False,
        "better": [asdict(at) for at in behind],
    }, kept)  # fmt: skip


def group_sizes(adata: AnnData, args: argparse.Namespace) -> list[tuple[int, Config]]:
    """Cells and config of the groups that will be trained; empty without --groupby."""
    if getattr(args, "groupby", None) not in adata.obs:  # `fit_groups` says what is there
        return []
    sizes = adata.obs[args.groupby].value_counts()
    return [(n, config_of(args)(n, adata.n_vars)) for n in sizes[sizes >= MIN_CELLS]]


def fit_options(args: argparse.Namespace, adata: AnnData) -> dict[str, Any]:
    few = args.nuisance is not None
    return {
        "regulators": list(adata.var_names[adata.var["tf"]]) if few else None,
        "nuisance": args.nuisance or 0,
        "seeds": args.seeds, "device": args.device, "n_jobs": args.jobs,
        "progress": not args.quiet, "pool": args.dask and dask_pool(args.dask, args.jobs),
    }  # fmt: skip


def trained(args: argparse.Namespace) -> tuple[Prepared, Result]:
    """`checked` and `fit`; what was finished is used after Ctrl-C, or where memory ends."""
    ready = checked(args)
    try:
        result = fit(ready.adata, ready.config, **fit_options(args, ready.adata))
    except Interrupted as stop:
        if stop.result is None:
            raise KeyboardInterrupt from None
        result, ready.summary["interrupted"] = stop.result, True
        say(f"interrupted: going on with the {len(result.seeds)} seed(s) that were finished")
    except TrainingError as error:
        if error.result is None:
            raise
        result, ready.summary["failed"] = error.result, str(error)
        say(f"going on with the {len(result.seeds)} seed(s) that were finished")
    ready.summary["seeds"] = result.seeds
    return ready, result
