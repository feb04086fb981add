# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # DeepSEM, layer by layer
#
# **What does each layer of DeepSEM compute, and which parts of its loss shape the network W?**

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
from deepsem_book import layers, page

adata = page.choose("beeline/mDC-500", "sim/nonlinear-400")
standardised, configs = layers.setting(
    adata, n_epochs={"quick": 40, "full": 91}[PROFILE]
)
member = layers.train(standardised, configs["random"], seed=0)
X_std = standardised.X
pushes, draws = layers.gradients_of_W(member, X_std[:400], configs["random"].alpha)
page.say(
    "**The network W does not carry the signal: without noise, the reconstruction pushes on W {noiseless:.0e} times as hard as with it, which is rounding.** What tells the regulators of a gene apart is a regression inside the KL term, a linear SEM on transformed expression: within its rows the trained W follows that push at r = {regression:.2f}, and the reconstruction's, averaged over the noise, at r = {reconstruction:.2f}.",
    **layers.gradients.answer(member.W, pushes, draws),
)

# %% mystnb={"figure": {"caption": "How hard each part of the loss pushes on W in a trained member. The variances in the KL term move row sums and hardly tell regulators apart; what the reconstruction tells apart is the noise of one draw; without noise it has no gradient but rounding.", "name": "fig-layers-gradients"}, "image": {"alt": "Horizontal bars on a log axis: gradient size of W for two parts of the KL term, reconstruction, reconstruction without noise, and the L1 term, each split into common push and differences between regulators"}}
layers.figures.gradient_parts(layers.gradients.sizes(pushes))

# %% [markdown]
# **Key takeaways**
#
# - [Two functions of one number](#layers-mlp) do everything nonlinear in DeepSEM. Drawn as curves, they end as a stretched
#   identity and its inverse; the seed chooses the sign and the level of the noise.
# - [The GRN layer](#layers-grn) subtracts from each gene what its regulators predict. [Its inverse](#layers-inverse) adds up
#   all paths of the network.
# - [The signal skips W](#layers-insight): only the sampled noise passes the inverse, so without noise the reconstruction
#   says nothing about W. The KL term holds a linear SEM on transformed expression.
# - [The loss](#layers-loss) fits on one page of NumPy, and the package computes the same number.
# - [The printed start of W](#layers-singular) lies next to a singular point; with few genes training fails there, with hundreds the
#   seed decides the side ([chapter 4](#training-sides)).
#
# **You will be able to** write DeepSEM's forward pass and loss in NumPy, say what each layer does to a cell,
# name the terms that W is learned from, and recognise where a variance is not propagated and a start is singular.
#
# **Before you start**: [chapter 2](02_from_linear_to_neural_sem), which derives the linear SEM; matrix products; what a
# Gaussian is; for some cells, what a tensor is in PyTorch. **Time**: 55 minutes to read; to run, about a minute on a CPU. A GPU does not
# help here.

# %%
import numpy as np
import pandas as pd
import torch

import deepsem_minimal as ds

torch.set_num_threads(1)
page.header(PROFILE, adata)

# %% [markdown]
# **What a variational autoencoder is.** An {term}`autoencoder` consists of two functions: an encoder turns the input into hidden values,
# and a decoder turns these back into the input. A *variational* autoencoder ({term}`VAE`) {cite:p}`kingma2014` replaces each hidden
# value by a Gaussian: the encoder returns its mean μ and variance σ², a sample z is drawn, and z is decoded. This Gaussian is called
# the {term}`posterior` q(Z|X): what the encoder says about Z once it has seen X. A second distribution, the {term}`prior` p(Z), says what is expected
# of Z without looking at X.
#
# The {term}`loss` has two parts: how badly the sample is decoded, and β times how far the posterior is from the prior, measured by the
# Kullback-Leibler ({term}`KL <KL divergence>`) divergence, which is 0 when the two are equal. The second part charges for information. Without a charge σ would shrink
# towards 0, because noise only harms decoding. With too high a charge the encoder gives the prior to every cell, and
# the decoder hears nothing of the cell. Minus the loss, with β = 1, is a lower bound on the log-probability of the data, the {term}`ELBO`.
#
# Many autoencoders squeeze the input through few hidden values. DeepSEM does not: it has one for each gene, and Z is the noise of the
# SEM of chapter 2.
#
# Two more words: a {term}`member` is one training with one {term}`seed`; a {term}`preset` is the set of settings for one task.

# %% [markdown]
# ## The smallest example: three cells, four genes
#
# The four genes of chapter 1: A activates B and represses C, B activates D. We keep W as a matrix **W[target, regulator]**:
# row C, column A holds the effect of A on C. Three cells were measured; some entries are zero, as in real data.

