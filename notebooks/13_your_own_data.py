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

# %% tags=["hide-input"]
from deepsem_book import page

adata = page.choose("baron", "sim/nonlinear-100")
page.header(PROFILE, adata)

# %% [markdown]
# **Key takeaways**
#
# - [One command](#own-command) goes from a file to an edge table, and every guess about the file is
#   printed.
# - [Select genes before you train](#own-genes): the TFs and the most varying other genes, of those that
#   enough cells show. W grows with the square of the number of genes.
# - [Ask for the cost first](#own-cost), and read the warnings: they say where your data leave the
#   range on which the method was tested.
# - [Train several seeds and look at what they share](#own-stability). An edge that one seed has and
#   the next has not is noise. Agreement is necessary for belief, and not sufficient.
# - [Compare cell types](#own-groups) only where two seeds on the cells of one type agree. With few cells
#   they may share nothing, and then a difference between types means nothing.
# - [Export](#own-export) to pySCENIC, Cytoscape and networkx, or to one page that works offline.
#
# **You will be able to** read raw counts of any common format, infer a network with an ensemble,
# measure its stability, list the regulators of a gene and hand the result to other programs.
#
# **Before you start**: [training and ensembling](04_training_and_ensembling) and
# [what benchmarks say](05_grn_inference_beeline).
# **Time**: 30 minutes to read; about two minutes to run on a CPU; no GPU needed.
#
# The data: raw counts of one donor's pancreatic islets, as they came out of the sequencing
# {cite:p}`baron2016`. Replace them by your own file: every step below stays the same.

# %%
import contextlib
import io
import json
import tempfile
import time
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from anndata import AnnData
from IPython.display import HTML, Markdown

import deepsem_minimal as ds
from deepsem_book import datasets, own_data

folder = Path(tempfile.mkdtemp())
n_seeds = {"quick": 3, "full": 10}[PROFILE]

# %% [markdown]
# (own-command)=
# ## From a file to edges in one command
#
# The package brings a command, `deepsem`. For an `.h5ad` with a layer of raw counts it is
#
# ```bash
# deepsem infer cells.h5ad --layer counts --tfs human --seeds 10 --out edges.csv --html network.html
# deepsem embed cells.h5ad --layer counts --out embedded.h5ad
# ```
#
# and `deepsem infer --help` lists the rest. To see what it says, we write 150 of the cells as a table
# with genes in rows, such as one gets from a repository of published data, and call the same command
# from Python, with few epochs.

# %% tags=["hide-input"]
simulated = own_data.example.is_simulated(adata)
tfs, notice = own_data.example.tfs_of(adata)
Markdown(notice) if notice else None

# %%
raw = own_data.example.raw_counts(adata)
raw[:150].to_df().T.to_csv(folder / "counts.csv")
(folder / "tfs.txt").write_text("\n".join(tfs))
words = f"infer {folder}/counts.csv --tfs {folder}/tfs.txt --out {folder}/edges.csv --quiet --json"
words += " --genes 100 --detected 0.5 --seeds 1 --epochs 3 --scale " + (
    "counts" if simulated else "auto"
)
with contextlib.redirect_stdout(io.StringIO()) as printed:
    code = own_data.cli.main(words.split())
Markdown(own_data.example.bullets(json.loads(printed.getvalue())["notes"]))

# %%
pd.read_csv(folder / "edges.csv").head(3)

# %% tags=["remove-input"]
Markdown(own_data.said.exit_code(code))

# %% [markdown]
# (own-genes)=
# ## Which genes, which scale
#
# `own_data.prepare_cells` does what the command does: drops cells and genes without expression, tells
# counts from log expression, takes ln(1 + counts per ten thousand), and keeps the TFs and the most
# varying other genes, of those that are seen in enough cells. BEELINE's data hold genes seen in at
# least a tenth of the cells; we ask for a fifth here, so that the page is quick.

# %%
settings = {"quick": {"n_genes": 150, "detected": 0.2}, "full": {"n_genes": 1000}}[
    PROFILE
]
if simulated:
    settings |= {"scale": "counts", "detected": 0.0}
ready, notes, _ = own_data.prepare_cells(raw, tfs, **settings)
Markdown(own_data.example.bullets(notes))

