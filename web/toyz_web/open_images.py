"""The images that a session has open: what a successor is told to open again, and what was withdrawn meanwhile."""

from collections.abc import Iterable

import msgspec

from toyz.errors import Forbidden
from toyz_web.opened_paths import shares_in

MAX_OPEN = 256
"""Images that are opened again in a new process."""
WITHDRAWN = "This share has been withdrawn from you."
_TRIES = 2


class OpenImage(msgspec.Struct):
    """An image, and the call that opened it."""

    task: str
    parameters: bytes
    image: str
    tries: int = 0


class OpenImages:
    """The images of one window or desk, over all processes that have served it."""

    def __init__(self) -> None:
        self._images: dict[str, OpenImage] = {}
        self._restoring: dict[str, OpenImage] = {}
        self._shares: set[str] = set()
        self._withdrawn: set[str] = set()
        self._gone: dict[str, bytes] = {}

    def __contains__(self, image: str) -> bool:
        return image in self._images

    def __len__(self) -> int:
        return len(self._images) + len(self._restoring)

    # ---- opening and closing --------------------------------------------------------------

    def open(self, image: OpenImage) -> bool:
        """Take note of an image; True if it is news to the user."""
        news = image.image not in self._images and not self._restoring
        self._images[image.image] = image
        while len(self._images) > MAX_OPEN:
            del self._images[next(iter(self._images))]
        return news

    def close(self, image: str) -> None:
        """Forget an image."""
        self._images.pop(image, None)

    # ---- what may be seen -----------------------------------------------------------------

    def may_see(self, shares: Iterable[str]) -> list[str]:
        """Take note of the shares that may be seen now, and give the images that are closed with those withdrawn."""
        names = set(shares)
        self._withdrawn = (self._withdrawn | self._shares) - names
        self._shares = names
        closed = [image for image, opened in self._images.items() if not shares_in(opened.parameters) <= names]
        self._gone |= {image: self._images.pop(image).parameters for image in closed}
        self._gone = {image: asked for image, asked in self._gone.items() if not shares_in(asked) <= names}
        return closed

    def check_share(self, path: str) -> None:
        """Refuse a path in a share that was withdrawn.

        Raises
        ------
        Forbidden
        """
        if path.partition("/")[0] in self._withdrawn:
            raise Forbidden(WITHDRAWN)

    def check_image(self, image: str) -> None:
        """Refuse an image of a share that was withdrawn.

        Raises
        ------
        Forbidden
        """
        if image in self._gone:
            raise Forbidden(WITHDRAWN)

    # ---- after the death of a process -----------------------------------------------------

    @property
    def restoring(self) -> bool:
        """Whether a new process opens them now."""
        return bool(self._restoring)

    def restore(self, ids: Iterable[str]) -> dict[str, OpenImage]:
        """Give what a new process is to open, each under an id of its own; not what two have died with."""
        images, self._images = self._images.values(), {}
        again = [image for image in images if image.tries < _TRIES]
        for image in again:
            image.tries += 1
        self._restoring = dict(zip(ids, again, strict=False))
        return self._restoring

    def is_restoring(self, id: str) -> bool:  # noqa: A002
        """Whether an image is opened again under this id."""
        return id in self._restoring

    def restored(self, id: str) -> None:  # noqa: A002
        """Take note that an image is open again, or cannot be."""
        del self._restoring[id]

    def interrupted(self) -> None:
        """Take note that the process died which was to open them."""
        for image in self._restoring.values():
            self._images.setdefault(image.image, image)
        self._restoring.clear()
