# Cut from 05-tools.ipynb, which explains it: change it there.
"""A travel assistant: a model that calls Python functions, with validated arguments and a limit of rounds.

Needs: pip install azure-ai-inference pydantic, and AZURE_INFERENCE_ENDPOINT and AZURE_INFERENCE_CREDENTIAL.
"""

import inspect
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import SystemMessage, ToolMessage, UserMessage
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError
from pydantic import Field, TypeAdapter, ValidationError, validate_call

MODEL = os.environ.get("AZURE_INFERENCE_MODEL", "mistral-large-2407")
ROUNDS = 4

FLIGHTS = {("Vienna", "Split"): "AD 210, 10:40", ("Split", "Vienna"): "AD 211, 13:05"}
TRAINS = {("Vienna", "Trieste"): "EC 51, 07:58", ("Trieste", "Vienna"): "EC 50, 09:12"}
WEATHER = {"Vienna": "sunny, 19 °C", "Trieste": "windy, 16 °C", "Split": "clear, 24 °C"}

City = Annotated[str, Field(description="The name of a city", min_length=1)]


def get_flight_info(origin_city: City, destination_city: City) -> dict:
    """Returns the number and time of the next flight between two cities."""
    found = FLIGHTS.get((origin_city, destination_city), "none")
    return {"info": f"Next flight from {origin_city} to {destination_city}: {found}."}


def get_train_info(origin_city: City, destination_city: City) -> dict:
    """Returns the number and time of the next train between two cities."""
    found = TRAINS.get((origin_city, destination_city), "none")
    return {"info": f"Next train from {origin_city} to {destination_city}: {found}."}


def get_weather(city: City) -> dict:
    """Returns today's weather in a city."""
    if city not in WEATHER:
        raise LookupError(f"no weather station in {city}, only in {', '.join(WEATHER)}")
    return {"info": f"The weather in {city}: {WEATHER[city]}."}


TOOLS = {tool.__name__: tool for tool in (get_flight_info, get_train_info, get_weather)}


def define(function):
    """The tool definition of a Python function with type hints and a docstring."""
    described = {
        "name": function.__name__,
        "description": inspect.getdoc(function),
        "parameters": TypeAdapter(function).json_schema(),
    }
    return {"type": "function", "function": described}


def run(call):
    """Run a tool call and return what to tell the model, as JSON. Never raises."""
    if call.function.name not in TOOLS:
        return json.dumps({"error": f"There is no such tool, only {', '.join(TOOLS)}"})
    try:
        function = validate_call(TOOLS[call.function.name])
        return json.dumps(function(**json.loads(call.function.arguments)))
    except ValidationError as error:
        found = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        return json.dumps({"error": "; ".join(found)})
    except Exception as error:  # whatever it is, the call has to be answered
        return json.dumps({"error": f"{type(error).__name__}: {error}"})


class Assistant:
    """A conversation with a model that may call the tools."""

    def __init__(self, client):
        self.client = client
        self.messages = [SystemMessage("You help travellers. Prefer trains to flights.")]

    def ask(self, question):
        """The answer in words. Raises RuntimeError when there is none; the conversation is then as before."""
        messages = [*self.messages, UserMessage(question)]
        for _ in range(ROUNDS):
            reply = self.client.complete(messages=messages, tools=[define(tool) for tool in TOOLS.values()])
            choice = reply.choices[0]
            if choice.finish_reason == "length":
                raise RuntimeError("the answer was cut off")
            messages.append(choice.message)
            calls = choice.message.tool_calls
            if not calls:
                self.messages = messages
                return choice.message.content
            with ThreadPoolExecutor() as pool:
                results = list(pool.map(run, calls))
            messages += [ToolMessage(result, tool_call_id=call.id) for call, result in zip(calls, results, strict=True)]
        raise RuntimeError(f"no answer in {ROUNDS} rounds")


def main():
    with ChatCompletionsClient(
        endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
        credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
        model=MODEL,
        temperature=0,
    ) as client:
        assistant = Assistant(client)
        for question in (
            "When is the next flight from Vienna to Split, and how is the weather in Split?",
            "And back?",
            "Is there a train from Trieste to Vienna?",
        ):
            print(">", question)
            try:
                print(assistant.ask(question))
            except RuntimeError as error:
                sys.exit(f"No answer: {error}")
            except AzureError as error:
                sys.exit(f"The service did not answer: {error}")


main()
