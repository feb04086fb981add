# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # GRN inference on BEELINE
#
# **Do the edges that DeepSEM ranks first belong to known networks more often than chance, than a
# correlation, and than the methods that came before it?**

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
from dataclasses import asdict

import numpy as np
import pandas as pd
from IPython.display import Markdown

import deepsem_minimal as ds
from deepsem_book import beeline, datasets, page

# %% tags=["remove-input"]
adata = page.choose("beeline/mDC-500", "sim/nonlinear-100")
page.header(PROFILE, adata)

# %% [markdown]
# **Key takeaways**
#
# - [An early precision ratio of 2 means twice chance](#beeline-score), and the same 2 can be close
#   to the ceiling or far below it: the ceiling is one over the density of the network.
# - [One set of cells, several truths](#beeline-truths): protein association, binding somewhere, and
#   binding in this cell type. A method can do well on one and no better than chance on another.
# - [A score needs its controls](#beeline-live): a random ranking, a correlation with and without the
#   number of detected genes, and a ranking that knows only how many targets each TF has.
# - [Single trainings scatter](#beeline-live), so a result is several seeds and their spread. The
#   ensemble over seeds is one more ranking; its best member can be better.
# - [A claim about a method is a count over benchmarks](#beeline-grid), with the number of
#   benchmarks, the rivals and an interval beside it.
#
# **You will be able to** compute EPR and AUPRC ratio and their controls, train DeepSEM with both
# presets of the paper, read the paper's Fig. 3, recompute its counts from a table of results, and
# say what they do and do not show.
#
# **Before you start**: [what a GRN is](01_what_is_a_grn) and
# [training and ensembling](04_training_and_ensembling).
# **Time**: 40 minutes to read; three to four minutes to run on a CPU, `full` about twice as
# long; a GPU helps little with so few genes.

# %% [markdown]
# (beeline-score)=
# ## A score worked out by hand
#
# The smallest benchmark that works: two TFs (A, B), two more genes (c, d), and a known network with
# three edges. Each TF may regulate every gene but itself, so there are six *candidate* edges.
# A method has given each candidate an importance.

# %%
truth = pd.DataFrame([("A", "c"), ("A", "d"), ("B", "A")], columns=["Gene1", "Gene2"])
answer = pd.DataFrame(
    [("A", "c", 0.9), ("B", "c", 0.7), ("B", "A", 0.5), ("A", "d", 0.3), ("A", "B", 0.2), ("B", "d", 0.1)],
    columns=["TF", "target", "importance"],
)  # fmt: skip
answer

# %% [markdown]
# BEELINE {cite:p}`pratapa2020` takes as many edges from the top of the list as the network has,
# $k$, and asks which share of them is true: the *early precision*. Divided by the share of true
# edges among all candidates (the *density*, which is what a random ranking gets) it is the **early
# precision ratio**, EPR. The **AUPRC ratio** divides the area under the precision–recall curve by
# the same density: it looks at the whole list, with most weight on its start.

# %%
k, density = len(truth), len(truth) / len(answer)
is_true = (
    answer[["TF", "target"]]
    .apply(tuple, axis=1)
    .isin(truth.apply(tuple, axis=1))
    .to_numpy()
)
early_precision = is_true[:k].mean()
precision_at_hits = np.cumsum(is_true)[is_true] / (np.flatnonzero(is_true) + 1)
by_hand = {
    "epr": early_precision / density,
    "auprc_ratio": precision_at_hits.mean() / density,
}
by_package = ds.evaluate(answer, truth)
assert all(np.isclose(by_hand[name], by_package[name]) for name in by_hand)

# %% tags=["remove-input"]
Markdown(
    f"{is_true[:k].sum()} of the first {k} edges are true: early precision {early_precision:.2f}, "
    f"density {density:.2f}, **EPR {by_hand['epr']:.2f}**, AUPRC ratio {by_hand['auprc_ratio']:.2f}. "
    f"The best ranking there can be has early precision 1, so the ceiling of both is 1 / density = "
    f"{by_package['max_epr']:.0f}. No method can have EPR 3 on this network, and none needs skill to "
    f"have 1."
)

