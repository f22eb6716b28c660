"""A network of Linear layers from PyTorch to lumpscope and the smaller one back.

    python3 pytorch.py     makes one, compresses it and compares; needs torch, safetensors, lumpscope
"""
import subprocess

import numpy
import torch
from safetensors.torch import load_file, save_file


def to_safetensors(model, path, activation="relu"):
    """Every Linear layer, in the order of the numbers in its name ("0.weight", "net.2.weight").

    activation: of the hidden layers, or one for each layer: "relu,tanh,linear".
    """
    tensors = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(tensors, path, metadata={"activation": activation})


def from_safetensors(model, path):
    """Puts the smaller layers of the same names into `model`."""
    for name, tensor in load_file(path).items():
        layer, part = name.rsplit(".", 1)
        layer = model.get_submodule(layer)
        setattr(layer, part, torch.nn.Parameter(tensor))
        layer.out_features, layer.in_features = layer.weight.shape  # what print(model) shows


if __name__ == "__main__":
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(4, 32), torch.nn.ReLU(), torch.nn.Linear(32, 32),
                                torch.nn.ReLU(), torch.nn.Linear(32, 1))
    rows = torch.randn(2000, 4)
    before = model(rows).detach()
    to_safetensors(model, "net.safetensors")
    numpy.savez("rows.npz", X=rows, y=before)
    subprocess.run("lumpscope compress net.safetensors --data rows.npz --budget 50 "
                   "-o small.safetensors", shell=True, check=True)
    from_safetensors(model, "small.safetensors")
    print("moved by", float((model(rows) - before).square().mean().sqrt() / before.std()))
