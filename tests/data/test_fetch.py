"""Downloads over real sockets on this machine: good, dead, wrong and cut-short mirrors."""

import gzip
import hashlib
import re
import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from gan_repro.data import download
from gan_repro.data.fetch import ATTEMPTS, fetch
from gan_repro.data.prepare import prepare
from gan_repro.errors import UserError

CONTENT = {"a.gz": gzip.compress(b"first", mtime=0), "b.gz": gzip.compress(b"second", mtime=0)}


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder quietly and counts what it was asked for."""

    def log_message(self, *arguments):
        self.server.requests_seen.append(self.path)


class Truncating(Handler):
    """Promises twice the bytes that it sends."""

    def do_GET(self):
        self.log_message()
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 500)


class Refusing(Handler):
    """Closes every connection without a word."""

    def handle(self):
        self.server.requests_seen.append("refused")


class Stalling(Handler):
    """Takes a request and never answers."""

    def do_GET(self):
        self.log_message()
        self.server.stop.wait(20)


class Dripping(Handler):
    """Sends a byte now and then, for as long as anybody waits."""

    def do_GET(self):
        self.log_message()
        self.send_response(200)
        self.end_headers()
        while not self.server.stop.wait(0.05):
            self.wfile.write(b"x")


class DrippingHeaders(Handler):
    """Never comes to the end of its headers."""

    def do_GET(self):
        self.log_message()
        while not self.server.stop.wait(0.05):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: y\r\n")


class Flooding(Handler):
    """Sends without end."""

    def do_GET(self):
        self.log_message()
        self.send_response(200)
        self.end_headers()
        while not self.server.stop.is_set():
            self.wfile.write(bytes(2**20))
            self.server.sent += 2**20


class Page(Handler):
    """Answers everything with a page, as a hotel's network does."""

    def do_GET(self):
        self.log_message()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>log in</html>"[:6])


class Circling(Handler):
    """Redirects to itself."""

    def do_GET(self):
        self.log_message()
        self.send_response(302)
        self.send_header("Location", f"/{len(self.server.requests_seen)}")
        self.end_headers()


