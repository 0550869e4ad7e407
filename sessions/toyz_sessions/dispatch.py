"""From a name on the wire to a task's function, and from what it returns or raises to an answer.

The registry is fixed at start-up: a module or a task is looked up in its dictionaries, and
nothing is imported or fetched by a name that a client sent.
"""

import logging
import secrets
from typing import Any, Protocol

import msgspec

from toyz.errors import ErrorInfo, ToyzError
from toyz.plugin import Task
from toyz.protocol import Binary
from toyz.values import to_json

log = logging.getLogger("toyz.tasks")


class Tasks(Protocol):
    """What finds tasks by name: the registry of the extensions, or the session's own."""

    def task(self, module: str, task: str) -> Task:
        """Find a declared task.

        Raises
        ------
        UnknownTask
        """


class Answer(msgspec.Struct, frozen=True):
    """What a call is answered with.

    Attributes
    ----------
    payload : bytes
        The JSON of the result; with a `format`, binary data.
    format : str
        Such as ``npy``; empty for JSON.
    result : Any
        Beside binary data.
    """

    payload: bytes
    format: str = ""
    result: Any = None


def describe_error(error: BaseException, call: str = "") -> ErrorInfo:
    """Turn what a task raised into what its caller may read.

    The text of an unexpected exception can hold paths and values of the server: it goes to the
    log under the id of the call, and the caller reads the kind only.
    """
    if isinstance(error, ToyzError):
        return error.info
    if isinstance(error, MemoryError):
        return ErrorInfo("too_large", "There is not enough memory for this.")
    # Calls are numbered by their windows: only this id is the same for nobody else.
    reference = secrets.token_hex(4)
    log.error("call %s failed, error %s", call, reference, exc_info=error)
    what = f"The task failed ({type(error).__name__})"
    return ErrorInfo("internal", f"{what}; the server's log has the details under {reference}.")


def answer(value: Any) -> Answer:
    """Encode what a task returned.

    Raises
    ------
    ToyzError
        If it has no form on the wire.
    """
    if isinstance(value, Binary):
        return Answer(value.payload, value.format, value.result)
    try:
        return Answer(to_json(value))
    except (TypeError, NotImplementedError, ValueError, RecursionError) as error:
        raise ToyzError(f"The task returned something that cannot be sent: {str(error)[:200]}") from None


def call_task(tasks: Tasks, module: str, task: str, parameters: bytes, context: Any) -> Answer:
    """Find, validate, call and encode.

    Raises
    ------
    UnknownTask, InvalidParameter
        Before anything is called.
    Exception
        Whatever the task raises.
    """
    found = tasks.task(module, task)
    return answer(found.call(context, found.decode(parameters)))


def run_task(tasks: Tasks, module: str, task: str, parameters: bytes, context: Any) -> bytes:
    """Call a long task in its job's process and give the JSON of its result.

    Raises
    ------
    ToyzError
        Also if the result is binary: the record of a job is JSON.
    """
    reply = call_task(tasks, module, task, parameters, context)
    if reply.format:
        raise ToyzError("A long task returns JSON; it writes large results to a file.")
    return reply.payload
