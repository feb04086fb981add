# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Does it hold?
#
# **Which of the settings that DeepSEM's result hangs on matter, and by how much?**

# %% tags=["setup", "remove-cell"]
import importlib.util

# On Colab: add the package, replace nothing.
if importlib.util.find_spec("deepsem_book") is None:
    import subprocess
    import sys
    from importlib.metadata import version

    present = ["numpy", "scipy", "pandas", "matplotlib", "torch"]
    keep = [f"{name}=={version(name)}" for name in present]
    package = "deepsem_minimal[chapters] @ git+https://github.com/deepsem-minimal/deepsem-minimal"
    pip = [sys.executable, "-m", "pip", "install", "-q"]
    subprocess.run([*pip, *keep, package], check=True)

# %% tags=["parameters", "remove-cell"]
PROFILE = "quick"

# %%
from math import comb

import numpy as np
import pandas as pd
from IPython.display import Markdown
from scipy import stats

from deepsem_book.beeline import ablation_figures, ablations
from deepsem_book.beeline.grid import Method, Run
from deepsem_book.beeline.run import perform
from deepsem_book.benchmark_table import PRESET_OF
from deepsem_book.datasets.problem import Problem
from deepsem_book.page import choose, footer, header, show
from deepsem_book.sortable_table import sortable
from deepsem_book.statistics import t_interval, verdict

# %% tags=["remove-input"]
adata = choose("beeline/mDC-500", "sim/nonlinear-100")
header(PROFILE, adata)

# %% [markdown]
# **Key takeaways**
#
# - [A setting is tested by changing it alone](#switches-pair), with everything else as in the preset,
#   and by comparing trainings of the same seed.
# - [An effect without an interval is no effect](#switches-pair): trainings that differ in nothing but
#   the seed differ too.
# - [A wide interval is no proof of robustness](#switches-measured): "undecided" means that these
#   seeds cannot tell, and the interval says how large an effect they may have missed.
# - [What holds on one set of cells need not hold on the next](#switches-second): some changes are
#   measured on two.
# - [Settings chosen by the score make the score too good](#switches-paper): the paper chose its key
#   settings with a grid search.
#
# **You will be able to** measure the effect of a setting with paired trainings, read a forest plot,
# tell "no effect" from "not enough seeds", and check a recorded number by training again.
#
# **Before you start**: [training and ensembling](04_training_and_ensembling) and
# [GRN inference on BEELINE](05_grn_inference_beeline).
# **Time**: 30 minutes to read; about one minute to run on a CPU. A GPU is of no use here.

# %% [markdown]
# (switches-pair)=
# ## Changing one thing
#
# A method has many settings, and its authors report it with one value of each. Whether the result
# *holds* is a question about the neighbours of these values. We change one setting at a time and
# leave all others as they are in the paper's preset. This shows which settings matter near the preset;
# it cannot show settings that matter only together.
#
# Two trainings that differ in nothing but the seed give different scores, so one training with and
# one without the change prove nothing. We train both with the same seeds and take the difference
# seed by seed. The smallest example, with invented scores:

# %%
preset_scores = np.array([2.1, 1.9, 2.4])  # seeds 0, 1, 2
changed_scores = np.array([2.0, 1.7, 2.1])
by_seed = changed_scores - preset_scores
_, low, high = t_interval(by_seed)
unpaired = np.sqrt(
    (preset_scores.var(ddof=1) + changed_scores.var(ddof=1)) / len(by_seed)
)

# %% tags=["remove-input"]
standard_error = by_seed.std(ddof=1) / np.sqrt(len(by_seed))
Markdown(
    f"Mean difference {by_seed.mean():+.2f}, standard error {standard_error:.2f} (without pairing it "
    f"would be {unpaired:.2f}), 95 % interval {low:+.2f} to {high:+.2f}: "
    f"**{verdict(len(by_seed), low, high)}**. The change went the same way for "
    f"{(by_seed < 0).sum()} of {len(by_seed)} seeds."
)

