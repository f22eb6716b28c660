#!/usr/bin/env python3
"""Makes the models of tests/onnx: one for each pattern that is read, with outputs by onnxruntime in
expected.json, and one for each that is refused, with a part of the sentence in refused.json."""
import json
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(HERE)
RANDOM = np.random.default_rng(5)
INPUTS, HIDDEN, OUTPUTS, ROWS = 3, 4, 2, 6
expected, refused = {}, {}


def weights(*shape):
    return np.round(RANDOM.normal(size=shape), 3).astype(np.float32)


W1, B1 = weights(HIDDEN, INPUTS), weights(HIDDEN)
W2, B2 = weights(OUTPUTS, HIDDEN), weights(OUTPUTS)
V = weights(HIDDEN)
POSITIVE = np.abs(weights(HIDDEN)) + np.float32(0.5)


def node(op, inputs, output, name=None, **attributes):
    return helper.make_node(op, inputs.split(), output.split(), name or output.split()[0] + "_node",
                            **attributes)


def tensor(name, values, dtype=None):
    return numpy_helper.from_array(np.asarray(values, dtype or np.float32), name)


def model(nodes, tensors=(), shape=("N", INPUTS), kind=T.FLOAT, out_kind=None, opset=17, ir=8,
          inputs=None, outputs=None, **more):
    graph = helper.make_graph(
        nodes, more.get("graph", "g"),
        inputs or [helper.make_tensor_value_info("x", kind, shape)],
        outputs or [helper.make_tensor_value_info("y", out_kind or kind, None)], list(tensors))
    made = helper.make_model(graph, producer_name="maker", producer_version="1.5",
                             opset_imports=more.get("imports")
                             or [helper.make_opsetid("", opset)])
    made.ir_version = ir
    return made


def layers(middle, tensors=(), dtype=np.float32, **more):
    """Gemm, the nodes that make "h" of "u", Gemm."""
    return model(
        [node("Gemm", "x W1 B1", "u", transB=1)] + middle + [node("Gemm", "h W2 B2", "y", transB=1)],
        [tensor("W1", W1, dtype), tensor("B1", B1, dtype), tensor("W2", W2, dtype),
         tensor("B2", B2, dtype)] + list(tensors),
        kind=helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        if hasattr(helper, "np_dtype_to_tensor_dtype") else
        (T.DOUBLE if dtype == np.float64 else T.FLOAT), **more)


def good(name, made, data=None, output=0):
    """Writes a model and what onnxruntime makes of some rows."""
    with open(name + ".onnx", "wb") as file:
        file.write(made.SerializeToString())
    session = onnxruntime.InferenceSession(name + ".onnx", providers=["CPUExecutionProvider"])
    wanted = session.get_inputs()[0]
    double = "double" in wanted.type
    shape = [ROWS] + [n for n in wanted.shape[1:]]
    if any(not isinstance(n, int) for n in shape):
        shape = [ROWS, INPUTS]
    x = np.round(RANDOM.normal(size=shape) * 2, 3) if data is None else data
    x = x.astype(np.float64 if double else np.float32)
    y = session.run(None, {wanted.name: x})[output]
    if isinstance(y, list):  # a dictionary for each row
        y = np.array([list(row.values()) for row in y])
    y = y.reshape(ROWS, -1)
    expected[name] = {"tolerance": 1e-12 if double else 1e-5,
                      "x": x.astype(np.float64).reshape(ROWS, -1).tolist(),
                      "y": y.astype(np.float64).tolist()}


def bad(name, made, sentence):
    with open("bad_" + name + ".onnx", "wb") as file:
        file.write(made if isinstance(made, bytes) else made.SerializeToString())
    refused["bad_" + name] = sentence


def typed(name, kind, values, shape):
    return helper.make_tensor(name, kind, shape, values)


def half_bits(values):
    return np.asarray(values, np.float16).view(np.uint16).ravel().astype(int).tolist()


def brain_bits(values):
    return (np.asarray(values, np.float32).view(np.uint32) >> 16).ravel().astype(np.uint16)


def external(name, values, **entries):
    made = onnx.TensorProto(name=name, data_type=T.FLOAT, dims=values.shape,
                            data_location=T.EXTERNAL)
    for key, value in entries.items():
        made.external_data.add(key=key, value=str(value))
    return made


