"""The training configured with hydra-zen."""

from hydra_zen import builds, store, zen
from work import Forest, Logistic, Split, score


def train(model: Logistic | Forest, split: Split) -> None:
    """Train a model.

    Args:
        model: What is trained.
        split: How the data is split.
    """
    print(score(model, split))


models = store(group="model")
models(builds(Logistic, strength=0.5, populate_full_signature=True), name="logistic")
models(builds(Forest, populate_full_signature=True), name="forest")
models(builds(Forest, trees=100, depth=12, populate_full_signature=True), name="deep")
store(
    train,
    name="train",
    split=builds(Split, populate_full_signature=True),
    hydra_defaults=["_self_", {"model": "logistic"}],
)

if __name__ == "__main__":
    store.add_to_hydra_store()
    zen(train).hydra_main(config_name="train", config_path=None, version_base="1.3")
