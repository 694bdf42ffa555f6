"""Prints what TensorFlow gives for the pipelines: run with the interpreter of TensorFlow 1.15."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pipelines
import tensorflow as tf

if __name__ == "__main__":
    print(json.dumps({name: pipelines.walks(tf, name) for name in pipelines.CASES}, indent=0))
