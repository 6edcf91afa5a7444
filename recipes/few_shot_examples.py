"""Show the model what you want by examples (few-shot): when that is easier than to describe it."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import AssistantMessage, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential

EXAMPLES = [
    ("The parcel came a day early, thank you!", "positive"),
    ("It broke after one week.", "negative"),
    ("The box is blue.", "neutral"),
]

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    temperature=0,
)

shown = [
    message
    for text, label in EXAMPLES
    for message in (UserMessage(text), AssistantMessage(label))  # each example is a turn of a conversation
]
for review in ("I love it, best purchase of the year.", "Terrible quality, it broke on the first day."):
    response = client.complete(
        messages=[
            SystemMessage("Classify the sentiment of each review: positive, negative or neutral."),
            *shown,
            UserMessage(review),
        ]
    )
    print(f"{response.choices[0].message.content}: {review}")
