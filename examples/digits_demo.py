"""A small convolutional net on real handwritten digits, in plain TensorFlow 1 style.

Trains on the 1,797 8x8 digits that scikit-learn ships, shows loss and accuracy as it goes, writes a TensorBoard event
file, a plot of the loss and a checkpoint, then restores the checkpoint into a new session and evaluates again.

    python examples/digits_demo.py [--out out/demo] [--epochs 16] [--seed 1]
"""

import argparse
import os
import time

import numpy as np

import tfcompat as tf

BATCH = 64


def load_digits(seed):
    """Images [n, 8, 8, 1] in 0..1 and labels [n]; four fifths to train on, one fifth to test on."""
    from sklearn.datasets import load_digits as sklearn_digits

    digits = sklearn_digits()
    images = (digits.images / 16.0).astype(np.float32)[..., None]
    labels = digits.target.astype(np.int64)
    order = np.random.RandomState(seed).permutation(len(labels))
    cut = len(labels) * 4 // 5
    train, test = order[:cut], order[cut:]
    return (images[train], labels[train]), (images[test], labels[test])


def build_model(images, training):
    """Two convolutions, a hidden layer with dropout, ten logits."""
    net = tf.layers.conv2d(images, 32, 3, padding="same", activation=tf.nn.relu, name="conv1")
    net = tf.layers.conv2d(net, 64, 3, padding="same", activation=tf.nn.relu, name="conv2")
    net = tf.layers.max_pooling2d(net, 2, 2)
    net = tf.layers.flatten(net)
    net = tf.layers.dense(net, 128, activation=tf.nn.relu, name="hidden")
    net = tf.layers.dropout(net, rate=0.4, training=training)
    return tf.layers.dense(net, 10, name="logits")


def plot(losses, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    axes.plot(losses, linewidth=0.8)
    axes.set(xlabel="step", ylabel="loss", yscale="log", title="Digits: training loss")
    axes.grid(True, alpha=0.3)
    figure.savefig(path, dpi=120, bbox_inches="tight")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="out/demo")
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)

    (train_x, train_y), (test_x, test_y) = load_digits(args.seed)
    tf.set_random_seed(args.seed)

    x = tf.placeholder(tf.float32, [None, 8, 8, 1], name="x")
    y = tf.placeholder(tf.int64, [None], name="y")
    training = tf.placeholder_with_default(False, [], name="training")
    logits = build_model(x, training)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits), name="loss")
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32), name="accuracy")
    global_step = tf.train.get_or_create_global_step()
    train_op = tf.train.AdamOptimizer(2e-3).minimize(loss, global_step=global_step)

    tf.summary.scalar("loss", loss)
    tf.summary.scalar("accuracy", accuracy)
    tf.summary.histogram("logits", logits)
    summaries = tf.summary.merge_all()
    saver = tf.train.Saver()
    checkpoint = os.path.join(args.out, "model.ckpt")
    rng = np.random.RandomState(args.seed)
    losses = []

    with tf.Session() as sess:
        writer = tf.summary.FileWriter(args.out, sess.graph)
        sess.run(tf.global_variables_initializer())
        start = time.time()
        for epoch in range(1, args.epochs + 1):
            order = rng.permutation(len(train_y))
            for at in range(0, len(order) - BATCH + 1, BATCH):
                batch = order[at : at + BATCH]
                feed = {x: train_x[batch], y: train_y[batch], training: True}
                _, value, step = sess.run([train_op, loss, global_step], feed_dict=feed)
                losses.append(value)
                if step % 10 == 0:
                    writer.add_summary(sess.run(summaries, feed_dict=feed), step)
            test_accuracy = sess.run(accuracy, feed_dict={x: test_x, y: test_y})
            recent = np.mean(losses[-(len(order) // BATCH) :])
            print(f"epoch {epoch:2d}  step {step:4d}  loss {recent:.4f}  test accuracy {test_accuracy:.4f}")
        print(f"trained {len(losses)} steps in {time.time() - start:.1f} s")
        path = saver.save(sess, checkpoint, global_step=global_step)
        writer.close()

    with tf.Session() as sess:
        saver.restore(sess, tf.train.latest_checkpoint(args.out))
        restored = sess.run(accuracy, feed_dict={x: test_x, y: test_y})
    print(f"restored {path}: test accuracy {restored:.4f}")
    if restored != test_accuracy:
        raise SystemExit("the restored model differs from the trained one")

    plot(losses, os.path.join(args.out, "loss.png"))
    curve = os.path.join(args.out, "loss.png")
    print(f"wrote {path}, the loss curve {curve} and events for `tensorboard --logdir {args.out}`")


if __name__ == "__main__":
    main()
