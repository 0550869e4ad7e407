"""The cookie of a login: its name, its flags and where it is sent."""

import msgspec

from toyz_web.store.logins import LIFETIME
from toyz_web.ways.trips import LIFETIME as TRIP


class CookiePolicy(msgspec.Struct, frozen=True):
    """How the cookies of one server look.

    Attributes
    ----------
    instance : str
        The name of the installation.
    base_url : str
    https : bool
        Whether browsers come over https.
    """

    instance: str
    base_url: str
    https: bool

    @property
    def name(self) -> str:
        """``__Host-`` at the root, ``__Secure-`` under a prefix; neither on plain http, where browsers refuse both."""
        if not self.https:
            return f"toyz-{self.instance}"
        return f"__Host-toyz-{self.instance}" if self.base_url == "/" else f"__Secure-toyz-{self.instance}"

    @property
    def xsrf_name(self) -> str:
        """The name of the XSRF cookie; under a prefix, other programs of the host have set theirs for paths above."""
        return "_xsrf" if self.base_url == "/" else f"_xsrf-{self.instance}"

    def trip_name(self, trip: str) -> str:
        """Give the name of the cookie of a browser that is on its way through another system."""
        return f"{self.name}-in-{trip}"

    @property
    def flags(self) -> dict[str, object]:
        """Keyword arguments of `tornado.web.RequestHandler.set_cookie`."""
        return {
            "path": self.base_url,
            "httponly": True,
            "secure": self.https,
            "samesite": "Lax",
            "max_age": int(LIFETIME),
        }

    @property
    def trip_flags(self) -> dict[str, object]:
        """The same for the cookie of a trip."""
        return {**self.flags, "max_age": int(TRIP)}

    @property
    def xsrf_flags(self) -> dict[str, object]:
        """The same for the XSRF cookie, which the page must be able to read."""
        return {"path": self.base_url, "secure": self.https, "samesite": "Lax"}
