"""The registry entries, held against Airbyte's model of them."""
