"""The sentences of chapter 8 on all benchmarks, made of its tables; functions return Markdown."""

from collections.abc import Mapping

import pandas as pd

from ..baselines import CONTROL
from .rewiring import MIN_RATIO, MIN_Z
from .survey import CORRECTED, CORRELATIONS, FEW_TFS, REWIRINGS_OF_FEW, Lead, shows_edges
from .text_scores import percents

TIE = 0.05  # methods so close to the largest value share the first place
AT_ONE = 0.02  # a ratio so close to 1 is called 1


def of_few(available: pd.DataFrame, n_survey: int, recorded: pd.DataFrame) -> str:
    """How many rewired truths stand behind the verdicts on all benchmarks."""
    large = available.loc[available["TFs"] >= FEW_TFS, [f"{name}, z" for name in CORRELATIONS]]
    numbers = recorded.loc[recorded["method"] == "DeepSEM", "n_rewirings"].unique()
    return (
        f"Rewired truths for the correlations: {max(n_survey, REWIRINGS_OF_FEW)} where a network "
        f"has fewer than {FEW_TFS} TFs, "
        f"{n_survey} elsewhere, where z is rough but at least {large.min().min():.0f}. For "
        "DeepSEM's recorded ensembles: "
        f"{' or '.join(str(n) for n in sorted(numbers))}."
    )


def of_share(share: float) -> str:
    """A median share of the lead in words."""
    if share <= 0:
        return f"does not help (median share of the lead {share:.0%})"
    return f"has {share:.0%} of the lead in the median"


def of_lead(lead: Lead | None, recorded: pd.DataFrame) -> str:
    """On which data sets a corrected correlation has most of DeepSEM's lead."""
    if lead is None:
        share = recorded["share"].dropna()
        return (
            f"Over the {len(share)} recorded benchmarks on which DeepSEM leads plain correlation, "
            f"{CONTROL} {of_share(share.median())}."
        )
    parts = []
    for name in CORRECTED:
        share = lead.by_data_set[f"share, {name}"]
        most, less = share[share > 0.5], share[share <= 0.5]
        parts.append(
            f"{name} {of_share(lead.shares[name].median())}; more than half on "
            f"{percents(most) or 'none'}, "
            f"less on {percents(less) or 'none'}"
        )
    over_half = (lead.by_data_set.filter(like="share,") > 0.5).all(axis=1)
    in_all = lead.by_data_set.index[over_half]
    return (
        f"On the {len(lead.shares)} benchmarks where DeepSEM leads plain correlation: "
        f"{'; '.join(parts)}. All have most "
        f"of the lead on {', '.join(in_all) or 'no set of cells'}."
    )


def leaders(values: pd.Series) -> str:
    """The methods within TIE of the largest value, with their values."""
    first = values[values >= (1 - TIE) * values.max()].sort_values(ascending=False)
    named = ", ".join(f"{name} {value:.2f}" for name, value in first.items())
    return named if len(first) == 1 else f"{named}, which is a tie (within {TIE:.0%})"


def of_methods(standing: pd.DataFrame, recorded: pd.DataFrame, in_grid: set[str]) -> str:
    """Who leads in `standing`; `in_grid`: the methods of chapter 5."""
    complete = standing[standing["benchmarks"] == standing["benchmarks"].max()]
    ratio = complete["EPR / rewired"]
    at_one = ratio[(ratio - 1).abs() <= AT_ONE]
    shorter = standing["benchmarks"].drop(complete.index)
    untested = sorted(in_grid - set(standing.index))
    n_rewired = " or ".join(str(n) for n in sorted(recorded["n_rewirings"].unique()))
    return (
        f"Each score is tested on {n_rewired} rewired truths. {len(complete)} methods were tested "
        f"on all {complete['benchmarks'].max()} benchmarks at hand"
        + (
            " (not ranked, because tested on fewer: "
            + ", ".join(f"{name} on {n}" for name, n in shorter.items())
            + ")"
            if len(shorter)
            else ""
        )
        + ". Of the methods in the grid of chapter 5, not tested at all: "
        f"{', '.join(untested) or 'none'}. Largest median "
        f"ratio EPR / rewired: {leaders(ratio)}. Largest median EPR: "
        f"{leaders(complete['median EPR'])}."
        + (
            " At 1, so that in the median the truth gives no more than rewired truths: "
            f"{', '.join(at_one.index)}."
            if len(at_one)
            else ""
        )
        + " DeepSEM is the ensemble of "
        f"{recorded.loc[recorded['method'] == 'DeepSEM', 'n_members'].max()} here; how much a "
        "single "
        "training scores is in chapter 5."
    )


