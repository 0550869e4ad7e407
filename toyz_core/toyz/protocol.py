"""The websocket protocol: its frames, its limits and its version.

Text frames are JSON. Binary frames are a 4-byte big-endian header length, a JSON header and
the payload. The AsyncAPI document is generated from the structs of this module.

Coordinates of tiles are in display order: tile (0, 0) is the top left corner and level 0 is
the full resolution; level ``n`` is reduced 2ⁿ times.
"""

import struct
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from toyz.errors import ErrorInfo, ProtocolError
from toyz.jobs import Phase

VERSION = 1
MAX_MESSAGE = 64 * 1024
"""Bytes of an inbound frame; a longer one closes the socket with 1009."""
TILE_SIZE = 256
MAX_PICTURE = 8 << 20
"""Pixels of a picture that is rendered whole."""

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
STRETCHES = ("linear", "log", "sqrt", "asinh", "square", "histogram", "lupton")
Packing = Literal["zstd", "gzip"]
Stretch = Literal["linear", "log", "sqrt", "asinh", "square", "histogram", "lupton"]
CutPair = tuple[float, float]
ChannelCuts = tuple[CutPair, CutPair, CutPair]
"""Low and high of red, green and blue."""
LayoutChoice = Literal["auto", "detsec", "wcs", "grid"]
"""Where the CCDs of a mosaic lie: as DETSEC or the WCS says, in a grid, or the first of these that is possible."""
Match = Literal["none", "background", "gain"]
"""What brings the sky of the CCDs of a mosaic together: nothing, an offset for each, or a factor for each."""
Path = Annotated[str, Meta(min_length=1, max_length=4096)]
"""``share/relative/path``."""
HduName = Annotated[int, Meta(ge=0, le=10**6)] | Literal["mosaic"]
Plane = Annotated[int, Meta(ge=0, le=10**9)]


class Style(msgspec.Struct, frozen=True, cache_hash=True, forbid_unknown_fields=True, omit_defaults=True):
    """How pixel values become colours.

    Attributes
    ----------
    low, high : float
        The cuts, in the image's unit.
    stretch : str
        ``lupton`` keeps the colours of an image of three channels; of one channel it is asinh.
    channel_cuts : tuple of tuple of float, optional
        Cuts of red, green and blue, each its own, in the place of `low` and `high`: the balance of
        colours. An image of one channel has none. The histogram stretch takes the shares of all
        values together between `low` and `high` even so.
    colormap : str
        One of ``/api/colormaps``.
    invert : bool
    contrast, bias : float
        Slope and centre of the colour table, as DS9's right drag; 1 and 0.5 change nothing.
    bad : str
        Colour of pixels without a value: ``#rrggbb``, or ``transparent`` (such tiles are PNG).
    quality : int
        Of JPEG.
    """

    low: float
    high: float
    stretch: Stretch = "linear"
    colormap: Annotated[str, Meta(max_length=64)] = "gray"
    invert: bool = False
    contrast: Annotated[float, Meta(ge=0, le=20)] = 1.0
    bias: Annotated[float, Meta(ge=-1, le=2)] = 0.5
    bad: Annotated[str, Meta(pattern="^(transparent|#[0-9a-f]{6})$")] = "#000000"
    quality: Annotated[int, Meta(ge=1, le=100)] = 90
    channel_cuts: ChannelCuts | None = None

    @property
    def cuts_by_channel(self) -> ChannelCuts:
        """The cuts of each of three channels."""
        own = (self.low, self.high)
        return self.channel_cuts or (own, own, own)


class TilePlace(msgspec.Struct, frozen=True, cache_hash=True, forbid_unknown_fields=True):
    """Where a tile lies: image, level (0 = full resolution), column and row from the top left."""

    image: Annotated[str, Meta(max_length=128)]
    level: Annotated[int, Meta(ge=0, le=40)]
    x: Annotated[int, Meta(ge=0, le=1 << 30)]
    y: Annotated[int, Meta(ge=0, le=1 << 30)]


class TileAddress(TilePlace, frozen=True, cache_hash=True, forbid_unknown_fields=True):
    """Which tile: its place, and how its values become colours."""

    style: Style


class DataAddress(TilePlace, frozen=True, cache_hash=True, forbid_unknown_fields=True):
    """Which data tile: its values, for a client that stretches and colours them itself.

    Attributes
    ----------
    quantum : float
        The largest rounding step that is wanted, in the image's unit; 0 leaves it to the noise.
    exact : bool
        Whether values must not be rounded.
    packing : str
        How the tile is compressed.
    """

    quantum: Annotated[float, Meta(ge=0, le=1e300)] = 0.0
    exact: bool = False
    packing: Packing = "zstd"


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Client: call a task. The same id twice is the same call."""

    id: Id
    module: Name
    task: Name
    parameters: msgspec.Raw = msgspec.Raw(b"{}")


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Client: take back a call or a tile."""

    id: Id
    cancel: Literal[True]


class TileRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Client: ask for a tile; a lower priority number is served first."""

    id: Id
    tile: TileAddress
    priority: float = 0.0


class DataRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Client: ask for a data tile; otherwise as a `TileRequest`."""

    id: Id
    data: DataAddress
    priority: float = 0.0


