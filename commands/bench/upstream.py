"""What a model behind the mock costs: an upstream that answers at once, beside the mock's own answers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

import load
import questions
import servers
from rows import Row


def measure(turns: int, requests: int, words: int, folder: Path) -> Iterator[Row]:
    """A long stream, by the processor time of a chunk; an answer and a first token, by what they come later."""
    own, behind = [], []
    with servers.mock(folder) as plain:
        probe = load.run(plain.url, islice(questions.long_streams(901, words), 2))
        with servers.writer(probe.events // probe.answers, folder) as model, servers.mock(folder, model) as mock:
            for turn in range(turns + 1):
                asked = list(islice(questions.long_streams(turn, words), max(1, requests // 100)))
                for server, costs in ((plain, own), (mock, behind)):
                    before = server.processor_time()
                    outcome = load.run(server.url, asked)
                    if outcome.errors:
                        raise RuntimeError(f"requests were not answered: {outcome.errors[:1]}")
                    costs.append((server.processor_time() - before) / outcome.events)
    cost, least = median(behind[turns > 1 :]), median(own[turns > 1 :])
    detail = f"{cost * 1e6:,.0f} µs of processor time, by itself {least * 1e6:,.0f} µs"
    yield Row("chunk of an upstream's stream, to the mock's own", cost / least, "times", 1.2, detail)
    with servers.writer(1, folder) as model, servers.mock(folder, model) as mock:
        for what, streamed in (("an answer", False), ("the first token", True)):
            asked = list(islice(questions.short(5, streamed), requests // 2))
            through, direct = (median(load.run(server.url, asked).latencies) for server in (mock, model))
            detail = f"{through * 1e3:.2f} ms, the upstream alone {direct * 1e3:.2f} ms"
            yield Row(f"what an upstream's answer takes longer: {what}", (through - direct) * 1e3, "ms", 2, detail)
