"""What the networks say against their null, in sentences; every function returns Markdown text."""

from typing import Any

import pandas as pd

from .control import Control, enough
from .evidence import ANY, OPEN
from .null_model import Support, motif_verdict
from .said import ABOVE
from .trained import CONTROLS


def about_split(support: pd.DataFrame) -> str:
    """Cells of the table whose interval excludes 0 while |z| is at most 3; nothing if none."""
    excludes = (support["low"] > 0) | (support["high"] < 0)
    split = support[excludes & (support["z"].abs() <= 3)]
    if split.empty:
        return ""
    listed = "; ".join(
        f"{r.case}, {r.method}, {r.kind} ({r.n_genes} genes, z {r.z:.1f})"
        for r in split.itertuples()
    )
    return (
        f"In {len(split)} of the {len(support)} cells the interval excludes 0, but |z| is at most"
        f" 3: {listed}. The rule calls this not distinguishable."
    )


def about_method(support: pd.DataFrame, method: str) -> str:
    """The verdicts of one method in a sentence."""
    rows = support[support["method"] == method]
    counts = ", ".join(f"{n} {verdict}" for verdict, n in rows["verdict"].value_counts().items())
    gap = (rows["observed"] - rows["random"]).mean()
    half = ((rows["high"] - rows["low"]) / 2).median()
    return (
        f"- **{method}**: {gap:+.3f} over random regulators on average,"
        f" {rows['effect'].mean():+.3f} over the matched null (half width of an interval"
        f" {half:.3f}); of {len(rows)} comparisons {counts}."
    )


def of_deepsem(support: pd.DataFrame, control: Control) -> pd.DataFrame:
    """DeepSEM's rows; `reach` is the median z of a list that holds every known regulator."""
    ours = support[support["method"] == "DeepSEM"]
    reach = [
        control.at_size(kind, n)["median z"]
        for kind, n in zip(ours["kind"], ours["n_genes"], strict=True)
    ]
    return ours.assign(reach=reach)


def about_methods(support: pd.DataFrame, control: Control, noise: str) -> str:
    """`about_method` of all, and what DeepSEM's comparisons could have found."""
    ours = of_deepsem(support, control)
    passing, seeing = ours[ours["verdict"] == ABOVE], ours[ours["reach"] >= 3]
    listed = "\n".join(about_method(support, method) for method in support["method"].unique())
    if passing.empty:
        text = "**DeepSEM here: no excess over the matched null was found.** "
    else:
        where = "; ".join(
            f"{r.case}, {r.kind} ({r.effect:+.3f}, z {r.z:.1f})" for r in passing.itertuples()
        )
        text = (
            f"**DeepSEM here** is above its matched null in {len(passing)} of {len(ours)}"
            f" comparisons: {where}. About {0.00135 * len(ours):.2f} of {len(ours)} would be so by"
            " chance. "
        )
    text += (
        "How much that says depends on [what could have been found](#cortex-size). In"
        f" {len(ours) - len(seeing)} of the {len(ours)} comparisons even a list with every known"
        " regulator would have a median z below 3: they are **undecided at this size**. "
    )
    if len(seeing):
        rest = "; ".join(
            f"{r.case}, {r.kind}, z {r.z:.1f} where such a list would have {r.reach:.1f} (above 3"
            f" in {control.at_size(r.kind, r.n_genes)['share of draws with z > 3']:.0%} of the"
            " draws)"
            for r in seeing.itertuples()
        )
        text += f"The rest: {rest}. "
    return f"{listed}\n\n{text}And {noise}."


