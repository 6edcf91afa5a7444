# Cut from 11-in-production.ipynb, which explains it: change it there.
"""Ask many questions, a few at a time, and print answers, tokens and cost.

Needs: pip install azure-ai-inference tqdm. Reads AZURE_INFERENCE_ENDPOINT and AZURE_INFERENCE_CREDENTIAL;
AZURE_INFERENCE_MODEL names another model, QUESTIONS a file with one question a line,
PRICE_IN and PRICE_OUT what a million tokens cost.
"""

import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import ChatCompletions, SystemMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError
from tqdm import tqdm

AT_ONCE = 4
MAX_TOKENS = 60
QUESTIONS = [
    "How many languages are in the world?",
    "How many languages are in Europe?",
    "How many languages are in Asia?",
    "How many languages are in Africa?",
    "What is the capital of Austria?",
    "How many metres is 3 km?",
]


def read_questions() -> list[str]:
    """The lines of the file that QUESTIONS names, else the list above."""
    if file := os.environ.get("QUESTIONS"):
        return [line for line in Path(file).read_text("utf-8").splitlines() if line.strip()]
    return QUESTIONS


def ask_all(client: ChatCompletionsClient, questions: list[str]) -> list[ChatCompletions | AzureError]:
    """An answer or an error for each question, in order."""

    def ask(question: str) -> ChatCompletions | AzureError:
        try:
            return client.complete(
                messages=[SystemMessage("Answer in one sentence."), UserMessage(question)],
                max_tokens=MAX_TOKENS,
            )
        except AzureError as error:
            return error

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(ask, questions)
        # disable=None: no bar where nobody looks, as in a log file
        return list(tqdm(answers, total=len(questions), file=sys.stderr, disable=None))


def cost(tokens_in: int, tokens_out: int) -> str:
    """In words: the cost at the prices of the environment, if they are there."""
    if "PRICE_IN" not in os.environ or "PRICE_OUT" not in os.environ:
        return "set PRICE_IN and PRICE_OUT to see the cost"
    price_in, price_out = float(os.environ["PRICE_IN"]), float(os.environ["PRICE_OUT"])
    return f"cost {(tokens_in * price_in + tokens_out * price_out) / 1_000_000:.6f}"


def main() -> int:
    """Ask and print; returns how many questions have no whole answer."""
    questions = read_questions()
    with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407"),
        api_version=os.environ.get("AZURE_INFERENCE_API_VERSION", "2024-05-01-preview"),
        temperature=0,
        connection_timeout=5,
        read_timeout=60,
    ) as client:
        results = ask_all(client, questions)
    tokens_in = tokens_out = 0
    reasons: Counter[str] = Counter()  # why there is no whole answer
    print("  in + out  question and answer")
    for question, result in zip(questions, results, strict=True):
        if isinstance(result, AzureError):
            reasons[str(result).partition("\n")[0]] += 1
            print(f" no answer  {question}")
            continue
        choice, usage = result.choices[0], result.usage
        if choice.finish_reason != "stop":
            reasons[f"ended by {choice['finish_reason']}"] += 1
        counted = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
        tokens_in, tokens_out = tokens_in + counted[0], tokens_out + counted[1]
        print(f"{counted[0]:4} + {counted[1]:3}  {question} {choice.message.content or '(nothing)'}")
    print(f"{tokens_in:4} + {tokens_out:3}  tokens in all, {cost(tokens_in, tokens_out)}")
    for reason, count in reasons.most_common():
        print(f"{count} x {reason}", file=sys.stderr)
    return reasons.total()


if __name__ == "__main__" and (failed := main()):
    sys.exit(f"Questions without a whole answer: {failed}")
