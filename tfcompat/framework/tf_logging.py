"""`tf.logging`: the standard logger named "tensorflow" and TF's helpers around it.

Source: TF 1.15, python/platform/tf_logging.py.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from logging import DEBUG, ERROR, FATAL, INFO, WARN
from types import FrameType
from typing import Any

from tfcompat.framework.export import export, export_value

for _name in ("DEBUG", "ERROR", "FATAL", "INFO", "WARN"):
    export_value(f"logging.{_name}")

__all__ = ["DEBUG", "ERROR", "FATAL", "INFO", "WARN", "get_logger"]

_logger: logging.Logger | None = None
_lock = threading.Lock()
_calls_from: dict[tuple[str, int], int] = {}
_LOGGING_FILES = (__file__, logging.__file__)


def _caller() -> FrameType | None:
    """The innermost frame outside this module and the standard library's logging."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename in _LOGGING_FILES:
        frame = frame.f_back
    return frame


def _find_caller(stack_info: bool = False, stacklevel: int = 1) -> tuple[str, int, str, str | None]:
    frame = _caller()
    stack = "\n".join(traceback.format_stack()) if stack_info else None
    if frame is None:
        return "(unknown file)", 0, "(unknown function)", stack
    return frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name, stack


@export("get_logger", v2=("get_logger",))
def get_logger() -> logging.Logger:
    """The logger "tensorflow"; it gets a handler of its own unless the root logger already has one."""
    global _logger
    with _lock:
        if _logger is None:
            _logger = _configured()
        return _logger


def _configured() -> logging.Logger:
    logger = logging.getLogger("tensorflow")
    logger.findCaller = _find_caller  # type: ignore[method-assign]
    if not logging.getLogger().handlers:
        interactive = bool(getattr(sys, "ps1", None)) or bool(sys.flags.interactive)
        if interactive:
            logger.setLevel(INFO)
        handler = logging.StreamHandler(sys.stdout if interactive else sys.stderr)
        handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT, None))
        logger.addHandler(handler)
    return logger


@export("logging.log")
def log(level: int, msg: str, *args: Any, **kwargs: Any) -> None:
    """Logs `msg % args` at `level`."""
    get_logger().log(level, msg, *args, **kwargs)


@export("logging.debug")
def debug(msg: str, *args: Any, **kwargs: Any) -> None:
    """Logs at level DEBUG."""
    get_logger().debug(msg, *args, **kwargs)


@export("logging.info")
def info(msg: str, *args: Any, **kwargs: Any) -> None:
    """Logs at level INFO."""
    get_logger().info(msg, *args, **kwargs)


@export("logging.warn")
def warn(msg: str, *args: Any, **kwargs: Any) -> None:
    """Logs at level WARN."""
    get_logger().warning(msg, *args, **kwargs)


@export("logging.warning")
def warning(msg: str, *args: Any, **kwargs: Any) -> None:
    """Logs at level WARN."""
    get_logger().warning(msg, *args, **kwargs)


@export("logging.error")
def error(msg: str, *args: Any, **kwargs: Any) -> None:
    """Logs at level ERROR."""
    get_logger().error(msg, *args, **kwargs)


@export("logging.fatal")
def fatal(msg: str, *args: Any, **kwargs: Any) -> None:
    """Logs at level FATAL; the program goes on."""
    get_logger().fatal(msg, *args, **kwargs)


@export("logging.TaskLevelStatusMessage")
def TaskLevelStatusMessage(msg: str) -> None:
    """Logs a status message at level ERROR."""
    error(msg)


@export("logging.flush")
def flush() -> None:
    """Raises NotImplementedError, as TF's does."""
    raise NotImplementedError()


@export("logging.vlog")
def vlog(level: int, msg: str, *args: Any, **kwargs: Any) -> None:
    """Logs at a numeric level."""
    get_logger().log(level, msg, *args, **kwargs)


def _count_call_site() -> int:
    """How often the calling line has been here before."""
    frame = _caller()
    site = (frame.f_code.co_filename, frame.f_lineno) if frame else ("<unknown>", 0)
    _calls_from[site] = count = _calls_from.get(site, -1) + 1
    return count


@export("logging.log_every_n")
def log_every_n(level: int, msg: str, n: int, *args: Any) -> None:
    """Logs the first call from this line, and then every n-th one."""
    log_if(level, msg, not _count_call_site() % n, *args)


@export("logging.log_first_n")
def log_first_n(level: int, msg: str, n: int, *args: Any) -> None:
    """Logs the first n calls from this line."""
    log_if(level, msg, _count_call_site() < n, *args)


@export("logging.log_if")
def log_if(level: int, msg: str, condition: Any, *args: Any) -> None:
    """Logs when `condition` is true."""
    if condition:
        vlog(level, msg, *args)


@export("logging.get_verbosity")
def get_verbosity() -> int:
    """The level below which nothing is logged."""
    return get_logger().getEffectiveLevel()


@export("logging.set_verbosity")
def set_verbosity(v: int | str) -> None:
    """Sets the level below which nothing is logged."""
    get_logger().setLevel(v)
