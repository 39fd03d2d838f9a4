"""The forms in which two spellings of a key are one. Pure.

What stands for "nothing" (`n/a`, `-`, `0`) is no key, and neither is the domain of a host that many share.
"""

from typing import Any, Literal

from destination_pipedrive.fields.field import FieldType
from destination_pipedrive.fields.shared_hosts import company_domain
from pipedrive_client.normalization import text_key

#: How strictly texts are compared: a ``key`` in any case, an ``external_id`` letter by letter, both never by a
#: placeholder; ``content`` is what a row says, whatever that is.
Form = Literal["key", "external_id", "content"]


def normal_forms(
    type_: FieldType, value: Any, form: Form = "key", country: str = "", ignored: frozenset[str] = frozenset()
) -> list[str]:
    """The forms of a value; more than one where a field holds several, such as the emails of a person."""
    if type_.yields:
        domain = company_domain(value, ignored)
        return [domain] if domain else []
    if form == "content" and type_.is_text and isinstance(value, str):
        folded = text_key(value)
        return type_.match_keys(value, country) or ([folded] if folded else [])
    return type_.match_keys(value, country, form == "external_id")
