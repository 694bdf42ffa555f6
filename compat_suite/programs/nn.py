"""tf.nn, tf.losses and recurrent cells."""

import numpy as np

from compat_suite.programs import program


@program
def activations(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    tf.nn.relu(x)
    tf.nn.relu6(x)
    tf.nn.elu(x)
    tf.nn.selu(x)
    tf.nn.crelu(x)
    tf.nn.leaky_relu(x)
    tf.nn.leaky_relu(x, alpha=0.1, name="leaky")
    tf.nn.softplus(x)
    tf.nn.softsign(x)
    tf.nn.sigmoid(x)
    tf.nn.tanh(x)
    tf.nn.swish(x)
    tf.nn.softmax(x)
    tf.nn.softmax(x, axis=0)
    tf.nn.log_softmax(x)
    tf.nn.log_softmax(tf.zeros([2, 3, 4]), dim=1)
    tf.nn.softmax(tf.placeholder(tf.float32, [None, None, 5], name="y"), name="p")


@program
def softmax_cross_entropies(tf):
    logits = tf.placeholder(tf.float32, [None, 5], name="logits")
    labels = tf.placeholder(tf.float32, [None, 5], name="labels")
    tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)
    tf.nn.softmax_cross_entropy_with_logits(labels=tf.zeros([2, 3, 5]), logits=tf.zeros([2, 3, 5]), name="three")
    tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.zeros([5, 2]), logits=tf.zeros([5, 2]), axis=0)


@program
def sparse_softmax_cross_entropies(tf):
    logits = tf.placeholder(tf.float32, [None, 5], name="logits")
    ids = tf.placeholder(tf.int64, [None], name="ids")
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=ids, logits=logits)
    tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.placeholder(tf.int32, [2, 3], name="i3"), logits=tf.placeholder(tf.float32, [2, 3, 5], name="l3")
    )
    tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.cast(ids, tf.int32), logits=logits, name="e")
    )


@program
def sigmoid_cross_entropies(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    z = tf.placeholder(tf.float32, [2, 3], name="z")
    tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x)
    tf.nn.weighted_cross_entropy_with_logits(z, x, 2.0)
    tf.nn.log_poisson_loss(z, x)
    tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=x, labels=tf.ones_like(x)))


@program
def nn_dropout(tf):
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    tf.nn.dropout(x, 0.5)
    tf.nn.dropout(x, keep_prob=0.8, name="drop")
    tf.nn.dropout(x, rate=0.3, seed=1)
    tf.nn.dropout(x, tf.placeholder(tf.float32, name="keep"))
    tf.nn.dropout(x, 1.0)
    tf.nn.dropout(x, keep_prob=0.5, noise_shape=[1, 4])


@program
def moments(tf):
    x = tf.placeholder(tf.float32, [None, 4, 4, 3], name="x")
    tf.nn.moments(x, [0])
    tf.nn.moments(x, axes=[0, 1, 2], keep_dims=True)
    tf.nn.moments(x, [0, 1, 2], name="stats")
    tf.nn.moments(tf.zeros([2, 2], tf.float16), [0])
    tf.nn.weighted_moments(tf.zeros([2, 3]), [0], tf.ones([2, 1]))


@program
def nn_batch_normalization(tf):
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    mean, variance = tf.nn.moments(x, [0])
    tf.nn.batch_normalization(x, mean, variance, None, None, 1e-3)
    tf.nn.batch_normalization(x, mean, variance, tf.zeros([4]), tf.ones([4]), variance_epsilon=1e-5, name="bn")
    tf.nn.fused_batch_norm(tf.zeros([2, 3, 3, 4]), tf.ones([4]), tf.zeros([4]))
    tf.nn.lrn(tf.zeros([1, 4, 4, 8]))
    tf.nn.local_response_normalization(tf.zeros([1, 4, 4, 8]), 4, bias=1.0, alpha=0.001 / 9.0, beta=0.75, name="norm1")


