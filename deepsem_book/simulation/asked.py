"""What a regulator does: the model's answers against a known truth, and on the page's cells."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from deepsem_minimal import sem
from deepsem_minimal.result import Result

from .. import datasets
from ..datasets.tf_lists import NOT_TFS
from . import realism
from .perturb import decoded, knock_out, silence
from .study import Study

BY_W, BY_Z, BY_R = "W: edges taken away", "z: regulator silent", "no model: -r"
SETTINGS: dict[str, Any] = {"n_cells": 1000, "dropout": 0.5}  # of the cells with a known network
RIGHT, SIZE = "right sign", "size, of the truth"


def known_network() -> tuple[NDArray, NDArray, list[str]]:
    """W [target, regulator] of the simulated cells, their expression (cells x genes), the genes."""
    W = datasets.load("sim/nonlinear-100").varp["true_W"]
    X = sem.simulate_nonlinear(W, **SETTINGS).astype(np.float32)
    return W, X, [f"g{i}" for i in range(len(W))]


def against_truth(result: Result, W: NDArray, X: NDArray) -> pd.DataFrame:
    """Three ways to ask about each regulator of W, beside its silence in the simulation of X.

    One row per regulator and way: correlation with the truth, right sign (of the genes that do
    change), size of the truth.
    """
    r, rows = realism.correlations(X), []
    for k in map(int, np.flatnonzero((W != 0).any(0))):
        true = (sem.simulate_nonlinear(W, **SETTINGS, silent=k) - X).mean(0)
        gene = list(result.genes)[k]
        answers = {BY_W: knock_out(result, X, gene), BY_Z: silence(result, X, gene), BY_R: -r[k]}
        rows += [{"way": way} | beside_truth(change, true, k) for way, change in answers.items()]
    return pd.DataFrame(rows)


def beside_truth(change: NDArray, true: NDArray, k: int) -> dict[str, float]:
    """A predicted change of each gene (genes,) beside the true one when gene k is silent."""
    rest = np.delete(np.arange(len(true)), k)
    below = rest[np.abs(true[rest]) > 1e-6]
    return {
        "correlation with the truth": np.corrcoef(change[rest], true[rest])[0, 1],
        RIGHT: (np.sign(change[below]) == np.sign(true[below])).mean(),
        SIZE: np.abs(change[below]).max() / np.abs(true[below]).max(),
    }


def medians(by_regulator: pd.DataFrame) -> pd.DataFrame:
    """Medians of `against_truth` over the regulators, by way."""
    table = by_regulator.groupby("way", sort=False).median()
    table.loc[BY_R, SIZE] = np.nan  # r has no unit of expression
    return table


def about_truth(medians: pd.DataFrame, n: int, result: Result, X: NDArray) -> str:
    """Signs and sizes of the three ways over n regulators, as Markdown text."""
    by_W, by_z, by_r = (medians.loc[way] for way in (BY_W, BY_Z, BY_R))
    at_zero = decoded(result, torch.zeros(1, len(result.genes)))[0]  # what h = 0 stands for
    above = (at_zero > X.mean(0)).mean()
    text = (
        f"Medians over {n} regulators; *right sign*: of the genes that do change. Taking edges away"
        f" has the right sign for {by_W[RIGHT]:.0%} of them, silencing the regulator for"
        f" {by_z[RIGHT]:.0%}, the correlation for {by_r[RIGHT]:.0%}. "
    )
    if by_W[RIGHT] < 0.5 < above:
        text += (
            "Without its edges a target gets what h = 0 of the regulator would give it, and h = 0"
            " does not mean that the regulator is absent: it decodes to more than the mean"
            f" expression for {above:.0%} of the genes. Taking edges away is then more like"
            " switching the regulator on in every cell. "
        )
    return (
        f"{text}The sizes are {by_W[SIZE]:.1%} and {by_z[SIZE]:.1%} of the true ones. Nearest to"
        f" the truth in correlation is: {nearest(medians)}."
    )


def nearest(medians: pd.DataFrame) -> str:
    """The way whose answers correlate best with the truth."""
    return str(medians["correlation with the truth"].idxmax())


# --- on the cells of the page ---------------------------------------------------------------------


def by_weight(W: NDArray, genes: Sequence[str], regulators: Sequence[str]) -> list[str]:
    """The regulators by the total |W| of their edges, largest first."""
    total = pd.Series(np.abs(W).sum(0), list(genes))[list(regulators)]
    return list(total.sort_values(ascending=False).index)


def about_W(study: Study, recorded: pd.DataFrame) -> str:
    """Whether there is a network in the model that simulated the page's cells."""
    result, W = study.deepsem, np.abs(study.deepsem.Ws[0])
    config = result.config
    start = (0.5 if config.W_init == "safe" else 1) / (len(W) - 1)  # of each entry (ledger 9)
    first = by_weight(W, study.genes, study.tfs or study.genes)[0]
    change = np.abs(knock_out(result, study.test, first)).max()
    in_table = recorded["mean_w"].dropna()
    text = (
        f"Mean |W| is {W.mean():.1e} after training (at the start {start:.1e}; one step of its"
        f" optimiser is {config.lr_W:.0e}), and without the edges of {first} no gene changes by"
        f" more than {change:.0e}. "
    )
    if W.mean() < 5 * config.lr_W:
        text += (
            f"The L1 term (α = {config.alpha:g}) has emptied W: the GRN layer is the identity, and"
            " the realism scores above are those of the autoencoder around it. "
        )
    else:
        text += "W is not empty. "
    return (
        f"{text}In the recorded study mean |W| is {in_table.min():.1e} to {in_table.max():.1e},"
        f" there from a start of {0.5 / (recorded['n_genes'].iloc[0] - 1):.1e}."
    )


