"""Sentences of chapter 3 with computed numbers, as Markdown."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from deepsem_minimal.config import Config
from deepsem_minimal.train import Member

from .gradients import NOISELESS, NOISY, REGRESSION, REST, rms, split, within_rows
from .paths import spectral_radius


def zeros(gene: str, values: np.ndarray, ways: Sequence[np.ndarray]) -> str:
    """What a zero of one gene becomes; `ways`: standardised over all cells, over the non-zero."""
    over_all, over_nonzero = (way[values == 0][0] for way in ways)
    return (
        f"The gene is {gene}; {(values == 0).mean():.0%} of its cells hold a zero. Standardised "
        f"over non-zero entries, a zero becomes {over_nonzero:.2f}; over all cells it becomes "
        f"{over_all:.2f}."
    )


def rest(config: Config) -> str:
    """How far the learning rate has decayed at the end."""
    rate = config.lr_decay ** (config.n_epochs - 1)
    return (
        f"Training ran {config.n_epochs} of the preset's {Config.nonspecific().n_epochs} epochs. "
        f"In its last epoch the MLPs' learning rate has decayed to {rate:.0%} of its start, so the "
        "curves have almost come to rest."
    )


def curves(curves: pd.DataFrame, distances: pd.DataFrame) -> str:
    """What training and the bias do to the curves (`curves_of`, `curve_distances`)."""
    odd = {}
    for bias, group in curves[curves["state"] == "before"].groupby("bias"):
        ys = [curve["y"].to_numpy() for _, curve in group.groupby(["part", "seed"])]
        odd[bias] = max(np.abs(y + y[::-1]).max() for y in ys)
    level = distances["|mean|"].xs("f₂: head of log σ²", level="part")
    seeds = distances["seed 0 against seed 1"]["random"]
    return (
        "The table gives root mean square distances between curves over the range drawn (mean over "
        "the seeds), and how far a curve's mean is from zero. Two trained seeds may be far apart "
        f"in f₂ ({seeds['f₂: head of μ']:.2f}) and yet agree on the composition "
        f"({seeds['f₁(f₂(x)), no noise']:.2f}): a damped identity, which returns each gene's own "
        "value drawn towards its mean.\n\n"
        "An odd function has f(−x) = −f(x). Before training, the largest |f(−x) + f(x)| over all "
        f"curves is {odd['zero']:.0e} with zero bias and {odd['random']:.2f} with the random bias. "
        "What the bias changes in the end is the level of the log σ² head: after training it lies "
        f"at ±{level['random']:.2f} with the random bias and at ±{level['zero']:.2f} with zero "
        "bias. The level decides how much noise the decoder has to live with. It is a plausible "
        "reason for the difference in accuracy that ledger 4b reports, but this chapter does not "
        "test it."
    )


def radii(start: Member, trained: Sequence[Member]) -> str:
    """The spectral radius of W before and after training."""
    values = {"at the start": spectral_radius(start.W)}
    values |= {f"after training, seed {m.seed}": spectral_radius(m.W) for m in trained}
    listed = "; ".join(f"{name} {value:.2f}" for name, value in values.items())
    above = sum(value > 1 for value in values.values())
    return (
        f"The spectral radius of W on this page's data: {listed}. In {above} of these "
        f"{len(values)} states it is above 1: DeepSEM does not ask for an acyclic network, nor for "
        "a series that converges. All it needs is that I − Wᵀ is not singular. That seeds end on "
        "both sides of 1 is no accident; chapter 4 follows them."
    )


def variances(logs: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """How far the code's log-variance is from the propagated one, by state."""
    gaps = {state: np.mean(code - true) for state, (true, code) in logs.items()}
    listed = " and by ".join(f"{gap:.2f} {state}" for state, gap in gaps.items())
    return f"On average the model's log-variance exceeds the propagated one by {listed}."


def prior(priors: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """How far the learned prior is from a standard normal one (`prior_over_genes`)."""
    mean, sd = (
        (groups["after training"].std(), groups["before training"].std())
        for groups in priors.values()
    )
    return (
        "On these data the learned prior stays close to a standard normal: its mean varies over "
        f"the genes with a standard deviation of {mean[0]:.3f} after training ({mean[1]:.3f} "
        f"before), its sd with {sd[0]:.3f} ({sd[1]:.3f} before). The input is standardised, so no "
        "gene needs a mean of its own, and the encoder can choose its scale to suit the prior. The "
        "freedom is there; with one cluster it is hardly used."
    )


def gradients(W: np.ndarray, pushes: Mapping[str, Tensor], draws: Sequence[Tensor]) -> str:
    """Where the order of regulators comes from (`gradients_of_W`)."""
    n = len(draws)
    mean_draw = torch.stack(list(draws)).mean(0)
    alike, apart = zip(*(split(push) for push in draws), strict=True)
    mean_alike, mean_apart = split(mean_draw)
    pairs = np.corrcoef([push.ravel() for push in apart])[np.triu_indices(n, 1)]
    regression, variances = (rms(split(pushes[name])[1]) for name in (REGRESSION, REST))
    trained = torch.from_numpy(W).double()
    by_regression, by_draw, by_mean = (
        within_rows(trained, -push) for push in (pushes[REGRESSION], draws[0], mean_draw)
    )
    kept = rms(mean_alike) / np.mean([rms(push) for push in alike])
    return (
        "Without noise, the gradient of the reconstruction is "
        f"{rms(pushes[NOISELESS]) / rms(pushes[NOISY]):.0e} of that with noise: the rounding of "
        "64-bit numbers.\n\n"
        f"With noise, the reconstruction's value for regulators told apart ({rms(apart[0]):.1e}) "
        f"is not small beside the regression's ({regression:.1e}), but it is the noise of one "
        f"draw. The values of two draws correlate at r = {pairs.mean():.2f} (mean over all pairs "
        f"of {n} draws), and the mean over the {n} draws has a size of {rms(mean_apart):.1e}: "
        f"unrelated draws would leave 1/√{n} of one, {rms(apart[0]) / n**0.5:.1e}. What the draws "
        f"do share is the push on all regulators alike, of which the mean keeps {kept:.0%}. So we "
        "see no sign that the reconstruction fits the differences between regulators to the data. "
        "By its form it limits how far W may amplify noise.\n\n"
        "Among the terms that tell regulators apart, the variances in the KL term count for little "
        f"({variances:.0e} against {regression:.0e} for the regression). The differences within "
        "the rows of the trained W correlate with the direction in which the regression pushes at "
        f"r = {by_regression:.2f}: W is large where the regression wants it large, held back by "
        f"the L1 term. With the push of the reconstruction they correlate at r = {by_draw:.2f} "
        f"(one draw) and {by_mean:.2f} (mean of {n})."
    )


def kl_term(small: tuple[np.ndarray, float], real: tuple[np.ndarray, float]) -> str:
    """Draws of the KL term and its closed form: the smallest example, and a real batch."""
    return (
        f"The mean over draws is {small[0].mean():.3f} against {small[1]:.3f} in closed form "
        f"(smallest example), and {real[0].mean():.4f} against {real[1]:.4f} (a real batch). The "
        f"standard deviation of one draw is {small[0].std():.2f} and {real[0].std():.4f}: averaged "
        "over a real batch, the sampled value is close to the closed form. Its *gradient* for one "
        "weight of W averages over the cells of the batch only and is noisier."
    )
