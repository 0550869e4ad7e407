"""Signing in on a page of this server, and signing out."""

from urllib.parse import urlencode

from tornado.web import RequestHandler

from toyz.errors import Busy, Forbidden, NotAuthenticated, ToyzError, Unreachable
from toyz_web.auth import PROXY, Origin
from toyz_web.handlers.page import HtmlHandler
from toyz_web.redirects import safe_next
from toyz_web.templates import Markup, part, render
from toyz_web.throttle import TooManyGuesses

MAX_TOKEN = 1000
"""Characters of a token or a password; what is longer is none."""
MAX_NAME = 64
REFUSALS = (NotAuthenticated, Forbidden, TooManyGuesses, Unreachable)
"""What is told on the sign-in page."""


class EntranceHandler(HtmlHandler):
    """What the pages have in common on which one signs in."""

    public = True

    async def prepare(self) -> None:
        """Find out who asks; a wrong bearer is no reason to refuse this page."""
        proxied = PROXY in self.request.headers
        self.identity = await (self.identify() if proxied else self.services.auth.check_cookie(self.cookie))
        if self.identity is None and self.services.hub.draining:
            raise Busy("The server is being restarted. Try again in a moment.")

    @property
    def origin(self) -> Origin:
        """Where the browser is."""
        return Origin(self.request.remote_ip or "", self.request.headers.get("User-Agent", ""))

    @property
    def home(self) -> str:
        """URL of the server as other systems must know it: as configured, or else as the browser has it."""
        return self.services.shared.config.public_url or self.site

    def target(self) -> str:
        """Give where to go on to."""
        return safe_next(self.get_argument("next", None), self.services.base_url)

    async def begin(self, value: str, target: str) -> None:
        """Set the cookie of a login that was just made; one of before ends."""
        if self.identity is not None and self.identity.login is not None:
            await self.services.shared.access.sign_out(self.identity.login)
        cookies = self.services.cookies
        self.set_cookie(cookies.name, value, **cookies.flags)  # type: ignore[arg-type]
        self.redirect(target, status=303)

    async def refuse(self, error: ToyzError, target: str) -> None:
        """Say on the sign-in page why nobody is signed in."""
        self.set_status(error.status)
        if isinstance(error, TooManyGuesses):
            self.set_header("Retry-After", str(int(error.seconds) + 1))
        await self.show_form(error.message, target)

    async def show_form(self, message: str, target: str) -> None:
        """Offer the ways to sign in: with a name and a password, elsewhere, and with a token."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        values = {"next": target, "xsrf_field": Markup(self.xsrf_form_html())}
        entrance = self.services.entrance
        parts = [
            part("login_visit.html", label=way.label, url=self._departure(way.name, target))
            for way in entrance.ways.visiting
        ]
        if await entrance.asks_for_passwords():
            username = self.get_body_argument("username", "")[:MAX_NAME]
            focus = {"name_focus": "" if username else " autofocus", "password_focus": " autofocus" if username else ""}
            parts.append(part("login_password.html", username=username, **focus, **values))
        attributes = Markup('autocomplete="off"' if parts else 'autocomplete="current-password" autofocus')
        form = part("login_token_form.html", attributes=attributes, **values)
        parts.append(part("login_token_below.html" if parts else "login_token_alone.html", form=form))
        head = part("login_head.html", base_url=self.services.base_url) if entrance.ways.visiting else ""
        words = {"message": message, "ways": Markup("\n".join(parts))}
        self.write(render("login.html", title="Sign in", head=head, **words))

    def _departure(self, way: str, target: str) -> str:
        return f"{self.services.base_url}login/{way}?{urlencode({'next': target})}"


class LoginHandler(EntranceHandler):
    """The sign-in page, and the one-time link of the terminal."""

    def check_xsrf_cookie(self) -> None:
        """A form of another site must not sign anybody in: here the token is asked for always."""
        RequestHandler.check_xsrf_cookie(self)

    async def get(self) -> None:
        """Use up a one-time ticket, or show the form."""
        target = self.target()
        if self.identity is not None:
            self.redirect(target)
            return
        ticket = self.get_query_argument("token", "")
        only = self.services.entrance.ways.only
        if not ticket and only is not None:
            self.redirect(self._departure(only.name, target))
            return
        if not ticket:
            await self.show_form("", target)
            return
        try:
            await self.begin(await self.services.entrance.with_ticket(ticket[:MAX_TOKEN], self.origin), target)
        except REFUSALS as error:
            await self.refuse(error, target)

    async def head(self, *args: str, **kwargs: str) -> None:
        """Answer as to a form: who only looks at a link, such as a chat that previews it, must not use it up."""
        del args, kwargs
        await self.show_form("", self.target())

    async def post(self) -> None:
        """Check the name and the password, or the token, of a form."""
        entrance = self.services.entrance
        token = self.get_body_argument("token", "")[:MAX_TOKEN].strip()
        try:
            if token:
                value = await entrance.with_token(token, self.origin)
            else:
                # What is too long to be a name or a password is a wrong one, cut or not.
                name = self.get_body_argument("username", "")[: MAX_NAME + 1]
                password = self.get_body_argument("password", "", strip=False)[: MAX_TOKEN + 1]
                value = await entrance.with_password(name, password, self.origin)
            await self.begin(value, self.target())
        except REFUSALS as error:
            await self.refuse(error, self.target())


class LogoutHandler(EntranceHandler):
    """Ends a login and everything that came with it."""

    public = True

    async def post(self) -> None:
        """End the login, close its sockets, and show the sign-in page, or where else one is to be signed out."""
        login = self.identity.login if self.identity is not None else None
        way = self.services.entrance.ways.visit(login.way) if login is not None else None
        elsewhere = await way.farewell(login, self.home) if login is not None and way is not None else None
        if login is not None:
            await self.services.shared.access.sign_out(login)
        cookies = self.services.cookies
        self.clear_cookie(cookies.name, path=cookies.base_url, secure=cookies.https, samesite="Lax")
        if elsewhere is None or way is None:
            self.redirect(f"{self.services.base_url}login", status=303)
            return
        # The answer to a form may not lead to another site (form-action of the policy), a page may.
        self.set_header("Content-Type", "text/html; charset=utf-8")
        head = part("left_head.html", url=elsewhere)
        self.write(render("left.html", title="Signed out", head=head, url=elsewhere, where=way.title))
