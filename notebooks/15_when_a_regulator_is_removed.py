# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # When a regulator is removed
#
# **Does a network learned from untouched cells say which genes move when a regulator is cut?**

# %% tags=["setup", "remove-cell"]
import importlib.util

ADDRESS = "https://github.com/deepsem-minimal/deepsem-minimal"  # the repository
# Where the package is missing, as on Colab: add it and what it needs, replace nothing.
if importlib.util.find_spec("deepsem_book") is None:
    import os
    import subprocess
    import sys
    import tempfile

    def pip(*words):
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
        env = os.environ | {"GIT_TERMINAL_PROMPT": "0"}  # fail rather than ask
        return subprocess.run(command, env=env, capture_output=True, text=True)

    print("Adding the package: about half a minute.")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as present:
        present.write(pip("list", "--format=freeze").stdout)
    package = f"deepsem_minimal[chapters] @ git+{ADDRESS}"
    done = pip("install", "-q", "-c", present.name, package)
    if done.returncode:
        print(done.stderr[-2000:])
        raise RuntimeError(
            f"The package could not be installed from {ADDRESS}; pip's words are above. "
            "Open that address in a browser. If nothing is there, it is a placeholder: ask "
            "whoever gave you this notebook where the repository is, and write it after "
            "ADDRESS in this cell (on Colab, double-click the cell's title to see the "
            "code). If the page is there and pip speaks of conflicts, Colab has changed: "
            "choose an older version of the runtime (Runtime, Change runtime type) and "
            "open an issue. Otherwise the network failed: run this cell again."
        )
    print("Done.")

# %% tags=["parameters", "remove-cell"]
PROFILE = "quick"

# %% tags=["remove-input"]
from deepsem_book import datasets, page, removal

table = datasets.results("removal")
any_change = removal.recorded.by_removal(table, 0.0)
large = removal.recorded.by_removal(table, removal.recorded.LARGE)
page.say(
    "**In simulated cells a network says what a removal moves; in human cells none is shown to ({n} removals), and whether one "
    "does about the large effects of one pathway is undecided.** AUROC above the higher of two nulls (another gene's ranking, genes of like expression; 0: nothing known), "
    "mean over the removed genes: simulated cells {sim:+.2f} for DeepSEM and {sim_r:+.2f} for the correlation; human cells {own:+.2f} [{low:.2f}, {high:.2f}] and {r:+.2f}; "
    "of changes above 0.2 sd {large:+.2f} [{large_low:.2f}, {large_high:.2f}] and {large_r:+.2f} ({n_large} removals).",
    **removal.recorded.answer(table),
)

# %% mystnb={"figure": {"caption": "Predictions from control cells only, judged against the genes that moved when a gene was cut (THP-1 cells): AUROC above the higher of two nulls, mean over the removed genes with 95 % interval. Left: every significant change; right: those of 0.2 sd or more. Blue: DeepSEM; orange: Pearson; grey: [other rankings](#removal-screens). A ranking without knowledge lies a little below 0, as *random*.", "name": "fig-removal-answer"}, "image": {"alt": "Two forest plots with one row per ranking. Left, all intervals are narrow and around zero; right, most of them are wide, and most centres are above zero."}}
above = {"any change": any_change, "large change": large}
removal.figures.by_method(
    {
        title: removal.recorded.over_removals(rows, "excess")
        for title, rows in above.items()
    },
    "papalexi",
)

# %% [markdown]
# **Key takeaways**
#
# - [A removal is an experiment](#removal-effects): what moves is an effect, direct or not, and no correlation.
# - [Two nulls](#removal-nulls) ask whether a ranking is about *this* regulator or about genes that always move.
# - [The same procedure finds the effects](#removal-screens) where cells follow the model.
# - [Binding and association predict effects a little](#removal-overlap), and much of that is the number of targets.
#
# **You will be able to** test a network against a screen of knock-outs, choose the nulls, and say how large an advantage
# a screen could have shown.
#
# **Before you start**: [what EPR rewards](08_what_epr_rewards) and [simulating cells](12_simulating_cells). **Time**: 30 minutes to
# read; two to four minutes to run on a CPU (`full`: fifteen).

# %%
import pandas as pd
from anndata import AnnData

import deepsem_minimal as ds

source = page.choose("papalexi", "sim/nonlinear-100")
page.header(PROFILE, source)

