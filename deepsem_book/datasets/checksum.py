"""One file of the registry, and the check that a copy of it is the registered one."""

import gzip
import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class ChecksumError(Exception):
    """A file's bytes are not the registered ones."""


@dataclass(frozen=True)
class Entry:
    """One file of the registry.

    `url` is https://... or pip:NAME==VERSION (a wheel). With `member`, the entry is that file
    inside the zip archive or wheel at `url`, and checksum and bytes are the member's.
    """

    name: str
    url: str
    member: str = ""
    sha256: str = ""
    git_blob_sha1: str = ""
    bytes: int | None = None
    mirrored: bool = False  # part of the reference mirror that the tests read
    chapter: str = ""
    licence: str = ""
    citation: str = ""

    @property
    def checksum(self) -> str:
        """`sha256:...` or `git_blob_sha1:...`; "" where none is published (see `verify`)."""
        known = {"sha256": self.sha256, "git_blob_sha1": self.git_blob_sha1}
        return next((f"{kind}:{value}" for kind, value in known.items() if value), "")

    @property
    def path(self) -> str:
        """HOST/PATH below a mirror or the cache; pip/NAME-VERSION.whl for a wheel."""
        if self.url.startswith("pip:"):
            return f"pip/{self.url.removeprefix('pip:').replace('==', '-')}.whl"
        parts = urlsplit(self.url)
        return f"{parts.hostname}/{unquote(parts.path).lstrip('/')}"


def verify(path: Path, entry: Entry) -> None:
    """Raise ChecksumError, with expected and found values, unless the file is the registered one.

    A file without a known checksum must be complete by its own format: a zip, whose members are
    verified one by one when they are read, or a .gz (both by their CRC), or a .2bit genome. Of
    plain text the readers of `deposited.py` look for the rows and columns that it must have.
    """
    kind, _, expected = entry.checksum.partition(":")
    if not expected:
        checks = {".gz": verify_gzip, ".2bit": verify_2bit}
        if (suffix := Path(entry.path).suffix) not in (".txt", ".csv"):
            checks.get(suffix, verify_zip)(path)
        return
    size = path.stat().st_size
    digest = hashlib.sha256() if kind == "sha256" else hashlib.sha1(b"blob %d\0" % size)
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected:
        lengths = f"{size} bytes, {entry.bytes or 'unknown'} registered"
        raise ChecksumError(
            f"wrong {kind} of {path}: expected {expected}, got {digest.hexdigest()} ({lengths})"
        )


def verify_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as zip_file:
            damaged = zip_file.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ChecksumError(f"{path} is not a complete zip: {error}") from error
    if damaged:
        raise ChecksumError(f"{path}: wrong CRC of member {damaged}")


def verify_gzip(path: Path) -> None:
    try:
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
    except (OSError, zlib.error, EOFError) as error:
        raise ChecksumError(f"{path} is not a complete gzip file: {error}") from error


def open_2bit(path: Path | str) -> Any:
    """A genome of UCSC's format; ValueError unless each sequence is there to its last base.

    (Bases that are N are not read, so a file may lack them at its end.) Needs the extra `genome`:
    ImportError with the command that installs it.
    """
    try:
        from twobitreader import TwoBitFile, TwoBitFileError
    except ImportError:
        raise ImportError("a genome needs: pip install 'deepsem_minimal[genome]'") from None
    try:
        genome = TwoBitFile(str(path))
        for name, size in genome.sequence_sizes().items():
            str(genome[name][size - 1 : size])
    except (TwoBitFileError, ValueError, EOFError, RuntimeError) as error:
        raise ValueError(f"{path} is not a complete .2bit file: {error}") from error
    return genome


def verify_2bit(path: Path) -> None:
    try:
        open_2bit(path).close()
    except ValueError as error:
        raise ChecksumError(str(error)) from error
