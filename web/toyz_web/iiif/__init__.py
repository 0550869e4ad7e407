"""The IIIF Image API 3.0: what its URLs name and ask for, without answering them.

An image's address is ``{site}iiif/3/{identifier}``; the identifier (`toyz_web.iiif.identifier`) holds the
file, the HDU, the plane and the style, so that a viewer that knows nothing of them shows what was chosen.
"""

from toyz_web.iiif.identifier import Identifier

PREFIX = "iiif/3/"
"""Of the addresses of images, below the base URL."""


def service_url(site: str, identifier: Identifier) -> str:
    """Give the base URL of an image: what a IIIF viewer is given.

    Parameters
    ----------
    site : str
        URL of the server with its prefix, ending in a slash.
    identifier : Identifier
    """
    return f"{site}{PREFIX}{identifier.quoted}"