@program
def nn_convolutions(tf):
    x = tf.placeholder(tf.float32, [None, 8, 8, 3], name="x")
    w = tf.Variable(tf.truncated_normal([3, 3, 3, 4], stddev=0.1), name="w")
    c = tf.nn.conv2d(x, w, strides=[1, 1, 1, 1], padding="SAME")
    c = tf.nn.bias_add(c, tf.zeros([4]))
    tf.nn.conv2d(c, tf.zeros([2, 2, 4, 5]), [1, 2, 2, 1], "VALID", name="strided")
    tf.nn.depthwise_conv2d(x, tf.zeros([3, 3, 3, 2]), [1, 1, 1, 1], "SAME")
    tf.nn.separable_conv2d(x, tf.zeros([3, 3, 3, 2]), tf.zeros([1, 1, 6, 4]), [1, 1, 1, 1], "SAME")
    tf.nn.conv2d_transpose(c, tf.zeros([3, 3, 6, 4]), [2, 16, 16, 6], [1, 2, 2, 1])
    tf.nn.conv2d_transpose(c, tf.zeros([3, 3, 6, 4]), tf.stack([tf.shape(c)[0], 16, 16, 6]), [1, 2, 2, 1], name="up")
    tf.nn.conv1d(tf.zeros([2, 10, 3]), tf.zeros([3, 3, 4]), 1, "SAME")
    tf.nn.conv3d(tf.zeros([1, 4, 4, 4, 2]), tf.zeros([2, 2, 2, 2, 3]), [1, 1, 1, 1, 1], "SAME")
    tf.nn.atrous_conv2d(x, tf.zeros([3, 3, 3, 2]), 2, "SAME")
    tf.nn.convolution(x, tf.zeros([3, 3, 3, 2]), "VALID")
    tf.nn.convolution(x, tf.zeros([3, 3, 3, 2]), "SAME", dilation_rate=[2, 2])


@program
def nn_pooling(tf):
    x = tf.placeholder(tf.float32, [None, 8, 8, 3], name="x")
    tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
    tf.nn.max_pool(x, [1, 3, 3, 1], [1, 2, 2, 1], "VALID", name="pool1")
    tf.nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    tf.nn.pool(x, [2, 2], "MAX", "SAME")
    tf.nn.max_pool3d(tf.zeros([1, 4, 4, 4, 2]), [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], "SAME")
    tf.nn.avg_pool3d(tf.zeros([1, 4, 4, 4, 2]), [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], "VALID")


