"""Go through NeMo Run's page about autoconvert, from top to bottom.

Each function below is one snippet of the page, as printed except for the import, and checks what
the page says of it. Run it with ``python docs/examples/autoconvert_page.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, List, Optional  # noqa: UP035 - as the page has it

import bytefig.tracer as run


class Comparable:
    """Base of the page's classes: equal if class and attributes are."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)


class MyModel(Comparable):
    """A model."""

    def __init__(self, hidden_size: int = 512) -> None:
        self.hidden_size = hidden_size


class Adam(Comparable):
    """An optimizer."""

    def __init__(self, learning_rate: float = 1e-4) -> None:
        self.learning_rate = learning_rate


class CrossEntropyLoss(Comparable):
    """A loss."""


class DataLoader(Comparable):
    """A data loader."""

    def __init__(self, batch_size: int = 1) -> None:
        self.batch_size = batch_size


class Preprocessor(Comparable):
    """A preprocessor."""


class Augmentation(Comparable):
    """An augmentation."""

    def __init__(self, strength: float) -> None:
        self.strength = strength


class TransformerEncoder(Comparable):
    """An encoder."""

    def __init__(self, layers: int = 1) -> None:
        self.layers = layers


class TransformerDecoder(Comparable):
    """A decoder."""

    def __init__(self, layers: int = 1) -> None:
        self.layers = layers


class TransformerModel(Comparable):
    """A model of some size."""

    def __init__(self, hidden_size: int, num_layers: int) -> None:
        self.hidden_size = hidden_size
        self.num_layers = num_layers


class DataConfig(Comparable):
    """Where data is."""

    def __init__(self, path: str) -> None:
        self.path = path


class TrainingConfig(Comparable):
    """How to train."""

    def __init__(self, epochs: int = 1) -> None:
        self.epochs = epochs


class Pipeline(Comparable):
    """A model, data and how to train."""

    def __init__(self, model: Any, data: Any, training: Any) -> None:
        self.model = model
        self.data = data
        self.training = training


class TrainingPipeline(Comparable):
    """A model, data, an optimizer and perhaps a scheduler."""

    def __init__(self, model: Any, data: Any, optimizer: Any, scheduler: Any = None) -> None:
        self.model = model
        self.data = data
        self.optimizer = optimizer
        self.scheduler = scheduler


class Scheduler(Comparable):
    """A schedule of learning rates."""

    def __init__(self, warmup: int) -> None:
        self.warmup = warmup


class Experiment(Comparable):
    """What the page assembles."""

    def __init__(self, **parts: Any) -> None:
        self.parts = parts


# Basic usage


@run.autoconvert
def train_model(model, optimizer, batch_size=32):
    """Train a model with the given configuration."""
    # model and optimizer are automatically converted to run.Config objects
    model_instance = run.build(model)
    optimizer_instance = run.build(optimizer)

    print(f"Training with batch size: {batch_size}")
    return model_instance, optimizer_instance


def basic_usage() -> None:
    """Call a function that wants configs with objects."""
    result = train_model(
        model=MyModel(hidden_size=512), optimizer=Adam(learning_rate=1e-4), batch_size=64
    )
    assert result == (MyModel(512), Adam(1e-4))


# How autoconvert works


def automatic_conversion() -> None:
    """Objects become configs; configs and primitives stay; containers are converted inside."""
    seen: list[tuple[Any, ...]] = []

    @run.autoconvert
    def process_data(data_loader, preprocessor, augmentations=None):
        # data_loader becomes run.Config(DataLoader, ...)
        # preprocessor becomes run.Config(Preprocessor, ...)
        # augmentations remains as a list of run.Config objects
        seen.append((data_loader, preprocessor, augmentations))

    # These are equivalent:
    process_data(DataLoader(batch_size=32), Preprocessor())
    process_data(run.Config(DataLoader, batch_size=32), run.Config(Preprocessor))
    assert seen[0] == seen[1]
    assert seen[0] == (run.Config(DataLoader, batch_size=32), run.Config(Preprocessor), None)

    process_data(DataLoader(), Preprocessor(), [Augmentation(0.1), Augmentation(0.2)])
    assert seen[2][2] == [run.Config(Augmentation, 0.1), run.Config(Augmentation, 0.2)]


def type_preservation() -> None:
    """Types and structure are those of the arguments."""

    @run.autoconvert
    def create_pipeline(model, data_config, training_config):
        # All arguments are converted to run.Config while preserving their structure
        model_config = model  # run.Config(MyModel, ...)
        data_config = data_config  # run.Config(DataConfig, ...)  # noqa: PLW0127
        training_config = training_config  # run.Config(TrainingConfig, ...)  # noqa: PLW0127

        return run.Config(Pipeline, model=model_config, data=data_config, training=training_config)

    pipeline = create_pipeline(MyModel(256), DataConfig("/data"), TrainingConfig(3))
    assert pipeline == run.Config(
        Pipeline,
        model=run.Config(MyModel, 256),
        data=run.Config(DataConfig, "/data"),
        training=run.Config(TrainingConfig, 3),
    )
    assert run.build(pipeline) == Pipeline(MyModel(256), DataConfig("/data"), TrainingConfig(3))


