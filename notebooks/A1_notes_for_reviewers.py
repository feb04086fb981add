# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Notes for reviewers
#
# **What only somebody who checks the book wants: full tables, variants and conditions, by chapter.** Nothing here changes an
# answer of a chapter.

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

# %%
from deepsem_book import cortex, datasets, embedding, page, simulation, speed

adata = page.choose("pbmc_facs", "sim/nonlinear-100")
page.header(PROFILE, adata)

# %% [markdown]
# (notes-speed)=
# ## Chapter 6: speed
#
# DAZZLE and RegDiffusion run here in a faster form. Are they the same models? As far as scores tell, yes. The grid of [chapter 5](05_grn_inference_beeline) holds
# trainings in the faster form, and `published/beeline.csv` the same trainings (matrix, seed) with the packages as they are:

# %% mystnb={"figure": {"caption": "Relative difference of the scores of the two forms.", "name": "tab-notes-forms"}}
recorded_forms = [speed.benchmark_table.recorded(part) for part in ("", "published")]
speed.forms_apart(*recorded_forms)

# %% [markdown]
# (notes-embedding)=
# ## Chapter 10: embedding and clustering
#
# **The authors' numbers come back.** Their tutorial prints an ARI and an AMI for Zeisel. It takes the 1000 genes whose *counts* vary
# most and calls scanpy's `sc.tl.louvain`, which ignores the weights of the graph's edges unless it is told not to. Our copy holds the
# 4000 genes that were found in most cells, so our 1000 need not be the authors', and igraph's Louvain is another program.

# %% mystnb={"figure": {"caption": "DeepSEM on Zeisel beside the tutorial's printed numbers, by choice of genes and by weights: mean and range over seeds.", "name": "tab-notes-zeisel"}}
recorded = datasets.results("embedding")
embedding.recorded.beside_printed(recorded).round(3)

# %% [markdown]
# Two stored versions of the tutorial print different ARIs (0.8296 and 0.8316) beside the same AMI: read two digits of it. Who has internet
# can close the rest: `datasets.load("zeisel-full")` has all genes, `embedding.prepared(..., by="counts")` chooses the authors'; the paper's
# other pancreas sets are `muraro` and `segerstolpe`. Their readers are tested on small files of the same format only.
#
# **What is left of the data's geometry.** After Heiser and Lau {cite:p}`heiser2020`, whom the paper cites for Supplementary Table 7:
# Pearson's R of all distances in log expression and in the embedding; the earth mover's distance between the two sets of distances,
# each divided by its largest (EMD, lower is better); the share of each cell's 30 nearest neighbours that stay neighbours
# (KNN; theirs is 1 − 2·30·(1 − KNN)/cells). The paper says that DeepSEM keeps neighbours better than scVI; on the sets that
# both have this is undecided ([all claims](#claims-all)).

# %% mystnb={"figure": {"caption": "Means over data sets of means over seeds; compare only methods with as many sets. PCA of log expression is a projection of the very matrix that is compared with: its lead is no merit.", "name": "tab-notes-geometry"}}
geometry = embedding.recorded.geometry(embedding.recorded.coarse_rows(recorded))
geometry.round(3).sort_values("KNN", ascending=False)

# %% [markdown]
# (notes-cortex)=
# ## Chapter 11: mouse cortex
#
# Ensembles, and methods that are run once, with their intervals (twelve regulators for each gene; a long table is cut in the middle).

# %% mystnb={"figure": {"caption": "Recorded networks of the cortex against random regulators and the matched null.", "name": "tab-notes-cortex"}}
kept = cortex.recorded.recorded_rows(datasets.results("cortex"), k=12)
ensembles = kept[kept["ensemble"]].set_index(["kind", "data", "method"])
cortex.trained.readable(ensembles)

# %% [markdown]
# (notes-simulation)=
# ## Chapter 12: simulating cells
#
# *forest*, *boosting*: trees of the random forest and, at most, of GRNBoost2 for each gene. A repeat has its own split of the cells
# and its own seeds.