# %% [markdown]
# The variant in use here is that of BEELINE 1.1: scores equal to the $k$-th are all taken and the
# share is that of the edges taken; self edges are not candidates; the sign of an importance does not
# matter. Other programs count slightly differently, so a number from another paper may not be
# comparable.

# %% [markdown]
# (beeline-truths)=
# ## One set of cells, several truths
#
# BEELINE's seven data sets come with three kinds of known network (a fourth exists for one of them):
#
# - **STRING** {cite:p}`szklarczyk2019`: functional association of proteins from many sources. Its
#   edges between TFs are all listed both ways, so they cannot say which of the two regulates.
# - **Non-specific ChIP-seq**: the TF was found bound near the gene, in any cell type.
# - **Cell-type-specific ChIP-seq**: bound near the gene in these cells. Few TFs were measured, and
#   each is bound near very many genes.
# - **LOF/GOF** (mouse embryonic stem cells only): expression changed when the TF was knocked out or
#   over-expressed. The only one of the four that is about effects.
#
# We use dendritic cells of the mouse after stimulation {cite:p}`shalek2014`, with BEELINE's gene set
# "TFs + 500": all TFs that vary along pseudotime and the 500 most varying other genes.

# %%
problem = beeline.Problem.load(adata.uns["source"]["name"])
regulators = {
    kind: set(network["Gene1"].str.upper())
    for kind, network in problem.networks.items()
}
blank = ds.edge_table(np.zeros((adata.n_vars,) * 2), problem.genes, problem.tfs)
sizes = pd.DataFrame(
    {
        kind: ds.evaluate(blank, network, problem.genes)
        for kind, network in problem.networks.items()
    }
).T[["n_tfs", "n_genes", "n_edges", "density", "max_epr"]]
sizes.astype({"n_tfs": int, "n_genes": int, "n_edges": int}).round(3)

# %% tags=["remove-input"]
listed = set(adata.var_names[adata.var["tf"]].str.upper())
extra = sorted(set.union(*regulators.values()) - listed)
Markdown(
    f"{adata.n_obs} cells and {adata.n_vars} genes. Methods may use {len(problem.tfs)} regulators: the "
    f"{len(listed)} genes on the list of TFs"
    + (
        f", and {', '.join(extra)}, which the networks list as regulators. "
        if extra
        else ". "
    )
    + f"The ceiling (`max_epr`) runs from {sizes['max_epr'].min():.1f} to {sizes['max_epr'].max():.1f}: "
    "an EPR on one network cannot be compared with an EPR on another."
)

# %% [markdown]
# ## Two presets, two trainings
#
# The authors train DeepSEM with other settings for cell-type-specific networks (and LOF/GOF) than
# for STRING and non-specific ChIP. The settings were chosen with the scores in view; nothing in
# the data says which preset to take when no truth is known. They differ in what is reconstructed
# (ledger 7), how expression is standardised (ledger 8), in the weights of the loss, and in the
# number of epochs (ledger 13):

# %%
# ledger 9: few genes need a smaller start
safe = {} if adata.n_vars >= 500 else {"W_init": "safe"}
presets = {
    "nonspecific": ds.Config.nonspecific(**safe),
    "specific": ds.Config.cell_type_specific(problem.name.split("/")[-1], **safe),
}
settings = pd.DataFrame({name: asdict(config) for name, config in presets.items()})
settings = settings.where(settings.notna(), "none")
settings[settings["nonspecific"] != settings["specific"]]

# %% [markdown]
# A training takes seconds (chapter [Why it is fast](06_why_it_is_fast) says why), so we train
# several seeds of each. The answer of the ensemble is the mean of |W| (ledger 14).

# %%
n_seeds = {
    "quick": {"nonspecific": 4, "specific": 3},
    "full": {"nonspecific": 10, "specific": 10},
}
results = {
    preset: ds.fit(adata, config, seeds=n_seeds[PROFILE][preset])
    for preset, config in presets.items()
}