# --- what is read -----------------------------------------------------------------------------
good("gemm_alpha_beta", model([node("Gemm", "x W B", "y", alpha=0.5, beta=2.0)],
                              [tensor("W", W1.T), tensor("B", [[0.25]])]))
good("matmul_add", model([node("MatMul", "x W1", "a"), node("Add", "a B1", "b"),
                          node("Relu", "b", "c"), node("MatMul", "c W2", "d"),
                          node("Add", "B2 d", "y")],
                         [tensor("W1", W1.T), tensor("B1", B1), tensor("W2", W2.T),
                          tensor("B2", B2.reshape(1, OUTPUTS))]))
good("matmul_alone", model([node("MatMul", "x W1", "y")], [tensor("W1", W1.T)]))
for op, attributes in {"Relu": {}, "Tanh": {}, "Sigmoid": {}, "Softplus": {}, "LeakyRelu": {},
                       "Elu": {}, "Identity": {}, "Dropout": {}}.items():
    good(op.lower(), layers([node(op, "u", "h", **attributes)]))
good("leakyrelu_alpha", layers([node("LeakyRelu", "u", "h", alpha=0.2)]))
good("elu_alpha", layers([node("Elu", "u", "h", alpha=0.7)]))
for op in ["Relu", "Tanh", "Sigmoid"]:
    good(op.lower() + "_double", layers([node(op, "u", "h")], dtype=np.float64))
good("gelu_20", layers([node("Gelu", "u", "h")], opset=20, ir=9))
good("gelu_exporter", layers(
    [node("Div", "u r", "a"), node("Erf", "a", "b"), node("Add", "b one", "c"),
     node("Mul", "u c", "d"), node("Mul", "d half", "h")],
    [tensor("r", np.sqrt(2)), tensor("one", 1), tensor("half", 0.5)]))
good("gelu_tensorflow", layers(
    [node("Mul", "u half", "g"), node("Mul", "u r", "a"), node("Erf", "a", "b"),
     node("Add", "one b", "c"), node("Mul", "c g", "h")],
    [tensor("r", np.sqrt(0.5)), tensor("one", 1), tensor("half", 0.5)]))
good("silu", layers([node("Sigmoid", "u", "s"), node("Mul", "u s", "h")]))
good("silu_double", layers([node("Sigmoid", "u", "s"), node("Mul", "s u", "h")],
                           dtype=np.float64))
good("square_mul", layers([node("Mul", "u u", "h")], dtype=np.float64))
good("square_pow", layers([node("Pow", "u two", "h")], [tensor("two", 2)]))
good("polynomial", layers(
    [node("Mul", "u c2", "a"), node("Add", "a c1", "b"), node("Mul", "b u", "c"),
     node("Add", "c c0", "h")],
    [tensor("c0", 0.5, np.float64), tensor("c1", -0.25, np.float64),
     tensor("c2", 0.125, np.float64)], dtype=np.float64))
good("softmax", model([node("Gemm", "x W1 B1", "u", transB=1), node("Tanh", "u", "h"),
                       node("Gemm", "h W2 B2", "z", transB=1), node("Softmax", "z", "y", axis=-1)],
                      [tensor("W1", W1), tensor("B1", B1), tensor("W2", W2), tensor("B2", B2)]))
NORM = [tensor("scale", V), tensor("shift", B1), tensor("mean", W1[:, 0]),
        tensor("variance", POSITIVE)]
good("norm_before", layers([node("BatchNormalization", "u scale shift mean variance", "n"),
                            node("Relu", "n", "h")], NORM))
good("norm_after", layers([node("Tanh", "u", "t"),
                           node("BatchNormalization", "t scale shift mean variance", "h",
                                epsilon=0.01)], NORM))
good("norm_input", model([node("BatchNormalization", "x s b m v", "n"),
                          node("Gemm", "n W1 B1", "y", transB=1)],
                         [tensor(k, v[:INPUTS]) for k, v in
                          [("s", V), ("b", B1), ("m", W1[:, 0]), ("v", POSITIVE)]]
                         + [tensor("W1", W1), tensor("B1", B1)]))
good("vectors", layers([node("Sub", "u v", "a"), node("Div", "a p", "b"), node("Tanh", "b", "t"),
                        node("Mul", "p t", "c"), node("Sub", "v c", "d"), node("Mul", "d k", "h")],
                       [tensor("v", V.astype(np.float64), np.float64),
                        tensor("p", POSITIVE, np.float64), tensor("k", [2.5], np.float64)],
                       dtype=np.float64))