# %% [markdown]
# The interval is Student's: mean ± t · standard error. With few seeds t is far from the 1.96 of the
# normal distribution, because the standard deviation of few numbers is itself hardly known. Pairing
# helps when a seed that is good with the preset is also good with the change. It helps little where
# a change alters what the random numbers are used for (another start of W, for instance, shifts all
# draws that follow). Where it does not help, the interval is still valid, but pairing has a price:

# %% tags=["remove-input"]
n = len(by_seed)
t_paired, t_unpaired = (stats.t.ppf(0.975, freedom) for freedom in (n - 1, 2 * n - 2))
Markdown(
    f"with {n} seeds, {n} differences have {n - 1} degrees of freedom and t = {t_paired:.2f}; two separate groups of {n} "
    f"have {2 * n - 2} and t = {t_unpaired:.2f}. Where the scores of a seed are not related, pairing makes the "
    f"interval about {t_paired / t_unpaired - 1:.0%} wider. With ten seeds it is "
    f"{stats.t.ppf(0.975, 9) / stats.t.ppf(0.975, 18) - 1:.0%}."
)

# %% [markdown]
# In words, an interval above zero **raises** the score, one below zero **lowers** it, and one that
# holds zero is **undecided**.

# %% tags=["remove-input"]
show(t_interval, verdict)

# %% [markdown]
# (switches-list)=
# ## The switches
#
# Every row of the [ledger](../book/ledger.md) that concerns training has a switch in `Config`; to
# these come the three settings for which the paper reports its grid search (α, β, epochs). The
# list is in the order in which they were measured. `change` is what the benchmark runner takes:
# `--methods "DeepSEM-nonspecific/alpha=10"`.

# %%
listed = pd.DataFrame(ablations.SWITCHES)
listed.assign(
    presets=listed["presets"].str.join(", "), ledger=listed["ledger"].replace("", "-")
)

# %% [markdown]
# Two of them need a word:
#
# - **MLPs frozen as drawn** (ledger 10): W is trained for as many epochs as in the preset, the
#   MLPs for none. If this costs nothing, the random MLPs of the start are as good as the trained
#   ones, and "deep learning" is a fixed transformation of expression followed by a linear model.
# - **Reconstruction** and **standardisation** (ledger 7, 8) differ between the two presets. Changing one of them
#   alone says which part of a preset matters.
#
# Scores are judged as the paper does: STRING and non-specific ChIP-seq with the non-specific preset,
# cell-type-specific ChIP-seq with the other. The data are those of
# [the chapter on BEELINE](05_grn_inference_beeline); [a second set of cells](#switches-second) follows below.

# %%
DATA = "beeline/mDC-500"
table = ablations.recorded_switches()
effects = pd.concat(
    ablations.effects(table, DATA, metric).assign(metric=name)
    for metric, name in ablations.METRIC_NAMES.items()
)
run = effects[effects["n"] > 0]
networks = {
    preset: [kind for kind in run["network"].unique() if PRESET_OF[kind] == preset]
    for preset in ablations.BOTH
}
NOTHING = Markdown("*No trainings are recorded for this, so there is nothing to show.*")

# %% tags=["remove-input"]
EPR = effects[effects["metric"] == "EPR"]
absent = {
    preset: [
        f"{s.family}: {s.text}"
        for s in ablations.SWITCHES
        if preset in s.presets
        and s.change not in set(run.loc[run["preset"] == preset, "change"])
    ]
    for preset in ablations.BOTH
}
trained = ablations.judged(table[(table["data"] == DATA) & (table["n_members"] == 1)])
trainings = trained.drop_duplicates(["method", "preset", "seed"])
said = [
    f"Recorded for {DATA}: {len(trainings)} trainings, {trainings['seconds'].sum() / 60:.0f} CPU minutes."
]
for preset, names in absent.items():
    possible = sum(preset in s.presets for s in ablations.SWITCHES)
    said.append(
        f"- {preset} preset: {possible - len(names)} of {possible} changes measured."
        + (f" **Not run**: {'; '.join(names)}." if names else "")
    )
Markdown("\n".join([said[0], "", *said[1:]]))