def about_types(by_type: pd.DataFrame, control: Control) -> str:
    """How many of the bars of each method are above what they are compared with."""
    methods = by_type[~by_type["name"].isin(CONTROLS)].groupby("name", sort=False)
    lines = [
        f"- {method}: above random regulators in {(rows['observed_low'] > rows['random']).sum()} of"
        f" {len(rows)} types by the interval of its bar, above the matched null in"
        f" {(rows['verdict'] == ABOVE).sum()} (z from {rows['z'].min():.1f} to"
        f" {rows['z'].max():.1f})."
        for method, rows in methods
    ]
    n = int(by_type["n_genes"].max())
    reach = control.at_size(ANY, n)["median z"]
    return "\n".join(
        [
            *lines,
            (
                f"\nEven for the type with most genes, {n}, a list with every known regulator would"
                f" have a median z of {reach:.1f}."
            ),
        ]
    )


def about_curve(curve: pd.DataFrame) -> str:
    """Largest z of each method over the numbers of regulators k."""
    best = curve.loc[curve.groupby("name", sort=False)["z"].idxmax()]
    listed = ", ".join(f"{r.name} {r.z:.1f} (k = {r.k})" for r in best.itertuples(index=False))
    return (
        f"Largest z of each method over {curve['k'].nunique()} numbers of regulators: {listed}. A"
        " maximum over several looks is too large by itself: compare with that of `one random"
        " network`."
    )


# --- recorded: rows of `trained.recorded_rows` ----------------------------------------------------


def about_recorded(rows: pd.DataFrame, control: Control) -> str:
    """What the recorded ensembles say, method by method, over data sets and kinds."""
    whole = rows[rows["ensemble"]]
    lines = [about_ensembles(method, part) for method, part in whole.groupby("method", sort=False)]
    sizes = whole[["kind", "n_genes"]].drop_duplicates().itertuples(index=False)
    reach = {(kind, n): control.at_size(kind, n) for kind, n in sizes}
    seen = {size: row for size, row in reach.items() if row["median z"] >= 3}
    lines.append(
        f"\nOf the {len(reach)} sizes of this table, a list with every known regulator would have a"
        " median z of 3 or more at"
        f" {len(seen)}{'; the rest is undecided at this size' if len(seen) < len(reach) else ''}."
    )
    for (kind, n), row in seen.items():
        own = whole[(whole["kind"] == kind) & (whole["n_genes"] == n)]
        listed = ", ".join(f"{r.method} {r.z:.1f}" for r in own.itertuples())
        lines.append(
            f"With {n} genes ({kind}) its median z is {row['median z']:.1f}, above 3 in"
            f" {row['share of draws with z > 3']:.0%} of the draws. What was found at that size:"
            f" {listed}."
        )
    return "\n".join([*lines, "", about_single_trainings(rows)])


def about_ensembles(method: str, rows: pd.DataFrame) -> str:
    """The range of z of one method, and where it is above its null."""
    high = rows[(rows["z"] > 3) & (rows["low"] > 0)]
    where = "; ".join(f"{r.data}, {r.kind} ({r.effect:+.3f})" for r in high.itertuples())
    return (
        f"- {method}: z from {rows['z'].min():.1f} to {rows['z'].max():.1f}, median"
        f" {rows['z'].median():.1f}, in {len(rows)} comparisons; above the matched null in"
        f" {len(high)}{': ' * bool(where)}{where}."
    )


def about_single_trainings(rows: pd.DataFrame) -> str:
    """The single trainings outside of |z| < 3, each beside its ensemble."""
    deep = rows[rows["method"].str.startswith("DeepSEM")]
    ensembles = deep[deep["ensemble"]].set_index(["data", "method", "kind"])["z"]
    single = deep[~deep["ensemble"]]
    verdicts = pd.Series(map(motif_verdict, single.itertuples()), single.index, dtype=object)
    outside = single[~verdicts.str.startswith(("not", "cannot"))]
    where = "; ".join(
        f"{r.data}, {r.method}, {r.kind}, seed {r.seed}: z {r.z:.1f}, its ensemble has"
        f" {ensembles[r.data, r.method, r.kind]:.1f}"
        for r in outside.itertuples()
    )
    return (
        f"Of {len(single)} single trainings of DeepSEM {len(outside)}"
        f" {'is' if len(outside) == 1 else 'are'} above or below the matched null (of so many"
        f" without any effect, about {0.0027 * len(single):.1f} would have |z| > 3)."
        + f" {where}."
        * bool(where)
    )


