"""Which fields and links of an object a column may be for, and why: names first, then what its values look like."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from rapidfuzz import fuzz, process

from destination_pipedrive.config.mappings import LINKS
from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.field import FieldPart, UnknownField
from destination_pipedrive.fields.parsing import ALIAS
from destination_pipedrive.matching.parents import PARENTS
from destination_pipedrive.proposing.aliases import aliases
from destination_pipedrive.proposing.samples import Column
from destination_pipedrive.proposing.words import Words, names_in, without, words_of

#: How sure a reason makes, of 100.
OWN_KEY, OWN_NAME, LABEL, ALIAS_NAME, LINK, BEHIND_PREFIX, ALIKE, BY_VALUES = 100, 98, 95, 92, 90, 6, 72, 60
#: How alike names must be to be taken for one, and to be worth a hint, of 100.
SAME, NEAR = 85, 74
#: Shortest name that is compared letter by letter.
SHORTEST = 5
#: Options that a column must have of a field for its values to tell, and what stands between several in one cell.
FEWEST_OPTIONS = 2
_LIST = re.compile(r"\s*[,;|]\s*")
#: What values look like -> the field that they may be for, and its object.
BY_FORM = {"email": ("persons", "email"), "phone": ("persons", "phone"), "domain": ("organizations", "website")}
#: Words of columns whose numbers are no phone's.
NOT_PHONES = frozenset({"fax", "telefax", "faxnummer", "iban", "vat", "tax", "id"})
#: What a column says of a parent that it does not name: an email address is a person's, a website a company's.
BARE = {"email": "person", "domain": "organization"}
#: Field of a parent -> how the parent is known by it.
KINDS = {"name": "name", "title": "name", "domain": "domain", "website": "domain", "email": "email", "code": "code"}
#: How names of keys end.
KEY_ENDS = frozenset({"id", "number", "nummer", "nr", "no", "key", "uuid", "code", "ref", "reference"})
#: Names of Pipedrive's own id.
_OWN_ID = ("id", "pipedriveid")


@dataclass(frozen=True)
class Candidate:
    """A field that a column may be for; ``score`` of 100, ``why`` says it to people."""

    target: str
    place: FieldPart
    score: int
    why: str


@dataclass(frozen=True)
class LinkCandidate:
    """A parent that a column may tell; ``by`` is what the column holds of it."""

    link: str
    by: str
    score: int


@dataclass(frozen=True)
class NameIndex:
    """All names of one object's fields, and of its links."""

    directory: FieldDirectory

    @cached_property
    def _labels(self) -> dict[str, str]:
        """Custom fields by the words of their labels."""
        return {words_of(label).key: label for label, _ in self.directory.labelled()}

    @cached_property
    def _label_of(self) -> dict[str, str]:
        return {field.key: label for label, field in self.directory.labelled()}

    @cached_property
    def _canonical(self) -> dict[tuple[str, str], str]:
        """The name of a built-in field and part that reads best."""
        spec = self.directory.spec
        return {(key, ALIAS): alias for alias, key in reversed(list((spec.aliases or {}).items()))}

    @cached_property
    def _own(self) -> frozenset[str]:
        """What the object itself is called in heads and before names."""
        return aliases().objects.get(self.directory.spec.name, frozenset())

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        return aliases().prefixes.get(self.directory.spec.name, frozenset())

    @cached_property
    def _known(self) -> dict[str, str]:
        """Every name in its normal form -> the name in a mapping."""
        built_in = {words_of(key).key: key for key in self.directory.built_in}
        return {**built_in, **aliases().fields.get(self.directory.spec.name, {}), **self._labels}

    def candidates(self, column: Column) -> list[Candidate]:
        """The fields of a column, the surest first."""
        words, found = column.words, [*self._by_name(column.name)]
        is_foreign = bool(words.heads) and not set(words.heads) & self._own
        if not is_foreign:
            found += self._by_words(words, 0, f"`{column.name}`")
            rest = None if is_external_id(column) else without(words, self._prefixes)
            found += self._by_words(rest, BEHIND_PREFIX, f"`{column.name}`") if rest else ()
            found += () if is_external_id(column) else self._alike(words)
            found += self._by_all_names(column)
        found += self._by_values(column)
        found += self._by_options(column)
        return sorted(found, key=lambda each: -each.score)

    def nearest(self, column: Column) -> str:
        """The field whose name is most like a column's; empty when none is."""
        found = process.extractOne(column.words.key, list(self._known), scorer=fuzz.ratio, score_cutoff=NEAR)
        target = self._known[found[0]] if found and len(column.words.key) > 2 else ""
        return target if target and self.find(target) else ""

    def find(self, target: str) -> FieldPart | None:
        """The place of a name in a mapping; none for a field that the account does not have."""
        try:
            place = self.directory.find(target)
        except UnknownField:
            return None
        spec = self.directory.spec.field(place.field.key) if place else None
        is_lacking = spec is not None and spec.contact_sync and bool(self.directory.definitions)
        return None if place and is_lacking and place.field.key not in self.directory.defined else place

    def _by_name(self, name: str) -> Iterator[Candidate]:
        place = self.find(name)
        if place is None:
            return
        field = place.field
        if field.custom:
            label = self._label_of[field.key]
            is_key = name.strip() == field.key
            how = "by its key" if is_key else "by its label" if name.strip() == label else "by its column name"
            yield Candidate(label if not place.part else name, place, OWN_KEY, f"custom field `{label}`, {how}")
        elif field.key not in (self.directory.spec.parents or {}).values() or name.strip().lower() == field.key:
            target = self._written(place, name)
            yield Candidate(target, place, OWN_NAME, "same name as the field")

    def _written(self, place: FieldPart, name: str) -> str:
        """The name of a built-in place as a mapping writes it."""
        return self._canonical.get((place.field.key, place.part)) or (name.lower() if place.part else place.field.key)

    def _by_words(self, words: Words, less: int, shown: str) -> Iterator[Candidate]:
        label = self._labels.get(words.key)
        named = aliases().fields.get(self.directory.spec.name, {})
        if label and (place := self.find(label)):
            yield Candidate(label, place, LABEL - less, f"custom field `{label}`, by its label")
        for form, lost in ((words.key, 0), (words.bag, 2)):
            target = named.get(form)
            if target and (place := self.find(target)):
                yield Candidate(target, place, ALIAS_NAME - less - lost, f"{shown} is another name for `{target}`")
                return
        own = self.find("_".join(words.words)) if less else None
        if own and not own.field.custom and own.field.key not in (self.directory.spec.parents or {}).values():
            target = self._written(own, "_".join(words.words))
            yield Candidate(target, own, OWN_NAME - less, "same name as the field, after the object's name")

    def _by_all_names(self, column: Column) -> Iterator[Candidate]:
        """A head of several names, all of them of one field."""
        parts = [next(self._by_words(words_of(name), 0, ""), None) for name in names_in(column.name)]
        targets = {part.target if part else "" for part in parts}
        if parts and parts[0] and len(targets) == 1:
            target, place = parts[0].target, parts[0].place
            yield Candidate(target, place, ALIAS_NAME - 4, f"`{column.name}` are other names for `{target}`")

    def _alike(self, words: Words) -> Iterator[Candidate]:
        found = process.extractOne(words.key, list(self._known), scorer=fuzz.ratio, score_cutoff=SAME)
        target = self._known[found[0]] if found and len(words.key) >= SHORTEST else ""
        if target and (place := self.find(target)):
            yield Candidate(target, place, ALIKE, f"similar to a name of `{target}`")

    def _by_values(self, column: Column) -> Iterator[Candidate]:
        if NOT_PHONES & set(column.words.words):
            return
        name, target = BY_FORM.get(column.looks_like, ("", ""))
        if name == self.directory.spec.name and (place := self.find(target)):
            yield Candidate(target, place, BY_VALUES, f"its values look like those of `{target}`")

    def _by_options(self, column: Column) -> Iterator[Candidate]:
        """The one field of whose options all values are, whatever the column is called."""
        held = {part.strip().lower() for text in column.texts for part in _LIST.split(text)}
        if len(held) < FEWEST_OPTIONS:
            return
        found = [name for name, options in self._options.items() if held <= options]
        if len(found) == 1 and (place := self.find(found[0])):
            yield Candidate(found[0], place, BY_VALUES, f"its values are options of `{found[0]}`")

    @cached_property
    def _options(self) -> dict[str, frozenset[str]]:
        """Name of a field -> its options in lower case."""
        fields = dict(self.directory.labelled())
        if labels := self.find("labels"):
            fields["labels"] = labels.field
        lists = {name: [each.label.strip().lower() for each in found.options] for name, found in fields.items()}
        return {name: frozenset(options) for name, options in lists.items() if options}

    def links(self, column: Column, is_pipedrive: bool) -> list[LinkCandidate]:
        """The parents of a column, the surest first. Ids count where the table comes from Pipedrive."""
        found = self._links(column, is_pipedrive)
        parts = [self._links(replace(column, name=name), is_pipedrive)[:1] for name in names_in(column.name)]
        if not found and parts and all(parts) and len({part[0].link for part in parts}) == 1:
            found = [replace(parts[0][0], score=parts[0][0].score - 4)]
        return found

    def _links(self, column: Column, is_pipedrive: bool) -> list[LinkCandidate]:
        found = []
        for link in self.directory.spec.parents or {}:
            names = aliases().parents.get(link, frozenset())
            for by, score in self._known_by(column, names, link):
                if by in LINKS[link] and (by != "id" or (is_pipedrive and column.looks_like == "number")):
                    found.append(LinkCandidate(link, by, score))
        return sorted(found, key=lambda each: -each.score)

    def _known_by(self, column: Column, names: frozenset[str], link: str) -> Iterator[tuple[str, int]]:
        words, forms = column.words, aliases().known_by
        own_link = set(words.heads) & names
        plain = next((by for by, kinds in forms.items() if words.key in kinds), "")
        if plain and not words.heads and BARE.get(plain) == link and _fits(column, plain):
            yield plain, LINK - 10
        named = aliases().fields.get(PARENTS[link], {}).get(words.key, "")
        if named in KINDS and not plain and not words.heads and _fits(column, KINDS[named]):
            yield KINDS[named], LINK - 3
        is_other = len(words.key) > SHORTEST and words.key not in names and not words.heads
        if is_other and process.extractOne(words.key, names, scorer=fuzz.ratio, score_cutoff=SAME):
            yield _by_form(column, link), ALIKE - 1
        if words.key in names and (not words.heads or set(words.heads) & self._own):
            yield _by_form(column, link), LINK
        rest = words if own_link else without(words, names)
        for by, kinds in forms.items() if rest else ():
            if rest and {rest.key, rest.bag} & kinds and _fits(column, by):
                yield by, LINK + 1

    def is_own_id(self, column: Column, is_pipedrive: bool) -> bool:
        """Whether a column is Pipedrive's own id: by its name, or as `id` of a table that comes from Pipedrive."""
        words = column.words
        key = (without(words, self._own) or words).key
        is_foreign = bool(words.heads) and not set(words.heads) & self._own
        is_whole = column.looks_like == "number" or not column.values or self.directory.spec.text_ids
        return is_whole and not is_foreign and key in _OWN_ID[0 if is_pipedrive else 1 :]


def is_like_a_key(column: Column) -> bool:
    """Whether a column ends as names of keys do, and holds no value twice: `Lead-Nr.`."""
    words = column.words.words
    return column.is_unique and len(words) > 1 and words[-1] in KEY_ENDS


def is_external_id(column: Column) -> bool:
    """Whether a column is called like a key of another system."""
    return column.words.key in aliases().external_ids


def _by_form(column: Column, link: str) -> str:
    """What a column that is called like a parent holds of it."""
    form = {"email": "email", "domain": "domain"}.get(column.looks_like, "name")
    return form if form in LINKS[link] else ("id" if column.looks_like == "number" else "name")


def _fits(column: Column, by: str) -> bool:
    """Whether the values are what the name says; of none everything may come."""
    return not column.values or by not in ("email", "domain") or column.looks_like in ("email", "domain")
