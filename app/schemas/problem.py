"""The body of every refusal: `application/problem+json`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Place = Literal["body", "query", "path", "header", "cookie"]


class ProblemFault(BaseModel):
    """One thing wrong with what was sent. It names the place and the limit, never the value."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    place: Place = Field("body", alias="in", description="Where it stands.")
    pointer: str = Field(
        description="JSON pointer (RFC 6901) to it, or to the nearest member that the schema knows.",
        examples=["/answers/craving"],
    )
    code: str = Field(examples=["too_large"])
    detail: str = Field(examples=["At most 10."])


class Problem(BaseModel):
    """A problem as in RFC 9457. Programs branch on `status` and `code`; `detail` is for people. Further
    members may follow: `help` with the crisis resources on every refusal of a crisis route."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(description="The status in words.", examples=["Unprocessable Content"])
    status: int = Field(ge=400, le=599, examples=[422])
    code: str = Field(description="Stable.", examples=["unacceptable"])
    detail: str = Field(examples=["The body is not acceptable."])
    errors: list[ProblemFault] | None = Field(None, description="What is wrong, at most 50 entries.")
    request_id: str | None = Field(
        None, description="Find the log lines by it.", examples=["019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21"]
    )
