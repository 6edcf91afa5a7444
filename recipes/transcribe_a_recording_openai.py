"""Transcribe a recording with the OpenAI package (speech to text): you write the base64 and the format yourself."""

import base64
import os
import sys
from pathlib import Path

from openai import OpenAI

SOUND = Path(sys.argv[1] if len(sys.argv) > 1 else "notebooks/media/train_at_nine.wav")

client = OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

kind = "mp3" if SOUND.suffix == ".mp3" else "wav"
data = base64.b64encode(SOUND.read_bytes()).decode()
response = client.chat.completions.create(
    model=os.environ.get("AZURE_INFERENCE_AUDIO_MODEL", "gpt-4o-audio-preview"),
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Transcribe this audio."},
                {"type": "input_audio", "input_audio": {"data": data, "format": kind}},
            ],
        }
    ],
)
print(response.choices[0].message.content)
