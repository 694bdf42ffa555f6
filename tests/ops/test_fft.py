"""Fourier transforms against TF 1.15's nodes, numbers and errors. Derivatives of any order are test_all_ops' business."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tfcompat as tf
from tests.ops.recorded_cases import check, recorded


@pytest.mark.parametrize("source, want", recorded("fft"))
def test_same_as_tf(source: str, want: dict[str, Any]) -> None:
    check(source, want)


def test_a_transform_that_cuts_its_input_has_a_gradient() -> None:
    # TF 1.15 gives wrong shapes here.
    x = np.random.RandomState(0).randn(2, 7).astype(np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        a = tf.constant(x)
        power = tf.reduce_sum(tf.square(tf.abs(tf.signal.rfft(a, [4]))))
        got = session.run(tf.gradients(power, a)[0])
    spectrum = np.fft.fft(x[:, :4])
    spectrum[:, 3] = 0  # the half that is dropped
    want = np.zeros_like(x)
    want[:, :4] = 2 * 4 * np.fft.ifft(spectrum).real
    np.testing.assert_allclose(got, want, atol=1e-5)
