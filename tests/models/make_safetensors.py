"""Writes the golden safetensors files beside it, and prints their outputs for
test_model_safetensors.c. Needs torch and safetensors."""
import copy
import os
import torch
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
net = torch.nn.Sequential(
    torch.nn.Linear(5, 7), torch.nn.Tanh(),
    torch.nn.Linear(7, 6, bias=False), torch.nn.ReLU(),
    torch.nn.Linear(6, 3))
x = torch.tensor([[0.1, -0.2, 0.3, -0.4, 0.5]])
types = {"f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
for name, kind in types.items():
    state = {"net." + key: value.to(kind) for key, value in net.state_dict().items()}
    path = os.path.join(here, "mlp_%s.safetensors" % name)
    save_file(state, path, metadata={"format": "pt"})
    os.chmod(path, 0o644)
    rounded = copy.deepcopy(net)
    rounded.load_state_dict({key[4:]: value.double() for key, value in state.items()})
    with torch.no_grad():
        print(name, ", ".join(repr(value) for value in rounded(x)[0].tolist()))
