"""Who asks, where a proxy stands in between: what it says is believed if the configuration trusts it, and only then."""

import ipaddress
from collections.abc import Awaitable, Iterable
from typing import Any, NamedTuple

from tornado.httputil import HTTPConnection, HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine

from toyz_web.gate import Gate

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_SCHEMES = ("http", "https")


class Asker(NamedTuple):
    """Where a request comes from: the address of its client, and the scheme that the client used."""

    address: str
    scheme: str


class Networks:
    """Addresses of a configuration.

    Parameters
    ----------
    texts : iterable of str
        Addresses and networks.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._networks: tuple[Network, ...] = tuple(ipaddress.ip_network(text, strict=False) for text in texts)

    def __contains__(self, address: str) -> bool:
        if not self._networks:
            return False
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        plain = getattr(found, "ipv4_mapped", None) or found
        return any(plain in network for network in self._networks)


class Forwarding:
    """Reads what trusted proxies say of requests.

    Parameters
    ----------
    trusted : Networks
    scheme : str
        That the server itself speaks.
    """

    def __init__(self, trusted: Networks, scheme: str) -> None:
        self._trusted, self._scheme = trusted, scheme

    def asker(self, peer: str, headers: HTTPHeaders) -> Asker:
        """Say who asks.

        Parameters
        ----------
        peer : str
            Address of the other end of the connection.
        headers : HTTPHeaders

        Returns
        -------
        Asker
            Of the nearest address that is not a trusted proxy's: what stands before it in
            ``X-Forwarded-For``, whoever asks may have written.
        """
        if peer not in self._trusted:
            return Asker(peer, self._scheme)
        address = peer
        for named in reversed(headers.get("X-Forwarded-For", "").split(",")):
            try:
                address = str(ipaddress.ip_address(named.strip()))
            except ValueError:
                break
            if address not in self._trusted:
                break
        scheme = headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
        return Asker(address, scheme if scheme in _SCHEMES else self._scheme)


class ForwardedGate(Gate):
    """Tells each request of a connection who asks, before anything is made of it.

    Parameters
    ----------
    inner : HTTPMessageDelegate
    connection : HTTPConnection
    forwarding : Forwarding
    """

    def __init__(self, inner: HTTPMessageDelegate, connection: HTTPConnection, forwarding: Forwarding) -> None:
        super().__init__(inner)
        self._forwarding = forwarding
        self._context: Any = connection.context  # type: ignore[attr-defined]

    def headers_received(
        self, start_line: "RequestStartLine | ResponseStartLine", headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Set the address and the scheme that Tornado makes the request of."""
        context = self._context
        asker = self._forwarding.asker(_peer(context.address), headers)
        context.remote_ip, context.protocol = asker
        return super().headers_received(start_line, headers)


def _peer(address: Any) -> str:
    """Give the address of the other end; who comes by a socket of this machine is on it."""
    return str(address[0]) if isinstance(address, tuple) and address else "127.0.0.1"
