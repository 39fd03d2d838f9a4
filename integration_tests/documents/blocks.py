"""Which test runs each block of code on a page. Paths are below ``integration_tests``."""

from __future__ import annotations

HERE = "documents/test_blocks.py"
COMMANDS = f"{HERE}::test_a_command_is_one_that_there_is"
ELSEWHERE = f"{HERE}::test_commands_that_another_page_runs"
ACCEPTED = "documents/test_documents.py::test_every_config_is_accepted"
SHELL_WAY = "documents/test_readme.py::test_the_way_by_a_shell"
IMAGES = "documents/test_readme.py::test_the_way_by_airbyte_names_the_images"
EXAMPLES = "test_destination_page.py::test_an_example_can_be_used_as_it_stands"
RECIPES = "destination/test_recipe_rows.py::test_rows_become_what_the_page_shows"
FIRST = "documents/test_first_mapping.py::test_the_page_word_for_word"
DIVIDED = "source/test_divided_account.py::test_nothing_doubled_nothing_lost_within_one_budget"
OFFICIAL = "documents/test_migrating_page.py::test_a_config_of_the_official_connector_is_accepted"
TOY = "conformance/test_toy.py::test_the_readme_word_for_word"
COPIES = "copying/test_backup_page.py::test_a_recipe_copies_and_then_writes_nothing"
JOBS = "documents/test_orchestration_page.py::"
#: Page -> how each of its blocks begins, and the test that runs it, in their order.
RUN_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "README.md": (
        ("make demo", COMMANDS),
        ("docker build", IMAGES),
        ("kind load", IMAGES),
        ("- stream: accounts", EXAMPLES),
        ("make install", COMMANDS),
        ("import airbyte", "documents/test_readme.py::test_the_way_by_pyairbyte"),
        ("{", SHELL_WAY),
        ("source-pipedrive check", SHELL_WAY),
        ("docker run", COMMANDS),
        ("name,email,company_domain", SHELL_WAY),
        ("{", SHELL_WAY),
        ("destination-pipedrive plan", SHELL_WAY),
    ),
    "CONTRIBUTING.md": (("def test_a_won_deal_is_read", f"{HERE}::test_the_contributors_example"),),
    "docs/backup.md": (
        ("- copy: true", COPIES),
        ("- copy: true", COPIES),
        ("make copy-demo", "copying/test_copy_demo.py::test_the_copy_demo_runs_end_to_end"),
    ),
    "docs/destination.md": (
        ("- stream: contacts", RECIPES),
        ("- stream: scores", RECIPES),
        ("- stream: events", RECIPES),
        ("- stream: accounts", RECIPES),
        ("{", "destination/test_recipes.py::test_e14_t49_sync_whole_objects"),
        ('{"credentials"', ACCEPTED),
        ('{"credentials"', ACCEPTED),
        ("make registry", COMMANDS),
        ("location /files/", "registry/test_platform_registry.py::test_pages_say_where_data_activation_comes_from"),
        ("global:", "registry/test_platform_registry.py::test_pages_say_where_data_activation_comes_from"),
        ("destination-pipedrive propose", ELSEWHERE),
        ("- stream: contacts", EXAMPLES),
        ("{", EXAMPLES),
        ("# yaml-language-server", EXAMPLES),
    ),
    "docs/first-mapping.md": (
        ("Contact ID", FIRST),
        ('{"credentials"', FIRST),
        ("destination-pipedrive propose", FIRST),
        ("destination-pipedrive check", FIRST),
        ("destination-pipedrive plan", FIRST),
        ("destination-pipedrive write", FIRST),
    ),
    "docs/migrating.md": (('{"api_token"', OFFICIAL), ('{"credentials"', OFFICIAL)),
    "docs/orchestration.md": (
        *((start, DIVIDED) for start in ("{", "{", "{", *['{"plan"'] * 4)),
        ("import json", f"{JOBS}test_the_read_and_what_it_says_when_tokens_run_out"),
        ("import json", f"{JOBS}test_the_write"),
        ("python pipedrive_sync.py", f"{JOBS}test_one_after_the_other"),
        ("from dagster", f"{JOBS}test_the_job_of_dagster"),
        ("run_monitoring:", "downstream/test_orchestrators.py::test_a_slot_is_freed"),
        ("import json", f"{JOBS}test_the_jobs_name_what_the_modules_have"),
        ("Stream `deals`", f"{HERE}::test_lines_of_the_log_are_those_of_the_tests"),
        ("import json", f"{JOBS}test_the_alerts"),
    ),
    "docs/selections.md": (("{", "source/test_selections_config.py::test_the_example_of_the_document_is_accepted"),),
    "docs/source.md": (
        ("curl -u CLIENT_ID", COMMANDS),
        ("{", ACCEPTED),
        ("{", ACCEPTED),
        ("source-pipedrive catalog", ELSEWHERE),
        ("import airbyte", "documents/test_source_example.py::test_the_example_reads_and_goes_on_from_its_state"),
        ("{", ACCEPTED),
        ("{", ACCEPTED),
    ),
    "dbt/README.md": (
        ("# packages.yml", f"{HERE}::test_the_package_of_dbt_has_what_its_page_sets"),
        ("# dbt_project.yml", f"{HERE}::test_the_package_of_dbt_has_what_its_page_sets"),
    ),
    "conformance/README.md": (("pip install", COMMANDS), ("import sqlite3", TOY), ("python -m pytest", TOY)),
    "sandbox/README.md": (
        ("pipedrive-sandbox --port", COMMANDS),
        ("from pipedrive_sandbox", f"{HERE}::test_the_examples_of_the_sandbox"),
        ("sandbox.set_faults", f"{HERE}::test_the_examples_of_the_sandbox"),
    ),
}