# %% [markdown]
# (removal-effects)=
# ## What a removal shows
#
# All truths so far were associations: a database of functions (STRING), or where a factor binds (ChIP-seq). In a pooled
# **CRISPR screen** {cite:p}`dixit2016,papalexi2021` each cell carries a guide RNA, which leads a cutting enzyme to one gene or, in control cells,
# to none, and its RNA tells which other genes moved. That is what an arrow in a [GRN](01_what_is_a_grn) promises.
#
# We take cells of two screens: THP-1, a human cell line with nine of its cut genes among 299 measured ones, and mouse
# dendritic cells with eight cut among 24; genes seen in less than a twentieth of the control cells are left out. For every other gene: the
# change of its mean, the Wasserstein distance to the control cells (how far expression must be moved to turn one group into the other),
# and a Mann-Whitney test (do the groups differ in rank?). A gene *moved* when it is called with a false discovery rate of 5 % or less, the share
# of false calls among the called ones. The cut gene is not its own target.

# %%
page.show(removal.effects.compared)
screen = removal.screen_of(removal.with_removals(source))
removal.summary(screen)

# %% mystnb={"figure": {"caption": "Changes of all other genes for each removed gene. Red: moved (false discovery rate 5 %); black bar: the removed gene itself.", "name": "fig-removal-effects"}, "image": {"alt": "One row of dots per removed gene, with the genes that moved in red on both sides of zero, and a black bar left of zero for the removed gene."}}
removal.figures.effects(screen)

# %% [markdown]
# Genes whose removal hardly changes anything cannot judge a network; those with fewer than three genes that moved are left
# out below.
#
# (removal-nulls)=
# ## Predictions from control cells, and two nulls
#
# A network sees the **control cells only**. For a removed gene it ranks all others: by |r|, by DeepSEM's edges, or by what its
# decoder says when the gene is silent ([chapter 12](12_simulating_cells)). The score is the AUROC *within* the regulator:
# does a gene that moved rank above one that did not?

# %% mystnb={"figure": {"caption": "Ten best targets of one removed gene beside what its removal did.", "name": "tab-removal-ten"}}
n_seeds = 1 if PROFILE == "quick" else 3
control = AnnData(screen.control, var=pd.DataFrame(index=screen.genes))
result = ds.fit(control, seeds=n_seeds, progress=False)
k = int(
    screen.moved.sum(axis=0).argmax()
)  # the removed gene that moved the most others
edges = result.edges(tfs=[screen.removed[k]]).set_index("target")
effect = pd.DataFrame(
    {"change": screen.change[:, k], "moved": screen.moved[:, k]}, index=screen.genes
)
edges.join(effect).head(10).round(3)

# %% [markdown]
# Those are DeepSEM's ten best targets of one removed gene, beside what its removal did to them. Counted over all genes:

# %%
page.show(removal.judge)

# %% [markdown]
# Some genes move whoever is removed. So each score has two nulls. **Another gene's**: the same truth judged by the
# rankings of the other removed genes; if that is as good, the ranking is not about this regulator. **Same level**: the
# genes that moved are exchanged for genes of like expression; if that is as good, expression is what was found.

# %% mystnb={"figure": {"caption": "This page's predictions: means over the removed genes.", "name": "tab-removal-live"}}
rows = [
    {"method": made.method, "seed": made.seed} | row
    for method in ("Pearson", "Pearson-APC", removal.OWN)
    for made in removal.predictions(screen, method, range(n_seeds))
    for row in removal.judge(screen, made.changes, made.signed)
]
live = pd.DataFrame(rows)
live.groupby(["method", "seed"], sort=False)[
    ["auroc", "null_other", "null_level", "first"]
].mean().round(3)

# %% [markdown]
# (removal-screens)=
# ## The screens, recorded
#
# Ten trainings each where chance plays a part, all measured by `python -m deepsem_book.removal.measure`. First the test of the
# test: cells simulated from a known network in which regulators are silent. If the procedure could not see it there, a
# null result elsewhere would mean nothing.
#
# :::{table} The rankings that are judged.
# :name: tab-removal-rankings
#
# | ranking | what it is |
# | --- | --- |
# | Pearson, Pearson-APC, Pearson2-APC, ppcor, PIDC, linear SEM, GRNBoost2, RegDiffusion | the methods of [the whole benchmark](#whole-rivals) |
# | gene's expression | genes with much RNA first, whoever is removed |
# | random | nothing; ten draws |
# | DeepSEM, own data; DeepSEM, paper | its edges, as scored for one's own data (centred, {term}`hubs <hub>` corrected: [signs](#own-signs)); with the paper's settings, the size of W |
# | edges cut; gene silent | the decoder's change when the regulator's column of W, or its expression, is set to zero |
# :::

