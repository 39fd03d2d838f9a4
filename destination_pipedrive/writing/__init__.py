"""Changes to Pipedrive, and what a dry run does instead."""
