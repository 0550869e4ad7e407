"""Where the server is, and how to say who one is."""

import ipaddress
import os
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from toyz.errors import BadRequest

DEFAULT_URL = "http://127.0.0.1:8642/"


@dataclass(frozen=True)
class Address:
    """A server and the token for it.

    Attributes
    ----------
    base : str
        URL with the prefix, ending in a slash.
    token : str
    """

    base: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What every request says."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def socket(self, query: dict[str, str]) -> str:
        """URL of the websocket."""
        return "ws" + self.base.removeprefix("http") + "api/socket?" + urlencode(query)

    @property
    def local(self) -> bool:
        """Whether the server is on this machine, where no proxy belongs between."""
        host = urlsplit(self.base).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


def find_address(url: str | None = None, token: str | None = None) -> Address:
    """Complete what is not given from ``TOYZ_URL`` and ``TOYZ_TOKEN``.

    Parameters
    ----------
    url : str, optional
        With the prefix, if the server has one; a query (such as the one-time token of a link) is
        left out.
    token : str, optional

    Raises
    ------
    BadRequest
        If it is no http or https URL.
    """
    text = url or os.environ.get("TOYZ_URL") or DEFAULT_URL
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadRequest(f"not the URL of a server: {text}")
    base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}/"
    return Address(base, os.environ.get("TOYZ_TOKEN", "") if token is None else token)
