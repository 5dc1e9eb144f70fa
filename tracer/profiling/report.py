"""A profile as text and for the terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from ...configs.for_tracer import html_lines, html_table, rich_module, shown_file
from ..engine.interception import Decision
from ..explanation.explanation import aligned, style_of
from .records import CallSiteTime, Figures

_SHOWN: Final = 12
#: What is counted of a tier, and what is said of that.
_COUNTED: Final = {
    "interpret": ("instruction", ""),
    "compile": ("time", "that it took over"),
    "native": ("call", "run as usual"),
}
_DID: Final = "capture did"
_REFUSED: Final = "refused"
_RIGHT: Final = frozenset({"time", "share", "count", "each", "total", "own", "calls"})

Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def time_text(seconds: float) -> str:
    """Return a time in the unit that fits it.

    Example:
        >>> time_text(1.5), time_text(0.00025), time_text(3.2e-08)
        ('1.5 s', '250 us', '32 ns')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            number = seconds / size
            return f"{number:.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def _facts(profile: Figures) -> Iterator[tuple[str, str]]:
    """Yield the lines above the tables, by name."""
    yield "capture", f"{time_text(profile.seconds)}, to {_count(profile.nodes, 'node')}"
    for tier in profile.tiers:
        what, kind = _COUNTED[tier.name]
        time = f"{time_text(tier.seconds)} for {_count(tier.count, what)} {kind}"
        yield f"  {tier.name}", time.rstrip()
    yield "  decode", time_text(profile.decoding)
    yield "  other", f"{time_text(profile.other)}: arguments, frames, the first use of anything"
    each = profile.overhead / profile.instructions if profile.instructions else 0.0
    more = f"{time_text(profile.overhead)} more, in none of the other times"
    yield "profiling", f"{more}; {time_text(each)} an instruction"
    if profile.native is not None:
        times = profile.seconds / max(profile.native, 1e-9)
        longer = f"the capture takes {times:.3g} times as long"
        yield "native run", f"{time_text(profile.native)}: {longer}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _tables(profile: Figures) -> Iterator[Table]:
    whole = sum(opcode.seconds for opcode in profile.opcodes) or 1.0
    shown = profile.sites[:_SHOWN]
    if shown:
        title = _title("call sites", len(shown), len(profile.sites))
        headings = ("total", "own", "calls", "callee", _DID, "at", "in")
        yield title, headings, [_site_row(site) for site in shown]
    opcodes = profile.opcodes[:_SHOWN]
    if opcodes:
        title = _title("opcodes", len(opcodes), len(profile.opcodes))
        rows = [
            (
                time_text(opcode.seconds),
                f"{opcode.seconds / whole:.0%}",
                f"{opcode.count:,}",
                time_text(opcode.seconds / opcode.count),
                opcode.name,
            )
            for opcode in opcodes
        ]
        yield title, ("time", "share", "count", "each", "opcode"), rows


def _title(what: str, shown: int, number: int) -> str:
    return what if shown == number else f"{what}: the first {shown} of {number}"


def _site_row(site: CallSiteTime) -> tuple[str, ...]:
    column = "" if site.column is None else f":{site.column + 1}"
    return (
        time_text(site.total),
        time_text(site.seconds),
        f"{site.calls:,}",
        site.callee,
        _REFUSED if site.decision is None else site.decision.name.lower(),
        f"{os.path.basename(shown_file(site.filename))}:{site.line or '?'}{column}",
        site.function,
    )


def _heading(profile: Figures) -> str:
    return f"profile of {profile.function}, {profile.filename}"


def plain_report(profile: Figures) -> str:
    """Return the report as plain text."""
    facts = list(_facts(profile))
    width = max(len(name) for name, _ in facts)
    lines = [_heading(profile)]
    lines += [f"  {name:<{width}}  {text}" for name, text in facts]
    for title, headings, rows in _tables(profile):
        lines += ["", title, *(f"  {line}" for line in aligned([headings, *rows], _RIGHT))]
    return "\n".join(lines)


def html_report(profile: Figures) -> str:
    """Return a profile for a notebook."""
    facts = [f"{name:14}{text}" for name, text in _facts(profile)]
    tables = (
        f"{html_lines([title])}{html_table(headings, rows)}"
        for title, headings, rows in _tables(profile)
    )
    return f"{html_lines(facts)}{''.join(tables)}"


def rich_report(profile: Figures) -> object:
    """Return the report for the terminal.

    Raises:
        ImportError: rich is not installed.
    """
    purpose = "showing a profile as rich tables"
    group, text, table = (rich_module(name, purpose) for name in ("console", "text", "table"))
    # Text, since a string might hold rich's own markup.
    facts = table.Table.grid(padding=(0, 2))
    facts.add_column(style="cyan")
    for name, fact in _facts(profile):
        facts.add_row(text.Text(f"  {name}"), text.Text(fact))
    parts: list[object] = [text.Text(_heading(profile), style="bold"), facts]
    for title, headings, rows in _tables(profile):
        made = table.Table(title=text.Text(title), title_justify="left", title_style="bold")
        for heading in headings:
            made.add_column(
                heading,
                justify="right" if heading in _RIGHT else "left",
                no_wrap=heading in _RIGHT or heading == "at",
                overflow="fold",
            )
        for row in rows:
            cells = [text.Text(cell) for cell in row]
            for heading, cell in zip(headings, cells, strict=True):
                if heading == _DID:
                    did = None if cell.plain == _REFUSED else Decision[cell.plain.upper()]
                    cell.stylize(style_of(did))
            made.add_row(*cells)
        parts += [text.Text(), made]
    return group.Group(*parts)
