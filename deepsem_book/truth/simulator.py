"""Cells with a known W: a modular network with hubs, Hill kinetics with noise, then sequencing.

Expression a of a gene is relative to its own usual level, and y = log a follows in every cell

    dy_j = (P_j exp(-y_j) - 1) dt + √2 σ dB,    log P_j = Σ_i W_ji (2 H(a_i) - 1) + b_j,

a chemical Langevin equation in units of the life time of an RNA. H is the Hill function
aⁿ / (1 + aⁿ), so 2 H(a) - 1 = tanh(n y / 2): a regulator multiplies production by at most exp(±W),
and W[target, regulator] is the truth with its sign. b_j is what differs between cells and stays so
(cell type, and a normal draw, the Z of a SEM): with σ = 0 a cell is the steady state of that.
Its steps are those of SERGIO (Dibaeinia & Sinha, Cell Systems 2020), where regulators add up.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Setting:
    """The knobs of one simulation."""

    n_genes: int = 100  # genes that are seen, TFs among them
    n_cells: int = 1000
    zeros: float = 0.3  # share of zeros among the counts; 0 stands for deep sequencing
    depth_sd: float = 0.5  # of log(RNA caught in a cell)
    normalised: bool = True  # divide by depth; False: depth stays in, as where this fails
    repression: float = 0.3  # share of the edges
    feedback: float = 0.0  # share of the edges between TFs that have an edge back
    hub_exponent: float = 1.0  # a TF is drawn with weight rank^-exponent; 0: no hubs
    hidden: float = 0.0  # share of the TFs that regulate and are not measured
    n_types: int = 1  # cell types: own levels of the TFs that nothing regulates
    tf_share: float = 0.2  # of the genes
    strength: float = 1.5  # Σ|W| of a gene with regulators
    variation: float = 0.7  # sd of b between cells of a type
    noise: float = 0.3  # σ
    hill: float = 2.0  # n


@dataclass(frozen=True)
class Simulated:
    """One data set. The first `n_tfs` genes are TFs."""

    X: Array  # log expression, cells x genes: log(1 + counts at the median depth)
    counts: NDArray[np.integer]  # cells x genes
    W: Array  # the truth, [target, regulator], signed; 0 where there is no edge
    depth: Array  # (cells,), median near 1
    types: NDArray[np.integer]  # (cells,)
    n_tfs: int


def simulate(setting: Setting, seed: int = 0) -> Simulated:
    """Draw a network and cells from it. Raises ValueError for a setting that makes no sense."""
    check(setting)
    rng = np.random.default_rng(seed)
    n_tfs = max(2, round(setting.tf_share * setting.n_genes))
    n_hidden = round(setting.hidden * n_tfs / (1 - setting.hidden))  # beside those that are seen
    W = network(setting.n_genes + n_hidden, n_tfs + n_hidden, setting, rng)
    types = rng.integers(setting.n_types, size=setting.n_cells)
    y = log_expression(W, n_tfs + n_hidden, types, setting, rng)
    seen = np.sort(rng.permutation(n_tfs + n_hidden)[:n_tfs])  # random TFs are hidden, also hubs
    seen = np.r_[seen, np.arange(n_tfs + n_hidden, len(W))]
    depth = np.exp(setting.depth_sd * rng.normal(size=setting.n_cells))
    counts = sequence(y[:, seen], depth, setting.zeros, rng)
    X = np.log1p(counts / depth[:, None] if setting.normalised else counts)
    return Simulated(X, counts, W[np.ix_(seen, seen)], depth, types, n_tfs)


def check(setting: Setting) -> None:
    shares = ("zeros", "repression", "feedback", "tf_share")
    if setting.n_genes < 4 or setting.n_cells < 2 or setting.n_types < 1:
        raise ValueError(f"at least 4 genes, 2 cells and 1 type are needed; got {setting}.")
    if not all(0 <= getattr(setting, name) <= 1 for name in shares) or not 0 <= setting.hidden < 1:
        raise ValueError(f"{', '.join(shares)} lie in [0, 1] and hidden in [0, 1); got {setting}.")


def network(n_genes: int, n_tfs: int, setting: Setting, rng: np.random.Generator) -> Array:
    """W (genes x genes) with 1 to 4 regulators a gene; Σ|W| of a row is `strength`, of a master 0.

    A TF is regulated by TFs of smaller index, so that without feedback W has no loop. Regulators
    of a gene's own module are ten times as likely as others.
    """
    module = rng.integers(max(1, n_genes // 25), size=n_genes)
    popularity = (1.0 + rng.permutation(n_tfs)) ** -setting.hub_exponent
    edge = np.zeros((n_genes, n_genes), dtype=bool)
    for target in range(max(1, n_tfs // 4), n_genes):  # a quarter of the TFs are masters
        n_before = min(target, n_tfs)
        weight = popularity[:n_before] * np.where(module[:n_before] == module[target], 1.0, 0.1)
        n_regulators = min(n_before, 1 + rng.binomial(3, 0.3))
        chosen = rng.choice(n_before, n_regulators, replace=False, p=weight / weight.sum())
        edge[target, chosen] = True
    back = edge[:n_tfs, :n_tfs] & (rng.random((n_tfs, n_tfs)) < setting.feedback)
    edge[:n_tfs, :n_tfs] |= back.T
    sign = np.where(rng.random(edge.shape) < setting.repression, -1, 1)
    W = edge * sign * rng.uniform(0.5, 1.0, edge.shape)
    return setting.strength * W / np.maximum(np.abs(W).sum(axis=1, keepdims=True), 1e-9)


def log_expression(
    W: Array, n_tfs: int, types: NDArray[np.integer], setting: Setting, rng: np.random.Generator
) -> Array:
    """y (cells x genes) after eight life times; a cell is a trajectory of its own."""
    b = setting.variation * rng.normal(size=(len(types), len(W)))
    level = rng.normal(size=(setting.n_types, n_tfs)) * (setting.n_types > 1)
    b[:, :n_tfs] += np.where(W[:n_tfs].any(axis=1), 0.0, level[types])
    dt, y = 0.1, b.copy()
    for _ in range(80):
        production = np.exp(np.tanh(setting.hill / 2 * y[:, :n_tfs]) @ W[:, :n_tfs].T + b)
        y += (production * np.exp(-y) - 1) * dt  # Euler-Maruyama
        y += np.sqrt(2 * dt) * setting.noise * rng.normal(size=y.shape)
    return y


def sequence(y: Array, depth: Array, zeros: float, rng: np.random.Generator) -> NDArray[np.integer]:
    """Counts (cells x genes) of which a share `zeros` is 0 on average (at least 1 in 1000).

    Gene means are log-normal. RNA that is caught by chance from a Poisson number is Poisson again,
    so library size and capture are one factor, `depth`.
    """
    rate = np.exp(y + rng.normal(size=y.shape[1])) * depth[:, None]
    low, high = -20.0, 20.0  # log of the scale, bisected
    for _ in range(50):
        scale = (low + high) / 2
        too_shallow = np.exp(-rate * np.exp(scale)).mean() > max(zeros, 1e-3)
        low, high = (scale, high) if too_shallow else (low, scale)
    return rng.poisson(rate * np.exp(scale))
