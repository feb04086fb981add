"""A reader's own file of any common format as AnnData, cells x genes.

`read` says in plain words what it found out and raises `BadInput` with what to do for what it
cannot read or what may be read in two ways; `prepare.prepare_cells` turns the result into what
`fit` takes.
"""

import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

from ..errors import BadInput, first_few
from . import metadata
from .annotated import read_anndata, read_loom
from .choices import Choices
from .kinds import only_genes
from .packed import on_disk, unpacked_name
from .tenx import files_of, read_10x_folder, read_10x_h5
from .text_expression import read_text
from .text_table import SUFFIXES

FORMATS = (
    ".h5ad, .zarr, .loom, 10x .h5, an .mtx or the folder that holds it, .csv, .tsv, .txt, .tab "
    "(also packed: .gz, .bz2, .xz, .zip)"
)
ANNDATA = (".h5ad", ".zarr", ".h5mu")
TO_CONVERT = {
    ".gct": " Of a .gct leave out the first two lines and the second column: tail -n +3 x.gct | "
    "cut -f1,3- > x.tsv",
    ".zst": " Unpack it first: zstd -d x.csv.zst",
    ".rds": " In R: zellkonverter::writeH5AD(as.SingleCellExperiment(x), 'x.h5ad')",
    ".h5seurat": " In R: SeuratDisk::Convert('x.h5seurat', dest = 'h5ad')",
    ".xlsx": " Save it as csv.",
}


class Input(NamedTuple):
    """Expression with what was guessed, and what was changed (`mended`, among the notes too)."""

    adata: AnnData
    notes: list[str]
    mended: list[str] = []  # noqa: RUF012


def read(path: Path | str, **choices: Any) -> Input:
    """Expression (cells x genes) of a file as it is there: counts or log, sparse stays sparse.

    `choices` are those of `Choices`. Raises BadInput for what cannot be read, or could be read in
    two ways, with the choice that settles it.
    """
    path, how = Path(path), Choices(**choices)
    if not path.exists():
        raise BadInput(f"{path} does not exist.")
    try:
        adata, notes = read_kind(path, how)
    except (BadInput, MemoryError):
        raise
    except PermissionError:
        raise BadInput(f"{path}: no permission to read it.") from None
    except (EOFError, zlib.error) as error:
        raise BadInput(
            f"{path} cannot be read ({error}): it is cut off or damaged; copy or download it again."
        ) from None
    except Exception as error:  # a damaged file can fail anywhere in the libraries below
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise BadInput(
            f"{path} cannot be read ({reason}). It may be cut off or of another format: "
            "copy or download it again."
        ) from None
    is_text = unpacked_name(path).endswith(SUFFIXES)
    if not is_text and not unpacked_name(path).endswith(".loom"):
        adata, more = renamed(adata, how.gene_names)
        notes += more
    adata, more = only_genes(adata, how)
    adata, last = without_strangers(adata, how, is_text)
    return Input(adata, [*notes, *more, *last])


def read_kind(path: Path, how: Choices) -> tuple[AnnData, list[str]]:
    """By the kind of the file: its suffix, or what it holds where that is a folder."""
    name = unpacked_name(path)
    is_anndata, is_loom = holds_anndata(path), name.endswith(".loom")
    if how.layer is not None and not (is_anndata or is_loom):
        raise BadInput("--layer needs an .h5ad, .zarr or .loom: leave it out.")
    if how.raw and not is_anndata:
        raise BadInput("--raw needs an .h5ad or .zarr: leave it out.")
    if path.is_dir():
        return read_anndata(path, how) if is_anndata else read_10x_folder(path, how)
    if name.endswith(".mtx"):
        return read_10x_folder(path, how)
    if name.endswith(SUFFIXES):
        return read_text(path, how)
    readers = {ANNDATA: read_anndata, (".loom",): read_loom, (".h5",): read_10x_h5}
    for suffixes, reader in readers.items():
        if name.endswith(suffixes):
            with on_disk(path) as file:
                return reader(file, how)
    advice = next((what for end, what in TO_CONVERT.items() if name.endswith(end)), "")
    raise BadInput(f"{path.name}: unknown format; known are {FORMATS}.{advice}")


def holds_anndata(path: Path) -> bool:
    """Whether a file or folder is, by name or as a zarr, an AnnData."""
    is_zarr = any((path / file).exists() for file in (".zgroup", "zarr.json"))
    return is_zarr or unpacked_name(path).endswith(ANNDATA)


def renamed(adata: AnnData, column: str | None) -> tuple[AnnData, list[str]]:
    """AnnData whose genes are named by a column of var, as CELLxGENE's feature_name.

    A gene that has no name there keeps the one it had.
    """
    if column is None:
        return adata, []
    if column not in adata.var:
        raise BadInput(f"var has no column {column!r}; it has {first_few(adata.var) or 'none'}.")
    names = adata.var[column].astype(object).to_numpy()
    without = metadata.missing(names)
    chosen = np.where(without, adata.var_names.astype(object), names.astype(str))
    adata.var_names = pd.Index(chosen.astype(str))
    kept = f"{without.sum()} genes without a name in {column!r} keep the one they had"
    return adata, [kept] if without.any() else []


def without_strangers(adata: AnnData, how: Choices, is_text: bool) -> tuple[AnnData, list[str]]:
    """Without rows of HTSeq, spike-ins, and what the reader drops; names without blanks."""
    adata.var_names = adata.var_names.astype(str).str.strip()
    adata.obs_names = adata.obs_names.astype(str).str.strip()
    notes = metadata.dates(adata.var_names)
    kept = ~adata.var_names.isin(how.unwanted)
    if not is_text and not how.keeps_all:
        metadata.check(list(adata.var_names[kept]), None, metadata.OF_CELLS, "genes")
    if how.unwanted and not is_text and kept.all():
        raise BadInput(f"--drop-columns: no gene is called {first_few(how.unwanted)}.")
    if not how.keeps_all:
        strange, more = metadata.no_genes(adata.var_names)
        kept, notes = kept & ~strange, [*notes, *more]
    nameless = metadata.missing(adata.var_names)
    if nameless.any():
        notes.append(f"{nameless.sum()} genes without a name left out")
    kept &= ~nameless
    return (adata if kept.all() else adata[:, kept].copy()), notes


__all__ = ["FORMATS", "Choices", "Input", "files_of", "read"]
