# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Your own data
#
# **How do you get from a count matrix of your own to a network, and which of its edges can you trust?**

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
from deepsem_book import own_data, page

by_setting = own_data.recorded.by_setting(own_data.recorded.known_truths())
page.say(
    "**You get a ranked list of edges with signs on which seeds agree; whether it is the best list your cells can give is "
    "another question.** On {networks} simulated data sets of {settings} kinds, whose network is known, the mean AUROC of the "
    "edges is {ours:.3f}: a plain correlation has {correlation:.3f}, a ridge regression on the TFs, which takes a second, {theirs:.3f}. In "
    "{behind_best} of the {settings} kinds the best of three rankings without training is ahead by more than 0.01, in {ahead} it is behind "
    "by as much; the plain correlation is ahead in {behind}. Signs are right for {sign:.1%} of the true edges at the top.",
    **own_data.recorded.answer(by_setting),
)

# %% mystnb={"figure": {"caption": "AUROC of the command's default less that of a ranking without training, on simulated cells with a known network: mean over networks with 95 % interval (none for one network). Left of 0 the other ranking is better. The other rows differ from the first as they say.", "name": "fig-own-known"}, "image": {"alt": "Forest plot with a row per kind of simulated cells. Blue, against the correlation, lies right of zero for most rows; orange, against the best ranking without training, left of it."}}
own_data.figures.known_truths(by_setting)

# %% [markdown]
# **Key takeaways**
#
# - [One command](#own-command) goes from a file to a table of edges; every guess about the file is printed.
# - [The default sets itself by the size of your data](#own-preset); the paper's presets are for the paper's benchmarks.
# - [Each member is judged](#own-health), sick ones are left out and named.
# - [Signs can be read](#own-signs), as well from a plain correlation; [direction and cause cannot](#own-known).
# - [Every result comes beside a control](#own-control): `--control-out` writes the ranking that finds more on cells like yours.
# - [Agreement of seeds](#own-stability) is necessary for belief, and far from sufficient.
# - [Take batches, donors and cell types apart](#own-groups) before you train, not after.
# - [Often another tool is the right one](#own-instead).
#
# **You will be able to** infer a network from raw counts, say whether it has trained and how stable it is, compare it with a
# ranking that needs no training, and hand either to other programs.
#
# **Before you start**: [training and ensembling](04_training_and_ensembling) and
# [what benchmarks say](05_grn_inference_beeline). **Time**: 35 minutes to read; about two minutes to run on a CPU (`full`: an
# hour).

# %%
import tempfile
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from anndata import AnnData
from IPython.display import HTML

import deepsem_minimal as ds
from deepsem_book import datasets, sortable_table

folder = Path(tempfile.mkdtemp())
n_seeds = {"quick": 3, "full": 10}[PROFILE]
adata = page.choose("baron", "sim/nonlinear-100")
page.header(PROFILE, adata)

# %% [markdown]
# The data: raw counts of one donor's pancreatic islets, as they came out of the sequencing {cite:p}`baron2016`. Replace them by
# your own file: every step below stays the same.
#
# (own-command)=
# ## From a file to edges in one command
#
# The package brings a command, `deepsem`. It reads an AnnData, a loom, a 10x file or folder, or a table. On the command line:
#
# ```bash
# deepsem infer cells.h5ad --tfs human --seeds 10 --out edges.csv --html network.html --control-out control.csv
# deepsem embed cells.h5ad --layer counts --out embedded.h5ad
# ```
#
# `deepsem infer --help` lists the rest. Here the same command is called from Python, on this page's counts, with fewer genes
# and seeds so that the page is quick.

# %%
tfs, notice = own_data.example.tfs_of(adata)
raw = own_data.example.raw_counts(adata)
raw.write_h5ad(folder / "cells.h5ad")
(folder / "tfs.txt").write_text("\n".join(tfs))
words = f"infer cells.h5ad --tfs tfs.txt --seeds {n_seeds} --out edges.csv --html network.html"
words += " --control-out control.csv --save result.h5ad "
words += own_data.example.options(adata, PROFILE)
done = own_data.example.command(words, folder)
print(*done.said, sep="\n")

# %%
page.say("{notice}", notice=notice)

# %%
edges = pd.read_csv(folder / "edges.csv")
edges.head(3)

