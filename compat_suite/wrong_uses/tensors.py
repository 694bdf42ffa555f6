"""Tensors where Python wants something else; wrong constants, slices, dtypes and shapes."""

from compat_suite.wrong_uses import wrong


@wrong
def tensor_as_bool(tf):
    if tf.constant(1.0) > 0.0:
        pass


@wrong
def tensor_in_not(tf):
    not tf.constant(True)


@wrong
def tensor_iterated(tf):
    for _ in tf.constant([1.0, 2.0]):
        pass


@wrong
def tensor_len(tf):
    len(tf.constant([1.0, 2.0]))


@wrong
def tensor_item_assigned(tf):
    x = tf.constant([1.0, 2.0])
    x[0] = 3.0


@wrong
def tensor_set_shape_contradicts(tf):
    tf.placeholder(tf.float32, [2, 3]).set_shape([3, 3])


@wrong
def tensor_as_float(tf):
    float(tf.constant(1.0))


@wrong
def tensor_as_index(tf):
    range(tf.constant(1))


@wrong
def tensor_to_numpy(tf):
    tf.constant(1.0).numpy()


@wrong
def sparse_tensor_item(tf):
    tf.SparseTensor([[0, 0]], [1.0], [2, 2])[0]


@wrong
def slice_with_float(tf):
    tf.constant([1.0, 2.0])[0.5]


@wrong
def slice_with_tensor_of_float(tf):
    tf.constant([1.0, 2.0])[tf.constant(0.5)]


@wrong
def slice_of_scalar(tf):
    tf.constant(1.0)[0]


@wrong
def slice_out_of_bounds(tf):
    tf.constant([1.0, 2.0])[2]


@wrong
def slice_with_too_many_indices(tf):
    tf.constant([1.0, 2.0])[0, 0]


@wrong
def two_ellipses(tf):
    tf.zeros([2, 2, 2])[..., 0, ...]


@wrong
def constant_of_none(tf):
    tf.constant(None)


@wrong
def constant_of_mixed_list(tf):
    tf.constant([1.0, "text"])


@wrong
def constant_of_ragged_list(tf):
    tf.constant([[1.0], [2.0, 3.0]])


@wrong
def constant_float_as_int(tf):
    tf.constant(1.5, dtype=tf.int32)


@wrong
def constant_text_as_float(tf):
    tf.constant("text", dtype=tf.float32)


@wrong
def constant_of_wrong_shape(tf):
    tf.constant([1.0, 2.0, 3.0], shape=[2])


@wrong
def constant_of_tensor(tf):
    tf.constant(tf.constant(1.0))


@wrong
def convert_tensor_to_other_dtype(tf):
    tf.convert_to_tensor(tf.constant(1.0), dtype=tf.int32)


@wrong
def convert_unknown_object(tf):
    tf.convert_to_tensor(object())


@wrong
def convert_unknown_shape(tf):
    tf.convert_to_tensor(tf.TensorShape([None, 2]))


@wrong
def dtype_unknown(tf):
    tf.as_dtype("float33")


@wrong
def dtype_of_object(tf):
    tf.placeholder(object())


@wrong
def shape_negative(tf):
    tf.placeholder(tf.float32, [-2])


@wrong
def dimensions_incompatible(tf):
    tf.TensorShape([2, 3]).assert_is_compatible_with([2, 4])


@wrong
def shape_merge_incompatible(tf):
    tf.TensorShape([2, 3]).merge_with([2, 3, 4])


@wrong
def shape_unknown_as_list(tf):
    tf.TensorShape(None).as_list()


@wrong
def shape_unknown_length(tf):
    len(tf.TensorShape(None))
