"""The subcommands of `python -m tfcompat`, one module each.

A command module has

    NAME, HELP                          its word on the command line, and one line about it
    configure(parser)                   adds its arguments to an argparse parser
    execute(options) -> int             does it; the number is the exit status
    PASSES_ON_ARGUMENTS = True          optional: what follows its own options goes to `options.rest` unread

and is listed in COMMANDS. Commands are imported when they are named, or for `--help`.
"""

COMMANDS = {"run": "tfcompat.commands.run"}
