"""A stateful local stand-in for the Pipedrive API, for demos and tests.

`Sandbox` answers requests in process, `pipedrive_sandbox.server.http.SandboxServer` serves one on the loopback address,
and `pipedrive_sandbox.server.mocker.mount` puts one behind `requests_mock`.
"""

from pipedrive_sandbox.limits.faults import Fault
from pipedrive_sandbox.limits.settings import Settings
from pipedrive_sandbox.messages import Request, Response
from pipedrive_sandbox.server.sandbox import Sandbox

__all__ = ["Fault", "Request", "Response", "Sandbox", "Settings"]
