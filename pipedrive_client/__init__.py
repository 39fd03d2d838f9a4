"""What Pipedrive is: endpoints, hosts, authentication, limits, errors, paging and field definitions."""

__version__ = "1.0.0"
