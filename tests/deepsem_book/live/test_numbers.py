"""The page's JavaScript computes what the package computes, step by step, under Node."""

import json
import shutil
import subprocess
from pathlib import Path

import live_reference as reference
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from deepsem_book import live
from deepsem_book.known_truth import both_signs, varsortability
from deepsem_minimal import networks, preprocess, sem
from deepsem_minimal.config import Config

NODE = shutil.which("node") or shutil.which("nodejs")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")
FEW = dict(n_hidden=16, n_knots=24, batch_size=16, alpha=0.3, lr=1e-3, lr_W=1e-3)
CONFIGS = {
    "nonspecific": Config.nonspecific(**FEW),
    "specific": Config.cell_type_specific(**FEW, W_init="safe", encoder_bias="zero"),
}


def run(task: str, **given):
    """What numbers.js prints for a task."""
    text = json.dumps(
        {"task": task, "given": given}, default=lambda value: np.asarray(value).tolist()
    )
    files = dict.fromkeys((*live.PARTS["linear"], *live.PARTS["deepsem"]))
    command = [str(NODE), str(Path(__file__).with_name("numbers.js")), str(live.FOLDER), *files]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def covariance(W, sd):
    spread = np.linalg.inv(np.eye(len(W)) - W)
    return spread @ np.diag(sd**2) @ spread.T


def test_twenty_steps_of_the_linear_sem_are_those_of_the_package():
    given, wanted = reference.linear()
    steps = run("linear", **given, steps=list(range(reference.N_STEPS + 1)))
    for step, expected in zip(steps, wanted, strict=True):
        np.testing.assert_allclose(step["W"], expected["W"], rtol=0, atol=1e-6)
        assert step["loss"] == pytest.approx(expected["loss"], abs=1e-6)
    assert np.abs(steps[-1]["W"]).max() > 0.1, "twenty steps have moved W"


@pytest.mark.parametrize("preset", CONFIGS)
def test_twenty_steps_of_deepsem_are_those_of_the_package(preset, monkeypatch):
    given, wanted = reference.deepsem(CONFIGS[preset], monkeypatch)
    steps = run("deepsem", **given)
    assert len(steps) == len(wanted) == reference.N_STEPS
    for step, expected in zip(steps, wanted, strict=True):
        assert step["onW"] == expected["onW"]
        assert step["mse"] == pytest.approx(expected["mse"], abs=1e-6)
        assert step["kl"] == pytest.approx(expected["kl"], abs=1e-6)
        if expected["pivot"] < 1:  # the package factorises only when W has moved
            assert step["pivot"] == pytest.approx(expected["pivot"], abs=1e-6)
        assert step["P"].keys() == expected["P"].keys()
        for name, values in expected["P"].items():
            np.testing.assert_allclose(step["P"][name], values, rtol=0, atol=1e-6, err_msg=name)
    for name in ("grn.W", "f1.body.2.weight", "f2.body.0.weight", "prior.mu.2.weight"):
        moved = np.abs(np.subtract(steps[-1]["P"][name], given["P"][name])).max()
        assert moved > 1e-3, f"{name} has moved"


@pytest.mark.parametrize("preset", CONFIGS)
def test_gradients_are_those_of_finite_differences(preset, monkeypatch):
    # From the safe start, with many knots: the tables' error is below that of the differences.
    config = CONFIGS[preset]
    config = Config(**{**vars(config), "W_init": "safe", "n_knots": 200})
    given, _ = reference.deepsem(config, monkeypatch)
    for name, gradient in run("gradients", **given).items():
        assert gradient["gap"] < 1e-6 + 1e-4 * gradient["size"], name
        expected_zero = name.startswith("mse prior") or name.startswith("kl f1")
        assert (gradient["size"] == 0) == expected_zero, name


def test_a_reversed_edge_leaves_the_covariance_as_it_was():
    W, sd = sem.random_network(6, seed=2), np.array([1.0, 0.5, 2.0, 1.0, 0.7, 1.5])
    for target, regulator in np.argwhere(W):
        mirror = run("reverse", W=W.ravel(), sd=sd, target=target, regulator=regulator)
        other = np.reshape(mirror["W"], W.shape)
        assert other[target, regulator] == 0 and other[regulator, target] != 0
        assert np.all(np.diag(other) == 0)
        np.testing.assert_allclose(
            covariance(other, np.array(mirror["sd"])), covariance(W, sd), atol=1e-12
        )


def test_two_genes_reversed_are_those_of_the_chapter():
    mirror = run("reverse", W=[0, 0, 0.8, 0], sd=[1, 1], target=1, regulator=0)
    np.testing.assert_allclose(mirror["W"], [0, 0.8 / 1.64, 0, 0])
    np.testing.assert_allclose(np.square(mirror["sd"]), [1 / 1.64, 1.64])


