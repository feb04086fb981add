"""The recorded matrices of chapter 9: what each step of the line brings and costs on real cells."""

from collections.abc import Mapping, Sequence

import pandas as pd

from .. import benchmark_table
from ..baselines import CONTROL, CONTROL_BESIDE
from ..statistics import data_set_names, verdict
from .text import SAYS, SLOW, of_seconds

AFTER = ["DeepSEM*", "DeepSEM", "DAZZLE", "RegDiffusion"]
LINE = ["Pearson", CONTROL, CONTROL_BESIDE, "LinearSEM", *AFTER]
BESIDE = ["Pearson", CONTROL, "LinearSEM", *SLOW, *AFTER, "random"]
NOTHING = "Nothing is recorded for this yet"


def medians_by_kind(scores_of: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """(score, kind of network) x methods, and the number of benchmarks; `scores_of`: by score.

    Counted are the benchmarks that have a score of every method.
    """
    complete = {name: scores.dropna() for name, scores in scores_of.items()}
    medians = {
        (name, kind): rows.median()
        for name, scores in complete.items()
        for kind, rows in scores.groupby(level="network", sort=False)
    }
    table = pd.concat(medians, axis=1).T
    n = [
        int((complete[name].index.get_level_values(1) == kind).sum()) for name, kind in table.index
    ]
    table.insert(0, "benchmarks", n)
    return table


def single_runs(grid: pd.DataFrame) -> pd.DataFrame:
    """One row per single run without an error."""
    rows = grid[(grid["error"] == "") & (grid["n_members"] == 1)]
    return rows.drop_duplicates(benchmark_table.KEY)


def seconds_by_matrix(grid: pd.DataFrame) -> pd.DataFrame:
    """Mean CPU seconds, method x matrix; DeepSEM is the ensemble, DeepSEM* the single training."""
    once = single_runs(grid)
    starred = once["method"].replace("DeepSEM", "DeepSEM*")
    seconds = once.groupby([starred, "data"])["seconds"].mean().unstack("data")
    ensembles = grid[(grid["method"] == "DeepSEM") & (grid["n_members"] > 1)]
    ensembles = ensembles.drop_duplicates(benchmark_table.KEY)
    seconds.loc["DeepSEM"] = ensembles.groupby("data")["seconds"].mean()
    return seconds


def steps_on_real(
    scores_of: Mapping[str, pd.DataFrame], seconds: pd.DataFrame, steps: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    """(step, score): gain of a method over the one before it in per cent, verdict, seconds.

    A step with a method that has no recorded seconds is left out.
    """
    rows = []
    for after, before in (step for step in steps if set(step) <= set(seconds.index)):
        times = (seconds.loc[after] / seconds.loc[before]).median()
        for name, scores in scores_of.items():
            [gain] = benchmark_table.gains(scores[[after, before]], after).itertuples()
            rows.append(
                {
                    "step": f"{after} − {before}",
                    "score": name,
                    "gain, %": gain.gain,
                    "95 % low": gain.low,
                    "95 % high": gain.high,
                    "equal or better on": f"{gain.at_least} of {gain.n}",
                    "verdict": verdict(gain.n, gain.low, gain.high),
                    "seconds, ratio": times,
                }
            )
    return pd.DataFrame(rows).set_index(["step", "score"])


def of_costs(
    steps: pd.DataFrame, seconds: pd.DataFrame, grid: pd.DataFrame, epr: pd.DataFrame
) -> str:
    """Seconds of each method and the steps that are decided; `epr`: the scores of the steps."""
    if not len(steps):
        return f"{NOTHING}: `make results` measures it."
    lines = [
        f"- {name}: {row.median():.3g} CPU seconds per matrix on one thread (median; "
        f"{row.min():.3g} to {row.max():.3g}), "
        f"{row.notna().sum()} matrices" + (", all members together" if name == "DeepSEM" else "")
        for name, row in seconds.reindex(LINE).dropna(how="all").iterrows()
    ]
    machines = sorted(single_runs(grid)["machine"].unique())
    settled = steps[steps["verdict"] != "undecided"]
    n_sets = data_set_names(epr.index.get_level_values(0)).nunique()
    return (
        "\n".join(lines)
        + (
            f"\n\nThe seconds come from more than one processor ({' and '.join(machines)}), so "
            "small ratios of "
            "seconds mean nothing."
            if len(machines) > 1
            else ""
        )
        + f"\n\nOf {len(steps)} comparisons {len(settled)} have an interval without zero: "
        f"{listed(settled) or 'none'}. "
        "The intervals are Student's t over "
        f"{n_sets} "
        "sets of cells at most, so they are wide, and *undecided* is not a sign of equality. The "
        "comparisons share their "
        "data, and they are not corrected for being several: where a step changes nothing, about "
        "one "
        "interval in twenty still excludes zero."
    )


def listed(steps: pd.DataFrame) -> str:
    """Which step does what to which score."""
    return "; ".join(f"{step} {row['verdict']} {score}" for (step, score), row in steps.iterrows())


def slow_table(loop_free: pd.DataFrame, seconds: pd.DataFrame) -> pd.DataFrame:
    """EPR by network and, in the last row of a matrix, CPU seconds: (data, network) x BESIDE."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for matrix, scores in loop_free.groupby(level="data"):
        rows |= scores.map("{:.2f}".format).T.to_dict()
        spent = seconds.reindex(BESIDE)[matrix]
        rows[str(matrix), "CPU seconds"] = spent.map(of_seconds).to_dict()
    return pd.DataFrame(rows).T.replace("nan", "not run")


def of_slow_table(loop_free: pd.DataFrame, seconds: pd.DataFrame) -> str:
    """NOTEARS and DAG-GNN beside the linear SEM on the matrices of `slow_table`."""
    if not len(loop_free):
        return f"{NOTHING}."
    known = [name for name in SLOW if len(loop_free[[name, "LinearSEM"]].dropna())]
    lines = [of_slow_method(name, loop_free, seconds) for name in known]
    matrices = loop_free.index.get_level_values("data").unique()
    n, n_sets = len(matrices), data_set_names(matrices).nunique()
    lines.append(
        f"\nAll networks of a matrix judge the same fit, and there {'is' if n == 1 else 'are'} {n} "
        f"{'matrix' if n == 1 else 'matrices'} from {n_sets} {'set' if n_sets == 1 else 'sets'} of "
        "cells: a "
        "description, not a verdict. Whether the rule "
        "against loops costs the accuracy, or least squares in place of a likelihood, or λ, or the "
        "number of steps, cannot be "
        "told from this table."
    )
    return "\n".join(lines)


def of_slow_method(name: str, loop_free: pd.DataFrame, seconds: pd.DataFrame) -> str:
    both = loop_free[[name, "LinearSEM"]].dropna()
    matrices = both.index.get_level_values("data").unique()
    ratio = (seconds.loc[name, matrices] / seconds.loc["LinearSEM", matrices]).median()
    below = both[both[name] < both["LinearSEM"]]
    pairs = ", ".join(
        f"{kind} {row[name]:.2f} against {row['LinearSEM']:.2f}"
        for (_, kind), row in both.iterrows()
    )
    return (
        f"- **{name}** took {seconds.loc[name, matrices].median() / 60:.1f} CPU minutes per fit, "
        f"{ratio:,.0f} times as "
        f"long as the linear SEM, and its EPR is below that of the linear SEM on {len(below)} of "
        f"{len(both)} "
        f"networks: {pairs}."
    )


def after_linear(steps: pd.DataFrame, name: str, text: str) -> str:
    """One kind of DeepSEM beside the linear SEM on the real matrices."""
    rows = steps.loc[f"{name} − LinearSEM"]
    scores = ", ".join(
        f"{score} {row['gain, %']:+.1f} % [{row['95 % low']:+.1f}, {row['95 % high']:+.1f}] "
        f"({SAYS.get(row['verdict'], row['verdict'])})"
        for score, row in rows.iterrows()
    )
    return f"{text} ({rows['seconds, ratio'].iloc[0]:.0f} times its CPU time): {scores}"


def summary(steps: pd.DataFrame) -> str:
    """What the recorded matrices decide: like with like before the ensemble."""
    names = steps.index.get_level_values("step")
    kinds = {"DeepSEM*": "a single training of DeepSEM", "DeepSEM": "its ensemble"}
    kinds = {name: text for name, text in kinds.items() if f"{name} − LinearSEM" in names}
    is_other = ~names.isin([f"{name} − LinearSEM" for name in kinds])
    others = steps[is_other & (steps["verdict"] != "undecided").to_numpy()]
    beside = "; ".join(after_linear(steps, *item) for item in kinds.items())
    start = f"against one untuned fit of the linear SEM, {beside}. " if beside else ""
    return f"{start}Other steps that are decided: {listed(others) or 'none'}"
