# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # What does EPR reward?
#
# **When a ranking has an early precision ratio above 1, does it know edges, or which genes have many of them?**

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
from deepsem_book import beeline, page

page.say(
    "**By EPR, DeepSEM and every other method but SCODE, SINCERITIES and ppcor hold more true edges than degrees explain on each benchmark of STRING and "
    "non-specific ChIP-seq ({n} of {n}); on cell-type-specific networks DeepSEM does on {own} of {of}.** Of the way from what degrees give to a perfect "
    "ranking it goes {string:.0%}, {chip:.0%} and {room:.0%} (medians); Pearson-APC, a correlation with corrected hubs, {c_string:.0%}, {c_chip:.0%} and {c_room:.0%}.",
    **beeline.evidence.answer(),
)

# %% mystnb={"figure": {"caption": "How far from what degrees give (0: networks rewired with all degrees kept) to a perfect ranking (100 %). A dot is a benchmark, the orange bar the median. Filled: more true edges than degrees explain, significant after correction for all dots. DeepSEM: an ensemble of ten trainings; DeepSEM*: one training, as the other methods have.", "name": "fig-scores-answer"}, "image": {"alt": "Dots of headroom in three panels. On STRING and non-specific ChIP-seq all rankings but three have all dots filled, from about one to over twenty per cent; SCODE, SINCERITIES and ppcor lie around zero, mostly hollow, but for one dot of ppcor on STRING. On cell-type-specific ChIP-seq most dots are below 3 per cent and hollow."}}
beeline.epr_figures.headroom(beeline.evidence.tested())

# %% [markdown]
# **Key takeaways**
#
# - [A hub is worth more than an edge](#scores-toy): who knows only how many targets each TF has can have a high EPR.
# - [A ranking is a sum of three parts](#scores-parts), and two of them know no edge.
# - [Rewiring the truth](#scores-rewiring) keeps all degrees and destroys all edges.
# - [A correlation with its hubs corrected](#scores-apc) is the control for a claim about a model.
# - [Direction can be tested](#scores-direction) only by pairs of TFs that a network lists one way.
#
# **You will be able to** split any score matrix into its parts, rewire a network, and say what a published EPR needs beside it.
#
# **Before you start**: [GRN inference on BEELINE](05_grn_inference_beeline) and [its methods in a table](#whole-rivals).
# **Time**: 25 minutes to read; two to four minutes to run on a CPU (`full`: ten).

# %%
import pandas as pd

import deepsem_minimal as ds

adata = page.choose("beeline/mDC-500", "sim/nonlinear-100")
page.header(PROFILE, adata)

# %% [markdown]
# (scores-toy)=
# ## A high score without one known edge
#
# Three TFs and ten other genes: A is a {term}`hub` with eight targets, B and C have one each. A "method" that knows nothing of
# edges ranks whatever leaves A first.

# %%
hub = pd.DataFrame(
    [("A", f"g{i}") for i in range(8)] + [("B", "g8"), ("C", "g9")],
    columns=["Gene1", "Gene2"],
)
toy_genes = ["A", "B", "C", *(f"g{i}" for i in range(10))]
know_hub = beeline.degree_oracle(hub)
toy = ds.evaluate(know_hub, hub, toy_genes)
{"EPR": toy["epr"], "ceiling": toy["max_epr"]}

# %% [markdown]
# That ranking does not say which genes are A's targets: all edges of A have the same score. It is a {term}`degree oracle`, which
# takes the degrees from the truth. A method may get at them without: strongly expressed TFs correlate with everything, and
# well-studied TFs have long lists of known targets (for supervised methods the same was found, {cite:t}`stock2025`). If these are the same TFs, {term}`EPR` rises and no edge was found. The same holds
# for targets.
#
# ## One matrix, several rankings
#
# The dendritic cells of [chapter 5](05_grn_inference_beeline), with the preset for STRING on every network: the question is what a score is
# made of, not which preset is best.

# %%
problem = beeline.Problem.load(adata.uns["source"]["name"])
genes, tfs = problem.genes, problem.tfs
real = not problem.name.startswith("sim/")
config = (
    ds.Config.nonspecific()
    if real
    else ds.Config.cell_type_specific(problem.name, W_init="safe")
)
n_seeds = {"quick": 2, "full": 10}[PROFILE]
result = ds.fit(adata, config, seeds=n_seeds)

# %%
names = ["Pearson", "Pearson-detection", "Pearson-APC", "LinearSEM"]
Ws = {"DeepSEM": result.W}  # mean |W| of the members
Ws |= {name: beeline.METHODS[name](problem.X, genes, tfs) for name in names}
rankings = {name: ds.edge_table(W, genes, tfs) for name, W in Ws.items()}

