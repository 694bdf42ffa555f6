"""Learning-rate schedules, moving averages and clipping on given values, written against a module argument.

Each entry is run by the recorder inside TF 1.15 (so: Python 3.7 syntax) and replayed on tfcompat by the tests.
"""

import numpy as np

STEPS = (0, 1, 3, 7, 10, 11, 19, 20, 21, 35, 60, 100, 250)

SCHEDULES = {
    "exponential": lambda tf, s: tf.train.exponential_decay(0.1, s, 10, 0.96),
    "exponential_staircase": lambda tf, s: tf.train.exponential_decay(0.1, s, 10, 0.5, staircase=True),
    "exponential_float_steps": lambda tf, s: tf.train.exponential_decay(0.1, s, 7.5, 0.9),
    "natural_exp": lambda tf, s: tf.train.natural_exp_decay(0.1, s, 10, 0.5),
    "natural_exp_staircase": lambda tf, s: tf.train.natural_exp_decay(0.1, s, 10, 0.5, staircase=True),
    "inverse_time": lambda tf, s: tf.train.inverse_time_decay(0.1, s, 10, 0.5),
    "inverse_time_staircase": lambda tf, s: tf.train.inverse_time_decay(0.1, s, 10, 0.5, staircase=True),
    "polynomial": lambda tf, s: tf.train.polynomial_decay(0.1, s, 20, 0.01),
    "polynomial_power": lambda tf, s: tf.train.polynomial_decay(0.1, s, 20, 0.01, power=0.5),
    "polynomial_cycle": lambda tf, s: tf.train.polynomial_decay(0.1, s, 20, 0.01, power=2.0, cycle=True),
    "piecewise": lambda tf, s: tf.train.piecewise_constant(s, [10, 20], [0.1, 0.01, 0.001]),
    "piecewise_alias": lambda tf, s: tf.train.piecewise_constant_decay(s, [0, 35], [1.0, 0.5, 0.1]),
    "cosine": lambda tf, s: tf.train.cosine_decay(0.1, s, 100),
    "cosine_alpha": lambda tf, s: tf.train.cosine_decay(0.1, s, 30, alpha=0.2),
    "cosine_restarts": lambda tf, s: tf.train.cosine_decay_restarts(0.1, s, 10),
    "cosine_restarts_settings": lambda tf, s: tf.train.cosine_decay_restarts(0.1, s, 10, 1.5, 0.9, 0.05),
    "cosine_restarts_even": lambda tf, s: tf.train.cosine_decay_restarts(0.1, s, 10, t_mul=1.0),
    "linear_cosine": lambda tf, s: tf.train.linear_cosine_decay(0.1, s, 100),
    "linear_cosine_settings": lambda tf, s: tf.train.linear_cosine_decay(0.1, s, 40, 2.5, 0.1, 0.01),
    # Without variance the noise is zero, so that the value is a number and not a draw.
    "noisy_linear_cosine": lambda tf, s: tf.train.noisy_linear_cosine_decay(0.1, s, 100, initial_variance=0.0),
}


def run_schedule(tf, name):
    """The learning rate at each of STEPS, with the step as an int64 variable and as an int32 tensor."""
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        by_variable = SCHEDULES[name](tf, step)
        fed = tf.placeholder(tf.int32, [])
        by_tensor = SCHEDULES[name](tf, fed)
        set_to = tf.placeholder(tf.int64, [])
        assign = tf.assign(step, set_to)
        found = {"variable": [], "tensor": [], "dtype": by_variable.dtype.name}
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for number in STEPS:
                session.run(assign, {set_to: number})
                found["variable"].append(float(session.run(by_variable)))
                found["tensor"].append(float(session.run(by_tensor, {fed: number})))
        return found


AVERAGES = {
    "plain": {"decay": 0.9},
    "slow": {"decay": 0.999},
    "num_updates": {"decay": 0.9, "num_updates": True},
    "zero_debias": {"decay": 0.9, "zero_debias": True},
    "zero_debias_num_updates": {"decay": 0.99, "num_updates": True, "zero_debias": True},
}


