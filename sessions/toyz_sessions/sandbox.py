"""What a process of a user may touch, and the lock behind it."""

import functools
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from toyz_sessions import landlock, privileges, seccomp
from toyz_sessions.landlock import READ, WRITE, Access, Rule
from toyz_sessions.messages import Grant

REFUSAL = (
    "This system has no Landlock (Linux 5.13 or later, with `landlock` among the security modules), "
    "so what one session opens could not be kept from another. To run without it, give --no-sandbox."
)
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/etc/ld.so.cache",
    "/dev/urandom",
    "/dev/random",
    "/dev/zero",
)


def sandbox_available() -> bool:
    """Whether this kernel can hold a process to its shares."""
    return landlock.abi() >= 1


def lock(rules: Iterable[Rule], *, alone: bool = False) -> None:
    """Hold the calling thread, and all that it starts, to `rules`, for good.

    To be called while the process has one thread. Beside the files of Landlock, sockets other
    than local ones are refused, and system calls that no reader of images needs. Of the two layers
    those are taken that this kernel has.

    Parameters
    ----------
    rules : iterable of Rule
    alone : bool
        Whether no other process may be started.

    Raises
    ------
    OSError
        If the kernel does not do it.
    """
    privileges.drop()
    version = landlock.abi()
    if version:
        landlock.restrict(rules)
    if seccomp.available():
        landlock.forbid_new_privileges()
        seccomp.restrict(truncate=version >= 3, signals=version >= 6, alone=alone)


def prepare() -> None:
    """Make what `lock` takes and can be made once, in the fork server."""
    code_folders()
    version = landlock.abi()
    privileges.held()
    if seccomp.available():
        seccomp.prepare(truncate=version >= 3, signals=version >= 6)


def disconnect() -> None:
    """Take the means to connect with anything from this process, in all its threads; what is connected stays.

    Raises
    ------
    OSError
        If the kernel does not do it.
    """
    if seccomp.available():
        seccomp.disconnect()


def session_rules(grants: Sequence[Grant], scratch: Path) -> list[Rule]:
    """Give what a session or a job may touch: read its shares and their caches, write what is granted."""
    rules = [*common_rules(), Rule(scratch, READ | WRITE)]
    for grant in grants:
        rules.append(Rule(Path(grant.path), READ | WRITE if grant.write else READ))
        rules.append(Rule(Path(grant.cache), READ))
    return rules


def builder_rules(grant: Grant, scratch: Path) -> list[Rule]:
    """Give what a builder may touch: read one share, write its cache."""
    cache = Rule(Path(grant.cache), READ | WRITE)
    return [*common_rules(), Rule(scratch, READ | WRITE), Rule(Path(grant.path), READ), cache]


def common_rules() -> list[Rule]:
    """Give what every process needs: the code, time zones and a few devices."""
    return [
        Rule(Path("/dev/null"), Access.READ_FILE | Access.WRITE_FILE | Access.TRUNCATE),
        *(Rule(path, READ) for path in code_folders()),
    ]


@functools.cache
def code_folders() -> tuple[Path, ...]:
    """Give the folders from which Python may still import, and the libraries of the system.

    An editable install, or a package beside the program, adds just the folder of the package
    itself: what else lies beside it is nobody's business.
    """
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    found = {Path(name) for name in _SYSTEM}
    found |= {Path(prefix) / name for prefix in prefixes for name in ("lib", "lib64", "share")}
    paths = sysconfig.get_paths()
    found |= {Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= {Path(path) for path in site.getsitepackages()}
    if site.ENABLE_USER_SITE:
        found.add(Path(site.getusersitepackages()))
    found |= set(_packages_outside(found))
    return tuple(path for path in sorted(found) if path.exists())


def _packages_outside(known: Iterable[Path]) -> Iterator[Path]:
    """Give the folders of imported top-level packages that lie in none of the known ones."""
    prefixes = tuple(f"{path}{os.sep}" for path in known)
    for name, module in list(sys.modules.items()):
        if "." in name or name == "__main__":
            continue
        folders = getattr(module, "__path__", None)
        places = list(folders) if folders is not None else [getattr(module, "__file__", None)]
        for place in places:
            if place and os.path.isabs(place) and not place.startswith(prefixes):
                yield Path(place)
