"""Secrets that no log, error or trace may show. The CDK keeps their list, and filters its own lines by it.

It is loaded with the first secret or error: a module that only knows how to say something does without it.
"""


def add_to_secrets(secret: str) -> None:
    """Hide one more text from now on."""
    from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets as add

    add(secret)


def filter_secrets(text: str) -> str:
    """The text with ``****`` in the place of every secret."""
    from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets as hidden

    return hidden(text)
