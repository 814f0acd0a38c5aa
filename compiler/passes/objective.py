"""What a training minimises, as one module: the model and its loss."""

from dataclasses import replace

from dlmc.ir.module import Call, Kind, Module, Output, Value
from dlmc.ir.program import Training
from dlmc.ir.types import TensorType
from dlmc.passes.inline import Flattener, owned


def objective(training: Training) -> Module:
    """The model and its loss in training mode, without calls.

    Returns:
        A flat module. Its inputs are the model's and the fields of the data that the
        loss reads beside them, samples first; parameters and states stand under their
        full dotted names, in the order of `dlmc.ir.module.weights`. The first output is
        the loss, called `loss`, the others are the model's (of which one of that name
        becomes `loss.2`). States are updated as in the model.
    """
    model, loss = training.model, training.loss
    flat = Flattener(True, lambda _: False)
    parameters, states = owned(model)
    flat.own(parameters, states)
    values = {value.name: value for value in model.inputs}
    flat.names.update(values)
    samples = model.inputs[0].type.shape[0]
    outputs_of = {output.name for output in model.outputs}
    fields: list[Value] = []
    of_data = {field.name: field.type for field in training.data.fields}
    for read in loss.inputs:
        if read.name not in values and read.name not in outputs_of:
            field = of_data[read.name]
            type_ = TensorType(field.dtype, (samples, *field.shape))
            fields.append(Value(flat.free(read.name), type_))
            values[read.name] = fields[-1]
    outputs = flat.body(model, dict(values), {}, None)
    # Where an output and an input share a name, the loss speaks of the output.
    values |= {
        output.name: value
        for output, value in zip(model.outputs, outputs, strict=True)
        if output.name is not None
    }
    assert loss.span is not None
    result = Value("", loss.outputs[0].type)
    given = tuple(values[read.name] for read in loss.inputs)
    call = Call(loss, None, given, {}, (result,), loss.span)
    (value,) = flat.call(call, given, {}, loss.span)
    body = flat.made((value, *outputs))
    names = [output.name or "output" for output in model.outputs]
    return replace(
        model,
        definition=training.name,
        kind=Kind.FUNCTION,
        inputs=(*model.inputs, *fields),
        outputs=(
            Output("loss", value.type),
            *(
                Output("loss.2" if name == "loss" else name, output.type)
                for name, output in zip(names, body.outputs[1:], strict=True)
            ),
        ),
        parameters=parameters,
        states=states,
        instances=(),
        borrowed=(),
        inference=body,
        training=body,
    )
