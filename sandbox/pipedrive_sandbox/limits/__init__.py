"""Who may call, how often, and what goes wrong on purpose."""
