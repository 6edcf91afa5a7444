"""JupyterHub for a class on one machine: each participant of keys.toml has a JupyterLab, and all share one mock.

`python3 tasks.py hub` starts it. What differs from room to room is said in variables of the environment:

MOCK_KEY        the teacher's own key of the mock, which opens its page /_mock/room (no default)
ROOM_KEYS       the participants: what `python -m helpers.mock --new-keys 30` prints (keys.toml)
ROOM_STATE      where homes, work and the hub's database are kept (build/room, in COURSE_HOME where that is set)
ROOM_BIND       where the hub listens (http://127.0.0.1:8000)
ROOM_MOCK_PORT  where the mock does, on this machine only (8008, and https on the next)
ROOM_MOCK       more options of the mock, such as --upstream http://127.0.0.1:11434/v1

Participants sign in with their name and their own key as the password. All of them work as the user who starts the hub:
good for a class that trusts each other, on a machine that holds nothing else.
"""

import os
import shlex
import shutil
import sys
from hmac import compare_digest
from pathlib import Path

from jupyterhub.auth import Authenticator
from traitlets.config import get_config

from commands.setup.places import BUILD
from helpers.mock.gateway.keys import read_keys

c = get_config()
ROOT = Path(__file__).resolve().parents[2]
BESIDE_THIS_PYTHON = Path(sys.executable).parent

key = os.environ.get("MOCK_KEY", "").strip()
if not key:
    sys.exit("Set MOCK_KEY, the teacher's own key: make one up, as long as you like, and keep it.")
people = read_keys(Path(os.environ.get("ROOM_KEYS", ROOT / "keys.toml")), own=key)
state = Path(os.environ.get("ROOM_STATE", BUILD / "room")).resolve()
state.mkdir(parents=True, exist_ok=True, mode=0o700)
port = int(os.environ.get("ROOM_MOCK_PORT", "8008"))


class KeyAuthenticator(Authenticator):
    """A participant signs in with the name and the key of the file."""

    def normalize_username(self, username):
        return username  # names are as the file writes them

    async def authenticate(self, handler, data):
        participant = people.get(data["username"])
        known = participant is not None and compare_digest(participant.key.encode(), data["password"].encode())
        return data["username"] if known else None


def welcome(spawner):
    """Give a newcomer lessons and recipes of their own, and everybody the endpoint with their key."""
    home = Path(spawner.home_dir)
    for name in ("notebooks", "recipes"):
        if not (home / name).exists():
            shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    spawner.environment = {
        "AZURE_INFERENCE_ENDPOINT": f"https://127.0.0.1:{port + 1}/models",
        "AZURE_INFERENCE_CREDENTIAL": people[spawner.user.name].key,
        "IDENTITY_ENDPOINT": f"https://127.0.0.1:{port + 1}/msi/token",  # for lesson 01, which signs in with Entra ID
        "IDENTITY_HEADER": people[spawner.user.name].key,
        "REQUESTS_CA_BUNDLE": str(state / "tls" / "bundle.pem"),
        "SSL_CERT_FILE": str(state / "tls" / "bundle.pem"),
        "NO_PROXY": "127.0.0.1,localhost",
    }


c.JupyterHub.bind_url = os.environ.get("ROOM_BIND", "http://127.0.0.1:8000")
c.JupyterHub.db_url = f"sqlite:///{state / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(state / "cookie-secret")
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")
c.ConfigurableHTTPProxy.command = [str(BESIDE_THIS_PYTHON / "configurable-http-proxy")]

c.JupyterHub.authenticator_class = KeyAuthenticator
c.Authenticator.allowed_users = set(people)

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{state}/homes/{{username}}"
c.Spawner.cmd = [str(BESIDE_THIS_PYTHON / "jupyterhub-singleuser")]
c.Spawner.args = ["--allow-root"] if getattr(os, "getuid", lambda: 1)() == 0 else []  # in a container one often is
c.Spawner.notebook_dir = f"{state}/homes/{{username}}"
c.Spawner.default_url = "/lab/tree/notebooks/00-start-here.ipynb"
c.Spawner.pre_spawn_hook = welcome

mock = ["-m", "helpers.mock", "--port", str(port), "--keys", os.environ.get("ROOM_KEYS", str(ROOT / "keys.toml"))]
mock += [
    "--tls",
    "--tls-dir",
    str(state / "tls"),
    "--media",
    str(ROOT / "notebooks" / "media"),
    *shlex.split(os.environ.get("ROOM_MOCK", "")),
]
upstream = "MODEL_INFERENCE_UPSTREAM_KEY"
c.JupyterHub.services = [
    {
        "name": "mock",  # the hub starts it again should it end
        "command": [sys.executable, *mock],
        "environment": {"MOCK_KEY": key, **({upstream: os.environ[upstream]} if upstream in os.environ else {})},
        "cwd": str(Path.cwd()),
    }
]