good("flatten", model([node("Flatten", "x", "f"), node("Gemm", "f W B", "y")],
                      [tensor("W", weights(6, 2)), tensor("B", B2)], shape=("N", 1, 2, 3)))
good("reshape", model([node("Reshape", "x to", "f"), node("Gemm", "f W B", "y")],
                      [tensor("W", weights(6, 2)), tensor("B", B2),
                       tensor("to", [-1, 6], np.int64)], shape=("N", 2, 3)))
good("constant", model([node("Constant", "", "W", value=tensor("", W1.T)),
                        node("Constant", "", "k", value_float=1.5),
                        node("Constant", "", "v", value_floats=V.tolist()),
                        node("MatMul", "x W", "a"), node("Add", "a v", "b"),
                        node("Mul", "b k", "y")]))
good("cast_half", model([node("Cast", "W", "w", to=T.FLOAT), node("MatMul", "x w", "y")],
                        [tensor("W", W1.T, np.float16)]))
good("typed_half", model([node("Cast", "W", "w", to=T.FLOAT), node("MatMul", "x w", "y")],
                         [onnx.TensorProto(name="W", data_type=T.FLOAT16, dims=[INPUTS, HIDDEN],
                                           int32_data=half_bits(W1.T))]))
good("cast_brain", model([node("Cast", "W", "w", to=T.FLOAT), node("MatMul", "x w", "y")],
                         [onnx.TensorProto(name="W", data_type=T.BFLOAT16, dims=[INPUTS, HIDDEN],
                                           raw_data=brain_bits(W1.T).tobytes())]))
good("typed_float", model([node("Gemm", "x W1 B1", "y", transB=1)],
                          [typed("W1", T.FLOAT, W1.ravel(), W1.shape),
                           typed("B1", T.FLOAT, B1, B1.shape)]))
good("typed_double", model([node("Gemm", "x W1 B1", "y", transB=1)],
                           [typed("W1", T.DOUBLE, W1.astype(float).ravel() / 3, W1.shape),
                            typed("B1", T.DOUBLE, B1.astype(float) / 3, B1.shape)],
                           kind=T.DOUBLE))
with open("weights.bin", "wb") as file:
    file.write(b"\0" * 16 + W1.tobytes())
good("external", model([node("Gemm", "x W1 B1", "y", transB=1)],
                       [external("W1", W1, location="weights.bin", offset=16, length=48),
                        tensor("B1", B1)]))
good("one_neuron", model([node("MatMul", "x W", "a"), node("Add", "a b", "u"),
                          node("Sigmoid", "u", "s"), node("Mul", "u s", "h"),
                          node("Gemm", "h V c", "y")],
                         [tensor("W", W1[:1].T), tensor("b", [0.5]), tensor("V", [[2]]),
                          tensor("c", [1])]))
# As PyTorch, tf2onnx and skl2onnx write them.
good("torch", model([node("Flatten", "input", "/0/Flatten_output_0", "/0/Flatten", axis=1),
                     node("Gemm", "/0/Flatten_output_0 1.weight 1.bias", "/1/Gemm_output_0",
                          "/1/Gemm", alpha=1.0, beta=1.0, transB=1),
                     node("Relu", "/1/Gemm_output_0", "/2/Relu_output_0", "/2/Relu"),
                     node("Gemm", "/2/Relu_output_0 3.weight 3.bias", "output", "/3/Gemm",
                          alpha=1.0, beta=1.0, transB=1)],
                    [tensor("1.weight", W1), tensor("1.bias", B1), tensor("3.weight", W2),
                     tensor("3.bias", B2)], opset=13, ir=7, graph="torch_jit",
                    inputs=[helper.make_tensor_value_info("input", T.FLOAT, ("batch", INPUTS))],
                    outputs=[helper.make_tensor_value_info("output", T.FLOAT,
                                                           ("batch", OUTPUTS))]))
