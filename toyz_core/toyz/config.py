"""The frozen configuration of a server, from a TOML file and the command line."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import platformdirs

from toyz.config_addresses import check_networks, check_origins, normalise_base_url, read_public_url
from toyz.config_sign_in import JupyterHub, Oidc, Pam, check_sign_in
from toyz.errors import BadRequest

SHARE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


_GRANTS = ("write", "anonymous")
_SYSTEM = (Path("/proc"), Path("/sys"), Path("/dev"))
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - ordinary files lie there


class Share(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A directory that users see under a name.

    Attributes
    ----------
    name : str
    path : str
        Absolute and resolved.
    write : bool
        Whether it is granted for writing.
    anonymous : bool
        Whether its images are shown to those who are not signed in (over IIIF and DZI, and to look at only).
    """

    name: str
    path: str
    write: bool = False
    anonymous: bool = False


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a session, a job and the server may use."""

    sessions: int = 200
    """Windows, and sessions of requests without one; a window has a session once it is used."""
    sessions_per_user: int = 40
    jobs: int = 2
    builders: int = 2
    queue: int = 2000
    """Calls and tiles waiting in one session."""
    grace: float = 300.0
    """Seconds that a session outlives its connection."""
    heartbeat: float = 10.0
    """Seconds without a sign of life after which a session is taken for dead."""
    session_memory: int = 6 << 30
    """Bytes of private memory of a session, and of a builder (RLIMIT_DATA)."""
    session_processes: int = 16
    """Processes of a session: it starts some only where a plugin has a simple reader."""
    call_time: float = 300.0
    """Seconds that a plugin's short task may take in a session; 0 for any time."""
    job_memory: int = 6 << 30
    """Bytes of private memory of a job: of each of its processes (RLIMIT_DATA), and of all of them together."""
    job_cpu: int = 86_400
    """Processor seconds of a job, all its processes together; 0 for any number."""
    job_time: int = 86_400
    """Seconds by the clock that a job may run; 0 for any time."""
    job_file: int = 16 << 30
    """Bytes that a file may hold which a job writes (RLIMIT_FSIZE)."""
    job_most: float = 4.0
    """How many times these four a task may declare for itself (`toyz.TaskLimits`); 1 for never more."""
    job_processes: int = 64
    """Processes that a task may declare; one that declares none starts none."""
    scratch: int = 16 << 30
    """Bytes of the scratch folder of a session, a job or a builder."""
    scratch_files: int = 100_000
    """Files and folders in it."""
    pixel_cache: int = 96 << 20
    """Bytes of decoded pixels kept by a session: tiles, overviews and small images, and a quarter for its readers."""
    mapped: int = 384 << 20
    """Bytes of open files that a session maps at a time, whose pages belong to the kernel; 0 maps none."""
    tile_cache: int = 40 << 20
    """Bytes of encoded tiles kept by the server: so many that it stays below 150 MB with a hundred windows."""
    spool: int = 16 << 30
    """Bytes of decompressed files kept on disk, all shares together."""
    spool_file: int = 8 << 30
    """Bytes that one file may unpack to."""
    pyramids: int = 16 << 30
    """Bytes of pyramids kept on disk, all shares together: each takes a twelfth of its image or less."""
    upload: int = 64 * 10**9
    """Bytes of one uploaded file."""
    uploads_unfinished: int = 128 * 10**9
    """Bytes that a user may be uploading at a time."""
    uploads_finished: int = 512 * 10**9
    """Bytes of uploaded files that a user may have, those in the trash as well."""
    upload_expiry: float = 2 * 86400.0
    """Seconds after which an upload that nobody goes on with is removed."""
    replay: int = 500
    """Messages kept for a client that reconnects."""
    idle: float = 4 * 3600.0
    """Seconds after which the session of a window that is connected but not used rests until it is; 0 for never."""
    drain: float = 5.0
    """Seconds that running jobs are given when the server is told to end by SIGTERM."""
    header_time: float = 15.0
    """Seconds for the headers of a connection's first request to arrive."""
    body_time: float = 60.0
    """Seconds for the body of a request to arrive."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a server runs.

    Attributes
    ----------
    shares : tuple of Share
    host : str
    port : int
        The first port tried; the next free one is taken if it is busy.
    base_url : str
        Prefix of every URL: begins and ends with a slash.
    cache : str
        Folder of pyramids and spooled files.
    state : str
        Folder of the database, secrets and sockets.
    https : bool
        Whether browsers come over https, because a proxy in front of it ends TLS: cookies are then marked so.
    public_url : str
        Where browsers find the server behind a proxy, such as ``https://sky.example.org/toyz/``; its path is the
        prefix, and its scheme says whether they come over https.
    certificate, key : str
        Files in PEM, the certificate with its chain: the server then speaks TLS itself.
    trusted_proxies : tuple of str
        Addresses or networks of proxies that are believed when they say who asks (``X-Forwarded-For``, ``-Proto``).
    metrics_from : tuple of str
        Addresses or networks that may read ``/metrics`` without a token.
    token : str
        What a script sends as ``Authorization: Bearer``; made up if empty.
    cors_origins : tuple of str
        Sites whose pages may read images over IIIF and DZI, such as ``https://viewer.example.org``, or ``*``
        for all; they are never sent a cookie's rights.
    sandbox : bool
        Whether sessions run under Landlock.
    spawner : str
        How processes are started: ``fork``, as the user's own ``account``, or in namespaces by ``bubblewrap``.
    min_uid : int
        The least user id that the spawner ``account`` takes: those below are the system's.
    guest_account : str
        As whom it runs those who are not signed in; empty for nobody.
    browser : bool
        Whether to open one.
    password_sign_in : bool
        Whether the sign-in page takes the passwords that this server keeps.
    oidc : Oidc or None
    pam : Pam or None
    jupyterhub : JupyterHub
        Of a server that ``--jupyterhub`` makes one of a Hub's.
    limits : Limits
    """

    shares: tuple[Share, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8642
    base_url: str = "/"
    cache: str = ""
    state: str = ""
    https: bool = False
    public_url: str = ""
    certificate: str = ""
    key: str = ""
    trusted_proxies: tuple[str, ...] = ()
    metrics_from: tuple[str, ...] = ()
    token: str = ""
    cors_origins: tuple[str, ...] = ()
    sandbox: bool = True
    spawner: Literal["fork", "account", "bubblewrap"] = "fork"
    min_uid: int = 1000
    guest_account: str = ""
    browser: bool = True
    password_sign_in: bool = True
    oidc: Oidc | None = None
    pam: Pam | None = None
    jupyterhub: JupyterHub = JupyterHub()
    limits: Limits = Limits()

    @property
    def secure(self) -> bool:
        """Whether browsers come over https, to this server or to the proxy before it."""
        return self.https or bool(self.certificate)


def parse_share(text: str) -> Share:
    """Make a share from ``DIR`` or ``NAME=DIR``; a bare directory is named after its last part.

    It need not be there: `check_directories` says whether it is.

    Raises
    ------
    BadRequest
        If the name is not one.
    """
    name, separator, path = text.partition("=")
    if not separator:
        name, path = "", text
    resolved = Path(path).expanduser().resolve()
    if not path:
        raise BadRequest("a share needs a directory: DIR or NAME=DIR")
    name = name or re.sub(r"[^A-Za-z0-9._-]", "_", resolved.name).lstrip("._-") or "files"
    if not SHARE_NAME.fullmatch(name):
        raise BadRequest(f"not a share name: {name!r} (letters, digits, . _ -)")
    return Share(name=name, path=str(resolved))


def check_directories(shares: Iterable[Share]) -> None:
    """Refuse shares whose directories are not there, or hold no files of anybody but what the kernel shows of itself.

    Raises
    ------
    BadRequest
    """
    for share in shares:
        path = Path(share.path)
        if not path.is_dir():
            raise BadRequest(f"not a directory: {share.path}")
        around = (path, *path.parents)
        if path == Path("/") or (any(each in around for each in _SYSTEM) and _SHARED_MEMORY not in around):
            raise BadRequest(f"{share.path} is the system's own and no share: name a directory of files")


def check_shares(shares: tuple[Share, ...]) -> None:
    """Refuse two shares of one name, and one inside another.

    Landlock adds rights and cannot carve any out, so overlapping shares could not be told apart.

    Raises
    ------
    BadRequest
    """
    for index, share in enumerate(shares):
        for other in shares[index + 1 :]:
            if share.name == other.name:
                raise BadRequest(f"two shares are named {share.name!r}")
            one, two = Path(share.path), Path(other.path)
            if one == two or one in two.parents or two in one.parents:
                raise BadRequest(f"the shares {share.name!r} and {other.name!r} overlap")


def check_own_folders(shares: tuple[Share, ...], state: str, cache: str) -> None:
    """Refuse a share that holds the server's own folders: the token and the database lie there.

    Raises
    ------
    BadRequest
    """
    for option, folder in (("state", state), ("cache", cache)):
        own = Path(folder).expanduser().resolve()
        for share in shares:
            if own == Path(share.path) or Path(share.path) in own.parents:
                raise BadRequest(
                    f"the share {share.name!r} holds the server's own {option} folder, which its users would then see; "
                    f"put it elsewhere with --{option}"
                )


def load_config(path: str | None = None, *, environ: Mapping[str, str] | None = None, **overrides: Any) -> Config:
    """Read a TOML file, then the environment, then the overrides that are not None.

    Parameters
    ----------
    path : str, optional
        The file; its ``[shares]`` table maps names to directories or to ``{path, write, anonymous}``.
    environ : mapping, optional
        ``TOYZ_TOKEN`` sets the token; the process's environment by default.
    **overrides
        Fields of `Config`.

    Raises
    ------
    BadRequest
        With the field's path, if anything is unknown, mistyped or contradictory.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise BadRequest(f"configuration {path}: {(error.strerror or 'it cannot be read').lower()}") from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadRequest(f"configuration {path}: it is not TOML: {_lower(str(error))}") from None
    shares = _shares_of(values.pop("shares", {}))
    if environ.get("TOYZ_TOKEN"):
        values["token"] = environ["TOYZ_TOKEN"]
    given = {name: value for name, value in overrides.items() if value is not None}
    shares += tuple(given.pop("shares", ()))
    check_shares(shares)
    values |= given
    values |= read_public_url(values)
    values["base_url"] = normalise_base_url(str(values.get("base_url", "/")))
    values.setdefault("cache", platformdirs.user_cache_dir("toyz"))
    values.setdefault("state", platformdirs.user_state_dir("toyz"))
    check_own_folders(shares, str(values["state"]), str(values["cache"]))
    try:
        config = msgspec.convert(values | {"shares": shares}, Config)
    except msgspec.ValidationError as error:
        what, _, field = str(error).replace("`", "").partition(" - at $.")
        where = ": ".join(filter(None, ("configuration" if path is None else f"configuration {path}", field)))
        raise BadRequest(f"{where}: {_lower(what)}") from None
    check_origins(config.cors_origins)
    check_networks("trusted_proxies", config.trusted_proxies)
    check_networks("metrics_from", config.metrics_from)
    if bool(config.certificate) != bool(config.key):
        raise BadRequest("configuration: certificate and key belong together: name both")
    check_sign_in(config.oidc, config.pam)
    return config


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _shares_of(table: Any) -> tuple[Share, ...]:
    if not isinstance(table, dict):
        raise BadRequest("configuration: [shares] maps names to directories")
    shares: list[Share] = []
    for name, entry in table.items():
        options = entry if isinstance(entry, dict) else {"path": entry}
        share = parse_share(f"{name}={options.get('path', '')}")
        grants = {option: value for option, value in options.items() if option != "path"}
        for option, value in grants.items():
            if option not in _GRANTS:
                raise BadRequest(f"configuration: shares.{name}: {option}: a share has path, write and anonymous")
            if not isinstance(value, bool):
                raise BadRequest(f"configuration: shares.{name}.{option}: it is true or false")
        shares.append(msgspec.structs.replace(share, **grants))
    return tuple(shares)
