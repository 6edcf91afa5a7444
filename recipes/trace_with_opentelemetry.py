"""Trace calls with OpenTelemetry: a span for each call, with model, tokens and time. Needs the two packages below."""

# pip install opentelemetry-sdk azure-core-tracing-opentelemetry

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.ai.inference.tracing import AIInferenceInstrumentor
from azure.core.credentials import AzureKeyCredential
from azure.core.settings import settings
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

spans = InMemorySpanExporter()  # for real: OTLPSpanExporter, which sends them to a collector
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)
settings.tracing_implementation = "opentelemetry"
AIInferenceInstrumentor().instrument()  # texts are left out, unless you set enable_content_recording=True

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
)

client.complete(
    messages=[UserMessage("How many metres is 3 km?")],
    model=os.environ.get("AZURE_INFERENCE_MODEL", "gpt-4o"),  # a span knows only a model that the call names
)
for span in spans.get_finished_spans():
    for name, value in (span.attributes or {}).items():
        if name.startswith("gen_ai.usage"):
            print(f"{span.name}: {name} = {value}")
