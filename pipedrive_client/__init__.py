"""What Pipedrive is: endpoints, hosts, authentication, limits, errors, paging and field definitions."""

__version__ = "0.1.0"