# Advanced patterns


def nested_object_conversion() -> None:
    """Objects in a dict become configs in a dict."""

    @run.autoconvert
    def setup_experiment(model_config, data_config, optimizer_config):
        # All nested objects are converted to run.Config
        return run.Config(
            Experiment,
            model=model_config,  # run.Config(TransformerModel, ...)
            data=data_config,  # run.Config(DataLoader, ...)
            optimizer=optimizer_config,  # run.Config(Adam, ...)
        )

    # Complex nested configuration
    experiment = setup_experiment(
        model_config={
            "encoder": TransformerEncoder(layers=12),
            "decoder": TransformerDecoder(layers=6),
        },
        data_config=DataLoader(batch_size=32),
        optimizer_config=Adam(learning_rate=1e-4),
    )
    assert experiment.model["encoder"] == run.Config(TransformerEncoder, layers=12)
    experiment.model["decoder"].layers = 3
    assert run.build(experiment).parts["model"]["decoder"] == TransformerDecoder(3)


def partial_configuration() -> None:
    """A Partial of configs is called like the function."""

    @run.autoconvert
    def train_model(model, optimizer, loss_fn, epochs, data_path):
        return run.build([model, optimizer, loss_fn]), epochs, data_path

    @run.autoconvert
    def create_training_fn(model, optimizer, loss_fn):
        return run.Partial(
            train_model,
            model=model,  # Automatically converted to run.Config
            optimizer=optimizer,  # Automatically converted to run.Config
            loss_fn=loss_fn,  # Automatically converted to run.Config
        )

    # Create a partially configured training function
    train_fn = create_training_fn(
        model=MyModel(hidden_size=768),
        optimizer=Adam(learning_rate=1e-4),
        loss_fn=CrossEntropyLoss(),
    )
    assert train_fn.model == run.Config(MyModel, 768)

    # Call with additional arguments
    result = train_fn(epochs=100, data_path="/path/to/data")
    assert result == ([MyModel(768), Adam(1e-4), CrossEntropyLoss()], 100, "/path/to/data")


def conditional_conversion() -> None:
    """Some arguments are converted, others left alone."""
    seen: list[tuple[Any, ...]] = []

    @run.autoconvert(convert=["model", "optimizer"])  # Only convert specific arguments
    def train_with_config(model, optimizer, epochs, data_path):
        # model and optimizer are converted to run.Config
        # epochs and data_path remain as primitive values
        seen.append((model, optimizer, epochs, data_path))

    @run.autoconvert(skip=["data_path"])  # Skip conversion for specific arguments
    def process_experiment(model, data_loader, data_path):
        # model and data_loader are converted to run.Config
        # data_path remains as a string
        seen.append((model, data_loader, data_path))

    train_with_config(MyModel(), Adam(), 3, "/data")
    process_experiment(MyModel(), DataLoader(), "/data")
    assert seen[0] == (run.Config(MyModel), run.Config(Adam), 3, "/data")
    assert seen[1] == (run.Config(MyModel), run.Config(DataLoader), "/data")


# Integration with the command line


def integration_with_cli() -> None:
    """An entry point of a program is an autoconvert function, too."""
    script: Callable[[Any], Any] | None = getattr(run, "script", None)
    if script is None:
        print("   (this bytefig has no entry points)")
        return
    trained: list[Any] = []

    @run.autoconvert
    @script
    def main(model, optimizer, training_config):
        """Main training script with automatic configuration conversion."""
        # All arguments are automatically converted from CLI strings to run.Config objects
        model_instance = run.build(model)
        optimizer_instance = run.build(optimizer)
        training_instance = run.build(training_config)

        # Execute training
        trained.append((model_instance, optimizer_instance, training_instance))

    main(MyModel(hidden_size=512), Adam(learning_rate=1e-4), TrainingConfig())
    assert trained == [(MyModel(512), Adam(1e-4), TrainingConfig())]


# Best practices


