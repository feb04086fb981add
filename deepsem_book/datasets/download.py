"""A data file is looked up in four places and is verified before anything opens it.

The order is: the cache; the mirror; a PyPI wheel, for data that live inside one; the internet. A
file gets its final name only after its checksum was found right, so an interrupted or wrong
download leaves nothing behind. `registered.py` holds the registry.

Environment variables
    DEEPSEM_MIRROR  a folder or base URL where https://HOST/PATH lies at HOST/PATH, percent-decoded
    DEEPSEM_CACHE   where downloads are kept; the platform's cache folder if unset
"""

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pooch

from .checksum import ChecksumError, Entry, verify

TIMEOUT = 30.0  # seconds without a byte before a server counts as stalled
PIP_TIMEOUT = 900.0  # seconds for one wheel
LARGE = 1_000_000  # bytes from which a download shows a progress bar
OFFLINE = (
    "zeisel, cbmc, baron, pollen, li (fetched by pip); pbmc68k (a file of scanpy 1.10 and 1.11, or "
    "fetched by pip); "
    "sim/linear-<genes>, sim/nonlinear-<genes> (simulated, nothing to fetch)"
)


class DataUnavailable(RuntimeError):
    """A file is in none of the four places."""


class NotHere(Exception):
    """One of the places does not have the file; the message says why."""


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
    answered, when the file is not available.
    """
    answers = []
    for place in places(entry, archive):
        try:
            return place(entry, quiet)
        except NotHere as reason:
            answers.append(str(reason))
        except ChecksumError as error:
            warnings.warn(f"{entry.name}: {error}", stacklevel=2)
            answers.append(str(error))
        except (OSError, subprocess.SubprocessError) as error:
            name = place.__name__.removeprefix("from_")
            answers.append(f"{name}: {type(error).__name__}: {error!s:.300}")
    raise DataUnavailable(advice(entry, answers))


def places(entry: Entry, archive: Entry | None) -> list[Place]:
    """Where to look for `entry`, in this order."""
    wheel = entry.url.startswith("pip:")
    if entry.member:
        whole = archive or Entry(entry.url, entry.url)

        def _from_archive(entry: Entry, quiet: bool) -> Path:
            return extract(entry, fetch(whole, quiet=quiet))

        installed = [from_installed] if wheel else []
        return [from_cache, *installed, _from_archive]
    return [from_cache, from_mirror, from_pip if wheel else from_internet]


def inside(folder: Path, relative: str) -> Path:
    """`folder`/`relative`; ValueError if that lies outside of `folder`."""
    path = Path(os.path.normpath(folder / relative))
    if path == folder or not path.is_relative_to(os.path.normpath(folder)):
        raise ValueError(f"{relative!r} points out of the folder {folder}")
    return path


@contextmanager
def new_file(target: Path, entry: Entry) -> Iterator[Path]:
    """A temporary file beside `target` that is verified and then renamed, or else removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield part
        verify(part, entry)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def from_cache(entry: Entry, quiet: bool) -> Path:
    path = cache_path(entry)
    if not path.is_file():
        raise NotHere(f"cache: no {path}")
    try:
        verify(path, entry)
    except ChecksumError:
        path.unlink()  # damaged since it was stored; the next places may still have it
        raise
    return path


def from_mirror(entry: Entry, quiet: bool) -> Path:
    base = os.environ.get("DEEPSEM_MIRROR", "")
    if not base:
        raise NotHere("mirror: DEEPSEM_MIRROR is not set")
    if base.startswith(("http://", "https://")):
        return downloaded(f"{base.rstrip('/')}/{quote(entry.path)}", entry, quiet)
    path = inside(Path(base).expanduser(), entry.path)
    if not path.is_file():
        raise NotHere(f"mirror: no {path}")
    verify(path, entry)
    return path


def from_installed(entry: Entry, quiet: bool) -> Path:
    """The member as it lies in an installed package, if this version still has the same file."""
    package = entry.member.partition("/")[0]
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or spec.origin is None:
        raise NotHere(f"installed: no package {package}")
    path = inside(Path(spec.origin).parent.parent, entry.member)
    if not path.is_file():
        raise NotHere(f"installed: no {path}")
    try:
        verify(path, entry)
    except ChecksumError as error:  # another version of the package is not a damaged file
        raise NotHere(f"installed: {error}") from error
    return path


def from_pip(entry: Entry, quiet: bool) -> Path:
    """pip only downloads the wheel; nothing of it is installed or run."""
    requirement, target = entry.url.removeprefix("pip:"), cache_path(entry)
    if not quiet:
        print(f"pip downloads {requirement} ({(entry.bytes or 0) / 1e6:.0f} MB)", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder, new_file(target, entry) as part:
        options = ["--no-deps", "--only-binary=:all:", "--quiet", "--retries=2", f"--dest={folder}"]
        command = [sys.executable, "-m", "pip", "download", *options, requirement]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT)
        wheels = list(Path(folder).glob("*.whl"))
        if "No module named pip" in done.stderr:
            raise NotHere("pip: this Python has none; `python -m ensurepip` installs it")
        if done.returncode or len(wheels) != 1:
            raise NotHere(f"pip: {(done.stderr.strip() or 'no wheel came').splitlines()[-1]}")
        shutil.copyfile(wheels[0], part)
    return target


def from_internet(entry: Entry, quiet: bool) -> Path:
    return downloaded(entry.url, entry, quiet)


def downloaded(url: str, entry: Entry, quiet: bool) -> Path:
    bar = not quiet and (entry.bytes is None or entry.bytes >= LARGE)
    headers = {"Accept-Encoding": "identity"}  # a .gz file must arrive as it is, not unpacked
    get = pooch.HTTPDownloader(progressbar=bar, timeout=TIMEOUT, headers=headers)
    with new_file(cache_path(entry), entry) as part:
        get(url, str(part), None)
    return cache_path(entry)


def extract(entry: Entry, archive: Path) -> Path:
    """Copy a member out of `archive` into the cache, under the name that the registry gives it.

    The member is found by size and sha256: names inside the zip are never used for writing.
    """
    with zipfile.ZipFile(archive) as zip_file, new_file(cache_path(entry), entry) as part:
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


def advice(entry: Entry, answers: list[str]) -> str:
    tried = "".join(f"\n  - {answer}" for answer in answers)
    return (
        f"{entry.name} is not available: {entry.url}\nTried:{tried}\n"
        f"Set DEEPSEM_MIRROR to a folder or base URL that holds the file as {entry.path}, or put "
        f"it at {cache_path(entry)}.\nData that need no such file: {OFFLINE}."
    )
