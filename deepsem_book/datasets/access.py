"""Data sets, known networks and benchmarks by name, read from verified files."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from anndata import AnnData

from . import readers, registered
from .catalogue import BEELINE, DATASETS, KINDS, KNOCKOUTS, OPTIONS, Dataset, simulated
from .download import DataUnavailable
from .tf_lists import LISTS


def load(name: str, quiet: bool = False) -> AnnData:
    """Data set `name` (see `names()`) as AnnData, cells x genes.

    `.X` log expression, float32; `layers["counts"]` raw counts (CSR) where known;
    `obs["cell_type"]` where known; `obs["pseudotime_1"]` ... and `var["tf"]` for BEELINE;
    `varp["true_W"]` (target x regulator) for `sim/...`; `uns["source"]` with name, url, checksum,
    licence, citation and transform. Raises ValueError for an unknown name, DataUnavailable when a
    file is not available; the message names the offline alternatives.
    """
    dataset = dataset_named(name)
    adata = dataset.read(*(registered.fetch(file, quiet) for file in dataset.files))
    if dataset.files:
        entry = registered.registry()[dataset.files[0]]
        source = {key: getattr(entry, key) for key in ("url", "checksum", "licence", "citation")}
    else:
        source = {"url": "deepsem_minimal.sem", "checksum": "", "licence": "", "citation": ""}
    adata.uns["source"] = {"name": name} | source | {"transform": dataset.transform}
    return adata


def load_network(name: str, quiet: bool = False) -> pd.DataFrame:
    """Ground-truth network as DataFrame[Gene1, Gene2], Gene1 the TF and Gene2 its target.

    `name` is "beeline/<data set>-<N>/<kind>", kind one of STRING, Non-Specific, Specific or (mESC)
    Lofgof, one of `knockouts()`, or "sim/.../truth". Rows that differ only in case are given once.
    A network of `knockouts()` covers the genome: it is cut to the genes of the matrix, as BEELINE
    cut its own, without self edges.
    """
    if name.startswith("sim/") and name.endswith("/truth"):
        adata = load(name.removesuffix("/truth"))
        targets, regulators = np.nonzero(adata.varp["true_W"])
        genes = adata.var_names.to_numpy()
        return pd.DataFrame({"Gene1": genes[regulators], "Gene2": genes[targets]})
    known = pd.concat([benchmarks(), knockouts()])
    expression = registered.known(name, dict(zip(known["network"], known["expression"])))
    path = registered.fetch(network_file(name), quiet)
    if path.suffix == ".txt":
        return readers.genome_wide(path, load(expression, quiet).var_names)
    edges = pd.read_csv(path, dtype=str, na_filter=False)[["Gene1", "Gene2"]]
    repeated = edges.apply(lambda column: column.str.upper()).duplicated()
    return edges[~repeated].reset_index(drop=True)


def names(prefix: str = "") -> list[str]:
    """Names that `load` takes and that start with `prefix`; `sim/` takes any number of genes."""
    return [name for name in DATASETS if name.startswith(prefix)]


def is_available(name: str) -> bool:
    """Whether a data set, a network or a registered file is available; fetches its files."""
    loadable = name in DATASETS or name.startswith("sim/")
    files = dataset_named(name.removesuffix("/truth")).files if loadable else [network_file(name)]
    try:
        for file in files:
            registered.fetch(file, quiet=True)
    except DataUnavailable:
        return False
    return True


def benchmarks() -> pd.DataFrame:
    """The 44 benchmarks of the paper (Fig. 3, Supp. Fig. 1): 7 data sets x 2 N x 3 kinds + LOF/GOF.

    Columns: dataset, n_genes_option (500 or 1000), kind, expression (for `load`), network (for
    `load_network`), available_in_mirror (both files belong to the reference mirror).
    """
    return networks_of({name: KINDS + ("Lofgof",) * (name == "mESC") for name in BEELINE})


def mirrored_matrices() -> list[str]:
    """The matrices of `benchmarks()` with a network whose files belong to the reference mirror."""
    known = benchmarks()
    return known.loc[known["available_in_mirror"], "expression"].unique().tolist()


def knockouts() -> pd.DataFrame:
    """Networks of what changed when a regulator was removed: columns as in `benchmarks()`.

    KDUnion: knock-downs and knock-outs; Lofgof: loss or gain of function, a part of it. Regulators
    are all genes that were removed, also those that BEELINE's list of TFs lacks.
    """
    return networks_of(KNOCKOUTS)


def networks_of(kinds: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """One row per network: kinds by data set, each for both numbers of genes."""
    files = registered.registry()
    rows = []
    for dataset, kind in [(name, kind) for name, of_name in kinds.items() for kind in of_name]:
        for n in OPTIONS:
            expression, network = f"beeline/{dataset}-{n}", f"beeline/{dataset}-{n}/{kind}"
            needed = (files[f"{expression}/expression"], files[network_file(network)])
            rows.append(
                {
                    "dataset": dataset,
                    "n_genes_option": n,
                    "kind": kind,
                    "expression": expression,
                    "network": network,
                    "available_in_mirror": all(file.mirrored for file in needed),
                }
            )
    return pd.DataFrame(rows)


def network_file(name: str) -> str:
    """Registry entry of a network: its own, or that of the data set for both numbers of genes."""
    of_dataset = re.sub(r"-\d+/", "/", name)
    return of_dataset if of_dataset in registered.registry() else name


def transcription_factors(name: str, quiet: bool = False) -> set[str]:
    """A list of TFs by its name in `tf_lists.LISTS`, such as "human", upper-case."""
    return readers.tf_names(registered.fetch(registered.known(name, LISTS), quiet))


def dataset_named(name: str) -> Dataset:
    """The files of a data set and their reader; ValueError for an unknown name."""
    if match := re.fullmatch(r"sim/(linear|nonlinear)-(\d+)", name):
        return simulated(match[1], int(match[2]))
    return registered.known(name, DATASETS)
