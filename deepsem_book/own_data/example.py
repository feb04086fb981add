"""What the chapter starts from: raw counts and a list of TFs, also where neither is at hand; and
the command as it is called from a notebook."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import pandas as pd
from anndata import AnnData

from ..errors import BadInput
from . import cli
from .prepare import transcription_factors

# TFs of the human pancreas, for readers without internet and mirror.
KNOWN = [
    "PDX1", "NKX2-2", "NKX6-1", "NEUROD1", "MAFA", "MAFB", "ARX", "ISL1", "PAX6", "INSM1", "RFX6",
    "FEV", "HHEX", "PTF1A", "SOX4", "SOX9", "HNF1B", "HES1", "ONECUT1", "GATA4", "GATA6", "FOXA2",
    "IRX2", "ETV1", "JUN", "JUNB", "JUND", "FOS", "FOSB", "EGR1", "ATF3", "ATF4", "MYC", "KLF6",
    "XBP1", "NR0B2", "RBPJL", "BHLHE41", "CREB5", "SPI1",
]  # fmt: skip


def is_simulated(adata: AnnData) -> bool:
    """Whether this is the fallback, which has log expression only."""
    return "counts" not in adata.layers


def raw_counts(adata: AnnData) -> AnnData:
    """The counts as a reader's own file would hold them; made up from log expression if need be."""
    counts = np.rint(np.expm1(adata.X) * 20) if is_simulated(adata) else adata.layers["counts"]
    return AnnData(counts, adata.obs, pd.DataFrame(index=adata.var_names))


def tfs_of(adata: AnnData) -> tuple[list[str], str]:
    """The TFs that may be regulators, and a notice (Markdown) where KNOWN stand for the list."""
    if is_simulated(adata):
        return list(adata.var_names[adata.var["tf"]]), ""
    try:
        return transcription_factors("human"), ""
    except BadInput:  # no internet and no mirror; the cells came by pip
        return KNOWN, (
            f"> The list of human TFs could not be reached, so that {len(KNOWN)} TFs written into "
            "this page stand for it. The network can hold no other regulators."
        )


def settings(adata: AnnData, profile: str) -> dict[str, Any]:
    """Of `prepare_cells` for the page: few genes in the quick profile, made-up counts."""
    if is_simulated(adata):
        return {"scale": "counts", "detected": 0.0}
    return {"quick": {"n_genes": 150, "detected": 0.2}, "full": {}}[profile]


def options(adata: AnnData, profile: str) -> str:
    """`settings` as options of `deepsem infer`."""
    given = {name.removeprefix("n_"): value for name, value in settings(adata, profile).items()}
    return " ".join(f"--{name} {value}" for name, value in given.items())


class Printed(NamedTuple):
    """What a command said: its exit code, the lines of its progress, its summary."""

    code: int
    said: list[str]
    summary: dict[str, Any]


def command(words: str, folder: Path) -> Printed:
    """`deepsem WORDS --json` in a folder, without progress bars; a blank parts two words."""
    quiet = mock.patch.dict("os.environ", TQDM_DISABLE="1")
    with contextlib.chdir(folder), quiet, contextlib.ExitStack() as stack:
        out = stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        err = stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        code = cli.main([*words.split(), "--json"])
    printed = out.getvalue()
    return Printed(code, err.getvalue().splitlines(), json.loads(printed) if printed else {})