# %% [markdown]
# What was not run is missing, not without effect. `python -m deepsem_book.beeline.measure_ablations` adds it to the table;
# nothing else on this page has to change.
#
# (switches-measured)=
# ## What the changes do
#
# A forest plot has a row for each change. Read it in this order: does the bar (the interval) cross
# the black line? If it does not, is the effect larger than the blue band, which is the standard
# deviation between seeds of the unchanged preset? Does the ensemble (diamond) move the same way?

# %% mystnb={"figure": {"caption": "Change of EPR for each change of one setting, non-specific preset, on mDC with TFs + 500 genes. Dots: single seeds, changed minus preset. Bar: 95 % interval of the mean. Diamond: ensembles of the same seeds. Band: one standard deviation of the preset between seeds. A bar that leaves the panel goes on.", "name": "fig-switches-epr"}, "image": {"alt": "Forest plot with one panel for STRING and one for non-specific ChIP-seq: a row for each changed setting with the differences of single seeds, the mean with its interval, and the difference of the ensembles, around a line at zero."}} tags=["remove-input"]
preset = "nonspecific"
panels = {
    metric: [(kind, metric) for kind in networks[preset]]
    for metric in ablations.METRIC_NAMES
}
ablation_figures.forest(table, DATA, panels["epr"]) if networks[preset] else NOTHING

# %% mystnb={"figure": {"caption": "The same trainings, judged by the AUPRC ratio, which uses the whole list of edges. Compare the widths of the bars, and which rows are coloured.", "name": "fig-switches-auprc"}, "image": {"alt": "Forest plot as the figure before, for the AUPRC ratio."}} tags=["remove-input"]
ablation_figures.forest(table, DATA, panels["auprc_ratio"]) if networks[
    preset
] else NOTHING

# %% [markdown]
# The other preset, on cell-type-specific ChIP-seq:

# %% tags=["remove-input"]
own = trained[(trained["method"] == "DeepSEM") & (trained["preset"] == "specific")]
own_epr = own.groupby("network")["epr"].agg(["mean", "std"])
Markdown(
    "; ".join(
        f"{kind}: the unchanged preset has a mean EPR of {row['mean']:.2f} (sd {row['std']:.2f}) over its seeds, "
        + (
            "less than one sd from chance"
            if abs(row["mean"] - 1) < row["std"]
            else f"{abs(row['mean'] - 1) / row['std']:.1f} sd from chance"
        )
        for kind, row in own_epr.iterrows()
    )
    + "."
    if len(own)
    else NOTHING.data
)

# %% mystnb={"figure": {"caption": "Changes from the cell-type-specific preset on cell-type-specific ChIP-seq: EPR on the left, AUPRC ratio on the right. Where the preset itself is near chance, a change has little to lose.", "name": "fig-switches-specific"}, "image": {"alt": "Forest plot for the cell-type-specific preset with a panel for EPR and one for the AUPRC ratio."}} tags=["remove-input"]
(
    ablation_figures.forest(
        table, DATA, [(kind, m) for kind in networks["specific"] for m in panels]
    )
    if networks["specific"]
    else NOTHING
)

# %% [markdown]
# ### Every effect, to sort
#
# Both scores side by side. Click a heading to sort: by the row of the ledger, or by the size of an effect.


# %%
def beside(metric: str) -> pd.DataFrame:
    """Effect, interval and verdict of one score by row of the ledger, switch and network."""
    rows = run[run["metric"] == metric]
    rows = rows.assign(
        ledger=rows["ledger"].replace("", "-"),
        switch=rows["family"] + ": " + rows["text"],
        interval=[
            f"{low:+.2f} to {high:+.2f}" for low, high in zip(rows["low"], rows["high"])
        ],
    )
    rows = rows.set_index(["ledger", "switch", "network"])
    columns = {
        "effect": f"{metric} change",
        "interval": "95 % interval",
        "verdict": "verdict",
    }
    return rows[["n", *columns]].rename(columns=columns | {"n": "seeds"})


both_scores = beside("EPR").join(
    beside("AUPRC ratio").drop(columns="seeds"), rsuffix=" "
)
sortable(both_scores) if len(run) else NOTHING

# %% [markdown]
# So many intervals at 95 % are wrong now and then: of a hundred changes that do nothing, about five
# look as if they did something. The next cell counts how many verdicts there are, how
# many false ones chance alone would bring, and how large an effect may be that the undecided ones
# have missed.

