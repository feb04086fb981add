"""The sentences of chapter 5 on the recorded grid; each function returns Markdown."""

from collections.abc import Sequence

import pandas as pd

from .. import benchmark_table, datasets
from ..baselines import CONTROL
from ..benchmark_table import gains, leads, wins
from ..statistics import over_data_sets
from .comparison import PAPER, SCORES, Comparison, base
from .grid import Method

NOTHING = "Nothing is recorded for this table yet: `make results` measures it."
CLOSE = 0.1  # a median EPR so far from 1 is near chance


def of_table(comparison: Comparison, benchmarks: pd.DataFrame) -> str:
    """How much of the paper's comparison is recorded, and what failed."""
    recorded = comparison.recorded
    known = list(comparison.scores["EPR"].index)
    n_run = benchmarks[["expression", "kind"]].apply(tuple, axis=1).isin(known).sum()
    complete = len(comparison.beside_rivals("EPR").dropna())
    errors = recorded[recorded["error"] != ""].drop_duplicates(benchmark_table.KEY)
    failures = "".join(
        f"\n- {row['method']} on {row['data']}, seed {row['seed']}: {row['error']}"
        for _, row in errors.iterrows()
    )
    return (
        f"The table has {len(recorded)} rows on {n_run} of the {len(benchmarks)} benchmarks, on "
        f"{complete} of them for every one of the paper's methods"
        + (f", made on {' and '.join(recorded['machine'].unique())}. " if len(recorded) else ". ")
        + "The others were **not run here**: their files are not available. They are hatched in "
        "the figures below; the same command runs them wherever the files can be fetched. "
        + (f"Methods not run yet: {', '.join(comparison.not_run)}. " if comparison.not_run else "")
        + (f"Inferences that ended with an error: {failures}" if failures else "")
    )


def of_coverage(coverage: pd.DataFrame, cut: Sequence[str], wanted: int) -> str:
    """Which methods have fewer than `wanted` seeds, and which are cut down."""
    if not len(coverage):
        return "Nothing is recorded yet: `make results` measures it."
    seeded = coverage[coverage["takes chance"]]
    fewer = seeded[seeded["fewest seeds"] < wanted]
    listed = ", ".join(
        f"{name} ({row['fewest seeds']}"
        + (f" to {row['most seeds']}" if row["most seeds"] > row["fewest seeds"] else "")
        + ")"
        for name, row in fewer.iterrows()
    )
    return (
        f"Of the {len(seeded)} methods that take chance, {len(seeded) - len(fewer)} have {wanted} "
        "seeds on every matrix. "
        + (
            f"**Fewer seeds**: {listed}. Their columns are the median of so few runs, and scatter "
            "as such. "
            if len(fewer)
            else ""
        )
        + "".join(
            f"**Cut down**: {name} ({coverage.loc[name, 'not as published']}). " for name in cut
        )
    )


def price_of_the_cut(by_trees: pd.DataFrame, matrices: Sequence[str], cut: Sequence[str]) -> str:
    """Scores at the number of trees of the grid against those of the largest forest recorded."""
    known = by_trees.index.get_level_values("trees")
    used = [dict(Method.parse(name)[0].settings).get("n_trees") for name in cut]
    used = [n for n in used if n in set(known)]
    if not used or used[0] == known.max():
        return "No forests of several sizes are recorded, so the cost of the cut is not known."
    few, most = used[0], known.max()
    published = Method.parse("GENIE3")[0].config("")["n_trees"]
    parts = []
    for kind, rows in by_trees.groupby("network", sort=False):
        at, full = rows.loc[(kind, few)], rows.loc[(kind, most)]
        parts.append(
            f"{kind}: EPR {at['EPR'] - full['EPR']:+.3f} ({at['EPR'] / full['EPR'] - 1:+.1%}), "
            f"AUPRC ratio {at['AUPRC ratio'] - full['AUPRC ratio']:+.3f} "
            f"({at['AUPRC ratio'] / full['AUPRC ratio'] - 1:+.1%}); "
            f"the {at['seeds']:.0f} seeds with {few} "
            f"trees span {at['largest'] - at['smallest']:.3f} of EPR"
        )
    return (
        f"{few} trees instead of {most} on {', '.join(matrices)}: {'; '.join(parts)}. Where the "
        "cut lowers a "
        "score, DeepSEM's gain over this method below is too large by about as much. "
        + (f"The published {published} trees were not run on it. " if most < published else "")
        + "It is one matrix; on others the cost may differ."
    )


def best_on(comparison: Comparison, ours: str, against: Sequence[str]) -> str:
    """On how many benchmarks `ours` is above all others, by score."""
    counts = {
        name: wins(scores[[ours, *against]], ours) for name, scores in comparison.scores.items()
    }
    return " and ".join(f"{c['best']} of {c['n']} ({name})" for name, c in counts.items())