# %% tags=["remove-input"]
seconds = {
    preset: np.mean([member.seconds for member in result.members])
    for preset, result in results.items()
}
Markdown(
    "Seconds per training here: "
    + ", ".join(f"{preset} {value:.0f}" for preset, value in seconds.items())
    + "."
)

# %% [markdown]
# (beeline-live)=
# ## The scores beside their controls
#
# Every score is printed with four companions: a **random** ranking (several, since chance scatters
# too); the absolute **Pearson** correlation of TF and gene; the **TF-degree** oracle, which ranks
# TFs by their number of targets *in the truth* and knows nothing else; and the ceiling. The oracle
# cheats, but in one respect only: a score below it can be reached without knowing a single edge,
# by knowing which TFs have many.
#
# One more correlation is needed. Some cells show more genes than others, for technical reasons, and
# that alone makes all genes correlate. DeepSEM sees whole cells and can discount it; a plain
# correlation cannot. **Pearson-detection** (chapter 1's |r| without depth: the partial correlation
# given how many genes a cell shows) is what is left when the number of undetected genes of each cell
# has been regressed out of every gene: one line of algebra, no network model. What DeepSEM has over
# this control is more than an adjusted correlation finds.

# %%
preset_of = {kind: beeline.benchmark_table.PRESET_OF[kind] for kind in problem.networks}
answers = {
    kind: beeline.live.rankings(problem, kind, results[preset])
    for kind, preset in preset_of.items()
}
scores = beeline.live.scored(problem, answers)

# %% tags=["remove-input"]
page.show(beeline.live.rankings)

# %% tags=["remove-input"]
beeline.live.shown(scores)

# %% [markdown]
# Median and, in brackets, smallest and largest value of *n* rankings. `DeepSEM*` is the paper's
# name for a single training, `DeepSEM` is the ensemble.

# %% mystnb={"figure": {"caption": "EPR of each ranking on the three networks. Dotted: chance. Green: the ceiling of the network. A DeepSEM* dot is one seed, DeepSEM the ensemble. What to look for: is the whole cloud of seeds above the cloud of random rankings and above Pearson, and how far is it from the degree oracle?", "name": "fig-beeline-epr"}, "image": {"alt": "One panel per network with a logarithmic axis of EPR: crosses for random rankings, squares for Pearson and for Pearson-detection, dots for single DeepSEM trainings, a diamond for the ensemble, a triangle for the degree oracle, and a green line for the ceiling."}} tags=["remove-input"]
beeline.figures.beside_controls(scores, "epr", "EPR")

# %% mystnb={"figure": {"caption": "The same for the AUPRC ratio, which takes the whole list into account. Compare the order of the methods with that of the EPR.", "name": "fig-beeline-auprc"}, "image": {"alt": "One panel per network with a logarithmic axis of the AUPRC ratio, laid out as the figure before."}} tags=["remove-input"]
beeline.figures.beside_controls(scores, "auprc_ratio", "AUPRC ratio")

# %% tags=["remove-input"]
Markdown(beeline.text_live.of_scores(scores, preset_of))

# %% [markdown]
# ### Where along the list are the true edges?
#
# A single number hides the shape. The two figures below show the same ranking in two ways: precision
# against recall, and the precision of the first edges relative to chance as the list gets longer.
# The vertical line marks $k$, where EPR is read off.

# %%
curves = beeline.live.curves(problem, answers)

# %% tags=["remove-input"]
page.show(beeline.live.curve)

# %% mystnb={"figure": {"caption": "Precision against recall (log scale). Dotted: the density, which a random ranking has at every recall. All curves meet at the end of the list; look at which recall a method has come down to the dotted line.", "name": "fig-beeline-pr"}, "image": {"alt": "One panel per network of precision over recall on a logarithmic axis, with lines for random, Pearson, DeepSEM and the degree oracle that end at the density."}} tags=["remove-input"]
beeline.figures.precision_recall(curves, sizes["density"].to_dict())

