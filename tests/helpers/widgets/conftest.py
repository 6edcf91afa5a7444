"""What the tests of panels that take files share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from helpers.mock.testing import Mock
from helpers.widgets import Panel

UPLOAD = 1  # the place of the control


class Client(ChatCompletionsClient):
    """A client that remembers the contents it sent."""

    def __init__(self, mock: Mock, model: str) -> None:
        super().__init__(mock.endpoint, AzureKeyCredential(mock.key), model=model, transport=mock.transport())
        self.sent: list[Any] = []

    def complete(self, **options: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.sent.append(options["messages"][0].content)
        return super().complete(**options)


def put(panel: Panel, name: str, content: bytes) -> None:
    """Uploads a file."""
    when = datetime(2026, 1, 1, tzinfo=UTC)
    file: dict[str, Any] = {"name": name, "type": "", "size": len(content), "last_modified": when}
    panel.controls[UPLOAD].value = ({**file, "content": memoryview(content)},)
