"""A workspace as one readable JSON file, which another account or another server opens."""

import time
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from toyz.errors import BadRequest, InvalidParameter
from toyz_web.store.workspaces import MAX_NAME
from toyz_web.workspace_entries import ENTRY_TYPES, KEY

VERSION: Literal[1] = 1
SCHEMA_ID = "https://toyz.readthedocs.io/schemas/workspace-1.json"


class WorkspaceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace as a file: version of the format, name, when it was written (UTC), and what it holds by key."""

    toyz_workspace: Literal[1]
    name: Annotated[str, Meta(max_length=MAX_NAME)] = ""
    saved: Annotated[str, Meta(max_length=40)] = ""
    entries: dict[Annotated[str, Meta(pattern=KEY)], msgspec.Raw] = {}


class _Version(msgspec.Struct):
    toyz_workspace: Any = None


def write_file(name: str, entries: dict[str, msgspec.Raw]) -> bytes:
    """Give the file of a workspace: indented, and its entries by their keys."""
    saved = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    file = WorkspaceFile(toyz_workspace=VERSION, name=name, saved=saved, entries=entries)
    return msgspec.json.format(msgspec.json.encode(file), indent=1)


def read_file(data: bytes) -> WorkspaceFile:
    """Read a file that `write_file` wrote, here or elsewhere. Fields that are not known are left out.

    Raises
    ------
    BadRequest
        If it is not JSON, or of a later version.
    InvalidParameter
        With the field that is wrong.
    """
    try:
        # Values and fields that are not known are passed over without a look at what is in them.
        data.decode()
        version = msgspec.json.decode(data, type=_Version).toyz_workspace
        if version is None:
            raise BadRequest("This is no workspace: it has no field toyz_workspace.")
        if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
            raise BadRequest(f"This workspace is of version {version}; this server reads up to {VERSION}.")
        file = msgspec.json.decode(data, type=WorkspaceFile)
    except msgspec.ValidationError as error:
        text, _, place = str(error)[:300].partition(" - at `$.")
        raise InvalidParameter(text, field=place.rstrip("`") or None) from None
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadRequest(f"This is not JSON: {str(error)[:200]}") from None
    # Kept as it would be sent: without the spaces that make a file legible.
    entries = {key: msgspec.Raw(msgspec.json.format(bytes(value), indent=-1)) for key, value in file.entries.items()}
    return msgspec.structs.replace(file, entries=entries)


def make_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of the file, made from the declarations."""
    kinds = list(ENTRY_TYPES.values())
    schemas, definitions = msgspec.json.schema_components([WorkspaceFile, *kinds], ref_template="#/$defs/{name}")
    file = definitions.pop("WorkspaceFile")
    entries = file["properties"]["entries"]
    patterns = {f"^{word}(/|$)": schema for word, schema in zip(ENTRY_TYPES, schemas[1:], strict=True)}
    file["properties"]["entries"] = {
        "type": "object",
        "default": {},
        "propertyNames": entries.get("propertyNames", {"pattern": KEY}),
        "patternProperties": patterns,
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, "title": "Toyz workspace"}
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(head | file | {"$defs": definitions}))
    plain["title"] = head["title"]
    return plain
