"""The sentences of chapter 7, made of its tables; each function returns Markdown."""

import numpy as np
import pandas as pd

from . import ablation_tables
from .ablations import METRIC_NAMES, SWITCHES

NOTHING = "*No trainings are recorded for this, so there is nothing to show.*"
SETTINGS = {"alpha": "α", "beta": "β", "n_epochs": "epochs", "n_components": "components K"}
FAMILY = {
    "alpha": "L1 weight α", "beta": "KL weight β", "n_epochs": "epochs", "n_components": "prior",
}  # fmt: skip


def of_coverage(run: pd.DataFrame, trained: pd.DataFrame, data: str) -> str:
    """Which changes were measured; `trained`: the single trainings of a data set."""
    trainings = trained.drop_duplicates(["method", "preset", "seed"])
    lines = [
        f"Recorded for {data}: {len(trainings)} trainings, {trainings['seconds'].sum() / 60:.0f} "
        "CPU minutes.",
        "",
    ]
    for preset, names in ablation_tables.absent(run).items():
        possible = sum(preset in switch.presets for switch in SWITCHES)
        lines.append(
            f"- {preset} preset: {possible - len(names)} of {possible} changes measured."
            + (f" **Not run**: {'; '.join(names)}." if names else "")
        )
    return "\n".join(lines)


def of_preset(trained: pd.DataFrame, preset: str) -> str:
    """How far the unchanged preset is from chance, in standard deviations between seeds."""
    own = trained[(trained["method"] == "DeepSEM") & (trained["preset"] == preset)]
    if own.empty:
        return NOTHING
    parts = (
        f"{kind}: the unchanged preset has a mean EPR of {row['mean']:.2f} (sd {row['std']:.2f}) "
        "over its seeds, "
        + (
            "less than one sd from chance"
            if abs(row["mean"] - 1) < row["std"]
            else f"{abs(row['mean'] - 1) / row['std']:.1f} sd from chance"
        )
        for kind, row in own.groupby("network")["epr"].agg(["mean", "std"]).iterrows()
    )
    return "; ".join(parts) + "."


def of_counts(run: pd.DataFrame, trained: pd.DataFrame, metric: str) -> str:
    """The verdicts of one metric in a sentence."""
    rows = run[run["metric"] == METRIC_NAMES[metric]]
    counts = rows["verdict"].value_counts()
    undecided = rows[rows["verdict"] == "undecided"]
    preset = trained[trained["method"] == "DeepSEM"].groupby("network")[metric].mean()
    level = ", ".join(f"{kind} {value:.2f}" for kind, value in preset.items())
    half = ((undecided["high"] - undecided["low"]) / 2).median()
    return (
        f"- **{METRIC_NAMES[metric]}**: {len(rows)} effects; {counts.get('lowers', 0)} lower it, "
        f"{counts.get('raises', 0)} raise it, {counts.get('undecided', 0)} are undecided. Chance "
        "alone would decide about "
        f"{0.05 * len(rows):.1f} of {len(rows)}. "
        f"The unchanged preset has {level}. "
        + (
            f"The undecided have a median half width of {half:.2f}: smaller effects than that are "
            "mostly out of reach of these seeds."
            if len(undecided)
            else ""
        )
    )


def in_short(rows: pd.DataFrame) -> str:
    """How many effects, and which: what they do on the first data set."""
    by = ["family", "text", "network", "verdict 1"]
    parts = [
        f"{family}: {text} on {kind} {word} {' and '.join(group['metric'])}"
        for (family, text, kind, word), group in rows.groupby(by, sort=False)
    ]
    return f"{len(rows)}" + (f" ({'; '.join(parts)})" if parts else "")


def of_both(two: pd.DataFrame, names: dict[int, str]) -> str:
    """Which effects of `ablation_tables.on_both` are decided on both data sets."""
    verdicts = two[["verdict 1", "verdict 2"]]
    repeated = two[(two["verdict 1"] != "undecided") & (two["verdict 1"] == two["verdict 2"])]
    opposite = two[verdicts.apply(set, axis=1) == {"raises", "lowers"}]
    return (
        f"{len(two)} effects were measured on {names[1]} and on {names[2]}. Decided on both the "
        f"same way: {in_short(repeated)}. "
        f"Decided in opposite ways, given as on {names[1]}: {in_short(opposite)}."
    )


def of_second(two: pd.DataFrame, names: dict[int, str]) -> str:
    """`of_both`, and how many of the effects that one data set decides have the same sign."""
    if two.empty:
        return NOTHING
    first, second = (two[two[f"verdict {which}"] != "undecided"] for which in (1, 2))
    same_sign = (np.sign(first["effect 1"]) == np.sign(first["effect 2"])).sum()
    return (
        f"{of_both(two, names)} Decided on {names[1]}, with or without a verdict on {names[2]}: "
        f"{len(first)}, of which {same_sign} have the same "
        f"sign on {names[2]}; decided on {names[2]}: {len(second)}."
    )


