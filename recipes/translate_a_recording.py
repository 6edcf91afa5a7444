"""Translate a recording in one step: the model hears one language and writes another."""

import os
import sys

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import AudioContentItem, InputAudio, TextContentItem, UserMessage
from azure.core.credentials import AzureKeyCredential

SOUND = sys.argv[1] if len(sys.argv) > 1 else "notebooks/media/train_at_nine.mp3"

client = ChatCompletionsClient(
    endpoint=os.environ["AZURE_INFERENCE_ENDPOINT"],
    credential=AzureKeyCredential(os.environ["AZURE_INFERENCE_CREDENTIAL"]),
    model=os.environ.get("AZURE_INFERENCE_AUDIO_MODEL", "Phi-4-multimodal-instruct"),
)

sound = InputAudio.load(audio_file=SOUND, audio_format=SOUND.rpartition(".")[2])
task = TextContentItem(text="Translate this audio into German.")
response = client.complete(messages=[UserMessage([task, AudioContentItem(input_audio=sound)])])
print(response.choices[0].message.content)
