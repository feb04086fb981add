"""What stands among genes or cells and is neither: recognised and left out, or refused."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..errors import BadInput, first_few

# No gene has such a name: rows that HTSeq adds, and spiked RNA, which is not of the cell.
NO_GENES = {
    "rows of HTSeq": re.compile(
        r"_*(no_feature|ambiguous|too_low_aQual|not_aligned|alignment_not_unique)|N_(unmapped|"
        r"multimapping|noFeature|ambiguous)"
    ),
    "spike-ins": re.compile(r"ERCC[-_.]\d{5}"),
}
OF_CELLS = re.compile(  # measured of a cell: among genes these are metadata
    r"(percent|pct|frac(tion)?|prop(ortion)?)[-_. ].+|(mt|mito|ribo)[-_. ]?(percent|pct|frac|ratio)"
    r"\w*|n[-_. ]?(counts?|genes?|umis?|reads|features?)([-_. ].*)?|n(Count|Feature)_\w+"
    r"|(total|sum|log1p|log10|num|number)[-_. ](of[-_. ])?(counts?|genes?|umis?|reads|features?|"
    r"total\w*|n_\w+)([-_. ].*)?|lib(rary)?[-_. ]?size|size[-_. ]?factors?"
    r"|(\w*[-_. ])?(clusters?|louvain|leiden)([-_. ](ids?|\d[\d.]*))?|.*_snn_res\.[\d.]+"
    r"|orig\.ident|(batch|sample|donor|patient|subject|condition|treatment|plate|well|lane|"
    r"tissue|organ|stage|replicate)([-_. ]?(ids?|no|nr|num|number|names?))?|sex|age|label|ident"
    r"|cell[-_. ]?(type|label|ontology|cycle|no|number|size|state)\w*|(.*[-_. ])?pseudotime.*"
    r"|(s|g2m|cc|cell_cycle|doublet|scrublet)[-_. ]?(score|difference)s?|(predicted_)?doublets?"
    r"|phase|(x_)?(umap|tsne|t-sne|pca?|pc)[-_. ]\d+|umap\d|tsne\d|time[-_. ]?point|unnamed: \d+",
    re.IGNORECASE,
)
OF_GENES = re.compile(  # said of a gene: among cells these are metadata
    r"chr(om(osome)?)?([-_. ]?(name|id))?|start|end|strand|length|locus|biotype|description|symbol"
    r"|(gene|transcript)([-_. ]?(ids?|names?|symbols?|lengths?|types?|biotypes?|short[-_. ]name))?"
    r"|geneid|ensembl([-_. ]?\w*)?|entrez([-_. ]?\w*)?|hgnc\w*|mgi\w*|gc([-_. ]?content)?"
    r"|feature[-_. ]?(types?|ids?|names?)|means?|variances?([-_. ].*)?|vst[-_. ].*|dispersions?"
    r"|highly[-_. ]variable|n[-_. ]cells.*|unnamed: \d+",
    re.IGNORECASE,
)
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Mrz|Mär|Mai|Okt|Dez"
DATE = re.compile(
    rf"\d{{1,2}}[-. ]({MONTHS})([-. ]\d+)?|({MONTHS})[-. ]\d{{2,4}}|\d{{4}}-\d\d-\d\d( .*)?"
    r"|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"
)
ENOUGH = 5  # rows, below which numbers say nothing of a column
MOST = 0.9  # of the columns are whole numbers: one with fractions is then something else


def no_genes(names: Iterable[str]) -> tuple[np.ndarray, list[str]]:
    """Mask of the names that no gene can have, and what to say of them."""
    listed = [str(name) for name in names]
    mask, notes = np.zeros(len(listed), dtype=bool), []
    for what, pattern in NO_GENES.items():
        hits = np.array([bool(pattern.fullmatch(name)) for name in listed], dtype=bool)
        if hits.any():
            of = first_few(np.array(listed, dtype=object)[hits], 3)
            notes.append(f"{hits.sum()} {what} are not genes and left out ({of})")
            mask |= hits
    return mask, notes


def suspicious(names: Sequence[str], values: Any, pattern: re.Pattern[str]) -> list[str]:
    """Names of the columns of `values` (n x names) that look like metadata.

    By their names; or, where nearly all columns hold whole numbers, by fractions; or since they
    count the rows or add up the other columns.
    """
    known = {name for name in names if pattern.fullmatch(str(name))}
    odd = known if values is None or len(values) < ENOUGH else known | numeric(names, values)
    return [name for name in names if name in odd]


def numeric(names: Sequence[str], values: np.ndarray) -> set[str]:
    """Names of columns whose numbers are of another kind than those of the others."""
    counting = np.arange(len(values), dtype=values.dtype)[:, None]
    total = values.sum(axis=1, dtype=np.float64)[:, None]
    fractions, strange, used = [], [], []
    for block in np.array_split(values, values.shape[1] // 256 + 1, axis=1):
        fractions.append((np.isfinite(block) & (block != np.rint(block))).any(axis=0))
        used.append(block.any(axis=0))
        sums = np.isclose(2 * block, total, rtol=1e-4).all(axis=0) & (values.shape[1] > 3)
        strange.append(sums | (block - block[:1] == counting).all(axis=0))
    has_fraction, some = np.concatenate(fractions), np.concatenate(used)
    whole = some.any() and (~has_fraction[some]).mean() >= MOST
    odd = np.concatenate(strange) & some | (has_fraction if whole else False)
    return set(np.array(names, dtype=object)[odd])


def check(names: Sequence[str], values: Any, pattern: re.Pattern[str], what: str) -> None:
    """BadInput if some of the names are metadata rather than `what`, "genes" or "cells"."""
    odd = suspicious(names, values, pattern)
    if odd:
        raise BadInput(
            f"{first_few(odd)} look{'s' if len(odd) == 1 else ''} like metadata, not like {what}: "
            f"--drop-columns {','.join(odd[:20])} leaves {'it' if len(odd) == 1 else 'them'} out, "
            f"--drop-columns none keeps all as {what}."
        )


def dates(names: Iterable[str]) -> list[str]:
    """A note where names of genes are dates, as spreadsheets make of MARCH1, SEPT2 and OCT4."""
    spoiled = [name for name in names if DATE.fullmatch(str(name))]
    if not spoiled:
        return []
    return [
        f"{len(spoiled)} gene names are dates ({first_few(spoiled, 3)}), as a spreadsheet makes of "
        "MARCH1, SEPT2 or OCT4: no list of TFs knows them; mend the names in the file"
    ]


def missing(names: Iterable[Any]) -> np.ndarray:
    """Mask of the names that are none: empty, or a word for nothing that occurs more than once.

    Once alone such a word may be a gene: flies have na and nan.
    """
    series = pd.Series(list(names), dtype=object)
    text = series.astype(str).str.strip()
    nothing = text.str.lower().isin(["nan", "na", "<na>", "n/a", "none", "null", "-", "."])
    return (series.isna() | (text == "") | (nothing & text.duplicated(keep=False))).to_numpy()
