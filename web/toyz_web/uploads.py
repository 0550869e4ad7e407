"""Uploads: who may, how much, and what becomes of them. Their bytes go through to the user's session unread."""

import asyncio
import contextlib
from typing import Any
from weakref import WeakValueDictionary

import msgspec
import structlog

from toyz.errors import Conflict, Forbidden, NotFound, OverQuota, ToyzError, UnsupportedFile, WrongChecksum
from toyz_sessions.messages import Grant
from toyz_sessions.paths import display
from toyz_sessions.trash import FOLDER
from toyz_web.desk import Desk
from toyz_web.hub import Hub
from toyz_web.receiver import Checksum, Receiver
from toyz_web.shared import Shared
from toyz_web.store.quotas import Quota
from toyz_web.store.uploads import FORMER, Upload

log = structlog.get_logger("toyz.uploads")
"""In whose name the parts of uploads are removed that nobody goes on with."""
_LONGEST_PAUSE = 600.0


class NewUpload(msgspec.Struct, frozen=True, kw_only=True):
    """What a client wants to upload.

    Attributes
    ----------
    path : str
        ``share/relative/path``.
    length : int
    sha256 : str
        In hexadecimal, or empty.
    overwrite : bool
        Whether what has the name goes to the trash at the end.
    parents : bool
        Whether folders that are missing are made.
    """

    path: str
    length: int
    sha256: str = ""
    overwrite: bool = False
    parents: bool = False


