"""Airbyte destination that writes warehouse rows into Pipedrive."""
