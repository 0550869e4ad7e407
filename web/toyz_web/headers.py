"""Headers of every response."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # The widgets of the page set styles on their elements.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' blob: data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Server": "Toyz",
}
"""Caching is opted into by the handlers of what may be cached."""
STRICT_TRANSPORT = "max-age=31536000"
"""``Strict-Transport-Security``, where browsers come over https."""


def security_headers(*, https: bool) -> dict[str, str]:
    """Give the headers of every response, of a server that browsers reach over https or not."""
    return SECURITY_HEADERS | ({"Strict-Transport-Security": STRICT_TRANSPORT} if https else {})
