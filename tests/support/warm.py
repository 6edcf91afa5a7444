"""What kernels are forked from: a process that has imported what the lessons import, and done nothing else."""

from __future__ import annotations

import os

os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as in a kernel, before matplotlib is imported

# ruff: noqa: F401
import azure.ai.inference.aio
import azure.ai.inference.models
import azure.ai.inference.prompts
import azure.ai.inference.tracing
import azure.identity
import ipykernel.kernelapp
import ipywidgets
import matplotlib.pyplot
import matplotlib_inline.backend_inline
import openai.resources.chat
import opentelemetry.sdk.trace.export.in_memory_span_exporter
import soundfile
import yaml
from PIL import Image, ImageDraw

import helpers.mock.service
import helpers.mock.transports.server
import helpers.widgets
