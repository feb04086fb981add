"""What each command of `deepsem` does, from its parsed options to the summary of what was done."""

import argparse
import gzip
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from anndata import AnnData

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import Interrupted, fit, fit_groups
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.parallel import chosen_device
from deepsem_minimal.result import Result
from deepsem_minimal.storage import replace, write_h5ad

from .. import datasets
from ..cluster import dask_pool
from ..clustering import reduced
from ..errors import BadInput, first_few
from . import advice, destinations, edge_files, explorer, health, keep, outputs, prepare, read

MIN_CELLS = 50  # of a group
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


# --- Commands that train --------------------------------------------------------------------------


def checked(args: argparse.Namespace) -> Prepared:
    """Read and prepare, say what to expect, and stop where that is bad.

    Whatever could fail after the training is tried here: names and rights of the files to write,
    room on the disk, and whether what goes with the result can be written at all.
    """
    outputs.check(args)
    device = chosen_device(args.device)
    tfs = prepare.transcription_factors(args.tfs) if args.tfs else None
    source, notes, _ = read.read(
        args.input, layer=args.layer, raw=args.raw, orientation=args.orientation,
        gene_names=args.gene_names, hints=tfs or (), header=not args.no_header,
        row_names=not args.no_row_names, drop=args.drop_columns, genome=args.genome,
        feature_type=args.feature_type,
    )  # fmt: skip
    if args.tfs in datasets.LISTS:
        prepare.check_species(source.var_names, args.tfs)
    if outputs.has_own_list(
        args
    ):  # now that the genes are known: which column of the list holds them
        tfs = prepare.transcription_factors(args.tfs, list(source.var_names))
    adata, more, mended = prepare.prepare_cells(
        source, tfs, args.genes, args.scale, args.sum_duplicates, args.detected
    )
    notes += more
    if args.command == "infer" and not tfs:
        notes.append("no --tfs: every gene may be a regulator")
    kept = None
    if args.command == "embed":
        kept, lost = keep.whole(args.input, source)
        notes += [*lost, *keep.writable(kept)]
    elif args.command == "simulate":
        notes += keep.writable(adata)
    notes += outputs.name_groups(adata, args)
    config = config_of(args)(*adata.shape)
    warned = advice.warnings_for(adata.X, config)
    if args.strict and (mended or warned):
        raise BadInput(f"--strict: {'; '.join(mended + warned)}.")
    if not args.quiet:
        say(*notes, *(f"warning: {line}" for line in warned))
    groups = group_sizes(adata, args)
    cost = advice.expected_cost(adata.X, config, args.seeds, args.jobs, device, groups)
    if not args.quiet:
        say(*(f"warning: {line}" for line in advice.too_large(cost["megabytes"])))
        size = f"{adata.n_obs} cells x {adata.n_vars} genes, {args.seeds} seed(s)"
        time = advice.readable(cost["seconds"])
        say(f"{size}: expect about {time} of training and {cost['megabytes']:.0f} MB of memory")
    return Prepared(adata, config, {
        "cells": adata.n_obs, "genes": adata.n_vars, "notes": notes, "warnings": warned,
        "expected": cost, "out": args.out, "interrupted": False,
    }, kept)  # fmt: skip


def group_sizes(adata: AnnData, args: argparse.Namespace) -> list[tuple[int, Config]]:
    """Cells and config of the groups that will be trained; empty without --groupby."""
    if getattr(args, "groupby", None) not in adata.obs:  # `fit_groups` says what is there
        return []
    sizes = adata.obs[args.groupby].value_counts()
    return [(n, config_of(args)(n, adata.n_vars)) for n in sizes[sizes >= MIN_CELLS]]


def fit_options(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "seeds": args.seeds, "device": args.device, "n_jobs": args.jobs,
        "progress": not args.quiet, "pool": args.dask and dask_pool(args.dask, args.jobs),
    }  # fmt: skip


def trained(args: argparse.Namespace) -> tuple[Prepared, Result]:
    """`checked` and `fit`; after Ctrl-C what was finished is used."""
    ready = checked(args)
    try:
        result = fit(ready.adata, ready.config, **fit_options(args))
    except Interrupted as stop:
        if stop.result is None:
            raise KeyboardInterrupt from None
        result, ready.summary["interrupted"] = stop.result, True
        say(f"interrupted: going on with the {len(result.seeds)} seed(s) that were finished")
    ready.summary["seeds"] = result.seeds
    return ready, result


def run_infer(args: argparse.Namespace) -> dict[str, Any]:
    """A network, written as a table of edges."""
    if args.groupby:
        return run_groups(args)
    ready, result = trained(args)
    return ready.summary | write_network(result, ready.adata, args)


