"""Shapes, slices, joins and gathers."""

import numpy as np

from compat_suite.programs import program


@program
def slices_constant(tf):
    x = tf.placeholder(tf.float32, [4, 5, 6], name="x")
    x[0]
    x[-1]
    x[1:3]
    x[:, 2]
    x[..., 0]
    x[:, tf.newaxis]
    x[None, :, 1:, ::2]
    x[::-1]
    x[1, 2, 3]
    x[1:2, ..., 2:4]
    x[0, :, None, -2:]


@program
def slices_with_tensors(tf):
    x = tf.placeholder(tf.float32, [None, 5], name="x")
    i = tf.placeholder(tf.int32, [], name="i")
    x[i]
    x[:i]
    x[i:, 0]
    x[i : i + 2]
    x[:, i]
    n = tf.shape(x)[0]
    x[: n - 1]
    x[n - 1]
    x[np.int64(1)]
    x[tf.constant(0)]


@program
def slice_of_mask(tf):
    x = tf.placeholder(tf.float32, [3, 2], name="x")
    m = tf.placeholder(tf.bool, [3], name="m")
    tf.boolean_mask(x, m)
    tf.boolean_mask(x, tf.constant([True, False, True]), name="mask")
    tf.boolean_mask(x, [True, False], axis=1)
    tf.boolean_mask(x, x > 0)


@program
def slice_functions(tf):
    x = tf.placeholder(tf.float32, [4, 6], name="x")
    tf.slice(x, [0, 1], [2, 3])
    tf.slice(x, [1, 0], [-1, 2], name="s")
    tf.slice(x, tf.stack([0, 0]), tf.shape(x))
    tf.strided_slice(x, [0, 0], [4, 6], [2, 2])
    tf.strided_slice(x, [1], [3])
    tf.strided_slice(x, [0, 0], [2, 2], begin_mask=1, shrink_axis_mask=2)


