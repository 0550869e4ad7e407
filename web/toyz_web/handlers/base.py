"""What all handlers share: who asks, security headers, errors as JSON, and XSRF only where it protects."""

import re
from http.client import responses
from typing import Any

import msgspec
import structlog
from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from toyz.errors import BadRequest, ErrorInfo, Forbidden, NotAuthenticated, NotFound, ToyzError
from toyz_sessions.dispatch import describe_error
from toyz_web.auth import PROXY, Identity, Shown
from toyz_web.headers import security_headers
from toyz_web.services import Services
from toyz_web.throttle import TooManyGuesses

log = structlog.get_logger("toyz.http")
HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
SIGNED = ("Authorization", "Cookie", PROXY)
"""The headers that say who asks, in the order of `Shown`."""
_CODES = {
    400: BadRequest.code,
    401: NotAuthenticated.code,
    403: Forbidden.code,
    404: NotFound.code,
    405: "method_not_allowed",
    413: "too_large",
}
_WORDS = {404: "There is no such page.", 405: "This cannot be done with that method.", 403: "Not allowed."}


def shown_in(headers: HTTPHeaders) -> Shown:
    """Give what a request shows of who asks."""
    return Shown(*(headers.get(name, "") for name in SIGNED))


class BaseHandler(RequestHandler):
    """The base of every handler.

    Attributes
    ----------
    identity : Identity or None
        Who asks; set before the method runs.
    public : bool
        Whether it answers those who are not signed in.
    """

    public = False
    SUPPORTED_METHODS = ("GET", "HEAD", "POST", "DELETE")

    @property
    def services(self) -> Services:
        """The parts of the server."""
        services: Services = self.application.settings["services"]
        return services

    identity: Identity | None = None

    @property
    def user(self) -> str:
        """The name of who asks."""
        if self.identity is None:
            raise NotAuthenticated("Sign in first.")
        return self.identity.user

    @property
    def site(self) -> str:
        """URL of the server as the client knows it, with the prefix and a slash at its end.

        Raises
        ------
        BadRequest
            If the client says that the server has a name which is none.
        """
        host = self.request.host
        if not HOST.fullmatch(host):
            raise BadRequest("the Host header names no host")
        scheme = "https" if self.services.cookies.https else self.request.protocol
        return f"{scheme}://{host}{self.services.base_url}"

    def set_default_headers(self) -> None:
        """Set the security headers."""
        for name, value in security_headers(https=self.services.cookies.https).items():
            self.set_header(name, value)

    # ---- who asks -------------------------------------------------------------------------

    @property
    def cookie(self) -> str:
        """The value of the login cookie, or empty."""
        return self.get_cookie(self.services.cookies.name) or ""

    @property
    def scope(self) -> str:
        """What a token must allow for this request, of `toyz_web.store.tokens.SCOPES`."""
        return "read" if self.request.method in ("GET", "HEAD") else "write"

    async def identify(self) -> Identity | None:
        """Find out who asks; None if nobody is signed in.

        Raises
        ------
        NotAuthenticated
            If there is an ``Authorization`` header and it is not right.
        TooManyGuesses
        """
        headers = self.request.headers
        if PROXY in headers:
            # What else the request shows is meant for the proxy.
            return self.services.auth.check_proxy(headers[PROXY])
        header = headers.get("Authorization")
        if header is None:
            return await self.services.auth.check_cookie(self.cookie)
        scheme, _, token = header.partition(" ")
        if scheme.lower() not in ("bearer", "token"):
            raise NotAuthenticated("Send Authorization: Bearer TOKEN.")
        return await self.services.auth.check_token(token.strip(), self.request.remote_ip or "")

    async def identify_again(self) -> Identity | None:
        """Find out whether who asked could still do so; None if not."""
        try:
            found = await self.identify()
        except TooManyGuesses:
            return self.identity  # somebody else at the same address guesses
        except ToyzError:
            return None
        if found is None or self.identity is None or found.user != self.identity.user:
            return None
        self.identity = found
        return found

    def hang_up(self) -> None:
        """Close the connection, in the middle of whatever is sent."""
        connection: Any = self.request.connection
        if connection is not None and connection.stream is not None:
            connection.stream.close()

    async def prepare(self) -> None:
        """Let in who may."""
        self.identity = await self.identify()
        if self.identity is not None:
            self.services.auth.remember(shown_in(self.request.headers), self.identity)
        if self.identity is None and not self.public:
            raise NotAuthenticated("Sign in first, or send Authorization: Bearer TOKEN.")
        if self.identity is not None and not self.identity.may(self.scope):
            raise Forbidden(f"The scope of this token, {self.identity.scope}, does not allow this.")

    def get_current_user(self) -> str | None:
        """Tell Tornado."""
        return self.identity.user if self.identity is not None else None

    def head(self, *args: str, **kwargs: str) -> Any:
        """Answer as to GET; Tornado leaves the body out."""
        return self.get(*args, **kwargs)

    # ---- requests of other sites ----------------------------------------------------------

    @property
    def ambient(self) -> bool:
        """Whether a browser sends by itself what lets this request in, whichever page has it do so."""
        headers = self.request.headers
        if PROXY in headers:
            return "Cookie" in headers or "Authorization" not in headers
        return bool(self.cookie)

    def check_xsrf_cookie(self) -> None:
        """Ask for the XSRF token where a cookie could be abused: a request without one is let in by nothing else."""
        if self.ambient:
            super().check_xsrf_cookie()

    def check_trusted_origin(self, origin: str) -> bool:
        """Trust another origin if it sends the token and no cookie: no site can make a browser do that."""
        del origin
        return not self.ambient and "Authorization" in self.request.headers

    # ---- answers --------------------------------------------------------------------------

    def write_json(self, value: Any, status: int = 200) -> None:
        """Answer with JSON; bytes are JSON already."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.write(value if isinstance(value, bytes) else msgspec.json.encode(value))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with an error as JSON: no traceback, no path of the server."""
        exc_info = kwargs.get("exc_info")
        error = exc_info[1] if exc_info else None
        info = self._describe(status_code, error)
        self.services.shared.meters.error(info.code)
        if isinstance(error, ToyzError):
            status_code = error.status
            self.set_status(status_code, None if status_code in responses else info.code)
        if isinstance(error, TooManyGuesses):
            self.set_header("Retry-After", str(int(error.seconds) + 1))
        if status_code == 503:
            self.set_header("Retry-After", "5")
        if status_code == 401:
            self.set_header("WWW-Authenticate", 'Bearer realm="toyz"')
        if status_code == 405:
            self.set_header("Allow", ", ".join(self.allowed_methods()))
        self.finish_error(status_code, info)

    def finish_error(self, status_code: int, info: ErrorInfo) -> None:
        """Write the error; pages may do it otherwise."""
        del status_code
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(msgspec.json.encode(info))

    def allowed_methods(self) -> list[str]:
        """Name the methods that this route answers."""
        unimplemented = RequestHandler._unimplemented_method
        names = [name for name in self.SUPPORTED_METHODS if getattr(type(self), name.lower()) is not unimplemented]
        return names if "GET" in names else [name for name in names if name != "HEAD"]

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what is our fault, and only that, with its traceback."""
        if isinstance(value, ToyzError | HTTPError | StreamClosedError):
            log.debug("request refused", path=self.request.path, error=str(value))
        else:
            log.error("request failed", handler=type(self).__name__, exc_info=(typ, value, tb))

    def _describe(self, status_code: int, error: BaseException | None) -> ErrorInfo:
        if error is not None and not isinstance(error, HTTPError):
            return describe_error(error, type(self).__name__)
        if status_code >= 500:
            return describe_error(error or RuntimeError(self._reason), type(self).__name__)
        return ErrorInfo(_CODES.get(status_code, "bad_request"), _WORDS.get(status_code, self._reason))


class NotFoundHandler(BaseHandler):
    """Answers what no route answers."""

    public = True
    SUPPORTED_METHODS = RequestHandler.SUPPORTED_METHODS  # type: ignore[assignment]

    async def prepare(self) -> None:
        """Refuse, whoever asks."""
        raise HTTPError(404)

    def check_xsrf_cookie(self) -> None:
        """There is nothing to protect."""
