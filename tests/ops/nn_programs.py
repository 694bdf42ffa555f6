"""Programs about neural network functions, with results that TF 1.15 recorded.

`PROGRAMS[name](tf, draw)` builds in a fresh default graph and returns tensors to fetch; `draw(2, 3, low=-1)` gives
random float32 arrays. `ERRORS[name](tf, draw)` raises while it builds or when what it returns is run. Both
compat_suite/record/nn.py (inside TF 1.15, Python 3.7) and test_nn.py run them.
"""

import numpy as np

PROGRAMS = {}
ERRORS = {}

# Where our gradient rule has other nodes than TF's: the values are compared, the nodes are not.
OTHER_NODES = {
    "softmax_cross_entropy_second",  # also the second derivative by the labels
    "fused_batch_norm_second",  # written down instead of taken from a tape
    "fused_batch_norm_inference_second",
    "zero_fraction",  # cond is another construct
    "safe_embedding_lookup_sparse",  # static shapes known earlier
    "embedding_lookup_sparse_parts",
    "embedding_lookup_parts_of_variables",
    "fractional_max_pool_0",
}


def program(title, *args, **kwargs):
    """Registers a program, or (with arguments) one program that calls the function with them."""

    def register(fn):
        assert title not in PROGRAMS, title
        PROGRAMS[title] = lambda tf, draw: fn(tf, draw, *args, **kwargs)
        return fn

    return register


def error(fn):
    ERRORS[fn.__name__] = fn
    return fn


def size(t):
    return t.shape.as_list()


def derivatives(tf, draw, y, xs, second=False):
    """y, its gradients from random ones, and with `second` those of the gradients."""
    grads = tf.gradients(y, xs, tf.constant(draw(*size(y))))
    out = [y] + grads
    if second:
        present = [g for g in grads if g is not None]
        twice = tf.gradients(present, xs, [tf.constant(draw(*size(g))) for g in present])
        out += [g for g in twice if g is not None]
    return out


# --- activations ---------------------------------------------------------------------------------------------------


def activation(tf, draw, function, dims):
    x = tf.constant(draw(*dims, low=-6, high=8))
    return derivatives(tf, draw, function(tf, x), [x], second=True)


for _name, _function in {
    "relu": lambda tf, x: tf.nn.relu(x),
    "relu6": lambda tf, x: tf.nn.relu6(x),
    "elu": lambda tf, x: tf.nn.elu(x),
    "selu": lambda tf, x: tf.nn.selu(x),
    "softplus": lambda tf, x: tf.nn.softplus(x),
    "leaky_relu": lambda tf, x: tf.nn.leaky_relu(x),
    "leaky_relu_steep": lambda tf, x: tf.nn.leaky_relu(x, alpha=1.7, name="leaky"),
    "crelu": lambda tf, x: tf.nn.crelu(x, axis=0),
    "softmax": lambda tf, x: tf.nn.softmax(x),
    "softmax_of_first": lambda tf, x: tf.nn.softmax(x, axis=0),
    "log_softmax": lambda tf, x: tf.nn.log_softmax(x, name="log"),
    "log_softmax_of_first": lambda tf, x: tf.nn.log_softmax(x, dim=-2),
    "l2_normalize": lambda tf, x: tf.nn.l2_normalize(x, axis=1),
    "l2_loss": lambda tf, x: tf.nn.l2_loss(x),
}.items():
    program(_name, _function, (3, 5))(activation)


@program("softsign")
def softsign(tf, draw):
    x = tf.constant(draw(4, 3))
    return derivatives(tf, draw, tf.nn.softsign(x), [x])


@program("swish")
def swish(tf, draw):
    x = tf.constant(draw(4, 3))
    return derivatives(tf, draw, tf.nn.swish(x), [x])


@program("softplus_far_out")
def softplus_far_out(tf, draw):
    return [tf.nn.softplus([-100.0, -50.0, -20.0, 0.0, 20.0, 50.0, 100.0])]


@program("activations_of_half")
def activations_of_half(tf, draw):
    x = tf.constant(draw(3, 5, low=-3, high=3), tf.float16)
    nn = tf.nn
    functions = [nn.relu, nn.relu6, nn.elu, nn.selu, nn.softplus, nn.softsign, nn.leaky_relu, nn.softmax, nn.l2_loss]
    return [f(x) for f in functions]


@program("activations_of_integers")
def activations_of_integers(tf, draw):
    x = tf.constant([[-3, 2, 9]])
    return [tf.nn.relu(x), tf.nn.relu6(x), tf.nn.leaky_relu(x)]


# --- cross entropies -----------------------------------------------------------------------------------------------


def probabilities(tf, draw, *dims):
    p = np.exp(draw(*dims))
    return tf.constant(p / p.sum(-1, keepdims=True))


@program("softmax_cross_entropy")
def softmax_cross_entropy(tf, draw):
    x, p = tf.constant(draw(2, 3, 4)), probabilities(tf, draw, 2, 3, 4)
    return derivatives(tf, draw, tf.nn.softmax_cross_entropy_with_logits(labels=p, logits=x), [x])


@program("softmax_cross_entropy_v2")
def softmax_cross_entropy_v2(tf, draw):
    x, p = tf.constant(draw(2, 3, 4)), probabilities(tf, draw, 2, 3, 4)
    return derivatives(tf, draw, tf.nn.softmax_cross_entropy_with_logits_v2(labels=p, logits=x, axis=1), [x, p])