# %% tags=["remove-input"]
Markdown(own_data.said.missing_tfs(ready, tfs))

# %% tags=["remove-input"]
Markdown(own_data.said.not_tfs(ready, tfs))

# %% [markdown]
# (own-cost)=
# ## What it will cost, and whether the data are usual
#
# `Config.for_data` takes the settings of the training from the numbers of cells and genes; the paper's, which were chosen for
# about a thousand genes, empty W or leave it at its start where there are fewer. Two alternations of the training loop are timed on
# this machine and scaled up.

# %%
config = ds.Config.for_data(*ready.shape)
cost = own_data.advice.expected_cost(ready.X, config, n_seeds)
warned = own_data.advice.warnings_for(ready.X, config)

# %% tags=["remove-input"]
Markdown(own_data.said.cost(cost, warned, n_seeds))

# %% [markdown]
# A warning does not stop the run. It says that the scores of the chapter on BEELINE were measured
# on other kinds of data, so they do not tell how good the network of yours is.
#
# **How many cells?** The recorded table of [chapter 5](#beeline-cells) has DeepSEM on samples of the
# cells of three BEELINE data sets. Here is the median EPR of its single members.

# %%
fewer = own_data.compare.samples_of_cells()
medians = fewer.pivot_table(
    index="network", columns="cells", values="epr", aggfunc="median"
)
medians.rename(index={"Lofgof": "LOF/GOF"}).round(2)

# %% tags=["remove-input"]
Markdown(own_data.said.few_cells(fewer))

# %% [markdown]
# (own-stability)=
# ## Train, and ask what the seeds share

# %%
start = time.perf_counter()
result = ds.fit(ready, config, seeds=n_seeds, progress=False)
seconds = time.perf_counter() - start
result.save(folder / "result.h5ad")  # config, seeds, every member: nothing is lost
result = ds.Result.load(folder / "result.h5ad")
n_pairs = len(result.edges())
all_edges = own_data.advice.edge_stability(result, top=n_pairs, within=200)
edges = all_edges.head(5 * ready.n_vars)
edges.head()

# %% [markdown]
# *importance*: the distance of W from what it would be without an edge ([chapter 4](#training-offset)), with its *sign*: 1
# activates, -1 represses. *in_top*: share of the members that have the edge among their first
# 200. *rank_low*, *rank_high*: the best and the worst place of the edge in the list of a member. The lists are
# short on purpose: two long lists share edges by chance, as the figure shows.

# %% mystnb={"figure": {"caption": "Share of edges that two members have in common, against the length of the list; the dashed line is what two random lists share.", "name": "fig-own-sharing"}, "image": {"alt": "A curve of the shared fraction of the best edges of two seeds over list length, with chance as a dashed line that rises to one at full length."}}
lengths = np.unique(np.geomspace(20, n_pairs, 10).astype(int)).tolist()
curve = pd.DataFrame(own_data.advice.stabilities(result, lengths))
own_data.figures.sharing(curve)

# %% tags=["remove-input"]
at = own_data.advice.stability(result, 200)
in_list = min(200 / n_pairs, 1)  # of one pair, by chance
Markdown(own_data.said.agreement(all_edges, at, n_seeds, seconds, cost["seconds"]))

# %% [markdown]
# **Has every member trained?** A member can stay at its start, be emptied by α, or slide off as a whole, and a mean over the
# members hides it. The command leaves such members out and names them; if most are sick, it ends with exit code 3.

# %%
judgement = own_data.health.judged(result)
pd.DataFrame(own_data.health.as_rows(judgement)).round(2)

# %% [markdown]
# *moved*: mean distance of W from its start, in steps of the optimiser; *size*: the same from 0; *one_sign*: share of the more frequent
# sign; *row_sum*: mean, I - W is singular at 1; *agreement*: share of the first 200 edges in common with the other members.
#
# **What does the network add?** A correlation whose hubs are corrected costs a second. Only what it does not say already is the
# network's:

# %%
control = own_data.health.control(result.edges(), ready.X, list(ready.var_names))
print(own_data.health.control_in_words(control))

