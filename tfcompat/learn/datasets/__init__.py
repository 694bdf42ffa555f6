"""`tf.contrib.learn.datasets`, as far as programs need it for their input."""

from tfcompat.learn.datasets import base, mnist

__all__ = ["base", "mnist"]
