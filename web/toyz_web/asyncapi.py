"""The AsyncAPI 3 document of the websocket, generated from the structs of the protocol."""

from typing import Any

import msgspec

from toyz import __version__
from toyz.errors import ErrorInfo
from toyz.protocol import (
    MAX_MESSAGE,
    VERSION,
    BinaryHeader,
    Call,
    Cancel,
    DataRequest,
    Event,
    Hello,
    Ping,
    PresenceMessage,
    TileRequest,
    Update,
)

# The parameters of a call are kept raw until the task is known; here they are what they hold.
_CALL = msgspec.defstruct(
    "Call",
    [
        (field.name, dict[str, Any], {}) if field.name == "parameters" else (field.name, field.type)
        for field in msgspec.structs.fields(Call)
    ],
    namespace={"__doc__": Call.__doc__},
    forbid_unknown_fields=True,
)
FROM_CLIENT = (_CALL, TileRequest, DataRequest, Cancel, Ping, PresenceMessage)
_REFERENCE = "#/components/schemas/{name}"


class Pong(msgspec.Struct):
    """Server: the answer to a ping, with its number."""

    pong: int


FROM_SERVER = (Hello, Update, Event, Pong, BinaryHeader)


def make_asyncapi(base_url: str) -> dict[str, Any]:
    """Generate the document.

    Parameters
    ----------
    base_url : str
        The prefix of the server.
    """
    types = (*FROM_CLIENT, *FROM_SERVER, ErrorInfo)
    _, schemas = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    messages = {kind.__name__: _message(kind) for kind in (*FROM_CLIENT, *FROM_SERVER)}
    document = {
        "asyncapi": "3.0.0",
        "id": "urn:toyz:websocket",
        "defaultContentType": "application/json",
        "info": {
            "title": "Toyz websocket",
            "version": f"{VERSION}.0.0",
            "description": (
                f"One websocket for one window (server version {__version__}). Text frames are JSON, at most "
                f"{MAX_MESSAGE} bytes from the client. Binary frames are a 4-byte big-endian header length, a JSON "
                "header and the payload. Updates and events are numbered; name the last number seen to be sent what "
                "was missed. The same call id twice is the same call."
            ),
            "license": {"name": "BSD-3-Clause"},
        },
        "servers": {
            "this": {"host": "{host}", "pathname": base_url, "protocol": "ws", "variables": {"host": {}}},
        },
        "channels": {"window": _channel(messages)},
        "operations": {
            "receiveFromClient": _operation("receive", FROM_CLIENT),
            "sendToClient": _operation("send", FROM_SERVER),
        },
        "components": {
            "schemas": schemas,
            "messages": messages,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "login": {"type": "httpApiKey", "in": "cookie", "name": "toyz"},
            },
        },
    }
    # What is published is JSON: tuples are lists there.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def _channel(messages: dict[str, Any]) -> dict[str, Any]:
    query = {
        "type": "object",
        "properties": {
            "window": {"type": "string", "description": "Which window; empty for a new one."},
            "seq": {"type": "integer", "minimum": 0, "description": "The last number seen; empty for a new page."},
        },
    }
    return {
        "address": "api/socket",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"ws": {"method": "GET", "query": query, "bindingVersion": "0.1.0"}},
    }


def _message(kind: type[msgspec.Struct]) -> dict[str, Any]:
    summary = (kind.__doc__ or "").strip().splitlines()[0]
    return {
        "name": kind.__name__,
        "title": kind.__name__,
        "summary": summary,
        "contentType": "application/octet-stream" if kind is BinaryHeader else "application/json",
        "payload": {"$ref": _REFERENCE.format(name=kind.__name__)},
    }


def _operation(action: str, kinds: tuple[type[msgspec.Struct], ...]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/window"},
        "messages": [{"$ref": f"#/channels/window/messages/{kind.__name__}"} for kind in kinds],
    }
