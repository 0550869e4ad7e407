"""Pixels to tiles, pure numerics: geometry, mosaic, pyramid, stretch, colour, encode, statistics, WCS.

Arrays go in and arrays (or encoded bytes) come out; the only outside type is
`toyz.readers.Raster`. Everything here is in display order, row 0 at the top of the screen,
unless its docstring says otherwise.
"""
