"""Records the values of `compat_suite/gradient_examples.py` from TF 1.15, and checks the documented ones there.

Run with an interpreter that has TensorFlow 1.15:  PYTHON compat_suite/record/gradients.py [--only NAME]
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

from compat_suite.examples import MISSING  # noqa: E402
from compat_suite.examples.running import run, same  # noqa: E402
from compat_suite.gradient_examples import EXAMPLES  # noqa: E402

OUT = os.path.join(ROOT, "compat_suite", "data", "gradients.json.gz")


def in_eager_mode(name):
    """Runs one example in a process of its own, where eager execution is on."""
    command = [sys.executable, "-m", "compat_suite.examples.running", "tensorflow", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-300:])
    return json.loads(done.stdout.decode().splitlines()[-1])


def main():
    import tensorflow as tf

    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    args = parser.parse_args()
    tf.logging.set_verbosity(tf.logging.FATAL)
    recorded, wrong, refused = {}, [], []
    for name, entry in EXAMPLES.items():
        if args.only and name != args.only:
            continue
        try:
            got = in_eager_mode(name) if entry.eager else run(tf, entry)
        except Exception as error:
            text = f"{name}: {type(error).__name__}: {str(error)[:200]}"
            (refused if entry.beyond else wrong).append(text)
            continue
        if args.only:
            print(json.dumps(got))
            return 0
        if entry.beyond and not same(got, entry.value):
            refused.append(f"{name}: TF gives {got}")
        elif entry.value is not MISSING and not same(got, entry.value):
            wrong.append(f"{name}: TF gives {json.dumps(got)}, documented {json.dumps(entry.value)}")
        if not entry.beyond:
            recorded[name] = got
    with open(OUT, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        text = json.dumps({"tensorflow": tf.__version__, "values": recorded}, sort_keys=True, separators=(",", ":"))
        packed.write(text.encode())
    print(f"{len(EXAMPLES)} examples, {len(recorded)} recorded, {os.path.getsize(OUT)} bytes")
    print("beyond TF 1.15:", *refused, sep="\n  ")
    print("not as documented:", *wrong, sep="\n  ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