@program("softmax_cross_entropy_half")
def softmax_cross_entropy_half(tf, draw):
    x, p = tf.constant(draw(2, 4), tf.float16), tf.constant([[0, 1, 0, 0], [0.5, 0, 0, 0.5]], tf.float16)
    y = tf.nn.softmax_cross_entropy_with_logits_v2(labels=p, logits=x)
    return [y] + tf.gradients(y, [x, p])


@program("softmax_cross_entropy_second")
def softmax_cross_entropy_second(tf, draw):
    x, p = tf.constant(draw(3, 4)), probabilities(tf, draw, 3, 4)
    return derivatives(tf, draw, tf.nn.softmax_cross_entropy_with_logits_v2(labels=p, logits=x), [x], second=True)


@program("softmax_cross_entropy_unknown_shapes")
def softmax_cross_entropy_unknown_shapes(tf, draw):
    x = tf.placeholder_with_default(draw(2, 3, 4), [None, None, 4])
    p = tf.placeholder_with_default(np.full((2, 3, 4), 0.25, "f"), None)
    y = tf.nn.softmax_cross_entropy_with_logits_v2(labels=p, logits=x)
    return [y] + tf.gradients(y, [x, p])


@program("sparse_softmax_cross_entropy", [1, 3, 0], (3, 4))
@program("sparse_softmax_cross_entropy_of_matrix", [[1, 3, 0], [1, 1, 1]], (2, 3, 4))
def sparse_softmax_cross_entropy(tf, draw, labels, dims):
    x = tf.constant(draw(*dims))
    y = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.constant(labels), logits=x)
    return derivatives(tf, draw, y, [x])


@program("sigmoid_cross_entropy")
def sigmoid_cross_entropy(tf, draw):
    x, z = tf.constant(draw(3, 4, low=-9, high=9)), tf.constant(draw(3, 4))
    y = tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x)
    return derivatives(tf, draw, y, [x, z], second=True)


@program("weighted_cross_entropy")
def weighted_cross_entropy(tf, draw):
    x, z = tf.constant(draw(3, 4)), tf.constant(draw(3, 4))
    y = tf.nn.weighted_cross_entropy_with_logits(targets=z, logits=x, pos_weight=2.5)
    return derivatives(tf, draw, y, [x, z])


@program("log_poisson_loss", False)
@program("log_poisson_loss_in_full", True)
def log_poisson_loss(tf, draw, full):
    x, z = tf.constant(draw(3, 4)), tf.constant(draw(3, 4, low=0.2, high=5))
    return derivatives(tf, draw, tf.nn.log_poisson_loss(z, x, compute_full_loss=full), [x, z])


# --- bias, dropout -------------------------------------------------------------------------------------------------


@program("bias_add", (2, 3), None)
@program("bias_add_of_images", (2, 3, 2, 4), "NHWC")
def bias_add(tf, draw, dims, data_format):
    x, b = tf.constant(draw(*dims)), tf.constant(draw(dims[-1]))
    dy = tf.placeholder_with_default(draw(*dims), dims)
    y = tf.nn.bias_add(x, b, data_format=data_format, name="biased")
    grads = tf.gradients(y, [x, b], dy)
    return [y] + grads + tf.gradients(grads[1], dy, tf.constant(draw(dims[-1])))


@program("xw_plus_b")
def xw_plus_b(tf, draw):
    x = tf.constant(draw(2, 3))
    return [tf.nn.xw_plus_b(x, draw(3, 4), draw(4)), tf.nn.relu_layer(x, draw(3, 4), draw(4))]


@program("dropout")
def dropout(tf, draw):
    x = tf.constant(draw(3, 4, low=1, high=2))
    unknown = tf.placeholder_with_default(draw(3, 4), [None, 4])
    return [
        tf.nn.dropout(x, keep_prob=0.5, seed=3),
        tf.nn.dropout(x, rate=0.3),
        tf.nn.dropout(x, rate=0.3, noise_shape=[3, 1], seed=1),
        tf.nn.dropout(x, rate=tf.constant(0.4), noise_shape=[None, 1], seed=1, name="rows"),
        tf.nn.dropout(unknown, rate=tf.constant(0.4), seed=2),
        tf.nn.dropout(unknown, rate=tf.constant(0.0)),
    ]


# --- convolutions --------------------------------------------------------------------------------------------------


def conv(tf, draw, function, x, w, second=True, **kwargs):
    a, b = tf.constant(draw(*x)), tf.constant(draw(*w))
    return derivatives(tf, draw, getattr(tf.nn, function)(a, b, **kwargs), [a, b], second)


for _i, (_x, _w, _kwargs) in enumerate(
    [
        ((2, 5, 6, 3), (3, 3, 3, 4), dict(strides=[1, 1, 1, 1], padding="SAME")),
        ((2, 5, 6, 3), (3, 2, 3, 4), dict(strides=[1, 2, 2, 1], padding="SAME")),
        ((2, 5, 6, 3), (2, 2, 3, 4), dict(strides=[1, 2, 3, 1], padding="VALID")),
        ((2, 5, 6, 3), (3, 3, 3, 4), dict(strides=[1, 2, 1, 1], padding=[[0, 0], [1, 2], [3, 0], [0, 0]])),
        ((3, 1, 1, 3), (1, 1, 3, 4), dict(strides=1, padding="SAME")),
        ((1, 6, 6, 1), (2, 2, 1, 1), dict(strides=[1, 1], padding="SAME")),
        ((1, 8, 8, 2), (1, 1, 2, 3), dict(strides=[1, 3, 3, 1], padding="VALID")),
        ((1, 4, 4, 2), (4, 4, 2, 3), dict(strides=1, padding="VALID", name="named")),
    ]
):
    program(f"conv2d_{_i}", "conv2d", _x, _w, **_kwargs)(conv)

