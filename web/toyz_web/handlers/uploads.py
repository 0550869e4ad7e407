"""``/api/uploads``: resumable uploads by the tus protocol, version 1.0 (https://tus.io/protocols/resumable-upload)."""

import asyncio
import base64
import binascii
import re
from email.utils import formatdate
from typing import Any

import msgspec
from tornado.web import stream_request_body

from toyz.errors import BadRequest, ErrorInfo, InvalidParameter, TooLarge, ToyzError, UnsupportedFile
from toyz_sessions.paths import split
from toyz_web.handlers.base import BaseHandler
from toyz_web.operations import HeaderField, Operation, operation
from toyz_web.oversize import outlive
from toyz_web.receiver import Checksum, Receiver
from toyz_web.store.uploads import Upload
from toyz_web.uploads import NewUpload

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256")
CONTENT_TYPE = "application/offset+octet-stream"
NEVER = 1e8
_NUMBER = re.compile(r"[0-9]{1,18}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_METADATA = 16 << 10
_ERRORS = (404, 409, 412, 413, 415, 460, 503, 507)
_RESUMABLE = HeaderField("Tus-Resumable", "1.0.0", required=True, pattern=r"^1\.0\.0$")


class UnfinishedUpload(msgspec.Struct, kw_only=True):
    """An upload that is not finished: its URL, from the root of the host, and when it expires (epoch, seconds)."""

    url: str
    path: str
    length: int
    sha256: str
    overwrite: bool
    created: float
    expires: float


class WrongVersion(ToyzError):
    """The client speaks another version of the protocol."""

    code = "wrong_version"
    status = 412


class TusHandler(BaseHandler):
    """What both routes have in common."""

    SUPPORTED_METHODS = (*BaseHandler.SUPPORTED_METHODS, "PATCH", "OPTIONS")  # type: ignore[assignment]

    def set_default_headers(self) -> None:
        """Say which version is spoken."""
        super().set_default_headers()
        self.set_header("Tus-Resumable", VERSION)
        self.set_header("Tus-Version", VERSION)

    async def prepare(self) -> None:
        """Let in who may, and who speaks this version."""
        await super().prepare()
        spoken = set(self.allowed_methods()) - {"OPTIONS", "GET"}
        if self.request.method in spoken and self.request.headers.get("Tus-Resumable") != VERSION:
            raise WrongVersion(f"Send Tus-Resumable: {VERSION}.")

    @operation(Operation(summary="What is possible by the tus protocol", status=204, media=(), errors=()))
    async def options(self, **_: str) -> None:
        """Answer with headers."""
        self.set_header("Tus-Extension", EXTENSIONS)
        self.set_header("Tus-Max-Size", str(self.services.uploads.longest))
        self.set_header("Tus-Checksum-Algorithm", ",".join(ALGORITHMS))
        self.set_status(204)

    def number(self, name: str) -> int | None:
        """Give a header that is a number, or None.

        Raises
        ------
        InvalidParameter
        """
        text = self.request.headers.get(name)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            raise InvalidParameter("it is not a number of bytes", field=name)
        return int(text)

    def url_of(self, upload: Upload) -> str:
        """Give the address of an upload."""
        return f"{self.services.base_url}api/uploads/{upload.id}"

    def tell(self, upload: Upload, offset: int) -> None:
        """Say how much has come."""
        self.set_header("Upload-Offset", str(offset))
        if upload.state != "done" and offset < upload.length:
            self.set_header("Upload-Expires", formatdate(upload.expires, usegmt=True))


class UploadsHandler(TusHandler):
    """Begins uploads, and lists those that are not finished."""

    @operation(Operation(summary="List your unfinished uploads", response=list[UnfinishedUpload]))
    async def get(self) -> list[UnfinishedUpload]:
        """Give them all."""
        uploads = await self.services.uploads.list(self.user)
        return [
            UnfinishedUpload(
                url=self.url_of(each),
                path=each.path,
                length=each.length,
                sha256=each.sha256,
                overwrite=each.overwrite,
                created=each.created,
                expires=each.expires,
            )
            for each in uploads
        ]

    @operation(
        Operation(
            summary="Begin an upload (tus: creation)",
            status=201,
            media=(),
            errors=_ERRORS,
            headers=(
                _RESUMABLE,
                HeaderField("Upload-Length", "bytes of the file", required=True, pattern=f"^{_NUMBER.pattern}$"),
                HeaderField(
                    "Upload-Metadata",
                    "path (share/relative/path), and perhaps sha256 (hexadecimal), overwrite (1), parents (1); "
                    "each a name, a space and the value in base64, separated by commas",
                    required=True,
                ),
            ),
        )
    )
    async def post(self) -> None:
        """Begin one."""
        if self.request.body:
            raise BadRequest("an upload begins without a body: send the bytes by PATCH")
        length = self.number("Upload-Length")
        if length is None:
            raise InvalidParameter("it is missing, and must be known at the beginning", field="Upload-Length")
        if length > self.services.uploads.longest:
            raise TooLarge(f"A file that is uploaded takes at most {self.services.uploads.longest} bytes.")
        new = wanted(self.request.headers.get("Upload-Metadata", ""), length)
        upload = await self.services.uploads.create(self.user, new)
        self.set_header("Location", self.url_of(upload))
        self.tell(upload, 0)
        self.set_status(201)


@stream_request_body
class UploadHandler(TusHandler):
    """One upload."""

    _receiver: Receiver | None = None
    _came = False
    _watch: asyncio.TimerHandle | None = None

    async def prepare(self) -> None:
        """Make ready for the body, which comes while the method waits."""
        await super().prepare()
        if self.request.method != "PATCH":
            return
        if self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != CONTENT_TYPE:
            raise UnsupportedFile(f"Send Content-Type: {CONTENT_TYPE}.")
        offset = self.number("Upload-Offset")
        if offset is None:
            raise InvalidParameter("it is missing", field="Upload-Offset")
        checksum = checksum_in(self.request.headers.get("Upload-Checksum"))
        length = self.number("Content-Length")
        connection: Any = self.request.connection
        stream = connection.stream
        self._receiver = await self.services.uploads.receive(
            self.user, self.path_kwargs["id"], offset, length, checksum
        )
        self._receiver.on_cut_off(stream.close)
        self.services.long_requests.begin(self)
        # The receiver counts, so that what comes without a length is refused in the same words.
        connection.set_max_body_size(1 << 62)
        connection.set_body_timeout(NEVER)
        self._watch_over(stream.close)

    def _watch_over(self, hang_up: Any) -> None:
        """Close a connection from which nothing comes for as long as another's whole body may take."""
        if self._watch is not None:
            self._watch.cancel()
        self._watch = asyncio.get_running_loop().call_later(self.services.shared.config.limits.body_time, hang_up)

    async def data_received(self, chunk: bytes) -> None:
        """Hand bytes on; the next are read when this returns."""
        if self._receiver is None or self._finished:
            return
        connection: Any = self.request.connection
        self._watch_over(connection.stream.close)
        try:
            await self._receiver.take(chunk)
        except Exception as error:
            receiver, self._receiver = self._receiver, None
            self.log_exception(type(error), error, error.__traceback__)
            self.send_error(500, exc_info=(type(error), error, error.__traceback__))
            await receiver.break_off()

    def on_connection_close(self) -> None:
        """Keep what has come."""
        super().on_connection_close()
        self.services.long_requests.end(self)
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            _keep(asyncio.create_task(receiver.break_off()))

    def on_finish(self) -> None:
        """Watch no more."""
        self.services.long_requests.end(self)
        if self._watch is not None:
            self._watch.cancel()

    def finish_error(self, status_code: int, info: ErrorInfo) -> None:
        """Answer before the body has been read, which is not read any more then: no other request can follow it."""
        connection: Any = self.request.connection
        if self.request.method == "PATCH" and not self._came and connection.stream is not None:
            self.set_header("Connection", "close")
            outlive(connection.stream)
        super().finish_error(status_code, info)

    @operation(
        Operation(summary="How much of an upload has come (tus)", media=(), errors=_ERRORS, headers=(_RESUMABLE,))
    )
    async def head(self, id: str) -> None:  # noqa: A002
        """Tell where to go on."""
        upload, offset = await self.services.uploads.offset(self.user, id)
        self.set_header("Upload-Length", str(upload.length))
        self.tell(upload, offset)

    @operation(
        Operation(
            summary="Send more of an upload (tus)",
            status=204,
            media=(),
            errors=_ERRORS,
            consumes=CONTENT_TYPE,
            headers=(
                _RESUMABLE,
                HeaderField("Upload-Offset", "where these bytes belong", required=True, pattern=f"^{_NUMBER.pattern}$"),
                HeaderField(
                    "Upload-Checksum",
                    "sha1 or sha256, a space, and that of the body in base64",
                    pattern=r"^(sha1|sha256) [A-Za-z0-9+/]+={0,2}$",
                ),
            ),
        )
    )
    async def patch(self, id: str) -> None:  # noqa: A002
        """All of the body has come: answer when it is on disk."""
        del id
        self._came = True
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            return
        offset = await receiver.finish()
        self.tell(receiver.upload, offset)
        self.set_status(204)

    @operation(
        Operation(
            summary="Give an upload up (tus: termination)", status=204, media=(), errors=_ERRORS, headers=(_RESUMABLE,)
        )
    )
    async def delete(self, id: str) -> None:  # noqa: A002
        """Remove what has come."""
        await self.services.uploads.cancel(self.user, id)
        self.set_status(204)


_breaking_off: set["asyncio.Task[None]"] = set()


def _keep(task: "asyncio.Task[None]") -> None:
    _breaking_off.add(task)
    task.add_done_callback(_breaking_off.discard)


def wanted(metadata: str, length: int) -> NewUpload:
    """Read what is to be uploaded where.

    Raises
    ------
    InvalidParameter, NotFound
    """
    values = parse_metadata(metadata)
    path = values.get("path", "")
    if not path:
        raise InvalidParameter("it names no path", field="Upload-Metadata")
    split(path)
    sha256 = values.get("sha256", "").lower()
    if sha256 and not _SHA256.fullmatch(sha256):
        raise InvalidParameter("its sha256 has 64 hexadecimal digits", field="Upload-Metadata")
    flags = {name: values.get(name, "") in ("1", "true") for name in ("overwrite", "parents")}
    return NewUpload(path=path, length=length, sha256=sha256, **flags)


def parse_metadata(metadata: str) -> dict[str, str]:
    """Read pairs of a name and a value in base64.

    Raises
    ------
    InvalidParameter
    """
    if len(metadata) > _MOST_METADATA:
        raise InvalidParameter("it is too long", field="Upload-Metadata")
    values: dict[str, str] = {}
    for pair in filter(None, metadata.split(",")):
        name, _, value = pair.strip().partition(" ")
        try:
            values[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            raise InvalidParameter("each pair is a name and a value in base64", field="Upload-Metadata") from None
    return values


def checksum_in(header: str | None) -> Checksum | None:
    """Read the checksum of a body.

    Raises
    ------
    InvalidParameter
    """
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm not in ALGORITHMS or not value or len(value) > 100:
        raise InvalidParameter(f"it is one of {', '.join(ALGORITHMS)}, and a value in base64", field="Upload-Checksum")
    return Checksum(algorithm, value)
