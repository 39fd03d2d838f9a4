"""Lead labels that are created because a record names them."""

from destination_pipedrive.objects_account import LEAD_LABELS
from destination_pipedrive.results import Rejected, Results
from destination_pipedrive.sender import Sender
from destination_pipedrive.targets import Target
from destination_pipedrive.values import BadValue
from pipedrive_client.fields import Option

#: A new label needs a colour; everybody can choose another one later.
COLOR = "gray"


def create_lead_label(sender: Sender, results: Results, name: str) -> Option:
    """The new label (10 tokens). Raises BadValue when Pipedrive refuses it."""
    targets = {each.key: Target.of_built_in(each) for each in LEAD_LABELS.fields}
    try:
        row = sender.create({"name": name, "color": COLOR}, targets)
    except Rejected as error:
        raise BadValue(f"takes no new label ({error.result.reason.rstrip('.')})", "unknown_option") from None
    results.add_parent(LEAD_LABELS.name, "created")
    return Option(row["id"], name)