for _i, (_x, _w, _kwargs) in enumerate(
    [
        ((2, 3, 4, 5, 2), (2, 3, 2, 2, 3), dict(strides=[1, 1, 2, 1, 1], padding="SAME")),
        ((1, 4, 3, 3, 1), (2, 2, 2, 1, 2), dict(strides=[1, 1, 1, 1, 1], padding="VALID")),
    ]
):
    program(f"conv3d_{_i}", "conv3d", _x, _w, **_kwargs)(conv)

for _i, (_x, _w, _kwargs) in enumerate(
    [
        ((2, 5, 6, 3), (3, 2, 3, 2), dict(strides=[1, 2, 2, 1], padding="SAME")),
        ((2, 5, 6, 3), (3, 2, 3, 1), dict(strides=[1, 1, 1, 1], padding="VALID")),
        ((2, 5, 6, 1), (2, 2, 1, 3), dict(strides=[1, 1, 1, 1], padding="SAME")),
    ]
):
    program(f"depthwise_conv2d_{_i}", "depthwise_conv2d_native", _x, _w, second=False, **_kwargs)(conv)


@program("dilated_conv2d")
def dilated_conv2d(tf, draw):
    x, w = draw(2, 7, 6, 3), draw(2, 3, 3, 4)
    return [
        tf.nn.conv2d(x, w, 1, "SAME", dilations=[1, 2, 2, 1]),
        tf.nn.conv2d(x, w, 1, "VALID", dilations=2),
    ]


@program("conv2d_of_half_and_double")
def conv2d_of_half_and_double(tf, draw):
    out = []
    for kind in (tf.float16, tf.float64):
        x, w = tf.constant(draw(1, 5, 5, 2), kind), tf.constant(draw(3, 3, 2, 2), kind)
        y = tf.nn.conv2d(x, w, 1, "SAME")
        out += [y] + tf.gradients(y, [x, w])
    return out


@program("conv2d_of_unknown_shapes")
def conv2d_of_unknown_shapes(tf, draw):
    x = tf.placeholder_with_default(draw(2, 5, 6, 3), [None, None, None, 3])
    w = tf.placeholder_with_default(draw(3, 3, 3, 4), [3, 3, 3, None])
    y, z = tf.nn.conv2d(x, w, [1, 2, 2, 1], "SAME"), tf.nn.conv2d(x, w, [1, 2, 2, 1], "VALID")
    return [y, z] + tf.gradients([y, z], [x, w])


@program("conv1d")
def conv1d(tf, draw):
    x, w = tf.constant(draw(2, 7, 3)), tf.constant(draw(3, 3, 4))
    more = [tf.nn.conv1d(x, w, 1, "VALID", dilations=2), tf.nn.conv1d(x, w, [1], "SAME", data_format="NWC")]
    return derivatives(tf, draw, tf.nn.conv1d(x, w, 2, "SAME"), [x, w]) + more


@program("transposed_convolutions")
def transposed_convolutions(tf, draw):
    x, w = tf.constant(draw(2, 3, 4, 3)), tf.constant(draw(3, 3, 5, 3))
    y = tf.nn.conv2d_transpose(x, w, [2, 6, 8, 5], [1, 2, 2, 1])
    return derivatives(tf, draw, y, [x, w]) + [
        tf.nn.conv2d_transpose(x, w, tf.constant([2, 5, 6, 5]), 1, padding="VALID", name="named"),
        tf.nn.conv1d_transpose(draw(2, 4, 3), draw(3, 5, 3), [2, 8, 5], 2),
        tf.nn.conv3d_transpose(draw(2, 2, 3, 2, 3), draw(3, 3, 2, 5, 3), [2, 4, 6, 4, 5], [1, 2, 2, 2, 1]),
        tf.nn.conv_transpose(draw(2, 4, 3), draw(3, 5, 3), [2, 8, 5], 2),
        tf.nn.conv_transpose(x, w, [2, 6, 8, 5], 2),
    ]


@program("depthwise_and_separable")
def depthwise_and_separable(tf, draw):
    x, w, p = tf.constant(draw(2, 5, 6, 3)), tf.constant(draw(3, 2, 3, 2)), draw(1, 1, 6, 4)
    ones = [1, 1, 1, 1]
    return derivatives(tf, draw, tf.nn.depthwise_conv2d(x, w, ones, "SAME", rate=[2, 2]), [x, w]) + [
        tf.nn.depthwise_conv2d(x, w, ones, "VALID"),
        tf.nn.separable_conv2d(x, w, p, ones, "SAME"),
        tf.nn.separable_conv2d(x, w, p, ones, "SAME", rate=[2, 2]),
    ]


@program("atrous_convolutions")
def atrous_convolutions(tf, draw):
    x, w = tf.constant(draw(2, 7, 8, 3)), tf.constant(draw(3, 2, 3, 4))
    value = draw(2, 5, 5, 3)
    return derivatives(tf, draw, tf.nn.atrous_conv2d(x, w, 2, "SAME"), [x, w]) + [
        tf.nn.atrous_conv2d(x, w, 2, "VALID"),
        tf.nn.atrous_conv2d(x, w, 1, "VALID"),
        tf.nn.atrous_conv2d_transpose(value, draw(3, 3, 4, 3), [2, 9, 9, 4], 2, "VALID"),
        tf.nn.atrous_conv2d_transpose(value, draw(3, 3, 4, 3), [2, 5, 5, 4], 2, "SAME"),
        tf.nn.atrous_conv2d_transpose(value, draw(3, 3, 4, 3), [2, 7, 7, 4], 1, "VALID"),
    ]


