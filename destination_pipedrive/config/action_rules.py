"""What a row may trigger, one model for each action."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from destination_pipedrive.config.entries import Condition, IdOrName, ListedEntry, Switch, WholeNumber

DEFAULT_TITLE = "{name} deal"
DEFAULT_TYPE = "task"
_PLACES = "`{column}` is replaced with the row's value."
_PIPELINE = "Name or ID of the pipeline."
_STAGE = "Name or ID of the stage."


class _Action(ListedEntry):
    when: Condition | None = Field(
        default=None,
        description="Only rows that meet this condition trigger the action. Leave it out for every row.",
        examples=["event == 'reply'"],
    )

    @property
    def templates(self) -> Iterable[tuple[str, str]]:
        """The keys whose text may hold ``{column}``, with their text."""
        return ()


class CreateDeal(_Action):
    """Create a deal of the row's person or organization, unless it has one of this title and pipeline."""

    model_config = ConfigDict(title="Create a deal")

    kind: Literal["create_deal"] = Field(alias="action", description="Create a deal.")
    title: str = Field(default=DEFAULT_TITLE, description=f"Title of the deal. {_PLACES}")
    pipeline: IdOrName = Field(description=_PIPELINE, examples=["Sales"])
    stage: IdOrName = Field(default="", description=f"{_STAGE} Leave it out for the first one.", examples=["Qualified"])

    @property
    def templates(self) -> Iterable[tuple[str, str]]:
        """The title."""
        return (("title", self.title),)


class MoveDealToStage(_Action):
    """Move the newest open deal of the row to a stage."""

    model_config = ConfigDict(title="Move the deal to a stage")

    kind: Literal["move_deal_to_stage"] = Field(alias="action", description="Move the newest open deal to a stage.")
    pipeline: IdOrName = Field(
        default="",
        description=f"{_PIPELINE} Needed if several pipelines have a stage of this name.",
        examples=["Sales"],
    )
    stage: IdOrName = Field(description=_STAGE, examples=["Qualified"])


class MoveDealToNextStage(_Action):
    """Move the newest open deal of the row one stage on."""

    model_config = ConfigDict(title="Move the deal to the next stage")

    kind: Literal["move_deal_to_next_stage"] = Field(
        alias="action", description="Move the newest open deal one stage on. Needs `updated_at_field` in the mapping."
    )
    pipeline: IdOrName = Field(
        default="", description=f"{_PIPELINE} Leave it out for deals of any pipeline.", examples=["Sales"]
    )


class AddActivity(_Action):
    """Add an activity to the row, unless it has one of this subject and day."""

    model_config = ConfigDict(title="Add an activity")

    kind: Literal["add_activity"] = Field(alias="action", description="Add an activity.")
    subject: str = Field(description=f"Subject of the activity. {_PLACES}", examples=["Call {name}"])
    type: str = Field(default=DEFAULT_TYPE, description="Key of the activity type.", examples=["call"])
    assignee: IdOrName = Field(
        default="", description="Who is to do it: a user's ID, email address or name. Leave it out for the acting user."
    )
    priority: IdOrName = Field(default="", description="Priority of the activity, by label or ID.")
    due_in_days: WholeNumber = Field(default=0, description="Days from the event until the activity is due.")
    done: Switch = Field(default=False, description="The activity is already done.")

    @property
    def templates(self) -> Iterable[tuple[str, str]]:
        """The subject."""
        return (("subject", self.subject),)


Action = Annotated[CreateDeal | MoveDealToStage | MoveDealToNextStage | AddActivity, Field(discriminator="kind")]
#: Word in a config -> its model.
ACTIONS: dict[str, type[CreateDeal | MoveDealToStage | MoveDealToNextStage | AddActivity]] = {
    "create_deal": CreateDeal,
    "move_deal_to_stage": MoveDealToStage,
    "move_deal_to_next_stage": MoveDealToNextStage,
    "add_activity": AddActivity,
}
