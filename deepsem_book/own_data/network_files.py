"""A trained ensemble as files: its edges and what else was asked for, and what to believe of it."""

import argparse
import gzip
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from anndata import AnnData

from deepsem_minimal.result import Result
from deepsem_minimal.storage import replace

from . import advice, control, destinations, explorer, health, outputs
from .training import say


def write_network(
    result: Result, adata: AnnData, args: argparse.Namespace, group: str = ""
) -> dict[str, Any]:
    """Edges and what else was asked for, in files named by the group; says what to believe."""
    pairs = result.agreement(health.TOP)
    judgement = health.judged(result, pairs)
    ensemble = health.without_sick(result, judgement)
    stable = advice.stability(ensemble, min(1000, len(result.genes) * 2))
    edges, controls = ensemble.edges(), Controls.of(adata, args.control)
    files = paths(args, args.parts[group])
    write_table(edges, files["out"])
    beside = control.beside(edges, controls.r, controls.genes)
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
    def of(cls, adata: AnnData, method: str) -> "Controls":
        """`method` "auto" takes the control that finds most on known truths like these cells."""
        genes, r = list(adata.var_names), control.correlations(adata.X)
        tfs = list(adata.var_names[adata.var["tf"]]) if "tf" in adata.var else None
        chosen = advice.known_truths(adata.X).best if method == "auto" else method
        return cls(chosen, genes, r, control.edges(chosen, r, genes, tfs))


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
    is_csv = ".csv" in Path(name).suffixes
    content = edges.to_csv(index=False, sep="," if is_csv else "\t").encode()
    replace(out, gzip.compress(content) if name.endswith(".gz") else content)
