"""ONNX files: exported by PyTorch, and graphs as other exporters write them; in, smaller, back."""
import warnings

import numpy
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

import harness
from harness import case, compare, lumpscope, predict
from networks import ACTIVATIONS, INPUTS, OUTPUTS, TYPES, network, outputs

warnings.simplefilter("ignore")
NUMPY = {"f64": numpy.float64, "f32": numpy.float32}


def export(activation, dtype, last=None, opset=13):
    model = network(activation, last).to(TYPES[dtype]).eval()
    torch.onnx.export(model, torch.zeros(1, INPUTS, dtype=TYPES[dtype]), "net.onnx",
                      opset_version=opset, input_names=["x"], output_names=["y"],
                      dynamic_axes={"x": {0: "rows"}, "y": {0: "rows"}})
    return model


def runtime(path, rows, dtype):
    """onnxruntime's outputs; None for a graph of doubles in which it lacks an operator."""
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as reason:
        if dtype == "f64" and "NOT_IMPLEMENTED" in str(reason):
            return None
        raise
    name = session.get_inputs()[0].name
    return session.run(None, {name: rows.astype(NUMPY[dtype])})[0]


def write_rows(expected_of, inputs=INPUTS):
    rows = harness.random_rows(inputs).astype("f")
    expected = expected_of(rows)
    numpy.save("rows.npy", rows)
    numpy.savez("rows.npz", X=rows, y=expected)
    return rows, expected


def initializers(path):
    """In the order of the graph, whatever their names."""
    return {str(k): numpy_helper.to_array(tensor)
            for k, tensor in enumerate(onnx.load(path).graph.initializer)}


@case
def onnx_outputs_of_every_activation_and_type():
    for activation in ACTIVATIONS:
        for dtype in NUMPY:
            model = export(activation, dtype)
            rows, expected = write_rows(lambda x: outputs(model, x))
            got = predict("net.onnx", "rows.npy", outputs=OUTPUTS)
            compare(f"onnx {activation}, against torch", dtype, got, expected)
            ran = runtime("net.onnx", rows, dtype)
            if ran is not None:
                compare(f"onnx {activation}, against onnxruntime", dtype, got, ran)


@case
def onnx_softmax_gives_probabilities():
    for dtype in NUMPY:
        model = export("relu", dtype, torch.nn.Softmax(-1))
        rows, expected = write_rows(lambda x: outputs(model, x))
        compare("onnx softmax", dtype, predict("net.onnx", "rows.npy", outputs=OUTPUTS), expected)


@case
def onnx_opsets_are_read_and_kept():
    for opset in (9, 11, 13, 16):
        model = export("leaky_relu", "f32", opset=opset)
        rows, expected = write_rows(lambda x: outputs(model, x))
        compare(f"onnx opset {opset}", "f32", predict("net.onnx", "rows.npy", outputs=OUTPUTS),
                expected)
        lumpscope("convert", "net.onnx", "back.onnx")
        assert onnx.load("back.onnx").opset_import[0].version == opset


@case
def onnxruntime_runs_the_smaller_network():
    for activation in ACTIVATIONS:
        for dtype in NUMPY:
            model = export(activation, dtype)
            rows, expected = write_rows(lambda x: outputs(model, x))
            lumpscope("compress", "net.onnx", "--data", "rows.npz", "--budget", "70", "-o",
                      "small.onnx")
            onnx.checker.check_model(onnx.load("small.onnx"), full_check=True)
            got = predict("small.onnx", "rows.npy", outputs=OUTPUTS)
            ran = runtime("small.onnx", rows, dtype)
            if ran is not None:
                compare(f"onnx smaller {activation}", dtype, got, ran)


@case
def onnx_round_trips_are_equal_to_the_bit():
    for dtype in NUMPY:
        export("elu", dtype)
        for suffix in ("json", "safetensors", "npz"):
            lumpscope("convert", "net.onnx", f"way.{suffix}")
            lumpscope("convert", f"way.{suffix}", "back.onnx", "--dtype", dtype)
            lumpscope("convert", "net.onnx", "straight.onnx")
            harness.same_bits(f"onnx, {suffix}, onnx {dtype}", initializers("back.onnx"),
                              initializers("straight.onnx"))
        rows, expected = write_rows(lambda x: runtime("net.onnx", x, "f32") if dtype == "f32"
                                    else outputs(network("elu").double(), x))
        compare("onnx, npz, onnx", dtype, predict("back.onnx", "rows.npy", outputs=OUTPUTS),
                expected)


