"""Publishes again and again, for tests that kill it: publisher.py <folder> <times> <exchange | two steps>."""

import hashlib
import json
import os
import sys
from pathlib import Path

from sendanalysis.publishing import place


def publish(target, number):
    with place.publication(target) as folder:
        hashes = {}
        for page in range(5):
            content = f"{os.getpid()} {number} {page}".encode()
            (folder / f"{page}.html").write_bytes(content)
            hashes[f"{page}.html"] = hashlib.sha256(content).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(hashes), encoding="utf-8")


def main(target, times, kind):
    if kind == "two steps":
        place.exchange = lambda *_: False
    for number in range(int(times)):
        publish(Path(target), number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
