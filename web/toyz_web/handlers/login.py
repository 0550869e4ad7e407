"""Signing in and out."""

from tornado.web import RequestHandler

from toyz.errors import Busy, NotAuthenticated
from toyz_web.auth import Origin, TooManyGuesses
from toyz_web.handlers.page import HtmlHandler
from toyz_web.redirects import safe_next
from toyz_web.templates import render

MAX_TOKEN = 1000
"""Characters of a token or a password; what is longer is none."""
MAX_NAME = 64


class LoginHandler(HtmlHandler):
    """The sign-in page, and the one-time link of the terminal."""

    public = True

    async def prepare(self) -> None:
        """Find out who asks; a wrong bearer is no reason to refuse this page."""
        self.identity = await self.services.auth.check_cookie(self.cookie)
        if self.identity is None and self.services.hub.draining:
            raise Busy("The server is being restarted. Try again in a moment.")

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
            await self._show_form("")
            return
        try:
            await self._begin(await self.services.auth.sign_in_with_ticket(ticket[:MAX_TOKEN], self._origin), target)
        except (NotAuthenticated, TooManyGuesses) as error:
            await self._refuse(error)

    async def head(self, *args: str, **kwargs: str) -> None:
        """Answer as to a form: who only looks at a link, such as a chat that previews it, must not use it up."""
        del args, kwargs
        await self._show_form("")

    async def post(self) -> None:
        """Check the name and the password, or the token, of a form."""
        auth = self.services.auth
        token = self.get_body_argument("token", "")[:MAX_TOKEN].strip()
        try:
            if token:
                value = await auth.sign_in_with_token(token, self._origin)
            else:
                # What is too long to be a name or a password is a wrong one, cut or not.
                name = self.get_body_argument("username", "")[: MAX_NAME + 1]
                password = self.get_body_argument("password", "", strip=False)[: MAX_TOKEN + 1]
                value = await auth.sign_in_with_password(name, password, self._origin)
            await self._begin(value, self._target())
        except (NotAuthenticated, TooManyGuesses) as error:
            await self._refuse(error)

    @property
    def _origin(self) -> Origin:
        return Origin(self.request.remote_ip or "", self.request.headers.get("User-Agent", ""))

    def _target(self) -> str:
        return safe_next(self.get_argument("next", None), self.services.base_url)

    async def _begin(self, value: str, target: str) -> None:
        """Set the cookie of a login that was just made; one of before ends."""
        if self.identity is not None and self.identity.login is not None:
            await self.services.shared.access.sign_out(self.identity.login)
        cookies = self.services.cookies
        self.set_cookie(cookies.name, value, **cookies.flags)  # type: ignore[arg-type]
        self.redirect(target, status=303)

    async def _refuse(self, error: NotAuthenticated | TooManyGuesses) -> None:
        self.set_status(error.status)
        if isinstance(error, TooManyGuesses):
            self.set_header("Retry-After", str(int(error.seconds) + 1))
        await self._show_form(error.message)

    async def _show_form(self, message: str) -> None:
        """Ask for a name and a password where anybody has one, and for a token below; else for a token."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        page = "login.html" if await self.services.shared.accounts.have_passwords() else "login_token.html"
        values = {"message": message, "next": self._target(), "xsrf_field": self.xsrf_form_html()}
        values["username"] = self.get_body_argument("username", "")[:MAX_NAME]
        self.write(render(page, **values))


class LogoutHandler(HtmlHandler):
    """Ends a login and everything that came with it."""

    public = True

    async def post(self) -> None:
        """End the login, close its sockets, and show the sign-in page."""
        login = self.identity.login if self.identity is not None else None
        if login is not None:
            await self.services.shared.access.sign_out(login)
        cookies = self.services.cookies
        self.clear_cookie(cookies.name, path=cookies.base_url, secure=cookies.https, samesite="Lax")
        self.redirect(f"{self.services.base_url}login", status=303)