# %% mystnb={"figure": {"caption": "Precision of the first edges divided by the density, against the number of edges taken (log scale). EPR is the value at the grey line. Where the curve is steep there, EPR depends on the size of the network as much as on the method.", "name": "fig-beeline-early"}, "image": {"alt": "One panel per network of early precision over density against the number of edges taken, with a vertical line at the number of true edges."}} tags=["remove-input"]
beeline.figures.early_precision(curves, sizes["n_edges"].astype(int).to_dict())


# %% tags=["remove-input"]
single = beeline.live.of_seeds(
    problem, {kind: results[preset] for kind, preset in preset_of.items()}
)
Markdown(
    beeline.text_live.of_heads(
        beeline.live.heads(curves),
        beeline.live.heads(single),
        scores,
        sizes["density"].to_dict(),
    )
)

# %% [markdown]
# (beeline-grid)=
# ## The recorded grid: the paper's Fig. 3
#
# The paper compares on 44 benchmarks: seven data sets, two gene sets, and their networks. Our table
# (`data/results/beeline.csv`) was made by the command below, which is also how a row is made
# again. It has one row per benchmark, method, seed and size of the ensemble, with settings,
# versions, hashes of the input, seconds and memory.
#
# ```
# python -m deepsem_book.beeline.benchmark --data beeline/mDC-500 --methods DeepSEM Pearson --seeds 10
# ```

# %%
recorded = beeline.benchmark_table.recorded("", "lineage")
compared = beeline.Comparison.of(recorded)
epr, auprc = compared.scores.values()
shown = [*compared.columns, *beeline.comparison.CONTROLS]
NOTHING = Markdown(beeline.text_comparison.NOTHING)

# %% tags=["remove-input"]
benchmarks = datasets.benchmarks()
Markdown(beeline.text_comparison.of_table(compared, benchmarks))

# %% [markdown]
# (beeline-coverage)=
# ### What stands behind a number
#
# The paper repeats every method ten times. A method that takes no chance needs one run. For the others
# the table says how many seeds each matrix has (the fewest and the most), and which setting is not the
# published one: a heavy method may have been cut down to what this computer can do.

# %%
coverage = beeline.comparison.coverage(recorded)
yes_or_no = coverage["takes chance"].map({True: "yes", False: "no"})
coverage.assign(**{"takes chance": yes_or_no})

# %% tags=["remove-input"]
cut = beeline.comparison.cut_down(coverage)
Markdown(beeline.text_comparison.of_coverage(coverage, cut, wanted=10))

# %% [markdown]
# What does the cut cost? A sample of 200 cells of the matrix with the fewest genes is small enough for
# forests of several sizes (`data/results/trees`):
#
# ```
# python -m deepsem_book.beeline.benchmark --data beeline/mHSC-L-500@200 --methods GENIE3/n_trees=200 --seeds 2 --out data/results/trees
# ```

# %%
trees = beeline.benchmark_table.recorded("trees").query("error == ''")
by_trees = beeline.comparison.by_trees(trees)
by_trees.round({"EPR": 3, "smallest": 3, "largest": 3, "AUPRC ratio": 3, "seconds": 0})

# %% tags=["remove-input"]
Markdown(
    beeline.text_comparison.price_of_the_cut(by_trees, trees["data"].unique(), cut)
) if len(trees) else NOTHING

# %% mystnb={"figure": {"caption": "EPR in the layout of the paper's Fig. 3: median over seeds; DeepSEM is the ensemble of all seeds. Colour runs from the lowest to the highest method of a row, black is below chance, hatched rows were not run here. The columns random and TF-degree are controls and take no part in the colours. How many seeds a column has, and what is cut down in it, says the table above.", "name": "fig-beeline-map-epr"}, "image": {"alt": "A heat map of EPR with data sets as rows, grouped by kind of network, and methods as columns; for each kind 500 genes above 1000."}} tags=["remove-input", "full-width"]
beeline.figures.score_map(epr[shown], benchmarks, beeline.comparison.CONTROLS)

# %% [markdown]
# The paper's own map is its [Fig. 3](https://www.nature.com/articles/s43588-021-00099-8/figures/3); open it
# beside this one. It has the same rows and colours, and of the columns those of the paper's own methods. `LinearSEM` is
# [the model without neural networks](09_after_deepsem), with settings that were not tuned on these networks.