def graph(nodes, arrays, external=False):
    """A model of float32 with the input x [rows x 5] and the output y."""
    model = helper.make_model(
        helper.make_graph(
            nodes, "by hand", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", INPUTS])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", OUTPUTS])],
            [numpy_helper.from_array(array.astype("f") if array.dtype.kind == "f" else array, name)
             for name, array in arrays.items()]),
        opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="interop")
    if external:
        onnx.save(model, "net.onnx", save_as_external_data=True, location="net.bin",
                  size_threshold=0)
    else:
        onnx.save(model, "net.onnx")


def check_graph(what):
    rows, expected = write_rows(lambda x: runtime("net.onnx", x, "f32"))
    compare(f"onnx {what}", "f32", predict("net.onnx", "rows.npy", outputs=OUTPUTS), expected)
    lumpscope("compress", "net.onnx", "--data", "rows.npz", "--budget", "80", "-o", "small.onnx")
    compare(f"onnx smaller {what}", "f32", predict("small.onnx", "rows.npy", outputs=OUTPUTS),
            runtime("small.onnx", rows, "f32"))


def two_layers():
    random = numpy.random.default_rng(2)
    return {"W": random.normal(size=(INPUTS, 20)), "b": random.normal(size=20),
            "V": random.normal(size=(20, OUTPUTS)) / 5, "c": random.normal(size=OUTPUTS)}


HEAD = [helper.make_node("MatMul", ["x", "W"], ["xw"]), helper.make_node("Add", ["xw", "b"], ["u"])]
TAIL = [helper.make_node("MatMul", ["h", "V"], ["hv"]), helper.make_node("Add", ["c", "hv"], ["y"])]


@case
def onnx_products_and_sums_are_layers():
    graph(HEAD + [helper.make_node("Relu", ["u"], ["h"])] + TAIL, two_layers())
    check_graph("MatMul and Add")


@case
def onnx_squares_are_known_in_every_spelling():
    arrays = two_layers()
    for what, node in (("Mul", helper.make_node("Mul", ["u", "u"], ["h"])),
                       ("Pow", helper.make_node("Pow", ["u", "two"], ["h"]))):
        extra = {"two": numpy.array(2.0)} if what == "Pow" else {}
        graph(HEAD + [node] + TAIL, {**arrays, **extra})
        check_graph(what)


@case
def onnx_normalisation_is_folded():
    random = numpy.random.default_rng(4)
    statistics = {"scale": random.normal(size=20), "shift": random.normal(size=20),
                  "mean": random.normal(size=20), "variance": random.uniform(0.5, 2, size=20)}
    node = helper.make_node("BatchNormalization", ["u", "scale", "shift", "mean", "variance"],
                            ["n"], epsilon=1e-3)
    graph(HEAD + [node, helper.make_node("Tanh", ["n"], ["h"])] + TAIL,
          {**two_layers(), **statistics})
    check_graph("BatchNormalization")


@case
def onnx_steps_that_do_nothing_are_passed():
    arrays = two_layers()
    constant = helper.make_node("Constant", [], ["b2"],
                                value=numpy_helper.from_array(arrays.pop("b").astype("f")))
    nodes = [constant, helper.make_node("Flatten", ["x"], ["f"]),
             helper.make_node("Identity", ["f"], ["i"]),
             helper.make_node("Gemm", ["i", "W", "b2"], ["u"], alpha=0.5, beta=2.0),
             helper.make_node("Sigmoid", ["u"], ["s"]), helper.make_node("Dropout", ["s"], ["h"])]
    graph(nodes + TAIL, arrays)
    check_graph("Flatten, Identity, Constant, Gemm, Dropout")


@case
def onnx_data_in_another_file_is_read():
    graph(HEAD + [helper.make_node("Softplus", ["u"], ["h"])] + TAIL, two_layers(), external=True)
    check_graph("external data")


if __name__ == "__main__":
    harness.main()
