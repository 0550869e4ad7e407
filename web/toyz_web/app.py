"""The Tornado application: routes, handlers and settings."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from tornado.httputil import HTTPConnection, HTTPMessageDelegate
from tornado.web import Application, RequestHandler

from toyz.protocol import MAX_MESSAGE
from toyz_web.asyncapi import make_asyncapi
from toyz_web.forwarding import ForwardedGate, Forwarding, Networks
from toyz_web.handlers.base import NotFoundHandler
from toyz_web.handlers.page import BundleHandler, PluginFileHandler, PrefixHandler
from toyz_web.openapi import make_openapi
from toyz_web.oversize import MAX_BODY, Limit, SizeGate
from toyz_web.routes import ROUTES
from toyz_web.services import Services

log = structlog.get_logger("toyz.http")
PING_INTERVAL = 20.0
"""Seconds; a client that answers no ping for so long is gone."""


class _Application(Application):
    # What is looked at before a request is routed.

    limits: Sequence[Limit] = ()

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        gated = SizeGate(super().start_request(server_conn, request_conn), request_conn, self.limits)
        return ForwardedGate(gated, request_conn, self.settings["forwarding"])


def make_app(services: Services) -> Application:
    """Make the application of a server.

    Parameters
    ----------
    services : Services
        The parts that the handlers work with.
    """
    base_url = services.base_url
    rules: list[Any] = []
    for route in ROUTES:
        arguments = {"path": str(services.bundle)} if route.handler is BundleHandler else {}
        rules.append((route.pattern(base_url), route.handler, arguments))
    if base_url != "/":
        rules.append((base_url.rstrip("/"), PrefixHandler))
    application = _Application(
        rules,
        default_handler_class=NotFoundHandler,
        log_function=_log_request,
        services=services,
        forwarding=Forwarding(
            Networks(services.shared.config.trusted_proxies), "https" if services.shared.config.certificate else "http"
        ),
        openapi_document=msgspec.json.encode(make_openapi(ROUTES, base_url)),
        asyncapi_document=msgspec.json.encode(make_asyncapi(base_url)),
        xsrf_cookies=True,
        xsrf_cookie_name=services.cookies.xsrf_name,
        xsrf_cookie_kwargs=services.cookies.xsrf_flags,
        cross_origin_protection=True,
        websocket_max_message_size=MAX_MESSAGE,
        websocket_ping_interval=PING_INTERVAL,
        serve_traceback=False,
    )
    # What streams its body does so by PATCH.
    application.limits = [
        Limit(
            re.compile(f"{'PATCH' if route.limit is None else 'POST'} {route.pattern(base_url)}"),
            route.limit,
            route.too_large,
        )
        for route in ROUTES
        if route.limit != MAX_BODY
    ]
    return application


def _log_request(handler: RequestHandler) -> None:
    request, status, took = handler.request, handler.get_status(), handler.request.request_time()
    kind = type(handler).__name__.removesuffix("Handler")
    handler.settings["services"].shared.meters.request(kind, status, took)
    told = {"status": status, "milliseconds": round(1000 * took, 1), "address": request.remote_ip}
    # Without the query: it can hold a ticket. Which files somebody looks at is nobody else's business.
    log.debug("request", method=request.method, path=request.path, **told)
    if status >= 400:
        write = log.info if status < 500 else log.warning
        write("refused", method=request.method, handler=kind, **told)


__all__ = ["PluginFileHandler", "make_app"]
