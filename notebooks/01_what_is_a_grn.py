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
from deepsem_book import foundations, page

adata = page.choose("beeline/mDC-500", "sim/nonlinear-100")
truths, matrices, panels, controls = foundations.Evidence.of(adata)
page.say(
    "**A network is a matrix of who acts on whom, and there is no one truth to hold it against: on {tfs} TFs and {genes} genes of the same cells, {networks} known networks share {share:.0%} of their edges.** "
    "Plain correlation reaches {r_low:.1f} to {r_high:.1f} times chance in the first edges of its list; whoever knows only *how many* targets each TF has reaches {degrees_low:.1f} to {degrees_high:.1f}, and a perfect list {ceiling_low:.1f} to {ceiling_high:.1f}.",
    **foundations.answer(controls, panels),
)

# %% mystnb={"figure": {"caption": "Early precision ratio (EPR) of five rankings against each known network, on a logarithmic axis; 1 is chance. Small dots of random are 20 draws.", "name": "fig-controls"}, "image": {"alt": "Dot plot of EPR with one group for each known network: random near 1, Pearson slightly off 1, Pearson-detection above it for two networks, the degree oracle higher, the ceiling highest."}}
epr = controls[controls["score"] == "epr"]
foundations.figures.dots({"": epr}, ["EPR"], "truth", "method", {"": 1.0})

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
# the terms. **Time**: 30 minutes to read; less than a minute to run on a CPU, and a GPU does not help.

# %%
import numpy as np
import pandas as pd

import deepsem_minimal as ds

page.header(PROFILE, adata)

# %% [markdown]
# (grn-matrix)=
# ## Four genes
#
# A gene is *expressed* when a cell copies it into RNA. Some genes encode **transcription factors** ({term}`TF`s): proteins
# that bind DNA near other genes and make their expression go up (*activate*) or down (*repress*). "TF A regulates gene
# B" is a statement about cause and effect: if a cell is made to produce more of A, the expression of B changes, and
# not by way of another gene of the list.
#
# All such statements together are a {term}`gene regulatory network` (GRN): nodes are genes, and an edge leads from a
# {term}`regulator` to its {term}`target`. Here is one with four genes, of which A and B are TFs. A activates B and represses C,
# and B activates D. The first five chapters keep coming back to it:

# %%
page.show(foundations.four_genes)

# %%
genes, tfs, W = (
    getattr(foundations.four_genes, name) for name in ("GENES", "TFS", "W")
)

# %% mystnb={"figure": {"caption": "A network of four genes, drawn and as a matrix. Arrows activate, bars repress. Read row D of the matrix as: what D receives.", "name": "fig-four-genes"}, "image": {"alt": "Left: four circles, arrows from A to B and from B to D, a blunt red line from A to C. Right: a four by four matrix with three non-zero entries, targets in rows and regulators in columns."}}
foundations.figures.network_and_matrix(W, genes)

# %% [markdown]
# The row is the target and the column the regulator. The diagonal is zero, since a gene is not its own regulator in these
# models. Other programs use the transposed matrix; whoever mixes the two reverses every arrow. Loops are allowed: real
# networks are full of feedback.
#
# The other common form is a table of edges, best first. The importance is the size of the weight, so the sign is lost.

# %%
edges = ds.edge_table(W, genes, tfs)
edges

# %% [markdown]
# (grn-data)=
# ## What a single-cell data set looks like
#
# Single-cell RNA sequencing ({term}`scRNA-seq`) counts RNA molecules gene by gene in each of many cells. How many are caught of a
# cell, its {term}`depth`, differs between cells by luck, so the counts are divided by the cell's total; then a logarithm is taken. What
# remains is a matrix with cells in rows and genes in columns. Our example are dendritic cells of the mouse immune system, 1, 2, 4 and
# 6 hours after they met a part of a bacterium, LPS {cite:p}`shalek2014`, as prepared by the benchmark {term}`BEELINE`
# {cite:p}`pratapa2020`. BEELINE keeps all TFs that vary along the process, and the 500 most variable of the other genes.

