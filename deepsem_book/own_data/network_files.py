"""A trained ensemble as files: its edges and what else was asked for, and what to believe of it."""

import argparse
import sys
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal.result import Result
from deepsem_minimal.storage import part_of

from . import advice, control, destinations, explorer, health, outputs
from .training import say

PIECE = 100_000  # edges that are written at a time


def write_network(
    result: Result, adata: AnnData, args: argparse.Namespace, group: str = ""
) -> dict[str, Any]:
    """Edges and what else was asked for, in files named by the group; says what to believe."""
    pairs = result.agreement(health.TOP)
    judgement = health.judged(result, pairs)
    ensemble = health.without_sick(result, judgement)
    stable = advice.stability(ensemble, min(1000, len(result.genes) * 2))
    edges = ensemble.edges(top=args.top)
    controls = Controls.of(adata, args.control, args.nuisance is not None, args.top)
    files = paths(args, args.parts[group])
    write_table(edges, files["out"])
    beside = control.beside(edges, controls.r, controls.genes, tfs=result.tfs)
    if "control_out" in files:
        write_table(controls.edges, files["control_out"])
    if "html" in files:
        title = f"{args.input.name} {group}".strip()
        agreed = advice.edge_stability(ensemble, 5000, within=int(stable["top"]))
        notes = [*health.summary(judgement), control.in_words(beside)]
        explorer.write(control.with_ranks(agreed, controls.edges), files["html"], title, notes)
    if "save" in files:
        result.save(files["save"])  # the sick members too
    sick = health.most_are_sick(judgement)
    if sick or not args.quiet:
        say(*(f"warning: {line}" for line in health.lines(judgement)))
    if sick:
        say("warning: most seeds did not train: do not use this network")
    if not args.quiet:
        say(f"{files['out']}: {len(edges)} edges; {advice.stability_verdict(stable)}")
        say(control.in_words(beside))
    return {
        "out": files["out"], "seeds": ensemble.seeds, "edges": len(edges), "stability": stable,
        "pairs": pairs.to_dict("records"), "control": beside, "control_out": {
            "method": controls.method, "out": files.get("control_out")
        }, "health": health.as_rows(judgement), "sick": sick,
    }  # fmt: skip


class Controls(NamedTuple):
    """The correlations of the cells, and the edges of the control that was chosen."""

    method: str
    genes: list[str]
    r: np.ndarray
    edges: pd.DataFrame

    @classmethod
    def of(cls, adata: AnnData, method: str, few: bool = False, top: int | None = None) -> Self:
        """`method` "auto" takes the control that finds most on known truths like these cells.

        `few`: correlations with the TFs alone, where all pairs of genes have no room.
        """
        genes = list(adata.var_names)
        tfs = list(adata.var_names[adata.var["tf"]]) if "tf" in adata.var else None
        r = control.correlations(adata.X, np.flatnonzero(adata.var["tf"]) if few else None)
        chosen = advice.known_truths(adata.X).best if method == "auto" else method
        return cls(chosen, genes, r, control.edges(chosen, r, genes, tfs, top))


def paths(args: argparse.Namespace, part: str) -> dict[str, Path]:
    """The files that were asked for, by option, as a group names them."""
    asked = {name: getattr(args, name) for name in outputs.KINDS}
    return {name: destinations.of_group(path, part) for name, path in asked.items() if path}


def write_table(edges: pd.DataFrame, out: Path) -> None:
    """A table of edges, as its suffix says; "-" is standard output."""
    if out == destinations.STDOUT:
        edges.to_csv(sys.stdout, index=False)
        return
    name = out.name.lower()
    with part_of(out) as part:
        if name.endswith(".parquet"):
            edges.to_parquet(part, index=False)
        else:
            packed = "gzip" if name.endswith(".gz") else None
            separator = "," if ".csv" in Path(name).suffixes else "\t"
            # pandas writes PIECE rows at a time, so that millions of edges need no second copy.
            edges.to_csv(part, index=False, sep=separator, compression=packed, chunksize=PIECE)
