"""No document may import this."""

IMPORTED = True


class Innocent:
    pass
