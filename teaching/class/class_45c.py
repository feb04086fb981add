# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 45 minutes, C: does it work?
#
# **At the end you can read a benchmark score beside its controls, and write one sentence about it that you would sign.** Before class: the first figure of
# [chapter 1](../../notebooks/01_what_is_a_grn) once more. Run the first three cells when you come in: the folded one adds the package, the third
# trains DeepSEM while we talk.

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
import deepsem_minimal as ds
from deepsem_book import beeline, page

adata = page.choose("beeline/mDC-500", "sim/nonlinear-100")
page.header("quick", adata)

# %%
start = "authors" if adata.n_vars >= 500 else "safe"
result = ds.fit(adata, ds.Config.nonspecific(W_init=start), seeds=3)

# %% [markdown]
# ## 1. Predict (minutes 0 to 10)
#
# Six rankings of the same candidates: random, correlation (Pearson), correlation with its hubs corrected (Pearson-APC), a ranking that knows only how
# many targets each regulator has (TF-degree), one training (DeepSEM\*), the mean of three (DeepSEM). Write down your order for STRING, and for
# ChIP-seq of these very cells. Which of them needs no cells?

# %% [markdown]
# ## 2. Look (minutes 10 to 30)
#
# Median and range of the early precision ratio; 1 is chance. `Non-Specific` is ChIP-seq of any cells, `Specific` of these very cells. For each network: which rankings are above chance, which trainings above the best control that
# needs no training, and how far is the best there can be? Whose order was right?

# %%
problem = beeline.Problem.load(adata.uns["source"]["name"])
answers = {kind: beeline.live.rankings(problem, kind, result) for kind in problem.networks}
scores = beeline.live.scored(problem, answers)
epr = scores.groupby(["network", "method"])["epr"].agg(beeline.live.spread).unstack()
epr["the best there can be"] = scores.groupby("network")["max_epr"].first().map("{:.1f}".format)
epr[[*beeline.live.COMPARED, "DeepSEM*", "DeepSEM", "the best there can be"]]

# %%
beeline.live.verdicts(scores)

# %% [markdown]
# ## 3. The sentence (minutes 30 to 40)
#
# In pairs, one sentence on one network, as for a paper. Exchange it with another pair, who ask: which network? how many trainings, and their range?
# beside chance? beside what needs no training? beside the best there can be?

# %% [markdown]
# ## 4. Beyond three trainings (minutes 40 to 45)
#
# What all benchmarks say: [chapter 14](../../notebooks/14_what_reproduces). After class: one control for a method of your own field: what would a ranking
# score that knows nothing but how often each item occurs?

# %% tags=["remove-input"]
page.footer(adata, seeds=3)