def about_random(rows: pd.DataFrame) -> str:
    """Where the interval of a recorded share of DeepSEM is below or above random regulators."""
    deep = rows[
        rows["ensemble"] & (rows["kind"] == OPEN) & rows["method"].str.startswith("DeepSEM")
    ]
    lines = []
    for _, own in deep.groupby("method", sort=False):
        below, above = own["observed_high"] < own["random"], own["observed_low"] > own["random"]
        lines += [beside_random(r, "below") for r in own[below].itertuples()]
        lines += [beside_random(r, "above") for r in own[above].itertuples()]
    return (
        "\n".join(lines)
        or "No share of DeepSEM differs from that of random regulators by its interval."
    )


def beside_random(r: Any, word: str) -> str:
    """One recorded share that is `word` random regulators by its interval."""
    return (
        f"- {r.data}: the share of {r.method} is **{word}** that of random regulators,"
        f" {r.observed:.3f} [{r.observed_low:.3f}, {r.observed_high:.3f}] against {r.random:.3f}."
        f" Its null is {r.null:.3f}: it prefers TFs whose motifs are"
        f" {'rarer' if r.null < r.random else 'more frequent'} than those of the average TF."
    )


def summary(
    support: pd.DataFrame, control: Control, passed: Support, name: str, power: pd.DataFrame,
    effort: pd.DataFrame, batch_size: int, noise: str,
) -> str:  # fmt: skip
    """The chapter's results, as a list."""
    frequent, deep = support[support["method"] == "frequent motifs"], of_deepsem(support, control)
    n_above, blind = (deep["verdict"] == ABOVE).sum(), (deep["reach"] < 3).sum()
    sizes = "".join(
        f"Of the sizes tried, {n:,} genes would be enough with this evidence: {kind}. "
        for kind, n in enough(power).items()
    )
    none_above = "" if n_above else "No excess over the matched null was found. "
    return (
        f"- The positive control ({name}) is {motif_verdict(passed)}, z = {passed.z:.1f}: evidence"
        " and motif calls are informative. Part of that is circular, since motifs are among the"
        " control's sources.\n- Scores made of motif frequency alone have"
        f" {frequent['observed'].mean():.2f} of their regulators with a motif, random ones"
        f" {frequent['random'].mean():.2f}, DeepSEM {deep['observed'].mean():.2f}: the comparison"
        " with random regulators cannot tell knowledge of TFs from knowledge of edges.\n- Against"
        f" the matched null DeepSEM has z from {deep['z'].min():.1f} to {deep['z'].max():.1f} in"
        f" {len(deep)} comparisons and is above it in {n_above}."
        f" {none_above}But in {blind} of the"
        f" {len(deep)} the test would mostly miss even a list that holds every known regulator:"
        f" those are undecided at this size, and no excess there says little. {sizes}None of it"
        " says what the paper's own elements would show.\n- The networks rest on"
        f" {effort['cells'].min()} to {effort['cells'].max()} profiles (a batch is {batch_size}), W"
        f" on {effort['steps on W'].min()} to {effort['steps on W'].max()} steps; {noise}."
    )


def reach(deep: pd.DataFrame) -> str:
    """How many genes each comparison would need for |z| = 3, if its effect is what it is."""
    needed = deep["n_genes"] * (3 / deep["z"].abs().clip(lower=1e-3)) ** 2
    return "\n".join(
        f"{r.case}, {r.kind}: {r.n_genes} genes, effect {r.effect:+.3f}, z {r.z:.1f}, needs"
        f" {n:,.0f}"
        for r, n in zip(deep.itertuples(), needed, strict=True)
    )