# %% mystnb={"figure": {"caption": "AUPRC ratio in the same layout (the paper's Supplementary Fig. 1).", "name": "fig-beeline-map-auprc"}, "image": {"alt": "A heat map of the AUPRC ratio in the layout of the figure before."}} tags=["remove-input", "full-width"]
beeline.figures.score_map(auprc[shown], benchmarks, beeline.comparison.CONTROLS)

# %% [markdown]
# ### Every number, to sort and to point at
#
# The same EPR as a table. Click a heading to sort by it: by the ceiling, for instance, or by one
# method. Point at a score to see how many inferences it is the median of, and their range.

# %% tags=["remove-input", "full-width"]
every, hover = beeline.comparison.every_score(compared, benchmarks)
beeline.sortable(every, hover) if len(every) else NOTHING

# %% tags=["remove-input"]
absent = len(benchmarks) - len(every)
Markdown(
    f"The table leaves out the {absent} of {len(benchmarks)} benchmarks that were not run, because "
    "their files are not available here; the figures show them hatched."
) if absent and len(every) else None

# %% [markdown]
# ### The paper's numbers beside ours
#
# The paper counts on how many of its benchmarks DeepSEM is best, and on how many at least 10 %
# above the second best; it gives the mean gain, the mean of (DeepSEM / other − 1), over three
# methods, and how often DeepSEM is equal or better {cite:p}`shu2021`. Below is the same from our
# table, on the benchmarks that we have and against those of the paper's six methods that were run
# here. A tie is not a win. For the gains the paper does not say which score it means, so both are shown.
#
# Benchmarks of the same cells are not independent: two gene sets and three networks share their
# cells, and mostly the training too. The intervals therefore come from the scatter between sets of
# cells, by Student's t with one degree of freedom less than there are sets. They are wide, as five
# sets can only give. (Two of the five, the blood lineages, are of one experiment, so the true number
# is rather four.) The last column is a bootstrap: it draws the sets with replacement. With five sets
# that looks more precise than it is: a test of the package simulates such benchmarks, and this kind of
# interval misses the truth more than twice as often as it promises, so Student's judges.

# %%
compared.rivals

# %% tags=["remove-input", "full-width"]
beeline.beside_paper.counts_and_gains(compared) if compared.rivals else NOTHING

# %% [markdown]
# Now every column: the single training (what the ensemble adds, ledger 14), the methods of the paper,
# those that the paper does not have, and the degree oracle. Where the other score is close to zero, one
# ratio can decide the paper's arithmetic mean, whose interval may then end below −100 %, which no
# gain can. The interval here is therefore that of the geometric mean of DeepSEM / other (the mean of the
# logarithms, transformed back): 1 means no difference, and twice weighs as much as half.

# %% tags=["remove-input"]
gain = beeline.comparison.all_gains(compared)
gain if len(gain) else NOTHING

# %% tags=["remove-input"]
outcome = beeline.text_comparison.outcome(compared, coverage)
Markdown(f"**What the table says.** {outcome}")

# %% [markdown]
# (beeline-again)=
# ### Would ten other seeds say the same?
#
# The paper's Fig. 3 is the median over ten repeats. Ours is one ensemble of ten members, and another ten
# seeds would give another one. This is a second, from the seeds 10 to 19, where it was trained
# (`data/results/again`: the matrices with 500 genes beside the TFs):
#
# ```
# python -m deepsem_book.beeline.benchmark --data beeline/mDC-500 --methods DeepSEM --seeds 10 --first 10 --out data/results/again
# ```

# %% tags=["remove-input", "full-width"]
again = beeline.benchmark_table.summarise(beeline.benchmark_table.recorded("again"))
repeated = beeline.comparison.of_other_seeds(compared, again)
repeated