# %% tags=["remove-input"]
page.say(
    "`{name}` has **{cells} cells and {genes} genes**, of which {tfs} are TFs; {zeros:.0%} of its entries are zero. An unknown network of them has {tfs} × {others} = **{edges:,} candidate edges**: {each:,.0f} for each cell that was measured.",
    **foundations.cells.size(adata),
)

# %% [markdown]
# A cell is destroyed when it is measured, so nobody has seen one cell at two times. Instead, cells are put in an order by
# how alike they are. The position in this order is called {term}`pseudotime`.

# %% mystnb={"figure": {"caption": "The whole data set. Cells are sorted by pseudotime from top to bottom, genes by their correlation with it, the most negative on the left. Dark is zero. Look at the last cells.", "name": "fig-expression"}, "image": {"alt": "Heat map of cells by genes beside a curve of the pseudotime of each cell. Scattered entries are zero everywhere; genes on the left fade towards the last cells."}}
X = np.asarray(adata.X)  # cells x genes
order = foundations.cells.order_of(adata)
sorted_X = X[np.argsort(order.time)][:, np.argsort(order.with_gene)]
foundations.figures.expression_heat(sorted_X, np.sort(order.time), order.name)

# %% [markdown]
# Three features of such data matter for everything that follows.

# %% mystnb={"figure": {"caption": "(a) Distribution of all entries: a spike at zero and a broad hump. (b) Genes with lower expression have more zeros; a dot is a gene. (c) Before the logarithm, variance grows about as the square of the mean.", "name": "fig-values"}, "image": {"alt": "Three panels: a histogram with a tall bar at zero, a falling cloud of share of zeros against mean expression, and variance against mean on log axes near a line of slope two."}}
foundations.figures.expression_values(X)

# %% [markdown]
# **Zeros.** A zero means "not seen", not "not there": with few molecules in a cell, some genes are missed by chance, and
# genes of low expression most of all ({numref}`fig-values`b).
#
# **Variance follows the mean.** Without the logarithm the strongest genes would decide everything ({numref}`fig-values`c). After it,
# most methods also standardise each gene to mean 0 and variance 1; the next chapter shows what is lost by this.
#
# **One gene in one cell says little.**

# %% mystnb={"figure": {"caption": "Genes along pseudotime: the one that rises most, the one that falls most, and the TF that varies most of the others. A dot is a cell, the line a running mean. Pseudotime follows the hours only roughly.", "name": "fig-time"}, "image": {"alt": "Three scatter plots of log expression against pseudotime with running means; cells of different hours mix along pseudotime."}}
shown = foundations.cells.telling_genes(adata, order)
foundations.figures.along_time(
    order.time, shown, foundations.cells.hours_of(adata), order.name
)

# %% [markdown]
# Does pseudotime mean progress? A cell of little depth has many zeros; we use their number for its depth.

# %% mystnb={"figure": {"caption": "What the order of the cells, and the main axis of the standardised data, have to do with depth. If depth moves nearly all genes the same way, few go against the others.", "name": "tab-depth"}}
foundations.cells.depth_table(adata, order)

# %% [markdown]
# In the dendritic cells the end of pseudotime holds cells of every hour with little RNA. Whether little was there or little was
# caught, it moves nearly all genes at once, and we will meet it again as correlation.
#
# (grn-truth)=
# ## What counts as the truth
#
# To judge an inferred network one needs edges that are known by other means. BEELINE offers three kinds:
#
# :::{table} Three kinds of known networks.
# :name: tab-kinds
#
# | kind | an edge means | weakness |
# | --- | --- | --- |
# | {term}`STRING` {cite:p}`szklarczyk2019` | a database of proteins links the two: text mining, experiments, databases | functional links, not regulation; not of these cells |
# | non-specific {term}`ChIP-seq` | in some tissue, the TF was found on DNA near the gene | other cells may use other sites |
# | cell-type-specific ChIP-seq | the same, in cells of this kind | few TFs were measured; binding near a gene need not change it |
# :::
#
# None of them is *the* network: a true cause-and-effect edge may be in neither.

