"""A stateful local stand-in for the Pipedrive API, for demos and tests.

`Sandbox` answers requests in process, `pipedrive_sandbox.server.SandboxServer` serves one on the loopback address and
`pipedrive_sandbox.mocker.mount` puts one behind `requests_mock`.
"""

from pipedrive_sandbox.api import Sandbox
from pipedrive_sandbox.messages import Request, Response
from pipedrive_sandbox.rules.faults import Fault
from pipedrive_sandbox.settings import Settings

__all__ = ["Fault", "Request", "Response", "Sandbox", "Settings"]
