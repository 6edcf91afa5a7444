"""Count tokens and cost: what each call used, and what that is in money at the prices of your contract."""

import os
from dataclasses import dataclass

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import CompletionsUsage, UserMessage
from azure.core.credentials import AzureKeyCredential

PRICE_IN, PRICE_OUT = 2.50, 10.00  # for a million tokens: put in yours


@dataclass
class Bill:
    tokens_in: int = 0
    tokens_out: int = 0

    def add(self, usage: CompletionsUsage) -> None:
        self.tokens_in += usage.prompt_tokens
        self.tokens_out += usage.completion_tokens

    @property
    def cost(self) -> float:
        return (self.tokens_in * PRICE_IN + self.tokens_out * PRICE_OUT) / 1_000_000


client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),
)

bill = Bill()
for text in ("How many languages are in the world?", "What is the capital of Austria?"):
    response = client.complete(messages=[UserMessage(text)])
    bill.add(response.usage)
    print(f"{response.usage.prompt_tokens:3} + {response.usage.completion_tokens:3} tokens  {text}")
print(f"{bill.tokens_in:3} + {bill.tokens_out:3} tokens, {bill.cost:.6f} in all")
