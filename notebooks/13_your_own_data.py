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
from deepsem_book.page import choose, footer, header

adata = choose("baron", "sim/nonlinear-100")
header(PROFILE, adata)

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
import re
import tempfile
import time
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from anndata import AnnData
from IPython.display import HTML, Markdown
from scipy import stats

from deepsem_book import benchmark_table, datasets, errors
from deepsem_book.datasets import tf_lists
from deepsem_book.own_data import advice, cli, explorer, figures, own, prepare
from deepsem_minimal.config import Config
from deepsem_minimal.preprocess import dense

folder = Path(tempfile.mkdtemp())
n_epochs, n_seeds = {"quick": (31, 3), "full": (91, 10)}[PROFILE]

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
simulated = "counts" not in adata.layers
notice = ""
if simulated:  # the fallback has log expression only
    adata.layers["counts"] = np.rint(np.expm1(adata.X) * 20)
    tfs = list(adata.var_names[adata.var["tf"]])
else:
    try:
        tfs = prepare.transcription_factors("human")
    except errors.BadInput:  # no internet and no mirror; the cells came by pip
        known = (
            "PDX1 NKX2-2 NKX6-1 NEUROD1 MAFA MAFB ARX ISL1 PAX6 INSM1 RFX6 FEV HHEX PTF1A SOX4 SOX9 "
            "HNF1B HES1 ONECUT1 GATA4 GATA6 FOXA2 IRX2 ETV1 JUN JUNB JUND FOS FOSB EGR1 ATF3 ATF4 "
            "MYC KLF6 XBP1 NR0B2 RBPJL BHLHE41 CREB5 SPI1"
        )
        tfs = known.split()
        notice = (
            f"> The list of human TFs could not be reached, so that {len(tfs)} TFs written into this "
            "page stand for it. The network can hold no other regulators."
        )


def bullets(lines: list[str]) -> Markdown:
    """A list, with the options of the command as code."""
    marked = [re.sub(r"(?<!`)(--[a-z-]+)", r"`\1`", line) for line in lines]
    return Markdown("\n".join(f"- {line}" for line in marked or ["nothing to note"]))


Markdown(notice) if notice else None

# %%
raw = AnnData(adata.layers["counts"], adata.obs, pd.DataFrame(index=adata.var_names))
raw[:150].to_df().T.to_csv(folder / "counts.csv")
(folder / "tfs.txt").write_text("\n".join(tfs))
words = f"infer {folder}/counts.csv --tfs {folder}/tfs.txt --out {folder}/edges.csv --quiet --json"
words += " --genes 100 --detected 0.5 --seeds 1 --epochs 3 --scale " + (
    "counts" if simulated else "auto"
)
with contextlib.redirect_stdout(io.StringIO()) as printed:
    code = cli.main(words.split())
bullets(json.loads(printed.getvalue())["notes"])

# %%
pd.read_csv(folder / "edges.csv").head(3)

# %% tags=["remove-input"]
Markdown(
    f"Exit code {code}. The first list holds what the command noticed about the file; without `--quiet` it "
    "says so while it works. The input may be an AnnData, a loom, a 10x file or folder, or a "
    "table. The table of edges has the columns TF, target, importance, which is what pySCENIC reads."
)

# %% [markdown]
# (own-genes)=
# ## Which genes, which scale
#
# `own.prepare` does what the command does: drops cells and genes without expression, tells
# counts from log expression, takes ln(1 + counts per ten thousand), and keeps the TFs and the most
# varying other genes, of those that are seen in enough cells. BEELINE's data hold genes seen in at
# least a tenth of the cells; we ask for a fifth here, so that the page is quick.

# %%
settings = {"quick": {"n_genes": 150, "detected": 0.2}, "full": {"n_genes": 1000}}[
    PROFILE
]
if simulated:
    settings |= {"scale": "counts", "detected": 0.0}
ready, notes, _ = own.prepare(raw, tfs, **settings)
bullets(notes)

# %% tags=["remove-input"]
listed = pd.Index([tf.upper() for tf in tfs])
missing = len(listed.difference(ready.var_names.str.upper()))
Markdown(
    f"{ready.n_obs} cells and {ready.n_vars} genes are left; {missing} of the {len(tfs)} TFs on the "
    "list are not among them. A TF that was not detected, or was filtered away before you got the "
    "file, cannot be found as a regulator. In a mixture of cell types the share of cells also cuts "
    "TFs of rare types: for those, take the cells of the type alone."
)

# %% tags=["remove-input"]
genes = set(ready.var_names.str.upper())
other = [
    f"{name} ({what})"
    for name, what in tf_lists.NOT_TFS.items()
    if name in genes & set(listed)
]
Markdown(
    "BEELINE's list is broad: it also holds splicing factors, kinases and a non-coding RNA. For your own "
    "data pass a curated list with `--tfs FILE`. "
    + (f"Among the TFs of this page are: {', '.join(other)}." if other else "")
)