good("keras", model([node("MatMul", "x sequential/dense/MatMul/ReadVariableOp:0", "m"),
                     node("Add", "m sequential/dense/BiasAdd/ReadVariableOp:0", "a"),
                     node("Elu", "a", "e"),
                     node("MatMul", "e sequential/dense_1/MatMul/ReadVariableOp:0", "n"),
                     node("Add", "n sequential/dense_1/BiasAdd/ReadVariableOp:0", "o"),
                     node("Softmax", "o", "y")],
                    [tensor("sequential/dense/MatMul/ReadVariableOp:0", W1.T),
                     tensor("sequential/dense/BiasAdd/ReadVariableOp:0", B1),
                     tensor("sequential/dense_1/MatMul/ReadVariableOp:0", W2.T),
                     tensor("sequential/dense_1/BiasAdd/ReadVariableOp:0", B2)], opset=13, ir=7))
good("sklearn", model([node("Cast", "x", "cast_input", to=T.FLOAT),
                       node("MatMul", "cast_input coefficient", "mul_result"),
                       node("Add", "mul_result intercepts", "add_result"),
                       node("Tanh", "add_result", "next_activations"),
                       node("MatMul", "next_activations coefficient1", "mul_result1"),
                       node("Add", "mul_result1 intercepts1", "add_result1"),
                       node("Reshape", "add_result1 shape_tensor", "y")],
                      [tensor("coefficient", W1.T), tensor("intercepts", B1.reshape(1, HIDDEN)),
                       tensor("coefficient1", W2[:1].T), tensor("intercepts1", [[0.125]]),
                       tensor("shape_tensor", [-1, 1], np.int64)], opset=15))

# As skl2onnx makes them: the labels are the first output, the probabilities the second.
ML = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 1)]
LABELS = [helper.make_node("ArgMax", ["p"], ["best"], axis=1),
          helper.make_node("ArrayFeatureExtractor", ["names", "best"], ["found"],
                           domain="ai.onnx.ml"),
          node("Reshape", "found flat", "label")]
ZIP = helper.make_node("ZipMap", ["p"], ["zipped"], domain="ai.onnx.ml",
                       classlabels_int64s=[0, 1])
ZIPPED = onnx.ValueInfoProto(name="zipped")
ZIPPED.type.sequence_type.elem_type.map_type.key_type = T.INT64
ZIPPED.type.sequence_type.elem_type.map_type.value_type.tensor_type.elem_type = T.FLOAT
OUTPUT = {True: ZIPPED, False: helper.make_tensor_value_info("p", T.FLOAT, ("N", 2))}
MORE = np.round(np.random.default_rng(7).normal(size=(ROWS, INPUTS)) * 2, 3)


def classifier(last, zipped, before=(), data="x"):
    neurons = OUTPUTS if last[0].op_type == "Softmax" else 1
    return model(list(before) + [node("MatMul", data + " A", "a"), node("Add", "a b", "s"),
                                 node("Relu", "s", "h"), node("MatMul", "h C", "c"),
                                 node("Add", "c d", "u")] + last + LABELS + [ZIP] * zipped,
                 [tensor("A", W1.T), tensor("b", B1.reshape(1, HIDDEN)),
                  tensor("C", W2[:neurons].T),
                  tensor("d", [[0.125, -0.5][:neurons]]), tensor("one", 1), tensor("names", [7, 9], np.int64),
                  tensor("flat", [-1], np.int64)],
                 outputs=[helper.make_tensor_value_info("label", T.INT64, ("N",)), OUTPUT[zipped]],
                 imports=ML)


PAIR = [node("Sigmoid", "u", "q"), node("Sub", "one q", "r"), node("Concat", "r q", "p", axis=1)]
good("sklearn_pair", classifier(PAIR, False), MORE, 1)
good("sklearn_pair_zipped", classifier(PAIR, True), MORE, 1)
good("sklearn_classes", classifier([node("Softmax", "u", "p", axis=1)], True), MORE, 1)
good("sklearn_scaler", classifier(PAIR, False, [
    helper.make_node("Scaler", ["x"], ["z"], domain="ai.onnx.ml", offset=[0.5, -1.0, 0.25],
                     scale=[2.0, 0.125, 1.5])], "z"), MORE, 1)

good("old_ir", model([node("Gemm", "x W1 B1", "y", transB=1)],
                     [tensor("W1", W1), tensor("B1", B1)], opset=9, ir=3,
                     inputs=[helper.make_tensor_value_info("x", T.FLOAT, ("N", INPUTS)),
                             helper.make_tensor_value_info("W1", T.FLOAT, W1.shape),
                             helper.make_tensor_value_info("B1", T.FLOAT, B1.shape)]))

