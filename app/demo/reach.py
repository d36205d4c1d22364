"""Where the demonstration's pagers are, and what must be set so that pages get there."""

from collections.abc import Mapping
from ipaddress import ip_address

import httpx

from app.demo import sign_ins
from app.settings import Settings

OPERATOR = "operator"
"""Whose pager is told that something is wrong with Handrail itself."""
LAST_PORT = 65_535


def port(api_port: int) -> int:
    """The pagers' port: the one after the API's."""
    return api_port + 1 if api_port < LAST_PORT else api_port - 1


def url(base_url: str) -> str:
    """Where the pagers of the demonstration at `base_url` are."""
    api = httpx.URL(base_url)
    own_port = port(api.port or (443 if api.scheme == "https" else 80))
    return str(api.copy_with(port=own_port, raw_path=b"/")).rstrip("/")


def address(own: Settings, person: str) -> str:
    """The address (apprise's) of somebody's pager."""
    return f"json{url(sign_ins.base_url(own)).removeprefix('http')}/{person}"


def is_of_a_demonstration(address: str, person: str) -> bool:
    """Whether this may be somebody's pager of a demonstration: on this machine or near it."""
    url = httpx.URL(address)
    try:
        is_near = ip_address(url.host).is_private
    except ValueError:
        is_near = url.host == "localhost"
    return url.scheme == "json" and url.path == f"/{person}" and is_near


def environment(own: Settings) -> Mapping[str, str]:
    """What lets pages go to the pagers, and their links lead to the board, where nothing else is set.

    Nothing for who allows private hosts, but not this one: then no page goes there.
    """
    base_url = sign_ins.base_url(own)
    host = httpx.URL(base_url).host
    if own.private_hosts and host not in own.private_hosts:
        return {}
    return {
        "HANDRAIL_WEBHOOK_PRIVATE_HOSTS": host,
        "HANDRAIL_FALLBACK_PAGER": address(own, OPERATOR),
        "HANDRAIL_PUBLIC_URL": base_url,
    }