# %% tags=["remove-input"]
Markdown(
    "The two ensembles differ without regard to sign by "
    + " and ".join(f"{r['median difference, %']} % in {name}" for name, r in repeated.iterrows())
    + " (medians). A lead of DeepSEM that is not clearly larger than this may come from its seeds."
)  # fmt: skip

# %% [markdown]
# ### By kind of network
#
# An average over all benchmarks mixes networks on which methods differ with networks on which no
# method is far from chance. **Median EPR over the benchmarks of a kind**, with the number of
# benchmarks run here of all:

# %% tags=["remove-input"]
by_kind = beeline.comparison.medians_by_kind(compared)
n_run = epr.groupby(level="network").size()
n_all = benchmarks.groupby("kind").size()
by_kind.T.rename(
    columns=lambda kind: f"{kind} ({n_run[kind]} of {n_all[kind]})"
).rename_axis("median EPR", axis="columns") if len(by_kind) else NOTHING

# %% tags=["remove-input"]
Markdown(beeline.text_comparison.of_kinds(by_kind[compared.judged])) if len(
    by_kind
) else NOTHING

# %% [markdown]
# (beeline-cells)=
# ### How many cells does it take?
#
# The paper's Supplementary Fig. 2 draws 400, 300, 200, 100 and 50 cells. Ours does the same for
# three matrices that have more than 400 cells; every sample is part of the next larger one, and the
# number of epochs stays, so fewer cells also mean fewer steps.
#
# ```
# python -m deepsem_book.beeline.benchmark --data beeline/hHEP-500@50 --methods DeepSEM --seeds 5 --out data/results/cells
# ```

# %%
cells = beeline.comparison.by_cells(beeline.benchmark_table.recorded("cells"))

# %% mystnb={"figure": {"caption": "EPR against the number of cells. A dot is one training, the line is the ensemble of all of them. Dotted: chance.", "name": "fig-beeline-cells"}, "image": {"alt": "One panel per kind of network of EPR over 50 to 400 cells, with a line and a cloud of dots for each of three matrices."}} tags=["remove-input"]
beeline.figures.over_cells(cells, "EPR") if len(cells) else NOTHING

# %% tags=["remove-input"]
few_cells = beeline.text_cells.of_cells(cells)
Markdown(few_cells) if few_cells else NOTHING

# %% [markdown]
# (beeline-schedule)=
# ### The learning-rate schedule
#
# The authors' call of the scheduler lets the learning rate of the MLPs decay by 5 % per epoch
# with the torch version that the paper used, and leaves it constant with versions from 1.4 on
# (ledger 12). Both are in the table; the preset decays.

# %% tags=["remove-input"]
schedule = beeline.comparison.schedules(compared.scores)
Markdown(beeline.text_comparison.of_schedules(schedule)) if len(schedule) else NOTHING

# %% [markdown]
# ### Time and memory
#
# CPU seconds of one inference on one thread. DAZZLE and RegDiffusion run in the faster forms of
# [chapter 6](#fast-peers). `peak_mb` is the most that the process held in memory, with all libraries
# that it had loaded. That is most of the number: it says what a machine needs, and does not rank the
# methods. A method with fewer `matrices` than the others was run on other sizes, so its median is not
# comparable.

# %% tags=["remove-input"]
costs = beeline.comparison.costs(recorded)
costs if len(costs) else NOTHING

# %% [markdown]
# ### Is the table still true?
#
# The trainings of this page have the seeds of recorded rows. We compare: on another machine or
# another version of torch, a training with the same seed is a different draw, so the test is
# whether the live scores lie within the recorded spread.

# %% tags=["remove-input"]
stored = recorded[
    (recorded["data"] == problem.name) & (recorded["method"] == "DeepSEM")
]
Markdown(
    beeline.live.beyond_recorded(stored, scores, list(problem.networks), preset_of)
    or f"No DeepSEM rows of {problem.name} are recorded, so nothing to compare."
)

