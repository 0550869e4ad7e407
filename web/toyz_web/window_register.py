"""The windows of a server, found by user and name."""

from collections.abc import Iterator

from toyz_web.window import Window


class WindowRegister:
    """Knows every window, and how many each user has."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, Window]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Window]:
        """Go through all windows that there are now, whatever becomes of them meanwhile."""
        return iter([window for windows in self._of.values() for window in windows.values()])

    def of(self, user: str) -> list[Window]:
        """Give the windows of a user."""
        return list(self._of.get(user, {}).values())

    def count_of(self, user: str) -> int:
        """Give how many windows a user has."""
        return len(self._of.get(user, ()))

    def users(self) -> set[str]:
        """Give the names of those who have a window."""
        return set(self._of)

    def get(self, user: str, name: str) -> Window | None:
        """Find a window."""
        return self._of.get(user, {}).get(name)

    def add(self, window: Window) -> None:
        """Take in a window whose name its user has not given to another."""
        windows = self._of.setdefault(window.user, {})
        assert window.id not in windows
        windows[window.id] = window
        self._count += 1

    def remove(self, window: Window) -> None:
        """Forget a window; nothing happens if it is not there."""
        windows = self._of.get(window.user, {})
        if windows.get(window.id) is not window:
            return
        del windows[window.id]
        self._count -= 1
        if not windows:
            del self._of[window.user]
