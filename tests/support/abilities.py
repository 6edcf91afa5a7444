"""What an endpoint can do, found out by asking it: one small call for each `needs-...` tag of the lessons.

An endpoint that lacks something seldom says so. It leaves tools unused, answers about a picture it has not seen, or
sends one choice for two. A lesson's cell would run all the same, and pass for something that did not happen.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, ImageEmbeddingsClient
from azure.ai.inference.models import (
    AudioContentItem,
    ChatCompletionsToolDefinition,
    FunctionDefinition,
    ImageContentItem,
    ImageEmbeddingInput,
    ImageUrl,
    InputAudio,
    JsonSchemaFormat,
    TextContentItem,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError
from PIL import Image

from helpers import data_url, media_path
from tests.support.lessons import Target

# The lessons' own defaults, for endpoints that know the catalogue's names.
TEXT, VISION, AUDIO = "mistral-large-2407", "Phi-3.5-vision-instruct", "Phi-4-multimodal-instruct"
EMBEDDING, PICTURES = "text-embedding-3-small", "Cohere-embed-v3-english"
OTHER = "Phi-3.5-vision-instruct"
TOWN = {"type": "object", "properties": {"town": {"type": "string"}}, "required": ["town"]}
TOOL = ChatCompletionsToolDefinition(
    function=FunctionDefinition(name="get_weather", description="The weather in a town.", parameters=TOWN)
)


class LackingError(Exception):
    """The endpoint answered, and what was asked for is not in the answer."""


class _Asker:
    """Asks one endpoint one thing at a time."""

    def __init__(self, client: ChatCompletionsClient, target: Target) -> None:
        self.client, self.target = client, target

    def plain(self, content: Any = "Say hello.", model: str = "AZURE_INFERENCE_MODEL", **options: Any) -> Any:
        default = {"AZURE_INFERENCE_VISION_MODEL": VISION, "AZURE_INFERENCE_AUDIO_MODEL": AUDIO}.get(model, TEXT)
        options.setdefault("max_tokens", 60)
        name = self.target.variables.get(model, default) if model.startswith("AZURE_") else model
        return self.client.complete(messages=[UserMessage(content)], model=name, **options)

    def text(self, *arguments: Any, **options: Any) -> str:
        return _of(self.plain(*arguments, **options)).message.content or ""

    def tools(self) -> None:
        reply = _of(self.plain("What is the weather in Ghent?", tools=[TOOL], tool_choice="required"))
        if not reply.message.tool_calls:
            raise LackingError("tools and tool_choice='required' were sent, and no tool call came back")

    def json(self) -> None:
        text = self.text("Name a town as a JSON object.", response_format="json_object")
        if not isinstance(_parsed(text), dict):
            raise LackingError("response_format='json_object' was sent, and no JSON object came back")

    def json_schema(self) -> None:
        schema = JsonSchemaFormat(name="town", schema=TOWN | {"additionalProperties": False}, strict=True)
        answer = _parsed(self.text("Name a town.", response_format=schema))
        if not isinstance(answer, dict) or set(answer) != {"town"}:
            raise LackingError("a JSON schema was sent, and what came back does not conform to it")

    def vision(self) -> None:
        red = ImageContentItem(image_url=ImageUrl(url=data_url(Image.new("RGB", (64, 64), "red"))))
        question = TextContentItem(text="Which colour is this picture? Answer in one word.")
        if "red" not in self.text([question, red], "AZURE_INFERENCE_VISION_MODEL").lower():
            raise LackingError("the answer about a red picture does not say red")

    def audio(self) -> None:
        clip = InputAudio.load(audio_file=str(media_path("train_at_nine.mp3")), audio_format="mp3")
        items = [TextContentItem(text="Please transcribe this audio clip."), AudioContentItem(input_audio=clip)]
        if "hamburg" not in self.text(items, "AZURE_INFERENCE_AUDIO_MODEL").lower():
            raise LackingError("the transcript of a clip lacks the word that is spoken in it")

    def logprobs(self) -> None:
        reply = _of(self.plain(model_extras={"logprobs": True, "top_logprobs": 2}))
        if not (reply.get("logprobs") or {}).get("content"):
            raise LackingError("log probabilities were asked for, and the answer has none")

    def n(self) -> None:
        if (count := len(self.plain(model_extras={"n": 2}).choices)) != 2:
            raise LackingError(f"2 choices were asked for, and {count} came back")

    def embeddings(self) -> None:
        with EmbeddingsClient(**self.embedder(EMBEDDING)) as client:
            _vectors(client.embed(input=["a dog", "a tax return"]))

    def image_embeddings(self) -> None:
        pictures = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
        with ImageEmbeddingsClient(**self.embedder(PICTURES)) as client:
            _vectors(client.embed(input=[ImageEmbeddingInput(image=data_url(picture)) for picture in pictures]))

    def embedder(self, default: str) -> dict[str, Any]:
        """How a client for embeddings is made: with the model that the variables name, else the lesson's own."""
        model = self.target.variables.get("AZURE_INFERENCE_EMBEDDING_MODEL", default)
        credential = AzureKeyCredential(self.target.key)
        options = {"api_version": _version(self.target), "retry_total": 1}
        return {"endpoint": self.target.endpoint, "credential": credential, "model": model, **options}

    def extras(self) -> None:
        self.plain(model_extras={"n": 1})

    def filter(self) -> None:
        if not self.plain().get("prompt_filter_results"):
            raise LackingError("the answer is not annotated by a content filter")

    def info(self) -> None:
        self.client.get_model_info()

    def model(self) -> None:
        self.plain(model=OTHER)

    def usage(self) -> None:
        usage = self.plain().usage
        if not (usage and usage.prompt_tokens and usage.completion_tokens):
            raise LackingError("the answer has no token counts")

    def stream(self) -> None:
        choices = [choice for update in self.plain(stream=True) for choice in update.choices or []]
        if not "".join(choice.delta.content or "" for choice in choices):
            raise LackingError("the stream carries no text")
        if not any(choice.get("finish_reason") for choice in choices):
            raise LackingError("the stream ends without a finish reason")