# %% mystnb={"figure": {"caption": "Sizes and settings of the recorded study.", "name": "tab-notes-simulation"}}
simulation.recorded.recorded_sizes(datasets.results("simulation"))

# %% [markdown]
# (notes-groups)=
# ### The cells by type and by cluster
#
# The paper's Supplementary Tables 9 and 10 list donor A's cells by type, eleven of them, and by Louvain cluster. Of the cells that
# stand in for them here the types were sorted by surface markers; the clusters follow the same recipe from the counts.

# %% mystnb={"figure": {"caption": "Cells of each sorted type and of each Louvain cluster, largest first, and which group of the other annotation holds most of them.", "name": "tab-notes-groups"}}
groups = simulation.groups.annotations(adata)
simulation.groups.sizes(groups)

# %% [markdown]
# A cluster that has nearly all its cells from one type is that type once more: it adds nothing to the type. T cells, sorted into
# several types, are one cluster.
#
# The paper finds so many per cent of the CD56+ NK cells in a cluster of CD8+ cells (Supplementary Fig. 8), among the
# cells of donor A, whose types were read off by correlation with sorted cells:

# %%
float(datasets.published()["simulation_nk_in_cd8"])

# %% [markdown]
# Of sorted cells, by the same recipe:

# %% mystnb={"figure": {"caption": "Share of each sorted type in each Louvain cluster of the recipe of Zheng et al.", "name": "tab-notes-clusters"}}
simulation.groups.clusters_by_type(groups)

# %% [markdown]
# (notes-pictures)=
# ### Simulated cells of one type, of one cluster
#
# Supplementary Figs. 9 and 10 draw real test cells and simulated cells of each type and each cluster with more than 2,500
# cells, and the text says that all methods could give almost indistinguishable pictures. No group is that large here; so a group needs fewer. Each
# has a model of its own, trained on four fifths of its cells. The control is cells in which each gene was shuffled by itself.

# %%
least, most, n_genes = {"quick": (600, 320, 120), "full": (200, None, 300)}[PROFILE]
size = {"n_least": min(least, adata.n_obs), "n_most": most, "n_genes": n_genes}

# %% mystnb={"figure": {"caption": "UMAP of real test cells (grey, the same in a row) and simulated cells (colour), by sorted type. What to look for: in which rows could you tell shuffled genes from the rest?", "name": "fig-notes-types"}, "image": {"alt": "A grid of scatter plots, a row per cell type and a column per simulator: DeepSEM posterior, DeepSEM prior, shuffle. Grey real and coloured simulated cells mix; in the row of CD34+ cells prior and shuffle leave parts of the grey uncovered."}}
by_type = simulation.groups.embedded(adata, groups["type"], **size)
simulation.figures.pictures_of_groups(by_type, simulation.groups.REAL)

# %% mystnb={"figure": {"caption": "The same by Louvain cluster.", "name": "fig-notes-louvain"}, "image": {"alt": "A grid of scatter plots, a row per Louvain cluster and a column per simulator: DeepSEM posterior, DeepSEM prior, shuffle. Grey real and coloured simulated cells mix in all of them."}}
by_cluster = simulation.groups.embedded(adata, groups["cluster"], **size)
simulation.figures.pictures_of_groups(by_cluster, simulation.groups.REAL)

# %% [markdown]
# Within one type there is so little shape that a picture tells almost nothing: shuffled genes, which model no dependence at all, look
# much like the rest. Where a group has parts, as CD34+ cells have, the cells of the posterior follow them, since they start from real cells.
# That pictures are indistinguishable is therefore no evidence for a simulator.

# %% [markdown]
# ### The paper's cells
#
# `datasets.load("pbmc68k_donor_a")` fetches 10x's tarball and the table of types,
# `simulation.pbmc.prepared_pbmc` does the paper's steps and adds the clusters, and
# `python -m deepsem_book.simulation.measure --data "pbmc68k_donor_a/CD19+ B" "pbmc68k_donor_a/louvain 1"` measures one type and one
# cluster. Neither file could be reached where this page was made; the code is tested on a small tarball of the same format.
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(adata)
