"""What comes with Toyz: the plugins and the readers that need no entry point.

A built-in plugin differs from a third party's by its line here, and by nothing else. Names
are kept as text, so that the server can list them without importing any.
"""

PLUGINS: tuple[str, ...] = ("toyz_exposures", "toyz_glass", "toyz_lens")
"""Import packages whose attribute ``plugin`` is a `toyz.Plugin`."""

READERS: tuple[str, ...] = ("toyz_extensions.fits:FitsReader", "toyz_extensions.image:PictureReader")
"""Classes of `toyz.Reader`, made without arguments, in the order in which they are asked."""

MODULES: frozenset[str] = frozenset(
    {"window", "jobs", "settings", "server", "account", "admin", "files", "images", "regions", "transfers"}
)
"""Modules that the server and the session answer themselves; no plugin may take such a name."""
