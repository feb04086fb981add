"""The model against formulas written here a second time: loss, gradients, tables, plain port."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from deepsem_book.speed.authors_loop import PlainVAE
from deepsem_minimal import engine
from deepsem_minimal.config import Config
from deepsem_minimal.model import DeepSEM, GeneMLP, GRNLayer, InverseGRNLayer

B, M = 7, 5  # cells and genes of the tiny model


def network(m: int = M, seed: int = 0, scale: float = 0.3) -> torch.Tensor:
    W = scale * torch.randn(
        m, m, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    )
    return W.fill_diagonal_(0)


def tiny(K: int = 1, bias: str = "random", n_knots: int = 0, m: int = M) -> DeepSEM:
    """A float64 model whose biases are not zero, so that a forgotten bias shows."""
    generator = torch.Generator().manual_seed(1)
    config = Config(n_hidden=6, n_components=K, encoder_bias=bias, n_knots=n_knots)
    model = DeepSEM(config, network(m).float(), generator).double()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.3, generator=generator)
    return model


def batch(K: int = 1, m: int = M) -> tuple[torch.Tensor, ...]:
    """x (B, m), y (1 or B, K), keep (B, m), noise (B, m)."""
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(B, m, dtype=torch.float64, generator=generator)
    y = torch.softmax(torch.randn(B, K, dtype=torch.float64, generator=generator), dim=1)
    keep = (torch.rand(B, m, generator=generator) < 0.6).double()
    noise = torch.randn(B, m, dtype=torch.float64, generator=generator)
    return x, (y if K > 1 else torch.ones(1, 1, dtype=torch.float64)), keep, noise


def arrays(model: DeepSEM) -> dict[str, np.ndarray]:
    return {name: p.detach().numpy() for name, p in model.named_parameters()}


def expected(
    model: DeepSEM,
    x: np.ndarray,
    y: np.ndarray,
    keep: np.ndarray | None,
    eps: np.ndarray,
    kl: str,
) -> tuple[float, float]:
    """(reconstruction, KL) by loops over cells and genes and by densities written out."""
    p = arrays(model)
    W = p["grn.W"]
    m = len(W)
    A = np.eye(m) - W.T
    y = np.broadcast_to(y, (len(x), y.shape[1]))

    def mlp(name: str, v: np.ndarray, head: int) -> float:
        h = np.tanh(p[f"{name}.body.0.weight"] @ v + p[f"{name}.body.0.bias"])
        h = np.tanh(p[f"{name}.body.2.weight"] @ h + p[f"{name}.body.2.bias"])
        weight, bias = p[f"{name}.heads.{head}.weight"], p[f"{name}.heads.{head}.bias"]
        return (weight @ h + bias).item()

    def prior(name: str, row: np.ndarray) -> np.ndarray:
        h = np.tanh(p[f"prior.{name}.0.weight"] @ row + p[f"prior.{name}.0.bias"])
        return p[f"prior.{name}.2.weight"] @ h + p[f"prior.{name}.2.bias"]

    def log_density(v: float, mean: float, var: float) -> float:
        return -0.5 * math.log(2 * math.pi * var) - (v - mean) ** 2 / (2 * var)

    squares, divergences = [], []
    for i in range(len(x)):
        seen = [
            np.array([v, *y[i]]) if p["f2.body.0.weight"].shape[1] > 1 else np.array([v])
            for v in x[i]
        ]
        mu = np.array([mlp("f2", v, 0) for v in seen]) @ A
        var = np.exp(np.array([mlp("f2", v, 1) for v in seen]) @ A)
        z = mu + np.sqrt(var) * eps[i]
        h_z = z @ np.linalg.inv(A)
        x_hat = np.array([mlp("f1", np.array([v]), 0) for v in h_z])
        prior_mu, prior_var = prior("mu", y[i]) @ A, np.exp(prior("log_var", y[i]) @ A)
        for j in range(m):
            if keep is None or keep[i, j]:
                squares.append((x[i, j] - x_hat[j]) ** 2)
            if kl == "sample":
                divergences.append(
                    log_density(z[j], mu[j], var[j]) - log_density(z[j], prior_mu[j], prior_var[j])
                )
            else:
                divergences.append(
                    0.5 * math.log(prior_var[j] / var[j])
                    + (var[j] + (mu[j] - prior_mu[j]) ** 2) / (2 * prior_var[j])
                    - 0.5
                )
    return float(np.mean(squares)), float(np.mean(divergences))


@pytest.mark.parametrize("kl", ["sample", "closed"])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("K", "bias"), [(1, "random"), (1, "zero"), (3, "random"), (3, "zero")])
def test_loss_equals_the_formula_written_out(K: int, bias: str, masked: bool, kl: str) -> None:
    model, (x, y, keep, noise) = tiny(K, bias), batch(K)
    loss = model.loss(model.scan(x, y), x, keep if masked else None, noise, 0.7, kl)
    mse, divergence = expected(
        model, x.numpy(), y.numpy(), keep.numpy() if masked else None, noise.numpy(), kl
    )
    assert loss.mse.item() == pytest.approx(mse, rel=1e-12)
    assert loss.kl.item() == pytest.approx(divergence, rel=1e-10)
    assert loss.elbo.item() == pytest.approx(mse + 0.7 * divergence, rel=1e-10)


def test_zero_bias_means_an_encoder_that_does_not_see_y() -> None:
    assert tiny(bias="zero").f2.body[0].in_features == 1
    assert tiny(bias="random").f2.body[0].in_features == 2


def test_sampled_kl_has_the_closed_form_as_its_mean() -> None:
    model, (x, y, _, _) = tiny(), batch()
    with torch.no_grad():
        scan = model.scan(x, y)
        generator = torch.Generator().manual_seed(0)
        noises = torch.randn(4000, B, M, dtype=torch.float64, generator=generator)
        draws = torch.stack([model.loss(scan, x, None, noise, 1.0).kl for noise in noises])
        closed = model.loss(scan, x, None, noises[0], 1.0, "closed").kl
    assert abs(draws.mean() - closed) < 4 * draws.std() / math.sqrt(len(draws))


def test_a_batch_without_entries_to_reconstruct_has_a_finite_loss() -> None:
    model, (x, y, keep, noise) = tiny(), batch()
    loss = model.loss(model.scan(x, y), x, torch.zeros_like(keep), noise, 1.0)
    assert loss.mse.item() == 0 and torch.isfinite(loss.elbo)


@pytest.mark.parametrize("kl", ["sample", "closed"])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("K", [1, 3])
def test_gradient_of_W_equals_finite_differences(K: int, masked: bool, kl: str) -> None:
    """Through the GRN layer, the learned prior, the inverse and the L1 term."""
    model, (x, y, keep, noise) = tiny(K), batch(K)
    W = model.grn.W

    def total() -> torch.Tensor:
        model.inverse_grn.factor.stale = True
        elbo = model.loss(model.scan(x, y), x, keep if masked else None, noise, 0.7, kl).elbo
        return elbo + 3 * W.abs().mean()

    total().backward()
    gradient, step = W.grad.clone(), 1e-5
    for i in range(M):
        for j in range(M):
            if i == j:
                continue
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    W[i, j] += sign * step
                    values.append(total().item())
                    W[i, j] -= sign * step
            assert gradient[i, j].item() == pytest.approx(
                (values[0] - values[1]) / (2 * step), rel=1e-6, abs=1e-8
            )


def test_the_layers_undo_each_other_and_the_factor_follows_W() -> None:
    grn = GRNLayer(network())
    inverse = InverseGRNLayer(grn)
    h = batch()[0]
    torch.testing.assert_close(inverse(grn(h)), h)
    with torch.no_grad():
        grn.W.mul_(0.5)
    inverse.factor.stale = True
    torch.testing.assert_close(inverse(grn(h)), h)


def test_grn_layer_subtracts_the_regulators_of_each_target() -> None:
    """W[target, regulator]: a network of one edge changes the target and nothing else."""
    W = torch.zeros(3, 3)
    W[2, 0] = 0.5  # gene 0 regulates gene 2
    out = GRNLayer(W)(torch.tensor([[1.0, 2.0, 3.0]]))
    assert out.tolist() == [[1.0, 2.0, 2.5]]
    assert InverseGRNLayer(GRNLayer(W))(out).tolist() == [[1.0, 2.0, 3.0]]


def test_solve_gradient_in_float64() -> None:
    W = network().requires_grad_()
    b = batch()[0].requires_grad_()

    def u(W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return engine.Solve.apply(W, b, engine.Factor())

    assert torch.autograd.gradcheck(u, (W, b))


def test_factors_are_kept_until_W_has_moved() -> None:
    W, b = network(), batch()[0]
    factor, eye = engine.Factor(), torch.eye(M, dtype=torch.float64)
    torch.testing.assert_close(engine.Solve.apply(W, b, factor), b @ torch.linalg.inv(eye - W.T))
    moved = 0.5 * W
    torch.testing.assert_close(factor.solve(moved, b), factor.solve(W, b))  # nobody said so
    factor.stale = True
    torch.testing.assert_close(factor.solve(moved, b), b @ torch.linalg.inv(eye - moved.T))


def test_smallest_pivot_sees_a_singular_network() -> None:
    factor = engine.Factor()
    factor.factorise((torch.ones(4, 4) / 3).fill_diagonal_(0))  # row sums 1: I - W is singular
    assert factor.smallest_pivot() < 1e-6
    factor.factorise(0.1 * torch.ones(4, 4).fill_diagonal_(0))
    assert factor.smallest_pivot() > 0.5


def test_cluster_of_gives_a_gumbel_softmax_sample_and_its_divergence() -> None:
    model, (x, *_) = tiny(K=3), batch(3)
    y, divergence = model.cluster_of(x, 0.5, torch.Generator().manual_seed(0))
    torch.testing.assert_close(y.sum(1), torch.ones(B, dtype=torch.float64))
    q = torch.softmax(model.cluster(x), dim=1).detach().numpy()
    assert divergence.item() == pytest.approx(np.mean(np.sum(q * np.log(3 * q), axis=1)))
    hot, _ = model.cluster_of(x.repeat(2000, 1), 0.01, torch.Generator().manual_seed(0))
    shares = hot.detach().view(2000, B, 3).mean(0).numpy()  # at low temperature: samples of q
    np.testing.assert_allclose(shares, q, atol=0.06)


def test_initialisation_is_xavier_normal_with_zero_biases() -> None:
    model = DeepSEM(Config(), network(40).float(), torch.Generator().manual_seed(0))
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            assert not parameter.any()
        elif name != "grn.W":
            fan_out, fan_in = parameter.shape
            sd = math.sqrt(2 / (fan_in + fan_out))
            tolerance = 4 * sd / math.sqrt(2 * parameter.numel())
            assert parameter.std().item() == pytest.approx(sd, abs=tolerance)
    first = model.f2.body[0].weight[:, 1]  # y's weight: the random bias of ledger 4b
    assert first.std().item() == pytest.approx(math.sqrt(2 / 130), rel=0.25)


# --- tables in place of MLPs ---------------------------------------------------------------------


def curve(seed: int = 0) -> GeneMLP:
    torch.manual_seed(seed)
    f = GeneMLP(1, 2, 128).double()
    for parameter in f.parameters():
        if parameter.dim() > 1:
            torch.nn.init.xavier_normal_(parameter)
        else:
            torch.nn.init.normal_(parameter, 0, 0.1)
    return f


def table_errors(n_knots: int) -> tuple[float, float, float]:
    """Largest error of value and slope, and relative error of the gradient of the parameters."""
    f = curve()
    x = torch.linspace(-4, 12, 5001, dtype=torch.float64).reshape(-1, 3).requires_grad_()
    weights = torch.randn(
        *x.shape, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    )
    results = []
    for value in (f(x.unsqueeze(-1)), engine.interpolate(f, x, n_knots)):
        slope = torch.autograd.grad(value.sum(), x, retain_graph=True)[0]
        gradient = torch.autograd.grad((value * weights).sum(), list(f.parameters()))
        results.append((value.detach(), slope, torch.cat([g.flatten() for g in gradient])))
    (value, slope, gradient), (value_t, slope_t, gradient_t) = results
    return (
        (value - value_t).abs().max().item(),
        (slope - slope_t).abs().max().item(),
        ((gradient - gradient_t).norm() / gradient.norm()).item(),
    )


def test_tables_are_accurate() -> None:
    value, slope, gradient = table_errors(256)
    assert value < 1e-6 and slope < 1e-4 and gradient < 1e-5


def test_table_errors_fall_as_the_docstring_says() -> None:
    """Half the distance between knots: value error / 16 (order 4), slope error / 8 (order 3)."""
    coarse, fine = table_errors(128), table_errors(256)
    assert coarse[0] / fine[0] > 12 and coarse[1] / fine[1] > 6


def test_table_reproduces_a_cubic_exactly_and_covers_the_range() -> None:
    x = torch.tensor([[-2.0, 0.3], [1.7, 5.0]], dtype=torch.float64)
    for f in (lambda v: 1 + v - 2 * v**2 + 0.5 * v**3, lambda v: torch.ones_like(v)):
        torch.testing.assert_close(engine.interpolate(f, x, 16)[..., 0], f(x))


def test_table_of_constant_input_is_finite() -> None:
    x = torch.full((3, 2), 1.5, requires_grad=True)
    value = engine.interpolate(curve().float(), x, 64)
    value.sum().backward()
    torch.testing.assert_close(value, curve().float()(x.unsqueeze(-1)), atol=1e-4, rtol=1e-3)
    assert torch.isfinite(x.grad).all()


def test_loss_with_tables_equals_loss_without() -> None:
    x, y, keep, noise = batch()
    direct, tabulated = tiny(n_knots=0), tiny(n_knots=256)
    losses = [m.loss(m.scan(x, y), x, keep, noise, 1.0).elbo for m in (direct, tabulated)]
    for loss in losses:
        loss.backward()
    assert losses[0].item() == pytest.approx(losses[1].item(), rel=1e-7)
    for (name, p), q in zip(direct.named_parameters(), tabulated.parameters(), strict=True):
        assert (p.grad - q.grad).norm() < 1e-5 * p.grad.norm(), name


# --- the plain port of the authors' code ---------------------------------------------------------

NAMES = {  # ours -> plain
    "f2.body": "q_body",
    "f2.heads.0": "q_mu",
    "f2.heads.1": "q_log_var",
    "prior.mu": "p_mu",
    "prior.log_var": "p_log_var",
}


def counterpart(name: str) -> str:
    if name == "grn.W":
        return "A"
    if name.startswith("f1."):
        return name.replace("f1.body", "p_x").replace("f1.heads.0", "p_x.4")
    ours = next(prefix for prefix in NAMES if name.startswith(prefix))
    return name.replace(ours, NAMES[ours])


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("n_knots", [0, 256])
def test_fast_engine_equals_the_plain_port(n_knots: int, masked: bool) -> None:
    m, beta, alpha = 30, 0.7, 3.0
    torch.manual_seed(0)
    W = (1 / (m - 1) + 0.1 * torch.rand(m, m)).fill_diagonal_(0)
    plain = PlainVAE(W.numpy(), 128)
    model = DeepSEM(Config(n_knots=n_knots), W.clone())
    theirs = dict(plain.named_parameters())
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(theirs[counterpart(name)])
    x, noise = torch.randn(64, m), torch.randn(64, m)
    keep = (torch.rand(64, m) < 0.7).float() if masked else None

    rec, kl, _ = plain(x, keep, noise, beta)
    (rec + kl + alpha * plain.A.abs().mean()).backward()
    loss = model.loss(model.scan(x, torch.ones(1, 1)), x, keep, noise, beta)
    (loss.elbo + alpha * model.grn.W.abs().mean()).backward()

    assert loss.mse.item() == pytest.approx(rec.item(), rel=2e-6)
    assert beta * loss.kl.item() == pytest.approx(kl.item(), rel=2e-6, abs=2e-6)
    off_diagonal = 1 - torch.eye(m)  # the step on W resets the diagonal to 0
    for name, parameter in model.named_parameters():
        ours, reference = parameter.grad, theirs[counterpart(name)].grad
        if name == "grn.W":
            ours = ours * off_diagonal
        error = (ours - reference).norm() / reference.norm()
        assert error < 1e-4, f"{name}: relative error of the gradient {error:.1e}"


@pytest.mark.parametrize("block", [7, 2**17])
def test_rmsprop_l1_equals_torch(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """Many steps on loss + α mean|W| with the diagonal held at 0, also when W comes in blocks."""
    monkeypatch.setattr(engine, "BLOCK", block * 6)
    m, lr, alpha = 6, 1e-3, 2.0
    generator = torch.Generator().manual_seed(0)
    target = torch.randn(m, m, generator=generator)
    mask = 1 - torch.eye(m)
    ours = (0.1 * torch.randn(m, m, generator=generator)) * mask
    reference = ours.clone().requires_grad_()
    optimiser = torch.optim.RMSprop([reference], lr=lr)
    average = torch.zeros(m, m)
    for _ in range(300):
        engine.rmsprop_l1_(ours, 2 * (ours - target), average, lr, alpha)  # diagonal not masked
        optimiser.zero_grad()
        ((reference - target).square() * mask).sum().add(alpha * reference.abs().mean()).backward()
        optimiser.step()
        assert not ours.diagonal().any()
    torch.testing.assert_close(ours, reference.detach(), rtol=1e-4, atol=1e-5)
