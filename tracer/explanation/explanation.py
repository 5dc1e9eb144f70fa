"""``explain``: the decision of a capture about each call of a function, and the reason."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Final

import attrs

from ...configs import BUILDABLE_TYPES
from ...configs.for_tracer import OWN, Cell, html_lines, html_table, rich_module, shown_file
from ..auto_config import AutoConfig
from ..engine.callers import caller
from ..engine.frame_builtins import FRAME_BUILTINS
from ..engine.functions import own_code
from ..engine.interception import Decision
from ..engine.interceptor import C_CALLABLES
from ..engine.opcodes.cells import content
from ..engine.values import NULL, Value, type_of
from ..errors import NotAFunctionError, UnsupportedCodeError
from ..recording.captured_function import Capture
from ..recording.policy import PolicyTable
from ..recording.recorder import CaptureOptions
from .callee_stack import BY_IDENTITY, Knowledge, Symbol, joined
from .callees import UNREACHED, CallSite, find_calls
from .foreseen import UseExplanation, foreseen
from .static_lookup import MISSING, attribute_if_static
from .tier import expected_tier

_LATER: Final = "decided when it runs"


@attrs.frozen
class CallSiteExplanation:
    """The decision of a capture about one call, and the reason.

    Attributes:
        line: The line the call starts at, or None when the code does not tell.
        column: The column there, as a count of UTF-8 bytes from 0, or None.
        function: The qualified name of the function that makes the call.
        callee: What is called, as the source spells it; ``<unknown>`` for what has no name.
        resolved: The object that is called, or None when that is decided when it runs.
        decision: What is done with it, or None when that is decided when it runs, or when the call
            is refused.
        reason: Why.
    """

    line: int | None
    column: int | None
    function: str
    callee: str
    resolved: Value = attrs.field(eq=BY_IDENTITY)
    decision: Decision | None
    reason: str

    @property
    def action(self) -> str:
        """The decision about the call, in words; ``?`` if it is not known."""
        return "?" if self.decision is None else self.decision.value

    def to_data(self) -> dict[str, object]:
        """Return everything as values that JSON has; objects and decisions by their names."""
        return {
            **attrs.asdict(self, recurse=False),
            "resolved": None if self.resolved is None else dotted_name(self.resolved),
            "decision": None if self.decision is None else self.decision.name,
        }


_STYLES: Final = {
    Decision.EXEMPT: "green",
    Decision.RECORD: "cyan",
    Decision.INLINE: "magenta",
    Decision.STEP_INTO: "yellow",
}


def style_of(decision: Decision | None) -> str:
    """Return the colour in which a terminal shows a decision, in rich's words.

    Example:
        >>> style_of(Decision.RECORD), style_of(None)
        ('cyan', 'red')
    """
    return "red" if decision is None else _STYLES[decision]


def aligned(rows: Sequence[Sequence[str]], right: Collection[str] = ()) -> Iterator[str]:
    """Yield the lines of a table: its headings, some of columns on the right, and its rows.

    Example:
        >>> [*aligned([("calls", "of"), ("12", "f")], {"calls"})]
        ['calls  of', '   12  f']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if heading in right else cell.ljust(width)
            for heading, cell, width in zip(rows[0], row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


_HEADINGS: Final = ("line", "column", "in", "call", "capture would", "because")


@attrs.frozen
class Explanation:
    """The decisions of a capture about the calls of a function; printed, it is a table.

    Attributes:
        function: The qualified name of the function.
        filename: The file it was compiled from.
        sites: The calls, in the order of the source.
        tier: What runs the function itself in a capture, or would: ``native``, or ``interpreted``
            with what that depends on.
        uses: What it does with recorded objects that a capture refuses if it comes to it, or by
            which it fixes a value, as far as that is sure; in the order of the source.
    """

    function: str
    filename: str
    sites: tuple[CallSiteExplanation, ...]
    tier: str
    uses: tuple[UseExplanation, ...] = ()

    @property
    def title(self) -> str:
        """A heading for the table."""
        what = "calls" if self.sites else "no calls"
        return f"{what} in {self.function}, {shown_file(self.filename)}"

    def __str__(self) -> str:
        """Return the table as plain text."""
        table = aligned([_HEADINGS, *self._rows()]) if self.sites else ()
        return "\n".join([self.title, *table, self._ending])

    def __rich__(self) -> object:
        """Return the table for the terminal.

        Raises:
            ImportError: If rich is not installed.
        """
        purpose, instead = "showing an explanation as a rich table", "print(explanation)"
        tables, texts = (rich_module(name, purpose, instead) for name in ("table", "text"))
        # Text, since a string might hold rich's own markup.
        table = tables.Table(title=texts.Text(self.title), caption=texts.Text(self._ending))
        for heading in _HEADINGS:
            justify = "right" if heading in _HEADINGS[:2] else "left"
            table.add_column(heading, justify=justify, overflow="fold")
        for site, row in zip(self.sites, self._rows(), strict=True):
            cells = [texts.Text(cell) for cell in row]
            cells[_HEADINGS.index("capture would")].stylize(style_of(site.decision))
            table.add_row(*cells)
        return table

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        action = _HEADINGS.index("capture would")
        rows: list[list[Cell]] = [list(row) for row in self._rows()]
        for site, row in zip(self.sites, rows, strict=True):
            row[action] = (site.action, style_of(site.decision))
        table = html_table(_HEADINGS, rows) if rows else ""
        return f"{html_lines([self.title])}{table}{html_lines(self._ending.splitlines())}"

    def place_of(self, use: UseExplanation) -> str:
        """Return file, line, column and function of a use, as errors of a capture tell them."""
        column = "" if use.column is None else f":{use.column + 1}"
        return f"{shown_file(self.filename)}:{use.line}{column} in {self.function}"

    def to_data(self) -> list[dict[str, object]]:
        """Return the calls as a list of dicts that can be written as JSON."""
        return [site.to_data() for site in self.sites]

    @property
    def _ending(self) -> str:
        return "\n".join([*map(str, self.uses), f"tier: {self.tier}"])

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for site in self.sites:
            place = ("" if number is None else str(number) for number in (site.line, site.column))
            yield *place, site.function, site.callee, site.action, site.reason


def explain(fn: object, policy: PolicyTable | None = None) -> Explanation:
    """Tell the decision of a capture about each call in a function; the function is not run.

    The calls in comprehensions, lambdas, functions and classes inside it are included. Calls that
    a statement or an expression makes without naming them are not: the exit of a ``with`` block,
    the hidden function of a comprehension. No user code runs to find out what a name means, so
    what a parameter, most local variables, an item or a property holds is not known; such a call
    has no decision.

    What the function itself does with an object that it has made is told, too, if a capture refuses
    it, or fixes a value by it; a plain function is taken for one that `capture` is given.

    Args:
        fn: What `auto_config` takes, or an auto_config function.
        policy: The policy to ask. None means that of an auto_config function, or else the default.

    Raises:
        NotAFunctionError: If ``fn`` has no Python bytecode.

    Example:
        >>> class Dense:
        ...     def __init__(self, units): self.units = units
        >>> explanation = explain(lambda width: Dense(units=max(width, 8)))
        >>> for site in explanation.sites:
        ...     print(f"{site.callee}: {site.action}, {site.reason}")
        Dense: make a config node of it, nothing exempts it
        max: run it as usual, it is a builtin or a C function
        >>> print(explain(lambda: len(Dense(units=8))).uses[0].action)
        ask the length of
    """
    function, options = _function_of(fn)
    table = options.policy if policy is None else policy
    code = own_code(function)
    cells = zip(code.co_freevars, map(content, function.__closure__ or ()), strict=True)
    closure = {name: value for name, value in cells if value is not NULL}
    calls, found = find_calls(code, function.__globals__, closure)
    sites = sorted((_explained(call, table) for call in _once(calls)), key=_place)
    uses = sorted(foreseen(found, options, table), key=_place)
    try:
        tier = expected_tier(code)
    except UnsupportedCodeError as error:
        tier = f"none, it cannot run: {error}"
    return Explanation(code.co_qualname, code.co_filename, tuple(sites), tier, tuple(uses))


#: The attributes that lead to the function inside of something.
_LEADS: Final[Mapping[type, str]] = {
    AutoConfig: "buildable_func",
    Capture: "function",
    **dict.fromkeys((MethodType, classmethod, staticmethod), "__func__"),
    functools.partial: "func",
    type(functools.cache(len)): "__wrapped__",
}


def _function_of(fn: Value) -> tuple[FunctionType, CaptureOptions]:
    given = fn
    options = CaptureOptions(deferred=True)
    while not isinstance(fn, FunctionType) or _wraps_user_s(fn):
        if isinstance(fn, Capture):
            options = fn.options
        lead = next((_LEADS[cls] for cls in _LEADS if issubclass(type_of(fn), cls)), None)
        if isinstance(fn, FunctionType):
            fn = inspect.unwrap(fn, stop=lambda each: not _wraps_user_s(each))
        elif lead is not None:
            fn = getattr(fn, lead)
        else:
            fn = MISSING if isinstance(fn, type) else attribute_if_static(fn, "__call__")
            if type_of(fn) is not MethodType:
                raise NotAFunctionError.of(
                    f"explain needs a function with Python bytecode, not {given!r}",
                    caller(),
                    "pass a function; a class is explained method by method",
                )
    return fn, options


def _wraps_user_s(fn: object) -> bool:
    """Tell whether a function is the library's, and stands for one of the user's."""
    return isinstance(fn, FunctionType) and hasattr(fn, "__wrapped__") and OWN.hold(fn.__globals__)


def _once(calls: Iterable[CallSite]) -> Iterator[CallSite]:
    """Join copies: the compiler repeats loop conditions, ``finally`` blocks and short endings."""
    found: dict[object, CallSite] = {}
    for call in calls:
        known = call.position[2] is not None
        key = (call.code.co_qualname, call.position, call.applied) if known else object()
        other = found.get(key)
        if other is None or other.callee is UNREACHED:
            found[key] = call
        elif call.callee is not UNREACHED:
            found[key] = attrs.evolve(other, callee=joined(other.callee, call.callee))
    yield from found.values()


def _explained(call: CallSite, policy: PolicyTable) -> CallSiteExplanation:
    symbol = call.callee
    resolved = symbol.value if symbol.kind is Knowledge.KNOWN else None
    line, _, column, _ = call.position
    return CallSiteExplanation(
        line, column, call.code.co_qualname, symbol.text, resolved, *_decided(symbol, policy)
    )


def _place(site: CallSiteExplanation | UseExplanation) -> tuple[int, int]:
    return site.line or 0, -1 if site.column is None else site.column


def _decided(symbol: Symbol, policy: PolicyTable) -> tuple[Decision | None, str]:
    if symbol.kind is Knowledge.KNOWN:
        return decision_about(symbol.value, policy)
    if symbol.kind is Knowledge.MADE:
        return Decision.STEP_INTO, "interpreted: the function makes it itself"
    if symbol.kind is Knowledge.CLASS:
        return Decision.EXEMPT, "a class statement runs as usual, and its body is interpreted"
    return None, f"{_LATER}: {symbol.why}"


def decision_about(fn: object, policy: PolicyTable) -> tuple[Decision | None, str]:
    """Judge a callable in the order in which the recorder does."""
    if fn is __build_class__ or id(fn) in FRAME_BUILTINS:
        return Decision.EXEMPT, "it looks at the frame that calls it"
    if type_of(fn) in BUILDABLE_TYPES:
        return None, "refused: it is a config, of an object that is not built yet"
    if not callable(fn):
        return None, "it cannot be called: TypeError"
    rule = policy.decide(fn)
    decision = rule.decision
    if decision is Decision.INLINE and _is_exempt(fn):
        return Decision.EXEMPT, "it is wrapped by exempt"
    if decision is Decision.STEP_INTO and isinstance(fn, type):
        return Decision.RECORD, f"{rule.reason}, but a class becomes a node"
    if decision is Decision.RECORD and fn is functools.partial:
        return decision, "functools.partial becomes a Partial"
    return decision, rule.reason


def _is_exempt(fn: Value) -> bool:
    return issubclass(type_of(fn), AutoConfig) and fn.buildable_func is fn.func


_NAMED: Final = (FunctionType, BuiltinFunctionType)


def dotted_name(value: Value) -> str:
    """Return the module and name of an object without asking any code of its own."""
    kind = type_of(value)
    if kind is MethodType:
        return dotted_name(value.__func__)
    if issubclass(kind, AutoConfig):
        return dotted_name(value.func)
    if kind in C_CALLABLES and getattr(value, "__module__", None) is None:
        return value.__qualname__  # a method, which has its class in that
    if kind in _NAMED or issubclass(kind, type):
        return f"{value.__module__}.{value.__qualname__}"
    return f"{kind.__module__}.{kind.__qualname__} object"
