"""Proof that who exchanges a code is who asked for it (RFC 7636)."""

import base64
import hashlib


def challenge_of(verifier: str) -> str:
    """Give the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
