"""Whether a reply is the one that the document shows.

`$name` stands for what differs from run to run: an id, a code, a token. It is what the first reply has in its
place, and must be the same from then on. `…` stands for further members of an object, further items of a
list, or further lines of a text that the document leaves out.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

MORE: Final = "…"
_NAME = re.compile(r"\$([a-z][a-z0-9_]*)")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|…|[{}\[\]]|[^"…{}\[\]]+')
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ALONE = 8
"""A shorter value may stand for something else, too: a code of four digits is 2026 once in a while."""


class Unknown(Exception):
    """A name that nothing was seen under."""


class Names:
    """What the names stand for, as far as it was seen."""

    def __init__(self, **known: str) -> None:
        self.known = dict(known)

    def fit(self, shown: str, true: str) -> bool:
        """Whether this text is the shown one. What it has in the place of new names, they stand for now."""
        parts = _NAME.split(shown)
        seen: set[str] = set()
        pattern = ""
        for index, part in enumerate(parts):
            if index % 2 == 0:
                pattern += re.escape(part)
            elif part in self.known:
                pattern += re.escape(self.known[part])
            else:
                pattern += f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
                seen.add(part)
        found = re.fullmatch(pattern, true, re.DOTALL)
        if found is None or any(self._is_taken(value) for value in found.groupdict().values()):
            return False
        self.known |= found.groupdict()
        return True

    def fill(self, shown: str) -> str:
        """The text with what its names stand for. Raises `Unknown`."""

        def value(found: re.Match[str]) -> str:
            if found[1] not in self.known:
                raise Unknown(found[0])
            return self.known[found[1]]

        return _NAME.sub(value, shown)

    def hide(self, true: str) -> str:
        """The text with names for what they stand for."""
        for name, value in sorted(self.known.items(), key=lambda each: -len(each[1])):
            if value == true or len(value) >= _ALONE:
                true = true.replace(value, f"${name}")
        return true

    def _is_taken(self, value: str) -> bool:
        """One id has one name."""
        return _ID.fullmatch(value) is not None and value in self.known.values()


def read_shown(text: str) -> Any:
    """JSON in which `…` may stand in objects and lists. Raises `ValueError`."""
    around: list[str] = []
    written = ""
    for token in _TOKEN.findall(text):
        if token in {"{", "["}:
            around.append(token)
        elif token in {"}", "]"} and around:
            around.pop()
        if token == MORE:
            written += '"…": null' if around and around[-1] == "{" else '"…"'
        else:
            written += token
    return json.loads(written)


def differences(shown: Any, true: Any, names: Names, at: str = "") -> Iterator[str]:
    """Every place in which the true JSON is not the shown one, as a JSON pointer and what is there."""
    if isinstance(shown, dict) and isinstance(true, dict):
        yield from _differing_members(shown, true, names, at)
    elif isinstance(shown, list) and isinstance(true, list):
        yield from _differing_items(shown, true, names, at)
    elif isinstance(shown, str) and isinstance(true, str):
        if not names.fit(shown, true):
            yield f"{at} is {names.hide(true)!r} and not {shown!r}"
    elif type(shown) is not type(true) or shown != true:
        yield f"{at} is {true!r} and not {shown!r}"


def _differing_members(shown: dict[str, Any], true: dict[str, Any], names: Names, at: str) -> Iterator[str]:
    for key, value in shown.items():
        if key in true:
            yield from differences(value, true[key], names, f"{at}/{key}")
        elif key != MORE:
            yield f"{at}/{key} is not there"
    if MORE not in shown:
        yield from (f"{at}/{key} is not shown" for key in true if key not in shown)
    elif shown.keys() - {MORE} >= true.keys():
        yield f"{at} has no more members than are shown"


def _differing_items(shown: list[Any], true: list[Any], names: Names, at: str) -> Iterator[str]:
    """`…` is the last item, if it is there."""
    has_more = shown[-1:] == [MORE]
    known = shown[:-1] if has_more else shown
    for index, (left, right) in enumerate(zip(known, true, strict=False)):
        yield from differences(left, right, names, f"{at}/{index}")
    if len(true) <= len(known) if has_more else len(true) != len(known):
        yield f"{at} has {len(true)} items, and {len(known)}{' and more' * has_more} are shown"


def text_differences(shown: str, true: str, names: Names) -> Iterator[str]:
    """As `differences`, of a text by its lines. A line `…` stands for any further ones."""
    wanted = shown.split("\n")
    rest = true.replace("\r\n", "\n").rstrip("\n").split("\n")
    skipping = False
    for line in wanted:
        if line == MORE:
            skipping = True
            continue
        place = next((i for i, each in enumerate(rest) if names.fit(line, each)), None)
        if place is None or (place > 0 and not skipping):
            yield f"{line!r} is not there, or not in its place"
            continue
        rest, skipping = rest[place + 1 :], False
    if rest and not skipping:
        yield f"{rest[0]!r} is not shown"
