# Cut from 08-audio.ipynb, which explains it: change it there.
# Transcribe a recording, and translate it if you like.
#
# SOUND: path of a WAV or MP3 file; TRANSLATE_TO: translate into this language (optional).
# AZURE_INFERENCE_ENDPOINT, AZURE_INFERENCE_CREDENTIAL: where to ask, and the key.
# AZURE_INFERENCE_AUDIO_MODEL: a model that hears (has a default).
import base64
import os
import sys
from pathlib import Path

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import (
    AudioContentItem,
    InputAudio,
    SystemMessage,
    TextContentItem,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError

MODEL = "Phi-4-multimodal-instruct"
SYSTEM = "You are an AI assistant for translating and transcribing audio clips."


def load(path):
    """The sound as the API wants it. Raises ValueError for what is neither WAV nor MP3."""
    data = path.read_bytes()
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        kind = "wav"
    elif data[:3] == b"ID3" or (data[:1] == b"\xff" and data[1:2] >= b"\xe0"):
        kind = "mp3"
    else:
        raise ValueError("it is neither WAV nor MP3; convert it first")
    return InputAudio(data=base64.b64encode(data).decode("ascii"), format=kind)


def answer_to(client, sound, task):
    """What the model answers, or None when it was cut off or filtered."""
    items = [TextContentItem(text=task), AudioContentItem(input_audio=sound)]
    messages = [SystemMessage(SYSTEM), UserMessage(content=items)]
    choice = client.complete(messages=messages).choices[0]
    return choice.message.content if choice.finish_reason == "stop" else None


def main():
    path, language = Path(os.environ["SOUND"]), os.environ.get("TRANSLATE_TO")
    tasks = ["Please transcribe this audio clip."]
    if language:
        tasks.append(f"Please translate this audio clip to {language}.")
    try:
        sound = load(path)
        with ChatCompletionsClient(
            endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
            credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
            model=os.environ.get("AZURE_INFERENCE_AUDIO_MODEL", MODEL),
        ) as client:
            for task in tasks:
                print(answer_to(client, sound, task) or "(no complete answer)")
    except (OSError, ValueError) as error:
        print(f"{path.name} cannot be used: {error}", file=sys.stderr)
        return 1
    except HttpResponseError as error:
        reason = error.message.partition("\n")[0]
        print(f"Refused, status {error.status_code}: {reason}", file=sys.stderr)
        return 1
    return 0


if main():
    sys.exit(1)
