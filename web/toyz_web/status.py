"""How a server is doing, in the words that users, administrators and ``toyz status`` are told."""

import msgspec


class ShownSession(msgspec.Struct, frozen=True):
    """A window, or what answers a user's requests without one.

    Attributes
    ----------
    user : str
    window : str
        Name of the window; empty for that without one.
    connected : bool
        Whether a page speaks to it.
    resting : bool
        Whether its process was ended because nobody used it; it comes back when it is used.
    idle : float
        Seconds since something was asked of it.
    memory : int
        Bytes of its process's own memory.
    images : int
        That it has open.
    pid : int
        Its process on the server's machine; 0 while it has none.
    """

    user: str
    window: str
    connected: bool
    resting: bool
    idle: float
    memory: int
    images: int
    pid: int


class Load(msgspec.Struct, frozen=True):
    """How much there is to do; what everybody may see.

    Attributes
    ----------
    users, windows, sessions : int
        Users who have something open, their windows, and processes of these.
    sessions_limit : int
    jobs_running, jobs_queued, builders_running, builders_queued : int
    processors : float
        Load of the machine over the last minute, for each processor: 1 is busy.
    memory_used, memory_total : int
        Bytes of the machine.
    """

    users: int
    windows: int
    sessions: int
    sessions_limit: int
    jobs_running: int
    jobs_queued: int
    builders_running: int
    builders_queued: int
    processors: float
    memory_used: int
    memory_total: int


class Installation(msgspec.Struct, frozen=True):
    """What only administrators see.

    Attributes
    ----------
    server_memory, forkserver_memory, sessions_memory : int
        Bytes of the processes' own memory.
    tile_cache, tile_cache_limit : int
        Bytes of encoded tiles in memory.
    pyramids, pyramids_limit, unpacked, unpacked_limit : int
        Bytes on disk.
    database : int
        Bytes of the database.
    schema : int
    sandbox : str
        What holds sessions to their users' shares.
    last_backup : float or None
        When one was last written, in seconds since the epoch.
    """

    server_memory: int
    forkserver_memory: int
    sessions_memory: int
    tile_cache: int
    tile_cache_limit: int
    pyramids: int
    pyramids_limit: int
    unpacked: int
    unpacked_limit: int
    database: int
    schema: int
    sandbox: str
    last_backup: float | None


class ServerStatus(msgspec.Struct, frozen=True):
    """How the server is doing, as one user may know it.

    Attributes
    ----------
    version : str
    started : float
        Seconds since the epoch.
    draining : bool
        Whether it is about to be restarted.
    load : Load
    sessions : list of ShownSession
        The user's own, or for administrators all.
    installation : Installation or None
        For administrators.
    """

    version: str
    started: float
    draining: bool
    load: Load
    sessions: list[ShownSession]
    installation: Installation | None = None
