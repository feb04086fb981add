# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Embedding and clustering
#
# **Does the network that DeepSEM learns help to tell cell types apart?**

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

# %% tags=["hide-input"]
from deepsem_book import page

source = page.choose("zeisel", "sim/nonlinear-100")
page.header(PROFILE, source)

# %% [markdown]
# **Key takeaways**
#
# - [DeepSEM's embedding of a cell](#embedding-points) has one number for each gene: its expression as seen by the
#   encoder, less what its regulators explain.
# - [A clustering is judged against labels](#embedding-scores), and the paper's clustering is told how many
#   labels there are.
# - [Only a comparison that leaves the network out](#embedding-ablation) says whether the network helps. The
#   comparison is made on all recorded data sets, with seeds and intervals.
# - [A picture is no evidence](#embedding-picture): scores of pictures depend on scale, seed and settings.
#
# **You will be able to** embed and cluster cells with DeepSEM and go on in scanpy, compute an adjusted Rand
# index by hand, build an ablation that isolates one part of a model, and judge a claim about pictures.
#
# **Before you start**: [DeepSEM, layer by layer](03_deepsem_layer_by_layer) and
# [training and ensembling](04_training_and_ensembling).
# **Time**: 35 minutes to read; two to four minutes to run on a CPU (`full`: ten).

# %%
import numpy as np
import pandas as pd
import scanpy as sc
from IPython.display import Markdown

import deepsem_minimal as ds
from deepsem_book import datasets, embedding

# %% [markdown]
# (embedding-points)=
# ## From cells to points
#
# An *embedding* gives each cell a point such that similar cells lie close together. In DeepSEM the point is
# $\mu = h\,(I - W^\mathsf{T})$: the encoder's network looks at each gene by itself and gives $h$, and the GRN layer
# subtracts from each gene what its regulators predict. The paper calls this the activity of each regulon. The point
# has as many dimensions as there are genes ([ledger 16](#ledger-16)).
#
# The paper keeps types with at least ten cells, genes found in at least 1 % of the cells, and of those the 1000 most
# variable ones {cite:p}`shu2021`. It does not say how variability was measured. The authors' notebook for Zeisel takes
# the standard deviation of the counts, before the logarithm. Some of our sets have no counts, so we take that of log
# expression for all of them, and come back to this choice below.

# %%
# simulated cells have no types: quarters of the first two PCs
if "cell_type" not in source.obs:
    source.obs["cell_type"] = embedding.tables.quarters(source.X)
every = 3 if PROFILE == "quick" and source.n_obs > 2000 else 1
cells = embedding.prepared(source[::every].copy())
# ledger 9
config = ds.Config.embedding(W_init="authors" if cells.n_vars >= 500 else "safe")
result = ds.fit(cells, config, seeds=1, progress=False)
types = cells.obs["cell_type"].astype(str).to_numpy()
n_types = len(np.unique(types))
cells

# %% tags=["remove-input"]
Markdown(embedding.said.about_cells(cells, every))

# %% [markdown]
# `fit` has put the points into `cells.obsm["X_deepsem"]`, where scanpy looks for embeddings, so you can go on with any of
# its tools. Reduce the points to 50 principal components first, as the paper does. The clusters are Leiden's, by the
# package leidenalg as on the rest of this page; `sc.tl.leiden(cells, flavor="igraph")` runs another program on the same graph and
# may find others.

# %%
cells.obsm["X_deepsem_pca"] = embedding.reduced(cells.obsm["X_deepsem"])
sc.pp.neighbors(cells, n_neighbors=30, use_rep="X_deepsem_pca")
cells.obs["leiden"] = pd.Categorical(embedding.leiden(embedding.as_igraph(cells)))
pd.crosstab(cells.obs["cell_type"], cells.obs["leiden"])

# %% tags=["remove-input"]
with_pca, without = embedding.tables.reduction(cells)
Markdown(
    "What the reduction does: with it the adjusted Rand index of these clusters (explained below) is "
    f"{with_pca:.2f}; when the graph is made from all {cells.obsm['X_deepsem'].shape[1]} dimensions, it is {without:.2f}."
)

# %% [markdown]
# (embedding-scores)=
# ## Clusters, and how they are judged
#
# The paper's steps {cite:p}`shu2021`, the same for every method:
#
# 1. Reduce to 50 principal components where there are more dimensions.
# 2. Join each cell to its 30 nearest neighbours.
# 3. Cluster this graph with the Louvain algorithm {cite:p}`blondel2008`. Its *resolution* sets how fine the clusters
#    are. Bisect it until there are as many clusters as labels.
# 4. Compare clusters and labels.