# %% tags=["remove-input"]
baseline = (
    trained[trained["method"] == "DeepSEM"].groupby("network")[list(panels)].mean()
)


def counted(metric: str) -> str:
    """Verdicts of one metric in a sentence."""
    rows = run[run["metric"] == ablations.METRIC_NAMES[metric]]
    found = rows["verdict"].value_counts()
    open_rows = rows[rows["verdict"] == "undecided"]
    level = ", ".join(f"{kind} {value:.2f}" for kind, value in baseline[metric].items())
    half = ((open_rows["high"] - open_rows["low"]) / 2).median()
    return (
        f"- **{ablations.METRIC_NAMES[metric]}**: {len(rows)} effects; {found.get('lowers', 0)} lower it, "
        f"{found.get('raises', 0)} raise it, {found.get('undecided', 0)} are undecided. Chance alone would decide about "
        f"{0.05 * len(rows):.1f} of {len(rows)}. "
        f"The unchanged preset has {level}. "
        + (
            f"The undecided have a median half width of {half:.2f}: smaller effects than that are "
            "mostly out of reach of these seeds."
            if len(open_rows)
            else ""
        )
    )


Markdown("\n".join(map(counted, panels))) if len(run) else NOTHING

# %% [markdown]
# (switches-ledger)=
# ### The ledger, row by row
#
# For each [row of the ledger](../book/ledger.md) that has a switch: how many of its effects (both scores, all
# networks) raise, lower or are undecided, and the smallest and the largest mean change of EPR with its interval.

# %% tags=["remove-input"]
ABOUT = {
    "4": "mixture", "4b": "constant cluster input", "5": "KL term", "6": "L1 term",
    "7": "reconstructed entries", "8": "standardisation", "9": "initial W", "10": "alternation",
    "11": "optimiser", "12": "learning-rate decay", "13": "epochs",
}  # fmt: skip


def of_row(number: str) -> dict:
    """What the trainings of this page say about one row of the ledger."""
    rows = run[run["ledger"] == number]
    found = rows["verdict"].value_counts()
    epr = rows[rows["metric"] == "EPR"].sort_values("effect")
    ends = {
        name: f"{r['effect']:+.2f} [{r['low']:+.2f}, {r['high']:+.2f}] {r['text']}, {r['network']}"
        for name, (_, r) in zip(("smallest", "largest"), epr.iloc[[0, -1]].iterrows())
    }
    return {
        word: found.get(word, 0) for word in ("raises", "lowers", "undecided")
    } | ends


measured_rows = [n for n in ABOUT if n in set(run["ledger"])]
by_row = pd.DataFrame(
    [of_row(n) for n in measured_rows],
    index=pd.MultiIndex.from_tuples(
        [(n, ABOUT[n]) for n in measured_rows], names=["row", "about"]
    ),
)
sortable(by_row) if len(by_row) else NOTHING

# %% [markdown]
# The other rows have no switch, or are measured where they matter:
#
# - [1](#ledger-1), [2](#ledger-2), [3](#ledger-3), layers, variance and prior: no switch; chapter
#   [DeepSEM layer by layer](03_deepsem_layer_by_layer) draws the curves, compares the two variances, and in its third
#   exercise puts N(0, I) in the place of the learned prior.
# - [14](#ledger-14), the ensemble: [chapter on BEELINE](#beeline-grid), its gain over the single training with an
#   interval over sets of cells.
# - [15](#ledger-15), the edge list: second exercise of [the same chapter](05_grn_inference_beeline), signed
#   weights with an interval over seeds.
# - [16](#ledger-16), the embedding: [Embedding and clustering](10_embedding_and_clustering).
# - [17](#ledger-17), [18](#ledger-18), [19](#ledger-19): [Simulating cells](12_simulating_cells).

# %% [markdown]
# (switches-second)=
# ## A second set of cells
#
# Some of the changes again, on blood cells of the mouse (mHSC-L, TFs + 500 genes). Two sets of cells are not
# many, but enough to see an effect that belongs to the first one alone.

