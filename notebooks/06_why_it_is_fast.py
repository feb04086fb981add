# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Why it is fast
#
# The authors name the running time, and its growth with the number of genes, as the limitation of DeepSEM
# {cite:p}`shu2021`. **Which of its computations are needed, and what is left when the others are gone?**

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

# %%
import json

import numpy as np
import pandas as pd
import torch
from IPython.display import Markdown

import deepsem_minimal as ds
from deepsem_book import datasets, page, speed

# %% tags=["remove-input"]
adata = page.choose("beeline/mDC-500", "sim/nonlinear-100")
page.header(PROFILE, adata)

# %% [markdown]
# **Key takeaways**
#
# - [The gene-wise MLPs are functions of one number](#fast-table), so a table of a few hundred values replaces
#   millions of small matrix products.
# - [Only noise passes the inverse](#fast-solve), and it needs a linear solve, not an inverse matrix.
# - [What stands still is computed once](#fast-still): while W trains, the encoder and the prior are constants.
# - [An old factorisation solves the new system](#fast-refine) after a few corrections; an idea that was measured and dropped.
# - [It is the same model](#fast-same): the same loss and gradients up to rounding; the scores over ten
#   seeds cannot be told apart.
# - [Columns of W that nobody looks at](#fast-columns) can be left out: much faster with many genes, and another model.
#
# **You will be able to** profile a training step, count its floating-point operations, replace a function of one
# variable by a table with a known error, and test that an optimised program computes what the plain one did.
#
# **Before you start**: [chapter 3](03_deepsem_layer_by_layer) and [chapter 4](04_training_and_ensembling).
# **Time**: 40 minutes to read; about a minute to run on two CPU cores.

# %% [markdown]
# ## Where the time goes
#
# `plain.py` is a port of the authors' loop: the MLPs see every entry of the batch, and each step inverts $I - W^\top$.
# It shares no code with `model.py`. We profile a few steps of it and of the fast engine on the same data, one thread,
# and sort the operations by what they serve.

# %%
adata_small = adata if PROFILE == "full" else adata[:256]
cells = ds.preprocess.standardise(np.asarray(adata_small.X))
X = cells.X
n_cells, m = X.shape
config = ds.Config.nonspecific(n_epochs=3)
torch.set_num_threads(1)


