"""Which uses of recorded objects a capture refuses, and which fix a value, before it runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from ...configs import BUILDABLE_TYPES
from ...configs.for_tracer import callable_name
from ..engine.interception import Decision
from ..engine.values import type_of
from ..recording.guard import DEFER_IT
from ..recording.partials import PARTIALS
from ..recording.policy import PolicyTable
from ..recording.recorder import CaptureOptions
from .callees import PlacedUse
from .uses import MADE_OF, Use

_HELP_IT: Final = (
    "do it in a function that takes {value}; or let a policy call {callable}: Rule(Is(({callable},"
    ")), Decision.EXEMPT, 'why')"
)
_FIXED: Final = (
    "{callable} is pure, so it is called now, if no call that may change it was given it before; to"
    " leave it open, do it in a function that takes {value}"
)


@attrs.frozen
class UseExplanation:
    """Something that a function does with an object that is not built yet.

    Attributes:
        line: The line where it does so, or None when the code does not tell.
        column: The column there, as a count of UTF-8 bytes from 0, or None.
        action: A verb phrase that the value completes.
        value: The value, as the source spells it.
        fixed: Whether the capture goes on with the value that it has then. Otherwise it is refused.
        reason: Why, and what to do instead.
    """

    line: int | None
    column: int | None
    action: str
    value: str
    fixed: bool
    reason: str

    def __str__(self) -> str:
        """Return one line that tells of it."""
        outcome = "fixed at capture" if self.fixed else "refused"
        place = "somewhere" if self.line is None else f"line {self.line}"
        return f"{place}: {outcome}: {self.action} {self.value}: {self.reason}"

    def to_data(self) -> dict[str, object]:
        """Return everything as values that JSON has."""
        return attrs.asdict(self)


def foreseen(
    found: Iterable[PlacedUse], options: CaptureOptions, policy: PolicyTable
) -> Iterator[UseExplanation]:
    """Yield the uses of results in a function that a capture refuses, or fixes, for sure.

    Args:
        found: What it does.
        options: Those of the capture.
        policy: Its policy.
    """
    if not options.guards or options.types.foreign:
        return
    can_defer = policy.effects
    defers = options.deferred and can_defer
    for each in found:
        use = each.use
        if not _is_recorded(use.origin.callees[0], policy) or _is_field(use, options):
            continue
        fixed = defers and _is_pure(use, policy)
        if defers:
            matters = not use.can_wait and (use.of_known or not fixed)
        else:
            matters = not use.origin.derived
        if use.asks_for_none and not (defers and (fixed or _may_be_none(use))):
            matters = False
        if matters:
            hint = DEFER_IT if use.can_wait and can_defer else ""
            fix = _FIXED if fixed else hint + _HELP_IT
            name = callable_name(use.origin.callees[0])
            reason = fix.format(value=use.text.removeprefix(MADE_OF), callable=name)
            line, _, column, _ = each.position
            yield UseExplanation(line, column, use.action, use.text, fixed, reason)


def _is_recorded(fn: object, policy: PolicyTable) -> bool:
    """Tell whether a call of it becomes a node of it."""
    if not callable(fn) or type_of(fn) in BUILDABLE_TYPES or id(fn) in PARTIALS:
        return False
    decision = policy.decide(fn).decision
    steps = decision is Decision.STEP_INTO and isinstance(fn, type)
    return decision is Decision.RECORD or steps


def _is_field(use: Use, options: CaptureOptions) -> bool:
    """Tell whether it may be about an argument of the config of a dataclass."""
    reads = use.origin.derived or "attribute" in use.action
    return options.dataclass_access and reads and dataclasses.is_dataclass(use.origin.callees[0])


def _is_pure(use: Use, policy: PolicyTable) -> bool:
    recorded = [fn for fn in use.origin.callees if _is_recorded(fn, policy)]
    return not use.origin.called and all(policy.decide(fn).pure for fn in recorded)


def _may_be_none(use: Use) -> bool:
    return use.origin.derived or not isinstance(use.origin.callees[0], type)
