"""The rules of the API: authentication, budgets, parameters, bodies, paging, custom fields, search, faults."""
