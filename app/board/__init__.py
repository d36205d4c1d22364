"""The reference dashboard: one static page on the public API, as anybody could have written it."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PAGE = Path(__file__).parent / "static"
HEADERS = {
    # Nothing but its own files runs, and no string becomes markup or code.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}


class Board(StaticFiles):
    """The page's files, each with the headers that keep it to itself."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 404."""
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        return response


def mount(app: FastAPI) -> None:
    """Serve the board at `/board/`, and lead there whoever comes to `/`."""
    app.mount("/board", Board(directory=PAGE, html=True), name="board")
    for path in ("/", "/board"):
        app.router.routes.append(Route(path, _to_the_board, include_in_schema=False))


async def _to_the_board(_: object) -> Response:
    return RedirectResponse("/board/")