# %% [markdown]
# ## What differs from the paper
#
# - [Ledger 7](#ledger-7) and [8](#ledger-8): all entries are reconstructed for STRING and
#   non-specific ChIP, non-zero entries for the rest; the standardisation differs in the same way.
#   Both follow the code.
# - [Ledger 12](#ledger-12): the decay of the learning rate depends on the torch version in
#   the authors' code. Here it is explicit, and [both schedules are measured](#beeline-schedule).
# - [Ledger 13](#ledger-13): the code trains one epoch more than its option says; so do we.
# - [Ledger 14](#ledger-14): the ensemble is the mean of |W| over seeds. Seeds are fixed here.
#   The paper's Fig. 3 shows the median over ten repeats; our ensemble is one of ten members,
#   and [a second one](#beeline-again) says how far its seeds matter.
# - [Ledger 15](#ledger-15): the authors' code sorts edges by signed weight, their tutorial
#   by absolute weight. We use |W|; exercise 2 shows what the sign does.
# - Regulators: all methods may use the genes on BEELINE's list of TFs and the few further genes that
#   a network lists as regulators. Without these the missing edges would count as misses.
# - Baselines are our own implementations of the published methods, each checked on cases with
#   a known answer; `config` in the table has their settings.
# - LOF/GOF is scored with the cell-type-specific preset, where the authors' README puts it.
#
# ## Summary


# %% tags=["remove-input"]
median = scores.groupby(["network", "method"])["epr"].median().unstack()
Markdown(
    f"- On {problem.name}, from {sum(n_seeds[PROFILE].values())} trainings on this page: "
    + "; ".join(
        f"{kind} EPR {median.loc[kind, 'DeepSEM']:.2f} with {n_seeds[PROFILE][preset]} seeds "
        f"({beeline.text_comparison.of_ensemble(stored, kind, preset)}, Pearson {median.loc[kind, 'Pearson']:.2f}, "
        f"Pearson-detection {median.loc[kind, 'Pearson-detection']:.2f}, "
        f"oracle {median.loc[kind, 'TF-degree']:.2f}, ceiling {sizes.loc[kind, 'max_epr']:.1f})"
        for kind, preset in preset_of.items()
    )
    + f".\n- {outcome}\n"
    "- A score far below the degree oracle can still hold information about edges that the oracle "
    "lacks, and a score at the oracle's height need not hold any; exercise 4 begins to separate the "
    "two."
)

# %% [markdown]
# ## Exercises
#
# **1. How many members?** Compute the EPR of ensembles of 1, 2, ... members on one network, each
# over several choices of the members. Where does it stop growing?

# %% tags=["hide-cell"]
kind = next(iter(problem.networks))
members = np.abs(results[preset_of[kind]].Ws)
rng = np.random.default_rng(0)
for size in range(1, len(members) + 1):
    draws = [rng.permutation(len(members))[:size] for _ in range(3)]
    means = [
        ds.edge_table(members[draw].mean(axis=0), problem.genes, problem.tfs)
        for draw in draws
    ]
    eprs = [
        ds.evaluate(edges, problem.networks[kind], problem.genes)["epr"]
        for edges in means
    ]
    print(
        f"{size} members: EPR {np.mean(eprs):.2f} ({min(eprs):.2f} to {max(eprs):.2f})"
    )

# %% [markdown]
# **2. The sign.** Rank the edges of each training by signed W instead of |W| (ledger 15), once from the
# largest and once from the smallest, and give the change of EPR with an interval over seeds. `evaluate` ignores
# signs, so shift the weights first. What does the result say about activation and repression in these networks?

# %% tags=["hide-cell"]
outcomes_of_kinds, SAME = [], 0.05
ORDERS = {
    "largest W first": lambda W: W - W.min(),
    "smallest W first": lambda W: W.max() - W,
}


def epr_of(W: np.ndarray, kind: str) -> float:
    return ds.evaluate(ds.edge_table(W, problem.genes, problem.tfs), problem.networks[kind], problem.genes)["epr"]  # fmt: skip