# %% [markdown]
# (own-cost)=
# ## What it will cost, and whether the data are usual
#
# Two alternations of the training loop are timed on this machine and scaled up.

# %%
config = Config.nonspecific(n_epochs=n_epochs)
cost = advice.expected_cost(ready.X, config, n_seeds)
warned = advice.warnings_for(ready.X, config)

# %% tags=["remove-input"]
Markdown(
    f"Expected for {n_seeds} seeds: {cost['seconds']:.0f} seconds and {cost['megabytes']:.0f} MB. "
    + ("Warnings: " + "; ".join(warned) + "." if warned else "No warning.")
)

# %% [markdown]
# A warning does not stop the run. It says that the scores of the chapter on BEELINE were measured
# on other kinds of data, so they do not tell how good the network of yours is.
#
# **How many cells?** The recorded table of [chapter 5](#beeline-cells) has DeepSEM on samples of the
# cells of three BEELINE data sets. Here is the median EPR of its single members.

# %% tags=["hide-input"]
fewer = benchmark_table.recorded("cells")
fewer = fewer[(fewer["n_members"] == 1) & (fewer["preset"] == fewer["network"].map(benchmark_table.PRESET_OF))]  # fmt: skip
fewer[["matrix", "cells"]] = fewer["data"].str.split("@", expand=True)
fewer["cells"] = fewer["cells"].astype(int)
medians = fewer.pivot_table(
    index="network", columns="cells", values="epr", aggfunc="median"
)
medians.rename(index={"Lofgof": "LOF/GOF"}).round(2)

# %% tags=["remove-input"]
low, high = medians.columns.min(), medians.columns.max()
ends = fewer.groupby(["network", "matrix", "cells"])["epr"].agg(["mean", "var"])
ends = ends.unstack("cells")
rise = ends["mean"][high] - ends["mean"][low]
clear = rise > 2 * np.sqrt((ends["var"][high] + ends["var"][low]) / 2)
rises = [
    f"**{network.replace('Lofgof', 'LOF/GOF')}**: {of_matrix.min():+.2f}"
    + (f" to {of_matrix.max():+.2f}" if len(of_matrix) > 1 else "")
    + f"; clear on {clear[network].sum()} of {len(of_matrix)} {'matrices' if len(of_matrix) > 1 else 'matrix'}"
    for network, of_matrix in rise.groupby("network")
]
Markdown(
    f"Change of the EPR from {low} to {high} cells, matrix by matrix, mean over the seeds (chance is 1); *clear*: a rise of "
    "more than two sd between seeds.\n\n- " + "\n- ".join(rises) + "\n\n"
    "The number of epochs stays, so fewer cells also mean fewer steps: how much of a rise is the cells', and how much the "
    "steps', this table does not say. (Chapter 14 asks another question: whether the ensembles' change has the same sign over "
    "matrices, by an interval over these few.)"
)

# %% [markdown]
# (own-stability)=
# ## Train, and ask what the seeds share

# %%
start = time.perf_counter()
result = own.fit(ready, config, seeds=n_seeds, progress=False)
seconds = time.perf_counter() - start
result.save(folder / "result.h5ad")  # config, seeds, every member: nothing is lost
result = own.Result.load(folder / "result.h5ad")
n_pairs = len(result.edges())
all_edges = advice.edge_stability(result, top=n_pairs, within=200)
edges = all_edges.head(5 * ready.n_vars)
edges.head()

# %% [markdown]
# *importance*: mean |W| over the members. *in_top*: share of the members that have the edge among their first
# 200. *rank_low*, *rank_high*: the best and the worst place of the edge in the list of a member. The lists are
# short on purpose: two long lists share edges by chance, as the figure shows.

# %% mystnb={"figure": {"caption": "Share of edges that two members have in common, against the length of the list; the dashed line is what two random lists share.", "name": "fig-own-sharing"}, "image": {"alt": "A curve of the shared fraction of the best edges of two seeds over list length, with chance as a dashed line that rises to one at full length."}}
lengths = np.unique(np.geomspace(20, len(result.edges()), 10).astype(int))
curve = pd.DataFrame([advice.stability(result, int(n)) for n in lengths])
figures.sharing(curve)

