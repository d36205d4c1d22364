"""What stands between the server and the handlers: strict bodies, request ids, headers, metrics, shutdown."""

from app.edge.draining import Draining
from app.edge.middleware import Edge, install
from app.edge.strict_json import read_json
from app.edge.strict_route import BATCH_BYTES, BODY_BYTES, StrictRoute, router

__all__ = ["BATCH_BYTES", "BODY_BYTES", "Draining", "Edge", "StrictRoute", "install", "read_json", "router"]