# %% tags=["remove-input"]
page.show(embedding.louvain_with)

# %% [markdown]
# Step 3 peeks: on new data nobody knows the number of types. As an honest extra we run Leiden {cite:p}`traag2019`,
# Louvain's successor, at its usual resolution of 1. Louvain itself is igraph's here; the package that the authors
# used is no longer maintained. One detail is easy to miss: scanpy's `sc.tl.louvain`, which the authors' tutorial calls, ignores
# the weights of the graph's edges unless it is told not to. We use the weights, and give the score without
# them too (`unweighted_ari`).
#
# Step 4 uses the **adjusted Rand index** {cite:p}`hubert1985`. Take all pairs of cells and ask whether they are
# together in both partitions. ARI is the number of such pairs, moved and scaled so that random clusters have 0 on
# average and equal ones 1. The smallest example:

# %%
labels = ["neuron", "neuron", "neuron", "glia", "glia", "glia"]
clusters = [0, 0, 0, 0, 1, 1]
pairs = [(i, j) for i in range(6) for j in range(i)]
in_labels = sum(labels[i] == labels[j] for i, j in pairs)
in_clusters = sum(clusters[i] == clusters[j] for i, j in pairs)
in_both = sum(labels[i] == labels[j] and clusters[i] == clusters[j] for i, j in pairs)
by_chance = in_labels * in_clusters / len(pairs)
ari = (in_both - by_chance) / ((in_labels + in_clusters) / 2 - by_chance)
by_hand = embedding.agreement(labels, clusters) | {"ari by hand": ari}
pd.Series(by_hand, name="score").to_frame().round(4)

# %% [markdown]
# **NMI**, the normalised mutual information, is the paper's second score: what a cluster tells about the label, in
# units of the mean entropy of both. It is not corrected for chance and grows with the number of clusters.
# **AMI**, which the authors' tutorial prints, is. The **silhouette** needs no clusters: it asks whether cells are closer
# to their own type than to the next one.

# %%
# DeepSEM's own input
standard = embedding.input_of(cells.X, config)
before = embedding.before_grn(result, cells.X)
live = {
    "DeepSEM": cells.obsm["X_deepsem"],
    "no GRN": before,
    "PCA, same input": embedding.pca(standard),
    "PCA, log": embedding.pca(cells.X),
    "FA": embedding.factor_analysis(cells.X),
    "ZIFA": embedding.zifa(cells.X)[0],
}
scores = pd.DataFrame(
    {name: embedding.clustered(E, types) for name, E in live.items()}
).T
embedding.tables.rounded(scores)

# %% [markdown]
# Louvain visits the cells in random order, so its own seed moves the score of one and the same embedding. Ten seeds of
# Louvain for each:

# %%
luck = {name: embedding.louvain_aris(E, types) for name, E in live.items()}
pd.DataFrame({
    name: {"one seed": aris[0], "mean": aris.mean(), "sd": aris.std(ddof=1), "lowest": aris.min(), "highest": aris.max()}
    for name, aris in luck.items()
}).T.round(3)  # fmt: skip

# %% tags=["remove-input"]
Markdown(embedding.said.about_luck(scores, luck, n_types))

# %% [markdown]
# **The other methods.** *PCA, same input* is PCA of the standardised matrix that DeepSEM reads; *PCA, log* of log
# expression. *FA* is factor analysis. *ZIFA* adds to it that a value x is seen as zero with probability
# exp(−λx²) {cite:p}`pierson2015`; given the zeros this is one more Gaussian factor, so that its EM needs no
# approximation. *DCA* {cite:p}`eraslan2019` is an autoencoder of counts with a zero-inflated negative binomial loss, and *scVI*
# {cite:p}`lopez2018` a VAE of counts; both need counts, so they are absent where a source has none. The first five are in
# `embedders.py`, scVI comes from its own package.

# %% tags=["remove-input"]
page.show(embedding.expect)

# %% [markdown]
# (embedding-picture)=
# ## Pictures
#
# UMAP {cite:p}`mcinnes2018` draws the graph of neighbours in two dimensions. The paper's Fig. 5b circles
# oligodendrocytes and CA1 pyramidal cells, and says that DeepSEM makes two clear clusters of them where scVI, ZIFA
# and factor analysis fail. The rings below are not drawn by eye: each holds the 80 % of a type's cells that are nearest
# to its median.

