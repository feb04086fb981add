"""W of fixed seeds, as it was when it was recorded: a step that must change nothing changes no W.

The recorded file holds, for each data set and preset, every STEP-th entry of W after EPOCHS epochs.
Another processor rounds otherwise, and RMSprop's first steps are as large for a gradient of 1e-9 as
for one of 1: entries whose gradient is nearly 0 may then move the other way. The simulated set
starts far from a singular I - W, where every entry holds; of the real matrix 99 % do.

    python tests/deepsem_minimal/test_fixed_W.py    # records W anew
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deepsem_book import datasets
from deepsem_minimal.config import Config
from deepsem_minimal.ensemble import fit

RECORD = Path(__file__).with_name("fixed_W.npz")
PRESETS = {
    "nonspecific": Config.nonspecific(),
    "specific": Config.cell_type_specific(),
    "embedding": Config.embedding(),
}
SETS = {  # step between recorded entries, epochs, start of W, share that must hold
    "sim/nonlinear-20": (1, 30, "safe", 1.0),
    "beeline/mDC-500": (337, 6, "authors", 0.99),
}


def entries(name: str, preset: str) -> np.ndarray:
    """The recorded entries of W of seed 0."""
    step, n_epochs, start, _ = SETS[name]
    config = replace(PRESETS[preset], n_epochs=n_epochs, W_init=start)
    result = fit(
        datasets.load(name, quiet=True), config, seeds=[0], device="cpu", n_jobs=1, progress=False
    )
    return result.Ws[0].ravel()[::step]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", SETS)
def test_W_is_as_recorded(name: str, preset: str) -> None:
    if not datasets.is_available(name):
        pytest.skip(f"{name} is not available here")
    recorded = np.load(RECORD)[f"{name} {preset}"]
    error = np.abs(entries(name, preset) - recorded)
    assert np.mean(error <= 1e-6) >= SETS[name][3], f"largest difference {error.max():.1e}"


if __name__ == "__main__":
    np.savez(
        RECORD, **{f"{name} {preset}": entries(name, preset) for name in SETS for preset in PRESETS}
    )
