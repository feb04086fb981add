"""Packed files (.gz, .bz2, .xz, .zip): the first bytes tell how, not the name."""

import bz2
import gzip
import lzma
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ..errors import BadInput, first_few

PACKED = (".gz", ".bgz", ".bz2", ".xz", ".zip")
ZIP = b"PK\x03\x04"
OPENERS: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}


def unpacked_name(path: Path) -> str:
    """The name in lower case, without the suffix of a packed file."""
    name = path.name.lower()
    for suffix in PACKED:
        name = name.removesuffix(suffix)
    return name


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked: the first bytes tell how it is packed. Raises BadInput."""
    start = first_bytes(path)
    if start.startswith(ZIP):
        return member(path)
    opener = next((call for mark, call in OPENERS.items() if start.startswith(mark)), open)
    packed: IO[bytes] = opener(path, "rb")
    return packed


def member(path: Path) -> IO[bytes]:
    """The one file of a zip archive."""
    archive = zipfile.ZipFile(path)
    names = [
        name for name in archive.namelist()
        if not name.endswith("/") and not name.startswith("__MACOSX")
        and not Path(name).name.startswith(".")
    ]  # fmt: skip
    if "[Content_Types].xml" in names:
        raise BadInput(f"{path.name} is an Excel workbook: save it as csv.")
    if any(Path(name).name in (".zgroup", "zarr.json") for name in archive.namelist()):
        raise BadInput(f"{path.name} is a packed zarr: unpack it (unzip -d cells.zarr "
                       f"{path.name}) and give the folder.")  # fmt: skip
    if len(names) != 1:
        raise BadInput(f"{path.name} holds {len(names)} files ({first_few(names, 3)}): unpack it "
                       "and give one of them.")  # fmt: skip
    return archive.open(names[0])


@contextmanager
def on_disk(path: Path) -> Iterator[Path]:
    """A file as HDF5 and scipy want it: itself, or unpacked into a temporary one."""
    if path.is_dir() or not is_packed(path):
        yield path
        return
    suffix = Path(unpacked_name(path)).suffix
    with opened(path) as content, tempfile.NamedTemporaryFile(suffix=suffix) as temporary:
        shutil.copyfileobj(content, temporary)
        temporary.flush()
        yield Path(temporary.name)


def is_packed(path: Path) -> bool:
    return first_bytes(path).startswith((ZIP, *OPENERS))


def first_bytes(path: Path) -> bytes:
    """As many as the longest mark of a packed file has."""
    with open(path, "rb") as file:
        return file.read(6)
