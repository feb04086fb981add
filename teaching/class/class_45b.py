# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 45 minutes, B: why not correlation, and why not a deep network alone?
#
# **At the end you can construct two networks that no cells tell apart, and say in which step of DeepSEM one gene hears of another.** Before class: the
# section "Two genes" of [chapter 2](../../notebooks/02_from_linear_to_neural_sem). Run the first two cells when you come in; the folded one adds the
# package.

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
import torch

import deepsem_minimal as ds
from deepsem_book import foundations, page

# %% [markdown]
# ## 1. A chain and a fork (minutes 0 to 10)
#
# A → B → C, and A ← B → C. On paper: in which of them are A and C correlated? And once B is known? Then run the cell: the weights are 0.6 and every
# gene has variance 1.

# %%
genes = ["A", "B", "C"]
chain, fork = np.zeros((3, 3)), np.zeros((3, 3))  # W[target, regulator]
chain[1, 0] = chain[2, 1] = 0.6
fork[0, 1] = fork[2, 1] = 0.6
covariances = {
    name: foundations.covariance(W, 1 - (W**2).sum(axis=1))
    for name, W in (("chain", chain), ("fork", fork))
}
foundations.small_matrices(
    {name: foundations.labelled(S, genes) for name, S in covariances.items()}
)

# %% [markdown]
# ## 2. Two networks, one covariance (minutes 10 to 25)
#
# A → B with weight w and unit noise. *Change me*: find the weight and the two noise variances of B → A that give the same covariance (the solution of
# chapter 2's first exercise, if you are stuck); the cell says how far off you are. Then: would more cells help? Would a deeper model?

# %%
w = 0.8
back = 0.8  # the weight of B → A: change me
noise_A, noise_B = 1.0, 1.0  # the noise variances under B → A: change me
forward = foundations.covariance(np.array([[0, 0], [w, 0]]), np.array([1, 1]))
backward = foundations.covariance(np.array([[0, back], [0, 0]]), np.array([noise_A, noise_B]))
print(f"largest difference of the two covariances: {np.abs(forward - backward).max():.3f}")

# %% [markdown]
# ## 3. Where do genes meet? (minutes 25 to 40)
#
# Here is an untrained DeepSEM of four genes and one cell. In pairs, with a pencil: which of the five lines mix genes? What does gene D of the cell
# change in μ of gene B? *Change me*: set `W[1, 3]`, or change the expression of D, and see which numbers move.

# %%
W, x = foundations.four_genes.W.copy(), np.array([[1.0, -0.5, 0.3, 2.0]])
model = ds.DeepSEM(
    ds.Config(n_hidden=6, n_knots=0), torch.tensor(W), torch.Generator().manual_seed(0)
).double()
with torch.no_grad():
    scan = model.scan(torch.tensor(x), torch.ones(1, 1, dtype=torch.float64))
    h = scan.mu  # f₂, gene by gene
    mu = model.grn(h)  # what the regulators do not explain
    z = mu + 0.1 * torch.tensor([[0.5, -1.0, 0.2, 0.7]])  # noise
    spread = model.inverse_grn(z)  # noise along the network
    x_hat = model.decode(spread)  # f₁, gene by gene
steps = {"h": h, "μ": mu, "z": z, "z (I − Wᵀ)⁻¹": spread, "x̂": x_hat}
foundations.small_matrices(
    {
        name: foundations.labelled(value.numpy(), foundations.four_genes.GENES, ["cell"])
        for name, value in steps.items()
    }
)

# %% [markdown]
# ## 4. The signal skips W (minutes 40 to 45)
#
# With a pencil, without the noise: $h\,(I - W^\top)(I - W^\top)^{-1} = ?$ What is left for W to do? The answer, and what W learns from:
# [chapter 3](../../notebooks/03_deepsem_layer_by_layer). After class: exercise 1 of [chapter 2](../../notebooks/02_from_linear_to_neural_sem).

# %% tags=["remove-input"]
page.footer(seeds=1)
