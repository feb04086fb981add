# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 45 minutes, A: what is an edge?
#
# **At the end you can write a network as a matrix and as a list, score a list by hand, and say why one list has several scores.** Before class: the
# section "Four genes" of [chapter 1](../../notebooks/01_what_is_a_grn). Run the first two cells when you come in; the folded one adds the package.

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
from deepsem_book import foundations, page

adata = page.choose("beeline/mDC-500", "sim/nonlinear-100")
page.header("quick", adata)

# %% [markdown]
# ## 1. Two genes of real cells (minutes 0 to 10)
#
# A dot is a dendritic cell. Left: the most correlated pair of a regulator and another gene; right: of two regulators. Values are
# relative to the gene's mean. On paper, for each: does the
# one regulate the other, and which? Name two other reasons for such a cloud.

# %%
X, names = np.asarray(adata.X, dtype=float), adata.var_names
is_tf = adata.var["tf"].to_numpy(dtype=bool)
r = np.triu(np.abs(np.corrcoef(X.T)), 1)
r += r.T
panels = {}
for others in (~is_tf, is_tf):
    allowed = r * np.outer(is_tf, others)
    a, b = np.unravel_index(np.argmax(allowed), r.shape)
    pair = X[:, [a, b]] - X[:, [a, b]].mean(axis=0)
    panels[f"A is {names[a]}, B is {names[b]}"] = (pair, np.cov(pair.T))
foundations.figures.clouds(panels)

# %% [markdown]
# ## 2. A matrix and a list (minutes 10 to 25)
#
# A activates B and represses C, B activates D. Draw it, then fill in W[target, regulator] on paper: sixteen entries. Run the cell and compare. *Change
# me*: add D ⊣ A, and say which row and column it is before you run the cell again. What does the list lose?

# %%
genes, regulators, W = (getattr(foundations.four_genes, name) for name in ("GENES", "TFS", "W"))
W = W.copy()
# W[target, regulator] = ...
display(ds.edge_table(W, genes, regulators))
foundations.figures.network_and_matrix(W, genes)

# %% [markdown]
# ## 3. A score by hand (minutes 25 to 33)
#
# The truth has three edges, A → B, A → C and B → D; the list below has the six candidates. By hand: which share of the first three edges is true (early
# precision)? Which share of all six? What is the first divided by the second (EPR)? What would a perfect list have?

# %%
truth, ranking = foundations.four_genes.TRUTH, foundations.four_genes.RANKING
ranking

# %%
ds.evaluate(ranking, truth, ["A", "B", "C", "D"])

# %% [markdown]
# ## 4. One set of cells, three truths (minutes 33 to 40)
#
# The early precision ratio of correlation on the dendritic cells, against each known network. Read a row aloud with all its numbers. Is 2 a good score?

# %%
controls = foundations.Evidence.of(adata).controls
foundations.mean_and_spread(controls[controls["score"] == "epr"])

# %% [markdown]
# ## 5. Poll (minutes 40 to 45)
#
# "An EPR of 2 is good." True, false, or it depends? Vote, give one reason, vote again. After class: exercises 1 and 2 of
# [chapter 1](../../notebooks/01_what_is_a_grn).

# %% tags=["remove-input"]
page.footer(adata, seeds=20)