@program("convolution")
def convolution(tf, draw):
    f = tf.nn.convolution
    unknown = tf.placeholder_with_default(draw(2, 5, 6, 3), [None, None, None, 3])
    return [
        f(draw(2, 7, 3), draw(3, 3, 4), "SAME"),
        f(draw(2, 7, 3), draw(3, 3, 4), "VALID", dilation_rate=[2]),
        f(draw(2, 7, 8, 3), draw(3, 3, 3, 4), "VALID", strides=[2, 1]),
        f(draw(2, 7, 8, 3), draw(3, 3, 3, 4), "SAME", dilation_rate=[2, 3]),
        f(draw(2, 5, 5, 5, 3), draw(2, 2, 2, 3, 4), "SAME", dilation_rate=[2, 1, 2]),
        f(draw(2, 5, 5, 5, 3), draw(2, 2, 2, 3, 4), "SAME", strides=[2, 2, 2]),
        f(unknown, tf.constant(draw(3, 3, 3, 4)), "SAME", dilation_rate=[2, 2], name="named"),
    ]


@program("morphology")
def morphology(tf, draw):
    x, w = tf.constant(draw(2, 5, 6, 3)), tf.constant(draw(2, 3, 3))
    y = tf.nn.dilation2d(x, w, [1, 2, 1, 1], [1, 1, 2, 1], "SAME")
    return derivatives(tf, draw, y, [x, w]) + [tf.nn.erosion2d(x, w, [1, 1, 1, 1], [1, 2, 1, 1], "VALID")]


# --- pooling -------------------------------------------------------------------------------------------------------


def pooled(tf, draw, function, dims, second=True, **kwargs):
    x = tf.constant(draw(*dims))
    return derivatives(tf, draw, getattr(tf.nn, function)(x, **kwargs), [x], second)


_POOLS = [
    ((2, 5, 6, 3), dict(ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")),
    ((2, 5, 6, 3), dict(ksize=2, strides=1, padding="SAME")),
    ((2, 5, 6, 3), dict(ksize=[1, 3, 2, 1], strides=[1, 2, 3, 1], padding="VALID")),
    ((1, 7, 7, 2), dict(ksize=[3, 4], strides=[2, 1], padding="SAME")),
]
for _i, (_x, _kwargs) in enumerate(_POOLS):
    program(f"max_pool_{_i}", "max_pool", _x, **_kwargs)(pooled)
    program(f"avg_pool_{_i}", "avg_pool", _x, **_kwargs)(pooled)
for _function in ("max_pool1d", "avg_pool1d"):
    program(_function, _function, (2, 5, 3), ksize=3, strides=2, padding="SAME")(pooled)
for _function in ("max_pool3d", "avg_pool3d"):
    _kwargs = dict(ksize=[1, 2, 2, 3, 1], strides=[1, 1, 2, 2, 1], padding="SAME")
    program(_function, _function, (2, 3, 4, 5, 2), **_kwargs)(pooled)
for _function in ("max_pool_v2", "avg_pool_v2"):
    program(_function, _function, (2, 5, 6, 3), ksize=3, strides=2, padding="SAME")(pooled)


@program("max_pool_ties")
def max_pool_ties(tf, draw):
    x = tf.constant(np.floor(draw(2, 5, 6, 3, high=2)))
    y = tf.nn.max_pool(x, 3, 1, "SAME")
    z = tf.nn.max_pool3d(tf.reshape(x, [2, 5, 2, 3, 3]), 2, 1, "SAME")
    return [y, z] + tf.gradients(y, x) + tf.gradients(z, x)


@program("max_pool_with_argmax")
def max_pool_with_argmax(tf, draw):
    x = tf.constant(draw(2, 5, 6, 3))
    y, at = tf.nn.max_pool_with_argmax(x, [1, 3, 3, 1], [1, 2, 2, 1], "SAME")
    z, also = tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 1, 1, 1], "SAME", include_batch_in_index=True)
    return [at, z, also] + derivatives(tf, draw, y, [x]) + tf.gradients(z, x)


@program("pools_of_other_types")
def pools_of_other_types(tf, draw):
    half = tf.constant(draw(1, 5, 5, 2), tf.float16)
    whole = tf.constant(np.floor(draw(1, 5, 5, 2, low=-9, high=9)).astype(np.int32))
    return [
        tf.nn.max_pool(half, 2, 2, "SAME"),
        tf.nn.avg_pool(half, 2, 2, "SAME"),
        tf.nn.max_pool(whole, 3, 2, "SAME"),
        tf.nn.max_pool(tf.constant(draw(2, 4, 4, 6)), [1, 1, 1, 3], [1, 1, 1, 3], "SAME"),
    ]


@program("pool")
def pool(tf, draw):
    x = tf.constant(draw(2, 7, 8, 3))
    return [
        tf.nn.pool(x, [2, 2], "MAX", "SAME"),
        tf.nn.pool(x, [2, 3], "AVG", "VALID", strides=[2, 1]),
        tf.nn.pool(x, [2, 2], "MAX", "VALID", dilation_rate=[2, 3]),
        tf.nn.pool(draw(2, 7, 3), [2], "AVG", "SAME"),
        tf.nn.pool(draw(2, 4, 4, 4, 3), [2, 2, 2], "AVG", "SAME"),
        tf.nn.pool(draw(2, 7, 3), [2], "MAX", "SAME", name="named"),
    ]