# %% mystnb={"figure": {"caption": "Simulated cells (100 genes, 20 regulators silent one by one). AUROC: mean over the removed genes [95 % interval]. another gene's, same level: the two nulls; above both: AUROC less the higher one, removal by removal, and p that this is 0, corrected for the number of methods. first ten: share of the ten best that moved, beside the share of all genes. sign right: of the genes that moved and for which the ranking names a sign.", "name": "tab-removal-sim"}} tags=["full-width"]
removal.recorded.shown(any_change, "sim/nonlinear-100")

# %% [markdown]
# There most rankings are far above both nulls, ppcor and RegDiffusion less. By its rules for one's own data DeepSEM is about as good as the
# correlation; the paper's settings empty W at such numbers of genes, in the screens below too ([chapter 4](04_training_and_ensembling)):
# read *DeepSEM, paper* as noise. Knowing nothing lies a little below 0, since the higher null is taken off: compare with *random*.
#
# *Edges cut* has no sign. Without its edges a target gets what h = 0 of the regulator would give, and where h = 0 lies is an accident of the training: h can
# be shifted without a change of loss or W. Only the ranking of one regulator's targets can be used, and only *gene silent* says a direction.
#
# Now the cells:

# %% mystnb={"figure": {"caption": "THP-1 cells: the same, removals with three or more genes that moved.", "name": "tab-removal-thp1"}} tags=["full-width"]
removal.recorded.shown(any_change, "papalexi")

# %% mystnb={"figure": {"caption": "Mouse dendritic cells: the same. Few removals moved three genes or more.", "name": "tab-removal-dixit"}} tags=["full-width"]
removal.recorded.shown(any_change, "dixit")

# %% mystnb={"figure": {"caption": "Methods that failed on a screen.", "name": "tab-removal-failed"}}
removal.recorded.failures(table)

# %% [markdown]
# How to read them: a method predicts if it is *above both* nulls by more than chance; on THP-1 cells none is shown to, and the dendritic
# cells, with two removals, decide nothing. The signs of the correlation are worse than a coin: nearly all correlations of THP-1 cells are positive, as where genes have {term}`depth` in
# common, so nearly every target is expected to fall with its regulator, and most genes that moved rose.
#
# **Large effects.** With hundreds of cells a test finds tiny changes. So the same truth again, where only changes of 0.2
# standard deviations of the control cells or more count. This threshold was set after the first result had been seen:
# read it as a question for another screen. It is also where the nulls matter most: a ranking by expression alone has a
# high AUROC here.

# %% mystnb={"figure": {"caption": "THP-1 cells, changes of 0.2 sd or more: STAT1, JAK2 and IFNGR2, which are one pathway.", "name": "tab-removal-large"}} tags=["full-width"]
removal.recorded.shown(large, "papalexi")

# %% [markdown]
# **Is an in-silico knock-out better than the edge?** [Chapter 12](12_simulating_cells) asks the decoder instead of reading W.

# %% mystnb={"figure": {"caption": "AUROC of in-silico knock-outs less that of DeepSEM's own edges and of the correlation, over the removals of all three screens. edges cut: the regulator's column of W is emptied; gene silent: its expression is set to 0. verdict: by the interval; p: corrected for all rows.", "name": "tab-removal-insilico"}}
removal.recorded.knock_out_gains(any_change)

# %% [markdown]
# It is not shown to be, on mostly simulated removals; both rank mostly by W.
#
# **Direction.** Where A moves B and B does not move A, an arrow points one way. Does the ranking see which? A correlation
# cannot, by symmetry.

# %% mystnb={"figure": {"caption": "Pairs of removed genes in the two screens of real cells that move one way only: how often the score is larger in that direction. Ties count ½; exact 95 % interval.", "name": "tab-removal-direction"}}
real = any_change[any_change["data"] != "sim/nonlinear-100"]
removal.recorded.directions(real)

# %% [markdown]
# None is shown to: no interval leaves out ½.
#
# **What could have been seen?** *detectable* is half the interval of a gain over the correlation: an advantage of this size shows in about
# half of such screens. The last column says how many removals it takes for one of 0.05.