# %%
genes, W = layers.four_genes.GENES, layers.four_genes.W
cells = ["cell 1", "cell 2", "cell 3"]
expression = np.array(
    [[0.0, 2.1, 1.0, 3.0], [1.5, 0.0, 2.0, 0.5], [3.0, 1.0, 0.0, 2.5]]
)
x = ds.preprocess.standardise(expression).X.astype(float)

# %% mystnb={"figure": {"caption": "The smallest example: log expression, its standardised form x, and the network W, read row by row: the expression of the target is predicted from the columns.", "name": "fig-layers-tiny"}, "image": {"alt": "Three small matrices with numbers: expression of three cells and four genes, standardised expression, and W with three non-zero entries"}}
layers.small_matrices(
    {
        "log expression": layers.labelled(expression, genes, cells),
        "x": layers.labelled(x, genes, cells),
        "W": layers.labelled(W, genes),
    }
)

# %% [markdown]
# ### Two ways to standardise
#
# DeepSEM's input is a z-score of log expression, gene by gene. The code has two, and the paper names one
# ([ledger 8](#ledger-8), standardisation):
#
# - `"cells"`: mean and standard deviation over all cells. Used for the non-specific GRN task.
# - `"nonzero"`: over the non-zero entries of the gene only. A zero then becomes $-\text{mean}/\text{sd}$, usually far to
#   the left, and **stays an input**. Used for the cell-type-specific GRN task, the embedding and the simulation.

# %% mystnb={"figure": {"caption": "One gene of the data, before and after each standardisation. Over all cells, the zeros are part of the distribution. Over non-zero entries, the expressed cells have mean 0 and sd 1, and the zeros are a spike at −mean/sd.", "name": "fig-layers-standardise"}, "image": {"alt": "Three histograms of one gene with zeros in orange: raw log expression, standardised over all cells, standardised over non-zero cells"}}
X = np.asarray(adata.X)
values = X[:, layers.telling_gene(X)]
ways = {
    f'"{how}"': ds.preprocess.standardise(values[:, None], how).X[:, 0]
    for how in ("cells", "nonzero")
}
layers.figures.standardisations(values, ways)

# %% [markdown]
# (layers-mlp)=
# ## f₂ and f₁: one function for all genes
#
# The encoder's first part, a small {term}`MLP`, looks at one number, the standardised expression of one gene in one cell, and returns two: one
# for the mean, one for the log-variance of the hidden variable. The same function scans all genes of all cells. There
# is no exchange between genes here.
#
# $$ (h^{\mu}_{ci},\; h^{\sigma}_{ci}) = f_2(x_{ci}), \qquad \hat x_{ci} = f_1(h_{ci}) $$
#
# **Printed in the paper** (Eq. 5, 6): three tanh layers, $f_1(h_i) = \tanh(\tanh(\tanh(h_i W_1^\top) W_2^\top) W_3^\top)$.
# **In the code**: two tanh layers and a linear head ([ledger 1](#ledger-1), the gene-wise networks). A tanh at the end would keep the reconstruction
# between −1 and 1.

# %% tags=["remove-input"]
page.show(ds.model.GeneMLP)

# %% [markdown]
# Here is f₂ in NumPy, for the smallest example, with the weights of the package's model, so that we can compare at the end. Beside each
# value the encoder is given a constant 1, whose weight acts as a bias; [the section on the prior](#layers-prior) says where it comes from.

# %%
small = ds.Config(n_hidden=6, n_knots=0)  # six hidden units, exact and not from tables
generator = torch.Generator().manual_seed(0)
model = ds.DeepSEM(small, torch.tensor(W), generator).double()
f2_mu, f2_log_var, f1 = layers.weights_of(model)  # each: A1, b1, A2, b2, A3, b3


def mlp(rows, A1, b1, A2, b2, A3, b3):
    """f₁ or f₂ on every row: (n, inputs) -> (n,)."""
    return (np.tanh(np.tanh(rows @ A1 + b1) @ A2 + b2) @ A3 + b3)[:, 0]


inputs = np.column_stack([x.ravel(), np.ones(x.size)])
h_mu = mlp(inputs, *f2_mu).reshape(x.shape)
h_log_var = mlp(inputs, *f2_log_var).reshape(x.shape)

# %% [markdown]
# ### The curves, before and after training
#
# A function of one number is a curve. We train members on the real data, with the random bias and with a zero bias, and
# draw f₂ and f₁ as they were drawn by the seed and as they are after training.