_FRACTIONS = [(p, o) for p in (False, True) for o in (False, True)]
for _function in ("fractional_max_pool", "fractional_avg_pool"):
    for _i, (_pseudo, _overlapping) in enumerate(_FRACTIONS):

        @program(f"{_function}_{_i}", _function, _pseudo, _overlapping)
        def fractional(tf, draw, function, pseudo, overlapping):
            x = tf.constant(draw(2, 11, 13, 3))
            settings = dict(pseudo_random=pseudo, overlapping=overlapping, deterministic=True, seed=5, seed2=9)
            y = getattr(tf.nn, function)(x, [1.0, 1.44, 1.73, 1.0], **settings)
            return [y[1], y[2]] + derivatives(tf, draw, y[0], [x])


# --- normalization -------------------------------------------------------------------------------------------------


def batch_norm_inputs(tf, draw, dims=(2, 3, 4, 2)):
    return [tf.constant(draw(*d)) for d in (dims, dims[-1:], dims[-1:])]


@program("fused_batch_norm", {}, False)
@program("fused_batch_norm_named", {"epsilon": 0.1, "name": "norm"}, False)
@program("fused_batch_norm_second", {"epsilon": 0.05}, True)
def fused_batch_norm(tf, draw, settings, second):
    xs = batch_norm_inputs(tf, draw)
    y, mean, variance = tf.nn.fused_batch_norm(*xs, **settings)
    return [mean, variance] + derivatives(tf, draw, y, xs, second)


@program("fused_batch_norm_inference", False)
@program("fused_batch_norm_inference_second", True)
def fused_batch_norm_inference(tf, draw, second):
    xs = batch_norm_inputs(tf, draw)
    statistics = dict(mean=tf.constant(draw(2)), variance=tf.constant(draw(2, low=0.1)))
    y, _, _ = tf.nn.fused_batch_norm(*xs, is_training=False, **statistics)
    return derivatives(tf, draw, y, xs, second)


@program("fused_batch_norm_half")
def fused_batch_norm_half(tf, draw):
    x, scale, offset = batch_norm_inputs(tf, draw)
    y, mean, variance = tf.nn.fused_batch_norm(tf.cast(x, tf.float16), scale, offset)
    return [y, mean, variance] + tf.gradients(y, [scale, offset])


@program("fused_batch_norm_of_little")
def fused_batch_norm_of_little(tf, draw):
    one = tf.nn.fused_batch_norm(*batch_norm_inputs(tf, draw, (1, 1, 1, 2)))
    none = tf.nn.fused_batch_norm(*batch_norm_inputs(tf, draw, (0, 1, 1, 2)))
    return list(one) + list(none)


@program("lrn")
def lrn(tf, draw):
    x = tf.constant(draw(2, 3, 4, 6))
    y = tf.nn.lrn(x, depth_radius=2, bias=1.5, alpha=0.3, beta=0.75)
    return [tf.nn.local_response_normalization(x)] + derivatives(tf, draw, y, [x])


@program("moments")
def moments(tf, draw):
    x = tf.constant(draw(2, 3, 4))
    mean, variance = tf.nn.moments(x, [0, 1])
    kept = tf.nn.moments(x, [1], keep_dims=True, name="named")
    half = tf.nn.moments(tf.cast(x, tf.float16), [0, 2])
    return [mean, variance] + list(kept) + list(half) + tf.gradients([mean, variance], x)


@program("weighted_moments")
def weighted_moments(tf, draw):
    x = tf.constant(draw(2, 3, 4))
    first = tf.nn.weighted_moments(x, [0, 1], tf.constant(draw(3, 1, low=0.1)))
    return list(first) + list(tf.nn.weighted_moments(x, [1], 2, keepdims=True))


@program("sufficient_statistics")
def sufficient_statistics(tf, draw):
    x = tf.constant(draw(2, 3, 4))
    unknown = tf.placeholder_with_default(draw(2, 3), [None, 3])
    first = tf.nn.sufficient_statistics(x, [0, 1])
    second = tf.nn.sufficient_statistics(x, [0], shift=0.5, keep_dims=True)
    both = list(tf.nn.normalize_moments(*first)) + list(tf.nn.normalize_moments(*second))
    return list(first[:3]) + list(second) + both + list(tf.nn.sufficient_statistics(unknown, [0])[:3])


@program("batch_normalization")
def batch_normalization(tf, draw):
    x, mean, variance = tf.constant(draw(2, 3, 2, 4)), tf.constant(draw(4)), tf.constant(draw(4, low=0.1))
    offset, scale = tf.constant(draw(4)), tf.constant(draw(4))
    return [
        tf.nn.batch_normalization(x, mean, variance, offset, scale, 0.01),
        tf.nn.batch_normalization(x, mean, variance, None, None, 0.01, name="named"),
        tf.nn.batch_norm_with_global_normalization(x, mean, variance, offset, scale, 0.01, True),
    ]


@program("zero_fraction")
def zero_fraction(tf, draw):
    return [tf.nn.zero_fraction(tf.constant([0.0, 1, 0, 2])), tf.nn.zero_fraction(tf.constant([[0, 1, 0]]))]


# --- the largest ---------------------------------------------------------------------------------------------------


@program("top_k", (3, 20), 4)
@program("top_k_of_vector", (7,), 3)
@program("top_k_of_all", (2, 3, 4), 4)
def top_k(tf, draw, dims, k):
    x = tf.constant(draw(*dims))
    y = tf.nn.top_k(x, k)
    return [y.indices] + derivatives(tf, draw, y.values, [x])


