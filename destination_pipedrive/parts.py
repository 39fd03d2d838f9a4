"""What a coercer gets: the parts that columns gave to one field, and the names that the account knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from destination_pipedrive.targets import Target
from destination_pipedrive.values import is_nothing

Parts = Mapping[str, Any]

#: Who may see a record. Source: the request bodies' ``visible_to``.
VISIBILITIES = (1, 3, 5, 7)


#: The part of a stage that names the pipeline in which it is looked for.
PIPELINE = "_pipeline"
#: Numbers of a product's price. Source: the request bodies' ``prices``.
PRICE_NUMBERS = ("price", "cost", "direct_cost")


class Lookups(Protocol):
    """Names of the account that values may use instead of ids."""

    def user_id(self, name: str) -> int | None:
        """The active user of an e-mail address or a name, None when there is none."""

    def stage_ids(self, name: str, pipeline: int | None = None) -> list[int]:
        """Ids of the stages of a name in a pipeline, or in every one that has it."""

    def pipeline_ids(self, name: str) -> list[int]:
        """Ids of the pipelines of a name."""

    def lead_label_ids(self, name: str) -> list[str]:
        """Ids of the lead labels of a name."""

    def knows(self, kind: str, row_id: int) -> bool:
        """Whether the account has a user, stage or pipeline of this id; true for other kinds."""

    def user_trouble(self, owner: str) -> str:
        """Why an id, e-mail address or name is not that of one active user."""

    def names(self, kind: str) -> list[str]:
        """The names that a field of a kind can take."""

    def currency(self) -> str:
        """The acting user's default currency."""


@dataclass(frozen=True)
class Named:
    """A link to a row that is known by name or domain instead of an id; resolved just before writing."""

    text: str


def first(parts: Parts, *names: str) -> Any:
    """The first part that holds something."""
    return next((parts[name] for name in names if not is_nothing(parts.get(name))), None)


Coercer = Callable[[Target, Parts, Lookups], Any]
