"""Fetching what a person named by its web address, without letting them look into the network this runs in.

The name is resolved here, every address it has is checked, and the connection goes to the very address that was
checked, so that the name cannot mean another one a moment later. Each redirect begins anew.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpcore
import httpx
from django.utils.translation import gettext as _

MOST_BYTES = 64 * 1024**2
MOST_SECONDS = 30.0
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_ADDRESS = 2000
HEADERS: Mapping[bytes | str, bytes | str] = {
    "User-Agent": "Cairn",
    "Accept": "application/json, */*;q=0.5",
    "Accept-Encoding": "identity",
}
SHOWN = 200
HOST = re.compile(r"[^\s%\[\]/?#@\\]+")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Host = tuple[str, int]
NOWHERE: frozenset[Host] = frozenset()
SIX_IN_FOUR = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits


class FetchRefused(Exception):
    """Nothing was fetched. ``code`` is for programs; the text is a sentence for the person."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True)
class Fetched:
    """``url`` is where it was found in the end."""

    content: bytes
    url: str


def fetch(
    url: str,
    *,
    most_bytes: int = MOST_BYTES,
    most_seconds: float = MOST_SECONDS,
    also_allowed: frozenset[Host] = NOWHERE,
) -> Fetched:
    """What lies at ``url`` (http or https), at most ``most_bytes`` of it, in at most ``most_seconds`` in all.

    Follows five redirects. ``also_allowed`` are hosts and ports that may be in a private network; for tests. Raises
    FetchRefused: bad_address, no_host, private_address, no_connection, too_slow, too_large, too_many_redirects,
    bad_answer.
    """
    deadline = monotonic() + most_seconds
    network = _Checked(deadline, also_allowed)
    with httpcore.ConnectionPool(network_backend=network, max_connections=1, max_keepalive_connections=0) as pool:
        address = _address(url)
        for _redirect in range(MOST_REDIRECTS + 1):
            found = _get(pool, address, most_bytes, deadline)
            if isinstance(found, bytes):
                return Fetched(found, str(address))
            address = _address(found, seen_at=address)
    raise FetchRefused("too_many_redirects", _("This address leads on and on to others. Nothing was fetched."))


def _address(url: str, seen_at: httpx.URL | None = None) -> httpx.URL:
    """The address, where it is not whole from the place where it was ``seen_at``."""
    try:
        address = httpx.URL(url.strip()[: LONGEST_ADDRESS + 1])
        address = seen_at.join(address) if seen_at else address
    except (httpx.InvalidURL, ValueError):
        raise _bad_address() from None
    is_whole = address.scheme in {"http", "https"} and HOST.fullmatch(address.host)
    if not is_whole or not 0 < (address.port or 443) < 65536 or len(url) > LONGEST_ADDRESS:
        raise _bad_address()
    if address.userinfo:
        sentence = _("This address has a name or password in it, which would be kept. Leave them out.")
        raise FetchRefused("bad_address", sentence)
    return address.copy_with(fragment=None)


def _bad_address() -> FetchRefused:
    sentence = _("This is not an address that can be fetched. It begins with https:// and names a server.")
    return FetchRefused("bad_address", sentence)


def _get(pool: httpcore.ConnectionPool, address: httpx.URL, most_bytes: int, deadline: float) -> bytes | str:
    """What was found, or where else it is."""
    limit = max(deadline - monotonic(), 0.001)
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), limit)
    try:
        with pool.stream("GET", str(address), headers=HEADERS, extensions={"timeout": timeouts}) as response:
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in REDIRECTS and headers.get("location"):
                return headers["location"]
            if response.status != 200:
                sentence = _("The server answered %(status)d instead of sending the file. Nothing was fetched.")
                raise FetchRefused("bad_answer", sentence % {"status": response.status})
            return _content(response.iter_stream(), headers, most_bytes)
    except httpcore.TimeoutException:
        raise FetchRefused("too_slow", _("The server took too long. Nothing was fetched; try again later.")) from None
    except httpcore.NetworkError as error:
        sentence = _("The server could not be reached (%(reason)s). Nothing was fetched.")
        raise FetchRefused("no_connection", sentence % {"reason": str(error)[:SHOWN] or "?"}) from None
    except (httpcore.ProtocolError, zlib.error, ValueError):
        raise FetchRefused("bad_answer", _("The server’s answer cannot be read. Nothing was fetched.")) from None


def _content(chunks: Iterable[bytes], headers: dict[str, str], most_bytes: int) -> bytes:
    """All chunks, unpacked if the server packed them unasked."""
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed not in {"identity", "gzip", "deflate", ""}:
        raise ValueError(packed)
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32) if packed in {"gzip", "deflate"} else None
    content = bytearray()
    for chunk in chunks:
        room = most_bytes - len(content) + 1
        content += unpacker.decompress(chunk, room) if unpacker else chunk[:room]
        if len(content) > most_bytes:
            sentence = _("What lies there is larger than %(size)d megabytes. Nothing was fetched.")
            raise FetchRefused("too_large", sentence % {"size": max(most_bytes // 1024**2, 1)})
    if unpacker and not unpacker.eof:
        raise ValueError("cut off")
    return bytes(content)


def refuses_address(address: Address) -> bool:
    """Whether it belongs to a private, local or reserved network, also where an IPv6 address holds an IPv4 one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.teredo:
            return True
        inner = address.ipv4_mapped or address.sixtofour
        if address in SIX_IN_FOUR:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return refuses_address(inner)
    return not address.is_global or address.is_multicast or address.is_reserved


def _checked_addresses(host: str, port: int, also_allowed: frozenset[Host]) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        sentence = _("There is no server called %(host)s. Nothing was fetched.")
        raise FetchRefused("no_host", sentence % {"host": host[:SHOWN]}) from None
    addresses = list(dict.fromkeys(str(place[4][0]) for place in found))
    if (host, port) not in also_allowed and any(map(_is_refused, addresses)):
        sentence = _("%(host)s is in a private network, which cannot be fetched from here. Nothing was fetched.")
        raise FetchRefused("private_address", sentence % {"host": host[:SHOWN]})
    return addresses


def _is_refused(address: str) -> bool:
    try:
        return refuses_address(ipaddress.ip_address(address))
    except ValueError:  # one with a scope, such as fe80::1%eth0
        return True


class _Checked(httpcore.NetworkBackend):
    """Connects to addresses that were checked, and to nothing after the deadline."""

    def __init__(self, deadline: float, also_allowed: frozenset[Host]) -> None:
        self._deadline = deadline
        self._also_allowed = also_allowed
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        last: Exception = httpcore.ConnectError(host)
        for address in _checked_addresses(host, port, self._also_allowed):
            try:
                stream = self._network.connect_tcp(address, port, _left(self._deadline), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _Timed(stream, self._deadline)
        raise last


class _Timed(httpcore.NetworkStream):
    """Every read and write ends by the deadline, so that a slow drip does too."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    """Seconds until the deadline. Raises ReadTimeout when there are none."""
    left = deadline - monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
