"""Training runs of every TF 1.15 optimizer from given values, written against a module argument.

A run is twenty steps of one optimizer on a tiny model, with dense gradients or with IndexedSlices that name a row
twice. `run_case(tf, case)` returns plain numbers; the recorder keeps TF 1.15's, the test replays them on tfcompat.
Python 3.7 syntax: the recorder runs this file inside TF 1.15's interpreter.
"""

import collections

import numpy as np

STEPS = 20
KEPT = (1, 2, 3, 5, 10, 20)
"""After these steps the variables and slots are kept; the loss is kept at every step."""

Case = collections.namedtuple("Case", "name optimizer gradients dtype resource")

OPTIMIZERS = {
    "gradient_descent": lambda tf, step: tf.train.GradientDescentOptimizer(0.1),
    "momentum": lambda tf, step: tf.train.MomentumOptimizer(0.05, 0.9),
    "nesterov": lambda tf, step: tf.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True),
    "adam": lambda tf, step: tf.train.AdamOptimizer(0.01),
    "adam_settings": lambda tf, step: tf.train.AdamOptimizer(0.05, beta1=0.5, beta2=0.9, epsilon=0.1),
    "adam_decayed": lambda tf, step: tf.train.AdamOptimizer(tf.train.exponential_decay(0.1, step, 5, 0.5)),
    "adagrad": lambda tf, step: tf.train.AdagradOptimizer(0.1),
    "adagrad_accumulator": lambda tf, step: tf.train.AdagradOptimizer(0.3, initial_accumulator_value=1.0),
    "adagrad_da": lambda tf, step: tf.train.AdagradDAOptimizer(0.1, step),
    "adagrad_da_regularized": lambda tf, step: tf.train.AdagradDAOptimizer(
        0.2,
        step,
        initial_gradient_squared_accumulator_value=0.5,
        l1_regularization_strength=0.02,
        l2_regularization_strength=0.03,
    ),
    "adadelta": lambda tf, step: tf.train.AdadeltaOptimizer(),
    "adadelta_settings": lambda tf, step: tf.train.AdadeltaOptimizer(1.0, rho=0.9, epsilon=1e-3),
    "rmsprop": lambda tf, step: tf.train.RMSPropOptimizer(0.01),
    "rmsprop_momentum": lambda tf, step: tf.train.RMSPropOptimizer(0.02, decay=0.8, momentum=0.5, epsilon=1e-4),
    "rmsprop_centered": lambda tf, step: tf.train.RMSPropOptimizer(0.01, centered=True),
    "rmsprop_centered_momentum": lambda tf, step: tf.train.RMSPropOptimizer(
        0.01, decay=0.7, momentum=0.6, epsilon=1e-2, centered=True
    ),
    "ftrl": lambda tf, step: tf.train.FtrlOptimizer(0.1),
    "ftrl_regularized": lambda tf, step: tf.train.FtrlOptimizer(
        0.2, l1_regularization_strength=0.02, l2_regularization_strength=0.05
    ),
    "ftrl_power": lambda tf, step: tf.train.FtrlOptimizer(
        0.1, learning_rate_power=-0.3, initial_accumulator_value=0.7, l1_regularization_strength=0.01
    ),
    "ftrl_shrinkage": lambda tf, step: tf.train.FtrlOptimizer(
        0.1, l1_regularization_strength=0.001, l2_shrinkage_regularization_strength=0.2
    ),
    "proximal_gradient_descent": lambda tf, step: tf.train.ProximalGradientDescentOptimizer(0.1),
    "proximal_gradient_descent_regularized": lambda tf, step: tf.train.ProximalGradientDescentOptimizer(
        0.1, l1_regularization_strength=0.05, l2_regularization_strength=0.1
    ),
    "proximal_adagrad": lambda tf, step: tf.train.ProximalAdagradOptimizer(0.1),
    "proximal_adagrad_regularized": lambda tf, step: tf.train.ProximalAdagradOptimizer(
        0.2, initial_accumulator_value=0.3, l1_regularization_strength=0.02, l2_regularization_strength=0.1
    ),
}


def _cases():
    for optimizer in OPTIMIZERS:
        for gradients in ("dense", "sparse"):
            for dtype in ("float32", "float64"):
                for resource in (False, True):
                    kind = "resource" if resource else "ref"
                    name = "-".join([optimizer, gradients, dtype, kind])
                    yield Case(name, optimizer, gradients, dtype, resource)


CASES = list(_cases())


def _dense_model(tf, case):
    """A linear model of two variables; returns loss and one feed per step."""
    draw = np.random.RandomState(11)
    dtype = tf.as_dtype(case.dtype)
    with tf.variable_scope("model", use_resource=case.resource):
        w = tf.get_variable("w", initializer=draw.uniform(-1, 1, (3, 2)).astype(case.dtype))
        b = tf.get_variable("b", initializer=np.array([0.5, -0.25], case.dtype))
    x = tf.placeholder(dtype, [4, 3])
    y = tf.placeholder(dtype, [4, 2])
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y))
    feeds = [{x: draw.normal(size=(4, 3)), y: draw.normal(size=(4, 2))} for _ in range(STEPS)]
    return loss, [w, b], feeds


def _sparse_model(tf, case):
    """Rows of a table against targets: two of a step's four rows are the same one, some rows are never read."""
    draw = np.random.RandomState(12)
    dtype = tf.as_dtype(case.dtype)
    with tf.variable_scope("model", use_resource=case.resource):
        table = tf.get_variable("table", initializer=draw.uniform(-1, 1, (6, 2)).astype(case.dtype))
    rows = tf.placeholder(tf.int32, [4])
    y = tf.placeholder(dtype, [4, 2])
    loss = tf.reduce_mean(tf.square(tf.gather(table, rows) - y))
    feeds = []
    for _ in range(STEPS):
        picked = draw.permutation(5)[:3]
        feeds.append({rows: np.append(picked, picked[0]), y: draw.normal(size=(4, 2))})
    return loss, [table], feeds


def run_case(tf, case):
    """Trains and returns losses, the values of variables and slots after the kept steps, and their names."""
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        loss, variables, feeds = (_dense_model if case.gradients == "dense" else _sparse_model)(tf, case)
        optimizer = OPTIMIZERS[case.optimizer](tf, step)
        train = optimizer.minimize(loss, global_step=step)
        slots = [optimizer.get_slot(v, name) for name in optimizer.get_slot_names() for v in variables]
        others = [v for v in optimizer.variables() if v.name not in {s.name for s in slots}]
        watched = variables + slots + others
        losses, values = [], {}
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for number, feed in enumerate(feeds, 1):
                losses.append(float(session.run([loss, train], feed)[0]))
                if number in KEPT:
                    values[str(number)] = [np.asarray(v).ravel().tolist() for v in session.run(watched)]
            last = int(session.run(step))
        return {
            "names": [v.op.name for v in watched],
            "slot_names": list(optimizer.get_slot_names()),
            "losses": losses,
            "values": values,
            "global_step": last,
        }
