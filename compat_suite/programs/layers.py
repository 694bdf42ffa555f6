"""tf.layers and the contrib layers that programs of the time used."""

from compat_suite.programs import program


@program
def dense_layers(tf):
    x = tf.placeholder(tf.float32, [None, 8], name="x")
    h = tf.layers.dense(x, 16, activation=tf.nn.relu)
    h = tf.layers.dense(h, 4, tf.tanh, name="second")
    tf.layers.dense(h, 2, use_bias=False)
    tf.layers.dense(h, 1, kernel_initializer=tf.zeros_initializer(), bias_initializer=tf.constant_initializer(0.1))
    tf.layers.dense(tf.placeholder(tf.float32, [None, 5, 3], name="sequence"), 7)
    layer = tf.layers.Dense(3, name="shared")
    layer(h)
    layer(h * 2.0)


@program
def dense_reused(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    with tf.variable_scope("net"):
        tf.layers.dense(x, 4, name="d")
    with tf.variable_scope("net", reuse=True):
        tf.layers.dense(x, 4, name="d")
    tf.layers.dense(x, 4, name="d", reuse=tf.AUTO_REUSE)
    tf.layers.dense(x, 4, name="d", reuse=tf.AUTO_REUSE)
    with tf.name_scope("tower"):
        tf.layers.dense(x, 2)


@program
def dense_with_regularizers(tf):
    x = tf.placeholder(tf.float64, [2, 3], name="x")
    l2 = lambda w: 0.01 * tf.nn.l2_loss(w)
    tf.layers.dense(x, 4, kernel_regularizer=l2, bias_regularizer=l2, name="d")
    tf.layers.dense(x, 4, activity_regularizer=l2)
    tf.layers.dense(x, 4, kernel_constraint=lambda w: tf.clip_by_norm(w, 1.0), trainable=False)
    tf.losses.get_regularization_loss()


@program
def conv2d_layers(tf):
    x = tf.placeholder(tf.float32, [None, 28, 28, 1], name="x")
    c = tf.layers.conv2d(x, 8, 5, activation=tf.nn.relu)
    c = tf.layers.conv2d(c, 4, [3, 3], strides=2, padding="same", name="two")
    c = tf.layers.conv2d(c, 4, (3, 3), strides=(1, 1), dilation_rate=2, padding="SAME")
    c = tf.layers.conv2d(c, 2, 1, use_bias=False)
    tf.layers.flatten(c)
    y = tf.placeholder(tf.float32, [2, 3, 8, 8], name="first")
    tf.layers.conv2d(y, 4, 3, data_format="channels_first")


@program
def conv1d_layers(tf):
    x = tf.placeholder(tf.float32, [None, 20, 3], name="x")
    c = tf.layers.conv1d(x, 4, 3, activation=tf.nn.relu)
    c = tf.layers.conv1d(c, 4, 3, strides=2, padding="same")
    tf.layers.conv1d(c, 2, 2, dilation_rate=2)
    p = tf.layers.max_pooling1d(c, 2, 2)
    tf.layers.average_pooling1d(p, 2, 1, padding="same")
    tf.layers.separable_conv1d(x, 4, 3)


@program
def conv3d_layers(tf):
    x = tf.placeholder(tf.float32, [None, 8, 8, 8, 2], name="x")
    c = tf.layers.conv3d(x, 3, 3, padding="same", activation=tf.nn.relu)
    p = tf.layers.max_pooling3d(c, 2, 2)
    p = tf.layers.average_pooling3d(p, 2, 2)
    tf.layers.conv3d_transpose(p, 2, 3, strides=2)
    tf.layers.flatten(p)


@program
def conv2d_transpose_layers(tf):
    x = tf.placeholder(tf.float32, [None, 7, 7, 4], name="x")
    c = tf.layers.conv2d_transpose(x, 8, 5, strides=2, padding="same", activation=tf.nn.relu)
    tf.layers.conv2d_transpose(c, 1, [4, 4], strides=(2, 2))
    fixed = tf.placeholder(tf.float32, [2, 4, 4, 3], name="fixed")
    tf.layers.conv2d_transpose(fixed, 2, 3, use_bias=False, padding="valid")
    tf.layers.conv2d_transpose(tf.zeros([2, 3, 4, 4]), 2, 3, data_format="channels_first", strides=2)


@program
def separable_conv2d_layers(tf):
    x = tf.placeholder(tf.float32, [None, 9, 9, 3], name="x")
    tf.layers.separable_conv2d(x, 8, 3)
    tf.layers.separable_conv2d(x, 8, 3, strides=2, padding="same", depth_multiplier=2, name="sep")
    tf.layers.separable_conv2d(x, 4, 3, use_bias=False, activation=tf.nn.relu)


@program
def pooling2d_layers(tf):
    x = tf.placeholder(tf.float32, [None, 9, 9, 3], name="x")
    tf.layers.max_pooling2d(x, 2, 2)
    tf.layers.max_pooling2d(x, [2, 2], strides=[1, 1], padding="same", name="pool")
    tf.layers.average_pooling2d(x, 3, 2)
    tf.layers.average_pooling2d(x, pool_size=(2, 2), strides=(2, 2), padding="same")
    tf.layers.MaxPooling2D(3, 3)(x)
    tf.layers.max_pooling2d(tf.zeros([1, 3, 8, 8]), 2, 2, data_format="channels_first")


@program
def batch_normalization_training(tf):
    x = tf.placeholder(tf.float32, [None, 6], name="x")
    tf.layers.batch_normalization(x, training=True)
    tf.get_collection(tf.GraphKeys.UPDATE_OPS)


@program
def batch_normalization_inference(tf):
    x = tf.placeholder(tf.float32, [None, 6], name="x")
    tf.layers.batch_normalization(x)
    tf.layers.batch_normalization(x, center=False, scale=False, momentum=0.9, epsilon=1e-5, name="plain")


@program
def batch_normalization_fused(tf):
    x = tf.placeholder(tf.float32, [None, 4, 4, 3], name="x")
    tf.layers.batch_normalization(x, training=True)
    tf.layers.batch_normalization(x, training=False, name="inference")
    tf.layers.batch_normalization(x, training=True, fused=False, name="not_fused")
    tf.layers.batch_normalization(x, axis=3, scale=False, momentum=0.9, training=True)


@program
def batch_normalization_channels_first(tf):
    x = tf.placeholder(tf.float32, [2, 3, 4, 4], name="x")
    tf.layers.batch_normalization(x, axis=1, training=True)
    tf.layers.batch_normalization(x, axis=1, training=True, fused=False)


@program
def dropout_layers(tf):
    x = tf.placeholder(tf.float32, [None, 6], name="x")
    tf.layers.dropout(x)
    tf.layers.dropout(x, rate=0.4, training=True)
    tf.layers.dropout(x, 0.5, seed=3, training=True, name="drop")
    tf.layers.dropout(x, noise_shape=[1, 6], training=True)


@program
def flatten_layers(tf):
    tf.layers.flatten(tf.placeholder(tf.float32, [None, 2, 3], name="a"))
    tf.layers.flatten(tf.placeholder(tf.float32, [4, 2, 3], name="b"))
    tf.layers.flatten(tf.placeholder(tf.float32, [4], name="c"))
    tf.layers.flatten(tf.placeholder(tf.float32, [None, None, 3], name="d"))
    tf.contrib.layers.flatten(tf.placeholder(tf.float32, [None, 2, 3], name="e"))


@program
def contrib_fully_connected(tf):
    x = tf.placeholder(tf.float32, [None, 6], name="x")
    h = tf.contrib.layers.fully_connected(x, 4)
    h = tf.contrib.layers.fully_connected(h, 3, activation_fn=None, scope="out")
    tf.contrib.layers.fully_connected(
        h, 2, weights_initializer=tf.zeros_initializer(), weights_regularizer=tf.contrib.layers.l2_regularizer(0.1)
    )


@program
def contrib_layer_norm(tf):
    x = tf.placeholder(tf.float32, [None, 4, 6], name="x")
    tf.contrib.layers.layer_norm(x)
    tf.contrib.layers.layer_norm(x, center=False, scale=False, scope="plain")
    tf.contrib.layers.layer_norm(x, begin_norm_axis=-1, scope="last")


@program
def convolutional_network(tf):
    images = tf.placeholder(tf.float32, [None, 784], name="images")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    x = tf.reshape(images, [-1, 28, 28, 1])
    x = tf.layers.conv2d(x, 32, 5, padding="same", activation=tf.nn.relu)
    x = tf.layers.max_pooling2d(x, [2, 2], 2)
    x = tf.layers.conv2d(x, 64, 5, padding="same", activation=tf.nn.relu)
    x = tf.layers.max_pooling2d(x, 2, 2)
    x = tf.layers.flatten(x)
    x = tf.layers.dropout(tf.layers.dense(x, 128, tf.nn.relu), 0.4, training=True)
    logits = tf.layers.dense(x, 10)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    step = tf.train.get_or_create_global_step()
    tf.train.AdamOptimizer(1e-3).minimize(loss, step)
    tf.metrics.accuracy(labels, tf.argmax(logits, 1))
    tf.global_variables_initializer()


@program
def batch_normalized_network_trained(tf):
    x = tf.placeholder(tf.float32, [8, 6, 6, 2], name="x")
    training = True
    with tf.variable_scope("net"):
        h = tf.layers.conv2d(x, 4, 3, use_bias=False)
        h = tf.layers.batch_normalization(h, training=training)
        h = tf.nn.relu(h)
        h = tf.layers.conv2d(h, 4, 3)
        h = tf.layers.batch_normalization(h, training=training, fused=False)
        y = tf.layers.dense(tf.layers.flatten(h), 1)
    loss = tf.reduce_mean(tf.square(y))
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        tf.train.GradientDescentOptimizer(0.1).minimize(loss)
