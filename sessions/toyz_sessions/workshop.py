"""What a session does: it takes messages, and answers them when their work is done.

Nothing here blocks the thread that receives: short tasks run in a few threads, tiles in the
scheduler's.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from toyz.config import Limits
from toyz.errors import Busy, Cancelled, ErrorInfo
from toyz.jobs import Phase
from toyz.plugin import Task
from toyz.values import to_json
from toyz_extensions.registry import Registry, load_registry
from toyz_sessions import tasks
from toyz_sessions.dispatch import call_task, describe_error
from toyz_sessions.files import Shares
from toyz_sessions.folder_watch import FolderWatch
from toyz_sessions.images import ImageStore
from toyz_sessions.messages import (
    Build,
    BuildUpdate,
    CallTask,
    CallUpdate,
    CancelCall,
    Closed,
    Emitted,
    FromSession,
    Render,
    RenderData,
    RenderTile,
    TileDone,
    ToSession,
    Unwanted,
)
from toyz_sessions.plugin_calls import PluginCalls
from toyz_sessions.rendering import Renderer
from toyz_sessions.scheduler import Rendered, TileScheduler
from toyz_sessions.spools import BuildWatch
from toyz_sessions.task_context import TaskContext
from toyz_sessions.tasks import transfers
from toyz_tiles.cache import ByteCache
from toyz_tiles.codecs import mapped

THREADS = 6
"""Short tasks at once: most wait for a disk."""
TRANSFERS = 4
"""Pieces of uploads and downloads at once, apart from the tasks: a slow disk holds up no list of files."""
_UNUSED = 60.0
"""Seconds after which a file that nothing was read of is mapped no more."""
_BLOCKS = 0.25
"""Of the pixels that are kept, the share that readers keep: blocks of compressed files, for the next tile of them."""


class SessionTasks:
    """Finds the session's own tasks, then those of the plugins."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def task(self, module: str, task: str) -> Task:
        """Find a task that may run in a session.

        Raises
        ------
        UnknownTask
        """
        return tasks.find(module, task) or self._registry.task(module, task)


