"""`tensorflow.examples.tutorials.mnist.input_data`.

Source: TF 1.15, examples/tutorials/mnist/input_data.py.
"""

import gzip
import os
import tempfile
import urllib

import numpy

from tfcompat.learn.datasets.mnist import read_data_sets

# TensorFlow's module has no more than these either; programs take `xrange` and `urllib` from it.
xrange = range

__all__ = ["gzip", "numpy", "os", "read_data_sets", "tempfile", "urllib", "xrange"]
