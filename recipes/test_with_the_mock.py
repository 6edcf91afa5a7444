"""Test a program that calls a model, with pytest and the mock: free, offline, and the model says what the test says."""

# Needs the package of the mock (`pip install` the wheel that docs/mock.md builds), in which pytest finds the fixtures.
# Inside the course, conftest.py says instead: pytest_plugins = ["helpers.mock.pytest_plugin"]

import os

import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential


def sort(email: str) -> str:
    """The program under test."""
    client = ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    )
    reply = client.complete(messages=[SystemMessage("billing, shipping or other?"), UserMessage(email)])
    label = (reply.choices[0].message.content or "").strip().lower()
    return label if label in ("billing", "shipping") else "other"


@pytest.mark.parametrize(("said", "sorted_as"), [("Billing", "billing"), ("I think it is shipping", "other")])
def test_a_label_is_used_only_as_it_is(inference_mock_env, said: str, sorted_as: str):
    inference_mock_env.reply(said)
    assert sort("Where is my parcel?") == sorted_as
    assert inference_mock_env.requests.last.last_user_text == "Where is my parcel?"