# %% mystnb={"figure": {"caption": "UMAP of six embeddings of the same cells, coloured by known type. Rings: 80 % of the cells of two types (the paper's oligodendrocytes and CA1 pyramidal cells, where these are the data) around their median; other cells may lie inside. What to look for: is a ring filled by one colour?", "name": "fig-embedding-umap"}, "image": {"alt": "Six scatter plots of cells, DeepSEM, the encoder without the GRN layer, PCA of the same input and of log expression, factor analysis and ZIFA, coloured by cell type, with rings around two types."}} tags=["remove-input"]
circled = embedding.tables.circled_types(types)
drawn = {name: embedding.umap(E) for name, E in live.items()}
embedding.figures.pictures(drawn, types, circled)

# %% [markdown]
# Is a ring filled by one colour? Counted, not looked at. *In ring*: the share of the cells inside a ring that are of
# its type. *Pieces*: the number of Leiden clusters (resolution 1) that hold more than a tenth of the type; the table also has how
# large a share of the type they hold. *Among own*: the share of the type's cells most of whose 30 nearest neighbours are of the type, in
# the embedding behind the picture.

# %% tags=["remove-input"]
rings = embedding.tables.rings(drawn, live, scores["leiden_clusters"], types, circled)
rings.round(3)

# %% tags=["remove-input"]
Markdown(embedding.said.about_rings(rings, circled))

# %% [markdown]
# The paper puts a number on such pictures, the **membership weight** (Eq. 8): a softmax over the inverse distances of a
# cell to the centres of all types, of which the entry of its own type counts. Inverse distances have units, so the same
# picture drawn ten times larger gets another number:

# %%
weights = {
    name: [embedding.membership_weights(s * points, types).mean() for s in (1, 10)]
    for name, points in drawn.items()
}
weights = pd.DataFrame(weights, index=["as drawn", "ten times larger"]).T
weights.round(3)

# %% tags=["remove-input"]
Markdown(embedding.said.about_scale(weights, n_types))

# %% [markdown]
# (embedding-ablation)=
# ## Is it the GRN?
#
# The paper sees in DeepSEM's lead over scVI, another VAE, a sign that modelling the GRN is necessary. But the two
# differ in everything: input, likelihood, width, standardisation. To test the network we must change the network and
# nothing else. Since $\mu = h\,(I - W^\mathsf{T})$, that is one line:

# %% tags=["remove-input"]
page.show(embedding.with_other_networks)

# %%
W = result.members[0].W
changed = embedding.with_other_networks(before, W)
changed |= {
    "untrained": embedding.untrained(cells.X, config),
    "DeepSEM": live["DeepSEM"],
}
changed["PCA, same input"] = live["PCA, same input"]
changed["PCA, centred cells"] = embedding.pca(embedding.centred(standard))
ablated = pd.DataFrame(
    {name: embedding.clustered(E, types) for name, E in changed.items()}
).T
lucky = luck | {
    name: embedding.louvain_aris(changed[name], types)
    for name in changed.keys() - luck.keys()
}
ablated["ari, 10 Louvain seeds"] = [
    embedding.tables.mean_and_sd(lucky[name]) for name in ablated.index
]
embedding.tables.rounded(ablated).join(ablated["ari, 10 Louvain seeds"])

# %% [markdown]
# *start W* deserves a second look. Before training all weights are near 1 / (m − 1), so the GRN layer subtracts from each
# gene the mean of all others: it takes away the **mean of the cell**. That mean follows how deeply a cell was
# sequenced, and some matrices (Zeisel's here) are not corrected for depth. The control is PCA with the same
# subtraction, *PCA, centred cells*: no network, no training, one line.

# %% tags=["remove-input"]
page.show(embedding.centred)

# %% tags=["remove-input"]
Markdown(embedding.said.about_depth(changed, lucky, cells.X))

# %% [markdown]
# "untrained" is the encoder with its random first weights and no network: if it does as well as the
# trained one without network, training has done nothing for the clusters. One seed decides nothing. The recorded table has
# several, on all data sets, made by `python -m deepsem_book.embedding.measure`. Each of its rows has one seed of Louvain, so the
# scatter over its seeds includes that luck; a method without chance of its own is clustered once with each seed, too. It adds two ablations: the W of another seed and, where
# recorded, a training in which a strong L1 term (α = 10⁴) keeps W near zero throughout, so that the encoder can adapt to having no network.

