"""What others build on the connectors: the dbt package, and jobs of orchestrators. These tests run only when they are
named, each with an environment of its own: ``make dbt-test``, ``make orchestration-test``."""
