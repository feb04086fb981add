"""What the page's JavaScript must compute: the same steps by the package, in double precision."""

from dataclasses import asdict

import numpy as np
import torch

from deepsem_minimal import sem
from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM
from deepsem_minimal.train import backward, initial_W, step_on_W

N_GENES, N_CELLS, N_STEPS = 7, 40, 20


def linear() -> tuple[dict, list]:
    """A covariance, and W after each of the numbers of steps, by `fit_linear_sem`."""
    truth = sem.random_network(N_GENES, seed=3)
    X = sem.simulate_linear(truth, 300, seed=3)
    S = np.cov(X, rowvar=False, bias=True)
    Ws = [sem.fit_linear_sem(X, 0.05, n_steps=n) for n in range(N_STEPS + 1)]
    given = dict(m=N_GENES, X=X.ravel(), S=S.ravel(), truth=truth.ravel(), alpha=0.05)
    losses = [sem.objective(W, S)[0] + 0.05 * np.abs(W).sum() for W in Ws]
    return given, [dict(W=W.ravel(), loss=loss) for W, loss in zip(Ws, losses)]


def draws(seed: int, n_cells: int, batch: int) -> dict[str, list]:
    """An order of the cells for each epoch, and the noise of each step (cells x genes)."""
    rng = np.random.default_rng(seed)
    per_epoch = -(-n_cells // batch)
    orders = [rng.permutation(n_cells) for _ in range(-(-N_STEPS // per_epoch))]
    sizes = [min(batch, n_cells - i) for _ in orders for i in range(0, n_cells, batch)]
    return dict(orders=orders, noises=[rng.normal(size=(n, N_GENES)) for n in sizes[:N_STEPS]])


def deepsem(config: Config, monkeypatch) -> tuple[dict, list[dict]]:
    """What both sides start from, and what the package has after each step of its own loop."""
    torch.set_default_dtype(torch.float64)
    try:
        generator = torch.Generator().manual_seed(1)
        W = initial_W(N_GENES, config.W_init, generator)
        model = DeepSEM(config, W, generator).double()
        rng = np.random.default_rng(2)
        x = torch.from_numpy(rng.normal(size=(N_CELLS, N_GENES)))
        keep = torch.from_numpy((rng.random((N_CELLS, N_GENES)) < 0.7).astype(float))
        kept = keep if config.reconstruct == "nonzero" else None
        drawn = draws(4, N_CELLS, config.batch_size)
        given = dict(m=N_GENES, config=asdict(config), X=x.ravel(), P=named(model), **drawn)
        given |= {"keep": keep.ravel() if kept is not None else None}
        return given, list(steps(model, x, kept, config, drawn, monkeypatch))
    finally:
        torch.set_default_dtype(torch.float32)


def named(model: DeepSEM) -> dict[str, np.ndarray]:
    return {name: p.detach().numpy().ravel().copy() for name, p in model.named_parameters()}


def steps(model, x, keep, config, drawn, monkeypatch):
    """The package's steps on the fixed draws; `train` draws in float32, so its loop stands here."""
    noises = iter(drawn["noises"])
    monkeypatch.setattr(torch, "randn", lambda *_, **__: torch.from_numpy(next(noises)))
    mlps = torch.optim.RMSprop([p for n, p in model.named_parameters() if n != "grn.W"], config.lr)
    average, done = torch.zeros_like(model.grn.W), 0
    for epoch, order in enumerate(drawn["orders"]):
        on_W = epoch % (config.K1 + config.K2) >= config.K1
        model.requires_grad_(not on_W)
        model.grn.W.requires_grad_(on_W)
        mlps.param_groups[0]["lr"] = config.lr * config.lr_decay**epoch
        scan = model.scan(x, x.new_ones(1, 1)) if on_W else None
        for cells in torch.from_numpy(order).split(config.batch_size):
            if done == N_STEPS:
                return
            part = scan and scan._replace(mu=scan.mu[cells], log_var=scan.log_var[cells])
            kept = None if keep is None else keep[cells]
            mse, kl = backward(model, x[cells], kept, part, config, 1.0, None).tolist()
            pivot = model.inverse_grn.factor.smallest_pivot()
            if on_W:
                step_on_W(model, average, config)
            else:
                mlps.step()
                mlps.zero_grad()
            done += 1
            yield dict(mse=mse, kl=kl, pivot=pivot, onW=on_W, P=named(model))
