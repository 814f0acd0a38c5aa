"""The MLP by hand in PyTorch: tensors in memory, sliced by an index, fused Adam."""

import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def main() -> None:
    """Train on the rows of the .npz file that is named; print the time."""
    with np.load(sys.argv[1]) as rows:
        features = torch.from_numpy(rows["features"])
        label = torch.from_numpy(rows["label"])
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Linear(32, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    start = time.perf_counter()
    for _ in range(3):
        total = torch.zeros(())
        for index in torch.randperm(len(label)).split(256):
            loss = F.cross_entropy(model(features[index]), label[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(index)
        print(f"loss {total.item() / len(label):.4f}")
    print(f"training {time.perf_counter() - start:.4f} s")


if __name__ == "__main__":
    main()
