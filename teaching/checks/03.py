"""Checks of chapter 3. A check runs in the student's notebook and holds no answer."""

HANDED_IN = {
    3: """
    kl_learned, kl_fixed = (
        trained_model.loss(s, x64, None, torch.zeros_like(x64), 1.0, "closed").kl.item()
        for s in (scan64, fixed)
    )
    """,
    4: """
    def paths(z, W):
        total, step = z.copy(), z.copy()
        for _ in range(3):
            step = step @ W.T
            total += step
        return total
    """,
}


def check_3(kl_learned, kl_fixed, trained_model, X_std):
    """Leave the two KL terms, means over cells and genes, in `kl_learned` and `kl_fixed`."""
    import numpy as np
    import torch

    x = torch.from_numpy(X_std[:64])
    with torch.no_grad():
        mu, log_var = (part.numpy().astype(float) for part in trained_model.encode(x))
        parts = trained_model.prior(torch.ones(1, 1))
        learned = tuple(trained_model.grn(part).numpy().astype(float) for part in parts)
    rng = np.random.default_rng(0)
    z = mu + np.exp(0.5 * log_var) * rng.normal(size=(400, *mu.shape))

    def log_density(mean, log_variance):
        return -0.5 * (log_variance + (z - mean) ** 2 / np.exp(log_variance))

    for name, got, prior in (
        ("kl_learned", kl_learned, learned),
        ("kl_fixed", kl_fixed, (0.0, 0.0)),
    ):
        sampled = (log_density(mu, log_var) - log_density(*prior)).mean()
        assert np.isclose(got, sampled, rtol=0.02, atol=0.002), (
            f"{name}: a mean over 400 samples of z is not {got:.4f}; which prior, mean or sum?"
        )


def check_4(paths):
    """Leave a function `paths(z, W)` that returns the sum of the paths of up to three edges, cells by genes."""
    import numpy as np

    class Watched(np.ndarray):
        """A matrix that does not let itself be multiplied by one of its shape."""

        def __matmul__(self, other):
            assert np.shape(other) != self.shape, "this forms a matrix W²"
            return np.asarray(self) @ np.asarray(other)

        def __rmatmul__(self, other):
            return np.asarray(other) @ np.asarray(self)

    rng = np.random.default_rng(0)
    W = np.tril(rng.normal(size=(6, 6)), -1)  # its longest path has five edges
    z = rng.normal(size=(4, 6))
    wanted = z.copy()
    for length in (1, 2, 3):
        wanted += z @ np.linalg.matrix_power(W, length).T
    kept = z.copy()
    got = paths(z, W.view(Watched))
    assert np.array_equal(z, kept), "paths changes its argument z: begin with a copy"
    assert np.shape(got) == z.shape, f"paths returns {np.shape(got)}, not cells by genes"
    assert np.allclose(got, wanted), "another sum: W or its transpose, and how many edges?"


def check_6(forward, W5):
    """Leave a function `forward(x, epsilon, W, f2_mu, f2_log_var, f1)` that returns μ, log σ², z and the
    reconstruction for any number of cells and genes, in NumPy alone, and your network of five genes in `W5`."""
    import numpy as np
    import torch

    import deepsem_minimal as ds
    from deepsem_book import layers

    W5 = np.array(W5, dtype=float)
    assert W5.shape == (5, 5) and not np.diag(W5).any(), "W5: five genes by five, diagonal 0"
    assert (W5 != 0).sum() >= 4, "W5: give your network four edges or more"
    rng = np.random.default_rng(1)
    for W in (W5, rng.normal(size=(5, 5)) * (1 - np.eye(5)) / 3):
        generator = torch.Generator().manual_seed(3)
        config = ds.Config(n_hidden=6, n_knots=0)
        model = ds.DeepSEM(config, torch.tensor(W), generator).double()
        x, epsilon = rng.normal(size=(2, 7, 5))
        with torch.no_grad():
            mu, log_var = model.encode(torch.tensor(x))
            z = mu + torch.exp(0.5 * log_var) * torch.tensor(epsilon)
            package = [mu, log_var, z, model.decode(model.inverse_grn(z))]
        mine = forward(x, epsilon, W, *layers.weights_of(model))
        assert len(mine) == 4, f"forward returns four arrays, not {len(mine)}"
        for name, a, b in zip(("μ", "log σ²", "z", "reconstruction"), mine, package):
            assert np.allclose(a, b.numpy()), f"forward: {name} differs from the package"
