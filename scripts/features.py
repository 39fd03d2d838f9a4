"""Which test shows which feature of the destination: `python -m scripts.features > docs/contributing/features.md`.

A test says so by its name: `test_a12_…` shows row A12; the first line of its docstring says what holds.
"""

from scripts.named_tests import INTEGRATION, UNIT, Proof
from scripts.named_tests import proofs as named

#: Row and what it is. The letters are five kinds of tools whose Pipedrive integrations people know.
FEATURES: tuple[tuple[str, str], ...] = (
    ("A2", "The form starts the OAuth flow and names the scopes"),
    ("A3", "`check` tries every object that is used, and names what the token may not do"),
    ("A5", "One user acts for all; `check` says who, and what that user may not see"),
    ("A6", "The usual columns of contacts and accounts arrive without a field list"),
    ("A8", "Columns find their fields by name, label or key"),
    ("A9", "A column without a field is left out and told once, with a count"),
    ("A10", "Incoming stages, statuses and options under other names"),
    ("A11", "Options that are missing are created"),
    ("A12", "A value that is somebody else's target is neither taken nor created"),
    ("A13", "Value maps are one to one"),
    ("A14", "A stage or option that was renamed or removed stops the run before it writes"),
    ("A15", "Creating and updating are switched apart, per stream"),
    ("A16", "The company of a new contact is created first"),
    ("A17", "A condition for new rows; rows that exist are updated all the same"),
    ("A18", "Who may see what is created"),
    ("A19", "Everything pushed again costs no write"),
    ("A20", "After a change of the mapping a push of everything writes only what differs"),
    ("A21", "Owners by id, email or name, with a default"),
    ("B1", "Missing rights are explained, at `check` and at a write"),
    ("B2", "Companies by domain, people by email, deals by id"),
    ("B3", "A company's name, web address, address, owner and time of creation"),
    ("B4", "A person's name, primary email, phone, company and owner"),
    ("B5", "A deal's title, value, currency, stage, closing date and status"),
    ("B6", "Both directions at once do not chase each other"),
    ("B7", "Create only, or update only"),
    ("B8", "Per field: leave out, fill when empty, overwrite"),
    ("B10", "Small moves of a number are not worth a write"),
    ("B12", "What to do with a row that exists: skip, update, create another"),
    ("B13", "Conditions on rows: numbers, texts, days, the acting user"),
    ("B14", "A plan to read before anything is written"),
    ("B15", "Lists as labels, beside scores and custom fields"),
    ("B16", "What Pipedrive requires is checked before a write is sent"),
    ("B17", "Every record is told: created, updated or failed, and why"),
    ("B18", "Success, Warning, Error"),
    ("B19", "Known words for known errors"),
    ("B20", "A small first run"),
    ("B21", "Email addresses and domains in one spelling, the source's and the destination's"),
    ("B22", "A score to a custom field"),
    ("B23", "People are linked to their company"),
    ("B24", "The tokens of a run are told"),
    ("C1", "An API token or OAuth"),
    ("C2", "What just came from Pipedrive is not written back"),
    ("C4", "A chosen owner for new contacts"),
    ("C5", "Only chosen lists take part; a new list does by default"),
    ("C6", "Read-only fields are not offered"),
    ("C7", "Values become the field's type, or are refused"),
    ("C8", "Sent mails are done activities that follow their status"),
    ("C9", "Only records with their key; switched off, a warning tells of duplicates"),
    ("C10", "Constant values on every record"),
    ("C11", "Triggers and actions in order, each once"),
    ("C12", "Action: create a deal"),
    ("C13", "Action: move the open deal to a stage"),
    ("C14", "Action: move the open deal one stage on"),
    ("C15", "Action: add an activity that is due the same day"),
    ("C16", "History first, then what is new, without duplicates"),
    ("C17", "Who wins when both sides changed"),
    ("C20", "New fields, pipelines and stages show up in `discover`"),
    ("C21", "A config that cannot work names the option"),
    ("D2", "The external ID in a chosen field: key, and filled on create"),
    ("D4", "People are known by email"),
    ("D6", "A report of what was written"),
    ("D7", "An owner for new contacts and companies"),
    ("D8", "Segments as a condition; none means all"),
    ("D9", "Update only; creating is a choice"),
    ("D10", "People by email, companies by a field that holds a stable id"),
    ("D11", "Email, first and last name, phone; domain and name, by themselves"),
    ("D12", "Any other column to any field, converted as far as it is safe"),
    ("D13", "Action: an activity with assignee, type and priority"),
    ("D14", "Computed scores, stages and health as fields"),
    ("E1", "Insert, update, upsert and delete"),
    ("E2", "A snapshot written back restores what was changed"),
    ("E3", "A token or an OAuth app, the same rows"),
    ("E4", "Custom fields take part"),
    ("E6", "Fields and options are created only when that is asked for"),
    ("E9", "Custom fields of deals, leads, people, companies and products"),
    ("E10", "Every type of custom field"),
    ("E12", "A reference by its id, or by the object that the source gives"),
    ("E14", "Whole objects go back and forth unchanged"),
    ("E15", "Every object that Pipedrive lets be inserted, updated or deleted"),
)
HEAD = """# Features and their tests

For contributors: what other tools' Pipedrive integrations do, row by row, and the tests that show it here. A: sales
engagement; B: account identification; C: email outreach; D: customer data; E: data pipelines. Numbers that are missing
belong to the source, to Airbyte itself, or to no connector. The tests are in `integration_tests/destination/` and
`unit_tests/destination/`; `make docs` writes this page from their names.

| | feature | shown by |
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
