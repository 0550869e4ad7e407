"""Asking another system over HTTP: bounded in time and size, with one kind of failure."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
import structlog

from toyz_web.ways.way import Unavailable

log = structlog.get_logger("toyz.elsewhere")
PATIENCE = 10.0
"""Seconds for an answer."""
_LARGEST = 1 << 20


class Refused(Exception):
    """The other system has answered, with an error.

    Attributes
    ----------
    status : int
    body : object
        What it said, if that was JSON.
    """

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"status {status}")
        self.status, self.body = status, body


class Elsewhere:
    """Another system.

    Parameters
    ----------
    title : str
        What it is called in messages to people.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """Get a JSON document.

        Raises
        ------
        Refused
            If the answer is an error.
        Unavailable
            If there is none in time, or it is no JSON.
        """
        return await self.ask("GET", url, headers=headers)

    async def post(self, url: str, form: Mapping[str, str], auth: tuple[str, str] | None = None) -> Any:
        """Post a form, and give the JSON document that comes back; raises as `get`."""
        return await self.ask("POST", url, data=dict(form), auth=auth)

    async def ask(self, method: str, url: str, **options: Any) -> Any:
        """Send a request, and give the JSON of the answer, None if it is empty; raises as `get`."""
        client = await self._opened()
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE), client.stream(method, url, **options) as answer:
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _LARGEST:
                        raise httpx.DecodingError("the answer is too large")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            what = str(error) or type(error).__name__
            log.error("no answer", of=self.title, error=what[:200], seconds=round(time.monotonic() - began, 1))
            raise Unavailable(f"{self.title} does not answer. Try again in a minute.") from None
        return self._read(answer, body)

    def _read(self, answer: httpx.Response, body: bytes) -> Any:
        try:
            document = msgspec.json.decode(body) if body else None
        except msgspec.DecodeError:
            document = None
            if answer.is_success:
                log.error("an answer that is no JSON", of=self.title)
                raise Unavailable(f"{self.title} gives no proper answer.") from None
        if answer.status_code >= 500:
            log.error("an answer that is an error", of=self.title, status=answer.status_code)
            raise Unavailable(f"{self.title} does not work at the moment. Try again in a minute.")
        if not answer.is_success:
            raise Refused(answer.status_code, document)
        return document

    async def _opened(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._client is None:
                # Reading the certificates of the authorities takes longer than the loop may stand still.
                context = await asyncio.to_thread(httpx.create_ssl_context)
                self._client = httpx.AsyncClient(verify=context, timeout=PATIENCE, follow_redirects=False)
            return self._client