# %%
SECOND = "beeline/mHSC-L-500"
elsewhere = pd.concat(
    ablations.effects(table, SECOND, metric).assign(metric=name)
    for metric, name in ablations.METRIC_NAMES.items()
)
elsewhere = elsewhere[elsewhere["n"] > 0]
on = ["metric", "network", "family", "text"]
two = run.merge(elsewhere, on=on, suffixes=(" 1", " 2"))


def short(row: pd.Series, which: int) -> str:
    effect, low, high = (row[f"{name} {which}"] for name in ("effect", "low", "high"))
    return f"{effect:+.2f} [{low:+.2f}, {high:+.2f}] {row[f'verdict {which}']}"


names = {1: DATA.removeprefix("beeline/"), 2: SECOND.removeprefix("beeline/")}
shown = pd.DataFrame(
    {
        f"{name}": [short(row, which) for _, row in two.iterrows()]
        for which, name in names.items()
    },
    index=pd.MultiIndex.from_frame(
        two[["metric", "network"]].assign(switch=two["family"] + ": " + two["text"])
    ),
)
shown["seeds"] = [f"{a} and {b}" for a, b in zip(two["n 1"], two["n 2"])]
sortable(shown) if len(two) else NOTHING

# %% tags=["remove-input"]
sure = [two[two[f"verdict {which}"] != "undecided"] for which in (1, 2)]
repeated = two[
    (two["verdict 1"] != "undecided") & (two["verdict 1"] == two["verdict 2"])
]
opposite = two[
    two[["verdict 1", "verdict 2"]].apply(set, axis=1) == {"raises", "lowers"}
]
same_sign = (np.sign(sure[0]["effect 1"]) == np.sign(sure[0]["effect 2"])).sum()


def in_short(rows: pd.DataFrame) -> str:
    """How many effects, and which: what they do on the first set of cells."""
    by = ["family", "text", "network", "verdict 1"]
    told = [
        f"{family}: {text} on {kind} {word} {' and '.join(here['metric'])}"
        for (family, text, kind, word), here in rows.groupby(by, sort=False)
    ]
    return f"{len(rows)}" + (f" ({'; '.join(told)})" if told else "")


on_both = (
    f"{len(two)} effects were measured on {names[1]} and on {names[2]}. Decided on both the same way: {in_short(repeated)}. "
    f"Decided in opposite ways, given as on {names[1]}: {in_short(opposite)}."
)
Markdown(
    f"{on_both} Decided on {names[1]}, with or without a verdict on {names[2]}: {len(sure[0])}, of which {same_sign} have the same "
    f"sign on {names[2]}; decided on {names[2]}: {len(sure[1])}."
    if len(two)
    else NOTHING.data
)

# %% [markdown]
# (switches-paper)=
# ## The paper's two supplementary figures
#
# **Supplementary Fig. 16, the prior.** The paper tried Gaussian mixtures with one to five components
# as the prior and found no significant gain over one component {cite:p}`shu2021`.
# **Supplementary Fig. 17, α, β and the number of epochs.** These three were chosen with a grid search, and
# the supplement discusses their influence. Our trainings on one data set beside it, where they
# exist:

# %% mystnb={"figure": {"caption": "EPR over the value of one setting, everything else as in the preset. Dots: seeds; line: their mean; ring: the preset's value; dotted: chance. A setting with a single value has not been varied yet. The preset may have more seeds than the others; the forest plots pair equal seeds. What to look for: is the ring at a peak, on a slope or on a plateau?", "name": "fig-switches-along"}, "image": {"alt": "Four panels of EPR over α, β, the number of epochs and the number of components of the prior, with a line for each network and a ring at the preset's value."}} tags=["remove-input"]
SETTINGS = {
    "alpha": "α",
    "beta": "β",
    "n_epochs": "epochs",
    "n_components": "components K",
}
varied = {
    name: ablations.along(table, DATA, setting) for setting, name in SETTINGS.items()
}
ablation_figures.along_settings(varied, "epr") if len(trained) else NOTHING

# %% tags=["remove-input"]
FAMILY = {
    "alpha": "L1 weight α",
    "beta": "KL weight β",
    "n_epochs": "epochs",
    "n_components": "prior",
}