# --- what is refused --------------------------------------------------------------------------
VALUE = helper.make_tensor_value_info
GEMM = node("Gemm", "x W1 B1", "y", transB=1)
ONE = [tensor("W1", W1), tensor("B1", B1)]
bad("two_inputs", model([node("Add", "x z", "y")],
                        inputs=[VALUE("x", T.FLOAT, ("N", 3)), VALUE("z", T.FLOAT, ("N", 3))]),
    "the graph has 2 inputs")
bad("two_outputs", model([node("Gemm", "x W1 B1", "u", transB=1), node("Relu", "u", "y"),
                          node("Tanh", "u", "z")], ONE,
                         outputs=[VALUE("y", T.FLOAT, None), VALUE("z", T.FLOAT, None)]),
    "the graph has 2 outputs")
bad("labels", model([GEMM, helper.make_node("ArgMax", ["y"], ["label"], axis=1)], ONE,
                    outputs=[VALUE("label", T.INT64, None)]),
    "export the model with its probabilities")
bad("concat", layers([node("Sigmoid", "u", "q"), node("Sub", "q one", "r"),
                      node("Concat", "r q", "h", axis=1)], [tensor("one", 1)]),
    "read only as [1 - p, p]")
bad("pair_swapped", model(
    [node("Gemm", "x W1 B1", "u", transB=1), node("Sigmoid", "u", "q"), node("Sub", "one q", "r"),
     node("Concat", "q r", "y", axis=1)],
    [tensor("W1", W1[:1]), tensor("B1", B1[:1]), tensor("one", 1)]), "read only as [1 - p, p]")
bad("pair_followed", model(
    [node("Gemm", "x W1 B1", "u", transB=1), node("Sigmoid", "u", "q"), node("Sub", "one q", "r"),
     node("Concat", "r q", "p", axis=1), node("Gemm", "p V V2", "y")],
    [tensor("W1", W1[:1]), tensor("B1", B1[:1]), tensor("one", 1), tensor("V", W1[:2].copy()),
     tensor("V2", B1[:3])]), "which have to be the last")
bad("scaler", classifier(PAIR, False, [
    helper.make_node("Scaler", ["x"], ["z"], domain="ai.onnx.ml", offset=[0.5, -1.0],
                     scale=[2.0, 1.5])], "z"), '"offset" has 2 numbers')
bad("reshape_fraction", model([node("Reshape", "x to", "r"), node("Gemm", "r W1 B1", "y", transB=1)],
                              ONE + [tensor("to", [-1, 1e30])], shape=("N", "M")),
    '"to" holds no whole numbers')
bad("elu_alpha", layers([node("Elu", "u", "h", alpha=float("nan"))]), "alpha")
bad("leaky_alpha", layers([node("LeakyRelu", "u", "h", alpha=float("inf"))]), "alpha")
bad("wide_input", model([GEMM], ONE, shape=("N", 2**40)), "has more features than can be read")
bad("branches", layers([node("Relu", "u", "a"), node("Tanh", "u", "b"), node("Add", "a b", "h")]),
    'node "h_node" (Add): joins two branches')
bad("residual", layers([node("Gemm", "u V V1", "a"), node("Relu", "a", "b"),
                        node("Add", "u b", "h")], [tensor("V", weights(4, 4)), tensor("V1", V)]),
    'node "h_node" (Add): joins two branches')
bad("cycle", model([node("Relu", "b", "a"), node("Gemm", "a W1 B1", "b", transB=1),
                    node("Add", "x b", "y")], ONE), '"b", which is made by itself or a later node')
bad("self", model([node("Gemm", "y W1 B1", "y", transB=1)], ONE),
    '"y", which is made by itself or a later node')
bad("disconnected", model([GEMM, node("Relu", "y", "lost")], ONE),
    'node "lost_node" (Relu): does not lead to the graph\'s output')
bad("missing_initialiser", model([GEMM], ONE[1:]), 'node "y_node" (Gemm): reads "W1", which is no')
bad("duplicate", model([node("Gemm", "x W1 B1", "W1", transB=1), node("Relu", "W1", "y")], ONE),
    'two values of the graph are called "W1"')
bad("no_maker", model([node("Gemm", "x W1 B1", "z", transB=1)], ONE), "is made by no node")
bad("no_layers", model([node("Identity", "x", "y")]), "the graph has 0 layers")
bad("rank_of_weights", model([node("MatMul", "x V", "y")], [tensor("V", V[:3])]),
    '"V" has 1 dimensions')
