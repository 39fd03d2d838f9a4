"""Actions that answer with one record."""

from pipedrive_sandbox.messages import Response, invalid, not_found, success
from pipedrive_sandbox.model.filtering import is_deleted, is_visible, number_or_text
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row, RowId

#: Seen in recorded answers.
WITH_ADDITIONAL_DATA = ("products", "deal_products")
COMPANY = {
    "company_id": 7001,
    "company_name": "Sandbox Ltd",
    "company_domain": "sandbox",
    "company_country": "EE",
    "company_industry": "IT Services",
    "language": {"language_code": "en", "country_code": "US"},
}


def show(call: Call) -> Response:
    """The record in the path. Whether a deleted one is still shown is a setting."""
    row = find(call)
    by_id = call.state.settings.deleted_by_id
    # A lead has nothing that says that it is deleted: it is not found. Source: GET /v1/leads/{id}, answer 404.
    is_silent = call.resource.name == "leads"
    if is_deleted(call.resource, row) and (by_id != 200 or is_silent):
        raise not_found(call.resource.version, call.resource.noun, 404 if by_id == 200 else by_id)
    return wrapped(call, row)


def show_with_nothing(call: Call) -> Response:
    """The record in the path, with `additional_data: null`."""
    return success(call.shape(find(call)), additional_data=None)


def wrapped(call: Call, row: Row) -> Response:
    """One record as the answer."""
    beside = {"additional_data": None} if call.resource.name in WITH_ADDITIONAL_DATA else {}
    return success(call.shape(row), **beside)


def me(call: Call) -> Response:
    """The owner of the token and the company."""
    row = call.state.store.find("users", call.user_id)
    if row is None:
        raise not_found("v1", "User")
    return success({**call.shape(row), **COMPANY})


def find(call: Call) -> Row:
    """The stored record in the path, deleted or not. Raises 404 when it is unknown or hidden."""
    row = call.rows.rows.get(path_id(call))
    if row is None or not is_visible(row) or (call.resource.name.endswith("Fields") and not row["active_flag"]):
        raise not_found(call.resource.version, call.resource.noun)
    return row


def path_id(call: Call) -> RowId:
    """The record's id in the path, the last path parameter. Raises 400 when an integer is expected and it is none."""
    name, text = list(call.path.items())[-1]
    if call.resource.id_kind != "integer":
        return text
    number = number_or_text(text)
    if isinstance(number, str):
        if call.state.settings.non_numeric_id == 404:
            raise not_found(call.resource.version, call.resource.noun)
        raise invalid(call.resource.version, [f"{name}: The value is not a valid 'integer'"])
    return number


def show_by_number(call: Call) -> Response:
    """A v1 field definition by its numeric id. Raises 410 when it is unknown, as documented."""
    number = call.path["id"]
    for row in call.definitions():
        if str(row["numeric_id"]) == number:
            return success(call.shape(row))
    raise not_found("v1", "The field is", 410)
