"""What the page shows: a plan, or a run that is over."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from destination_pipedrive.flow import CODES, OUTCOMES
from destination_pipedrive.results.plan_report import Action, Group, Line, Plan

#: Tokens of one search. Source: x-token-cost of GET /itemSearch and its like.
SEARCH_COST = 20
#: Code of a rejection -> what to do about it.
REMEDIES: Mapping[str, str] = {
    "required_field_missing": "A new row lacks what Pipedrive needs. Map a column to the field, or set a constant.",
    "match_key_missing": "The key that rows are matched on is empty. Fill the column, or switch `require_match_key` "
    "off and accept duplicates.",
    "ambiguous_match": "Several rows in Pipedrive have this key. Merge them there, or set `on_ambiguous`.",
    "duplicate_found": "The row exists already, and the mapping does not update it. See `on_duplicate`.",
    "no_match": "No row in Pipedrive has this key, and the mapping creates none.",
    "invalid_value": "The value cannot be read as the field's type. Correct it in the source, or let `on_invalid` "
    "leave it out.",
    "unknown_option": "The field has no such option. Add it in Pipedrive, map it with `value_maps`, or set "
    "`on_unknown_option`.",
    "unknown_field": "Pipedrive does not know the field. Refresh the connection's schema.",
    "parent_not_found": "The organization, person or deal that the row belongs to does not exist. Send it first, or "
    "set `on_missing_parent`.",
    "parent_rejected": "The record that this row belongs to was rejected itself. Fix that one first.",
    "no_open_deal": "The action needs an open deal, and the record has none.",
    "permission_denied": "The user whom the connector acts as may not do this. Ask an admin of the account.",
    "feature_limit": "The account's subscription, an add-on or one of its limits does not allow this.",
    "refused_by_pipedrive": "Pipedrive refused the record; its message says why.",
}
#: What is done with rows, in the order in which people want to see it.
WRITES: Mapping[Action, str] = {"create": "created", "update": "updated", "delete": "deleted"}


@dataclass(frozen=True)
class RowGroup:
    """Rows with one fate: ``title`` names it, ``count`` is exact, ``lines`` are some of them."""

    title: str
    object_name: str
    count: int
    lines: tuple[Line, ...]
    action: Action = "update"
    code: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Price:
    """Tokens: of the whole run, of its writes, of one search per record besides these writes, and of the day."""

    total: int
    writes: int
    by_search: int
    left: int | None = None
    limit: int | None = None

    @property
    def bars(self) -> list[tuple[str, int, int]]:
        """Name, tokens, and length in percent of the longest."""
        named = [("This run", self.total), ("One search per record instead", self.by_search)]
        named += [("Left in today's pool", self.left)] if self.left is not None else []
        longest = max(1, *(tokens for _, tokens in named))
        return [(name, tokens, max(1, round(100 * tokens / longest)) if tokens else 0) for name, tokens in named]


@dataclass(frozen=True)
class Report:
    """The content of one page. ``objects``: object -> outcome -> records, all six of them."""

    is_plan: bool
    objects: Mapping[str, Mapping[str, int]]
    changes: tuple[RowGroup, ...]
    rejected: tuple[RowGroup, ...]
    skipped: tuple[RowGroup, ...]
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    besides: Mapping[str, int] = field(default_factory=dict)
    price: Price | None = None

    def total(self, *outcomes: str) -> int:
        """Records of all objects that ended so."""
        return sum(counts[outcome] for counts in self.objects.values() for outcome in outcomes)


def of_plan(plan: Plan) -> Report:
    """The page of a plan."""
    objects = whole(plan.objects)
    records = sum(map(sum, (counts.values() for counts in objects.values())))
    records -= sum(count for name, count in plan.besides.items() if name in objects)
    price = Price(
        total=plan.spent + plan.planned,
        writes=plan.planned,
        by_search=plan.planned + SEARCH_COST * records,
        left=plan.tokens_left,
        limit=plan.tokens_limit,
    )
    groups = list(row_groups(plan.lines, plan.groups))
    return Report(
        is_plan=True,
        objects=objects,
        changes=tuple(group for group in groups if group.action in WRITES),
        rejected=tuple(group for group in groups if group.action == "reject"),
        skipped=tuple(group for group in groups if group.action == "leave"),
        left_out=plan.left_out,
        warnings=plan.warnings,
        besides=plan.besides,
        price=price,
    )


def whole(objects: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Counts with every outcome."""
    return {name: {outcome: counts.get(outcome, 0) for outcome in OUTCOMES} for name, counts in objects.items()}


def row_groups(lines: Iterable[Line], counts: Mapping[Group, int]) -> Iterator[RowGroup]:
    """Lines by what is done with them: writes by object first, then what is left or rejected, most of it first."""
    found: dict[Group, list[Line]] = {}
    for line in lines:
        found.setdefault(line.group, []).append(line)
    order: dict[str, int] = {action: number for number, action in enumerate((*WRITES, "reject", "leave"))}
    for group in sorted(found, key=lambda each: (order[each[0]], -counts.get(each, 0), each)):
        action, name, code = group
        yield RowGroup(
            title=WRITES.get(action) or CODES.get(code, "") or ("Skipped" if action == "leave" else "Rejected"),
            object_name=name,
            count=counts.get(group, len(found[group])),
            lines=tuple(found[group]),
            action=action,
            code=code,
            remedy=REMEDIES.get(code, "") if action == "reject" else "",
        )
