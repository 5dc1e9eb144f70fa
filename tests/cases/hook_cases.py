"""Classes and objects that note in FIRED whatever they are asked."""

FIRED = []


class Meta(type):
    def __getattribute__(cls, name):
        FIRED.append(f"Meta.__getattribute__ {name}")
        return type.__getattribute__(cls, name)

    def __getattr__(cls, name):
        FIRED.append(f"Meta.__getattr__ {name}")
        raise AttributeError(name)

    def __hash__(cls):
        FIRED.append("Meta.__hash__")
        return 1

    def __eq__(cls, other):
        FIRED.append("Meta.__eq__")
        return cls is other

    def __instancecheck__(cls, instance):
        FIRED.append("Meta.__instancecheck__")
        return False

    def __subclasscheck__(cls, other):
        FIRED.append("Meta.__subclasscheck__")
        return False

    @property
    def __signature__(cls):
        FIRED.append("Meta.__signature__")
        raise AttributeError("__signature__")


class Model(metaclass=Meta):
    def __init__(self, x=1, *, y=2):
        FIRED.append("Model.__init__")


class Descriptor:
    def __get__(self, instance, owner):
        FIRED.append("Descriptor.__get__")
        return 1

    def __call__(self):
        FIRED.append("Descriptor.__call__")


class Holder:
    found = Descriptor()
    __signature__ = Descriptor()

    def __init__(self, x=1): ...

    @property
    def computed(self):
        FIRED.append("Holder.computed")


class Instance:
    def __call__(self, x=1):
        FIRED.append("Instance.__call__")

    def __getattr__(self, name):
        FIRED.append(f"Instance.__getattr__ {name}")
        raise AttributeError(name)

    @property
    def __class__(self):
        FIRED.append("Instance.__class__")
        return Instance


instance = Instance()


def __getattr__(name):
    FIRED.append(f"module {name}")
    raise AttributeError(name)