# %% tags=["remove-input"]
recorded = datasets.results("embedding")
main = embedding.tables.coarse_rows(recorded)
gains = embedding.tables.gains_of(main)
Markdown(embedding.said_recorded.about_seeds(main))

# %% mystnb={"figure": {"caption": "ARI of DeepSEM minus ARI of the same encoder with another network (or none), and minus PCA of the same input: mean over seeds with 95 % interval. Blue: DeepSEM is better; red: worse; grey: undecided.", "name": "fig-embedding-ablation"}, "image": {"alt": "Forest plot with one panel for each ablation and one row for each data set, showing DeepSEM's gain in ARI with its interval around a line at zero."}} tags=["remove-input"]
compared = embedding.tables.ablation_gains(gains)
measured = set(compared["method"])
shown = [name for name in embedding.tables.ABLATIONS if name in measured]
embedding.figures.gains(compared, shown, "ARI of DeepSEM minus ARI of the other")

# %% tags=["remove-input"]
Markdown(embedding.said_recorded.about_metrics(gains))

# %% [markdown]
# Read it as a chain of questions. Does DeepSEM beat the same model *trained without W*? (*no GRN* asks less: it removes W
# after training only, so the encoder could not adapt.) If so, is it this network, or would any do
# (*start W* and *PCA, centred cells* only remove each cell's mean; *permuted W* and *renamed genes* keep the weights but
# not who regulates whom)? And is it something about the cells that another training finds again (*other seed*)? ARI
# jumps when Louvain splits a large type or merges two small ones, so we ask both clusterings, and count a set only where they agree;
# with fewer than two seeds a set is undecided.

# %% tags=["remove-input"]
Markdown(embedding.said_recorded.about_chain(gains))

# %% [markdown]
# ## All methods on all data sets
#
# The paper's Fig. 5a and Supplementary Fig. 6, rebuilt on the sets that can be had. The paper says that
# DeepSEM is better than its four competitors (scVI, DCA, ZIFA, factor analysis) on five of nine sets and
# within 5 % on the others.

# %% mystnb={"figure": {"caption": "ARI and NMI of the methods on each data set, Louvain with as many clusters as types. Bars: mean; dots: seeds. DCA and scVI need counts and are absent where the source has none.", "name": "fig-embedding-bars"}, "image": {"alt": "Grouped bar chart in two panels, ARI and NMI, with data sets along the axis and one bar a method."}} tags=["remove-input"]
measured = set(main["method"])
methods = [name for name in embedding.tables.METHODS if name in measured]
embedding.figures.methods_by_data(main, {"ari": "ARI", "nmi": "NMI"}, methods)

# %% tags=["remove-input"]
Markdown(embedding.said_recorded.about_rivals(main))

# %% [markdown]
# ### Zeisel beside the authors' numbers
#
# The authors' tutorial prints ARI 0.8316 and AMI 0.7938 for Zeisel. It takes the 1000 genes whose *counts* vary most
# (`genes` is "counts" below) and clusters without weights (the `unweighted` columns). Our trainings, by the way the
# genes were chosen from the 4000 of our copy:

# %%
zeisel = embedding.tables.zeisel_rows(recorded)
SCORES = ["ari", "ami", "unweighted_ari", "unweighted_ami"]
beside = zeisel[
    zeisel["method"].isin(["DeepSEM", "no GRN", "PCA, same input", "PCA, log"])
]
beside.groupby(["genes", "method"])[SCORES].agg(embedding.tables.spread)

# %% tags=["remove-input"]
lines = embedding.said_recorded.about_page_run(cells, scores, luck["DeepSEM"])
Markdown("\n".join([*lines, *embedding.said_recorded.about_printed(recorded)]))

# %% tags=["remove-input"]
Markdown(embedding.said_recorded.about_choices(recorded))