# %% [markdown]
# How much can degrees earn? The {term}`ceiling`, and three oracles that know the number of targets of each TF, of TFs of each
# target, or both:

# %% mystnb={"figure": {"caption": "EPR that needs no single known edge, beside the ceiling. random, sd: scatter of random rankings around 1.", "name": "tab-scores-oracles"}}
bounds = {
    kind: beeline.limits(known, genes) for kind, known in problem.networks.items()
}
beeline.named(pd.DataFrame(bounds).T.astype({"true edges": int}).round(2))

# %% [markdown]
# (scores-parts)=
# ## Three parts of a ranking
#
# Any table of scores, TFs × targets, is a sum,
#
# $$ \text{score}(i, j) = \text{mean} + \text{effect of TF } j + \text{effect of target } i + \text{rest}(i, j) $$
#
# as in a two-way analysis of variance. Each part is a ranking of its own; the effects of TFs and of targets know no single edge.

# %% tags=["remove-input"]
page.show(beeline.decompose)

# %% mystnb={"figure": {"caption": "EPR of each ranking and of its three parts. Dotted: chance. Where the circle (rest) is above the diamond (all), the pairs of a few genes that correlate with everything fill the top of the list.", "name": "fig-scores-parts"}, "image": {"alt": "One panel per network on a logarithmic axis of EPR with one column per method: a blue diamond for the whole ranking, two triangles for TF mean and target mean, a light blue circle for the rest, and a dotted line at 1."}}
parts = pd.DataFrame(
    {"network": kind, "method": method, "part": part, "value": ds.evaluate(edges, known, genes)["epr"]}
    for kind, known in problem.networks.items()
    for method, ranked in rankings.items()
    for part, edges in ({"all": ranked} | beeline.decompose(ranked)).items()
)  # fmt: skip
beeline.epr_figures.score_parts(parts)

# %% [markdown]
# (scores-rewiring)=
# ## Rewire the truth
#
# The rest can still favour hubs. So what would the *same ranking* score on a network in which each TF has as many targets as before and
# each target as many TFs, but which edges these are is random? {term}`Rewiring <rewiring, degree-preserving>` draws such networks by
# Curveball trades {cite:p}`strona2014`: two TFs put the targets that only one of them has in a pool and draw them again.

# %% tags=["remove-input"]
page.show(beeline.rewire)

# %% [markdown]
# With the observed score $s$ and the mean and standard deviation of the rewired scores, $z = (s - \text{mean}) / \text{sd}$ says
# how sure it is that the ranking holds more than degrees; it grows with the size of the network. *How much* more says the {term}`headroom`,
# $(s - \text{mean}) / (\text{ceiling} - \text{mean})$: 0 for degrees alone, 1 for a perfect ranking.

# %% mystnb={"figure": {"caption": "EPR on the truth (diamond) and on rewired truths (grey: their range; line: mean). The bar is what degrees give, the way from it to the diamond what edges give. A bar below 1: the ranking prefers the wrong hubs.", "name": "fig-scores-rewired"}, "image": {"alt": "One panel per network on a logarithmic axis of EPR with one column per method: a blue diamond for the truth and a grey bar with a black line for the rewired truths."}}
n_rewirings = {"quick": 60, "full": 200}[PROFILE]
rewired = pd.concat(
    beeline.against_rewired(
        rankings | {"TF-degree": beeline.degree_oracle(known)},
        known,
        genes,
        n_rewirings,
    ).assign(network=kind)
    for kind, known in problem.networks.items()
)
beeline.epr_figures.against_rewired(rewired)

# %% mystnb={"figure": {"caption": "The same in numbers. holm: one-sided p of z, corrected for all rows. edges: below 0.05. The oracle has no z: no rewiring changes it.", "name": "tab-scores-rewired"}}
columns = ["epr", "null_mean", "headroom", "z", "holm", "edges"]
judged = beeline.evidence.with_verdict(rewired.set_index(["network", "method"]))
digits = {"epr": 2, "null_mean": 2, "headroom": 3, "z": 1, "holm": 3}
beeline.named(judged[columns].round(digits))

# %% [markdown]
# How to read it: headroom first, then z. *edges* says that more than degrees was shown, *not* that regulation is direct: rewiring breaks up
# genes that are regulated together, and the dense core of STRING, too. Without it nothing is shown, which is not the same as no edges. A
# ranking that prefers the wrong hubs can hold edges with an EPR below 1.
#
# And is the EPR above *chance*? In a real ranking a hub carries all its edges along, so it scatters more than random scores. Chance is the
# same matrix with **shuffled names**, TFs among TFs and other genes among others:

# %% mystnb={"figure": {"caption": "EPR beside chance, mean ± sd of 20 shuffles. above chance: p of z below 0.05 after Holm. Pairs of two TFs, which a shuffle keeps, can move the mean.", "name": "tab-scores-chance"}}
two = {name: Ws[name] for name in ["DeepSEM", "Pearson-APC"]}
beeline.named(beeline.chance_table(two, problem))

# %% [markdown]
# The two tests can disagree: a ranking may hold more than its degrees explain and not more than its hubs could have reached by luck.
#
# (scores-apc)=
# ## Hubs in closed form
#
# If all genes follow the {term}`depth` of the cell, gene $i$ by an amount $a_i$, two of them correlate by about $a_i a_j$ with no edge
# between them, and the gene that follows it most looks like a hub. Were this all, $c_{ij} = |r_{ij}| = a_i a_j$, then summed over $j$,
# $c_{i\cdot} = a_i \sum_j a_j$, and over both, $c_{\cdot\cdot} = (\sum_j a_j)^2$; so $a_i a_j = c_{i\cdot} c_{\cdot j} / c_{\cdot\cdot}$, and
#
# $$ \mathrm{APC}_{ij} = c_{ij} - \frac{c_{i\cdot}\, c_{\cdot j}}{c_{\cdot\cdot}} $$
#
# is what is left (with means in place of sums, and without a gene's similarity to itself). It comes from the prediction of contacts in
# proteins {cite:p}`dunn2008`; CLR {cite:p}`faith2007` is an older cousin. In a toy of thirteen genes the TF A follows depth closely and
# regulates nothing, B and C have four targets each:

# %% mystnb={"figure": {"caption": "The first edges of the toy by |r|, what the levels of the two genes let expect, and the difference.", "name": "tab-scores-apc"}}
toy_pairs = beeline.control.toy_edges(beeline.control.toy_cells())
toy_pairs.head(12).round(2)

# %%
beeline.control.true_at_top(toy_pairs)  # true edges among the first eight

# %% [markdown]
# ### How much of the lead?
#
# Over plain correlation, from the recorded tables ([after other methods](#scores-apc-after), the same correction, and what they know beyond it). The others are one
# inference each, so their match is one training; the paper's method is the ensemble of ten.

# %% mystnb={"figure": {"caption": "What part of DeepSEM's lead in EPR over plain correlation others have: medians over the benchmarks of STRING and non-specific ChIP-seq on which it leads. Above 1: more than DeepSEM. Pearson2-APC: the same correction of r².", "name": "tab-scores-lead"}} tags=["full-width"]
one, ten = beeline.evidence.lead("DeepSEM*"), beeline.evidence.lead("DeepSEM")
pd.concat({"over one training": one, "over the ensemble": ten}, axis=1).round(2)

# %% [markdown]
# How to read it: benchmarks of the same cells are not independent, so the last row counts each set of cells once. Of one training's lead a
# correlation with corrected hubs and a linear model ([linear SEM](09_after_deepsem)) have most, of the ensemble's half or more. A median of a set can hide opposite values: on the liver cells (hHEP) the corrected correlation has most of the
# ensemble's lead on non-specific ChIP-seq, and on STRING it is below plain correlation. Of the ensemble's lead on the blood lineages (mHSC) the linear SEM has little.
#
# (scores-direction)=
# ## Direction
#
# W[target, regulator] has a direction; a correlation has none. Only pairs of TFs that the network lists *one way* can test it, A → B but
# not B → A; STRING has none. *share right*: in how many is the score of the listed direction the larger (a tie counts half)? The TF-degree
# oracle points away from the larger hub.

# %% mystnb={"figure": {"caption": "One-way pairs of TFs, and how often each method points the listed way. Half is a coin, whose sd is 0.5 / √pairs, or more, since pairs share TFs.", "name": "tab-scores-direction"}}
directed = {name: Ws[name] for name in ["DeepSEM", "LinearSEM", "Pearson-APC"]}
direction = beeline.directions(problem, directed)
shown = direction[["one-way pairs", "share right"]].astype({"one-way pairs": int})
beeline.named(shown.round(2))

# %% [markdown]
# How to read it: within two sd of ½ no direction is shown. Degrees alone give one, which is why the oracle stands beside.
#
# (scores-benchmarks)=
# ## All benchmarks, all methods
#
# The same test for every method and benchmark of [chapter 5b](05b_the_whole_benchmark), 50 rewired truths each
# (`python -m deepsem_book.beeline.measure_rewired`). DeepSEM is an ensemble of ten; DeepSEM\*, one training of it, is what to compare the
# others with, which are single inferences too.

