"""Declare a plugin: its tasks, panels and readers.

>>> from typing import Annotated
>>> from msgspec import Meta
>>> from toyz import Context, Plugin
>>> plugin = Plugin("hello", title="Hello")
>>> @plugin.task(title="Greet")
... def greet(context: Context, name: Annotated[str, Meta(min_length=1)] = "world") -> str:
...     '''Say hello.'''
...     return f"Hello, {name}!"
>>> plugin.tasks["greet"].parameters.__struct_fields__
('name',)

The annotations of a task's parameters are the declaration: msgspec decodes a message into
them (unknown, missing and mistyped fields are refused), and the same annotations give the
JSON Schema from which the browser draws the form.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_type_hints, overload

import msgspec

from toyz.errors import InvalidParameter
from toyz.readers import Reader, SimpleRead
from toyz.task_limits import TaskLimits

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NAMED_FIELD = re.compile(r"(?:required|unknown) field `([^`]*)`")
F = TypeVar("F", bound=Callable[..., Any])


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A declared task.

    Attributes
    ----------
    name, title, description : str
    function : callable
        Takes a `Context`, then the parameters by keyword.
    parameters : type
        A msgspec Struct made from the signature; unknown fields are refused.
    result : Any
        The annotated return type.
    long : bool
        Whether it runs as a job in a process of its own.
    limits : TaskLimits
        What its jobs may use.
    warm : callable or None
        Loads what its jobs need.
    """

    name: str
    title: str
    description: str
    function: Callable[..., Any]
    parameters: type[msgspec.Struct]
    result: Any
    long: bool
    limits: TaskLimits = TaskLimits()
    warm: Callable[[], None] | None = None

    def decode(self, parameters: bytes | memoryview | msgspec.Raw) -> msgspec.Struct:
        """Decode the JSON of the parameters into `parameters`.

        Raises
        ------
        InvalidParameter
            With the path of the offending field, such as ``parameters.radius``.
        """
        try:
            return msgspec.json.decode(parameters or b"{}", type=self.parameters)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            text, _, place = str(error).partition(" - at `$")
            named = _NAMED_FIELD.search(text)
            path = f"parameters{place.rstrip('`')}" + (f".{named[1]}" if named else "")
            raise InvalidParameter(text[:300], field=path[:200]) from None

    def call(self, context: Any, parameters: msgspec.Struct) -> Any:
        """Call the function with decoded parameters."""
        values = {name: getattr(parameters, name) for name in parameters.__struct_fields__}
        return self.function(context, **values)

    def schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of the parameters, complete in itself."""
        return msgspec.json.schema(self.parameters)


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """A panel of a plugin: a plain ES module that exports ``activate(toyz)``.

    Attributes
    ----------
    name : str
        Unique in the plugin.
    title : str
    module : str
        Path of the module inside the plugin's static folder.
    icon : str
        Name of an icon of the Lucide set.
    """

    name: str
    title: str
    module: str
    icon: str = "puzzle"


class SimpleReader(msgspec.Struct, frozen=True, kw_only=True):
    """A reader declared with `Plugin.reader`: one function from file to `Picture`."""

    name: str
    extensions: tuple[str, ...]
    magic: bytes
    function: SimpleRead


def _parameters_of(function: Callable[..., Any]) -> tuple[type[msgspec.Struct], Any]:
    hints = get_type_hints(function, include_extras=True)
    result = hints.pop("return", Any)
    fields: list[Any] = []
    for position, parameter in enumerate(inspect.signature(function).parameters.values()):
        if position == 0:
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"{function.__name__}: a task's parameters are named one by one")
        annotation = hints.get(parameter.name)
        if annotation is None:
            raise TypeError(f"{function.__name__}: parameter {parameter.name} has no annotation")
        if parameter.default is parameter.empty:
            fields.append((parameter.name, annotation))
        else:
            fields.append((parameter.name, annotation, parameter.default))
    struct = msgspec.defstruct(
        f"{function.__name__}_parameters", fields, kw_only=True, forbid_unknown_fields=True, module=function.__module__
    )
    return struct, result


class Plugin:
    """What a package adds to Toyz.

    Parameters
    ----------
    name : str
        The module name on the wire: lower case letters, digits and underscores.
    title : str
        For people.
    description : str, optional
    static : str, optional
        Import package whose ``static`` folder holds the panels' files; the package that
        declares the plugin by default.
    """

    def __init__(self, name: str, *, title: str, description: str = "", static: str | None = None) -> None:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a plugin name: lower case letters, digits and underscores")
        frame = inspect.currentframe()
        caller = frame.f_back if frame is not None else None
        self.name = name
        self.title = title
        self.description = description
        self.static = static or (str(caller.f_globals.get("__name__", "")) if caller is not None else "")
        self.tasks: dict[str, Task] = {}
        self.panels: dict[str, Panel] = {}
        self.readers: list[Reader | SimpleReader] = []

    @overload
    def task(self, function: F, /) -> F: ...

    @overload
    def task(
        self,
        /,
        *,
        name: str = "",
        title: str = "",
        long: bool = False,
        limits: TaskLimits | None = None,
        warm: Callable[[], None] | None = None,
    ) -> Callable[[F], F]: ...

    def task(
        self,
        function: Any = None,
        /,
        *,
        name: str = "",
        title: str = "",
        long: bool = False,
        limits: TaskLimits | None = None,
        warm: Callable[[], None] | None = None,
    ) -> Any:
        """Declare a function as a task; as ``@plugin.task`` or ``@plugin.task(long=True)``.

        Parameters
        ----------
        name : str, optional
            On the wire; the function's name by default.
        title : str, optional
            For people; the name by default.
        long : bool
            Run it as a job: in a process of its own, with progress, killed when cancelled.
        limits : TaskLimits, optional
            What its jobs may use, where that is not what the configuration gives every job.
        warm : callable, optional
            Imports what its jobs need and compiles it, without starting threads. It is called once in the process
            from which such jobs are forked, which begins when the first of them is wanted: in the sandbox nothing
            can be compiled, and libraries that take a second to import would take it in each job.
        """
        if not long and limits is not None:
            raise ValueError("only a long task has limits of its own: a short one shares the session's")
        if not long and warm is not None:
            raise ValueError("only a long task is warmed: a short one runs in the session")

        def declare(target: F) -> F:
            wire_name = name or target.__name__
            if not NAME.fullmatch(wire_name):
                raise ValueError(f"{wire_name!r} is not a task name")
            if wire_name in self.tasks:
                raise ValueError(f"{self.name} declares the task {wire_name} twice")
            parameters, result = _parameters_of(target)
            self.tasks[wire_name] = Task(
                name=wire_name,
                title=title or wire_name.replace("_", " ").capitalize(),
                description=inspect.getdoc(target) or "",
                function=target,
                parameters=parameters,
                result=result,
                long=long,
                limits=limits or TaskLimits(),
                warm=warm,
            )
            return target

        return declare if function is None else declare(function)

    def panel(self, name: str, *, title: str, module: str, icon: str = "puzzle") -> Panel:
        """Declare a panel whose ES module lies in the package's ``static`` folder."""
        self.panels[name] = Panel(name=name, title=title, module=module, icon=icon)
        return self.panels[name]

    def reader(self, *, name: str, extensions: Sequence[str], magic: bytes = b"") -> Callable[[SimpleRead], SimpleRead]:
        """Declare a function that reads one more kind of file into a `Picture`.

        It runs in a disposable process: it may be slow and it may crash.

        Parameters
        ----------
        name : str
            As shown in the file dialog.
        extensions : sequence of str
            Lower-case endings with the dot.
        magic : bytes, optional
            What such a file begins with; if given, it must match as well.
        """

        def declare(target: SimpleRead) -> SimpleRead:
            self.readers.append(SimpleReader(name=name, extensions=tuple(extensions), magic=magic, function=target))
            return target

        return declare

    def add_reader(self, reader: Reader) -> None:
        """Declare a full reader, one that gives windows onto its pixels."""
        self.readers.append(reader)
