"""The sentences of chapter 8 on one matrix, made of its tables; each function returns Markdown."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..baselines import CONTROL
from .rewiring import MIN_RATIO, MIN_Z, ORACLES
from .survey import CORRECTED


def of_oracles(bounds: pd.DataFrame, draws: Sequence[float], expected: float) -> str:
    """What chance and degrees can earn; `draws`: EPR of random rankings on the first network."""
    used = (bounds["TF-degree"] - 1) / (bounds["ceiling"] - 1)
    by_degrees = bounds[[*ORACLES]].stack()
    kind_most, oracle_most = by_degrees.idxmax()
    return (
        "Chance is 1; `chance + 3 sd` is 1 plus three standard deviations. Check on "
        f"{bounds.index[0]}: {len(draws)} random rankings have "
        f"mean {np.mean(draws):.2f} and sd {np.std(draws, ddof=1):.3f}; the formula says "
        f"{expected:.3f}. "
        "From 1 to the ceiling, the TF-degree oracle covers "
        + ", ".join(f"{share:.0%} of the way on {kind}" for kind, share in used.items())
        + f". An EPR of up to {by_degrees.max():.1f} ({oracle_most} on {kind_most}) is possible "
        "here without a single known edge; whether a *method* "
        "earned its EPR that way is another question, and the next two sections answer it."
    )


def of_parts(epr: pd.DataFrame) -> str:
    """`epr`: (network, method) x all, TF mean, target mean, rest."""
    means_pay = (epr[["TF mean", "target mean"]] > epr[["rest"]].to_numpy()).any(axis=1)
    better_rest = epr["rest"] > epr["all"]
    most = (epr["rest"] / epr["all"]).idxmax()
    return (
        f"In {means_pay.sum()} of {len(epr)} rankings one of the means has a higher EPR than the "
        "rest. In "
        f"{better_rest.sum()} the rest alone is better than the whole. The largest change is "
        f"{most[1]} on "
        f"{most[0]}: {epr.loc[most, 'all']:.2f} whole, {epr.loc[most, 'rest']:.2f} without the "
        "means of TFs and "
        "targets. Where the rest is better, degrees hide edges: a gene that correlates with "
        "everything fills the "
        "top of the list with its pairs."
    )


def of_rewiring(rewired: pd.DataFrame, n_rewirings: int) -> str:
    """DeepSEM on each network, by (network, method); the limits of the verdicts."""
    lines = []
    for kind in rewired.index.get_level_values("network").unique():
        ours, oracle = rewired.loc[(kind, "DeepSEM")], rewired.loc[(kind, "TF-degree"), "epr"]
        lines.append(
            f"- {kind}: DeepSEM has EPR {ours['epr']:.2f}; on rewired truths "
            f"{ours['null_mean']:.2f} "
            f"({ours['null_low']:.2f} to {ours['null_high']:.2f}), ratio {ours['ratio']:.2f}, z "
            f"{ours['z']:.1f}: **{ours['verdict']}**. It is "
            f"{'below' if ours['epr'] < oracle else 'not below'} the TF-degree oracle "
            f"({oracle:.2f}), which "
            "shows what degrees could earn, not what they earned here."
        )
    return (
        "\n".join(lines)
        + f"\n\np cannot be smaller than {1 / (n_rewirings + 1):.3f} with {n_rewirings} rewired "
        "truths. The limits of the "
        f"verdicts: z {MIN_Z}, ratio {MIN_RATIO}, EPR as in the column `chance + 3 sd`."
    )


def of_corrections(share: pd.DataFrame, of_seeds: pd.DataFrame, name: str) -> str:
    """`share`: `share_of_lead` by (network, metric); `of_seeds`: EPR, seeds x networks."""
    apart = of_seeds.max() - of_seeds.min()
    lead = share["DeepSEM"] - share["Pearson"]
    ahead = share["DeepSEM"] > share[CORRECTED].max(axis=1)
    parts = share.filter(like="share of lead")
    text = (
        f"DeepSEM ({len(of_seeds)} seeds) is ahead of plain correlation in {(lead > 0).sum()} of "
        f"{len(share)} rows, and "
        f"of the best of the corrected correlations in {ahead.sum()}. "
    )
    if lead.gt(0).any():
        text += (
            "Where it leads plain correlation, the median share of that lead is "
            + ", ".join(
                f"{value:.0%} for {column.split(', ')[1]}"
                for column, value in parts.median().items()
            )
            + (
                f". On {name} most of the lead over a plain correlation needs no neural network. "
                if parts.max(axis=1).median() > 0.5
                else f". On {name} the corrected correlations do not explain most of the lead. "
            )
        )
    return f"{text}For scale: the EPRs of the {len(of_seeds)} seeds differ by up to "
    f"{apart.max():.2f} ({apart.idxmax()})."


def percents(values: pd.Series) -> str:
    return ", ".join(f"{name} {value:.0%}" for name, value in values.items())


def of_recorded_lead(recorded: pd.DataFrame, by_data_set: pd.Series) -> str:
    """`recorded`: `recorded_lead`; `by_data_set`: its median share by data set."""
    share = recorded["share"].dropna()
    mostly = by_data_set[by_data_set > 0.5]
    return (
        f"DeepSEM's ensembles lead plain correlation on {len(share)} of "
        f"{recorded['lead'].notna().sum()} benchmarks. "
        f"The median share of the lead that {CONTROL} has is "
        f"{share.median():.0%}; by set of cells: "
        f"{percents(by_data_set)}. It has most of the lead on "
        f"{', '.join(mostly.index) or 'no set of cells'}"
        + (" only" if len(mostly) == 1 else "")
        + ". Negative: the correction makes the correlation worse. [Below](#scores-lead) the "
        "other corrections are added."
    )


def of_direction(table: pd.DataFrame) -> str:
    """DeepSEM beside the coin and the degree oracle, from `directions`."""
    lines = []
    for kind in table.index.get_level_values("network").unique():
        n, right = table.loc[(kind, "DeepSEM"), ["one-way pairs", "share right"]]
        oracle = table.loc[(kind, "TF-degree"), "share right"]
        if not n:
            lines.append(
                f"- {kind}: every edge between TFs is listed both ways. Nothing can be judged."
            )
            continue
        deviation = (right - 0.5) / (0.5 / np.sqrt(n))
        outcome = (
            "no sign of direction"
            if abs(deviation) < 3
            else "more often right than by chance"
            if deviation > 0
            else "more often wrong than right"
        )
        lines.append(
            f"- {kind}: {n:.0f} one-way pairs; DeepSEM is right on {right:.0%} ({deviation:+.1f} "
            "sd of coin flips, "
            f"which are too narrow, since pairs share TFs): {outcome}. The degree oracle: "
            f"{oracle:.0%}."
        )
    return "\n".join(lines)


def of_variants(apart: pd.Series) -> str:
    """`apart`: `spread_of_variants` by (network, method), TF-degree among the methods."""
    tied, untied = apart.xs("TF-degree", level=1), apart.drop("TF-degree", level=1)
    kind, method = untied.idxmax()
    return (
        f"For the methods the five definitions lie up to {untied.max():.1%} of the "
        f"value apart ({method} on {kind}); for the tied scores of the degree oracle up to "
        f"{tied.max():.0%}. "
        + (
            "A difference between papers of a few per cent can be one of definition."
            if untied.max() > 0.01
            else "Between these rankings the definition hardly matters; with ties it does."
        )
    )