# %% mystnb={"figure": {"caption": "On how many benchmarks a method holds more true edges than degrees explain (Holm over all rows of a score), and the median headroom. Ordered by headroom.", "name": "tab-scores-counts"}} tags=["full-width"]
beeline.evidence.counts()

# %% [markdown]
# How to read it: on STRING and non-specific ChIP-seq little is left without degrees for SCODE, SINCERITIES and ppcor, and the others, but for plain
# correlation on ChIP-seq, lie close together. On cell-type-specific
# networks AUPRC finds for most methods something that EPR does not, and it is tiny. Matrices with 500 and 1000 genes hold the same cells, so
# there are fewer independent tests than rows.
#
# ## What differs from the paper
#
# - The paper prints EPR with chance as the only reference; all others are additions of this book.
# - The EPR is BEELINE's ({cite:t}`pratapa2020`, version 1.1); [others](#notes-variants), and [an erratum](#scores-erratum).
# - [Ledger 14](#ledger-14), the ensemble, and [15](#ledger-15), the edge list: rankings are by mean |W|, without signs.
# - Of the paper's 44 benchmarks those without data are missing.
#
# ## Summary
#
# Beside an EPR belong three numbers: chance of this very matrix, the same ranking on rewired truths, and a corrected correlation. By these,
# good methods hold edges of STRING and non-specific ChIP-seq; of cell-type-specific networks a few methods do, on some benchmarks.
#
# ## Exercises
#
# **1. Check (5 minutes). The toy, rewired.** Rewire the network with the hub A. What is z of the ranking that knows the hub, and why?

# %% tags=["hide-cell"]
beeline.against_rewired({"know the hub": know_hub}, hub, toy_genes, 50).round(2)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# A has eight targets in each rewired network, so all give the same score. The standard deviation is zero and z does not exist.
# :::
#
# **2. Change (10 minutes). The other metric.** `rewiring_test` also tests the AUPRC ratio. Does it agree on the smallest network?

# %% tags=["hide-cell"]
small = min(problem.networks, key=lambda kind: bounds[kind]["true edges"])
by_metric = {
    name: beeline.rewiring_test(rankings[name], problem.networks[small], genes, 100)
    for name in ["DeepSEM", "Pearson", "Pearson-APC"]
}
pd.concat(by_metric).round(2)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# AUPRC can see edges that come too late for EPR, and miss a good start that is followed by nothing. Where they disagree the evidence hangs
# on the cut at $k$.
# :::
#
# **3. Build (15 minutes). Another correction.** Take the means of TFs and targets out of DeepSEM's and Pearson's ranking (`decompose`) and
# compare their headroom. Is DeepSEM's lead still there?

# %% tags=["hide-cell"]
rests = {
    f"{name}, rest": beeline.decompose(rankings[name])["rest"]
    for name in ["DeepSEM", "Pearson"]
}
compared = pd.concat({
    kind: beeline.against_rewired(rests, known, genes, 20).set_index("method")
    for kind, known in problem.networks.items()
})  # fmt: skip
beeline.named(compared[["epr", "null_mean", "headroom", "z"]].round(3))

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Both have lost the *means* of TFs and targets, not every preference for hubs: where the mean on rewired truths is not 1, the rest
# still has one. So compare the headroom; a difference of the size of that between seeds decides nothing.
# :::
#
# **4. Judge (10 minutes). A printed score.** A paper reports an EPR of 4 on a network of ten TFs whose ceiling is 5. What would you ask for
# before you believe that edges were found?
#
# :::{admonition} Solution
# :class: dropdown
# With ten TFs a few hubs decide. Ask for the EPR of the TF-degree oracle, for that of the same ranking on rewired truths, for chance by
# shuffled names, and for a corrected correlation on the same cells.
# :::
#
# **5. Check (10 minutes). One product.** A matrix of similarities has row means $r_i$, column means $s_j$ and mean $m$. Show that of all products
# $a_i b_j$ only $r_i s_j / m$ has these means. Is it also the product that comes nearest in squares?
#
# :::{admonition} Solution
# :class: dropdown
# The mean of $a_i b_j$ over $j$ is $a_i \bar b$, which must be $r_i$, and over $i$ it is $\bar a b_j = s_j$; the mean of all is $\bar a \bar b = m$. So
# $a_i b_j = r_i s_j / (\bar a \bar b) = r_i s_j / m$. The nearest in squares is the first term of the singular value decomposition, another product, unless the
# matrix *is* one; it does not keep the means.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(adata, seeds=n_seeds)