@program("top_k_ties")
def top_k_ties(tf, draw):
    x = np.floor(draw(5, 40, high=4))
    out = []
    for kind in ("float32", "float64", "int32", "int64", "uint8", "float16"):
        for k in (1, 3, 30):
            out += list(tf.nn.top_k(np.abs(x).astype(kind), k))
    return out


@program("in_top_k")
def in_top_k(tf, draw):
    x = draw(4, 5)
    x[1, 2], x[2, 1] = np.nan, np.inf
    return [tf.nn.in_top_k(x, [1, 2, 3, 7], 2), tf.nn.in_top_k(x, np.array([1, 2, 1, -1]), 4)]


# --- embeddings ----------------------------------------------------------------------------------------------------


def sparse_ids(tf, draw):
    at = np.array([[0, 0], [0, 2], [1, 1], [3, 0], [3, 1]], np.int64)
    ids = tf.SparseTensor(at, np.array([1, 3, 0, 3, 2], np.int64), [5, 4])
    return ids, tf.SparseTensor(at, draw(5, low=0.1), [5, 4])


@program("embedding_lookup")
def embedding_lookup(tf, draw):
    table = tf.constant(draw(6, 3))
    y = tf.nn.embedding_lookup(table, [[1, 2], [5, 0]])
    dense = tf.convert_to_tensor(tf.gradients(y, table, tf.constant(draw(2, 2, 3)))[0])
    return [y, dense, tf.nn.embedding_lookup(table, [[1, 2], [5, 0]], max_norm=0.5, name="named")]


@program("embedding_lookup_parts")
def embedding_lookup_parts(tf, draw):
    thirds = [tf.constant(draw(2, 3)) for _ in range(3)]
    uneven = [tf.constant(draw(n, 3)) for n in (3, 2, 2)]
    return [
        tf.nn.embedding_lookup(thirds, [[1, 2], [5, 0]]),
        tf.nn.embedding_lookup(uneven, [[1, 2], [5, 0], [6, 3]], partition_strategy="div", max_norm=1.0),
    ]


@program("embedding_lookup_parts_of_variables")
def embedding_lookup_parts_of_variables(tf, draw):
    parts = [tf.Variable(draw(3, 3)), tf.Variable(draw(3, 3))]
    y = tf.nn.embedding_lookup(parts, [1, 2, 1])
    grads = tf.gradients(y, parts)
    return [y] + [g.values for g in grads] + [g.indices for g in grads]


@program("embedding_lookup_sparse")
def embedding_lookup_sparse(tf, draw):
    table = tf.constant(draw(6, 3))
    ids, weights = sparse_ids(tf, draw)
    out = []
    for combiner in ("mean", "sum", "sqrtn"):
        out.append(tf.nn.embedding_lookup_sparse(table, ids, None, combiner=combiner))
        out.append(tf.nn.embedding_lookup_sparse(table, ids, weights, combiner=combiner))
    return out


@program("embedding_lookup_sparse_parts")
def embedding_lookup_sparse_parts(tf, draw):
    parts = [tf.constant(draw(3, 3)), tf.constant(draw(3, 3))]
    ids, weights = sparse_ids(tf, draw)
    return [tf.nn.embedding_lookup_sparse(parts, ids, weights, combiner="sum", name="named", max_norm=1.0)]


@program("safe_embedding_lookup_sparse")
def safe_embedding_lookup_sparse(tf, draw):
    table = tf.constant(draw(6, 3))
    ids, weights = sparse_ids(tf, draw)
    return [
        tf.nn.safe_embedding_lookup_sparse(table, ids),
        tf.nn.safe_embedding_lookup_sparse(table, ids, weights, combiner="sum", default_id=2),
        tf.nn.safe_embedding_lookup_sparse([table, table], ids, weights, combiner="sqrtn", name="named"),
    ]


@program("sampled_losses")
def sampled_losses(tf, draw):
    w, b, x = tf.constant(draw(20, 4)), tf.constant(draw(20)), tf.constant(draw(3, 4))
    one = tf.constant([[1], [5], [0]], tf.int64)
    two = tf.constant([[1, 3], [5, 2], [0, 1]])
    loss = tf.nn.sampled_softmax_loss(w, b, one, x, 5, 20, seed=3)
    given = tf.nn.uniform_candidate_sampler(tf.cast(two, tf.int64), 2, 6, True, 20, seed=1)
    return (
        [loss]
        + tf.gradients(loss, [x])
        + [
            tf.nn.nce_loss(w, b, one, x, 5, 20),
            tf.nn.nce_loss(w, b, two, x, 5, 20, num_true=2, remove_accidental_hits=True, partition_strategy="div"),
            tf.nn.sampled_softmax_loss(w, b, two, x, 6, 20, num_true=2, sampled_values=given),
        ]
    )


# --- connectionist temporal classification -------------------------------------------------------------------------


def ragged(tf, rows):
    at = [[b, t] for b, row in enumerate(rows) for t in range(len(row))]
    flat = np.array([v for row in rows for v in row], np.int32)
    return tf.SparseTensor(np.array(at, np.int64), flat, [len(rows), max(map(len, rows))])


def ctc(tf, draw, lengths, **kwargs):
    x = tf.constant(draw(6, 3, 5, low=-3, high=3))
    y = tf.nn.ctc_loss(ragged(tf, [[1, 2], [0, 0, 3], [2]]), x, lengths, **kwargs)
    return derivatives(tf, draw, y, [x])


