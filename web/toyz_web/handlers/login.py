"""Signing in and out."""

from tornado.web import RequestHandler

from toyz.errors import NotAuthenticated
from toyz_web.auth import TooManyGuesses
from toyz_web.handlers.page import HtmlHandler
from toyz_web.redirects import safe_next
from toyz_web.templates import render

MAX_TOKEN = 1000


class LoginHandler(HtmlHandler):
    """The sign-in page, and the one-time link of the terminal."""

    public = True

    async def prepare(self) -> None:
        """Find out who asks; a wrong bearer is no reason to refuse this page."""
        self.identity = await self.services.auth.check_cookie(self.cookie)

    def check_xsrf_cookie(self) -> None:
        """A form of another site must not sign anybody in: here the token is asked for always."""
        RequestHandler.check_xsrf_cookie(self)

    async def get(self) -> None:
        """Use up a one-time ticket, or show the form."""
        target = self._target()
        if self.identity is not None:
            self.redirect(target)
            return
        ticket = self.get_query_argument("token", "")
        if not ticket:
            self._show_form("")
            return
        try:
            await self._begin(await self.services.auth.sign_in_with_ticket(ticket[:MAX_TOKEN], self._address), target)
        except (NotAuthenticated, TooManyGuesses) as error:
            self._refuse(error)

    async def post(self) -> None:
        """Check the token of the form."""
        token = self.get_body_argument("token", "")[:MAX_TOKEN].strip()
        try:
            await self._begin(await self.services.auth.sign_in(token, self._address), self._target())
        except (NotAuthenticated, TooManyGuesses) as error:
            self._refuse(error)

    @property
    def _address(self) -> str:
        return self.request.remote_ip or ""

    def _target(self) -> str:
        return safe_next(self.get_argument("next", None), self.services.base_url)

    async def _begin(self, value: str, target: str) -> None:
        """Set the cookie of a login that was just made; one of before ends."""
        if self.identity is not None and self.identity.login is not None:
            await self.services.auth.sign_out(self.identity.login)
        cookies = self.services.cookies
        self.set_cookie(cookies.name, value, **cookies.flags)  # type: ignore[arg-type]
        self.redirect(target, status=303)

    def _refuse(self, error: NotAuthenticated | TooManyGuesses) -> None:
        self.set_status(error.status)
        if isinstance(error, TooManyGuesses):
            self.set_header("Retry-After", str(int(error.seconds) + 1))
        self._show_form(error.message)

    def _show_form(self, message: str) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        xsrf = self.xsrf_form_html()
        self.write(
            render("login.html", base_url=self.services.base_url, message=message, next=self._target(), xsrf_field=xsrf)
        )


class LogoutHandler(HtmlHandler):
    """Ends a login and everything that came with it."""

    public = True

    async def post(self) -> None:
        """End the login, close its sockets, and show the sign-in page."""
        login = self.identity.login if self.identity is not None else None
        if login is not None:
            await self.services.auth.sign_out(login)
            self.services.hub.drop_login(login.id)
        cookies = self.services.cookies
        self.clear_cookie(cookies.name, path=cookies.base_url, secure=cookies.https, samesite="Lax")
        self.redirect(f"{self.services.base_url}login", status=303)