bad("width", model([node("MatMul", "x V", "y")], [tensor("V", weights(5, 2))]),
    '"V" reads 5 values, but 3 come in')
bad("bias", model([node("Gemm", "x W1 B", "y", transB=1)], [ONE[0], tensor("B", V[:3])]),
    'the bias "B" has 3 elements')
bad("vector", layers([node("Add", "u v", "h")], [tensor("v", V[:3])]),
    '"v" has 3 numbers for 4 columns')
bad("column", layers([node("Add", "u v", "h")], [tensor("v", V.reshape(4, 1))]),
    '"v" has 2 dimensions')
bad("operator", layers([node("Conv", "u W1", "h", "conv1")]),
    'node "conv1" (Conv): this operator is not read; those that are: Add, BatchNormalization')
bad("domain", model([helper.make_node("Gelu", ["x"], ["y"], "g", domain="com.microsoft")],
                    imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]),
    'node "g" (com.microsoft.Gelu): this operator is not read')
bad("log_softmax", model([node("Gemm", "x W1 B1", "u", transB=1), node("LogSoftmax", "u", "y")],
                         ONE), "export the model with Softmax")
bad("softmax_inside", layers([node("Softmax", "u", "h")]), "follows the probabilities of a classifier (Softmax)")
bad("softmax_axis", layers([node("Softmax", "u", "h", axis=0)]), "has the axis 0")
bad("trans_a", model([node("Gemm", "x W1 B1", "y", transA=1)], ONE), "transA = 1")
bad("left_constant", model([node("MatMul", "W1 x", "y")], ONE), "multiplies a constant")
bad("input_activation", model([node("Relu", "x", "h"), node("Gemm", "h W1 B1", "y", transB=1)],
                              ONE), "no Gemm or MatMul comes before it")
bad("two_activations", layers([node("Relu", "u", "r"), node("Tanh", "r", "h")]),
    "it follows another activation")
bad("scaled_output", model([node("Gemm", "x W1 B1", "u", transB=1), node("Tanh", "u", "t"),
                            node("Mul", "t two", "y")], ONE + [tensor("two", 2)]),
    'node "y_node" (Mul): changes the outputs behind the last activation')
bad("norm_training", layers([node("BatchNormalization", "u scale shift mean variance", "h r1 r2",
                                  training_mode=1)], NORM), "training mode")
bad("dropout_training", layers([node("Dropout", "u r t", "h")],
                               [tensor("r", 0.5), tensor("t", True, np.bool_)]), "training mode")
bad("gelu_tanh", layers([node("Gelu", "u", "h", approximate="tanh")], opset=20),
    'export it with approximate="none"')
bad("gelu_by_tanh", layers(
    [node("Pow", "u three", "p"), node("Mul", "p k", "q"), node("Add", "u q", "r"),
     node("Tanh", "r", "t"), node("Add", "t one", "v"), node("Mul", "u v", "h")],
    [tensor("three", 3), tensor("k", 0.044715), tensor("one", 1)]),
    'node "t_node" (Tanh): reads a polynomial')
bad("shape", model([node("Shape", "x", "s"), node("Reshape", "x s", "f"),
                    node("Gemm", "f W1 B1", "y", transB=1)], ONE),
    'node "s_node" (Shape): computes a shape while it runs')
bad("erf", layers([node("Erf", "u", "h")]), "as part of a Gelu only")
bad("pow", layers([node("Pow", "u e", "h")], [tensor("e", 0.5)]), "has the exponent 0.5")
bad("degree", layers([node("Pow", "u e", "a"), node("Mul", "a a", "h")], [tensor("e", 9)]),
    "more than degree 16")
bad("coefficient", layers([node("Mul", "u e", "a"), node("Mul", "a a", "b"), node("Mul", "b b", "c"),
                           node("Mul", "c c", "d"), node("Mul", "d d", "h")], [tensor("e", 1e20)]),
    "coefficient of degree 16 overflows")
bad("divide", layers([node("Div", "u z", "h")], [tensor("z", 0)]), "divides by 0")
bad("divides_constant", layers([node("Div", "z u", "h")], [tensor("z", 1)]), "only constants")
bad("constants", layers([node("Mul", "W1 W1", "c"), node("Add", "u c", "h")]),
    "export the model with constant folding")
