"""Which test shows which feature of the destination: `python -m scripts.features > docs/contributing/features.md`.

A test says so by its name: `test_a12_…` shows row A12; the first line of its docstring says what holds.
"""

from scripts.named_tests import INTEGRATION, UNIT, Proof
from scripts.named_tests import proofs as named

#: Row and what it is. The letters are five kinds of tools whose Pipedrive integrations people know.
FEATURES: tuple[tuple[str, str], ...] = (
    ("A2", "The form starts the OAuth flow and names the scopes"),
    ("A3", "`check` tries every object in use and names what the token is not allowed to do"),
    ("A5", "One user acts for everyone; `check` names the user and what they cannot see"),
    ("A6", "The usual contact and account columns are written without a field list"),
    ("A8", "Columns find their fields by name, label or key"),
    ("A9", "A column without a field is skipped and reported once, with a count"),
    ("A10", "Incoming stages, statuses and options under other names"),
    ("A11", "Missing options are created"),
    ("A12", "A value that is the target of another mapping is neither used nor created"),
    ("A13", "Value maps are one-to-one"),
    ("A14", "A renamed or removed stage or option stops the run before it writes"),
    ("A15", "Creating and updating can be turned off separately, per stream"),
    ("A16", "A new contact's company is created first"),
    ("A17", "A condition for new rows; existing rows are still updated"),
    ("A18", "Visibility of created records"),
    ("A19", "Pushing everything again writes nothing"),
    ("A20", "After a mapping change, pushing everything writes only what differs"),
    ("A21", "Owners by id, email or name, with a default"),
    ("B1", "Missing permissions are explained, in `check` and on a write"),
    ("B2", "Companies by domain, people by email, deals by id"),
    ("B3", "A company's name, web address, address, owner and creation time"),
    ("B4", "A person's name, primary email, phone, company and owner"),
    ("B5", "A deal's title, value, currency, stage, closing date and status"),
    ("B6", "Syncing both ways does not loop"),
    ("B7", "Create only, or update only"),
    ("B8", "Per field: leave out, fill when empty, overwrite"),
    ("B10", "Small numeric changes are not written"),
    ("B12", "What to do with an existing row: skip, update, create another"),
    ("B13", "Conditions on rows: numbers, texts, dates, the acting user"),
    ("B14", "A readable plan before anything is written"),
    ("B15", "Lists as labels, alongside scores and custom fields"),
    ("B16", "Pipedrive's required fields are checked before a write is sent"),
    ("B17", "Every record is reported: created, updated or failed, and why"),
    ("B18", "Success, Warning, Error"),
    ("B19", "Familiar messages for common errors"),
    ("B20", "A small first run"),
    ("B21", "Email addresses and domains are normalized the same way by the source and the destination"),
    ("B22", "A score is written to a custom field"),
    ("B23", "People are linked to their company"),
    ("B24", "The tokens of a run are reported"),
    ("C1", "An API token or OAuth"),
    ("C2", "Data just read from Pipedrive is not written back"),
    ("C4", "A chosen owner for new contacts"),
    ("C5", "Only chosen lists are included; a new list is by default"),
    ("C6", "Read-only fields are not offered"),
    ("C7", "Values are converted to the field's type, or rejected"),
    ("C8", "Sent mails become completed activities that follow their status"),
    ("C9", "Only records with their key; if that is turned off, a warning mentions duplicates"),
    ("C10", "Constant values on every record"),
    ("C11", "Triggers and actions run in order, each once"),
    ("C12", "Action: create a deal"),
    ("C13", "Action: move the open deal to a stage"),
    ("C14", "Action: move the open deal to the next stage"),
    ("C15", "Action: add an activity due the same day"),
    ("C16", "History first, then new data, without duplicates"),
    ("C17", "Which side wins when both changed"),
    ("C20", "New fields, pipelines and stages show up in `discover`"),
    ("C21", "A config that cannot work names the option"),
    ("D2", "The external ID in a chosen field: used as key, and filled on create"),
    ("D4", "People are matched by email"),
    ("D6", "A report of what was written"),
    ("D7", "An owner for new contacts and companies"),
    ("D8", "Segments as a condition; none means all"),
    ("D9", "Update only; creating is optional"),
    ("D10", "People by email, companies by a field with a stable ID"),
    ("D11", "Email, first and last name, phone; domain and name, mapped automatically"),
    ("D12", "Any other column to any field, converted where that is safe"),
    ("D13", "Action: an activity with assignee, type and priority"),
    ("D14", "Computed scores, stages and health as fields"),
    ("E1", "Insert, update, upsert and delete"),
    ("E2", "Writing a snapshot back restores what was changed"),
    ("E3", "A token or an OAuth app, with the same rows"),
    ("E4", "Custom fields are supported"),
    ("E6", "Fields and options are created only on request"),
    ("E9", "Custom fields of deals, leads, people, companies and products"),
    ("E10", "Every type of custom field"),
    ("E12", "A reference by its ID, or by the object the source emits"),
    ("E14", "Whole objects make a round trip unchanged"),
    ("E15", "Every object that Pipedrive allows to be inserted, updated or deleted"),
)
HEAD = """# Features and their tests

For contributors: features of other tools' Pipedrive integrations, and the tests that cover them here. A: sales
engagement; B: account identification; C: email outreach; D: customer data; E: data pipelines. Missing numbers
belong to the source, to Airbyte itself, or to no connector. The tests are in `integration_tests/destination/` and
`unit_tests/destination/`; `make docs` generates this page from their names.

| | feature | tested by |
|---|---|---|
"""


def proofs() -> dict[str, list[Proof]]:
    """Row -> its tests."""
    return named("ABCDE", INTEGRATION, UNIT)


def document() -> str:
    """The whole page."""
    found = proofs()
    return HEAD + "".join(
        f"| {row} | {what} | {'<br>'.join(proof.place for proof in found.get(row, ()))} |\n" for row, what in FEATURES
    )


if __name__ == "__main__":
    print(document(), end="")
