"""The page: ``index.html`` of the bundle, told its prefix; and files of the bundle and of plugins."""

import asyncio
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado.escape import xhtml_escape
from tornado.web import HTTPError, StaticFileHandler

from toyz.errors import ErrorInfo, NotFound
from toyz_web.handlers.base import BaseHandler
from toyz_web.templates import render

_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
"""Names that the bundler makes from the content, so that they may be cached for ever."""


class HtmlHandler(BaseHandler):
    """A handler whose errors are pages."""

    def finish_error(self, status_code: int, info: ErrorInfo) -> None:
        """Write a small page; a script that asks for JSON gets JSON."""
        if "application/json" in self.request.headers.get("Accept", ""):
            super().finish_error(status_code, info)
            return
        self.set_header("Content-Type", "text/html; charset=utf-8")
        words = {"heading": f"{status_code}", "message": info.message, "base_url": self.services.base_url}
        self.finish(render("error.html", title=f"{status_code}", **words))


class PageHandler(HtmlHandler):
    """The application."""

    public = True

    async def get(self) -> None:
        """Give the page to who is signed in; send others to sign in."""
        base_url = self.services.base_url
        if self.identity is None:
            wanted = self.request.uri or ""
            going_on = "" if wanted == base_url else "?next=" + quote(wanted, safe="")
            self.redirect(f"{base_url}login{going_on}")
            return
        # Reading the token sets its cookie, which the page needs for what it posts.
        self.xsrf_token  # noqa: B018
        self.set_header("Content-Type", "text/html; charset=utf-8")
        index = self.services.bundle / "index.html"
        try:
            html = await asyncio.to_thread(index.read_text, "utf-8")
        except FileNotFoundError:
            self.write(render("no_bundle.html", title="", base_url=base_url))
            return
        self.write(html.replace("<head>", f'<head>\n    <base href="{xhtml_escape(base_url)}" />', 1))


class PrefixHandler(BaseHandler):
    """Leads from the prefix without its slash to the page."""

    public = True

    async def get(self) -> None:
        """Redirect."""
        self.redirect(self.services.base_url, permanent=False)

    async def prepare(self) -> None:
        """Let everybody in: there is nothing here."""


class BundleHandler(BaseHandler, StaticFileHandler):
    """Files of the bundle; they hold no secrets and are given to everybody, for the login page needs some."""

    public = True

    async def get(self, path: str, include_body: bool = True) -> None:
        """Give a file."""
        if "\0" in path:
            raise HTTPError(404)  # no file has such a name, and the system is not asked for it
        await super().get(path, include_body)

    def set_extra_headers(self, path: str) -> None:
        """Let browsers keep what is named by its content, and ask for the rest."""
        unchanging = _HASHED.search(path) is not None
        self.set_header("Cache-Control", "public, max-age=31536000, immutable" if unchanging else "no-cache")


class PluginFileHandler(BaseHandler, StaticFileHandler):
    """Files of a plugin's panels: those under its ``static`` folder, and nothing of its package."""

    def initialize(self) -> None:  # type: ignore[override]
        """Each request has its own root."""
        super().initialize(path="/nonexistent")

    async def get(self, plugin: str, path: str, include_body: bool = True) -> None:  # type: ignore[override]
        """Give a file."""
        folder = self.services.shared.directory.static.get(plugin)
        if folder is None or "\0" in path:
            raise NotFound("There is no such plugin.")
        self.root = folder
        await super().get(path, include_body)

    def head(self, plugin: str, path: str) -> Any:  # type: ignore[override]
        """Answer as to GET."""
        return self.get(plugin, path, include_body=False)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """Refuse what a link leads out of the folder."""
        if not Path(absolute_path).resolve().is_relative_to(root):
            raise HTTPError(404)
        return super().validate_absolute_path(root, absolute_path)

    def set_extra_headers(self, path: str) -> None:
        """Have browsers ask each time: a plugin may be upgraded."""
        del path
        self.set_header("Cache-Control", "private, no-cache")