# %% tags=["remove-input"]
at = advice.stability(result, 200)
in_list = min(200 / n_pairs, 1)  # of one pair, by chance
by_most, by_all = (
    n_pairs * stats.binom.sf(least, n_seeds, in_list)
    for least in (n_seeds // 2, n_seeds - 1)
)
most = (all_edges["in_top"] > 0.5).sum()
Markdown(
    f"In words, as the command reports it: {advice.stability_verdict(at)}. Of all {n_pairs} pairs, {most} are "
    f"among the first 200 of at least {n_seeds // 2 + 1} of the {n_seeds} members, and "
    f"{(all_edges['in_top'] == 1).sum()} of every member. Independent lists would give {by_most:.1f} and "
    f"{by_all:.1g} (binomial). Training took {seconds:.0f} seconds, where {cost['seconds']:.0f} had been "
    "expected."
)

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
    own.fit(ready[cells].copy(), config, seeds=2, progress=False)
    for cells in np.array_split(order, 2)
]


def of_halves(top: int) -> pd.DataFrame:
    """Share of common edges of two trainings, in the two pairs of each kind."""
    (a, b), (c, d) = (advice.best_edges(half, top) for half in halves)
    pairs = {
        "same cells, other seed": (a & b, c & d),
        "other cells, same seed": (a & c, b & d),
        "other cells, other seed": (a & d, b & c),
    }
    rows = {name: [len(one) / top for one in both] for name, both in pairs.items()}
    return pd.DataFrame(rows, index=["first pair", "second pair"]).T


common = of_halves(200)
common.style.format("{:.0%}")

# %% tags=["remove-input"]
by_seed, by_cells, by_both = common.to_numpy()
start_leads, cells_lead = by_cells.min() > by_seed.max(), by_seed.min() > by_cells.max()
weighs = (
    f"on halves of the cells, two trainings share {by_cells.mean():.0%} of 200 edges with the same seed and other cells, "
    f"{by_seed.mean():.0%} with the same cells and another seed"
) + (
    ": the start of the training weighs more than the sample of cells."
    if start_leads
    else ": the sample of cells weighs more than the start of the training."
    if cells_lead
    else ": which of the two weighs more is undecided."
)
Markdown(
    f"In the mean {weighs} With both changed they share {by_both.mean():.0%}; chance is {in_list:.1%}. Half of the cells "
    f"are also half of the steps, so do not hold these numbers against the {at['shared']:.0%} that two seeds share on all "
    "cells. "
    + (
        "What one training lists is then largely its start: more seeds or epochs come before more cells."
        if start_leads
        else "Agreement of seeds then makes the network look surer than it is: for a new experiment other cells count."
        if cells_lead
        else ""
    )
)

# %% [markdown]
# ## The regulators of one gene

# %% mystnb={"figure": {"caption": "Regulators of the target that has most edges on which most members agree, in the order of agreement, then of importance. The number is the share of members that have the edge among their first 200. Blue, if any: all of them.", "name": "fig-own-regulators"}, "image": {"alt": "Horizontal bars of importance for the regulators of one gene, each labelled with the share of ensemble members that agree."}}
agreed = edges[edges["in_top"] > 0.5]
target = (agreed if len(agreed) else edges)["target"].value_counts().index[0]
figures.regulators(edges, target)

# %% [markdown]
# The mean over the members puts an edge high also where one member alone is very sure of it. So both figures
# take the edges in the order of agreement first, and of importance second.

# %% mystnb={"figure": {"caption": "The forty edges on which most members agree: TFs on the left, targets on the right, line width by importance. Blue, if any: among the first 200 of every member; orange: of fewer.", "name": "fig-own-network"}, "image": {"alt": "Two columns of gene names joined by lines from transcription factors to their targets."}}
shown_edges = edges.sort_values(
    ["in_top", "importance"], ascending=False, kind="stable"
).head(40)
figures.network(shown_edges, n=40)

# %% tags=["remove-input"]
hubs = shown_edges["TF"].value_counts()
by_one = (edges.head(40)["in_top"] <= 1 / n_seeds).sum()
Markdown(
    f"These edges come from {len(hubs)} TFs; the first, {hubs.index[0]}, has {hubs.iloc[0]} of them. Of the "
    f"forty edges of largest importance, {by_one} are among the first 200 of one member at most. "
    "A few TFs that fill the list can mean master regulators, or TFs that are detected often or "
    "that mark a cell type: in a mixture, genes of the same cell type go up and down together without "
    "any regulation."
)

# %% [markdown]
# (own-groups)=
# ## One network a cell type
#
# `fit_groups` trains on the cells of each group alone, so that differences *between* cell types
# cannot make edges. To compare the networks, each group gets the same number of cells, that of the smallest,
# and two seeds. What two seeds share *within* a group stands beside what two other seeds share *between* the
# groups.

# %%
if "cell_type" not in ready.obs:
    ready.obs["cell_type"] = np.where(np.arange(ready.n_obs) % 2, "odd", "even")
