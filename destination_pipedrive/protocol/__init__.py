"""Airbyte messages in and out."""