def fairness(comparison: Comparison, coverage: pd.DataFrame) -> str:
    """What helps the ensemble in the count, and the count without it."""
    recorded, rivals, judged = comparison.recorded, comparison.rivals, comparison.judged
    members = recorded.loc[recorded["method"] == "DeepSEM", "n_members"].max()
    weakened = "".join(
        f", and {base(name)} has {coverage.loc[name, 'not as published']}"
        for name in rivals
        if coverage.loc[name, "not as published"]
    )
    return (
        f"The count is not even-handed: DeepSEM's ensemble averages {members} trainings, the "
        "others have one run "
        f"or the median of several{weakened}. A single training (DeepSEM*) is the best of the "
        f"{len(rivals) + 1} on {best_on(comparison, 'DeepSEM*', rivals)}. Among all {len(judged)} "
        f"methods of the table, the control {CONTROL} among them, the ensemble is the best on "
        f"{best_on(comparison, 'DeepSEM', judged[1:])}, a single "
        f"training in its place on {best_on(comparison, 'DeepSEM*', judged[1:])}"
    )


def outcome(comparison: Comparison, coverage: pd.DataFrame) -> str:
    """The outcome in words, computed, whichever way it falls."""
    rivals, epr = comparison.rivals, comparison.scores["EPR"]
    if not rivals:
        return "No grid of methods is recorded yet, so nothing can be said about the paper's claim."
    parts, within = [], []
    for name, column in SCORES.items():
        scores = comparison.beside_rivals(name)
        ours = wins(scores, "DeepSEM")
        published = datasets.published()[f"{column}_best"] / datasets.published()["benchmarks"]
        low, high = over_data_sets(leads(scores, "DeepSEM"))
        within.append(low <= published <= high)
        parts.append(
            f"{name}: DeepSEM (ensemble) is the best of {len(rivals) + 1} methods on "
            f"{ours['best']} of "
            f"{ours['n']} benchmarks ({ours['best'] / max(ours['n'], 1):.0%}, interval {low:.0%} "
            "to "
            f"{high:.0%}; the paper: {published:.0%}), and below chance on {ours['below_chance']}"
        )
    missing = sorted(set(PAPER[2:]) - {base(name) for name in rivals})
    judgement = (
        f"This is not the paper's comparison yet: {', '.join(missing)} were not run"
        if missing
        else f"The paper's share lies inside our interval for {sum(within)} of {len(within)} scores"
    )
    both = epr[["DeepSEM", "TF-degree"]].dropna()
    under = int((both["DeepSEM"] < both["TF-degree"]).sum())
    return (
        f"{'. '.join(parts)}. {judgement}. {fairness(comparison, coverage)}. {over_linear(epr)}On "
        f"{under} of {len(both)} benchmarks "
        "the ensemble's EPR is below that of an oracle that knows nothing but how many targets "
        "each TF has."
    )


def over_linear(epr: pd.DataFrame) -> str:
    """The ensemble's gain over the linear SEM; empty where that was not run."""
    [gain] = gains(epr[["DeepSEM", "LinearSEM"]], "DeepSEM").itertuples()
    if not gain.n:
        return ""
    return (
        "Over the linear SEM, which has no neural network, the ensemble's mean gain in EPR is "
        f"{gain.gain:+.1f} % "
        f"[{gain.low:+.1f}, {gain.high:+.1f}], and it is equal or better on {gain.at_least} of "
        f"{gain.n}. "
    )


def of_kinds(by_kind: pd.DataFrame) -> str:
    """The best method of each kind of network, and where most are near chance."""
    best_of, near_chance = [], []
    for kind, every in by_kind.iterrows():
        row = every.dropna()
        best = row[row == row.max()]
        beside = "" if "DeepSEM" in best else f", DeepSEM {row['DeepSEM']:.2f}"
        best_of.append(f"{kind} {' and '.join(best.index)} ({row.max():.2f}{beside})")
        far = row[(row - 1).abs() > CLOSE + 1e-9]
        if len(far) < len(row) / 2:
            but = ", ".join(f"{name} {value:.2f}" for name, value in far.items())
            near_chance.append(
                f"{kind}: {len(row) - len(far)} of {len(row)} methods"
                + (f" (not: {but})" if but else "")
            )
    return (
        f"The highest median of the methods: {'; '.join(best_of)}. Within {CLOSE} of chance are, "
        "on "
        + ("; on ".join(near_chance) or "no kind, most of the methods")
        + ". These medians have no interval: a small lead here decides nothing."
    )


def of_schedules(table: pd.DataFrame) -> str:
    """Gains with the decaying learning rate; `table`: `comparison.schedules`."""
    return "\n".join(
        f"- {row['decay']}, {row['metric']}: {row['gain']:+.1f} % with decay "
        f"[{row['low']:+.1f}, {row['high']:+.1f}], n = {row['n']}"
        for _, row in table.iterrows()
    )


def of_ensemble(recorded: pd.DataFrame, kind: str, preset: str) -> str:
    """EPR of the largest recorded ensemble of a network and preset; `recorded`: of one matrix."""
    rows = recorded[(recorded["network"] == kind) & (recorded["preset"] == preset)]
    rows = rows[(rows["n_members"] > 1) & (rows["error"] == "")]
    if rows.empty:
        return "none recorded"
    best = rows.loc[rows["n_members"].idxmax()]
    return f"recorded with {best['n_members']} seeds {best['epr']:.2f}"
