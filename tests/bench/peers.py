"""What the bench program is measured against: one request a line, one answer a line.

    partition NORM LINKAGE NEURONS COEFFICIENTS
    joint ACTIVATION NEURONS ROWS CONSUMERS
    evaluate LIBRARY TYPE ROWS WIDTH LAYERS

The answer is "seconds S", or a sentence that says what is missing. What a request needs is made
once and kept until another comes; only the work itself is timed.
"""
import functools
import sys
import time

THREADS = int(sys.argv[1])


def partition(norm, linkage, neurons, coefficients):
    import numpy as np
    from scipy.cluster.hierarchy import linkage as link
    from scipy.spatial.distance import pdist

    metric = {"l1": "cityblock", "l2": "euclidean", "linf": "chebyshev"}[norm]
    method = {"chain": "single", "complete": "complete"}[linkage]
    features = np.random.default_rng(1).normal(size=(int(neurons), int(coefficients)))
    return lambda: link(pdist(features, metric), method)


def joint(activation, neurons, rows, consumers):
    """Section 7's distances a neuron against all later ones at a time, then complete linkage."""
    import numpy as np
    from scipy.cluster.hierarchy import linkage as link

    n, rows = int(neurons), int(rows)
    random = np.random.default_rng(1)
    apply = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}[activation]
    u = random.normal(size=(n, rows))
    sent = random.normal(size=(n, int(consumers)))

    def distances():
        x = apply(u)
        x -= x.mean(axis=1, keepdims=True)
        energy = sent @ sent.T
        covariance = x @ x.T / rows
        share = np.sqrt(np.diag(energy))
        found = []
        for i in range(n - 1):
            p = (share[i] / (share[i] + share[i + 1:]))[:, None]
            c = apply(p * u[i] + (1 - p) * u[i + 1:])
            c -= c.mean(axis=1, keepdims=True)
            var = np.einsum("jr,jr->j", c, c) / rows
            ci = c @ x[i] / rows
            cj = np.einsum("jr,jr->j", c, x[i + 1:]) / rows
            over = np.divide(1, var, out=np.zeros_like(var), where=var > 0)
            squared = (energy[i, i] * (covariance[i, i] - ci * ci * over)
                       + np.diag(energy)[i + 1:] * (np.diag(covariance)[i + 1:] - cj * cj * over)
                       + 2 * energy[i, i + 1:] * (covariance[i, i + 1:] - ci * cj * over))
            found.append(np.sqrt(np.maximum(squared, 0)))
        return link(np.concatenate(found), "complete")

    return distances


def evaluate_numpy(x, weights, biases):
    import numpy as np

    def forward():
        y = x
        for k, (w, b) in enumerate(zip(weights, biases)):
            y = y @ w.T
            y += b
            if k + 1 < len(weights):
                np.maximum(y, 0, out=y)
        return y

    return forward


def evaluate_torch(x, weights, biases):
    import torch
    from torch.nn import functional

    torch.set_num_threads(THREADS)
    x = torch.from_numpy(x)
    layers = [(torch.from_numpy(w), torch.from_numpy(b)) for w, b in zip(weights, biases)]

    @torch.inference_mode()
    def forward():
        y = x
        for k, (w, b) in enumerate(layers):
            y = functional.linear(y, w, b)
            if k + 1 < len(layers):
                y = torch.relu_(y)
        return y

    return forward


def evaluate_onnxruntime(x, weights, biases):
    import numpy as np
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    kind = TensorProto.DOUBLE if x.dtype == np.float64 else TensorProto.FLOAT
    nodes, values, name = [], [], "x"
    for k, (w, b) in enumerate(zip(weights, biases)):
        values += [numpy_helper.from_array(w, f"w{k}"), numpy_helper.from_array(b, f"b{k}")]
        nodes.append(helper.make_node("Gemm", [name, f"w{k}", f"b{k}"], [f"u{k}"], transB=1))
        name = f"u{k}"
        if k + 1 < len(weights):
            nodes.append(helper.make_node("Relu", [name], [f"x{k}"]))
            name = f"x{k}"
    graph = helper.make_graph(
        nodes, "bench", [helper.make_tensor_value_info("x", kind, list(x.shape))],
        [helper.make_tensor_value_info(name, kind, None)], values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                           providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": x})


def evaluate(library, kind, rows, width, layers):
    import numpy as np

    random, width = np.random.default_rng(1), int(width)
    dtype = {"double": np.float64, "float": np.float32}[kind]
    x = random.normal(size=(int(rows), width)).astype(dtype)
    weights = [(random.normal(size=(width, width)) / width ** 0.5).astype(dtype)
               for _ in range(int(layers))]
    biases = [random.normal(size=width).astype(dtype) for _ in weights]
    return {"numpy": evaluate_numpy, "torch": evaluate_torch,
            "onnxruntime": evaluate_onnxruntime}[library](x, weights, biases)


KINDS = {"partition": partition, "joint": joint, "evaluate": evaluate}


@functools.lru_cache(maxsize=3)
def prepare(request):
    kind, *arguments = request.split()
    work = KINDS[kind](*arguments)
    if kind == "evaluate":
        work()  # libraries set themselves up at the first run
    return work


def answer(request):
    try:
        work = prepare(request)
        start = time.perf_counter()
        work()
        return f"seconds {time.perf_counter() - start:.9f}"
    except Exception as error:  # whatever it is, the peer is missing, and that is said
        return f"missing: {type(error).__name__}: {error}".split("\n")[0][:200]


for line in sys.stdin:
    print(answer(line.strip()), flush=True)
