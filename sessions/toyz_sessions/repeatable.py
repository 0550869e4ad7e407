"""Which tasks of the session's own modules may be called twice: the server does so where an answer is lost."""

_ALL = frozenset({"images", "regions"})
"""Modules whose tasks change nothing."""
_TASKS = {
    "files": frozenset({"list", "describe", "header", "trash"}),
    "transfers": frozenset({"describe", "read", "size"}),
}


def is_repeatable(module: str, task: str) -> bool:
    """Whether a call changes nothing, so that it may be made again; what is not known to be so is not."""
    return module in _ALL or task in _TASKS.get(module, ())