# %% [markdown]
# What is not the same: our copy holds the 4000 genes that were found in most cells, so our 1000 need not be the authors'
# 1000, and igraph's Louvain is another program than theirs. Two stored versions of the authors' tutorial print different ARIs
# (0.8296 and 0.8316) beside the same AMI: do not read more than two digits of it. Who has internet can close the rest:
# `datasets.load("zeisel-full")` has all genes, with their names, and `embedding.prepared(..., by="counts")` then chooses the
# authors' genes. The paper's other pancreas sets are `muraro` and `segerstolpe`. No checksum of these three is
# published and they could not be reached when this was written, so their readers have been tested on small
# files of the same format only. `python -m deepsem_book.embedding.measure` measures them where they can be had.
#
# ## What is left of the data's geometry
#
# Three scores after Heiser and Lau {cite:p}`heiser2020`, whom the paper cites for its Supplementary Table 7, compare distances
# in the data (log expression) with distances in the embedding: Pearson's R of all distances, the earth mover's distance
# between the two sets of distances, each divided by its largest (EMD, lower is better), and
# the share of each cell's 30 nearest neighbours that stay neighbours (KNN). Heiser and Lau compare all entries of the two
# matrices of neighbours instead; in our terms that is 1 − 2·30·(1 − KNN)/cells, near 1 for any embedding of many cells.

# %% tags=["remove-input"]
page.show(embedding.preservation)

# %% tags=["remove-input"]
embedding.tables.geometry(main).round(3).sort_values("KNN", ascending=False)

# %% tags=["remove-input"]
Markdown(embedding.said_recorded.about_geometry(main))

# %% [markdown]
# Keeping the data's geometry is not the same as finding types: distances in log expression contain noise and
# depth of sequencing, which a good embedding should lose. The means are over the data sets, and over seeds within each;
# compare only methods that were measured on as many sets (last column).
#
# ## Subtypes and a path
#
# Zeisel's labels have two levels: within the 7 types there are 47 subtypes. The paper shows that DeepSEM keeps the
# hierarchy (Supplementary Fig. 6a). We cluster to the number of subtypes with at least ten cells and compare
# (mean ± sd over seeds, number of seeds).

# %% tags=["remove-input"]
embedding.tables.level2_table(recorded)

# %% [markdown]
# Do fine clusters at least respect the coarse types? On this page's cells we cut every embedding into as many clusters as
# there are subtypes and count the cells that are of the most frequent *coarse* type of their fine cluster: 1 means that no cluster
# crosses a border between types.

# %%
n_fine = embedding.tables.n_subtypes(cells.obs)
embedding.tables.hierarchy(live, n_fine, types).to_frame().round(3)

# %% tags=["remove-input"]
Markdown(embedding.said_recorded.about_nested(recorded))

# %% [markdown]
# The last column of the table, *path τ*, is about a path. Among Zeisel's oligodendrocytes, Oligo4 is immature, Oligo2 is about to make
# myelin, Oligo5 makes it and Oligo6 is mature; Oligo3 stands apart {cite:p}`zeisel2015`. If an embedding shows this
# path, a diffusion pseudotime {cite:p}`haghverdi2016` that starts in Oligo4 passes the others in that order: Kendall's τ is
# then near 1. PAGA {cite:p}`wolf2019` says how strongly the stages are linked.

# %%
oligo, stages, path = embedding.tables.stages(cells.obs, cells.X)
tau = {name: embedding.path_order(E[oligo], stages, path) for name, E in live.items()}
pd.Series(tau, name="Kendall's τ").to_frame().round(3)

# %% mystnb={"figure": {"caption": "The oligodendrocytes alone in DeepSEM's embedding. Left: UMAP by subtype. Right: PAGA's links between subtypes, from 0 to 1. What to look for: are neighbours on the published path (Oligo4, 2, 5, 6) linked more strongly than others?", "name": "fig-embedding-path"}, "image": {"alt": "Scatter plot of oligodendrocytes coloured by subtype, and a matrix of the strength of the links between subtypes."}} tags=["remove-input"]
links = embedding.stage_links(live["DeepSEM"][oligo], stages)
# the path, then the rest
along = [*path, *links.index.drop(path)]
links = links.loc[along, along]
embedding.figures.trajectory(embedding.umap(live["DeepSEM"][oligo]), stages, links)

# %% tags=["remove-input"]
Markdown(embedding.said.about_links(links, path, tau))

# %% tags=["remove-input"]
apart = embedding.said_recorded.about_oligo3(links, path)
Markdown(f"{embedding.said_recorded.about_path(recorded)} {apart}")

# %% [markdown]
# ## The network behind the points
#
# The W that made the points is a network as in the other chapters. These are its strongest edges. Our copy of Zeisel comes
# without the names of its genes, so they are numbered by their place in it; `zeisel-full` has the names.

