"""What a chapter has computed when its exercises begin, by the names that they use, made small."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats
from scipy.stats import rankdata

import deepsem_minimal as ds
from deepsem_book import (
    beeline,
    cortex,
    datasets,
    embedding,
    foundations,
    layers,
    lineage,
    own_data,
    removal,
    scorecard,
    simulation,
    training,
    truth,
)

Names = dict[str, Any]


@cache
def simulated():
    return datasets.load("sim/nonlinear-50")[:200]


def chapter_1() -> Names:
    adata = simulated()
    four = layers.four_genes
    ranked = four.RANKING
    true = {*four.TRUTH.itertuples(index=False, name=None)}
    is_true = [pair in true for pair in zip(ranked["TF"], ranked["target"])]
    return {
        "foundations": foundations,
        "X": np.asarray(adata.X),
        "names": list(adata.var_names),
        "steps": ranked.assign(true=is_true),
        "truths": {"truth": datasets.load_network("sim/nonlinear-50/truth")},
    }


def chapter_2() -> Names:
    return {"foundations": foundations}


def chapter_3() -> Names:
    standardised, configs = layers.setting(simulated(), n_epochs=6)
    member = layers.train(standardised, configs["random"], seed=0)

    def mlp(rows, A1, b1, A2, b2, A3, b3):
        return (np.tanh(np.tanh(rows @ A1 + b1) @ A2 + b2) @ A3 + b3)[:, 0]

    return {
        "torch": torch,
        "layers": layers,
        "trained_model": member.model,
        "X_std": standardised.X,
        "W": layers.four_genes.W,
        "I": np.eye(4),
        "z": np.random.default_rng(0).normal(size=(3, 4)),
        "mlp": mlp,
    }


def chapter_4() -> Names:
    adata = simulated()
    preset = partial(ds.Config.nonspecific, alpha=1.0)
    config = preset(n_epochs=4)
    result = ds.fit(adata, config, seeds=3, progress=False)
    off_diagonal = ~np.eye(adata.n_vars, dtype=bool)
    return {
        "training": training,
        "preset": preset,
        "config": config,
        "cells": ds.preprocess.standardise(np.asarray(adata.X)),
        "X": ds.preprocess.standardise(np.asarray(adata.X)).X,
        "result": result,
        "members": result.members,
        "off_diagonal": off_diagonal,
        "ranks": [rankdata(np.abs(m.W)[off_diagonal]) for m in result.members],
        "known": training.known_networks("sim/nonlinear-50", result),
        "n_top": 100,
    }


def chapter_5() -> Names:
    problem = beeline.Problem.load("sim/nonlinear-50")
    presets = {
        "nonspecific": ds.Config.nonspecific(n_epochs=4, W_init="safe", lr_W=1e-3),
        "specific": ds.Config.cell_type_specific(n_epochs=4, W_init="safe", lr_W=1e-3),
    }
    results = {
        name: ds.fit(simulated(), config, seeds=3, progress=False)
        for name, config in presets.items()
    }
    preset_of = dict.fromkeys(problem.networks, "nonspecific")
    trained = {kind: results[preset] for kind, preset in preset_of.items()}
    answers = {kind: beeline.live.rankings(problem, kind, trained[kind]) for kind in preset_of}
    return {
        "beeline": beeline,
        "problem": problem,
        "presets": presets,
        "results": results,
        "preset_of": preset_of,
        "trained": trained,
        "scores": beeline.live.scored(problem, answers),
    }


def the_whole_benchmark() -> Names:
    recorded = beeline.benchmark_table.recorded("", "lineage")
    return {"beeline": beeline, "compared": beeline.Comparison.of(recorded)}


def chapter_7() -> Names:
    data, table = "beeline/mDC-500", beeline.ablations.recorded_switches()
    run = beeline.ablation_tables.all_effects(table, data)
    paired = beeline.ablations.differences(table[table["data"] == data], "epr")
    names = {"table": table, "run": run, "paired": paired, "DATA": data}
    return names | {"beeline": beeline, "stats": stats}


def chapter_6() -> Names:
    return {"cells": ds.preprocess.standardise(np.asarray(simulated().X[:64]))}


def chapter_8() -> Names:
    problem = beeline.Problem.load("sim/nonlinear-50")
    whole = problem.networks["truth"]
    whole = whole[whole["Gene1"].isin(whole["Gene1"].value_counts().index[:15])]
    networks = {"truth": whole, "half": whole.sample(frac=0.5, random_state=0)}
    problem = replace(problem, X=problem.X[:200], networks=networks)
    genes = problem.genes
    Ws = {
        name: beeline.METHODS[name](problem.X, genes, problem.tfs)
        for name in ("Pearson", "Pearson-APC", "LinearSEM")
    }
    Ws["DeepSEM"] = Ws.pop("LinearSEM")  # stands for it, untrained
    return {
        "beeline": beeline,
        "problem": problem,
        "genes": genes,
        "rankings": {name: ds.edge_table(W, genes, problem.tfs) for name, W in Ws.items()},
        "bounds": {kind: beeline.limits(known, genes) for kind, known in networks.items()},
    }


def chapter_9() -> Names:
    small = np.zeros((5, 5))
    small[[1, 2, 2, 3, 3], [0, 1, 0, 2, 4]] = [0.9, 0.8, -0.7, -0.9, 0.8]
    return {"lineage": lineage, "adata": simulated(), "small": small}


def chapter_10() -> Names:
    cells = simulated().copy()
    result = ds.fit(cells, ds.Config.embedding(n_epochs=1, W_init="safe"), 1, progress=False)
    W, before = result.members[0].model.grn.W, embedding.before_grn(result, cells.X)
    with torch.no_grad():  # as after a long training: weights of both signs, of all sizes
        W.copy_(torch.randn(W.shape, generator=torch.Generator().manual_seed(0)) ** 3 / 50)
        W.fill_diagonal_(0)
    after = before - before @ result.members[0].W.T
    return {"embedding": embedding, "result": result, "live": {"DeepSEM": after, "no GRN": before}}


def chapter_11() -> Names:
    setting = cortex.setting.simulated(datasets.load("sim/nonlinear-100"))
    known = cortex.Control.of(setting, setting.k)
    control = {cortex.ANY: known.judged(cortex.ANY, known.known)}
    return {"cortex": cortex, "known": known, "control": control}


def chapter_12() -> Names:
    config = ds.Config.simulation(n_epochs=3, W_init="safe")
    adata = datasets.load("sim/nonlinear-50")[:400]
    study = simulation.Study.of(adata, n_genes=40, n_tfs=10, config=config)
    names = ("DeepSEM, posterior", "copy", "shuffle")
    drawn = {name: study.sample(name, len(study.test), study.seed) for name in names}
    return {"simulation": simulation, "study": study, "drawn": drawn, "n_trees": 20}


def chapter_13() -> Names:
    cells = simulated().copy()
    result = ds.fit(cells, ds.Config.nonspecific(n_epochs=3), 3, progress=False)
    folder = Path(tempfile.mkdtemp())
    r = own_data.control.correlations(cells.X)
    own_data.control.edges("ridge", r, result.genes).to_csv(folder / "control.csv", index=False)
    best = own_data.advice.edge_stability(result, top=1000, within=200)
    return {"own_data": own_data, "folder": folder, "best": best}


def chapter_14() -> Names:
    bench = scorecard.benchmark_table
    summary = bench.summarise(bench.recorded())
    rivals = [m for m in sorted(set(summary["method"])) if m in scorecard.inference.RIVALS]
    epr = bench.matrix(summary, "epr", ["DeepSEM", *rivals]).dropna()
    return {"scorecard": scorecard, "epr": epr}


def chapter_15() -> Names:
    made = removal.with_removals(datasets.load("sim/nonlinear-50"))
    some = [*made.obs["removed"].unique()[:6]]  # "" of the control cells is the first
    screen = removal.screen_of(made[made.obs["removed"].isin(some)])
    weak = replace(screen, change=0.3 * screen.change)  # some fall below a threshold

    def untrained(screen: Any, method: str, seeds: range) -> Iterator[Any]:
        """A correlation under each name: DeepSEM takes 900 epochs."""
        for made in removal.predictions(screen, "Pearson", seeds):
            yield made._replace(method=method)

    page = SimpleNamespace(**vars(removal) | {"predictions": untrained})
    return {"removal": page, "screen": weak}


def chapter_16() -> Names:
    base = truth.Setting(n_genes=40, n_cells=300)
    settings = {"base": base, "depth left in": replace(base, normalised=False)}
    cells = {name: truth.simulate(setting, seed=1) for name, setting in settings.items()}
    return {"truth": truth, "replace": replace, "cells": cells, "data": cells["depth left in"]}


MAKERS = {
    "01": chapter_1,
    "02": chapter_2,
    "03": chapter_3,
    "04": chapter_4,
    "05": chapter_5,
    "05b": the_whole_benchmark,
    "06": chapter_6,
    "07": chapter_7,
    "08": chapter_8,
    "09": chapter_9,
    "10": chapter_10,
    "11": chapter_11,
    "12": chapter_12,
    "13": chapter_13,
    "14": chapter_14,
    "15": chapter_15,
    "16": chapter_16,
}


@cache
def made(key: str) -> Names:
    return {"np": np, "pd": pd, "ds": ds} | MAKERS[key]()


def context(key: str) -> Names:
    """The names of a chapter, in a dictionary of their own."""
    return dict(made(key))
