"""Holds the networks of every method against the promoters of their targets, over ten seeds.

    python -m deepsem_book.cortex.measure [--methods DeepSEM/specific Pearson ...] [--seeds 10]

For each data set of the cortex chapter, kind of evidence and number of regulators kept for a gene:
the share with a motif at the gene beside its matched null (`evidence.judge`), of single trainings
and of the ensemble; for ensembles and methods without seeds also by cell type, with K regulators.
About ten CPU minutes. Writes data/results/cortex.csv after each training; what is in the table is
not run again, unless the cells or the settings are other ones.

    python -m deepsem_book.cortex.measure --peaks "L4=L4.narrowPeak" ... \\
        [--dmrs dmr.tsv --dmr "L4=mL4"]

does the same for the paper's own cells and elements (`paper.read_paper`), type by type;
peaks and methylated regions are files of the reader, the rest is downloaded (1 GB).

    python -m deepsem_book.cortex.measure --power

measures what a list with every known regulator would score at the sizes of the table:
data/results/cortex_power.csv.
"""

import argparse
import hashlib
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit
from deepsem_minimal.result import mean_weight

from .. import datasets, provenance
from ..baselines import METHODS
from ..results_table import ResultsTable
from . import paper, setting
from .cells import Case, zeisel_case
from .control import Control, page_sizes
from .evidence import Evidence, frequent_motifs, judge, random_network
from .null_model import Support
from .recorded import METHOD_NAMES

TABLE = datasets.DATA_DIR / "results" / "cortex.csv"
POWER = TABLE.with_name("cortex_power.csv")
LARGER = (500, 1000)  # genes of a control, beside the sizes of the table
K = 12  # regulators for each gene; the paper has 12 for Rorb
KEPT = (3, 5, K, 25, 50)
N_MARKERS = 120  # for each type
CONFIGS = {
    "DeepSEM/specific": Config.cell_type_specific(),
    "DeepSEM/nonspecific": Config.nonspecific(),
}
SETTINGS: dict[str, dict[str, int]] = {"GRNBoost2": {"max_trees": 5000}, "GENIE3": {"n_trees": 50}}
CHANCE = [*CONFIGS, "random", "frequent motifs"]  # run once for every seed
KEY = ["data", "method", "seed", "n_members"]
COLUMNS = [
    "data", "n_cells", "n_all_genes", "n_tfs", "n_targets", "method", "config", "input", "versions",
    "seed", "n_members", "type", "kind", "k", *(field.name for field in fields(Support)), "seconds",
]  # fmt: skip
TEXT = {"data", "method", "config", "input", "versions", "type", "kind"}
WHOLE = {
    "n_cells", "n_all_genes", "n_tfs", "n_targets", "seed", "n_members", "k", "n_genes",
}  # fmt: skip


def read_setting() -> tuple[setting.Setting, list[Case]]:
    """The chapter's setting and all cases that are measured, all with the same evidence.

    Zeisel's cells with gene names are a case of the table alone.
    """
    seqfish, clusters = (datasets.load(f"cortex/{name}") for name in ("seqfish", "tasic-clusters"))
    read = setting.real(seqfish, clusters, N_MARKERS, distal=False)
    zeisel, medians = datasets.load("cortex/zeisel-layers"), setting.read_medians()
    known = setting.with_motifs(setting.read_matrices(), read.evidence)
    case = zeisel_case(zeisel, medians, known, N_MARKERS)
    return read, [read.main, *read.layers, case]


def measure_power() -> None:
    """Lists with every known regulator, at the sizes of the table and at larger ones."""
    read, cases = read_setting()
    power = Control.of(read, K).power(page_sizes(cases, read.evidence), LARGER)
    columns = ["evidence", "genes", "regulators", "median z", "share of draws with z > 3"]
    ResultsTable(POWER, columns[:3], columns, {"evidence"}, {"genes", "regulators"}).put(
        power.to_dict("records")
    )


def network(case: Case, evidence: Evidence, method: str, seed: int) -> np.ndarray:
    """Scores of one method (genes x genes), [target, regulator]."""
    if method in CONFIGS:
        cells = case.cells.copy()
        return fit(cells, CONFIGS[method], seeds=[seed], n_jobs=1, progress=False).Ws[0]
    if method == "random":
        return random_network(case, seed)
    if method == "frequent motifs":
        return frequent_motifs(case, evidence, seed)
    X = np.asarray(case.cells.X, dtype=float)
    return METHODS[method](X, case.genes, case.tfs, seed=seed, **SETTINGS.get(method, {}))