# %% mystnb={"figure": {"caption": "The 40 strongest edges of W in the embedding's training, one seed. Colour: the cell type in which a gene is highest. Names: the 15 genes with the most of these edges (numbers, where the source has no gene names). An arrow points from regulator to target. What to look for: do edges stay within a colour?", "name": "fig-embedding-network"}, "image": {"alt": "Network drawing of forty arrows between genes, which are coloured by the cell type in which they are highest."}} tags=["remove-input"]
edges = result.edges(score="paper")
profile = pd.DataFrame(cells.X, columns=cells.var_names).groupby(types).mean()
# gene -> the type with its highest mean expression
highest = profile.idxmax().to_dict()
embedding.figures.network(edges, highest, 40)

# %% tags=["remove-input"]
Markdown(embedding.said.about_hubs(edges.head(40), highest))

# %% [markdown]
# ## What differs from the paper
#
# - [Ledger 16](#ledger-16): the embedding is μ after the GRN layer, with one dimension a gene.
# - Louvain is igraph's; Leiden at resolution 1 is added.
# - The recorded sets rather than the paper's nine; Zeisel from a copy with 4000 genes, types with fewer than ten cells
#   left out as in the paper. DCA is a small network of ours with 100 epochs, not the original package.
# - Oligodendrocytes are cut out of the embedding of all cells, as in the authors' tutorial.
# - Seeds differ in training and clustering. A method without chance of its own has a row for each seed, too: its clustering
#   has one.
#
# ## Summary

# %% tags=["remove-input"]
Markdown(embedding.said_recorded.summary(recorded))

# %% [markdown]
# ## Exercises
#
# **1. A score without correction.** Give each cell a random cluster, of 2, 10 and 100 clusters, and compute ARI, NMI and AMI.

# %% tags=["hide-cell"]
rng = np.random.default_rng(0)
pd.DataFrame(
    {
        n: embedding.agreement(types, rng.integers(n, size=len(types)))
        for n in (2, 10, 100)
    }
).T.round(3)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# ARI and AMI stay near 0. NMI grows with the number of clusters, although the clusters know nothing: with two methods of
# unequal numbers of clusters it favours the finer one.
# :::
#
# **2. The luck of the resolution.** Cluster DeepSEM's embedding with ten seeds of Louvain. How much does ARI vary without
# any change of the embedding?

# %% tags=["hide-cell"]
graph = embedding.as_igraph(embedding.neighbourhood(live["DeepSEM"]))
varied = [
    embedding.agreement(types, embedding.louvain_with(graph, n_types, seed)[0])["ari"]
    for seed in range(10)
]
print(f"ARI {np.mean(varied):.3f}, from {min(varied):.3f} to {max(varied):.3f}")

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# The spread is a floor for differences between methods: a smaller one between two single runs says nothing. This is why
# two tables of this page's own cells average over ten seeds of Louvain. The recorded tables do not: there each row has one
# seed of Louvain, and only the mean over the rows of a method makes its luck smaller.
# :::
#
# **3. Which part of W?** Keep only the strongest 1 % of W and set the rest to zero; then the reverse. Which
# of the two gives the points of DeepSEM?

# %% tags=["hide-cell"]
strong = np.abs(W) >= np.quantile(np.abs(W), 0.99)
nearness = {}
for name, part in {"strongest 1 %": strong, "the rest": ~strong}.items():
    E = before - before @ (W * part).T
    nearness[name] = near = embedding.preservation(live["DeepSEM"], E)
    print(
        f"{name}: R of distances {near['distance_r']:.3f}, neighbours kept {near['knn']:.2f}"
    )
print(embedding.said.nearer_by_both(nearness))

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# If a few strong edges carried the embedding, the first line would show the higher numbers. Otherwise it is made by many
# small weights that no list of edges shows.
# :::
#
# **4. Design the fair test.** The paper concludes from DeepSEM against scVI that the GRN is needed. Which single comparison
# of this page supports or refutes this best, and what is missing from it?
#
# :::{admonition} Solution
# :class: dropdown
# *trained without W*: the same model, input, standardisation and training, with nothing but the network gone. *no GRN*
# removes it after training only, so the encoder could not adapt. What is missing: more data sets, and labels that were not
# themselves made by clustering expression, as most of these were.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(source, seeds=range(1))
