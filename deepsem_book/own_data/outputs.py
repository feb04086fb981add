"""Which files a command writes: checked before any work, and one of each for every group."""

import argparse
from pathlib import Path

from anndata import AnnData

from .. import datasets
from ..errors import BadInput, first_few
from . import destinations, read

KINDS = {
    "out": "edges",
    "control_out": "edges",
    "html": "html",
    "save": "h5ad",
}  # of what the options name


def check(args: argparse.Namespace) -> None:
    """Put the files that will be written, links followed, into `args`; BadInput if one cannot be.

    `args.inputs` then holds the files that are read, `args.parts` what a group adds to a name.
    """
    args.inputs = [args.input, *([Path(args.tfs)] if has_own_list(args) else [])]
    if args.input.exists() and (args.input.is_dir() or ".mtx" in args.input.suffixes):
        args.inputs += read.files_of(args.input)
    asked = {name: getattr(args, name, None) for name in KINDS}
    for option, path in destinations.checked(named(asked, args.command), args.inputs).items():
        setattr(args, option.removeprefix("--").replace("-", "_"), path)
    if getattr(args, "control_out", None) == destinations.STDOUT:
        raise BadInput("--control-out -: only --out can be standard output; name a file.")
    if args.out == destinations.STDOUT and (args.json or getattr(args, "groupby", None)):
        raise BadInput("--out - gives edges of one network alone: leave out --json and --groupby.")
    args.parts = {"": ""}


def has_own_list(args: argparse.Namespace) -> bool:
    """Whether --tfs is a file, not the name of a list."""
    return args.tfs is not None and args.tfs not in datasets.LISTS


def named(paths: dict[str, Path | None], command: str) -> dict[str, tuple[Path, str]]:
    kinds = KINDS if command == "infer" else KINDS | {"out": "h5ad"}
    return {
        f"--{name.replace('_', '-')}": (path, kinds[name]) for name, path in paths.items() if path
    }


def name_groups(adata: AnnData, args: argparse.Namespace) -> list[str]:
    """Check the files of every group, and the room that all of them take.

    Returns notes on cells without a group.
    """
    notes = []
    if column := getattr(args, "groupby", None):
        if column not in adata.obs:
            known = first_few(adata.obs) or "none"
            raise BadInput(f"obs has no column {column!r}; it has {known}.")
        labels = adata.obs[column]
        if n := int(labels.isna().sum()):
            notes.append(f"{n} cells without a value of {column!r} belong to no group")
        args.parts = destinations.file_parts(sorted(set(labels.dropna().astype(str))))
        for part in args.parts.values():
            paths = {name: getattr(args, name) for name in KINDS}
            of_group = {name: path and destinations.of_group(path, part)
                        for name, path in paths.items()}  # fmt: skip
            destinations.checked(named(of_group, args.command), args.inputs)
    for path, megabytes in expected_sizes(adata, args):
        destinations.room(path, megabytes * len(args.parts))
    return notes


def expected_sizes(adata: AnnData, args: argparse.Namespace) -> list[tuple[Path, float]]:
    """Each large output and about how many MB it will have."""
    n_cells, n_genes = adata.shape
    n_tfs = int(adata.var["tf"].sum()) if "tf" in adata.var else n_genes
    n_edges = min(filter(None, [n_tfs * n_genes, getattr(args, "top", None)]))
    columns = n_genes if args.nuisance is None else n_tfs + args.nuisance
    entries = {"infer": 45 * n_edges, "embed": 8 * n_cells * n_genes,
               "simulate": 4 * getattr(args, "n", 0) * n_genes}  # fmt: skip
    sizes = [(args.out, entries[args.command] / 1e6)]
    if getattr(args, "control_out", None):
        sizes.append((args.control_out, entries["infer"] / 1e6))
    if getattr(args, "save", None):
        sizes.append((args.save, 4 * args.seeds * n_genes * columns / 1e6))
    return sizes
