"""The user's configuration and the platform's catalog, as frozen values."""
