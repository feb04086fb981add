"""The GPU's check at tiny sizes with the CPU in the GPU's place: then nothing may differ."""

import sys

import pandas as pd
import torch

from deepsem_book.speed import gpu, gpu_steps


def test_the_cpu_agrees_with_itself_and_every_engine_is_timed(tmp_path, monkeypatch):
    out = tmp_path / "gpu.csv"
    monkeypatch.setattr(sys, "argv", ["gpu", "--device", "cpu", "--tiny", "--out", str(out)])
    monkeypatch.setattr(gpu.importlib.util, "find_spec", lambda name: None)
    gpu.main()
    table = pd.read_csv(out)
    errors = table[table["what"].str.startswith("error of ")].groupby("engine")["value"]
    assert set(errors.size().index) == {"fast", "few", "batched"}
    assert errors.max()[["fast", "few"]].eq(0).all() and errors.max()["batched"] < 1e-5
    ratios = table.loc[table["what"] == "AUPRC ratio", ["repeat", "value"]]
    assert ratios["repeat"].tolist() == list(range(gpu.REPEATS)) and ratios["value"].gt(1).all()
    timed = table[table["seconds"].notna()]
    once = timed[(timed["what"] == "whole training") | (timed["n_cells"] == 50)]
    names = ["what", "engine", "members"]
    assert once[[*names, "n_cells"]].values.tolist() == [
        ["whole training", "few", 1, 40], ["training", "few", 1, 50],
    ]  # fmt: skip
    rounds = timed.drop(once.index).groupby(names).size()
    assert rounds.eq(gpu.REPEATS).all()
    assert set(rounds.index) == {
        ("training", "fast", 1), ("training", "fast", 10), ("training", "plain", 1),
        ("training", "few", 1), ("training", "few", 10),
        ("algebra of a step", "one by one", 10), ("algebra of a step", "batched", 10),
        ("step on W", "launched", 1), ("step on W", "replayed", 1),
        ("step on the MLPs", "launched", 1), ("step on the MLPs", "replayed", 1),
    }  # fmt: skip


def test_a_batch_of_members_has_the_gradients_of_each() -> None:
    """Against the dense inverse, in double precision."""
    Ws, z, g = (tensor.double() for tensor in gpu_steps.members(3, 9, "cpu", n_cells=5))
    for W, z_of_member, g_of_member, gradient in zip(Ws, z, g, gpu_steps.batched(Ws, z, g)):
        inverse = torch.linalg.inv(torch.eye(9, dtype=torch.double) - W.T)
        expected = (g_of_member @ inverse.T).T @ (z_of_member @ inverse)
        assert torch.allclose(gradient, expected, rtol=0, atol=1e-10)
