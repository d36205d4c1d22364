"""Plays a walk against the whole application, with the clock at the moments that the document names.

Between two of them time passes as in a clinic: whatever is due is swept when it is due.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

import psycopg
from fastapi import FastAPI
from httpx import AsyncClient, Response
from uuid_utils.compat import uuid7

from app import sweeps
from tests.phones import TOKEN, refresh
from tests.walk.matching import MORE, Names, differences, read_shown, text_differences
from tests.walk.script import Call, Message

TOKEN_LIVES: Final = timedelta(minutes=9)
DUE: Final = """
    select min(at) from (
      select absence_due_at as at from enrollment union all select hours_due_at from enrollment
      union all select look_at from goal union all select reckon_at from treatment_session
      union all select extend_at from session_series union all select timer_at from alert) as due
    where at > %s and at < %s
"""


class Aside(Protocol):
    """What others do meanwhile, of which the walk does not tell."""

    def next_aside(self, after: datetime) -> datetime:
        """When they next do something."""

    async def aside(self, moment: datetime) -> None:
        """What they do then."""


class Played(NamedTuple):
    """A call, what was answered, every place in which that is not what the document shows, and what the names
    stood for then: a token is renewed."""

    call: Call
    answer: Response
    faults: list[str]
    names: Names


class SignIn(NamedTuple):
    """A token that somebody has, until when, and what gets the next one."""

    good_until: datetime
    refresh_token: str


@dataclass
class Player:
    """One walk, from its beginning."""

    app: FastAPI
    client: AsyncClient
    psql: psycopg.Connection
    start: datetime
    others: Aside
    names: Names = field(default_factory=Names)
    _sign_ins: dict[str, SignIn] = field(default_factory=dict)

    async def play(self, call: Call) -> Played:
        """Let time pass until this call is made, and make it."""
        await self._pass_until(call.at.astimezone(UTC))
        request = call.request
        await self._renew(request.headers.get("authorization", ""))
        answer = await self._send(request)
        faults = list(faults_of(answer, call.reply, self.names))
        self._remember(request, answer)
        return Played(call, answer, faults, Names(**self.names.known))

    async def _pass_until(self, moment: datetime) -> None:
        if moment <= self.start:
            return
        while (morning := self.others.next_aside(self.start)) < moment:
            await self._sweep_until(morning)
            await self.others.aside(morning)
        await self._sweep_until(moment)

    async def _sweep_until(self, moment: datetime) -> None:
        while (due := self._next_due(moment)) is not None:
            await self._sweep(due)
        await self._sweep(moment)

    def _next_due(self, before: datetime) -> datetime | None:
        row = self.psql.execute(DUE, [self.start, before]).fetchone()
        return row and row[0]

    async def _sweep(self, moment: datetime) -> None:
        self.start = moment
        self.app.state.clock = lambda: moment
        await sweeps.sweep(self.app.state.engine, moment)
        failed = self.psql.execute("select facts from pulse where name = 'sweep'").fetchone()
        assert failed is not None
        assert failed[0]["failures"] == 0, f"a sweep failed at {moment}"

    async def _send(self, request: Message) -> Response:
        method, path = request.first.split(" ", 1)
        body = self._written(request.body)
        headers = {name: self.names.fill(value) for name, value in request.headers.items()}
        if body is not None:
            headers.setdefault("content-type", "application/json")
        return await self.client.request(method, self.names.fill(path), content=body, headers=headers)

    def _written(self, body: str | None) -> str | None:
        """The body as it is sent: an id that stands there for the first time, the client makes."""
        if body is None:
            return None
        try:
            sent = json.loads(body)
        except ValueError:
            return self.names.fill(body)
        for name in _new_ids(sent, self.names):
            self.names.known[name] = str(uuid7())
        return self.names.fill(body)

    async def _renew(self, authorization: str) -> None:
        """A token is good for ten minutes: what the app does when it is not any more."""
        name = authorization.removeprefix("Bearer $")
        if name not in self._sign_ins or self.start < self._sign_ins[name].good_until:
            return
        answer = await refresh(self.client, self._sign_ins[name].refresh_token)
        assert answer.status_code == 200, answer.text
        self.names.known[name] = answer.json()["access_token"]
        self._sign_in(name, answer)

    def _remember(self, request: Message, answer: Response) -> None:
        if TOKEN in request.first and answer.status_code == 200:
            token = answer.json()["access_token"]
            for name in [name for name, value in self.names.known.items() if value == token]:
                self._sign_in(name, answer)

    def _sign_in(self, name: str, answer: Response) -> None:
        self._sign_ins[name] = SignIn(self.start + TOKEN_LIVES, answer.json()["refresh_token"])


def faults_of(answer: Response, shown: Message, names: Names) -> Iterator[str]:
    """Every place in which an answer is not the shown one."""
    if answer.status_code != shown.status:
        yield f"the status is {answer.status_code} and not {shown.status}"
    for header, value in shown.headers.items():
        true = answer.headers.get(header)
        if true is None or not names.fit(value, true):
            yield f"{header} is {true!r} and not {value!r}"
    yield from _body_faults(answer, shown.body, names)


def _body_faults(answer: Response, shown: str | None, names: Names) -> Iterator[str]:
    if shown is None or not answer.content:
        if shown is not None or answer.content:
            yield "the body is there in one and not in the other"
    elif shown == MORE:
        yield "the whole body is left out"
    elif "json" in answer.headers.get("content-type", ""):
        try:
            known: Any = read_shown(shown)
        except ValueError as wrong:
            yield f"the shown body cannot be read: {wrong}"
        else:
            yield from differences(known, answer.json(), names)
    else:
        yield from text_differences(shown, answer.text, names)


def _new_ids(sent: Any, names: Names) -> Iterator[str]:
    if isinstance(sent, list):
        for each in sent:
            yield from _new_ids(each, names)
    elif isinstance(sent, dict):
        name = sent.get("id")
        if isinstance(name, str) and name.startswith("$") and name[1:] not in names.known:
            yield name[1:]
        for each in sent.values():
            yield from _new_ids(each, names)
