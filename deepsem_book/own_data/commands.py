"""What each command of `deepsem` does, from its parsed options to the summary of what was done."""

import argparse
import warnings
from pathlib import Path
from typing import Any

from deepsem_minimal.ensemble import Interrupted, fit_groups
from deepsem_minimal.metrics import evaluate
from deepsem_minimal.storage import write_h5ad

from .. import datasets
from ..clustering import reduced
from ..errors import BadInput, first_few
from . import edge_files, keep
from .network_files import write_network
from .training import MIN_CELLS, checked, config_of, fit_options, say, trained

# --- Commands that train --------------------------------------------------------------------------


def run_infer(args: argparse.Namespace) -> dict[str, Any]:
    """A network, written as a table of edges."""
    if args.groupby:
        return run_groups(args)
    ready, result = trained(args)
    return ready.summary | write_network(result, ready.adata, args)


def run_groups(args: argparse.Namespace) -> dict[str, Any]:
    """A network for each group, in files of its name."""
    adata, _, summary, _ = checked(args)
    options = fit_options(args, adata)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            results = fit_groups(adata, args.groupby, config_of(args), MIN_CELLS, **options)
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