# %% [markdown]
# Exit code 0 is a network, 2 a file or an option that cannot be used, 3 a network whose members mostly did not train.
#
# (own-genes)=
# **Which genes.** TFs and the most varying other genes, of those that enough cells show (`--genes`, `--detected`): a gene that a tenth
# of the cells have says little, and W grows with the square of their number (`--genes all` [takes another way](#own-genome)). A TF that was filtered away before you got the file
# cannot be found as a regulator. Among cells of several types the share of cells also cuts TFs of rare types: take the cells of
# that type alone. `--tfs human` is the curated list of Lambert and others {cite:p}`lambert2018`, `--tfs mouse` that of SCENIC; BEELINE's
# (`--tfs beeline-human`) also hold splicing factors and kinases.
#
# (own-cost)=
# **What it costs.** The command trains for a moment on this machine and says how long the whole will take, before it starts.

# %%
result = ds.Result.load(folder / "result.h5ad")
page.say(
    "Here it expected {seconds:.0f} seconds and {megabytes:.0f} MB; the training took {took:.0f} seconds of all members together.",
    took=sum(member.seconds for member in result.members),
    **done.summary["expected"],
)

# %% [markdown]
# (own-preset)=
# ## Which question, which preset
#
# :::{table} Command and settings by question.
# :name: tab-own-presets
#
# | you want | command | settings |
# | --- | --- | --- |
# | edges of your own cells, with signs | `deepsem infer` | `own` (default): `Config.for_data`, by the numbers of cells and genes |
# | the paper's numbers on its benchmarks | `--preset nonspecific`, `--preset specific` | the paper's; in Python rank by `result.edges(score="paper")` |
# | clusters, a picture of the cells | `deepsem embed` | `embedding` ([chapter 10](10_embedding_and_clustering)) |
# | new cells | `deepsem simulate` | `embedding` ([chapter 12](12_simulating_cells)) |
# | a ranking as good as can be had in a second | `--control-out` | none: [nothing is trained](#own-control) |
# :::
#
# Why not the paper's settings? Its α = 100 weighs the *mean* of |W| and was chosen at about a thousand genes; with a hundred it empties
# W. Its start gives all weights one sign, and |W| then ranks one sign of regulation below unrelated pairs
# ([chapter 4](#training-offset)). The rules of `own` were found on simulated cells with a known network, not on benchmarks:

# %% mystnb={"figure": {"caption": "The default's settings where they differ from the paper's.", "name": "tab-own-settings"}}
own, paper = (
    ds.Config.for_data(done.summary["cells"], done.summary["genes"]),
    ds.Config(),
)
pd.DataFrame(
    {"own, for this page's cells": vars(own), "paper, nonspecific": vars(paper)}
).loc[[name for name, value in vars(own).items() if value != getattr(paper, name)]]

# %% [markdown]
# (own-health)=
# ## Has W trained?
#
# A member can stay at its start, be emptied by α, slide off as a whole, or land far from all others, and a mean over members hides
# it. So each is judged by itself, and the command leaves sick ones out of the ensemble, names them, and ends with exit
# code 3 if they are most.

# %% mystnb={"figure": {"caption": "Each member, judged. moved: mean distance of W from its start, in steps of the optimiser; size: the same from 0; one_sign: share of the more frequent sign; row_sum: mean, I - W is singular at 1; agreement: share of the first 200 edges in common with the other members.", "name": "tab-own-health"}}
pd.DataFrame(own_data.health.as_rows(own_data.health.judged(result))).round(2)

# %% [markdown]
# (own-stability)=
# ## How many seeds, and what their agreement means
#
# Look at every pair, since a mean of pairs can hide one member that is alone:

# %%
result.agreement()

# %%
n_pairs = len(result.edges())
all_edges = own_data.advice.edge_stability(result, top=n_pairs, within=200)
best = all_edges.head(5 * len(result.genes))
best.head()

# %% [markdown]
# *importance*: the distance of W from what it would be without an edge, with its *sign*: 1 activates, -1 represses. *in_top*:
# share of the members that have the edge among their first 200. *rank_low*, *rank_high*: its best and worst place in the list of a
# member. The lists are short on purpose: long lists share edges by chance.

