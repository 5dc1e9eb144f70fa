"""Variables of functions, classes and comprehensions, and what ``super()`` finds by them."""

import sys


def _made(source):
    names = {}
    exec(compile(source, "<scopes>", "exec"), names)
    return names["program"]


def cells_belong_to_the_frame_that_made_them():
    def make():
        a = b = 1

        def changes_a():
            nonlocal a
            a += 1
            return a, b

        def changes_b():
            nonlocal b
            b += 10
            return a, b

        return changes_a, changes_b

    a1, b1 = make()
    a2, b2 = make()
    shared = a1.__closure__[0] is b1.__closure__[0], a1.__closure__[0] is a2.__closure__[0]
    return a1(), b1(), a2(), b2(), shared


def a_name_that_two_functions_close_over():
    def makes():
        x = ["first"]

        def inner():
            x[0] = "changed"
            return x

        return inner

    def calls(other):
        x = 5

        def inner():
            return x

        return other(), inner()

    return calls(makes())


def a_variable_of_a_loop_without_turns():
    for i in ():
        pass
    return i


def comprehensions_in_a_class_body():
    y = "the function's"

    class Made:
        y = "the class's"
        inside = [y for _ in range(1)]
        outermost = [letter for letter in y]
        in_a_lambda = [lambda: y for _ in range(1)][0]()
        nested = {key: [value for value in range(key)] for key in range(3)}

    return Made.inside, Made.outermost, Made.in_a_lambda, Made.nested


def cells_of_comprehensions():
    last = [lambda: i for i in range(3)]
    pairs = [[(lambda: (i, j)) for j in range(2)] for i in range(2)]
    i = 99
    outer = [lambda: i for _ in range(2)]
    called = [make() for make in last], [[make() for make in row] for row in pairs]
    return called, [make() for make in outer], i


def a_variable_survives_a_comprehension_that_fails():
    x = "kept"
    caught = []
    for fails in (
        lambda: [1 // x for x in (1, 0)],
        lambda: {x: (lambda: x)() for x in (1, 0) if 1 // x},
    ):
        try:
            fails()
        except ZeroDivisionError:
            caught.append(x)
    try:
        [1 // x for x in (1, 0)]
    except ZeroDivisionError:
        caught.append(x)
    return caught


def assignments_in_comprehensions():
    small = [last := number for number in range(4) if (square := number * number) < 5]
    return small, last, square, any((hit := number) > 2 for number in range(9)), hit


def a_class_that_exec_makes():
    names = {}
    exec(
        "def uses(x):\n class Made:\n  value = x\n return [Made.value for _ in '12']\nr = uses(3)",
        names,
    )
    return names["r"], names["uses"](4)


def globals_that_are_deleted():
    global made_here
    made_here = 1
    found = made_here
    del made_here
    try:
        return made_here
    except NameError as error:
        return found, str(error), error.name


def super_in_comprehensions():
    class Base:
        def name(self):
            return "base"

    class Made(Base):
        def by_arguments(self):
            return [super(Made, self).name() for _ in range(2)]

        def of_the_cell(self):
            return [__class__.__name__ for _ in range(2)]

        def bound(self):
            return [super().name for _ in range(1)][0]()

        def nested(self):
            return [[super().name() for _ in range(1)] for _ in range(1)]

        def in_a_generator(self):
            return list(super().name() for _ in range(1))

    made, found = Made(), []
    for name in ("by_arguments", "of_the_cell", "bound", "nested", "in_a_generator"):
        try:
            found.append(getattr(made, name)())
        except (TypeError, RuntimeError) as error:
            found.append((type(error), str(error)))
    return found


def super_in_each_kind_of_method():
    class Base:
        x = 1

        def plain(self):
            return "base"

        @classmethod
        def of_class(cls):
            return cls.__name__

        @property
        def prop(self):
            return "property"

        def __getattr__(self, name):
            return "missing " + name

    class Made(Base):
        def plain(self, *_):
            return super().plain(), super().x, super().prop, super().__class__.__name__

        def renamed(self):
            kept = super
            return kept(Made, self).plain()

        @classmethod
        def of_class(cls):
            return super().of_class()

        @staticmethod
        def static():
            return super().of_class()

        def deleted(self):
            del self
            return super().plain()

        def bound_anew(self):
            self = 5  # noqa: F841
            return super().plain()

        def kept_in_a_cell(self):
            def inner():
                return self

            return super().plain(), inner() is self

        def missing(self):
            return super().nothing

    made, found = Made(), []
    for name in [name for name in vars(Made) if name[0] != "_"]:
        try:
            found.append((name, getattr(made, name)()))
        except (TypeError, RuntimeError, AttributeError) as error:
            found.append((name, type(error), str(error)))
    return found


def another_super():
    def super(*args):
        return "mine", args

    class Made:
        def without(self):
            return super()

        def with_arguments(self):
            return super(1, 2)

    return Made().without(), Made().with_arguments()


def targets_of_every_kind():
    found = {}
    for found["key"], *found["rest"] in [(1, 2, 3), (4,)]:
        pass
    for [number] in [(1,), (2,)]:
        pass
    first, (second, *third), *fourth, fifth = 1, (2, 3, 4), 5, 6, 7
    items = list(range(10))
    items[first:5] = "ab"
    del items[::3]
    items[1:2] *= 2
    items[-1] <<= 2
    return found, number, (first, second, third, fourth, fifth), items


if sys.version_info >= (3, 12):
    type_parameters = _made(
        """
def program():
    def generic[T: int, *Ts, **P](a: T, b: list[T] = []) -> T: return a
    class Made[A](list):
        def method[Z](self, z: Z) -> A: return z
        type Recursive = A | list[Recursive]
    type Alias[T] = list[T] | dict[T, Made]
    type Undefined = nothing_here
    try: Undefined.__value__
    except NameError as error: text = str(error)
    parameters = generic.__type_params__
    return (
        generic(1), [str(p) for p in parameters], parameters[0].__bound__, Made().method(4),
        str(Alias.__value__)[:9], Alias.__type_params__[0].__name__, text, Made.Recursive.__name__,
        str(generic.__annotations__['a']),
    )
"""
    )
    type_parameters_see_the_class = _made(
        """
def program():
    y = 'function'
    class Made[T]:
        y = 'class'
        type Alias = y
        def method(self, a: y = y): return a
        inside = [y for _ in range(1)]
        class Inner[U: y]: pass
    bound = Made.Inner.__type_params__[0].__bound__
    return Made.Alias.__value__, Made().method(), Made.method.__annotations__, Made.inside, bound
"""
    )