# %%
seeds = range(2) if PROFILE == "quick" else range(4)
before = {
    bias: [layers.untrained(adata.n_vars, config, seed) for seed in seeds]
    for bias, config in configs.items()
}
after = {
    bias: ds.parallel.train_ensemble(standardised, config, seeds, n_jobs=1)
    for bias, config in configs.items()
}

# %%
curves = pd.concat(
    layers.curves_of(member, bias, state)
    for bias in configs
    for state, members in (("before", before[bias]), ("after", after[bias]))
    for member in members
)

# %% mystnb={"figure": {"caption": "The gene-wise MLPs of several seeds, before training (dashed) and after (solid). Top: random bias; bottom: zero bias. Before training the composition f₁(f₂(x)) is almost flat, and with zero bias the curves are odd functions. After training f₂ for μ is a steep line of either sign and f₁ undoes it; the head of log σ² is flat, at a level of its own in each seed.", "name": "fig-layers-curves"}, "image": {"alt": "Eight panels of curves: heads of f2 for mean and log-variance, f1, and the composition of f1 and f2, for random and zero bias, with two seeds each before and after training"}}
layers.figures.gene_curves(curves)

# %% mystnb={"figure": {"caption": "Root mean square distances between curves over the range drawn, mean over the seeds, and how far a curve's mean is from zero.", "name": "tab-layers-curves"}}
layers.curve_distances(curves)

# %% [markdown]
# Compare the rows: two trained seeds may be far apart in f₂ and yet agree on the composition, a damped identity, which returns
# each gene's own value drawn towards its mean. What the bias changes in the end is the level of the head of log σ² (last column). The
# level decides how much noise the decoder has to live with: a plausible reason for the difference in accuracy that the ledger reports
# ([ledger 4b](#ledger-4b), the constant input), but not tested here.
#
# The sign of $h$ is free: turn f₂ and f₁ upside down and nothing else changes. So is its scale, but for the prior. Each seed
# settles for one of these equivalent models. [Chapter 4](04_training_and_ensembling) asks what that means for W.

# %% [markdown]
# (layers-grn)=
# ## The GRN layer: subtract the regulators
#
# $$ \mu = h^{\mu} (I - W^\top), \qquad \mu_{i} = h_{i} - \sum_j W_{ij}\, h_{j} $$
#
# **Printed** (Eq. 4): $Z = (I - W^\top) f_2(X)$, with the matrix on the left, where the shapes do not match cells in rows
# ([corrected forms](#ledger-equations)). In words, the {term}`GRN layer` says: each gene keeps what its regulators do not explain. It is the
# residual of the linear SEM, computed on $h$ instead of $x$. `Unmix` is this product with its gradient written out, to save memory
# ([chapter 6](06_why_it_is_fast)).

# %% tags=["remove-input"]
page.show(ds.model.GRNLayer)

# %%
I = np.eye(4)  # noqa: E741
mu = h_mu @ (I - W.T)
log_var = h_log_var @ (I - W.T)

# %% mystnb={"figure": {"caption": "The GRN layer on three cells: the output of f₂, what the regulators predict, and the difference. Gene A has no regulator and keeps its value.", "name": "fig-layers-grn"}, "image": {"alt": "Three small matrices: h, h times W transposed with a zero column for gene A, and their difference mu"}}
layers.small_matrices(
    {
        "h": layers.labelled(h_mu, genes, cells),
        "h Wᵀ": layers.labelled(h_mu @ W.T, genes, cells),
        "μ = h − h Wᵀ": layers.labelled(mu, genes, cells),
    }
)

# %% [markdown]
# (layers-inverse)=
# ## The inverse GRN layer: add up all paths
#
# $$ h = z\, (I - W^\top)^{-1}, \qquad (I - W)^{-1} = I + W + W^2 + W^3 + \dots $$
#
# The decoder begins with the inverse, the {term}`inverse GRN layer` (Eq. 3; Eq. 5 is printed without the transpose and on the left). Entry $(i, j)$ of
# $W^k$ adds up, over all paths of $k$ edges from gene $j$ to gene $i$, the product of the weights on the path. The inverse
# is the sum over all lengths: the **total** effect of a disturbance of gene $j$ on gene $i$ (the Neumann series; {numref}`fig-effects` in
# chapter 2 shows it for these four genes).

# %% tags=["remove-input"]
page.show(ds.model.InverseGRNLayer)

# %% [markdown]
# With no cycle in the network, paths end and the sum is finite. With a cycle it is a geometric series: it converges if
# the {term}`spectral radius` of W, the largest absolute eigenvalue, is below 1. The inverse may exist where the series
# diverges. Then it is still what the layer computes, but "sum of paths" no longer describes it.

