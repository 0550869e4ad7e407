"""Notes as a workspace keeps them: short texts in Markdown about the whole, an image or a region."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from toyz.regions import RegionImage

MAX_NOTE = 20_000
NOTE_PREFIX = "note/"
"""Of the key under which a workspace keeps a note; an id follows."""
NOTE_KEY = re.compile(r"note/[A-Za-z0-9_-]{1,40}")


class AboutWorkspace(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="workspace"):
    """The note is about the workspace itself."""


class AboutImage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="image"):
    """The note is about an image."""

    image: RegionImage


class AboutRegion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="region"):
    """The note is about a region, which may have been deleted since."""

    region: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,40}$")]


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A note, under ``note/<id>``; times are epoch seconds.

    The author is who wrote it first, as the page says; nobody vouches for it.
    """

    about: AboutWorkspace | AboutImage | AboutRegion
    text: Annotated[str, Meta(max_length=MAX_NOTE)]
    author: Annotated[str, Meta(max_length=200)]
    created: Annotated[float, Meta(ge=0, le=1e11)]
    modified: Annotated[float, Meta(ge=0, le=1e11)]