def run_average(tf, name):
    """Eight updates of the averages of a ref variable, a resource variable and a tensor."""
    settings = dict(AVERAGES[name])
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        if settings.pop("num_updates", False):
            settings["num_updates"] = step
        ref = tf.Variable([1.0, -2.0], name="ref")
        resource = tf.get_variable("resource", initializer=np.array([0.5, 4.0]), use_resource=True)
        tensor = tf.square(ref, name="squared")
        average = tf.train.ExponentialMovingAverage(**settings)
        update = average.apply([ref, resource, tensor])
        watched = [average.average(v) for v in (ref, resource, tensor)]
        move = tf.group(tf.assign(ref, ref * 1.1 + 0.5), resource.assign(resource * 0.9 - 1.0), tf.assign_add(step, 1))
        found = {"names": [v.op.name for v in watched], "average_name": average.average_name(ref), "values": []}
        found["restore"] = sorted(average.variables_to_restore())
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            found["initial"] = [v.tolist() for v in session.run(watched)]
            for _ in range(8):
                session.run(move)
                session.run(update)
                found["values"].append([v.tolist() for v in session.run(watched)])
        return found


X = [[3.0, -4.0, 0.5], [0.0, 12.0, -1.0]]
Y = [0.1, -0.2, 0.3, 20.0]

CLIPS = {
    "value": lambda tf, x, y: tf.clip_by_value(x, -1.0, 3.5),
    "value_of_tensors": lambda tf, x, y: tf.clip_by_value(x, [[-1.0, -2.0, 0.0]], [[1.0, 2.0, 0.2]]),
    "norm": lambda tf, x, y: tf.clip_by_norm(x, 5.0),
    "norm_within": lambda tf, x, y: tf.clip_by_norm(x, 500.0),
    "norm_axes": lambda tf, x, y: tf.clip_by_norm(x, 2.0, axes=[1]),
    "norm_of_zeros": lambda tf, x, y: tf.clip_by_norm(tf.zeros_like(x), 2.0),
    "average_norm": lambda tf, x, y: tf.clip_by_average_norm(x, 0.8),
    "average_norm_within": lambda tf, x, y: tf.clip_by_average_norm(x, 50.0),
    "global_norm": lambda tf, x, y: tf.clip_by_global_norm([x, y], 10.0),
    "global_norm_within": lambda tf, x, y: tf.clip_by_global_norm([x, y], 100.0),
    "global_norm_given": lambda tf, x, y: tf.clip_by_global_norm([x, y], 10.0, use_norm=tf.constant(40.0)),
    "global_norm_nones": lambda tf, x, y: [t for t in tf.clip_by_global_norm([x, None, y], 10.0)[0] if t is not None],
    "global_norm_alone": lambda tf, x, y: tf.global_norm([x, y]),
    "global_norm_infinite": lambda tf, x, y: tf.clip_by_global_norm([x / 0.0, y], 10.0)[1],
    "global_norm_slices": lambda tf, x, y: tf.clip_by_global_norm([tf.IndexedSlices(x, [0, 5]), y], 10.0)[0][0].values,
    "gradient_of_norm": lambda tf, x, y: tf.gradients(tf.clip_by_norm(x, 5.0) * x, x),
    "gradient_of_value": lambda tf, x, y: tf.gradients(tf.clip_by_value(x, -1.0, 3.5) * x, x),
    "gradient_of_average_norm": lambda tf, x, y: tf.gradients(tf.clip_by_average_norm(x, 0.8) * x, x),
    "gradient_of_global_norm": lambda tf, x, y: tf.gradients(tf.global_norm([x, y]), [x, y]),
}


def run_clip(tf, name):
    """The results of one clipping, flattened to lists of numbers."""
    with tf.Graph().as_default():
        x, y = tf.constant(X), tf.constant(Y)
        result = CLIPS[name](tf, x, y)
        tensors = []
        for item in result if isinstance(result, (list, tuple)) else [result]:
            tensors.extend(item if isinstance(item, (list, tuple)) else [item])
        with tf.Session() as session:
            return [np.asarray(v).ravel().tolist() for v in session.run(tensors)]