for kind in problem.networks:
    members = results[preset_of[kind]].Ws
    plain = np.array([epr_of(W, kind) for W in members])
    outcome = []
    for name, order in ORDERS.items():
        change = np.array([epr_of(order(W), kind) for W in members]) - plain
        _, low, high = beeline.t_interval(change)
        print(
            f"{kind}, {name}: EPR {change.mean():+.2f} [{low:+.2f}, {high:+.2f}] against |W| "
            f"({plain.mean():.2f}), {len(members)} seeds"
        )
        none = np.abs(change).max() < SAME
        word = (
            "makes no difference" if none else beeline.verdict(len(change), low, high)
        )
        outcome.append(f"{name} {word}")
    outcomes_of_kinds.append(f"**{kind}**: {', '.join(outcome)}")
Markdown(
    f"Against |W|: {'; '.join(outcomes_of_kinds)}. "
    f"(No difference: less than {SAME} of EPR in every seed.)"
)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# If one order does about as well as |W| and the other poorly, the information is in the edges of one
# sign: the strongest weights have mostly this sign. Where |W| itself is no better than chance, the
# orders say nothing. None of the networks lists signs, so a method is not asked for them. A sort by
# signed weight puts all negative weights last, however strong they are.
# :::
#
# **3. The other preset.** Score each network with the ensemble that was trained with the preset of
# the *other* kind. How much of the result on cell-type-specific ChIP is the preset?

# %% tags=["hide-cell"]
by_preset = {}
for kind, network in problem.networks.items():
    by_preset[kind] = {}
    for preset, result in results.items():
        edges = result.edges(problem.tfs, score="paper")
        score = ds.evaluate(edges, network, problem.genes)
        used = {True: "the paper's", False: "the other"}[preset == preset_of[kind]]
        seeds = by_preset[kind][used] = np.array([epr_of(W, kind) for W in result.Ws])
        print(
            f"{kind}, {preset} ({used}): EPR {score['epr']:.2f}, AUPRC ratio "
            f"{score['auprc_ratio']:.2f}; single seeds EPR {seeds.min():.2f} to "
            f"{seeds.max():.2f}"
        )
Markdown(beeline.text_live.of_presets(by_preset))

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# If the other preset does as well or better, the choice of the preset is not an explanation of the
# result. It is also a warning: a preset that is chosen after looking at the scores of the same
# networks makes these scores too good.
# :::
#
# **4. Beyond degrees.** `within_tf_auroc` asks for each TF whether its true targets rank above its
# other genes; how many targets a TF has does not matter there. Compare DeepSEM, Pearson and
# the degree oracle with random rankings. Which of them knows targets?

# %% tags=["hide-cell"]
N_RANDOM = 19  # a further random ranking is above all of them one time in 20


def within(edges: pd.DataFrame, kind: str) -> pd.Series:
    """AUROC of each TF that has one."""
    within_tfs = beeline.within_tf_auroc(edges, problem.networks[kind], problem.genes)
    return within_tfs["auroc"].dropna()


said = []
for kind in problem.networks:
    by_chance = [
        within(beeline.random_scores(problem.genes, problem.tfs, seed), kind).mean()
        for seed in range(N_RANDOM)
    ]
    print(f"{kind}, {N_RANDOM} random: {min(by_chance):.3f} to {max(by_chance):.3f}")
    above = []
    for method, edges in dict(answers[kind]).items():
        if method == "random":
            continue
        auroc = within(edges, kind)
        print(
            f"{kind}, {method}: mean AUROC within TFs {auroc.mean():.3f} "
            f"(sd {auroc.std():.3f} over {len(auroc)} TFs)"
        )
        if auroc.mean() > max(by_chance):
            above.append(method)
    said.append(f"**{kind}**: {', '.join(above) or 'none'}")
Markdown(f"Above all {N_RANDOM} random rankings: {'; '.join(said)}.")

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# The oracle has exactly 0.5: all targets of a TF have the same score. A random ranking has 0.5 only on
# average: with few TFs its mean scatters widely, so 0.5 is not the bar. A method above the random
# rankings, not just above 0.5, ranks true targets of the same TF above its other genes, so it holds
# information that degrees of TFs do not have. (It may still be the degrees of the *targets*: a gene
# that is a target of many TFs.)
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(adata, seeds=range(max(n_seeds[PROFILE].values())))
