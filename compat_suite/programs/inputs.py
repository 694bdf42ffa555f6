"""Reading and decoding: files, examples, queues, datasets, images; Keras layers in a TF 1 graph."""

from compat_suite.programs import program


@program
def decoding(tf):
    data = tf.read_file("image.jpg")
    tf.image.decode_jpeg(data, channels=3)
    tf.image.decode_png(data)
    tf.image.encode_png(tf.zeros([2, 2, 3], tf.uint8))
    tf.image.encode_jpeg(tf.zeros([2, 2, 3], tf.uint8))
    tf.image.decode_gif(data)
    tf.decode_raw(data, tf.uint8)
    tf.decode_csv(data, [[0], ["text"], [1.0]])
    tf.io.decode_csv(["1,2"], record_defaults=[[1.0], [2.0]])
    tf.matching_files("*.txt")
    tf.write_file("out.txt", data)
    tf.io.serialize_tensor(tf.zeros([2]))
    tf.io.parse_tensor(data, tf.float32)


@program
def example_parsing(tf):
    serialized = tf.placeholder(tf.string, [], name="serialized")
    features = {
        "image": tf.FixedLenFeature([], tf.string),
        "label": tf.FixedLenFeature([1], tf.int64, default_value=[0]),
        "words": tf.VarLenFeature(tf.string),
    }
    tf.parse_single_example(serialized, features)
    tf.parse_example(tf.stack([serialized]), {"x": tf.FixedLenFeature([3], tf.float32)})
    tf.io.parse_single_example(serialized, {"x": tf.io.FixedLenSequenceFeature([2], tf.float32, allow_missing=True)})
    tf.parse_single_sequence_example(
        serialized, context_features={"n": tf.FixedLenFeature([], tf.int64)},
        sequence_features={"s": tf.FixedLenSequenceFeature([], tf.int64)},
    )  # fmt: skip


@program
def queues(tf):
    queue = tf.FIFOQueue(10, [tf.float32, tf.int32], shapes=[[2], []], name="q")
    queue.enqueue([tf.zeros([2]), 1])
    queue.enqueue_many([tf.zeros([3, 2]), [1, 2, 3]])
    queue.dequeue()
    queue.dequeue_many(2)
    queue.size()
    queue.close(cancel_pending_enqueues=True)
    tf.RandomShuffleQueue(10, 2, tf.float32, shapes=[[]], seed=3).dequeue()
    tf.PaddingFIFOQueue(10, [tf.float32], shapes=[[None]]).dequeue_many(2)
    tf.PriorityQueue(10, tf.string, shapes=[[]]).size()


@program
def input_producers(tf):
    files = tf.train.string_input_producer(["a.tfrecord", "b.tfrecord"], num_epochs=2, shuffle=False)
    reader = tf.TFRecordReader()
    _, serialized = reader.read(files)
    tf.train.batch([serialized], batch_size=4)
    tf.train.shuffle_batch([serialized], batch_size=4, capacity=100, min_after_dequeue=10, seed=1)
    tf.train.slice_input_producer([tf.constant([1, 2, 3])], shuffle=False)
    tf.WholeFileReader().read(files)
    tf.TextLineReader(skip_header_lines=1).read(files)
    tf.train.range_input_producer(5, shuffle=False).dequeue()


