"""A Sequential of Dense layers from Keras to lumpscope and the smaller one back.

    python3 keras_npz.py     makes one, compresses it and compares; needs keras, numpy, lumpscope
"""
import json
import subprocess

import keras
import numpy


def to_npz(model, path):
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    arrays = {f"{part}{k}": array for k, layer in enumerate(layers)
              for part, array in zip("Wb", layer.get_weights())}
    activations = [layer.activation.__name__ for layer in layers]
    numpy.savez(path, lumpscope=json.dumps({"activations": activations}), **arrays)


def from_npz(path):
    file = numpy.load(path)
    activations = json.loads(file["lumpscope"].item())["activations"]
    sizes = [file[f"W{k}"].shape for k in range(len(activations))]
    model = keras.Sequential([keras.Input((sizes[0][0],))] + [
        keras.layers.Dense(size[1], activation) for size, activation in zip(sizes, activations)])
    model.set_weights([file[f"{part}{k}"] for k in range(len(sizes)) for part in "Wb"])
    return model


if __name__ == "__main__":
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(32, "relu"),
                              keras.layers.Dense(32, "tanh"), keras.layers.Dense(1)])
    rows = numpy.random.default_rng(1).normal(size=(2000, 4)).astype("f")
    before = numpy.asarray(model(rows))
    to_npz(model, "net.npz")
    numpy.savez("rows.npz", X=rows, y=before)
    subprocess.run("lumpscope compress net.npz --data rows.npz --budget 50 -o small.npz",
                   shell=True, check=True)
    print("moved by", numpy.asarray(from_npz("small.npz")(rows) - before).std() / before.std())
