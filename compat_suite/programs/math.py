"""Constants, placeholders, operators, reductions, matrix products and element-wise functions."""

import numpy as np

from compat_suite.programs import program


@program
def constants(tf):
    tf.constant(1)
    tf.constant(2.5)
    tf.constant([1, 2, 3], dtype=tf.float32)
    tf.constant([[1.0, 2.0], [3.0, 4.0]], name="m")
    tf.constant(7.0, shape=[2, 3])
    tf.constant("text")
    tf.constant([True, False])
    tf.constant(np.arange(6, dtype=np.int64).reshape(2, 3))
    tf.constant(1 + 2j)
    tf.constant(np.float64(3.5), name="f64")
    tf.constant([], dtype=tf.int32)
    tf.constant(np.zeros((40, 2), np.float32), name="large")
    tf.constant([b"a", b"bc"])
    tf.constant(3, dtype=tf.uint8)
    tf.constant(1.5, dtype=tf.float16)


@program
def constants_filled(tf):
    tf.zeros([2, 3])
    tf.ones([4], tf.int32)
    tf.zeros([], tf.float64)
    tf.zeros([100, 100])
    tf.ones([20, 60], name="many")
    tf.zeros(tf.stack([2, 3]))
    x = tf.placeholder(tf.float32, [None, 3])
    tf.zeros_like(x)
    tf.ones_like(x)
    y = tf.placeholder(tf.float32, [2, 3])
    tf.zeros_like(y)
    tf.ones_like(y, dtype=tf.int32)
    tf.zeros_like(x, optimize=False)
    tf.fill([2, 2], 9.0)
    tf.fill(tf.shape(x), 0.5)
    tf.zeros([2], tf.string)
    tf.zeros([2], tf.bool)


@program
def placeholders(tf):
    tf.placeholder(tf.float32)
    tf.placeholder(tf.int32, [])
    tf.placeholder(tf.float64, [None, 3], name="x")
    tf.placeholder(tf.string, shape=(2,))
    tf.placeholder(tf.bool, [None, None])
    tf.placeholder(tf.float32, tf.TensorShape([None, 4]))
    tf.placeholder("float", [2])
    tf.placeholder(np.uint8)
    tf.placeholder_with_default(1.0, [])
    tf.placeholder_with_default(tf.zeros([2, 2]), [None, 2], name="d")
    tf.sparse_placeholder(tf.float32)
    tf.sparse_placeholder(tf.float32, shape=[None, 3], name="sp")


