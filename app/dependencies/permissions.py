"""No route without a permission: what is meant to be public is listed, anything else does not start."""

from collections.abc import Collection, Iterator, Sequence

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from app.dependencies import Requires


class OpenRoute(Exception):
    """Routes that need no permission and are not listed as public; names them."""


def require_on_every_route(routes: Sequence[BaseRoute], public: Collection[str]) -> None:
    """Raise `OpenRoute` for routes without `requires(…)` that are not in `public` (`"GET /livez"`)."""
    if forgotten := sorted(set(open_routes(routes)) - set(public)):
        raise OpenRoute(", ".join(forgotten))


def open_routes(routes: Sequence[BaseRoute]) -> Iterator[str]:
    """Every method and path that asks for no permission; what has no methods, such as a mount, is `ANY`."""
    for context in iter_route_contexts(routes):
        dependant: Dependant | None = getattr(context, "dependant", None)
        if dependant is None or not _requires(dependant):
            yield from names(context.methods, context.path)


def names(methods: Collection[str] | None, path: str | None) -> Iterator[str]:
    """How `PUBLIC_ROUTES` spells a route. HEAD comes with GET."""
    for method in sorted(set(methods or {"ANY"}) - {"HEAD"}):
        yield f"{method} {path or '/'}"


def _requires(dependant: Dependant) -> bool:
    return isinstance(dependant.call, Requires) or any(_requires(each) for each in dependant.dependencies)
