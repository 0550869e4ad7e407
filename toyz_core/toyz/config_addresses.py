"""What a configuration may say of addresses: the server's own, those of sites, of proxies and of networks."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from toyz.errors import BadRequest

ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
PUBLIC_URL = re.compile(r"(https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?)(/[^?#]*)?")


def normalise_base_url(text: str) -> str:
    """Give a prefix its leading and trailing slash.

    Raises
    ------
    BadRequest
        If it holds anything but letters, digits, ``-``, ``_``, ``.``, ``~`` and slashes.
    """
    if not re.fullmatch(r"[A-Za-z0-9._~/-]*", text) or "//" in text or ".." in text:
        raise BadRequest(f"not a URL prefix: {text!r}")
    inner = text.strip("/")
    return f"/{inner}/" if inner else "/"


def read_public_url(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the prefix and the scheme that follow from ``public_url``, if it is set.

    Raises
    ------
    BadRequest
        If it is no URL of http or https, or contradicts ``base_url``.
    """
    given = str(values.get("public_url") or "")
    if not given:
        return {}
    match = PUBLIC_URL.fullmatch(given)
    if match is None:
        raise BadRequest(f"configuration: public_url: not a URL such as https://sky.example.org/toyz/: {given!r}")
    prefix = normalise_base_url(match[2] or "/")
    if normalise_base_url(str(values.get("base_url", prefix))) != prefix:
        raise BadRequest(f"configuration: base_url is another than the path of public_url, {prefix}")
    found: dict[str, Any] = {"public_url": match[1] + prefix, "base_url": prefix}
    return found | ({"https": True} if given.startswith("https:") else {})


def check_origins(origins: tuple[str, ...]) -> None:
    """Refuse what is no origin: scheme, host and perhaps a port, as browsers write it.

    Raises
    ------
    BadRequest
    """
    for origin in origins:
        if origin != "*" and not ORIGIN.fullmatch(origin):
            raise BadRequest(
                f"configuration: cors_origins: not an origin: {origin!r} (such as https://viewer.example.org, or *)"
            )


def check_networks(option: str, texts: tuple[str, ...]) -> None:
    """Refuse what is neither an address nor a network.

    Raises
    ------
    BadRequest
    """
    for text in texts:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise BadRequest(
                f"configuration: {option}: not an address or a network: {text!r} (such as 127.0.0.1 or 10.0.0.0/8)"
            ) from None
