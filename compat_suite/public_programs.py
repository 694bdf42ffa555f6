"""Public TF1 programs that are run unmodified, and how the losses they print are read. Nothing of them is kept here."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

_EXAMPLES = "aymericdamien/TensorFlow-Examples"
_LOSS = r"(?:[Ll]oss|cost)\s*[=:]\s*([-+0-9.eEnaif]+)"


@dataclass(frozen=True)
class Program:
    """One script of a repository.

    Losses must agree to 2 %. Where rounding grows from step to step, so that two runs of TensorFlow itself (on one and
    on two cores) end up further apart, `steady` says how many of the first losses must; the later ones to `spread`.
    """

    name: str
    repository: str
    script: str
    loss: str = _LOSS
    steady: int | None = None
    spread: float = 0.02
    needs_mnist: bool = True


PROGRAMS = (
    Program("logistic_regression", _EXAMPLES, "tensorflow_v1/examples/2_BasicModels/logistic_regression.py"),
    # Weights of standard deviation 1, losses of 60,000: two runs of TF 1.15 differ by 20 % from step 190 on.
    Program(
        "convolutional_network_raw",
        _EXAMPLES,
        "tensorflow_v1/examples/3_NeuralNetworks/convolutional_network_raw.py",
        steady=7,
        spread=0.25,
    ),
    Program("recurrent_network", _EXAMPLES, "tensorflow_v1/examples/3_NeuralNetworks/recurrent_network.py"),
    Program("linear_regression", _EXAMPLES, "tensorflow_v1/examples/2_BasicModels/linear_regression.py", needs_mnist=False),
    Program(
        "multilayer_perceptron",
        _EXAMPLES,
        "tensorflow_v1/examples/3_NeuralNetworks/multilayer_perceptron.py",
        steady=3,
        spread=0.1,
    ),
    Program("autoencoder", _EXAMPLES, "tensorflow_v1/examples/3_NeuralNetworks/autoencoder.py"),
    # Two runs of TF 1.15 differ by 32 % at step 200.
    Program(
        "neural_network_raw",
        _EXAMPLES,
        "tensorflow_v1/examples/3_NeuralNetworks/neural_network_raw.py",
        steady=1,
        spread=0.5,
    ),
)


def folder(program: Program, root: Path) -> Path | None:
    """Where the repository is checked out below `root`: `owner+name`, `owner/name` or `name`."""
    owner, name = program.repository.split("/")
    for candidate in (root / f"{owner}+{name}", root / owner / name, root / name):
        if (candidate / program.script).is_file():
            return candidate
    return None


def losses(program: Program, output: str) -> list[float]:
    """Every loss that the program printed, in order."""
    return [float(text) for text in re.findall(program.loss, output)]


def run(command: list[str], script: Path, seconds: float) -> tuple[int, str]:
    """The exit status and output of a run. Plots go nowhere."""
    env = {**os.environ, "MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [*command, script.name], cwd=script.parent, env=env, timeout=seconds, capture_output=True, text=True
    )
    return done.returncode, done.stdout + (done.stderr[-2000:] if done.returncode else "")


def compare(ours: list[float], theirs: list[float]) -> float:
    """The worst relative difference between two lists of losses; infinite when they are not equally long."""
    if len(ours) != len(theirs) or not ours:
        return float("inf")
    return max(abs(a - b) / max(abs(b), 1e-6) for a, b in zip(ours, theirs))