def beside_paper(run: pd.DataFrame, setting: str) -> str:
    """What our trainings say about one setting of the paper's two supplementary figures."""
    rows = run[(run["family"] == FAMILY[setting]) & (run["metric"] == "EPR")]
    name = SETTINGS[setting]
    if rows.empty:
        return f"- {name}: not run here, so nothing can be said about the paper's figure."
    best, worse = (rows[rows["verdict"] == word] for word in ("raises", "lowers"))
    text = (
        f"- {name}: {len(rows)} comparisons with the preset; {len(best)} raise the EPR, "
        f"{len(worse)} lower it"
    )
    if len(best):
        text += f"; better than the preset: {', '.join(best['text'] + ' on ' + best['network'])}"
    if setting == "n_components":
        agrees = "does not contradict" if best.empty else "contradicts"
        text += f". This {agrees} the paper's finding of no significant gain over one component"
    return f"{text}."


def of_live(new: pd.Series, recorded: pd.DataFrame, is_recorded_data: bool) -> str:
    """One training of the page, with seed 0, against its recorded value.

    `new`: its row with `change` ("" for the preset); `recorded`: single trainings with its preset.
    """
    name = f"{new['network']}, {'frozen MLPs' if new['change'] else 'preset'}"
    method = "DeepSEM/" + new["change"] if new["change"] else "DeepSEM"
    same = recorded[(recorded["network"] == new["network"]) & (recorded["method"] == method)]
    if not is_recorded_data or 0 not in set(same["seed"]):
        return f"- {name}: EPR {new['epr']:.3f}; no recorded entry to compare with."
    old = same.loc[same["seed"] == 0, "epr"].iloc[0]
    if np.isclose(old, new["epr"], rtol=1e-4):
        return f"- {name}: EPR {new['epr']:.4f}, recorded {old:.4f}: **the same number** (relative "
        "tolerance 1e-4)."
    sd = same["epr"].std()
    near = "within" if abs(new["epr"] - old) < 3 * sd else "**outside**"
    return (
        f"- {name}: EPR {new['epr']:.4f}, recorded {old:.4f}: another draw, {near} three standard "
        f"deviations ({3 * sd:.2f}) of the {len(same)} recorded seeds."
    )


def listed_by(decided: pd.DataFrame, word: str) -> str:
    """The changes that both scores decide this way, each behind its network."""
    by = ["network", "family", "text", "verdict"]
    agreed = decided.groupby(by, sort=False)["metric"].nunique()
    agreed = agreed[agreed == len(METRIC_NAMES)].reset_index()
    groups = agreed[agreed["verdict"] == word].groupby("network", sort=False)
    return ". ".join(
        f"**{kind}**: " + "; ".join(rows["family"] + ": " + rows["text"]) for kind, rows in groups
    )


def summary(run: pd.DataFrame, two: pd.DataFrame, data: str, names: dict[int, str]) -> str:
    """What the chapter's trainings show; `names`: the two data sets in short."""
    if run.empty:
        return NOTHING
    decided = run[run["verdict"] != "undecided"]
    not_run = sum(map(len, ablation_tables.absent(run).values()))
    lines = [
        f"- {len(run)} effects of single changes on {data} were measured, {len(decided)} are "
        "decided at "
        f"the 95 % level and {len(run) - len(decided)} are not; {not_run} changes were not run.",
        f"- Lower both scores on {names[1]}, by network. {listed_by(decided, 'lowers') or 'None'}.",
        f"- Raise both scores on {names[1]}, by network. {listed_by(decided, 'raises') or 'None'}.",
    ]
    verdicts = decided.groupby(["network", "family", "text"])["verdict"].nunique()
    split = [f"{family}: {text} on {kind}" for kind, family, text in verdicts[verdicts > 1].index]
    if split:
        lines.append(f"- Raise one score and lower the other: {'; '.join(split)}.")
    lines.append(
        f"- **A second set of cells**: {of_both(two, names)}"
        if len(two)
        else "- No change was measured on a second set of cells."
    )
    sizes = run[run["metric"] == "EPR"].assign(size=lambda rows: rows["effect"].abs())
    lines += [
        f"- The largest mean effect on EPR on {names[1]} is that of {r.family}: {r.text} on "
        f"{r.network}, {r.effect:+.2f} "
        f"[{r.low:+.2f}, {r.high:+.2f}], {r.n} seeds: {r.verdict}."
        for r in sizes.nlargest(1, "size").itertuples()
    ]
    lines.append(
        "- For most changes these seeds cannot tell an effect from none, so the result is not "
        "shown to hold or to fail there."
        if len(decided) < len(run) / 2
        else "- Most of the changes that were measured move the score: the result depends on its "
        "settings."
    )
    return "\n".join(lines)