# %% mystnb={"figure": {"caption": "The known networks, as far as their genes are in the data.", "name": "tab-truths"}}
foundations.described(truths, adata.var_names, adata.var_names[adata.var["tf"]])

# %% [markdown]
# The {term}`density` is the share of candidates that are true edges: a {term}`candidate edge` is a pair of a TF and a gene of the known
# network that are not the same. Note the last column. STRING has no directions: every edge between two TFs is listed both
# ways, so no method can be right or wrong about them.
#
# Do the three at least agree with each other? We compare each pair on the TFs and genes that both know, and ask how
# many shared edges one would expect if they were unrelated: if edges lay anywhere, and if each network only kept
# its {term}`degrees <degree>`, that is how many edges every TF and every gene has (*from degrees*). In the second case the chance of a pair
# is its TF's degree times its gene's degree over the number of edges.

# %% mystnb={"figure": {"caption": "Edges that two known networks share, beside what unrelated ones would share.", "name": "tab-overlaps"}}
foundations.overlaps(matrices)

# %% mystnb={"figure": {"caption": "Known networks on the same TFs (rows) and genes (columns); black is an edge. Some TFs have many targets and some next to none, and not the same ones in each network.", "name": "fig-truths"}, "image": {"alt": "Black and white matrices of the same transcription factors and genes under each known network; the patterns hardly resemble each other."}}
foundations.figures.truth_panels(panels)

# %% [markdown]
# STRING and non-specific ChIP-seq have much in common, far more than chance, and part of that only says that both know the
# same {term}`hubs <hub>`, TFs and genes with many edges ([chapter 8](08_what_epr_rewards) takes this apart); ChIP-seq in cells of the
# right kind has less with either. A benchmark result has to say *which* truth it used.
#
# (grn-score)=
# ## How a ranking is scored, by hand
#
# Take the network of four genes as truth. Its two TFs and four genes give six candidate edges, three of them true: the
# density is ½. Suppose that some method ranks the six as follows. {term}`Precision <precision>` is the share of the edges so far that is
# true, {term}`recall` the share of the true edges that was found so far.

# %%
truth, ranking = foundations.four_genes.TRUTH, foundations.four_genes.RANKING
known = set(truth.itertuples(index=False, name=None))
pairs = ranking[["TF", "target"]].itertuples(index=False, name=None)
steps = ranking.assign(true=[edge in known for edge in pairs])
steps.index = pd.RangeIndex(1, len(steps) + 1, name="rank")
steps["precision"] = steps["true"].cumsum() / steps.index
steps["recall"] = steps["true"].cumsum() / steps["true"].sum()
steps.round(2)

# %% mystnb={"figure": {"caption": "The ranking above, edge by edge (numbers are ranks). Each true edge moves the curve to the right, each false one lets it fall.", "name": "fig-hand"}, "image": {"alt": "Precision against recall for six edges: true edges at ranks 1, 3 and 4, false ones at ranks 2, 5 and 6; a dashed line marks the density of one half."}}
foundations.figures.ranking_by_hand(steps, density=steps["true"].mean())

# %% [markdown]
# **Early precision ratio ({term}`EPR`).** There are k = 3 true edges. Of the first three edges of the ranking two are true: the
# {term}`early precision` is 2/3. A random order would have the density, 1/2, so EPR = (2/3) / (1/2) = 4/3.
#
# **{term}`AUPRC ratio`.** Average the precision at the ranks of the true edges: (1/1 + 2/3 + 3/4) / 3. Divided by the density this
# is the AUPRC ratio. Both ratios are 1 for a random ranking, on average, and cannot exceed 1/density, the {term}`ceiling`.
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
# Real rankings have ties, and ties at the cut need a rule. BEELINE takes all edges that are as good as the k-th, **but none of
# importance 0**, and divides by the number taken. A list with fewer than k edges above 0 is judged on those it has; a list
# of zeros has early precision 0.

# %% tags=["remove-input"]
page.show(ds.metrics.early_precision)