def use_type_annotations() -> None:
    """An annotation tells that an instance is meant where a class is given."""
    seen: list[tuple[Any, ...]] = []

    @run.autoconvert
    def create_model(
        encoder: TransformerEncoder,
        decoder: Optional[TransformerDecoder] = None,  # noqa: UP045 - as the page has it
        layers: List[int] = [12, 12, 6],  # noqa: B006, UP006 - as the page has it
    ):
        # Type annotations help autoconvert understand the expected types
        seen.append((encoder, decoder, layers))

    create_model(TransformerEncoder(2))
    create_model(TransformerEncoder, TransformerDecoder)
    assert seen[0] == (run.Config(TransformerEncoder, 2), None, [12, 12, 6])
    assert seen[1][:2] == (run.Config(TransformerEncoder), run.Config(TransformerDecoder))


def document_expected_types() -> None:
    """Classes, instances, and more arguments by name."""
    seen: list[Any] = []

    @run.autoconvert
    def train_pipeline(
        model,  # Should be a model class or instance
        data_loader,  # Should be a DataLoader class or instance
        optimizer,  # Should be an optimizer class or instance
        **kwargs,
    ):
        """Train a model pipeline with automatic configuration conversion.

        Args:
            model: Model class or instance (will be converted to run.Config)
            data_loader: DataLoader class or instance (will be converted to run.Config)
            optimizer: Optimizer class or instance (will be converted to run.Config)
            **kwargs: Additional arguments passed through unchanged
        """
        seen.append((model, data_loader, optimizer, kwargs))

    train_pipeline(MyModel(), DataLoader(), Adam(), epochs=3, path="/data")
    # Numbers and text among the other arguments are passed through unchanged.
    assert seen[0][3] == {"epochs": 3, "path": "/data"}
    assert seen[0][:3] == (run.Config(MyModel), run.Config(DataLoader), run.Config(Adam))


def handle_edge_cases() -> None:
    """What reaches the function is a config in any case."""

    @run.autoconvert
    def flexible_function(obj, use_config=True):
        if use_config:
            # obj is a run.Config object
            instance = run.build(obj)
        else:
            # obj might be a regular object or run.Config
            instance = obj if not isinstance(obj, run.Config) else run.build(obj)

        return instance

    assert flexible_function(MyModel(7)) == MyModel(7)
    assert flexible_function(MyModel(7), use_config=False) == MyModel(7)
    assert flexible_function(run.Config(MyModel, 7), use_config=False) == MyModel(7)


def both_patterns() -> None:
    """Objects and configs give the same result."""
    # Test with regular objects
    result1 = train_model(MyModel(), Adam())

    # Test with configuration objects
    result2 = train_model(
        run.Config(MyModel, hidden_size=512), run.Config(Adam, learning_rate=1e-4)
    )

    # Both should work identically
    assert result1 == result2


# Common use cases


def configuration_factories() -> None:
    """A function that makes a config of a class it is given."""

    @run.autoconvert
    def create_model_config(model_class, hidden_size, num_layers):
        return run.Config(model_class, hidden_size=hidden_size, num_layers=num_layers)

    # Usage
    config = create_model_config(TransformerModel, hidden_size=768, num_layers=12)
    assert config == run.Config(TransformerModel, hidden_size=768, num_layers=12)


def pipeline_assembly() -> None:
    """A function that puts configs together."""

    @run.autoconvert
    def create_training_pipeline(model, data, optimizer, scheduler=None):
        pipeline_config = run.Config(TrainingPipeline, model=model, data=data, optimizer=optimizer)

        if scheduler:
            pipeline_config.scheduler = scheduler

        return pipeline_config

    plain = create_training_pipeline(MyModel(), DataLoader(), Adam())
    assert run.build(plain) == TrainingPipeline(MyModel(), DataLoader(), Adam())
    scheduled = create_training_pipeline(MyModel(), DataLoader(), Adam(), Scheduler(100))
    assert scheduled.scheduler == run.Config(Scheduler, 100)


def experiment_templates() -> None:
    """A config has the name of what it configures."""

    @run.autoconvert
    def create_experiment_template(model, dataset, training_config):
        return run.Config(
            Experiment,
            name=f"{model.__name__}_{dataset.__name__}",
            model=model,
            dataset=dataset,
            training=training_config,
        )

    template = create_experiment_template(MyModel(), DataLoader(), TrainingConfig())
    assert template.name == "MyModel_DataLoader"
    assert create_experiment_template(MyModel, DataLoader, TrainingConfig).name == template.name


SECTIONS = (
    basic_usage,
    automatic_conversion,
    type_preservation,
    nested_object_conversion,
    partial_configuration,
    conditional_conversion,
    integration_with_cli,
    use_type_annotations,
    document_expected_types,
    handle_edge_cases,
    both_patterns,
    configuration_factories,
    pipeline_assembly,
    experiment_templates,
)


def main() -> None:
    """Run all sections in the order of the page."""
    for number, section in enumerate(SECTIONS, start=1):
        section()
        print(f"{number:2}. {section.__name__}: {(section.__doc__ or '').splitlines()[0]}")


if __name__ == "__main__":
    main()