# %% mystnb={"figure": {"caption": "Share of edges that two members have in common, against the length of the list; the dashed line is what two random lists share.", "name": "fig-own-sharing"}, "image": {"alt": "A curve of the shared fraction of the best edges of two seeds over list length, with chance as a dashed line that rises to one at full length."}}
lengths = np.unique(np.geomspace(20, n_pairs, 10).astype(int)).tolist()
own_data.figures.sharing(pd.DataFrame(own_data.advice.stabilities(result, lengths)))

# %% [markdown]
# Three seeds show whether members agree; take ten for a list that you act on. More seeds do not mend what the cells
# lack: all members see the same cells, so what they share is stable *for these cells*, and they can be wrong in the same way. On
# the simulated cells members agree in places where the ranking is poor ([below](#own-known), *shared* beside *AUROC*).
#
# (own-other-cells)=
# **Other cells.** So two halves of the cells, and two seeds on each. Which changes the list more, another seed or other cells?

# %% mystnb={"figure": {"caption": "Edges in common of 200: another seed beside other cells.", "name": "tab-own-halves"}}
ready = own_data.prepare_cells(
    raw, tfs, **own_data.example.settings(adata, PROFILE)
).adata
parts = np.array_split(np.random.default_rng(0).permutation(ready.n_obs), 2)
halves = [
    ds.fit(ready[cells].copy(), seeds=2, progress=False)
    for cells in map(np.sort, parts)
]
common = own_data.compare.shared_by_halves(halves, 200)
common.style.format("{:.0%}")

# %% tags=["remove-input"]
page.say(
    "The list is changed more by: **{heavier}** (a kind counts as heavier if both of its pairs share less). Two lists at random "
    "share {chance:.1%}. The same two halves with a donor each are the test of whether a new experiment would find the edges again.",
    heavier=own_data.compare.heavier(common),
    chance=200 / n_pairs,
)

# %% [markdown]
# **Shuffled cells.** What do members agree on where there is nothing? Each gene is shuffled over the cells, so that no
# two genes are related:

# %% mystnb={"figure": {"caption": "What two seeds share on real and on shuffled cells.", "name": "tab-own-shuffled"}}
rng = np.random.default_rng(0)
shuffled = AnnData(
    rng.permuted(ds.preprocess.dense(ready.X), axis=0), var=ready.var.copy()
)
of_shuffled = own_data.advice.stability(ds.fit(shuffled, seeds=2, progress=False), 200)
pd.DataFrame(
    {"real": own_data.advice.stability(result, 200), "shuffled": of_shuffled}
).T

# %% [markdown]
# That is what the start of the training and the genes' own distributions give. Two seeds that agree on such cells agree on what
# the data's noise says, since they see the same noise: only the distance from this row speaks of relations between genes.
#
# (own-signs)=
# ## Signs
#
# W's sign says whether a regulator raises or lowers its target, all other genes given; it is read from the distance to the
# regulator's usual weight ([why](#training-offset)). Where a correlation says the opposite, another regulator
# explains the difference, or one of the two is wrong: such edges are worth a look, and no more.

# %%
r = own_data.control.correlations(ready.X)
first = edges.head(200)
by_correlation = np.sign(own_data.control.of_edges(first, r, list(ready.var_names)))
pd.crosstab(
    first["sign"].map({1: "activates", -1: "represses", 0: "none"}),
    pd.Series(by_correlation, name="correlation").map(
        {1.0: "positive", -1.0: "negative", 0.0: "0"}
    ),
)

# %% [markdown]
# (own-control)=
# ## A ranking beside its control
#
# Three rankings need nothing but the correlations of the same cells: the correlation itself, the same with its {term}`hubs <hub>` corrected
# {cite:p}`dunn2008`, and a ridge regression of each gene on all TFs, which keeps of a TF what the other TFs do not say already. How
# much of the network do they have too?

# %% mystnb={"figure": {"caption": "The network beside three rankings that train nothing.", "name": "tab-own-beside"}}
beside = [
    own_data.control.beside(edges, r, list(ready.var_names), method)
    for method in own_data.control.IN_WORDS
]
pd.DataFrame(beside).set_index("method").round(3)

# %% [markdown]
# *rank*: Spearman correlation of the scores of all edges; *shared*: of the first *top* edges; *sign*: of those, the share with the same
# sign. Only what a control does not say is what the network adds, and whether that is knowledge or noise is seen on known truths alone.
#
# (own-known)=
# ## What known truths say
#
# Recorded by `python -m deepsem_book.truth.grid`: cells are simulated from a network with hubs, saturation and sequencing
# noise (`deepsem_book/truth/simulator.py`), so that every edge is known. What was asked of the tool, and what was reached:

# %% mystnb={"figure": {"caption": "What was asked of the default, and what it reaches. Intervals: 95 %, over simulated networks or, for BEELINE, over data sets; holds: undecided where the interval holds the limit.", "name": "tab-own-demands"}}
own_data.recorded.must_show().style.hide(axis="index")

# %% mystnb={"figure": {"caption": "Mean AUROC of the edges by kind of cells. oracle: a regression that knows all other edges, a bound. to correlation, to best control: DeepSEM less the other, with 95 % interval over networks. use: what ranks edges best here; either: DeepSEM and the best of the others are within 0.01.", "name": "tab-own-known"}}
sortable_table.sortable(own_data.recorded.details(by_setting), precision=3)

# %% [markdown]
# How to read it. On BEELINE the mean difference of the default to the paper's preset is undecided: it loses on some sets of cells, and gains on
# others. A likely reason, not tested: the default takes away what a hub has in common with all genes, and BEELINE's truths pay for hubs
# ([chapter 8](08_what_epr_rewards)). Where activating and repressing edges are farther apart than asked, those of the correlation (in brackets) are
# apart, too, though mostly less: part of it lies in the cells. Where {term}`depth` stays in the data or cells are of several types, a correlation is led astray, and a method that
# models all genes together is not: there the training pays, and the ridge regression gets as much for less. Few cells or many zeros
# leave little for any method, the oracle among them; with few cells seeds agree all the same (*shared*), with many zeros less than elsewhere, and still far
# above chance.
#
# Signs and direction, method by method; a *direction* of ½ says nothing, as for a correlation, which cannot know it. DeepSEM's is below ½, so that its score prefers the
# reverse a little, and its signs are right as often as those of a plain correlation:

# %% mystnb={"figure": {"caption": "Means over the simulated data sets that all of these were measured on. early_precision: true share of the first n edges, where the network has n. direction: share of the one-way edges between TFs that score more than their reverse.", "name": "tab-own-methods"}}
own_data.recorded.by_method(own_data.recorded.known_truths()).round(3)

# %% [markdown]
# (own-groups)=
# ## Batches, donors, cell types
#
# Genes of one cell type go up and down together among cells of several, without any regulation; so do genes that one batch catches better. Three ways, in
# this order:
#
# 1. **Train apart** what differs for a known reason: `--groupby cell_type`, `--groupby donor`. Each group then has its own
#    network, and an edge that all donors have is worth more than one that all seeds have.
# 2. **Regress or integrate** only if groups are too small, and never give the result of an integration (negative
#    numbers, or a latent space) for expression: the command refuses it.
# 3. **Do not read a difference between groups** before two seeds of one group agree.
#
# Here are the two largest cell types, cut to the same number of cells, with two seeds each. What two seeds share *within* a group
# stands beside what they share *between* the groups.

# %% mystnb={"figure": {"caption": "Common edges of 200 within and between two cell types.", "name": "tab-own-groups"}}
cells, sizes = own_data.compare.two_largest(ready, "cell_type")
groups = ds.fit_groups(
    cells, groupby="cell_type", config=ds.Config.for_data, seeds=2, progress=False
)
shared = own_data.compare.shared_by_groups(groups, 200, 200 / n_pairs)
shared.to_frame().round(1)

# %% tags=["remove-input"]
page.say(
    "At {n} cells a group, these two differ by **{verdict}**. But the groups also have other cells than each other, and two halves of the "
    "*same* cells differ too ([above](#own-other-cells)): only what goes beyond that is a difference of the cell types.",
    n=sizes.min(),
    verdict=own_data.compare.differ(shared),
)

# %% [markdown]
# ## The regulators of one gene

# %% mystnb={"figure": {"caption": "Regulators of the target that has most edges on which most members agree, in the order of agreement, then of importance. The number is the share of members that have the edge among their first 200. Blue, if any: all of them.", "name": "fig-own-regulators"}, "image": {"alt": "Horizontal bars of importance for the regulators of one gene, each labelled with the share of ensemble members that agree."}}
target = own_data.compare.most_agreed_target(best)
own_data.figures.regulators(best, target)

