"""The one tree of errors, each with a stable code and an HTTP status.

::

    ToyzError                 internal            500
    ├── BadRequest            bad_request         400
    │   ├── InvalidParameter  invalid_parameter   400   (has `field`)
    │   └── ProtocolError     protocol_error      400
    ├── NotAuthenticated      not_authenticated   401
    ├── Forbidden             forbidden           403
    ├── NotFound              not_found           404
    │   └── UnknownTask       unknown_task        404
    ├── Conflict              conflict            409
    │   └── AlreadyExists     already_exists      409
    ├── TooLarge              too_large           413
    │   └── OverQuota         over_quota          413
    ├── UnsupportedFile       unsupported_file    415
    ├── CorruptFile           corrupt_file        422
    ├── WrongChecksum         wrong_checksum      460
    ├── Cancelled             cancelled           499
    ├── NotImplementedHere    not_implemented     501
    ├── SessionLost           session_lost        503
    ├── Busy                  busy                503
    ├── Unreachable           unreachable         503   (the client's own)
    ├── TimedOut              timed_out           504
    ├── NoSpace               no_space            507
    └── OverLimit             over_limit          507   (`field` names the limit)

A message of one of these is shown to the user as it stands: it names no path
of the server and holds no traceback.
"""

from typing import ClassVar

import msgspec


class ErrorInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error as it travels: in a websocket frame, a JSON body or a job's record."""

    code: str
    message: str
    field: str | None = None


class ToyzError(Exception):
    """The base: something went wrong that has no better name.

    Parameters
    ----------
    message : str
        A sentence for the user, without server paths.
    field : str, optional
        The path of the offending parameter, such as ``parameters.radius``.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    @property
    def info(self) -> ErrorInfo:
        """The error as it travels."""
        return ErrorInfo(self.code, self.message, self.field)


class BadRequest(ToyzError):
    """The request cannot be understood."""

    code = "bad_request"
    status = 400


class InvalidParameter(BadRequest):
    """A parameter is missing, unknown, mistyped or out of range."""

    code = "invalid_parameter"


class ProtocolError(BadRequest):
    """A frame does not follow the protocol."""

    code = "protocol_error"


class NotAuthenticated(ToyzError):
    """Nobody is signed in."""

    code = "not_authenticated"
    status = 401


class Forbidden(ToyzError):
    """Signed in, but not allowed."""

    code = "forbidden"
    status = 403


class NotFound(ToyzError):
    """There is no such thing, or none that this user may see."""

    code = "not_found"
    status = 404


class UnknownTask(NotFound):
    """The registry has no such module or task."""

    code = "unknown_task"


class Conflict(ToyzError):
    """The thing is not in a state that allows this."""

    code = "conflict"
    status = 409


class AlreadyExists(Conflict):
    """The name is taken; what has it is replaced only when that is asked for."""

    code = "already_exists"


class TooLarge(ToyzError):
    """The request, or what it asks for, passes a limit."""

    code = "too_large"
    status = 413


class OverQuota(TooLarge):
    """The user has uploaded as much as is allowed."""

    code = "over_quota"


class UnsupportedFile(ToyzError):
    """The file is of a kind that no reader opens."""

    code = "unsupported_file"
    status = 415


class CorruptFile(ToyzError):
    """The file breaks the rules of its format, or ends too early."""

    code = "corrupt_file"
    status = 422


class WrongChecksum(ToyzError):
    """What arrived is not what was sent; the status is that of the tus protocol."""

    code = "wrong_checksum"
    status = 460


class Cancelled(ToyzError):
    """The caller took the request back."""

    code = "cancelled"
    status = 499


class NotImplementedHere(ToyzError):
    """A standard allows what is asked for, and this server does not do it."""

    code = "not_implemented"
    status = 501


class SessionLost(ToyzError):
    """The session process died while it worked on this; it is being restarted."""

    code = "session_lost"
    status = 503


class Busy(ToyzError):
    """A queue is full; try again in a moment."""

    code = "busy"
    status = 503


class Unreachable(ToyzError):
    """The client cannot reach the server."""

    code = "unreachable"
    status = 503


class TimedOut(ToyzError):
    """It took longer than it may."""

    code = "timed_out"
    status = 504


class NoSpace(ToyzError):
    """The disk is full."""

    code = "no_space"
    status = 507


class OverLimit(ToyzError):
    """A job or a call used more than the configuration lets it; `field` is the limit, such as ``limits.job_memory``."""

    code = "over_limit"
    status = 507


def _leaves(base: type[ToyzError]) -> dict[str, type[ToyzError]]:
    found = {base.code: base}
    for leaf in base.__subclasses__():
        # A subclass that keeps its parent's code is the parent to everybody else.
        found = _leaves(leaf) | found
    return found


def from_info(info: ErrorInfo) -> ToyzError:
    """Make the exception that `info` describes; an unknown code gives the base class."""
    return _leaves(ToyzError).get(info.code, ToyzError)(info.message, field=info.field)
