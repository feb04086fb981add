# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # What is a gene regulatory network?
#
# **What does it mean that one gene regulates another, what do single-cell data show of it, and how would we know that
# a list of such edges is right?**

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
import numpy as np
import pandas as pd
from IPython.display import Markdown

import deepsem_minimal as ds
from deepsem_book import datasets, foundations, page

# %% tags=["remove-input"]
adata = page.choose("beeline/mDC-500", "sim/nonlinear-100")
page.header(PROFILE, adata)

# %% [markdown]
# **Key takeaways**
#
# - [A network is a matrix](#grn-matrix), read W[target, regulator] everywhere in this book, or a ranked list of edges.
# - [Single-cell expression](#grn-data) is sparse, noisy, and a snapshot: no cell is seen twice.
# - [There is no one truth](#grn-truth): three known networks of the same cells share few of their edges.
# - [A score means nothing alone](#grn-score): it is read beside chance, correlation, what degrees give, and the ceiling.
# - [Correlation has no direction](#grn-direction), and it also links genes that do not act on each other.
#
# **You will be able to** write a network as a matrix and as an edge table, describe a single-cell data set, compute
# EPR and AUPRC ratio by hand, judge a score by its controls, and say which errors correlation makes.
#
# **Before you start**: Python with NumPy and pandas. No biology is needed; the [glossary](../book/glossary.md) explains
# the terms. **Time**: 40 minutes to read; less than a minute to run on a CPU, and a GPU does not help.

# %% [markdown]
# (grn-matrix)=
# ## Four genes
#
# A gene is *expressed* when a cell copies it into RNA. Some genes encode **transcription factors** (TFs): proteins
# that bind DNA near other genes and make their expression go up (*activate*) or down (*repress*). "TF A regulates gene
# B" is a statement about cause and effect: if a cell is made to produce more of A, the expression of B changes, and
# not by way of another gene of the list.
#
# All such statements together are a **gene regulatory network** (GRN): nodes are genes, and an edge leads from a
# regulator to its target. Here is one with four genes, of which A and B are TFs. A activates B and represses C, and B
# activates D.

# %%
genes = ["A", "B", "C", "D"]
W = np.zeros((4, 4))  # W[target, regulator]
W[1, 0] = 0.8  # A → B
W[2, 0] = -0.6  # A ⊣ C
W[3, 1] = 0.7  # B → D

# %% mystnb={"figure": {"caption": "A network of four genes, drawn and as a matrix. Arrows activate, bars repress. Read row D of the matrix as: what D receives.", "name": "fig-four-genes"}, "image": {"alt": "Left: four circles, arrows from A to B and from B to D, a blunt red line from A to C. Right: a four by four matrix with three non-zero entries, targets in rows and regulators in columns."}} tags=["remove-input"]
foundations.figures.network_and_matrix(W, genes)

# %% [markdown]
# The row is the target and the column the regulator. The diagonal is zero, since a gene is not its own regulator in these
# models. Other texts, and other programs, use the transposed matrix; whoever mixes the two turns every arrow round.
# Loops are allowed: real networks are full of feedback, and nothing in W forbids that A acts on B and B on A.
#
# The other common form is a table of edges, best first. Programs exchange such tables with the columns `TF`, `target`
# and `importance`. The importance is the size of the weight, so the sign is lost.

# %%
edges = ds.edge_table(W, genes, tfs=["A", "B"])
edges

# %% [markdown]
# Back to a matrix:

# %%
edges.pivot(index="target", columns="TF", values="importance").reindex(
    index=genes, columns=genes, fill_value=0
).fillna(0)

# %% [markdown]
# (grn-data)=
# ## What a single-cell data set looks like
#
# Single-cell RNA sequencing counts RNA molecules gene by gene in each of many cells. The counts are divided by the total
# of the cell, since cells are captured with different success, and a logarithm is taken. What remains is a matrix with
# cells in rows and genes in columns. Our example are dendritic cells of the mouse immune system, 1, 2, 4 and 6 hours after they
# met a part of a bacterium, LPS {cite:p}`shalek2014`, as prepared by the benchmark BEELINE {cite:p}`pratapa2020`. BEELINE keeps
# all TFs that vary along the process, and the 500 most variable of the other genes.

# %%
X = np.asarray(adata.X)  # cells x genes
n_genes = adata.n_vars
tfs = list(adata.var_names[adata.var["tf"]])

# %% tags=["remove-input"]
Markdown(foundations.said.size(adata))

