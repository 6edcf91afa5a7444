"""The mock in a process of its own: see `--help`."""

from __future__ import annotations

import argparse
import gc
import ipaddress
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .gateway.identity import DEFAULT_KEY, IDENTITY_PATH
from .upstream.client import PATIENCE

if TYPE_CHECKING:
    from .service import Service
    from .transports.server import MockServer
    from .transports.tls import Authority

_COLLECT_AFTER = (20_000, 20, 20)  # new objects, and so on: an answer makes hundreds, and hardly ever a cycle


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM. Returns 0, or 1 when an address cannot be had; argparse exits with 2."""
    # Both only here, where the whole process is the mock's.
    gc.set_threshold(*_COLLECT_AFTER)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looked for in every package that is installed
    options = _options(argv)
    if options.new_keys:
        return _print_keys(options)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    code = 2  # for a file or a value that cannot be used; 1 for an address that cannot be had
    try:
        service = _service(options)
        code = 1
        server = _server(service, options).start()
    except (OSError, ValueError) as failure:
        print(f"The mock cannot start: {failure}", file=sys.stderr)
        return code
    gc.freeze()  # what is there now stays to the end: the collector need not look at it again and again
    print(_ready_line(server, options), flush=True)
    if options.keys or not _is_loopback(options.host):
        from .room.door import PATH

        print(f"Who is here: {server.shared_urls[-1]}{PATH} (opens with the mock's own key)", flush=True)
    if service.upstream:
        print(f"What it answers is written by {service.upstream}.", flush=True)
    # A wait without end cannot be interrupted by Ctrl-C on Windows.
    while not stopping.wait(0.5):
        if not server.running:
            print("The mock has stopped unexpectedly.", file=sys.stderr)
            return 1
    server.stop()
    return 0


def _print_keys(options: argparse.Namespace) -> int:
    from .gateway.keys import new_keys

    limits = {"tokens_per_minute": options.tokens_per_minute, "requests_per_minute": options.requests_per_minute}
    try:
        print(new_keys(options.new_keys, **limits), end="")
    except ValueError as failure:
        print(failure, file=sys.stderr)
        return 2
    return 0


# What serves is imported only when it is made: --help and a wrong option answer at once.


def _service(options: argparse.Namespace) -> Service:
    from .gateway.faults import parse_rates
    from .testing import make_service

    return make_service(
        key=options.key,
        answers=options.answers,
        models=options.models,
        keys=options.keys,
        media=options.media,
        allow_hosts=options.allow_host,
        unexpected=options.unexpected,
        tokens_per_minute=options.tokens_per_minute,
        requests_per_minute=options.requests_per_minute,
        ttft=options.ttft,
        tokens_per_second=options.pace,
        faults=parse_rates(options.fault),
        fault_seed=options.fault_seed,
        journal=not options.no_journal,
        upstream=options.upstream or "",
        **_about_upstream(options),
    )


def _about_upstream(options: argparse.Namespace) -> dict[str, Any]:
    given = {
        "upstream_model": options.upstream_model,
        "upstream_embedding_model": options.upstream_embedding_model,
        "upstream_max_tokens": options.upstream_max_tokens,
        "upstream_timeout": options.upstream_timeout,
    }
    return {name: value for name, value in given.items() if value is not None}


def _server(service: Service, options: argparse.Namespace) -> MockServer:
    from .transports.server import MockServer

    authority = _authority(options.tls_dir) if options.tls else False
    return MockServer(
        service, options.port, host=options.host, tls=authority, tls_port=options.tls_port, names=options.tls_name
    )


def _authority(folder: Path | None) -> Authority:
    from .transports.tls import authority

    return authority(folder)


def _ready_line(server: MockServer, options: argparse.Namespace) -> str:
    """One line with everything a client must be told, on other machines too. A key of one's own is not repeated."""
    public = options.key == DEFAULT_KEY
    key = DEFAULT_KEY if public else "as given"
    if not options.tls:
        return f"The mock is ready: {server.shared_urls[0]}/models (key: {key})"
    header = f"IDENTITY_HEADER={key}" if public else "IDENTITY_HEADER: the key"
    url, https_url = server.shared_urls
    # Between machines the secret goes over https: plain http can be read on the way.
    identity = server.identity_endpoint if _is_loopback(options.host) else https_url + IDENTITY_PATH
    return (
        f"The mock is ready: {url}/models and {https_url}/models (key: {key})"
        f" | CA file: {server.authority.ca_file}"
        f" | IDENTITY_ENDPOINT={identity} {header}"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# --- options ----------------------------------------------------------------------------------------------------------


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port} is not between 0 and 65535")
    return port


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is not a file")
    return path