def of_evidence(table: pd.DataFrame, standing: pd.DataFrame, n_benchmarks: int) -> str:
    """Which of the paper's numbers carry evidence; `table`: surveyed rows of `all_benchmarks`."""
    if not len(table):
        tested = standing.loc["DeepSEM"]
        return (
            "The benchmarks could not be reached here. By the recorded test above, DeepSEM's "
            "ensembles hold more "
            f"true edges than degrees explain on {tested['edges beyond degrees on']:.0f} of "
            f"{tested['benchmarks']:.0f} benchmarks; "
            f"the other {n_benchmarks - tested['benchmarks']:.0f} numbers were not judged."
        )
    any_edges = pd.concat([shows_edges(table, name) for name in CORRELATIONS], axis=1).any(axis=1)
    per_kind = ", ".join(
        f"{kind} {any_edges[rows.index].sum()} of {len(rows)}"
        for kind, rows in table.groupby("kind", sort=False)
    )
    neither = table[~any_edges & ~shows_edges(table, "DeepSEM")]
    without = ", ".join(f"{row['name']} {row['kind']}" for _, row in neither.iterrows())
    above = int((table["TF-degree"] > table[CORRELATIONS].max(axis=1)).sum())
    return (
        f"Of {n_benchmarks} benchmarks {len(table)} could be judged. On {any_edges.sum()} at least "
        "one "
        f"correlation finds more true edges than degrees explain ({per_kind}). On "
        f"{(table['ceiling'] < 3).sum()} the ceiling is "
        f"below 3. On {int((table['one-way pairs'] == 0).sum())} no pair of TFs tests direction. "
        "On "
        f"{above} the TF-degree oracle is above "
        f"all {len(CORRELATIONS)} correlations. {of_deepsem(table, any_edges)}. Edges are shown by "
        f"none of them on: {without or 'none'}. The {len(table)} benchmarks come from "
        f"{table['dataset'].nunique()} sets of "
        "cells, so they are fewer independent tests than rows. The other "
        f"{n_benchmarks - len(table)} numbers were not judged: "
        "their data are not at hand."
    )


def of_deepsem(table: pd.DataFrame, any_edges: pd.Series) -> str:
    """On how many benchmarks the ensembles hold edges, with and without a correlation that does."""
    known = table.dropna(subset="DeepSEM")
    ours = shows_edges(known, "DeepSEM")
    text = (
        f"DeepSEM's ensembles do on {ours.sum()} of the {len(known)} on which they were tested, on "
        f"{int((ours & ~any_edges[known.index]).sum())} of them where no correlation does"
    )
    shy = known[(known["DeepSEM, z"] > MIN_Z) & (known["DeepSEM, ratio"] < MIN_RATIO)]
    if len(shy):
        text += (
            f"; on {len(shy)} more z is above {MIN_Z}, but EPR exceeds that on rewired truths by "
            "only "
            f"{shy['DeepSEM, ratio'].min() - 1:.0%} to {shy['DeepSEM, ratio'].max() - 1:.0%}"
        )
    return text


def summary_of_lead(lead: Lead | None, recorded: pd.DataFrame) -> str:
    """`of_lead` in short, for the summary."""
    share = recorded["share"].dropna()
    text = f"DeepSEM leads plain correlation on {len(share)} benchmarks. There "
    if lead is None:
        return f"{text}{CONTROL} {of_share(share.median())}."
    parts = []
    for name in CORRECTED:
        by_data_set = lead.by_data_set[f"share, {name}"]
        most = ", ".join(by_data_set.index[by_data_set > 0.5])
        parts.append(
            f"{name} {of_share(lead.shares[name].median())}, more than half on "
            f"{most or 'no set of cells'}"
        )
    return f"{text}{'; '.join(parts)} ([by set of cells](#scores-lead))."


def summary_of_benchmarks(table: pd.DataFrame, n_benchmarks: int) -> str:
    """On how many benchmarks edges are shown and direction can be tested, for the summary."""
    if not len(table):
        return "The benchmarks could not be reached here; see [the recorded test](#scores-methods)."
    shown = {name: shows_edges(table, name).sum() for name in [*CORRELATIONS, "DeepSEM"]}
    pairs = table.loc[table["one-way pairs"] > 0, "one-way pairs"]
    text = (
        f"Edges beyond degrees are shown on this many of {len(table)} benchmarks that could be "
        "judged (of "
        f"{n_benchmarks}; [details](#scores-benchmarks)): "
        + ", ".join(f"{name} {n}" for name, n in shown.items())
        + f".\n- Direction can be tested on {len(pairs)} of these {len(table)}"
    )
    if len(pairs):
        on_string = (table.loc[pairs.index, "kind"] == "STRING").sum()
        text += (
            f", with {pairs.min():.0f} to {pairs.max():.0f} one-way pairs of TFs; of STRING's "
            f"{(table['kind'] == 'STRING').sum()} on {on_string or 'none'}"
        )
    return f"{text}."


def of_metrics(tests: Mapping[str, pd.DataFrame]) -> str:
    """Whether EPR and AUPRC ratio agree, by method; `tests`: `rewiring_test` of each."""
    lines = []
    for name, test in tests.items():
        beyond = (test["z"] > MIN_Z) & (test["observed"] / test["null_mean"] >= MIN_RATIO)
        passed = beyond.set_axis(test["metric"])
        if passed["epr"] != passed["auprc_ratio"]:
            which = "AUPRC" if passed["auprc_ratio"] else "EPR"
            lines.append(f"- {name}: more than degrees by {which} only")
    names = ", ".join(line[2:].partition(":")[0] for line in lines)
    return "\n".join([f"The two metrics disagree for: {names or 'none'}", *lines])
