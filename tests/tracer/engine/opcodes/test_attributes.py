import pytest


class Point:
    """Has attributes of several kinds."""

    kind = "point"
    __slots__ = ("x",)

    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return isinstance(other, Point) and getattr(self, "x", None) == getattr(other, "x", None)

    __hash__ = None

    @property
    def double(self):
        return 2 * self.x

    def scaled(self, by):
        return Point(self.x * by)


class Base:
    name = "base"

    def greet(self, who="you"):
        return f"{self.name} greets {who}"

    @classmethod
    def make(cls):
        return cls.__name__


class Derived(Base):
    name = "derived"


def loads(point):
    return point.x, point.kind, point.double, point.scaled(3).x, point.scaled


def stores(point):
    point.x = 5
    point.x += 1
    return point.x


def deletes(point):
    del point.x
    return point.x


def missing(point):
    return point.nothing


def cannot_set(point):
    point.double = 1


def cannot_delete(point):
    del point.nothing


@pytest.mark.parametrize("function", [stores, deletes, missing, cannot_set, cannot_delete])
def test_attributes(same, function):
    same(function, Point(2))


def test_loads(twin):
    point = Point(2)
    assert twin(loads)(point) == loads(point)


def test_super(twin):
    def greet(self, who="me"):
        return super(Derived, self).greet(who) + super(Derived, self).name

    assert twin(greet)(Derived()) == greet(Derived())


def test_zero_argument_super(twin):
    class Child(Derived):
        def greet(self, who="child"):
            return super().greet(who) + "!"

        @classmethod
        def make(cls):
            return super().make() + "!"

        def attribute(self):
            return super().name

        def in_cell(self):
            return [lambda: self, super().greet()][1]

        def nested(self):
            return (lambda s: super().greet())(self)

    child = Child()
    for name in ("greet", "attribute", "in_cell", "nested"):
        method = vars(Child)[name]
        assert twin(method)(child) == method(child)
    assert twin(vars(Child)["make"].__func__)(Child) == "Child!"


def test_super_without_a_class(same):
    def no_class(self):
        return super().x

    def no_arguments():
        return super().x

    assert same(no_class, 1).error is not None
    assert same(no_arguments).error is not None


def test_a_rebound_super(same):
    namespace = {"super": lambda *args: Base()}
    exec("def f(self):\n return super(1, 2).greet()\ndef g(self):\n return super().name", namespace)
    same(namespace["f"], 1)
    same(namespace["g"], 1)
