"""Mistakes that a configuration can hold and still be one."""

import ipaddress
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from toyz.config import Config
from toyz_web.doctor.finding import Finding, Level, judged

_SHORT = 16


def examine(config: Config) -> Iterator[Finding]:
    """Look for them."""
    yield _listening(config)
    if config.token:
        yield judged(
            "token",
            f"{len(config.token)} characters",
            good=len(config.token) >= _SHORT,
            means="it can be guessed, and whoever has it is the administrator",
            advice="Leave it out: a good one is made up. `toyz token` prints it.",
            worst=Level.BAD,
        )
    yield judged(
        "cors_origins",
        ", ".join(config.cors_origins) or "none",
        good="*" not in config.cors_origins,
        means="pages of every site may read the images that are for everybody",
        advice="Name the sites.",
    )
    if config.certificate:
        yield from _key(Path(config.key or config.certificate))
    public = [share.name for share in config.shares if share.anonymous]
    if public:
        yield Finding("for everybody", Level.OK, ", ".join(public))


def file_of(path: Path, config: Config) -> Iterator[Finding]:
    """Look at the configuration's file itself: who may read it when it holds a secret."""
    mode = stat.S_IMODE(path.stat().st_mode)
    secret = bool(config.token and os.environ.get("TOYZ_TOKEN") != config.token) or config.oidc is not None
    yield judged(
        "configuration file",
        f"{path}, mode {mode:04o}{', holds a secret' if secret else ''}",
        good=not (secret and mode & 0o077),
        means="other accounts may read the secret in it",
        advice=f"chmod 600 {path}",
        worst=Level.BAD,
    )


def _listening(config: Config) -> Finding:
    where = f"{config.host or '*'}:{config.port}{', https' if config.secure else ''}"
    return judged(
        "listening",
        where,
        good=config.secure or _is_local(config.host),
        means="passwords, cookies and data pass over the network in the clear",
        advice="Give a certificate (certificate, key), or listen on 127.0.0.1 behind a proxy that speaks TLS.",
        worst=Level.BAD,
    )


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _key(path: Path) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        yield Finding(
            "TLS key", Level.BAD, str(path), f"it cannot be read: {error.strerror}", "Name one that is there."
        )
        return
    yield judged(
        "TLS key",
        f"{path}, mode {mode:04o}",
        good=not mode & 0o077,
        means="other accounts may read the key",
        advice=f"chmod 600 {path}",
        worst=Level.BAD,
    )
