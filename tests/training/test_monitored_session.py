"""Coordinators, queue runners' kin, monitored sessions and their hooks, supervisors, servers."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

import tfcompat as tf


def counting() -> tuple[Any, Any]:
    step = tf.train.get_or_create_global_step()
    return step, tf.assign_add(step, 1)


def test_a_coordinator_reports_what_stopped_it() -> None:
    coord = tf.train.Coordinator()

    def work() -> None:
        with coord.stop_on_exception():
            raise RuntimeError("broken")

    thread = threading.Thread(target=work)
    thread.start()
    with pytest.raises(RuntimeError, match="broken"):
        coord.join([thread])
    assert coord.should_stop() and coord.joined
    coord.clear_stop()
    assert not coord.should_stop()
    with coord.stop_on_exception():
        raise tf.errors.OutOfRangeError(None, None, "the end")
    coord.join([])
    with pytest.raises(RuntimeError, match="late"):
        coord.request_stop(RuntimeError("late"))


def test_a_coordinator_names_stragglers() -> None:
    coord, hold = tf.train.Coordinator(), threading.Event()
    thread = threading.Thread(target=hold.wait, name="slow", daemon=True)
    thread.start()
    coord.request_stop()
    with pytest.raises(RuntimeError, match="Coordinator stopped with threads still running: slow"):
        coord.join([thread], stop_grace_period_secs=0.01)
    coord.join([thread], stop_grace_period_secs=0.01, ignore_live_threads=True)
    hold.set()


def test_looper_threads() -> None:
    coord, calls = tf.train.Coordinator(), []

    def once(n: int) -> None:
        calls.append(n)
        coord.request_stop()

    tf.train.LooperThread.loop(coord, None, once, args=(3,))
    coord.join()
    assert calls == [3]
    with pytest.raises(ValueError, match="'coord' argument must be a Coordinator"):
        tf.train.LooperThread(None, 1)  # type: ignore[arg-type]


def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    for expected in (3, 6):
        with tf.Graph().as_default():
            _step, count = counting()
            hooks = [tf.train.StopAtStepHook(num_steps=3)]
            with tf.train.MonitoredTrainingSession(
                checkpoint_dir=str(tmp_path), hooks=hooks, save_checkpoint_steps=2, log_step_count_steps=1
            ) as session:
                while not session.should_stop():
                    last = session.run(count)
            assert last == expected
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "model.ckpt-6")
    assert (tmp_path / "graph.pbtxt").exists()
    tags = [
        value.tag
        for path in tmp_path.glob("events*")
        for event in tf.train.summary_iterator(str(path))
        for value in event.summary.value
    ]
    assert "global_step/sec" in tags


class Recorder(tf.train.SessionRunHook):
    def __init__(self, fetch: Any = None, feed: Any = None) -> None:
        self.calls: list[str] = []
        self.fetch, self.feed = fetch, feed
        self.values: list[Any] = []

    def begin(self) -> None:
        self.calls.append("begin")

    def after_create_session(self, session: Any, coord: Any) -> None:
        self.calls.append("after_create_session")

    def before_run(self, run_context: Any) -> Any:
        self.calls.append("before_run")
        self.args = run_context.original_args
        return tf.train.SessionRunArgs(self.fetch, self.feed)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self.calls.append("after_run")
        self.values.append(run_values.results)

    def end(self, session: Any) -> None:
        self.calls.append("end")


def test_hooks_take_part_in_runs() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [], name="x")
        y = x * 2.0
        hook = Recorder({"both": [x, (y, "x:0")]}, {x: 3.0})
        other = Recorder(y)
        with tf.train.MonitoredSession(hooks=[hook, other]) as session:
            assert session.graph.finalized
            assert session.run({"a": [y], "b": (y, [x])}) == {"a": [6.0], "b": (6.0, [3.0])}
            with pytest.raises(RuntimeError, match="Same tensor is fed by a SessionRunHook and user"):
                session.run(y, {x: 1.0})
        assert hook.values == [{"both": [3.0, (6.0, 3.0)]}] and other.values == [6.0]
        assert hook.args.fetches is y
        assert hook.calls == ["begin", "after_create_session", "before_run", "after_run", "before_run", "end"]
        assert not x.graph.finalized
        with pytest.raises(RuntimeError, match="Session is already closed"):
            session.close()
        with (
            tf.train.SingularMonitoredSession(hooks=[hook, Recorder(None, {x: 1.0})]) as session,
            pytest.raises(RuntimeError, match="Same tensor is fed by two hooks"),
        ):
            session.run(y)


def test_lost_sessions_are_made_again() -> None:
    with tf.Graph().as_default():
        _step, count = counting()

        class Lose(tf.train.SessionRunHook):
            runs = 0

            def after_run(self, run_context: Any, run_values: Any) -> None:
                Lose.runs += 1
                if Lose.runs == 2:
                    raise tf.errors.AbortedError(None, None, "lost")

        with tf.train.MonitoredSession(hooks=[Lose()]) as session:
            assert [session.run(count) for _ in range(3)] == [1, 1, 2]  # the second one began anew
        Lose.runs = 0
        with pytest.raises(tf.errors.AbortedError), tf.train.SingularMonitoredSession(hooks=[Lose()]) as session:
            session.run(count)
            session.run(count)


def test_step_functions() -> None:
    with tf.Graph().as_default():
        _, count = counting()
        hook = Recorder(count)
        with tf.train.MonitoredSession(hooks=[hook]) as session:

            def step_fn(step_context: Any) -> Any:
                step_context.session.run(count)
                return step_context.run_with_hooks(count)

            assert session.run_step_fn(step_fn) == 2
            assert hook.values == [2]
            with pytest.raises(ValueError, match="`step_fn` may either have one `step_context` argument"):
                session.run_step_fn(lambda x: x)
            session.run_step_fn(lambda step_context: step_context.request_stop())
        assert session.should_stop()


def test_the_end_of_data_is_no_error() -> None:
    with tf.Graph().as_default():
        tf.constant(1.0)
        with tf.train.MonitoredSession():
            raise tf.errors.OutOfRangeError(None, None, "the end")
        with pytest.raises(ValueError, match="mine"), tf.train.MonitoredSession():
            raise ValueError("mine")


def test_logging_and_nan_hooks(caplog: pytest.LogCaptureFixture) -> None:
    tf.get_logger().propagate = True
    tf.logging.set_verbosity(tf.logging.INFO)
    try:
        with tf.Graph().as_default():
            _, count = counting()
            loss = tf.log(2.0 - tf.cast(count, tf.float32), name="loss")
            hooks = [
                tf.train.LoggingTensorHook({"loss": "loss"}, every_n_iter=2),
                tf.train.NanTensorHook(loss, fail_on_nan_loss=False),
            ]
            with tf.train.MonitoredSession(hooks=hooks) as session, caplog.at_level("INFO"):
                while not session.should_stop():
                    session.run(count)
            lines = [r.getMessage() for r in caplog.records]
            assert "loss = 0.0" in lines
            assert "Model diverged with loss = NaN." in lines
            with (
                pytest.raises(tf.train.NanLossDuringTrainingError, match="NaN loss during training"),
                tf.train.MonitoredSession(hooks=[tf.train.NanTensorHook(tf.constant(float("nan")))]) as session,
            ):
                session.run(count)
    finally:
        tf.get_logger().propagate = False
        tf.logging.set_verbosity(tf.logging.WARN)


def test_other_hooks(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        x = tf.placeholder_with_default(1.0, [])
        step, count = counting()
        final = tf.train.FinalOpsHook(step)
        hooks = [
            tf.train.FeedFnHook(lambda: {x: 5.0}),
            final,
            tf.train.GlobalStepWaiterHook(0),
            tf.train.ProfilerHook(save_steps=1, output_dir=str(tmp_path)),
        ]
        with tf.train.MonitoredSession(hooks=hooks) as session:
            assert [session.run([x, count])[0] for _ in range(3)] == [5.0] * 3
        assert final.final_ops_values == 3
        trace = json.loads(next(tmp_path.glob("timeline-*.json")).read_text())
        assert "AssignAdd" in {event["name"] for event in trace["traceEvents"]}


def test_checkpoint_listeners(tmp_path: Path) -> None:
    class Listener(tf.train.CheckpointSaverListener):
        seen: list[tuple[str, int]] = []

        def before_save(self, session: Any, global_step_value: Any) -> None:
            self.seen.append(("before", int(global_step_value)))

        def after_save(self, session: Any, global_step_value: Any) -> bool:
            self.seen.append(("after", int(global_step_value)))
            return bool(global_step_value >= 2)

    with tf.Graph().as_default():
        _, count = counting()
        saver = tf.train.CheckpointSaverHook(
            str(tmp_path), save_steps=1, saver=tf.train.Saver(), listeners=[Listener()]
        )
        with tf.train.MonitoredSession(hooks=[saver]) as session:
            while not session.should_stop():
                session.run(count)
    assert Listener.seen == [(when, n) for n in (0, 1, 2) for when in ("before", "after")]


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: tf.train.SecondOrStepTimer(), "Either every_secs or every_steps should be provided"),
        (lambda: tf.train.SecondOrStepTimer(1.0, 1), "Can not provide both every_secs and every_steps"),
        (lambda: tf.train.StopAtStepHook(), "One of num_steps or last_step must be specified"),
        (lambda: tf.train.StopAtStepHook(1, 1), "Only one of num_steps or last_step can be specified"),
        (lambda: tf.train.LoggingTensorHook(["x"]), "either at_end and/or exactly one of every_n_iter"),
        (lambda: tf.train.LoggingTensorHook(["x"], every_n_iter=0), "invalid every_n_iter=0"),
        (lambda: tf.train.StepCounterHook(), "no error"),
        (lambda: tf.train.StepCounterHook(1, 1.0), "exactly one of every_n_steps and every_n_secs"),
        (lambda: tf.train.SummarySaverHook(1), "Exactly one of scaffold or summary_op must be provided"),
        (lambda: tf.train.SessionManager(ready_for_local_init_op="x"), "you must also pass a local_init_op"),
    ],
)
def test_wrong_settings(make: Any, message: str) -> None:
    if message == "no error":
        make()
        return
    with pytest.raises(ValueError, match=message):
        make()


def test_hooks_need_a_global_step() -> None:
    with tf.Graph().as_default():
        tf.constant(1.0)
        with pytest.raises(RuntimeError, match="Global step should be created to use StopAtStepHook"):
            tf.train.MonitoredSession(hooks=[tf.train.StopAtStepHook(last_step=1)])


def test_scaffolds() -> None:
    with tf.Graph().as_default():
        v = tf.Variable(1.0, name="v")
        local = tf.get_local_variable("local", initializer=2.0)
        seen: list[Any] = []
        first = tf.train.Scaffold(
            init_op=tf.no_op(), init_fn=lambda scaffold, sess: seen.append((scaffold, sess.run(v.initializer)))
        )
        scaffold = tf.train.Scaffold(copy_from_scaffold=first)
        with tf.train.MonitoredTrainingSession(scaffold=scaffold) as session:
            assert session.run([v, local]) == [1.0, 2.0]
        assert [s for s, _ in seen] == [scaffold]
        assert tf.get_collection("ready_op") == [scaffold.ready_op]
        with pytest.raises(RuntimeError, match="(?s)Init operations did not make model ready.*: v, local"):
            nothing = tf.train.Scaffold(
                init_op=tf.no_op(), local_init_op=tf.no_op(), ready_for_local_init_op=tf.constant([], tf.string)
            )
            tf.train.MonitoredSession(tf.train.ChiefSessionCreator(nothing))


def test_supervisor(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        step, count = counting()
        supervisor = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=0, save_summaries_secs=0)
        with supervisor.managed_session() as session:
            while not supervisor.should_stop():
                if session.run(count) == 3:
                    supervisor.saver.save(session, supervisor.save_path, global_step=step)
                    supervisor.request_stop()
        with supervisor.managed_session() as session:
            assert session.run(step) == 3  # restored
        with pytest.raises(RuntimeError, match="broken"), supervisor.managed_session():
            raise RuntimeError("broken")
        calls: list[Any] = []
        tf.train.basic_train_loop(supervisor, lambda sess, n: (calls.append(n), supervisor.request_stop()), args=[5])
        assert calls == [5]


def test_sessions_on_a_server_share_variables() -> None:
    server = tf.train.Server.create_local_server()
    with tf.Graph().as_default():
        v = tf.Variable(1.0, name="v")
        with tf.Session(server.target) as first:
            first.run(v.initializer)
        with tf.Session(server.target) as second:
            assert second.run(v) == 1.0
        with tf.Session() as own, pytest.raises(tf.errors.FailedPreconditionError):
            own.run(v)
        tf.Session.reset(server.target)
        with tf.Session(server.target) as third, pytest.raises(tf.errors.FailedPreconditionError):
            third.run(v)
        with pytest.raises(tf.errors.UnimplementedError, match="Cannot connect to grpc://elsewhere:1"):
            tf.Session("grpc://elsewhere:1")


def test_clusters() -> None:
    cluster = tf.train.ClusterSpec({"ps": ["a:1"], "worker": {1: "b:2", 3: "c:3"}})
    assert cluster.as_dict() == {"ps": ["a:1"], "worker": {1: "b:2", 3: "c:3"}}
    assert cluster.num_tasks("worker") == 2 and cluster.task_indices("worker") == [1, 3]
    assert cluster.job_tasks("worker") == [None, "b:2", None, "c:3"]
    assert tf.train.ClusterSpec(cluster.as_cluster_def()) == cluster
    with pytest.raises(ValueError, match="No such job in cluster: 'x'"):
        cluster.num_tasks("x")
    with pytest.raises(ValueError, match="No task with index 0 in job 'worker'"):
        cluster.task_address("worker", 0)
    with pytest.raises(ValueError, match="Must specify an explicit `job_name`"):
        tf.train.Server(cluster)
    worker = tf.train.Server({"ps": ["x:1"], "worker": ["y:1"]}, job_name="worker", task_index=0)
    with tf.Graph().as_default(), pytest.raises(tf.errors.UnimplementedError, match="/job:ps/task:0 at x:1"):
        tf.Session(worker.target)


def test_replica_device_setter() -> None:
    with (
        tf.Graph().as_default(),
        tf.device(tf.train.replica_device_setter(cluster={"ps": ["a", "b"], "worker": ["c"]})),
    ):
        devices = [tf.Variable(float(n)).device for n in range(3)]
        assert devices == ["/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:0"]
        assert tf.constant(1.0).device == "/job:worker"
    assert tf.train.replica_device_setter(0) is None