class Uploads:
    """All uploads of a server.

    Parameters
    ----------
    shared : Shared
    hub : Hub
    """

    def __init__(self, shared: Shared, hub: Hub) -> None:
        self._shared, self._hub, self._store = shared, hub, shared.uploads
        self._receivers: dict[str, Receiver] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def longest(self) -> int:
        """Bytes of the largest file that may be uploaded."""
        return self._shared.config.limits.upload

    def start(self) -> None:
        """Remove from now on what has expired."""
        self._sweeping = asyncio.create_task(self._sweep_on(), name="uploads")

    async def close(self) -> None:
        """Sweep no more."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait({self._sweeping})

    async def create(self, user: str, new: NewUpload) -> Upload:
        """Begin an upload; one of nothing is finished when this returns.

        Raises
        ------
        OverQuota, Forbidden, AlreadyExists, NotFound, NoSpace, InvalidParameter
        """
        self._check_grant(user, new.path, begun=False)
        upload = await self._enter(user, new)
        try:
            more = {"length": new.length, "overwrite": new.overwrite, "parents": new.parents}
            await self._call(upload, "begin", **more)
        except BaseException:
            await self._store.remove([upload.id])
            raise
        if upload.length == 0:
            await self._finish(upload)
        return upload

    async def find(self, user: str, id: str) -> Upload:  # noqa: A002
        """Give an upload of a user.

        Raises
        ------
        NotFound
        Forbidden
            If the share has been withdrawn.
        """
        upload = await self._store.find(user, id)
        self._check_grant(user, upload.path)
        return upload

    async def list(self, user: str) -> "list[Upload]":
        """Give what a user has not finished."""
        return await self._store.unfinished(user)

    async def offset(self, user: str, id: str) -> tuple[Upload, int]:  # noqa: A002
        """Give how much of an upload has come; one that is whole has its name when this returns.

        Raises
        ------
        NotFound, Forbidden, AlreadyExists, WrongChecksum
        """
        await self._settle(id)
        # One at a time: each may be the one that finishes it.
        async with self._turns.setdefault(id, asyncio.Lock()):
            return await self._stand(user, id)

    async def _stand(self, user: str, id: str) -> tuple[Upload, int]:  # noqa: A002
        upload = await self.find(user, id)
        if upload.state == "done":
            return upload, upload.length
        if FOLDER in upload.path.split("/"):
            raise Conflict("The folder of this upload is in the trash: restore it to go on, or cancel the upload.")
        if upload.state == "finishing":
            await self._commit(upload)
            return upload, upload.length
        size: int = await self._call(upload, "size")
        if size == upload.length:
            await self._finish(upload)
        return upload, size

    async def receive(self, user: str, id: str, offset: int, length: int | None, checksum: Checksum | None) -> Receiver:  # noqa: A002
        """Begin to take more of an upload; whoever else sends to it is cut off.

        Parameters
        ----------
        user, id : str
        offset : int
            Where the client goes on.
        length : int or None
            Bytes that it announces.
        checksum : Checksum or None
            Of those.

        Raises
        ------
        NotFound, Forbidden
        Conflict
            If that is not where the upload stands.
        TooLarge
            If more would come than was announced at the beginning; the upload is removed.
        """
        upload, size = await self.offset(user, id)
        if size != offset:
            raise Conflict(f"the upload stands at {size} bytes")
        if id in self._receivers:
            raise Conflict("somebody else goes on with this upload")
        receiver = Receiver(self, upload, offset, checksum)
        self._receivers[id] = receiver
        receiver.on_end(lambda: self._receivers.pop(id, None))
        if length is not None and length > upload.length - offset:
            await receiver.refuse_excess()
        return receiver

    async def cancel(self, user: str, id: str) -> None:  # noqa: A002
        """Give an upload up, and remove what has come of it.

        Raises
        ------
        NotFound, Forbidden
        Conflict
            If it is finished.
        """
        await self._settle(id)
        upload = await self.find(user, id)
        if upload.state == "done":
            raise Conflict("the upload is finished")
        await self.remove(upload)

    async def remove(self, upload: Upload) -> None:
        """Remove an upload and what has come of it."""
        with contextlib.suppress(NotFound):
            await self._call(upload, "discard")
        await self._store.remove([upload.id])

    # ---- for the receiver -----------------------------------------------------------------

    async def write(self, upload: Upload, offset: int, data: bytes) -> None:
        """Have the session append a piece."""
        self._check_grant(upload.user, upload.path)
        await self._call(upload, "write", data, offset=offset)

    async def settle(self, upload: Upload, start: int, checksum: Checksum | None) -> int:
        """Have what came since `start` on disk, and the upload finished if it is whole; give how much has come.

        Raises
        ------
        WrongChecksum, AlreadyExists
        """
        self._check_grant(upload.user, upload.path)
        more: dict[str, Any] = {} if checksum is None else checksum._asdict()
        size: int = await self._call(upload, "settle", start=start, **more)
        await self._store.prolong(upload, self._shared.config.limits.upload_expiry)
        if size == upload.length:
            await self._finish(upload)
        return size

    # ---- steps ----------------------------------------------------------------------------

    async def _settle(self, id: str) -> None:  # noqa: A002
        """Cut off who sends: a client that comes again has lost that connection, and the server does not know yet."""
        receiver = self._receivers.get(id)
        if receiver is not None:
            await receiver.cut_off()

    async def _enter(self, user: str, new: NewUpload) -> Upload:
        limits = self._shared.config.limits
        quota = Quota(limits.uploads_unfinished, limits.uploads_finished)

        async def enter() -> Upload:
            return await self._store.begin(
                user, new.path, new.length, limits.upload_expiry, quota, sha256=new.sha256, overwrite=new.overwrite
            )

        try:
            return await enter()
        except OverQuota:
            if not await self._forget_missing(user):
                raise
            return await enter()

    async def _forget_missing(self, user: str) -> bool:
        """Count no more what a user has uploaded and is not there any more; whether there is any such thing."""
        done = await self._store.finished(user)
        desk = await self._hub.desk(user)
        granted = {grant.name for grant in self._shared.grants_for(user)}
        seen = [upload for upload in done if upload.share in granted]
        files = [{"path": upload.path, "inode": upload.inode} for upload in seen]
        gone: set[str] = set(await self._ask(desk, "missing", files=files))
        missing = [upload.id for upload in seen if upload.path in gone]
        await self._store.remove(missing)
        return bool(missing)

    async def _finish(self, upload: Upload) -> None:
        try:
            inode = await self._call(upload, "verify", length=upload.length, sha256=upload.sha256)
        except WrongChecksum:
            await self.remove(upload)
            raise
        await self._commit(await self._store.finishing(upload, inode))

    async def _commit(self, upload: Upload) -> None:
        try:
            path: str = await self._call(upload, "commit", inode=upload.inode, overwrite=upload.overwrite)
        except (Conflict, NotFound, UnsupportedFile):
            await self.remove(upload)
            raise
        await self._store.done(upload, path)

    def _check_grant(self, user: str, path: str, *, begun: bool = True) -> None:
        """Refuse what may not be written now.

        Parameters
        ----------
        user, path : str
        begun : bool
            Whether the user has begun to upload there: a share that was never granted is as if it were not there.

        Raises
        ------
        Forbidden, NotFound
        """
        share = path.partition("/")[0]
        granted = {grant.name: grant for grant in self._shared.grants_for(user)}.get(share)
        if granted is None and not begun:
            raise NotFound(f"there is no {display(path)}")
        if granted is None or not granted.write:
            raise Forbidden("this share is not granted to you for writing")

    async def _call(self, upload: Upload, task: str, data: bytes | None = None, /, **parameters: Any) -> Any:
        desk = await self._hub.desk(upload.user)
        return await self._ask(desk, task, data, path=upload.path, upload=upload.id, **parameters)

    @staticmethod
    async def _ask(desk: Desk, task: str, data: bytes | None = None, /, **parameters: Any) -> Any:
        reply = await desk.call("transfers", task, parameters, data)
        return msgspec.json.decode(reply.payload)

    # ---- what nobody goes on with -----------------------------------------------------------

    async def _sweep_on(self) -> None:
        pause = max(0.2, min(_LONGEST_PAUSE, self._shared.config.limits.upload_expiry / 4))
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("uploads that have expired could not be removed")
            await asyncio.sleep(pause)

    async def sweep(self) -> None:
        """Remove what has expired, in a session of who began it: where sessions are accounts, it is theirs."""
        expired: dict[str, list[Upload]] = {}
        for upload in await self._store.expired():
            if upload.id not in self._receivers:
                expired.setdefault(upload.user.removeprefix(FORMER), []).append(upload)
        for user, uploads in expired.items():
            desk = Desk(user, self._shared, self._grants(user, {upload.share for upload in uploads}))
            try:
                await desk.start()
            except ToyzError as error:
                log.warning("uploads that have expired stay", user=user, count=len(uploads), error=error.message)
                continue
            try:
                for upload in uploads:
                    await self._discard(desk, upload)
            finally:
                await desk.end()

    async def _discard(self, desk: Desk, upload: Upload) -> None:
        try:
            await self._ask(desk, "discard", path=upload.path, upload=upload.id)
        except NotFound:
            pass
        except ToyzError as error:
            log.warning("an upload that has expired stays", upload=upload.id, error=error.message)
            return
        await self._store.remove([upload.id])
        log.info("an upload has expired", upload=upload.id, user=upload.user)

    def _grants(self, user: str, names: set[str]) -> tuple[Grant, ...]:
        return tuple(grant for grant in self._shared.shares.every_grant(user) if grant.name in names)
