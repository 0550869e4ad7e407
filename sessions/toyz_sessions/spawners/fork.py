"""The default: processes of the server's own account, held by Landlock and seccomp."""

from toyz_sessions.spawners.base import Spawner


class ForkSpawner(Spawner):
    """Forks, and that is all."""

    name = "fork"

    def check(self) -> None:
        """Everywhere."""
