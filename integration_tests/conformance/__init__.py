"""Checks that hold for every Airbyte destination which writes rows into an application. See README.md."""
