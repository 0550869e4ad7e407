"""Which files a call opens, read from its parameters as they were sent."""

import msgspec


def paths_in(parameters: bytes) -> list[str]:
    """Give all paths in the parameters of a call that opens an image."""
    found: list[str] = []
    left = [msgspec.json.decode(parameters or b"null")]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if isinstance(value.get("path"), str):
                found.append(value["path"])
            left += value.values()
        elif isinstance(value, list):
            left += value
    return found


def shares_in(parameters: bytes) -> set[str]:
    """Name the shares of all paths in the parameters of a call that opens an image."""
    return {path.partition("/")[0] for path in paths_in(parameters)}
