"""What a trained member computes: its curves, variances and prior, and draws of its KL term."""

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd
import torch
from anndata import AnnData

from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM, GeneMLP
from deepsem_minimal.preprocess import Expression, standardise
from deepsem_minimal.train import Member, initial_W

INPUTS = {  # the curves of a member, and what each is a function of
    "f₂: head of μ": "x",
    "f₂: head of log σ²": "x",
    "f₁": "h",
    "f₁(f₂(x)), no noise": "x",
}


BIASES: tuple[Literal["random", "zero"], ...] = ("random", "zero")


def setting(adata: AnnData, n_epochs: int) -> tuple[Expression, dict[str, Config]]:
    """What chapter 3 trains on: standardised cells, and a Config by the bias of the encoder.

    The penalty on one weight is α/m². The preset's 100 is for some 800 genes; fewer genes get the
    same penalty on each weight.
    """
    alpha = 100 * min(1.0, adata.n_vars / 800) ** 2
    configs: dict[str, Config] = {
        bias: Config.nonspecific(n_epochs=n_epochs, alpha=alpha, encoder_bias=bias)
        for bias in BIASES
    }
    return standardise(np.asarray(adata.X)), configs


Arrays = tuple[np.ndarray, ...]


def weights_of(model: DeepSEM) -> tuple[Arrays, Arrays, Arrays]:
    """f₂ with its head of μ, f₂ with that of log σ², and f₁, as A1, b1, A2, b2, A3, b3.

    Each is x (n, inputs) -> tanh(tanh(x A1 + b1) A2 + b2) A3 + b3 (n, 1).
    """

    def arrays(mlp: GeneMLP, head: int) -> Arrays:
        linear = [mlp.body[0], mlp.body[2], mlp.heads[head]]
        return tuple(p.detach().numpy().T for layer in linear for p in layer.parameters())

    return arrays(model.f2, 0), arrays(model.f2, 1), arrays(model.f1, 0)


def prior_arrays(model: DeepSEM) -> tuple[np.ndarray, np.ndarray]:
    """Mean and log-variance (1, genes) of the prior before the GRN layer."""
    with torch.no_grad():
        mu, log_var = model.prior(torch.ones(1, 1, dtype=model.grn.W.dtype))
    return mu.numpy(), log_var.numpy()


def curves_of(member: Member, bias: str, state: str) -> pd.DataFrame:
    """f₂, f₁ and their composition on -3 to 3: bias, seed, state, x, part, input, y."""
    model = member.model
    v = torch.linspace(-3, 3, 121)[:, None]
    with torch.no_grad():
        two = model.f2(torch.cat([v, torch.ones_like(v)], 1) if model.sees_y else v)
        ys = [two[:, 0], two[:, 1], model.f1(v)[:, 0], model.f1(two[:, :1])[:, 0]]
    same = {"bias": bias, "seed": member.seed, "state": state, "x": v[:, 0]}
    return pd.concat(
        pd.DataFrame(same | {"part": part, "input": axis, "y": y})
        for (part, axis), y in zip(INPUTS.items(), ys, strict=True)
    )


def curve_distances(curves: pd.DataFrame) -> pd.DataFrame:
    """By bias and part: root mean square distances between curves, and |mean| after training."""
    wide = curves.pivot_table(index=["bias", "part", "x"], columns=["state", "seed"], values="y")
    by_curve = ["bias", "part"]
    moved = (wide["after"] - wide["before"]) ** 2
    between = (wide["after"][0] - wide["after"][1]) ** 2
    return pd.DataFrame(
        {
            "change by training": np.sqrt(moved.groupby(by_curve).mean()).mean(axis=1),
            "seed 0 against seed 1": np.sqrt(between.groupby(by_curve).mean()),
            "|mean|": wide["after"].groupby(by_curve).mean().abs().mean(axis=1),
        }
    ).round(2)


def both_variances(member: Member, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log-variance by propagation and by the code (ledger 2), both (cells x genes).

    X: standardised expression (cells x genes, float32).
    """
    model, W = member.model, member.W
    with torch.no_grad():
        scan = model.scan(torch.from_numpy(X), torch.ones(1, 1))
        code = model.posterior(scan)[1].numpy()
    propagated = np.exp(scan.log_var.numpy()) @ ((np.eye(len(W)) - W) ** 2).T
    return np.log(propagated), code


def prior_over_genes(members: Mapping[str, Member]) -> dict[str, dict[str, np.ndarray]]:
    """Mean and sd of the prior of each gene, by what it is and then by the state of the member."""
    means, sds = {}, {}
    for state, member in members.items():
        model = member.model
        with torch.no_grad():
            mu, log_var = map(model.grn, model.prior(torch.ones(1, 1)))
        means[state] = mu.numpy().ravel()
        sds[state] = np.exp(0.5 * log_var.numpy()).ravel()
    return {"mean of the prior": means, "sd of the prior": sds}


def kl_draws(model: DeepSEM, x: torch.Tensor, n: int) -> tuple[np.ndarray, float]:
    """`n` one-sample estimates of the KL term of a batch (cells x genes), and its closed form."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        scan = model.scan(x, x.new_ones(1, 1))
        noises = (torch.randn(x.shape, generator=generator, dtype=x.dtype) for _ in range(n))
        draws = [model.loss(scan, x, None, noise, 1.0).kl.item() for noise in noises]
        closed = model.loss(scan, x, None, torch.zeros_like(x), 1.0, "closed").kl.item()
    return np.array(draws), closed


def kl_table(draws: Mapping[str, tuple[np.ndarray, float]]) -> pd.DataFrame:
    """`kl_draws` by what they were drawn of: closed form, mean of the draws, sd of one draw."""
    rows = {
        name: {"closed form": closed, "mean of the draws": values.mean(), "sd of one": values.std()}
        for name, (values, closed) in draws.items()
    }
    return pd.DataFrame(rows).T.map("{:.4f}".format)


def telling_gene(X: np.ndarray) -> int:
    """The gene that is missing in some cells (15 to 50 %) and best expressed in the others."""
    share = (X == 0).mean(0)
    nonzero = standardise(X, "nonzero")
    often = (share > 0.15) & (share < 0.5)
    return int(np.argmax(np.where(often, nonzero.mean / np.maximum(nonzero.sd, 1e-6), 0)))


def norms_at_start(sizes: Iterable[int], n_draws: int = 3) -> pd.DataFrame:
    """‖(I - W₀)⁻¹‖ for each start of W: columns genes, W_init, norm; a row per draw."""
    rows = []
    for n in sizes:
        for how in ("paper", "authors", "safe"):
            for seed in range(n_draws):
                W = initial_W(n, how, torch.Generator().manual_seed(seed)).double()
                smallest = torch.linalg.svdvals(torch.eye(n, dtype=torch.float64) - W)[-1]
                rows.append({"genes": n, "W_init": how, "norm": 1 / smallest.item()})
    return pd.DataFrame(rows)
