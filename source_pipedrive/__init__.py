"""Airbyte source for Pipedrive."""
