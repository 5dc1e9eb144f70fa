"""The builder of a real torch model, apart from the others because of its import."""

from __future__ import annotations

from torch import nn


def convolutions(blocks: int) -> nn.Sequential:
    """Convolution layers in as many blocks, for images of 8 by 8."""
    layers = []
    channels = 3
    for _ in range(blocks):
        layers.append(nn.Conv2d(channels, 16, kernel_size=3, padding=1, bias=False))
        layers.append(nn.BatchNorm2d(16))
        layers.append(nn.ReLU(inplace=True))
        channels = 16
    layers.append(nn.Flatten())
    layers.append(nn.Linear(in_features=16 * 64, out_features=10))
    return nn.Sequential(*layers)