# %% [markdown]
# A cell is destroyed when it is measured, so nobody has seen one cell at two times. Instead, cells are put in an order by
# how alike they are. The position in this order is called **pseudotime**.

# %%
components = np.linalg.svd(ds.preprocess.standardise(X).X, full_matrices=False)
pc1 = components.U[:, 0] * np.sqrt(len(X))  # the main axis of variation between cells
if "pseudotime_1" in adata.obs:
    time, time_name = adata.obs["pseudotime_1"].to_numpy(), "pseudotime"
else:  # simulated cells have no time: the main axis stands in for it
    time, time_name = pc1, "PC 1"
with_time = np.nan_to_num([np.corrcoef(time, x)[0, 1] for x in X.T])
sorted_X = X[np.argsort(time)][:, np.argsort(with_time)]

# %% mystnb={"figure": {"caption": "The whole data set. Cells are sorted by pseudotime from top to bottom, genes by their correlation with it, the most negative on the left. Dark is zero. Look at the last cells.", "name": "fig-expression"}, "image": {"alt": "Heat map of cells by genes beside a curve of the pseudotime of each cell. Scattered entries are zero everywhere; genes on the left fade towards the last cells."}} tags=["remove-input"]
foundations.figures.expression_heat(sorted_X, np.sort(time), time_name)

# %% [markdown]
# Three features of such data matter for everything that follows.

# %% mystnb={"figure": {"caption": "(a) Distribution of all entries: a spike at zero and a broad hump. (b) Genes with lower expression have more zeros; a dot is a gene. (c) Before the logarithm, variance grows about as the square of the mean.", "name": "fig-values"}, "image": {"alt": "Three panels: a histogram with a tall bar at zero, a falling cloud of share of zeros against mean expression, and variance against mean on log axes near a line of slope two."}} tags=["remove-input"]
foundations.figures.expression_values(X)

# %% [markdown]
# **Zeros.** A zero means "not seen", not "not there": with few molecules in a cell, some genes are missed by chance, and
# genes of low expression most of all ({numref}`fig-values`b).
#
# **Variance follows the mean.** Without the logarithm the strongest genes would decide everything ({numref}`fig-values`c). After it,
# genes still differ in spread, so most methods standardise each gene to mean 0 and variance 1. The next chapter shows
# what is lost by this.
#
# **One gene in one cell says little.** The next figure shows single genes along pseudotime.

# %%
hours = pd.Series(adata.obs_names).str.extract(r"LPS_(\d)h", expand=False)
groups = (hours + " h").fillna("cells")
# covariance, up to a factor
trend = pd.Series(with_time * X.std(axis=0), adata.var_names)
bimodal = pd.Series(X.std(axis=0), adata.var_names).drop(
    [trend.idxmax(), trend.idxmin()]
)
shown = adata.to_df()[
    [trend.idxmax(), trend.idxmin(), bimodal[bimodal.index.isin(tfs)].idxmax()]
]

# %% mystnb={"figure": {"caption": "Genes along pseudotime: the one that rises most, the one that falls most, and the TF that varies most of the others. A dot is a cell, the line a running mean. Pseudotime follows the hours only roughly.", "name": "fig-time"}, "image": {"alt": "Three scatter plots of log expression against pseudotime with running means; cells of different hours mix along pseudotime."}} tags=["remove-input"]
foundations.figures.along_time(time, shown, groups, time_name)

# %% [markdown]
# Before one reads pseudotime as progress, one should ask what else it follows. For instance: how many zeros do the cells have?

# %%
zeros = (X == 0).sum(axis=1)  # of each cell
with_zeros = np.corrcoef(time, zeros)[0, 1]
n_falling = (with_time < 0).sum()
share = components.S[0] ** 2 / np.sum(components.S**2)
pc1_facts = pd.Series({"share": share, "with_zeros": np.corrcoef(pc1, zeros)[0, 1]})

# %% tags=["remove-input"]
Markdown(foundations.said.depth(time_name, with_zeros, n_falling, n_genes, pc1_facts))

# %% [markdown]
# In the dendritic cells the end of pseudotime holds cells of every hour with little RNA. Whether little was there or little was
# caught, it moves nearly all genes at once, and we will meet it again as correlation.
#
# (grn-truth)=
# ## What counts as the truth
#
# To judge an inferred network one needs edges that are known by other means. BEELINE offers three kinds:
#
# | kind | an edge means | weakness |
# | --- | --- | --- |
# | STRING {cite:p}`szklarczyk2019` | a database of proteins links the two: text mining, experiments, databases | functional links, not regulation; not of these cells |
# | non-specific ChIP-seq | in some tissue, the TF was found on DNA near the gene | other cells may use other sites |
# | cell-type-specific ChIP-seq | the same, in cells of this kind | few TFs were measured; binding near a gene need not change it |
#
# None of them is *the* network. ChIP-seq finds where a protein sits, STRING what belongs together, and a true
# cause-and-effect edge may be in neither.

