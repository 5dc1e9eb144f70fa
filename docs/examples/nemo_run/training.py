"""What is configured: plain classes and functions, which know of no library for configs."""


class Model:
    """A model of some width."""

    def __init__(self, width: int = 8) -> None:
        self.width = width


class Adam:
    """An optimizer."""

    def __init__(self, rate: float = 0.1) -> None:
        self.rate = rate


def fit(model: Model, optimizer: Adam, steps: int = 3) -> None:
    """Train a model."""
    print(f"fit a model of width {model.width}, {steps} steps at rate {optimizer.rate}")
