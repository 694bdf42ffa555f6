"""Records the exceptions that TF 1.15 raises for the wrong uses in `compat_suite/error_programs.py`.

Run with an interpreter that has TensorFlow 1.15:  PYTHON compat_suite/record/errors.py [--show]
"""

import gzip
import json
import os
import re
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

import tensorflow as tf  # noqa: E402

from compat_suite.error_programs import WRONG, key_phrase, message_of  # noqa: E402

OUT = os.path.join(ROOT, "compat_suite", "data", "errors.json.gz")


def record(use):
    """Class name, names of its bases and message of what one wrong use raises."""
    with tf.Graph().as_default():
        try:
            use(tf)
        except Exception as error:
            bases = [c.__name__ for c in type(error).__mro__[1:-2]]  # up to Exception
            # Stack traces say where TensorFlow is installed and nothing that a test could compare.
            message = message_of(error).split("\n\t [[")[0].split("\nOriginal stack trace")[0].split("\n\n  File")[0]
            message = re.sub(r"0x[0-9a-f]+|CustomGradient-\d+", "*", message)  # other digits in every process
            return {"class": type(error).__name__, "bases": bases, "message": message}
    return None


def main():
    tf.logging.set_verbosity(tf.logging.FATAL)
    recorded = {name: record(use) for name, use in WRONG.items()}
    if "--show" in sys.argv[1:]:
        for name, facts in recorded.items():
            print(
                f"{name} | {facts['class']} | {key_phrase(name, facts['message'])}" if facts else f"{name} | accepted"
            )
    with open(OUT, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        text = json.dumps({"tensorflow": tf.__version__, "errors": recorded}, sort_keys=True, separators=(",", ":"))
        packed.write(text.encode())
    accepted = [name for name, facts in recorded.items() if facts is None]
    print(f"{len(recorded)} wrong uses, {os.path.getsize(OUT)} bytes; accepted by TF: {', '.join(accepted)}")


if __name__ == "__main__":
    main()
