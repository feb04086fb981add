"""The GPU's check at tiny sizes with the CPU in the GPU's place: then nothing may differ."""

import sys

import pandas as pd

from deepsem_book.speed import gpu


def test_the_cpu_agrees_with_itself_and_every_engine_is_timed(tmp_path, monkeypatch):
    out = tmp_path / "gpu.csv"
    monkeypatch.setattr(sys, "argv", ["gpu", "--device", "cpu", "--tiny", "--out", str(out)])
    gpu.main()
    table = pd.read_csv(out)
    errors = table[table["what"].str.startswith("error of ")]
    assert len(errors) > 10 and errors["value"].eq(0).all()
    assert table.set_index("what").loc["correlation of W with the CPU's", "value"] == 1
    timed = table[table["what"] == "training"].groupby(["engine", "members"]).size()
    assert timed.to_dict() == {("fast", 1): 3, ("fast", 10): 3, ("plain", 1): 3}