def test_cells_covariance_and_varsortability_are_those_of_the_package():
    # Regulators stand before targets, so the cells of the covariance are those of the equations.
    W, sd = sem.random_network(6, seed=5), np.linspace(0.5, 2, 6)
    Z = np.random.default_rng(0).normal(size=(50, 6))
    X = np.reshape(run("cellsOf", S=covariance(W, sd).ravel(), m=6, Z=Z.ravel()), Z.shape)
    np.testing.assert_allclose(X @ (np.eye(6) - W.T), Z * sd, atol=1e-12)
    of_page = np.reshape(run("covariance", W=W.ravel(), sd=sd), (6, 6))
    np.testing.assert_allclose(of_page, covariance(W, sd), atol=1e-12)
    for scaled in (X, X / X.std(axis=0)):
        of_page = run("varsortability", variances=scaled.var(axis=0), W=W.ravel(), m=6)
        assert of_page == pytest.approx(varsortability(scaled, W))


def gaussian_loss(W, sd, S):
    """Negative log-likelihood per cell of the covariance, without its constant."""
    C = covariance(W, sd)
    return 0.5 * (np.trace(np.linalg.solve(C, S)) + np.linalg.slogdet(C)[1])


def test_loss_is_that_of_the_covariance_and_equal_for_a_mirror_image():
    W, sd = sem.random_network(4, seed=1), np.array([1.0, 0.6, 1.3, 0.8])
    S = np.cov(np.random.default_rng(1).normal(size=(4, 60)))
    loss = run("lossWithNoise", W=W.ravel(), S=S.ravel(), m=4, sd=sd)
    assert loss == pytest.approx(gaussian_loss(W, sd, S))
    target, regulator = np.argwhere(W)[0]
    mirror = run("reverse", W=W.ravel(), sd=sd, target=target, regulator=regulator)
    assert run("lossWithNoise", W=mirror["W"], S=S.ravel(), m=4, sd=mirror["sd"]) == pytest.approx(
        loss
    )
    B = np.eye(4) - W
    best = np.sqrt(np.diag(B @ S @ B.T))
    free = run("lossWithNoise", W=W.ravel(), S=S.ravel(), m=4, sd=None)
    assert free == pytest.approx(gaussian_loss(W, best, S)) and free < loss


@pytest.mark.parametrize("how", ["cells", "nonzero"])
def test_standardisation_is_that_of_the_package(how):
    rng = np.random.default_rng(0)
    X = rng.gamma(1.0, size=(30, 5)) * (rng.random((30, 5)) < 0.6)
    X[:, 3] = 0
    standardised = run("standardise", X=X.ravel(), m=5, how=how, clip=2)
    np.testing.assert_allclose(
        np.reshape(standardised, X.shape), preprocess.standardise(X, how, 2.0).X, atol=1e-6
    )


def test_centred_scores_and_their_areas_are_those_of_the_package():
    rng = np.random.default_rng(0)
    W = 0.03 + rng.normal(size=(12, 12)) * rng.gamma(1.0, size=12)
    np.fill_diagonal(W, 0)
    truth = np.sign(rng.normal(size=(12, 12))) * (rng.random((12, 12)) < 0.3)
    expected = networks.centred(W)
    scores = run("centred", W=W.ravel(), m=12)
    np.testing.assert_allclose(np.reshape(scores, W.shape), expected, atol=1e-12)
    areas = run("bySign", W=scores, truth=truth.ravel(), m=12, nTfs=5)
    signs = both_signs(expected, truth, 5)
    assert areas == pytest.approx({sign: signs[sign] for sign in areas})


def test_configurations_are_those_of_the_package():
    configs = run("configs")
    for name, config in (
        ("NONSPECIFIC", Config.nonspecific()),
        ("SPECIFIC", Config.cell_type_specific()),
    ):
        assert {key: getattr(config, key) for key in configs[name]} == configs[name]
    for cells, genes in ((64, 10), (512, 30), (2048, 40)):
        rules = run("forData", cells=cells, genes=genes)
        config = Config.for_data(cells, genes)
        assert {key: getattr(config, key) for key in rules} == pytest.approx(rules)


def test_auroc_counts_ties_one_half():
    positives, negatives = [3, 1, 1, 0.5], [1, 0, 0.5, 2, 0]
    labels = [1] * len(positives) + [0] * len(negatives)
    auroc = run("auroc", positives=positives, negatives=negatives)
    assert auroc == pytest.approx(roc_auc_score(labels, positives + negatives))


def test_normal_draws_are_normal():
    for seed in (0, 1, 2):
        draws = np.array(run("normals", n=20_000, seed=seed))
        assert abs(draws.mean()) < 0.03 and abs(draws.std() - 1) < 0.03
        assert abs((draws**4).mean() - 3) < 0.2
        assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 0.03
