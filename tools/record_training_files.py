"""Writes checkpoints and a MetaGraph of TF 1.15 for tests/training, with the numbers that a correct reader gets.

    $TFCOMPAT_ORACLE_TF1 tools/record_training_files.py tests/training/fixtures

(Python 3.7 syntax.)
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json
import sys

import numpy as np
import tensorflow as tf

BATCH = [[1.0, -1.0], [0.5, 2.0]]


def small_model():
    """A model with all kinds of variables, trained by Adam, averaged, and with collections of all kinds."""
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w")
    r = tf.get_variable("r", initializer=np.arange(3.0), use_resource=True)
    with tf.variable_scope("p", partitioner=tf.fixed_size_partitioner(3)):
        p = tf.get_variable("v", [7, 2], initializer=tf.ones_initializer())
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y = tf.nn.relu(tf.matmul(x, w), name="y")
    loss = tf.reduce_sum(y) + tf.cast(tf.reduce_sum(tf.square(r)), tf.float32) + tf.reduce_sum(tf.square(p))
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(0.1).minimize(loss, global_step=step)
    average = tf.train.ExponentialMovingAverage(0.9).apply([w])
    tf.add_to_collection("loss", loss)
    tf.add_to_collection("text", "abc")
    tf.add_to_collection("number", 3)
    return x, train, average, step


def meta_graph(folder):
    with tf.Graph().as_default(), tf.Session() as session:
        x, train, average, step = small_model()
        saver = tf.train.Saver()
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train, {x: BATCH})
            session.run(average)
        saver.save(session, os.path.join(folder, "small"), global_step=step, write_state=False)
        session.run(train, {x: BATCH})
        names = [v.name for v in tf.global_variables()]
        values = [np.asarray(v).tolist() for v in session.run(tf.global_variables())]
    return {"names": names, "after_one_more_step": values}


def objects(folder):
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.get_variable("w", initializer=np.float32([[1, 2], [3, 4]]), use_resource=True)
        ref = tf.Variable([1.0, 5.0], name="ref")
        optimizer = tf.train.AdamOptimizer(0.1)
        train = optimizer.minimize(tf.reduce_sum(tf.square(w)), var_list=[w])
        checkpoint = tf.train.Checkpoint(optimizer=optimizer, w=w, ref=ref)
        checkpoint.parts = [w, {"a/b.c": tf.get_variable("z", initializer=3.0, use_resource=True)}]
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train)
        path = checkpoint.save(os.path.join(folder, "objects"), session)
        os.remove(os.path.join(folder, "checkpoint"))
        keys = [name for name, _ in tf.train.list_variables(path)]
        m, v = optimizer.get_slot(w, "m"), optimizer.get_slot(w, "v")
        return {"keys": keys, "values": [np.asarray(x).tolist() for x in session.run([w, m, v, ref])]}


def main(folder):
    os.makedirs(folder, exist_ok=True)
    found = {"version": tf.__version__, "small": meta_graph(folder), "objects": objects(folder)}
    with open(os.path.join(folder, "values.json"), "w") as out:
        json.dump(found, out, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
