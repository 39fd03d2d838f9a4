"""`owner` of a mapping: a column, or a user by id, e-mail address or name."""

from destination_pipedrive.account import Account
from destination_pipedrive.rules import Rules
from destination_pipedrive.targets import nearest
from pipedrive_client.settings import ConfigError


def check_owner(rules: Rules, columns: tuple[str, ...], account: Account) -> None:
    """Raises ConfigError when `owner` is no column and names no active user.

    Without a schema a plain word may be a column; an e-mail address or an id cannot.
    """
    owner = rules.owner
    if not owner or owner in columns or not (columns or "@" in owner or owner.isdigit()):
        return
    if not account.is_user(owner):
        known = (*columns, *account.names("user"))
        said = "neither a column nor" if columns else "not"
        raise ConfigError(f"`{rules.where}/owner`: `{owner}` is {said} one active user.{nearest(owner, known)}")