def beside_paper(setting: str) -> str:
    """What our trainings say about one setting of the two figures."""
    rows = run[(run["family"] == FAMILY[setting]) & (run["metric"] == "EPR")]
    name = SETTINGS[setting]
    if rows.empty:
        return (
            f"- {name}: not run here, so nothing can be said about the paper's figure."
        )
    best = rows[rows["verdict"] == "raises"]
    worse = rows[rows["verdict"] == "lowers"]
    said = f"- {name}: {len(rows)} comparisons with the preset; {len(best)} raise the EPR, {len(worse)} lower it"
    if len(best):
        said += "; better than the preset: " + ", ".join(
            best["text"] + " on " + best["network"]
        )
    if setting == "n_components":
        agrees = "does not contradict" if best.empty else "contradicts"
        said += f". This {agrees} the paper's finding of no significant gain over one component"
    return said + "."


Markdown("\n".join(map(beside_paper, SETTINGS)))

# %% [markdown]
# A grid search with the benchmark's score in view picks the value with the luckiest trainings as well
# as the value that is better. The score of the winner is then too high *on the networks that were
# used to choose*. A plateau around the preset means that this bias is small; a peak means that a reader
# without a known network cannot expect the printed score. Exercise 4 measures it.

# %% [markdown]
# (switches-live)=
# ## One entry, measured again
#
# The seconds that a training takes allow a check that no table can replace. We train the preset and
# the frozen MLPs again, with seed 0, through the runner that made the table.

# %%
problem = Problem.load(adata.uns["source"]["name"])
live_preset = PRESET_OF[next(iter(problem.networks))]
frozen = next(
    s.change
    for s in ablations.SWITCHES
    if "K1=0" in s.change and live_preset in s.presets
)
# ledger 9: few genes need a smaller start
few = "" if adata.n_vars >= 500 else "W_init=safe"


def measured(change: str) -> pd.DataFrame:
    """The rows of one training with seed 0."""
    settings = ",".join(part for part in (change, few) if part)
    [method] = Method.parse(ablations.method_name(live_preset, settings))
    rows, _ = perform(Run(problem, method, seed=0))
    return pd.DataFrame(rows).assign(change=change)


live = pd.concat([measured(""), measured(frozen)], ignore_index=True)
# as in the list of lines: no network that the paper scores with the other preset
live = live[live["network"].map(PRESET_OF) == live_preset]
live[["network", "method", "epr", "auprc_ratio", "seconds"]].round(2)

# %% tags=["remove-input"]


def compared(new: pd.Series) -> str:
    """One live training against its recorded value."""
    name = f"{new['network']}, {'frozen MLPs' if new['change'] else 'preset'}"
    method = "DeepSEM/" + new["change"] if new["change"] else "DeepSEM"
    same = trained[
        (trained["network"] == new["network"]) & (trained["method"] == method)
    ]
    same = same[same["preset"] == live_preset]
    if problem.name != DATA or 0 not in set(same["seed"]):
        return f"- {name}: EPR {new['epr']:.3f}; no recorded entry to compare with."
    old = same.loc[same["seed"] == 0, "epr"].iloc[0]
    if np.isclose(old, new["epr"], rtol=1e-4):
        return f"- {name}: EPR {new['epr']:.4f}, recorded {old:.4f}: **the same number** (relative tolerance 1e-4)."
    sd = same["epr"].std()
    near = "within" if abs(new["epr"] - old) < 3 * sd else "**outside**"
    return (
        f"- {name}: EPR {new['epr']:.4f}, recorded {old:.4f}: another draw, {near} three standard "
        f"deviations ({3 * sd:.2f}) of the {len(same)} recorded seeds."
    )


pair = live.pivot(index="network", columns="change", values="epr")
gap = "; ".join(f"{kind} {row[frozen] - row['']:+.2f}" for kind, row in pair.iterrows())
lines = [compared(row) for _, row in live.iterrows()]
Markdown(
    "\n".join(lines) + f"\n\nFrozen minus preset in EPR, from this one seed: {gap}."
)