# %%
with_cycle = {}
for radius in (0.7, 1.1):
    cyclic = W.copy()
    cyclic[0, 3] = 1.0  # D feeds back on A: A → B → D → A
    with_cycle[radius] = cyclic * radius / layers.spectral_radius(cyclic)

# %% tags=["remove-input"]
page.show(layers.errors_of_sums)

# %%
sums = pd.DataFrame(
    {"no cycle": layers.errors_of_sums(W, 24)}
    | {
        f"cycle, radius {radius}": layers.errors_of_sums(C, 24)
        for radius, C in with_cycle.items()
    }
)

# %% mystnb={"figure": {"caption": "How far the sum of paths up to a length is from the inverse. Without a cycle it is exact after the longest path (two edges); with a cycle it converges for a spectral radius below 1 and diverges above, although the inverse exists.", "name": "fig-layers-neumann"}, "image": {"alt": "Error of the truncated path sum against path length: zero after two for the acyclic network, falling line for radius 0.7, rising line for radius 1.1"}}
layers.figures.path_sums(sums)

# %% mystnb={"figure": {"caption": "The spectral radius of W on this page's data.", "name": "tab-layers-radii"}}
states = {"at the start, seed 0": before["random"][0]}
states |= {f"after training, seed {m.seed}": m for m in after["random"]}
radii = {name: layers.spectral_radius(m.W) for name, m in states.items()}
pd.Series(radii, name="spectral radius").round(2).to_frame()

# %% [markdown]
# DeepSEM asks for no acyclic network and no series that converges, only that I − Wᵀ is not {term}`singular <singular matrix>`. Why seeds end on
# either side of 1 is the subject of chapter 4.

# %% [markdown]
# (layers-posterior)=
# ## Posterior and reparameterisation
#
# $$ q(Z \mid X) = N(\mu,\, \sigma^2), \qquad z = \mu + \sigma \varepsilon, \quad \varepsilon \sim N(0, 1) $$
#
# To sample $z$ and still have gradients ({term}`reparameterisation`), the randomness is moved into $\varepsilon$, which depends on no parameter
# {cite:p}`kingma2014`. What follows is the encoder's end.

# %% tags=["remove-input"]
page.show(ds.DeepSEM.posterior)

# %%
epsilon = np.random.default_rng(0).normal(size=x.shape)
z = mu + np.exp(0.5 * log_var) * epsilon

# %% [markdown]
# (layers-variance)=
# ### The variance is not propagated
#
# **Printed**: $Z = \mathrm{Reparameter}((I - W^\top) H_X)$. **In the code**: the *log*-variance is multiplied by
# $(I - W^\top)$, like the mean ([ledger 2](#ledger-2), the variance). Let $s_j^2$ be the variance of $h_j$ before the layer. If the entries of $h$ were independent, a linear
# map would give the first line; the code takes the second:
#
# $$
# \begin{aligned}
# \mathrm{Var}\big[(h (I - W^\top))_i\big] &= \sum_j (I - W)_{ij}^2\, s_j^2 \\
# \log \sigma_i^2 &= \log s_i^2 - \sum_j W_{ij} \log s_j^2
# \end{aligned}
# $$
#
# Both are positive, so both are valid choices for a variance. They are different numbers, as the next figure shows.


# %% tags=["remove-input"]
page.show(layers.both_variances)

# %% mystnb={"figure": {"caption": "Log-variance of the posterior for 40 cells and all genes: true propagation through the GRN layer against what the code computes; the black line is equality.", "name": "fig-layers-variance"}, "image": {"alt": "Two scatter plots of the code's log-variance against the propagated one, before and after training, away from the diagonal"}}
trained = {"before training": before["random"][0], "after training": after["random"][0]}
logs = {
    state: layers.both_variances(member, X_std[:40])
    for state, member in trained.items()
}
layers.figures.against_each_other(
    logs, "propagated log-variance", "log σ² in the model"
)

# %% [markdown]
# The entries of W are small, so propagation changes $s_i^2$ hardly at all. The code instead subtracts a weighted sum of all
# log-variances. Where the head of log σ² is flat, as in {numref}`fig-layers-curves`, this is
# $\log\sigma_i^2 \approx h^\sigma (1 - \sum_j W_{ij})$: the noise of a gene is set by the {term}`row sum` of W.

# %% [markdown]
# (layers-prior)=
# ## The prior is learned
#
# $$ p(Z) = N(\mu_p, \sigma_p^2), \qquad \mu_p = p^{\mu} (I - W^\top), \quad \log \sigma_p^2 = p^{\sigma} (I - W^\top) $$
#
# The paper says that mean and variance of the prior are "also estimated". In the code, $p^\mu$ and $p^\sigma$ come from small
# networks of the cluster $y$ ([ledger 3](#ledger-3), the prior of Z). With one cluster this is one learned Gaussian **for each gene**, and not
# the $N(0, I)$ of a textbook VAE.

