"""What a server runs in, beside its configuration: told by the program that starts it."""

import msgspec

from toyz_web.ways.hub_environment import HubEnvironment


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Who started this server, and how it is reached.

    Attributes
    ----------
    hub : HubEnvironment or None
        The JupyterHub of which it is a service or a single-user server.
    proxy_secret : str
        What a proxy shows that has signed its user in already; empty if there is none.
    unix_socket : str
        Path of the socket to listen at instead of a port; empty for a port.
    """

    hub: HubEnvironment | None = None
    proxy_secret: str = ""
    unix_socket: str = ""

    @property
    def has_link(self) -> bool:
        """Whether a link that signs in is to be shown; others who read what is printed there could use it."""
        return self.hub is None and not self.proxy_secret


ALONE = Surroundings()
"""Started by a person or a supervisor, and reached at a port."""
