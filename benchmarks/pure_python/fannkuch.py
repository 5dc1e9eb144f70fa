"""The most flips that sort any permutation of some cards: list indices, slices and `while`."""


def flips_of(cards):
    cards = cards[:]
    flips = 0
    first = cards[0]
    while first:
        cards[: first + 1] = cards[first::-1]
        first = cards[0]
        flips += 1
    return flips


def next_permutation(cards):
    """Change a list into the next in lexical order; tell whether there was one."""
    last = len(cards) - 1
    left = last - 1
    while left >= 0 and cards[left] >= cards[left + 1]:
        left -= 1
    if left < 0:
        return False
    right = last
    while cards[right] <= cards[left]:
        right -= 1
    cards[left], cards[right] = cards[right], cards[left]
    cards[left + 1 :] = cards[:left:-1]
    return True


def main(size):
    cards = list(range(size))
    most = 0
    total = 0
    more = True
    while more:
        flips = flips_of(cards)
        total += flips
        if flips > most:
            most = flips
        more = next_permutation(cards)
    return most, total