class SharedView(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What part of an image somebody sees.

    Attributes
    ----------
    x, y : float
        FITS pixels at the middle of the screen.
    zoom : float
        Screen pixels for one image pixel.
    width, height : float
        Of the picture on the screen, in screen pixels.
    turn : float
        Degrees.
    mirrored : bool
    """

    x: float
    y: float
    zoom: Annotated[float, Meta(gt=0)]
    width: Annotated[float, Meta(gt=0)]
    height: Annotated[float, Meta(gt=0)]
    turn: float = 0.0
    mirrored: bool = False


class Component(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One of the three images of a composite."""

    path: Path
    hdu: HduName
    plane: Plane = 0


class ImageChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which image: as ``images.open`` is asked for it, or red, green and blue of a composite."""

    path: Path
    hdu: HduName
    plane: Plane = 0
    layout: LayoutChoice = "auto"
    match: Match = "none"
    components: Annotated[tuple[Component, ...], Meta(max_length=3)] = ()


class CutsChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the cuts of a style come from: a method of ``images.cuts``, or ``manual``."""

    method: Annotated[str, Meta(max_length=32)] = "manual"
    percent: Annotated[float, Meta(gt=0, le=100)] | None = None


class Presence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What somebody does in a workspace at this moment; it is shown to the others, and kept nowhere.

    Attributes
    ----------
    image : ImageChoice, optional
        The image that is shown.
    style : Style, optional
        How it is shown.
    cuts : CutsChoice, optional
        Where the cuts of the style come from.
    view : SharedView, optional
        What part of it is seen.
    cursor : tuple of float, optional
        FITS pixel under the cursor.
    leading : bool
        Whether others are asked to follow.
    """

    image: ImageChoice | None = None
    style: Style | None = None
    cuts: CutsChoice | None = None
    view: SharedView | None = None
    cursor: tuple[float, float] | None = None
    leading: bool = False


class PresenceMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Client: show the others in the workspace of this window what one does. There is no answer."""

    presence: Presence


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Client: measure the round trip; the answer is ``{"pong": n}``."""

    ping: int


class Update(msgspec.Struct, omit_defaults=True):
    """Server: how a call stands. The last one of a call has a final phase."""

    id: str
    phase: Phase
    seq: int = 0
    progress: float | None = None
    message: str | None = None
    result: Any = None
    error: ErrorInfo | None = None


class Event(msgspec.Struct, omit_defaults=True):
    """Server: something happened that nobody asked for in this message.

    ``module`` names who emits it: ``server``, ``images``, or a plugin.
    """

    event: str
    module: str
    data: Any = None
    seq: int = 0


class BinaryHeader(msgspec.Struct, omit_defaults=True):
    """Server: the header of a binary frame: a tile, or a result with a payload.

    Attributes
    ----------
    format : str
        ``jpeg``, ``png``, ``tile`` (a data tile), or ``npy``; empty in an error.
    """

    id: str
    phase: Phase
    format: str = ""
    result: Any = None
    error: ErrorInfo | None = None


class Hello(msgspec.Struct, omit_defaults=True):
    """Server: the first frame on a socket.

    Attributes
    ----------
    version : int
    window : str
        Which window this is; name it when you come back.
    seq : int
        The sequence number of the last message sent to the window.
    resumed : bool
        False if messages were lost in between: ask for everything again.
    session : int
        Counts the session processes of this window; 0 before the first is wanted.
    user : str
    """

    version: int
    window: str
    seq: int
    resumed: bool
    session: int
    user: str


class Binary(msgspec.Struct):
    """What a task returns to answer with a binary frame: a payload, and a result beside it."""

    payload: bytes
    format: str
    result: Any = None


ClientMessage = Call | Cancel | TileRequest | DataRequest | Ping | PresenceMessage
_FIELD_OF = {
    "module": Call,
    "cancel": Cancel,
    "tile": TileRequest,
    "data": DataRequest,
    "ping": Ping,
    "presence": PresenceMessage,
}
_LENGTH = struct.Struct(">I")


class _Probe(msgspec.Struct):
    module: msgspec.Raw = msgspec.Raw()
    cancel: msgspec.Raw = msgspec.Raw()
    tile: msgspec.Raw = msgspec.Raw()
    data: msgspec.Raw = msgspec.Raw()
    ping: msgspec.Raw = msgspec.Raw()
    presence: msgspec.Raw = msgspec.Raw()


_probe = msgspec.json.Decoder(_Probe)
_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    field: msgspec.json.Decoder(kind) for field, kind in _FIELD_OF.items()
}


def decode_client_message(frame: bytes | str) -> ClientMessage:
    """Decode a text frame from a client.

    Raises
    ------
    ProtocolError
        If it is not JSON, is nested too deeply, or is none of the six messages.
    """
    try:
        probe = _probe.decode(frame)
        present = [field for field in _FIELD_OF if getattr(probe, field)]
        if len(present) != 1:
            raise ProtocolError(f"a message has exactly one of: {', '.join(_FIELD_OF)}")
        message: ClientMessage = _decoders[present[0]].decode(frame)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise ProtocolError(f"not a message of this protocol: {str(error)[:200]}") from None
    return message


def encode_binary(header: BinaryHeader, payload: bytes) -> bytes:
    """Join a header and a payload into a binary frame."""
    head = msgspec.json.encode(header)
    return b"".join((_LENGTH.pack(len(head)), head, payload))


def decode_binary(frame: bytes) -> tuple[BinaryHeader, bytes]:
    """Split a binary frame.

    Raises
    ------
    ProtocolError
        If the frame is too short or its header is not JSON.
    """
    if len(frame) < 4:
        raise ProtocolError("a binary frame has at least 4 bytes")
    (length,) = _LENGTH.unpack_from(frame)
    if len(frame) < 4 + length:
        raise ProtocolError("a binary frame is shorter than its header says")
    try:
        header = msgspec.json.decode(frame[4 : 4 + length], type=BinaryHeader)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ProtocolError(f"the header of a binary frame: {str(error)[:200]}") from None
    return header, frame[4 + length :]
