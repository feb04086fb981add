"""Fixtures that several test modules use."""

from pathlib import Path

import pytest
from command import counts


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working folder, with counts in x.csv and two TFs in tfs.txt."""
    monkeypatch.chdir(tmp_path)
    counts().to_csv("x.csv")
    Path("tfs.txt").write_text("G1\ng2\n")
    return tmp_path
