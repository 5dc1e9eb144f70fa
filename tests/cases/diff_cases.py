"""What several tests of diffs look for."""

from bytefig.configs import iterate
from bytefig.configs.diffing import Reference


def references(diff):
    """Return the references that a diff holds."""
    values = [change.new_value for change in diff.changes if hasattr(change, "new_value")]
    places = iterate([values, list(diff.new_shared_values)])
    return [place.value for place in places if type(place.value) is Reference]
