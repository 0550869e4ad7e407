"""What the handlers of a running server work with."""

from dataclasses import dataclass
from pathlib import Path

from toyz_web.auth import Authenticator
from toyz_web.cookies import CookiePolicy
from toyz_web.entrance import Entrance
from toyz_web.hub import Hub
from toyz_web.long_requests import LongRequests
from toyz_web.metrics import Metrics
from toyz_web.shared import Shared
from toyz_web.signing import Signer
from toyz_web.uploads import Uploads

BUNDLE = Path(__file__).parent / "static"
"""The page, built from ``web/src``."""


@dataclass(frozen=True)
class Services:
    """The parts of a server, as the handlers see them."""

    shared: Shared
    hub: Hub
    auth: Authenticator
    entrance: Entrance
    cookies: CookiePolicy
    signer: Signer
    metrics: Metrics
    uploads: Uploads
    long_requests: LongRequests
    bundle: Path = BUNDLE

    @property
    def base_url(self) -> str:
        """The prefix of every URL; begins and ends with a slash."""
        return self.shared.config.base_url