@program
def shapes(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.placeholder(tf.float32, [2, 3], name="y")
    u = tf.placeholder(tf.float32, name="u")
    tf.shape(x)
    tf.shape(y)
    tf.shape(y, out_type=tf.int64)
    tf.shape(u)
    tf.size(x)
    tf.size(y)
    tf.rank(x)
    tf.rank(u)
    tf.shape_n([x, y])
    tf.broadcast_dynamic_shape(tf.shape(x), tf.shape(y))
    tf.broadcast_to(y, [4, 2, 3])
    tf.shape(x)[0]
    tf.shape(x, name="xs")[1]
    tf.ensure_shape(x, [5, 3])


@program
def reshapes(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    tf.reshape(x, [6, 4])
    tf.reshape(x, [-1])
    tf.reshape(x, (-1, 2, 2))
    tf.reshape(x, [tf.shape(x)[0], -1])
    tf.reshape(x, tf.stack([2, tf.constant(12)]))
    tf.reshape(tf.placeholder(tf.float32, name="u"), [-1, 28, 28, 1], name="image")
    tf.reshape(x, tf.TensorShape([4, 6]))
    tf.expand_dims(x, 0)
    tf.expand_dims(x, -1)
    tf.expand_dims(x, axis=1, name="e")
    tf.squeeze(tf.zeros([1, 2, 1]))
    tf.squeeze(tf.zeros([1, 2, 1]), [0])
    tf.squeeze(tf.zeros([1, 2, 1]), axis=-1)
    tf.squeeze(tf.zeros([1, 2, 1]), squeeze_dims=[2])


@program
def transposes(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    u = tf.placeholder(tf.float32, name="u")
    tf.transpose(x)
    tf.transpose(x, [0, 2, 1])
    tf.transpose(x, perm=[2, 1, 0], name="t")
    tf.transpose(u)
    tf.transpose(tf.zeros([2, 2]))
    tf.reverse(x, [1])
    tf.reverse(x, axis=[0, 2])
    tf.reverse_sequence(x, [1, 2], seq_axis=1, batch_axis=0)
    tf.roll(x, 1, 0)
    tf.roll(x, shift=[1, -1], axis=[0, 1])
    tf.space_to_depth(tf.zeros([1, 4, 4, 1]), 2)
    tf.depth_to_space(tf.zeros([1, 2, 2, 4]), 2)
    tf.space_to_batch(tf.zeros([1, 4, 4, 1]), [[0, 0], [0, 0]], 2)
    tf.batch_to_space(tf.zeros([4, 2, 2, 1]), [[0, 0], [0, 0]], 2)


@program
def joins(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    y = tf.placeholder(tf.float32, [None, 3], name="y")
    tf.concat([x, y], 0)
    tf.concat([x, x], axis=1, name="wide")
    tf.concat([x], 0)
    tf.concat([x, [[1.0, 2.0, 3.0]]], 0)
    tf.concat([tf.shape(x), [1]], 0)
    tf.stack([x, x])
    tf.stack([x, x], axis=-1, name="pairs")
    tf.stack([1, 2, 3])
    tf.stack([tf.shape(y)[0], 4])
    tf.parallel_stack([x, x])
    tf.tile(x, [2, 1])
    tf.tile(x, tf.stack([tf.shape(y)[0], 1]))
    tf.dynamic_stitch([[0, 2], [1]], [[1.0, 3.0], [2.0]])
    tf.dynamic_partition(x, [0, 1], 2)


@program
def splits(tf):
    x = tf.placeholder(tf.float32, [4, 6], name="x")
    tf.split(x, 2)
    tf.split(x, 3, axis=1)
    tf.split(x, [1, 3], 0)
    tf.split(x, num_or_size_splits=[2, -1], axis=1, name="parts")
    tf.unstack(x)
    tf.unstack(x, axis=1)
    tf.unstack(tf.placeholder(tf.float32, [None, 2], name="y"), num=3)
    list(tf.unstack(tf.constant([1, 2]), name="two"))


@program
def gathers(tf):
    x = tf.placeholder(tf.float32, [5, 3], name="x")
    i = tf.placeholder(tf.int32, [None], name="i")
    tf.gather(x, i)
    tf.gather(x, [0, 2])
    tf.gather(x, i, axis=1)
    tf.gather(x, 1, name="row")
    tf.gather_nd(x, [[0, 1], [2, 2]])
    tf.batch_gather(tf.zeros([2, 3]), [[0], [1]])
    tf.gather(tf.zeros([2, 3, 4]), [[0], [1]], batch_dims=1, axis=1)
    tf.one_hot(i, 4)
    tf.one_hot([1, 2], depth=3, on_value=5.0, off_value=-1.0, axis=0)
    tf.one_hot(i, 10, dtype=tf.int32)
    tf.scatter_nd([[1], [3]], [9.0, 8.0], [5])
    tf.tensor_scatter_update(x, [[0]], [[1.0, 2.0, 3.0]])
    tf.invert_permutation([2, 0, 1])


@program
def padding(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    tf.pad(x, [[1, 1], [2, 2]])
    tf.pad(x, [[1, 1], [0, 2]], "REFLECT")
    tf.pad(x, tf.constant([[0, 1], [1, 0]]), mode="SYMMETRIC", name="sym")
    tf.pad(x, [[0, 0], [0, 1]], constant_values=7.0)
    tf.pad(x, np.zeros((2, 2), np.int32))


@program
def selects(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    y = tf.placeholder(tf.float32, [2, 3], name="y")
    tf.where(x > y, x, y)
    tf.where(x > 0.0, x, tf.zeros_like(x), name="w")
    tf.where(x > y)
    tf.where([True, False], x, y)
    tf.where_v2(x > 0, x, 0.0)
    tf.equal(x, y)
    tf.greater(x, 0.5)
    tf.greater_equal(x, y)
    tf.less(x, y)
    tf.less_equal(x, 1)
    tf.not_equal(x, y)
    tf.setdiff1d([1, 2, 3], [2])
    tf.searchsorted([1.0, 2.0, 3.0], [2.5])


@program
def strings(tf):
    s = tf.placeholder(tf.string, [2], name="s")
    tf.string_join([s, s], separator="-")
    tf.string_split(s)
    tf.string_to_number(s)
    tf.as_string(tf.constant([1, 2]))
    tf.substr(s, 0, 2)
    tf.strings.length(s)
    tf.strings.regex_replace(s, "a", "b")
    tf.string_to_hash_bucket_fast(s, 10)
    tf.decode_raw(s, tf.uint8)
    tf.reduce_join(s, 0)
    tf.encode_base64(s)
    s + "x"
    tf.strings.upper(s)
    tf.strings.strip(s)


@program
def sparse_tensors(tf):
    sp = tf.SparseTensor(indices=[[0, 0], [1, 2]], values=[1.0, 2.0], dense_shape=[3, 4])
    tf.sparse_tensor_to_dense(sp)
    tf.sparse_tensor_dense_matmul(sp, tf.ones([4, 2]))
    tf.sparse_reduce_sum(sp)
    tf.sparse_add(sp, sp)
    tf.sparse_to_dense([1, 3], [5], 1.0)
    tf.sparse_reorder(sp)
    tf.sparse_placeholder(tf.float32, name="p")
    s = tf.IndexedSlices(tf.ones([2, 3]), tf.constant([0, 2]), dense_shape=tf.constant([4, 3]))
    tf.convert_to_tensor(s)
    tf.sparse_retain(sp, [True, False])


@program
def images(tf):
    x = tf.placeholder(tf.float32, [2, 8, 8, 3], name="x")
    tf.image.resize_images(x, [4, 4])
    tf.image.resize_bilinear(x, [4, 4])
    tf.image.resize_nearest_neighbor(x, [16, 16], align_corners=True)
    tf.image.rgb_to_grayscale(x)
    tf.image.convert_image_dtype(tf.zeros([2, 2, 3], tf.uint8), tf.float32)
    tf.image.per_image_standardization(x)
    tf.image.flip_left_right(x)
    tf.image.crop_to_bounding_box(x, 1, 1, 4, 4)
    tf.image.adjust_brightness(x, 0.1)
    tf.extract_image_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID")
    tf.image.pad_to_bounding_box(x, 1, 1, 12, 12)
    tf.image.resize(x, [3, 3], method="bicubic")
