"""Builders as users of torch write them."""

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR, StepLR
from torch.utils.data import DataLoader, TensorDataset, random_split

ENCODER = {"d_model": 16, "nhead": 2, "dim_feedforward": 32, "batch_first": True}


def layers_in_a_loop():
    layers = []
    width = 8
    for hidden in (16, 16, 4):
        layers.append(nn.Linear(width, hidden))
        layers.append(nn.ReLU())
        width = hidden
    return nn.Sequential(*layers, nn.Linear(width, 2))


def optimizer_over_parameters():
    model = nn.Linear(8, 2)
    optimizer = Adam(model.parameters(), lr=1e-3)
    return {"model": model, "optimizer": optimizer}


def schedulers():
    model = nn.Linear(8, 2)
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
    warmup = LinearLR(optimizer, start_factor=0.1, total_iters=5)
    cosine = CosineAnnealingLR(optimizer, T_max=20)
    return model, optimizer, SequentialLR(optimizer, [warmup, cosine], milestones=[5])


def parameter_groups():
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = AdamW(
        [
            {"params": model[0].parameters(), "lr": 1e-4},
            {"params": model[2].parameters(), "weight_decay": 0.0},
        ],
        lr=1e-3,
    )
    return model, optimizer, StepLR(optimizer, step_size=2)


def split_data():
    torch.manual_seed(1)
    data = TensorDataset(torch.arange(20.0).reshape(10, 2), torch.arange(10))
    train, test = random_split(data, [8, 2])
    return {"train": DataLoader(train, batch_size=4), "test": DataLoader(test, batch_size=2)}


def seeded_initialisation():
    torch.manual_seed(7)
    model = nn.Linear(8, 4)
    nn.init.xavier_uniform_(model.weight, gain=2.0)
    nn.init.zeros_(model.bias)
    return model


def device_context():
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(1000, 1000), nn.Linear(1000, 2))
    head = nn.Linear(2, 2)
    return model.eval(), head


def tied_weights():
    embedding = nn.Embedding(50, 16)
    decoder = nn.Linear(16, 50, bias=False)
    decoder.weight = embedding.weight
    return nn.ModuleDict({"embedding": embedding, "decoder": decoder})


def unpacked_dictionary():
    layer = nn.TransformerEncoderLayer(**ENCODER, dropout=0.0)
    return nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)


def frozen_backbone():
    backbone = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
    backbone.requires_grad_(False)
    backbone.eval()
    head = nn.Linear(8, 2)
    return nn.Sequential(backbone, head), Adam(head.parameters())


def arithmetic():
    base = nn.Parameter(torch.linspace(0.0, 1.0, 4))
    scale = 2 * base.detach() + 1
    return {"scale": scale, "rows": base.data[1:], "power": -(base.data**2) / 3}


def added_modules():
    model = nn.Sequential()
    for number, width in enumerate((8, 4, 2)):
        model.add_module(f"layer{number}", nn.Linear(8 if number == 0 else width * 2, width))
    model.register_buffer("seen", torch.zeros(3))
    return model.double()


def hidden_sizes_of_modules():
    encoder = nn.LSTM(4, 8, num_layers=2, bidirectional=True)
    return encoder, nn.Linear(encoder.hidden_size * 2, 3)


BUILDERS = [
    layers_in_a_loop,
    optimizer_over_parameters,
    schedulers,
    parameter_groups,
    split_data,
    seeded_initialisation,
    device_context,
    tied_weights,
    unpacked_dictionary,
    frozen_backbone,
    arithmetic,
    added_modules,
    hidden_sizes_of_modules,
]