ABILITIES: dict[str, Callable[[_Asker], None]] = {
    "stream": _Asker.stream,
    "usage": _Asker.usage,
    "tools": _Asker.tools,
    "json": _Asker.json,
    "json-schema": _Asker.json_schema,
    "vision": _Asker.vision,
    "audio": _Asker.audio,
    "embeddings": _Asker.embeddings,
    "image-embeddings": _Asker.image_embeddings,
    "extras": _Asker.extras,
    "n": _Asker.n,
    "logprobs": _Asker.logprobs,
    "filter": _Asker.filter,
    "info": _Asker.info,
    "model": _Asker.model,
}


def what_it_lacks(target: Target) -> dict[str, str]:
    """The abilities that an endpoint lacks, each with the reason; {} for one that can do everything.

    Raises AssertionError when the endpoint does not answer a plain question: then there is nothing to find out.
    """
    lacking = {}
    credential = AzureKeyCredential(target.key)
    with ChatCompletionsClient(target.endpoint, credential, api_version=_version(target), retry_total=1) as client:
        asker = _Asker(client, target)
        if problem := _problem(lambda _: asker.plain(), asker):
            raise AssertionError(f"The endpoint does not answer a plain question: {problem}")
        for name, find_out in ABILITIES.items():
            if problem := _problem(find_out, asker):
                lacking[name] = problem
    return lacking


def _problem(find_out: Callable[[_Asker], Any], asker: _Asker) -> str:
    try:
        find_out(asker)
    except HttpResponseError as error:
        return asker.target.without_secrets(f"it answered {error.status_code}: {_first_line(error)}")
    except LackingError as error:
        return str(error)
    except (AzureError, ValueError, LookupError, TypeError, AttributeError) as error:  # an answer of another shape
        return asker.target.without_secrets(f"{type(error).__name__}: {_first_line(error)}")
    return ""


def _version(target: Target) -> str:
    return target.variables.get("AZURE_INFERENCE_API_VERSION", "2024-05-01-preview")


def _of(reply: Any) -> Any:
    return reply.choices[0]


def _vectors(answer: Any) -> None:
    """Two things were embedded: so there are two vectors, of one length, and they differ."""
    vectors = [list(item.embedding) for item in answer.data]
    if len(vectors) != 2:
        raise LackingError(f"2 things were to be embedded, and {len(vectors)} vector(s) came back")
    one, other = vectors
    if len(one) < 2 or len(one) != len(other) or one == other:
        raise LackingError("the vectors of two different things are the same, or of no use")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "")
