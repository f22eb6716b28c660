"""Records what reaches a block of a PyTorch model, for `lumpscope --block UP,DOWN --data FILE`.

    python3 record_hidden.py     a transformer's MLP block; needs torch, safetensors, lumpscope
"""
import subprocess

import numpy
import torch
from safetensors.torch import save_file


def record_hidden(model, layer, batches, path, most=4096):
    """Writes the inputs of the Linear layer named `layer` as rows of a .npy.

    batches: whatever `model` is called with, one after the other, until `most` rows are there.
    """
    rows, count = [], 0
    hook = model.get_submodule(layer).register_forward_pre_hook(
        lambda module, inputs: rows.append(inputs[0].detach().flatten(0, -2).cpu()))
    with torch.no_grad():
        for batch in batches:
            model(batch)
            count += len(rows[-1])
            if count >= most:
                break
    hook.remove()
    numpy.save(path, torch.cat(rows)[:most].float().numpy())


if __name__ == "__main__":
    torch.manual_seed(1)
    model = torch.nn.TransformerEncoderLayer(32, 4, 128, 0, activation="gelu", batch_first=True)
    # Left in train mode, without dropout: in eval mode this layer has a fast path without hooks.
    record_hidden(model, "linear1", (torch.randn(8, 64, 32) for _ in range(8)), "hidden.npy")
    save_file(model.state_dict(), "block.safetensors")
    subprocess.run("lumpscope compress block.safetensors --block linear1,linear2 "
                   "--activation gelu --data hidden.npy --budget 75 -o small.safetensors",
                   shell=True, check=True)