# %%
truths = foundations.truths_of(adata.uns["source"]["name"])
matrices = {kind: foundations.as_matrix(network) for kind, network in truths.items()}
foundations.described(truths, adata.var_names, tfs)

# %% [markdown]
# The **density** is the share of candidates that are true edges: the candidates are all pairs of a TF and a gene of the known
# network, minus self edges. Note the last column. STRING has no directions: every edge between two TFs is listed both
# ways, so no method can be right or wrong about them.
#
# Do the three at least agree with each other? We compare each pair on the TFs and genes that both know, and ask how
# many shared edges one would expect if they were unrelated: if edges lay anywhere, and if each network only kept
# how many edges every TF and every gene has (*from degrees*).


# %%
foundations.overlaps(matrices)

# %%
panels = foundations.side_by_side(matrices)

# %% tags=["remove-input"]
Markdown(foundations.said.shared_by_all(panels))

# %% mystnb={"figure": {"caption": "Known networks on the same TFs (rows) and genes (columns); black is an edge. Some TFs have many targets and some next to none, and not the same ones in each network.", "name": "fig-truths"}, "image": {"alt": "Black and white matrices of the same transcription factors and genes under each known network; the patterns hardly resemble each other."}} tags=["remove-input"]
foundations.figures.truth_panels(panels)

# %% [markdown]
# STRING and non-specific ChIP have much in common, far more than chance, and part of that only says that both know the
# same busy TFs and genes ([chapter 8](08_what_epr_rewards) takes this apart); ChIP in cells of the right kind has less
# with either. A method that finds one of these networks perfectly would look poor on another, so a benchmark result
# has to say *which* truth it used.
#
# (grn-score)=
# ## How a ranking is scored, by hand
#
# Take the network of four genes as truth. Its two TFs and four genes give six candidate edges, three of them true: the
# density is ½. Suppose that some method ranks the six as follows.

# %%
truth = pd.DataFrame({"Gene1": ["A", "A", "B"], "Gene2": ["B", "C", "D"]})
ranking = pd.DataFrame(
    [
        ("A", "B", 6),
        ("B", "C", 5),
        ("A", "C", 4),
        ("B", "D", 3),
        ("A", "D", 2),
        ("B", "A", 1),
    ],
    columns=["TF", "target", "importance"],
)
known = set(truth.itertuples(index=False, name=None))
steps = ranking.assign(
    true=[
        edge in known
        for edge in ranking[["TF", "target"]].itertuples(index=False, name=None)
    ]
)
steps.index = pd.RangeIndex(1, len(steps) + 1, name="rank")
steps["precision"] = steps["true"].cumsum() / steps.index
steps["recall"] = steps["true"].cumsum() / steps["true"].sum()
steps.round(2)

# %% mystnb={"figure": {"caption": "The ranking above, edge by edge (numbers are ranks). Each true edge moves the curve to the right, each false one lets it fall.", "name": "fig-hand"}, "image": {"alt": "Precision against recall for six edges: true edges at ranks 1, 3 and 4, false ones at ranks 2, 5 and 6; a dashed line marks the density of one half."}} tags=["remove-input"]
foundations.figures.ranking_by_hand(steps, density=steps["true"].mean())

# %% [markdown]
# **Early precision ratio (EPR).** There are k = 3 true edges. Of the first three edges of the ranking two are true: the
# early precision is 2/3. A random order would have the density, 1/2, so EPR = (2/3) / (1/2) = 4/3.
#
# **AUPRC ratio.** Average the precision at the ranks of the true edges: (1/1 + 2/3 + 3/4) / 3. Divided by the density this
# is the AUPRC ratio. Both ratios are 1 for a random ranking, on average, and cannot exceed 1/density.
#
# The function of the package must say the same.

# %%
by_hand = {
    "epr": (2 / 3) / (1 / 2),
    "auprc_ratio": (1 / 1 + 2 / 3 + 3 / 4) / 3 / (1 / 2),
}
result = ds.evaluate(ranking, truth)
assert all(np.isclose(result[score], value) for score, value in by_hand.items())
pd.DataFrame(
    {
        "by hand": by_hand,
        "ds.evaluate": {score: result[score] for score in by_hand},
    }
)

