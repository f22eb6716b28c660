"""PyTorch's state_dict as safetensors: in, smaller, and back."""
import copy
import os
import re
import subprocess
import textwrap

import numpy
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import harness
from harness import SOURCE, case, compare, lumpscope, predict
from networks import ACTIVATIONS, INPUTS, OUTPUTS, TYPES, network, outputs


def saved(activation, dtype, path="net.safetensors", last=None, metadata=None):
    model = network(activation, last).to(TYPES[dtype])
    save_file(model.state_dict(), path, metadata=metadata)
    return model


def write_rows(model):
    rows = harness.random_rows(INPUTS).astype("f")
    before = outputs(model, rows)
    numpy.save("rows.npy", rows)
    numpy.savez("rows.npz", X=rows, y=before)
    return rows, before


def put_back(model, path):
    """The way the README shows."""
    model = copy.deepcopy(model)
    for name, tensor in load_file(path).items():
        layer, part = name.rsplit(".", 1)
        setattr(model.get_submodule(layer), part, torch.nn.Parameter(tensor))
    return model


def bits(path):
    """Tensors as integers: NumPy has no bfloat16."""
    integer = {8: torch.int64, 4: torch.int32, 2: torch.int16}
    return {name: tensor.view(integer[tensor.element_size()]).numpy()
            for name, tensor in load_file(path).items()}


def numbered(tensors):
    """The same under the number of their layer: other formats do not keep PyTorch's names."""
    layers = sorted({name.rsplit(".", 1)[0] for name in tensors},
                    key=lambda layer: [int(number) for number in re.findall(r"\d+", layer)])
    return {f"{layers.index(layer)}.{part}": tensor for (layer, part), tensor in
            ((name.rsplit(".", 1), tensor) for name, tensor in tensors.items())}


@case
def torch_outputs_of_every_activation_and_type():
    for activation in ACTIVATIONS:
        for dtype in TYPES:
            model = saved(activation, dtype)
            rows, before = write_rows(model)
            got = predict("net.safetensors", "rows.npy", "--activation", activation,
                          outputs=OUTPUTS)
            compare(f"torch {activation}", dtype, got, before)


@case
def torch_metadata_and_layers_say_what_options_would():
    model = saved("tanh", "f64", metadata={"activation": "tanh"})
    rows, before = write_rows(model)
    compare("torch metadata", "f64", predict("net.safetensors", "rows.npz", outputs=OUTPUTS), before)
    renamed = {name.replace("0.", "enc.").replace("2.", "mid.").replace("4.", "dec."): tensor
               for name, tensor in model.state_dict().items()}
    save_file(renamed, "renamed.safetensors")
    compare("torch --layers", "f64",
            predict("renamed.safetensors", "rows.npy", "--layers", "enc,mid,dec", "--activation",
                    "tanh", outputs=OUTPUTS), before)


@case
def torch_softmax_gives_probabilities():
    for dtype in ("f64", "f32"):
        model = saved("relu", dtype, last=torch.nn.Softmax(-1))
        rows, before = write_rows(model)
        got = predict("net.safetensors", "rows.npy", "--activation", "relu,relu,softmax",
                      outputs=OUTPUTS)
        compare("torch softmax", dtype, got, before)


@case
def torch_takes_back_the_smaller_network():
    for activation in ACTIVATIONS:
        for dtype in TYPES:
            model = saved(activation, dtype)
            rows, before = write_rows(model)
            lumpscope("compress", "net.safetensors", "--activation", activation, "--data",
                      "rows.npz", "--budget", "70", "-o", "small.safetensors")
            small = put_back(model, "small.safetensors")
            kinds = {tensor.dtype for tensor in load_file("small.safetensors").values()}
            assert kinds == {TYPES[dtype]}, f"{activation} {dtype}: written as {kinds}"
            count = sum(p.numel() for p in small.parameters())
            assert count < 0.7 * sum(p.numel() for p in model.parameters()) + 1
            compare(f"torch smaller {activation}", dtype,
                    predict("small.safetensors", "rows.npy", outputs=OUTPUTS),
                    outputs(small, rows))


