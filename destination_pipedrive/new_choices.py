"""Fields for lists of texts, created once a record names the first choices: Pipedrive makes none without an option."""

from destination_pipedrive.new_fields import CHOICES, make_field
from destination_pipedrive.results import Rejected
from destination_pipedrive.sender import rejected
from destination_pipedrive.services import Services
from destination_pipedrive.targets import Target
from pipedrive_client.errors import Refused


class NewChoices:
    """Creates such fields of one object, each once a run."""

    def __init__(self, services: Services, object_name: str) -> None:
        self._services = services
        self._object_name = object_name
        self._refused: dict[str, Rejected] = {}

    def make(self, target: Target, labels: list[str]) -> Target:
        """The field (5 tokens), or the one that another stream needed first. Raises Rejected when it is refused."""
        name = target.name
        if name in self._refused:
            raise self._refused[name]
        known = (each for each in self._services.fields.custom(self._object_name) if each.type == CHOICES)
        found = next((each for each in known if each.label == name), None)
        try:
            made = found or make_field(self._services, self._object_name, name, CHOICES, labels)
        except Refused as error:
            self._refused[name] = refusal = rejected(error)
            raise refusal from None
        return Target.of_custom(made)
