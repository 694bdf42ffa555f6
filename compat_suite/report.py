"""One report in three forms: text for a terminal, Markdown, and HTML."""

from __future__ import annotations

import html
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from compat_suite.tier import Options, Table, TierResult


@dataclass(frozen=True, slots=True)
class Section:
    """One tier's part of the report."""

    name: str
    description: str
    result: TierResult
    seconds: float

    @property
    def verdict(self) -> str:
        return "passed" if self.result.passed else "FAILED"

    @property
    def summary(self) -> str:
        counts = ", ".join(f"{name} {value}" for name, value in self.result.counts.items())
        return f"{self.name}: {self.verdict} ({counts or 'no cases'}; {self.seconds:.1f} s)"


def failing(section: Section, options: Options) -> Table | None:
    """The cases that did not pass, unless the tier lists them in tables of its own."""
    rows = [(r.name, r.status, r.detail) for r in section.result.rows if r.status != "pass"]
    if not rows or section.result.tables:
        return None
    return Table(f"Not passing: {len(rows)}", ("case", "status", ""), rows[: options.listed])


def tables(section: Section, options: Options) -> list[Table]:
    """Everything a section shows as tables."""
    extra = failing(section, options)
    return [*section.result.tables, *([extra] if extra else [])]


def _columns(table: Table) -> list[Sequence[str]]:
    return [table.columns, *([str(cell) for cell in row] for row in table.rows)]


def _is_number(cell: str) -> bool:
    return cell.removesuffix(" %").replace(".", "", 1).isdigit() or cell == "-"


def plain_text(sections: Sequence[Section], options: Options, short: bool = False, width: int = 160) -> str:
    """The report as text; `short` is one line a tier."""
    out: list[str] = []
    for section in sections:
        out.append(section.summary)
        out += [f"  note: {note}" for note in section.result.notes]
        for table in [] if short else tables(section, options):
            lines = _columns(table)
            widths = [max(len(line[i]) for line in lines) for i in range(len(table.columns))]
            out += ["", f"  {table.title}"]
            for line in lines:
                cells = [c.rjust(w) if _is_number(c) else c.ljust(w) for c, w in zip(line, widths)]
                out.append(f"    {'  '.join(cells).rstrip()}"[:width])
        if not short:
            out.append("")
    return "\n".join(out).rstrip() + "\n"


def rich_text(sections: Sequence[Section], options: Options) -> str | None:
    """The report with rich's tables and colours, or None where rich is not installed."""
    try:
        from rich.console import Console
        from rich.table import Table as RichTable
        from rich.text import Text
    except ImportError:
        return None
    into = StringIO()
    console = Console(file=into, force_terminal=True)
    for section in sections:
        console.print(Text(section.summary, style="bold green" if section.result.passed else "bold red"))
        for note in section.result.notes:
            console.print(Text(f"  note: {note}", style="yellow"))
        for table in tables(section, options):
            shown = RichTable(title=Text(table.title), title_justify="left")
            body = [[str(cell) for cell in row] for row in table.rows]
            for i, column in enumerate(table.columns):
                numbers = bool(body) and all(_is_number(row[i]) for row in body)
                shown.add_column(Text(column), justify="right" if numbers else "left", overflow="fold")
            for row in body:
                shown.add_row(*(Text(cell) for cell in row))
            console.print(shown)
        console.print()
    return into.getvalue()


def markdown(sections: Sequence[Section], options: Options) -> str:
    """The report as Markdown."""

    def cell(text: str) -> str:
        return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")

    out = ["# Compatibility report", "", "| tier | result | figures |", "| --- | --- | --- |"]
    for s in sections:
        figures = ", ".join(f"{k} {v}" for k, v in s.result.counts.items())
        out.append(f"| {s.name} | {s.verdict} | {cell(figures)} |")
    for s in sections:
        out += ["", f"## {s.name}: {s.description}", ""]
        out += [f"- {note}" for note in s.result.notes]
        for table in tables(s, options):
            head, *body = _columns(table)
            out += ["", f"### {table.title}", "", f"| {' | '.join(map(cell, head))} |", "| --- " * len(head) + "|"]
            out += [f"| {' | '.join(map(cell, line))} |" for line in body]
    return "\n".join(out) + "\n"


STYLE = """
:root { color-scheme: light dark } body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem;
padding: 0 1rem } table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-size: .9em } td, th { padding: .2rem
.6rem; border-bottom: 1px solid #8884; text-align: left; vertical-align: top; overflow-wrap: anywhere } td.n {
text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap } .passed { color: #1a7f37 } .FAILED {
color: #cf222e; font-weight: bold }
"""


def html_page(sections: Sequence[Section], options: Options) -> str:
    """The report as one HTML page without scripts or outside resources."""
    esc = html.escape
    out = ["<!doctype html><html lang=en><meta charset=utf-8><title>tfcompat: compatibility report</title>"]
    out.append(f"<style>{STYLE}</style><h1>Compatibility report</h1><ul>")
    out += [f'<li><a href="#{esc(s.name)}" class="{s.verdict}">{esc(s.summary)}</a>' for s in sections]
    out.append("</ul>")
    for s in sections:
        out.append(f'<h2 id="{esc(s.name)}">{esc(s.name)}: {esc(s.description)}</h2>')
        out += [f"<p>{esc(note)}</p>" for note in s.result.notes]
        for table in tables(s, options):
            head, *body = _columns(table)
            out.append(f"<h3>{esc(table.title)}</h3><table><tr>")
            out += [f"<th>{esc(c)}" for c in head]
            for line in body:
                out.append("<tr>" + "".join(f"<td{' class=n' if _is_number(c) else ''}>{esc(c)}" for c in line))
            out.append("</table>")
    return "\n".join(out) + "\n</html>\n"


def as_json(sections: Sequence[Section]) -> str:
    """Every case and figure, for programs."""
    tiers = {
        s.name: {
            "passed": s.result.passed,
            "counts": s.result.counts,
            "notes": s.result.notes,
            "seconds": round(s.seconds, 2),
            "rows": [[r.name, r.status, r.detail] for r in s.result.rows],
        }
        for s in sections
    }
    return json.dumps({"date": time.strftime("%Y-%m-%d"), "tiers": tiers}, indent=1)
