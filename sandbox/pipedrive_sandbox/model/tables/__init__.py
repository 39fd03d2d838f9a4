"""THE TABLE: all resources, one file an object. Paths are relative to `/api/v2` or `/v1`, costs are in tokens.

Sources: https://developers.pipedrive.com/docs/api/v1 and https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting.
"""