def _host_name(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
        if len(text) > 253 or not re.fullmatch(rf"{label}(\.{label})*", text, re.IGNORECASE):
            raise argparse.ArgumentTypeError(f"{text} is neither a host name nor an address") from None
        return text


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder")
    return path


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 60:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds from 0 to 60")
    return value


def _rate(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


_FILES: dict[str, Any] = {"type": _file, "metavar": "FILE", "action": "append", "default": []}
_NUMBER: dict[str, Any] = {"type": _count, "metavar": "N"}
_OPTIONS: Mapping[str, dict[str, Any]] = {
    "--host": {"default": "127.0.0.1", "help": "address to listen on (default: %(default)s); others need a --key"},
    "--port": {"type": _port, "default": 8008, "help": "port for http; 0 takes a free one (default: %(default)s)"},
    "--key": {"help": f"API key (default: {DEFAULT_KEY})"},
    "--tls": {"action": "store_true", "help": "answer https too, under a certificate authority of the mock's own"},
    "--tls-port": {"type": _port, "help": "port for https (default: the next after --port)"},
    "--tls-name": {
        "type": _host_name,
        "metavar": "NAME",
        "action": "append",
        "default": [],
        "help": "make the certificate out to NAME too, a host name or an address (default: those of --host)",
    },
    "--tls-dir": {"type": Path, "metavar": "DIR", "help": "keep the authority in DIR and use it again"},
    "--keys": {"type": _file, "metavar": "FILE", "help": "keys and limits of participants, as TOML"},
    "--new-keys": {
        **_NUMBER,
        "help": "print such a file for N participants, with the limits given as each one's, and end",
    },
    "--models": {**_FILES, "help": "deployments of your own, as TOML"},
    "--answers": {**_FILES, "help": "scripted answers, as TOML"},
    "--unexpected": {
        "choices": ("fail", "answer"),
        "default": "fail",
        "help": "what becomes of a request that none of the --answers fits (default: %(default)s)",
    },
    "--media": {"type": _folder, "metavar": "DIR", "help": "folder whose files a request may name by address"},
    "--allow-host": {
        "metavar": "HOST",
        "action": "append",
        "default": [],
        "help": "fetch pictures and sounds that a request names from HOST (default: nothing is ever fetched)",
    },
    "--tokens-per-minute": {**_NUMBER, "help": "limit of each deployment (default: none)"},
    "--requests-per-minute": {**_NUMBER, "help": "limit of each deployment (default: none)"},
    "--ttft": {"type": _seconds, "default": 0.0, "metavar": "SECONDS", "help": "time to the first token (default: 0)"},
    "--tokens-per-second": {
        "type": _rate,
        "default": 0.0,
        "dest": "pace",
        "metavar": "N",
        "help": "pace of an answer (default: at once)",
    },
    "--fault": {
        "metavar": "FAULT=RATE",
        "action": "append",
        "default": [],
        "help": "let a part of all requests fail, such as 429=0.1 or cut=3=0.02",
    },
    "--fault-seed": {"type": int, "default": 0, "metavar": "N", "help": "which of them (default: %(default)s)"},
    "--no-journal": {"action": "store_true", "help": "note no requests under /_mock/requests"},
    "--upstream": {
        "metavar": "URL",
        "help": "let the model of a server write that speaks OpenAI's chat completions, such as"
        " http://127.0.0.1:11434/v1; its key is read from MODEL_INFERENCE_UPSTREAM_KEY",
    },
    "--upstream-model": {"metavar": "NAME", "help": "that model's name (default: the first that the server lists)"},
    "--upstream-embedding-model": {"metavar": "NAME", "help": "its model for embeddings (default: the mock's own)"},
    "--upstream-max-tokens": {**_NUMBER, "help": "the most that it is asked to write (default: what a request says)"},
    "--upstream-timeout": {
        "type": _rate,
        "metavar": "SECONDS",
        "help": f"how long it may take for the next byte (default: {PATIENCE:g})",
    },
}


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m {__package__}",
        description="A stand-in for the Azure AI Model Inference API: free, offline, deterministic.",
        epilog="A key of your own is safer in the environment variable MOCK_KEY, which no list of processes shows.",
    )
    for name, described in _OPTIONS.items():
        parser.add_argument(name, **described)
    options = parser.parse_args(argv)
    if options.key is None:
        options.key = os.environ.get("MOCK_KEY", "").strip() or DEFAULT_KEY
    if not options.key.strip():
        parser.error("the key must not be empty")
    if not _is_loopback(options.host) and options.key == DEFAULT_KEY:
        parser.error(f"--host {options.host} lets other machines in: set MOCK_KEY (or give a --key) of your own")
    if not options.tls and (options.tls_name or options.tls_dir is not None or options.tls_port is not None):
        parser.error("--tls-name, --tls-dir and --tls-port need --tls")
    if not options.upstream and _about_upstream(options):
        parser.error("the options --upstream-... need --upstream")
    if options.tls_port is None:
        options.tls_port = options.port + 1 if options.port else 0
    return options


if __name__ == "__main__":
    sys.exit(main())