# %% [markdown]
# ## Scores on real data, and what to read them against
#
# The simplest method that looks at the data is Pearson's correlation: rank the pairs by |r|. {numref}`fig-controls`, at the top of this
# page, scores it against each truth, beside four controls.
#
# - **Random**: scores drawn at random, 20 times.
# - **{term}`Pearson-detection`**: |r| after a straight line in the number of zeros of a cell, our stand-in for depth, was
#   subtracted from each gene.
# - **{term}`Degree oracle <degree oracle>`**: a cheat that knows how many targets each TF has in the truth, and not one of its edges.
# - **Ceiling**: what a perfect ranking would get, 1/density.

# %% tags=["remove-input"]
page.show(foundations.without)

# %% mystnb={"figure": {"caption": "EPR and AUPRC ratio against each known network. ±: standard deviation over 20 draws.", "name": "tab-controls"}}
foundations.mean_and_spread(controls)

# %% [markdown]
# Four lessons.
#
# 1. The spread of random rankings is the size of a difference that means nothing. It is larger for the EPR.
# 2. Correlation costs a millisecond. It is the bar that a new method has to clear.
# 3. One nuisance can decide the result. A method that removes depth, in whatever way, may look much better without having learned
#    anything about regulation: here one line of algebra lifts correlation against two of the three truths (exercise 5 tries other cells).
# 4. Knowing only which TFs have many targets beats every form of correlation here. A good score need not come from
#    knowing edges.
#
# (grn-direction)=
# ## The trap: correlation has no direction
#
# Depth is not the only reason why correlation is weak. Return to the four genes. We simulate 1000 cells in which each gene is the weighted sum of its regulators plus noise of its own
# (the next chapter explains this model), and compare W with the correlations that result. The third matrix holds
# {term}`partial correlations <partial correlation>`: what is left between two genes when all other genes are held fixed.

# %% mystnb={"figure": {"caption": "Three edges are true. Correlation is high for more pairs, and symmetric; partial correlation clears most of the indirect pairs but is symmetric too.", "name": "fig-direction"}, "image": {"alt": "Three four by four matrices: W with three entries, a symmetric correlation matrix with most entries far from zero, and a symmetric partial correlation matrix with large entries only for the three true pairs."}}
cells = ds.sem.simulate_linear(W, n_cells=1000, seed=0)
small = {
    "W (the truth)": W,
    "correlation": np.corrcoef(cells.T) - np.eye(4),
    "partial correlation": foundations.partial_correlation(cells)[0] - np.eye(4),
}
foundations.small_matrices(
    {title: foundations.labelled(matrix, genes) for title, matrix in small.items()}
)

# %% [markdown]
# Correlation makes three kinds of errors here.
#
# - **No direction.** The matrix is symmetric: r(A, B) = r(B, A), whatever the cells say.
# - **A common cause.** B and C do not act on each other, but A acts on both (row C, column B).
# - **An indirect path.** A does not act on D, but on B, which does (row D, column A).
#
# Partial correlation removes the second and third error, and keeps the first.
#
# On the real data we can test direction alone: of the pairs of TFs with an edge in exactly one direction, which direction scores
# higher? Guessing would be right in half of the cases.

# %% mystnb={"figure": {"caption": "Edges between two TFs in one direction only: how often |r| is larger in this direction, in the other, or the same.", "name": "tab-one-way"}}
names = [gene.upper() for gene in adata.var_names]
# all genes as TFs
size = pd.DataFrame(np.abs(foundations.pearson(X, names, names)), names, names)
foundations.one_way_edges(matrices, size)

