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
# **What does a training of DeepSEM spend its time on, and how much of that does the model need?**

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
from deepsem_book import datasets, page, speed

recorded = datasets.results("speed")
page.say(
    "**At the size of the paper's benchmarks a table in place of the gene-wise networks saves {mlps:.0%} of the authors' running time if it is the last saving, {first:.0%} if it is the first; all savings together make a training {times:.0f} times as fast and change nothing in the model.** "
    "The paper names the inverse of I − Wᵀ as what makes the time grow with the number of genes. It does, but later: a step of the authors' loop takes {port:.0f} ms, with every saving but the table {direct:.0f} ms, with all {fast:.1f} ms.",
    **speed.recorded.answer(recorded),
)

# %% mystnb={"figure": {"caption": "A step of training, 821 genes and 383 cells, medians. From the top each bar has one saving more than the one above it; the last has all but the first.", "name": "fig-speed-answer"}, "image": {"alt": "Bars of milliseconds per step: the authors' loop the longest, with tables for the MLPs a sixth of it, with one solve a tenth of it, with the last savings a little less; without the tables more than half of the authors' loop."}}
speed.figures.answer(speed.recorded.steps(recorded))

# %% [markdown]
# **Key takeaways**
#
# - [The gene-wise MLPs are functions of one number](#fast-table), so a table of a few hundred values replaces
#   millions of small matrix products.
# - [Only noise passes the inverse](#fast-solve), and it needs a linear solve, not an inverse matrix.
# - [What stands still is computed once](#fast-still): while W trains, the encoder and the prior are constants.
# - [It is the same model](#fast-same): the same loss and gradients up to rounding; over ten seeds neither the level nor the
#   spread of the scores is shown to differ.
# - [Columns of W that nobody looks at](#fast-columns) can be left out: faster with many genes, and another model.
# - [On a GPU](#fast-gpu) gradients and scores agree with those of a CPU; with a few hundred genes launching the operations is what takes time there.
#
# **You will be able to** find out what a training step spends its time on, count its floating-point operations, replace a function of one
# variable by a table with a known error, and test that an optimised program computes what the plain one did.
#
# **Before you start**: [chapter 3](03_deepsem_layer_by_layer) and [chapter 4](04_training_and_ensembling).
# **Time**: 40 minutes to read; about a minute to run on two CPU cores.

# %%
import numpy as np
import pandas as pd
import torch

import deepsem_minimal as ds

adata = page.choose("beeline/mDC-500", "sim/nonlinear-100")
page.header(PROFILE, adata)

# %% [markdown]
# `authors_loop.py` is a port of the authors' loop: the MLPs see every entry of the batch, and each step inverts $I - W^\top$.
# It shares no code with `model.py`. The numbers above are its recorded times beside those of the package (`python -m
# deepsem_book.speed.measure`, two threads, in turns), because a profiler makes large temporary arrays expensive and tells another story.
#
# (fast-table)=
# ## A function of one number is a curve
#
# $f_1$ takes one number and returns one; $f_2$ takes one number (for $K = 1$ the cluster input is the constant 1,
# [ledger 4b](#ledger-4b), the constant input) and returns two. The port sends each of the $B \cdot m$ entries of a batch through a
# $128 \times 128$ layer: about $2 \cdot 128^2$ operations an entry, three times that with the backward pass.
#
# A curve can be tabulated. `interpolate` evaluates the MLP at a few hundred knots and takes, between two knots, the cubic
# through the four nearest values. Its error is of order $h^4$ for the value and $h^3$ for the slope, $h$ being the
# distance between knots. Gradients flow through the table: an entry with gradient $g$ at position $t$ of its interval
# adds $g\,t^p$ to the coefficient of $t^p$ (a scatter), and the knots carry the sum into the MLP.

# %%
page.show(ds.engine.interpolate)

# %%
cells = ds.preprocess.standardise(np.asarray(adata.X[:256]))
torch.set_num_threads(1)
member = ds.train(cells, ds.Config.nonspecific(n_epochs=12))
f1 = member.model.double().f1
grid = torch.linspace(-8, 8, 4001, dtype=torch.float64)