def changes(result: Result, expression: pd.DataFrame, gene: str) -> pd.DataFrame:
    """Changes of the other genes when `gene` is silent by two members (0, 1), and minus_r.

    `expression` (cells x genes) has the genes of the result.
    """
    X = expression.to_numpy()
    by_member = {member: silence(result, X, gene, member) for member in (0, 1)}
    table = pd.DataFrame(by_member, index=expression.columns).drop(gene)
    r = expression[table.index].corrwith(expression[gene]).fillna(0)
    return table.assign(minus_r=-r)


def read_off(result: Result, change: pd.DataFrame, gene: str) -> dict[str, float]:
    """What is to be read of `changes`: agreement of the members and of -r, and signs."""
    k = list(result.genes).index(gene)
    return {
        "correlation of two trainings": change[0].corr(change[1]),
        "edges above 0": (np.delete(result.Ws[0][:, k], k) > 0).mean(),
        "genes that rise": (change[0] > 0).mean(),
        "genes with -r above 0": (change["minus_r"] > 0).mean(),
        "rank correlation with -r": change[0].corr(change["minus_r"], method="spearman"),
    }


def about_changes(
    every: pd.DataFrame, gene: str, change: pd.DataFrame, expression: pd.DataFrame, best: str
) -> str:
    """Size, direction and agreement of the answers about one regulator; `best`: `nearest`.

    `every` has `read_off` of all regulators as rows, `change` the `changes` of this one.
    """
    own, middle = every.loc[gene], every.median()
    first, second = (set(change[member].abs().nlargest(15).index) for member in (0, 1))
    shared = len(first & second)
    agree = bool(own["correlation of two trainings"] >= 0.8 and shared >= 10)
    sd = expression[change.index].std().replace(0, np.inf)
    rank_r = own["rank correlation with -r"]
    return (
        f"Correlation of the changes by two trainings: {own['correlation of two trainings']:.2f};"
        f" {shared} of the first 15 genes are the same."
        f" {'' if agree else 'One training is not enough to name genes. '}The largest change is"
        f" {(change[0].abs() / sd).max():.1%} of the gene's sd between cells, so the model does not"
        f" say how far. Which way? With {gene} silent {own['genes that rise']:.0%} of the genes"
        f" rise, while −r, minus Pearson's r between {gene} and each gene, is above 0 for"
        f" {own['genes with -r above 0']:.0%}; {own['edges above 0']:.0%} of the edges out of"
        f" {gene} are above 0. Over all {len(every)} regulators"
        f" {every['genes that rise'].mean():.0%} of the changes are up, beside"
        f" {every['genes with -r above 0'].mean():.0%} of the −r. The rank correlation with −r is"
        f" {rank_r:.2f} for {gene} and {middle['rank correlation with -r']:.2f} in the median over"
        " the regulators, where the two trainings correlate by"
        f" {middle['correlation of two trainings']:.2f}. {beside_r(rank_r, agree, best)}"
    )


def beside_r(rank_r: float, agree: bool, best: str) -> str:
    """What agreement with −r, and of two trainings, says of the answer."""
    if rank_r >= 0.3:
        return "Where it is high, much of the answer could have been had without the model."
    text = (
        "The two trainings agree here on an answer that"
        if agree
        else "The first training gives an answer that"
    )
    if best != BY_R:
        return (
            f"{text} −r does not give, and which of the two is right cannot be seen from these"
            " cells."
        )
    return (
        f"{text} −r {'contradicts' if rank_r < 0 else 'does not support'}, and −r was nearer to the"
        " truth where that was known: agreement of trainings does not make the answer right."
    )


def about_tfs(tfs: Sequence[str]) -> str:
    """Which of the TFs are known first of all for something else; nothing if none."""
    others = [f"{n} ({NOT_TFS[n]})" for n in tfs if n in NOT_TFS]
    if not others:
        return ""
    return (
        f"Of the {len(tfs)} TFs of this page, some are known first of all for something else:"
        f" {', '.join(others)}. What the model says of them is no statement about a TF."
    )