# %% [markdown]
# Real rankings have ties, and ties at the cut need a rule. BEELINE takes all edges that are as good as the k-th and
# divides by their number:

# %% tags=["remove-input"]
page.show(ds.metrics.early_precision)

# %% [markdown]
# ## Scores on real data, and what to read them against
#
# The simplest method that looks at the data is Pearson's correlation: rank the pairs by |r|. We score it against each
# truth, beside four controls.
#
# - **Random**: scores drawn at random, 20 times.
# - **Pearson-detection**, |r| without depth: correlation after a straight line in the number of zeros of a cell was
#   subtracted from each gene.
# - **Degrees**: a cheat that knows how many targets each TF has in the truth, and not one of its edges.
# - **Ceiling**: what a perfect ranking would get, 1/density.


# %% tags=["remove-input"]
page.show(foundations.without)

# %%
names = [gene.upper() for gene in adata.var_names]
controls = foundations.control_scores(truths, X, names)
panels = {
    title: controls[controls["score"] == score]
    for title, score in (("EPR", "epr"), ("AUPRC ratio", "auprc_ratio"))
}
foundations.mean_and_spread(controls)

# %% mystnb={"figure": {"caption": "EPR and AUPRC ratio against each known network, on a logarithmic axis. Dots of random are 20 draws; the dashed line is their expectation. Plain correlation is nearer to chance than to the ceiling; degrees alone are above it, and everything is far from the ceiling.", "name": "fig-controls"}, "image": {"alt": "Two dot plots, EPR and AUPRC ratio, with one group for each known network: random near 1, Pearson slightly off 1, correlation without depth above it for two networks, the degree control higher, the ceiling highest."}} tags=["remove-input"]
foundations.figures.dots(
    panels, list(panels), "truth", "method", dict.fromkeys(panels, 1.0)
)

# %% [markdown]
# Four lessons.
#
# 1. A random ranking does not score exactly 1. Its spread ("±" is the standard deviation over draws) is the size of a
#    difference that means nothing, and it is larger for the EPR than for the AUPRC ratio.
# 2. Correlation costs a millisecond. It is the bar that a new method has to clear.
# 3. One nuisance can decide the result. The amount of RNA moves all genes together; a method that removes this, in
#    whatever way, may look much better without having learned anything about regulation. On the dendritic cells this one line
#    of algebra lifts correlation against two of the three truths; on other data sets it need not (exercise 4).
# 4. Whoever knew only which TFs have many targets beats every form of correlation here. A good score need not come from
#    knowing edges.
#
# (grn-direction)=
# ## The trap: correlation has no direction
#
# Why is plain correlation so weak? There are deeper reasons than depth. Return to the four genes, where the truth is known. We simulate 1000 cells in which each gene
# is the weighted sum of its regulators plus noise of its own (the next chapter explains this model), and compare W
# with the correlations that result. The third matrix holds *partial* correlations: what is left between two genes
# when all other genes are held fixed.

# %%
cells = ds.sem.simulate_linear(W, n_cells=1000, seed=0)
r = np.corrcoef(cells.T)
partial, _ = foundations.partial_correlation(cells)
small = {
    "W (the truth)": W,
    "correlation": r - np.eye(4),
    "partial correlation": partial - np.eye(4),
}
small = {title: pd.DataFrame(matrix, genes, genes) for title, matrix in small.items()}

# %% mystnb={"figure": {"caption": "Three edges are true. Correlation is high for more pairs, and symmetric; partial correlation clears most of the indirect pairs but is symmetric too.", "name": "fig-direction"}, "image": {"alt": "Three four by four matrices: W with three entries, a symmetric correlation matrix with most entries far from zero, and a symmetric partial correlation matrix with large entries only for the three true pairs."}} tags=["remove-input"]
foundations.small_matrices(small)

# %% tags=["remove-input"]
Markdown(foundations.said.errors_of_correlation(r, partial))

# %% [markdown]
# On the real data we can test direction alone. Take the pairs of TFs between which a known network has an edge in exactly one
# direction, and ask which of the two directions a method scores higher. Guessing would be right in half of the cases.


# %%
# all genes as TFs
size = pd.DataFrame(np.abs(foundations.pearson(X, names, names)), names, names)
foundations.one_way_edges(matrices, size)