class Workshop:
    """The contents of a session process.

    Parameters
    ----------
    send : callable
        ``send(message, payload)``, from any thread.
    shares : Shares
    user : str
    scratch : Path
    limits : Limits
    """

    def __init__(
        self,
        send: Callable[[FromSession, bytes], None],
        shares: Shares,
        user: str,
        scratch: Path,
        limits: Limits,
    ) -> None:
        self._send, self._shares, self._user, self._scratch, self._limits = send, shares, user, scratch, limits
        self._registry = load_registry()
        blocks = int(_BLOCKS * limits.pixel_cache)
        self._registry.limit_caches(blocks)
        mapped.allow(limits.mapped)
        self._tasks = SessionTasks(self._registry)
        self._watch = BuildWatch(self._request_build)
        self._images = ImageStore(
            shares,
            self._registry,
            self._watch,
            ByteCache(limits.pixel_cache - blocks),
            emit=lambda event, data: send(Emitted(event, "images"), to_json(data)),
            closed=lambda image, stale: send(Closed(image, stale), b""),
        )
        self._folders = FolderWatch(
            shares.identity, lambda path: send(Emitted("changed", "files"), to_json({"path": path}))
        )
        self._renderer = Renderer(self._images)
        self._scheduler = TileScheduler(self._render, self._answer_tile, limit=limits.queue)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="tasks")
        self._transfers = ThreadPoolExecutor(TRANSFERS, thread_name_prefix="transfers")
        self._builds = ThreadPoolExecutor(1, thread_name_prefix="builds")
        self._calls: dict[str, TaskContext] = {}
        self._plugin_calls = PluginCalls(scratch, limits, self._fail)
        self._states: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """Calls and tiles that are not answered yet."""
        return len(self._calls) + len(self._scheduler)

    def handle(self, message: ToSession, payload: bytes) -> None:
        """Take a message; the answer is sent later."""
        if isinstance(message, RenderTile | RenderData):
            self._queue_tile(message)
        elif isinstance(message, CallTask):
            self._queue_call(message, payload)
        elif isinstance(message, CancelCall):
            self._cancel(message.id)
        elif isinstance(message, BuildUpdate):
            # In a thread of its own: it opens the file that was built.
            self._builds.submit(self._watch.update, message)

    def settle(self) -> None:
        """All messages that were there have been handled: a tile that is alone may be rendered here."""
        self._scheduler.settle()

    def rest(self) -> str:
        """Give back what has not been used for long and is easily had again; say what hangs."""
        mapped.release(_UNUSED)
        return self._plugin_calls.end_late()

    def close(self) -> None:
        """Stop; what is under way is abandoned with the process."""
        self._scheduler.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._transfers.shutdown(wait=False, cancel_futures=True)
        self._builds.shutdown(wait=False, cancel_futures=True)
        self._folders.close()
        self._images.close_all()

    def _request_build(self, message: Build | Unwanted) -> None:
        self._send(message, b"")

    # ---- tiles ------------------------------------------------------------------------

    def _queue_tile(self, request: Render) -> None:
        try:
            self._scheduler.submit(request, hold=True)
        except Busy as error:
            self._send(TileDone(request.id, error=error.info), b"")

    def _render(self, request: Render) -> Rendered:
        try:
            return Rendered(*self._renderer.render(request.address))
        except Exception as error:
            return Rendered(error=describe_error(error, request.id))

    def _answer_tile(self, calls: Sequence[str], tile: Rendered) -> None:
        for call in calls:
            self._send(TileDone(call, tile.format, tile.final, tile.error), tile.data)

    # ---- calls ------------------------------------------------------------------------

    def _queue_call(self, message: CallTask, payload: bytes) -> None:
        with self._lock:
            if message.id in self._calls:
                return
            full = len(self._calls) >= self._limits.queue
            if not full:
                context = self._context(message, payload if message.parameters else b"")
                self._calls[message.id] = context
        if full:
            error = Busy("Too many calls are waiting; ask again in a moment.").info
            self._send(CallUpdate(message.id, Phase.ERROR, error=error), b"")
            return
        pool = self._transfers if message.module == transfers.plugin.name else self._pool
        pool.submit(self._run, message, message.parameters or payload, context)

    def _context(self, message: CallTask, payload: bytes) -> TaskContext:
        return TaskContext(
            message.id,
            message.module,
            user=self._user,
            scratch=self._scratch,
            state=self._states.setdefault(message.module, {}),
            shares=self._shares,
            readers=self._registry,
            images=self._images,
            folders=self._folders,
            payload=payload,
            unpack_limit=self._limits.spool_file,
            send=self._send,
        )

    def _run(self, message: CallTask, parameters: bytes, context: TaskContext) -> None:
        try:
            context.check()
            with self._held(message, context):
                reply = call_task(self._tasks, message.module, message.task, parameters, context)
        except Cancelled:
            self._finish(message.id, CallUpdate(message.id, Phase.ABORTED))
        except BaseException as error:
            self._fail(message.id, describe_error(error, message.id))
        else:
            update = CallUpdate(message.id, Phase.COMPLETED, format=reply.format, result=reply.result)
            self._finish(message.id, update, reply.payload)

    def _held(self, message: CallTask, context: TaskContext) -> contextlib.AbstractContextManager[None]:
        """Hold a plugin's task to what it may use; the session's own need no watching."""
        own = tasks.find(message.module, message.task) is not None
        return contextlib.nullcontext() if own else self._plugin_calls.running(context)

    def _fail(self, call: str, error: ErrorInfo) -> None:
        self._finish(call, CallUpdate(call, Phase.ERROR, error=error))

    def _finish(self, call: str, update: CallUpdate, payload: bytes = b"") -> None:
        """Answer a call, once: a cancelled one was answered when it was cancelled."""
        with self._lock:
            answered = self._calls.pop(call, None) is None
        if not answered:
            self._send(update, payload)

    def _cancel(self, call: str) -> None:
        if self._scheduler.cancel(call):
            self._send(TileDone(call, error=Cancelled("The tile was taken back.").info), b"")
            return
        with self._lock:
            context = self._calls.get(call)
        if context is not None:
            context.cancel()
            self._finish(call, CallUpdate(call, Phase.ABORTED))
