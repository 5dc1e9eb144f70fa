"""What two programs made, as values that are equal if they made the same."""


def described(value, cls, seen=None):
    """Return all that is inside of a value; of an object that was there before, which it is.

    Args:
        value: The value.
        cls: The class of the objects that are looked into.
        seen: By the ids of those that were there before, their numbers.
    """
    seen = {} if seen is None else seen
    if isinstance(value, dict):
        return {key: described(item, cls, seen) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(described(item, cls, seen) for item in value)]
    if not isinstance(value, cls):
        return value
    if id(value) in seen:
        return f"object {seen[id(value)]}"
    seen[id(value)] = len(seen)
    return described(vars(value), cls, seen)