# %% tags=["remove-input"]
page.show(ds.model.Prior)

# %% mystnb={"figure": {"caption": "Mean and standard deviation of the prior over the genes, before and after training (seed 0). Dashed: the 0 and 1 of a standard normal prior.", "name": "fig-layers-prior"}, "image": {"alt": "Two histograms over genes: prior mean and prior standard deviation, before and after training, with a dashed line at 0 and at 1"}}
priors = layers.prior_over_genes(trained)
layers.figures.distributions(priors, ["μ_p", "σ_p"], lines=[0.0, 1.0])

# %% [markdown]
# On standardised input the learned prior stays close to a standard normal: no gene needs a mean of its own, and the encoder can choose
# its scale to suit the prior.
#
# **What $y$ is.** The paper lets the prior be a {term}`mixture` of $K$ Gaussians, one for each cluster of cells; an encoder of its own guesses the
# cluster $y$ of a cell, and f₂ is told $y$ beside $x$. All presets have $K = 1$ ([ledger 4](#ledger-4), the mixture). Then $y$ is the constant 1 for
# every cell, and its weight in f₂, drawn at random like any other, acts as a **random bias** of the first layer, while all biases that are
# called so start at zero ([ledger 4b](#ledger-4b), the constant input).

# %% [markdown]
# (layers-insight)=
# ## The signal skips W
#
# Put the layers together. The encoder ends with $(I - W^\top)$, the decoder begins with its inverse:
#
# $$ z (I - W^\top)^{-1} = (h^\mu (I - W^\top) + \sigma\varepsilon)(I - W^\top)^{-1} = h^\mu + (\sigma\varepsilon)(I - W^\top)^{-1} $$
#
# The signal $h^\mu$ reaches the decoder untouched by W. Only the sampled noise passes the inverse. On the smallest example:

# %%
h = z @ np.linalg.inv(I - W.T)
x_hat = mlp(h.reshape(-1, 1), *f1).reshape(x.shape)
noise_only = h_mu + (np.exp(0.5 * log_var) * epsilon) @ np.linalg.inv(I - W.T)
print(f"largest difference: {np.abs(h - noise_only).max():.0e}")

# %% [markdown]
# So W cannot be learned from how well the signal is passed on: any W passes it on perfectly. It is learned from
#
# 1. **the KL term**. Its main part is $\frac12 \big((h^\mu - p^\mu)(I - W^\top)\big)^2 / \sigma_p^2$: each gene's $h$, minus its
#    constant, should be predicted by the other genes' $h$. That is the linear SEM, a regression, on transformed expression;
# 2. **the reconstruction, through the noise**: noise that was spread by $(I - W^\top)^{-1}$ should do little harm after decoding;
# 3. **the {term}`L1 term <L1 penalty>`**, which pulls each weight towards 0.
#
# {numref}`fig-layers-gradients`, at the top of this page, checks this: the gradient of W for each part of the loss in a trained member, and once
# more for the reconstruction with ε = 0. The shortcut is not used there: $z$ is formed and multiplied by the inverse.
#
# A push on W can do two things. It may move all regulators of a target alike, which changes the **row sum**; or it may
# **tell regulators apart**. Only the second changes the ranking of the regulators of a gene. We split each gradient into
# its mean over a row and the rest.


# %% tags=["remove-input"]
page.show(layers.gradients_of_W, layers.split)

# %% mystnb={"figure": {"caption": "What tells the regulators of a gene apart. size: root mean square of the push on differences between regulators; r with W: how the differences within the rows of the trained W follow the direction of the push.", "name": "tab-layers-apart"}}
layers.gradients.told_apart(member.W, pushes, draws).style.format(
    {"size": "{:.1e}", "r with W": "{:.2f}"}
)

# %% tags=["remove-input"]
page.say(
    "One draw of the noise pushes hard, but the next one elsewhere: two draws correlate at r = {r:.2f}. So the mean over {n} draws is about 1/√{n} of one draw, as for unrelated numbers.",
    r=layers.gradients.between_draws(draws), n=len(draws),
)  # fmt: skip

# %% [markdown]
# W is large where the regression wants it large, held back by the L1 term. That the reconstruction fits the differences between
# regulators to the data would show as a mean push that stays, and follows W. By its form it limits how far W may amplify noise.
#
# See it with thirty genes: α = 100 empties W, and the reconstruction stays as it is ([more about this](../book/live.md)).

# %% tags=["remove-input"]
layers.live.deepsem(preset="empty")

