"""MLPRegressor and MLPClassifier from scikit-learn to lumpscope and the smaller one back.

    python3 scikit_learn.py     trains one, compresses it and compares; needs sklearn, lumpscope
"""
import json
import subprocess

import numpy
from sklearn.datasets import load_diabetes
from sklearn.neural_network import MLPRegressor

NAMES = {"identity": "linear", "logistic": "sigmoid"}  # the others are called alike


def to_npz(model, path):
    hidden, last = (NAMES.get(name, name) for name in (model.activation, model.out_activation_))
    activations = [hidden] * len(model.coefs_[:-1]) + [last]
    arrays = {f"coefs_{k}": array for k, array in enumerate(model.coefs_)}
    arrays.update({f"intercepts_{k}": array for k, array in enumerate(model.intercepts_)})
    numpy.savez(path, lumpscope=json.dumps({"activations": activations}), **arrays)


def from_npz(model, path):
    """Puts the smaller layers into the fitted `model`."""
    file, layers = numpy.load(path), range(len(model.coefs_))
    model.coefs_ = [file[f"coefs_{k}"] for k in layers]
    model.intercepts_ = [file[f"intercepts_{k}"] for k in layers]
    model.hidden_layer_sizes = [array.shape[1] for array in model.coefs_[:-1]]


if __name__ == "__main__":
    rows, target = load_diabetes(return_X_y=True)
    rows, target = rows * 20, (target - target.mean()) / target.std()
    model = MLPRegressor(hidden_layer_sizes=(64, 64), random_state=1, max_iter=100).fit(rows, target)
    print("R2 before", model.score(rows, target))
    to_npz(model, "net.npz")
    numpy.savez("rows.npz", X=rows, y=target)
    subprocess.run("lumpscope compress net.npz --data rows.npz --budget 50 -o small.npz",
                   shell=True, check=True)
    from_npz(model, "small.npz")
    print("R2 after", model.score(rows, target))