def judged(
    case: Case, evidence: Evidence, W: np.ndarray, by_type: bool
) -> Iterator[dict[str, Any]]:
    """Every kind of evidence and number of regulators; `by_type`: also every type by itself."""
    for kind in evidence.kinds:
        for k in (k for k in KEPT if k < len(case.tfs)):
            support = judge(case, W, evidence, kind, k)
            yield {"type": "all", "kind": kind, "k": k} | asdict(support)
        for name, targets in case.targets.items() if by_type and len(case.targets) > 1 else ():
            support = judge(case, W, evidence, kind, K, targets)
            yield {"type": name, "kind": kind, "k": K} | asdict(support)


def described(case: Case, method: str) -> dict[str, Any]:
    """What is needed to measure a row again."""
    digest = hashlib.sha256(np.ascontiguousarray(case.cells.X, dtype="<f4").tobytes())
    settings = asdict(CONFIGS[method]) if method in CONFIGS else SETTINGS.get(method, {})
    return {
        "data": case.name,
        "n_cells": case.cells.n_obs,
        "n_all_genes": case.cells.n_vars,
        "n_tfs": len(case.tfs),
        "n_targets": len(case.all_targets),
        "method": method,
        "config": ",".join(f"{name}={value}" for name, value in settings.items()),
        "input": digest.hexdigest()[:16],
        "versions": provenance.versions(),
    }


def measure(case: Case, evidence: Evidence, method: str, n_seeds: int, table: ResultsTable) -> None:
    """Rows of all seeds of a method on one data set that are missing, and of their ensemble.

    A row of other cells or settings counts as missing.
    """
    facts = described(case, method)
    same = {name: facts[name] for name in ("data", "method", "input", "config")}
    seeds = range(n_seeds if method in CHANCE else 1)
    missing = [seed for seed in seeds if not table.has(**same, seed=seed, n_members=1)]
    with_ensemble = method in CONFIGS and len(seeds) > 1
    if not missing and (not with_ensemble or table.has(**same, n_members=len(seeds))):
        return
    Ws, spent = [], 0.0
    for seed in seeds:  # the ensemble needs every member, trained before or not
        start = time.process_time()
        Ws.append(network(case, evidence, method, seed))
        seconds = time.process_time() - start
        spent += seconds
        if seed in missing:
            run = facts | {"seed": seed, "n_members": 1, "seconds": seconds}
            put(table, run, judged(case, evidence, Ws[-1], method not in CHANCE))
    if with_ensemble:
        run = facts | {"seed": 0, "n_members": len(seeds), "seconds": spent}
        put(table, run, judged(case, evidence, mean_weight(Ws), by_type=True))


def put(table: ResultsTable, run: dict[str, Any], rows: Iterator[dict[str, Any]]) -> None:
    """Write the rows of one network, and say so."""
    table.put([run | row for row in rows])
    print(*(f"{name} {run[name]}" for name in (*KEY, "seconds")), sep=", ", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Networks of the cortex against promoters.")
    parser.add_argument("--methods", nargs="+", default=METHOD_NAMES, choices=METHOD_NAMES)
    parser.add_argument(
        "--seeds", type=int, default=10, help="seeds of DeepSEM and of the random controls"
    )
    parser.add_argument("--peaks", nargs="+", default=[], metavar="TYPE=FILE")
    parser.add_argument("--dmrs", help="table of methylated regions by methylpy")
    parser.add_argument(
        "--dmr",
        nargs="+",
        default=[],
        metavar="TYPE=SAMPLE",
        help="the type's sample name in --dmrs",
    )
    parser.add_argument("--power", action="store_true", help="measure cortex_power.csv instead")
    options = parser.parse_args()
    if options.power:
        measure_power()
        return
    if options.peaks or options.dmrs:
        peaks, samples = (
            dict(pair.split("=", 1) for pair in x) for x in (options.peaks, options.dmr)
        )
        pairs = paper.read_paper(peaks, options.dmrs, samples)
    else:
        read, cases = read_setting()
        pairs = [(case, read.evidence) for case in cases]
    table = ResultsTable(TABLE, KEY, COLUMNS, TEXT, WHOLE)
    for method in options.methods:
        for case, evidence in pairs:
            measure(case, evidence, method, options.seeds, table)


if __name__ == "__main__":
    main()
