"""The layers of the sandbox: which of them this host has, and what is open without one."""

import platform

import msgspec

from toyz.config import Config
from toyz_sessions import landlock, seccomp
from toyz_sessions.spawners import SPAWNERS


class Layer(msgspec.Struct, frozen=True):
    """One layer.

    Attributes
    ----------
    name : str
    there : bool
        Whether this host has it.
    in_force : bool
        Whether sessions, jobs and builders are held by it.
    found : str
        What the host has.
    without : str
        What is open where it is not in force.
    advice : str
        What an administrator does about it.
    """

    name: str
    there: bool
    in_force: bool
    found: str
    without: str
    advice: str


OPTIONAL = ("Namespaces", "Accounts")
"""Layers that a server goes without unless it asks for them."""
_ABIS = (
    (1, "files", "a session opens every file that the server's account may open", "Linux 5.13"),
    (3, "truncation", "a session could cut files short by their path, were it not for seccomp", "Linux 6.2"),
    (4, "TCP", "a session could connect over TCP, were it not for seccomp", "Linux 6.7"),
    (6, "signals", "a session could signal processes of its account, were it not for seccomp", "Linux 6.12"),
)


def layers(config: Config) -> tuple[Layer, ...]:
    """Give all layers as they are for a server of this configuration."""
    abi, filters = landlock.abi(), seccomp.available()
    spawner = SPAWNERS[config.spawner]
    held = [
        Layer(
            f"Landlock: {name}",
            there=abi >= least,
            in_force=config.sandbox and abi >= least,
            found=f"ABI {abi}" if abi else "none",
            without=without,
            advice=f"Use {kernel} or later, with landlock among its security modules (the boot parameter lsm=).",
        )
        for least, name, without, kernel in _ABIS
    ]
    return (
        *held,
        Layer(
            "seccomp",
            there=filters,
            in_force=config.sandbox and filters,
            found=platform.machine(),
            without="sockets of every kind, and calls that reach other processes of the account, are open to a session",
            advice="Use a kernel with CONFIG_SECCOMP_FILTER, on x86_64 or aarch64.",
        ),
        Layer(
            "Namespaces",
            there=spawner.holds_files,
            in_force=spawner.holds_files,
            found=f"spawner {config.spawner}",
            without="a session learns by stat(2) that files exist outside its shares, and how large they are",
            advice="Use --spawner bubblewrap, if names and sizes of other files are secret.",
        ),
        Layer(
            "Accounts",
            there=not spawner.shared_caches,
            in_force=not spawner.shared_caches,
            found=f"spawner {config.spawner}",
            without="all sessions run as the server's account, whose permissions are theirs",
            advice="Use --spawner account, if the permissions of the operating system shall hold for each user.",
        ),
    )


def missing(config: Config) -> tuple[Layer, ...]:
    """Give the layers that an administrator is told of: those which every server can have, and this one has not."""
    return tuple(layer for layer in layers(config) if not layer.in_force and layer.name not in OPTIONAL)


def holds(config: Config) -> bool:
    """Whether something keeps a session from the files of others."""
    return landlock.abi() >= 1 or SPAWNERS[config.spawner].holds_files
