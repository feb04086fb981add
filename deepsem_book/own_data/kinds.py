"""Kinds of features and genomes, of any file: genes of one genome are what is trained on."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
from anndata import AnnData

from ..errors import BadInput, first_few
from .choices import Choices

KINDS = ("gene expression", "gene", "genes", "rna", "mrna", "gex", "expression")
GENOME = re.compile(r"((?:GRC[a-z]+\d+|hg\d+|mm\d+|[A-Za-z]+\d+[\w.]*?)(?:_premrna)?)_+(.+)")


def one_of(names: Iterable[str], asked: str | None, what: str, option: str) -> str:
    """The one name, or the one that was asked for; BadInput that lists them otherwise."""
    known = list(dict.fromkeys(map(str, names)))
    if asked in known:
        return str(asked)
    if asked is None and len(known) == 1:
        return known[0]
    wrong = "has several" if asked is None else f"has no {asked!r} among its"
    raise BadInput(f"The file {wrong} {what} ({first_few(known)}): choose one with {option}.")


def only_genes(adata: AnnData, how: Choices) -> tuple[AnnData, list[str]]:
    """Genes of one genome without the antibodies, guides or peaks that may stand beside them."""
    notes = []
    if "feature_types" in adata.var:
        kinds = adata.var["feature_types"].astype(str)
        names = [kind for kind in kinds.unique() if kind.lower() in KINDS]
        if how.feature_type is None and not names:
            raise BadInput(f"The file holds no genes but {first_few(kinds.unique())}: if one of "
                           "these is expression, choose it with --feature-type.")  # fmt: skip
        kind = how.feature_type or one_of(names, None, "kinds of genes", "--feature-type")
        kept = (kinds == one_of(kinds, kind, "kinds of features", "--feature-type")).to_numpy()
        if not kept.all():
            adata = adata[:, kept].copy()
            notes.append(f"{(~kept).sum()} features that are not genes left out")
    elif how.feature_type is not None:
        raise BadInput("The file does not say kinds of features: leave --feature-type out.")
    return of_genome(adata, how, notes)


def of_genome(adata: AnnData, how: Choices, notes: list[str]) -> tuple[AnnData, list[str]]:
    """Genes of one genome, by the column `genome` of var or by prefixes (GRCh38_GATA1)."""
    genomes = genomes_of(adata)
    if genomes is None:
        if how.genome is not None:
            known = set(adata.var["genome"].astype(str)) if "genome" in adata.var else set()
            if how.genome not in known:
                raise BadInput(f"The file does not tell genomes apart (or has only "
                               f"{first_few(known) or 'one'}): leave --genome out.")  # fmt: skip
        return adata, notes
    genome = one_of(sorted(set(genomes)), how.genome, "genomes", "--genome")
    kept = (genomes == genome).to_numpy()
    adata = adata[:, kept].copy()
    prefix = re.compile(re.escape(genome) + "_+")
    adata.var_names = pd.Index([prefix.sub("", name, count=1) for name in adata.var_names])
    return adata, [*notes, f"{(~kept).sum()} genes of other genomes left out"]


def genomes_of(adata: AnnData) -> pd.Series | None:
    """The genome of each gene where there are several, else None."""
    if "genome" in adata.var:
        given = adata.var["genome"].astype(str)
        return given if given[given != ""].nunique() > 1 else None
    matches = [GENOME.fullmatch(name) for name in adata.var_names]
    if not matches or not all(matches):
        return None
    prefixes = pd.Series([match[1] for match in matches if match], index=adata.var_names)
    often = prefixes.value_counts() >= max(3, np.sqrt(len(prefixes)) / 2)
    return prefixes if 1 < len(often) <= 4 and often.all() else None