sizes = ready.obs["cell_type"].value_counts().head(2)
n_cells = sizes.min()
types = ready.obs["cell_type"].to_numpy()
rng = np.random.default_rng(0)
rows = [
    rng.choice(np.flatnonzero(types == name), n_cells, replace=False)
    for name in sizes.index
]
groups = own.fit_groups(
    ready[np.concatenate(rows)].copy(),
    groupby="cell_type",
    config=config,
    seeds=2,
    progress=False,
)
tops = {name: advice.best_edges(found, 200) for name, found in groups.items()}
(a, b), (c, d) = tops.values()
shared = pd.Series({
    **{f"two seeds, {name}": len(one & two) for name, (one, two) in tops.items()},
    "two seeds, one of each group": (len(a & d) + len(b & c)) / 2,
    "expected by chance": 200 * in_list,
})  # fmt: skip
shared.rename("common edges of 200").to_frame().round(1)

# %% tags=["remove-input"]
within, between = shared.iloc[:2].mean(), shared.iloc[2]
alike = within <= max(2 * shared.iloc[3], 1)  # one common edge is no agreement
of_sizes = ", ".join(f"{name} has {size}" for name, size in sizes.items())
compared = f"At {n_cells} cells a group and {n_epochs} epochs, " + (
    "even two seeds of the same group share next to nothing, so these networks cannot be compared."
    if alike
    else f"two seeds share {within:.0f} of 200 edges within a group and {between:.0f} between the groups: "
    + (
        "the groups differ by more than seeds do."
        if between < within
        else "the groups differ by no more than seeds do."
    )
)
Markdown(
    f"{of_sizes} cells; both were cut to {n_cells}. {compared}"
    + (
        f" On all {ready.n_obs} cells two seeds share {at['shared']:.0%}, but that is another number of cells and a "
        "mixture of types, and no measure for the groups."
        if alike
        else ""
    )
)

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
explorer.write(edges, folder / "network.html", "My network")
assert nx.read_graphml(folder / "cytoscape.graphml").number_of_edges() == len(best)
bullets([
    f"`{path.name}`: {path.stat().st_size / 1e3:,.0f} kB" for path in sorted(folder.iterdir())
])  # fmt: skip

# %% [markdown]
# `network.html` is one file that opens in any browser without internet: type a TF, move the slider, read
# its targets. *Members that agree* is `in_top` of above. Here it is:

# %% tags=["hide-input"]
small = (
    explorer.page(edges, "My network", top=1000)
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
# made-up counts, seven of a hundred above 0 (`python -m deepsem_book.own_data.measure_scale`); `--cells-per-epoch` takes a new
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
most = recorded.loc[recorded["peak_mb"].idxmax()]
gib = most["peak_mb"] * 1e6 / 2**30
of_expected = recorded["peak_mb"] / recorded["expected_megabytes"]
Markdown(
    f"The most memory, {gib:.1f} GiB, was taken by {most['n_cells']:,.0f} cells and "
    f"{most['n_genes']:,.0f} genes: "
    + ("less" if gib < 4 else "more")
    + " than the 4 GiB of a small laptop."
    f" It was at most {of_expected.max():.2f} times what the command had expected (*expected_megabytes*)"
    + (
        ": the estimate can be too low, so leave a margin."
        if of_expected.max() > 1.05
        else "."
    )
    + " CPU seconds hold everything, also reading and the estimate."
)

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
Markdown(
    f"From {raw.n_obs} cells and {raw.n_vars} genes to {len(result.edges())} ranked edges; two seeds share "
    f"{at['shared']:.0%} of the best {at['top']:.0f} (chance {at['chance']:.1%}). Believe: agreement of "
    "seeds says only that training again gives the same edges. Do not believe from this alone: direction, "
    f"sign, or cause. Those need another kind of data. Other cells: {weighs} "
    f"Cell types: {compared[0].lower()}{compared[1:]}"
)

# %% [markdown]
# ## Exercises
#
# **1. Longer lists.** Two halves of the cells and two seeds were compared by lists of 200 edges. Does the answer hold for
# lists of 50 and of 1000?

# %% tags=["hide-cell"]
lengths = [50, 200, 1000]
by_length = pd.DataFrame({f"{top} edges": of_halves(top).mean(1) for top in lengths})
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
shuffled = AnnData(rng.permuted(dense(ready.X), axis=0), var=ready.var.copy())
control = advice.stability(own.fit(shuffled, config, seeds=2, progress=False), 200)
print(
    f"shuffled: {control['shared']:.0%}; real: {at['shared']:.0%}; chance {control['chance']:.1%}"
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
cells = own.simulate(result, ready, 200)
origin = dense(ready[cells.obs["from_cell"]].X)
r = np.corrcoef(cells.X.mean(0), dense(ready.X).mean(0))[0, 1]
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
footer(adata, seeds=n_seeds)
