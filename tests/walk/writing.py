"""The true reply as the document would show it: so that it can be kept up by whoever changes the API."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from httpx import Response

from app.problems.answer import title
from tests.walk.matching import MORE, Names, read_shown, text_differences
from tests.walk.script import Message

WIDTH: Final = 100


def message(reply: Response, shown: Message, names: Names) -> str:
    """With the headers that are shown, what the document leaves out left out, and names for what has one."""
    lines = [f"HTTP/1.1 {reply.status_code} {title(reply.status_code)}"]
    for header, value in shown.headers.items():
        if header in reply.headers:
            true = reply.headers[header]
            lines.append(f"{_spelled(header)}: {value if names.fit(value, true) else names.hide(true)}")
    head = "\n".join(lines)
    body = _body(reply, shown.body, names)
    return f"{head}\n\n{body}" if body else head


def _body(reply: Response, shown: str | None, names: Names) -> str:
    if "json" in reply.headers.get("content-type", ""):
        try:
            known = None if shown in {None, MORE} else read_shown(shown or "")
        except ValueError:
            known = None
        return laid_out(as_shown(reply.json(), known, names))
    if shown is not None and shown != MORE and not list(text_differences(shown, reply.text, names)):
        return shown
    return names.hide(reply.text.replace("\r\n", "\n").rstrip("\n"))


def as_shown(true: Any, shown: Any, names: Names) -> Any:
    """The JSON with `…` where the shown one has it, and names for what has one."""
    if isinstance(true, dict):
        known: Mapping[str, Any] = shown if isinstance(shown, dict) else {}
        keys = [key for key in (known if MORE in known else true) if key in true]
        found = {key: as_shown(true[key], known.get(key), names) for key in keys}
        return {**found, MORE: None} if MORE in known and len(keys) < len(true) else found
    if isinstance(true, list):
        items = shown if isinstance(shown, list) else []
        most = len(items) - 1 if MORE in items else len(true)
        kept = [as_shown(each, items[i] if i < len(items) else None, names) for i, each in enumerate(true)]
        return [*kept[:most], MORE] if most < len(true) else kept
    if isinstance(true, str):
        return shown if isinstance(shown, str) and names.fit(shown, true) else names.hide(true)
    return true


def laid_out(value: Any, indent: int = 0, lead: int = 0) -> str:
    """JSON on one line where it fits behind `lead` characters; else members as they fit on lines, and each
    object or list of a list on lines of its own."""
    flat = _flat(value)
    if indent + lead + len(flat) < WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    if isinstance(value, dict):
        parts = [_member(key, each, indent + 1) for key, each in value.items()]
        return "{" + _filled(parts, indent + 1, lead) + "}"
    if any(isinstance(each, dict | list) for each in value):
        own_lines = (" " * (indent + 2) + laid_out(each, indent + 2) for each in value)
        return "[\n" + ",\n".join(own_lines) + "]"
    return "[" + _filled([_flat(each) for each in value], indent + 1, lead) + "]"


def _filled(parts: Sequence[str], indent: int, lead: int) -> str:
    text, column = "", indent + lead
    for part in parts:
        if text and column + len(part.split("\n", maxsplit=1)[0]) + 3 > WIDTH:
            text, column = f"{text},\n{' ' * indent}", indent
        elif text:
            text, column = f"{text}, ", column + 2
        text += part
        *above, last = part.split("\n")
        column = len(last) if above else column + len(last)
    return text


def _member(key: str, value: Any, indent: int) -> str:
    lead = f"{_flat(key)}: "
    return MORE if key == MORE else lead + laid_out(value, indent, len(lead))


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        members = (MORE if key == MORE else f"{_flat(key)}: {_flat(each)}" for key, each in value.items())
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    return MORE if value == MORE else json.dumps(value, ensure_ascii=False)


def _spelled(header: str) -> str:
    return {"etag": "ETag"}.get(header, header.title())
