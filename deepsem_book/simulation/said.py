"""What the cells of the page say, in sentences; every function returns Markdown text."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .. import clustering
from . import controls, realism
from .gan import GANConfig
from .study import Study
from .tables import POSTERIOR, PRIOR, listed, paper_numbers

Folds = Mapping[str, np.ndarray]  # simulator -> AUC of each fold


def about_drawn(study: Study, drawn: Mapping[str, np.ndarray], origin: np.ndarray) -> str:
    """How near DeepSEM's cells are to real ones; row i of `origin` is behind posterior sample i."""
    zeros = {name: ((drawn[name] == 0) == (origin == 0)).mean() for name in (POSTERIOR, PRIOR)}
    r = {name: mean_r(drawn[name], origin) for name in zeros}
    return (
        f"{len(study.train)} training and {len(study.test)} test cells, {len(study.genes)} genes,"
        f" {len(study.tfs)} of them TFs. A posterior sample has its zeros where its real cell has"
        f" them in {zeros[POSTERIOR]:.1%} of the entries, and correlates with that cell by"
        f" {r[POSTERIOR]:.2f} on average. For a draw from the prior and an arbitrary cell the two"
        f" numbers are {zeros[PRIOR]:.1%} and {r[PRIOR]:.2f}."
    )


def mean_r(A: np.ndarray, B: np.ndarray) -> float:
    """Mean over cells of Pearson's r between the rows of A and of B."""
    return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(A, B, strict=True)]))


def about_gan(config: GANConfig) -> str:
    """How small our GANs are beside the published ones."""
    return (
        f"Ours are small (two layers of {config.n_hidden}) and trained for {config.n_steps:,} steps"
        " of the generator; the published ones have three layers of up to 1024 and a million"
        " steps. They show how such models are put together and not what they can reach."
    )


def about_membership(
    study: Study, points: Mapping[str, np.ndarray], origin_types: np.ndarray
) -> str:
    """Mean membership weights in the picture `points`, where a simulated cell has a type."""
    if len(study.types) == 1:
        return "These cells have no types, so there are no membership weights."
    typed = {"test": study.test_types, POSTERIOR: origin_types, "cscGAN": origin_types}
    weights = ", ".join(
        f"{name} {clustering.membership_weights(points[name], labels).mean():.2f}"
        for name, labels in typed.items()
        if name in points
    )
    return (
        f"Mean membership weight: {weights}; {1 / len(study.types):.2f} would be no preference."
        " Whoever keeps the real cell keeps its type, so for the posterior this is a property of"
        " the copy too."
    )


def about_forest(folds: Folds, n_train: int, recorded: pd.DataFrame) -> str:
    """AUC of the page's simulators beside copies; the same gap in the recorded table."""
    auc = pd.Series({name: values.mean() for name, values in folds.items()}).sort_values()
    sd = {name: values.std(ddof=1) for name, values in folds.items()}
    others = auc.drop("copy")
    as_copy = others.index[(others - auc["copy"]).abs() <= 2 * sd["copy"]]
    by_copying = recorded.pivot_table(index="data", columns="simulator", values="auc")
    gaps = (by_copying[POSTERIOR] - by_copying["copy"]).abs()
    gap = auc[POSTERIOR] - auc["copy"]
    return (
        f"Real training cells (copy): AUC {auc['copy']:.2f} ± {sd['copy']:.2f} (sd over folds)."
        f" DeepSEM's posterior samples: {auc[POSTERIOR]:.2f} ± {sd[POSTERIOR]:.2f}; drawn from the"
        f" prior: {auc[PRIOR]:.2f}. Shuffled genes: {auc['shuffle']:.2f}. Within two sd of the"
        f" copies: {', '.join(as_copy) or 'none of the others'}. Here, with {n_train} training"
        f" cells and one split of them, the posterior's AUC is {abs(gap):.2f}"
        f" {'above' if gap > 0 else 'below'} that of the copies;"
        f" {'but ' * (POSTERIOR not in as_copy)}in the recorded table below, with"
        f" {recorded['n_train'].min():,.0f} to {recorded['n_train'].max():,.0f} training cells, the"
        f" two are at most {gaps.max():.2f} apart on each of {len(gaps)} data sets (means over"
        " repeats)."
    )


def about_trees(study: Study, copula: np.ndarray, sd: float, recorded: pd.DataFrame) -> str:
    """Whether the number of trees matters, for the cells of the copula; sd over their folds."""
    few, many = (realism.forest_auc(study.test, copula, n)[0].mean() for n in (200, 1000))
    return (
        "The paper's forest has 1000 trees, the recorded study below"
        f" {recorded['forest_trees'].min():.0f}. Does it matter? For the copula: AUC {few:.3f} with"
        f" 200 trees, {many:.3f} with 1000, while the sd over folds is {sd:.3f}."
    )


