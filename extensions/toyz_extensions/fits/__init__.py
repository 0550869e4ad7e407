"""The FITS reader.

==============  ======================================================================
`reader`        recognises a file by its first bytes and opens it
`source`        an opened file: HDUs, headers, rasters
`index`         one pass over the headers: where each HDU begins
`cards`         header cards, read leniently
`preflight`     what a header claims, and whether that can be
`description`   what is told of an HDU before its data are touched
`scaling`       stored values to physical ones
`plain`         windows onto uncompressed images
`compressed`    windows onto RICE-compressed images
`tiling`        the tiles of a compressed image, and where their bytes stand
`streams`       the bytes of some tiles, in few reads
`bands`         decoded blocks, kept within a bound
`whole`         a plane of any other codec, by astropy, in a process that may die
`imageheader`   the header as a WCS library wants it
==============  ======================================================================

No FITS library sees a file before `preflight` has.
"""

from toyz_extensions.fits.reader import FitsReader

__all__ = ["FitsReader"]
