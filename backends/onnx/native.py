"""What ONNX has itself for a definition or a primitive."""

from dlmc.backend import Unsupported
from dlmc.backends.onnx.builder import Builder
from dlmc.backends.onnx.library import LibraryCall
from dlmc.backends.onnx.lowering import lower
from dlmc.backends.onnx.natives import NATIVES
from dlmc.ir.module import Apply, Call
from dlmc.ir.program import Program


def native_operators(program: Program, name: str) -> str | None:
    """`Backend.native`: the operators in the graph of one use, in order.

    Raises:
        Unsupported: There is no graph of it; nor is there one of a training, yet.
    """
    model = program.models[0]
    if program.trainings:
        assert model.span is not None
        raise Unsupported("a graph does not train yet", model.span)
    for operation in model.inference.operations:
        match operation:
            case Apply(primitive=primitive) if primitive == name:
                break
            case Call(module=module) if module.definition == name:
                if not _has_native(operation):
                    return None
                break
    else:
        return None
    return ", ".join(node.op_type for node in lower(model).graph.node)


def _has_native(call: Call) -> bool:
    """Whether the table has an entry that takes this call."""
    native = NATIVES.get(call.module.definition) if call.module.is_library else None
    if native is None:
        return False
    graph = Builder(span=call.span)
    operands = [graph.input(value.name, value.type) for value in call.operands]
    result = call.results[0].type
    return native(LibraryCall(graph, call.module, operands, result, "")) is not None