# %%
speed.train_plain(X[:64], X[:64] != 0, config, 0)  # warm-up
of_plain = speed.seconds_by_purpose(lambda: speed.train_plain(X, X != 0, config, 0), m)
ds.train(cells, config)
of_fast = speed.seconds_by_purpose(lambda: ds.train(cells, config), m)
shares = pd.DataFrame({"plain": of_plain, "fast": of_fast}).fillna(0)
steps = config.n_epochs * -(-n_cells // config.batch_size)
shares = (shares / steps * 1e3).sort_values("plain", ascending=False)

# %% mystnb={"figure": {"caption": "Milliseconds per step by purpose, one thread, under the profiler. Each engine has its own axis: compare lengths within a panel, numbers between them.", "name": "fig-where-time-goes"}, "image": {"alt": "Two panels with own axes, plain and fast, each with a bar of milliseconds per training step for every purpose that operations serve"}}
speed.figures.times(shares)

# %% tags=["remove-input"]
Markdown(
    f"Under the profiler, and beside whatever else this computer did, a step takes {shares['plain'].sum():.0f} ms in the "
    f"plain port and {shares['fast'].sum():.0f} ms in the fast engine. [Undisturbed](#fast-measured) both are faster, "
    "the port by far: the profiler makes large temporary arrays expensive. So read the order of its parts and not their "
    "shares, and see exercise 2, which counts operations. " + speed.of_shares(shares)
)

# %% [markdown]
# (fast-table)=
# ## A function of one number is a curve
#
# $f_1$ takes one number and returns one; $f_2$ takes one number (for $K = 1$ the cluster input is the constant 1,
# [ledger 4b](#ledger-4b)) and returns two. The plain port sends each of the $B \cdot m$ entries of a batch through a
# $128 \times 128$ layer: about $2 \cdot 128^2$ operations an entry, three times that with the backward pass.
#
# A curve can be tabulated. `interpolate` evaluates the MLP at a few hundred knots and takes, between two knots, the cubic
# through the four nearest values. Its error is of order $h^4$ for the value and $h^3$ for the slope, $h$ being the
# distance between knots. Gradients flow through the table: an entry with gradient $g$ at position $t$ of its interval
# adds $g\,t^p$ to the coefficient of $t^p$ (a scatter), and the knots carry the sum into the MLP.

# %% tags=["remove-input"]
page.show(ds.engine.interpolate)

# %%
member = ds.train(cells, ds.Config.nonspecific(n_epochs=12))
f1 = member.model.double().f1
grid = torch.linspace(-8, 8, 4001, dtype=torch.float64)
errors = []
for n_knots in (8, 16, 32, 64, 128, 256, 512, 1024):
    x = grid.clone().requires_grad_()
    exact = f1(x.unsqueeze(-1))[:, 0]
    (slope,) = torch.autograd.grad(exact.sum(), x)
    table = ds.engine.interpolate(f1, x, n_knots)[:, 0]
    (table_slope,) = torch.autograd.grad(table.sum(), x)
    spread = (exact.max() - exact.min()).item()
    errors.append(
        dict(
            knots=n_knots,
            value=(table - exact).abs().max().item() / spread,
            slope=(table_slope - slope).abs().max().item() / slope.abs().max().item(),
        )
    )
errors = pd.DataFrame(errors)

# %% mystnb={"figure": {"caption": "Left: f₁ after twelve epochs and the values at 32 knots. Right: largest error of the cubic table over the range of f₁ (value) and over its largest slope, in double precision. The dotted line is the resolution of float32.", "name": "fig-table-error"}, "image": {"alt": "Left, a smooth increasing curve with dots at the knots; right, the errors of value and slope falling as powers of the number of knots on log axes"}}
speed.figures.table_error(
    grid.numpy(), f1(grid.unsqueeze(-1))[:, 0].detach().numpy(), errors
)

# %% tags=["remove-input"]
used = ds.Config().n_knots
at_used = errors.set_index("knots").loc[used]
Markdown(
    f"With the {used} knots that `Config` uses, the value is off by at most {at_used['value']:.0e} of its range, "
    f"{speed.against_float32(at_used['value'])}. The slope is off by at most {at_used['slope']:.0e} of its maximum, "
    f"{speed.against_float32(at_used['slope'])}; [a comparison below](#fast-same) "
    "sets what it does to gradients beside the noise of a batch. For a batch of 64 cells and "
    f"{m} genes the MLP now runs on {used} numbers instead of {64 * m:,}, and its cost no longer depends on cells or genes. "
    "`Config(n_knots=0)` switches the table off."
)

# %% [markdown]
# (fast-solve)=
# ## Only noise passes the inverse
#
# The encoder's mean is $\mu = h\,(I - W^\top)$ with $h = f_2(x)$, and the decoder begins with the inverse of the same matrix:
#
# $$
# \begin{aligned}
# z\,(I - W^\top)^{-1} &= \bigl(h\,(I - W^\top) + \sigma \odot \varepsilon\bigr)(I - W^\top)^{-1} \\
# &= h + (\sigma \odot \varepsilon)\,(I - W^\top)^{-1}.
# \end{aligned}
# $$
#
# So the inverse acts on $B$ rows of noise. For that nobody needs the matrix $(I - W^\top)^{-1}$: solve
# $u\,(I - W^\top) = \sigma \odot \varepsilon$. An inverse costs about $2 m^3$ operations and its gradient two more
# products of $m \times m$ matrices ($4 m^3$); an LU factorisation costs $\tfrac23 m^3$, and each solve with it
# $2 m^2 B$. The backward pass needs one more solve with the same factors, transposed: from
# $\mathrm{d}u\,(I - W^\top) = u\,\mathrm{d}W^\top$ follows $\partial L / \partial W = v^\top u$ with $v\,(I - W) = \partial L / \partial u$.
# While the MLPs train, W stands still and one factorisation serves the whole epoch.

# %%
W = speed.initial_W(m, "authors", torch.Generator().manual_seed(0))
b = torch.randn(64, m, generator=torch.Generator().manual_seed(1))


def inverse_and_its_gradient() -> None:
    weights = W.clone().requires_grad_()
    (b @ torch.inverse(torch.eye(m) - weights.T)).sum().backward()


def factor_and_two_solves() -> None:
    factor = ds.engine.Factor()
    u = factor.solve(W, b)
    factor.solve(W, u, transposed=True).T @ u


torch.set_num_threads(1)
costs = pd.Series(
    {
        "inverse, product and gradient": speed.milliseconds(inverse_and_its_gradient),
        "LU, two solves and gradient": speed.milliseconds(factor_and_two_solves),
    },
    name="speed.milliseconds",
).to_frame()
costs["ratio"] = costs["speed.milliseconds"].iloc[0] / costs["speed.milliseconds"]
costs.round(1)

# %% [markdown]
# (fast-still)=
# ## What stands still is computed once
#
# In two epochs of three only W trains ([ledger 10](#ledger-10)). Then $f_2$, and with it $h$ of every cell, and the prior's vectors do not change:
# `train` scans all cells once before those epochs. What the loss needs of the GRN layer, three blocks of rows, goes through
# one product with W:

# %% tags=["remove-input"]
page.show(ds.DeepSEM.loss)

# %% [markdown]
# The L1 term of Eq. 7 has the gradient $\alpha\,\mathrm{sign}(W)/m^2$, which needs no batch and no autograd. RMSprop makes
# half a dozen passes over the $m^2$ entries of W, its gradient and the running mean of squares; done block by block, a
# block stays in the cache for all of them.

# %% tags=["remove-input"]
page.show(ds.engine.rmsprop_l1_)

# %% [markdown]
# (fast-refine)=
# ## An idea that did not pay: keep an old factorisation
#
# The factorisation is the last $m^3$. One step moves W by about the learning rate in each entry, so the factors of a
# few steps ago, $A_0 = I - W_0^\top$, nearly solve the present system $A = I - W^\top$. Iterative refinement corrects the rest:
#
# $$ u_{k+1} = u_k + (b - u_k A)\,A_0^{-1}, $$
#
# $$ \lVert b - u_{k+1} A\rVert \le \lVert A_0^{-1} (A_0 - A)\rVert\,\lVert b - u_k A\rVert . $$
#
# We keep W along a training run, factorise once, and watch the residual with a W that is some steps younger.

# %%
path = []
# ends on a pair of epochs on W
trainer = ds.train(cells, ds.Config.nonspecific(n_epochs=11))
model = trainer.model.requires_grad_(False)
model.grn.W.requires_grad_(True)
average = torch.full_like(model.grn.W, 1e-12)
x_all = torch.as_tensor(X)
generator = torch.Generator().manual_seed(0)
with torch.no_grad():
    scan_all = model.scan(x_all, torch.ones(1, 1))
for _ in range(8):
    for x, _, scan in speed.batches(x_all, None, scan_all, 64, generator):
        model.loss(
            scan, x, None, torch.randn(x.shape, generator=generator), 1.0
        ).elbo.backward()
        ds.engine.rmsprop_l1_(
            model.grn.W.data, model.grn.W.grad, average, config.lr_W, config.alpha
        )
        model.grn.W.grad, model.inverse_grn.factor.stale = None, True
        path.append(model.grn.W.detach().clone())
# past the first steps, in which RMSprop's mean of squares is still filling
old = len(path) // 2
factor = ds.engine.Factor()
factor.factorise(path[old])
residuals = []
for age in (0, 1, 3, 6, 12):
    younger = path[min(old + age, len(path) - 1)]
    u = factor.substitute(b)
    for sweep in range(7):
        residual = b - u + u @ younger.T
        residuals.append(
            dict(age=age, sweep=sweep, residual=(residual.norm() / b.norm()).item())
        )
        u = u + factor.substitute(residual)
residuals = pd.DataFrame(residuals)

# %% mystnb={"figure": {"caption": "Relative residual after each sweep of refinement, for factors that are 0 to 12 steps old. The dotted line is 1e-6, about what 32-bit numbers hold.", "name": "fig-refinement"}, "image": {"alt": "Residuals on a log axis against the number of sweeps; older factors need more sweeps"}}
speed.figures.refinement(residuals, 1e-6)

# %% [markdown]
# So it works. But a sweep is not free: it costs $4m^2B$ operations, forward and backward each, against $\tfrac23 m^3$ for
# new factors, and the sweeps stay several. With two sweeps each way, operations promise a gain above $m = 24 B$,
# some 1,500 genes at $B = 64$. The clock is the judge:

# %% tags=["remove-input"]
recorded = datasets.results("speed")
Markdown(speed.of_refinement(recorded))

# %% tags=["remove-input"]
page.show(ds.engine.Factor)

# %% [markdown]
# (fast-columns)=
# ## The columns you never look at
#
# An evaluation asks which *transcription factors* regulate a gene, that is for a few columns of W. If only $t$ of $m$
# genes may regulate, let $S$ ($t \times m$) pick them out of the genes, and write W for the $m \times t$ columns that are left: the network
# is $W S$. The GRN layer becomes $h - h S^\top W^\top$, and its inverse
#
# $$ u\,(I - S^\top W^\top) = z \quad\Leftrightarrow\quad q\,\bigl(I - (S W)^\top\bigr) = z S^\top,\qquad u = z + q\,W^\top,\qquad q = u S^\top : $$
#
# the regulators first, by a system of their own of size $t \times t$, then all genes from them. Backward is the same with the
# factors transposed. A step costs $\tfrac23 t^3 + O(B m t)$ operations instead of $\tfrac23 m^3 + O(B m^2)$.
#
# **But it is another model.** The columns nobody looks at take up what many genes share, such as depth and cell state;
# without them the TFs' columns must. A compromise lets the other genes back in as *groups*: a row of $S$ then sums the genes
# of a group, which have one column in common. Nothing else changes, and with $S = I$ it is the model of the paper.

# %% mystnb={"figure": {"caption": "A network of 12 genes, 4 of them TFs. Left: all columns. Middle: the columns of the TFs (blue) and one for each of two groups of other genes (orange). Right: what is factorised, the rows of the TFs and the sums of the rows of each group.", "name": "fig-fast-columns"}, "image": {"alt": "Three blocks: a square with four blue and eight grey columns, a narrow block with four blue and two orange columns, and a small square of six rows and six columns"}}
speed.few_regulators.columns()

# %% [markdown]
# With every gene as a regulator the layer must give what it gave before; with few, what the dense inverse of the whole network
# gives. In double precision, value and gradient of W:

# %%
regulators = adata_small.var["tf"].to_numpy()
part = ds.preprocess.columns_of(cells, regulators, nuisance=20)
S = torch.eye(int(part.max()) + 1, dtype=torch.double)[part, 1:].T
few = speed.initial_W(
    len(part), "safe", torch.Generator().manual_seed(0), part
).double()
few.requires_grad_(True)
z = torch.as_tensor(X[:64], dtype=torch.double)
solved = ds.engine.Solve.apply(few, z, ds.engine.Factor(), part)
inverted = z @ torch.linalg.inv(torch.eye(len(part), dtype=torch.double) - (few @ S).T)
gradients = [torch.autograd.grad(u.square().sum(), few)[0] for u in (solved, inverted)]
{
    "genes, columns": tuple(few.shape),
    "value": (solved - inverted).abs().max().item(),
    "gradient": (gradients[0] - gradients[1]).abs().max().item(),
}

# %% [markdown]
# What it costs in accuracy: EPR over that of the full model on BEELINE's matrices, seeds averaged first, with a 95 % interval over
# sets of cells; `nuisance groups` are k-means groups of the genes that are not TFs.

# %%
scores, genome = speed.few_regulators.recorded()
speed.few_regulators.accuracy(scores).round(2)

# %% [markdown]
# And what it saves, CPU seconds of one step on W (medians, one thread; `products` are the matrix products of a
# step by themselves):

# %%
speed.few_regulators.steps(genome).round(2)

# %% [markdown]
# `ds.fit(adata, config, regulators=names, nuisance=20)` trains it; without `regulators` all genes regulate, as in the paper.

# %% [markdown]
# ## The ten members
#
# The members share nothing. On a CPU, one thread for each of two members wastes less than two threads for one
# member, since much of a step is memory traffic and small operations. `train_ensemble` therefore runs as many members
# at a time as there are cores, in threads of one process (PyTorch releases Python's lock while it computes).
#
# If you set the number of threads yourself, set it again after your first `sc.pp.neighbors`: numba, which it calls, sets
# the number of OpenMP for the whole process, PyTorch's included, to all cores.

# %% tags=["remove-input"]
page.show(ds.parallel.train_ensemble)

# %% [markdown]
# (fast-measured)=
# ## Measured
#
# `python -m deepsem_book.speed.measure` times the two engines in turns, in one process, on the same data, the same threads and the same
# number of steps. The table below is its record; ratios are medians over the repeats.

# %% tags=["remove-input"]
ours = recorded[recorded["engine"].isin(["plain", "fast"])]
median = (
    ours.groupby(["section", "n_cells", "n_genes", "engine"])["seconds_per_step"]
    .median()
    .unstack()
)
median["ratio"] = median["plain"] / median["fast"]
names = {
    "run": "one member, non-specific preset",
    "ensemble": "ten members, per member",
    "embedding": "one member, embedding preset",
}
shown = median.loc[list(names)].reset_index()
shown["section"] = shown["section"].map(names)
about = recorded.iloc[0]
versions = " ".join(f"{k} {v}," for k, v in json.loads(about["versions"]).items())
display(
    Markdown(
        f"Machine: {about['machine']}, {about['threads']} threads; {versions.rstrip(',')}."
    )
)
shown.assign(plain=shown["plain"] * 1e3, fast=shown["fast"] * 1e3).rename(
    columns={
        "plain": "plain, ms/step",
        "fast": "fast, ms/step",
        "n_cells": "cells",
        "n_genes": "genes",
        "section": "",
    }
).style.format(precision=1).hide(axis="index")

# %% [markdown]
# ### Growth with genes and with cells
#
# Supplementary Figs. 3 and 4 of the paper show the running time against the number of cells and of genes. Here are
# both, for the port and for the fast engine, at a fixed number of steps (genes) and at a fixed number of epochs (cells).

# %% tags=["remove-cell"]
genes = recorded[recorded["section"] == "genes"]
cells = recorded[recorded["section"] == "cells"]
largest = genes[genes["n_genes"].isin(sorted(genes["n_genes"].unique())[-2:])]
by_genes = {
    engine: speed.exponent(genes, engine, "n_genes", "seconds_per_step")
    for engine in ("fast", "fast, 30 epochs", "plain")
}
by_cells = {
    engine: speed.exponent(cells, engine, "n_cells", "seconds")
    for engine in ("fast", "plain")
}
last_doubling = {
    engine: speed.exponent(largest, engine, "n_genes", "seconds_per_step")
    for engine in ("fast", "plain")
}

# %% mystnb={"figure": {"caption": "Left: seconds per step against the number of genes, 384 cells. Right: seconds per epoch against the number of cells, 500 genes. Log axes; the slope is the exponent.", "name": "fig-growth"}, "image": {"alt": "Two panels on log axes; the plain port lies more than ten times above the fast engine in both"}}
speed.figures.growth(genes, cells)

# %% tags=["remove-input"]
Markdown(
    f"From {genes['n_genes'].min()} to {genes['n_genes'].max()} genes the time of a step grows with exponent "
    f"**{by_genes['fast']:.2f}** in the fast engine over the first three epochs, "
    f"**{by_genes['fast, 30 epochs']:.2f}** over thirty, and **{by_genes['plain']:.2f}** in the plain port, where the MLPs "
    "(linear in genes) hide the cubic inverse at small sizes; from the last doubling alone, the port's exponent is "
    f"{last_doubling['plain']:.2f} and the fast engine's {last_doubling['fast']:.2f}. Time per epoch grows with the number of cells with exponent "
    f"{by_cells['fast']:.2f} (fast) and {by_cells['plain']:.2f} (plain)."
)

# %% tags=["remove-input"]
peak = recorded[recorded["section"] == "memory"].iloc[-1]
Markdown(
    f"Memory: a process that trains {peak['seeds']:.0f} members on {peak['n_genes']:.0f} genes peaks at "
    f"**{peak['peak_mb'] / 1024:.2f} GiB**, PyTorch included."
)

# %% [markdown]
# ### What was kept, and what was not
#
# | idea | verdict |
# | --- | --- |
# | cubic table instead of linear | kept: the same accuracy with a quarter of the knots, and slopes good enough for the gradients that are [compared below](#fast-same) |
# | LU in place, column-major | kept: saves a copy of $m^2$ entries and a transposition at each factorisation |
# | RMSprop in blocks of rows | kept: fewer trips to memory |
# | one product with W for mean, variance and prior | kept |
# | iterative refinement with an old factorisation | dropped: [measured above](#fast-refine) |
# | explicit inverse as preconditioner | not used: faster to apply, but several times the cost to renew |
# | ten members as one batch of matrices | not used; measured below on one thread of a CPU (with two, the batched factorisation of the PyTorch used here did not return). On a GPU the members take turns, which nobody has timed here |

# %% tags=["remove-input"]
batched = recorded[recorded["section"] == "batched"]
algebra = batched.pivot_table(index="repeat", columns="engine", values="seconds")
share = algebra["one batch"] / algebra["one by one"]
Markdown(
    f"One batch of {batched['seeds'].iloc[0]:.0f} systems takes {share.median():.2f} times as long as the same systems one "
    f"by one ({share.min():.2f} to {share.max():.2f} over {len(share)} pairs)."
)

# %% tags=["remove-input"]
taken = (
    recorded[recorded["section"] == "savings"]
    .groupby("engine")["seconds_per_step"]
    .median()
)
(taken / taken["fast"]).rename(
    "time relative to the fast engine"
).sort_values().to_frame().style.format(precision=2)

# %% [markdown]
# (fast-peers)=
# ### Beside its successors
#
# DAZZLE {cite:p}`zhu2024dazzle` and RegDiffusion {cite:p}`zhu2024regdiffusion` were built to be fast, and the means of
# this page make them faster without another model. The MLPs of DAZZLE see one number each, so a table can stand in for
# them, too. RegDiffusion makes 15 features of each gene, multiplies them with $I - A$ and only then projects them to one
# value,
#
# $$\hat x = \big((I - A)^\top H\big)\, w + b = (I - A)^\top (H w) + b ,$$
#
# with $H$ genes × features and $w$ the weights of its last layer: projecting first gives the same result, and the
# product with $I - A$ has a fifteenth of the work. The adapters in `baselines/` do so (`n_knots=0` and
# `project_first=False` undo it). All at their own default settings, on the same matrix (mDC, TFs + 500) and the same
# threads, in turns; a part of each training, scaled to the whole:

# %% tags=["remove-input"]
relative = speed.relative_times(recorded, "DeepSEM, 1 seed")
against = relative.agg(["median", "min", "max"]).T.sort_values("median")
against.columns = ["time of a training, DeepSEM with 1 seed = 1", "least", "most"]
against.style.format(precision=2)

# %% [markdown]
# Are they the same models? The grid of [chapter 5](05_grn_inference_beeline) holds trainings in the faster form, and
# `published/beeline.csv` the same trainings (matrix, seed) with the packages as they are:

# %% tags=["remove-input"]
apart = speed.forms_apart(
    speed.benchmark_table.recorded(), speed.benchmark_table.recorded("published")
)
apart.style.format("{:.2g}", subset=apart.columns[1:]).set_caption(
    "Relative difference between the two forms"
)

# %% tags=["remove-input"]
in_turns = median.loc["run"].iloc[0]
of_port = relative["DeepSEM, plain port, 1 seed"]
times = against.iloc[:, 0]
Markdown(
    f"An ensemble of ten takes {times['DeepSEM, 10 seeds']:.1f} times as long as one seed; one training of RegDiffusion "
    f"{times['RegDiffusion']:.1f} times ({times['RegDiffusion, as published']:.1f} as published), one of DAZZLE "
    f"{times['DAZZLE']:.1f} ({times['DAZZLE, as published']:.1f}). The port takes {of_port.median():.1f} times "
    f"({of_port.min():.1f} to {of_port.max():.1f}) as long as one seed here, and {in_turns['plain'] / in_turns['fast']:.1f} "
    "times in the [table of pairs](#fast-measured), which was measured on another day: so much two measurements of one pair can differ."
)

# %% [markdown]
# ### On a GPU
#
# Recorded once on one card, ten members one after another. At a few hundred genes a step is too small to fill it: what
# counts is the number of operations launched, and the fast engine gains little over the plain port. The largest
# relative error of loss and gradients against the CPU stands below, by number of genes.

# %%
gpu = datasets.results("gpu")
print(*gpu["card"].unique())
speed.on_gpu(gpu).round(2)

# %%
speed.gpu_agreement(gpu)

# %% [markdown]
# (fast-same)=
# ## Is it the same model?
#
# Copy the parameters of one into the other, fix the noise, and compare loss and gradients.

# %%
generator = torch.Generator().manual_seed(3)
fast = ds.DeepSEM(config, speed.initial_W(m, "authors", generator), generator)
plain = speed.PlainVAE(fast.grn.W.detach().numpy(), 128)
with torch.no_grad():
    for mine, theirs in (
        (fast.f2.body, plain.q_body),
        (fast.f2.heads[0], plain.q_mu),
        (fast.f2.heads[1], plain.q_log_var),
        (fast.prior.mu, plain.p_mu),
        (fast.prior.log_var, plain.p_log_var),
        (fast.f1.body, plain.p_x[:4]),
        (fast.f1.heads[0], plain.p_x[4]),
    ):
        theirs.load_state_dict(mine.state_dict())
x, noise = x_all[:64], torch.randn(64, m, generator=generator)
loss_fast = fast.loss(fast.scan(x, torch.ones(1, 1)), x, None, noise, beta=1.0).elbo
loss_fast.backward()
fast.grn.W.grad.fill_diagonal_(
    0
)  # the port masks the diagonal; the fast engine resets it after the step
mse, kl, _ = plain(x, None, noise, beta=1.0)
(mse + kl).backward()


def difference(a: torch.Tensor, b: torch.Tensor) -> float:
    return ((a - b).norm() / b.norm()).item()


apart = pd.Series(
    {
        "loss": abs((loss_fast / (mse + kl)).item() - 1),
        "gradient of W": difference(fast.grn.W.grad, plain.A.grad),
        "gradient of f₁": difference(
            fast.f1.body[2].weight.grad, plain.p_x[2].weight.grad
        ),
        "gradient of f₂": difference(
            fast.f2.body[2].weight.grad, plain.q_body[2].weight.grad
        ),
        "gradient of the prior": difference(
            fast.prior.mu[2].weight.grad, plain.p_mu[2].weight.grad
        ),
    },
    name="relative difference",
)
apart.to_frame().style.format("{:.1e}")

# %% tags=["remove-input"]
one_batch = plain.A.grad.clone()
plain.zero_grad()
mse, kl, _ = plain(x_all[-64:], None, noise, beta=1.0)  # other cells, the same noise
(mse + kl).backward()
between = difference(plain.A.grad, one_batch)
gradients = apart.drop("loss")
Markdown(
    f"The gradients of the two programs differ by at most {gradients.max():.0e} of their size ({gradients.idxmax()}). "
    f"The port's own gradient of W differs by {between:.2g} times its size between this batch and another "
    f"64 cells with the same noise: {between / gradients.max():.0e} times as much."
)

# %% [markdown]
# The random streams differ, so single runs differ; the distributions over seeds must not. Seeds of each engine on
# two data sets (`python -m deepsem_book.speed.compare_engines`; the column `seeds` says how many are recorded, and the second data set
# is trained for half the epochs, since a run of the port takes minutes):

# %% tags=["remove-cell"]
engines = datasets.results("engines")

# %% mystnb={"figure": {"caption": "EPR and AUPRC ratio of single runs of each engine, one dot per seed; the bar is the mean.", "name": "fig-engines"}, "image": {"alt": "Dots of single runs, plain beside fast, for two data sets and two networks; the clouds overlap"}}
speed.figures.engines(engines)


# %% tags=["remove-input"]
compared = engines.groupby(["data", "network"]).apply(
    speed.compare_engines, include_groups=False
)
display(compared.style.format(precision=3).format(precision=0, subset=["seeds"]))
Markdown(speed.of_engines(compared["p (permutation)"]))

# %% [markdown]
# ## What differs from the paper
#
# - [Ledger 4b](#ledger-4b): the table treats $f_2$ as a function of $x$ alone, which holds only for $K = 1$; with more components the
#   encoder's MLP runs on every entry, and only $f_1$ is tabulated.
# - [Ledger 6](#ledger-6) and [11](#ledger-11): the L1 gradient and RMSprop are computed by hand, with PyTorch's defaults.
# - [Ledger 5](#ledger-5): the variance enters as $\exp$ of the log-variance without the authors' added $10^{-8}$ and $10^{-10}$.
#
# ## Summary
#
# Most of the plain loop's work is avoidable without changing the model: the gene-wise MLPs are curves, the inverse acts on
# noise alone, and two thirds of the epochs leave everything but W at rest. What is left are products of a batch with
# W, which any method with a dense network must pay, and one factorisation of $I - W^\top$ per step on W, which grows with
# $m^3$.
#
# ## Exercises
#
# 1. Why may the table of $f_1$ have other knots at every step without harm? What would go wrong if the range of the
#    knots were fixed and too small?
#
# :::{admonition} Solution
# :class: dropdown
# The table is made anew from the MLP at each step, so knots carry no state; only the error depends on them. Outside a
# fixed range the last cubic would be extrapolated, which runs off with the third power of the distance, where tanh
# would have levelled off.
# :::
#
# 2. Count the operations of a step on W for $m = 821$ and $B = 64$ in the plain port and in the fast engine. What ratio do you expect?
#
# %% tags=["hide-cell"]
B, d, genes_821, knots = 64, 128, 821, ds.Config().n_knots
plain_count = {
    "MLPs": 2
    * 3
    * 2
    * B
    * genes_821
    * d
    * d,  # two MLPs, forward and twice that backward
    "inverse and its gradient": 6 * genes_821**3,
    "products": 3 * 2 * 4 * B * genes_821**2,
}
fast_count = {
    "MLPs": 2 * knots * d * d,
    "LU": 2 / 3 * genes_821**3,
    "solves and products": 2 * genes_821**2 * (2 * B + 2 * (2 * B + 1) + B),
}
pd.Series(
    {"plain": sum(plain_count.values()) / 1e9, "fast": sum(fast_count.values()) / 1e9},
    name="10⁹ operations",
).to_frame()

# %% [markdown]
# 3. With sweeps of $4m^2B$ operations and a factorisation of $\tfrac23 m^3$ at half the speed of a product, from which $m$ on should
#    refinement pay if it needs three sweeps forward and three backward at $B = 64$? Compare with the measurement.
#
# :::{admonition} Solution
# :class: dropdown
# Six sweeps cost $24 m^2 B$, the factorisation $\tfrac43 m^3$ in units of a product: equal at $m = 18 B = 1152$. The
# measured ratio does not fall with $m$ as this predicts. Operations are not time: the triangular solves of a sweep
# have one long side and 64 columns, so they wait for memory, and a factorisation works on blocks that stay in the cache.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %% tags=["remove-input"]
page.footer(adata, seeds=[0])
