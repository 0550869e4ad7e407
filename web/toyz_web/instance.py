"""What makes one installation itself: its folders, its name and its secret token."""

import hashlib
import os
import secrets
from pathlib import Path

import msgspec

from toyz.config import Config, Share
from toyz.errors import BadRequest, NotFound

SECRETS = ("instance", "token", "secret")
"""Files of the state folder without which a database is of no use: a backup holds them."""
DATABASE = "toyz.sqlite"
_WHEREABOUTS = "whereabouts.json"


class Instance(msgspec.Struct, frozen=True):
    """An installation.

    Attributes
    ----------
    name : str
        Eight hexadecimal digits, in the names of its cookies: two servers on one host differ only by port,
        and cookies do not know ports.
    token : str
        What scripts send as ``Authorization: Bearer``.
    strong : bool
        Whether the token was made up here, and so cannot be guessed.
    secret : str
        What links are signed with; it is never shown to anybody. Another token makes another.
    local : str
        What a command that can read the state folder shows to be told how the server is doing.
    """

    name: str
    token: str
    strong: bool
    secret: str
    local: str


def database_path(config: Config) -> Path:
    """Give where the database of a server lies."""
    return Path(config.state) / DATABASE


def prepare_folders(config: Config) -> None:
    """Make the folders of state and cache, closed to others.

    Raises
    ------
    BadRequest
        If one cannot be made.
    """
    for name, folder in (("state", config.state), ("cache", config.cache)):
        try:
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            if name == "state":
                Path(folder).chmod(0o700)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise BadRequest(
                f"the {name} folder {folder} cannot be made: {reason}; name another with --{name}"
            ) from None


def find_token(config: Config) -> str:
    """Give the token of a server that has run with this configuration.

    Raises
    ------
    NotFound
        If none has.
    """
    if config.token:
        return config.token
    try:
        return (Path(config.state) / "token").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise NotFound(f"no server has kept a token in {config.state}; start one with `toyz serve`") from None
    except OSError as error:
        raise BadRequest(f"{config.state}: {os.strerror(error.errno or 0).lower()}") from None


class Whereabouts(msgspec.Struct, frozen=True):
    """What a server leaves in its state folder for commands that print links to it or ask it.

    Attributes
    ----------
    address : str
        URL for browsers.
    local : str
        URL on this machine, which is another where a proxy stands between.
    certificate : str
        File of the certificate that it shows; empty if it speaks no TLS.
    shares : tuple of Share
        Those that it was started with, by its configuration or its command line.
    """

    address: str
    local: str
    certificate: str = ""
    shares: tuple[Share, ...] = ()


def keep_whereabouts(config: Config, address: str, local: str) -> None:
    """Keep where a server is found; of several the last one counts."""
    certificate = str(Path(config.certificate).absolute()) if config.certificate else ""
    path = Path(config.state) / _WHEREABOUTS
    draft = path.with_name(f".{_WHEREABOUTS}.{secrets.token_hex(4)}")
    draft.write_bytes(msgspec.json.encode(Whereabouts(address, local, certificate, config.shares)))
    draft.replace(path)


def find_whereabouts(config: Config) -> Whereabouts | None:
    """Give where the server of this state folder listens, or listened last; None if none ever did."""
    try:
        return msgspec.json.decode((Path(config.state) / _WHEREABOUTS).read_bytes(), type=Whereabouts)
    except (OSError, ValueError):
        return None


def load_instance(config: Config) -> Instance:
    """Read the name and the token of the state folder, or make them up; a configured token comes first."""
    state = Path(config.state)
    name = _persisted(state / "instance", 4)
    token = config.token or _persisted(state / "token", 32)
    # A signature is shown to strangers, who could try tokens on it, were it made with the token alone.
    kept = _persisted(state / "secret", 32)
    return Instance(
        name=name, token=token, strong=not config.token, secret=f"{kept}\0{token}", local=_local_secret(kept)
    )


def find_local_secret(config: Config) -> str:
    """Give what a server of this state folder takes from commands on its machine.

    Raises
    ------
    NotFound
        If none has run.
    """
    try:
        return _local_secret((Path(config.state) / "secret").read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise NotFound(f"no server has run with {config.state}; start one with `toyz serve`") from None
    except OSError as error:
        raise BadRequest(f"{config.state}: {os.strerror(error.errno or 0).lower()}") from None


def _local_secret(kept: str) -> str:
    return hashlib.sha256(f"local\0{kept}".encode()).hexdigest()


def _persisted(path: Path, size: int) -> str:
    """Give the secret in a file, made with mode 0600 if it is not there; two servers that start at once agree."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(size))
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename, a link fails where another server was first.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()
