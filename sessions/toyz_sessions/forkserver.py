"""The fork server: a process with everything imported, from which all others are forked."""


class ForkServer:
    """Starts processes in milliseconds."""

    async def start(self) -> None:
        """Start it and wait until its modules are imported."""
        raise NotImplementedError

    async def close(self) -> None:
        """End it, and with it whatever still runs."""
        raise NotImplementedError