# %% [markdown]
# (layers-loss)=
# ## The loss, by hand
#
# $$ \mathcal L = \underbrace{\mathrm{MSE}(\hat x, x)}_{-\mathbb E_Z \log p(X|Z)} + \beta\,
# \mathrm{KL}\big(q(Z|X) \,\|\, p(Z)\big) + \alpha\, \mathrm{mean}|W| $$
#
# **Printed** (Eq. 7): the expectation is over $q(X)$; it is over $Z$. **In the code** all three terms are means, not
# sums, and the squared error has no ½ ([ledger 5](#ledger-5), the KL term; [6](#ledger-6), the L1 term). With everything computed above, the loss of the
# smallest example is five lines:

# %%
p_mu, p_log_var = (p @ (I - W.T) for p in layers.prior_arrays(model))
alpha, beta = 0.1, 1.0
mse = np.mean((x_hat - x) ** 2)
log_q = -0.5 * (np.log(2 * np.pi) + log_var + (z - mu) ** 2 / np.exp(log_var))
log_p = -0.5 * (np.log(2 * np.pi) + p_log_var + (z - p_mu) ** 2 / np.exp(p_log_var))
kl = np.mean(log_q - log_p)
l1 = np.mean(np.abs(W))

# %% [markdown]
# The package computes the same, in a form that needs fewer passes over W (`elbo` is its first two terms, minus the ELBO):

# %% tags=["remove-input"]
page.show(ds.DeepSEM.loss)

# %%
x_t, noise = torch.tensor(x), torch.tensor(epsilon)
scan = model.scan(x_t, torch.ones(1, 1, dtype=torch.float64))
loss = model.loss(scan, x_t, None, noise, beta)
pd.DataFrame(
    {
        "by hand": [mse, kl, l1, mse + beta * kl + alpha * l1],
        "package": [
            loss.mse.item(),
            loss.kl.item(),
            model.grn.W.abs().mean().item(),
            (loss.elbo + alpha * model.grn.W.abs().mean()).item(),
        ],
    },
    ["reconstruction", "KL", "mean |W|", "loss"],
).assign(difference=lambda t: t["by hand"] - t["package"])

# %% tags=["remove-input"]
assert abs(mse - loss.mse.item()) < 1e-12 and abs(kl - loss.kl.item()) < 1e-12

# %% [markdown]
# (layers-kl)=
# ### One sample of the KL term, or its closed form
#
# The KL divergence between two Gaussians has a closed form. The code does not use it: it takes
# $\log q(z) - \log p(z)$ at the one sampled $z$ ([ledger 5](#ledger-5), the KL term), a {term}`Monte-Carlo estimate`. It is unbiased, and a single value may
# even be negative. How much it scatters depends on over how many entries it is averaged.


# %% tags=["remove-input"]
page.show(layers.kl_draws)

# %% mystnb={"figure": {"caption": "Single-sample estimates of the KL term over draws of the noise, beside its closed form: the smallest example, 12 entries, and a batch of 64 cells and all genes.", "name": "tab-layers-kl"}}
single = {
    "3 cells × 4 genes": layers.kl_draws(model, x_t, 1000),
    f"64 cells × {adata.n_vars} genes": layers.kl_draws(
        member.model, torch.from_numpy(X_std[:64]), 100
    ),
}
layers.kl_table(single)

# %% [markdown]
# Averaged over a real batch, the sampled value is close to the {term}`closed form`. Its *gradient* for one weight of W averages over the cells of the
# batch only and is noisier.

# %% [markdown]
# (layers-masks)=
# ### Which entries are reconstructed
#
# A zero in single-cell data may mean "not expressed" or "not seen". For the non-specific GRN task every entry counts in
# the squared error; for the other tasks only the non-zero ones do ([ledger 7](#ledger-7), reconstructed entries). The mask changes the target only: the
# encoder sees the zeros in both cases, and the KL term runs over all entries.

