"""tf.signal and tf.audio against TF 1.15's nodes, numbers and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tfcompat as tf
from tests.ops.recorded_cases import check, recorded


@pytest.mark.parametrize("source, want", recorded("signal"))
def test_same_as_tf(source: str, want: dict[str, Any]) -> None:
    check(source, want)


def test_lengths_may_be_known_in_the_run_only() -> None:
    x = np.random.RandomState(0).randn(2, 30).astype(np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        n, step = tf.placeholder(tf.int32, []), tf.placeholder(tf.int32, [])
        frames = tf.signal.frame(x, n, step)
        window = tf.signal.hann_window(n)
        spectrum = tf.signal.stft(x, n, step)
        for length, hop in ((8, 4), (9, 6), (1, 1), (7, 5)):
            got = session.run([frames, window, spectrum], {n: length, step: hop})
            want = np.stack([x[:, i : i + length] for i in range(0, 30 - length + 1, hop)], 1)
            np.testing.assert_array_equal(got[0], want)
            even = length if length % 2 == 0 else length - 1
            hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / max(even, 1)) if length > 1 else np.ones(1)
            np.testing.assert_allclose(got[1], hann, atol=1e-6)
            fft_length = 2 ** int(np.ceil(np.log2(length)))
            np.testing.assert_allclose(got[2], np.fft.rfft(want * hann, fft_length), atol=1e-4)


def test_inverse_stft_undoes_stft() -> None:
    x = np.random.RandomState(1).randn(64).astype(np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        spectrum = tf.signal.stft(x, 16, 4)
        back = tf.signal.inverse_stft(spectrum, 16, 4, window_fn=tf.signal.inverse_stft_window_fn(4))
        np.testing.assert_allclose(session.run(back)[12:-12], x[12:-12], atol=1e-5)