@program
def nn_layers_by_hand(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.Variable(tf.zeros([3, 2]), name="w")
    b = tf.Variable(tf.zeros([2]), name="b")
    tf.nn.xw_plus_b(x, w, b)
    tf.nn.relu_layer(x, w, b)
    tf.nn.bias_add(tf.matmul(x, w), b)
    tf.matmul(x, w) + b
    tf.nn.l2_loss(w)
    tf.nn.l2_normalize(x, dim=1)
    tf.nn.bias_add(tf.zeros([1, 2, 4, 4]), b, data_format="NCHW")


@program
def embeddings(tf):
    table = tf.Variable(tf.random_uniform([10, 4], -1.0, 1.0), name="table")
    ids = tf.placeholder(tf.int32, [None], name="ids")
    e = tf.nn.embedding_lookup(table, ids)
    tf.nn.embedding_lookup(table, tf.placeholder(tf.int64, [2, 3], name="more"), max_norm=1.0)
    tf.nn.embedding_lookup([table, table], ids)
    tf.nn.embedding_lookup([table, table], ids, partition_strategy="div", name="div")
    sp = tf.SparseTensor([[0, 0], [1, 0]], tf.constant([1, 2], tf.int64), [2, 1])
    tf.nn.embedding_lookup_sparse(table, sp, None, combiner="mean")
    tf.gradients(tf.reduce_sum(e), table)


@program
def sampled_losses(tf):
    weights = tf.Variable(tf.truncated_normal([20, 4], stddev=0.5), name="weights")
    biases = tf.Variable(tf.zeros([20]), name="biases")
    labels = tf.placeholder(tf.int64, [3, 1], name="labels")
    inputs = tf.placeholder(tf.float32, [3, 4], name="inputs")
    sampled = (
        tf.constant([1, 5, 7], tf.int64),
        tf.constant([[0.1], [0.2], [0.3]]),
        tf.constant([0.4, 0.5, 0.6]),
    )
    tf.nn.nce_loss(weights, biases, labels, inputs, 3, 20, sampled_values=sampled)
    tf.nn.sampled_softmax_loss(weights, biases, labels, inputs, 3, 20, sampled_values=sampled)
    tf.reduce_mean(
        tf.nn.nce_loss(weights=weights, biases=biases, labels=labels, inputs=inputs, num_sampled=3, num_classes=20)
    )


@program
def candidate_samplers(tf):
    labels = tf.placeholder(tf.int64, [3, 1], name="labels")
    tf.nn.log_uniform_candidate_sampler(labels, 1, 4, True, 20)
    tf.nn.uniform_candidate_sampler(labels, 1, 4, False, 20, seed=5)
    tf.nn.learned_unigram_candidate_sampler(labels, 1, 4, True, 20)
    tf.nn.compute_accidental_hits(labels, tf.constant([1, 2], tf.int64), 1)
    tf.nn.top_k(tf.zeros([2, 5]), 3)
    tf.nn.in_top_k(tf.zeros([2, 5]), [0, 1], 1)


@program
def losses_on_values(tf):
    y = tf.placeholder(tf.float32, [None, 2], name="y")
    p = tf.placeholder(tf.float32, [None, 2], name="p")
    tf.losses.mean_squared_error(y, p)
    tf.losses.absolute_difference(y, p)
    tf.losses.huber_loss(y, p, delta=2.0)
    tf.losses.log_loss(y, p)
    tf.losses.hinge_loss(y, p)
    tf.losses.cosine_distance(y, p, axis=1)
    tf.losses.mean_pairwise_squared_error(y, p)


@program
def losses_weighted(tf):
    y = tf.placeholder(tf.float32, [4, 2], name="y")
    p = tf.placeholder(tf.float32, [4, 2], name="p")
    tf.losses.mean_squared_error(y, p, weights=0.5)
    tf.losses.mean_squared_error(y, p, weights=tf.ones([4, 1]), scope="weighted")
    tf.losses.absolute_difference(y, p, reduction=tf.losses.Reduction.SUM)
    tf.losses.absolute_difference(y, p, reduction=tf.losses.Reduction.MEAN, weights=2.0)
    tf.losses.absolute_difference(y, p, reduction=tf.losses.Reduction.NONE)
    tf.losses.compute_weighted_loss(tf.square(y - p), weights=[[1.0], [0.0], [1.0], [1.0]])
    tf.losses.compute_weighted_loss(tf.square(y - p), reduction=tf.losses.Reduction.SUM_OVER_BATCH_SIZE)


@program
def losses_on_logits(tf):
    logits = tf.placeholder(tf.float32, [None, 3], name="logits")
    onehot = tf.placeholder(tf.float32, [None, 3], name="onehot")
    ids = tf.placeholder(tf.int32, [None], name="ids")
    tf.losses.softmax_cross_entropy(onehot, logits)
    tf.losses.softmax_cross_entropy(onehot, logits, label_smoothing=0.1)
    tf.losses.sparse_softmax_cross_entropy(ids, logits)
    tf.losses.sparse_softmax_cross_entropy(labels=ids, logits=logits, weights=tf.ones_like(ids, tf.float32))
    tf.losses.sigmoid_cross_entropy(onehot, logits)
    tf.losses.sigmoid_cross_entropy(onehot, logits, label_smoothing=0.2, scope="smooth")
    tf.losses.get_losses()
    tf.losses.get_total_loss(add_regularization_losses=False)


@program
def metrics_means(tf):
    labels = tf.placeholder(tf.int64, [None], name="labels")
    predictions = tf.placeholder(tf.int64, [None], name="predictions")
    tf.metrics.accuracy(labels, predictions)
    tf.metrics.mean(tf.cast(labels, tf.float32))
    tf.metrics.mean_squared_error(tf.to_float(labels), tf.to_float(predictions), name="mse")
    tf.metrics.accuracy(labels, predictions, weights=tf.ones_like(labels), name="weighted")
    tf.local_variables_initializer()


@program
def metrics_counts(tf):
    labels = tf.placeholder(tf.bool, [None], name="labels")
    predictions = tf.placeholder(tf.bool, [None], name="predictions")
    tf.metrics.precision(labels, predictions)
    tf.metrics.recall(labels, predictions)
    tf.metrics.true_positives(labels, predictions)
    tf.metrics.auc(tf.cast(labels, tf.float32), tf.placeholder(tf.float32, [None], name="scores"), num_thresholds=5)
    tf.metrics.mean_iou(tf.cast(labels, tf.int32), tf.cast(predictions, tf.int32), 2)
    tf.metrics.mean_absolute_error(tf.zeros([2]), tf.ones([2]))
    tf.metrics.root_mean_squared_error(tf.zeros([2]), tf.ones([2]))


@program
def static_basic_rnn(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    cell = tf.nn.rnn_cell.BasicRNNCell(5)
    outputs, state = tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)
    tf.gradients(tf.reduce_sum(outputs[-1]) + tf.reduce_sum(state), tf.trainable_variables())


@program
def static_lstm(tf):
    x = tf.placeholder(tf.float32, [None, 2, 4], name="x")
    cell = tf.nn.rnn_cell.BasicLSTMCell(3, forget_bias=0.5)
    outputs, state = tf.nn.static_rnn(cell, tf.unstack(x, 2, 1), dtype=tf.float32)
    tf.add(state.c, state.h)
    tf.gradients(outputs[-1], tf.trainable_variables())


@program
def static_gru(tf):
    x = tf.placeholder(tf.float32, [2, 2, 4], name="x")
    cell = tf.nn.rnn_cell.GRUCell(3)
    outputs, _ = tf.nn.static_rnn(
        cell, tf.unstack(x, axis=1), initial_state=cell.zero_state(2, tf.float32), scope="gru"
    )
    tf.gradients(outputs[-1], [x] + tf.trainable_variables())


@program
def stacked_cells(tf):
    cells = [tf.nn.rnn_cell.LSTMCell(4, num_proj=3), tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.GRUCell(4), 0.5)]
    cell = tf.nn.rnn_cell.MultiRNNCell(cells)
    state = cell.zero_state(2, tf.float32)
    x = tf.placeholder(tf.float32, [2, 5], name="x")
    out, state = cell(x, state)
    cell(tf.concat([out, out], 1)[:, :5], state)