# %% [markdown]
# Every pair is a tie. What direction a correlation-based network has comes from the list of TFs: an edge between
# a TF and another gene is drawn from the TF. The next chapter asks when expression alone can tell direction.
#
# ## What differs from the paper
#
# - The paper's two scores are the ones computed here. But several definitions of EPR circulate, which treat ties, self
#   edges and the cut differently; [chapter 8](08_what_epr_rewards) compares them. This book uses BEELINE's.
# - The authors' program sorts its edge list by the signed weight ([ledger 15](#ledger-15), the edge list). Here as in the
#   paper edges are ranked by the absolute weight.
# - Expression is standardised before training, in two ways that differ in what they do with zeros ([ledger 8](#ledger-8),
#   standardisation).
# - The paper shows no ceiling, and neither correlation nor degrees as controls. This book does.
#
# ## Summary
#
# A GRN is a matrix W[target, regulator]. Known networks differ so much that a score has to name its truth, and it has to be read
# beside chance, correlation, degrees and the ceiling. Correlation links too many genes and cannot point.
#
# ## Exercises
#
# **1. Check (5 minutes). A loop.** Which matrix describes the network in which C also activates A, and why is it no longer possible to
# sort the genes so that all regulators come before their targets?
#
# :::{admonition} Solution
# :class: dropdown
#
# `W[0, 2]` becomes positive. A acts on C and C on A: neither can come first, so no order of the genes makes W
# triangular. The network has a *cycle*: negative feedback, one of the most common patterns in real networks.
# :::
#
# **2. Check (10 minutes). All arrows reversed.** Score `W.T` against the truth, with all four genes allowed as TFs. Predict both
# scores before you run it: all pairs are right, so why is the EPR what it is, and why is the AUPRC ratio not 0?

# %% tags=["hide-cell"]
turned = ds.evaluate(ds.edge_table(W.T, genes), truth, genes)
{score: round(turned[score], 2) for score in ("epr", "auprc_ratio", "n_candidates")}

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Only A and B are TFs of the truth, so the candidates are the same six pairs. Of the three reversed edges (B → A, C → A, D → B) only
# B → A is one of them, and it is false; the five others all have importance 0. By the tie rule only B → A is taken: EPR 0. Were zeros
# taken, all six would be, half of them true, and the EPR would be 1. The AUPRC does take the tie at 0, as one step: all three true
# edges come at a precision of 3/6, the density, so the ratio is 1. On a list of ties the two scores part.
# :::
#
# **3. Build (15 minutes). Early precision.** Write `early(truth, scores)` for two arrays, with the tie rule, and check it on the ranking
# above and on a list of zeros.


# %% tags=["hide-cell"]
def early(truth, scores):
    """True share of the scores that are as good as the k-th and above 0."""
    kth = np.sort(scores)[::-1][truth.sum() - 1]
    taken = truth[(scores >= kth) & (scores > 0)]
    return taken.sum() / max(len(taken), 1)


is_true = steps["true"].to_numpy()
assert early(is_true, steps["importance"].to_numpy()) == 2 / 3
assert early(is_true, np.zeros(6)) == 0

# %% [markdown]
# **4. Change (10 minutes). What do ties cost?** Round the correlations to one decimal, score them again, and then break the ties at
# random, 20 times. Which of the two scores minds the ties more, and what would a program report that keeps the order of the file?

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
scored = [
    {"|r|": how} | ds.evaluate(table, first, names)
    for how, tables in tied.items()
    for table in tables
]
pd.DataFrame(scored).groupby("|r|", sort=False)[["epr", "auprc_ratio"]].agg(
    ["mean", "std"]
).round(3)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Rounding ties many edges at the cut. BEELINE takes all of them and divides by their number, so the EPR is that of a
# longer list. Broken at random, the ties give another EPR each time, with the spread above. A program that keeps the
# order of the file reports what that order happens to hold; here it would be the exact EPR, since the rows are still sorted.
# :::
#
# **5. Judge (10 minutes). Is depth always the reason?** Repeat Pearson-detection on `beeline/hHEP-500` (human liver cells made from
# stem cells) or, if it cannot be reached, on a simulated data set where depth does not vary. What would you conclude for a new data set?

# %% tags=["hide-cell"]
other = page.choose("beeline/hHEP-500", "sim/nonlinear-50")
elsewhere = foundations.Evidence.of(other).controls
foundations.mean_and_spread(elsewhere)[["Pearson |r|", "Pearson-detection"]]

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# The gain depends on the cells and on the truth. One possible reason: where the caught RNA follows the biology, taking it away takes
# biology away. So on new data both belong in the table.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(adata, seeds=range(20))
