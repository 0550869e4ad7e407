"""Ways to sign in: each says who somebody is, and whether a login that it made still stands."""

from collections.abc import Mapping

import msgspec

from toyz_web.ways.way import Checking, Visiting, Way


class Ways(msgspec.Struct, frozen=True):
    """The ways to sign in that a server has.

    Attributes
    ----------
    link, token : Way
        Of one-time links and of personal tokens, which are always there.
    password, pam : Checking or None
        What checks names and passwords, in the order in which it is tried.
    visiting : tuple of Visiting
        Other systems to which the browser is sent.
    """

    link: Way
    token: Way
    password: Checking | None = None
    pam: Checking | None = None
    visiting: tuple[Visiting, ...] = ()

    @property
    def checking(self) -> tuple[Checking, ...]:
        """What checks names and passwords."""
        return tuple(way for way in (self.password, self.pam) if way is not None)

    @property
    def only(self) -> Visiting | None:
        """The Hub of a server that has no other way in for people: they are led there without a question."""
        first = self.visiting[0] if len(self.visiting) == 1 else None
        return first if first is not None and first.name == "jupyterhub" and self.pam is None else None

    @property
    def by_name(self) -> Mapping[str, Way]:
        """All of them; logins that are older than the names count as made by a link."""
        ways: tuple[Way, ...] = (self.link, self.token, *self.checking, *self.visiting)
        return {"": self.link} | {way.name: way for way in ways}

    def visit(self, name: str) -> Visiting | None:
        """Find one to which the browser is sent."""
        return next((way for way in self.visiting if way.name == name), None)
