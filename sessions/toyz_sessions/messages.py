"""What the server and a session say to each other over their private ZeroMQ channel.

Every message is a msgpack header, a tagged union of the structs below, and a payload frame
(empty for most). The server passes payloads through unparsed.
"""

from typing import Any

import msgspec

from toyz.errors import ErrorInfo
from toyz.jobs import Phase
from toyz.protocol import DataAddress, TileAddress, TilePlace


class Grant(msgspec.Struct, frozen=True):
    """A share as a session needs it: name, real path, the folder of its cache, and the right to write.

    `since` is when the user came to be, in seconds since the epoch: what somebody of the same name deleted before
    that is not this user's.
    """

    name: str
    path: str
    cache: str
    write: bool = False
    since: float = 0.0


# ---- server → session -------------------------------------------------------------------


class CallTask(msgspec.Struct, tag="call"):
    """Call a task; the payload is the JSON of the parameters, or binary data with the parameters beside it."""

    id: str
    module: str
    task: str
    parameters: bytes = b""


class CancelCall(msgspec.Struct, tag="cancel"):
    """Take back a call or a tile request."""

    id: str


class RenderTile(msgspec.Struct, tag="tile"):
    """Render and encode a tile."""

    id: str
    tile: TileAddress
    priority: float = 0.0

    @property
    def address(self) -> TilePlace:
        """Names the tile among all that are rendered."""
        return self.tile


class RenderData(msgspec.Struct, tag="data"):
    """Make a data tile; answered as a `RenderTile` is."""

    id: str
    data: DataAddress
    priority: float = 0.0

    @property
    def address(self) -> TilePlace:
        """Names the tile among all that are rendered."""
        return self.data


Render = RenderTile | RenderData


def rendering(id: str, address: TilePlace, priority: float = 0.0) -> Render:  # noqa: A002
    """Make the message that asks for a tile of either kind."""
    if isinstance(address, DataAddress):
        return RenderData(id, address, priority)
    assert isinstance(address, TileAddress)
    return RenderTile(id, address, priority)


class Poke(msgspec.Struct, tag="poke"):
    """Are you alive? Answered with `Alive`."""

    number: int = 0


class BuildUpdate(msgspec.Struct, tag="build_update"):
    """How a build that this session asked for stands."""

    key: str
    phase: Phase
    progress: float = 0.0
    error: ErrorInfo | None = None


class Shutdown(msgspec.Struct, tag="shutdown"):
    """End now."""


ToSession = CallTask | CancelCall | RenderTile | RenderData | Poke | BuildUpdate | Shutdown

# ---- session → server -------------------------------------------------------------------


class Ready(msgspec.Struct, tag="ready"):
    """The session is locked in and listens; `problem` says what it could not do."""

    pid: int
    sandboxed: bool
    problem: str = ""


class Alive(msgspec.Struct, tag="alive"):
    """A sign of life, sent when poked; `hung` says what goes on for ever, so that the process must end."""

    number: int = 0
    waiting: int = 0
    hung: str = ""


class CallUpdate(msgspec.Struct, tag="update"):
    """How a call stands.

    With a final phase and `format` empty, the payload is the JSON of the result; with a
    `format`, the payload is binary and `result` goes beside it.
    """

    id: str
    phase: Phase
    progress: float | None = None
    message: str | None = None
    error: ErrorInfo | None = None
    format: str = ""
    result: Any = None


class TileDone(msgspec.Struct, tag="tile_done"):
    """A tile: `format` and the encoded payload, or an error.

    `cacheable` is False while the picture may still change under the same address
    (no pyramid yet, or a file still being spooled).
    """

    id: str
    format: str = ""
    cacheable: bool = True
    error: ErrorInfo | None = None


class Emitted(msgspec.Struct, tag="event"):
    """An event for the window: `module` says who emits it. The payload is the JSON of its data."""

    event: str
    module: str


class Opened(msgspec.Struct, tag="opened"):
    """An image was opened by a task of ``images``; the payload is the JSON of its parameters.

    The server has that task open it again in a session that replaces this one, and serves cached
    tiles of an image only to sessions that have it open.
    """

    image: str
    task: str = "open"


class Closed(msgspec.Struct, tag="closed"):
    """An image was closed, or a builder changed its pixels under the same id (`stale`)."""

    image: str
    stale: bool = False


class Changed(msgspec.Struct, tag="changed"):
    """Files of a share were changed: `action` to `path`, which is at `to` now, if anywhere else."""

    action: str
    path: str
    to: str = ""


class Build(msgspec.Struct, tag="build"):
    """Please run a builder in a process of its own.

    Attributes
    ----------
    key : str
        Names the output file in the share's cache; two requests of one key are one build.
    kind : str
        ``pyramid``, ``decode`` (one plane, by a reader without windows) or ``decompress``.
    share, path : str
        The file.
    hdu : str
        A number, or ``mosaic``.
    plane : int
    layout : str
        Of a mosaic: ``detsec``, ``wcs`` or ``grid``.
    """

    key: str
    kind: str
    share: str
    path: str
    hdu: str = "0"
    plane: int = 0
    layout: str = ""


class Unwanted(msgspec.Struct, tag="unwanted"):
    """A build that was asked for is not wanted any more: every image that it was for is closed."""

    key: str
    share: str


class LogLine(msgspec.Struct, tag="log"):
    """A line for the server's log, under the id of a call; the window sees it only if its author meant it to."""

    level: str
    message: str
    id: str = ""
    shown: bool = False


FromSession = Ready | Alive | CallUpdate | TileDone | Emitted | Opened | Closed | Changed | Build | Unwanted | LogLine

_to_session = msgspec.msgpack.Decoder(ToSession)
_from_session = msgspec.msgpack.Decoder(FromSession)


def encode(message: ToSession | FromSession) -> bytes:
    """Encode a header."""
    return msgspec.msgpack.encode(message)


def decode_to_session(header: bytes) -> ToSession:
    """Decode a header in the session."""
    message: ToSession = _to_session.decode(header)
    return message


def decode_from_session(header: bytes) -> FromSession:
    """Decode a header in the server.

    Raises
    ------
    msgspec.MsgspecError
        If the session (which a hostile file may have taken over) sent something else.
    """
    message: FromSession = _from_session.decode(header)
    return message