# %% mystnb={"figure": {"caption": "The forty edges on which most members agree: TFs on the left, targets on the right, line width by importance. Solid: activates; dashed: represses. Blue, if any: among the first 200 of every member; orange: of fewer.", "name": "fig-own-network"}, "image": {"alt": "Two columns of gene names joined by lines from transcription factors to their targets, solid for activation and dashed for repression."}}
own_data.figures.network(own_data.compare.by_agreement(best), n=40)

# %% [markdown]
# A few TFs that fill the list can be master regulators, TFs that are detected often, or marks of a cell type: among several types, the last
# is the most likely.
#
# (own-instead)=
# ## When not to use this
#
# From the recorded table: for each ranking, the kinds of simulated cells in which it is the one to take.

# %% mystnb={"figure": {"caption": "Which ranking to take, by kind of simulated cells.", "name": "tab-own-instead"}}
own_data.recorded.instead(by_setting)

# %% [markdown]
# :::{table} A method by what you have, or want.
# :name: tab-own-at-hand
#
# | you have, or want | take | because |
# | --- | --- | --- |
# | a ranking of edges from expression alone | what the command advises for cells like yours: `--control-out`, most often the ridge regression | it is ahead on most known truths, deterministic, and takes seconds |
# | few cells, or nine zeros in ten | no network; if there must be one, a control | there no method finds much, the oracle neither |
# | ATAC of the same cells or the same tissue | SCENIC+ {cite:p}`bravo2023`, CellOracle {cite:p}`kamimoto2023` | chromatin says where a TF can bind, which no expression holds |
# | only how active TFs are | decoupler {cite:p}`badia2022` with a curated network | known targets beat those guessed from one data set |
# | knock-outs, CRISPR screens | the difference to control cells, gene by gene | direction and cause are in the experiment |
# | motifs, and patience | pySCENIC {cite:p}`vandesande2020` behind either ranking ([below](#own-export)) | the second step asks for the TF's motif near the target |
# :::
#
# The same advice in one paragraph, with its intervals and with the kinds of cells it holds for: [chapter 16](#truth-advice). What is
# left for DeepSEM is what a ranking does not have: an embedding and simulated cells from one model, and a method to study.
#
# (own-export)=
# ## To other programs
#
# **pySCENIC** reads the command's table as it is (columns TF, target, importance; *sign* does no harm, a test runs its
# reader's rules). `pyscenic ctx edges.csv ...` then asks which targets carry the TF's motif. **Cytoscape** opens GraphML with the sign as
# an attribute of the edges, and **networkx** reads the table:

# %%
graph = nx.from_pandas_edgelist(
    best.head(200),
    "TF",
    "target",
    ["importance", "sign", "in_top"],
    create_using=nx.DiGraph,
)
nx.write_graphml(graph, folder / "cytoscape.graphml")
sizes_of_files = {
    path.name: path.stat().st_size / 1e3 for path in sorted(folder.iterdir())
}
pd.Series(sizes_of_files, name="kB").round(1).to_frame()

# %% [markdown]
# `network.html` (of `--html`) is one file that opens in any browser without internet: health and control on top; type a TF, move the
# slider, read signs and the place of each edge in the control's list. Here it is:

# %% tags=["hide-input"]
explorer = (folder / "network.html").read_text()
explorer = explorer.replace("&", "&amp;").replace('"', "&quot;")
frame = 'title="Network explorer" loading="lazy" style="width:100%;height:46rem;border:1px solid #8888"'
HTML(f'<div><iframe {frame} srcdoc="{explorer}"></iframe></div>')

# %% [markdown]
# (own-scale)=
# ## Many cells
#
# Sparse counts stay sparse until a batch of cells is taken from them; with more than some twenty thousand cells an epoch sees a
# sample of them (`--cells-per-epoch`), and `--dask local` or `--dask ADDRESS` trains all seeds and groups at the same time. Recorded
# with made-up counts (`deepsem_book/own_data/measure_scale.py`): peak memory beside what the command had expected.

# %% mystnb={"figure": {"caption": "Peak memory (MB) beside what was expected.", "name": "tab-own-scale"}}
scale = datasets.results("scale")
scale[
    [
        "n_cells",
        "n_genes",
        "cells_per_epoch",
        "n_epochs",
        "peak_mb",
        "expected_megabytes",
    ]
]

