"""Ask a reasoning model (o3, o4-mini, gpt-5): it refuses `max_tokens`, and its thoughts come out of the limit."""

import os

from openai import OpenAI

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "o3-mini"),
    messages=[{"role": "user", "content": "How many metres is 3 km?"}],
    max_completion_tokens=2000,  # thoughts and answer together: too few, and the answer is empty
    reasoning_effort="low",
)
choice = response.choices[0]
print(choice.message.content if choice.finish_reason == "stop" else f"No whole answer: {choice.finish_reason}")
if response.usage and response.usage.completion_tokens_details:
    thought = response.usage.completion_tokens_details.reasoning_tokens
    print(f"{thought} of {response.usage.completion_tokens} tokens were thought")