bad("cast", layers([node("Cast", "u", "h", to=T.INT32)]), "casts to a type that is not floating")
bad("reshape", layers([node("Reshape", "u to", "h")], [tensor("to", [2, -1], np.int64)]),
    "changes the shape")
bad("flatten", layers([node("Flatten", "u", "h", axis=0)]), "has the axis 0")
bad("not_flat", model([GEMM], ONE, shape=("N", 1, 3)), "flatten it first")
bad("rank_of_input", model([GEMM], ONE, shape=(3,)), "has 1 dimensions")
bad("integer_input", model([GEMM], ONE, kind=T.INT64), "no tensor of floating numbers")
bad("integer_weights", model([node("MatMul", "x W", "y")], [tensor("W", [[1], [2], [3]], np.int8)]),
    "whole numbers (I8)")
bad("not_finite", model([node("MatMul", "x W", "y")], [tensor("W", [[1], [np.nan], [3]])]),
    "are no finite numbers")


SHARED = 72
bad("sharing", model([node("MatMul", f"{'a' if k else 'x'}{k or ''} W", f"a{k + 1}" if k < 249 else "y")
                      for k in range(250)],
                     [tensor("W", np.zeros((SHARED, SHARED)), np.float16)], shape=("N", SHARED)),
    "share their weights so often")


def lying(**fields):
    made = onnx.TensorProto(name="W1", data_type=T.FLOAT, dims=W1.shape, raw_data=W1.tobytes())
    for key, value in fields.items():
        if key == "dims":
            del made.dims[:]
            made.dims.extend(value)
        else:
            setattr(made, key, value)
    return model([GEMM], [made, ONE[1]])


bad("short_raw", lying(raw_data=W1.tobytes()[:-1]), '"W1" has 47 bytes where its shape needs 48')
bad("long_shape", lying(dims=[1 << 40, 3]), '"W1" has 48 bytes where its shape needs')
bad("huge_shape", lying(dims=[(1 << 63) - 1, (1 << 63) - 1]), "which no file can hold")
bad("negative_shape", lying(dims=[-4, 3]), "which no file can hold")
bad("unknown_type", lying(data_type=99), "ONNX's type 99")
bad("typed_short", model([GEMM], [onnx.TensorProto(name="W1", data_type=T.FLOAT, dims=W1.shape,
                                                   float_data=[1, 2]), ONE[1]]),
    '"W1" has 2 numbers where its shape needs 12')
OUTSIDE = "not in the model's own directory"
for name, entries, sentence in [
        ("parent", {"location": "../onnx/weights.bin"}, OUTSIDE),
        ("hidden_parent", {"location": "x/../../onnx/weights.bin"}, OUTSIDE),
        ("absolute", {"location": "/etc/passwd"}, OUTSIDE),
        ("nowhere", {"location": "absent.bin"}, "cannot be read"),
        ("directory", {"location": "."}, OUTSIDE),
        ("offset", {"location": "weights.bin", "offset": 17}, "which has 64"),
        ("far", {"location": "weights.bin", "offset": (1 << 64) - 16}, "which has 64"),
        ("length", {"location": "weights.bin", "length": 40}, "has 40 external bytes"),
        ("garbled", {"location": "weights.bin", "offset": "two"}, "cannot be read"),
        ("unsaid", {"offset": 0}, "cannot be read")]:
    bad("external_" + name, model([GEMM], [external("W1", W1, **entries), ONE[1]]), sentence)

whole = model([GEMM], ONE)
whole.ClearField("opset_import")
bad("no_opset", whole, "names no version of ONNX's operators")
whole = model([GEMM], ONE)
whole.ClearField("graph")
bad("no_graph", whole, "the model has no graph")
bad("garbage", b"\x08\x08" + bytes(RANDOM.integers(0, 256, 200, dtype=np.uint8)),
    "not an ONNX model")


def message(field, content):
    length, count = b"", len(content)
    while count > 127:
        length, count = length + bytes([count & 127 | 128]), count >> 7
    return bytes([field << 3 | 2]) + length + bytes([count]) + content


nested = b""
for _ in range(200):  # a subgraph in a subgraph ...: graph(6) of attribute(5) of node(1)
    nested = message(1, message(5, message(6, nested)))
bad("nested", b"\x08\x08" + message(7, nested), "nested deeper than")

for path, content in [("expected.json", expected), ("refused.json", refused)]:
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}"
                                      for k, v in sorted(content.items())) + "\n}\n")
