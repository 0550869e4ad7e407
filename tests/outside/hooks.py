"""What schemathesis has to be told of our media types, and what it cannot read of our document."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def piece(context: Any, value: Any) -> bytes:
    """Send the bytes of a piece of an upload as they are."""
    del context
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Write a tuple whose parts are all alike as a list: tuples in tuples are beyond schemathesis 4.32."""
    del context
    _write_lists(raw_schema)


def _write_lists(schema: Any) -> None:
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for part in parts:
        _write_lists(part)
    if isinstance(schema, dict) and (alike := schema.get("prefixItems")) and all(each == alike[0] for each in alike):
        schema["items"] = schema.pop("prefixItems")[0]