def about_memory(scores: pd.DataFrame) -> str:
    """Whether DeepSEM's cells are copies, and the best simulator that does not copy."""
    posterior, prior = scores.loc[POSTERIOR], scores.loc[PRIOR]
    new = scores[scores["copied"] < 0.05]
    text = (
        f"DeepSEM's posterior samples lie at {posterior['ratio']:.2f} of the distance of unseen"
        f" cells from the training cells, and {posterior['copied']:.0%} of them are nearer than"
        " nearly all unseen cells: by this measure they are"
        f" **{'copies with noise' if posterior['copied'] > 0.5 else 'not copies'}**. Draws from the"
        f" prior are at {prior['ratio']:.2f}. "
    )
    if new.empty:
        return f"{text}No simulator here is free of copies."
    return (
        f"{text}Of the simulators that do not copy, the least distinguishable is"
        f" {new['auc'].idxmin()} (AUC {new['auc'].min():.2f})."
    )


def about_consistency(consistency: pd.DataFrame) -> str:
    """The order of simulators at the largest K, from `tables.consistency_table`."""
    last = at_last(consistency)
    k = realism.PERCENT[-1]
    order = " > ".join(
        f"{n} ({value:.2f})" for n, value in last.sort_values(ascending=False).items()
    )
    if last.empty:
        return f"At K = {k} %: {order}. No TF is known among these genes."
    above = listed([n for n in last.index if last[n] > last["two halves"]])
    return (
        f"At K = {k} %: {order}. The floor by chance alone would be {k / 100:.3f}. Above the two"
        f" halves, each of which has half of the cells only: {above}. A multivariate normal knows"
        " nothing but means and covariances; where it stands shows how much of the score a table"
        " of correlations would get."
    )


def at_last(consistency: pd.DataFrame) -> pd.Series:
    """Mean consistency at the largest K, by simulator."""
    rows = consistency[consistency["percent"] == realism.PERCENT[-1]]
    return rows.set_index("simulator")["mean"]


def about_runs(study: Study, rare: str, runs: int) -> str:
    """How many test cells and runs the page's classifier of a rare type has."""
    n = int((study.test_types == study.types.index(rare)).sum())
    few = (
        f"{runs} runs decide nothing: the table shows how the comparison is made, and how far runs"
        " lie apart."
    )
    many = f"{runs} runs; their interval is that of the recorded table below, on more cells."
    return f"Type {rare}, {n} test cells of it. {few if runs < 3 else many}"


# --- exercises ------------------------------------------------------------------------------------


def masked(study: Study, prior: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Draws from the prior with the zeros of the real cells `origin`; empty cells are left out."""
    cells = controls.normalised(prior * (origin != 0), study.library)
    return cells[cells.any(1)]


def about_zeros(before: float, folds: np.ndarray) -> str:
    """By how much the AUC falls with real zeros, from `before` to the mean of `folds`."""
    fall = before - folds.mean()
    if folds.mean() > 0.9:
        text = (
            "With the zeros of real cells the forest still tells the draws: their values and how"
            " these go together are enough for it, and so near to 1 the AUC cannot show how much"
            " the zeros gave away. Within one type ask again."
        )
    elif fall > 2 * folds.std(ddof=1):
        text = "That is the part of the zeros."
    else:
        text = "That is within the scatter of the folds: no part of the zeros is seen."
    return f"The AUC falls by {fall:.2f}. {text}"


def chance_by_size(study: Study, n_splits: int = 10) -> pd.DataFrame:
    """Mean and sd of the AUC between halves of n training cells, for three numbers n (index)."""
    rows = {}
    for n in (len(study.test) // 2, len(study.test), 2 * len(study.test)):
        aucs = []
        for seed in range(n_splits):
            order = np.random.default_rng(seed).permutation(len(study.train))[:n]
            a, b = np.array_split(study.train[order], 2)
            aucs.append(realism.forest_auc(a, b, 30, seed)[0].mean())
        rows[len(order)] = {"mean": np.mean(aucs), "sd": np.std(aucs, ddof=1)}
    return pd.DataFrame(rows).T


def about_size(chance: pd.DataFrame, n_splits: int = 10) -> str:
    """How many cells it takes to see the paper's smallest difference, from `chance_by_size`."""
    n, sd = int(chance.index[1]), chance["sd"].iloc[1]
    lower = paper_numbers().loc["cscGAN", "lower"]
    difference = lower / 100 / 2  # of an AUC of one half
    return (
        f"From {n_splits} splits an sd is itself uncertain by"
        f" {1 / np.sqrt(2 * (n_splits - 1)):.0%}, so this table does not show the law. If the sd"
        f" falls as 1/√n from {sd:.2f} at {n} cells, {difference:.3f} ({lower} % of ½) is two sd of"
        f" one AUC at about {round(n * (2 * sd / difference) ** 2, -3):,.0f} cells."
    )
