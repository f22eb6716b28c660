"""Networks in PyTorch, one for every activation that lumpscope knows."""
import torch


class Square(torch.nn.Module):
    def forward(self, x):
        return x * x


ACTIVATIONS = {
    "linear": torch.nn.Identity,
    "square": Square,
    "tanh": torch.nn.Tanh,
    "sigmoid": torch.nn.Sigmoid,
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "elu": torch.nn.ELU,
    "gelu": torch.nn.GELU,
    "softplus": torch.nn.Softplus,
    "silu": torch.nn.SiLU,
}
TYPES = {"f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
INPUTS, OUTPUTS = 5, 3


def network(activation, last=None):
    """5-24-16-3 with weights that leave something to merge."""
    torch.manual_seed(3)
    layers = [torch.nn.Linear(INPUTS, 24), ACTIVATIONS[activation](), torch.nn.Linear(24, 16),
              ACTIVATIONS[activation](), torch.nn.Linear(16, OUTPUTS)]
    return torch.nn.Sequential(*layers, *([last] if last else []))


def outputs(model, rows):
    """In double precision for the types in which PyTorch's processor code computes less exactly."""
    dtype = next(model.parameters()).dtype
    exact = torch.float32 if dtype == torch.float32 else torch.float64
    with torch.no_grad():
        return model.to(exact)(torch.tensor(rows, dtype=exact)).double().numpy()