@program
def lstm_variants(tf):
    x = tf.placeholder(tf.float32, [2, 5], name="x")
    peephole = tf.nn.rnn_cell.LSTMCell(3, use_peepholes=True, cell_clip=2.0, name="peep")
    peephole(x, peephole.zero_state(2, tf.float32))
    tuple_free = tf.nn.rnn_cell.BasicLSTMCell(3, state_is_tuple=False, name="packed")
    tuple_free(x, tuple_free.zero_state(2, tf.float32))
    normed = tf.contrib.rnn.LayerNormBasicLSTMCell(3)
    normed(x, normed.zero_state(2, tf.float32))
    wrapped = tf.nn.rnn_cell.ResidualWrapper(tf.nn.rnn_cell.BasicRNNCell(5, name="res"))
    wrapped(x, wrapped.zero_state(2, tf.float32))


@program
def static_bidirectional(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
    forward = tf.nn.rnn_cell.BasicRNNCell(2)
    backward = tf.nn.rnn_cell.BasicRNNCell(2)
    tf.nn.static_bidirectional_rnn(forward, backward, tf.unstack(x, axis=1), dtype=tf.float32)


@program
def static_rnn_with_lengths_of_numpy(tf):
    x = tf.constant(np.ones((3, 2, 4), np.float32))
    cell = tf.nn.rnn_cell.BasicRNNCell(3, activation=tf.nn.relu)
    outputs, _ = tf.nn.static_rnn(cell, tf.unstack(x), dtype=tf.float32)
    tf.stack(outputs)
