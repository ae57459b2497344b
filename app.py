"""The server: `streamlit run app.py`.

The script itself lies in tilexplorer/ui/shell.py. With the script beside the folder pages/, Streamlit would fall into
its old multipage mode, in which a cold deep link loses the sidebar.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tilexplorer.demonstration import is_empty, publish_simulated
from tilexplorer.errors import TilExplorerError
from tilexplorer.store import Store, store_folder
from tilexplorer.ui import visitors_files

SHELL = Path(__file__).resolve().parent / "tilexplorer" / "ui" / "shell.py"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class SecurityHeaders:
    """Adds the headers that no page of ours needs to be without."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


async def ready(_request: Request) -> Response:
    """Whether a store is published: 200 with its generation, else 503 with the reason."""
    try:
        body, status = {"generation": Store.open().generation}, 200
    except TilExplorerError as error:
        body, status = {"error": str(error)}, 503
    return Response(json.dumps(body), status, media_type="application/json")


@asynccontextmanager
async def warm(_app: Any) -> AsyncIterator[None]:
    """Load what the first visitor would wait for; a store without anything gets the simulated cohorts."""
    import tilexplorer.analysis.views  # noqa: F401

    visitors_files.remove_left_behind()
    # A damaged or busy store is no reason not to start: the pages say what is wrong and how to mend it.
    with suppress(TilExplorerError, OSError):
        if is_empty(store_folder()):
            publish_simulated(store_folder())
    yield
    visitors_files.remove_own()


app = st.App(SHELL, routes=[Route("/ready", ready)], middleware=[Middleware(SecurityHeaders)], lifespan=warm)
