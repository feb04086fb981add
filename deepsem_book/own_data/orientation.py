"""Whether the rows of a table are cells or genes: by evidence in the names, or not at all."""

import re
from collections.abc import Callable, Iterable

from ..errors import BadInput

BARCODE = re.compile(r"(.*[^A-Za-z])?[ACGT]{8,}([^A-Za-z].*)?|.*[ACGT]{12,}.*")
CELL = re.compile(
    r"(.*[^a-z])?(cells?|barcode|sample|spot|well|donor|patient)([^a-z].*)?"
    r"|(cell|barcode|sample|spot|well|donor|patient)[A-Z]?[-_. ]?\d.*"
    r"|(GSM|SRR|ERR|SRX|SAM\w{1,2})\d{4,}.*",
    re.IGNORECASE,
)
GENE = re.compile(  # names that nearly every table of genes has, and identifiers of genes
    r"(RP[LS]\d+\w{0,3}|MT-\w+|MT[.]\w+|ACT(B|G1)|GAPDH|B2M|EEF1A1|TMSB\w+|MALAT1|Z(NF|FP)\d+"
    r"|HLA[-.]\w+|H2-\w+|COL\d+A\d|(NDUF|COX|UQCR|PSM|SLC|KRT|TUB|TMEM|FAM|CCDC|EIF|KIF)[A-Z]?\d\w*"
    r"|(GATA|SOX|STAT|IRF|KLF|PAX|TBX|CEBP|RUNX|FOX|HOX|NKX|CDK|CCN|CD|IL|CXC[LR]|CC[LR])"
    r"[A-Z]{0,2}\d+([-.]?\d)?[A-Z]?|JUN[BD]?|FOSB?|MYC|TP53|SPI1"
    r"|ENS[A-Z]*G\d{6,}([._]\d+)?|FBgn\d{7}|WBGene\d{8}|AT[1-5CM]G\d{5}|Y[A-P][LR]\d{3}[WC](-[A-Z])?"
    r"|(LOC_)?OS\d\dG\d+|ZDB-GENE-[\d-]+|gene[-_. ]?\d+)",
    re.IGNORECASE,
)
GENE_LABELS = re.compile(
    r"(gene|symbol|ensembl|hgnc|mgi|feature|transcript)s?([-_. ]?(ids?|names?|symbols?))?|geneid",
    re.IGNORECASE,
)
CELL_LABELS = re.compile(
    r"(cell|barcode|sample|spot)s?([-_. ]?(ids?|names?|barcodes?))?|cellid", re.IGNORECASE
)
CLEARLY = 5  # times as large a share of names on one side as on the other


def orientation(
    rows: Iterable[str], columns: Iterable[str], hints: Iterable[str] = (), label: str = ""
) -> tuple[str, str]:
    """("cells" or "genes", reason): what the rows are.

    Evidence: the label of the first column ("gene_id"), names of genes (`hints` and those of many
    tables), barcodes and numbered cells. Raises BadInput where there is none or where it
    contradicts itself.
    """
    names = [[str(name) for name in side] for side in (rows, columns)]
    known = {str(name).upper() for name in hints}
    evidence = list(
        filter(None, (
            labelled(label),
            more_often(names, lambda n: n.upper() in known or bool(GENE.fullmatch(n)),
                       "known gene names", ("genes", "cells")),
            more_often(names, lambda n: bool(BARCODE.fullmatch(n) or CELL.fullmatch(n)),
                       "cell barcodes", ("cells", "genes")),
        ))
    )  # fmt: skip
    answers = {answer for answer, _ in evidence}
    if len(answers) == 1:
        return evidence[0]
    if not answers:
        problem = "neither the first line nor the first column holds names that tell genes"
    else:
        problem = f"{evidence[0][1]}, but {evidence[1][1]}"
    raise BadInput(
        f"Cannot tell whether the rows are cells or genes: {problem} (rows {shown(names[0])}; "
        f"columns {shown(names[1])}). Say it with --orientation cells or --orientation genes."
    )


def labelled(label: str) -> tuple[str, str] | None:
    for pattern, answer in ((GENE_LABELS, "genes"), (CELL_LABELS, "cells")):
        if pattern.fullmatch(label):
            return answer, f"the first column is called {label!r}"
    return None


def more_often(
    sides: list[list[str]], test: Callable[[str], bool], what: str, answers: tuple[str, str]
) -> tuple[str, str] | None:
    """The answer for rows or columns, whichever clearly has more such names; None if neither."""
    hits = [sum(map(test, side)) for side in sides]
    shares = [n / max(len(side), 1) for n, side in zip(hits, sides)]
    for first, place in ((0, "first column"), (1, "first line")):
        if hits[first] and shares[first] > CLEARLY * shares[1 - first]:
            return answers[first], f"{hits[first]} {what} in the {place}"
    return None


def shown(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
