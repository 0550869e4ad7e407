"""Signing in at another system: the browser is sent there, and comes back."""

from pathlib import Path

from toyz.errors import NotFound
from toyz_web.handlers.base import BaseHandler
from toyz_web.handlers.login import REFUSALS, EntranceHandler
from toyz_web.ways.trips import Trips
from toyz_web.ways.way import Visiting

_SCRIPT = (Path(__file__).parents[1] / "templates" / "place.js").read_bytes()
_LONGEST = 4000
"""Characters of what another system says in the address; none says as much."""
_UNDER_WAY = 8
"""Trips of one browser; those of tabs that were given up make room."""


class DepartHandler(EntranceHandler):
    """Sends the browser to another system."""

    async def get(self, way: str) -> None:
        """Redirect, with a cookie by which the browser is known again when it comes back."""
        entrance, cookies, target = self.services.entrance, self.services.cookies, self.target()
        visiting = self.visiting(way)
        trip = entrance.trips.begin(way, target)
        try:
            elsewhere = await visiting.depart(trip, self.home)
        except REFUSALS as error:
            await self.refuse(error, target)
            return
        begun = [name for name in self.request.cookies if name.startswith(cookies.trip_name(""))]
        for name in begun if len(begun) >= _UNDER_WAY else ():
            self.clear_cookie(name, path=cookies.base_url, secure=cookies.https, samesite="Lax")
        name = cookies.trip_name(Trips.name(trip.state))
        self.set_cookie(name, entrance.trips.seal(trip), **cookies.trip_flags)  # type: ignore[arg-type]
        self.redirect(elsewhere)

    def visiting(self, way: str) -> Visiting:
        """Find the way.

        Raises
        ------
        NotFound
        """
        found = self.services.entrance.ways.visit(way)
        if found is None:
            raise NotFound("There is no such way to sign in.")
        return found

    def head(self, *args: str, **kwargs: str) -> None:
        """Send nobody anywhere."""


class ArriveHandler(DepartHandler):
    """Takes the browser back."""

    async def get(self, way: str) -> None:
        """Sign in who comes back, and lead them to where they wanted to go."""
        visiting, cookies = self.visiting(way), self.services.cookies
        query = {name: self.get_query_argument(name)[:_LONGEST] for name in self.request.query_arguments}
        state = query.get("state", "")
        name = cookies.trip_name(Trips.name(state))
        sealed = self.get_cookie(name) or ""
        self.clear_cookie(name, path=cookies.base_url, secure=cookies.https, samesite="Lax")
        entrance = self.services.entrance
        try:
            trip = entrance.trips.end(way, state, sealed)
            value = await entrance.come_back(visiting, trip, query, self.home, self.origin)
            await self.begin(value, trip.next)
        except REFUSALS as error:
            await self.refuse(error, self.services.base_url)


class HubArriveHandler(ArriveHandler):
    """The same, at the address that JupyterHub gives its services."""

    async def get(self) -> None:  # type: ignore[override]
        """Sign in who comes back from the Hub."""
        await super().get("jupyterhub")


class PlaceScriptHandler(BaseHandler):
    """The script of the sign-in page."""

    public = True

    async def prepare(self) -> None:
        """Let everybody in."""

    async def get(self) -> None:
        """Give it."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.write(_SCRIPT)
