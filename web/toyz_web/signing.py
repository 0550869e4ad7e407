"""Identifiers that open by themselves: signed by the server, until they expire."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable

from toyz.errors import NotFound
from toyz_web.iiif.identifier import Identifier


class Signer:
    """Signs the identifiers of images and checks signatures.

    What is signed is the whole identifier with the moment at which it expires: a link to one image in one
    style opens nothing else.

    Parameters
    ----------
    secret : str
        Of the installation; whoever has it can sign.
    clock : callable
        Seconds since the epoch.
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._key = hashlib.sha256(f"image links\0{secret}".encode()).digest()
        self._clock = clock

    def sign(self, identifier: Identifier, lifetime: float) -> Identifier:
        """Give an identifier that opens without a login for `lifetime` seconds."""
        expiring = identifier.replace(expires=int(self._clock() + lifetime), signature="")
        return expiring.replace(signature=self._signature(expiring))

    def check(self, identifier: Identifier) -> float:
        """Check a signed identifier, in constant time; gives the seconds that are left.

        Raises
        ------
        NotFound
            If it was changed, was not signed here, or has expired: which of them is not told.
        """
        unsigned = identifier.replace(signature="")
        given = identifier.options.signature.encode("utf-8", "surrogatepass")
        right = hmac.compare_digest(given, self._signature(unsigned).encode())
        left = identifier.options.expires - self._clock()
        if not right or left <= 0:
            raise NotFound("This link is not valid, or not any more.")
        return left

    def _signature(self, identifier: Identifier) -> str:
        mac = hmac.new(self._key, identifier.text.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")
