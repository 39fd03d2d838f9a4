"""The sandbox as a whole, over HTTP and behind `requests_mock`."""
