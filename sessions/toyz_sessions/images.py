"""The images that a session has open."""

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from toyz.errors import NotFound, ToyzError
from toyz.jobs import Phase
from toyz.readers import Pixels
from toyz_sessions.answers import FrameInfo, ImageInfo
from toyz_sessions.display import display_of
from toyz_sessions.file_watch import PERIOD, FileWatch, Watched
from toyz_sessions.files import Shares
from toyz_sessions.image_key import ImageKey
from toyz_sessions.keys import SUFFIXES
from toyz_sessions.messages import BuildUpdate
from toyz_sessions.open_image import OpenImage
from toyz_sessions.opening import Opened, Readers, open_source
from toyz_sessions.shown import ShownImage
from toyz_sessions.sky_matching import SkyMatcher
from toyz_sessions.spools import BuildWatch, SessionSpool
from toyz_tiles.cache import ByteCache

Shown = TypeVar("Shown", bound=ShownImage)


class ImageStore:
    """The open images of a session, by id; the least recently used is closed when there are too many.

    Parameters
    ----------
    shares : Shares
    readers : Readers
    watch : BuildWatch
        For pyramids, packed files and planes that are decoded whole.
    cache : ByteCache
        Of decoded tiles.
    emit : callable
        ``emit(event, data)`` tells the window.
    closed : callable
        Told the id of an image that was closed, or whose pixels changed (``stale=True``).
    limit : int
        Images open at once: those of a window, and the frames that it plays.
    period : float
        Seconds between two looks at whether their files are the same.
    """

    def __init__(
        self,
        shares: Shares,
        readers: Readers,
        watch: BuildWatch,
        cache: ByteCache[Pixels],
        *,
        emit: Callable[[str, Any], None],
        closed: Callable[[str, bool], None],
        limit: int = 96,
        period: float = PERIOD,
    ) -> None:
        self._shares, self._readers, self._watch, self._cache = shares, readers, watch, cache
        self._emit, self._closed, self._limit = emit, closed, limit
        self._images: dict[str, ShownImage] = {}
        self._opening = 0
        self._lock = threading.Lock()
        self._matcher = SkyMatcher()
        watch.on_update = self._on_build
        self._files = FileWatch(self._watched, shares.identity, self._file_changed, period=period)

    def open(self, key: ImageKey) -> OpenImage:
        """Open an image; one that is open already (and unchanged) is given again.

        Raises
        ------
        NotFound, Forbidden, UnsupportedFile, CorruptFile, TooLarge
        InvalidParameter
            If a layout or a match is asked for that the file does not allow.
        """
        with self.keeping_builds():
            return self.keep(self.look_up(key))

    def look_up(self, key: ImageKey) -> OpenImage:
        """Open an image without keeping it, or give the one that is open; parameters and errors as of `open`."""
        image = self._look_up(key)
        # What it waited for may have come meanwhile, and nobody would be told: it is not among the open images yet.
        missed = not image.complete and self._progress_of(image) >= 1
        return self._look_up(key) if missed else image

    def _look_up(self, key: ImageKey) -> OpenImage:
        spool = SessionSpool(self._shares, self._watch)
        opened = open_source(self._shares, self._readers, key.path, spool, self._known(key.path))
        hdu = opened.choose(key.hdu, key.layout, key.match)
        display = display_of(opened, hdu, key.plane, spool, key.layout)
        skies = self._matcher.find(opened, display, key.match, settled=opened.complete and not spool.pending)
        image = OpenImage(opened, display, key.plane, self._cache, spool.pending, skies)
        known = next((part for part in self._holders() if part.id == image.id), None)
        return known if known is not None and known.levels.settled else image

    def keep(self, image: Shown) -> Shown:
        """Have an image open from now on."""
        with self._lock:
            self._images.pop(image.id, None)
            self._images[image.id] = image
            over = [self._images.pop(name) for name in list(self._images)[: -self._limit]]
        for old in over:
            self._closed(old.id, False)
        self._files.begin()
        return image

    def _known(self, path: str) -> Opened | None:
        """What an open image of the same file has read of it: the headers of a cube are those of all planes."""
        with self._lock:
            parts = [part for image in reversed(self._images.values()) for part in image.parts]
        return next((part.opened for part in parts if part.opened.path == path), None)

    def describe(self, image: ShownImage) -> ImageInfo:
        """Describe an image, and have it improved from now on.

        The description reads the overview; a builder that began before would take the disk from it.
        """
        info = image.info(self.progress_of(image))
        for part in image.parts:
            part.described |= part is image
            self._improve(part)
        info.pyramid = image.pyramid
        return info

    def frame(self, image: OpenImage) -> FrameInfo:
        """Say what is known of an image that may only pass by: what was built is used, and nothing begun."""
        with image.lock:
            if image.pyramid == "none" and image.complete and image.levels.wants_pyramid:
                self._load_pyramid(image)
        return image.frame()

    def look(self, path: str) -> Opened:
        """Read a file's headers without opening an image.

        Raises
        ------
        NotFound, Forbidden, UnsupportedFile, CorruptFile, TooLarge
        """
        with self._lock:
            self._opening += 1
        try:
            return open_source(self._shares, self._readers, path, SessionSpool(self._shares, self._watch))
        finally:
            # What it had unpacked is kept at that: most likely the file is opened next.
            with self._lock:
                self._opening -= 1

    def get(self, image: str) -> ShownImage:
        """Look an open image up.

        Raises
        ------
        NotFound
        """
        with self._lock:
            found = self._images.get(image)
            if found is None:
                raise NotFound("This image is not open in this session.", field="parameters.image")
            self._images[image] = self._images.pop(image)
            return found

    def close(self, image: str) -> None:
        """Close an image; nothing happens if it is not open."""
        with self._lock:
            found = self._images.pop(image, None)
        if found is not None:
            self._take_back_builds()
            self._closed(found.id, False)

    def close_all(self) -> None:
        """Forget every image."""
        self._files.close()
        with self._lock:
            self._images = {}

    def progress_of(self, image: ShownImage) -> float:
        """How much of a packed file, or of planes being decoded, is there; 1 only when nothing more will come."""
        return min(map(self._progress_of, image.parts))

    def _progress_of(self, image: OpenImage) -> float:
        if not image.opened.complete:
            update = self._watch.status(image.opened.build("decompress").key)
            if update is None:
                return 0.0
            # All of the packed file has been read a moment before the unpacked one has its name.
            return 1.0 if update.phase is Phase.COMPLETED else min(update.progress, 0.99)
        waiting = sum(not raster.arrived for raster in image.pending)
        return 1.0 - waiting / len(image.pending) if image.pending else 1.0

    # ---- files that change --------------------------------------------------------------

    def _watched(self) -> list[Watched]:
        return [Watched(part.id, part.opened.path, part.opened.file.identity) for part in self._holders()]

    def _file_changed(self, key: Hashable) -> None:
        """Tell the window that the file is another; of one that was written to, nothing that was read counts."""
        for part, holders in self._holders().items():
            if part.id != key:
                continue
            if part.opened.file.overwritten:
                part.levels.unsettle()
                for image in holders:
                    self._closed(image.id, True)
            self._emit("changed", {"path": part.opened.path})

    # ---- builds -----------------------------------------------------------------------

    @contextmanager
    def keeping_builds(self) -> Iterator[None]:
        """Keep builds that no open image wants yet, because an image is being opened."""
        with self._lock:
            self._opening += 1
        try:
            yield
        finally:
            with self._lock:
                self._opening -= 1
            self._take_back_builds()

    def _take_back_builds(self) -> None:
        """Let go what only closed images wanted."""
        with self._lock:
            if not self._opening:
                self._watch.keep_only(
                    {key for image in self._images.values() for part in image.parts for key in part.builds}
                )

    def _improve(self, image: OpenImage) -> None:
        """Have a pyramid built, once all pixels are there."""
        with image.lock:
            if not image.complete or image.pyramid != "none" or not image.levels.wants_pyramid:
                return
            if not self._load_pyramid(image):
                image.pyramid = "building"
                self._watch.request(image.pyramid_build)

    def _on_build(self, update: BuildUpdate) -> None:
        for part, holders in self._holders().items():
            if update.key == part.pyramid_build.key:
                self._pyramid_update(part, holders, update)
            elif update.key in part.awaited:
                for image in holders:
                    self._pixels_came(image, update)

    def _holders(self) -> dict[OpenImage, list[ShownImage]]:
        """All images with pixels of their own, and what shows them."""
        holders: dict[OpenImage, list[ShownImage]] = {}
        with self._lock:
            for image in self._images.values():
                for part in dict.fromkeys(image.parts):
                    holders.setdefault(part, []).append(image)
        return holders

    def _pixels_came(self, image: ShownImage, update: BuildUpdate) -> None:
        """Tell the window that there is more to see, or why no more will come.

        It asks for its tiles anew, and of a complete image for the description and the cuts, which
        were those of the part that was there.
        """
        progress = self.progress_of(image)
        self._closed(image.id, True)
        told = {"image": image.id, "progress": progress, "complete": progress >= 1}
        if update.error is not None:
            told["problem"] = update.error.message
        self._emit("progress", told)

    def _load_pyramid(self, image: OpenImage) -> bool:
        build = image.pyramid_build
        fd = self._shares.open_cache(build.share, build.key + SUFFIXES["pyramid"])
        if fd is None:
            return False
        try:
            image.levels.take_pyramid(image.pyramid_from(fd))
        except ToyzError:
            return False
        image.pyramid = "ready"
        return True

    def _pyramid_update(self, part: OpenImage, holders: Sequence[ShownImage], update: BuildUpdate) -> None:
        phase = update.phase
        if phase is Phase.COMPLETED:
            with part.lock:
                phase = Phase.COMPLETED if self._load_pyramid(part) else Phase.ERROR
        if phase.final and phase is not Phase.COMPLETED:
            part.pyramid = "none"
        for image in holders:
            if update.phase is Phase.COMPLETED:
                self._closed(image.id, True)
            self._emit("pyramid", {"image": image.id, "phase": phase, "progress": update.progress})