def run_groups(args: argparse.Namespace) -> dict[str, Any]:
    """A network for each group, in files of its name."""
    adata, _, summary, _ = checked(args)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            results = fit_groups(
                adata, args.groupby, config_of(args), MIN_CELLS, **fit_options(args)
            )
        except Interrupted as stop:
            if not stop.groups:
                raise KeyboardInterrupt from None
            results, summary["interrupted"] = stop.groups, True
            say("interrupted: going on with the groups and seeds that were finished")
    left_out = [str(w.message) for w in caught if "left out" in str(w.message)]
    say(*(f"warning: {line}" for line in left_out))
    labels = adata.obs[args.groupby].astype(str).to_numpy()
    groups = {
        name: write_network(result, adata[labels == name], args, name)
        for name, result in results.items()
    }
    sick = any(group["sick"] for group in groups.values())
    return summary | {"groups": groups, "left_out": left_out, "sick": sick}


def write_network(
    result: Result, adata: AnnData, args: argparse.Namespace, group: str = ""
) -> dict[str, Any]:
    """Edges and what else was asked for, in files named by the group; says what to believe."""
    part = args.parts[group]
    pairs = result.agreement(health.TOP)
    judgement = health.judged(result, pairs)
    ensemble = health.without_sick(result, judgement)
    stable = advice.stability(ensemble, min(1000, len(result.genes) * 2))
    out = destinations.of_group(args.out, part)
    edges = ensemble.edges()
    write_table(edges, out)
    if args.html:
        title = f"{args.input.name} {group}".strip()
        agreed = advice.edge_stability(ensemble, 5000, within=int(stable["top"]))
        explorer.write(agreed, destinations.of_group(args.html, part), title)
    if args.save:
        result.save(destinations.of_group(args.save, part))  # the sick members too
    control = health.control(edges, adata.X, list(adata.var_names))
    sick = health.most_are_sick(judgement)
    if sick or not args.quiet:
        say(*(f"warning: {line}" for line in health.lines(judgement)))
    if sick:
        say("warning: most seeds did not train: do not use this network")
    if not args.quiet:
        say(f"{out}: {len(edges)} edges; {advice.stability_verdict(stable)}")
        say(health.control_in_words(control))
    return {
        "out": out, "seeds": ensemble.seeds, "edges": len(edges), "stability": stable,
        "pairs": pairs.to_dict("records"), "control": control,
        "health": health.as_rows(judgement), "sick": sick,
    }  # fmt: skip


def write_table(edges: pd.DataFrame, out: Path) -> None:
    """A table of edges, as its suffix says; "-" is standard output."""
    if out == destinations.STDOUT:
        edges.to_csv(sys.stdout, index=False)
        return
    name = out.name.lower()
    is_csv = ".csv" in Path(name).suffixes
    content = edges.to_csv(index=False, sep="," if is_csv else "\t").encode()
    replace(out, gzip.compress(content) if name.endswith(".gz") else content)


def run_embed(args: argparse.Namespace) -> dict[str, Any]:
    """The reader's AnnData, whole, with the embedding of its cells."""
    ready, result = trained(args)
    assert ready.kept is not None
    out = keep.embedded(ready.kept, ready.adata, result, reduced)  # also after an interrupt
    write_h5ad(out, args.out)
    if not args.quiet:
        say(
            f'{args.out}: {out.n_obs} cells with obsm["X_deepsem"] and its 50 principal '
            'components; go on with sc.pp.neighbors(adata, use_rep="X_deepsem_pca")'
        )
    return ready.summary


def run_simulate(args: argparse.Namespace) -> dict[str, Any]:
    ready, result = trained(args)
    write_h5ad(result.simulate(ready.adata, args.n), args.out)
    if not args.quiet:
        say(f"{args.out}: {args.n} cells of log expression")
    return ready.summary | {"simulated": args.n}


# --- Commands that do not train -------------------------------------------------------------------


def run_evaluate(args: argparse.Namespace) -> dict[str, Any]:
    edges = edge_files.read_edges(args.edges)
    named = args.network.startswith(("beeline/", "sim/")) and not Path(args.network).exists()
    known = (
        datasets.load_network(args.network, True)
        if named
        else edge_files.read_network(Path(args.network))
    )
    scores = evaluate(edges, known)
    if not args.json:
        for name in ("epr", "auprc_ratio", "max_epr", "n_tfs", "n_genes", "n_edges"):
            print(f"{name}\t{scores[name]:.4g}")
    return dict(scores)


def run_data(args: argparse.Namespace) -> dict[str, Any]:
    if args.action == "list":
        registered = (name for name in datasets.registry() if name.startswith(args.name))
        names = sorted({*datasets.names(args.name), *registered})
        if not names:
            raise BadInput(f"no name begins with {args.name!r}; deepsem data list shows all.")
        if not args.json:
            print("\n".join(names))
        return {"names": names}
    if not args.name:
        raise BadInput(f"data fetch needs a name, for instance {first_few(datasets.names(), 3)}.")
    files = datasets.DATASETS[args.name].files if args.name in datasets.DATASETS else [args.name]
    paths = [str(datasets.fetch(file, args.json)) for file in files]
    if not args.json:
        print("\n".join(paths))
    return {"files": paths}