# %% [markdown]
# (own-genome)=
# ## A whole genome
#
# With `--genes all` no gene is left out, and with `--nuisance 20` W has a column for each TF and one for each of 20 groups of other
# genes ([chapter 6](06_why_it_is_fast) explains it and has its cost in accuracy on BEELINE). Recorded by
# `deepsem_book/own_data/measure_genome.py` for a pancreas {cite:p}`baron2016`, from raw counts, three seeds:

# %% mystnb={"figure": {"caption": "The 1,000 most varying genes beside the TFs, and all genes seen in 5 % of the cells. After the slash: what the number is to be read against (chance, or how many there are). Places: of a regulator that textbooks name, among all TFs of its target.", "name": "tab-own-genome"}}
own_data.recorded.whole_genome()

# %% [markdown]
# Over the pairs that both runs have, the first edges are mostly the same, and so are the places of most of the regulators: more genes are more
# targets, and seldom other regulators for the old ones. Does the other model find less where the truth is known? A little. Single members on
# simulated cells, three or four networks a setting, same seed (`deepsem_book.truth.grid`):

# %% mystnb={"figure": {"caption": "Mean AUROC with columns for the TFs and 20 groups, with all columns, and their difference with 95 % interval over networks, lowest first.", "name": "tab-own-few"}}
own_data.recorded.few_columns().round(3)

# %% [markdown]
# ## What differs from the paper
#
# - The authors give the steps before training for their own files only. Detecting the scale, choosing genes by variance, the settings
#   by size and the centre of W are ours.
# - The paper ranks by |W| and does not report how stable edges are over seeds, nor a control.
# - `deepsem simulate` does what the authors' code does ([row 17 of the ledger](#ledger-17)): it resamples real cells, with their zeros.
#
# ## Summary
#
# - Believe: that training again gives most of these edges (health, pairs), and their signs, which a correlation gives as well.
# - Do not believe from this alone: direction or cause, or that a stable edge is a true one.
# - Before you act on a list, look at the control's list beside it, and take the one that known truths like your cells favour.
# - Other cells count more than other seeds; other donors were not measured here.
#
# ## Exercises
#
# **1. Check (5 minutes). Longer lists.** Two halves of the cells and two seeds were compared by lists of 200 edges. Does the answer hold
# for lists of 50 and of 1000?

# %% tags=["hide-cell"]
by_length = {
    f"{top} edges": own_data.compare.shared_by_halves(halves, top).mean(axis=1)
    for top in (50, 200, 1000)
}
pd.DataFrame(by_length).style.format("{:.0%}")

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Longer lists share more by chance, so compare within a column. If halves with the same seed share more than two seeds on the
# same half in every column, it is the start that shows at every length, and the ensemble has too few members or
# epochs. If they share less in every column, the seeds alone make the network look surer than it is: the variation
# between samples of cells is the one that matters for a new experiment. Where the rows are close, neither is shown.
# :::
#
# **2. Change (10 minutes). What does the network say that its control does not?** Take the edges among the first 200 of the network that are
# not among the first 1,000 of the control's file. Do their members agree?

# %% tags=["hide-cell"]
control = pd.read_csv(folder / "control.csv")
alone = own_data.control.with_ranks(best.head(200), control).query("control > 1000")
alone[["TF", "target", "sign", "in_top", "control"]].head(10)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Whether they are few or many, agreement does not decide: the table of known truths says which of the two rankings to trust where
# they part, and for most kinds of cells it is not the network's. An edge in both lists is the better bet.
# :::
#
# **3. Judge (10 minutes). Simulated cells.** Draw 200 cells and compare the mean of each gene with the real one. Why is
# good agreement here no proof of a good model?

# %% tags=["hide-cell"]
drawn = result.simulate(ready, 200)
origin = ds.preprocess.dense(ready[drawn.obs["from_cell"]].X)
agreement = np.corrcoef(drawn.X.mean(0), ds.preprocess.dense(ready.X).mean(0))[0, 1]
print(
    f"correlation of gene means {agreement:.3f}; zeros copied: {(drawn.X[origin == 0] == 0).all()}"
)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Each simulated cell starts from a real one and takes its zeros, so the means must agree to a good
# part whatever the network is.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(adata, seeds=n_seeds)
