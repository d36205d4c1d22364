"""Every refusal as one `application/problem+json` (RFC 9457), without a word of what was sent.

A part of the application may add members to the problems of its routes: the application sets
`app.state.problem_extras` to a function from the request to a mapping (crisis routes add `help`).
"""

from app.problems.answer import PROBLEM_RESPONSES, ProblemExtras, problem_response
from app.problems.database import is_database_away
from app.problems.handlers import MalformedJson, install, refused, unexpected

__all__ = [
    "PROBLEM_RESPONSES",
    "MalformedJson",
    "ProblemExtras",
    "install",
    "is_database_away",
    "problem_response",
    "refused",
    "unexpected",
]
