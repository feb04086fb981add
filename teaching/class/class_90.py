# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # A class of 90 minutes: what is an inferred edge?
#
# **At the end you can say what an inferred edge is, and what a score of 2 means.** Run the first two cells when you come in; the folded one
# adds the package in half a minute. Then run each cell when the class gets there. Where a cell says *change me*, change it and run it again.

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

# %%
import numpy as np

import deepsem_minimal as ds
from deepsem_book import beeline, foundations, page

adata = page.choose("beeline/mDC-500", "sim/nonlinear-100")
page.header("quick", adata)

# %% [markdown]
# ## 1. Which gene regulates which? (minutes 0 to 10)
#
# Two sets of simulated cells. In one gene A regulates B, in the other B regulates A. Write down which is which, and why, before anybody speaks.
# The ellipse is drawn at two standard deviations.

# %%
w = 0.8
A_to_B, B_to_A = np.zeros((2, 2)), np.zeros((2, 2))  # W[target, regulator]
A_to_B[1, 0], B_to_A[0, 1] = w, w / (1 + w**2)
noise = {"left": [1, 1], "right": [1 / (1 + w**2), 1 + w**2]}
panels = {}
for seed, (side, W) in enumerate({"left": A_to_B, "right": B_to_A}.items()):
    drawn = ds.sem.simulate_linear(W, 800, noise_sd=np.sqrt(noise[side]), seed=seed)
    panels[side] = (drawn, foundations.covariance(W, np.array(noise[side])))
foundations.figures.clouds(panels)

# %% [markdown]
# ## 2. A network as a matrix (minutes 10 to 25)
#
# Three genes, A → B → C. Each gene is the weighted sum of its regulators plus noise of its own, $x_i = \sum_j W_{ij} x_j + z_i$. First on paper:
# fill in the nine entries of W[target, regulator] for weights of 0.8 and 0.7. Then *change me*: write your two entries into the cell, run it, and
# read row C aloud. What is the effect of A on C, and in which of the matrices does it stand?

# %%
genes = ["A", "B", "C"]
W = np.zeros((3, 3))
W[1, 0] = 0.8  # W[target, regulator]: A → B
W[2, 1] = 0.7  # B → C
total = np.linalg.inv(np.eye(3) - W)
foundations.small_matrices(
    {
        "W: direct effects": foundations.labelled(W, genes),
        "(I − W)⁻¹: total effects": foundations.labelled(total, genes),
    }
)

# %% [markdown]
# ## 3. From cells back to the network (minutes 25 to 40)
#
# The cell simulates 5,000 cells of your network, fits W to them, and fits once more after each gene was scaled to variance 1. *Change me*: reverse an
# edge in cell 2, run both cells. Which of the two fits follows you? Compare the two fits with what you could say in part 1.

# %%
cells = ds.sem.simulate_linear(W, 5000, seed=0)
fits = {
    "truth": W,
    "fit": ds.sem.fit_linear_sem(cells),
    "fit, variance 1": ds.sem.fit_linear_sem(cells / cells.std(axis=0)),
}
foundations.small_matrices(
    {title: foundations.labelled(matrix, genes) for title, matrix in fits.items()}
)

# %% [markdown]
# ## 4. Where do genes meet? (minutes 40 to 55)
#
# Run the cell below first: it trains DeepSEM three times on dendritic cells while you talk. A small network f₂ looks at each gene alone, then
# $I - W^\top$ takes from each gene what its regulators predict, noise is added, the inverse undoes that step, and f₁ returns to expression. On paper:
# in which step does one gene hear of another? What would a model without W know of a gene's neighbours? Without the noise, what would W change?

# %%
# The paper's settings for STRING and non-specific ChIP-seq.
start = "authors" if adata.n_vars >= 500 else "safe"
result = ds.fit(adata, ds.Config.nonspecific(W_init=start), seeds=3)

# %% [markdown]
# ## 5. Is it any good? (minutes 55 to 75)
#
# Order these six by how often their first edges are true, before you run the cell: random, correlation, correlation with its hubs
# corrected (Pearson-APC), a ranking that knows only *how many* targets each regulator has (TF-degree), one training (DeepSEM\*), the mean of three (DeepSEM).
# The table has the early precision ratio (EPR; 1 is chance), of several rankings median and range. `Non-Specific` is ChIP-seq of any cells, `Specific` of
# these very cells; the last column is the best there can be.

# %%
problem = beeline.Problem.load(adata.uns["source"]["name"])
answers = {kind: beeline.live.rankings(problem, kind, result) for kind in problem.networks}
scores = beeline.live.scored(problem, answers)
epr = scores.groupby(["network", "method"])["epr"].agg(beeline.live.spread).unstack()
epr["the best there can be"] = scores.groupby("network")["max_epr"].first().map("{:.1f}".format)
epr[[*beeline.live.COMPARED, "DeepSEM*", "DeepSEM", "the best there can be"]]

# %% [markdown]
# ## 6. The sentence (minutes 75 to 90)
#
# In pairs: write the one sentence about this result that you would put into a paper, on one of the networks. Read it out; the others ask: which network?
# how many trainings? beside chance? beside what needs no training? beside the best there can be?
#
# What the whole benchmark says: [chapter 5b](../../notebooks/05b_the_whole_benchmark). What is left of each claim:
# [chapter 14](../../notebooks/14_what_reproduces).

# %% tags=["remove-input"]
page.footer(adata, seeds=3)
