"""The file of a backup: a zip of a manifest and the files that it names, none of which is just believed."""

import errno
import hashlib
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

import msgspec

from toyz.errors import BadRequest
from toyz_web.instance import DATABASE, SECRETS

FORMAT = 1
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 20
_CHUNK = 1 << 20
_LATEST = 253_402_300_800.0
"""The end of the year 9999."""
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)
"""What a zip raises that is none, or was one before some of its bits were others."""


class Kept(msgspec.Struct, frozen=True):
    """A file of a backup: its length in bytes, and the SHA-256 of what is in it."""

    size: int
    sha256: str


class BackupManifest(msgspec.Struct, frozen=True):
    """What a backup says of itself.

    Attributes
    ----------
    format : int
        Of the backup; `FORMAT`.
    version : str
        Of the Toyz that wrote it.
    schema : int
        Number of the database's schema.
    created : float
        Seconds since the epoch.
    files : dict of str to Kept
    """

    format: int
    version: str
    schema: int
    created: float
    files: dict[str, Kept]


class BadBackup(BadRequest):
    """A file is no backup, or no whole one."""


def pack(archive: Path, folder: Path, manifest: BackupManifest) -> None:
    """Write the files that a manifest names into an archive of mode 0600, which is on disk when this returns."""
    descriptor = os.open(archive, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
            for name in manifest.files:
                packed.write(folder / name, name)
        file.flush()
        os.fsync(file.fileno())


def unpack(source: Path, folder: Path) -> BackupManifest:
    """Unpack the files that a manifest names, as long as it says they are.

    Raises
    ------
    BadBackup
    """
    if not source.is_file():
        raise BadBackup(f"There is no file {source}.")
    try:
        with zipfile.ZipFile(source) as packed:
            manifest = _read_manifest(packed)
            for name, kept in manifest.files.items():
                with _opened(packed, name) as stream:
                    _unpack_one(stream, folder / name, name, kept)
    except (*_DAMAGE, OSError) as error:
        # It is EINVAL where a damaged table leads before the beginning of the file.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise BadBackup(f"{source.name} is no backup of Toyz, or no whole one.") from error
    return manifest


def _opened(packed: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open a file of an archive, which `pack` writes in one way only."""
    info = packed.getinfo(name)
    if info.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"method {info.compress_type}")
    return packed.open(info)


def _read_manifest(packed: zipfile.ZipFile) -> BackupManifest:
    with _opened(packed, _MANIFEST) as stream:
        text = stream.read(_LARGEST_MANIFEST)
    try:
        manifest = msgspec.json.decode(text, type=BackupManifest)
    except msgspec.MsgspecError:
        raise BadBackup("The backup's manifest cannot be read.") from None
    if not 0 <= manifest.created < _LATEST:
        raise BadBackup("The backup's manifest has no moment at which it was made.")
    if manifest.format != FORMAT:
        raise BadBackup(f"The backup has format {manifest.format}, this version knows {FORMAT}. Use a later Toyz.")
    if not {DATABASE} <= manifest.files.keys() <= {DATABASE, *SECRETS}:
        raise BadBackup("The backup does not hold the files that a backup holds.")
    return manifest


def _unpack_one(stream: IO[bytes], target: Path, name: str, kept: Kept) -> None:
    digest, left = hashlib.sha256(), kept.size
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while left and (chunk := stream.read(min(_CHUNK, left))):
            file.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
        file.flush()
        os.fsync(file.fileno())
    if left or stream.read(1) or digest.hexdigest() != kept.sha256:
        raise BadBackup(f"{name} in the backup is not what its manifest says.")


def measured(path: Path) -> Kept:
    """Say how long a file is, and what is in it."""
    with path.open("rb") as file:
        return Kept(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