# %% mystnb={"figure": {"caption": "Some cells and genes of the data and the entries that count in the reconstruction under each mask (blue).", "name": "fig-layers-masks"}, "image": {"alt": "Heat map of log expression of 40 cells and 60 genes, beside an all-blue mask and a mask that is blue where expression is not zero"}}
every = max(1, X.shape[1] // 60)
layers.figures.masks(X[:40, ::every][:, :60])

# %% mystnb={"figure": {"caption": "Squared error of one trained model by the entries that count.", "name": "tab-layers-masked"}}
keep = torch.from_numpy((X != 0).astype(np.float32))
with torch.no_grad():
    trained_model, x_r = member.model, torch.from_numpy(X_std)
    real_scan = trained_model.scan(x_r, torch.ones(1, 1))
    eps = torch.randn(x_r.shape, generator=torch.Generator().manual_seed(2))
    masked = {
        "all": trained_model.loss(real_scan, x_r, None, eps, 1.0).mse.item(),
        "non-zero only": trained_model.loss(real_scan, x_r, keep, eps, 1.0).mse.item(),
        "zeros only": trained_model.loss(real_scan, x_r, 1 - keep, eps, 1.0).mse.item(),
    }
pd.Series(masked, name="mean squared error").round(3).to_frame()

# %% [markdown]
# (layers-singular)=
# ## The start of W is next to a singular point
#
# **Printed**: $W_0 \sim N(1/(m-1), \varepsilon^2)$, diagonal 0. Every row then sums to 1 but for the noise, so $(I - W_0)$ maps
# the vector of ones to almost zero, and its inverse is huge. **In the code** the noise is $U(0, 2 \cdot 10^{-4})$. Its mean
# of $10^{-4}$ moves the row sums to $1 + 10^{-4}(m-1)$, so that the norm of the inverse is about $10^4/(m-1)$
# ([ledger 9](#ledger-9), the initial W). `W_init="safe"` of this package halves the mean.

# %% mystnb={"figure": {"caption": "Spectral norm of (I − W₀)⁻¹, the largest factor by which the inverse GRN layer amplifies noise at the start: median and range of three draws. The printed start is near-singular for any number of genes, the authors' for few genes.", "name": "fig-layers-singular"}, "image": {"alt": "Log-log plot of the norm of the inverse against the number of genes: paper stays around ten thousand or more, authors falls from two thousand to about ten, safe stays near two"}}
norms = layers.norms_at_start([5, 10, 20, 50, 100, 200, 400, 800])
layers.figures.singularity(norms)

# %% [markdown]
# What does it do to training? The noise at the decoder is amplified by up to that factor. We train on a few genes of the data
# and look at the reconstruction. A model that always answers with the gene's mean has an error of 1.

# %% mystnb={"figure": {"caption": "Squared error in the first and last epoch by the start of W.", "name": "tab-layers-starts"}}
few = ds.preprocess.standardise(
    X[:, np.argsort(-X.var(0))[:20]]
)  # the 20 most variable genes
rows = []
for how in ("paper", "authors", "safe"):
    history = ds.train(
        few, ds.Config.nonspecific(n_epochs=31, W_init=how), seed=0
    ).history
    rows.append(
        {
            "W_init": how,
            "first epoch": history[0]["mse"],
            "last epoch": history[-1]["mse"],
        }
    )
pd.DataFrame(rows).set_index("W_init").round(2)

# %% [markdown]
# `train` also watches the pivots of the factorisation of $I - W^\top$, and stops with a `TrainingError` that says so when the
# matrix becomes singular up to rounding.

# %% [markdown]
# ## What differs from the paper
#
# :::{table} Rows of the ledger that concern this chapter.
# :name: tab-layers-ledger
#
# | ledger | paper | code, and this chapter |
# | --- | --- | --- |
# | [equations](#ledger-equations) | $X = W^\top X + Z$, matrices on the left | $X = X W^\top + Z$, cells in rows |
# | [1](#ledger-1) | three tanh layers, `kaiming_uniform` | two tanh layers and a linear head, Xavier-normal |
# | [2](#ledger-2) | "Reparameter" | the log-variance goes through the GRN layer; no propagation |
# | [3](#ledger-3) | $N(\mu, \sigma^2)$, learned | one learned Gaussian per gene, through the GRN layer |
# | [4](#ledger-4) | 1 to 5 components | K = 1; the cluster network is idle |
# | [4b](#ledger-4b) | – | a constant input of the encoder, which acts as a random bias |
# | [5](#ledger-5) | closed form implied | one sample; means instead of sums; no ½ |
# | [6](#ledger-6) | $\alpha \lVert W \rVert_1$ | $\alpha \cdot$ mean |
# | [7](#ledger-7), [8](#ledger-8) | non-zero entries for cell-type-specific tasks; z-scores | two masks and two standardisations |
# | [9](#ledger-9) | $N(1/(m-1), \varepsilon^2)$ | uniform noise; next to a singular point for few genes |
# :::

# %% [markdown]
# ## Summary
#
# - f₂ and f₁ act on one number at a time and are the same for all genes. Genes meet only in $I - W^\top$ and its inverse.
# - The GRN layer leaves residuals; its inverse adds up paths, where that sum converges.
# - The signal passes the model without touching W. Regulators are told apart by a regression inside the KL term, a linear
#   SEM on $h = f_2(x)$, held back by noise amplification and by the L1 term.
# - Several choices of the code are not in the paper, and none of them is visible unless one looks.

# %% [markdown]
# ## Exercises
#
# **1. Check (10 minutes). An odd function.** Show on paper that f₁ is an odd function before training, in both settings of
# `encoder_bias`. Check it with `before["random"][0].model.f1`.

# %% tags=["hide-cell"]
drawn_f1, v = before["random"][0].model.f1, torch.linspace(-3, 3, 7)[:, None]
(drawn_f1(-v) + drawn_f1(v)).abs().max().item()

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# tanh is odd, and so is a linear map without bias. Before training all biases of f₁ are zero, so f₁ is a chain of odd
# functions: $f_1(-h) = -f_1(h)$. The setting concerns f₂ only.
# :::
#
# **2. Check (5 minutes). Two paths that cancel.** By how much does D change when A is disturbed by 1? Which weight of a new edge from A
# to D would make the total effect zero? Check with `np.linalg.inv`.

# %% tags=["hide-cell"]
cancelled = W.copy()
cancelled[3, 0] = -0.56
[np.linalg.inv(I - network)[3, 0].round(6) for network in (W, cancelled)]

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# A reaches D by way of B: $0.8 \cdot 0.7 = 0.56$. An edge with the weight −0.56 cancels it. A correlation between A and D would then be hard
# to see, although A regulates D by two paths.
# :::
#
# **3. Change (10 minutes). A fixed prior.** Replace the learned prior by $N(0, I)$ in the closed-form KL of the trained seed 0, without
# training again. How much does it change on the first 64 cells? Look at {numref}`fig-layers-prior` first. When would it matter?

# %% tags=["hide-cell"]
x64 = torch.from_numpy(X_std[:64])
scan64 = trained_model.scan(x64, torch.ones(1, 1))
fixed = scan64._replace(
    prior_mu=torch.zeros_like(scan64.prior_mu),
    prior_log_var=torch.zeros_like(scan64.prior_log_var),
)
{
    name: trained_model.loss(s, x64, None, torch.zeros_like(x64), 1.0, "closed").kl.item()
    for name, s in {"learned prior": scan64, "N(0, I)": fixed}.items()
}  # fmt: skip

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Hardly, because the learned prior is almost $N(0, I)$ here. It would matter with several components, with input whose genes
# have different means (the "nonzero" standardisation), or if the prior trained faster than the encoder.
# :::
#
# **4. Build (15 minutes). Sum of paths.** Write the sum of paths up to three edges as a function of $z$ that never forms a matrix $W^2$. What
# does it cost for B cells and m genes, compared with the inverse?

# %% tags=["hide-cell"]
total, step = z.copy(), z.copy()
for _ in range(3):
    step = step @ W.T
    total += step
assert np.allclose(total, z @ np.linalg.inv(I - W.T))

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# $z + zW^\top + (zW^\top)W^\top + \dots$: each step is one product of a B × m with an m × m matrix, about $2Bm^2$
# operations. An inverse costs about $2m^3$ and a factorisation $\frac23 m^3$; see
# [chapter 6](06_why_it_is_fast) for how the package avoids both.
# :::
#
# **5. Judge (15 minutes). What do α and β do?** 50 simulated genes: compare α = 0.5 and β = 1 with ten times the α, with the preset's
# α = 100, and with β = 4. Predict what becomes of W, of the KL term and of the MSE; which of the four would you use, without the truth?

# %% tags=["hide-cell"]
truth = ds.sem.random_network(50, n_tfs=10, seed=100)
few = ds.preprocess.standardise(ds.sem.simulate_nonlinear(truth, 600, 0.5, seed=100))
ends = {}
for alpha, beta in ((0.5, 1.0), (5.0, 1.0), (100.0, 1.0), (0.5, 4.0)):
    changed = ds.Config(W_init="safe", alpha=alpha, beta=beta, lr_W=4e-4, n_epochs=31)
    last = ds.train(few, changed, seed=100).history[-1]
    ends[f"α = {alpha:g}, β = {beta:g}"] = {
        "MSE": last["mse"],
        "KL": last["kl"],
        "mean |W|": last["l1"],
    }
pd.DataFrame(ends).T.round(4)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# A large α empties W. A large β makes it cheaper to give up: the posterior becomes the prior (KL near 0), the decoder sees noise only and
# predicts the mean (MSE near 1), and W has nothing to learn from. Both can be seen without a truth: rule out what has an MSE of 1 or an
# empty W.
# :::
#
# ## References
#
# The model is that of {cite:t}`shu2021`; encoder and decoder in this form were proposed for directed acyclic graphs
# by {cite:t}`yu2019`. The weight β is that of {cite:t}`higgins2017`.
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(adata, seeds=seeds)