@case
def torch_round_trips_are_equal_to_the_bit():
    for dtype in TYPES:
        saved("gelu", dtype)
        for suffix in ("json", "npz", "onnx"):
            if dtype == "bf16" and suffix == "npz":
                continue  # NumPy has no bfloat16
            lumpscope("convert", "net.safetensors", f"way.{suffix}", "--activation", "gelu")
            lumpscope("convert", f"way.{suffix}", "back.safetensors", "--dtype", dtype)
            harness.same_bits(f"safetensors, {suffix}, safetensors {dtype}",
                              numbered(bits("back.safetensors")),
                              numbered(bits("net.safetensors")))


@case
def torch_types_change_as_torch_rounds_them():
    model = saved("tanh", "f64")
    for dtype in ("f32", "f16", "bf16"):
        lumpscope("convert", "net.safetensors", "out.safetensors", "--activation", "tanh",
                  "--dtype", dtype)
        expected = {name: tensor.to(TYPES[dtype]) for name, tensor in model.state_dict().items()}
        save_file(expected, "expected.safetensors")
        harness.same_bits(f"convert --dtype {dtype}", bits("out.safetensors"),
                          bits("expected.safetensors"))


@case
def torch_block_of_a_checkpoint_is_replaced_and_the_rest_is_kept():
    torch.manual_seed(5)
    model = torch.nn.TransformerEncoderLayer(16, 2, 64, 0, activation="gelu", batch_first=True)
    save_file(model.state_dict(), "block.safetensors", metadata={"origin": "test"})
    hidden = torch.tensor(harness.random_rows(16), dtype=torch.float32)
    numpy.save("hidden.npy", hidden.numpy())
    block = ("--block", "linear1,linear2", "--activation", "gelu")

    def through(layer):
        with torch.no_grad():
            return layer.linear2(torch.nn.functional.gelu(layer.linear1(hidden)))

    compare("torch block", "f32", predict("block.safetensors", "hidden.npy", *block, outputs=16),
            through(model))
    lumpscope("compress", "block.safetensors", *block, "--data", "hidden.npy", "--budget", "75",
              "-o", "small.safetensors")
    small = put_back(model, "small.safetensors")
    compare("torch smaller block", "f32",
            predict("small.safetensors", "hidden.npy", *block, outputs=16), through(small))
    before, after = bits("block.safetensors"), bits("small.safetensors")
    kept = [name for name in before if not name.startswith("linear")]
    harness.same_bits("checkpoint", {name: after[name] for name in kept},
                      {name: before[name] for name in kept})
    with safe_open("small.safetensors", "np") as file:
        assert file.metadata()["origin"] == "test"


def readme_code():
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        blocks = re.findall(r"(?:^    .*\n)+", file.read(), re.M)
    return textwrap.dedent(next(block for block in blocks if "load_file" in block))


@case
def readme_brings_a_network_and_takes_it_back():
    code = readme_code()
    assert len(code.strip().splitlines()) <= 6
    model = network("relu")
    parameters = sum(p.numel() for p in model.parameters())
    rows, before = write_rows(model)
    os.environ["PATH"] = os.path.dirname(harness.PROGRAM) + ":" + os.environ["PATH"]
    exec(code, {"model": model, "torch": torch, "os": os})
    assert sum(p.numel() for p in model.parameters()) <= 0.5 * parameters
    compare("readme", "f32", predict("small.safetensors", "rows.npy", outputs=OUTPUTS),
            outputs(model, rows))


def run_sample(name):
    directory = os.path.dirname(harness.PROGRAM)
    run = subprocess.run([harness.sys.executable, os.path.join(SOURCE, "samples/export", name)],
                         env=dict(os.environ, PATH=directory + ":" + os.environ["PATH"]),
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@case
def sample_pytorch_runs():
    run_sample("pytorch.py")


@case
def sample_record_hidden_runs():
    run_sample("record_hidden.py")


@case
def sample_scikit_learn_runs():
    run_sample("scikit_learn.py")


@case
def sample_keras_runs():
    try:
        import keras  # noqa: F401
    except Exception as reason:
        raise harness.Skip(f"no Keras here: {reason}")
    run_sample("keras_npz.py")


if __name__ == "__main__":
    harness.main()