def curve_and_slope(f):
    """f and its derivative on the grid."""
    x = grid.clone().requires_grad_()
    y = f(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    return y.detach(), slope


exact, exact_slope = curve_and_slope(lambda x: f1(x.unsqueeze(-1))[:, 0])
rows = []
for n_knots in (8, 16, 32, 64, 128, 256, 512, 1024):
    table, slope = curve_and_slope(
        lambda x, n=n_knots: ds.engine.interpolate(f1, x, n)[:, 0]
    )
    rows.append({
        "knots": n_knots,
        "value": (abs(table - exact).max() / (exact.max() - exact.min())).item(),
        "slope": (abs(slope - exact_slope).max() / abs(exact_slope).max()).item(),
    })  # fmt: skip
errors = pd.DataFrame(rows)

# %% mystnb={"figure": {"caption": "Above: f₁ after twelve epochs and the values at 32 knots. Below: largest error of the cubic table over the range of f₁ (value) and over its largest slope, in double precision. The dotted line is the resolution of float32.", "name": "fig-table-error"}, "image": {"alt": "Above, a smooth increasing curve with dots at the knots; below, the errors of value and slope falling as powers of the number of knots on log axes"}}
speed.figures.table_error(grid.numpy(), exact.numpy(), errors)

# %%
used = errors.set_index("knots").loc[ds.Config().n_knots]
float32 = np.finfo(np.float32).eps
pd.DataFrame({"error": used, "/ resolution of float32": used / float32})

# %% [markdown]
# Below 1 in the last column nothing is lost; what the error of the slope does to gradients stands [below](#fast-same), beside the noise of
# a batch. The MLP now runs on 256 numbers whatever the number of cells and genes. `Config(n_knots=0)` switches the table off. With
# more than one component of the prior the encoder has a second input: then only $f_1$ is tabulated, and much of the gain is lost.
#
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

# %% mystnb={"figure": {"caption": "One value and its gradient: by the inverse, and by one factorisation.", "name": "tab-speed-solves"}}
m = adata.n_vars
W = speed.initial_W(m, "authors", torch.Generator().manual_seed(0))
b = torch.randn(64, m, generator=torch.Generator().manual_seed(1))


def inverse_and_its_gradient() -> None:
    weights = W.clone().requires_grad_()
    (b @ torch.inverse(torch.eye(m) - weights.T)).sum().backward()


def factor_and_two_solves() -> None:
    factor = ds.engine.Factor()
    u = factor.solve(W, b)
    factor.solve(W, u, transposed=True).T @ u


costs = pd.Series({
    "inverse, product and gradient": speed.milliseconds(inverse_and_its_gradient),
    "LU, two solves and gradient": speed.milliseconds(factor_and_two_solves),
})  # fmt: skip
costs.to_frame("milliseconds").round(1)

# %% [markdown]
# (fast-still)=
# ## What stands still is computed once
#
# In two epochs of three only W trains ([ledger 10](#ledger-10), alternation). Then $f_2$, and with it $h$ of every cell, and the prior's
# vectors do not change: `train` scans all cells once before those epochs. What the loss needs of the GRN layer, three blocks of rows, goes
# through one product with W:

# %%
page.show(ds.DeepSEM.loss)

# %% [markdown]
# The L1 term of Eq. 7 has the gradient $\alpha\,\mathrm{sign}(W)/m^2$, which needs no batch and no autograd. RMSprop makes
# half a dozen passes over the $m^2$ entries of W, its gradient and the running mean of squares; done block by block, a
# block stays in the cache for all of them.
# The GRN layer and its inverse both add to the gradient of W. They do it in one array, where autograd would hold their parts side by side
# (`engine.gradient_of_W`).

# %%
page.show(ds.engine.rmsprop_l1_)

# %% [markdown]
# The members of an ensemble share nothing: one thread for each of two members wastes less than two threads for one. `train_ensemble`
# runs as many at a time as there are cores, in threads of one process (PyTorch releases Python's lock while it computes). If you set the
# number of threads yourself, set it again after your first `sc.pp.neighbors`: numba, which it calls, sets it for the whole process.
#
# (fast-measured)=
# ## Measured

# %% mystnb={"figure": {"caption": "Milliseconds per step of the port (plain) and of the package (fast), measured in turns in one process, medians over repeats.", "name": "tab-speed-pairs"}}
speed.recorded.pairs(recorded).round(1)

# %% mystnb={"figure": {"caption": "The savings one after another, in turns in one process: each row has those above it too. Between the port and the next row also lies the rest of the rewriting, such as one pass through the GRN layer in place of four.", "name": "tab-speed-stages"}}
speed.recorded.stages(recorded).round(1)

# %% [markdown]
# How to read it: at this size the tables are most of the gain, and the blocks hardly any: W is small beside what the rest of a step moves. The
# ratio to the port depends on the processor: this table and the one above it come from two. In another order the factors would be others: taken last, the tables save the
# difference to the lowest bar of the first figure.
#
# Not every idea paid. Old factors of $I - W^\top$ nearly solve the present system, and iterative refinement corrects the rest; its sweeps wait
# for memory longer than a new factorisation takes. One batch of ten members is slower than ten in turns.

# %% mystnb={"figure": {"caption": "What was tried: seconds with and without each idea. Kept where it takes less time.", "name": "tab-speed-ideas"}}
speed.recorded.ideas(recorded).round(2)

# %% [markdown]
# ### Growth with genes and with cells
#
# As in Supplementary Figs. 3 and 4 of the paper, for the port and the package:

# %% mystnb={"figure": {"caption": "Above: seconds per step against the number of genes, 384 cells. Below: seconds per epoch against the number of cells, 500 genes. Log axes; the slope is the exponent.", "name": "fig-growth"}, "image": {"alt": "Two panels on log axes, one above the other; the plain port lies more than ten times above the fast engine in both"}}
genes, of_cells = (recorded[recorded["section"] == name] for name in ("genes", "cells"))
speed.figures.growth(genes, of_cells)

# %% mystnb={"figure": {"caption": "Exponents of the lines above. At small sizes the MLPs, linear in genes, hide the cubic part.", "name": "tab-speed-growth"}}
speed.recorded.growth(recorded).round(2)

# %% [markdown]
# Here the paper is right: with many genes the time grows much faster than they do, in both programs, and without the MLPs most steeply at the last
# doubling.
#
# (fast-peers)=
# ### Beside its successors
#
# DAZZLE {cite:p}`zhu2024dazzle` (DeepSEM's model, trained with added zeros) and RegDiffusion {cite:p}`zhu2024regdiffusion` (guess the noise
# that was added to a cell) were built to be fast, and the means of
# this page make them faster without another model. The MLPs of DAZZLE see one number each, so a table can stand in for
# them, too. RegDiffusion makes 15 features of each gene, multiplies them with $I - A$ and only then projects them to one
# value,
#
# $$\hat x = \big((I - A)^\top H\big)\, w + b = (I - A)^\top (H w) + b ,$$
#
# with $H$ genes × features and $w$ the weights of its last layer: projecting first gives the same result for a fifteenth of the
# work. "As packaged" is the release without that (RegDiffusion 0.2.3, grn-dazzle 0.0.2). Wall time on two threads; [chapter
# 9](09_after_deepsem) has CPU time, which a second thread does not shorten, so ratios differ.

# %% mystnb={"figure": {"caption": "Time of a training at default settings on mDC (TFs + 500 genes), DeepSEM with one seed = 1, measured in turns: a part of each training, scaled to the whole.", "name": "tab-speed-peers"}}
relative = speed.relative_times(recorded, "DeepSEM, 1 seed")
relative.agg(["median", "min", "max"]).T.sort_values("median").round(2)

# %% [markdown]
# (fast-same)=
# ## Is it the same model?
#
# Copy the parameters of one into the other, fix the noise, and compare loss and gradients.

# %%
config = ds.Config.nonspecific()
x_all = torch.as_tensor(cells.X)
generator = torch.Generator().manual_seed(3)
fast = ds.DeepSEM(config, speed.initial_W(m, "authors", generator), generator)
plain = speed.PlainVAE(fast.grn.W.detach().numpy(), 128)
same = {
    fast.f2.body: plain.q_body, fast.f2.heads[0]: plain.q_mu, fast.f2.heads[1]: plain.q_log_var,
    fast.prior.mu: plain.p_mu, fast.prior.log_var: plain.p_log_var,
    fast.f1.body: plain.p_x[:4], fast.f1.heads[0]: plain.p_x[4],
}  # fmt: skip
for ours, theirs in same.items():
    theirs.load_state_dict(ours.state_dict())
noise = torch.randn(64, m, generator=generator)


def loss_of_port(x):
    """Its loss; the gradients are left in its parameters."""
    plain.zero_grad()
    mse, kl, _ = plain(x, None, noise, beta=1.0)
    (mse + kl).backward()
    return (mse + kl).item()


def difference(a, b):
    return ((a - b).norm() / b.norm()).item()


x = x_all[:64]
loss = fast.loss(fast.scan(x, torch.ones(1, 1)), x, None, noise, beta=1.0).elbo
loss.backward()
fast.grn.W.grad.fill_diagonal_(0)  # masked in the port, reset after the step here
apart = {"loss": abs(loss.item() / loss_of_port(x) - 1)}
gradients = {
    "W": (fast.grn.W, plain.A), "f₁": (fast.f1.body[2].weight, plain.p_x[2].weight),
    "f₂": (fast.f2.body[2].weight, plain.q_body[2].weight),
    "the prior": (fast.prior.mu[2].weight, plain.p_mu[2].weight),
}  # fmt: skip
for name, (ours, theirs) in gradients.items():
    apart[f"gradient of {name}"] = difference(ours.grad, theirs.grad)
one_batch = plain.A.grad.clone()
loss_of_port(x_all[-64:])  # other cells, the same noise
apart["the port's gradient of W, another 64 cells"] = difference(
    plain.A.grad, one_batch
)
pd.Series(apart, name="relative difference").to_frame().style.format("{:.1e}")

# %% [markdown]
# How to read it: the last row is what a batch's choice of cells does; differences far below it cannot matter for a training.
#
# The random streams differ, so single runs differ; the distributions over seeds must not, neither in level nor in spread. Ten seeds of each
# engine on two data sets (`python -m deepsem_book.speed.compare_engines`; the second with half the epochs, since a run of the port takes
# minutes):

# %% mystnb={"figure": {"caption": "EPR (above) and AUPRC ratio of single runs of each engine, one dot per seed; the bar is the mean.", "name": "fig-engines"}, "image": {"alt": "Dots of single runs, plain beside fast, for two data sets and two networks; the clouds overlap, and on mDC one dot of the fast engine lies far below the others, on both networks"}}
engines = datasets.results("engines")
speed.figures.engines(engines)

# %% tags=["full-width"] mystnb={"figure": {"caption": "Level and spread of both engines over seeds; p after Holm over all tests of the table.", "name": "tab-speed-engines"}}
speed.benchmark_table.named(speed.compare_engines(engines).round(2))

# %% [markdown]
# No test tells them apart, which so few seeds do not prove; the equality of loss and gradients above says more. One run of the package on
# mDC fell to chance on STRING and far below the others on ChIP-seq (*lowest, fast*), and no run of the port did. Such runs occur with other starts, too: they are what
# [an ensemble](04_training_and_ensembling) is for, and a dead member can be [seen without a truth](13_your_own_data).

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
# **But it is another model.** The columns nobody looks at can take up what many genes share; without them the TFs' columns must. (Is it
# {term}`depth`? Taking that off beforehand does not replace them, as a table below shows.) A compromise lets the other genes back in as *groups*: a row of $S$ then sums the genes
# of a group, which have one column in common. Nothing else changes, and with $S = I$ it is the model of the paper.

# %% mystnb={"figure": {"caption": "A network of 12 genes, 4 of them TFs. Left: all columns. Middle: the columns of the TFs (blue) and one for each of two groups of other genes (orange). Right: what is factorised, the rows of the TFs and the sums of the rows of each group.", "name": "fig-fast-columns"}, "image": {"alt": "Three blocks: a square with four blue and eight grey columns, a narrow block with four blue and two orange columns, and a small square of six rows and six columns"}}
speed.few_regulators.columns()

# %% [markdown]
# With every gene as a regulator the layer must give what it gave before; with few, what the dense inverse of the whole network
# gives. Value and gradient of W, with 64-bit numbers:

# %%
regulators = adata.var["tf"].to_numpy()
part = ds.preprocess.columns_of(cells, regulators, nuisance=20)
S = torch.eye(int(part.max()) + 1, dtype=torch.double)[part, 1:].T
few = speed.initial_W(
    len(part), "safe", torch.Generator().manual_seed(0), part
).double()
few.requires_grad_(True)
z = torch.as_tensor(cells.X[:64], dtype=torch.double)
solved = ds.engine.Solve.apply(few, z, ds.engine.Factor(), part)
inverted = z @ torch.linalg.inv(torch.eye(len(part), dtype=torch.double) - (few @ S).T)
gradients = [torch.autograd.grad(u.square().sum(), few)[0] for u in (solved, inverted)]
{
    "genes, columns": tuple(few.shape),
    "value": (solved - inverted).abs().max().item(),
    "gradient": (gradients[0] - gradients[1]).abs().max().item(),
}

# %% [markdown]
# What does it cost in accuracy? Scores of BEELINE with columns for the TFs and k groups over those of the full model of the same seed,
# recorded by `deepsem_book.beeline.measure_few_regulators`:

# %% tags=["remove-input"]
few = speed.few_regulators.with_full(
    datasets.results("few_regulators"),
    datasets.results("beeline"),
    datasets.results("own"),
)
page.say(
    "With {groups} groups the EPR is {nonspecific} times that of the full model with the non-specific preset ({nonspecific_seeds} seeds), {specific} "
    "times with the specific one ({specific_seeds}), and {own} times with the one for own data ({own_seeds}), in {benchmarks} benchmarks. Of the "
    "AUPRC ratio {auprc} is left (non-specific). Without groups the EPR is {alone} times. "
    "Before the measurement the aim was set at 0.97 with an interval above 0.92.",
    **speed.few_regulators.answer(few, groups=20),
)

# %% mystnb={"figure": {"caption": "EPR and AUPRC ratio with k groups over those of the full model: mean over benchmarks and 95 % interval over sets of cells; seeds: the fewest behind a benchmark. nonspecific, specific: the paper's presets; own: the preset for own data.", "name": "tab-fast-few"}}
speed.few_regulators.both_metrics(few)

# %% [markdown]
# k-means of expression is one way to make groups. Others, with the non-specific preset: 20 groups of equal size by the share of cells in
# which a gene is seen, or drawn at random; no groups, but depth regressed out of every gene before the training; no groups, but
# {term}`hubs <hub>` corrected in |W| after it, as [chapter 8](08_what_epr_rewards) derives (`deepsem_book.beeline.measure_nuisance`):

# %% mystnb={"figure": {"caption": "EPR with other kinds of nuisance over EPR of the full model, as in the table before.", "name": "tab-fast-kinds"}}
kinds = speed.few_regulators.kinds(datasets.results("nuisance"), few)
kinds.set_index("nuisance").round(3)

# %% [markdown]
# Groups drawn at random are not shown to be worse than k-means, so how the other genes are grouped is not shown to matter. Taking {term}`depth`
# off beforehand is not shown to do what they do: its mean is near that without groups.
#
# So some groups are needed, and more than five are not shown to add anything. Where the truth is known ([a whole genome](13_your_own_data) has the table)
# a little is lost over all settings, and nothing that could be seen at the largest number of genes. Since it is a little, the
# command `deepsem infer` advises `--nuisance 20` above 3,000 genes and does not take it by itself.
#
# What it saves: CPU seconds of one step on W (medians, one thread; *products* are the factorisation, solves and matrix products of a step by
# themselves). In the first row all genes regulate, as in the paper.

# %% tags=["full-width"] mystnb={"figure": {"caption": "CPU seconds of one step on W, of its matrix products alone, and of a step of the full model (dense).", "name": "tab-fast-steps"}}
few_steps = speed.few_regulators.steps(datasets.results("genome"))
few_steps.set_index("n_genes").style.format(precision=3, na_rep="not measured")

# %% [markdown]
# Whole networks by number of genes, 1,000 made-up cells, 1,500 TFs and 20 groups, one thread. A member was measured for one alternation
# and scaled to all epochs, RegDiffusion {cite:p}`zhu2024regdiffusion` for a few steps, GRNBoost2 for a few targets:

# %% tags=["full-width"] mystnb={"figure": {"caption": "CPU minutes of a network by number of genes, and the largest memory of the process that trains one member, or ten in turn, or RegDiffusion. It was not run at 20,000 genes, where its memory, which grows with their square, would not have fitted the machine. All times but the correlation's are extrapolated from a part.", "name": "tab-fast-scale"}}
scaled = speed.few_regulators.scale(datasets.results("genome"))
scaled.set_index("n_genes").style.format(precision=2, na_rep="not measured")

# %% tags=["remove-input"]
page.say(
    "A whole member of {genes:,.0f} genes took {minutes:.0f} minutes on {threads} threads and {gigabytes:.1f} GB. RegDiffusion at its defaults would take "
    "{rival:.0f} times the CPU time of a member. Over these sizes a member's time grows with the number of genes to "
    "the power of {power:.2f} (least squares).",
    power=speed.few_regulators.exponent(scaled),
    **speed.few_regulators.largest(datasets.results("genome"), scaled),
)

# %% [markdown]
# Faster, and how good? EPR of a single training of each on the matrix with the most genes ([chapter 9](09_after_deepsem) has all
# matrices):

# %% mystnb={"figure": {"caption": "EPR on hHEP (TFs + 1,000 genes), mean ± standard deviation over seeds, by network; DeepSEM with the paper's preset for each.", "name": "tab-fast-regdiffusion"}}
speed.few_regulators.beside_regdiffusion(
    few, datasets.results("beeline"), "beeline/hHEP-1000"
)

# %% [markdown]
# With ten times the cells. RegDiffusion takes the same number of steps whatever the number of cells, so with few genes it is the faster one
# here. GRNBoost2 ends a target when nothing is gained any more, so a few targets give its order of magnitude only:

# %% tags=["full-width"] mystnb={"figure": {"caption": "The same for 10,000 cells, where an epoch of DeepSEM has ten times the batches and the cells are made dense in pieces.", "name": "tab-fast-cells"}}
many_cells = speed.few_regulators.scale(datasets.results("genome"), n_cells=10_000)
many_cells.set_index("n_genes").style.format(precision=2, na_rep="not measured")

# %% [markdown]
# `ds.fit(adata, config, regulators=names, nuisance=20)` trains it; without `regulators` all genes regulate, as in the paper.
#
# (fast-gpu)=
# ## On a GPU
#
# Recorded on one card by `scripts/gpu_check.sh`; a card of yours gives other times.

# %% mystnb={"figure": {"caption": "DeepSEM on one GPU: whether it computes what the CPU does, and one whole training at the size of a genome beside RegDiffusion's at its defaults.", "name": "tab-fast-gpu-answer"}}
gpu = datasets.results("gpu")
speed.gpu_tables.answer(gpu)

# %% [markdown]
# The same seed is not the same noise on both devices, and on a GPU sums are added up in changing order, so W differs between two runs in its last
# digits. Thirteen epochs of made-up cells:

# %% mystnb={"figure": {"caption": "Seconds of thirteen epochs on one GPU, by number of genes and cells, and the most memory that one member takes of the card.", "name": "tab-fast-gpu"}}
speed.gpu_tables.trainings(gpu).style.format(precision=2, na_rep="not measured")

# %% [markdown]
# At a few hundred genes the fast engine gains little over the port: a step is too small to fill the card, and what counts is the number of
# operations that Python launches. Two remedies are known: launch a whole step at once, as a *CUDA graph*, and do the algebra of ten members in one
# batch.

# %% mystnb={"figure": {"caption": "Milliseconds of a step of 64 cells launched operation by operation and replayed as a CUDA graph, and of the factorisation, solves and gradient of ten members in turn and in one batch.", "name": "tab-fast-gpu-steps"}}
speed.gpu_tables.steps(gpu)

# %% [markdown]
# A graph saves more than half of a step on the MLPs, whose many small operations hardly occupy the card, and less of a step on W, where the
# factorisation is the work; a batch of ten saves less again as the matrices grow. The package does neither: a graph
# needs batches of one size in memory that stays where it is, and the training loop would be about that.
#
# ## What differs from the paper
#
# - [Ledger 4b](#ledger-4b), the constant input: the table treats $f_2$ as a function of $x$ alone, which holds only for $K = 1$.
# - [Ledger 6](#ledger-6), the L1 term, and [11](#ledger-11), the optimiser: computed by hand, with PyTorch's defaults.
# - [Ledger 5](#ledger-5), the KL term: the variance enters without the authors' added $10^{-8}$ and $10^{-10}$.
#
# ## Summary
#
# - At the size of the paper's benchmarks most of the plain loop's time is the gene-wise MLPs, and they are curves.
# - The inverse acts on noise alone: one factorisation and two solves take its place. With thousands of genes it is what is left.
# - Two thirds of the epochs leave everything but W at rest.
#
# ## Exercises
#
# **1. Judge (5 minutes). Moving knots.** Why may the table of $f_1$ have other knots at every step without harm? What would go wrong if the
# range of the knots were fixed and too small?
#
# :::{admonition} Solution
# :class: dropdown
# The table is made anew from the MLP at each step, so knots carry no state; only the error depends on them. Outside a
# fixed range the last cubic would be extrapolated, which runs off with the third power of the distance, where tanh
# would have levelled off.
# :::
#
# **2. Check (15 minutes). Count the operations** of a step on W for $m = 821$ and $B = 64$ in the port and in the package. Which share of the
# port's are the MLPs?

# %% tags=["hide-cell"]
B, d, m_821, knots = 64, 128, 821, ds.Config().n_knots
count = pd.DataFrame({
    "port": {
        "MLPs": 2 * 3 * 2 * B * m_821 * d * d,  # two, forward and twice that backward
        "inverse or LU": 6 * m_821**3,
        "products and solves": 3 * 2 * 4 * B * m_821**2,
    },
    "package": {
        "MLPs": 2 * knots * d * d,
        "inverse or LU": 2 / 3 * m_821**3,
        "products and solves": 2 * m_821**2 * (2 * B + 2 * (2 * B + 1) + B),
    },
})  # fmt: skip
(count / 1e9).round(2).join(
    (count["port"] / count["port"].sum()).round(2).rename("share")
)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# By count about two thirds are the MLPs, which lies between what the clock says of the table as the last and as the first saving. Operations
# are not time: small and thin products wait for memory.
# :::
#
# **3. Change (10 minutes). Fewer knots.** Train with 16 knots and with 256, the same seed. How well do the two W agree?

# %% tags=["hide-cell"]
short = {"n_epochs": 30, "W_init": "safe"}
by_knots = {
    n: ds.train(cells, ds.Config.nonspecific(n_knots=n, **short)) for n in (16, 256)
}
agreement = np.corrcoef(by_knots[16].W.ravel(), by_knots[256].W.ravel())[0, 1]
agreement.round(4)

# %% [markdown]
# :::{admonition} Solution
# :class: dropdown
# Read the correlation beside that of two seeds in [chapter 4](04_training_and_ensembling): few knots disturb W less than another seed does.
# :::
#
# ## References
#
# ```{bibliography}
# :filter: docname in docnames
# ```

# %%
page.footer(adata, seeds=[0])
