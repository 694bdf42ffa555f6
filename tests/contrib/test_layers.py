"""tf.contrib's layers and what goes with them. cases.txt: as in TF 1.15, recorded in cases_tf115.json.gz."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tfcompat as tf
from tests.recorded_cases import Cases

CASES = Cases(Path(__file__).with_name("cases.txt"))
X = np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 10 - 1


@CASES.parametrize()
def test_as_tensorflow(program: str) -> None:
    CASES.check(program)


def test_batch_norm_that_is_told_while_running_whether_it_trains() -> None:
    with tf.Graph().as_default():
        training = tf.placeholder(tf.bool, [])
        out = tf.contrib.layers.batch_norm(tf.constant(X), decay=0.5, is_training=training, updates_collections=None)
        moving = tf.contrib.framework.get_unique_variable("BatchNorm/moving_mean")
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            session.run(out, {training: False})
            np.testing.assert_array_equal(session.run(moving), np.zeros(4))
            trained = session.run(out, {training: True})
            np.testing.assert_allclose(session.run(moving), X.mean((0, 1)) / 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(trained.mean((0, 1)), np.zeros(4), atol=1e-5)


@pytest.mark.parametrize("through", ["optimize_loss", "create_train_op"])
def test_one_step_of_training(through: str) -> None:
    with tf.Graph().as_default():
        w = tf.get_variable("w", initializer=[3.0, 4.0])
        loss = tf.reduce_sum(w * w) / 2  # the gradient is w, of norm 5, clipped to 1
        step = tf.train.get_or_create_global_step()
        if through == "optimize_loss":
            op = tf.contrib.layers.optimize_loss(loss, step, 0.1, "SGD", clip_gradients=1.0)
        else:
            descent = tf.train.GradientDescentOptimizer(0.1)
            op = tf.contrib.slim.learning.create_train_op(loss, descent, clip_gradient_norm=1.0)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            session.run(op)
            np.testing.assert_allclose(session.run(w), [2.94, 3.92], rtol=1e-6)
            assert session.run(step) == 1


def test_variables_are_found_and_assigned(tmp_path: Path) -> None:
    framework = tf.contrib.framework
    with tf.Graph().as_default():
        with tf.variable_scope("a"):
            v = framework.model_variable("v", [2], initializer=tf.ones_initializer())
            u = framework.variable("u", [1], initializer=tf.ones_initializer())
        assert framework.get_variables("a") == [v, u]
        assert framework.get_variables_by_name("u") == [u]
        assert framework.get_variables_to_restore(exclude=["a/u"]) == framework.get_model_variables() == [v]
        assert framework.filter_variables([v, u], exclude_patterns=["/v"]) == [u]
        op, feeds = framework.assign_from_values({"a/v": np.array([3.0, 4.0])})
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            session.run(op, feeds)
            path = tf.train.Saver().save(session, str(tmp_path / "model"))
            session.run(tf.global_variables_initializer())
            framework.assign_from_checkpoint_fn(path, [v])(session)
            np.testing.assert_array_equal(session.run(v), [3.0, 4.0])
            session.run(tf.global_variables_initializer())
            session.run(*framework.assign_from_checkpoint(path, {"a/v": v}))
            np.testing.assert_array_equal(session.run(v), [3.0, 4.0])
        assert framework.list_variables(path) == [("a/u", [1]), ("a/v", [2])]
        with pytest.raises(ValueError, match=r"Checkpoint is missing variable \[b\]"):
            framework.assign_from_checkpoint(path, {"b": v})


def test_arg_scopes_nest_and_can_be_opened_again() -> None:
    framework = tf.contrib.framework

    @framework.add_arg_scope
    def f(x: int, a: int = 1, b: int = 2) -> tuple[int, int, int]:
        return x, a, b

    with framework.arg_scope([f], a=3):
        with framework.arg_scope([f], b=4) as scope:
            assert f(0) == (0, 3, 4)
            assert f(0, a=5) == (0, 5, 4)
        assert f(0) == (0, 3, 2)
    assert f(0) == (0, 1, 2)
    with framework.arg_scope(scope):
        assert f(0) == (0, 3, 4)
    assert framework.has_arg_scope(f) and framework.arg_scoped_arguments(f) == ("a", "b")
    with pytest.raises(ValueError, match="is not decorated with @add_arg_scope"), framework.arg_scope([print], a=1):
        pass


PARSED = [
    ("a=3,c=[4,5],d=yy,e=false", "a=3,b=0.5,c=[4, 5],d=yy,e=False"),
    ("a=x", "Could not parse hparam 'a' of type 'int' with value 'x' in a=x"),
    ("q=1", "Unknown hyperparameter type for q"),
    ("a=[", "Malformed hyperparameter value: a=["),
    ("a=1,a=2", "Multiple assignments to variable 'a' in a=1,a=2"),
    ("c=3", "Must pass a list for multi-valued parameter: c."),
    ("b=[1]", "Must not pass a list for single-valued parameter: b"),
    ("c[0]=1", "Must pass a list for multi-valued parameter: c."),
]


@pytest.mark.parametrize("text, expected", PARSED)
def test_hparams_are_parsed(text: str, expected: str) -> None:
    params = tf.contrib.training.HParams(a=1, b=0.5, c=[1, 2], d="x", e=True)
    try:
        found = str(params.parse(text))
    except ValueError as failure:
        found = str(failure)
    assert found == expected
