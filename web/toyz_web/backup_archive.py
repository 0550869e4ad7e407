"""The file of a backup: a zip of a manifest and the files that it names, none of which is just believed."""

import hashlib
import os
import zipfile
from pathlib import Path
from typing import IO

import msgspec

from toyz.errors import BadRequest
from toyz_web.instance import DATABASE, SECRETS

FORMAT = 1
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 20
_CHUNK = 1 << 20


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
    try:
        with zipfile.ZipFile(source) as packed:
            manifest = _read_manifest(packed)
            for name, kept in manifest.files.items():
                with packed.open(name) as stream:
                    _unpack_one(stream, folder / name, name, kept)
    except FileNotFoundError:
        raise BadBackup(f"There is no file {source}.") from None
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError, RuntimeError, IsADirectoryError) as error:
        raise BadBackup(f"{source.name} is no backup of Toyz, or no whole one.") from error
    return manifest


def _read_manifest(packed: zipfile.ZipFile) -> BackupManifest:
    with packed.open(_MANIFEST) as stream:
        text = stream.read(_LARGEST_MANIFEST)
    try:
        manifest = msgspec.json.decode(text, type=BackupManifest)
    except msgspec.MsgspecError:
        raise BadBackup("The backup's manifest cannot be read.") from None
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