# %% [markdown]
# What all members agree on can still be wrong in the same way: they see the same cells, so what
# is stable over seeds is stable *for these cells*.
#
# (own-other-cells)=
# ### Other cells
#
# So two halves of the cells, and two seeds on each. All four trainings have as many cells and steps; which
# changes the list more, another seed or other cells?

# %%
order = np.random.default_rng(0).permutation(ready.n_obs)
halves = [
    ds.fit(ready[cells].copy(), config, seeds=2, progress=False)
    for cells in np.array_split(order, 2)
]

common = own_data.compare.shared_by_halves(halves, 200)
common.style.format("{:.0%}")

# %% tags=["remove-input"]
Markdown(own_data.said.other_cells(common, at["shared"], in_list))

# %% [markdown]
# ## The regulators of one gene

# %% mystnb={"figure": {"caption": "Regulators of the target that has most edges on which most members agree, in the order of agreement, then of importance. The number is the share of members that have the edge among their first 200. Blue, if any: all of them.", "name": "fig-own-regulators"}, "image": {"alt": "Horizontal bars of importance for the regulators of one gene, each labelled with the share of ensemble members that agree."}}
target = own_data.compare.most_agreed_target(edges)
own_data.figures.regulators(edges, target)

# %% [markdown]
# The mean over the members puts an edge high also where one member alone is very sure of it. So both figures
# take the edges in the order of agreement first, and of importance second.

# %% mystnb={"figure": {"caption": "The forty edges on which most members agree: TFs on the left, targets on the right, line width by importance. Blue, if any: among the first 200 of every member; orange: of fewer.", "name": "fig-own-network"}, "image": {"alt": "Two columns of gene names joined by lines from transcription factors to their targets."}}
shown_edges = own_data.compare.by_agreement(edges).head(40)
own_data.figures.network(shown_edges, n=40)

# %% tags=["remove-input"]
Markdown(own_data.said.hubs(shown_edges, edges, n_seeds))

# %% [markdown]
# (own-groups)=
# ## One network a cell type
#
# `fit_groups` trains on the cells of each group alone, so that differences *between* cell types
# cannot make edges. To compare the networks, each group gets the same number of cells, that of the smallest,
# and two seeds. What two seeds share *within* a group stands beside what two other seeds share *between* the
# groups.

# %%
cells, sizes = own_data.compare.two_largest(ready, "cell_type")
groups = ds.fit_groups(
    cells, groupby="cell_type", config=ds.Config.for_data, seeds=2, progress=False
)
n_epochs = ds.Config.for_data(sizes.min(), ready.n_vars).n_epochs  # of a group
shared = own_data.compare.shared_by_groups(groups, 200, in_list)
shared.to_frame().round(1)

# %% tags=["remove-input"]
Markdown(own_data.said.group_sizes(sizes, shared, n_epochs, ready.n_obs, at["shared"]))

# %% [markdown]
# The groups also have other cells than each other: two halves of the *same* cells
# differ too ([above](#own-other-cells)). Only what goes beyond that is a difference of the cell types. On the command
# line, `--groupby cell_type` trains a network a group too (on all of its cells), and `--dask local` or
# `--dask ADDRESS` trains all groups and seeds at the same time.

# %% [markdown]
# (own-export)=
# ## To other programs

# %%
best = edges.head(200)
best[["TF", "target", "importance"]].to_csv(folder / "pyscenic.csv", index=False)
graph = nx.from_pandas_edgelist(
    best, "TF", "target", ["importance", "in_top"], create_using=nx.DiGraph
)
nx.write_graphml(graph, folder / "cytoscape.graphml")
own_data.explorer.write(edges, folder / "network.html", "My network")
assert nx.read_graphml(folder / "cytoscape.graphml").number_of_edges() == len(best)
written = [
    f"`{path.name}`: {path.stat().st_size / 1e3:,.0f} kB"
    for path in sorted(folder.iterdir())
]
Markdown(own_data.example.bullets(written))

# %% [markdown]
# `network.html` is one file that opens in any browser without internet: type a TF, move the slider, read
# its targets. *Members that agree* is `in_top` of above. Here it is:

# %% tags=["hide-input"]
small = (
    own_data.explorer.page(edges, "My network", top=1000)
    .replace("&", "&amp;")
    .replace('"', "&quot;")
)
frame = 'title="Network explorer" loading="lazy" style="width:100%;height:46rem;border:1px solid #8888"'
HTML(f'<div><iframe {frame} srcdoc="{small}"></iframe></div>')

