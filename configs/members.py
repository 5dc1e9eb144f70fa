"""Which members of objects a document may use: their methods and attributes.

A node of `getattr` or `call_method` reaches whatever its object has under a name. So of such a node
not the function has to be allowed, but the class and what it has under that name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from .building.operations import call_method, enter_context, leave_context
from .core.errors import excerpt
from .core.keys import ArgumentKey
from .node.kinds import Config
from .permission import Allowed, called_by, home_of, is_class, qualname_of_class
from .symbols import MISSING, class_namespace, is_public_name, symbol_of

#: By the `id` of a function that uses a member of its first argument: the name of that member, or
#: None if its second argument is the name.
_MEMBERS: Final[dict[int, str | None]] = {
    id(getattr): None,
    id(setattr): None,
    id(delattr): None,
    id(call_method): None,
    id(operator.call): "__call__",
    id(enter_context): "__enter__",
    id(leave_context): "__exit__",
}
_OURS: Final = (call_method, enter_context, leave_context)
#: By its name in documents, each of these functions. Those of ours have two names: the package has
#: the public one only once somebody has asked for it.
USING_MEMBERS: Final[Mapping[str, Callable[..., object]]] = {
    **{symbol_of(fn): fn for fn in (getattr, setattr, delattr, operator.call)},
    **{f"{module}:{fn.__name__}": fn for fn in _OURS for module in (__package__, fn.__module__)},
}


def check_member(allowed: Allowed, fn: object, arguments: Mapping[ArgumentKey, object]) -> None:
    """Refuse a node that uses a member of an object which may not be used.

    It may if all that the module of the class that defines it defines is allowed, or the member by
    its name, ``module:Class.method``; or if the function itself is allowed.

    Args:
        allowed: What may be named.
        fn: What the node calls.
        arguments: With what.

    Raises:
        NotAllowedError: It may not.
    """
    if id(fn) not in _MEMBERS or allowed.permits(fn):
        return
    symbol = symbol_of(fn)
    if allowed.opens(*symbol.split(":")):
        return
    name = _MEMBERS[id(fn)] or arguments.get(1)
    cls = _class_of_built(arguments.get(0))
    if type(name) is not str or cls is MISSING:
        allowed.refuse(f"{symbol} of what a document does not tell the class of is not", symbol)
        return
    owner = next((each for each in cls.__mro__ if name in class_namespace(each)), cls)
    public = is_public_name(name)
    if allowed(home_of(owner)) and (public or _MEMBERS[id(fn)] is not None):
        return
    names = [f"{home_of(each)}:{qualname_of_class(each)}.{name}" for each in (owner, cls)]
    if public and any(map(allowed.is_named, names)):
        return
    allowed.refuse(f"{excerpt(name)} of {excerpt(names[1])} is not", names[0] if public else symbol)


def _class_of_built(value: object) -> Any:
    """Return the class of the object that a value builds to; `MISSING` if only building tells."""
    if not issubclass(type(value), Config):
        return MISSING if hasattr(type(value), "__fn_or_cls__") else type(value)
    fn = called_by(cast("Any", value).__fn_or_cls__)
    return fn if type(value) is Config and is_class(fn) else MISSING
