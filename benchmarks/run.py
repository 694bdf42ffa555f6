"""Times the workloads on tfcompat and its peers, interleaved. See README.md beside this file."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MODULES = {"tfcompat": "tfcompat", "tf1": "tensorflow", "tf2": "tensorflow.compat.v1"}


class Subject:
    """A worker process."""

    def __init__(self, name: str, python: str, workload: str) -> None:
        self.name = name
        env = dict(os.environ)
        if name == "tfcompat":
            env["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), env.get("PYTHONPATH", "")])
        else:
            env.pop("PYTHONPATH", None)
        self.process = subprocess.Popen(
            [python, str(HERE / "worker.py"), MODULES[name], workload],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env,
        )
        self.times: list[float] = []
        self.check: list[float] = self._answer()["check"]

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} died; run its worker by hand to see why")
        return json.loads(line)

    def slice(self, seconds: float) -> None:
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        self.times.append(self._answer()["median"])

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)


def same(a: list[float], b: list[float], tolerance: float = 1e-3) -> bool:
    return len(a) == len(b) and all(abs(x - y) <= tolerance * max(1e-6, abs(x), abs(y)) for x, y in zip(a, b))


def measure(workload: str, peers: dict[str, str], rounds: int, seconds: float) -> dict:
    """One row of the table. Raises SystemExit when two subjects disagree about the numbers."""
    subjects = [Subject("tfcompat", sys.executable, workload)]
    subjects += [Subject(name, python, workload) for name, python in peers.items()]
    for peer in subjects[1:]:
        if not same(subjects[0].check, peer.check):
            raise SystemExit(f"{workload}: tfcompat computes {subjects[0].check}, {peer.name} {peer.check}")
    for n in range(rounds):
        turn = n % len(subjects)
        for subject in subjects[turn:] + subjects[:turn]:
            subject.slice(seconds)
    row = {"workload": workload, "times": {s.name: s.times for s in subjects}}
    for s in subjects:
        s.close()
    return row


def show(rows: list[dict], peers: list[str]) -> str:
    head = ["workload", "tfcompat (us)"]
    for p in peers:
        head += [f"{p} (us)", f"{p} / tfcompat (median, least..greatest)"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        ours = row["times"]["tfcompat"]
        cells = [row["workload"], f"{statistics.median(ours) * 1e6:.1f}"]
        for p in peers:
            theirs = row["times"][p]
            ratios = [t / o for t, o in zip(theirs, ours)]
            cells.append(f"{statistics.median(theirs) * 1e6:.1f}")
            cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="workloads (all)")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON", help="tf1=... or tf2=...")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--slice", type=float, default=0.5, help="seconds a slice")
    parser.add_argument("--out", help="also write the measurements as JSON")
    args = parser.parse_args()
    sys.path.insert(0, str(HERE))
    from workloads import WORKLOADS

    peers = dict(p.split("=", 1) for p in args.peer)
    unknown = set(peers) - set(MODULES)
    if unknown:
        parser.error(f"unknown peer {', '.join(sorted(unknown))}: use tf1 or tf2")
    rows = [measure(name, peers, args.rounds, args.slice) for name in args.names or WORKLOADS]
    print(show(rows, list(peers)))
    if args.out:
        pathlib.Path(args.out).write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