# %% [markdown]
# Every pair is a tie. What direction a correlation-based network has comes from outside, from the list of TFs: an edge between
# a TF and another gene is drawn from the TF. The next chapter asks when expression alone can tell direction.
#
# ## What differs from the paper
#
# - The paper's two scores are the ones computed here. But several definitions of EPR circulate, which treat ties, self
#   edges and the cut differently; [chapter 8](08_what_epr_rewards) compares them. This book uses BEELINE's.
# - The authors' program sorts its edge list by the signed weight ([ledger 15](#ledger-15)). Here as in the paper edges are
#   ranked by the absolute weight.
# - Expression is standardised before training, in [two ways](#ledger-8) that differ in what they do with zeros.
# - The paper shows no ceiling, and neither correlation nor degrees as controls. This book does.
#
# ## Summary
#
# A GRN is a matrix W[target, regulator]. The data are a snapshot with many zeros, and fewer cells than genes times TFs by
# orders of magnitude. Known networks differ so much that a score has to name its truth, and it has to be read beside
# chance, correlation, degrees and the ceiling. Correlation links too many genes and cannot point.
#
# ## Exercises
#
# **1.** Which matrix describes the network in which C also activates A, and why is it no longer possible to sort the genes so that
# all regulators come before their targets?

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
#
# `W[0, 2]` becomes positive. A acts on C and C on A: neither can come first. In matrix terms, no reordering of the genes makes W
# triangular. The network has a *cycle*. With a negative weight one way and a positive one the other way it is negative
# feedback, one of the most common patterns in real networks.
# :::

# %% [markdown]
# **2.** Turn every arrow of the four-gene network round, `W.T`, and score it against the truth with both genes A to D as
# possible TFs. Why is the score so bad, although all pairs are right?

# %% tags=["hide-cell"]
turned = ds.evaluate(ds.edge_table(W.T, genes), truth, genes)
print(
    {score: round(turned[score], 2) for score in ("epr", "auprc_ratio", "n_candidates")}
)
# Only A and B are TFs of the truth, so the candidates are the same six pairs. Of the three turned edges
# (B → A, C → A, D → B) one is a candidate, and it is false; the true ones all have importance 0.

# %% [markdown]
# **3.** What do ties cost? Round the correlations to one decimal, score them again, and then break the ties at random, 20
# times. Which of the two scores minds the ties more, and what would a program report that keeps the order of the file?

# %% tags=["hide-cell"]
first = next(iter(truths.values()))
exact = foundations.by_correlation(X, names)
rounded = exact.assign(importance=exact["importance"].round(1))
rng = np.random.default_rng(0)
broken = [
    rounded.assign(importance=rounded["importance"] + 1e-6 * rng.random(len(rounded)))
    for _ in range(20)
]
tied = {"exact": [exact], "rounded": [rounded], "ties broken at random": broken}
scored = pd.DataFrame(
    [
        {"|r|": how} | ds.evaluate(table, first, names)
        for how, tables in tied.items()
        for table in tables
    ]
)
print(
    scored.groupby("|r|", sort=False)[["epr", "auprc_ratio"]]
    .agg(["mean", "std"])
    .round(3)
)
# Rounding ties many edges at the cut. BEELINE takes all of them and divides by their number, so the EPR is that of a
# longer list. Broken at random, the ties give another EPR each time, with the spread above. A program that keeps the
# order of the file reports what that order happens to hold; here it would be the exact EPR, since the rows are still
# sorted.

# %% [markdown]
# **4.** Is the gain of Pearson-detection, |r| without depth, particular to these cells? Repeat it on `beeline/hHEP-500` (human liver cells made from
# stem cells) or, if it cannot be reached, on a simulated data set where depth does not vary.

# %% tags=["hide-cell"]
real = datasets.is_available("beeline/hHEP-500")
other_name = "beeline/hHEP-500" if real else "sim/nonlinear-50"
other = datasets.load(other_name, quiet=True)
X2, names2 = np.asarray(other.X), list(other.var_names)
for kind in ("STRING", "Non-Specific", "Specific") if real else ("truth",):
    network = datasets.load_network(f"{other_name}/{kind}", quiet=True)
    values = {}
    for label, matrix in (
        ("|r|", X2),
        ("without depth", foundations.without(X2, (X2 == 0).sum(axis=1))),
    ):
        table = foundations.by_correlation(matrix, names2)
        values[label] = ds.evaluate(table, network, names2)["auprc_ratio"]
    print(other_name, kind, {label: round(value, 2) for label, value in values.items()})
# So the gain depends on the cells and on the truth. One possible reason: where the caught RNA follows the biology,
# taking it away takes biology away.

# %% [markdown]
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(adata, seeds=range(20))
