"""What tasks return, as JSON: msgspec's types, and numpy's scalars and arrays besides."""

from typing import Any

import msgspec
import numpy as np


def _plain(value: Any) -> Any:
    """Turn what msgspec does not know into what it does."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"a task cannot return a {type(value).__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_plain)


def to_json(value: Any) -> bytes:
    """Encode a result; NaN and infinities become null.

    Raises
    ------
    TypeError, NotImplementedError
        If the value, or a part of it, has no JSON form.
    """
    return _encoder.encode(value)
