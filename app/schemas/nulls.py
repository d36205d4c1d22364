"""FastAPI leaves every null out of the OpenAPI document, also out of examples, which then lack members that
their own schema asks for."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from pydantic import BaseModel

from app import schemas


@cache
def models_with_examples() -> tuple[type[BaseModel], ...]:
    """The models of this package that show themselves."""
    modules = [import_module(each.name) for each in iter_modules(schemas.__path__, f"{schemas.__name__}.")]
    found = [(module, each) for module in modules for each in vars(module).values()]
    return tuple(
        each
        for module, each in found
        if isinstance(each, type) and issubclass(each, BaseModel) and each.__module__ == module.__name__
        if isinstance(each.model_config.get("json_schema_extra"), dict)
    )


def put_back(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the examples as their models have them. Twice does no harm."""
    parts = document["components"]["schemas"]
    for model in models_with_examples():
        if model.__name__ in parts:
            parts[model.__name__] |= model.model_config["json_schema_extra"]
    return document
