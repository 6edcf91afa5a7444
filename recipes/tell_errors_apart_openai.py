"""Tell errors apart with the OpenAI package: its own exceptions, the most specific first."""

import os

from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAI, RateLimitError

client = OpenAI(max_retries=0, timeout=60)  # reads OPENAI_BASE_URL and OPENAI_API_KEY


def why_not(model: str) -> str:
    """What became of a call, in a sentence for people."""
    try:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "How many metres is 3 km?"}])
    except RateLimitError as error:
        return f"429: wait {error.response.headers.get('Retry-After', 'a little')} s"
    except APIStatusError as error:
        return f"{error.status_code}: {error.code}"
    except APITimeoutError:
        return "too late: it may have been done, and will be paid for"
    except APIConnectionError as error:  # "Connection error." alone says nothing: the reason is behind it
        return f"not reached: {type(error.__cause__).__name__}"
    return "an answer"


for model in (os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"), "no-such-model"):
    print(f"{model}: {why_not(model)}")