@program
def image_changes(tf):
    x = tf.placeholder(tf.float32, [8, 8, 3], name="x")
    tf.image.random_flip_left_right(x, seed=1)
    tf.image.adjust_contrast(x, 2.0)
    tf.image.adjust_hue(x, 0.1)
    tf.image.adjust_saturation(x, 0.5)
    tf.image.random_brightness(x, 0.5, seed=2)
    tf.image.random_contrast(x, 0.1, 0.5, seed=3)
    tf.image.resize_image_with_crop_or_pad(x, 6, 10)
    tf.image.central_crop(x, 0.5)
    tf.image.flip_up_down(x)
    tf.image.transpose_image(x)
    tf.image.rot90(x)
    tf.image.rgb_to_hsv(x)
    tf.image.hsv_to_rgb(x)
    tf.image.grayscale_to_rgb(x[..., :1])
    tf.image.crop_and_resize(x[None], [[0.0, 0.0, 0.5, 0.5]], [0], [2, 2])
    tf.image.non_max_suppression([[0.0, 0.0, 1.0, 1.0]], [0.9], 1)
    tf.image.sample_distorted_bounding_box(tf.shape(x), tf.zeros([1, 1, 4]), seed=4)
    tf.image.draw_bounding_boxes(x[None], tf.zeros([1, 1, 4]))
    tf.image.total_variation(x)
    tf.image.psnr(x, x, 1.0)


@program
def datasets_from_tensors(tf):
    data = tf.data.Dataset.from_tensor_slices((tf.constant([1.0, 2.0, 3.0]), tf.constant([1, 2, 3])))
    data = data.shuffle(10, seed=1).repeat().batch(2)
    iterator = data.make_initializable_iterator()
    x, y = iterator.get_next()
    tf.multiply(x, tf.cast(y, tf.float32))


@program
def dataset_iterators(tf):
    data = tf.data.Dataset.range(10).batch(5)
    one_shot = data.prefetch(1).take(2)
    iterator = tf.data.Iterator.from_structure(one_shot.output_types, one_shot.output_shapes)
    iterator.get_next()
    iterator.make_initializer(one_shot)
    tf.data.TextLineDataset(["a.txt"]).make_initializable_iterator().get_next()
    tf.data.TFRecordDataset("a.tfrecord").make_initializable_iterator().get_next()


@program
def lookup_tables(tf):
    words = tf.constant(["a", "b", "c"])
    table = tf.contrib.lookup.index_table_from_tensor(words, num_oov_buckets=1)
    table.lookup(tf.constant(["b", "z"]))
    back = tf.contrib.lookup.index_to_string_table_from_tensor(words)
    back.lookup(tf.constant([0, 9], tf.int64))
    tf.tables_initializer()


@program
def containers(tf):
    with tf.container("mine"):
        tf.Variable(1.0, name="v")
        tf.FIFOQueue(1, tf.float32)
    with tf.get_default_graph().container("other"):
        tf.get_variable("w", [1])


@program
def types_of_placeholders(tf):
    for dtype in (
        tf.int8,
        tf.int16,
        tf.uint16,
        tf.uint8,
        tf.float16,
        tf.bfloat16,
        tf.complex64,
        tf.complex128,
        tf.qint8,
    ):
        tf.placeholder(dtype, [2])
    tf.cast(tf.placeholder(tf.int16, [2]), tf.float32) * 2.0


@program
def keras_layers(tf):
    x = tf.placeholder(tf.float32, [None, 6], name="x")
    h = tf.keras.layers.Dense(4, activation="relu")(x)
    h = tf.keras.layers.Dense(3, kernel_initializer="he_normal", use_bias=False, name="named")(h)
    tf.keras.layers.Activation("softmax")(h)
    tf.keras.layers.Dropout(0.5)(h, training=True)
    tf.keras.layers.LayerNormalization()(h)


@program
def keras_image_layers(tf):
    x = tf.placeholder(tf.float32, [None, 8, 8, 3], name="x")
    h = tf.keras.layers.Conv2D(4, 3, activation="relu", padding="same")(x)
    h = tf.keras.layers.BatchNormalization()(h, training=True)
    h = tf.keras.layers.MaxPool2D()(h)
    h = tf.keras.layers.GlobalAveragePooling2D()(h)
    tf.keras.layers.Flatten()(tf.keras.layers.AveragePooling2D()(x))
    tf.keras.layers.Reshape([2, 2])(h)


@program
def keras_embedding(tf):
    ids = tf.placeholder(tf.int32, [None, 5], name="ids")
    e = tf.keras.layers.Embedding(10, 4)(ids)
    tf.keras.layers.Concatenate()([e, e])
    tf.keras.layers.Add()([e, e])
    tf.keras.layers.Lambda(lambda t: t * 2.0)(e)
    tf.keras.backend.mean(e, axis=1)


