"""Ask how sure the model was of each token with the OpenAI package: there `logprobs` is a parameter with a type."""

import math
import os

from openai import OpenAI

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
    messages=[{"role": "user", "content": "What is the capital of Austria?"}],
    temperature=0,
    logprobs=True,
)
logprobs = response.choices[0].logprobs
for token in (logprobs and logprobs.content) or []:
    print(f"{math.exp(token.logprob):6.1%} {token.token!r}")