# %% [markdown]
# The same seed on the same kind of machine with the same libraries gives the same number. Another
# processor or another version of torch adds in another order; the differences grow over the training,
# and the result is another draw from the same distribution. Then the spread between seeds is the
# right tolerance, and the text above says which of the two happened.

# %% [markdown]
# ## What differs from the paper
#
# - [Ledger 4](#ledger-4), [4b](#ledger-4b), [5](#ledger-5), [6](#ledger-6), [7](#ledger-7), [8](#ledger-8), [9](#ledger-9), [10](#ledger-10),
#   [12](#ledger-12), [13](#ledger-13): the switches of this page. The preset follows the
#   authors' code; some of the changes are what the paper's text says instead.
# - The paper searched a grid; we change one setting at a time. Combinations are not covered.
# - One expression matrix with its networks, some changes on a second one, a few seeds. Other
#   matrices may answer differently.
# - The supplement's figures are compared through what the paper's main text says of them.
#
# ## Summary

# %% tags=["remove-input"]
decided = run[run["verdict"] != "undecided"]
by_change = ["network", "family", "text", "verdict"]
agreed = decided.groupby(by_change, sort=False)["metric"].nunique()
agreed = agreed[agreed == len(panels)].reset_index()


def listed_by(word: str) -> str:
    """The changes that both scores decide this way, each behind its network."""
    found = agreed[agreed["verdict"] == word].groupby("network", sort=False)
    return ". ".join(
        f"**{kind}**: " + "; ".join(rows["family"] + ": " + rows["text"])
        for kind, rows in found
    )


split = decided.groupby(by_change[:3])["verdict"].nunique()
split = [f"{family}: {text} on {kind}" for kind, family, text in split[split > 1].index]
biggest = (
    run[run["metric"] == "EPR"]
    .assign(size=lambda r: r["effect"].abs())
    .nlargest(1, "size")
)
said = [
    f"- {len(run)} effects of single changes on {DATA} were measured, {len(decided)} are decided at "
    f"the 95 % level and {len(run) - len(decided)} are not; {sum(map(len, absent.values()))} changes were not run.",
    f"- Lower both scores on {names[1]}, by network. {listed_by('lowers') or 'None'}.",
    f"- Raise both scores on {names[1]}, by network. {listed_by('raises') or 'None'}.",
]
if split:
    said.append(f"- Raise one score and lower the other: {'; '.join(split)}.")
said.append(
    f"- **A second set of cells**: {on_both}"
    if len(two)
    else "- No change was measured on a second set of cells."
)
said += [
    f"- The largest mean effect on EPR on {names[1]} is that of {r.family}: {r.text} on {r.network}, {r.effect:+.2f} "
    f"[{r.low:+.2f}, {r.high:+.2f}], {r.n} seeds: {r.verdict}."
    for r in biggest.itertuples()
]
said.append(
    "- For most changes these seeds cannot tell an effect from none, so the result is neither shown to hold nor to fail there."
    if len(decided) < len(run) / 2
    else "- Most of the changes that were measured move the score: the result depends on its settings."
)
Markdown("\n".join(said)) if len(run) else NOTHING

# %% [markdown]
# A change that helps on one set of cells is no advice for another before it is measured there. For the decay of the learning rate
# there is more to go by than two sets: [the chapter on BEELINE](#beeline-schedule) compares both schedules on all recorded benchmarks.
#
# ## Exercises
#
# **1. Borrow strength.** A few seeds know their standard deviation badly. Suppose that the
# differences scatter alike for all changes on one network, pool their variances, and compute the
# intervals again. Which verdicts change, and what does the assumption cost?

