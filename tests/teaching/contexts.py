"""What a chapter has computed when its exercises begin, by the names that they use, made small."""

from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy import stats
from scipy.stats import rankdata

import deepsem_minimal as ds
from deepsem_book import beeline, datasets, foundations, layers, training

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


MAKERS = {
    "01": chapter_1,
    "02": chapter_2,
    "03": chapter_3,
    "04": chapter_4,
    "05": chapter_5,
    "05b": the_whole_benchmark,
    "07": chapter_7,
}


@cache
def made(key: str) -> Names:
    return {"np": np, "pd": pd, "ds": ds} | MAKERS[key]()


def context(key: str) -> Names:
    """The names of a chapter, in a dictionary of their own."""
    return dict(made(key))
