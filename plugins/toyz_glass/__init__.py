"""Free-form models of gravitational lenses: a library (`toyz_glass.core`), a command, and tasks of the server."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toyz_glass.tasks import plugin

__all__ = ["plugin"]


def __getattr__(name: str) -> Any:
    """Fetch the manifest when it is first asked for: who uses the core alone needs nothing of Toyz."""
    if name == "plugin":
        from toyz_glass.tasks import plugin  # noqa: PLC0415 (see above)

        return plugin
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