program("ctc_loss", [6, 5, 3])(ctc)
program("ctc_loss_unmerged", [6, 5, 3], ctc_merge_repeated=False)(ctc)
program("ctc_loss_collapsed", [6, 5, 3], preprocess_collapse_repeated=True)(ctc)
program("ctc_loss_longer_outputs", [6, 2, 0], ignore_longer_outputs_than_inputs=True)(ctc)
program("ctc_loss_impossible", [6, 3, 3])(ctc)


@program("ctc_loss_batch_first")
def ctc_loss_batch_first(tf, draw):
    x = tf.constant(draw(2, 6, 4))
    return [tf.nn.ctc_loss(ragged(tf, [[1], [2, 0]]), logits=x, sequence_length=[6, 6], time_major=False)]


@program("ctc_greedy_decoder")
def ctc_greedy_decoder(tf, draw):
    x = tf.constant(draw(12, 3, 4))
    (merged,), p = tf.nn.ctc_greedy_decoder(x, [12, 5, 0])
    (raw,), q = tf.nn.ctc_greedy_decoder(x, [12, 5, 0], merge_repeated=False)
    return [merged.indices, merged.values, merged.dense_shape, p, raw.values, q]


for _i, (_dims, _kwargs) in enumerate(
    [
        ((10, 3, 5), {}),
        ((10, 3, 5), dict(beam_width=3, top_paths=3)),
        ((10, 3, 5), dict(beam_width=8, top_paths=4, merge_repeated=False)),
        ((30, 3, 12), dict(beam_width=20, top_paths=5, merge_repeated=False)),
        ((10, 3, 5), dict(beam_width=1)),
    ]
):

    @program(f"ctc_beam_search_decoder_{_i}", _dims, **_kwargs)
    def ctc_beam_search_decoder(tf, draw, dims, **kwargs):
        x = tf.constant(draw(*dims, low=-3, high=3))
        decoded, p = tf.nn.ctc_beam_search_decoder(x, [dims[0]] * dims[1], **kwargs)
        return [t for s in decoded for t in (s.indices, s.values, s.dense_shape)] + [p]


# --- mistakes ------------------------------------------------------------------------------------------------------


@error
def softmax_axis(tf, draw):
    tf.nn.softmax(draw(2, 3), axis=4)


@error
def softmax_axis_and_dim(tf, draw):
    tf.nn.softmax(draw(2, 3), axis=1, dim=1)


@error
def softmax_of_scalar(tf, draw):
    tf.nn.softmax(1.0)


@error
def cross_entropy_positional(tf, draw):
    tf.nn.softmax_cross_entropy_with_logits(draw(2, 3), draw(2, 3))


@error
def cross_entropy_axis(tf, draw):
    tf.nn.softmax_cross_entropy_with_logits(labels=draw(2, 3), logits=draw(2, 3), axis=1)


@error
def cross_entropy_shapes(tf, draw):
    tf.nn.softmax_cross_entropy_with_logits_v2(labels=draw(2, 3), logits=draw(2, 4))


@error
def sparse_cross_entropy_rank(tf, draw):
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[[1]], logits=draw(2, 3))


@error
def sparse_cross_entropy_shape(tf, draw):
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=draw(2, 3))


@error
def sparse_cross_entropy_label(tf, draw):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1, -7], logits=draw(2, 3))


@error
def sigmoid_cross_entropy_shapes(tf, draw):
    tf.nn.sigmoid_cross_entropy_with_logits(labels=draw(2, 3), logits=draw(2, 4))


@error
def bias_size(tf, draw):
    tf.nn.bias_add(draw(2, 3), draw(4))


@error
def bias_size_while_running(tf, draw):
    return tf.nn.bias_add(tf.placeholder_with_default(draw(2, 3), None), draw(4))


@error
def bias_format(tf, draw):
    tf.nn.bias_add(draw(2, 3), draw(3), data_format="CHW")


@error
def dropout_rate(tf, draw):
    tf.nn.dropout(draw(2), rate=1.5)


@error
def dropout_without_rate(tf, draw):
    tf.nn.dropout(draw(2))


@error
def dropout_of_integers(tf, draw):
    tf.nn.dropout([1, 2], rate=0.5)


@error
def conv2d_depth(tf, draw):
    tf.nn.conv2d(draw(1, 5, 5, 3), draw(2, 2, 2, 4), 1, "SAME")


@error
def conv2d_rank(tf, draw):
    tf.nn.conv2d(draw(5, 5, 3), draw(2, 2, 3, 4), 1, "SAME")


@error
def conv2d_window(tf, draw):
    tf.nn.conv2d(draw(1, 2, 2, 3), draw(4, 4, 3, 4), 1, "VALID")


@error
def conv2d_window_while_running(tf, draw):
    return tf.nn.conv2d(tf.placeholder_with_default(draw(1, 2, 2, 3), None), draw(4, 4, 3, 4), 1, "VALID")


@error
def conv2d_strides(tf, draw):
    tf.nn.conv2d(draw(1, 2, 2, 3), draw(2, 2, 3, 4), [1, 1, 1], "VALID")


@error
def conv2d_stride_of_zero(tf, draw):
    tf.nn.conv2d(draw(1, 2, 2, 3), draw(2, 2, 3, 4), [1, 0, 1, 1], "VALID")


@error
def conv2d_dilated_batch(tf, draw):
    return tf.nn.conv2d(draw(1, 2, 2, 3), draw(2, 2, 3, 4), 1, "SAME", dilations=[2, 1, 1, 1])


@error
def conv2d_padding(tf, draw):
    tf.nn.conv2d(draw(1, 2, 2, 3), draw(2, 2, 3, 4), 1, "FULL")


