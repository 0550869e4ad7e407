"""Headers for the tests of mosaics and of the sky."""

from toyz_tiles.mosaic_plan import HduHeader


def cards_text(cards: dict[str, object]) -> str:
    """Write a FITS header."""
    lines = []
    for keyword, value in cards.items():
        if isinstance(value, str):
            lines.append(f"{keyword:<8}= '{value:<8}'".ljust(80))
        else:
            lines.append(f"{keyword:<8}= {value!r:>20}".ljust(80))
    return "".join([*lines, "END".ljust(80)])


def tangent(
    *,
    crval: tuple[float, float] = (59.0, -52.0),
    crpix: tuple[float, float] = (50.0, 50.0),
    cd: tuple[float, float, float, float] = (-7.3e-5, 0.0, 0.0, 7.3e-5),
    **more: object,
) -> str:
    """Write the header of a plain tangent-plane image; degrees, FITS pixels."""
    return cards_text(
        {
            "NAXIS": 2,
            "CTYPE1": "RA---TAN",
            "CTYPE2": "DEC--TAN",
            "CRVAL1": crval[0],
            "CRVAL2": crval[1],
            "CRPIX1": crpix[0],
            "CRPIX2": crpix[1],
            "CD1_1": cd[0],
            "CD1_2": cd[1],
            "CD2_1": cd[2],
            "CD2_2": cd[3],
            **more,
        }
    )


def header(hdu: int, shape: tuple[int, int], text: str = "", name: str = "", **cards: str) -> HduHeader:
    """Make what `plan` takes."""
    return HduHeader(hdu=hdu, name=name, shape=shape, cards=cards, header_text=text)
