"""``settings``: small JSON values kept for a user."""

from typing import Annotated

import msgspec
from msgspec import Meta

from toyz.errors import TooLarge
from toyz.plugin import Plugin
from toyz_web.context import ServerContext
from toyz_web.plain_json import check_plain

plugin = Plugin("settings", title="Settings")
MAX_VALUE = 64 * 1024
MAX_KEYS = 1000
Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,100}(?!\n)$")]


@plugin.task(name="get")
async def get_value(context: ServerContext, key: Key) -> msgspec.Raw:
    """Give the value under a key, or null."""
    return msgspec.Raw(await context.shared.settings.get(context.user, key))


@plugin.task(name="keys")
async def list_keys(context: ServerContext) -> list[str]:
    """Give all keys that have a value, in their order."""
    return await context.shared.settings.keys(context.user)


@plugin.task(name="set")
async def set_value(context: ServerContext, key: Key, value: msgspec.Raw) -> None:
    """Keep a value under a key; null removes it.

    Raises
    ------
    TooLarge, InvalidParameter
    """
    if len(bytes(value)) > MAX_VALUE:
        raise TooLarge("A setting takes at most 64 KB.", field="parameters.value")
    if bytes(value).strip() == b"null":
        await context.shared.settings.remove(context.user, key)
        return
    check_plain(bytes(value), "parameters.value")
    if await context.shared.settings.count(context.user, besides=key) >= MAX_KEYS:
        raise TooLarge(f"A user has at most {MAX_KEYS} settings; one that is set to null is removed.")
    await context.shared.settings.set(context.user, key, bytes(value))
