"""Validated questionnaires as data, and their scoring. Pure: the standard library and pydantic only.

`catalogue` holds the instruments, `answers` checks what somebody answered, `scoring` scores it and
`change` compares two scores. Each version of an instrument is two files in `data/<code>/`: the FHIR R4
Questionnaire `<version>.json`, served as it is, and `<version>.scoring.json`. The scoring is a sibling and
not an extension inside the Questionnaire because FHIR has no JSON-typed value: it would have to be a string
within the JSON, or three nested levels of extensions for each line of a table, and nobody could review it.
"""