@program
def operators_with_scalars(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    x + 1
    1 + x
    x - 2.0
    2.0 - x
    x * 3
    3 * x
    x / 4
    4 / x
    x // 2
    5 // x
    x % 3
    3 % x
    x**2
    2**x
    -x
    abs(x)


@program
def operators_with_tensors(tf):
    a = tf.placeholder(tf.float32, [2, 3], name="a")
    b = tf.placeholder(tf.float32, [3], name="b")
    c = tf.placeholder(tf.float32, [3, 4], name="c")
    a + b
    a + b
    a - b
    a * b
    a / b
    a // b
    a % b
    a**b
    a < b
    a <= b
    a > b
    a >= b
    a @ c
    (a + b) * (a - b)


@program
def operators_with_numpy(tf):
    x = tf.placeholder(tf.float32, [None, 2])
    w = np.array([1.0, 2.0], np.float32)
    x * w
    w * x
    x + np.float32(0.5)
    x - np.ones((3, 2), np.float32)
    np.float64(2.0) * x
    x / np.array(3.0)
    x + [1.0, 2.0]
    [1.0, 2.0] - x
    x > np.zeros(2, np.float32)


@program
def operators_on_integers(tf):
    i = tf.placeholder(tf.int32, [4], name="i")
    j = tf.placeholder(tf.int64, [4], name="j")
    i + 1
    i / 2
    i // 2
    i % 2
    i / i
    j * j
    -j
    i == i
    tf.equal(i, 3)
    tf.not_equal(j, 3)
    tf.mod(i, 2)
    tf.floormod(i, 3)
    tf.floordiv(i, 3)
    tf.truediv(i, 3)
    tf.div(i, 3)
    tf.truncatediv(i, 3)
    tf.truncatemod(i, 3)


@program
def operators_on_booleans(tf):
    p = tf.placeholder(tf.bool, [3], name="p")
    q = tf.placeholder(tf.bool, [3], name="q")
    p & q
    p | q
    p ^ q
    ~p
    True & q
    tf.logical_and(p, q)
    tf.logical_or(p, q, name="either")
    tf.logical_not(p)
    tf.logical_xor(p, q)
    tf.reduce_any(p)
    tf.reduce_all(p, axis=0)
    tf.cast(p, tf.float32)


@program
def arithmetic_functions(tf):
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    y = tf.placeholder(tf.float32, [2, 2], name="y")
    tf.add(x, y)
    tf.subtract(x, 1.0)
    tf.multiply(x, y, name="product")
    tf.divide(x, y)
    tf.divide(x, 2.0)
    tf.realdiv(x, y)
    tf.div_no_nan(x, y)
    tf.negative(x)
    tf.pow(x, 3.0)
    tf.pow(x, y)
    tf.maximum(x, 0.0)
    tf.minimum(0.0, x)
    tf.squared_difference(x, y)
    tf.scalar_mul(2.0, x)
    tf.add_n([x, y, x])
    tf.add_n([x])
    tf.accumulate_n([x, y])
    tf.math.multiply_no_nan(x, y)
    tf.floor_div(x, y)
    tf.atan2(x, y)


@program
def unary_functions(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    for f in (
        tf.abs, tf.square, tf.sqrt, tf.rsqrt, tf.exp, tf.expm1, tf.log, tf.log1p, tf.sin, tf.cos, tf.tan, tf.asin,
        tf.acos, tf.atan, tf.sinh, tf.cosh, tf.tanh, tf.asinh, tf.acosh, tf.atanh, tf.sign, tf.floor, tf.ceil,
        tf.round, tf.rint, tf.reciprocal, tf.lgamma, tf.digamma, tf.erf, tf.erfc, tf.sigmoid, tf.log_sigmoid,
        tf.is_nan, tf.is_inf, tf.is_finite, tf.identity, tf.stop_gradient, tf.negative,
    ):  # fmt: skip
        f(x)
        f(x, name="named")


@program
def math_namespace(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    tf.math.log(x)
    tf.math.exp(x)
    tf.math.pow(x, 2.0)
    tf.math.reduce_sum(x)
    tf.math.reduce_mean(x, axis=1)
    tf.math.reduce_max(x, 0)
    tf.math.reduce_min(x)
    tf.math.reduce_prod(x)
    tf.math.reduce_logsumexp(x)
    tf.math.reduce_std(x)
    tf.math.reduce_variance(x, axis=1)
    tf.math.sigmoid(x)
    tf.math.softplus(x)
    tf.math.sqrt(x)
    tf.math.argmax(x, axis=1)
    tf.math.l2_normalize(x, axis=1)
    tf.math.maximum(x, 0.0)
    tf.math.add(x, 1.0)
    tf.math.multiply(x, 2.0)
    tf.math.log_softmax(x)
    tf.math.cumsum(x)
    tf.math.is_nan(x)
    tf.math.top_k(x, 2)
    tf.math.bessel_i0(x)
    tf.math.xlogy(x, x)
    tf.math.zero_fraction(x)
    tf.math.count_nonzero(x)


@program
def reductions_whole(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    tf.reduce_sum(x)
    tf.reduce_mean(x)
    tf.reduce_max(x)
    tf.reduce_min(x)
    tf.reduce_prod(x)
    tf.reduce_logsumexp(x)
    tf.reduce_sum(x, keepdims=True)
    tf.reduce_mean(x, keep_dims=True, name="kept")
    tf.reduce_sum(tf.constant(5.0))


@program
def reductions_along_axes(tf):
    x = tf.placeholder(tf.float32, [None, 3, 4], name="x")
    tf.reduce_sum(x, 0)
    tf.reduce_sum(x, axis=[1, 2])
    tf.reduce_mean(x, axis=-1)
    tf.reduce_mean(x, reduction_indices=[1])
    tf.reduce_max(x, axis=(0, 1), keepdims=True)
    tf.reduce_min(x, axis=[])
    tf.reduce_prod(x, axis=tf.constant([0]))
    tf.reduce_logsumexp(x, axis=2, keepdims=True)
    tf.reduce_sum(x, axis=np.array([0, 2]))
    tf.math.reduce_euclidean_norm(x, axis=1)


@program
def reductions_unknown_rank(tf):
    x = tf.placeholder(tf.float32, name="x")
    tf.reduce_sum(x)
    tf.reduce_mean(x)
    tf.reduce_max(x, axis=1)
    tf.reduce_any(tf.placeholder(tf.bool, name="b"))
    tf.reduce_logsumexp(x)
    tf.norm(x)


@program
def norms_and_counts(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    tf.norm(x)
    tf.norm(x, ord=1)
    tf.norm(x, axis=1)
    tf.norm(x, ord=np.inf, axis=0, keepdims=True)
    tf.nn.l2_loss(x)
    tf.nn.l2_normalize(x, 1)
    tf.nn.l2_normalize(x, axis=[0, 1], epsilon=1e-6)
    tf.count_nonzero(x)
    tf.count_nonzero(x, axis=1, dtype=tf.int32)
    tf.nn.zero_fraction(x)
    tf.global_norm([x, x])
    tf.linalg.norm(x)


@program
def arg_and_sort(tf):
    x = tf.placeholder(tf.float32, [None, 5], name="x")
    tf.argmax(x, 1)
    tf.argmax(x, axis=-1, output_type=tf.int32)
    tf.argmin(x, 0)
    tf.arg_max(x, 1)
    tf.nn.top_k(x, k=2)
    tf.nn.top_k(x, 3, sorted=False, name="top")
    tf.nn.in_top_k(x, tf.placeholder(tf.int32, [None], name="labels"), 1)
    tf.sort(x)
    tf.argsort(x, direction="DESCENDING")
    tf.unique(tf.placeholder(tf.int32, [6], name="u"))
    tf.unique_with_counts(tf.placeholder(tf.int64, [6], name="v"))
    tf.equal(tf.argmax(x, 1), tf.argmax(x, 1))


@program
def matrix_products(tf):
    a = tf.placeholder(tf.float32, [2, 3], name="a")
    b = tf.placeholder(tf.float32, [3, 4], name="b")
    tf.matmul(a, b)
    tf.matmul(a, a, transpose_a=True)
    tf.matmul(a, a, transpose_b=True, name="gram")
    tf.matmul(a, [[1.0], [2.0], [3.0]])
    p = tf.placeholder(tf.float32, [None, 5, 3], name="p")
    q = tf.placeholder(tf.float32, [None, 3, 2], name="q")
    tf.matmul(p, q)
    tf.matmul(p, p, adjoint_b=True)
    tf.linalg.matvec(a, tf.ones([3]))
    tf.tensordot(a, b, axes=1)
    tf.tensordot(p, b, axes=[[2], [0]])
    tf.tensordot(a, a, 2)
    tf.matmul(a, b, b_is_sparse=True)


@program
def einsums(tf):
    a = tf.placeholder(tf.float32, [2, 3], name="a")
    b = tf.placeholder(tf.float32, [3, 4], name="b")
    c = tf.placeholder(tf.float32, [5, 2, 3], name="c")
    tf.einsum("ij,jk->ik", a, b)
    tf.einsum("bij,jk->bik", c, b)
    tf.einsum("ij->ji", a)
    tf.einsum("ij,ij->", a, a)
    tf.einsum("bij,bkj->bik", c, c)
    tf.einsum("i,j->ij", tf.ones([2]), tf.ones([3]))


@program
def linear_algebra(tf):
    m = tf.placeholder(tf.float32, [3, 3], name="m")
    v = tf.placeholder(tf.float32, [3], name="v")
    tf.matrix_inverse(m)
    tf.matrix_determinant(m)
    tf.cholesky(m)
    tf.matrix_solve(m, tf.ones([3, 1]))
    tf.matrix_triangular_solve(m, tf.ones([3, 1]), lower=True)
    tf.matrix_band_part(m, -1, 0)
    tf.diag(v)
    tf.diag_part(m)
    tf.matrix_diag(v)
    tf.matrix_diag_part(m)
    tf.matrix_set_diag(m, v)
    tf.matrix_transpose(m)
    tf.trace(m)
    tf.eye(3)
    tf.eye(2, 4, batch_shape=[5])
    tf.self_adjoint_eig(m)
    tf.svd(m)
    tf.qr(m)
    tf.linalg.logdet(m)
    tf.linalg.slogdet(m)
    tf.cross(v, v)
    tf.linalg.diag(v)
    tf.linalg.inv(m)


@program
def scans_and_segments(tf):
    x = tf.placeholder(tf.float32, [4, 3], name="x")
    ids = tf.constant([0, 0, 1, 2])
    tf.cumsum(x)
    tf.cumsum(x, axis=1, exclusive=True, reverse=True)
    tf.cumprod(x)
    tf.segment_sum(x, ids)
    tf.segment_mean(x, ids)
    tf.segment_max(x, ids)
    tf.unsorted_segment_sum(x, ids, 3)
    tf.unsorted_segment_max(x, ids, num_segments=3)
    tf.unsorted_segment_mean(x, ids, 3)
    tf.bincount(ids)
    tf.confusion_matrix([0, 1, 1], [0, 1, 0])
    tf.histogram_fixed_width([1.0, 2.0], [0.0, 5.0], nbins=5)


@program
def casts(tf):
    x = tf.placeholder(tf.float32, [2], name="x")
    tf.cast(x, tf.int32)
    tf.cast(x, tf.float32)
    tf.cast(x, "float64")
    tf.to_float(tf.constant(1))
    tf.to_int32(x)
    tf.to_int64(x)
    tf.to_double(x)
    tf.cast(3, tf.float32)
    tf.cast(np.arange(3), tf.float32, name="c")
    tf.saturate_cast(x, tf.uint8)
    tf.bitcast(x, tf.int32)
    tf.complex(x, x)
    z = tf.placeholder(tf.complex64, [2], name="z")
    tf.real(z)
    tf.imag(z)
    tf.conj(z)
    tf.abs(z)
    tf.angle(z)
    tf.conj(x)
    tf.real(x)


@program
def conversions(tf):
    tf.convert_to_tensor(1.0)
    tf.convert_to_tensor([1, 2], dtype=tf.float32)
    tf.convert_to_tensor(np.ones((2, 2)), name="ones")
    x = tf.placeholder(tf.float32, [2])
    tf.convert_to_tensor(x)
    tf.convert_to_tensor([x, x])
    tf.convert_to_tensor([1.0, x[0]])
    tf.convert_to_tensor(tf.TensorShape([1, 2]))
    tf.convert_to_tensor(tf.Dimension(3))
    tf.convert_to_tensor(x.shape)
    tf.convert_to_tensor(2, preferred_dtype=tf.float32)
    tf.convert_to_tensor("s")
    tf.convert_to_tensor(tf.float32.max)


@program
def clipping(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    tf.clip_by_value(x, -1.0, 1.0)
    tf.clip_by_value(x, 1e-10, 1.0, name="safe")
    tf.clip_by_norm(x, 5.0)
    tf.clip_by_norm(x, 2.0, axes=[0])
    tf.clip_by_average_norm(x, 1.0)
    tf.clip_by_global_norm([x, 2.0 * x], 1.0)
    tf.clip_by_global_norm([x, None], 1.0, name="some")
    tf.nn.relu6(x)


@program
def sequences(tf):
    tf.range(5)
    tf.range(2, 8, 3)
    tf.range(0.0, 1.0, 0.25)
    n = tf.placeholder(tf.int32, [], name="n")
    tf.range(n)
    tf.range(1, n, name="r")
    tf.range(3, dtype=tf.float32)
    tf.linspace(0.0, 1.0, 5)
    tf.lin_space(0.0, 1.0, n)
    tf.sequence_mask([1, 3, 2])
    tf.sequence_mask([1, 3, 2], maxlen=5, dtype=tf.float32)
    tf.meshgrid([1, 2, 3], [4, 5])


@program
def checks(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    tf.check_numerics(x, "bad")
    tf.verify_tensor_all_finite(x, "not finite")
    tf.debugging.assert_all_finite(x, "m")
    with tf.control_dependencies([tf.assert_positive(x), tf.assert_equal(tf.shape(x)[0], 3)]):
        tf.identity(x)
    tf.Assert(tf.reduce_all(x > 0), [x])
    tf.assert_rank(x, 1)
    tf.assert_non_negative(x, message="neg")
    tf.assert_less(x, 5.0)
    tf.Print(x, [x, tf.shape(x)], message="x is ", first_n=3, summarize=5)
    tf.is_numeric_tensor(x)
    tf.is_non_decreasing(x)
    tf.no_op()
    tf.no_op(name="done")
    tf.group(tf.no_op(), tf.no_op())
    tf.tuple([x, 2 * x])