# %% mystnb={"figure": {"caption": "Power: removals with enough effects, spread of a method's gain over the correlation (AUROC above both nulls), the smallest mean gain whose interval leaves out 0, and the removals needed for one of 0.05.", "name": "tab-removal-power"}}
removal.recorded.power(any_change, "excess")

# %% [markdown]
# (removal-networks)=
# ## BEELINE's genes, removed one by one in many laboratories
#
# McCalla et al. {cite:p}`mccalla2023` collected which genes changed in published knock-downs and knock-outs (*KDUnion*), and BEELINE has
# lists of losses and gains of function ({term}`LOF/GOF`). Those of the human cells are the mouse networks with human names. That of the
# dendritic cells holds the screen above, so the two are not independent, and nearly half of its pairs are edges. With these as truth
# EPR looks, on stem cells at least, as if methods worked; but the oracle that knows only how many genes each removal changed has the
# highest EPR of all, as in [chapter 8](08_what_epr_rewards).

# %% mystnb={"figure": {"caption": "EPR against networks of knock-outs, with the number of regulators that have ten or more targets. The TF-degree oracle knows the number of targets of each regulator and no edge.", "name": "tab-removal-epr"}}
networks = removal.recorded.by_network(datasets.results("knockouts/within_tf"))
removal.recorded.wide_by_network(networks, "epr")

# %% [markdown]
# Within a regulator the oracle has ½ by construction. Two rankings that never look at the regulator stand beside the methods:
# the number of zeros of a gene, and its mean |r| with all others.

# %% mystnb={"figure": {"caption": "AUROC within a regulator on the networks of knock-outs. Blue: DeepSEM's ensembles of ten; orange: Pearson; red: rankings that are the same for every regulator.", "name": "fig-removal-networks"}, "image": {"alt": "Dot plot with one row per network. All methods lie close to 0.5; on mouse cells one of the two rankings that do not look at the regulator reaches farther."}}
removal.figures.networks(removal.recorded.wide_by_network(networks))

# %% mystnb={"figure": {"caption": "DeepSEM's ensemble of ten on the same networks: AUROC within a regulator, and its gain over the correlation, regulator by regulator, with 95 % intervals.", "name": "tab-removal-deepsem"}}
ours = networks[networks["method"] == "DeepSEM"].drop(columns=["method", "epr"])
ours = ours.assign(network=ours["network"].map(removal.shown_kind))
ours.set_index(["data", "network", "preset"]).round(3)

# %%
{
    "below the correlation": int((ours["gain_high"] < 0).sum()),
    "above it": int((ours["gain_low"] > 0).sum()),
    "of": len(ours),
}

# %% [markdown]
# Where an interval leaves out 0, DeepSEM is below the correlation: on the human and on the dendritic cells, by either preset. That is no sign that the
# correlation knows the regulator, since a gene's mean |r|, the same for every regulator, is about as good.

# %% [markdown]
# (removal-overlap)=
# ## Does binding, or association, predict effect?
#
# If the paper's other truths were about regulation, their edges should move when the regulator is removed.

# %% mystnb={"figure": {"caption": "How much likelier an edge of STRING or ChIP-seq is to be an effect of removal than any pair of the same regulators and genes (ratio), and the same after rewiring with all degrees kept (95 % of the rewirings).", "name": "tab-removal-overlap"}}
overlap = datasets.results("knockouts/overlap")
shown = pd.DataFrame({
    "cells": overlap["data"].str.removeprefix("beeline/"),
    "effects in": overlap["network"].map(removal.shown_kind),
    "edges of": overlap["other"].map(removal.shown_kind),
    "TFs": overlap["n_tfs"],
    "effects among them": overlap["n_both"],
    "ratio": overlap["ratio"],
    "null_low": overlap["null_low"],
    "null_mean": overlap["null_mean"],
    "null_high": overlap["null_high"],
})  # fmt: skip
shown.round(2)

