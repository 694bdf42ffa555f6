"""tf.signal and tf.audio against TF 1.15's nodes, numbers and errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tfcompat as tf
from tests.ops.recorded_cases import check, recorded
from tfcompat.framework.op import OPS


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


def test_spectrograms_and_cepstral_coefficients() -> None:
    rng = np.random.RandomState(16)
    x, power = rng.randn(100, 1).astype(np.float32), rng.rand(2, 3, 129).astype(np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        made = [
            OPS["AudioSpectrogram"](x, window_size=20, stride=7),
            OPS["AudioSpectrogram"](x, window_size=16, stride=20, magnitude_squared=True),
            OPS["Mfcc"](power, 22050),
            OPS["Mfcc"](
                power,
                8000,
                upper_frequency_limit=3000.0,
                lower_frequency_limit=50.0,
                filterbank_channel_count=20,
                dct_coefficient_count=5,
            ),
        ]
        got = session.run(made)
    # TF 1.15: shape, three elements, sum of absolute values.
    want = [
        ([1, 12, 17], [3.1554663, 1.816617, 1.3351662], 459.90567),
        ([1, 5, 9], [9.859428, 0.09151253, 2.4708571], 249.50198),
        ([2, 3, 13], [-10.643853, -3.1421592, 4.064325], 327.07492),
        ([2, 3, 5], [6.2550826, 5.8185844, -0.32274503], 51.541664),
    ]
    for t, value, (shape, some, total) in zip(made, got, want, strict=True):
        assert t.shape.as_list() == list(value.shape) == shape
        np.testing.assert_allclose(value.ravel()[[0, 5, -1]], some, rtol=2e-4)
        np.testing.assert_allclose(np.abs(value).sum(), total, rtol=1e-5)


def test_each_channel_of_a_spectrogram_starts_anew() -> None:
    # TF 1.15 lets what is left of one channel run into the next, and mostly fails then.
    x = np.random.RandomState(2).randn(50, 2).astype(np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        both = OPS["AudioSpectrogram"](x, window_size=16, stride=5)
        each = [OPS["AudioSpectrogram"](x[:, i : i + 1], window_size=16, stride=5) for i in range(2)]
        got, singles = session.run([both, each])
    np.testing.assert_allclose(got, np.concatenate(singles), rtol=1e-6)