@error
def conv2d_negative_padding(tf, draw):
    tf.nn.conv2d(draw(1, 2, 2, 3), draw(2, 2, 3, 4), 1, [[0, 0], [-1, 0], [0, 0], [0, 0]])


@error
def conv2d_padded_batch(tf, draw):
    tf.nn.conv2d(draw(1, 2, 2, 3), draw(2, 2, 3, 4), 1, [[1, 0], [1, 0], [0, 0], [0, 0]])


@error
def conv2d_transpose_size(tf, draw):
    return tf.nn.conv2d_transpose(draw(2, 5, 6, 4), draw(2, 2, 3, 4), [2, 9, 9, 3], 1, "SAME")


@error
def conv2d_transpose_depth(tf, draw):
    return tf.nn.conv2d_transpose(draw(2, 5, 6, 4), draw(2, 2, 3, 5), [2, 5, 6, 3], 1, "SAME")


@error
def depthwise_depth(tf, draw):
    tf.nn.depthwise_conv2d_native(draw(1, 4, 4, 2), draw(3, 3, 3, 4), [1, 1, 1, 1], "VALID")


@error
def convolution_strided_and_dilated(tf, draw):
    tf.nn.convolution(draw(2, 5, 6, 4), draw(2, 2, 4, 4), "SAME", strides=[2, 2], dilation_rate=[2, 2])


@error
def convolution_depth(tf, draw):
    tf.nn.convolution(draw(2, 5, 6, 4), draw(2, 2, 3, 4), "SAME", dilation_rate=[2, 2])


@error
def convolution_rate_of_zero(tf, draw):
    tf.nn.convolution(draw(2, 5, 6, 4), draw(2, 2, 4, 4), "SAME", dilation_rate=[0, 2])


@error
def conv1d_format(tf, draw):
    tf.nn.conv1d(draw(2, 5, 6), draw(2, 6, 4), 1, "SAME", data_format="WNC")


@error
def pool_window(tf, draw):
    tf.nn.max_pool(draw(2, 5, 6, 3), 7, 1, "VALID")


@error
def pool_of_nothing(tf, draw):
    tf.nn.max_pool(draw(2, 5, 6, 3), 0, 1, "SAME")


@error
def pool_rank(tf, draw):
    tf.nn.max_pool(draw(2, 5, 6), 2, 1, "SAME")


@error
def pool_of_batch(tf, draw):
    return tf.nn.max_pool(draw(2, 5, 6, 4), [2, 1, 2, 1], [1, 1, 2, 1], "VALID")


@error
def pool_of_all(tf, draw):
    return tf.nn.max_pool(draw(2, 5, 6, 4), [1, 1, 2, 2], [1, 1, 2, 2], "VALID")


@error
def average_of_channels(tf, draw):
    return tf.nn.avg_pool(draw(2, 5, 6, 4), [1, 1, 1, 2], [1, 1, 1, 2], "VALID")


@error
def pool_kind(tf, draw):
    tf.nn.pool(draw(2, 5, 6, 4), [2, 2], "SUM", "SAME")


@error
def pool_strides_beyond_window(tf, draw):
    tf.nn.pool(draw(2, 5, 6, 4), [2, 2], "MAX", "SAME", strides=[3, 3])


@error
def batch_norm_statistics_for_training(tf, draw):
    tf.nn.fused_batch_norm(draw(1, 1, 1, 2), draw(2), draw(2), mean=draw(2), variance=draw(2))


@error
def batch_norm_sizes(tf, draw):
    tf.nn.fused_batch_norm(draw(1, 1, 1, 2), draw(3), draw(2))


@error
def lrn_rank(tf, draw):
    tf.nn.lrn(draw(2, 3))


@error
def top_k_of_too_few(tf, draw):
    tf.nn.top_k(draw(2, 3), 4)


@error
def top_k_negative(tf, draw):
    tf.nn.top_k(draw(2, 3), -1)


@error
def embedding_lookup_without_table(tf, draw):
    tf.nn.embedding_lookup([], [1])


@error
def embedding_lookup_strategy(tf, draw):
    tf.nn.embedding_lookup([draw(2, 2), draw(2, 2)], [1], partition_strategy="odd")


@error
def embedding_lookup_outside(tf, draw):
    return tf.nn.embedding_lookup(tf.constant(draw(2, 2)), [7])


@error
def embedding_combiner(tf, draw):
    tf.nn.embedding_lookup_sparse(draw(6, 3), sparse_ids(tf, draw)[0], None, combiner="product")


@error
def ctc_too_short(tf, draw):
    return tf.nn.ctc_loss(ragged(tf, [[1, 2], [0, 3]]), draw(6, 2, 5), [6, 1])


@error
def ctc_empty_labels(tf, draw):
    return tf.nn.ctc_loss(ragged(tf, [[1, 2], [], [1]]), draw(6, 3, 5), [6, 6, 6])


@error
def ctc_label_after_blank(tf, draw):
    return tf.nn.ctc_loss(ragged(tf, [[1, 4, 2], [1]]), draw(6, 2, 5), [6, 6])


@error
def ctc_negative_label(tf, draw):
    return tf.nn.ctc_loss(ragged(tf, [[1, -2], [1]]), draw(6, 2, 5), [6, 6])


@error
def ctc_dense_labels(tf, draw):
    tf.nn.ctc_loss([[1, 2]], draw(6, 1, 5), [6])


@error
def ctc_beams(tf, draw):
    return tf.nn.ctc_beam_search_decoder(draw(6, 1, 5), [6], beam_width=2, top_paths=3)[1]
