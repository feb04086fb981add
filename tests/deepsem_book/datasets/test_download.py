"""The downloader against a local server that truncates, corrupts, stalls and lacks files."""

import gzip
import hashlib
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from urllib.parse import unquote

import pooch
import pytest

from deepsem_book.datasets import download
from deepsem_book.datasets.download import ChecksumError, DataUnavailable, Entry

CONTENT = bytes(range(256)) * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()
CORRUPT = CONTENT[:-1] + b"?"


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT, or a damaged form of it, by the last part of the path."""

    stop: threading.Event
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        kind = unquote(self.path).rsplit("/", 1)[1]
        if kind == "missing":
            self.send_error(404)
            return
        self.send_response(200)
        if kind != "short":  # "short": the connection just ends, no length was announced
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        body = CORRUPT if kind == "corrupt" else CONTENT
        half = kind in ("truncated", "short", "stalled")
        self.wfile.write(body[: len(body) // 2] if half else body)
        self.wfile.flush()
        if kind == "stalled":
            self.stop.wait(20)

    def log_message(self, *args: Any) -> None:
        """Keep the test output clean."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Base URL of a server and the list of paths it was asked for."""
    handler = type("Handler", (Handler,), {"stop": threading.Event(), "asked": []})
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}", handler.asked
    handler.stop.set()
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, no mirror, a short patience."""
    monkeypatch.setenv("DEEPSEM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DEEPSEM_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "TIMEOUT", 0.5)
    return tmp_path / "cache"


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def blob(content: bytes) -> str:
    return hashlib.sha1(b"blob " + str(len(content)).encode() + b"\0" + content).hexdigest()


def test_downloads_once_and_keeps_the_bytes(server: tuple[str, list[str]], cache: Path) -> None:
    base, asked = server
    entry = Entry("x", f"{base}/a%20b/c%2Bd", sha256=SHA256)
    for _ in range(2):
        assert download.fetch(entry, quiet=True).read_bytes() == CONTENT
    assert asked == ["/a%20b/c%2Bd"]
    assert files_below(cache) == [cache / "127.0.0.1" / "a b" / "c+d"]


@pytest.mark.parametrize("kind", ["truncated", "short", "corrupt", "stalled", "missing"])
def test_a_bad_download_leaves_nothing_behind(
    kind: str, server: tuple[str, list[str]], cache: Path, recwarn: pytest.WarningsRecorder
) -> None:
    url = f"{server[0]}/{kind}"
    with pytest.raises(DataUnavailable) as error:
        download.fetch(Entry("some/file", url, sha256=SHA256), quiet=True)
    assert files_below(cache) == []
    for hint in ("some/file", url, "DEEPSEM_MIRROR", "zeisel", "sim/nonlinear"):
        assert hint in str(error.value)
    reason = {"missing": "404", "stalled": "timed out"}.get(kind)
    assert reason is None or reason in str(error.value)


@pytest.mark.parametrize("kind", ["sha256", "git_blob_sha1"])
def test_the_error_says_which_checksum_failed(kind: str, server: tuple[str, list[str]]) -> None:
    right, wrong = {
        "sha256": (SHA256, hashlib.sha256(CORRUPT).hexdigest()),
        "git_blob_sha1": (blob(CONTENT), blob(CORRUPT)),
    }[kind]
    entry = Entry("x", f"{server[0]}/corrupt", **{kind: right})
    with pytest.warns(UserWarning, match=kind), pytest.raises(DataUnavailable) as error:
        download.fetch(entry, quiet=True)
    assert f"wrong {kind}" in str(error.value)
    assert f"expected {right}, got {wrong}" in str(error.value)


@pytest.mark.parametrize(
    ("content", "checksum"),
    [  # published values: `git hash-object` of "hello\n" and of nothing; FIPS 180 example "abc"
        (b"hello\n", {"git_blob_sha1": "ce013625030ba8dba906f756967f9e9ca394464a"}),
        (b"", {"git_blob_sha1": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"}),
        (b"abc", {"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}),
    ],
)
def test_checksums_equal_published_ones(
    content: bytes, checksum: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    download.verify(path, Entry("x", "https://example.org/x", **checksum))
    path.write_bytes(content + b" ")
    with pytest.raises(ChecksumError):
        download.verify(path, Entry("x", "https://example.org/x", **checksum))


def test_a_damaged_cache_file_is_fetched_again(server: tuple[str, list[str]]) -> None:
    entry = Entry("x", f"{server[0]}/good", sha256=SHA256)
    path = download.fetch(entry, quiet=True)
    path.write_bytes(CORRUPT)
    with pytest.warns(UserWarning, match="wrong sha256"):
        assert download.fetch(entry, quiet=True).read_bytes() == CONTENT
    assert len(server[1]) == 2


def test_a_damaged_cache_file_that_cannot_be_had_again_is_removed(cache: Path) -> None:
    path = cache / "127.0.0.1" / "x"
    path.parent.mkdir(parents=True)
    path.write_bytes(CORRUPT)
    with pytest.warns(UserWarning), pytest.raises(DataUnavailable):
        download.fetch(Entry("x", "http://127.0.0.1:1/x", sha256=SHA256), quiet=True)
    assert files_below(cache) == []


def test_the_cache_comes_before_the_mirror(
    server: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Entry("x", f"{server[0]}/a%20b/c%2Bd", sha256=SHA256)
    path = download.fetch(entry, quiet=True)
    mirror_file(tmp_path / "mirror", CONTENT)
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    assert download.fetch(entry, quiet=True) == path


def test_an_interrupted_download_leaves_nothing_behind(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Any, url: str, target: str, *args: Any) -> None:
        Path(target).write_bytes(CONTENT[:1000])
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        download.fetch(Entry("x", "https://example.org/x", sha256=SHA256), quiet=True)
    assert files_below(cache) == []


def mirror_file(mirror: Path, content: bytes) -> None:
    path = mirror / "127.0.0.1" / "a b" / "c+d"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def test_a_mirror_folder_comes_before_the_internet(
    server: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror_file(tmp_path / "mirror", CONTENT)
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    path = download.fetch(Entry("x", f"{server[0]}/a%20b/c%2Bd", sha256=SHA256), quiet=True)
    assert path == tmp_path / "mirror" / "127.0.0.1" / "a b" / "c+d"
    assert server[1] == []


def test_a_wrong_mirror_file_is_refused_and_the_internet_asked(
    server: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror_file(tmp_path / "mirror", CORRUPT)
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    with pytest.warns(UserWarning, match="wrong sha256"):
        path = download.fetch(Entry("x", f"{server[0]}/a%20b/c%2Bd", sha256=SHA256), quiet=True)
    assert path.read_bytes() == CONTENT
    assert server[1] == ["/a%20b/c%2Bd"]


def test_a_mirror_url_is_asked_with_a_quoted_path(
    server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPSEM_MIRROR", server[0] + "/mirror/")
    entry = Entry("x", "https://example.org/a%20b/c%2Bd%25", sha256=SHA256)
    assert download.fetch(entry, quiet=True).read_bytes() == CONTENT
    assert server[1] == ["/mirror/example.org/a%20b/c%2Bd%25"]


@pytest.mark.parametrize("url", ["https://example.org/%2e%2e/%2e%2e/x", "https://../../x"])
def test_a_url_never_leads_out_of_the_cache(url: str) -> None:
    with pytest.raises(ValueError, match="out of the folder"):
        download.fetch(Entry("x", url, sha256=SHA256), quiet=True)


def make_zip(path: Path, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for name, content in members.items():
            zip_file.writestr(name, content)


@pytest.fixture
def mirrored_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Entry]:
    """Puts a zip into a mirror and gives the entry of CONTENT as one of its members."""
    folder = tmp_path / "mirror" / "example.org"
    folder.mkdir(parents=True)
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))

    def put(member: str = "data/x.csv", **members: bytes) -> Entry:
        make_zip(folder / "a.zip", **members)
        url = "https://example.org/a.zip"
        return Entry("x", url, member, sha256=SHA256, bytes=len(CONTENT))

    return put


def test_a_member_is_found_by_content_and_stays_in_its_folder(
    mirrored_zip: Callable[..., Entry], cache: Path, tmp_path: Path
) -> None:
    evil = {"../../../evil.csv": CONTENT, "data/x.csv": CORRUPT, "/abs.csv": b"1"}
    path = download.fetch(mirrored_zip(**evil), quiet=True)
    assert path == cache / "example.org" / "a.zip.members" / "data" / "x.csv"
    assert path.read_bytes() == CONTENT
    written = [file for file in files_below(tmp_path) if "mirror" not in file.parts]
    assert written == [path]


@pytest.mark.parametrize("member", ["../x.csv", "../../../x.csv", "/x.csv", "."])
def test_a_member_name_never_leads_out_of_its_folder(
    member: str, mirrored_zip: Callable[..., Entry]
) -> None:
    with pytest.raises(ValueError, match="out of the folder"):
        download.fetch(mirrored_zip(member, **{"x.csv": CONTENT}), quiet=True)


def test_a_wrong_member_is_refused(mirrored_zip: Callable[..., Entry], cache: Path) -> None:
    entry = mirrored_zip(**{"data/x.csv": CORRUPT})
    with pytest.warns(UserWarning), pytest.raises(DataUnavailable, match=f"expected {SHA256}"):
        download.fetch(entry, quiet=True)
    assert files_below(cache) == []


def test_an_incomplete_zip_is_refused(
    mirrored_zip: Callable[..., Entry], cache: Path, tmp_path: Path
) -> None:
    entry = mirrored_zip(**{"data/x.csv": CONTENT})
    path = tmp_path / "mirror" / "example.org" / "a.zip"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.warns(UserWarning), pytest.raises(DataUnavailable, match="not a complete zip"):
        download.fetch(entry, quiet=True)
    assert files_below(cache) == []


def test_a_zip_with_a_flipped_byte_is_refused(
    mirrored_zip: Callable[..., Entry], tmp_path: Path
) -> None:
    entry = mirrored_zip(**{"data/x.csv": CONTENT})
    path = tmp_path / "mirror" / "example.org" / "a.zip"
    content = bytearray(path.read_bytes())
    content[100] ^= 0xFF  # inside the compressed member
    path.write_bytes(content)
    with pytest.warns(UserWarning), pytest.raises(DataUnavailable):
        download.fetch(entry, quiet=True)


@pytest.mark.parametrize("cut", [None, -1, 30])
def test_a_gz_without_checksum_must_be_complete(
    cut: int | None, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mirror" / "example.org"
    folder.mkdir(parents=True)
    monkeypatch.setenv("DEEPSEM_MIRROR", str(tmp_path / "mirror"))
    (folder / "a.csv.gz").write_bytes(gzip.compress(CONTENT)[:cut])
    entry = Entry("x", "https://example.org/a.csv.gz")
    if cut is None:
        assert gzip.decompress(download.fetch(entry, quiet=True).read_bytes()) == CONTENT
        return
    with pytest.warns(UserWarning), pytest.raises(DataUnavailable, match="not a complete gzip"):
        download.fetch(entry, quiet=True)


def fake_pip(monkeypatch: pytest.MonkeyPatch, content: bytes | None, stderr: str = "") -> list[Any]:
    """Replaces the pip process; `content` is the wheel it delivers. Returns the commands run."""
    commands: list[Any] = []

    def run(command: list[str], **kwargs: Any) -> CompletedProcess[str]:
        commands.append(command)
        if content is not None:
            [folder] = [word.removeprefix("--dest=") for word in command if "--dest=" in word]
            Path(folder, "some-1.0-py3-none-any.whl").write_bytes(content)
        return CompletedProcess(command, 0 if content else 1, "", stderr)

    monkeypatch.setattr("subprocess.run", run)
    return commands


def test_a_wheel_is_downloaded_by_pip_and_never_installed(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    commands = fake_pip(monkeypatch, CONTENT)
    entry = Entry("wheel/some", "pip:some==1.0", sha256=SHA256)
    for _ in range(2):
        assert download.fetch(entry, quiet=True).read_bytes() == CONTENT
    [command] = commands
    assert command[1:4] == ["-m", "pip", "download"] and command[-1] == "some==1.0"
    assert {"--no-deps", "--only-binary=:all:"} <= set(command) and "install" not in command
    assert files_below(cache) == [cache / "pip" / "some-1.0.whl"]


def test_a_wrong_wheel_is_refused(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    fake_pip(monkeypatch, CORRUPT)
    with pytest.warns(UserWarning), pytest.raises(DataUnavailable, match=f"expected {SHA256}"):
        download.fetch(Entry("wheel/some", "pip:some==1.0", sha256=SHA256), quiet=True)
    assert files_below(cache) == []


@pytest.mark.parametrize(
    ("stderr", "hint"),
    [
        ("/usr/bin/python: No module named pip", "ensurepip"),
        ("ERROR: No matching distribution found for some==1.0", "No matching distribution"),
    ],
)
def test_pip_failures_are_explained(
    stderr: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_pip(monkeypatch, None, stderr)
    with pytest.raises(DataUnavailable, match=hint):
        download.fetch(Entry("wheel/some", "pip:some==1.0", sha256=SHA256), quiet=True)


def test_an_installed_package_serves_a_member_only_if_it_is_the_same_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = Path(pooch.__file__).parent / "hashes.py"
    content = path.read_bytes()
    url, member = "pip:some==1.0", "pooch/hashes.py"
    same = Entry("x", url, member, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    assert download.fetch(same, quiet=True) == path
    make_zip(tmp_path / "some.whl", **{member: CONTENT})
    fake_pip(monkeypatch, (tmp_path / "some.whl").read_bytes())
    other = Entry("x", url, member, sha256=SHA256, bytes=len(CONTENT))
    assert download.fetch(other, quiet=True).read_bytes() == CONTENT
