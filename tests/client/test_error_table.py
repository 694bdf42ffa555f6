"""Wrong uses raise what TF 1.15 raises (compat_suite/data/errors.json.gz): the class, its bases and the key phrase."""

from __future__ import annotations

import gzip
import json
import warnings
from pathlib import Path

import pytest

import compat_suite
import tfcompat as tf
from compat_suite.error_programs import WRONG, key_phrase, message_of

DATA = Path(compat_suite.__file__).parent / "data" / "errors.json.gz"
with gzip.open(DATA, "rt", encoding="utf-8") as lines:
    RECORDED = json.load(lines)["errors"]


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_answered_as_in_tensorflow(name: str) -> None:
    want = RECORDED[name]
    with tf.Graph().as_default(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a deprecated way to do wrong is still about the error
        if want is None:
            WRONG[name](tf)
            return
        with pytest.raises(Exception) as caught:
            WRONG[name](tf)
    bases = [c.__name__ for c in type(caught.value).__mro__]
    assert bases[0] == want["class"], message_of(caught.value)
    assert set(want["bases"]) <= set(bases)
    assert key_phrase(name, want["message"]) in message_of(caught.value)
