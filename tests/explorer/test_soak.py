"""Many inputs of many pages at once: every last one is answered, nothing fails, and memory stays bounded."""

import asyncio
import json
import random
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import server

from usadel.explorer.answers.wire import unpack

client = pytest.importorskip("websockets.asyncio.client", reason="websockets is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the size of a process from /proc"),
]
PAGES, INPUTS, ROUNDS = 5, 200, 2
PATHS = ("S.spin_voltage", "mixing", "temperature", "S.length")


def megabytes(process):
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


async def page(address, seed):
    """Inputs of one page; the number of the last answer, and how often something failed."""
    parts, draw = urlsplit(address), random.Random(seed)
    seen = {"profiles": 0, "fault": 0}

    async def read(socket):
        async for message in socket:
            header, _ = unpack(message)
            if header["kind"] == "profiles":
                seen["profiles"] = header["sequence"]
            seen["fault"] += header["kind"] == "fault"

    where = f"ws://{parts.netloc}/socket?{parts.query}"
    async with client.connect(where, origin=f"http://{parts.netloc}", max_size=None) as socket:
        reading = asyncio.create_task(read(socket))
        await socket.send(json.dumps({"kind": "hello", "sequence": 1}))
        for k in range(2, INPUTS + 2):
            kind = draw.choice(["set"] * 9 + ["undo", "redo", "fresh", "follow"])
            changes = {draw.choice(PATHS): f"{draw.uniform(0.05, 1.1):.3f}"}
            await socket.send(json.dumps({"kind": kind, "sequence": k, "changes": changes, "gesture": k // 10}))
            await asyncio.sleep(0.7 if k % 10 == 0 else draw.choice([0.005, 0.02, 0.1, 0.3]))
        for _ in range(300):
            if seen["profiles"] == INPUTS + 1:
                break
            await asyncio.sleep(0.1)
        reading.cancel()
    return seen["profiles"], seen["fault"]


def test_two_thousand_inputs(paper):
    async def pages(address, first):
        return await asyncio.gather(*(page(address, first + k) for k in range(PAGES)))

    sizes = []
    with server(str(paper)) as (process, address):
        for k in range(ROUNDS):
            assert asyncio.run(pages(address, 100 * k)) == PAGES * [(INPUTS + 1, 0)]
            sizes.append(megabytes(process))
    print("MB", sizes)
    assert sizes[-1] < sizes[0] + 60  # steps back of pages that are gone are gone
    assert sizes[-1] < 700
