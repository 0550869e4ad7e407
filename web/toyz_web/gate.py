"""What is looked at of a request when its headers are there, before anything else is made of it."""

from collections.abc import Awaitable

from tornado.httputil import HTTPHeaders, HTTPMessageDelegate, RequestStartLine, ResponseStartLine


class Gate(HTTPMessageDelegate):
    """Passes a request on as it comes; one that looks at its headers does so in `headers_received`.

    Parameters
    ----------
    inner : HTTPMessageDelegate
        Takes what passes.
    """

    def __init__(self, inner: HTTPMessageDelegate) -> None:
        self._inner = inner

    def headers_received(
        self, start_line: "RequestStartLine | ResponseStartLine", headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Pass it on."""
        return self._inner.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Pass it on."""
        return self._inner.data_received(chunk)

    def finish(self) -> None:
        """Pass it on."""
        self._inner.finish()

    def on_connection_close(self) -> None:
        """Pass it on."""
        self._inner.on_connection_close()
