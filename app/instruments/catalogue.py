"""The instruments that Handrail knows, loaded once from `data/`."""

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from app.instruments.content import ContentPack, packs_in, with_texts
from app.instruments.fhir import Questionnaire
from app.instruments.questionnaire import Instrument, instrument_from
from app.instruments.scheme import Scheme


class UnknownInstrument(LookupError):
    """No instrument of that code, or not in that version."""


class Catalogue:
    """Instruments by code and version. Never changed: `with_content` gives a new one."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._versions: dict[str, dict[str, Instrument]] = {}
        for each in sorted(instruments, key=_precedence):
            self._versions.setdefault(each.code, {})[each.version] = each

    def instrument(self, code: str, version: str | None = None) -> Instrument:
        """The instrument in that version, or in the newest.

        Raises UnknownInstrument.
        """
        versions = self._versions.get(code)
        if not versions or (version is not None and version not in versions):
            raise UnknownInstrument("no such instrument or version")
        return versions[version] if version is not None else list(versions.values())[-1]

    def current(self) -> list[Instrument]:
        """Each instrument in its newest version, by code."""
        return [self.instrument(code) for code in self._versions]

    def with_content(self, packs_folder: Path) -> "Catalogue":
        """This catalogue and the wording of the content packs in a folder.

        Raises ContentPackRefused, which says which file and why.
        """
        merged = {(each.code, each.version): each for each in self._all()}
        for pack in packs_in(packs_folder):
            key = (pack.code, pack.version)
            merged[key] = _reworded(merged.get(key), pack)
        return Catalogue(merged.values())

    def _all(self) -> Iterable[Instrument]:
        return (each for versions in self._versions.values() for each in versions.values())


def _reworded(instrument: Instrument | None, pack: ContentPack) -> Instrument:
    if instrument is None:
        raise pack.refused("no instrument of this code and version")
    return instrument_from(with_texts(instrument.questionnaire, pack), instrument)


def _precedence(instrument: Instrument) -> tuple[str, tuple[int, ...]]:
    return instrument.code, tuple(int(part) for part in instrument.version.split("."))


def _read(scoring_file: Traversable, folder: Traversable) -> Instrument:
    scheme = Scheme.model_validate_json(scoring_file.read_bytes())
    questionnaire = Questionnaire.model_validate_json((folder / f"{scheme.version}.json").read_bytes())
    return instrument_from(questionnaire, scheme)


def _shipped() -> Iterable[Instrument]:
    for folder in files("app.instruments").joinpath("data").iterdir():
        if folder.is_dir():
            scorings = (file for file in folder.iterdir() if file.name.endswith(".scoring.json"))
            yield from (_read(file, folder) for file in scorings)


CATALOGUE = Catalogue(_shipped())
instrument = CATALOGUE.instrument
current = CATALOGUE.current
with_content = CATALOGUE.with_content
