"""Find plugins and import them, each on its own: what one of them does wrong stops no other.

Built-in plugins are packages named in `toyz_extensions.builtins`; third parties declare an
entry point of the group ``toyz.plugins`` whose object is a `toyz.Plugin`.

``TOYZ_SKIP_PLUGINS`` turns plugins off: names of entry points or built-in packages, separated by
commas (a comma or a percent sign in a name is written as in a URL). An administrator may set
it; the server adds to it what its probe found to crash or to hang, before it starts a process
that imports plugins.
"""

import os
import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, unquote

from toyz import Plugin
from toyz_extensions import builtins
from toyz_extensions.plugin_manifest import PluginFailure

GROUP = "toyz.plugins"
SKIP_VARIABLE = "TOYZ_SKIP_PLUGINS"
_SERVER_PATH = re.compile(r"(?<![\w.:/])/(?:[^\s'\"(),:;]+/)*([^\s'\"(),:;/]+)/?")


@dataclass(frozen=True)
class Candidate:
    """A plugin that is installed and not yet imported.

    Attributes
    ----------
    name : str
        Of the entry point, or of the built-in package.
    load : callable
        Imports it.
    """

    name: str
    load: Callable[[], Any]


def plain_error(error: BaseException) -> str:
    """Describe an exception in one line without the folders of the server."""
    text = " ".join(str(error).split())
    text = _SERVER_PATH.sub(r"\1", text)[:500]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def skipped_names(environ: Mapping[str, str] | None = None) -> frozenset[str]:
    """Read which plugins are turned off by ``TOYZ_SKIP_PLUGINS``."""
    text = (os.environ if environ is None else environ).get(SKIP_VARIABLE, "")
    return frozenset(unquote(name) for name in (part.strip() for part in text.split(",")) if name)


def skip_text(names: Iterable[str]) -> str:
    """Write the value of ``TOYZ_SKIP_PLUGINS``."""
    return ",".join(quote(name, safe=" /:") for name in sorted(names))


def find_candidates() -> list[Candidate]:
    """List the installed plugins, built-in ones first, without importing any."""
    found = [
        Candidate(name, lambda name=name: import_module(name).plugin)  # type: ignore[misc]
        for name in builtins.PLUGINS
        if find_spec(name) is not None
    ]
    declared = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    return found + [Candidate(point.name, point.load) for point in declared]


def load_plugin(candidate: Candidate) -> Plugin | PluginFailure:
    """Import one plugin; whatever it raises, `SystemExit` and `KeyboardInterrupt` too, is a failure."""
    try:
        plugin = candidate.load()
    except BaseException as error:
        return PluginFailure(candidate.name, plain_error(error), traceback.format_exc(limit=-12))
    if not isinstance(plugin, Plugin):
        return PluginFailure(candidate.name, f"its entry point is a {type(plugin).__name__}, not a toyz.Plugin")
    return plugin
