"""`owner` of a mapping: a column, or a user by id, e-mail address or name."""

from destination_pipedrive.account import NO_USER, Account
from destination_pipedrive.fallbacks import others
from destination_pipedrive.rules import Rules
from pipedrive_client.settings import ConfigError


def check_owner(rules: Rules, columns: tuple[str, ...], account: Account) -> None:
    """Raises ConfigError when `owner` is no column and names no active user.

    Without a schema a plain word may be a column; an e-mail address or an id cannot.
    """
    owner = rules.owner
    if not owner or owner in columns or not (columns or "@" in owner or owner.isdigit()):
        return
    if not account.is_user(owner):
        said, known = account.user_trouble(owner), (*columns, *account.names("user"))
        if columns and said == NO_USER:
            said = "is neither a column of the stream nor a user of the account"
        raise ConfigError(f"`{rules.where}/owner`: `{owner}` {said}.{others(owner, known)}")