# %% [markdown]
# pySCENIC's second step (`pyscenic ctx pyscenic.csv ...`) asks which targets carry the TF's motif, which
# is evidence that no expression holds {cite:p}`vandesande2020`.
#
# (own-scale)=
# ## Many cells
#
# Sparse counts stay sparse until a batch of cells is taken from them. The table was recorded with
# made-up counts, seven of a hundred above 0 (`deepsem_book/own_data/measure_scale.py`); `--cells-per-epoch` takes a new
# sample of the cells for each epoch.

# %% tags=["hide-input"]
recorded = datasets.results("scale")
per_epoch = (recorded["cpu_seconds"] / recorded["n_epochs"]).round()
shown = recorded[
    [
        "n_cells",
        "n_genes",
        "cells_per_epoch",
        "n_epochs",
        "peak_mb",
        "expected_megabytes",
    ]
]
sampled = shown["cells_per_epoch"].map(lambda n: str(n) if n else "all")
shown = shown.assign(cells_per_epoch=sampled, cpu_seconds_per_epoch=per_epoch)
shown.style.hide(axis="index").format("{:.0f}", subset=["cpu_seconds_per_epoch"])

# %% tags=["remove-input"]
Markdown(own_data.said.scale(recorded))

# %% [markdown]
# ## What differs from the paper
#
# - The authors give the steps before training for their own files only. Detecting the scale and
#   choosing genes by variance are ours.
# - The paper does not report how stable edges are over seeds. Here it comes with the result.
# - `deepsem simulate` does what the authors' code does
#   ([row 17 of the ledger](#ledger-17)): it resamples real cells, with their zeros.
#
# ## Summary

# %% tags=["remove-input"]
weighs = own_data.said.what_weighs(common)
compared = own_data.said.groups(shared, sizes.min(), n_epochs)
Markdown(own_data.said.summary(raw.shape, n_pairs, at, weighs, compared))

# %% [markdown]
# ## Exercises
#
# **1. Longer lists.** Two halves of the cells and two seeds were compared by lists of 200 edges. Does the answer hold for
# lists of 50 and of 1000?

# %% tags=["hide-cell"]
lengths = [50, 200, 1000]
by_length = pd.DataFrame(
    {
        f"{top} edges": own_data.compare.shared_by_halves(halves, top).mean(1)
        for top in lengths
    }
)
by_length.style.format("{:.0%}")

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Longer lists share more by chance, so compare within a column. If halves with the same seed share more than two seeds on the
# same half in every column, it is the start that shows at every length, and the ensemble has too few members or
# epochs. If they share less in every column, the seeds alone make the network look surer than it is: the variation
# between samples of cells is the one that matters for a new experiment. Where the rows are close, neither is shown.
# :::
#
# **2. A control.** Shuffle each gene over the cells, so that no two genes are related, and train
# again. How stable are the edges of a network that cannot exist?

# %% tags=["hide-cell"]
rng = np.random.default_rng(0)
shuffled = AnnData(
    rng.permuted(ds.preprocess.dense(ready.X), axis=0), var=ready.var.copy()
)
of_shuffled = own_data.advice.stability(
    ds.fit(shuffled, config, seeds=2, progress=False), 200
)
print(
    f"shuffled: {of_shuffled['shared']:.0%}; real: {at['shared']:.0%}; chance {of_shuffled['chance']:.1%}"
)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# What shuffled data reach is the stability that the start of the training and the single genes'
# distributions give. Only stability above it speaks of relations between genes.
# :::
#
# **3. Simulated cells.** Draw 200 cells and compare the mean of each gene with the real one. Why is
# good agreement here no proof of a good model?

# %% tags=["hide-cell"]
cells = result.simulate(ready, 200)
origin = ds.preprocess.dense(ready[cells.obs["from_cell"]].X)
r = np.corrcoef(cells.X.mean(0), ds.preprocess.dense(ready.X).mean(0))[0, 1]
print(
    f"correlation of gene means {r:.3f}; zeros copied: {(cells.X[origin == 0] == 0).all()}"
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
