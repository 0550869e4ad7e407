"""The registry: every task, plugin and reader of this process, fixed when it is made.

Names that come from a client are looked up in dictionaries; nothing is imported or fetched
from an object by such a name.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pkgutil import resolve_name
from types import MappingProxyType

from toyz import OpenFile, Plugin, Reader
from toyz.errors import UnknownTask, UnsupportedFile
from toyz.plugin import SimpleReader, Task
from toyz.readers import CachingReader
from toyz_extensions import builtins
from toyz_extensions.checks import BadDeclaration, check_plugin
from toyz_extensions.loader import (
    SKIP_VARIABLE,
    Candidate,
    find_candidates,
    load_plugin,
    plain_error,
    skipped_names,
)
from toyz_extensions.plugin_manifest import PluginFailure
from toyz_extensions.simple import SimpleAsReader

HEAD = 4096
"""Bytes of a file that a reader is shown to recognise it."""


class Registry:
    """What is installed, frozen.

    Parameters
    ----------
    plugins : iterable of Plugin
        Checked, and of different names.
    readers : iterable of Reader
        Those that come with Toyz; asked before those of plugins.
    failures : iterable of PluginFailure

    Attributes
    ----------
    forks : bool
        Whether a reader runs in processes that are thrown away.
    """

    def __init__(
        self,
        plugins: Iterable[Plugin] = (),
        readers: Iterable[Reader] = (),
        failures: Iterable[PluginFailure] = (),
    ) -> None:
        self.modules: Mapping[str, Plugin] = MappingProxyType({plugin.name: plugin for plugin in plugins})
        self.failures = tuple(failures)
        self.readers = (*readers, *(full_reader(each) for plugin in self.modules.values() for each in plugin.readers))
        self._tasks = {
            (module, name): task for module, plugin in self.modules.items() for name, task in plugin.tasks.items()
        }
        self.forks = any(isinstance(reader, SimpleAsReader) for reader in self.readers)
        self._by_ending: dict[str, list[Reader]] = {}
        for reader in self.readers:
            for ending in reader.extensions:
                self._by_ending.setdefault(ending, []).append(reader)

    def task(self, module: str, task: str) -> Task:
        """Find a task of a plugin.

        Raises
        ------
        UnknownTask
        """
        found = self._tasks.get((module, task))
        if found is None:
            raise UnknownTask(f"there is no task {module[:64]}.{task[:64]}")
        return found

    def _of_ending(self, name: str) -> list[Reader]:
        """Readers that claim the name's ending, the longest ending first."""
        lower = name.rpartition("/")[2].lower()
        found: list[Reader] = []
        dot = lower.find(".")
        while dot >= 0:
            found += self._by_ending.get(lower[dot:], ())
            dot = lower.find(".", dot + 1)
        return found

    def reader_name_for(self, name: str) -> str:
        """Guess from the name alone what reads a file, for a listing; empty if nothing claims it."""
        found = self._of_ending(name)
        return found[0].name if found else ""

    def reader_for(self, file: OpenFile) -> Reader:
        """Choose the reader of a file: by its ending if it begins as such a file does, else by how it begins.

        Raises
        ------
        UnsupportedFile
            With the kinds of file that are understood.
        """
        head = file.pread(HEAD, 0)
        claimed = self._of_ending(file.name)
        for reader in (*claimed, *self.readers):
            if _recognises(reader, file.name, head):
                return reader
        if not head:
            raise UnsupportedFile("The file is empty.")
        if claimed:
            raise UnsupportedFile(f"The file is named like {claimed[0].name}, but does not begin as such a file does.")
        raise UnsupportedFile(f"Toyz does not know this kind of file. It opens {self.kinds()}.")

    def limit_caches(self, size: int) -> None:
        """Have the readers keep at most `size` bytes of what they decoded, all of them together."""
        caching = [reader for reader in self.readers if isinstance(reader, CachingReader)]
        for reader in caching:
            reader.limit_cache(size // len(caching))

    def kinds(self) -> str:
        """Name the readers and their endings, for a sentence."""
        parts = [f"{reader.name} ({' '.join(reader.extensions)})" for reader in self.readers]
        return ", ".join(parts) or "nothing: no reader is installed"


def _recognises(reader: Reader, name: str, head: bytes) -> bool:
    try:
        return bool(reader.sniff(name, head))
    except Exception:
        return False


def full_reader(reader: Reader | SimpleReader) -> Reader:
    """Wrap a simple reader; leave a full one as it is."""
    return SimpleAsReader(reader) if isinstance(reader, SimpleReader) else reader


def builtin_readers() -> tuple[list[Reader], list[PluginFailure]]:
    """Make the readers that come with Toyz; one whose library is missing is a failure."""
    readers: list[Reader] = []
    failures: list[PluginFailure] = []
    for name in builtins.READERS:
        try:
            readers.append(resolve_name(name)())
        except Exception as error:
            failures.append(PluginFailure(name.rpartition(":")[2], plain_error(error)))
    return readers, failures


def build_registry(candidates: Iterable[Candidate], skip: Iterable[str] = ()) -> Registry:
    """Import, check and collect plugins; a plugin that fails in any of it becomes a failure.

    A plugin comes in whole or not at all. Of two that take the same name, for themselves or
    for a reader, the first stays.
    """
    readers, failures = builtin_readers()
    plugins: dict[str, Plugin] = {}
    names = {reader.name for reader in readers}
    skipped = frozenset(skip)
    for candidate in candidates:
        if candidate.name in skipped:
            failures.append(PluginFailure(candidate.name, f"it is turned off by {SKIP_VARIABLE}"))
            continue
        plugin = load_plugin(candidate)
        if isinstance(plugin, Plugin):
            plugin = _admit(candidate, plugin, plugins, names)
        if isinstance(plugin, PluginFailure):
            failures.append(plugin)
            continue
        plugins[plugin.name] = plugin
        names |= {reader.name for reader in plugin.readers}
    return Registry(plugins.values(), readers, failures)


def _admit(
    candidate: Candidate, plugin: Plugin, plugins: Mapping[str, Plugin], reader_names: set[str]
) -> Plugin | PluginFailure:
    try:
        check_plugin(plugin)
    except BadDeclaration as error:
        return PluginFailure(candidate.name, str(error))
    except BaseException as error:
        return PluginFailure(candidate.name, plain_error(error))
    if plugin.name in plugins:
        return PluginFailure(candidate.name, f"another plugin is named {plugin.name!r}")
    own = [reader.name for reader in plugin.readers]
    if twice := {name for name in own if name in reader_names or own.count(name) > 1}:
        return PluginFailure(candidate.name, f"another reader is named {min(twice)!r}")
    return plugin


@cache
def load_registry() -> Registry:
    """Make the registry of this process, once; plugins named in ``TOYZ_SKIP_PLUGINS`` are left out."""
    return build_registry(find_candidates(), skipped_names())
