"""Fetching by address, from a real server on this machine that the tests alone may reach."""

from __future__ import annotations

import gzip
import ipaddress
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lpm.lib.safe_fetch import FetchRefused, Host, fetch, refuses_address


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Not a word."""

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].strip("/")
        getattr(self, f"send_{name.split('/')[0]}", self.send_missing)()

    def answer(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def send_missing(self) -> None:
        self.answer(b"", 404)

    def send_file(self) -> None:
        self.answer(f"{self.headers['Host']} {self.path}".encode())

    def send_big(self) -> None:
        self.answer(b"x" * 2001)

    def send_packed(self) -> None:
        self.answer(gzip.compress(b"words " * 100), Content_Encoding="gzip")

    def send_bomb(self) -> None:
        self.answer(gzip.compress(b"0" * 1_000_000), Content_Encoding="gzip")

    def send_cut(self) -> None:
        self.answer(gzip.compress(b"words " * 100)[:-9], Content_Encoding="gzip")

    def send_odd(self) -> None:
        self.answer(b"words", Content_Encoding="zstd")

    def send_away(self) -> None:
        self.answer(b"", 302, Location="http://10.0.0.1/secrets")

    def send_metadata(self) -> None:
        self.answer(b"", 307, Location="http://169.254.169.254/latest/meta-data/")

    def send_disk(self) -> None:
        self.answer(b"", 302, Location="file:///etc/passwd")

    def send_hops(self) -> None:
        left = int(self.path.rpartition("/")[2])
        self.answer(b"", 301, Location=f"/hops/{left - 1}" if left else "/file")

    def send_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.drip()

    def send_slowheads(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.drip()

    def send_nonsense(self) -> None:
        self.wfile.write(b"this is no HTTP\r\n\r\n")

    def drip(self) -> None:
        try:
            for _n in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            """The other side has hung up, as it should."""


@pytest.fixture(scope="module")
def server() -> Iterator[Host]:
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.daemon_threads = True
    threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield "localhost", served.server_port
    served.shutdown()
    served.server_close()


def refused(url: str, **options: object) -> str:
    with pytest.raises(FetchRefused) as raised:
        fetch(url, **options)  # type: ignore[arg-type]  # options of one test each
    assert str(raised.value).endswith(".")
    return raised.value.code


def at(server: Host, path: str) -> str:
    return f"http://{server[0]}:{server[1]}/{path}"


def code(server: Host, path: str, **options: object) -> str:
    return refused(at(server, path), also_allowed=frozenset({server}), **options)


def test_what_lies_there_is_fetched(server):
    found = fetch(at(server, "file?a=b#c"), also_allowed=frozenset({server}))

    assert found.content == f"localhost:{server[1]} /file?a=b".encode()  # the server is asked by its name
    assert found.url == at(server, "file?a=b")


def test_five_redirects_are_followed_and_no_sixth(server):
    assert fetch(at(server, "hops/4"), also_allowed=frozenset({server})).url == at(server, "file")
    assert code(server, "hops/5") == "too_many_redirects"


def test_private_network_is_refused_though_something_is_there(server):
    assert fetch(at(server, "file"), also_allowed=frozenset({server})).content
    assert refused(at(server, "file")) == "private_address"


@pytest.mark.parametrize("path", ["away", "metadata"])
def test_redirect_into_a_private_network_is_refused(path, server):
    assert code(server, path) == "private_address"


def test_redirect_to_the_disk_is_refused(server):
    assert code(server, "disk") == "bad_address"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "https://192.168.1.1:8443/x",
        "http://[fe80::1]/",
    ],
)
def test_private_addresses_however_written_are_refused(url):
    assert refused(url) == "private_address"


@pytest.mark.parametrize(
    ("address", "is_refused"),
    [
        ("93.184.216.34", False),
        ("2606:2800:220:1::1", False),
        ("::ffff:93.184.216.34", False),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.0.1", True),
        ("127.0.0.2", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),  # noqa: S104 (no server is bound to it)
        ("224.0.0.1", True),
        ("240.0.0.1", True),
        ("255.255.255.255", True),
        ("::", True),
        ("::1", True),
        ("fc00::1", True),
        ("fe80::1", True),
        ("ff02::1", True),
        ("::ffff:192.168.0.1", True),
        ("2002:c0a8:0001::1", True),
        ("64:ff9b::10.0.0.1", True),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", True),
    ],
)
def test_addresses(address, is_refused):
    assert refuses_address(ipaddress.ip_address(address)) is is_refused


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org/x", "ftp://example.org/x", "file:///etc/passwd", "https://", "https://[", "http://a b/"),
        *("https://name:word@example.org/x", f"https://example.org/{'x' * 2000}", "http://example.org:99999/"),
    ],
)
def test_other_than_web_addresses_are_refused(url):
    assert refused(url) == "bad_address"


def test_unknown_host_is_told():
    assert refused("http://nowhere.invalid/") == "no_host"


def test_nobody_listening_is_told(server):
    free = ("localhost", 1)
    assert refused(at(free, "file"), also_allowed=frozenset({free})) == "no_connection"


def test_too_large_a_file_is_refused(server):
    assert len(fetch(at(server, "big"), also_allowed=frozenset({server}), most_bytes=2001).content) == 2001
    assert code(server, "big", most_bytes=2000) == "too_large"


def test_packed_file_is_unpacked_within_the_limit(server):
    assert fetch(at(server, "packed"), also_allowed=frozenset({server})).content == b"words " * 100
    assert code(server, "bomb", most_bytes=10_000) == "too_large"


@pytest.mark.parametrize("path", ["missing", "cut", "odd", "nonsense"])
def test_answers_that_are_no_file_are_refused(path, server):
    assert code(server, path) == "bad_answer"


@pytest.mark.parametrize("path", ["drip", "slowheads"])
def test_slow_drip_ends_in_time(path, server):
    began = time.monotonic()
    assert code(server, path, most_seconds=0.4) == "too_slow"
    assert time.monotonic() - began < 2