# %% [markdown]
# The ratio is above 1 nearly everywhere, and most of it is kept by the rewirings: regulators with many bound genes change
# many genes. What the edges themselves add is the distance from *null_mean*; it is sure above
# *null_high*.
#
# ## What the field's interventional benchmarks say
#
# - **CausalBench** {cite:p}`chevalley2025`: on two screens with over 200,000 cells, methods that use the interventions do not do
#   better than those that only see observations.
# - **PEREGGRN** {cite:p}`kernfeld2025`: over eleven screens it is uncommon that a method for forecasting expression beats a mean or a median.
# - **GRETA** {cite:p}`badiaimompel2024`: networks from several kinds of data change with the seed and hardly predict effects of perturbation.
# - **geneRNIB** {cite:p}`nourisa2025`: a living benchmark in which GRNBoost2 and plain correlation are hard to beat; no VAE with a network
#   is in it. DeepSEM could enter: a method there is a folder with a configuration and a script that reads expression and a list of TFs
#   and writes a table of edges, which is what `deepsem infer` does. It needs their data, and a review.
# - **Stock et al.** {cite:p}`stock2025`: with sampled negatives a degree alone reaches the scores of supervised graph networks, as the
#   oracle does here.
#
# This page agrees with them on a smaller scale, where it can tell at all. It does not say that DeepSEM's edges are useless: they may be about
# association, which is what [chapter 5](05_grn_inference_beeline) measures.
#
# ## What differs from the paper
#
# - The paper has no interventional test but LOF/GOF. The screens are the subsets that are available: 24 and 299 genes.
# - Larger screens (CausalBench's, geneRNIB's, those of scPerturb) and the simulated knock-outs of DREAM4 are not registered: their files could
#   not be reached, and an address without a checksum could not be trusted.
# - Cells of the screens stay ln(1 + UMI), since the subsets lack a cell's total. Replicates are aligned by their control cells.
#
# ## Summary
#
# - On simulated cells most networks find the effects of a removal; RegDiffusion finds less, DeepSEM with the paper's settings, made
#   for many more genes, nothing.
# - On THP-1 cells none is shown to find the significant effects, most of which are small; the screen of dendritic cells decides nothing.
# - Of the large effects of one pathway DeepSEM's edges may know something beyond both nulls: three removals do not
#   decide it.
# - In-silico knock-outs by DeepSEM's decoder are not shown to be better than its edges.
# - EPR against networks of knock-outs is paid to whoever knows the number of targets; within a regulator all methods are near ½, DeepSEM
#   on the human and the dendritic cells below plain correlation.
#
# ## Exercises
#
# **1. Check (5 minutes). A ranking that is about genes.** Rank by expression alone: what are its AUROC and its null of the
# same level?

# %% tags=["hide-cell"]
[by_level] = removal.predictions(screen, removal.LEVEL, range(1))
pd.DataFrame(removal.judge(screen, by_level.changes, by_level.signed))[
    ["removed", "auroc", "null_other", "null_level"]
].round(3)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# The AUROC and the null of another gene's ranking are nearly equal, as the ranking is the same for every gene (only that a removed gene is not its
# own target). The null of the
# same level is close: expression is all there is in it. Any method has to be above both.
# :::
#
# **2. Change (10 minutes). The threshold.** The table of large effects asks for 0.2 sd. Try 0.1 and 0.3: does what you
# conclude depend on it?

# %% tags=["hide-cell"]
pearson, own = (
    next(removal.predictions(screen, method, range(1)))
    for method in ("Pearson", removal.OWN)
)
judged = pd.concat(
    pd.DataFrame(removal.judge(screen.strict(least), made.changes)).assign(
        method=made.method, least=least
    )
    for least in (0.0, 0.1, 0.3)
    for made in (pearson, own)
).groupby(["least", "method"])
by_threshold = judged[["n_moved", "auroc", "null_other", "null_level"]].mean()
by_threshold["removals"] = judged["auroc"].count()  # with enough genes that moved
by_threshold.round(3)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# AUROCs grow with the threshold, and so do both nulls: genes with much RNA can move more. Compare a method with its
# nulls in the same row, and count the removals that are left before you believe a difference: on THP-1 cells DeepSEM's lead appears with
# the larger thresholds, where three removals of one pathway are left.
# :::
#
# **3. Judge (10 minutes). Two truths.** A factor binds near a gene, and its removal leaves the gene alone. Is the edge
# wrong? Name a measurement that would decide it.
#
# :::{admonition} Solution
# :class: dropdown
# Not necessarily: another factor may stand in, or the gene may need a stimulus that these cells did not get. A removal in the
# stimulated cells, a removal of both factors, or a mutation of the binding site would decide.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(source, seeds=range(n_seeds))
