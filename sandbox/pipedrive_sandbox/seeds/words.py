"""What example rows are made of: words, and custom fields of every type; both stand in TOML files beside this."""

import tomllib
from importlib.resources import files
from typing import Any


def _read(name: str) -> dict[str, list[Any]]:
    return tomllib.loads((files(__package__) / name).read_text(encoding="utf-8"))


_WORDS = _read("words.toml")
FIRST_NAMES: list[str] = _WORDS["first_names"]
LAST_NAMES: list[str] = _WORDS["last_names"]
COMPANY_WORDS: list[str] = _WORDS["company_words"]
COMPANY_KINDS: list[str] = _WORDS["company_kinds"]
LEGAL_FORMS: list[str] = _WORDS["legal_forms"]
CITIES: list[Any] = _WORDS["cities"]
DEAL_WORDS: list[str] = _WORDS["deal_words"]
PRODUCT_WORDS: list[str] = _WORDS["product_words"]
SUBJECTS: list[str] = _WORDS["subjects"]
SENTENCES: list[str] = _WORDS["sentences"]
EMOJI: list[str] = _WORDS["emoji"]
USERS: list[Any] = _WORDS["users"]
CURRENCIES: list[Any] = _WORDS["currencies"]
ACTIVITY_TYPES: list[Any] = _WORDS["activity_types"]
LEAD_LABELS: list[Any] = _WORDS["lead_labels"]
LEAD_SOURCES: list[str] = _WORDS["lead_sources"]
PIPELINES: list[Any] = _WORDS["pipelines"]
#: Label, type and options of the custom fields by collection.
CUSTOM: dict[str, list[tuple[str, str, list[str]]]] = _read("custom_fields.toml")