@program
def old_names(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    tf.initialize_variables([tf.Variable(1.0)])
    tf.all_variables()
    tf.sparse_matmul(x, tf.ones([3, 2]))
    tf.batch_to_space_nd(tf.zeros([4, 1, 1, 1]), [2, 2], [[0, 0], [0, 0]])
    tf.floor(x)
    tf.reduce_mean(x, reduction_indices=1, keep_dims=True)
    tf.argmax(x, dimension=1)
    tf.expand_dims(x, dim=0)
    tf.concat(values=[x, x], axis=0)
    tf.split(value=x, num_or_size_splits=3, axis=1)
    tf.nn.softmax(x, dim=0)
    tf.nn.l2_normalize(x, dim=1)
    tf.nn.log_softmax(x, dim=-1)
    tf.norm(x, keep_dims=True)
    tf.count_nonzero(x, keep_dims=True)
    tf.multinomial(x, 2)
    tf.div(x, 2.0)
    tf.create_partitioned_variables([4, 2], [2, 1], tf.zeros_initializer())
    tf.string_to_hash_bucket(["a"], 5)
    tf.sparse_concat(0, [tf.SparseTensor([[0, 0]], [1.0], [1, 1])] * 2)


@program
def contrib_recurrent_cells(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    cell = tf.contrib.rnn.MultiRNNCell([tf.contrib.rnn.BasicLSTMCell(3), tf.contrib.rnn.GRUCell(2)])
    outputs, _ = tf.contrib.rnn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)
    tf.stack(outputs)


@program
def logistic_regression_trained(tf):
    x = tf.placeholder("float", [None, 784])
    y = tf.placeholder("float", [None, 10])
    w = tf.Variable(tf.zeros([784, 10]))
    b = tf.Variable(tf.zeros([10]))
    prediction = tf.nn.softmax(tf.matmul(x, w) + b)
    cost = tf.reduce_mean(-tf.reduce_sum(y * tf.log(prediction), reduction_indices=1))
    tf.train.GradientDescentOptimizer(0.01).minimize(cost)
    correct = tf.equal(tf.argmax(prediction, 1), tf.argmax(y, 1))
    tf.reduce_mean(tf.cast(correct, tf.float32))
    tf.global_variables_initializer()


@program
def autoencoder_trained(tf):
    x = tf.placeholder("float", [None, 12])
    weights = {
        "encoder": tf.Variable(tf.random_normal([12, 4])),
        "decoder": tf.Variable(tf.random_normal([4, 12])),
    }
    hidden = tf.nn.sigmoid(tf.add(tf.matmul(x, weights["encoder"]), tf.Variable(tf.random_normal([4]))))
    out = tf.nn.sigmoid(tf.add(tf.matmul(hidden, weights["decoder"]), tf.Variable(tf.random_normal([12]))))
    loss = tf.reduce_mean(tf.pow(x - out, 2))
    tf.train.RMSPropOptimizer(0.01).minimize(loss)


@program
def policy_gradient_trained(tf):
    state = tf.placeholder(tf.float32, [None, 4], "state")
    action = tf.placeholder(tf.int32, [None], "action")
    reward = tf.placeholder(tf.float32, [None], "reward")
    with tf.variable_scope("policy"):
        h = tf.layers.dense(state, 8, tf.nn.tanh, kernel_initializer=tf.random_normal_initializer(0.0, 0.3))
        logits = tf.layers.dense(h, 2, name="logits")
    with tf.name_scope("loss"):
        neg_log_prob = tf.reduce_sum(-tf.log(tf.nn.softmax(logits)) * tf.one_hot(action, 2), axis=1)
        loss = tf.reduce_mean(neg_log_prob * reward)
    with tf.name_scope("train"):
        tf.train.AdamOptimizer(0.01).minimize(loss)


@program
def q_network_trained(tf):
    s = tf.placeholder(tf.float32, [None, 4], name="s")
    s_next = tf.placeholder(tf.float32, [None, 4], name="s_next")
    a = tf.placeholder(tf.int32, [None], name="a")

    def network(x, scope, names):
        with tf.variable_scope(scope):
            w1 = tf.get_variable("w1", [4, 8], collections=names)
            b1 = tf.get_variable("b1", [1, 8], initializer=tf.constant_initializer(0.1), collections=names)
            w2 = tf.get_variable("w2", [8, 2], collections=names)
            return tf.matmul(tf.nn.relu(tf.matmul(x, w1) + b1), w2)

    q = network(s, "eval", ["eval_params", tf.GraphKeys.GLOBAL_VARIABLES])
    q_next = network(s_next, "target", ["target_params", tf.GraphKeys.GLOBAL_VARIABLES])
    with tf.variable_scope("target_value"):
        target = tf.stop_gradient(1.0 + 0.9 * tf.reduce_max(q_next, axis=1))
    chosen = tf.gather_nd(q, tf.stack([tf.range(tf.shape(a)[0], dtype=tf.int32), a], axis=1))
    loss = tf.reduce_mean(tf.squared_difference(target, chosen), name="td_error")
    tf.train.RMSPropOptimizer(0.01).minimize(loss, var_list=tf.get_collection("eval_params"))
    with tf.variable_scope("replace"):
        pairs = zip(tf.get_collection("target_params"), tf.get_collection("eval_params"))
        [tf.assign(t, e) for t, e in pairs]


@program
def residual_block_trained(tf):
    x = tf.placeholder(tf.float32, [4, 8, 8, 4], name="x")
    training = tf.placeholder_with_default(True, [], name="training")

    def block(h, name):
        with tf.variable_scope(name):
            y = tf.layers.batch_normalization(h, training=True)
            y = tf.layers.conv2d(tf.nn.relu(y), 4, 3, padding="same", use_bias=False)
            y = tf.layers.batch_normalization(y, training=True)
            y = tf.layers.conv2d(tf.nn.relu(y), 4, 3, padding="same", use_bias=False)
            return h + y

    h = block(block(x, "block1"), "block2")
    h = tf.reduce_mean(h, [1, 2])
    logits = tf.layers.dense(h, 3, kernel_regularizer=tf.contrib.layers.l2_regularizer(1e-4))
    loss = tf.losses.sparse_softmax_cross_entropy([0, 1, 2, 0], logits) + tf.losses.get_regularization_loss()
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    step = tf.train.get_or_create_global_step()
    with tf.control_dependencies(updates):
        tf.train.MomentumOptimizer(tf.train.piecewise_constant(step, [5], [0.1, 0.01]), 0.9).minimize(loss, step)
    tf.logical_not(training)
    tf.train.Saver()


@program
def attention_trained(tf):
    x = tf.placeholder(tf.float32, [2, 5, 8], name="x")
    q = tf.layers.dense(x, 8, use_bias=False, name="q")
    k = tf.layers.dense(x, 8, use_bias=False, name="k")
    v = tf.layers.dense(x, 8, use_bias=False, name="v")
    q, k, v = (tf.concat(tf.split(t, 2, axis=2), axis=0) for t in (q, k, v))
    weights = tf.nn.softmax(tf.matmul(q, tf.transpose(k, [0, 2, 1])) / (4**0.5))
    mask = tf.matrix_band_part(tf.ones_like(weights[0]), -1, 0)
    weights = tf.where(tf.equal(tf.tile(mask[None], [4, 1, 1]), 0), tf.ones_like(weights) * -1e9, weights)
    out = tf.concat(tf.split(tf.matmul(weights, v), 2, axis=0), axis=2)
    loss = tf.reduce_mean(tf.square(tf.contrib.layers.layer_norm(out + x, begin_norm_axis=-1)))
    tf.train.AdamOptimizer(1e-3).minimize(loss)
