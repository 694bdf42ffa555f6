"""What the optimizers of tf.train do besides their arithmetic: nodes, slots, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tfcompat as tf

OPTIMIZERS = {
    "GradientDescent": (tf.train.GradientDescentOptimizer, (0.1,), []),
    "Momentum": (tf.train.MomentumOptimizer, (0.1, 0.9), ["momentum"]),
    "Adam": (tf.train.AdamOptimizer, (), ["m", "v"]),
    "Adagrad": (tf.train.AdagradOptimizer, (0.1,), ["accumulator"]),
    "Adadelta": (tf.train.AdadeltaOptimizer, (), ["accum", "accum_update"]),
    "RMSProp": (tf.train.RMSPropOptimizer, (0.1,), ["momentum", "rms"]),
    "Ftrl": (tf.train.FtrlOptimizer, (0.1,), ["accum", "linear"]),
    "ProximalAdagrad": (tf.train.ProximalAdagradOptimizer, (0.1,), ["accumulator"]),
    "ProximalGradientDescent": (tf.train.ProximalGradientDescentOptimizer, (0.1,), []),
}


def square_of(*variables: Any) -> Any:
    return tf.add_n([tf.reduce_sum(tf.square(v)) for v in variables])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_names_of_nodes_and_slots(name: str) -> None:
    kind, args, slots = OPTIMIZERS[name]
    with tf.Graph().as_default() as graph:
        w = tf.Variable([1.0, 2.0], name="w")
        optimizer = kind(*args)
        train = optimizer.minimize(square_of(w))
        assert train.name == name and train.type == "NoOp"
        assert optimizer.get_name() == name and optimizer.get_slot_names() == slots
        assert graph.get_operation_by_name(f"{name}/update_w/Apply{name}").inputs[0] is w._ref()
        made = {optimizer.get_slot(w, slot).op.name for slot in slots}
        assert made == {f"w/{name}", f"w/{name}_1"} if len(slots) == 2 else made == {f"w/{name}" for _ in slots}
        assert optimizer.get_slot(w, "none") is None
        assert graph.get_collection("train_op") == [train]
        assert set(optimizer.variables()) >= {optimizer.get_slot(w, slot) for slot in slots}
        assert not [v for v in optimizer.variables() if v in tf.trainable_variables()]


def test_the_global_step_is_counted_last() -> None:
    with tf.Graph().as_default() as graph, tf.Session() as session:
        w = tf.Variable([1.0, 2.0], name="w")
        step = tf.train.get_or_create_global_step()
        train = tf.train.GradientDescentOptimizer(0.1).minimize(square_of(w), global_step=step, name="train")
        assert train.type == "AssignAdd" and train.name == "train"
        # The one that is added waits for the updates, and the addition for it.
        assert train.inputs[1].op.control_inputs == [graph.get_operation_by_name("train/update")]
        session.run(tf.global_variables_initializer())
        session.run([train, train])
        assert session.run(step) == 1
        np.testing.assert_allclose(session.run(w), [0.8, 1.6])


def test_gates() -> None:
    with tf.Graph().as_default():
        a, b = tf.Variable([1.0]), tf.Variable([2.0])
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        for gate, kind in ((0, "Mul"), (1, "Identity"), (2, "Identity")):
            (gradient, var), _ = optimizer.compute_gradients(tf.reduce_sum(a * b), gate_gradients=gate)
            assert var is a and gradient.op.type in (kind, "Reshape")
        with pytest.raises(ValueError, match="gate_gradients must be one of"):
            optimizer.compute_gradients(tf.reduce_sum(a), gate_gradients=3)


def test_gradients_of_tensors_and_functions() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.get_variable("w", initializer=[3.0], use_resource=True)
        tf.get_variable("unused", initializer=[1.0], use_resource=True)
        doubled = w * 2.0
        optimizer = tf.train.GradientDescentOptimizer(0.5)
        ((gradient, target),) = optimizer.compute_gradients(tf.square(doubled), var_list=[doubled])
        assert target is doubled
        pairs = optimizer.compute_gradients(lambda: tf.reduce_sum(tf.square(w)))
        assert [v for _, v in pairs] == [w]
        train = optimizer.apply_gradients(pairs)
        session.run(tf.global_variables_initializer())
        assert session.run(gradient).tolist() == [12.0]
        session.run(train)
        assert session.run(w).tolist() == [0.0]
        with pytest.raises(NotImplementedError, match="Trying to update a Tensor"):
            optimizer.apply_gradients([(gradient, target)])


@pytest.mark.parametrize("resource", [False, True])
def test_constraints(resource: bool) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.get_variable(
            "w", initializer=[3.0, 0.1], use_resource=resource, constraint=lambda x: tf.clip_by_value(x, 0.5, 1.0)
        )
        train = tf.train.GradientDescentOptimizer(0.01).minimize(square_of(w))
        session.run(tf.global_variables_initializer())
        session.run(train)
        assert session.run(w).tolist() == [1.0, 0.5]
        sparse = tf.reduce_sum(tf.gather(w, [0]))
        with pytest.raises(RuntimeError, match="Cannot use a constraint function on a sparse variable"):
            tf.train.GradientDescentOptimizer(0.01).minimize(sparse)


def test_callable_settings_and_locks() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.Variable([1.0])
        optimizer = tf.train.AdamOptimizer(lambda: 0.1, beta1=lambda: 0.9, beta2=lambda: 0.999, use_locking=True)
        train = optimizer.minimize(square_of(w))
        session.run(tf.global_variables_initializer())
        session.run(train)
        np.testing.assert_allclose(session.run(w), [0.9], rtol=1e-5)


def test_a_learning_rate_can_be_fed() -> None:
    with tf.Graph().as_default() as graph, tf.Session() as session:
        w = tf.Variable([1.0])
        tf.train.GradientDescentOptimizer(0.5).minimize(square_of(w))
        session.run(tf.global_variables_initializer())
        session.run("GradientDescent", {graph.get_tensor_by_name("GradientDescent/learning_rate:0"): 0.25})
        assert session.run(w).tolist() == [0.5]


def test_subclasses_of_users() -> None:
    class Sign(tf.train.Optimizer):
        def __init__(self) -> None:
            super().__init__(False, "Sign")

        def _create_slots(self, var_list: Any) -> None:
            for v in var_list:
                self._zeros_slot(v, "seen", "Seen")

        def _prepare(self) -> None:
            self._rate = tf.convert_to_tensor(0.5, name="rate")

        def _apply_dense(self, grad: Any, var: Any) -> Any:
            seen = self.get_slot(var, "seen").assign_add(tf.abs(grad))
            return tf.group(var.assign_sub(self._rate * tf.sign(grad)), seen)

    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.Variable([1.0, -2.0], name="w")
        optimizer = Sign()
        train = optimizer.minimize(square_of(w))
        session.run(tf.global_variables_initializer())
        session.run(train)
        assert session.run(w).tolist() == [0.5, -1.5]
        assert session.run("w/Seen:0").tolist() == [2.0, 4.0]
        r = tf.get_variable("r", initializer=[1.0], use_resource=True)
        with pytest.raises(NotImplementedError):
            optimizer.minimize(square_of(r), var_list=[r])


def test_slots_of_parts_are_parts(tmp_path: Any) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        with tf.variable_scope("p", partitioner=tf.fixed_size_partitioner(2)):
            w = tf.get_variable("w", [4, 1])
        tf.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(tf.convert_to_tensor(w)))
        session.run(tf.global_variables_initializer())
        path = tf.train.Saver().save(session, str(tmp_path / "m"))
        assert dict(tf.train.list_variables(path)) == {"p/w": [4, 1], "p/w/Momentum": [4, 1]}


def test_errors() -> None:
    with tf.Graph().as_default():
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        with pytest.raises(ValueError, match="No variables to optimize"):
            optimizer.minimize(tf.constant(1.0))
        w = tf.Variable([1.0], name="w")
        with pytest.raises(
            ValueError, match="No gradients provided for any variable, check your graph for ops that"
        ) as e:
            optimizer.minimize(tf.constant(1.0))
        assert "'w:0' shape=(1,) dtype=float32_ref" in str(e.value)
        with pytest.raises(ValueError, match="Invalid type tf.int32 for .*, expected"):
            optimizer.minimize(tf.constant(1))
        with pytest.raises(ValueError, match="No variables provided"):
            optimizer.apply_gradients([])
        with pytest.raises(ValueError, match="No gradients provided for any variable: "):
            optimizer.apply_gradients([(None, w)])
        with pytest.raises(TypeError, match="Gradient must be convertible to a Tensor or IndexedSlices, or None"):
            optimizer.apply_gradients([(object(), w)])
        with pytest.raises(ValueError, match="Must specify the optimizer name"):
            tf.train.Optimizer(False, "")
        for make, message in [
            (lambda: tf.train.AdagradOptimizer(0.1, 0.0), "initial_accumulator_value must be positive: 0.0"),
            (lambda: tf.train.FtrlOptimizer(0.1, learning_rate_power=0.5), "needs to be negative or zero"),
            (lambda: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-1.0), "needs to be positive or zero"),
        ]:
            with pytest.raises(ValueError, match=message):
                make()


def test_piecewise_constant_wants_equal_types() -> None:
    with tf.Graph().as_default():
        x = tf.constant(1)
        with pytest.raises(ValueError, match="The length of boundaries should be 1 less than the length of values"):
            tf.train.piecewise_constant(x, [1, 2], [1.0, 2.0])
        with pytest.raises(ValueError, match="Boundaries .* must have the same dtype as x"):
            tf.train.piecewise_constant(x, [1.0], [1.0, 2.0])
        with pytest.raises(ValueError, match="Values must have elements all with the same dtype"):
            tf.train.piecewise_constant(x, [1], [1.0, 2])


def test_the_global_step() -> None:
    with tf.Graph().as_default() as graph, tf.Session() as session:
        assert tf.train.get_global_step() is None
        with tf.variable_scope("scope"), tf.name_scope("names"):
            step = tf.train.create_global_step()
        assert step.name == "scope/global_step:0" and step.dtype.base_dtype == tf.int64
        assert tf.train.get_or_create_global_step(graph) is step
        with pytest.raises(ValueError, match='"global_step" already exists'):
            tf.train.create_global_step()
        session.run(step.initializer)
        assert tf.train.global_step(session, step) == 0
        with pytest.raises(TypeError, match='Existing "global_step" does not have integer type'):
            tf.train.assert_global_step(tf.constant(1.0))
        with pytest.raises(TypeError, match='Existing "global_step" is not scalar'):
            tf.train.assert_global_step(tf.constant([1]))
        with pytest.raises(TypeError, match='Existing "global_step" must be a Variable or Tensor'):
            tf.train.assert_global_step(1)  # type: ignore[arg-type]


def test_averages_of_wrong_types() -> None:
    with tf.Graph().as_default():
        average = tf.train.ExponentialMovingAverage(0.9)
        v = tf.Variable(1)
        with pytest.raises(TypeError, match="The variables must be half, float, or double: Variable:0"):
            average.apply([v])
        assert average.average(v) is None
        assert average.average_name(v) == "Variable/ExponentialMovingAverage"
