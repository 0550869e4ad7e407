"""Groups elsewhere and here."""

from collections.abc import Mapping, Set


def ours_of(theirs: Set[str], names: Mapping[str, str]) -> set[str]:
    """Give the groups here of groups elsewhere: those that have a name here, or, if none has, all by their own."""
    return {names[each] for each in theirs if each in names} if names else set(theirs)