def serve(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.requests_seen, server.sent, server.stop = [], 0, threading.Event()
    server.handle_error = lambda *arguments: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def url(server) -> str:
    return f"http://127.0.0.1:{server.server_port}/"


@pytest.fixture
def folder(tmp_path):
    """A mirror folder with both files."""
    place = tmp_path / "mirror" / "toy"
    place.mkdir(parents=True)
    for name, content in CONTENT.items():
        (place / name).write_bytes(content)
    return place


@pytest.fixture
def server(folder):
    running = serve(partial(Handler, directory=str(folder)))
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """Write a config/datasets.yaml with one dataset `toy` on the given mirrors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GAN_REPRO_MIRROR", raising=False)

    def write(*mirrors):
        files = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "largest": len(data)}
            for name, data in CONTENT.items()
        }
        entry = {"title": "Toy", "source": "here", "licence": "none", "files": files}
        (tmp_path / "config").mkdir(exist_ok=True)
        content = yaml.safe_dump({"toy": entry | {"mirrors": list(mirrors)}})
        (tmp_path / "config/datasets.yaml").write_text(content)

    return write


def dead_mirror() -> str:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.server_close()
    return url(server)


def test_files_arrive_verified_and_are_not_fetched_twice(catalogue, server, tmp_path):
    catalogue(url(server))
    paths = fetch("toy", tmp_path / "raw", report=lambda line: None)
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    assert len((tmp_path / "raw/toy/SHA256SUMS").read_text().splitlines()) == 2
    seen = len(server.requests_seen)
    fetch("toy", tmp_path / "raw", report=lambda line: None)
    assert len(server.requests_seen) == seen


def test_a_dead_mirror_is_tried_again_then_passed_over_for_every_file(catalogue, server, tmp_path):
    dead, lines = dead_mirror(), []
    catalogue(dead, url(server))
    fetch("toy", tmp_path / "raw", report=lines.append)
    assert sum(f"{dead} failed" in line for line in lines) == ATTEMPTS
    assert (tmp_path / "raw/toy/a.gz").read_bytes() == CONTENT["a.gz"]


def test_no_mirror_at_all_names_the_ways_out_in_one_line(catalogue, tmp_path):
    catalogue(dead_mirror())
    with pytest.raises(UserError) as caught:
        fetch("toy", tmp_path / "raw", report=lambda line: None)
    message = str(caught.value)
    assert "\n" not in message
    for part in ("no connection", "raw/toy", "GAN_REPRO_MIRROR", "make demo"):
        assert part in message
    assert not list((tmp_path / "raw/toy").glob("*"))


def test_truncated_and_altered_files_never_reach_the_folder(catalogue, folder, tmp_path):
    cut = serve(Truncating)
    (folder / "a.gz").write_bytes(b"altered")
    catalogue(url(cut), str(folder))
    with pytest.raises(UserError, match="SHA-256 differs"):
        fetch("toy", tmp_path / "raw", report=lambda line: None)
    assert not (tmp_path / "raw/toy/a.gz").exists()
    cut.shutdown()
    cut.server_close()


def test_a_damaged_file_already_there_is_reported_and_kept(catalogue, folder, tmp_path):
    catalogue(str(folder))
    target = tmp_path / "raw/toy/a.gz"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"mine")
    with pytest.raises(UserError, match="SHA-256 is .* delete the file and fetch again"):
        fetch("toy", tmp_path / "raw", report=lambda line: None)
    assert target.read_bytes() == b"mine"


def test_a_folder_of_datasets_works_as_a_mirror(catalogue, folder, tmp_path, monkeypatch):
    catalogue(dead_mirror())
    monkeypatch.setenv("GAN_REPRO_MIRROR", str(folder.parent))
    lines = []
    fetch("toy", tmp_path / "raw", report=lines.append)
    assert (tmp_path / "raw/toy/b.gz").read_bytes() == CONTENT["b.gz"]
    assert not any("failed" in line for line in lines)


def test_an_unwritable_data_folder_is_one_line(catalogue, folder, tmp_path):
    catalogue(str(folder))
    (tmp_path / "raw").write_text("a file where the folder should be")
    with pytest.raises(UserError, match="cannot write"):
        fetch("toy", tmp_path / "raw", report=lambda line: None)


def test_an_unknown_dataset_is_answered_with_the_nearest(catalogue, tmp_path):
    catalogue()
    with pytest.raises(UserError, match="unknown dataset 'tyo'.*did you mean 'toy'"):
        fetch("tyo", tmp_path / "raw")


@pytest.mark.parametrize(
    ("handler", "reason", "asked"),
    [
        (Refusing, "no connection", ATTEMPTS),
        (Stalling, "no answer within 0.3 s", ATTEMPTS),
        (Dripping, "not done within 1 s", ATTEMPTS),
        (DrippingHeaders, "not done within 1 s", ATTEMPTS),
        (Truncating, "SHA-256 differs|more bytes|broke", 2 * ATTEMPTS),
        (Flooding, "sends more bytes than the file has", 2 * ATTEMPTS),
        (Page, "SHA-256 differs", 2 * ATTEMPTS),
        (Circling, "redirects", None),
    ],
)
def test_a_server_that_misbehaves_is_left_in_time_and_named(
    catalogue, folder, tmp_path, monkeypatch, handler, reason, asked
):
    """One that cannot be reached is asked for the first file alone."""
    monkeypatch.setattr(download, "SILENCE_SECONDS", 0.3)
    monkeypatch.setattr(download, "DEADLINE_SECONDS", 1)
    bad, lines = serve(handler), []
    catalogue(url(bad), str(folder))
    fetch("toy", tmp_path / "raw", report=lines.append)
    bad.stop.set()
    bad.shutdown()
    bad.server_close()
    assert (tmp_path / "raw/toy/b.gz").read_bytes() == CONTENT["b.gz"]
    failed = [line for line in lines if "failed" in line]
    assert all(re.search(reason, line) for line in failed), failed
    assert asked in (None, len(failed))
    assert bad.sent < 100 * 2**20
    left = sorted(path.name for path in (tmp_path / "raw/toy").iterdir())
    assert left == ["SHA256SUMS", "a.gz", "b.gz"]


def test_an_address_works_as_the_users_mirror(catalogue, server, folder, tmp_path, monkeypatch):
    catalogue()
    root = serve(partial(Handler, directory=str(folder.parent)))
    monkeypatch.setenv("GAN_REPRO_MIRROR", url(root))
    fetch("toy", tmp_path / "raw", report=lambda line: None)
    assert (tmp_path / "raw/toy/a.gz").read_bytes() == CONTENT["a.gz"]
    assert root.requests_seen == ["/toy/a.gz", "/toy/b.gz"]
    root.shutdown()
    root.server_close()


def test_prepare_refuses_what_fetch_would(tmp_path, monkeypatch):
    """A title is for the content that it names."""
    raw = tmp_path / "raw/mnist"
    raw.mkdir(parents=True)
    images = struct.pack(">4I", 0x803, 10_000, 28, 28) + bytes(10_000 * 784)
    (raw / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
    with pytest.raises(UserError, match="t10k-images-idx3-ubyte.gz: SHA-256 is"):
        prepare("mnist", tmp_path / "raw", tmp_path / "prepared")
    assert not (tmp_path / "prepared").exists()
