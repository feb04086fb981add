"""scGAN and cscGAN, small: a Wasserstein GAN whose generator ends in a library-size layer.

Marouf et al., Nat. Commun. 2020, doi 10.1038/s41467-019-14018-z: a generator that ends in a ReLU
and a layer that scales every cell to one library size; a critic with gradient penalty (Gulrajani
et al. 2017); for the conditional one, batch normalisation with scale and shift per cell type and a
projection critic (Miyato and Koyama 2018). Smaller here than published, and the critic sees
ln(1 + x). B cells, m genes, C cell types.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


@dataclass(frozen=True)
class GANConfig:
    """Sizes and schedule; the published one has three layers of 256 to 1024 and 10⁶ steps."""

    n_noise: int = 32
    n_hidden: int = 128
    n_steps: int = 400  # of the generator
    n_critic: int = 5  # critic steps per generator step
    penalty: float = 10.0  # weight of the gradient penalty
    lr: float = 5e-4
    lr_last: float = 1.0  # learning rate of the last step, as a share of the first
    batch_size: int = 64
    average: float = 0.0  # decay of a running mean of the generator's weights; 0: none
    library: float = 1e4


class LibrarySize(nn.Module):
    """Scale every cell to one library size: x · library / Σ x."""

    def __init__(self, library: float) -> None:
        super().__init__()
        self.library = library

    def forward(self, x: Tensor) -> Tensor:  # (B, m), x >= 0
        return x * self.library / x.sum(1, keepdim=True).clamp_min(1e-6)


class ConditionalBatchNorm(nn.Module):
    """Batch normalisation with a scale and a shift for each of C classes (C = 1: the usual one)."""

    def __init__(self, n: int, n_classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(n, affine=False)
        self.gain = nn.Parameter(torch.ones(n_classes, n))
        self.shift = nn.Parameter(torch.zeros(n_classes, n))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:  # (B, n), (B,) -> (B, n)
        return self.norm(x) * self.gain[y] + self.shift[y]


class Generator(nn.Module):
    """Noise (B, n_noise) and class (B,) to ln(1 + x) of cells with one library size (B, m)."""

    def __init__(self, n_genes: int, n_classes: int, config: GANConfig) -> None:
        super().__init__()
        sizes = [config.n_noise, config.n_hidden, config.n_hidden]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.norms = nn.ModuleList(ConditionalBatchNorm(b, n_classes) for b in sizes[1:])
        self.last = nn.Linear(sizes[-1], n_genes)
        self.library = LibrarySize(config.library)

    def forward(self, noise: Tensor, y: Tensor) -> Tensor:
        h = noise
        for layer, norm in zip(self.layers, self.norms, strict=True):
            h = torch.relu(norm(layer(h), y))
        return torch.log1p(self.library(torch.relu(self.last(h))))


class Critic(nn.Module):
    """f(x, y) = ψ·φ(x) + e_y·φ(x): the second term is the projection, absent for C = 1."""

    def __init__(self, n_genes: int, n_classes: int, config: GANConfig) -> None:
        super().__init__()
        n = config.n_hidden
        self.phi = nn.Sequential(nn.Linear(n_genes, n), nn.ReLU(), nn.Linear(n, n), nn.ReLU())
        self.psi = nn.Linear(n, 1)
        self.embed = nn.Embedding(n_classes, n) if n_classes > 1 else None

    def forward(self, x: Tensor, y: Tensor) -> Tensor:  # (B, m), (B,) -> (B,)
        h = self.phi(x)
        score = self.psi(h).squeeze(1)
        return score if self.embed is None else score + (self.embed(y) * h).sum(1)


def gradient_penalty(critic: nn.Module, real: Tensor, fake: Tensor, y: Tensor, t: Tensor) -> Tensor:
    """mean (‖∇f‖ - 1)² at the points t·real + (1 - t)·fake, t (B, 1) between 0 and 1."""
    x = (t * real + (1 - t) * fake).detach().requires_grad_(True)
    [slope] = torch.autograd.grad(critic(x, y).sum(), x, create_graph=True)
    return (slope.norm(dim=1) - 1).square().mean()


def critic_loss(
    critic: nn.Module, real: Tensor, fake: Tensor, y: Tensor, t: Tensor, weight: float
) -> Tensor:
    """mean f(fake) - mean f(real) + weight · penalty; y is the class of the real and the fake."""
    gap = critic(fake, y).mean() - critic(real, y).mean()
    return gap + weight * gradient_penalty(critic, real, fake, y, t)


def generator_loss(critic: nn.Module, fake: Tensor, y: Tensor) -> Tensor:
    """-mean f(fake)."""
    return -critic(fake, y).mean()


Watch = Callable[[int, nn.Module], None]  # (step, generator that would draw cells now)


class GAN:
    """A trained generator: `sample(n)` gives log expression (n x genes), one library size."""

    def __init__(self, generator: nn.Module, shares: np.ndarray, config: GANConfig) -> None:
        self.generator, self.shares, self.config = generator.eval(), shares, config

    def sample(self, n: int, seed: int = 0, labels: ArrayLike | None = None) -> np.ndarray:
        """`labels` (n,) are codes of classes; default: drawn with the shares of the training."""
        if n < 1:
            raise ValueError(f"n must be at least 1; got {n}.")
        rng = np.random.default_rng(seed)
        codes = rng.choice(len(self.shares), n, p=self.shares) if labels is None else labels
        noise = torch.randn((n, self.config.n_noise), generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            return self.generator(noise, torch.as_tensor(np.asarray(codes))).numpy()


def train_gan(
    X: np.ndarray,
    labels: ArrayLike | None = None,
    config: GANConfig | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> GAN:
    """scGAN on log expression X (cells x genes), or cscGAN if `labels` (cells,) codes 0 ... C - 1.

    X must have the library size of the config (see `controls.normalised`). `watch` is called after
    each step of the generator. torch's global generator is left as it was. Raises ValueError for
    labels of another length than X.
    """
    config = config or GANConfig()
    codes = np.zeros(len(X), dtype=np.int64) if labels is None else np.asarray(labels, np.int64)
    if len(codes) != len(X):
        raise ValueError(f"{len(codes)} labels for {len(X)} cells.")
    shares = np.bincount(codes) / len(codes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator = Generator(X.shape[1], len(shares), config)
        critic = Critic(X.shape[1], len(shares), config)
        drawing = fit(
            generator, critic, torch.as_tensor(np.asarray(X, np.float32)), codes, config, watch
        )
    return GAN(drawing, shares, config)


def fit(
    generator: nn.Module,
    critic: Critic,
    X: Tensor,
    codes: NDArray[np.int64],
    config: GANConfig,
    watch: Watch | None = None,
) -> nn.Module:
    """The loop: `n_critic` steps of the critic, then one of the generator. Gives what draws cells.

    That is the running mean of the generator where the config asks for one.
    """
    labels, size = torch.as_tensor(codes), min(config.batch_size, len(X))
    adam_g, adam_c = (
        torch.optim.Adam(net.parameters(), lr=config.lr, betas=(0.5, 0.9), fused=True)
        for net in (generator, critic)
    )
    decay = config.lr_last ** (1 / config.n_steps)
    rates = [torch.optim.lr_scheduler.ExponentialLR(adam, decay) for adam in (adam_g, adam_c)]
    mean = get_ema_multi_avg_fn(config.average)
    drawing = AveragedModel(generator, multi_avg_fn=mean, use_buffers=True)
    for step in range(1, config.n_steps + 1):
        for _ in range(config.n_critic):
            rows = torch.randint(len(X), (size,))
            real, y = X[rows], labels[rows]
            fake = generator(torch.randn(size, config.n_noise), y).detach()
            adam_c.zero_grad()
            critic_loss(critic, real, fake, y, torch.rand(size, 1), config.penalty).backward()
            adam_c.step()
        y = labels[torch.randint(len(X), (size,))]
        adam_g.zero_grad()
        fake = generator(torch.randn(size, config.n_noise), y)
        generator_loss(critic, fake, y).backward()
        adam_g.step()
        drawing.update_parameters(generator)
        for rate in rates:
            rate.step()
        if watch is not None:
            watch(step, drawing.module)
    return drawing.module
