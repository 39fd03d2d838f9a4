"""Drawn schedules: accounts that change, calls that fail and processes that die, in any order."""
