"""Classify a text into one of your categories: an enum in a JSON schema lets the model say nothing else."""

import json
import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import JsonSchemaFormat, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

CATEGORIES = ["billing", "shipping", "technical", "other"]
SCHEMA = {
    "type": "object",
    "properties": {"category": {"type": "string", "enum": CATEGORIES}},
    "required": ["category"],
    "additionalProperties": False,
}
RULE = f"Sort the customer's email into one of these categories: {', '.join(CATEGORIES)}."
EMAILS = [
    "I was charged twice for my subscription. Please refund one payment.",
    "My parcel has not arrived, and tracking says delivered.",
    "The app crashes with an error when I press the button.",
    "Do you have a shop in Vienna?",
]

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
    # OpenAI's models take a schema from 2024-08-01-preview on; at /models, set 2025-04-01 for them.
    api_version=os.environ.get("AZURE_INFERENCE_API_VERSION", "2024-05-01-preview"),
    temperature=0,
    response_format=JsonSchemaFormat(name="sorted", schema=SCHEMA, strict=True),
)

for email in EMAILS:
    response = client.complete(messages=[SystemMessage(RULE), UserMessage(email)])
    category = json.loads(response.choices[0].message.content)["category"]
    print(f"{category:10} {email}")