# %% tags=["hide-cell"]
n_gained = n_lost = 0
for metric in panels:
    paired = ablations.differences(table[table["data"] == DATA], metric)
    for kind, here in paired.groupby("network"):
        groups = here.groupby("change")["value"]
        freedom = (groups.size() - 1).sum()
        sd = np.sqrt(
            ((groups.size() - 1) * groups.var().fillna(0)).sum() / max(freedom, 1)
        )
        half = stats.t.ppf(0.975, freedom) * sd / np.sqrt(groups.size())
        means = groups.mean()
        pooled = set(means[means.abs() > half].index)
        alone = run[
            (run["metric"] == ablations.METRIC_NAMES[metric]) & (run["network"] == kind)
        ]
        apart = set(alone.loc[alone["verdict"] != "undecided", "change"])
        gained, lost = sorted(pooled - apart), sorted(apart - pooled)
        n_gained, n_lost = n_gained + len(gained), n_lost + len(lost)
        t_alone = stats.t.ppf(0.975, groups.size().median() - 1)
        print(
            f"{metric}, {kind}: pooled sd {sd:.2f}, t {t_alone:.1f} -> {stats.t.ppf(0.975, freedom):.1f}; "
            f"decided {len(apart)} -> {len(pooled)}\n"
            f"  gained {len(gained)}: {means[gained].round(2).to_dict()}\n"
            f"  lost {len(lost)}: {means[lost].round(2).to_dict()}"
        )
print(f"{n_gained + n_lost} verdicts change: {n_gained} gained, {n_lost} lost")

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Pooling takes t to near 2, as the printed pairs show. A change that scatters less than the others
# loses by it, one that scatters more gains. Look at the names and not at the totals of decided changes: these hardly
# move where about as many verdicts are gained as lost. Pooling is wrong for a change that makes trainings scatter more:
# its interval is then too narrow. Look at the dots of the forest plot before trusting it.
# :::
#
# **2. A test without a normal distribution.** If a change did nothing, each seed's difference would
# be positive or negative like a coin. With how many seeds can all of them agreeing be significant at 5 %,
# two-sided?

# %% tags=["hide-cell"]
for n in range(2, 9):
    tails = 2 * sum(comb(n, k) for k in range(n, n + 1)) / 2**n
    print(f"{n} seeds: p = {tails:.3f} when all agree")

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# From six seeds on. With fewer, the sign test cannot decide anything, whatever the data; the t interval
# can, because it assumes that differences are normally distributed.
# :::
#
# **3. How many seeds?** Take the standard deviation of the paired differences and compute how many
# seeds make the half width of the interval 0.1 in EPR.

# %% tags=["hide-cell"]
paired = ablations.differences(table[table["data"] == DATA], "epr")
for kind, here in paired.groupby("network"):
    sd = here.groupby("change")["value"].std().median()
    needed = (
        n for n in range(2, 5000) if stats.t.ppf(0.975, n - 1) * sd / np.sqrt(n) <= 0.1
    )
    print(
        f"{kind}: median sd of a difference {sd:.2f}, {next(needed, 'over 5000')} seeds"
    )

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# The number grows with the square of the scatter. It is why a table of single trainings, one per setting,
# ranks seeds rather than settings.
# :::
#
# **4. Choosing by the score.** Of all recorded settings of the non-specific preset take the one with
# the best mean paired difference of EPR on one network, and look at its rank on the other. How much of the gain of the chosen
# setting over the preset is left there?

# %% tags=["hide-cell"]
paired = ablations.differences(table[table["data"] == DATA], "epr")
paired = paired[paired["preset"] == "nonspecific"]
changes = paired.groupby(["network", "change"])["value"].apply(list)
means = changes.map(np.mean).unstack("network").dropna()
means.loc["preset"] = 0.0  # it differs from itself by nothing
for chosen_on in means:
    winner = means[chosen_on].idxmax()
    for judged_on in means:
        values = [] if winner == "preset" else changes[judged_on, winner]
        mean, low, high = t_interval(values or [0.0])
        rank = int((means[judged_on] > means.loc[winner, judged_on]).sum()) + 1
        print(
            f"chosen on {chosen_on}: {winner}; {judged_on} {mean:+.2f} "
            f"[{low:+.2f}, {high:+.2f}], {len(values)} seeds, rank {rank} of {len(means)}"
        )

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Gains are means of paired differences, as everywhere on this page: the preset has more seeds than
# most changes, and a difference of two means over different seeds would compare seeds as well.
# The gain on the network that was used to choose cannot be negative, whether the setting is better
# or lucky. What remains on the other network is the fairer number, though not fully fair: both
# networks judge the same trainings of the same cells.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
footer(adata, seeds=range(1))
