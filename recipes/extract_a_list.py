"""Extract a list from a text: the lines of an order, names, dates, as many as there are, each an object of its own."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from pydantic import BaseModel, ConfigDict

TEXT = "Order for Globex: 2 chairs at 45 EUR each, 1 table for 120 EUR."


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    product: str
    quantity: int
    unit_price: float


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    lines: list[Line]  # the answer is always one object, so the list goes into it


client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
    # OpenAI's models take a schema from 2024-08-01-preview on; at /models, set 2025-04-01 for them.
    api_version=os.environ.get("AZURE_INFERENCE_API_VERSION", "2024-05-01-preview"),
    temperature=0,
)

response = client.complete(
    messages=[SystemMessage("Extract the lines of the order."), UserMessage(TEXT)],
    response_format=JsonSchemaFormat(name="Order", schema=Order.model_json_schema(), strict=True),
)
order = Order.model_validate_json(response.choices[0].message.content)
for line in order.lines:
    print(f"{line.quantity} × {line.product} at {line.unit_price:.2f}")
print(f"{sum(line.quantity * line.unit_price for line in order.lines):.2f} in all")  # sums are Python's work
