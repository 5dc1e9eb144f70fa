"""The orbits of the sun and its giant planets: arithmetic on floats, lists and tuples."""

# Positions in astronomical units, velocities in units a day, masses in solar masses; rounded, since
# the orbits need only be stable.
DAYS_IN_YEAR = 365.24
PLANETS = (
    # x, y, z, velocity in x, y and z, mass
    (4.841431, -1.160320, -0.103622, 0.001660, 0.007699, -0.0000690, 0.00095479),
    (8.343366, 4.124798, -0.403523, -0.002767, 0.004998, 0.0000230, 0.00028588),
    (12.894369, -15.111151, -0.223307, 0.002964, 0.002378, -0.0000296, 0.0000436),
    (15.379697, -25.919314, 0.179258, 0.002680, 0.001628, -0.0000951, 0.0000515),
)


def make_bodies():
    bodies = [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]
    for x, y, z, vx, vy, vz, mass in PLANETS:
        year = DAYS_IN_YEAR
        bodies.append([x, y, z, vx * year, vy * year, vz * year, mass])
    gravity = 39.478417
    for body in bodies:
        body[6] *= gravity
    return bodies


def make_pairs(bodies):
    pairs = []
    for index, body in enumerate(bodies):
        for other in bodies[index + 1 :]:
            pairs.append((body, other))
    return pairs


def advance(bodies, pairs, step):
    for one, two in pairs:
        dx = one[0] - two[0]
        dy = one[1] - two[1]
        dz = one[2] - two[2]
        pull = step / (dx * dx + dy * dy + dz * dz) ** 1.5
        to_one = two[6] * pull
        to_two = one[6] * pull
        one[3] -= dx * to_one
        one[4] -= dy * to_one
        one[5] -= dz * to_one
        two[3] += dx * to_two
        two[4] += dy * to_two
        two[5] += dz * to_two
    for body in bodies:
        body[0] += step * body[3]
        body[1] += step * body[4]
        body[2] += step * body[5]


def energy(bodies, pairs):
    total = 0.0
    for _, _, _, vx, vy, vz, mass in bodies:
        total += 0.5 * mass * (vx * vx + vy * vy + vz * vz)
    for one, two in pairs:
        dx = one[0] - two[0]
        dy = one[1] - two[1]
        dz = one[2] - two[2]
        total -= one[6] * two[6] / (dx * dx + dy * dy + dz * dz) ** 0.5
    return total


def main(size):
    bodies = make_bodies()
    pairs = make_pairs(bodies)
    for _ in range(size):
        advance(bodies, pairs, 0.01)
    return energy(bodies, pairs)
