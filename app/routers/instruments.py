"""Which questionnaires there are, and each as a FHIR resource."""

from functools import reduce
from hashlib import sha256
from typing import Annotated

import orjson
from fastapi import Depends, Header, Query, Request, Response

from app.access import Actor, Permission
from app.dependencies import requires
from app.edge.strict_route import router as strict_router
from app.errors import NotFound
from app.instruments.cadence import USUAL_CADENCE
from app.instruments.catalogue import Catalogue, UnknownInstrument
from app.instruments.questionnaire import Instrument
from app.schemas.instrument import InstrumentLicence, InstrumentList, InstrumentRead

FHIR_JSON = "application/fhir+json"
UNCHANGED: dict[int | str, dict[str, object]] = {304: {"description": "As the `If-None-Match` knows it."}}

router = strict_router("/v1/instruments", "instruments")


async def instruments(request: Request) -> Catalogue:
    """The instruments with the wording of this clinic's content packs."""
    catalogue: Catalogue = request.app.state.instruments
    return catalogue


Instruments = Annotated[Catalogue, Depends(instruments)]
IfNoneMatch = Annotated[str | None, Header(max_length=1000)]


@router.get("", operation_id="list_instruments", response_model=InstrumentList, responses=UNCHANGED)
async def list_all(
    actor: Annotated[Actor, requires(Permission.INSTRUMENT_READ)],  # noqa: ARG001 - asked for its permission
    catalogue: Instruments,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Each instrument in its newest version."""
    listed = InstrumentList(items=[_listed(each) for each in catalogue.current()])
    return _unless_known(listed.model_dump_json().encode(), "application/json", if_none_match)


@router.get(
    "/{code}",
    operation_id="read_instrument",
    response_class=Response,
    responses={
        200: {
            "description": "A FHIR R4 Questionnaire.",
            "content": {FHIR_JSON: {"schema": {"type": "object"}}},
        },
        **UNCHANGED,
    },
)
async def read(
    code: str,
    actor: Annotated[Actor, requires(Permission.INSTRUMENT_READ)],  # noqa: ARG001 - asked for its permission
    catalogue: Instruments,
    version: Annotated[str | None, Query(max_length=20, examples=["1.0.0"])] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One instrument as a FHIR R4 Questionnaire, in the newest version or in the one asked for."""
    try:
        found = catalogue.instrument(code, version)
    except UnknownInstrument:
        raise NotFound from None
    return _unless_known(orjson.dumps(found.fhir), FHIR_JSON, if_none_match)


def _listed(instrument: Instrument) -> InstrumentRead:
    languages = reduce(set.intersection, (set(item.texts) for item in instrument.items))
    return InstrumentRead(
        code=instrument.code,
        version=instrument.version,
        title=instrument.title,
        languages=sorted(languages),
        has_text=bool(languages),
        recall_days=instrument.recall_days,
        cadence=USUAL_CADENCE.get(instrument.code),
        licence=InstrumentLicence.model_validate(instrument.licence),
    )


def _unless_known(body: bytes, media_type: str, if_none_match: str | None) -> Response:
    """The body with its strong ETag; 304 without it for who has it. To be asked about each time."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    known = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
