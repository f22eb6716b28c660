"""scikit-learn's networks, and other arrays in .npz: in, smaller, and back."""
import json
import warnings

import numpy
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

import harness
from harness import case, compare, lumpscope, predict

warnings.simplefilter("ignore", ConvergenceWarning)
NAMES = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
INPUTS = 4


def arrays(model):
    found = {f"coefs_{k}": array for k, array in enumerate(model.coefs_)}
    found.update({f"intercepts_{k}": array for k, array in enumerate(model.intercepts_)})
    return found


def put_back(model, path):
    file = numpy.load(path)
    model.coefs_ = [file[f"coefs_{k}"] for k in range(len(model.coefs_))]
    model.intercepts_ = [file[f"intercepts_{k}"] for k in range(len(model.intercepts_))]


def train(kind, activation, dtype, classes=0):
    rows = harness.random_rows(INPUTS).astype({"f64": "d", "f32": "f"}[dtype])
    target = numpy.stack([numpy.sin(rows[:, 0]) + rows[:, 1], rows[:, 2] * rows[:, 3]], 1)
    if classes:
        target = numpy.digitize(target[:, 0], numpy.linspace(-1, 1, classes + 1)[1:-1])
    model = kind(hidden_layer_sizes=(24, 16), activation=activation, random_state=1, max_iter=20)
    model.fit(rows, target.astype(rows.dtype) if not classes else target)
    numpy.save("rows.npy", rows)
    return model, rows


def there_and_back(what, dtype, model, rows, activations, function, outputs):
    numpy.savez("net.npz", **arrays(model))
    before = function(rows)
    numpy.savez("rows.npz", X=rows, y=before)
    compare(f"sklearn {what}", dtype,
            predict("net.npz", "rows.npy", "--activation", activations, outputs=outputs), before)
    lumpscope("compress", "net.npz", "--activation", activations, "--data", "rows.npz", "--budget",
              "70", "-o", "small.npz", "--target", f"last:{outputs}")
    put_back(model, "small.npz")
    assert model.coefs_[0].dtype == rows.dtype
    compare(f"sklearn smaller {what}", dtype, predict("small.npz", "rows.npy", outputs=outputs),
            function(rows))


@case
def sklearn_regression_of_every_activation_and_type():
    for activation, name in NAMES.items():
        for dtype in ("f64", "f32"):
            model, rows = train(MLPRegressor, activation, dtype)
            there_and_back(f"regressor {name}", dtype, model, rows, name, model.predict, 2)


@case
def sklearn_classifier_gives_probabilities():
    for dtype in ("f64", "f32"):
        model, rows = train(MLPClassifier, "relu", dtype, 3)
        numpy.savez("net.npz", **arrays(model))
        got = predict("net.npz", "rows.npy", "--activation", "relu,relu,softmax", outputs=3)
        compare("sklearn classifier", dtype, got, model.predict_proba(rows))


@case
def sklearn_binary_classifier_ends_in_a_sigmoid():
    for dtype in ("f64", "f32"):
        model, rows = train(MLPClassifier, "tanh", dtype, 2)
        there_and_back("binary classifier", dtype, model, rows, "tanh,tanh,sigmoid",
                       lambda x: model.predict_proba(x)[:, 1:], 1)


@case
def npz_says_its_activations():
    model, rows = train(MLPRegressor, "tanh", "f64")
    frame = json.dumps({"activations": ["tanh", "tanh", "linear"]})
    layers = {f"W{k}": array for k, array in enumerate(model.coefs_)}
    layers.update({f"b{k}": array for k, array in enumerate(model.intercepts_)})
    for save in (numpy.savez, numpy.savez_compressed):
        save("net.npz", lumpscope=frame, **layers)
        compare("npz W0, b0", "f64", predict("net.npz", "rows.npy", outputs=2), model.predict(rows))


@case
def npz_round_trips_are_equal_to_the_bit():
    for dtype in ("f64", "f32"):
        model, rows = train(MLPRegressor, "relu", dtype)
        numpy.savez("net.npz", **arrays(model))
        for suffix in ("json", "safetensors", "onnx"):
            lumpscope("convert", "net.npz", f"way.{suffix}", "--activation", "relu")
            lumpscope("convert", f"way.{suffix}", "back.npz", "--dtype", dtype)
            back = numpy.load("back.npz")
            weights = [name for name in back if back[name].ndim == 2]
            harness.same_bits(
                f"npz, {suffix}, npz {dtype}",
                {f"coefs_{k}": back[name] for k, name in enumerate(weights)},
                {f"coefs_{k}": array for k, array in enumerate(model.coefs_)})


if __name__ == "__main__":
    harness.main()
